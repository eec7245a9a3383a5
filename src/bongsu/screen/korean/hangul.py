"""Hangul syllables: taking them apart, putting them together, and the initial-sound law.

Source: The Unicode Standard, section 3.12 (conjoining jamo arithmetic); the DPRK's 조선말규범집 keeps an
initial ㄹ that the
South's 한글 맞춤법 (articles 10-12) drops or turns into ㄴ.
"""

from __future__ import annotations

from functools import cache

FIRST, LAST = 0xAC00, 0xD7A3
ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_SOFT = frozenset("ㅑㅒㅕㅖㅛㅠㅣ")
"""Before these an initial ㄹ or ㄴ falls silent in the South; before others ㄹ becomes ㄴ."""


def is_hangul(char: str) -> bool:
    """Say whether a character is one whole Hangul syllable."""
    return FIRST <= ord(char) <= LAST


def split(syllable: str) -> tuple[str, str, str]:
    """Return onset, vowel and coda of a syllable."""
    index = ord(syllable) - FIRST
    return ONSETS[index // 588], VOWELS[index % 588 // 28], CODAS[index % 28]


def join(onset: str, vowel: str, coda: str = "") -> str:
    """Return the syllable of those parts."""
    return chr(FIRST + ONSETS.index(onset) * 588 + VOWELS.index(vowel) * 28 + CODAS.index(coda))


@cache
def southern(syllable: str) -> str:
    """Return how the South writes a syllable at the beginning of a word: 리 -> 이, 로 -> 노, 녀 -> 여."""
    onset, vowel, coda = split(syllable)
    if onset == "ㄹ":
        return join("ㅇ" if vowel in _SOFT else "ㄴ", vowel, coda)
    if onset == "ㄴ" and vowel in _SOFT and vowel != "ㅣ":
        return join("ㅇ", vowel, coda)
    return syllable


@cache
def neighbours(syllable: str) -> tuple[str, ...]:
    """Return the syllables that differ in one jamo."""
    onset, vowel, coda = split(syllable)
    return (
        *(join(o, vowel, coda) for o in ONSETS if o != onset),
        *(join(onset, v, coda) for v in VOWELS if v != vowel),
        *(join(onset, vowel, c) for c in CODAS if c != coda),
    )
