"""Haircut: a payment takes stolen money in proportion to its share of the balance.

Defined for coins by Moeser, Boehme and Breuker (2014, doi 10.1007/978-3-662-44774-1_2); here on accounts,
with integers: of each theft, floor(stolen x amount / known balance) moves, and all of it when the payment covers the
balance. The rounding stays with the payer, so nothing is lost. Money melts together: there are no lots, only shares.

Worked example: an account receives 3 stolen and 7 clean. Each payment is three tenths stolen: of 5, floor(3 x 5 / 10) =
1 unit; then 2 stolen are left of 5, and a payment of 5 carries both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bongsu.trace.policy import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Haircut:
    """An account as a balance, of which each theft owns a part."""

    name: ClassVar[str] = "haircut"
    conserves: ClassVar[bool] = True
    separable: ClassVar[bool] = False

    def __init__(self) -> None:
        self._balance = 0
        self._parts: dict[str, int] = {}

    @property
    def balance(self) -> int:
        """All known money in base units."""
        return self._balance

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Add the payment, and to each theft its part."""
        self._balance += amount
        for piece in pieces:
            if piece.theft is not None:
                self._parts[piece.theft] = self._parts.get(piece.theft, 0) + piece.amount

    def pay(self, amount: int) -> list[Piece]:
        """Take from each theft in proportion, rounded down, and the rest from clean money."""
        covers = amount >= self._balance
        taken = {theft: part if covers else part * amount // self._balance for theft, part in self._parts.items()}
        self._parts = {t: part - taken[t] for t, part in self._parts.items() if part > taken[t]}
        self._balance -= min(amount, self._balance)
        pieces = [Piece(part, theft) for theft, part in taken.items() if part]
        clean = amount - sum(taken.values())
        return [*pieces, Piece(clean)] if clean else pieces

    def stolen(self) -> Iterable[Piece]:
        """Return each theft's part."""
        return [Piece(part, theft) for theft, part in self._parts.items()]
