"""Read and write a ledger as a folder of plain files.

Seven files: incidents.csv, claims.csv, relations.csv, aggregates.csv, prices.csv, publishers.csv, actors.toml. The CSV
files are UTF-8 with commas, one record a line, sorted so that they diff well; a spreadsheet opens and saves them.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from dataclasses import dataclass, fields
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, SourceError
from bongsu.ledger.records import Actor, Aggregate, Claim, Incident, Ledger, Price, Publisher, Relation
from bongsu.ledger.when import Period, parse_period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TABLES: dict[str, type[Any]] = {
    "incidents.csv": Incident,
    "claims.csv": Claim,
    "relations.csv": Relation,
    "aggregates.csv": Aggregate,
    "prices.csv": Price,
    "publishers.csv": Publisher,
}
ACTORS = "actors.toml"
_REQUIRED = {"id", "incident", "kind", "publisher", "published_on", "other", "asset", "usd", "day", "since", "until"}
_MAY_BE_EMPTY = {("aggregates.csv", "usd")}
_DIGITS = re.compile(r"\d{1,40}(\.\d{1,40})?\Z", re.ASCII)
_LONGEST_CELL = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: the records that could be read, and what is wrong with the others."""

    ledger: Ledger
    problems: tuple[RecordError, ...]


def shipped() -> Path:
    """Return the folder of the ledger that comes with Bongsu."""
    return Path(str(files("bongsu.ledger").joinpath("data")))


def read_ledger(folder: Path | None = None) -> Ledger:
    """Return the ledger in a folder, by default the shipped one.

    Raises:
        SourceError: the folder is no ledger, or a record in it is broken.
    """
    from bongsu.ledger.check import check

    reading = read_folder(folder or shipped())
    problems = [*reading.problems, *check(reading.ledger)]
    if problems:
        first, more = problems[0], len(problems) - 1
        raise SourceError(
            first.message + (f"; and {more} more" if more else ""),
            source=first.source,
            line=first.line,
            hint=f"{first.hint or 'mend it'}; `bongsu ledger check {folder}` lists all that is wrong",
        )
    return reading.ledger


def read_folder(folder: Path) -> Reading:
    """Read every file of a ledger, keeping the records that can be read.

    Raises:
        SourceError: a file is missing, is not text, or has the wrong columns.
    """
    if not folder.is_dir():
        raise SourceError(
            "this is no folder with a ledger",
            source=str(folder),
            hint="make one with `bongsu ledger export --format csv --out DIR`",
        )
    problems: list[RecordError] = []
    lines: dict[tuple[str, str], int] = {}
    rows = {name: _read_table(folder / name, lines, problems) for name in TABLES}
    actors = _read_actors(folder / ACTORS)
    return Reading(assemble(rows, actors, lines, str(folder)), tuple(problems))


def assemble(
    rows: dict[str, list[Any]], actors: dict[str, Actor], lines: dict[tuple[str, str], int], name: str
) -> Ledger:
    """Make a ledger of the records of each table."""
    return Ledger(
        {i.id: i for i in rows["incidents.csv"]},
        tuple(rows["claims.csv"]),
        tuple(rows["relations.csv"]),
        tuple(rows["aggregates.csv"]),
        tuple(rows["prices.csv"]),
        {p.id: p for p in rows["publishers.csv"]},
        actors,
        lines,
        name,
    )


def columns(table: str) -> list[str]:
    """Return the columns of a table."""
    return [f.name for f in fields(TABLES[table])]


def decode(table: str, cells: list[str]) -> Any:
    """Return the record that the cells of one row hold.

    Raises:
        RecordError: a cell does not hold what its column asks for.
    """
    values = []
    for (name, read), cell in zip(_readers(table), cells, strict=True):
        try:
            values.append(read(cell))
        except RecordError as error:
            raise RecordError(f"column {name}: {error.message}", hint=error.hint) from None
    return TABLES[table](*values)


def encode(record: Any) -> list[str]:
    """Return a record as the cells of one row."""
    return [_cell(getattr(record, f.name)) for f in fields(record)]


def write_folder(ledger: Ledger, folder: Path) -> None:
    """Write a ledger as a folder of plain files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, records in tables(ledger).items():
            (folder / name).write_text(to_csv(name, records), encoding="utf-8", newline="")
        (folder / ACTORS).write_text(actors_toml(ledger.actors.values()), encoding="utf-8", newline="")
    except OSError as error:
        raise SourceError(f"the ledger cannot be written: {error.strerror}", source=str(folder)) from None


def tables(ledger: Ledger) -> dict[str, Iterable[Any]]:
    """Return the records of a ledger by file."""
    return {
        "incidents.csv": ledger.incidents.values(),
        "claims.csv": ledger.claims,
        "relations.csv": ledger.relations,
        "aggregates.csv": ledger.aggregates,
        "prices.csv": ledger.prices,
        "publishers.csv": ledger.publishers.values(),
    }


def to_csv(table: str, records: Iterable[Any]) -> str:
    """Return the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(table))
    writer.writerows(encode(record) for record in records)
    return text.getvalue()


def actors_toml(actors: Iterable[Actor]) -> str:
    """Return the text of actors.toml."""
    import json

    parts = ["# Whom attributions name. under: the body a group belongs to; attack_id: its id in MITRE ATT&CK.\n"]
    for actor in actors:
        parts.append(f"[{actor.id}]\n")
        for f in fields(actor):
            value = getattr(actor, f.name)
            if f.name != "id" and value:
                shown = list(value) if isinstance(value, tuple) else value
                parts.append(f"{f.name} = {json.dumps(shown, ensure_ascii=False)}\n")
        parts.append("\n")
    return "\n".join("".join(parts).split("\n")).rstrip("\n").replace("\n[", "\n\n[").replace("\n\n\n", "\n\n") + "\n"


