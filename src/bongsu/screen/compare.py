"""Compare two names of any kind, and give the score its band and its reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bongsu.screen import chinese, korean, names
from bongsu.screen.entry import Kind

SCHEMATA = {
    "person": Kind.PERSON,
    "company": Kind.ORGANISATION,
    "organization": Kind.ORGANISATION,
    "organisation": Kind.ORGANISATION,
    "legalentity": Kind.ORGANISATION,
    "publicbody": Kind.ORGANISATION,
    "vessel": Kind.VESSEL,
    "airplane": Kind.AIRCRAFT,
    "aircraft": Kind.AIRCRAFT,
    "thing": Kind.UNKNOWN,
    "unknown": Kind.UNKNOWN,
    "": Kind.UNKNOWN,
}
"""What a `schema` of a query means; FollowTheMoney's names and ours."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """The outcome of comparing two names.

    Attributes:
        score: in [0, 1]; a probability where both read as Korean names, else a similarity on the same bar.
        method: korean, words, body, ship, document or wallet.
        detail: what the score was made of; the reasons are put into words only where somebody asks for them.
    """

    score: float
    method: str
    detail: korean.Comparison | names.Pairing | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for each reason."""
        return self.detail.reasons if self.detail is not None else ()

    @property
    def reading(self) -> str:
        """Both names in Hangul, where that decided."""
        return f"{self.detail.left} / {self.detail.right}" if isinstance(self.detail, korean.Comparison) else ""


@cache
def scoring() -> dict[str, dict[str, float]]:
    """Return the bands and factors of scoring.toml."""
    return tomllib.loads(files(__package__).joinpath("scoring.toml").read_text(encoding="utf-8"))


def band(score: float) -> str:
    """Return clear, review or strong. No band says that anybody is guilty of anything."""
    bands = scoring()["bands"]
    return "strong" if score >= bands["strong"] else "review" if score >= bands["review"] else "clear"


def compare(a: str, b: str, kind: Kind = Kind.UNKNOWN) -> Similarity:
    """Compare two names as names of that kind; of an unknown kind, as the kind that fits them best."""
    if kind is Kind.PERSON:
        return person(a, b)
    if kind is Kind.ORGANISATION:
        return _worded("body", names.organisation(a, b))
    if kind in {Kind.VESSEL, Kind.AIRCRAFT}:
        return _worded("ship", names.vessel(a, b))
    if kind is Kind.WALLET:
        return _worded("words", names.organisation(a, b))
    as_person = person(a, b)
    as_body = _worded("body", names.organisation(a, b))
    if as_person.method == "korean" and korean.read(a).korean and korean.read(b).korean:
        return as_person
    return max(as_person, as_body, key=lambda s: s.score)


def person(a: str, b: str) -> Similarity:
    """Compare two persons: as Korean names where both read as such, by their words otherwise.

    Several names in one text, parted by semicolons or commas, are compared each, and the best pair speaks.
    """
    if ";" in a or ";" in b or a.count(",") > 1 or b.count(",") > 1:
        pairs = [(x, y) for x in _several(a) for y in _several(b)]
        if len(pairs) > 1:
            return max((_one_person(x, y) for x, y in pairs), key=lambda s: s.score)
    return _one_person(a, b)


def _several(text: str) -> list[str]:
    """Return the names of a text; a comma parts names only where two words or more stand on all its sides."""
    parts = [part.strip() for part in text.split(";") if part.strip()][:8]
    found = []
    for part in parts:
        named = [name.strip() for name in part.split(",")]
        found += named if 2 < len(named) <= 8 and all(len(n.split()) > 1 for n in named) else [part]
    return found or [text]


def _one_person(a: str, b: str) -> Similarity:
    left, right = korean.read(a), korean.read(b)
    if not left.paths or not right.paths:
        return _by_words(a, b)
    found = korean.compare_readings(left, right)
    as_korean = Similarity(min(found.score, scoring()["limits"]["name_alone"]), "korean", found)
    if found.korean or (_initials(left) != _initials(right) and (left.korean or right.korean)):
        if not _turned(left.tokens, right.tokens):
            return as_korean
    elif not (left.korean or right.korean) and chinese.alike(a, b) == 0:
        return _by_words(a, b)
    return max(as_korean, _by_words(a, b), key=lambda s: s.score)


def _by_words(a: str, b: str) -> Similarity:
    """Compare by words; where one name reads as Korean and the other does not, resemblance alone says less."""
    found = _worded("words", names.person(a, b))
    if korean.read(a).korean != korean.read(b).korean and _slips(found) > 1 and not chinese.alike(a, b):
        return replace(found, score=found.score * scoring()["limits"]["one_korean"])
    return found


def _slips(found: Similarity) -> int:
    """Return how many words have no equal: a Korean name's short words are a slip away from a hundred others."""
    if not isinstance(found.detail, names.Pairing):
        return 0
    unequal = sum(x != y for x, y, _ in found.detail.pairs)
    return unequal + len(found.detail.unmatched) if unequal else 0


def _initials(reading: korean.Reading) -> bool:
    """Say whether single letters stand in a name: "Kim J.S."."""
    return any(len(token) == 1 for token in reading.tokens[1:])


def _turned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Say whether two names have the same words in one order, the surname first or last."""
    return len(a) > 1 and a in {b, (*b[1:], b[0]), (*b[-1:], *b[:-1])}


def _worded(method: str, found: names.Pairing) -> Similarity:
    limit = scoring()["limits"]["name_alone"]
    return Similarity(min(found.score, limit), method, found)
