"""What stands of an incident on a day: of all claims published by then, the ones a reader would quote.

The rule, which docs/ledger.md spells out: a publisher's later figure replaces its earlier one; among publishers the
claim with the higher confidence is quoted, then the one of weightier class, then the later one, then the lower id. Of
dates that agree, the more exact one is quoted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.ledger.records import FIRM
from bongsu.ledger.when import parse_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bongsu.ledger.records import Claim, Ledger, Relation
    from bongsu.ledger.when import Period

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident as of a day. Amounts are US dollars; `weight` is that of the weightiest attribution (0: none)."""

    incident: str
    known: bool
    date: Claim | None
    loss: Claim | None
    low: Decimal | None
    high: Decimal | None
    attribution: Claim | None
    weight: int
    disputes: tuple[Claim, ...]
    attempted: bool
    recovered: Decimal
    frozen: Decimal
    duplicate_of: str

    @property
    def when(self) -> Period | None:
        """When it happened, as the quoted claim says."""
        return parse_period(self.date.text) if self.date else None

    @property
    def usd(self) -> Decimal | None:
        """The quoted loss."""
        return self.loss.value if self.loss else None


def standings(ledger: Ledger, as_of: date) -> dict[str, Standing]:
    """Return what stands of every incident on a day."""
    claims, relations = grouped(ledger)
    return {key: standing(ledger, key, claims[key], relations[key], as_of) for key in ledger.incidents}


def grouped(ledger: Ledger) -> tuple[Mapping[str, list[Claim]], Mapping[str, list[Relation]]]:
    """Return claims and relations by incident."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    relations: dict[str, list[Relation]] = defaultdict(list)
    for claim in ledger.claims:
        claims[claim.incident].append(claim)
    for relation in ledger.relations:
        relations[relation.incident].append(relation)
    return claims, relations


def standing(
    ledger: Ledger, incident: str, claims: Sequence[Claim], relations: Sequence[Relation], as_of: date
) -> Standing:
    """Return what stands of one incident on a day."""
    known = [c for c in claims if c.published_on.last <= as_of]
    by_kind: dict[str, list[Claim]] = defaultdict(list)
    for claim in _latest(known):
        by_kind[claim.kind].append(claim)
    losses = by_kind["loss_usd"]
    attributed = max(by_kind["attribution"], key=lambda c: (_weight(ledger, c), _order(ledger, c)), default=None)
    loss = quoted(ledger, losses)
    return Standing(
        incident,
        bool(known),
        _quoted_date(ledger, by_kind["date"]),
        loss,
        min((v for c in losses for v in (c.low, c.value) if v is not None), default=None),
        max((v for c in losses for v in (c.high, c.value) if v is not None), default=None),
        attributed,
        _weight(ledger, attributed) if attributed else 0,
        tuple(by_kind["dispute"]),
        bool(by_kind["attempt"]) and loss is None,
        _sum_of_events(ledger, by_kind["recovery"]),
        _sum_of_events(ledger, by_kind["freeze"]),
        _duplicate_of(relations, as_of),
    )


def _weight(ledger: Ledger, attribution: Claim) -> int:
    """Return the weight of an attribution: that of its publisher, but the least where it is only a possibility."""
    weight = ledger.weight(attribution.publisher)
    return weight if attribution.confidence >= FIRM else min(weight, 1)


def quoted(ledger: Ledger, claims: Iterable[Claim]) -> Claim | None:
    """Return the claim that a reader would quote, by the rule above."""
    return max(claims, key=lambda c: _order(ledger, c), default=None)


def _quoted_date(ledger: Ledger, claims: Sequence[Claim]) -> Claim | None:
    """Return the quoted date, or one inside it that says it more exactly: a day of the month that is quoted."""
    best = quoted(ledger, claims)
    while best is not None:
        span = parse_period(best.text)
        inside = [c for c in claims if _inside(parse_period(c.text), span)]
        if not inside:
            break
        best = quoted(ledger, inside)
    return best


def _inside(narrow: Period, wide: Period) -> bool:
    return narrow != wide and wide.first <= narrow.first and narrow.last <= wide.last


def _order(ledger: Ledger, claim: Claim) -> tuple[int, int, date, tuple[int, ...]]:
    last = tuple(-ord(letter) for letter in claim.id)  # of equals, the one whose id sorts first
    return claim.confidence, ledger.weight(claim.publisher), claim.published_on.last, (*last, 1)


def _latest(claims: Iterable[Claim]) -> list[Claim]:
    """Drop a publisher's figures that its own later ones replace; remarks, addresses and native units all stay."""
    newest: dict[tuple[str, ...], date] = {}
    keyed = [(_replaces(c), c) for c in claims]
    for key, claim in keyed:
        if key and (key not in newest or claim.published_on.last > newest[key]):
            newest[key] = claim.published_on.last
    return [c for key, c in keyed if not key or c.published_on.last == newest[key]]


def _replaces(claim: Claim) -> tuple[str, ...]:
    if claim.kind in {"attribution", "dispute"}:  # who changes their mind has one view at a time
        return (claim.publisher, "view")
    if claim.kind == "date":
        return (claim.publisher, claim.kind)
    if claim.kind == "loss_usd":
        return (claim.publisher, claim.kind, claim.valuation)
    if claim.kind in {"recovery", "freeze"}:
        return (claim.publisher, claim.kind, claim.text)
    return ()


def _sum_of_events(ledger: Ledger, claims: Iterable[Claim]) -> Decimal:
    """Add up dollars, one figure for each event."""
    events: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.unit == "USD":
            events[claim.text].append(claim)
    best = (quoted(ledger, group) for group in events.values())
    return sum((c.value for c in best if c and c.value is not None), ZERO)


def _duplicate_of(relations: Iterable[Relation], as_of: date) -> str:
    firm = [
        x.other
        for x in relations
        if x.kind in {"part-of", "same-as"} and x.confidence >= FIRM and x.published_on.last <= as_of
    ]
    return min(firm, default="")
