"""Write Hangul in Latin letters, and say whether Latin letters write a piece of Hangul.

The first is for words that no table translates, so that they can be looked up; the second compares them, in whatever
system
the Latin is. Sources: the DPRK's system as its ships and firms use it (marks left out); Revised Romanization (2000).
"""

from __future__ import annotations

from functools import lru_cache

from bongsu.screen.korean import tables
from bongsu.screen.korean.hangul import is_hangul, split
from bongsu.screen.korean.spelling import LONGEST, script

LEAST = 0.01
"""Share of writers from which on a spelling of a syllable counts."""
_ONSETS = {
    "ㄱ": "k", "ㄲ": "kk", "ㄴ": "n", "ㄷ": "t", "ㄸ": "tt", "ㄹ": "r", "ㅁ": "m", "ㅂ": "p", "ㅃ": "pp",
    "ㅅ": "s", "ㅆ": "ss", "ㅇ": "", "ㅈ": "j", "ㅉ": "jj", "ㅊ": "ch", "ㅋ": "kh", "ㅌ": "th", "ㅍ": "ph", "ㅎ": "h",
}  # fmt: skip
_REVISED_ONSETS = {**_ONSETS, "ㄱ": "g", "ㄷ": "d", "ㅂ": "b", "ㅋ": "k", "ㅌ": "t", "ㅍ": "p"}
_VOWELS = {
    "ㅏ": "a", "ㅐ": "ae", "ㅑ": "ya", "ㅒ": "yae", "ㅓ": "o", "ㅔ": "e", "ㅕ": "yo", "ㅖ": "ye", "ㅗ": "o",
    "ㅘ": "wa", "ㅙ": "wae", "ㅚ": "oe", "ㅛ": "yo", "ㅜ": "u", "ㅝ": "wo", "ㅞ": "we", "ㅟ": "wi",
    "ㅠ": "yu", "ㅡ": "u", "ㅢ": "ui", "ㅣ": "i",
}  # fmt: skip
_REVISED_VOWELS = {**_VOWELS, "ㅓ": "eo", "ㅕ": "yeo", "ㅡ": "eu"}
_CODAS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ng"}
_VOICED = {"ㄱ": "g", "ㄷ": "d", "ㅂ": "b"}


def dprk(text: str) -> str:
    """Return Hangul as the DPRK spells it in Latin letters, without marks: 대동강 -> taedonggang; the rest is kept."""
    out: list[str] = []
    voiced = False
    for char in text:
        if not is_hangul(char):
            out.append(char)
            voiced = False
            continue
        onset, vowel, coda = split(char)
        out.append((_VOICED.get(onset) if voiced else None) or _ONSETS[onset])
        out.append(_VOWELS[vowel] + _CODAS.get(coda, "t"))
        voiced = coda in {"", "ㄴ", "ㄹ", "ㅁ", "ㅇ"}
    return "".join(out)


def revised(text: str) -> str:
    """Return Hangul in Revised Romanization, syllable by syllable: 대동강 -> daedonggang; the rest is kept."""
    return "".join(
        f"{_REVISED_ONSETS[o]}{_REVISED_VOWELS[v]}{_CODAS.get(c, 't')}" if is_hangul(char) else char
        for char in text
        for o, v, c in [split(char) if is_hangul(char) else ("", "", "")]
    )


@lru_cache(maxsize=16_384)
def writes(hangul: str, latin: str) -> bool:
    """Say whether a Latin word may write a piece of Hangul, in any of the systems and customs."""
    spelling = script("latin")
    ways = [latin, *(variant for variant, *_ in spelling.separated(latin))]
    return any(_fits(hangul, way) for way in ways)


def _fits(hangul: str, latin: str) -> bool:
    spelling = script("latin")
    starts = {0}
    for syllable in hangul:
        if not is_hangul(syllable):
            return False
        written = {s for u in tables.underlying_of(syllable, surname=False) for s in tables.surfaces(u)} | {syllable}
        starts = {
            end
            for start in starts
            for end in range(start + 1, min(len(latin), start + LONGEST) + 1)
            if any(spelling.syllable(latin[start:end]).get(s, 0.0) >= LEAST for s in written)
        }
        if not starts:
            return False
    return len(latin) in starts
