"""Coins: what a chain of unspent outputs (Bitcoin) moves. A transaction spends coins whole and makes new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from bongsu.model.address import Address


class CoinId(NamedTuple):
    """A coin by the transaction that made it and its place among that transaction's outputs."""

    tx: str
    place: int

    def __str__(self) -> str:
        return f"{self.tx}:{self.place}"


@dataclass(frozen=True, slots=True)
class Coin:
    """What an output holds.

    Attributes:
        amount: base units.
        owner: the address that can spend it; None where its script has no address (bare keys, data, anything else).
    """

    amount: int
    owner: Address | None


@dataclass(frozen=True, slots=True)
class CoinTransaction:
    """One transaction.

    Attributes:
        tx: its id.
        inputs: the coins it spends, in order; none for a coinbase.
        outputs: the coins it makes, in order.
    """

    tx: str
    inputs: tuple[CoinId, ...]
    outputs: tuple[Coin, ...]

    @property
    def coinbase(self) -> bool:
        """Whether it pays a miner from the subsidy and the block's fees."""
        return not self.inputs


@dataclass(frozen=True, slots=True)
class Block:
    """One block: id, height where it is known, time (UTC), transactions in order, the first one the coinbase."""

    hash: str
    height: int | None
    time: datetime
    transactions: tuple[CoinTransaction, ...]
