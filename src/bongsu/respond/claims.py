"""What a case came to, as claims for the ledger: sums that venues say they froze or returned, and freezes on chain.

A claim's document names the case, the number of the log's event it rests on and that event's digest, so that whoever
holds the log can prove it. Where an issuer's answer and its contract speak of the same request, both claims have the
same text: they are two figures for one event, and the ledger counts one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.errors import RecordError
from bongsu.ledger.records import Claim, Ledger, Publisher
from bongsu.ledger.when import parse_period
from bongsu.respond.freezes import frozen_now
from bongsu.respond.measures import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bongsu.respond.log import Event
    from bongsu.respond.state import CaseState, Request

_KINDS = {"frozen": "freeze", "returned": "recovery"}
_SURE = 85


@dataclass(frozen=True, slots=True)
class Outcome:
    """A ledger with the incident, its dates and the new claims; and what could not be made a claim, with the reason."""

    ledger: Ledger
    claims: tuple[Claim, ...]
    left_out: tuple[str, ...]


def outcome(
    state: CaseState, events: Sequence[Event], book: Ledger, incident: str, publisher: Publisher, url: str
) -> Outcome:
    """Return what a case's answers and freezes claim of an incident.

    Args:
        state: the case.
        events: its events, those that the asker may see.
        book: our ledger, which must know the incident.
        incident: the incident's id in it.
        publisher: who says it: the agency that keeps the case.
        url: where the case's record can be asked for; the ledger takes no claim without.

    Raises:
        RecordError: the ledger does not know the incident.
    """
    if incident not in book.incidents:
        raise RecordError(
            f"no incident of the ledger has the id {incident!r}" if incident else "the case names no incident",
            hint="name it with --incident; `bongsu ledger list` shows those there are",
        )
    source = _Source(state.id, incident, publisher.id, url)
    left_out: list[str] = []
    claims = [*_answers(state, events, source), *_on_chain(state, events, source, left_out)]
    dates = [c for c in book.claims if c.incident == incident and c.kind == "date"]
    named = {c.publisher for c in dates}
    known = {key: p for key, p in book.publishers.items() if key in named}
    ledger = Ledger(
        {incident: book.incidents[incident]}, (*dates, *claims), (), (), (), {**known, publisher.id: publisher}, {}
    )
    return Outcome(ledger, tuple(claims), tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Source:
    case: str
    incident: str
    publisher: str
    url: str

    def claim(
        self, name: str, kind: str, event: Event, unit: str, span: tuple[Decimal, Decimal], text: str, *, basis: str
    ) -> Claim:
        low, high = span
        return Claim(
            id=f"{self.incident}.{kind}.{self.case}-{name}-{unit}".lower(),
            incident=self.incident, kind=kind, value=low,
            low=None if low == high else low, high=None if low == high else high,
            unit=unit, valuation="", text=text, publisher=self.publisher,
            document=f"case {self.case}, event {event.seq}, SHA-256 {event.digest}",
            published_on=parse_period(event.at[:10]),
            basis=basis, confidence=_SURE, url=self.url, via="", note="",
        )  # fmt: skip


def _text(request: Request) -> str:
    return f"{request.venue_name}, request {request.id}"


def _answers(state: CaseState, events: Sequence[Event], source: _Source) -> Iterator[Claim]:
    said: dict[tuple[str, str, str], tuple[Event, str]] = {}
    for event in events:
        if event.kind == "request.answered" and event.data.get("id") in state.requests:
            for what in _KINDS:
                for asset, text in event.data.get(what, {}).items():
                    if not event.data.get("repeats"):
                        said[event.data["id"], what, asset] = (event, text)
    for (request, what, asset), (event, text) in said.items():
        value = amount(text)
        if value:
            words = _text(state.requests[request])
            yield source.claim(request, _KINDS[what], event, asset, (value, value), words, basis="company")


def _on_chain(state: CaseState, events: Sequence[Event], source: _Source, left_out: list[str]) -> Iterator[Claim]:
    """Yield one claim for each token: what the trace leaves at the addresses its contract holds blocked."""
    by_token: dict[str, list[Mapping[str, object]]] = {}
    for row in frozen_now(state):
        by_token.setdefault(str(row["token"]), []).append(row)
    for token, rows in by_token.items():
        blocked = {(r["chain"], r["address"]) for r in rows}
        here = [p for p in state.positions if p["asset"] == token and (p["chain"], p["address"]) in blocked]
        low = sum((Decimal(p["low"]) for p in here), Decimal(0))
        high = sum((Decimal(p["high"]) for p in here), Decimal(0))
        places = f"{len(rows)} {'address' if len(rows) == 1 else 'addresses'}"
        seen = [e for e in events if e.kind == "freeze.seen" and any(f in rows for f in e.data["freezes"])]
        if not seen:
            left_out.append(f"{token} blocked at {places}, of which the log shows you nothing")
            continue
        if not low:
            left_out.append(f"{token} blocked at {places}, at which no policy is sure of any {token}")
            continue
        asked = [r for r in state.requests.values() if r.kind == "issuer" and r.sent and _about(r, token)]
        words = _text(asked[0]) if asked else f"blocked by the contract of {token}"
        yield source.claim("chain", "freeze", seen[-1], token, (low, high), words, basis="on-chain")


def _about(request: Request, token: str) -> bool:
    return any(item.get("asset") == token for item in request.items)
