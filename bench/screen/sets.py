"""The sets that screening is measured on; each is a list of (a, b, schema, same)."""

from __future__ import annotations

import csv
import hashlib
import itertools
import os
import random
import re
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

from bongsu.screen.entry import Entry, Kind
from bongsu.screen.korean import tables
from bongsu.screen.korean.hangul import southern, split
from bongsu.screen.lists.load import read_list

SHARED = Path(os.environ.get("BONGSU_SHARED", "../shared"))
Row = tuple[str, str, str, bool]

DATA = Path(__file__).parent / "data"

# How passports spell the five commonest surnames, in per cent: Ministry of Foreign Affairs, statistics of romanised
# passport
# names as of 31 October 2024, as printed by engnaming.com/guides/surname-statistics. Others follow the reader's own
# table.
PASSPORT = {
    "김": {"Kim": 99.55, "Gim": 0.42},
    "이": {"Lee": 98.77, "Yi": 0.92},
    "박": {"Park": 96.59, "Bak": 1.61, "Pak": 1.51},
    "최": {"Choi": 94.45, "Choe": 5.26},
    "정": {"Jung": 46.13, "Jeong": 42.48, "Chung": 7.13},
}
WRITINGS = (
    "hangul",
    "south",
    "hanja",
    "rr",
    "mr",
    "typed",
    "plain",
    "dprk",
    "custom",
    "cyrillic",
    "katakana",
    "pinyin",
)
LATIN = frozenset({"rr", "mr", "typed", "plain", "dprk", "custom"})


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the tables beside this file."""
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def listed_names() -> list[list[str]]:
    """Return the names of each DPRK person on the UN's, OFAC's and the EU's list."""
    found = [[n.text for n in e.names] for e in (*_un(), *_ofac())]
    with (SHARED / "lists/eu-dprk-2026-08/annex-half.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["schema"] == "Person":
                cells = (row["name"], row["alias"], row["weakAlias"], row["previousName"])
                parts = [p.strip() for cell in cells for p in re.split(r"[;\n()\uff08\uff09]", cell)]
                found.append([p for p in parts if p])
    return [names for names in found if names]


def _korean(countries: tuple[str, ...]) -> bool:
    return any("orea" in c for c in countries)


def aliases() -> list[Row]:
    """Return the published pairs of a name and its alias, without those equal up to case and punctuation."""
    found: list[Row] = []
    seen = set()
    for names in listed_names():
        for other in names[1:]:
            pair = tuple(sorted((_bare(names[0]), _bare(other))))
            if pair[0] != pair[1] and pair not in seen:
                seen.add(pair)
                found.append((names[0], other, "Person", True))
    return found


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def hangul(text: str) -> bool:
    """Say whether a text holds Hangul."""
    return any("가" <= c <= "힣" for c in text)


def latin(text: str) -> bool:
    """Say whether all letters of a text are Latin."""
    return all("LATIN" in unicodedata.name(c, "") for c in text if c.isalpha() and c not in "\u02bb\u02bc")


def label(a: str, b: str) -> str:
    """Return what a published pair is, as data/labels.csv judges it; "unlabelled" for pairs that nobody has judged."""
    key = hashlib.sha256("\n".join(sorted((_bare(a), _bare(b)))).encode()).hexdigest()[:12]
    return _labels().get(key, "unlabelled")


@cache
def _labels() -> dict[str, str]:
    return {row["pair"]: row["label"] for row in table("labels.csv")}


def written(only: frozenset[str] = frozenset(WRITINGS)) -> list[Row]:
    """Return the hand-written names: each in two of its writings, and the near misses of each family likewise."""
    families = itertools.groupby(table("names.csv"), key=lambda row: row["family"])
    found: list[Row] = []
    for _, rows in families:
        names = [[t for w in WRITINGS if w in only for t in row[w].split(";") if t] for row in rows]
        for own, other in itertools.combinations_with_replacement(names, 2):
            pairs = itertools.combinations(own, 2) if own is other else itertools.product(own, other)
            found += [(a, b, "Person", own is other) for a, b in pairs if _bare(a) != _bare(b)]
    return found


def by_hand() -> list[Row]:
    """Return the hand-written pairs: persons, bodies, ships."""
    return [(row["a"], row["b"], row["schema"], row["same"] == "1") for row in table("pairs.csv")]


def distinct() -> list[Row]:
    """Return all pairs of different persons on the UN's DPRK list, by their first names."""
    return [(a, b, "Person", False) for a, b in itertools.combinations([e.names[0].text for e in _un()], 2)]


def distinct_ofac() -> list[Row]:
    """Return all pairs of different North Koreans on OFAC's list, by their first names."""
    return [(a, b, "Person", False) for a, b in itertools.combinations([e.names[0].text for e in _ofac()], 2)]


@cache
def _un() -> list[Entry]:
    entries = read_list(SHARED / "lists/un-2026-02/consolidated.xml").entries
    return [e for e in entries if e.kind is Kind.PERSON and "DPRK" in e.programs]


@cache
def _ofac() -> list[Entry]:
    entries = read_list(SHARED / "lists/ofac-sdn-2021-07/sdn.csv").entries
    programs = ("DPRK", "NPWMD")
    return [
        e
        for e in entries
        if e.kind is Kind.PERSON and any(p.startswith(programs) for p in e.programs) and _korean(e.countries)
    ]


def name_bench() -> list[Row]:
    """Return nomenklatura's own labelled cases."""
    with (SHARED / "lists/nomenklatura_name_bench_cases.csv").open(encoding="utf-8") as file:
        return [(r["name1"], r["name2"], r["schema"], r["is_match"] == "true") for r in csv.DictReader(file)]


def population(size: int, seed: int = 20261123) -> list[str]:
    """Return the Latin names of `people`."""
    return [latin_name for _, latin_name in people(size, seed)]


def people(size: int, seed: int = 20261123) -> list[tuple[str, str]]:
    """Return the names of a synthetic South Korean population, in Hangul and in Latin letters.

    Surnames by the 2015 census. Half of the people bear one of the most registered given names of their sex and year,
    by the
    announced counts (a rank without a count has the count above it); how many truly do is not published. The others
    bear
    two syllables of those names. The commonest surnames are spelt as in passports, the rest by the reader's own shares.
    """
    rng = random.Random(seed)
    shares = tables.surnames()
    births = _births()
    pool = sorted({s for names in births.values() for name in names for s in name})
    found = []
    for _ in range(size):
        surname = southern_name(rng.choices(list(shares), list(shares.values()))[0])
        names = births[rng.choice(list(births))]
        given = rng.choices(list(names), list(names.values()))[0]
        if rng.random() < 0.5:
            given = rng.choice(pool) + rng.choice(pool)
        passport = PASSPORT.get(surname)
        spelt = (
            rng.choices(list(passport), list(passport.values()))[0]
            if passport
            else "".join(_spelt(s, rng) for s in surname)
        )
        found.append((f"{surname} {given}", f"{spelt} {'-'.join(_spelt(s, rng) for s in given)}".title()))
    return found


def _births() -> dict[tuple[str, str], dict[str, float]]:
    """Return the given names of each year and sex with their counts."""
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in table("given_names.csv"):
        names = found[row["year"], row["sex"]]
        names[row["name"]] = float(row["count"] or min(names.values(), default=1.0))
    return dict(found)


def southern_name(name: str) -> str:
    """Return a surname as the South writes it."""
    return southern(name[0]) + name[1:]


def _spelt(syllable: str, rng: random.Random) -> str:
    table = tables.toml("latin.toml")
    whole = table["whole"].get(syllable)
    parts = (
        [whole] if whole else [table[k][j] for k, j in zip(("onset", "vowel", "coda"), split(syllable), strict=True)]
    )
    out = ""
    for part in parts:
        options = {k: v for k, v in tables.spellings(part).items() if k.isascii() and "'" not in k}
        out += rng.choices(list(options), list(options.values()))[0]
    return out
