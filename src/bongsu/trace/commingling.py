"""Commingling: which thefts' money meets, where and when. By this thefts are tied to one actor.

Two thefts meet at an address when stolen value of both has arrived there, under one policy. A meeting is `first` when
the value of neither came from an address where the two had met before: everything downstream of a meeting is mixed
anyway and proves nothing new. A meeting at a venue is said to be one: customers share its wallets, so it ties nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Trace

Pair: TypeAlias = "tuple[str, str]"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where the money of two thefts met.

    Attributes:
        thefts: the two, by name.
        address: where.
        venue: the venue's name if it is one, else None.
        arrivals: the transfer that brought the first value of each, in the order of `thefts`.
        first: neither came from a place where the two had met before.
    """

    thefts: Pair
    address: Address
    venue: str | None
    arrivals: tuple[Transfer, Transfer]
    first: bool

    @property
    def completed(self) -> Transfer:
        """The arrival by which the meeting came about: the later of the two."""
        a, b = self.arrivals
        return a if _when(a) > _when(b) else b


def meetings(trace: Trace, venues: Mapping[Address, str]) -> list[Meeting]:
    """Return all meetings, in the order in which they came about."""
    arrived: dict[Address, dict[str, Transfer]] = {}
    met: set[tuple[Pair, Address]] = set()
    found: list[Meeting] = []
    for move in trace.moves:
        if not move.arrives:
            continue
        at = arrived.setdefault(move.transfer.receiver, {})
        if move.theft in at:
            continue
        at[move.theft] = move.transfer
        for other in sorted(set(at) - {move.theft}):
            pair = (min(other, move.theft), max(other, move.theft))
            address = move.transfer.receiver
            arrivals = (at[pair[0]], at[pair[1]])
            first = not any((pair, arrival.sender) in met for arrival in arrivals)
            met.add((pair, address))
            found.append(Meeting(pair, address, venues.get(address), arrivals, first))
    return found


def matrix(found: Iterable[Meeting]) -> dict[Pair, list[Meeting]]:
    """Return the first meetings outside venues for each pair that has any: the cells of the matrix."""
    cells: dict[Pair, list[Meeting]] = {}
    for meeting in found:
        if meeting.first and meeting.venue is None:
            cells.setdefault(meeting.thefts, []).append(meeting)
    return dict(sorted(cells.items()))


def pairs(thefts: Iterable[str]) -> list[Pair]:
    """Return every pair of thefts, in order."""
    return list(combinations(sorted(set(thefts)), 2))


def _when(transfer: Transfer) -> tuple[float, int, int]:
    return (transfer.time.timestamp() if transfer.time else 0.0, transfer.block or 0, transfer.index or 0)
