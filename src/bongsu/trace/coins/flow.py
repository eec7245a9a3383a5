"""Lay blocks out as steps between numbered coins: the one form that the reference and the kernels both run on.

The fee is a coin of its own, made last by its transaction. It stays apart, or goes to the miner: then the block's
coinbase is a transaction like others, which spends the subsidy first and the block's fees after it, in their order, and
stands at the end of its block. (The order inside a block changes nothing else: a coinbase's coins cannot be spent for a
hundred blocks.) What a miner leaves unclaimed is the last slot of the coinbase.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from bongsu.chain.coins import Coin, CoinId
from bongsu.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.chain.coins import Block, CoinTransaction
    from bongsu.model.address import Address

_HALVING = 210_000
_FIRST_SUBSIDY = 50 * 10**8


class Role(IntEnum):
    """What a coin is to the trace."""

    ORDINARY = 0
    SOURCE = 1
    """Of a stolen-from address, or named as stolen: it is spent as stolen money."""
    VENUE = 2
    """What reaches it stays there; it is spent as clean money."""
    FEE = 3


@dataclass(slots=True)
class Flow:
    """Coins and steps.

    Attributes:
        ids: by coin; None for fees and new money.
        amounts, owners, roles: by coin.
        source: by coin of the role SOURCE, the number of its theft; -1 otherwise.
        inputs: by step, the coins it spends.
        outputs: by step, the coins it makes, the fee last.
        thefts: names of the thefts by number.
        unseen: inputs whose worth the blocks do not tell; they count as clean and as worth what the outputs lack.
        named: the coins that were named as stolen.
        spent: whether a coin was spent.
    """

    thefts: list[str]
    ids: list[CoinId | None] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    owners: list[Address | None] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    inputs: list[list[int]] = field(default_factory=list)
    outputs: list[list[int]] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    spent: list[bool] = field(default_factory=list)
    unseen: int = 0


def subsidy(height: int) -> int:
    """Return what a miner may make out of nothing at a height: 50 coins, halved every 210,000 blocks."""
    return _FIRST_SUBSIDY >> (height // _HALVING)


def lay_out(
    blocks: Iterable[Block],
    known: Mapping[CoinId, Coin],
    *,
    stolen_from: Mapping[Address, str],
    stolen_coins: Mapping[CoinId, str],
    venues: Mapping[Address, str],
    fees_to_miner: bool = False,
) -> Flow:
    """Return the flow of blocks.

    Args:
        blocks: in the order of the chain.
        known: the worth of coins made before the first block.
        stolen_from: the theft by address; all that it spends is stolen, what it is paid back is returned.
        stolen_coins: the theft by coin; these coins are stolen money from the start.
        venues: the venue by address.
        fees_to_miner: whether fees go on into the coinbase, after the subsidy.

    Raises:
        RecordError: a transaction spends less than it pays, or a coin twice.
    """
    return _Layout(known, stolen_from, stolen_coins, venues).over(blocks, fees_to_miner=fees_to_miner)


class _Layout:
    def __init__(
        self,
        known: Mapping[CoinId, Coin],
        stolen_from: Mapping[Address, str],
        stolen_coins: Mapping[CoinId, str],
        venues: Mapping[Address, str],
    ) -> None:
        self._flow = Flow(sorted({*stolen_from.values(), *stolen_coins.values()}))
        self._theft = {name: n for n, name in enumerate(self._flow.thefts)}
        self._known = known
        self._from = stolen_from
        self._stolen = stolen_coins
        self._venues = venues
        self._numbers: dict[CoinId, int] = {}

    def over(self, blocks: Iterable[Block], *, fees_to_miner: bool) -> Flow:
        for block in blocks:
            fees = [self._spend(t, miner=fees_to_miner) for t in block.transactions if not t.coinbase]
            for transaction in block.transactions:
                if transaction.coinbase:
                    self._mint(transaction, block.height, [fee for fee in fees if fee >= 0] if fees_to_miner else [])
        return self._flow

    def _coin(self, coin: CoinId | None, what: Coin, role: Role | None = None) -> int:
        flow = self._flow
        theft = self._stolen.get(coin) if coin else None
        if theft is None and what.owner is not None:
            theft = self._from.get(what.owner)
        if role is None:
            is_venue = what.owner is not None and what.owner in self._venues
            role = Role.SOURCE if theft is not None else Role.VENUE if is_venue else Role.ORDINARY
        if coin is not None and coin in self._stolen:
            flow.named.append(len(flow.ids))
        flow.ids.append(coin)
        flow.amounts.append(what.amount)
        flow.owners.append(what.owner)
        flow.roles.append(role)
        flow.source.append(self._theft[theft] if role is Role.SOURCE and theft is not None else -1)
        flow.spent.append(False)
        return len(flow.ids) - 1

    def _use(self, number: int, tx: str) -> int:
        if self._flow.spent[number]:
            raise RecordError(f"transaction {tx} spends {self._flow.ids[number]}, which was spent before")
        self._flow.spent[number] = True
        return number

    def _spend(self, transaction: CoinTransaction, *, miner: bool) -> int:
        """Lay out one transaction; return the coin of its fee, -1 where there is none."""
        paid = sum(out.amount for out in transaction.outputs)
        inputs: list[int] = []
        blank: list[tuple[int, CoinId]] = []
        for coin in transaction.inputs:
            if coin not in self._numbers:
                if coin not in self._known:
                    blank.append((len(inputs), coin))
                    inputs.append(-1)
                    continue
                self._numbers[coin] = self._coin(coin, self._known[coin])
            inputs.append(self._use(self._numbers[coin], transaction.tx))
        seen = sum(self._flow.amounts[number] for number in inputs if number >= 0)
        lacking = max(0, paid - seen)
        if lacking and not blank:
            raise RecordError(f"transaction {transaction.tx} pays {paid} base units out of {seen}")
        self._flow.unseen += len(blank)
        for place, coin in blank:
            number = self._coin(coin, Coin(lacking, None))
            lacking = 0
            self._numbers[coin] = inputs[place] = self._use(number, transaction.tx)
        outputs = [self._make(transaction.tx, place, out) for place, out in enumerate(transaction.outputs)]
        fee = self._coin(None, Coin(sum(self._flow.amounts[n] for n in inputs) - paid, None), Role.FEE)
        self._flow.spent[fee] = miner
        self._flow.inputs.append(inputs)
        self._flow.outputs.append([*outputs, fee])
        return fee

    def _make(self, tx: str, place: int, out: Coin) -> int:
        number = self._coin(CoinId(tx, place), out)
        self._numbers[CoinId(tx, place)] = number
        return number

    def _mint(self, transaction: CoinTransaction, height: int | None, fees: list[int]) -> None:
        flow = self._flow
        claimed = sum(out.amount for out in transaction.outputs)
        collected = sum(flow.amounts[fee] for fee in fees)
        new = max(0, claimed - collected) if height is None else max(subsidy(height), claimed - collected)
        if not fees:
            new = claimed
        source = self._coin(None, Coin(new, None), Role.ORDINARY)
        flow.spent[source] = True
        outputs = [self._make(transaction.tx, place, out) for place, out in enumerate(transaction.outputs)]
        unclaimed = self._coin(None, Coin(new + collected - claimed, None), Role.FEE)
        flow.inputs.append([source, *fees])
        flow.outputs.append([*outputs, unclaimed])
