"""Totals by one query: what stands of each incident between two days, worked out once when claims arrive.

A fact is what `bongsu.ledger.standing` says of an incident from one publication day to the next. A total as of a day is
a sum over the facts of that day. So that it need not visit every incident, the facts of some days (the first of each
quarter, and the last day on which anything became known) are added up by year and state in a cube: a total starts from
the last such day and adds and takes away the facts that changed since. Periods that do not end with a year are summed
over the facts themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bongsu.ledger.standing import grouped, standing
from bongsu.ledger.total import REASONS, Grounds, newest, why_left_out
from bongsu.store.schema import CUBE, FACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from bongsu.ledger.records import Ledger
    from bongsu.ledger.standing import Standing
    from bongsu.ledger.total import Query

SUMS = ("usd", "low", "high", "back_usd", "back_low", "back_high", "frozen")
_BEGINNING, _FOREVER = "0001-01-01", "9999-12-31"
_LAST = date(9999, 12, 30)
_CENT = 100
_AMOUNTS = {"at-theft": ("usd", "back_usd"), "low": ("low", "back_low"), "high": ("high", "back_high")}


def facts(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield what stands of each incident between two days on which something about it became known."""
    claims, relations = grouped(ledger)
    end = newest(ledger)
    for key, incident in ledger.incidents.items():
        final = standing(ledger, key, claims[key], relations[key], end)
        days = sorted({c.published_on.last for c in claims[key]} | {x.published_on.last for x in relations[key]})
        since, now = _BEGINNING, _fact(standing(ledger, key, (), (), date.min), final, incident.category)
        for day in days:
            after = _fact(standing(ledger, key, claims[key], relations[key], day), final, incident.category)
            if after != now:
                yield {"incident": key, "since": since, "until": day.isoformat(), **now}
                since, now = day.isoformat(), after
        yield {"incident": key, "since": since, "until": _FOREVER, **now}


def _fact(now: Standing, final: Standing, category: str) -> dict[str, Any]:
    when = now.when or final.when
    amounts = {"usd": now.usd, "low": now.low, "high": now.high}
    back = {f"back_{k}": min(now.recovered, v) if v is not None else None for k, v in amounts.items()}
    return {
        "happened": when.first.isoformat() if when else None,
        "year": when.first.year if when else None,
        "state": _packed(now, category),
        **{k: _cents(v) for k, v in (*amounts.items(), *back.items())},
        "frozen": _cents(now.frozen),
    }


def _packed(now: Standing, category: str) -> int:
    flags = (
        now.known and now.date is not None,
        category == "crypto",
        bool(now.duplicate_of),
        now.attempted,
        bool(now.disputes),
        now.usd is not None,
    )
    return sum(1 << bit for bit, flag in enumerate(flags) if flag) | now.weight << len(flags)


def _unpacked(state: int) -> Grounds:
    known, crypto, duplicate, attempted, disputed, has_amount = (bool(state >> bit & 1) for bit in range(6))
    return Grounds(known, crypto, duplicate, attempted, disputed, state >> 6, has_amount)


def _cents(amount: Decimal | None) -> int:
    return 0 if amount is None else int(amount * _CENT)


