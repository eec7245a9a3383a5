"""Lay out plain text: lines that a mail program leaves alone, foreign text that cannot forge the lines around it."""

from __future__ import annotations

import unicodedata

from bongsu.model.text import one_line

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
    for word in text.split():
        joined = f"{line} {word}" if line else word
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


def _head(word: str, room: int) -> str:
    """Return the longest beginning of a word that fits, up to a slash if there is one; one character at least."""
    taken = place = 0
    while taken <= room:
        taken += _columns(word[place])
        place += 1
    fits = word[: max(place - 1, 1)]
    slash = fits.rfind("/") + 1
    return fits[:slash] if slash > len("https://") else fits
