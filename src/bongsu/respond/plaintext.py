"""Lay out plain text: lines that a mail program leaves alone, foreign text that cannot forge the lines around it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bongsu.model.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAK = re.compile(
    "(?<=[\u3041-\u309f\u30a1-\u30ff\u4e00-\u9fff\u3001\u3002\u300d\u30fb)])"
    "(?=[\u3042\u3044\u3046\u3048\u304a-\u3062\u3064-\u3082\u3084\u3086\u3088-\u308d\u308f-\u3093"
    "\u30a2\u30a4\u30a6\u30a8\u30aa-\u30c2\u30c4-\u30e2\u30e4\u30e6\u30e8-\u30ed\u30ef-\u30f3\u4e00-\u9fff\u300c(])"
)
"""Where a line of Japanese may end: not before a small kana, a long vowel or a closing mark (JIS X 4051)."""
WIDTH = 88
"""Columns of a line. Hangul and other wide characters take two."""


def lay(text: str, indent: int = 0, bullet: str = "") -> str:
    """Return text as lines of at most WIDTH columns, the first with a bullet, each ended by a line feed."""
    room = WIDTH - indent - columns(bullet)
    first, rest = " " * indent + bullet, " " * (indent + columns(bullet))
    lines = _lines(one_line(text), room) or [""]
    return "".join(f"{first if n == 0 else rest}{line}".rstrip() + "\n" for n, line in enumerate(lines))


def columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return len(text) if text.isascii() else sum(_columns(c) for c in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _lines(text: str, room: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for glue, word in _units(text):
        joined = f"{line}{glue}{word}" if line else word
        if columns(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while columns(line) > room:
            part = _head(line, room)
            lines.append(part)
            line = line[len(part) :]
    return [*lines, line] if line else lines


def _units(text: str) -> Iterator[tuple[str, str]]:
    """Give the parts between which a line may end, each with what joins it to the one before."""
    for word in text.split():
        for n, part in enumerate(_BREAK.split(word)):
            yield "" if n else " ", part


def _head(word: str, room: int) -> str:
    """Return the longest beginning of a word that fits, up to a slash if there is one; one character at least."""
    taken = place = 0
    while taken <= room:
        taken += _columns(word[place])
        place += 1
    fits = word[: max(place - 1, 1)]
    slash = fits.rfind("/") + 1
    return fits[:slash] if slash > len("https://") else fits
