"""Set each published total beside ours for the same period, and say what could explain the gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bongsu.ledger.standing import ZERO, standings
from bongsu.ledger.total import Query, Row, Total, newest, total

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from bongsu.ledger.records import Aggregate, Ledger
    from bongsu.ledger.standing import Standing

PANEL = "un-panel"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published total, and ours under its rule: with what was known when it came out, and with what is known now."""

    published: Aggregate
    then: Total
    now: Total
    restated_by: str

    @property
    def gap(self) -> Decimal | None:
        """Published dollars less ours now; positive where we show less."""
        return None if self.published.usd is None else self.published.usd - self.now.usd

    @property
    def count_gap(self) -> int | None:
        """Published attacks less ours now."""
        return None if self.published.count is None else self.published.count - len(self.now.counted)

    @property
    def candidates(self) -> tuple[Row, ...]:
        """What we left out and could explain a gap in which we show less, the largest first."""
        usable = [r for r in self.now.left_out if r.reason in {"disputed", "weaker-attribution", "no-amount"}]
        return tuple(sorted(usable, key=lambda r: (-(r.usd or ZERO), r.standing.incident)))

    @property
    def beyond(self) -> tuple[Row, ...]:
        """What we count and the publisher may not, because nothing said so when its total came out."""
        then = {r.standing.incident for r in self.then.counted}
        rows = [r for r in self.now.counted if r.standing.incident not in then]
        return tuple(sorted(rows, key=lambda r: (-(r.usd or ZERO), r.standing.incident)))


def reconcile(ledger: Ledger, as_of: date) -> list[Comparison]:
    """Compare every total that was published by a day."""
    known = [a for a in ledger.aggregates if a.published_on.last <= as_of]
    restated = {a.restates: a.id for a in known if a.restates}
    cache: dict[date, dict[str, Standing]] = {as_of: standings(ledger, as_of)}
    end = newest(ledger)
    final = cache.setdefault(end, standings(ledger, end))
    found = []
    for aggregate in known:
        day = aggregate.published_on.last
        if day not in cache:
            cache[day] = standings(ledger, day)
        then, now = (
            total(ledger, Query(aggregate.since, aggregate.until, when, aggregate.rule), cache[when], final)
            for when in (day, as_of)
        )
        found.append(Comparison(aggregate, then, now, restated.get(aggregate.id, "")))
    return found


def panel_statement(ledger: Ledger, comparison: Comparison) -> str:
    """Say honestly how much of a count of the UN Panel this ledger can show."""
    published, now = comparison.published, comparison.now
    named = _named_by_panel(ledger, now.query.as_of)
    rows = [*now.counted, *now.left_out]
    crypto = [r for r in rows if ledger.incidents[r.standing.incident].category == "crypto"]
    shown = [r for r in crypto if r.standing.incident in named and r.reason in {"", "disputed", "no-amount"}]
    firm = [r for r in shown if not r.reason]
    disputed = [r for r in shown if r.reason == "disputed"]
    others = [r for r in now.counted if r.standing.incident not in named]
    candidates = comparison.candidates
    missing = max((published.count or 0) - len(shown) - len(others), 0)
    left = f" ({len(disputed)} disputed, {_millions(_sum(disputed))}, left out)" if disputed else ""
    return " ".join(
        (
            f"The Panel speaks of {published.count} suspected attacks, {published.qualifier.replace('-', ' ')}",
            f"{_millions(published.usd)}. Its list was not read here in the original.",
            f"As transcriptions give them, Panel reports name {len(shown)} incidents of this ledger,",
            f"{len(firm)} of which count here with {_millions(_sum(firm))}{left}.",
            f"Governments attribute {len(others)} more ({_millions(_sum(others))}) that may be among the",
            f"{published.count}. At least {missing} of the {published.count} cannot be shown one by one;",
            f"{len(candidates)} incidents that vendors, researchers or the press attribute, or that are disputed",
            f"or without an amount, remain as candidates ({_millions(_sum(candidates))}).",
        )
    )


def document(ledger: Ledger, comparisons: list[Comparison]) -> list[dict[str, Any]]:
    """Return comparisons as JSON values; dollars are decimal strings."""
    return [
        {
            "id": c.published.id,
            "publisher": c.published.publisher,
            "document": c.published.document,
            "published_on": c.published.published_on.text,
            "from": c.published.since.text,
            "to": c.published.until.text,
            "rule": c.published.rule,
            "qualifier": c.published.qualifier,
            "published": {"count": c.published.count, "usd": _text(c.published.usd)},
            "ours_then": {"count": len(c.then.counted), "usd": _text(c.then.usd)},
            "ours_now": {
                "count": len(c.now.counted),
                "usd": _text(c.now.usd),
                "low": _text(c.now.low),
                "high": _text(c.now.high),
            },
            "gap": {"count": c.count_gap, "usd": _text(c.gap)},
            "restated_by": c.restated_by or None,
            "left_out_candidates": [_row(r) for r in c.candidates],
            "counted_since": [_row(r) for r in c.beyond],
            "statement": statement(ledger, c),
        }
        for c in comparisons
    ]


def statement(ledger: Ledger, comparison: Comparison) -> str:
    """Return a sentence on what a comparison shows."""
    if comparison.published.publisher == PANEL and comparison.published.count and not comparison.published.part_of:
        return panel_statement(ledger, comparison)
    gap = comparison.gap
    if gap is None:
        return "Only a count was published."
    largest = ", ".join(r.standing.incident for r in (comparison.candidates if gap > 0 else comparison.beyond)[:3])
    if gap == 0:
        return "The same amount."
    if gap > 0:
        return f"We show {_millions(gap)} less" + (
            f"; left out here, the largest first: {largest}." if largest else "."
        )
    return f"We show {_millions(-gap)} more" + (f"; counted here only since then: {largest}." if largest else ".")


def _named_by_panel(ledger: Ledger, as_of: date) -> Mapping[str, object]:
    return {
        c.incident: c
        for c in ledger.claims
        if c.publisher == PANEL and c.kind == "attribution" and c.published_on.last <= as_of
    }


def _row(row: Row) -> dict[str, Any]:
    return {"id": row.standing.incident, "usd": _text(row.usd), "reason": row.reason or None}


def _sum(rows: Any) -> Decimal:
    return sum((r.usd for r in rows if r.usd is not None), ZERO)


def _millions(amount: Decimal | None) -> str:
    if amount is None:
        return "no amount"
    return f"${amount / 1_000_000_000:.2f} bn" if amount >= 1_000_000_000 else f"${amount / 1_000_000:.1f} m"  # noqa: PLR2004


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
