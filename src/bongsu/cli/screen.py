"""`bongsu screen`: names, wallets and files against sanctions lists, with the reasons."""

from __future__ import annotations

import csv
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bongsu.screen.index import Index
    from bongsu.screen.query import Answer, Hit, Query

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Screen names, wallets and ships against sanctions lists, with the reasons.",
)
lists_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True, help="Show or fetch the lists.")
app.add_typer(lists_app, name="lists")

MOST_NAME = 1000
_NAME_COLUMNS = ("name", "hangul", "hanja", "alias", "aliases")
_QUERY_COLUMNS = ("birth", "birth_place", "country", "position", "id_number", "imo", "flag", "email")


class Rows(StrEnum):
    """How `compare` writes its results."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


ListsOption = Annotated[
    list[Path] | None,
    typer.Option("--lists", metavar="DIR|FILE", help="Lists to screen against; else those fetched. Repeatable."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]
SchemaOption = Annotated[str, typer.Option(help="person, organisation, vessel, aircraft or unknown.")]
ThresholdOption = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, help="Least score shown; the review band's by default.")
]


@app.command("name")
def screen_name(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name in any writing.")],
    lists: ListsOption = None,
    schema: SchemaOption = "unknown",
    birth: Annotated[list[str] | None, typer.Option(help="Date of birth: 1984, 1984-08 or 1984-08-15.")] = None,
    birth_place: Annotated[list[str] | None, typer.Option(help="Place of birth.")] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Nationality: it may lower a score, never raise it.")
    ] = None,
    position: Annotated[list[str] | None, typer.Option(help="Employer or position.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="Number of a passport or registration.")] = None,
    imo: Annotated[list[str] | None, typer.Option(help="IMO number of a ship or its company.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    threshold: ThresholdOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Screen one name against the lists."""
    from bongsu.screen.match import screen

    query = _query(
        {
            "names": [text],
            "schema": schema,
            "birth": birth or [],
            "birth_place": birth_place or [],
            "country": country or [],
            "position": position or [],
            "id_number": document or [],
            "imo": imo or [],
            "email": email or [],
        }
    )
    if not query.names:
        raise RecordError("the name is empty", hint="give a name; a wallet goes to `bongsu screen address`")
    index = _open(lists)
    answer = screen(index, query, threshold=threshold)
    if form is Format.JSON:
        _write(_answer(index, answer) | {"query": text})
        return
    _show(index, answer, text)


