"""What `bongsu ledger` shows people: the same answers that JSON carries, as tables and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.cli.shell import out, plural

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from rich.table import Table

    from bongsu.ledger.reconcile import Comparison
    from bongsu.ledger.records import Claim, Ledger
    from bongsu.ledger.total import Query, Row, Total
    from bongsu.ledger.value import Valuation

_SOME = 12
"""So many ids stand in a table for people; JSON has them all."""
_FIGURES = {"USD", "n", "count", "published", "ours then", "ours now", "gap", "ours", "published USD", "difference"}
_WIDE = 150


def dollars(amount: Decimal | None) -> str:
    """Return whole dollars with separators, nothing for no amount."""
    return "" if amount is None else f"{amount:,.0f}"


def grid(*columns: str) -> Table:
    """Return an empty table; figures stand to the right, ids and dates are never broken."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for name in columns:
        made.add_column(name, justify="right" if name in _FIGURES else "left", no_wrap=name != "victim")
    return made


def put(made: Table) -> None:
    """Print a table with room enough for ids and figures, also where the output is no terminal."""
    from rich.console import Console

    Console(file=out.file, width=max(out.width, _WIDE), highlight=False).print(made)


def say(text: str) -> None:
    """Print a line as it is, however long: breaking it is the terminal's business."""
    out.print(text, soft_wrap=True)


def heading(query: Query) -> None:
    """Say what was asked."""
    say(
        f"Suspected DPRK thefts of crypto, {query.since} to {query.until}, as of {query.as_of}, rule {query.rule}, "
        f"{query.valuation} figures"
    )


def show_total(answer: Total) -> None:
    """Show a total, its years, and what was left out."""
    from bongsu.ledger.total import REASONS, by_year

    heading(answer.query)
    count = len(answer.counted)
    say(
        f"{count} {plural(count, 'attack')}, ${dollars(answer.usd)} "
        f"(${dollars(answer.low)} to ${dollars(answer.high)}, by the lowest and highest published figures)"
    )
    say(
        f"recovered ${dollars(answer.recovered)}, so net ${dollars(answer.net)}; "
        f"frozen besides ${dollars(answer.frozen)}"
    )
    made = grid("year", "count", "USD")
    for year, (number, amount) in by_year(answer.counted).items():
        made.add_row(str(year), str(number), dollars(amount))
    say("")
    put(made)
    if answer.left_out:
        say("\nLeft out:")
    for reason, means in REASONS.items():
        _left_out(reason, means, [r for r in answer.left_out if r.reason == reason])


def _left_out(reason: str, means: str, rows: list[Row]) -> None:
    if not rows:
        return
    from bongsu.ledger.standing import ZERO

    amount = sum((r.usd for r in rows if r.usd is not None), ZERO)
    say(f"  {reason}: {len(rows)}, ${dollars(amount)} - {means}")
    largest = sorted(rows, key=lambda r: (-(r.usd or ZERO), r.standing.incident))[:_SOME]
    more = f" and {len(rows) - _SOME} more (--format json lists all)" if len(rows) > _SOME else ""
    say(f"    {', '.join(r.standing.incident for r in largest)}{more}")


def show_reconciled(book: Ledger, found: list[Comparison]) -> None:
    """Show published totals beside ours, then a sentence on each."""
    from bongsu.ledger.reconcile import statement

    made = grid("id", "published on", "from", "to", "rule", "published", "n", "ours then", "n", "ours now", "n", "gap")
    for c in found:
        p = c.published
        made.add_row(
            *(p.id, p.published_on.text, p.since.text, p.until.text, p.rule),
            *(dollars(p.usd), "" if p.count is None else str(p.count)),
            *(dollars(c.then.usd), str(len(c.then.counted)), dollars(c.now.usd), str(len(c.now.counted))),
            dollars(c.gap),
        )
    put(made)
    say(
        "\n'Then' is what our claims show as of the day of publication, 'now' as of the day asked; "
        "the gap is published less now."
    )
    for c in found:
        restated = f" Restated since, as {c.restated_by}." if c.restated_by else ""
        say(f"{c.published.id}: {statement(book, c)}{restated}")


def show_values(found: list[Valuation]) -> None:
    """Show our valuations beside the published figures, then where the prices come from."""
    made = grid("id", "date", "ours", "published USD", "difference", "without a price")
    for v in found:
        missing = ", ".join(p.claim.unit for p in v.parts if p.usd is None)
        figure = ("" if v.complete else "at least ") + dollars(v.usd)
        published = dollars(v.published.value if v.published else None)
        made.add_row(v.incident, v.day, figure, published, dollars(v.difference), missing)
    say("Native units times the price of the day, in US dollars")
    put(made)
    say("")
    for source in sorted({p.source for v in found for p in v.parts if p.source}):
        say(f"price: {source}")


def show_list(book: Ledger, rows: Iterable[Row]) -> None:
    """Show incidents, one a line."""
    made = grid("date", "id", "victim", "USD", "attributed by", "left out")
    for row in rows:
        s = row.standing
        by = s.attribution.publisher if s.attribution else ""
        made.add_row(row.when.text, s.incident, book.incidents[s.incident].title, dollars(s.usd), by, row.reason)
    put(made)


def show_story(book: Ledger, key: str, day: date) -> None:
    """Tell an incident's story."""
    from bongsu.ledger.story import story

    now, claims, relations = story(book, key, day)
    incident = book.incidents[key]
    where = f", {incident.country}" if incident.country else ""
    say(f"{incident.title} ({key}), {incident.victim_type}{where}")
    if now.date:
        amount = f"${dollars(now.usd)}" if now.usd is not None else "an amount that was not published"
        span = f" (${dollars(now.low)} to ${dollars(now.high)})" if now.low != now.high else ""
        say(f"As of {day}: {now.date.text}, {amount}{span}.")
    if now.attribution:
        who = book.actors[now.attribution.text].name
        say(f"Weightiest attribution: {who}, says {book.publishers[now.attribution.publisher].name}.")
    if now.disputes:
        say(f"Disputed by {', '.join(sorted({book.publishers[d.publisher].name for d in now.disputes}))}.")
    if now.duplicate_of:
        say(f"Not counted: part of, or the same as, {now.duplicate_of}.")
    if not claims:
        say(f"Nothing had been published of it by {day}.")
    say("")
    for claim in claims:
        say(f"{claim.published_on.text:<10}  {_said(book, claim)}")
        read = f", read in <{claim.via}>" if claim.via else ""
        say(f"{'':<10}  {claim.document} <{claim.url}>{read}")
    for x in relations:
        verb = x.kind.replace("-", " ")
        by = book.publishers[x.publisher].name
        say(f"{x.published_on.text:<10}  {x.incident} {verb} {x.other}: {x.note} ({by}, confidence {x.confidence})")


def _said(book: Ledger, claim: Claim) -> str:
    from bongsu.ledger.story import phrase

    note = f" [{claim.note}]" if claim.note else ""
    by = book.publishers[claim.publisher].name
    return f"{by}: {phrase(book, claim)}{note} ({claim.basis}, confidence {claim.confidence})"
