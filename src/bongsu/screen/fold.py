"""Fold names of any script into plain tokens, and tokens into skeletons that survive transliteration.

Other scripts go through anyascii (ISC licence): rigour would bring ICU and a compiler into every installation.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

LONGEST = 500
"""Characters of a name that are compared; the rest of a pasted document says nothing."""

_SPLIT = re.compile(r"[^a-z0-9]+")
_INNER = re.compile(r"['’‘`´ʼʻ]")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b", re.IGNORECASE)
_RULES = (
    ("tsch", "C"), ("sch", "S"), ("shch", "S"), ("tch", "C"), ("ch", "C"), ("sh", "S"), ("zh", "S"), ("kh", "k"),
    ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("cz", "C"), ("ts", "s"), ("tz", "s"),
    ("dj", "j"), ("dzh", "j"), ("q", "k"),
    ("x", "ks"), ("w", "v"), ("z", "s"), ("y", "i"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("h", ""),
)  # fmt: skip


@cache
def _anyascii() -> object:
    from anyascii import anyascii

    return anyascii


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Return a name in lower-case ASCII, marks dropped, abbreviations with dots closed up (S.A. -> sa)."""
    short = text[:LONGEST]
    if not short.isascii():
        short = unicodedata.normalize("NFKC", short)
        short = "".join(c for c in short if unicodedata.category(c) not in {"Cf", "Cc"} or c.isspace())
        short = _anyascii()(short)  # type: ignore[operator]
    short = _INNER.sub("", short.lower())
    return _DOTTED.sub(lambda m: m[0].replace(".", ""), short).replace("&", " and ")


@lru_cache(maxsize=65_536)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a name."""
    return tuple(t for t in _SPLIT.split(plain(text)) if t)


@lru_cache(maxsize=131_072)
def skeleton(token: str) -> str:
    """Return the consonants of a word as they sound in most transliterations: Mohammed, Muhamad -> mmd."""
    if token.isdigit():
        return token
    folded = token
    for spelling, sound in _RULES:
        folded = folded.replace(spelling, sound)
    head, tail = folded[:1], folded[1:]
    head = {"c": "k", "e": "i", "o": "u"}.get(head, head)
    kept = head + "".join({"c": "k"}.get(c, c) for c in tail if c not in "aeiou")
    return re.sub(r"(.)\1+", r"\1", kept)
