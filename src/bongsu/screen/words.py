"""What the words of a name weigh, and which of them say the same."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

from bongsu.screen import abjad, chinese
from bongsu.screen.fold import plain, tokens
from bongsu.screen.korean import romanize
from bongsu.screen.korean.hangul import is_hangul
from bongsu.screen.korean.tables import hanja

LIGHT, COMMON, FORM = 0.15, 0.35, 0.05
SHIP_PREFIXES = frozenset({"mv", "ms", "mt", "m", "v", "ss"})
_NUMBERED = re.compile(r"[제第]?\s*(\d+)[호號]?")
_SHIP_SUFFIX = re.compile(r"(?<=..)호\s*$")
_RUNS = re.compile(r"(?:[가-힣\u4e00-\u9fff]\s*)+|[^가-힣\u4e00-\u9fff]+")


def _data(name: str) -> str:
    return files(__package__).joinpath("data").joinpath(name).read_text(encoding="utf-8")


@cache
def _table() -> dict[str, dict[str, object]]:
    return tomllib.loads(_data("words.toml"))


def _set(section: str, key: str) -> frozenset[str]:
    return frozenset(str(_table()[section][key]).split())


@cache
def person_titles() -> frozenset[str]:
    """Return forms of address, which no name is matched by."""
    return _set("person", "titles")


@cache
def person_light() -> frozenset[str]:
    """Return articles and words for son and daughter."""
    return _set("person", "light")


@cache
def forms() -> frozenset[str]:
    """Return legal forms of companies."""
    return _set("organisation", "forms")


@cache
def light() -> frozenset[str]:
    """Return articles and prepositions in organisations' names."""
    return _set("organisation", "light")


@cache
def organisation_weights() -> dict[str, float]:
    """Return the weights of the words of organisations that say little; others weigh one."""
    weights = dict.fromkeys(_set("organisation", "common"), COMMON)
    weights.update(dict.fromkeys(light(), LIGHT))
    weights.update(dict.fromkeys(forms(), FORM))
    return {same().get(word, word): weight for word, weight in weights.items()} | weights


@cache
def same() -> dict[str, str]:
    """Return for words that translate or shorten one another the one form kept."""
    found: dict[str, str] = {}
    lines = _table()["organisation"]["same"]
    assert isinstance(lines, list)
    for line in lines:
        kept, *others = line.split()
        found.update(dict.fromkeys((kept, *others), kept))
    return found


@cache
def short_names() -> dict[str, str]:
    """Return for short forms of given names the one that stands for all."""
    found: dict[str, str] = {}
    lines = _table()["person"]["short"]
    assert isinstance(lines, list)
    for line in lines:
        kept, *others = line.split()
        found.update(dict.fromkeys((kept, *others), kept))
    return found


@cache
def phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return by their first word the legal forms of several words with their short form, the longest first."""
    table = _table()["organisation"]["phrases"]
    assert isinstance(table, dict)
    found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for phrase, short in sorted(table.items(), key=lambda item: -len(item[0])):
        found[phrase.split()[0]].append((tuple(phrase.split()), short))
    return dict(found)


@cache
def number_words() -> dict[str, str]:
    """Return digits for the words of small numbers: forty is not among them, first and 1st are."""
    found = {word: str(i) for i, word in enumerate(str(_table()["organisation"]["numbers"]).split())}
    found |= {word: str(i) for i, word in enumerate(str(_table()["organisation"]["ordinals"]).split())}
    return found | {"1st": "1", "2nd": "2", "3rd": "3"} | {f"{i}th": str(i) for i in range(4, 100)}


def settled(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return an organisation's words with legal forms shortened and numbers in digits."""
    out: list[str] = []
    i = 0
    while i < len(words):
        for phrase, short in phrases().get(words[i], ()):
            if words[i : i + len(phrase)] == phrase:
                out.append(short)
                i += len(phrase)
                break
        else:
            out.append(number_words().get(words[i], words[i]))
            i += 1
    return tuple(out)


@cache
def glossary() -> dict[str, str]:
    """Return English for Hangul and Hanja words of organisations' names."""
    found = {}
    for row in csv.DictReader(line for line in _data("glossary.csv").splitlines() if not line.startswith("#")):
        for written in filter(None, (row["hangul"], row["hanja"])):
            found[written] = row["english"]
    return found


@cache
def bodies() -> dict[tuple[str, ...], int]:
    """Return for every name of a known body, folded and sorted, the number of the body."""
    found: dict[tuple[str, ...], int] = {}
    rows = csv.DictReader(line for line in _data("bodies.csv").splitlines() if not line.startswith("#"))
    for number, row in enumerate(rows):
        for name in row["names"].split(";"):
            found[body_key(name)] = number
    return found