def _read_table(path: Path, lines: dict[tuple[str, str], int], problems: list[RecordError]) -> list[Any]:
    found = []
    for line, cells in _rows(path, problems):
        try:
            record = _record(path.name, cells)
            _refuse_second(lines, (path.name, record.id))
        except RecordError as error:
            problems.append(error.at(str(path), line))
            continue
        lines[path.name, record.id] = line
        found.append(record)
    return found


def _refuse_second(lines: dict[tuple[str, str], int], key: tuple[str, str]) -> None:
    if key in lines:
        raise RecordError(
            f"the id {key[1]!r} stands already on line {lines[key]}", hint="give each record an id of its own"
        )


def _record(table: str, cells: list[str]) -> Any:
    names = columns(table)
    if len(cells) != len(names):
        raise RecordError(
            f"the row has {len(cells)} cells and the header {len(names)}",
            hint="put text that has a comma in it into double quotes",
        )
    return decode(table, checked_cells(table, cells))


def checked_cells(table: str, cells: list[str]) -> list[str]:
    """Return the cells of a row after what no column may hold was refused.

    Raises:
        RecordError: a cell is empty that must not be, or begins as a spreadsheet's formula does.
    """
    for name, cell in zip(columns(table), cells, strict=True):
        if name in _REQUIRED and not cell.strip() and (table, name) not in _MAY_BE_EMPTY:
            raise RecordError(f"column {name} is empty", hint="every record needs it")
        if cell.startswith(_FORMULA):
            raise RecordError(
                f"column {name} begins with {cell[0]!r}, which a spreadsheet would run as a formula",
                hint="put a word before it",
            )
    return cells


def _rows(path: Path, problems: list[RecordError]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row below the header with the line on which it ends."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SourceError(
            "this file of the ledger is missing", source=str(path), hint="an empty one needs at least its header"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError("this is not UTF-8 text", source=str(path), line=line, hint="save it as CSV UTF-8") from None
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", source=str(path)) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    wanted = columns(path.name)
    try:
        header = next(reader, [])
        if header != wanted:
            raise SourceError(
                "the header is not " + ",".join(wanted) if header else "the file is empty",
                source=str(path),
                line=1,
                hint=_header_hint(header, wanted),
            )
        for cells in reader:
            if max(map(len, cells), default=0) > _LONGEST_CELL:
                problem = RecordError(f"a cell is longer than {_LONGEST_CELL} characters", hint="is a quote missing?")
                problems.append(problem.at(str(path), reader.line_num))
            elif cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise SourceError(
            f"this is not CSV: {error}", source=str(path), line=reader.line_num, hint="is a quote missing or too many?"
        ) from None


def _header_hint(header: list[str], wanted: list[str]) -> str:
    if len(header) == 1 and ";" in header[0]:
        return "save it with commas, not semicolons"
    missing = [name for name in wanted if name not in header]
    extra = [name for name in header if name not in wanted]
    said = [f"missing: {', '.join(missing)}"] if missing else []
    said += [f"not known: {', '.join(extra)[:200]}"] if extra else []
    return "; ".join(said) or f"the columns must stand in this order: {','.join(wanted)}"


def _read_actors(path: Path) -> dict[str, Actor]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {key: read_actor(key, row) for key, row in table.items()}
    except FileNotFoundError:
        raise SourceError("this file of the ledger is missing", source=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"this is not TOML: {error}"[:200], source=str(path)) from None
    except RecordError as error:
        raise SourceError(error.message, source=str(path), hint=error.hint) from None
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", source=str(path)) from None


def read_actor(key: str, row: object) -> Actor:
    """Return the actor that a table of actors.toml describes.

    Raises:
        RecordError: it has no name, an unknown field, or aliases that are no list.
    """
    known = {f.name for f in fields(Actor)} - {"id"}
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        raise RecordError(f"the actor {key!r} has no name", hint=f'write [{key}] and below it name = "…"')
    if extra := set(row) - known:
        raise RecordError(
            f"the actor {key!r} has the unknown field {min(extra)!r}", hint=f"use {', '.join(sorted(known))}"
        )
    aliases = row.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
        raise RecordError(f"the aliases of the actor {key!r} are no list of texts", hint='write aliases = ["…", "…"]')
    texts = {name: str(row.get(name, "")) for name in known - {"aliases"}}
    return Actor(id=key, aliases=tuple(aliases), **texts)


def _text(cell: str) -> str:
    return cell


def _amount(cell: str) -> Decimal | None:
    return _number(cell) if cell.strip() else None


def _number(cell: str) -> Decimal:
    plain = cell.strip()
    if not _DIGITS.match(plain):
        raise RecordError(
            f"{cell[:40]!r} is no amount", hint="write digits with a point, without commas, signs or currency"
        )
    return Decimal(plain)


def _count(cell: str) -> int | None:
    return _integer(cell) if cell.strip() else None


def _integer(cell: str) -> int:
    plain = cell.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):  # noqa: PLR2004 - far above any count or scale
        raise RecordError(f"{cell[:40]!r} is no whole number", hint="write digits only")
    return int(plain)


_BY_TYPE: dict[str, Callable[[str], Any]] = {
    "str": _text,
    "Decimal | None": _amount,
    "Decimal": _number,
    "int | None": _count,
    "int": _integer,
    "Period": parse_period,
}


def _readers(table: str, cache: dict[str, list[tuple[str, Callable[[str], Any]]]] = {}) -> Any:  # noqa: B006 - a cache
    if table not in cache:
        cache[table] = [(f.name, _BY_TYPE[str(f.type)]) for f in fields(TABLES[table])]
    return cache[table]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Period):
        return value.text
    return str(value)
