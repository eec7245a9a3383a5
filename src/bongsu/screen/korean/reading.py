"""Read a name in any writing as a lattice of Korean syllables.

A reading is a set of paths. A path fixes which part is the surname and where one syllable ends and the next
begins; what
each piece of text stands for stays open: every position carries the probabilities of the syllables it may be.
The model is a plain noisy channel. P(path) = P(order) P(length) P(joined) Π P(syllable) P(text | syllable); what the
Korean paths do not explain is left to a letter model, so that "John Smith" has no Korean reading worth the name.
"""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bongsu.screen.korean import tables, text
from bongsu.screen.korean.hangul import neighbours
from bongsu.screen.korean.spelling import INITIAL, Spelling, script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PATHS = 12
MOST_TOKENS = 6
MOST_GIVEN = 4
_ONLY_SURNAMES = {("金", "김"), ("沈", "심"), ("車", "차")}
"""Readings that a character has as a surname and hardly ever within a given name."""
SLIPPED = 0.001
"""Share of writers who hit a neighbouring jamo; only looked at where the text is no surname otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """One syllable of a name (or a whole surname) as written; equal only to itself, so that comparisons can be kept.

    Attributes:
        text: the piece of text; romaji for katakana.
        posterior: probability of each underlying syllable, given the text.
        evidence: probability that a name has such a piece of text here.
        character: the Hanja, its variants folded; empty in other writings.
    """

    text: str
    posterior: Mapping[str, float]
    evidence: float
    character: str = ""

    @property
    def best(self) -> str:
        """The likeliest syllable."""
        return max(self.posterior, key=self.posterior.__getitem__)


@dataclass(frozen=True, slots=True)
class Path:
    """One way to read a name: surname, given name, the writing, and its share among all ways."""

    surname: Position
    given: tuple[Position, ...]
    writing: str
    share: float

    @property
    def hangul(self) -> str:
        """The likeliest Hangul spelling, surname and given name apart."""
        return f"{self.surname.best} {''.join(p.best for p in self.given)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """All ways in which a text reads as a Korean name.

    Attributes:
        paths: best first; empty if it does not read as one.
        share: probability that it is a Korean name in the writing it stands in, rather than something else.
        tokens: the text as it was read.
    """

    paths: tuple[Path, ...]
    share: float
    tokens: tuple[str, ...]

    @property
    def hangul(self) -> str:
        """The likeliest Hangul spelling; empty if there is none."""
        return self.paths[0].hangul if self.paths else ""

    @property
    def bearers(self) -> float:
        """How many of 76 million Koreans may be expected to bear the likeliest reading's name."""
        if not self.paths:
            return 0.0
        path = self.paths[0]
        found = tables.surnames().get(path.surname.best, tables.UNKNOWN) * settings()[f"given_length_{len(path.given)}"]
        for position in path.given:
            found *= tables.given().get(position.best, tables.UNKNOWN)
        return found * settings()["koreans"]

    @property
    def korean(self) -> bool:
        """Whether it is better read as a Korean name than as anything else."""
        return self.share >= settings()["readable"]


@cache
def settings() -> dict[str, float]:
    """Return the figures of compare.toml, the lengths as given_length_N."""
    raw = tomllib.loads(files(__package__).joinpath("compare.toml").read_text(encoding="utf-8"))
    lengths = raw.pop("given_length")
    return {**{k: float(v) for k, v in raw.items()}, **{f"given_length_{k}": float(v) for k, v in lengths.items()}}


