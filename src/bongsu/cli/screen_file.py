"""`bongsu screen file`: a table of names and addresses, one JSON line a row."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.screened import ListsOption, ThresholdOption, open_lists, query_of
from bongsu.cli.shell import err, plural
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bongsu.screen.index import Index

_NAME_COLUMNS = ("name", "hangul", "hanja", "alias", "aliases")
_QUERY_COLUMNS = ("birth", "birth_place", "country", "position", "id_number", "imo", "flag", "email")


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
    index = open_lists(lists)
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
        query = query_of(fields)
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
