"""The sets that screening is measured on; each is a list of (a, b, schema, same)."""

from __future__ import annotations

import csv
import itertools
import os
import random
import re
import unicodedata
from pathlib import Path

from bongsu.screen.entry import Kind
from bongsu.screen.korean import tables
from bongsu.screen.korean.hangul import southern, split
from bongsu.screen.lists.load import read_list

SHARED = Path(os.environ.get("BONGSU_SHARED", "../shared"))
Row = tuple[str, str, str, bool]

# The given names most often registered for boys and girls born in 1940, 1950, ... 2010 (Supreme Court of Korea, family
# register statistics, as printed by the Korean press).
GIVEN = [
    "영수",
    "영호",
    "영식",
    "정웅",
    "영길",
    "영자",
    "정자",
    "순자",
    "춘자",
    "경자",
    "영철",
    "성수",
    "영숙",
    "정숙",
    "영희",
    "정순",
    "경수",
    "미숙",
    "미경",
    "미영",
    "영미",
    "정훈",
    "성호",
    "성훈",
    "성진",
    "정호",
    "은주",
    "은영",
    "현정",
    "은정",
    "지훈",
    "성민",
    "현우",
    "동현",
    "지혜",
    "지영",
    "혜진",
    "유진",
    "민지",
    "민준",
    "준서",
    "우진",
    "서연",
    "서현",
    "지민",
    "서준",
    "주원",
    "예준",
    "시우",
    "서윤",
    "지우",
    "민서",
]


def listed_names() -> list[list[str]]:
    """Return the names of each DPRK person on the UN's, OFAC's and the EU's list."""
    found = [
        [n.text for n in e.names]
        for e in read_list(SHARED / "lists/un-2026-02/consolidated.xml").entries
        if e.kind is Kind.PERSON and "DPRK" in e.programs
    ]
    found += [
        [n.text for n in e.names]
        for e in read_list(SHARED / "lists/ofac-sdn-2021-07/sdn.csv").entries
        if e.kind is Kind.PERSON and any(p.startswith(("DPRK", "NPWMD")) for p in e.programs) and _korean(e.countries)
    ]
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


def variant(a: str, b: str) -> bool:
    """Say whether two Latin names look like spellings of one: the same letters save for voicing, vowels and joints.

    Independent of Bongsu's tables: onset letters are folded in pairs (k/g, t/d, p/b, ch/j, r/l/n before a
    vowel), vowels are
    dropped, and the words may stand in any order.
    """

    def folded(text: str) -> str:
        plain = "".join(
            c for c in unicodedata.normalize("NFD", text.casefold()) if (c.isascii() and c.isalpha()) or c == " "
        )
        plain = plain.replace("ch", "j").replace("sh", "s")
        plain = plain.translate(str.maketrans("gdblrv", "ktpnnp")).replace("h", "").replace("y", "").replace("w", "")
        return "".join(sorted(re.sub("[aeiou ]", "", plain)))

    return folded(a) == folded(b)


def distinct() -> list[Row]:
    """Return all pairs of different persons on the UN's DPRK list, by their first names."""
    un = [
        e.names[0].text
        for e in read_list(SHARED / "lists/un-2026-02/consolidated.xml").entries
        if e.kind is Kind.PERSON and "DPRK" in e.programs
    ]
    return [(a, b, "Person", False) for a, b in itertools.combinations(un, 2)]


def name_bench() -> list[Row]:
    """Return nomenklatura's own labelled cases."""
    with (SHARED / "lists/nomenklatura_name_bench_cases.csv").open(encoding="utf-8") as file:
        return [(r["name1"], r["name2"], r["schema"], r["is_match"] == "true") for r in csv.DictReader(file)]


def population(size: int, seed: int = 20261123) -> list[str]:
    """Return Latin names of a synthetic South Korean population.

    Surnames by the 2015 census; half of the given names from GIVEN, the others of two of their syllables; spelt
    as people
    spell them in passports (each syllable by the shares of the latin table, without marks).
    """
    rng = random.Random(seed)
    shares = tables.surnames()
    pool = sorted({s for name in GIVEN for s in name})
    found = []
    for _ in range(size):
        surname = southern_name(rng.choices(list(shares), list(shares.values()))[0])
        given = rng.choice(GIVEN) if rng.random() < 0.5 else rng.choice(pool) + rng.choice(pool)
        words = ["".join(_spelt(s, rng) for s in surname), *(_spelt(s, rng) for s in given)]
        found.append(f"{words[0]} {words[1]}-{words[2]}".title())
    return found


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
