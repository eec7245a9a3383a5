"""A letter as a value: what stands in it and in what order, without saying how it is set.

papers/ sets it as text, DOCX and PDF, each from this one model, so that no two of them can say different things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

Style: TypeAlias = Literal["plain", "bullet", "sub", "title", "centre", "right", "banner", "notice", "list"]
"""How a paragraph is set. "sub" stands under the item before it; "notice" is what is no part of the letter itself."""

DENSE = 400
"""From this many rows on a table is set as lines of one width: a page then costs a hundredth of a second."""


class Span(NamedTuple):
    """A run of text. `kind` is "" for plain text, "blank" for what a person has yet to say, "code" for an address or a
    hash, "strong" for emphasis.
    """  # noqa: D205

    text: str
    kind: str = ""


Text: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph."""

    text: Text
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Fields:
    """Values with their labels, one a line."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `widths` are parts of the line's width, in per cent."""

    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]


Block: TypeAlias = Heading | Para | Fields | Table


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter.

    Attributes:
        language: ISO 639-1 code of its language.
        title: what a document's properties call it.
        running: what every page repeats at its top.
        page: what every page says at its foot, with {page} and {pages}.
        dated: its date; None where that is open.
        blocks: what stands in it.
    """

    language: str
    title: str
    running: str
    page: str
    dated: date | None
    blocks: tuple[Block, ...]

    @property
    def blanks(self) -> tuple[str, ...]:
        """What is left open, each once, in square brackets."""
        return tuple(dict.fromkeys(span.text for span in self.spans() if span.kind == "blank"))

    def spans(self) -> Iterator[Span]:
        """Give every run of text in order."""
        for block in self.blocks:
            if isinstance(block, Para):
                yield from block.text
            elif isinstance(block, Fields):
                for _, text in block.rows:
                    yield from text
            elif isinstance(block, Table):
                for row in block.rows:
                    for cell in row:
                        yield from cell


def plain(text: Text) -> str:
    """Return the words of a text alone."""
    return "".join(span.text for span in text)
