"""Last in, first out: a payment takes the newest money.

The mirror of fifo; some courts reason this way where new money was visibly passed on at once. Exact paths, like fifo.

Worked example: an account receives 3 stolen, then 7 clean. The first 7 it pays are clean, the last 3 stolen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bongsu.trace.policy import Piece, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Lifo:
    """An account as a stack of lots."""

    name: ClassVar[str] = "lifo"
    conserves: ClassVar[bool] = True
    separable: ClassVar[bool] = True

    def __init__(self) -> None:
        self._lots: list[Piece] = []
        self._balance = 0

    @property
    def balance(self) -> int:
        """All known money in base units."""
        return self._balance

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Put the pieces on top of what is there, the one that was spent first lowest."""
        self._balance += amount
        self._lots.extend(pieces)

    def pay(self, amount: int) -> list[Piece]:
        """Take the newest lots."""
        taken, rest = take(self._newest(), amount)
        if rest is not None:
            self._lots.append(rest)
        self._balance -= min(amount, self._balance)
        return taken

    def stolen(self) -> Iterable[Piece]:
        """Return the stolen lots, oldest first."""
        return [lot for lot in self._lots if lot.theft is not None]

    def _newest(self) -> Iterator[Piece]:
        while self._lots:
            yield self._lots.pop()
