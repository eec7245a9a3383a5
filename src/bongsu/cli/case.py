"""`bongsu case`: the response to a theft, from its opening to its close (docs/cases.md).

Long, because each verb's options and words stand with it; the work is done in bongsu.respond.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from bongsu.respond.agency import Actor
    from bongsu.respond.desk import Desk
    from bongsu.respond.log import Event
    from bongsu.respond.state import CaseState

app = typer.Typer(no_args_is_help=True, help="Work a case: its requests, its playbooks, its clock, its log.")

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")]
Db = Annotated[
    str, typer.Option("--db", envvar="BONGSU_DB", metavar="URL", help="The database: a SQLite file or a URL.")
]
Me = Annotated[str, typer.Option("--as", envvar="BONGSU_ACTOR", metavar="NAME@AGENCY", help="Who acts.")]
Agencies = Annotated[
    Path | None, typer.Option("--agencies", envvar="BONGSU_AGENCIES", metavar="FILE", help="Who may do what (TOML).")
]
As = Annotated[Format, typer.Option("--format", help="A table, or JSON for programs.")]
DB = "bongsu.db"


@app.command("open")
def open_case(
    case: Case,
    me: Me,
    title: Annotated[str, typer.Option(help="What the case is called; the trace's title otherwise.")] = "",
    source: Annotated[
        str | None, typer.Option("--from", metavar="FOLDER", help="A case folder, or what `bongsu respond` wrote.")
    ] = None,
    incident: Annotated[str, typer.Option(metavar="ID", help="An incident of the ledger.")] = "",
    finding: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `bongsu trace patterns --format json` printed.")
    ] = None,
    number: Annotated[int, typer.Option(help="Which finding of that file, from 1.")] = 1,
    officer: Annotated[Path | None, typer.Option(help="TOML file with the asking officer's particulars.")] = None,
    alert: Annotated[str | None, typer.Option(help="When the alert came, ISO 8601; now otherwise.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="AGENCY", help="The only agencies that may know of it; repeat.")
    ] = None,
    marking: Annotated[str, typer.Option(help="TLP 2.0 level.")] = "amber",
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Open a case: from a trace (--from), an incident of the ledger, a finding, or by hand with --title."""
    from bongsu.ledger.files import read_ledger
    from bongsu.respond.origin import from_finding, from_incident
    from bongsu.respond.packets import read_assessed

    if sum(given is not None for given in (source, incident or None, finding)) > 1:
        raise RecordError("a case is opened from one thing", hint="say one of --from, --incident and --finding")
    desk, actor = _desk(db, agencies, me)
    if incident or finding:
        origin = from_finding(finding, number) if finding else from_incident(read_ledger(), incident)
        state = desk.open(
            case, title or origin.title, actor, source=origin.source, watch=origin.watch, alert_at=_moment(alert),
            agencies=only or (), marking=_marking(marking),
        )  # fmt: skip
    elif source is None:
        if not title:
            raise RecordError("a case needs a title", hint="say --title, --from FOLDER, --incident or --finding")
        state = desk.open(case, title, actor, alert_at=_moment(alert), agencies=only or (), marking=_marking(marking))
    else:
        with err.status("Tracing, and drafting the packets"):
            read, assessed = read_assessed(source, officer, desk.log.now().date(), _marking(marking))
        came_from = {"from": source, "incident": read.incident, "inputs": dict(read.digests)}
        state = desk.open(
            case, title or read.title, actor, assessed=assessed, source=came_from, alert_at=_moment(alert),
            agencies=only or (), marking=_marking(marking),
        )  # fmt: skip
    _say(form, _document(state), f"{case} is open: {state.title}. Next: bongsu case run {case} --playbook NAME")


