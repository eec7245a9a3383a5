"""Read a table that is written as JSON lines: one object a line, as exporters stream it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bongsu.chain.table import Row, check_columns, decode, read_bytes
from bongsu.errors import RecordError
from bongsu.model.transfer import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from bongsu.chain.table import OnBad


def is_json_lines(path: Path) -> bool:
    """Tell whether a file's first character opens an object."""
    try:
        with path.open("rb") as file:
            return file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False  # the reading that follows says why


def read_json_lines(path: Path, required: Collection[str], optional: Collection[str], on_bad: OnBad) -> Iterator[Row]:
    """Yield the records; numbers keep their digits, null and a missing optional column become an empty cell.

    Raises:
        SourceError: the file cannot be read, or its first record lacks a required column.
    """
    wanted = {*required, *optional}
    checked = False
    for number, line in enumerate(decode(path, read_bytes(path)).split("\n"), 1):
        raw = line.strip()
        if not raw:
            continue
        try:
            found = json.loads(raw, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            error = RecordError(
                "the line is not a JSON object", source=str(path), line=number, hint="it may be cut off"
            )
            on_bad(error, raw[:1000])
            continue
        if not isinstance(found, dict):
            on_bad(RecordError("the line is not a JSON object", source=str(path), line=number), raw[:1000])
            continue
        if not checked:
            check_columns(path, list(found), required)
            checked = True
        missing = [name for name in required if name not in found]
        if missing:
            error = RecordError(f"the record has no {missing[0]!r}", source=str(path), line=number)
            on_bad(error, raw[:1000])
            continue
        yield Row(Record(str(path), number), {k: _text(v) for k, v in found.items() if k in wanted}, raw[:1000])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
