"""`bongsu ledger`: what was stolen, who says so, since when; totals as queries."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from rich.table import Table

    from bongsu.ledger.records import Claim, Ledger
    from bongsu.ledger.reconcile import Comparison
    from bongsu.ledger.total import Total
    from bongsu.ledger.value import Valuation
    from bongsu.ledger.when import Period

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What was stolen, who says so, since when: claims with sources, and totals as queries over them.",
)


class Rule(StrEnum):
    """Whose attribution counts: each rule also takes what the stricter ones before it take."""

    GOVERNMENT = "government"
    UN_PANEL = "un-panel"
    VENDOR = "vendor"
    ALL = "all"


class Value(StrEnum):
    """Which published figure of an incident counts."""

    AT_THEFT = "at-theft"
    LOW = "low"
    HIGH = "high"


class Out(StrEnum):
    """Forms in which the ledger leaves."""

    CSV = "csv"
    JSON = "json"
    STIX = "stix"


Folder = Annotated[Path | None, typer.Option("--ledger", help="A ledger's folder, instead of the shipped one.")]
Store = Annotated[str | None, typer.Option(help="A store's URL (sqlite:///F or postgresql://…), instead of files.")]
AsOf = Annotated[
    str | None, typer.Option(metavar="DATE", help="Use only what had been published by then (2024, 2024-02, 2024-02-07).")
]
Since = Annotated[str, typer.Option("--from", metavar="DATE", help="First year, month or day of the period.")]
Until = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last year, month or day; none: to the newest.")]
RuleOption = Annotated[Rule, typer.Option(help="Whose attribution counts; each takes the stricter ones too.")]
Form = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]


@app.command("check")
def check_ledger(folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A ledger's folder.")] = None) -> None:
    """Check a ledger's files: ids, dates, references, addresses, sources and sums."""
    from bongsu.ledger.check import check, notes
    from bongsu.ledger.files import read_folder, shipped

    reading = read_folder(folder or shipped())
    problems = sorted([*reading.problems, *check(reading.ledger)], key=lambda p: (p.source or "", p.line or 0))
    for problem in problems:
        err.print(f"{problem.where}: {problem.message}", markup=False)
        if problem.hint:
            err.print(f"  to mend it: {problem.hint}", markup=False)
    book = reading.ledger
    for remark in notes(book):
        out.print(f"note: {remark}", markup=False)
    counted = f"{len(book.incidents)} incidents, {len(book.claims)} claims, {len(book.aggregates)} published totals"
    if problems:
        err.print(f"{len(problems)} {plural(len(problems), 'problem')} in {counted}.")
        raise typer.Exit(2)
    out.print(f"{counted}: nothing wrong.")


@app.command("total")
def show_total(
    since: Since = "2009",
    until: Until = None,
    as_of: AsOf = None,
    rule: RuleOption = Rule.ALL,
    valuation: Annotated[Value, typer.Option(help="Which published figure of an incident counts.")] = Value.AT_THEFT,
    disputed: Annotated[bool, typer.Option("--disputed", help="Count incidents whose attribution is disputed.")] = False,
    form: Form = Format.TABLE,
    folder: Folder = None,
    store: Store = None,
) -> None:
    """Count attacks and dollars, and say what was left out and why."""
    from bongsu.ledger.total import Query, document, newest, total

    if store is not None:
        _show_stored(store, since, until, as_of, rule, valuation, disputed, form)
        return
    book = _read(folder)
    day = _day(as_of) or newest(book)
    first, last = _period(since, until, newest(book))
    answer = total(book, Query(first, last, day, rule.value, valuation.value, disputed))
    if form is Format.JSON:
        _json(document(answer))
    else:
        _show_total(answer)


