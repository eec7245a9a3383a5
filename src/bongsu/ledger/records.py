"""The records of a ledger. Each class is one file; its fields, in order, are the file's columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from bongsu.ledger.when import Period

KINDS: Mapping[str, str] = {
    "date": "when it happened: text is a day, month or year",
    "loss_usd": "what was lost, in US dollars: value, low, high; valuation says how it was valued",
    "loss_native": "what was lost, in coins or tokens: value, unit is the asset",
    "attempt": "it was tried and failed; value is the amount that was aimed at, where said",
    "attribution": "who did it: text is an actor's id",
    "dispute": "doubt about the attribution: text says why",
    "recovery": "what came back: value; text names the event, so that two figures for one event compete",
    "freeze": "what was stopped but has not come back: value; text names the event",
    "address": "an account where the stolen money started: text is chain:address",
    "victim": "who or what was hit, where publishers differ: text",
    "remark": "anything else worth keeping: text",
}
"""Kinds of claims, and what their columns mean."""

CLASSES: Mapping[str, int] = {"government": 4, "un-panel": 3, "vendor": 2, "researcher": 1, "victim": 1, "press": 1}
"""Classes of publishers, and their weight: a rule takes attributions from some weight on."""

RULES: Mapping[str, int] = {"government": 4, "un-panel": 3, "vendor": 2, "all": 1}
"""The weakest class of publisher whose attribution a rule accepts."""

VALUATIONS = ("at-theft", "at-disclosure", "face", "realised", "unstated")
BASES = (
    "member-state",
    "government",
    "court",
    "vendor",
    "code-similarity",
    "on-chain",
    "company",
    "press",
    "inference",
)
RELATIONS = ("part-of", "same-as", "follows")
CATEGORIES = ("crypto", "bank")
VICTIM_TYPES = ("exchange", "defi", "bridge", "wallet", "payment", "game", "bank", "other")
QUALIFIERS = ("exactly", "about", "at-least", "more-than", "up-to", "nearly")
FIRM = 50
"""From this confidence on, an attribution has its publisher's weight and a relation takes an incident out of totals."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One suspected attack. What is said of it stands in claims; here is only what names it."""

    id: str
    title: str
    country: str
    victim_type: str
    category: str
    note: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One publisher's dated statement about an incident.

    `published_on` is when the document came out; `url` leads to the document, `via` to where it was read if elsewhere.
    `confidence` is the publisher's own certainty on the STIX scale (0-100): 15 low, 50 medium, 85 high.
    """

    id: str
    incident: str
    kind: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    valuation: str
    text: str
    publisher: str
    document: str
    published_on: Period
    basis: str
    confidence: int
    url: str
    via: str
    note: str


@dataclass(frozen=True, slots=True)
class Relation:
    """How two incidents hang together; `incident` is part of, the same as, or follows `other`."""

    id: str
    incident: str
    kind: str
    other: str
    publisher: str
    document: str
    published_on: Period
    confidence: int
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A published total: so many attacks, so many dollars, over a period, said on a day.

    `rule` is the rule of ours that comes nearest to how the publisher counts; `part_of` names the wider total whose
    years these are; `restates` the earlier figure that this one replaces.
    """

    id: str
    publisher: str
    document: str
    published_on: Period
    since: Period
    until: Period
    count: int | None
    usd: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: str
    rule: str
    part_of: str
    restates: str
    url: str
    via: str
    note: str


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an asset was worth in US dollars on a day, says whom."""

    id: str
    asset: str
    day: Period
    usd: Decimal
    source: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes claims; the class gives their attributions a weight."""

    id: str
    name: str
    type: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Whom an attribution names; `under` is the body it belongs to."""

    id: str
    name: str
    under: str
    kind: str
    attack_id: str
    aliases: tuple[str, ...]
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All records, in file order, with the line on which each stands (by file and id)."""

    incidents: Mapping[str, Incident]
    claims: tuple[Claim, ...]
    relations: tuple[Relation, ...]
    aggregates: tuple[Aggregate, ...]
    prices: tuple[Price, ...]
    publishers: Mapping[str, Publisher]
    actors: Mapping[str, Actor]
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)
    name: str = field(default="", compare=False)

    def weight(self, publisher: str) -> int:
        """Return the weight of a publisher's attributions, 0 for one that is not known."""
        known = self.publishers.get(publisher)
        return CLASSES.get(known.type, 0) if known else 0
