"""What the verbs of `bongsu case` show: tables for people, documents for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from bongsu.cli.shell import Format, out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.respond.log import Event
    from bongsu.respond.state import CaseState


def say(form: Format, document: dict[str, Any], text: str) -> None:
    """Print a document for programs, or a text for people."""
    if form is Format.JSON:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        out.print(text, soft_wrap=True)


def when_text(at: datetime | None) -> str:
    """Return a time as people read it."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") + "Z"


def time_left(at: datetime, now: datetime) -> str:
    """Return how long it is until then, or how late it is."""
    minutes = int((at - now).total_seconds() / 60)
    size = abs(minutes)
    if not size:
        return "now"
    text = f"{size} min" if size < 120 else f"{size // 60} h" if size < 2880 else f"{size // 1440} d"  # noqa: PLR2004
    return text if minutes >= 0 else f"{text} late"


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Print rows under columns."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def due_rows(due: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
    """Return what is due as JSON values."""
    return [
        {
            "due": d.at.isoformat(),
            "in": time_left(d.at, now),
            "what": d.what,
            "id": d.subject,
            "about": d.text,
            "tell": d.tell,
        }
        for d in due
    ]


def print_agenda(due: Iterable[Any], now: datetime) -> None:
    """Print what is due."""
    rows = due_rows(due, now)
    if not rows:
        out.print("nothing waits")
        return
    print_table(["due", "in", "what", "id", "about", "who may"], [
        [r["due"][:16] + "Z", r["in"], r["what"], r["id"], r["about"], r["tell"]] for r in rows
    ])  # fmt: skip


def print_requests(state: CaseState) -> None:
    """Print the requests of a case."""
    print_table(
        ["id", "venue", "asks", "addresses", "state", "since", "version"],
        [
            [
                r.id,
                r.venue_name,
                "+".join(r.asks),
                str(len(r.items)),
                r.state,
                when_text(r.since),
                f"{r.version} (sent {r.sent})",
            ]
            for r in state.requests.values()
        ],
    )


def print_measures(state: CaseState) -> None:
    """Print how fast a case was and what it came to."""
    document = measure_document(state)
    pace = {k: v for k, v in document["minutes_from_alert"].items() if v is not None}
    if pace:
        out.print("minutes from the alert: " + ", ".join(f"{k} {v:g}" for k, v in pace.items()))
    rows = [
        [s["asset"], s["traced"], " to ".join(s["can_act"]), " to ".join(s["asked"]), s["frozen"], s["returned"]]
        for s in document["shares"]
    ]
    if rows:
        print_table(["asset", "traced", "where venues can act", "asked", "frozen", "returned"], rows)
    for line in document["missed"]:
        out.print(f"missed: {line}")


def measure_document(state: CaseState) -> dict[str, Any]:
    """Return the measures of a case as JSON values."""
    from dataclasses import asdict

    from bongsu.respond.measures import missed, pace, shares

    return {
        "minutes_from_alert": asdict(pace(state)),
        "shares": [
            {
                "asset": s.asset,
                "traced": f"{s.traced:f}",
                "can_act": [f"{v:f}" for v in s.can_act],
                "asked": [f"{v:f}" for v in s.asked],
                "frozen": f"{s.frozen:f}",
                "returned": f"{s.returned:f}",
            }
            for s in shares(state)
        ],
        "missed": missed(state),
    }


def case_document(state: CaseState, *, full: bool = False) -> dict[str, Any]:
    """Return a case as JSON values; `full` adds what only `show` says."""
    document: dict[str, Any] = {
        "case": state.id,
        "title": state.title,
        "open": state.open,
        "opened_at": state.opened_at.isoformat() if state.opened_at else None,
        "opened_by": state.opened_by,
        "marking": state.marking,
        "events": state.events,
        "head": state.head,
        "requests": [request_document(r) for r in state.requests.values()],
    }
    if full:
        from bongsu.respond.due import agenda

        document |= {
            "playbooks": [
                {"run": key, "name": state.names[key], "outcome": run.outcome, "why": run.why, "variables": run.values}
                for key, run in state.runs.items()
            ],
            "due": [{"due": d.at.isoformat(), "what": d.what, "id": d.subject, "about": d.text} for d in agenda(state)],
            "notes": [
                {"at": r.at.isoformat(), "by": r.by, "text": r.text, "files": dict(r.files)} for r in state.remarks
            ],
            "watched": list(state.watched.values()),
            "freezes": list(state.freezes.values()),
            "refusals": state.refusals,
            "clock_set_back": state.clock_set_back,
            **measure_document(state),
        }
    return document


def request_document(request: Any) -> dict[str, Any]:
    """Return a request as JSON values."""
    return {
        "id": request.id,
        "venue": request.venue,
        "action": request.action,
        "asks": list(request.asks),
        "state": request.state,
        "version": request.version,
        "approved": request.approved,
        "sent": request.sent,
        "items": len(request.items),
        "drafted_by": request.drafted_by,
        "approved_by": request.approved_by,
        "since": request.since.isoformat(),
        "answers": [
            {"at": a.at.isoformat(), "says": a.says, "reference": a.reference, "note": a.note,
             "frozen": dict(a.frozen), "returned": dict(a.returned)}
            for a in request.answers
        ],
    }  # fmt: skip


def event_document(event: Event, open_to_me: bool) -> dict[str, Any]:
    """Return an event as JSON values, without what the asker may not see."""
    data = dict(event.data) if open_to_me else {"withheld": event.data.get("compartment") or "a compartment"}
    return {
        "seq": event.seq, "at": event.at, "actor": event.actor, "kind": event.kind, "data": data,
        "previous": event.previous, "digest": event.digest,
    }  # fmt: skip


def short_data(data: dict[str, Any]) -> str:
    """Return the data of an event in one line."""
    plain = {k: v for k, v in data.items() if isinstance(v, str | int | float | bool) and v != ""}
    rest = {k: len(v) for k, v in data.items() if isinstance(v, list | dict) and v}
    text = ", ".join([f"{k} {v}" for k, v in plain.items()] + [f"{n} {k}" for k, n in rest.items()])
    return text if len(text) <= 160 else text[:159] + "…"  # noqa: PLR2004 - a line and a half