@lru_cache(maxsize=16_384)
def read(name: str) -> Reading:
    """Return all ways to read a text as a Korean name; text that is none gives a reading without paths."""
    cut = text.prepare(name)
    nothing = Reading((), 0.0, cut.tokens)
    if not cut.script and cut.tokens:
        parts = text.runs(name)
        if 1 < len(parts) <= MOST_TOKENS:  # each script by itself; the part that reads best speaks for the record
            return max((read(part) for part in parts), key=lambda r: (r.share, len(r.paths)), default=nothing)
        return nothing
    if not cut.script or not cut.tokens or len(cut.tokens) > MOST_TOKENS:
        return nothing
    paths = list(_PATHS[cut.script](cut))
    if not paths:
        return nothing
    floor = _floor(cut)
    total = sum(path.share for path in paths) + floor
    paths.sort(key=lambda path: -path.share)
    shared = tuple(
        Path(p.surname, p.given, p.writing, p.share / total) for p in paths[:MOST_PATHS] if p.share / total > 1e-6
    )
    return Reading(shared, sum(p.share for p in shared if p.writing != "pinyin"), cut.tokens)


def _floor(cut: text.Text) -> float:
    """Return the probability of the text as a name of some other kind."""
    if cut.script in {"hangul", "hanja"}:
        return float(1e-4**cut.letters) if cut.script == "hangul" else float(1e-5**cut.letters)
    if cut.script == "kana":
        return float(script("kana").floor ** sum(len(text.romaji(t)) for t in cut.tokens))
    return float(script(cut.script).floor ** cut.letters)


def _orders(cut: text.Text) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], float]]:
    """Yield surname tokens, given-name tokens and the probability of that order."""
    s = settings()
    last = s["surname_last"] if cut.script == "latin" else s["surname_last_east"]
    first = 1.0 if cut.surname_first else 1 - last
    for size in (1, 2):
        if len(cut.tokens) > size:
            yield cut.tokens[:size], cut.tokens[size:], first
            if not cut.surname_first:
                yield cut.tokens[-size:], cut.tokens[:-size], last


def _alphabetic(cut: text.Text) -> Iterator[Path]:
    """Yield the paths of a name in an alphabet or in katakana."""
    spelling = script(cut.script)
    tokens = tuple(text.romaji(t) for t in cut.tokens) if cut.script == "kana" else cut.tokens
    cut = text.Text(tokens, cut.script, cut.surname_first, cut.letters)
    s = settings()
    for surname_tokens, given_tokens, order in _orders(cut):
        surname = _surname(spelling, "".join(surname_tokens))
        if surname is None or (len(surname_tokens) == 2 and max(map(len, surname.posterior)) < 2):
            continue
        for given, joints in _given(spelling, given_tokens):
            yield _path(surname, given, cut.script, order * s["joined"] ** joints)
    if len(tokens) == 1:  # parkjinhyok
        only = tokens[0]
        for i in range(1, min(len(only), 2 * 9)):
            surname = _surname(spelling, only[:i])
            if surname is not None:
                for given, joints in _given(spelling, (only[i:],)):
                    yield _path(surname, given, cut.script, s["joined"] ** (joints + 1))
    if cut.script == "latin":
        yield from _pinyin(cut)


def _path(surname: Position, given: tuple[Position, ...], writing: str, weight: float) -> Path:
    for position in (surname, *given):
        weight *= position.evidence
    return Path(surname, given, writing, weight * settings()[f"given_length_{len(given)}"])


def _given(spelling: Spelling, tokens: tuple[str, ...]) -> Iterator[tuple[tuple[Position, ...], int]]:
    """Yield the ways to cut the tokens into syllables, with how many joints lie within tokens."""
    if len(tokens) > MOST_GIVEN:
        return
    ways: list[tuple[tuple[Position, ...], int]] = [((), 0)]
    for token in tokens:
        cuts = _cuts(spelling, token)
        ways = [
            (done + cut, joints + len(cut) - 1)
            for done, joints in ways
            for cut in cuts
            if len(done) + len(cut) <= MOST_GIVEN
        ][:64]
    yield from ways


@lru_cache(maxsize=65_536)
def _cuts(spelling: Spelling, token: str) -> tuple[tuple[Position, ...], ...]:
    """Return the ways to cut one token into at most four syllables."""
    if len(token) > MOST_GIVEN * 8:
        return ()
    found = list(_pieces(spelling, token))
    for variant, border, coda, onset, weight in spelling.separated(token):
        found += _restored(_pieces(spelling, variant), border, coda, onset, weight)
    found.sort(key=lambda cut: -_weight(cut))
    return tuple(found[:8])


