"""Read a dataclass from a TOML table, strictly: a misspelt or missing key is an error that names the file."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any, TypeVar

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection

T = TypeVar("T")


def from_table(kind: type[T], row: dict[str, Any], source: str, required: Collection[str], hint: str) -> T:
    """Make a dataclass of a table whose values are texts and lists of texts, as the class's own defaults are.

    Args:
        kind: the dataclass; a field is a list where its default is a tuple or its annotation says so.
        row: the table.
        source: the file's name, for errors.
        required: the keys that must be there.
        hint: where the form is described.

    Raises:
        SourceError: a key is unknown or missing, or a value is of the wrong kind.
    """
    known = {field.name: str(field.type) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in row:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            meant = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
            raise SourceError(f"{key!r} is not known", source=source, hint=meant)
    for key in required:
        if key not in row:
            raise SourceError(f"{key!r} is missing", source=source, hint=hint)
    return kind(**{key: _value(known[key], key, value, source) for key, value in row.items()})


def _value(annotation: str, key: str, value: Any, source: str) -> Any:
    if annotation.startswith("tuple"):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SourceError(f"{key!r} must be a list of texts", source=source)
        return tuple(item.strip() for item in value)
    if annotation == "str":
        if not isinstance(value, str):
            raise SourceError(f"{key!r} must be text", source=source, hint='write it between quotes: "..."')
        return value.strip()
    return value