@app.command("reconcile")
def show_reconciled(as_of: AsOf = None, form: Form = Format.TABLE, folder: Folder = None) -> None:
    """Set each published total beside ours for the same period, with the gap and what could explain it."""
    from bongsu.ledger.reconcile import document, reconcile
    from bongsu.ledger.total import newest

    book = _read(folder)
    found = reconcile(book, _day(as_of) or newest(book))
    if form is Format.JSON:
        _json(document(book, found))
    else:
        _show_reconciled(book, found)


@app.command("value")
def show_values(as_of: AsOf = None, form: Form = Format.TABLE, folder: Folder = None) -> None:
    """Value losses ourselves, from native units and sourced prices, beside the published figures."""
    from bongsu.ledger.total import newest
    from bongsu.ledger.value import document, valuations

    book = _read(folder)
    found = valuations(book, _day(as_of) or newest(book))
    if form is Format.JSON:
        _json(document(found))
    else:
        _show_values(found)


@app.command("show")
def show_incident(
    incident: Annotated[str, typer.Argument(metavar="ID", help="The incident's id.")],
    as_of: AsOf = None,
    form: Form = Format.TABLE,
    folder: Folder = None,
) -> None:
    """Tell an incident's story: every claim in the order it became known, with its source."""
    from bongsu.ledger.story import document
    from bongsu.ledger.total import newest

    book = _read(folder)
    day = _day(as_of) or newest(book)
    if form is Format.JSON:
        _json(document(book, incident, day))
    else:
        _show_story(book, incident, day)


@app.command("list")
def list_incidents(
    since: Since = "2009",
    until: Until = None,
    as_of: AsOf = None,
    rule: RuleOption = Rule.ALL,
    form: Form = Format.TABLE,
    folder: Folder = None,
) -> None:
    """List the incidents of a period, counted or left out."""
    from bongsu.ledger.total import Query, document, newest, total

    book = _read(folder)
    first, last = _period(since, until, newest(book))
    answer = total(book, Query(first, last, _day(as_of) or newest(book), rule.value))
    if form is Format.JSON:
        given = document(answer)
        _json({"incidents": given["incidents"], "left_out": given["left_out"]})
        return
    table = _table("", "date", "id", "victim", "USD", "attributed by", "left out")
    rows = sorted((*answer.counted, *answer.left_out), key=lambda r: (r.when.first, r.standing.incident))
    for row in rows:
        s = row.standing
        title = book.incidents[s.incident].title
        by = s.attribution.publisher if s.attribution else ""
        table.add_row(row.when.text, s.incident, title, _usd(s.usd), by, row.reason)
    out.print(table)


@app.command("export")
def export_ledger(
    form: Annotated[Out, typer.Option("--format", help="A folder of CSV files, one JSON document, or STIX 2.1.")],
    into: Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Folder for csv; file for json and stix.")] = None,
    as_of: AsOf = None,
    folder: Folder = None,
    store: Store = None,
) -> None:
    """Write the ledger as CSV files, JSON or STIX 2.1."""
    from bongsu.ledger.exchange import to_document
    from bongsu.ledger.files import write_folder
    from bongsu.ledger.stix import bundle
    from bongsu.ledger.total import newest

    book = _from_store(store) if store else _read(folder)
    if form is Out.CSV:
        if into is None:
            raise typer.BadParameter("csv makes several files: name a folder with --out DIR")
        write_folder(book, into)
        err.print(f"The ledger stands in {into}: {len(book.incidents)} incidents, {len(book.claims)} claims.", markup=False)
        return
    if form is Out.JSON:
        _write(_dump(to_document(book)), into)
    else:
        _write(bundle(book, _day(as_of) or newest(book)), into)