@app.command("list")
def list_cases(me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """List the cases that you may see."""
    desk, actor = _desk(db, agencies, me)
    states = desk.cases(actor)
    if form is Format.JSON:
        typer.echo(json.dumps([_document(s) for s in states], indent=2, ensure_ascii=False))
        return
    _table(
        ["case", "title", "opened", "state", "requests", "events"],
        [
            [s.id, s.title, _when(s.opened_at), "open" if s.open else "closed", str(len(s.requests)), str(s.events)]
            for s in states
        ],
    )


@app.command()
def show(case: Case, me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Show a case: its requests, its playbooks, its notes, what waits, and its measures."""
    from bongsu.respond.due import agenda

    desk, actor = _desk(db, agencies, me)
    state = desk.state(case, actor)
    _narrow(desk, state, actor)
    if form is Format.JSON:
        typer.echo(json.dumps(_document(state, full=True), indent=2, ensure_ascii=False))
        return
    out.print(f"[bold]{state.title}[/bold] ({case}), {'open' if state.open else 'closed: ' + state.closed_why}")
    out.print(
        f"opened {_when(state.opened_at)} by {state.opened_by}; alert {_when(state.alert_at)}; "
        f"TLP:{state.marking.upper()}"
    )
    if state.requests:
        _requests_table(state)
    for run_id, run in state.runs.items():
        end = "runs" if run.outcome is None else "ended well" if run.outcome else f"failed: {run.why}"
        out.print(f"{run_id} {state.names[run_id]}: {end}")
    _agenda_table(agenda(state), desk.log.now())
    for remark in state.remarks[-10:]:
        out.print(f"{_when(remark.at)} {remark.by}: {remark.text}")
    _measures(state)


@app.command()
def run(
    case: Case,
    me: Me,
    playbook: Annotated[
        str | None, typer.Option("--playbook", metavar="NAME", help="Begin this playbook: a shipped one, or a file.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="__NAME__=VALUE", help="A variable; repeat.")
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option("--with", metavar="FILE", help="A playbook it calls; repeat.")
    ] = None,
    accept_errors: Annotated[
        bool, typer.Option("--accept-errors", help="Run a playbook with errors all the same.")
    ] = False,
    retrace: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Take in a new trace first: amends requests.")
    ] = None,
    officer: Annotated[Path | None, typer.Option(help="TOML file with the asking officer's particulars.")] = None,
    channels: Annotated[Path | None, typer.Option(help="TOML file: which way out each venue's packets take.")] = None,
    outbox: Annotated[Path, typer.Option(help="Folder for packets that somebody carries.")] = Path("outbox"),
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Bring a case forward as far as it goes without a person, and say what waits for whom."""
    from bongsu.respond.channel import read_channels
    from bongsu.respond.due import agenda
    from bongsu.respond.http import send
    from bongsu.respond.packets import read_assessed
    from bongsu.respond.playbook import read_playbook
    from bongsu.respond.runner import Runner

    desk, actor = _desk(db, agencies, me)
    ways = read_channels(channels, outbox, os.environ)
    desk.may(case, actor, "run")
    if retrace is not None:
        with err.status("Tracing, and drafting the packets"):
            marking = desk.state(case, actor).marking
            assessed = read_assessed(retrace, officer, desk.log.now().date(), marking)[1]
        desk.reassess(case, assessed, actor)
    told = []
    if playbook is not None:
        nested = [read_playbook(path) for path in beside or ()]
        run_id = desk.start(
            case, _playbook(playbook), actor, values=_pairs(values), nested=nested, accept_errors=accept_errors
        )
        told.append(f"{run_id} begins: {playbook}")
    told += Runner(desk.log, desk.roster, ways, send, _me(), _alive).run(case, actor)
    state = desk.state(case, actor)
    _narrow(desk, state, actor)
    if form is Format.JSON:
        typer.echo(json.dumps({"done": told, **_document(state, full=True)}, indent=2, ensure_ascii=False))
        return
    for line in told or ["nothing could be done without a person"]:
        out.print(line)
    _agenda_table(agenda(state), desk.log.now())


@app.command()
def approve(
    case: Case,
    subjects: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Requests or commands; `all` for every request.")
    ],
    me: Me,
    why: Annotated[str, typer.Option(help="The reason, for the log.")] = "",
    accept_gaps: Annotated[
        bool, typer.Option("--accept-gaps", help="Approve a letter whose placeholders are filled in by hand.")
    ] = False,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Approve what would leave the house: never your own draft."""
    desk, actor = _desk(db, agencies, me)
    if subjects == ["all"]:
        subjects = [r.id for r in desk.state(case, actor).requests.values() if r.waits_for_approval]
    for subject in subjects:
        desk.approve(case, subject, actor, why, accept_gaps=accept_gaps)
    state = desk.state(case, actor)
    _say(form, _document(state, full=True), f"approved: {', '.join(subjects) or 'nothing waits'}")


@app.command()
def answer(
    case: Case,
    subject: Annotated[str, typer.Argument(metavar="ID", help="A request, a task, or a try in doubt.")],
    says: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER",
            help="Request: acknowledged, granted, partly, refused. Task: done, failed. In doubt: arrived, again.",
        ),
    ],
    me: Me,
    note: Annotated[str, typer.Option(help="What was said, or why it failed.")] = "",
    reference: Annotated[str, typer.Option(help="The venue's reference.")] = "",
    frozen: Annotated[list[str] | None, typer.Option(metavar="ASSET=AMOUNT", help="Sum frozen in all; repeat.")] = None,
    returned: Annotated[
        list[str] | None, typer.Option(metavar="ASSET=AMOUNT", help="Sum returned in all; repeat.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="__NAME__=VALUE", help="A result of a task; repeat.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Record what a venue answered, what came of a task, or what became of a try in doubt."""
    from bongsu.respond.measures import amount

    desk, actor = _desk(db, agencies, me)
    sums = [_pairs(frozen), _pairs(returned)]
    for pairs in sums:
        for text in pairs.values():
            amount(text)
    state = desk.answer(
        case,
        subject,
        says,
        actor,
        note=note,
        reference=reference,
        values=_pairs(values),
        frozen=sums[0],
        returned=sums[1],
    )
    repeated = subject in state.requests and sum(
        (a.says, a.reference) == (says, reference) for a in state.requests[subject].answers
    )
    text = f"{subject}: {says}" + (", as it was answered before: recorded as a repeat" if repeated > 1 else "")
    _say(form, _document(state, full=True), text)


@app.command()
def note(
    case: Case,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    me: Me,
    file: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Keep a file with it, by digest; repeat.")
    ] = None,
    compartment: Annotated[str, typer.Option(help="Only this compartment's members may read it.")] = "",
    chain_logs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Logs of the chain: look for freezes of the case's addresses.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Write to a case: a note, files with it, and freezes found on chain."""
    from bongsu.respond.freezes import read_freezes

    desk, actor = _desk(db, agencies, me)
    try:
        files = {path.name: path.read_bytes() for path in file or ()}
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror}", source=str(error.filename)) from None
    found = read_freezes(chain_logs, desk.state(case, actor)) if chain_logs else []
    state = desk.note(case, text, actor, files=files, compartment=compartment)
    if found:
        state = desk.seen_freezes(case, found, actor)
    _narrow(desk, state, actor)
    said = "noted" + (
        f"; {len(found)} {plural(len(found), 'event')} of the issuers touch the case" if chain_logs else ""
    )
    _say(form, _document(state, full=True), said)


@app.command()
def log(
    case: Case,
    me: Me,
    verify: Annotated[bool, typer.Option("--verify", help="Prove the chain, and say its head.")] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="A digest kept elsewhere that it must hold.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Print a case's log, or prove that nobody changed it."""
    desk, actor = _desk(db, agencies, me)
    if verify or expect:
        count, head = desk.log.verify(case, expect)
        _say(
            form,
            {"case": case, "events": count, "head": head},
            f"{case}: all {count} events are as they were written. Head: {head}",
        )
        return
    rows = [_event_document(event, open_to_me) for event, open_to_me in desk.history(case, actor)]
    if form is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    _table(
        ["#", "at", "actor", "what", "particulars"],
        [[str(r["seq"]), r["at"][:19] + "Z", r["actor"], r["kind"], _short(r["data"])] for r in rows],
    )


@app.command()
def clock(case: Case, me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Say what is due in a case and when, and how fast it was."""
    from bongsu.respond.due import agenda

    desk, actor = _desk(db, agencies, me)
    state = desk.state(case, actor)
    _narrow(desk, state, actor)
    now = desk.log.now()
    if form is Format.JSON:
        typer.echo(
            json.dumps({"due": _due_rows(agenda(state), now), **_measure_document(state)}, indent=2, ensure_ascii=False)
        )
        return
    _agenda_table(agenda(state), now)
    _measures(state)


@app.command()
def claims(
    case: Case,
    me: Me,
    into: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the claims go, for `ledger import`.")],
    url: Annotated[str, typer.Option(help="Where the case's record can be asked for: each claim names its source.")],
    incident: Annotated[str, typer.Option(metavar="ID", help="The ledger's incident; the case's own otherwise.")] = "",
    ledger: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Our ledger's folder; the shipped one otherwise.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Write what was frozen and returned as claims that `bongsu ledger import` takes in."""
    from bongsu.ledger.check import check
    from bongsu.ledger.exchange import to_document
    from bongsu.ledger.files import read_ledger
    from bongsu.ledger.records import Publisher
    from bongsu.respond.claims import outcome

    desk, actor = _desk(db, agencies, me)
    state = desk.state(case, actor)
    _narrow(desk, state, actor)
    events = [event for event, open_to_me in desk.history(case, actor) if open_to_me]
    agency = desk.roster.agencies[actor.agency]
    publisher = Publisher(agency.id, agency.name, "government", url, "")
    about = incident or str(state.source.get("incident", ""))
    found = outcome(state, events, read_ledger(ledger), about, publisher, url)
    if problems := check(found.ledger):
        raise RecordError(f"the ledger would not take them: {problems[0].message}", hint=problems[0].hint)
    text = json.dumps(to_document(found.ledger), indent=2, ensure_ascii=False) + "\n"
    try:
        into.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"the claims cannot be written: {error.strerror}", source=str(into)) from None
    for line in found.left_out:
        err.print(f"left out: {line}")
    _say(
        form,
        {"case": case, "incident": about, "claims": [c.id for c in found.claims], "left_out": list(found.left_out)},
        f"{len(found.claims)} {plural(len(found.claims), 'claim')} about {about} in {into}. "
        f"Next: bongsu ledger import {into} --into DIR --partner {publisher.id}",
    )


@app.command()
def close(
    case: Case,
    me: Me,
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Close a case."""
    desk, actor = _desk(db, agencies, me)
    state = desk.close(case, why, actor)
    _say(form, _document(state), f"{case} is closed: {why}")


@app.command()
def board(me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Print what waits in all open cases, the most overdue first."""
    from bongsu.respond.due import agenda

    desk, actor = _desk(db, agencies, me)
    now = desk.log.now()
    rows = []
    for state in desk.cases(actor):
        if state.open:
            _narrow(desk, state, actor)
            rows += [{"case": state.id, **row} for row in _due_rows(agenda(state), now)]
    rows.sort(key=lambda r: (r["due"], r["case"]))
    if form is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    _table(
        ["case", "due", "in", "what", "id", "about", "who"],
        [[r["case"], r["due"][:16] + "Z", r["in"], r["what"], r["id"], r["about"], r["tell"]] for r in rows],
    )


# -- what the verbs share ----------------------------------------------------------------------------------------------


def _desk(db: str, agencies: Path | None, me: str) -> tuple[Desk, Actor]:
    from bongsu.respond.agency import read_roster
    from bongsu.respond.desk import Desk
    from bongsu.respond.log import Log
    from bongsu.store.engine import open_engine

    roster = read_roster(agencies)
    actor = roster.actor(me)
    url = db if "://" in db else f"sqlite:///{db}"
    return Desk(Log(open_engine(url), lambda: datetime.now(UTC), time.sleep), roster), actor


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _alive(name: str) -> bool:
    """Say whether a process still runs; one on another machine counts as running until its claim ends."""
    host, _, pid = name.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _playbook(name: str) -> Any:
    from bongsu.respond.playbook import library, read_playbook

    return library()[name] if name in library() else read_playbook(Path(name))


def _pairs(texts: Iterable[str] | None) -> dict[str, str]:
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise RecordError(f"{text!r} sets nothing", hint="write NAME=VALUE")
        found[name] = value
    return found


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordError(f"{text!r} is not an ISO 8601 time, such as 2025-02-21T16:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _marking(text: str) -> str:
    levels = ("clear", "green", "amber", "amber+strict", "red")
    if text.lower() not in levels:
        raise RecordError(f"{text!r} is no level of TLP 2.0", hint=f"they are {', '.join(levels)}")
    return text.lower()


def _narrow(desk: Desk, state: CaseState, actor: Actor) -> None:
    """Take out what is kept in compartments that somebody is outside of, and leave a word in its place."""
    hidden = [r for r in state.remarks if not desk.roster.inside(actor, r.compartment)]
    state.remarks = [r for r in state.remarks if r not in hidden]
    if hidden:
        err.print(f"{len(hidden)} {plural(len(hidden), 'note')} in compartments that you are outside of")
    for request in list(state.requests.values()):
        if not desk.roster.inside(actor, request.compartment):
            del state.requests[request.id]


def _say(form: Format, document: dict[str, Any], text: str) -> None:
    if form is Format.JSON:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        out.print(text, soft_wrap=True)


def _when(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") + "Z"


def _left(at: datetime, now: datetime) -> str:
    minutes = int((at - now).total_seconds() / 60)
    size = abs(minutes)
    if not size:
        return "now"
    text = f"{size} min" if size < 120 else f"{size // 60} h" if size < 2880 else f"{size // 1440} d"  # noqa: PLR2004
    return text if minutes >= 0 else f"{text} late"


def _table(columns: list[str], rows: list[list[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def _due_rows(due: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "due": d.at.isoformat(),
            "in": _left(d.at, now),
            "what": d.what,
            "id": d.subject,
            "about": d.text,
            "tell": d.tell,
        }
        for d in due
    ]


def _agenda_table(due: Iterable[Any], now: datetime) -> None:
    rows = _due_rows(due, now)
    if not rows:
        out.print("nothing waits")
        return
    _table(["due", "in", "what", "id", "about", "who may"], [
        [r["due"][:16] + "Z", r["in"], r["what"], r["id"], r["about"], r["tell"]] for r in rows
    ])  # fmt: skip


def _requests_table(state: CaseState) -> None:
    _table(
        ["id", "venue", "asks", "addresses", "state", "since", "version"],
        [
            [
                r.id,
                r.venue_name,
                "+".join(r.asks),
                str(len(r.items)),
                r.state,
                _when(r.since),
                f"{r.version} (sent {r.sent})",
            ]
            for r in state.requests.values()
        ],
    )


def _measures(state: CaseState) -> None:
    document = _measure_document(state)
    pace = {k: v for k, v in document["minutes_from_alert"].items() if v is not None}
    if pace:
        out.print("minutes from the alert: " + ", ".join(f"{k} {v:g}" for k, v in pace.items()))
    rows = [
        [s["asset"], s["traced"], " to ".join(s["can_act"]), " to ".join(s["asked"]), s["frozen"], s["returned"]]
        for s in document["shares"]
    ]
    if rows:
        _table(["asset", "traced", "where venues can act", "asked", "frozen", "returned"], rows)
    for line in document["missed"]:
        out.print(f"missed: {line}")


def _measure_document(state: CaseState) -> dict[str, Any]:
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


def _document(state: CaseState, *, full: bool = False) -> dict[str, Any]:
    document: dict[str, Any] = {
        "case": state.id,
        "title": state.title,
        "open": state.open,
        "opened_at": state.opened_at.isoformat() if state.opened_at else None,
        "opened_by": state.opened_by,
        "marking": state.marking,
        "events": state.events,
        "head": state.head,
        "requests": [_request_document(r) for r in state.requests.values()],
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
            **_measure_document(state),
        }
    return document


def _request_document(request: Any) -> dict[str, Any]:
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


def _event_document(event: Event, open_to_me: bool) -> dict[str, Any]:
    data = dict(event.data) if open_to_me else {"withheld": event.data.get("compartment") or "a compartment"}
    return {
        "seq": event.seq, "at": event.at, "actor": event.actor, "kind": event.kind, "data": data,
        "previous": event.previous, "digest": event.digest,
    }  # fmt: skip


def _short(data: dict[str, Any]) -> str:
    plain = {k: v for k, v in data.items() if isinstance(v, str | int | float | bool) and v != ""}
    rest = {k: len(v) for k, v in data.items() if isinstance(v, list | dict) and v}
    text = ", ".join([f"{k} {v}" for k, v in plain.items()] + [f"{n} {k}" for k, n in rest.items()])
    return text if len(text) <= 160 else text[:159] + "…"  # noqa: PLR2004 - a line and a half
