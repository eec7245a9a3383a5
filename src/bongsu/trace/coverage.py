"""Coverage: how much of what arrived at venues a trace explains, and which venues it reached.

Where the transfers are those of one laundering alone, what arrived unexplained is what the trace lost on the way: to
other sources, to swaps, to missing records. Where they hold background traffic, most of it is other people's money.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Trace


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived at venues in one asset, and the part of it that was stolen; base units."""

    asset: Asset
    amount: int
    explained: int

    @property
    def share(self) -> float:
        """The part that is explained."""
        return self.explained / self.amount


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of one trace.

    Attributes:
        named: venue addresses known.
        occurring: those that received anything in the transfers.
        reached: those that stolen value reached.
        arrivals: by asset.
    """

    named: int
    occurring: int
    reached: int
    arrivals: tuple[Arrival, ...]


def arriving(transfers: Iterable[Transfer], venues: Container[Address]) -> dict[tuple[Address, Asset], int]:
    """Return what arrived at venues from elsewhere, by address and asset, in base units."""
    arrived: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
    for transfer in transfers:
        if transfer.moves and transfer.receiver in venues and transfer.sender not in venues:
            arrived[transfer.receiver, transfer.asset] += transfer.amount
    return dict(arrived)


def coverage(trace: Trace, arrived: Mapping[tuple[Address, Asset], int], venues: Mapping[Address, str]) -> Coverage:
    """Return how far a trace explains what arrived at venues.

    Args:
        trace: the run.
        arrived: what arrived in the transfers that it ran over; see `arriving`.
        venues: the venue's name by address.
    """
    stolen: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
    for position in trace.positions:
        if position.venue is not None:
            stolen[position.address, position.asset] += position.amount
    amounts: defaultdict[Asset, int] = defaultdict(int)
    explained: defaultdict[Asset, int] = defaultdict(int)
    for (address, asset), amount in arrived.items():
        amounts[asset] += amount
        explained[asset] += min(stolen[address, asset], amount)  # under poison several thefts may claim the same money
    occurring = {address for address, _ in arrived}
    reached = {address for address, _ in stolen} & occurring
    arrivals = tuple(Arrival(asset, amount, explained[asset]) for asset, amount in sorted(amounts.items()))
    return Coverage(len(venues), len(occurring), len(reached), arrivals)