def _pieces(spelling: Spelling, token: str) -> list[tuple[Position, ...]]:
    found: list[tuple[Position, ...]] = []

    def go(start: int, done: tuple[Position, ...]) -> None:
        if start == len(token):
            found.append(done)
        elif len(done) < MOST_GIVEN and len(found) < 64:
            for end in range(start + 1, min(len(token), start + 8) + 1):
                position = _syllable(spelling, token[start:end])
                if position is not None:
                    go(end, (*done, position))

    go(0, ())
    return found


def _restored(
    cuts: list[tuple[Position, ...]], border: int, coda: tuple[str, str], onset: tuple[str, str], weight: float
) -> Iterator[tuple[Position, ...]]:
    """Yield the cuts that part at the border, their pieces as the text has them: Pok + rim is written Pong + nim."""
    for cut in cuts:
        ends = list(itertools.accumulate(len(p.text) for p in cut))
        if border in ends[:-1]:
            i = ends.index(border)
            left, right = cut[i], cut[i + 1]
            left = replace(left, text=left.text.removesuffix(coda[1]) + coda[0])
            right = replace(right, text=onset[0] + right.text.removeprefix(onset[1]), evidence=right.evidence * weight)
            yield (*cut[:i], left, right, *cut[i + 2 :])


def _weight(cut: tuple[Position, ...]) -> float:
    weight = settings()["joined"] ** len(cut)
    for position in cut:
        weight *= position.evidence
    return weight


@lru_cache(maxsize=65_536)
def _syllable(spelling: Spelling, piece: str) -> Position | None:
    """Return what a piece of text stands for within a given name; a single letter may be an initial."""
    likelihood = dict(spelling.syllable(piece))
    if len(piece) == 1:
        for syllable, share in spelling.initial(piece).items():
            likelihood[syllable] = likelihood.get(syllable, 0.0) + INITIAL * share
    return _position(piece, likelihood, surname=False)


@lru_cache(maxsize=65_536)
def _surname(spelling: Spelling, piece: str) -> Position | None:
    """Return what a piece of text stands for as a surname of one or two syllables."""
    likelihood = dict(spelling.syllable(piece))
    for i in range(1, len(piece)):
        left = spelling.syllable(piece[:i])
        for name in _long_surnames() if left else ():
            if name[0] in left:
                share = left[name[0]] * spelling.syllable(piece[i:]).get(name[1], 0.0)
                if share:
                    likelihood[name] = likelihood.get(name, 0.0) + share
    return _position(piece, likelihood, surname=True)


@cache
def _long_surnames() -> tuple[str, ...]:
    return tuple(name for name in tables.surnames() if len(name) > 1)


def _position(piece: str, likelihood: Mapping[str, float], *, surname: bool, character: str = "") -> Position | None:
    """Turn the likelihoods of Hangul surfaces into the probabilities of underlying syllables."""
    priors = tables.surnames() if surname else tables.given()
    joint: dict[str, float] = {}
    for surface, share in likelihood.items():
        for underlying, kept in tables.underlying_of(surface, surname=surname).items():
            joint[underlying] = joint.get(underlying, 0.0) + share * kept * priors.get(underlying, tables.UNKNOWN)
    return _normalised(piece, joint, character)


def _normalised(piece: str, joint: dict[str, float], character: str) -> Position | None:
    evidence = sum(joint.values())
    if evidence <= 0:
        return None
    posterior = {syllable: share / evidence for syllable, share in joint.items() if share / evidence > 1e-4}
    return Position(piece, posterior, evidence, character)


def _hangul(cut: text.Text) -> Iterator[Path]:
    yield from _syllabic(cut, _hangul_surname, _hangul_syllable)


def _hanja(cut: text.Text) -> Iterator[Path]:
    yield from _syllabic(cut, _hanja_surname, _hanja_syllable)


