"""The evidence for a position: by which transfers the stolen money came there.

Under fifo, lifo and taint-first every lot has its exact path. Under haircut and poison money melts together; there the
evidence is every transfer by which stolen money of that theft can have reached the address, with what each carried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Move, Position, Trace


Feed: TypeAlias = "tuple[str, Address, Asset]"
"""A theft's money in one account."""


@dataclass(frozen=True, slots=True)
class Path:
    """One lot's way from the theft: the amount in base units and the transfers in order."""

    amount: int
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a position stands where it stands.

    Attributes:
        position: what is explained.
        paths: exact ways, largest lot first; empty under a policy that melts money together.
        moves: every transfer on the way, in the order in which they took place, with the stolen value that it carried
            towards this position (exact paths) or carried at all (melted money, and assets given before a conversion).
    """

    position: Position
    paths: tuple[Path, ...]
    moves: tuple[Move, ...]


class Explainer:
    """Explains positions of one trace: it goes over the moves once, and then only over those on a position's way."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._separable = POLICIES[trace.policy].separable
        self._conversions = {((c.chain, c.tx, c.address), c.theft): c for c in trace.conversions or ()}
        self._by_transfer: defaultdict[int, list[int]] = defaultdict(list)
        self._accounts: dict[Feed, int] = {}
        self._feeding: list[list[int]] = []
        self._sources: list[tuple[int, ...]] = []
        for place, move in enumerate(trace.moves):
            if self._separable:
                self._by_transfer[id(move.transfer)].append(place)
            else:
                self._note(place, move)

    def explain(self, position: Position) -> Evidence:
        """Return the evidence for one position of the trace."""
        if self._separable:
            return self._from_lots(position)
        return Evidence(position, (), tuple(self._trace.moves[place] for place in self._backwards(position)))

    def _from_lots(self, position: Position) -> Evidence:
        found = paths(position)
        carried: defaultdict[int, int] = defaultdict(int)
        for path in found:
            for transfer in path.transfers:
                carried[id(transfer)] += path.amount
        places = sorted(place for transfer in carried for place in self._by_transfer[transfer])
        moves = tuple(
            replace(move, amount=carried[id(move.transfer)] if move.transfer.asset == position.asset else move.amount)
            for move in (self._trace.moves[place] for place in places)
            if move.theft == position.theft
        )
        return Evidence(position, found, moves)

    def _note(self, place: int, move: Move) -> None:
        """Enter which accounts a move feeds, and out of which it comes."""
        transfer = move.transfer
        feeds, sources = [(transfer.receiver, transfer.asset)], [(transfer.sender, transfer.asset)]
        if move.exchange is not None:
            conversion = self._conversions[move.exchange, move.theft]
            sources = [(side.address, side.asset) for side in conversion.given]
            if not move.arrives:
                feeds = [(side.address, side.asset) for side in conversion.taken]
        for feed in dict.fromkeys(feeds):
            self._feeding[self._account((move.theft, *feed))].append(place)
        self._sources.append(tuple(self._account((move.theft, *source)) for source in sources))

    def _account(self, feed: Feed) -> int:
        number = self._accounts.setdefault(feed, len(self._accounts))
        if number == len(self._feeding):
            self._feeding.append([])
        return number

    def _backwards(self, position: Position) -> list[int]:
        """Return the places of the moves that feed the position, or an account already on the way, in order.

        Walks from the last to the first, each account from where it was met: what came to it later fed something else.
        """
        start = self._accounts.get((position.theft, position.address, position.asset))
        waiting: list[tuple[int, int]] = []  # minus the place, and the account that the move there feeds
        met: set[int] = set()
        found: list[int] = []

        def meet(account: int, before: int) -> None:
            if account not in met:
                met.add(account)
                follow(account, before)

        def follow(account: int, before: int) -> None:
            places = self._feeding[account]
            if number := bisect_left(places, before):
                heappush(waiting, (-places[number - 1], account))

        if start is not None:
            meet(start, len(self._trace.moves))
        while waiting:
            minus, account = heappop(waiting)
            place = -minus
            if not found or found[-1] != place:
                found.append(place)
                for source in self._sources[place]:
                    meet(source, place)
            follow(account, place)
        return found[::-1]


def explain(trace: Trace, position: Position) -> Evidence:
    """Return the evidence for one position of a trace; for several, keep an Explainer."""
    return Explainer(trace).explain(position)


def at_address(trace: Trace, address: Address) -> list[Position]:
    """Return the positions of a trace at an address."""
    return [position for position in trace.positions if position.address == address]


def paths(position: Position) -> tuple[Path, ...]:
    """Return the exact ways of a position's lots, largest first; lots that came the same way are one path."""
    amounts: defaultdict[tuple[int, ...], int] = defaultdict(int)
    ways: dict[tuple[int, ...], tuple[Transfer, ...]] = {}
    for piece in position.pieces:
        transfers = piece.trail.transfers() if piece.trail else ()
        way = tuple(map(id, transfers))
        ways[way] = transfers
        amounts[way] += piece.amount
    return tuple(sorted((Path(amount, ways[way]) for way, amount in amounts.items()), key=lambda path: -path.amount))