def cube(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the sums of the facts of some days, by year and state."""
    kept = [r for r in rows if r["year"] is not None]
    days = _days({r["since"] for r in kept})
    changes: dict[int, dict[tuple[int, int], list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0] * (len(SUMS) + 1))
    )
    for r in kept:
        figures = (1, *(r[name] for name in SUMS))
        for day, sign in ((r["since"], 1), (r["until"], -1)):
            if day <= days[-1]:
                cell = changes[bisect_left(days, day)][r["year"], r["state"]]
                for at, figure in enumerate(figures):
                    cell[at] += sign * figure
    running: dict[tuple[int, int], list[int]] = defaultdict(_nothing)
    for number, day in enumerate(days):
        for cell_key, change in changes[number].items():
            running[cell_key] = [a + b for a, b in zip(running[cell_key], change, strict=True)]
        for (year, state), sums in running.items():
            if sums[0]:
                yield {"day": day, "year": year, "state": state, **dict(zip(("count", *SUMS), sums, strict=True))}


def _nothing() -> list[int]:
    return [0] * (len(SUMS) + 1)


def _days(known: set[str]) -> list[str]:
    """Return the days whose facts are added up: quarters' first days in which anything changed, and the last day."""
    quarters = {f"{day[:4]}-{(int(day[5:7]) - 1) // 3 * 3 + 1:02}-01" for day in known if day != _BEGINNING}
    return sorted({_BEGINNING, *quarters, max(known, default=_BEGINNING)})


def answer(connection: Connection, query: Query, end: date) -> dict[str, Any]:
    """Answer a query as `bongsu.ledger.total.document` does, without the lists of incidents.

    Args:
        connection: to a database whose facts and cube are up to date.
        query: what is asked.
        end: the newest day of the ledger; nothing stored happened later.
    """
    starts = query.since.first == query.since.first.replace(month=1, day=1)
    ends = query.until.last >= min(end, query.until.last.replace(month=12, day=31))
    rows = _from_cube(connection, query) if starts and ends else _from_facts(connection, query)
    return _document(query, rows)


def _day(query: Query) -> str:
    return min(query.as_of, _LAST).isoformat()


def _from_facts(connection: Connection, query: Query) -> dict[tuple[int, int], list[int]]:
    from sqlalchemy import func, select

    f = FACT.c
    asked = (
        select(f.year, f.state, func.count(), *(func.sum(f[name]) for name in SUMS))
        .where(f.until > _day(query), f.since <= _day(query))
        .where(f.happened >= query.since.first.isoformat(), f.happened <= query.until.last.isoformat())
        .group_by(f.year, f.state)
    )
    return {(r[0], r[1]): [int(v) for v in r[2:]] for r in connection.execute(asked)}


def _from_cube(connection: Connection, query: Query) -> dict[tuple[int, int], list[int]]:
    from sqlalchemy import func, select

    first, last, day = query.since.first.year, query.until.last.year, _day(query)
    start = connection.scalar(select(func.max(CUBE.c.day)).where(CUBE.c.day <= day)) or _BEGINNING
    c, f = CUBE.c, FACT.c
    base = select(c.year, c.state, c.count, *(c[name] for name in SUMS)).where(
        c.day == start, c.year.between(first, last)
    )
    found = {(r[0], r[1]): [int(v) for v in r[2:]] for r in connection.execute(base)}
    for column, sign in ((f.since, 1), (f.until, -1)):
        changed = (
            select(f.year, f.state, func.count(), *(func.sum(f[name]) for name in SUMS))
            .where(column > start, column <= day, f.year.between(first, last))
            .group_by(f.year, f.state)
        )
        for r in connection.execute(changed):
            before = found.get((r[0], r[1]), _nothing())
            found[r[0], r[1]] = [a + sign * int(b) for a, b in zip(before, r[2:], strict=True)]
    return found


def _document(query: Query, cells: dict[tuple[int, int], list[int]]) -> dict[str, Any]:
    names = ("count", *SUMS)
    amount, back = (names.index(n) for n in _AMOUNTS[query.valuation])
    counted: dict[int, list[int]] = defaultdict(lambda: [0] * len(names))
    left: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (year, state), sums in cells.items():
        reason = why_left_out(query, _unpacked(state))
        if reason:
            left[reason] = [left[reason][0] + sums[0], left[reason][1] + sums[amount]]
        else:
            counted[year] = [a + b for a, b in zip(counted[year], sums, strict=True)]
    total = [sum(sums[at] for sums in counted.values()) for at in range(len(names))]
    return {
        "query": {
            "from": query.since.text,
            "to": query.until.text,
            "as_of": query.as_of.isoformat(),
            "rule": query.rule,
            "valuation": query.valuation,
            "disputed": "counted" if query.disputed else "left out",
        },
        "count": total[0],
        "usd": _dollars(total[amount]),
        "low": _dollars(total[names.index("low")]),
        "high": _dollars(total[names.index("high")]),
        "recovered_usd": _dollars(total[back]),
        "frozen_usd": _dollars(total[names.index("frozen")]),
        "net_usd": _dollars(total[amount] - total[back]),
        "by_year": [
            {"year": year, "count": sums[0], "usd": _dollars(sums[amount])}
            for year, sums in sorted(counted.items())
            if sums[0]
        ],
        "left_out": [
            {"reason": name, "means": means, "count": left[name][0], "usd": _dollars(left[name][1])}
            for name, means in REASONS.items()
            if left.get(name, [0])[0]
        ],
    }


def _dollars(cents: int) -> str:
    return f"{Decimal(cents) / _CENT:f}"