def _syllabic(cut: text.Text, surname_of: object, syllable_of: object) -> Iterator[Path]:
    """Yield the paths of a name in a writing with one character a syllable."""
    whole = "".join(cut.tokens)
    if not 1 < len(whole) <= MOST_GIVEN + 2:
        return
    last = settings()["surname_last_east"]
    splits: list[tuple[str, str, float]] = [(whole[:n], whole[n:], 1.0) for n in (1, 2) if len(whole) > n]
    if len(cut.tokens) == 2 and len(cut.tokens[1]) <= 2 and not cut.surname_first:
        splits.append((cut.tokens[1], cut.tokens[0], last))
    for head, rest, weight in splits:
        surname = surname_of(head)  # type: ignore[operator]
        given = tuple(syllable_of(c) for c in rest)  # type: ignore[operator]
        if surname is not None and None not in given and 0 < len(given) <= MOST_GIVEN:
            yield _path(surname, given, cut.script, weight)


@lru_cache(maxsize=4096)
def _hangul_surname(piece: str) -> Position | None:
    found = _position(piece, {piece: 1.0}, surname=True)
    if found is None and len(piece) == 1:  # 촤 is no surname: 최 was meant
        found = _position(piece, dict.fromkeys(neighbours(piece), SLIPPED), surname=True)
    return found


@lru_cache(maxsize=16_384)
def _hangul_syllable(piece: str) -> Position | None:
    return _position(piece, {piece: 1.0}, surname=False)


def _folded(piece: str) -> str:
    known = tables.hanja()
    return "".join(known[c].folded if c in known else c for c in piece)


@lru_cache(maxsize=4096)
def _hanja_surname(piece: str) -> Position | None:
    names = tables.surname_hanja().get(piece) or tables.surname_hanja().get(_folded(piece))
    if not names:
        return None
    priors = tables.surnames()
    return _normalised(piece, {name: share * priors[name] for name, share in names.items()}, _folded(piece))


@lru_cache(maxsize=16_384)
def _hanja_syllable(piece: str) -> Position | None:
    entry = tables.hanja().get(piece)
    if entry is None:
        return None
    priors = tables.given()
    joint = {
        s: share * priors.get(s, tables.UNKNOWN) * (0.005 if (piece, s) in _ONLY_SURNAMES else 0.1)
        for s, share in entry.readings.items()
    }
    return _normalised(piece, joint, entry.folded)


def _pinyin(cut: text.Text) -> Iterator[Path]:
    """Yield the paths of a Latin name that is the pinyin of its Hanja."""
    s = settings()
    for surname_tokens, given_tokens, order in _orders(cut):
        names = tables.surname_pinyin().get("".join(surname_tokens))
        if not names or len(given_tokens) > 3:
            continue
        priors = tables.surnames()
        surname = _normalised("".join(surname_tokens), {n: p * priors[n] for n, p in names.items()}, "")
        for pieces in _pinyin_pieces(given_tokens):
            given = tuple(_pinyin_syllable(piece) for piece in pieces)
            if surname is not None and all(given):
                yield _path(surname, given, "pinyin", order * s["pinyin"])  # type: ignore[arg-type]  # none is None


def _pinyin_pieces(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(tokens) > 1:
        yield tokens
        return
    token = tokens[0]
    yield (token,)
    for i in range(1, len(token)):
        if token[:i] in tables.pinyin() and token[i:] in tables.pinyin():
            yield token[:i], token[i:]


@lru_cache(maxsize=4096)
def _pinyin_syllable(piece: str) -> Position | None:
    priors = tables.given()
    likelihood = tables.pinyin().get(piece, {})
    return _normalised(piece, {s: share * priors.get(s, tables.UNKNOWN) for s, share in likelihood.items()}, "")


_PATHS = {"hangul": _hangul, "hanja": _hanja, "latin": _alphabetic, "cyrillic": _alphabetic, "kana": _alphabetic}
