"""Compare names word by word: persons of any script, organisations, ships.

Each word of one name is paired with its best partner in the other; words weigh by what they say. The score grows with
the share of both names that found a partner. It is a similarity in [0, 1], not a probability; 0.7 is where an analyst
should look. "CORP" alone never matches: words without weight cannot carry a score.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from bongsu.screen import abjad, chinese, words
from bongsu.screen.fold import skeleton, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TOKENS = 24
_BRACKETS = re.compile(r"\(([A-Z]{3,9})\)")
SCALE = 0.82
"""Exponent that puts the coverage where an analyst should look (0.65) at the bar of all scores (0.70)."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A score with the pairs of words that made it."""

    score: float
    pairs: tuple[tuple[str, str, float], ...]
    unmatched: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The pairs in words."""
        said = [f"{a} = {b}" if a == b else f"{a} ~ {b} ({s:.2f})" for a, b, s in self.pairs]
        if self.unmatched:
            said.append("without a partner: " + ", ".join(self.unmatched))
        return tuple(said)


@cache
def _distance() -> Callable[..., int]:
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.distance


@lru_cache(maxsize=262_144)
def word_similarity(a: str, b: str) -> float:  # noqa: PLR0911 - a ladder of cases, each with its score
    """Return how alike two words are, in [0, 1]; 0 where they are not the same word by any likely slip."""
    if a == b:
        return 1.0
    short = words.short_names()
    if a in short and short[a] == short.get(b):
        return 0.92
    if a.isdigit() or b.isdigit():
        return 0.0
    if len(a) == 1 or len(b) == 1:
        return 0.55 if a[0] == b[0] else 0.0
    longest, shortest = max(len(a), len(b)), min(len(a), len(b))
    allowed = 0 if shortest < 4 else 1 if shortest < 6 else 2 if shortest < 11 else 3
    if shortest >= 3 and skeleton(a) == skeleton(b):
        distance = _distance()(a, b, score_cutoff=3)
        if distance <= 2 + longest // 6:
            return max(0.93 - 0.05 * (distance - 1), 0.75)
    elif longest - shortest > allowed:
        return 0.0
    else:
        distance = _distance()(a, b, score_cutoff=allowed)
    if distance <= allowed:
        return 1 - 1.35 * distance / longest
    return 0.0


@lru_cache(maxsize=65_536)
def person_words(text: str) -> tuple[tuple[str, float], ...]:
    """Return the words of a person's name with their weights."""
    light, titles = words.person_light(), words.person_titles()
    found = [(t, words.LIGHT if t in light else 0.4 if len(t) == 1 else 1.0) for t in tokens(text)[:MOST_TOKENS]]
    kept = [item for item in found if item[0] not in titles]
    return tuple(kept or found)


@lru_cache(maxsize=65_536)
def organisation_words(text: str) -> tuple[tuple[str, float], ...]:
    """Return the words of an organisation's name with their weights, Korean words translated."""
    weights, same = words.organisation_weights(), words.same()
    found = []
    for token in words.settled(tokens(words.translated(text))[:MOST_TOKENS]):
        word = same.get(token, token)
        found.append((word, weights.get(token, weights.get(word, 0.5 if len(word) == 1 else 1.0))))
    return tuple(found)


@lru_cache(maxsize=16_384)
def vessel_words(text: str) -> tuple[tuple[str, float], ...]:
    """Return the words of a ship's name: prefixes such as M/V say nothing."""
    return tuple((t, 1.0) for t in tokens(text)[:MOST_TOKENS] if t not in words.SHIP_PREFIXES) or tuple(
        (t, 1.0) for t in tokens(text)[:MOST_TOKENS]
    )


