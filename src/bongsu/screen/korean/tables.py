"""The tables of the reader, read once from the data files beside the code.

A syllable has an *underlying* form (as in the DPRK: 리, 룡, 련) and the *surfaces* in which it is written in
Hangul (리, 이).
All figures are probabilities; data/SOURCES.md says where each file comes from.
"""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bongsu.screen.korean.hangul import is_hangul, southern

KEEPS_FIRST_SOUND = 0.55
"""Share of writers who keep the ㄹ of a name that has one: half of them live in the North."""
UNKNOWN = 2e-5
"""Share of a given-name syllable that stands in no table; also the smallest one."""

Spellings = dict[str, float]


@dataclass(frozen=True, slots=True)
class Hanja:
    """A character: its Korean readings with their shares, its Mandarin reading, and the form it is a variant of."""

    readings: dict[str, float]
    pinyin: str
    folded: str


def _text(name: str) -> str:
    return files(__package__).joinpath("data").joinpath(name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    lines = [line for line in _text(name).splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@cache
def toml(name: str) -> dict[str, dict[str, str]]:
    """Return one of the TOML tables as it stands."""
    return tomllib.loads(_text(name))


def spellings(text: str) -> Spellings:
    """Read `k .5, g .4` into spellings and their shares, scaled to sum to at most one."""
    found: Spellings = {}
    for item in text.split(","):
        spelling, _, share = item.rpartition(" ")
        found[spelling.strip()] = float(share)
    total = max(1.0, sum(found.values()))
    return {spelling: share / total for spelling, share in found.items()}


@cache
def surnames() -> dict[str, float]:
    """Return the share of each surname, by its underlying form; they sum to one."""
    shares: dict[str, float] = defaultdict(float)
    for row in _rows("surnames.csv"):
        shares[row["surname"]] += float(row["share"])
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


@cache
def surname_hanja() -> dict[str, dict[str, float]]:
    """Return for each written surname in Hanja the surnames it stands for: 金 is 김, 南宮 is 남궁."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows("surnames.csv"):
        for written in row["hanja"].split():
            found[written][row["surname"]] = 1.0
    for written in list(found):
        folded = "".join(hanja()[c].folded if c in hanja() else c for c in written)
        found.setdefault(folded, found[written])
    return dict(found)


@cache
def given() -> dict[str, float]:
    """Return the share of each given-name syllable, by its underlying form; they sum to about one."""
    table = toml("syllables.toml")
    weights: dict[str, float] = {}
    for weight, members in table["classes"].items():
        for syllable in members.split():
            weights[syllable] = max(weights.get(syllable, 0.0), float(weight))
    other = float(table["other"])  # type: ignore[arg-type]  # a bare number beside the table of classes
    for character in hanja().values():
        for syllable in character.readings:
            weights.setdefault(syllable, other)
    total = sum(weights.values())
    return {syllable: weight / total for syllable, weight in weights.items()}


@cache
def hanja() -> dict[str, Hanja]:
    """Return the readings of the characters.

    Unihan marks readings of the basic school set (E) and of the personal-name set (N); a reading marked neither way is
    given a quarter of their share.
    """
    grades = {"E": 1.0, "N": 1.0, "0": 0.25, "1": 0.25}
    found = {}
    for row in _rows("hanja.csv"):
        raw = {item[0]: grades[item[1]] for item in row["readings"].split()}
        merged: dict[str, float] = {}
        for syllable, share in raw.items():  # 리 and its southern form 이 are one reading
            kept = next((u for u in raw if u != syllable and southern(u) == syllable), syllable)
            merged[kept] = max(merged.get(kept, 0.0), share)
        total = sum(merged.values())
        readings = {syllable: share / total for syllable, share in merged.items()}
        found[row["character"]] = Hanja(readings, row["pinyin"], row["variant_of"] or row["character"])
    return _with_variants(found)


def _with_variants(found: dict[str, Hanja]) -> dict[str, Hanja]:
    """Fold the forms of variants.toml into the older ones, and give readings to those that have none."""
    folds: dict[str, str] = {}
    for pair in str(toml("variants.toml")["pairs"]).split():
        new, old = pair[0], pair[1]
        if old in found:
            folds[new] = found[old].folded
            found.setdefault(new, found[old])
    return {
        character: replace(entry, folded=folds.get(character) or folds.get(entry.folded, entry.folded))
        for character, entry in found.items()
    }


@cache
def pinyin() -> dict[str, dict[str, float]]:
    """Return for each toneless pinyin the share of each Korean syllable's characters that are read so."""
    by_syllable: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for character, entry in hanja().items():
        if entry.folded == character and entry.pinyin:
            for syllable, share in entry.readings.items():
                by_syllable[syllable][entry.pinyin] += share
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for syllable, counts in by_syllable.items():
        total = sum(counts.values())
        for spelling, count in counts.items():
            found[spelling][syllable] = count / total
    return dict(found)


@cache
def surname_pinyin() -> dict[str, dict[str, float]]:
    """Return for each toneless pinyin the surnames written with a character so read."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for written, names in surname_hanja().items():
        spelling = "".join(hanja()[c].pinyin for c in written if c in hanja())
        for name in names:
            found[spelling][name] = 0.8
    for spelling, name in (
        ("piao", "박"),
        ("shan", "단"),
        ("ren", "임"),
        ("xie", "설"),
        ("shen", "심"),
        ("quan", "권"),
    ):
        found[spelling][name] = 0.8
    return dict(found)


@cache
def surfaces(underlying: str) -> dict[str, float]:
    """Return in which Hangul spellings a name's syllable or surname is written, with their shares."""
    first = southern(underlying[0])
    if first == underlying[0]:
        return {underlying: 1.0}
    return {underlying: KEEPS_FIRST_SOUND, first + underlying[1:]: 1 - KEEPS_FIRST_SOUND}


@cache
def _inverse(of_surname: bool) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for underlying in surnames() if of_surname else given():
        for surface, share in surfaces(underlying).items():
            found[surface][underlying] = share
    return dict(found)


def underlying_of(surface: str, *, surname: bool) -> dict[str, float]:
    """Return the underlying forms that a Hangul spelling can stand for, each with the share that writes it so."""
    found = _inverse(surname).get(surface)
    if found is None:
        return {} if surname or not is_hangul(surface[0]) else {surface: 1.0}
    return found


@cache
def written_syllables() -> frozenset[str]:
    """Return all Hangul syllables that occur in names, in every spelling."""
    return frozenset(_inverse(False)) | {s for name in _inverse(True) for s in name}
