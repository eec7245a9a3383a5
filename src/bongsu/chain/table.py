"""Read a table of text cells, CSV or Parquet, with the place of each record: the step before any meaning.

CSV goes through the standard library's reader, because every record has to keep its line; Parquet through pyarrow.
"""

from __future__ import annotations

import csv
import difflib
import io
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bongsu.errors import RecordError, SourceError
from bongsu.model.transfer import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_FIELD = 1 << 16
"""Longer cells are damage (a lost quote, a pasted document), not data."""
OnBad: TypeAlias = "Callable[[RecordError, str], None]"
"""What to do with a record that cannot be read: it gets the error and the raw text, and may raise."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as text: `cells` by column name, `raw` as it stood in the file."""

    record: Record
    cells: dict[str, str]
    raw: str


def read_rows(path: Path, required: Collection[str], optional: Collection[str], on_bad: OnBad) -> Iterator[Row]:
    """Yield the records of a CSV or Parquet file that has at least the required columns.

    Other columns than the required and optional ones are left alone: they may hold provenance.

    Raises:
        SourceError: the file cannot be read, is empty, or lacks a required column.
    """
    data = read_bytes(path)
    if data[:4] == b"PAR1" or path.suffix in {".parquet", ".pq"}:
        yield from _parquet(path, data, required, optional)
    else:
        yield from _csv(path, data, required, on_bad)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, or say in a sentence why not."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise SourceError("this is a folder, not a file", source=str(path)) from None
    except FileNotFoundError:
        raise SourceError("there is no such file", source=str(path), hint="check the path") from None
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror}", source=str(path)) from None
    if not data.strip():
        raise SourceError("the file is empty", source=str(path))
    return data


def decode(path: Path, data: bytes) -> str:
    """Return UTF-8 text (a byte-order mark is dropped), or say where it is not UTF-8."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise SourceError("the file is UTF-16, not UTF-8", source=str(path), line=1, hint="save it as 'CSV UTF-8'")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"byte 0x{data[error.start]:02x} is not UTF-8 text",
            source=str(path),
            line=line,
            hint="save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')",
        ) from None


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return the table that a TOML text holds.

    Raises:
        SourceError: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"this is not TOML: {error}", source=source) from None
    except RecursionError:
        raise SourceError("this TOML is nested too deeply", source=source) from None


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV text.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front: labels come from strangers.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows)
    return text.getvalue()


def _csv(path: Path, data: bytes, required: Collection[str], on_bad: OnBad) -> Iterator[Row]:
    text = decode(path, data)
    lines = list(io.StringIO(text, newline=""))
    previous_limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        reader = csv.reader(lines, strict=True)
        header = [name.strip() for name in next(reader)]
        check_columns(path, header, required)
        start = reader.line_num + 1
        for fields in reader:
            line, start = start, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue  # a blank line is no record, nor are the empty cells that spreadsheets leave at the end
            raw = "".join(lines[line - 1 : reader.line_num]).rstrip("\r\n")
            if len(fields) != len(header):
                error = RecordError(
                    f"the record has {len(fields)} fields where the header has {len(header)}",
                    source=str(path),
                    line=line,
                    hint="quote cells that contain a comma, and check that the line is not cut off",
                )
                on_bad(error, raw)
                continue
            yield Row(Record(str(path), line), dict(zip(header, fields, strict=True)), raw)
    except csv.Error as error:
        raise SourceError(
            _csv_trouble(str(error)),
            source=str(path),
            line=reader.line_num,
            hint="look for a missing quote or a line that is not part of the table",
        ) from None
    finally:
        csv.field_size_limit(previous_limit)


def _csv_trouble(message: str) -> str:
    if "field limit" in message:
        return f"a cell is longer than {_LONGEST_FIELD} characters"
    return f"the table cannot be read: {message}"


def check_columns(path: Path, header: Collection[str], required: Collection[str]) -> None:
    """Refuse a header that lacks a required column or names one twice."""
    names = list(header)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceError(f"column {twice[0]!r} stands twice in the header", source=str(path), line=1)
    missing = [name for name in required if name not in names]
    if not missing:
        return
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        hint = "the columns must be separated by commas"
    else:
        near = {m: difflib.get_close_matches(m, names, n=1) for m in missing}
        renames = [f"rename {found[0]!r} to {m!r}" for m, found in near.items() if found]
        shown = ", ".join(name[:30] for name in names[:12])
        hint = "; ".join(renames) or f"the columns there are: {shown}"
    plural = "column is" if len(missing) == 1 else "columns are"
    raise SourceError(f"the {plural} missing: {', '.join(missing)}", source=str(path), line=1, hint=hint)


def _parquet(path: Path, data: bytes, required: Collection[str], optional: Collection[str]) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise SourceError(
            f"the Parquet file is damaged or cut off: {first[:120]}",
            source=str(path),
            hint="fetch or write it again",
        ) from None
    check_columns(path, table.column_names, required)
    wanted = [name for name in table.column_names if name in {*required, *optional}]
    columns = {name: _as_text(path, name, table.column(name)) for name in wanted}
    for number in range(table.num_rows):
        cells = {name: column[number] for name, column in columns.items()}
        yield Row(Record(str(path), number + 1), cells, ",".join(cells.values()))


def cells_of(path: Path, piece: pa.RecordBatch, names: Collection[str]) -> dict[str, str]:
    """Return the first row of a batch as text cells."""
    return {name: _as_text(path, name, piece.column(name))[0] for name in names}


def _as_text(path: Path, name: str, column: pa.ChunkedArray) -> list[str]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_floating(kind) and name == "amount":
        raise SourceError(
            "the amounts are binary floating-point numbers, which are not exact",
            source=str(path),
            hint="write the column 'amount' as strings or DECIMAL",
        )
    if pa.types.is_timestamp(kind):
        return ["" if value is None else value.isoformat() for value in column.to_pylist()]
    if pa.types.is_decimal(kind):
        return ["" if value is None else format(value, "f") for value in column.to_pylist()]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return ["" if value is None else f"0x{value.hex()}" for value in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]
