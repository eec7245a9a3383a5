"""The evidence for a position: by which transfers the stolen money came there.

Under fifo, lifo and taint-first every lot has its exact path. Under haircut and poison money melts together; there the
evidence is every transfer by which stolen money of that theft can have reached the address, with what each carried.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Move, Position, Trace


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
    if POLICIES[trace.policy].separable:
        return _from_lots(trace, position)
    return Evidence(position, (), tuple(_backwards(trace, position)))


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


def _from_lots(trace: Trace, position: Position) -> Evidence:
    found = paths(position)
    carried: defaultdict[int, int] = defaultdict(int)
    for path in found:
        for transfer in path.transfers:
            carried[id(transfer)] += path.amount
    moves = tuple(
        replace(move, amount=carried[id(move.transfer)] if move.transfer.asset == position.asset else move.amount)
        for move in trace.moves
        if move.theft == position.theft and id(move.transfer) in carried
    )
    return Evidence(position, found, moves)


def _backwards(trace: Trace, position: Position) -> Iterable[Move]:
    """Walk the moves from the last to the first, keeping those that feed an account already on the way."""
    feeds = {(position.address, position.asset)}
    sides = {((c.chain, c.tx, c.address), c.theft): c for c in trace.conversions or ()}
    found: list[Move] = []
    for move in reversed(trace.moves):
        transfer = move.transfer
        if move.theft != position.theft:
            continue
        if move.exchange is not None:
            conversion = sides[move.exchange, move.theft]
            proceeds = move.arrives and (transfer.receiver, transfer.asset) in feeds
            price = not move.arrives and any((side.address, side.asset) in feeds for side in conversion.taken)
            if proceeds or price:
                feeds.update((side.address, side.asset) for side in conversion.given)
                found.append(move)
        elif (transfer.receiver, transfer.asset) in feeds:
            feeds.add((transfer.sender, transfer.asset))
            found.append(move)
    return reversed(found)