def pair(
    a: tuple[tuple[str, float], ...], b: tuple[tuple[str, float], ...], *, need: float = 0.75, exact: bool = False
) -> Pairing:
    """Pair the words of two names greedily, best first, after joining words that one side writes apart.

    Args:
        a: words of one name with their weights.
        b: words of the other.
        need: weight that matched words must have together; less cannot carry a match.
        exact: pair equal words only.
    """
    a, b = _joined(a, b)
    options = sorted(
        (-similarity, abs(i - j), i, j)
        for i, (x, _) in enumerate(a)
        for j, (y, _) in enumerate(b)
        if (similarity := float(x == y) if exact else word_similarity(x, y)) > 0
    )
    left, right = set(range(len(a))), set(range(len(b)))
    pairs: list[tuple[str, str, float]] = []
    got_a = got_b = full = 0.0
    for negative, _, i, j in options:
        if i in left and j in right:
            similarity = -negative
            left.discard(i)
            right.discard(j)
            got_a += similarity * a[i][1]
            got_b += similarity * b[j][1]
            full += min(a[i][1], b[j][1])
            pairs.append((a[i][0], b[j][0], similarity))
    total_a, total_b = sum(w for _, w in a), sum(w for _, w in b)
    rest = tuple([a[i][0] for i in sorted(left)] + [b[j][0] for j in sorted(right)])
    if not total_a or not total_b or not pairs:
        return Pairing(0.0, (), rest)
    cover_a, cover_b = got_a / total_a, got_b / total_b
    low, high = min(cover_a, cover_b), max(cover_a, cover_b)
    score = low * 0.62 + high * 0.38
    if full < need and not (low > 0.999 and (total_a < need or total_b < need)):
        score *= full / need
    if total_a <= words.COMMON or total_b <= words.COMMON:
        score = min(score, 0.3) if rest or max(total_a, total_b) <= words.FORM * 3 else score
    return Pairing(min(score, 1.0) ** SCALE, tuple(pairs), rest)


def _joined(
    a: tuple[tuple[str, float], ...], b: tuple[tuple[str, float], ...]
) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    """Join neighbouring words of one side that the other writes as one: Ah med -> Ahmed."""
    return _join_to(a, {w for w, _ in b}), _join_to(b, {w for w, _ in a})


def _join_to(own: tuple[tuple[str, float], ...], other: set[str]) -> tuple[tuple[str, float], ...]:
    longest = max(map(len, other), default=0)
    if not any(
        len(x) + len(y) <= longest and x not in other and any(w.startswith(x + y) for w in other)
        for (x, _), (y, _) in pairwise(own)
    ):
        return own
    out: list[tuple[str, float]] = []
    i = 0
    while i < len(own):
        for size in range(min(4, len(own) - i), 1, -1):
            run = own[i : i + size]
            joined = "".join(w for w, _ in run)
            if own[i][0] not in other and joined in other:
                out.append((joined, max(weight for _, weight in run)))
                i += size
                break
        else:
            out.append(own[i])
            i += 1
    return tuple(out)


def person(a: str, b: str) -> Pairing:
    """Compare two persons' names, whatever the order of their words.

    One word alone says little: a name that shares only one full word with a longer one stays below the bar. Chinese
    names are compared by their syllables.
    """
    met = abjad.written(a) != abjad.written(b)
    exact = met and not any(c.isascii() and c.isalpha() for c in (a if abjad.written(a) else b))
    if met:  # what meets no word of the other is another word, however it is transliterated
        a, b = (abjad.latinised(a, b), b) if abjad.written(a) else (a, abjad.latinised(b, a))
    found = pair(person_words(a), person_words(b), exact=exact)
    strong = [p for p in found.pairs if len(p[0]) > 1 and len(p[1]) > 1 and p[0] not in words.person_light()]
    score = found.score
    if len(strong) > 1 and not (_only(a, found) and _only(b, found)) and min(p[2] for p in strong) > 0.85:
        score = max(score, 0.74)  # the whole shorter name stands in the longer one
    if found.unmatched and len(strong) < 2:
        score = min(score, 0.6)
    if any(len(w) > 1 and w not in words.person_light() for w in _only(a, found)) and any(
        len(w) > 1 and w not in words.person_light() for w in _only(b, found)
    ):
        score *= 0.8 if len(strong) >= 3 else 0.68
    chinese_alike = chinese.alike(a, b)
    if chinese_alike is not None:
        score = max(score, 0.95 * chinese_alike) if chinese_alike else min(score, 0.6)
    return Pairing(score, found.pairs, found.unmatched)