@app.command("address")
def screen_address(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A wallet address.")],
    lists: ListsOption = None,
    chain: Annotated[str, typer.Option(help="Its chain, where the text alone does not tell.")] = "",
    case: Annotated[
        str | None, typer.Option(help="A case: say too whether its stolen money came to the address.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Screen one wallet address against the lists, and against the money of a case."""
    from bongsu.screen.compare import band
    from bongsu.screen.match import wallet_hits
    from bongsu.screen.query import Answer

    index = _open(lists)
    hits = tuple(wallet_hits(index, text, chain))
    exposure = _exposure(case, text) if case else []
    answer = Answer(hits, max((h.band for h in hits), key=("clear", "review", "strong").index, default=band(0.0)))
    if form is Format.JSON:
        _write(_answer(index, answer) | {"query": text, "exposure": exposure})
        return
    _show(index, answer, text)
    for line in exposure:
        out.print(f"{line['amount']} {line['asset']} stolen in {line['theft']} rest here under {line['policy']}")
    if case and not exposure:
        out.print(f"No stolen money of {case} rests here under fifo.")


def _exposure(case: str, text: str) -> list[dict[str, str]]:
    """Return the stolen money of a case that rests at an address, under FIFO."""
    from bongsu.screen.wallets import fast_key
    from bongsu.trace.case import find_case, read_case
    from bongsu.trace.policies import POLICIES
    from bongsu.trace.run import run

    read = read_case(find_case(case), keep_going=False)
    trace = run(POLICIES["fifo"], read.transfers, read.stolen_from, read.venues)
    wanted = fast_key(text.strip())
    return [
        {
            "theft": p.theft,
            "chain": p.address.chain,
            "asset": p.asset.symbol,
            "amount": p.asset.text(p.amount),
            "policy": trace.policy,
        }
        for p in trace.positions
        if p.address.text == wanted
    ]


@app.command("file")
def screen_file(
    path: Annotated[Path, typer.Argument(metavar="IN.csv", help="CSV with a column name and/or address.")],
    to: Annotated[Path, typer.Option("--out", metavar="OUT.jsonl", help="One JSON line for each row.")],
    lists: ListsOption = None,
    threshold: ThresholdOption = None,
) -> None:
    """Screen the rows of a CSV; called again after a break, go on where it stopped.

    Columns: id, name (or hangul, hanja, aliases), address, chain, schema, birth, birth_place, country,
    position, id_number,
    imo, flag, email. Several values in a cell are parted by semicolons.
    """
    index = _open(lists)
    total = sum(1 for _ in _input(path))
    done = _resume(path, to)
    if done:
        err.print(f"{done} {plural(done, 'row')} stand in {to} already; going on from there")
    counts = {"clear": 0, "review": 0, "strong": 0, "error": 0}
    try:
        with to.open("a", encoding="utf-8") as file:
            for number, row in _progress(_input(path), total):
                if number <= done:
                    continue
                line = _screened(index, row, number, threshold)
                counts[line["band"]] += 1
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise SourceError(f"the results cannot be written: {error.strerror}", source=str(to)) from None
    said = ", ".join(f"{count} {band}" for band, count in counts.items() if count)
    err.print(f"{total - done} {plural(total - done, 'row')} screened: {said or 'none'}; results in {to}")


def _input(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows with their number, from 1."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = [(h or "").strip().lower() for h in reader.fieldnames or ()]
            if not {*_NAME_COLUMNS, "address", "imo", "id_number", "email"} & set(header):
                raise SourceError(
                    "the table has neither a column name nor address",
                    source=str(path),
                    line=1,
                    hint="name the columns in the first line, for example: id,name,birth,address",
                )
            reader.fieldnames = header
            for number, row in enumerate(reader, 1):
                yield number, {k: v for k, v in row.items() if k and isinstance(v, str)}
    except UnicodeDecodeError:
        raise SourceError("this table is not UTF-8", source=str(path), hint="save it as UTF-8") from None
    except csv.Error as error:
        raise SourceError(f"this CSV cannot be read: {error}", source=str(path)) from None
    except OSError as error:
        raise SourceError(f"the table cannot be read: {error.strerror}", source=str(path)) from None


def _resume(path: Path, to: Path) -> int:
    """Return how many rows stand in the output already, after cutting off a half-written last line."""
    if not to.exists():
        return 0
    done, good = 0, 0
    with to.open("rb") as file:
        for line in file:
            try:
                row = json.loads(line)
                fine = line.endswith(b"\n") and row["row"] == done + 1
            except (ValueError, KeyError, TypeError):
                fine = False
            if not fine:
                break
            done, good = done + 1, good + len(line)
    if not done and to.stat().st_size and good == 0:
        with to.open("rb") as file:
            if b"\n" in file.read(1 << 20):
                raise SourceError(
                    f"this is not an output of screening {path.name}", source=str(to), hint="name another --out"
                )
    with to.open("r+b") as file:
        file.truncate(good)
    return done


def _progress(rows: Iterable[tuple[int, dict[str, str]]], total: int) -> Iterable[tuple[int, dict[str, str]]]:
    from rich.progress import track

    return track(rows, description="screening", total=total, console=err, disable=not err.is_terminal)


def _screened(index: Index, row: dict[str, str], number: int, threshold: float | None) -> dict[str, Any]:
    """Return the result of one row; a row at fault says so in its own line."""
    from bongsu.screen.match import screen

    asked = {"row": number, "id": row.get("id", ""), "name": row.get("name", ""), "address": row.get("address", "")}
    fields: dict[str, Any] = {k: _several(row.get(k, "")) for k in _QUERY_COLUMNS}
    fields["names"] = [
        t for k in _NAME_COLUMNS for t in ([row[k]] if k == "name" and row.get(k) else _several(row.get(k, "")))
    ]
    fields["schema"] = row.get("schema", "") or "unknown"
    fields["wallets"] = _several(row.get("address", ""))
    try:
        query = _query(fields)
    except RecordError as error:
        return asked | {"band": "error", "error": error.message, "hits": []}
    if not (query.names or query.wallets or query.imo or query.ids or query.emails):
        return asked | {"band": "error", "error": "the row has neither a name nor an address", "hits": []}
    answer = screen(index, query, threshold=threshold)
    if answer.notes and not answer.hits:
        return asked | {"band": "error", "error": "; ".join(answer.notes), "hits": []}
    return asked | {"band": answer.band, "notes": list(answer.notes), "hits": [h.document() for h in answer.hits]}


def _several(text: str) -> list[str]:
    return [t.strip() for t in text.split(";") if t.strip()]


@app.command("compare")
def compare_names(
    a: Annotated[str | None, typer.Argument(metavar="[A]", help="A name in any writing.")] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="Another.")] = None,
    pairs: Annotated[Path | None, typer.Option(metavar="PAIRS.csv", help="CSV with the columns a,b,schema.")] = None,
    schema: SchemaOption = "unknown",
    form: Annotated[Rows, typer.Option("--format", help="For people, or for programs.")] = Rows.TABLE,
) -> None:
    """Compare two names, or the pairs of a file; the score says how likely they are one name."""
    if (pairs is None) == (a is None) or (a is not None and b is None):
        raise typer.BadParameter("give two names, or --pairs FILE")
    rows = _pairs(pairs) if pairs is not None else iter([(a or "", b or "", schema)])
    results = (_compared(*row) for row in rows)
    if form is Rows.JSONL:
        for result in results:
            out.file.write(json.dumps(result, ensure_ascii=False) + "\n")
    elif form is Rows.JSON:
        found = list(results)
        _write(found[0] if pairs is None else found)
    else:
        for result in results:
            out.print(f"{result['score']:.3f}  {result['band']}  {result['a']} | {result['b']}")
            for reason in result["reasons"]:
                out.print(f"       {reason}")


def _pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"a", "b"} <= set(reader.fieldnames or ()):
                raise SourceError("the table has no columns a and b", source=str(path), line=1, hint="a,b,schema")
            for row in reader:
                yield row["a"] or "", row["b"] or "", row.get("schema") or "unknown"
    except UnicodeDecodeError:
        raise SourceError("this table is not UTF-8", source=str(path), hint="save it as UTF-8") from None
    except csv.Error as error:
        raise SourceError(f"this CSV cannot be read: {error}", source=str(path)) from None
    except OSError as error:
        raise SourceError(f"the table cannot be read: {error.strerror}", source=str(path)) from None


def _compared(a: str, b: str, schema: str) -> dict[str, Any]:
    from bongsu.screen.compare import band, compare

    found = compare(a[:MOST_NAME], b[:MOST_NAME], _kind(schema))
    verdict = band(found.score)
    return {
        "a": a,
        "b": b,
        "schema": schema,
        "score": round(found.score, 4),
        "match": verdict != "clear",
        "band": verdict,
        "method": found.method,
        "reading": found.reading,
        "reasons": list(found.reasons),
    }


@lists_app.callback()
def show_lists(ctx: typer.Context, lists: ListsOption = None, form: FormatOption = Format.TABLE) -> None:
    """Show the lists that are loaded, from when they are, and whether they are whole."""
    if ctx.invoked_subcommand:
        return
    from bongsu.screen.engine import listings

    found = listings(lists or [])
    rows = [
        {
            "list": x.id,
            "title": x.title,
            "version": x.version,
            "age_days": _age(x.path),
            "entries": len(x.entries),
            "expected": x.expected,
            "whole": x.complete,
            "shortage": x.shortage,
            "unread": len(x.rejected),
            "sha256": x.sha256,
            "file": x.path,
        }
        for x in found
    ]
    if form is Format.JSON:
        _write(rows)
    else:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("list", "version", "entries", "unread", "state", "title"):
            table.add_column(name, justify="right" if name in {"entries", "unread"} else "left")
        for row in rows:
            state = f"ALARM: {row['shortage']}" if row["shortage"] else "whole"
            cells = (row[k] for k in ("list", "version", "entries", "unread"))
            table.add_row(*map(str, cells), state, str(row["title"]))
        out.print(table)
    for listing in found:
        for problem in listing.rejected[:3]:
            err.print(f"unread: {problem}")
    if len(found) == 1:
        err.print(
            "Only the shipped selection is loaded. Fetch lists with `bongsu screen lists update`, or name --lists."
        )


def _age(path: str) -> float | None:
    from bongsu.screen.update import age

    file = Path(path)
    return round(age(file), 1) if file.exists() else None


@lists_app.command("update")
def update_lists(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[LIST]...", help="Lists; all that can be fetched by default.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Where they are kept.")] = None,
) -> None:
    """Fetch lists from their publishers; an old list stays until the new one is whole."""
    from bongsu.screen.engine import data_folder
    from bongsu.screen.lists.load import catalogue
    from bongsu.screen.update import age, update

    folder = to or data_folder()
    failed = []
    for name in names or [k for k, v in catalogue().items() if v.url]:
        done = update(name, folder)
        if done.listing is None:
            failed.append(name)
            kept = f"; the one of {age(done.path):.0f} days ago stays" if done.path.exists() else ""
            err.print(f"{name}: {done.problem}{kept}")
        else:
            out.print(f"{name}: {len(done.listing.entries)} entries, version {done.listing.version}")
    if failed:
        raise SourceError(
            f"{len(failed)} {plural(len(failed), 'list')} could not be renewed: {', '.join(failed)}",
            hint="call again: a broken transfer goes on where it stopped",
        )


def _open(lists: list[Path] | None) -> Index:
    from bongsu.screen.engine import open_index

    index = open_index(lists or [])
    for listing in index.listings:
        if not listing.complete:
            err.print(
                f"ALARM: {listing.id} has {listing.shortage}; a clear result says nothing about the rest",
            )
        if listing.rejected:
            count = len(listing.rejected)
            err.print(f"{listing.id}: {count} {plural(count, 'record')} could not be read")
    return index


def _kind(schema: str) -> Any:
    from bongsu.screen.compare import SCHEMATA

    try:
        return SCHEMATA[schema.strip().lower()]
    except KeyError:
        raise RecordError(
            f"there is no schema {schema[:40]!r}", hint="use person, organisation, vessel, aircraft or unknown"
        ) from None


def _query(fields: dict[str, Any]) -> Query:
    from bongsu.screen.ask import query

    return query(fields)


def _answer(index: Index, answer: Answer) -> dict[str, Any]:
    return {
        "band": answer.band,
        "hits": [h.document() for h in answer.hits],
        "notes": list(answer.notes),
        "lists": [
            {"id": x.id, "version": x.version, "entries": len(x.entries), "whole": x.complete} for x in index.listings
        ],
    }


def _write(document: Any) -> None:
    out.file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _show(index: Index, answer: Answer, text: str) -> None:
    lists = ", ".join(f"{x.id} ({x.version}, {len(x.entries):,})" for x in index.listings)
    for note in answer.notes:
        err.print(note)
    if not answer.hits:
        out.print(f"clear: no entry reaches the bar for {text!r} in {lists}")
        return
    for hit in answer.hits:
        _show_hit(hit)
    out.print(f"screened against {lists}; a person decides")


def _show_hit(hit: Hit) -> None:
    out.print(f"{hit.band}  {hit.score:.3f}  {hit.caption}")
    out.print(
        f"    {hit.list} {hit.version}, entry {hit.entry} ({hit.kind}); matched {hit.field}: {hit.matched}",
    )
    if hit.reading:
        out.print(f"    reading: {hit.reading}")
    for reason in hit.reasons:
        out.print(f"    + {reason}")
    for limit in hit.limits:
        out.print(f"    - {limit}")
