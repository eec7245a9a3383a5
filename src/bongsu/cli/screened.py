"""What the commands of `bongsu screen` share: options, opening the lists, writing an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError

if TYPE_CHECKING:
    from bongsu.screen.index import Index
    from bongsu.screen.query import Answer, Hit, Query

ListsOption = Annotated[
    list[Path] | None,
    typer.Option("--lists", metavar="DIR|FILE", help="Lists to screen against; else those fetched. Repeatable."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]
SchemaOption = Annotated[str, typer.Option(help="person, organisation, vessel, aircraft or unknown.")]
ThresholdOption = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, help="Least score shown; the review band's by default.")
]


def open_lists(lists: list[Path] | None) -> Index:
    """Open the lists that are meant, and raise the alarm for those that are not whole."""
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


def kind_of(schema: str) -> Any:
    """Return the kind that a schema stands for."""
    from bongsu.screen.compare import SCHEMATA

    try:
        return SCHEMATA[schema.strip().lower()]
    except KeyError:
        raise RecordError(
            f"there is no schema {schema[:40]!r}", hint="use person, organisation, vessel, aircraft or unknown"
        ) from None


def query_of(fields: dict[str, Any]) -> Query:
    """Return the query of the fields, checked."""
    from bongsu.screen.ask import query

    return query(fields)


def answered(index: Index, answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON's types, with the lists it rests on."""
    return {
        "band": answer.band,
        "hits": [h.document() for h in answer.hits],
        "notes": list(answer.notes),
        "lists": [
            {"id": x.id, "version": x.version, "entries": len(x.entries), "whole": x.complete} for x in index.listings
        ],
    }


def write(document: Any) -> None:
    """Write a document as JSON."""
    out.file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def show(index: Index, answer: Answer, text: str) -> None:
    """Print an answer for people."""
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
