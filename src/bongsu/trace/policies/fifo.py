"""First in, first out: a payment takes the oldest money.

The rule of Clayton's case (1816), proposed for tracing coins by Anderson, Shumailov and Ahmed, "Making Bitcoin Legal"
(SPW 2018). Each unit keeps its identity, so every position has exact paths.

Worked example: an account receives 3 stolen, then 7 clean. Of the first 3 it pays, 3 are stolen; the next 7 are clean.
Had the 7 clean come first, the first 7 paid would be clean and the last 3 stolen.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from bongsu.trace.policy import Piece, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Fifo:
    """An account as a queue of lots."""

    name: ClassVar[str] = "fifo"
    conserves: ClassVar[bool] = True
    separable: ClassVar[bool] = True

    def __init__(self) -> None:
        self._lots: deque[Piece] = deque()
        self._balance = 0

    @property
    def balance(self) -> int:
        """All known money in base units."""
        return self._balance

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Put the pieces behind what is there."""
        self._balance += amount
        self._lots.extend(pieces)

    def pay(self, amount: int) -> list[Piece]:
        """Take the oldest lots."""
        taken, rest = take(self._oldest(), amount)
        if rest is not None:
            self._lots.appendleft(rest)
        self._balance -= min(amount, self._balance)
        return taken

    def stolen(self) -> Iterable[Piece]:
        """Return the stolen lots, oldest first."""
        return [lot for lot in self._lots if lot.theft is not None]

    def _oldest(self) -> Iterator[Piece]:
        while self._lots:
            yield self._lots.popleft()
