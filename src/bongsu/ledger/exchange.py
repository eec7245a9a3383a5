"""The ledger as one JSON document, out and in. Every cell is the text that the CSV files hold."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, SourceError
from bongsu.ledger.files import (
    TABLES,
    Reading,
    assemble,
    checked_cells,
    columns,
    decode,
    encode,
    read_actor,
    read_folder,
    tables,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.ledger.records import Ledger

FORMAT = "bongsu-ledger/1"


def to_document(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger as JSON values."""
    rows = {
        name.removesuffix(".csv"): [dict(zip(columns(name), encode(r), strict=True)) for r in records]
        for name, records in tables(ledger).items()
    }
    actors = {a.id: {k: v for k, v in asdict(a).items() if k != "id" and v} for a in ledger.actors.values()}
    return {"format": FORMAT, **rows, "actors": actors}


def read_any(path: Path) -> Ledger:
    """Return the ledger in a folder or a JSON document.

    Raises:
        SourceError: it is neither, or a record in it is broken.
    """
    from bongsu.ledger.check import check

    reading = read_folder(path) if path.is_dir() else read_document(path)
    problems = [*reading.problems, *check(reading.ledger)]
    if problems:
        first, more = problems[0], len(problems) - 1
        raise SourceError(
            first.message + (f"; and {more} more" if more else ""),
            source=first.source,
            line=first.line,
            hint=f"{first.hint or 'mend it'}; nothing has been taken in",
        )
    return reading.ledger


def read_document(path: Path) -> Reading:
    """Read a JSON document, keeping the records that can be read.

    Raises:
        SourceError: it is no such document.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError("there is no such file", source=str(path)) from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(
            "this is not JSON",
            source=str(path),
            line=getattr(error, "lineno", None),
            hint="give a ledger's JSON or folder",
        ) from None
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", source=str(path)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SourceError(
            f'this is no ledger: it does not say "format": "{FORMAT}"',
            source=str(path),
            hint="make one with `bongsu ledger export --format json`",
        )
    problems: list[RecordError] = []
    rows = {name: _rows(document, name, path, problems) for name in TABLES}
    try:
        given = document.get("actors", {})
        actors = {key: read_actor(key, row) for key, row in given.items()} if isinstance(given, dict) else {}
    except RecordError as error:
        raise SourceError(error.message, source=f"{path}: actors", hint=error.hint) from None
    return Reading(assemble(rows, actors, {}, str(path)), tuple(problems))


def _rows(document: dict[str, Any], table: str, path: Path, problems: list[RecordError]) -> list[Any]:
    given, name, found = document.get(table.removesuffix(".csv"), []), table.removesuffix(".csv"), []
    if not isinstance(given, list):
        raise SourceError(f"{name} is no list", source=str(path), hint="make it a list of objects")
    seen: set[str] = set()
    for number, row in enumerate(given, 1):
        try:
            record = _record(table, row, seen)
        except RecordError as error:
            problems.append(RecordError(error.message, source=f"{path}: {name} number {number}", hint=error.hint))
            continue
        seen.add(record.id)
        found.append(record)
    return found


def _record(table: str, row: object, seen: set[str]) -> Any:
    wanted = columns(table)
    if not isinstance(row, dict) or set(row) != set(wanted) or not all(isinstance(v, str) for v in row.values()):
        raise RecordError(
            "its fields are not " + ", ".join(wanted), hint="every field is a text, empty where not known"
        )
    if row["id"] in seen:
        raise RecordError(f"the id {row['id'][:60]!r} stands twice", hint="give each record an id of its own")
    return decode(table, checked_cells(table, [row[name] for name in wanted]))
