"""`bongsu screen compare`: two names, or the pairs of a file, without any list."""

from __future__ import annotations

import csv
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.screened import SchemaOption, kind_of, write
from bongsu.cli.shell import out
from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NAME = 1000


class Rows(StrEnum):
    """How `compare` writes its results."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


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
        write(found[0] if pairs is None else found)
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

    found = compare(a[:MOST_NAME], b[:MOST_NAME], kind_of(schema))
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
