"""A letter as plain text, for mail and for copying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.respond.paper import Fields, Heading, Para, Table, plain
from bongsu.respond.plaintext import WIDTH, columns, lay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.respond.paper import Block, Letter, Text

_TIGHT = {"bullet", "sub", "list"}
"""Styles whose paragraphs follow each other without a blank line."""


def render(letter: Letter) -> bytes:
    """Return the letter as UTF-8 text in lines of at most WIDTH columns."""
    parts: list[str] = []
    before: Block | None = None
    for block in letter.blocks:
        if before is not None and not _joined(before, block):
            parts.append("\n")
        parts.append(_set(block))
        before = block
    return "".join(parts).encode()


def _joined(before: Block, block: Block) -> bool:
    if isinstance(before, Heading):
        return True
    return isinstance(before, Para) and isinstance(block, Para) and before.style in _TIGHT and block.style in _TIGHT


def _set(block: Block) -> str:
    if isinstance(block, Heading):
        return lay(block.text)
    if isinstance(block, Fields):
        width = max(columns(label) for label, _ in block.rows) + 2
        return "".join(lay(plain(text), 3, _padded(f"{label}:", width)) for label, text in block.rows)
    if isinstance(block, Table):
        return "".join(_row(block.head, row) for row in block.rows)
    text = plain(block.text)
    if block.style in {"centre", "right", "title"}:
        return _placed(text, block.style)
    indent = {"bullet": 3, "sub": 7, "list": 3}.get(block.style, 0 if block.style in {"notice", "banner"} else 3)
    return lay(text, indent, "- " if block.style == "bullet" else "")


def _row(head: Iterable[str], row: tuple[Text, ...]) -> str:
    first, *rest = (plain(cell) for cell in row)
    _, *names = head
    return lay(first, 3) + "".join(lay(f"{name}: {cell}", 7) for name, cell in zip(names, rest, strict=True))


def _placed(text: str, style: str) -> str:
    lines = lay(text).splitlines()
    part = 1 if style == "right" else 2
    return "".join(" " * ((WIDTH - columns(line)) // part) + line + "\n" for line in lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))
