"""`bongsu ledger`: what was stolen, who says so, since when; totals as queries."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli import ledger_tables as tables
from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from datetime import date

    from bongsu.ledger.records import Ledger
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
    str | None,
    typer.Option(metavar="DATE", help="Use only what had been published by then (2024, 2024-02, 2024-02-07)."),
]
Since = Annotated[str, typer.Option("--from", metavar="DATE", help="First year, month or day of the period.")]
Until = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Last year, month or day; none: to the newest.")
]
RuleOption = Annotated[Rule, typer.Option(help="Whose attribution counts; each takes the stricter ones too.")]
Form = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]


@app.command("check")
def check_ledger(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A ledger's folder.")] = None,
) -> None:
    """Check a ledger's files: ids, dates, references, addresses, sources and sums."""
    from bongsu.ledger.check import check, notes
    from bongsu.ledger.files import read_folder, shipped

    reading = read_folder(folder or shipped())
    problems = sorted([*reading.problems, *check(reading.ledger)], key=lambda p: (p.source or "", p.line or 0))
    for problem in problems:
        _remark(f"{problem.where}: {problem.message}")
        if problem.hint:
            _remark(f"  to mend it: {problem.hint}")
    book = reading.ledger
    for remark in notes(book):
        tables.say(f"note: {remark}")
    counted = f"{len(book.incidents)} incidents, {len(book.claims)} claims, {len(book.aggregates)} published totals"
    if problems:
        _remark(f"{len(problems)} {plural(len(problems), 'problem')} in {counted}.")
        raise typer.Exit(2)
    tables.say(f"{counted}: nothing wrong.")


@app.command("total")
def show_total(
    since: Since = "2009",
    until: Until = None,
    as_of: AsOf = None,
    rule: RuleOption = Rule.ALL,
    valuation: Annotated[Value, typer.Option(help="Which published figure of an incident counts.")] = Value.AT_THEFT,
    disputed: Annotated[
        bool, typer.Option("--disputed", help="Count incidents whose attribution is disputed.")
    ] = False,
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
        tables.show_total(answer)


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
        tables.show_reconciled(book, found)


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
        tables.show_values(found)


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
        tables.show_story(book, incident, day)


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
    tables.show_list(
        book, sorted((*answer.counted, *answer.left_out), key=lambda r: (r.when.first, r.standing.incident))
    )


@app.command("export")
def export_ledger(
    form: Annotated[Out, typer.Option("--format", help="A folder of CSV files, one JSON document, or STIX 2.1.")],
    into: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="Folder for csv; file for json and stix.")
    ] = None,
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
        _remark(f"The ledger stands in {into}: {len(book.incidents)} incidents, {len(book.claims)} claims.")
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
    kind: Annotated[
        str, typer.Option("--class", help="government, un-panel, vendor, researcher, victim or press.")
    ] = "researcher",
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
    given = known if known and name in {"", known.name} else Publisher(partner, name or partner, kind, url, "")
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
    tables.say(
        f"{len(found.added)} added, {len(found.competing)} kept as competing, {found.same} the same already"
        + (" (nothing written)" if dry_run else "")
        + "."
    )
    for verb, names in (("added", found.added), ("competing", found.competing), ("kept as ours", found.kept_aside)):
        for each in names[:20]:
            tables.say(f"  {verb}: {each}")
        if len(names) > 20:  # noqa: PLR2004 - a screenful
            tables.say(f"  {verb}: and {len(names) - 20} more; --format json lists all")


@app.command("picture")
def draw_pictures(
    into: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the pictures go.")] = Path(
        "ledger-pictures"
    ),
    as_of: AsOf = None,
    folder: Folder = None,
) -> None:
    """Draw losses by year, against published totals, by actor, by victim and by country; SVG and PNG."""
    from bongsu.ledger.picture import draw
    from bongsu.ledger.total import newest

    book = _read(folder)
    for path in draw(book, _day(as_of) or newest(book), into):
        tables.say(str(path))


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
    _remark(f"The page is {into}.")


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
            elif not batches:
                tables.say("Nothing has been stored here yet.")
            for batch in batches if form is Format.TABLE else ():
                counts = f"{batch['added']} new, {batch['changed']} changed, {batch['withdrawn']} withdrawn"
                tables.say(f"batch {batch['batch']}: {counts}; newest document {batch['newest']}")
            return
        done = kept.save(_read(folder))
    if form is Format.JSON:
        _json(done)
    else:
        tables.say(
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
    tables.heading(query)
    tables.say(f"{answer['count']} attacks, ${_shown(answer['usd'])} ({_span(answer['low'], answer['high'])})")
    tables.say(f"recovered ${_shown(answer['recovered_usd'])}, net ${_shown(answer['net_usd'])}")
    for left in answer["left_out"]:
        tables.say(f"left out, {left['reason']}: {left['count']}, ${_shown(left['usd'])}")


def _span(low: str, high: str) -> str:
    return f"${_shown(low)} to ${_shown(high)}"


def _shown(amount: str) -> str:
    from decimal import Decimal

    return tables.dollars(Decimal(amount))


def _remark(text: str) -> None:
    err.print(text, soft_wrap=True)


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
