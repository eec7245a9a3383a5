"""Positions by the million: kept as arrays, and made into objects only while somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple, Protocol, overload

from bongsu.trace.kernels.ledger import whole
from bongsu.trace.policy import Piece
from bongsu.trace.run import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset

_AT_ONCE = 4096


class Names(Protocol):
    """Knows the addresses of account numbers."""

    def addresses(self, numbers: NDArray[np.int64]) -> list[Address]:
        """Return the addresses of accounts."""
        ...

    def order(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of accounts in the order of their addresses."""
        ...


class Part(NamedTuple):
    """What one theft holds in one asset: accounts in the order of their addresses; amounts uint64 (n, 2).

    `at_venue` is the first account number that is no venue's, `venues` their names by address.
    """

    theft: str
    asset: Asset
    accounts: NDArray[np.int64]
    amounts: NDArray[np.uint64]
    names: Names
    at_venue: int
    venues: Mapping[Address, str]

    def read(self, begin: int, end: int) -> Iterator[Position]:
        """Make the positions from `begin` to `end`."""
        accounts = self.accounts[begin:end]
        held = zip(accounts.tolist(), self.names.addresses(accounts), whole(self.amounts[begin:end]), strict=True)
        for account, address, amount in held:
            venue = self.venues[address] if account < self.at_venue else None
            yield Position(self.theft, address, self.asset, amount, venue, (Piece(amount, self.theft),))


class Positions(Sequence[Position]):
    """The positions of a trace, in order: like a tuple, but for their memory.

    Args:
        parts: in the order of theft and asset.
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = [part for part in parts if len(part.accounts)]
        self._ends = list(accumulate(len(part.accounts) for part in self._parts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Position: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Position]: ...
    def __getitem__(self, place: int | slice) -> Position | Sequence[Position]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        for part, end in zip(self._parts, self._ends, strict=True):
            if at < end:
                at -= end - len(part.accounts)
                return next(part.read(at, at + 1))
        raise IndexError(place)

    def __iter__(self) -> Iterator[Position]:
        return chain.from_iterable(
            part.read(begin, begin + _AT_ONCE)
            for part in self._parts
            for begin in range(0, len(part.accounts), _AT_ONCE)
        )
