"""The rules that exposure is held against: data (exposure_rules.toml, or a file of the user's), one shape.

A rule keys on category, direct or indirect, direction, and a threshold in share and amount - as commercial transaction
monitoring does - and says how severe its case is. A rule that fires is a reason to look: it names what it saw.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bongsu.chain.table import decode, read_bytes
from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bongsu.trace.exposure import Exposure

SEVERITIES = ("low", "medium", "high", "severe")
_CHOICES = {"severity": SEVERITIES, "direction": ("received", "sent"), "directness": ("direct", "indirect")}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; see exposure_rules.toml for what each field means."""

    id: str
    severity: str
    categories: tuple[str, ...]
    direction: str
    directness: str
    share: float
    amount: float
    text: str

    def fits(self, exposure: Exposure) -> bool:
        """Tell whether an exposure is a case of this rule."""
        return (
            exposure.category in self.categories
            and (exposure.direction, exposure.directness) == (self.direction, self.directness)
            and exposure.share >= self.share
            and exposure.amount >= self.amount
        )


def fired(rules: Iterable[Rule], exposures: Sequence[Exposure]) -> list[tuple[Rule, Exposure]]:
    """Return the rules that fire with what made them, the most severe first."""
    found = [(rule, exposure) for rule in rules for exposure in exposures if rule.fits(exposure)]
    return sorted(found, key=lambda pair: (-SEVERITIES.index(pair[0].severity), pair[0].id, -pair[1].share))


def read_rules(path: Path | None = None) -> list[Rule]:
    """Read rules from a file, or those that come with Bongsu.

    Raises:
        SourceError: the file is unusable or a rule is.
    """
    source = str(path) if path else "exposure_rules.toml"
    shipped = files(__package__).joinpath("exposure_rules.toml")
    text = decode(path, read_bytes(path)) if path else shipped.read_text(encoding="utf-8")
    try:
        rows = tomllib.loads(text).get("rule")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(f"this is not TOML: {error}", source=source) from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise SourceError("there is no [[rule]]", source=source, hint="docs/exposure.md shows one")
    return [_rule(row, number, source) for number, row in enumerate(rows, 1)]


def _rule(row: dict[str, Any], number: int, source: str) -> Rule:
    name = f"rule {number}"
    extra = sorted(set(row) - set(Rule.__dataclass_fields__))
    if extra:
        raise SourceError(f"{name}: {extra[0]!r} is not known", source=source, hint="docs/exposure.md shows a rule")
    for key, choices in _CHOICES.items():
        if row.get(key) not in choices:
            raise SourceError(f"{name}: {key!r} must be one of {', '.join(choices)}", source=source)
    categories, share, amount = row.get("categories"), row.get("share", 0.0), row.get("amount", 0.0)
    if not isinstance(categories, list) or not categories or not all(isinstance(c, str) for c in categories):
        raise SourceError(f"{name}: 'categories' must be a list of texts", source=source)
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and n >= 0 for n in (share, amount)):
        raise SourceError(f"{name}: 'share' and 'amount' must be numbers that are not negative", source=source)
    if not isinstance(row.get("id"), str) or not isinstance(row.get("text"), str):
        raise SourceError(f"{name}: 'id' and 'text' must be texts", source=source)
    return Rule(
        row["id"],
        row["severity"],
        tuple(categories),
        row["direction"],
        row["directness"],
        float(share),
        float(amount),
        row["text"],
    )