@app.command("import")
def import_ledger(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A partner's ledger: a folder or a JSON document.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The folder of our ledger.")],
    partner: Annotated[str, typer.Option(help="The partner's id, as in publishers.csv.")],
    name: Annotated[str, typer.Option(help="The partner's name, where the ledger does not know it yet.")] = "",
    kind: Annotated[str, typer.Option("--class", help="government, un-panel, vendor, researcher, victim or press.")] = "researcher",
    published: Annotated[str, typer.Option(metavar="DATE", help="When the partner's ledger came out.")] = "",
    url: Annotated[str, typer.Option(help="Where the partner's ledger is published.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Take in a partner's ledger: nothing is overwritten, what differs becomes a competing claim."""
    from bongsu.ledger.check import check
    from bongsu.ledger.exchange import read_any
    from bongsu.ledger.files import write_folder
    from bongsu.ledger.merge import Partner, merge
    from bongsu.ledger.records import Publisher
    from bongsu.ledger.total import newest
    from bongsu.ledger.when import parse_period

    ours, theirs = _read(into), read_any(source)
    known = ours.publishers.get(partner) or theirs.publishers.get(partner)
    given = known or Publisher(partner, name or partner, kind, url, "")
    when = parse_period(published) if published else parse_period(newest(theirs).isoformat())
    found = merge(ours, theirs, Partner(given, f"Ledger of {given.name}", when, url or given.url))
    if problems := check(found.ledger):
        raise SourceError(
            f"merged, the ledger would not hold: {problems[0].message}",
            source=str(source),
            hint=f"{problems[0].hint}; nothing was written. Differing descriptions need --url: it is their source",
        )
    if not dry_run and (found.added or found.competing):
        write_folder(found.ledger, into)
    if form is Format.JSON:
        _json(
            {
                "added": list(found.added),
                "competing": list(found.competing),
                "same": found.same,
                "kept_ours": list(found.kept_aside),
                "written": not dry_run and bool(found.added or found.competing),
            }
        )
        return
    out.print(
        f"{len(found.added)} added, {len(found.competing)} kept as competing, {found.same} the same already"
        + (" (nothing written)" if dry_run else "")
        + ".",
        markup=False,
    )
    for verb, names in (("added", found.added), ("competing", found.competing), ("kept as ours", found.kept_aside)):
        for each in names[:20]:
            out.print(f"  {verb}: {each}", markup=False)
        if len(names) > 20:  # noqa: PLR2004 - a screenful
            out.print(f"  {verb}: and {len(names) - 20} more; --format json lists all", markup=False)


@app.command("picture")
def draw_pictures(
    into: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the pictures go.")] = Path("ledger-pictures"),
    as_of: AsOf = None,
    folder: Folder = None,
) -> None:
    """Draw losses by year, against published totals, by actor, by victim and by country; SVG and PNG."""
    from bongsu.ledger.picture import draw
    from bongsu.ledger.total import newest

    book = _read(folder)
    for path in draw(book, _day(as_of) or newest(book), into):
        out.print(str(path), markup=False)


@app.command("page")
def write_page(
    into: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the page goes.")] = Path("ledger.html"),
    as_of: AsOf = None,
    folder: Folder = None,
) -> None:
    """Write the ledger as one HTML page with search, filters and an anchor for each incident."""
    from bongsu.ledger.page import page
    from bongsu.ledger.total import newest

    book = _read(folder)
    _write(page(book, _day(as_of) or newest(book)), into)
    err.print(f"The page is {into}.", markup=False)


@app.command("store")
def store_ledger(
    url: Annotated[str, typer.Argument(metavar="URL", help="sqlite:///FILE or postgresql://user@host/database.")],
    folder: Folder = None,
    history: Annotated[bool, typer.Option("--history", help="Only show what was stored when.")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Keep the ledger in a database, every version of every record; again, and only what changed is added."""
    from bongsu.store.ledger import LedgerStore

    with LedgerStore(url) as kept:
        if history:
            batches = kept.history()
            if form is Format.JSON:
                _json(batches)
            for batch in batches if form is Format.TABLE else ():
                out.print(
                    f"batch {batch['batch']}: {batch['added']} new, {batch['changed']} changed, "
                    f"{batch['withdrawn']} withdrawn"
                )
            return
        done = kept.save(_read(folder))
    if form is Format.JSON:
        _json(done)
    else:
        out.print(
            f"batch {done['batch']}: {done['added']} new, {done['changed']} changed, {done['withdrawn']} withdrawn."
            if done["batch"]
            else "Nothing has changed."
        )


def _show_stored(
    url: str,
    since: str,
    until: str | None,
    as_of: str | None,
    rule: Rule,
    valuation: Value,
    disputed: bool,
    form: Format,
) -> None:
    from bongsu.ledger.total import Query
    from bongsu.store.ledger import LedgerStore

    with LedgerStore(url) as kept:
        newest = kept.newest()
        first, last = _period(since, until, newest)
        query = Query(first, last, _day(as_of) or newest, rule.value, valuation.value, disputed)
        answer = kept.total(query)
    if form is Format.JSON:
        _json(answer)
        return
    _heading(query.since, query.until, query.as_of, query.rule, query.valuation)
    out.print(f"{answer['count']} attacks, ${float(answer['usd']):,.0f} ({_span(answer['low'], answer['high'])})")
    out.print(f"recovered ${float(answer['recovered_usd']):,.0f}, net ${float(answer['net_usd']):,.0f}")
    for left in answer["left_out"]:
        out.print(f"left out, {left['reason']}: {left['count']}, ${float(left['usd']):,.0f}", markup=False)


def _span(low: str, high: str) -> str:
    return f"${float(low):,.0f} to ${float(high):,.0f}"


def _read(folder: Path | None) -> Ledger:
    from bongsu.ledger.files import read_ledger

    return read_ledger(folder)


def _from_store(url: str) -> Ledger:
    from bongsu.store.ledger import LedgerStore

    with LedgerStore(url) as kept:
        return kept.load()


def _day(text: str | None) -> date | None:
    """Return the last day of what --as-of says."""
    return None if text is None else _parsed("--as-of", text).last


def _period(since: str, until: str | None, newest: date) -> tuple[Period, Period]:
    first = _parsed("--from", since)
    last = _parsed("--to", until) if until else _parsed("--to", newest.isoformat())
    if first.first > last.last:
        raise typer.BadParameter(f"the period ends ({last}) before it begins ({first})")
    return first, last


def _parsed(option: str, text: str) -> Period:
    from bongsu.ledger.when import parse_period

    try:
        return parse_period(text)
    except RecordError as error:
        raise typer.BadParameter(f"{option} {error.message}: {error.hint}") from None


def _dump(value: object) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _json(value: object) -> None:
    out.file.write(_dump(value))


def _write(text: str, path: Path | None) -> None:
    if path is None:
        out.file.write(text)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise SourceError(f"it cannot be written: {error.strerror}", source=str(path)) from None


def _usd(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.0f}"


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        right = name in {"USD", "low", "high", "count", "n", "published", "ours then", "ours now", "gap", "published USD", "difference", "ours"}
        table.add_column(name, justify="right" if right else "left", no_wrap=right or name in {"id", "date"})
    return table


def _heading(since: Period, until: Period, as_of: date, rule: str, valuation: str) -> None:
    out.print(f"Suspected DPRK thefts of crypto, {since} to {until}, as of {as_of}, rule {rule}, {valuation} figures")


def _show_total(answer: Total) -> None:
    from bongsu.ledger.total import REASONS, by_year

    q = answer.query
    _heading(q.since, q.until, q.as_of, q.rule, q.valuation)
    out.print(
        f"{len(answer.counted)} {plural(len(answer.counted), 'attack')}, ${_usd(answer.usd)} "
        f"(${_usd(answer.low)} to ${_usd(answer.high)})"
    )
    out.print(f"recovered ${_usd(answer.recovered)}, so net ${_usd(answer.net)}; frozen besides ${_usd(answer.frozen)}")
    table = _table("", "year", "count", "USD")
    for year, (count, usd) in by_year(answer.counted).items():
        table.add_row(str(year), str(count), _usd(usd))
    out.print()
    out.print(table)
    if answer.left_out:
        out.print()
        out.print("Left out:")
    for reason, means in REASONS.items():
        rows = [r for r in answer.left_out if r.reason == reason]
        if rows:
            usd = sum(r.usd for r in rows if r.usd is not None)
            out.print(f"  {reason}: {len(rows)}, ${usd:,.0f} - {means}", markup=False)
            out.print(f"    {', '.join(r.standing.incident for r in rows)}", markup=False)


def _show_reconciled(book: Ledger, found: Iterable[Comparison]) -> None:
    from bongsu.ledger.reconcile import statement

    items = list(found)
    table = _table("", "id", "published on", "from", "to", "rule", "published", "n", "ours then", "n", "ours now", "n", "gap")
    for c in items:
        p = c.published
        table.add_row(
            p.id,
            p.published_on.text,
            p.since.text,
            p.until.text,
            p.rule,
            _usd(p.usd),
            "" if p.count is None else str(p.count),
            _usd(c.then.usd),
            str(len(c.then.counted)),
            _usd(c.now.usd),
            str(len(c.now.counted)),
            _usd(c.gap),
        )
    out.print(table)
    out.print()
    out.print("'Then' is what our claims show as of the day of publication, 'now' as of the day asked; gap: published less now.")
    for c in items:
        restated = f" Restated since, as {c.restated_by}." if c.restated_by else ""
        out.print(f"{c.published.id}: {statement(book, c)}{restated}", markup=False)


def _show_values(found: Iterable[Valuation]) -> None:
    items = list(found)
    table = _table("Native units times the price of the day", "incident", "date", "ours", "published USD", "difference", "without a price")
    for v in items:
        missing = ", ".join(p.claim.unit for p in v.parts if p.usd is None)
        figure = ("" if v.complete else "at least ") + _usd(v.usd)
        table.add_row(v.incident, v.day, figure, _usd(v.published.value if v.published else None), _usd(v.difference), missing)
    out.print(table)
    out.print()
    for source in sorted({p.source for v in items for p in v.parts if p.source}):
        out.print(f"price: {source}", markup=False)


def _show_story(book: Ledger, key: str, day: date) -> None:
    from bongsu.ledger.story import story

    now, claims, relations = story(book, key, day)
    incident = book.incidents[key]
    out.print(f"{incident.title} ({key}), {incident.victim_type}" + (f", {incident.country}" if incident.country else ""), markup=False)
    if now.date:
        known_for = f"${_usd(now.usd)}" if now.usd is not None else "an amount not published"
        span = f" (${_usd(now.low)} to ${_usd(now.high)})" if now.low != now.high else ""
        out.print(f"As of {day}: {now.date.text}, {known_for}{span}.", markup=False)
    if now.attribution:
        who = book.actors[now.attribution.text].name
        out.print(f"Weightiest attribution: {who}, says {book.publishers[now.attribution.publisher].name}.", markup=False)
    if now.disputes:
        out.print(f"Disputed by {', '.join(sorted({book.publishers[d.publisher].name for d in now.disputes}))}.", markup=False)
    out.print()
    for claim in claims:
        out.print(f"{claim.published_on}  {_said(book, claim)}", markup=False)
        out.print(f"            {claim.document} <{claim.url}>" + (f", read in <{claim.via}>" if claim.via else ""), markup=False)
    for x in relations:
        other = x.other if x.incident == key else x.incident
        verb = x.kind.replace("-", " ") if x.incident == key else f"has as {x.kind.replace('-', ' ')}"
        out.print(f"{x.published_on}  {verb} {other}: {x.note} (says {book.publishers[x.publisher].name}, confidence {x.confidence})", markup=False)


def _said(book: Ledger, claim: Claim) -> str:
    from bongsu.ledger.story import phrase

    note = f" [{claim.note}]" if claim.note else ""
    return f"{book.publishers[claim.publisher].name}: {phrase(book, claim)}{note} ({claim.basis}, confidence {claim.confidence})"
