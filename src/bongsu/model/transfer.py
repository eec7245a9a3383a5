"""A transfer: one movement of one asset from sender to receiver in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset


@dataclass(frozen=True, slots=True)
class Record:
    """Where a value was read: the file as the user named it, and the line (Parquet: the row), counted from 1."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement.

    Attributes:
        record: where it was read.
        tx: transaction hash or id, as the source gives it.
        sender: who paid.
        receiver: who was paid.
        asset: what moved.
        amount: how much, in base units of `asset`; never negative.
        block: block height, None where the source does not say.
        index: order inside the block, None where the source does not say.
        time: UTC, None where the source does not say.
    """

    record: Record
    tx: str
    sender: Address
    receiver: Address
    asset: Asset
    amount: int
    block: int | None = None
    index: int | None = None
    time: datetime | None = None

    @property
    def moves(self) -> bool:
        """Whether it changes anybody's balance: a transfer to oneself or of nothing does not."""
        return self.amount > 0 and self.sender != self.receiver


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that is no part of the flow, with the reason. It is shown, never dropped in silence."""

    record: Record
    tx: str
    reason: str
