"""Poison: once any stolen value has arrived, all of an account's money counts as stolen.

The widest net, and the one policy that does not conserve: stolen value grows at each mixing. It bounds what could be
touched by a theft; it is no measure of what was taken. Described by Moeser, Boehme and Breuker (2014).

Worked example: an account receives 3 stolen and 7 clean. All 10 count as stolen, and so does what arrives later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bongsu.trace.policy import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Poison:
    """An account as a balance and the thefts that have touched it."""

    name: ClassVar[str] = "poison"
    conserves: ClassVar[bool] = False
    separable: ClassVar[bool] = False

    def __init__(self) -> None:
        self._balance = 0
        self._thefts: dict[str, None] = {}  # a set that keeps the order, so that runs are deterministic

    @property
    def balance(self) -> int:
        """All known money in base units."""
        return self._balance

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Add the payment; a stolen piece marks the account for good."""
        self._balance += amount
        self._thefts.update((piece.theft, None) for piece in pieces if piece.theft is not None)

    def pay(self, amount: int) -> list[Piece]:
        """Take known money, all of it marked; what was not seen to arrive is clean."""
        known = min(amount, self._balance)
        self._balance -= known
        return [Piece(known, theft) for theft in self._thefts] if known else []

    def stolen(self) -> Iterable[Piece]:
        """Return the whole balance, once for each theft."""
        return [Piece(self._balance, theft) for theft in self._thefts] if self._balance else []
