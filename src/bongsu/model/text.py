"""Foreign text: what labels, titles and notes say, made safe to stand in a line of our own."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """Return text as one line: no line breaks, no control or invisible formatting characters, single spaces.

    Labels and notes are foreign text; a line break, a terminal's control sequence or a character that reverses the
    writing direction could make a letter or a screen say something else.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if " " in text else text
    kept = (c if unicodedata.category(c)[0] not in "CZ" else _spacing(c) for c in text)
    return " ".join("".join(kept).split())


def _spacing(char: str) -> str:
    return "" if unicodedata.category(char) == "Cf" else " "
