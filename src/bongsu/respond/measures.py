"""What a case came to, in minutes and in shares: the measures by which a response is judged.

Shares are of the value that the trace follows, by asset; asked, frozen and returned are at most what stands at venues
that can act. Where policies disagree there are two shares, the least and the most.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bongsu.respond.state import CaseState, Request

_WIDE = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Pace:
    """Minutes from the alert to the first packet, approval, departure and answer; None where it has not come to it."""

    drafted: float | None
    approved: float | None
    sent: float | None
    answered: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """One asset's value, in whole units: followed by the trace, where venues can act, asked for, frozen, returned."""

    asset: str
    traced: Decimal
    can_act: tuple[Decimal, Decimal]
    asked: tuple[Decimal, Decimal]
    frozen: Decimal
    returned: Decimal


def pace(state: CaseState) -> Pace:
    """Return how fast a case moved: the first of each kind."""
    times = [request.times for request in state.requests.values()]
    answered = [r.answers[0].at for r in state.requests.values() if r.answers]
    first = {name: min((t[name] for t in times if name in t), default=None) for name in ("drafted", "approved", "sent")}
    minutes = {name: _minutes(state.alert_at, at) for name, at in first.items()}
    return Pace(
        minutes["drafted"], minutes["approved"], minutes["sent"], _minutes(state.alert_at, min(answered, default=None))
    )


def _minutes(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds() / 60, 1)


def shares(state: CaseState) -> tuple[Share, ...]:
    """Return by asset what became of the stolen value."""
    asked = {
        (item["chain"], item["asset"], item["address"], item["theft"])
        for request in state.requests.values()
        if request.sent
        for item in request.items
        if "address" in item
    }
    found = []
    with localcontext(_WIDE):
        for row in state.stolen:
            place = (row["chain"], row["asset"])
            here = [p for p in state.positions if (p["chain"], p["asset"]) == place]
            act = [p for p in here if p["actors"]]
            reached = [p for p in act if (p["chain"], p["asset"], p["address"], p["theft"]) in asked]
            found.append(
                Share(
                    row["asset"],
                    Decimal(row["traced"]),
                    _range(act),
                    _range(reached),
                    _said(state, "frozen", place),
                    _said(state, "returned", place),
                )
            )
    return tuple(found)


def missed(state: CaseState) -> list[str]:
    """Return what could have been asked and was not, and what was asked in vain, each with the reason."""
    asked = {r.venue for r in state.requests.values()}
    found = [
        f"{packet['venue_name']}: nobody drafted a request ({len(packet['items'])} addresses)"
        for venue, packet in sorted(state.packets.items())
        if venue not in asked
    ]
    for request in state.requests.values():
        if request.state in {"refused", "expired"}:
            note = request.answers[-1].note if request.answers else "no answer"
            found.append(f"{request.venue_name}: {request.action} {request.state} ({note or 'no reason given'})")
        elif not request.sent:
            found.append(f"{request.venue_name}: {request.action} never left; it is {request.state}")
    return found


def _said(state: CaseState, what: str, place: tuple[str, str]) -> Decimal:
    """Return what venues said of an asset on a chain.

    Answers name no chain: a sum counts once, on the chain of the first item of that asset that was asked about.
    """
    chain, asset = place
    first = next((row["chain"] for row in state.stolen if row["asset"] == asset), chain)
    return sum(
        (
            _last(r, what, asset)
            for r in state.requests.values()
            if next((i["chain"] for i in r.items if i.get("asset") == asset), first) == chain
        ),
        Decimal(0),
    )


def _last(request: Request, what: str, asset: str) -> Decimal:
    """Return the newest sum that a venue named; a later answer that names none takes nothing back."""
    sums = [getattr(a, what)[asset] for a in request.answers if asset in getattr(a, what)]
    return amount(sums[-1]) if sums else Decimal(0)


def _range(rows: Iterable[Mapping[str, Any]]) -> tuple[Decimal, Decimal]:
    taken = list(rows)
    return sum((Decimal(r["low"]) for r in taken), Decimal(0)), sum((Decimal(r["high"]) for r in taken), Decimal(0))


def amount(text: str) -> Decimal:
    """Return a sum in whole units.

    Raises:
        RecordError: it is no plain positive number.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0 or "e" in text.lower():
        raise RecordError(f"{text[:40]!r} is no amount", hint="write a plain number in whole units, such as 1234.5")
    return value
