"""Make the text of a name ready for reading: tokens of one script, with marks that carry sound kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bongsu.screen.korean.hangul import is_hangul

LONGEST = 120
"""Letters of a text that is read as a Korean name; anything longer is something else."""

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ`´′＇ʹ"), "'")
_KEPT = {"o\u0306": "ŏ", "u\u0306": "ŭ", "o\u0302": "ŏ", "u\u0302": "ŭ"}
_BREAKS = re.compile(r"[\s\-‐-―−·・･‧•._/\\=＝\u3000]+")
_BREVE = re.compile(r"([ou])'(?=[a-z])")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof"})
_PARENTHESES = re.compile(r"[(\[（【].*?(?:[)\]）】]|$)")


@dataclass(frozen=True, slots=True)
class Text:
    """A name cut into tokens. `script`: hangul, hanja, latin, cyrillic, kana; empty where it is none or mixed."""

    tokens: tuple[str, ...]
    script: str
    surname_first: bool
    letters: int


def runs(text: str) -> list[str]:
    """Return the parts of a text by script, where it mixes several: "Pak Kwang Hun 박광훈" gives both names."""
    found: list[str] = []
    last = ""
    for char in text[: 4 * LONGEST]:
        script = script_of(char.casefold()[:1]) if char.isalpha() else last
        if not found or (script and last and script != last):
            found.append("")
        found[-1] += char
        last = script or last
    return found


def prepare(text: str) -> Text:
    """Cut a name into tokens; a comma behind the first says that it is the surname."""
    plain = unicodedata.normalize("NFKC", text[: 4 * LONGEST]).translate(_APOSTROPHES)
    if not plain.isprintable():
        plain = "".join(c for c in plain if unicodedata.category(c) not in {"Cf", "Cc"} or c.isspace())
    plain = _PARENTHESES.sub(" ", plain).casefold()
    head, comma, rest = plain.partition(",")
    joined = f"{head} {rest}".replace(",", " ") if comma else plain
    tokens = tuple(token for token in (_fold(t) for t in _BREAKS.split(joined)) if token)
    if len(tokens) > 2 and tokens[0] in _TITLES:
        tokens = tokens[1:]
    letters = sum(map(len, tokens))
    if letters > LONGEST:
        return Text((), "", False, letters)
    first_is_surname = bool(comma) and len(_BREAKS.split(head.strip())) == 1 and bool(rest.strip())
    return Text(tokens, _script(tokens), first_is_surname, letters)


def _fold(token: str) -> str:
    """Strip accents that say nothing about Korean, keep ŏ and ŭ, and read o' and u' as them."""
    if not token or not token.isalpha() or any(ord(c) > 0x7F for c in token):
        token = unicodedata.normalize("NFD", token)
        for marked, kept in _KEPT.items():
            token = token.replace(marked, kept)
        if any("\u0300" <= c <= "\u036f" for c in token):
            token = _without_marks(token)
        token = unicodedata.normalize("NFC", token)
    token = _BREVE.sub(lambda m: "ŏ" if m[1] == "o" else "ŭ", token)
    token = re.sub(r"(?<![cktp])'|'(?![a-zŏŭ])", "", token)
    return "".join(c for c in token if c.isalpha() or c in "'ー")


def _without_marks(token: str) -> str:
    """Drop combining marks, save those that make another letter: ё, й and the umlaut of ö."""
    kept = []
    for i, c in enumerate(token):
        if "\u0300" <= c <= "\u036f":
            base = token[i - 1] if i else ""
            if not (base in "еи" and c in "\u0306\u0308") and not (base == "o" and c == "\u0308"):
                continue
        kept.append(c)
    return "".join(kept)


def script_of(char: str) -> str:
    """Return the script of a character, as far as Korean names are written in it."""
    code = ord(char)
    if is_hangul(char):
        return "hangul"
    if 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF:
        return "hanja"
    if 0x30A0 <= code <= 0x30FF:
        return "kana"
    if 0x400 <= code <= 0x4FF:
        return "cyrillic"
    if "a" <= char <= "z" or char in "ŏŭö'":
        return "latin"
    return ""


def _script(tokens: tuple[str, ...]) -> str:
    found = {script_of(c) for token in tokens for c in token if c != "ー"}
    return found.pop() if len(found) == 1 else ""


_KANA = {
    **dict(zip("アイウエオ", "aiueo", strict=True)),
    **dict(zip("カキクケコ", ("ka", "ki", "ku", "ke", "ko"), strict=True)),
    **dict(zip("ガギグゲゴ", ("ga", "gi", "gu", "ge", "go"), strict=True)),
    **dict(zip("サシスセソ", ("sa", "shi", "su", "se", "so"), strict=True)),
    **dict(zip("ザジズゼゾ", ("za", "ji", "zu", "ze", "zo"), strict=True)),
    **dict(zip("タチツテト", ("ta", "chi", "tsu", "te", "to"), strict=True)),
    **dict(zip("ダヂヅデド", ("da", "ji", "zu", "de", "do"), strict=True)),
    **dict(zip("ナニヌネノ", ("na", "ni", "nu", "ne", "no"), strict=True)),
    **dict(zip("ハヒフヘホ", ("ha", "hi", "fu", "he", "ho"), strict=True)),
    **dict(zip("バビブベボ", ("ba", "bi", "bu", "be", "bo"), strict=True)),
    **dict(zip("パピプペポ", ("pa", "pi", "pu", "pe", "po"), strict=True)),
    **dict(zip("マミムメモ", ("ma", "mi", "mu", "me", "mo"), strict=True)),
    **dict(zip("ラリルレロ", ("ra", "ri", "ru", "re", "ro"), strict=True)),
    **dict(zip("ヤユヨ", ("ya", "yu", "yo"), strict=True)),
    **dict(zip("ワヲンッーヴ", ("wa", "o", "N", "Q", "-", "vu"), strict=True)),
}
_SMALL = dict(zip("ァィゥェォャュョヮ", ("a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"), strict=True))


def romaji(token: str) -> str:
    """Write katakana in plain romaji: ヒョク -> hyoku, ン -> N, ッ -> Q."""
    out: list[str] = []
    for char in token:
        small = _SMALL.get(char)
        if small and out and out[-1][-1:] in "iueo" and len(out[-1]) > 1:
            stem = out[-1][:-1]
            glide = small[1:] if stem in {"sh", "ch", "j"} and small.startswith("y") else small
            out[-1] = (f"{stem}w" if out[-1] in {"ku", "gu"} and small in "aieo" else stem) + glide
        elif small and out and out[-1] == "u":
            out[-1] = "w" + small
        else:
            out.append(_KANA.get(char, small or "?"))
    return "".join(out)
