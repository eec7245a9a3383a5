"""How likely a syllable is to be written as a piece of text: one table a script, one shape for all."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bongsu.screen.korean import tables
from bongsu.screen.korean.hangul import join, split

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 9
"""No piece of text that writes one syllable is longer."""
INITIAL = 0.03
"""Share of writers who give only the first letter of a given name's syllable."""

ASSIMILATED = 0.3
"""Share of writers who write consonants as they sound where two syllables meet, as McCune-Reischauer has it."""


class Spelling:
    """The spellings of one script: of onsets, vowels and codas, and of whole syllables that custom writes otherwise."""

    def __init__(self, name: str) -> None:
        table = tables.toml(f"{name}.toml")
        self.floor = float(table["letter_floor"])  # type: ignore[arg-type]  # a bare number among the tables
        self._onsets = _invert(table["onset"])
        self._vowels = _invert(table["vowel"])
        self._codas = _invert(table["coda"])
        self._vowel, self._coda = max(map(len, self._vowels)), max(map(len, self._codas))  # letters of the longest
        whole = {syllable: tables.spellings(text) for syllable, text in table["whole"].items()}
        self._whole: dict[str, dict[str, float]] = defaultdict(dict)
        for syllable, found in whole.items():
            for spelling, share in found.items():
                self._whole[spelling][syllable] = share
        self._left = {syllable: max(0.02, 1 - sum(found.values())) for syllable, found in whole.items()}
        self._merged = [
            (_two(text), [_two(way) for way in ways.split(",")]) for text, ways in table.get("assimilation", {}).items()
        ]
        self.syllable = lru_cache(maxsize=65_536)(self._syllable)
        self.initial = cache(self._initial)

    def _syllable(self, text: str) -> dict[str, float]:
        """Return how likely each Hangul syllable is to be written as this text, for those that ever are."""
        found: dict[str, float] = dict(self._whole.get(text, {}))
        if not 0 < len(text) <= LONGEST:
            return found
        names = tables.written_syllables()
        for i in range(min(4, len(text))):
            for onset, p in self._onsets.get(text[:i], ()):
                for j in range(max(i + 1, len(text) - self._coda), min(len(text), i + self._vowel) + 1):
                    for vowel, q in self._vowels.get(text[i:j], ()):
                        for coda, r in self._codas.get(text[j:], ()):
                            syllable = join(onset, vowel, coda)
                            if syllable in names:
                                share = p * q * r * self._left.get(syllable, 1.0)
                                found[syllable] = found.get(syllable, 0.0) + share
        return found

    def separated(self, token: str) -> Iterator[tuple[str, int, tuple[str, str], tuple[str, str], float]]:
        """Yield what a token may have been before two of its consonants met and changed: Pongnim -> Pokrim.

        Each comes with the place of the border, the coda and the onset as written and as they were, and its weight.
        """
        for (coda, onset), ways in self._merged:
            place = token.find(coda + onset, 1)
            while place > 0:
                head, tail = token[:place], token[place + len(coda + onset) :]
                for old_coda, old_onset in ways if tail else ():
                    border = place + len(old_coda)
                    weight = ASSIMILATED / len(ways)
                    yield head + old_coda + old_onset + tail, border, (coda, old_coda), (onset, old_onset), weight
                place = token.find(coda + onset, place + 1)

    def _initial(self, letter: str) -> dict[str, float]:
        """Return how likely each syllable is to begin with this letter."""
        onsets: dict[str, float] = defaultdict(float)
        for spelling, items in self._onsets.items():
            if spelling.startswith(letter):
                for onset, share in items:
                    onsets[onset] += share
        vowels: dict[str, float] = defaultdict(float)
        for spelling, items in self._vowels.items():
            if spelling.startswith(letter):
                for vowel, share in items:
                    vowels[vowel] += share
        found = {}
        for syllable in sorted(tables.written_syllables()):
            onset, vowel, _ = split(syllable)
            share = vowels.get(vowel, 0.0) if onset == "ㅇ" else onsets.get(onset, 0.0)
            if share:
                found[syllable] = share
        return found


def _two(text: str) -> tuple[str, str]:
    """Read `k r` into a coda and an onset."""
    coda, onset = text.split()
    return coda, onset


def _invert(table: dict[str, str]) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for jamo, text in table.items():
        for spelling, share in tables.spellings(text).items():
            found[spelling].append((jamo, share))
    return dict(found)


@cache
def script(name: str) -> Spelling:
    """Return the spellings of a script: latin, cyrillic or kana."""
    return Spelling(name)