@cache
def body_names() -> dict[int, str]:
    """Return the first name of each known body."""
    rows = csv.DictReader(line for line in _data("bodies.csv").splitlines() if not line.startswith("#"))
    return {number: row["names"].split(";")[0] for number, row in enumerate(rows)}


@lru_cache(maxsize=65_536)
def body_key(name: str) -> tuple[str, ...]:
    """Return what two spellings of one body's name share: its words without legal forms and articles, in order."""
    compact = "" if name.isascii() else "".join(c for c in name if not c.isspace())
    if any(is_hangul(c) or "\u4e00" <= c <= "\u9fff" for c in compact):
        return (compact,)
    return tuple(same().get(t, t) for t in settled(tokens(name)) if t not in forms() and t not in light())


def _korean(name: str) -> bool:
    return not name.isascii() and any(is_hangul(c) or "\u4e00" <= c <= "\u9fff" for c in name)


@lru_cache(maxsize=65_536)
def _pieces(name: str) -> tuple[tuple[str, str], ...]:
    """Cut an organisation's name in Hangul or Hanja; each piece comes with its English, where the glossary has it.

    The longest word of the glossary goes first. A word of one syllable (국, 부) counts at the end only: within a name
    it is most often a part of it.
    """
    known, longest = glossary(), max(map(len, glossary()))
    out: list[tuple[str, str]] = []
    for found in _RUNS.findall(_NUMBERED.sub(r"\1", name)):
        if not _korean(found):
            out.append((found, found))
            continue
        run, rest = "".join(found.split()), ""
        left = 0
        while left < len(run):
            for size in range(min(longest, len(run) - left), 0, -1):
                piece = run[left : left + size]
                if piece in known and (size > 1 or (left + size == len(run) and (left or out))):
                    out += [(rest, ""), (piece, known[piece])]
                    rest, left = "", left + size
                    break
            else:
                rest += run[left]
                left += 1
        out.append((rest, ""))
    return tuple(piece for piece in out if piece[0])


@lru_cache(maxsize=65_536)
def translated(name: str) -> str:
    """Put English for the Korean words of an organisation's name; the rest is spelt as the DPRK would."""
    if not _korean(name):
        return name
    return " ".join(english or romanize.dprk(text) for text, english in _pieces(name))


def keys(name: str) -> tuple[str, ...]:
    """Return further words by which a name is found.

    They are its syllables if it is Chinese, its consonants if it is in Arabic or Hebrew letters, and what the glossary
    lacks of a Korean one in two systems.
    """
    found = chinese.keys(name)
    if abjad.written(name):
        found |= abjad.keys(name)
    if _korean(name):
        rest = [_in_hangul(text) for text, english in _pieces(name) if not english]
        found |= set(tokens(" ".join(romanize.revised(text) for text in rest)))
        found |= set(tokens(" ".join(romanize.dprk(text) for text in rest)))
    return tuple(sorted(found))


def met(name: str, other: str, *, whole: bool = False) -> str:
    """Return a Korean name in Latin letters as the other name has it.

    A piece becomes those words of the other that write it: 대동강 is Taedonggang or Daedonggang, whichever stands
    there. What finds none is translated, and without a translation keeps its letters: it is another word.

    Args:
        name: an organisation's or a ship's name.
        other: the name it is compared with.
        whole: translate nothing, as with ships.
    """
    if not _korean(name) or _korean(other):
        return translated(name) if not whole else name
    theirs = tokens(other)
    pieces = _pieces(name)
    if whole:
        runs = (_SHIP_SUFFIX.sub("", run) for run in _RUNS.findall(name))
        pieces = tuple((run, "" if _korean(run) else run) for run in runs)
    return " ".join(_spelling(text, theirs) or english or plain(text) for text, english in pieces)


def _in_hangul(text: str) -> str:
    """Return a text with its Hanja in their likeliest Korean reading."""
    known = hanja()
    return "".join(max(known[c].readings, key=known[c].readings.__getitem__) if c in known else c for c in text)


def _spelling(text: str, theirs: tuple[str, ...]) -> str:
    """Return the neighbouring words that write a piece of Hangul or Hanja of two syllables and more."""
    text = "".join(text.split())
    if len(text) < 2 or not _korean(text):
        return ""
    read = _in_hangul(text)
    for start in range(len(theirs)):
        for end in range(start + 1, min(len(theirs), start + 4) + 1):
            if romanize.writes(read, "".join(theirs[start:end])):
                return " ".join(theirs[start:end])
    return ""
