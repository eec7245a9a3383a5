"""Find the Latin words that a name in Arabic or Hebrew letters writes.

These scripts leave short vowels out: letter by letter محمد is "mhmd", and no count of slips leads from there to
"Mohammed". Each
written letter has its Latin spellings, and between two of them one short vowel may stand; long ones are written. A
word is read so, and the other name's words are tried against it.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from bongsu.screen.fold import plain

LONGEST = 40
"""Letters of a word that is looked at."""
_WEAK = frozenset("اأإآىةعهوؤيیئءאהויע")
"""Letters that stand for vowels as well, or fall silent."""
LONG = 5
"""Letters from which on one word may stand for two of the other name's."""
_DOUBLED = re.compile("([יו])\\1")
_SHORT = frozenset("aeiouy")
_ARTICLES = ("al", "el", "ul", "ar", "an", "as", "ash", "at", "ad", "az")
_WORDS = re.compile(r"[^\s\-.,()/]+")


@cache
def letters() -> dict[str, tuple[str, ...]]:
    """Return the Latin spellings of each letter, the usual one first; an empty one where it may stay unwritten."""
    tables = tomllib.loads(files(__package__).joinpath("data/abjad.toml").read_text(encoding="utf-8"))
    return {
        letter: tuple("" if s == "-" else s for s in text.split())
        for table in tables.values()
        for letter, text in table.items()
    }


@lru_cache(maxsize=65_536)
def written(text: str) -> bool:
    """Say whether a text holds letters of either script."""
    return not text.isascii() and any(c in letters() for c in text)


@lru_cache(maxsize=16_384)
def _heads(word: str) -> frozenset[str]:
    """Return the letters that a word may begin with in Latin; none where it is not wholly in these scripts."""
    known = letters()
    if not 1 < len(word) <= LONGEST or any(c not in known for c in word):
        return frozenset()
    heads = {s[:1] for letter in word[: 2 if "" in known[word[0]] else 1] for s in known[letter]} - {""}
    return frozenset(
        heads | _SHORT if "" in known[word[0]] else heads | ({"a", "e"} if word.startswith("ع") else set())
    )


def writes(word: str, latin: str) -> bool:
    """Say whether a word in either script may be written so in Latin letters.

    All ways are followed at once, as the set of places reached: however a word is made up, this takes no longer.
    """
    if latin[:1] not in _heads(word) or not len(word) // 2 <= len(latin) <= 3 * len(word) + 2:
        return False
    known = letters()
    starts = {0}
    if word.startswith("ال") and len(word) > 4:
        word = word[2:]
        starts |= {len(a) for a in _ARTICLES if latin.startswith(a)}
    for letter in word:
        starts |= {p + 1 for p in starts if latin[p : p + 1] in _SHORT}
        starts = {p + len(s) for p in starts for s in known[letter] if latin.startswith(s, p)}
        if not starts:
            return False
    return len(latin) in starts


def keys(text: str) -> set[str]:
    """Return the words of a name in either script by their consonants, and neighbouring words joined."""
    own = _WORDS.findall(text)
    known = letters()
    bare = ["".join(known[c][0] for c in w if c in known and c not in _WEAK) for w in own]
    heads = [known[w[0]][0][:1] if w[0] in _WEAK and w[0] in known else "" for w in own]
    spelt = [head + word for head, word in zip(heads, bare, strict=True)]
    without = [s[2:] if w.startswith("ال") else s for w, s in zip(own, spelt, strict=True)]
    joined = [a + b.removeprefix("a") for a, b in itertools.pairwise(spelt)]
    found = {key for key in (*spelt, *without, *joined) if len(key) > 2}
    return {key if key[0] != "h" else f"ha{key[1:]}" for key in found}


def latinised(text: str, other: str) -> str:
    """Return a name in Arabic or Hebrew letters with the other name's words in place of those that write them.

    A word may write two of the other's joined (عبدالله, Abd Allah), and two may write one (عبد الله, Abdullah). What
    finds no partner keeps its letters; beside Latin words, which say the name already, it is left out.
    """
    bare = "".join(c for c in unicodedata.normalize("NFC", text) if not unicodedata.combining(c))
    own = _WORDS.findall(_DOUBLED.sub(r"\1", bare))
    theirs = [w for w in re.split(r"[^a-z0-9]+", plain(other)) if w]
    free = [True] * len(theirs)
    known, mixed = letters(), any(c.isascii() and c.isalpha() for c in text)
    out: list[str] = []
    i = 0
    while i < len(own):
        for taken in (2, 1):
            word = "".join(own[i : i + taken])
            sizes = (1,) if taken > 1 or len(word) < LONG else (1, 2)
            found = _partner(word, theirs, free, sizes) if i + taken <= len(own) else None
            if found is not None:
                out += theirs[found]
                free[found] = [False] * (found.stop - found.start)
                i += taken
                break
        else:
            if not mixed or own[i][0] not in known:
                out.append(own[i])
            i += 1
    return " ".join(out)


def _partner(word: str, theirs: list[str], free: list[bool], sizes: tuple[int, ...]) -> slice | None:
    for size in sizes:
        for start in range(len(theirs) - size + 1):
            place = slice(start, start + size)
            if all(free[place]) and writes(word, "".join(theirs[place])):
                return place
    return None
