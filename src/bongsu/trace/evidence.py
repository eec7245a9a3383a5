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
    from collections.abc import Iterable

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Move, Position, Trace

_Account: TypeAlias = "tuple[str, Address, Asset]"
"""A theft's money of one asset at one address."""


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


def explain(trace: Trace, position: Position) -> Evidence:
    """Return the evidence for one position of a trace."""
    return Explainer(trace).explain(position)


class Explainer:
    """Gives the evidence for many positions of one trace, each in time that grows with what it finds."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._separable = POLICIES[trace.policy].separable
        self._conversions = {((c.chain, c.tx, c.address), c.theft): c for c in trace.conversions or ()}
        self._carrying: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self._feeding: defaultdict[_Account, list[int]] = defaultdict(list)
        for n, move in enumerate(trace.moves):
            self._carrying[move.theft, id(move.transfer)].append(n)
            for account in self._into(move):
                self._feeding[account].append(n)

    def explain(self, position: Position) -> Evidence:
        """Return the evidence for a position of the trace."""
        if self._separable:
            return self._from_lots(position)
        moves = self._trace.moves
        return Evidence(position, (), tuple(moves[n] for n in sorted(self._backwards(position))))

    def _from_lots(self, position: Position) -> Evidence:
        found = paths(position)
        carried: defaultdict[int, int] = defaultdict(int)
        for path in found:
            for transfer in path.transfers:
                carried[id(transfer)] += path.amount
        places = sorted(n for transfer in carried for n in self._carrying.get((position.theft, transfer), ()))
        moves = (self._trace.moves[n] for n in places)
        return Evidence(
            position,
            found,
            tuple(
                replace(
                    move, amount=carried[id(move.transfer)] if move.transfer.asset == position.asset else move.amount
                )
                for move in moves
            ),
        )

    def _backwards(self, position: Position) -> set[int]:
        """Walk from the last move to the first, keeping those that feed an account already on the way.

        A move feeds an account only until the account is needed: those after that are not on the way.
        """
        found: set[int] = set()
        known: set[_Account] = set()
        waiting: list[int] = []  # places of moves, negative: the last comes first

        def need(account: _Account, before: int) -> None:
            if account not in known:
                known.add(account)
                feeding = self._feeding.get(account, [])
                for n in feeding[: bisect_left(feeding, before)]:
                    heappush(waiting, -n)

        need((position.theft, position.address, position.asset), len(self._trace.moves))
        while waiting:
            place = -heappop(waiting)
            if place not in found:
                found.add(place)
                for account in self._out_of(self._trace.moves[place]):
                    need(account, place)
        return found

    def _into(self, move: Move) -> set[_Account]:
        """Return the accounts that a move feeds. What is paid into a conversion feeds what the trader takes from it."""
        transfer, theft = move.transfer, move.theft
        if move.exchange is None:
            return {(theft, transfer.receiver, transfer.asset)}
        trader, accounts = move.exchange[2], set()
        if transfer.receiver == trader:
            accounts.add((theft, trader, transfer.asset))
        if transfer.sender == trader:
            taken = self._conversions[move.exchange, theft].taken
            accounts.update((theft, trader, side.asset) for side in taken)
        return accounts

    def _out_of(self, move: Move) -> Iterable[_Account]:
        """Return the accounts from which a move was fed."""
        transfer, theft = move.transfer, move.theft
        if move.exchange is None:
            return [(theft, transfer.sender, transfer.asset)]
        given = self._conversions[move.exchange, theft].given
        return [(theft, move.exchange[2], side.asset) for side in given]


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
