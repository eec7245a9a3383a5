"""The words of all listed names, and which names bear them: the way to names that are not Korean."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bongsu.screen import words
from bongsu.screen.fold import skeleton, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    Array = np.ndarray[Any, np.dtype[Any]]

MOST_NEAREST = 50_000
WHOLE = 2.0
"""How many words a key of the whole name counts for: all its syllables, or its words joined."""


@dataclass
class Vocabulary:
    """The words of the lists.

    Attributes:
        words: every word once; its place here is its number.
        ends: where the names of each word end in `places`; they begin where the word before ends.
        places: numbers of the listed names, word after word, rising within a word.
        weights: what each word says: the logarithm of one plus its rarity.
        skeletons: the words of each skeleton, in their order.
    """

    words: list[str]
    ends: Array
    places: Array
    weights: list[float]
    skeletons: dict[str, list[int]]
    _nearest: dict[str, list[tuple[int, float]]] = field(default_factory=dict, compare=False, repr=False)
    _sets: dict[tuple[str, int], Array] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _buckets(self) -> dict[tuple[str, int], list[str]]:
        """Words by first letter and length."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self.words:
            found[word[0], len(word)].append(word)
        return dict(found)

    def _alike(self, token: str, length: int, slips: int) -> list[str]:
        """Return the words of a length, of the same first letter, that as many slips may turn into `token`.

        A slip changes two letters at most: words whose sets of letters differ by more need no look.
        """
        bucket = self._buckets.get((token[0], length))
        if bucket is None:
            return []
        sets = self._sets.get((token[0], length))
        if sets is None:
            sets = self._sets[token[0], length] = np.array([_letters(word) for word in bucket], dtype=np.uint64)
        near = np.bitwise_count(sets ^ np.uint64(_letters(token))) <= 2 * slips
        return [bucket[i] for i in np.flatnonzero(near)]

    def names(self, number: int) -> Array:
        """Return the listed names that bear a word."""
        return self.places[self.ends[number - 1] if number else 0 : self.ends[number]]

    def find(self, text: str, total: int, cover: float) -> tuple[Array, Array]:
        """Return the listed names whose shared words weigh at least `cover` of what all words of a text weigh.

        Args:
            text: the name that is asked for.
            total: how many names are listed.
            cover: share of the best possible weight.

        Returns:
            the names' numbers, rising, and what their words weigh.
        """
        gains: list[tuple[int, float]] = []
        most = 0.0
        joined = "".join(tokens(text))
        for token in index_words(text):
            scale = WHOLE if ":" in token or token == joined else 1.0
            near = [(number, self.weights[number] * similarity) for number, similarity in self.near(token)]
            most += max((gain for _, gain in near), default=0.0)
            gains += [(number, gain * scale) for number, gain in near]
        if not most:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        borne = [self.names(number) for number, _ in gains]
        weighed = np.repeat(np.array([gain for _, gain in gains], dtype=np.float32), [len(names) for names in borne])
        scores = np.zeros(total, dtype=np.float32)
        np.add.at(scores, np.concatenate(borne), weighed)
        found = np.flatnonzero(scores >= cover * most)
        return found, scores[found]

    def near(self, token: str) -> list[tuple[int, float]]:
        """Return the words of the lists that a word may be, with how alike they are."""
        known = self._nearest.get(token)
        if known is None:
            if len(self._nearest) >= MOST_NEAREST:
                self._nearest.clear()  # names share most of their words: those in use soon come back
            known = self._nearest[token] = self._look_near(token)
        return known

    def _look_near(self, token: str) -> list[tuple[int, float]]:
        own = self.numbers.get(token)
        found = {} if own is None else {own: 1.0}
        if ":" in token:  # a key, not a word: it fits or does not
            return list(found.items())
        if len(token) > 2:
            for number in self.skeletons.get(skeleton(token), ()):
                found.setdefault(number, 0.8)
        if len(token) > 3:
            from rapidfuzz import process
            from rapidfuzz.distance import OSA

            slips = 1 if len(token) < 8 else 2
            for length in range(len(token) - slips, len(token) + slips + 1):
                alike = self._alike(token, length, slips)
                for word, distance, _ in process.extract(
                    token, alike, scorer=OSA.distance, score_cutoff=slips, limit=12
                ):
                    found.setdefault(self.numbers[word], 1 - distance / len(token))
        return list(found.items())


def _letters(word: str) -> int:
    """Return the set of a word's characters as bits; some share one."""
    bits = 0
    for char in word:
        bits |= 1 << (ord(char) & 63)
    return bits


def build(names: Sequence[str]) -> Vocabulary:
    """Return the vocabulary of the listed names."""
    postings: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(names):
        for word in index_words(text):
            postings[word].append(place)
    total = max(1, len(names))
    skeletons: dict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(postings):
        skeletons[skeleton(word)].append(number)
    return Vocabulary(
        words=list(postings),
        ends=np.cumsum([len(found) for found in postings.values()], dtype=np.int64),
        places=np.array([place for found in postings.values() for place in found], dtype=np.int64),
        weights=[float(np.log(1 + total / len(found))) for found in postings.values()],
        skeletons=dict(skeletons),
    )


def index_words(text: str) -> tuple[str, ...]:
    """Return the words by which a name is found: as persons and as organisations have them."""
    plain = tokens(text)
    translated = tokens(words.translated(text))
    same = words.same()
    found = [*plain, *(same.get(t, t) for t in words.settled(translated)), *words.keys(text)]
    if 1 < len(plain) <= 5:
        found += ["".join(plain), "".join(w for w in plain if w not in words.SHIP_PREFIXES)]
    key_ = words.body_key(text)
    number = words.bodies().get(key_)
    if number is not None:
        found.append(f"body:{number}")
    return tuple(dict.fromkeys(found))
