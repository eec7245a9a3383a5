"""What is asked, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bongsu.screen.entry import Kind


@dataclass(frozen=True, slots=True)
class Query:
    """One party to screen: its names and whatever else is known of it; all but one name or wallet may be empty."""

    names: tuple[str, ...] = ()
    kind: Kind = Kind.UNKNOWN
    births: tuple[str, ...] = ()
    birth_places: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    imo: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    wallets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that a query may mean, with what speaks for it and against it.

    Attributes:
        score: 0 to 1, after the evidence. `name_score` is the name's alone.
        field: which field of the entry matched ("alias (a.k.a.)").
        matched: its text there.
        reading: both names in Hangul, where that decided.
        reasons: what speaks for the score, one sentence each.
        limits: why it is not higher.
    """

    list: str
    title: str
    version: str
    entry: str
    kind: str
    caption: str
    score: float
    band: str
    name_score: float
    method: str
    field: str
    matched: str
    reading: str
    reasons: tuple[str, ...]
    limits: tuple[str, ...]
    programs: tuple[str, ...] = ()
    source: str = ""

    def document(self) -> dict[str, Any]:
        """Return the hit as JSON's types."""
        return {
            "list": self.list,
            "list_title": self.title,
            "list_version": self.version,
            "entry": self.entry,
            "kind": self.kind,
            "caption": self.caption,
            "score": round(self.score, 4),
            "band": self.band,
            "name_score": round(self.name_score, 4),
            "method": self.method,
            "field": self.field,
            "matched": self.matched,
            "reading": self.reading,
            "reasons": list(self.reasons),
            "why_not_higher": list(self.limits),
            "programs": list(self.programs),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """All hits of one query at or above the threshold, best first; `band` is the best one's."""

    hits: tuple[Hit, ...]
    band: str
    notes: tuple[str, ...] = field(default=())
