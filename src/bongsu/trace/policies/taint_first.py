"""Taint first: a payment takes stolen money before clean money.

The cautious rule of a pursuer who would rather follow too far than stop too early; MFTracer (SIGMETRICS 2026) uses it
with a reserve ratio, which is nought here. Stolen lots leave in the order in which they came, whatever their theft.

Worked example: an account receives 3 stolen and 7 clean, in either order. The first 3 it pays are stolen.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from bongsu.trace.policy import Piece, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class TaintFirst:
    """An account as a queue of stolen lots, with clean money behind it."""

    name: ClassVar[str] = "taint-first"
    conserves: ClassVar[bool] = True
    separable: ClassVar[bool] = True

    def __init__(self) -> None:
        self._stolen: deque[Piece] = deque()
        self._balance = 0

    @property
    def balance(self) -> int:
        """All known money in base units."""
        return self._balance

    def receive(self, amount: int, pieces: Sequence[Piece]) -> None:
        """Queue the stolen pieces; the rest of the balance is clean."""
        self._balance += amount
        self._stolen.extend(piece for piece in pieces if piece.theft is not None)

    def pay(self, amount: int) -> list[Piece]:
        """Take stolen lots, oldest first, then clean money."""
        taken, rest = take(self._oldest(), amount)
        if rest is not None:
            self._stolen.appendleft(rest)
        self._balance -= min(amount, self._balance)
        return taken

    def stolen(self) -> Iterable[Piece]:
        """Return the stolen lots, oldest first."""
        return list(self._stolen)

    def _oldest(self) -> Iterator[Piece]:
        while self._stolen:
            yield self._stolen.popleft()
