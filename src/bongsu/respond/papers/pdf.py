"""A letter as PDF/A-2b, the archive form, on A4: numbered pages, fonts embedded. The same letter gives the same bytes.

Typst sets it; the words enter as data (letter.typ), never as markup. The font is Noto Sans CJK, which has Latin, Korean
and Japanese. A character that it lacks is written as its code point: PDF/A allows no empty boxes, and a label may hold
any. PDF/A wants a date as well: a letter that has none yet is plain PDF 1.7.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from bongsu.respond.paper import DENSE, Fields, Heading, Table, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import typst

    from bongsu.respond.paper import Block, Letter, Text

_FONTS = {"en": "Noto Sans CJK KR", "ko": "Noto Sans CJK KR", "ja": "Noto Sans CJK JP"}
_LONG = 66
"""A longer word, which no address or hash is, gets places where a line may end."""
_WORD = re.compile(rf"[^\s/]{{{_LONG + 1},}}")  # after a slash a line may end anyway
_COMMON = re.compile(r"[\x20-\x7e\uac00-\ud7a3\u3041-\u3096\u30a1-\u30fa]*\Z")
"""Printable ASCII, Hangul syllables and kana: always there."""


def render(letter: Letter) -> bytes:
    """Return the letter as PDF."""
    document = {
        "language": letter.language,
        "font": _FONTS[letter.language],
        "title": _shown(letter.title),
        "running": _shown(letter.running),
        "page": letter.page,
        "dated": [letter.dated.year, letter.dated.month, letter.dated.day] if letter.dated else None,
        "blocks": [_block(block) for block in letter.blocks],
    }
    template = files(__package__).joinpath("letter.typ").read_bytes()
    standard: Literal["a-2b", "1.7"] = "a-2b" if letter.dated else "1.7"
    inputs = {"letter": json.dumps(document)}
    made = _compiler().compile(
        template, format="pdf", sys_inputs=inputs, pdf_standards=standard, timestamp=0, pdf_tags=False
    )
    return cast("bytes", made)


@cache
def _compiler() -> typst.Compiler:
    import typst

    return typst.Compiler(font_paths=[str(_font().parent)], ignore_system_fonts=True)


@cache
def _font() -> Path:
    folder = Path(str(files("manimgx_fonts_cjk")))
    return next(folder.glob("*.ttc"))


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": _shown(block.text)}
    if isinstance(block, Fields):
        return {"kind": "fields", "rows": [[label, _runs(text)] for label, text in block.rows]}
    if isinstance(block, Table):
        if len(block.rows) > DENSE:
            return {"kind": "lines", "head": list(block.head), "lines": [_line(row) for row in block.rows]}
        rows = [[{"runs": _runs(cell)} for cell in row] for row in block.rows]
        return {"kind": "table", "head": list(block.head), "widths": list(block.widths), "rows": rows}
    return {"kind": "para", "style": block.style, "text": _runs(block.text)}


def _line(row: Iterable[Text]) -> str:
    return "  |  ".join(_shown(plain(cell)) for cell in row)


def _runs(text: Text) -> list[list[str]]:
    return [[_shown(span.text), span.kind] for span in text]


def _shown(text: str) -> str:
    if not _COMMON.match(text):
        has = _characters()
        text = "".join(c if _COMMON.match(c) or ord(c) in has else _named(c) for c in text)
    return _WORD.sub(_broken, text)


def _named(char: str) -> str:
    return "" if char in "\u2068\u2069" else f"[U+{ord(char):04X}]"


def _broken(word: re.Match[str]) -> str:
    text = word.group()
    return "\u200b".join(text[n : n + _LONG] for n in range(0, len(text), _LONG))


@cache
def _characters() -> frozenset[int]:
    """Return the code points that the font has."""
    from fontTools.ttLib import TTCollection

    with TTCollection(_font(), lazy=True) as fonts:
        return frozenset(fonts[0].getBestCmap())
