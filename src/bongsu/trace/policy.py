"""The contract of a policy: how one account - an address and an asset - mixes stolen value with clean.

A policy is a class whose instances are accounts. The run over the transfers (run.py) does what all policies share:

- all that a stolen-from address sends is stolen; what comes back to it is returned;
- money that reaches a venue stays there, and what the venue sends later is clean;
- a transfer to oneself or of nothing changes nothing.

What is left to the policy is only: which part of an account's money does a payment take? An account that pays more than
it was seen to receive had other money: the missing part is clean and is spent last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bongsu.model.transfer import Transfer


class Trail(NamedTuple):
    """The transfers that carried a lot, the last one first: a linked list, so that split lots share their past."""

    transfer: Transfer
    before: Trail | None

    def transfers(self) -> tuple[Transfer, ...]:
        """Return the transfers in the order in which they took place."""
        found: list[Transfer] = []
        step: Trail | None = self
        while step is not None:
            found.append(step.transfer)
            step = step.before
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a payment or of a balance.

    Attributes:
        amount: base units; positive.
        theft: id of the theft it stems from, None for clean money.
        trail: how it came here, where the policy can tell lots apart; None where money melts together.
    """

    amount: int
    theft: str | None = None
    trail: Trail | None = None

    def cut(self, amount: int) -> tuple[Piece, Piece]:
        """Split off the first `amount` base units."""
        return Piece(amount, self.theft, self.trail), Piece(self.amount - amount, self.theft, self.trail)

    def carried_by(self, transfer: Transfer) -> Piece:
        """Return the piece as it arrives."""
        if self.theft is None:
            return self
        return Piece(self.amount, self.theft, Trail(transfer, self.trail))


class Account(Protocol):
    """One address's money in one asset, under one policy."""

    name: ClassVar[str]
    """What the policy is called at the command line."""
    conserves: ClassVar[bool]
    """Whether stolen value neither grows nor shrinks: true of all but poison."""
    separable: ClassVar[bool]
    """Whether lots stay apart, so that each unit's exact path is known; otherwise money melts together."""

    @property
    def balance(self) -> int:
        """All money the account is known to hold, clean and stolen, in base units."""

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Take in a payment of `amount`, made of `pieces` in the order in which the sender spent them."""

    def pay(self, amount: int) -> list[Piece]:
        """Give up `amount` and return what it is made of, in the order spent.

        For a policy that conserves, the pieces add up to `amount`, clean ones included. Poison returns one piece for
        each theft, as large as the known money that moves.
        """

    def stolen(self) -> Iterable[Piece]:
        """Return the stolen value held now."""


def take(lots: Iterator[Piece], amount: int) -> tuple[list[Piece], Piece | None]:
    """Take `amount` from lots in turn.

    Returns:
        What was taken, with a clean piece for what the lots did not cover, and the rest of a lot that was cut.
        Lots that were used up have been drawn from the iterator, and no others.
    """
    taken: list[Piece] = []
    while amount:
        lot = next(lots, None)
        if lot is None:
            taken.append(Piece(amount))
            break
        if lot.amount > amount:
            part, rest = lot.cut(amount)
            return [*taken, part], rest
        taken.append(lot)
        amount -= lot.amount
    return taken, None
