"""What a case comes to: the same money under every policy, and who can act on it.

No policy is the truth: they are conventions, and courts differ. A holding therefore carries the amount under each
policy; the range over the policies that conserve is what can be said, and poison bounds what the theft may have
touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.respond.venue import Venue, issuer, venue
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.trace.case import Case, Note
    from bongsu.trace.run import Trace


@dataclass(frozen=True, slots=True)
class Actor:
    """A venue that can act on a holding, and the power it acts by: "issuer" or "custodian"."""

    venue: Venue
    role: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Stolen value at one address, under every policy.

    Attributes:
        theft, asset, address: what, and where.
        venue: id of the venue whose address it is, None for an address that nobody is known to keep.
        by_policy: base units under each policy by its name; nought where the policy leaves nothing here.
        actors: who can act on it; empty where nobody can.
        notes: what the case knows of the address beyond the transfers.
        unseen: what the address paid out in this asset beyond what it was seen to receive, in base units.
        unseen_other: the same for its other assets: stolen tokens may have been swapped into these.
    """

    theft: str
    asset: Asset
    address: Address
    venue: str | None
    by_policy: Mapping[str, int]
    actors: tuple[Actor, ...]
    notes: tuple[Note, ...]
    unseen: int
    unseen_other: tuple[tuple[Asset, int], ...]

    @property
    def low(self) -> int:
        """The least that a policy which conserves leaves here, in base units."""
        return min(self._conserving())

    @property
    def high(self) -> int:
        """The most that a policy which conserves leaves here, in base units."""
        return max(self._conserving())

    @property
    def poison(self) -> int:
        """The upper bound: all that the theft may have touched here, in base units."""
        return self.by_policy["poison"]

    def _conserving(self) -> list[int]:
        return [amount for name, amount in self.by_policy.items() if POLICIES[name].conserves]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A case, its traces by policy, and the holdings: those somebody can act on first, then the largest."""

    case: Case
    traces: Mapping[str, Trace]
    holdings: tuple[Holding, ...]

    @property
    def actionable(self) -> tuple[Holding, ...]:
        """The holdings that somebody can act on."""
        return tuple(h for h in self.holdings if h.actors)

    def by_venue(self) -> dict[str, tuple[Venue, tuple[Holding, ...]]]:
        """Return, by venue id, each venue that can act with the holdings it can act on."""
        found: dict[str, tuple[Venue, list[Holding]]] = {}
        for holding in self.actionable:
            for actor in holding.actors:
                found.setdefault(actor.venue.id, (actor.venue, []))[1].append(holding)
        return {key: (who, tuple(held)) for key, (who, held) in sorted(found.items())}


def assess(case: Case) -> Assessment:
    """Trace a case under every policy and say who can act on what."""
    thefts, at = case.stolen_from, case.venues
    traces = {name: run(policy, case.transfers, thefts, at) for name, policy in POLICIES.items()}
    amounts: dict[tuple[str, Asset, Address], dict[str, int]] = {}
    for name, trace in traces.items():
        for position in trace.positions:
            amounts.setdefault(position.place, dict.fromkeys(POLICIES, 0))[name] = position.amount
    unseen: dict[Address, dict[Asset, int]] = {}
    for (address, asset), amount in traces["fifo"].unseen.items():
        unseen.setdefault(address, {})[asset] = amount
    holdings = [
        _holding(case, at.get(address), (theft, asset, address), by_policy, unseen.get(address, {}))
        for (theft, asset, address), by_policy in amounts.items()
    ]
    return Assessment(case, traces, tuple(sorted(holdings, key=_importance)))


def _importance(holding: Holding) -> tuple[object, ...]:
    return (not holding.actors, holding.asset.symbol, -holding.high, -holding.poison, holding.address, holding.theft)


def _holding(
    case: Case,
    at: str | None,
    place: tuple[str, Asset, Address],
    by_policy: dict[str, int],
    unseen: Mapping[Asset, int],
) -> Holding:
    theft, asset, address = place
    return Holding(
        theft,
        asset,
        address,
        at,
        by_policy,
        _actors(case, at, asset, address),
        tuple(note for note in case.notes if note.address == address),
        unseen.get(asset, 0),
        tuple((other, amount) for other, amount in unseen.items() if other != asset),
    )


def _actors(case: Case, at: str | None, asset: Asset, address: Address) -> tuple[Actor, ...]:
    found = []
    if at is not None:
        kind = next(label.venue_kind for label in case.labels[address] if label.venue_kind)
        found.append(Actor(venue(at, kind), "custodian"))
    if (maker := issuer(asset)) is not None:
        found.append(Actor(maker, "issuer"))
    return tuple(actor for actor in found if actor.venue.can_act)
