"""Read Latin names as Chinese ones, in pinyin or in Wade-Giles, and say whether two write the same syllables.

Letters mislead here: "Hsieh" and "Xie" are one surname, "Zhou" and "Zhu" are two. Both systems are closed sets of
some four hundred syllables, so that a name either reads wholly in one of them or is none of their business.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

from bongsu.screen.korean import tables

FEWEST, MOST = 2, 4
"""Syllables of a Chinese name."""
_BREAKS = re.compile(r"[^a-zü']+")
_MERGED = {"ing": "in", "eng": "en", "ang": "an"}
"""Finals that many speakers do not tell apart, and clerks less."""

Reading = tuple[frozenset[str], ...]


@cache
def syllables() -> frozenset[str]:
    """Return all syllables of pinyin, without tones; ü is written u after n and l too."""
    return frozenset(c.pinyin for c in tables.hanja().values() if c.pinyin)


@cache
def wade_giles() -> dict[str, frozenset[str]]:
    """Return for each Wade-Giles spelling, with its marks and without, the syllables of pinyin it may stand for."""
    table = tomllib.loads(files(__package__).joinpath("data/chinese.toml").read_text(encoding="utf-8"))
    rules = (rule.split() for rule in table["some"]["rules"])
    some = {(final, initial): to for final, initials, to in rules for initial in initials.split(",")}
    found: dict[str, set[str]] = defaultdict(set)
    for syllable in syllables():
        for spelling in _spellings(syllable, table, some):
            for form in (spelling, spelling.replace("ü", "u"), spelling.replace("'", ""), _bare(spelling)):
                found[form].add(syllable)
    return {spelling: frozenset(meant) for spelling, meant in found.items()}


def _spellings(syllable: str, table: dict[str, dict[str, str]], some: dict[tuple[str, str], str]) -> list[str]:
    if syllable in table["whole"]:
        return table["whole"][syllable].split()
    initial = next((syllable[:n] for n in (2, 1) if syllable[:n] in table["initial"]), "")
    final = syllable[len(initial) :]
    written = some.get((final, initial), table["final"].get(final, final))
    if initial in set("jqxy"):
        written = table["after_jqxy"].get(final, written)
    return [table["initial"].get(initial, "") + written]


def _bare(spelling: str) -> str:
    return spelling.replace("ü", "u").replace("'", "")


@lru_cache(maxsize=16_384)
def read(text: str) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """Return the readings of a name in pinyin and those in Wade-Giles; both empty where it is no Chinese name."""
    plain = unicodedata.normalize("NFC", text.casefold()).translate(dict.fromkeys(map(ord, "’‘ʼʻ`´"), "'"))
    plain = plain.replace("v", "ü") if re.search(r"\b[nl]v", plain) else plain
    if any(c.isalpha() and not ("a" <= c <= "z" or c == "ü") for c in plain):
        return (), ()
    words = [word for word in (w.strip("'") for w in _BREAKS.split(plain)) if word]
    if not 1 < len(words) <= MOST:
        return (), ()
    pinyin: list[Reading] = [()]
    for word in words:
        pinyin = [(*done, *cut) for done in pinyin for cut in _cuts(_bare(word))][:16]
    known = wade_giles()
    wade = [tuple(known.get(word, known.get(_bare(word), frozenset())) for word in words)]
    return _fitting(pinyin), _fitting(wade)


def _fitting(readings: list[Reading]) -> tuple[Reading, ...]:
    return tuple(r for r in readings if FEWEST <= len(r) <= MOST and all(r))


@lru_cache(maxsize=16_384)
def _cuts(word: str) -> tuple[Reading, ...]:
    """Return the ways to cut a word into one or two syllables of pinyin."""
    known = syllables()
    cuts: list[tuple[str, ...]] = [(word,)] if word in known else []
    cuts += [(word[:i], word[i:]) for i in range(1, len(word)) if word[:i] in known and word[i:] in known]
    return tuple(tuple(frozenset((s,)) for s in cut) for cut in cuts)


def keys(text: str) -> set[str]:
    """Return what two spellings of one Chinese name share, whatever their system and order: its syllables, sorted."""
    pinyin, wade = read(text)
    return {
        "zh:" + " ".join(sorted(way))
        for reading in (*pinyin, *wade)
        for way in itertools.islice(itertools.product(*reading), 16)
    }


def alike(a: str, b: str) -> float | None:
    """Return how alike two names are as Chinese ones; None where either does not read as one.

    1 is the same syllables in one system; less where marks of Wade-Giles are lost or finals are mixed up; 0 is another
    name. Two readings in Wade-Giles alone are not compared: there the letters say as much.
    """
    (pinyin_a, wade_a), (pinyin_b, wade_b) = read(a), read(b)
    if not (pinyin_a and (pinyin_b or wade_b)) and not (wade_a and pinyin_b):
        return None
    return max(
        (
            _same(x, y)
            for left, right in ((pinyin_a, pinyin_b), (pinyin_a, wade_b), (wade_a, pinyin_b))
            for x in left
            for y in right
        ),
        default=0.0,
    )


def _same(a: Reading, b: Reading) -> float:
    """Compare two readings in one order, or with the surname of one behind."""
    if len(a) != len(b):
        return 0.0
    return max(_product(a, b), _product(a, (*b[1:], b[0])), _product((*a[1:], a[0]), b))


def _product(a: Reading, b: Reading) -> float:
    product = 1.0
    for x, y in zip(a, b, strict=True):
        if x & y:
            product *= 0.98 ** (max(len(x), len(y)) - 1)
        elif {_merged(s) for s in x} & {_merged(s) for s in y}:
            product *= 0.8
        else:
            return 0.0
    return product


def _merged(syllable: str) -> str:
    return next((syllable[: -len(f)] + kept for f, kept in _MERGED.items() if syllable.endswith(f)), syllable)
