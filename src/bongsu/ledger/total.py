"""Totals as queries: so many attacks and dollars, and what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bongsu.ledger.records import RULES
from bongsu.ledger.standing import ZERO, Standing, standings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from bongsu.ledger.records import Ledger
    from bongsu.ledger.when import Period

VALUATIONS = ("at-theft", "low", "high")
REASONS: Mapping[str, str] = {
    "not-yet-published": "nothing that dates it had been published by the as-of date",
    "not-crypto": "a bank heist, not a theft of crypto",
    "duplicate": "part of, or the same as, another incident",
    "attempted": "tried, without a loss",
    "no-attribution": "nobody had attributed it by the as-of date",
    "disputed": "a publisher disputes who did it",
    "weaker-attribution": "attributed, but by nobody whom the rule accepts",
    "no-amount": "no amount in US dollars had been published",
}
"""Why an incident is left out, tested in this order: the first that holds is given."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: a period, a day of knowledge, a rule, a valuation, and whether disputed incidents count."""

    since: Period
    until: Period
    as_of: date
    rule: str = "all"
    valuation: str = "at-theft"
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in a total: what it adds, or why it adds nothing."""

    standing: Standing
    when: Period
    usd: Decimal | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """The answer. `counted` and `left_out` together are every incident that any claim dates into the period."""

    query: Query
    counted: tuple[Row, ...]
    left_out: tuple[Row, ...]

    @property
    def usd(self) -> Decimal:
        """Dollars under the chosen valuation, gross."""
        return sum((r.usd for r in self.counted if r.usd is not None), ZERO)

    @property
    def low(self) -> Decimal:
        """Dollars if the lowest published figure is right for each."""
        return sum((r.standing.low for r in self.counted if r.standing.low is not None), ZERO)

    @property
    def high(self) -> Decimal:
        """Dollars if the highest published figure is right for each."""
        return sum((r.standing.high for r in self.counted if r.standing.high is not None), ZERO)

    @property
    def recovered(self) -> Decimal:
        """Dollars that came back, never more than an incident's loss."""
        return sum((min(r.standing.recovered, r.usd) for r in self.counted if r.usd is not None), ZERO)

    @property
    def frozen(self) -> Decimal:
        """Dollars stopped but not returned."""
        return sum((r.standing.frozen for r in self.counted), ZERO)

    @property
    def net(self) -> Decimal:
        """Dollars less recoveries."""
        return self.usd - self.recovered


def total(
    ledger: Ledger,
    query: Query,
    now: Mapping[str, Standing] | None = None,
    final: Mapping[str, Standing] | None = None,
) -> Total:
    """Answer a query over the claims of a ledger.

    Args:
        ledger: the claims.
        query: what is asked.
        now: what stands of each incident on the query's day, where the caller has worked it out already.
        final: the same for the newest day: it dates what nothing had dated by the query's day.
    """
    now = standings(ledger, query.as_of) if now is None else now
    final = standings(ledger, _end(ledger)) if final is None else final
    rows = []
    for key, standing in now.items():
        when = standing.when or final[key].when
        if when is not None and query.since.first <= when.first <= query.until.last:
            rows.append(_row(ledger, query, standing, when))
    rows.sort(key=lambda r: (r.when.first, r.standing.incident))
    return Total(query, tuple(r for r in rows if not r.reason), tuple(r for r in rows if r.reason))


def newest(ledger: Ledger) -> date:
    """Return the last day on which the ledger's newest document can have come out: as of then, all is known."""
    return _end(ledger)


def _end(ledger: Ledger) -> date:
    from datetime import date

    days = [
        *(c.published_on.last for c in ledger.claims),
        *(x.published_on.last for x in ledger.relations),
        *(a.published_on.last for a in ledger.aggregates),
    ]
    return max(days, default=date.max)


def _row(ledger: Ledger, query: Query, standing: Standing, when: Period) -> Row:
    amount = {"at-theft": standing.usd, "low": standing.low, "high": standing.high}[query.valuation]
    grounds = Grounds(
        known=standing.known and standing.date is not None,
        crypto=ledger.incidents[standing.incident].category == "crypto",
        duplicate=bool(standing.duplicate_of),
        attempted=standing.attempted,
        disputed=bool(standing.disputes),
        weight=standing.weight,
        has_amount=amount is not None,
    )
    return Row(standing, when, amount, why_left_out(query, grounds))


@dataclass(frozen=True, slots=True)
class Grounds:
    """What decides whether an incident counts."""

    known: bool
    crypto: bool
    duplicate: bool
    attempted: bool
    disputed: bool
    weight: int
    has_amount: bool


def why_left_out(query: Query, of: Grounds) -> str:
    """Return the first reason for which an incident adds nothing, empty if it counts."""
    tests = (
        ("not-yet-published", not of.known),
        ("not-crypto", not of.crypto),
        ("duplicate", of.duplicate),
        ("attempted", of.attempted),
        ("no-attribution", of.weight == 0),
        ("disputed", of.disputed and not query.disputed),
        ("weaker-attribution", of.weight < RULES[query.rule]),
        ("no-amount", not of.has_amount),
    )
    return next((reason for reason, holds in tests if holds), "")


def by_year(rows: Iterable[Row]) -> dict[int, tuple[int, Decimal]]:
    """Return count and dollars by year."""
    found: dict[int, list[Decimal]] = defaultdict(list)
    for row in rows:
        found[row.when.first.year].append(row.usd or ZERO)
    return {year: (len(amounts), sum(amounts, ZERO)) for year, amounts in sorted(found.items())}


def document(answer: Total) -> dict[str, Any]:
    """Return a total as JSON values; dollars are decimal strings."""
    q = answer.query
    return {
        "query": {
            "from": q.since.text,
            "to": q.until.text,
            "as_of": q.as_of.isoformat(),
            "rule": q.rule,
            "valuation": q.valuation,
            "disputed": "counted" if q.disputed else "left out",
        },
        "count": len(answer.counted),
        "usd": _text(answer.usd),
        "low": _text(answer.low),
        "high": _text(answer.high),
        "recovered_usd": _text(answer.recovered),
        "frozen_usd": _text(answer.frozen),
        "net_usd": _text(answer.net),
        "by_year": [
            {"year": year, "count": count, "usd": _text(usd)} for year, (count, usd) in by_year(answer.counted).items()
        ],
        "incidents": [_counted(row) for row in answer.counted],
        "left_out": [
            {
                "reason": reason,
                "means": means,
                "count": len(rows),
                "usd": _text(sum((r.usd for r in rows if r.usd is not None), ZERO)),
                "incidents": [{"id": r.standing.incident, "date": r.when.text, "usd": _text(r.usd)} for r in rows],
            }
            for reason, means in REASONS.items()
            if (rows := [r for r in answer.left_out if r.reason == reason])
        ],
    }


def _counted(row: Row) -> dict[str, Any]:
    s = row.standing
    assert s.attribution is not None
    return {
        "id": s.incident,
        "date": row.when.text,
        "usd": _text(row.usd),
        "low": _text(s.low),
        "high": _text(s.high),
        "recovered_usd": _text(s.recovered),
        "loss_claim": s.loss.id if s.loss else None,
        "attributed_by": s.attribution.publisher,
        "actor": s.attribution.text,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