def _only(text: str, found: Pairing) -> tuple[str, ...]:
    own = set(tokens(text))
    return tuple(w for w in found.unmatched if w in own)


def organisation(a: str, b: str) -> Pairing:
    """Compare two organisations' names: known bodies first, then words, then initials."""
    ways = [(x, y) for x in _abbreviated(a) for y in _abbreviated(b)]
    return max((_one_organisation(x, y) for x, y in ways), key=lambda p: p.score)


def _abbreviated(text: str) -> tuple[str, ...]:
    """Return a name, and where its initials stand behind it in brackets, both apart: Daedong Credit Bank (DCB)."""
    found = _BRACKETS.search(text)
    if found is None:
        return (text,)
    rest = _BRACKETS.sub(" ", text)
    initials = "".join(w[0] for w in tokens(rest) if w not in words.light())
    return (rest, found[1]) if initials.startswith(found[1].lower()) else (text,)


def _one_organisation(a: str, b: str) -> Pairing:
    known = words.bodies()
    key_a, key_b = words.body_key(a), words.body_key(b)
    if key_a and key_a == key_b and key_a != ("",):
        return Pairing(1.0, ((a, b, 1.0),), ())
    if key_a in known and known.get(key_b) == known[key_a]:
        return Pairing(0.97, ((a, b, 0.97),), ())
    words_a, words_b = organisation_words(words.met(a, b)), organisation_words(words.met(b, a))
    found = pair(words_a, words_b, need=0.9)
    if _contradicted(found, words_a, words_b) or (key_a in known and key_b in known):
        found = Pairing(min(found.score, 0.6), found.pairs, found.unmatched)
    elif "".join(key_a) == "".join(key_b) and len("".join(key_a)) > 3:
        return Pairing(max(found.score, 0.93), found.pairs or ((a, b, 0.93),), ())
    initials = max(_initials(key_a, key_b), _initials(key_b, key_a))
    return Pairing(initials, ((a, b, initials),), ()) if initials > found.score else found


def _contradicted(found: Pairing, a: tuple[tuple[str, float], ...], b: tuple[tuple[str, float], ...]) -> bool:
    """Say whether names that share words of every second body differ in what is left: Office 38 is not Office 39."""
    weights = dict((*a, *b))
    telling = sum(weights.get(word, 1.0) for word, _, _ in found.pairs if weights.get(word, 1.0) > words.COMMON)
    rest = any(weights.get(word, 1.0) >= words.COMMON for word in found.unmatched)
    return (telling <= 1 and _numbers(a) != _numbers(b)) or (not telling and rest)


def _numbers(found: tuple[tuple[str, float], ...]) -> set[str]:
    return {word for word, _ in found if word.isdigit()}


def _initials(short: tuple[str, ...], long: tuple[str, ...]) -> float:
    """Return 0.72 where one name is the initials of the other: an abbreviation of three letters and more."""
    if len(short) == 1 and 3 <= len(short[0]) <= 8 and len(long) == len(short[0]):
        return 0.72 if short[0] == "".join(w[0] for w in long) else 0.0
    return 0.0


def vessel(a: str, b: str) -> Pairing:
    """Compare two ships' names; numbers in them must agree."""
    a, b = words.met(a, b, whole=True), words.met(b, a, whole=True)
    found = pair(vessel_words(a), vessel_words(b))
    if _numbers(vessel_words(a)) != _numbers(vessel_words(b)):
        return Pairing(found.score * 0.6, found.pairs, found.unmatched)
    if "".join(w for w, _ in vessel_words(a)) == "".join(w for w, _ in vessel_words(b)):
        return Pairing(max(found.score, 0.95), found.pairs or ((a, b, 0.95),), ())
    return found
