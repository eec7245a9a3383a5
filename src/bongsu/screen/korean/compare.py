"""Compare two names in the space of Korean syllables.

The score is the probability that both texts write one name, out of

    odds = prior odds x P(both texts | one name) / (P(text A) P(text B))

Position by position the ratio is Σ P(syllable | A) P(syllable | B) / P(syllable): sharing a rare syllable says
much, sharing
김 says little, and a reading that needs a rare spelling counts only as far as it is likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bongsu.screen.korean import tables
from bongsu.screen.korean.reading import Path, Position, Reading, read, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


LEAST_SHARE = 1e-4
"""Pairs of paths that are less likely than this together are passed over: they add nothing that is seen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One position of the best alignment: both pieces of text, the syllable they share, and how much that says.

    `ratio` is how many times likelier both pieces are if the name is one; `shared` is empty where the syllables
    differ or
    one side lacks it.
    """

    left: str
    right: str
    shared: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome: `score` in [0, 1], whether both sides read as Korean at all, both readings in Hangul, the steps."""

    score: float
    korean: bool
    left: str
    right: str
    steps: tuple[Step, ...]
    same_text: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons in words."""
        said = [f"reads as {self.left} and {self.right}" if self.left != self.right else f"both read as {self.left}"]
        for step in self.steps:
            if step.shared:
                said.append(f"{step.left} ~ {step.right}: {step.shared} (x{step.ratio:.3g})")
            elif step.left and step.right:
                said.append(f"{step.left} and {step.right} share no likely syllable (x{step.ratio:.2g})")
            else:
                said.append(f"{step.left or step.right} stands on one side only (x{step.ratio:.2g})")
        if self.same_text:
            said.append("spelt alike")
        return tuple(said)


def compare(left: str, right: str) -> Comparison:
    """Compare two names in any writing; the score is 0 where either has no Korean reading."""
    return compare_readings(read(left), read(right))


def compare_readings(a: Reading, b: Reading) -> Comparison:
    """Compare two names that have been read."""
    s = settings()
    total, best, pair = 0.0, 0.0, None
    best_steps: tuple[Step, ...] = ()
    for p in a.paths:
        for q in b.paths:
            if p.share * q.share < LEAST_SHARE or p.writing == q.writing == "pinyin":
                continue  # two pinyin names are compared as pinyin, not by what Koreans would make of them
            ratio, steps = _align(p, q)
            weighed = p.share * q.share * ratio
            total += weighed
            if weighed > best:
                best, best_steps, pair = weighed, steps, (p, q)
    same = bool(a.tokens) and a.tokens == b.tokens and bool(a.paths)
    if same:
        path = a.paths[0]
        alike = s["same_hand"] * path.share
        for position in (path.surname, *path.given):
            alike /= position.evidence
        total = max(total, alike)
    odds = s["prior"] / (1 - s["prior"]) * total
    shown = pair or (a.paths[0] if a.paths else None, b.paths[0] if b.paths else None)
    return Comparison(
        score=odds / (1 + odds),
        korean=a.korean and b.korean,
        left=shown[0].hangul if shown[0] else "",
        right=shown[1].hangul if shown[1] else "",
        steps=best_steps,
        same_text=same,
    )


def _align(p: Path, q: Path) -> tuple[float, tuple[Step, ...]]:
    """Return the likelihood ratio of two paths and its steps; a given name may lack one syllable."""
    first = _step(p.surname, q.surname, surname=True)
    if len(p.given) == len(q.given):
        steps = (first, *(_step(x, y) for x, y in zip(p.given, q.given, strict=True)))
        return _product(steps) / settings()[f"given_length_{len(p.given)}"], steps
    if not first.shared or abs(len(p.given) - len(q.given)) > 1:
        return 0.0, (first,)
    longer, shorter = (p, q) if len(p.given) > len(q.given) else (q, p)
    ways = list(_with_gap(longer, shorter, first))
    if longer is q:
        ways = [tuple(Step(s.right, s.left, s.shared, s.ratio) if s is not first else s for s in way) for way in ways]
    best = max(ways, key=_product)
    return _product(best), best


def _with_gap(longer: Path, shorter: Path, first: Step) -> Iterator[tuple[Step, ...]]:
    for gap, missing in enumerate(longer.given):
        rest = longer.given[:gap] + longer.given[gap + 1 :]
        steps = [_step(x, y) for x, y in zip(rest, shorter.given, strict=True)]
        steps.insert(gap, Step(missing.text, "", "", settings()["dropped"]))
        yield (first, *steps)


def _product(steps: tuple[Step, ...]) -> float:
    product = 1.0
    for step in steps:
        product *= step.ratio
    return product


def _step(x: Position, y: Position, *, surname: bool = False) -> Step:
    ratio, shared = _overlap(x, y, surname=surname)
    s = settings()
    if x.character and y.character and x.character != y.character:
        ratio *= s["other_character"]
    slip = s["surname_slip" if surname else "slip"]
    ratio = (1 - slip) * ratio + slip
    return Step(x.text, y.text, shared, ratio)


@lru_cache(maxsize=262_144)
def _overlap(x: Position, y: Position, *, surname: bool) -> tuple[float, str]:
    priors = tables.surnames() if surname else tables.given()
    few, many = (x.posterior, y.posterior) if len(x.posterior) < len(y.posterior) else (y.posterior, x.posterior)
    total, most, shared = 0.0, 0.0, ""
    for syllable, share in few.items():
        other = many.get(syllable)
        if other is not None:
            part = share * other / priors.get(syllable, tables.UNKNOWN)
            total += part
            if part > most:
                most, shared = part, syllable
    return total, shared if total > 0.05 else ""
