"""Compare two names of any kind, and give the score its band and its reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bongsu.screen import chinese, korean, names
from bongsu.screen.entry import Kind
from bongsu.screen.fold import tokens

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
    """Compare two persons: as Korean names where both read as such, by their words otherwise."""
    limit = scoring()["limits"]["name_alone"]
    in_words = _worded("words", names.person(a, b))
    if not korean.read(a).paths or not korean.read(b).paths:
        return in_words
    found = korean.compare(a, b)
    as_korean = Similarity(min(found.score, limit), "korean", found)
    decided = found.korean or (_initials(a) != _initials(b) and (korean.read(a).korean or korean.read(b).korean))
    if decided and not _turned(tokens(a), tokens(b)):
        return as_korean
    if not (decided or korean.read(a).korean or korean.read(b).korean) and chinese.alike(a, b) == 0:
        return in_words
    return max(as_korean, in_words, key=lambda s: s.score)


def _initials(text: str) -> bool:
    """Say whether single letters stand in a name: "Kim J.S."."""
    return any(len(t) == 1 for t in korean.read(text).tokens[1:])


def _turned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Say whether two names have the same words in one order, the surname first or last."""
    return len(a) > 1 and a in {b, (*b[1:], b[0]), (*b[-1:], *b[:-1])}


def _worded(method: str, found: names.Pairing) -> Similarity:
    limit = scoring()["limits"]["name_alone"]
    return Similarity(min(found.score, limit), method, found)
