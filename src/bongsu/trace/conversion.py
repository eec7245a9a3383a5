"""Follow value through an exchange: who gives one asset and takes another in one transaction has converted.

The rule, for each transaction and address (docs/swaps.md has the worked example; swaps.py finds the exchanges):

- What an address gives and takes counts net: a router through which money only passes converts nothing, and change that
  comes back was never given.
- Whatever part of the price was stolen, that part of what was bought is. The lots given, in the order in which the
  policy spends them, are laid along what was taken; cuts fall on base units by cumulative rounding, so what was taken
  is divided without a rest. The price itself is clean in the hands of who received it: value is followed, not the coin.
- What pays for an asset is told by the counterparties: a fee to somebody who gave nothing in return buys nothing.
- Several assets given together (an LP entry) count for equal shares of what was taken, since no price is known here;
  such a conversion says `assumed`. Several assets taken together need no assumption.
- What arrives stolen from elsewhere in the same transaction is not what the price bought, and stays as it is.
- Poison, which bounds what a theft can have touched, marks both what was given and what was taken.
- What was bought may go to somebody else (a router's `to`). Where the transaction leaves open who paid for it, nothing
  is joined: it is named as an open exchange.
- A venue does not convert: money that reached it stays there. A stolen-from address that swaps has not parted with
  the value: its price leaves clean, and what it sends out later is stolen. One that buys for somebody else has.

Each asset keeps its own ledger: stolen + converted in = resting + at venues + returned + converted out.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

from bongsu.model.address import Address, parse_address
from bongsu.model.asset import Asset
from bongsu.model.chain import chain
from bongsu.trace.policy import Piece, Trail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bongsu.model.transfer import Transfer

Lot: TypeAlias = "tuple[Piece, Transfer]"
"""A piece of a payment, and the transfer that carried it in or out of the exchange."""
ExchangeId: TypeAlias = "tuple[str, str, Address]"
"""Chain, transaction and who exchanged."""
Holder: TypeAlias = "tuple[Address, Asset]"
"""Who takes something, and what."""
NOBODY = "0x" + "0" * 40
"""From where tokens are minted and to where they are burnt."""


@dataclass(frozen=True, slots=True)
class Side:
    """One asset on one side of a conversion: all of it, and the part that was or became stolen, in base units.

    `address` gave or took it.
    """

    address: Address
    asset: Asset
    amount: int
    stolen: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """Stolen value that changed its asset: the evidence.

    Attributes:
        chain, tx, address: where, and who paid.
        theft: whose value it is.
        given, taken: both sides.
        assumed: several assets were given, and each was taken for an equal share of the price.
    """

    chain: str
    tx: str
    address: Address
    theft: str
    given: tuple[Side, ...]
    taken: tuple[Side, ...]
    assumed: bool


@dataclass(frozen=True, slots=True)
class OpenExchange:
    """Stolen value that may have changed its asset: the transaction does not say who paid for what was taken.

    Attributes:
        chain, tx, address: where, and who paid the stolen value.
        theft: whose value it is.
        given: what was paid, and the part that was stolen; it rests where it was paid to.
        payers: all who may have paid for it, this one included.
        taken: what others took (`stolen` is nought, as nothing is joined).
    """

    chain: str
    tx: str
    address: Address
    theft: str
    given: Side
    payers: tuple[Address, ...]
    taken: tuple[Side, ...]


@dataclass(slots=True)
class Exchange:
    """One address's exchange in one transaction, while its transfers go by.

    Attributes:
        id: what identifies it; its address pays.
        given: by asset, the lots paid so far as the price.
        taken: by holder, the lots that have come in so far; the payer itself is the holder, or others are.
        credit: by asset given, what came in before anything was paid, and so only passes through.
        related: by holder, the assets given that pay for what it takes.
        held: by holder, the amount of the lots on either side (under poison a lot may count for several thefts).
    """

    id: ExchangeId
    given: dict[Asset, list[Lot]]
    taken: dict[Holder, list[Lot]]
    related: dict[Holder, set[Asset]]
    credit: defaultdict[Asset, int] = field(default_factory=lambda: defaultdict(int))
    held: defaultdict[Holder, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def payer(self) -> Address:
        """Who pays."""
        return self.id[2]

    def pays(self, address: Address, asset: Asset) -> bool:
        """Tell whether an address pays the price in an asset."""
        return address == self.payer and asset in self.given

    def pass_through(self, asset: Asset, amount: int) -> int:
        """Use up credit for a payment and return how much of it only passes through."""
        passed = min(self.credit[asset], amount)
        self.credit[asset] -= passed
        return passed

    def pay_price(self, transfer: Transfer, amount: int, pieces: Iterable[Piece]) -> None:
        """Keep the lots that pay the price."""
        self.held[self.payer, transfer.asset] += amount
        self.given[transfer.asset].extend((piece, transfer) for piece in pieces)

    def take(self, transfer: Transfer, pieces: Iterable[Piece]) -> None:
        """Keep the lots that come in."""
        self.held[transfer.receiver, transfer.asset] += transfer.amount
        self.taken[transfer.receiver, transfer.asset].extend((piece, transfer) for piece in pieces)

    def give_back(self, asset: Asset, amount: int) -> list[Piece]:
        """Take back up to `amount` of the price, the last paid first; return its lots in the order they were paid."""
        found: list[Piece] = []
        lots = self.given[asset]
        while amount and lots:
            piece, transfer = lots.pop()
            if piece.amount > amount:
                kept, piece = piece.cut(piece.amount - amount)
                lots.append((kept, transfer))
            amount -= piece.amount
            self.held[self.payer, asset] -= piece.amount
            found.append(piece)
        return found[::-1]

    def spend_taken(self, holder: Holder, amount: int) -> tuple[int, list[Piece]]:
        """Take a payment, as far as possible, out of what was just taken; return how much, and its lots."""
        spent = left = min(amount, self.held[holder])
        self.held[holder] -= spent
        found: list[Piece] = []
        lots = self.taken[holder]
        while left > 0 and lots:
            piece, transfer = lots.pop(0)
            if piece.amount > left:
                piece, rest = piece.cut(left)
                lots.insert(0, (rest, transfer))
            left -= piece.amount
            found.append(piece)
        return spent, found

    def settle(self, *, conserves: bool) -> tuple[dict[Holder, list[Piece]], list[Conversion]]:
        """Lay the price along what was taken.

        Args:
            conserves: whether the policy's pieces add up to the payment (all but poison).

        Returns:
            What was bought, by holder - what arrived clean, with the price's stolen lots laid along it - and the
            conversions, one for each theft.
        """
        prices = [(asset, lots) for asset, lots in self.given.items() if lots]
        bought: dict[Holder, list[Piece]] = {}
        assumed = False
        for holder, lots in self.taken.items():
            clean = sum(piece.amount for piece, _ in lots if piece.theft is None) if conserves else self.held[holder]
            if lots and clean:
                paying = [(given, price) for given, price in prices if given in self.related[holder]]
                bought[holder] = list(_lay(paying, clean, self.way(holder), conserves=conserves))
                assumed |= len(paying) > 1
        return bought, self._conversions(prices, bought, assumed=assumed)

    def way(self, holder: Holder) -> Transfer:
        """Return the transfer by which what was taken came in: the largest, where there are several."""
        return max((transfer for _, transfer in self.taken[holder]), key=lambda transfer: transfer.amount)

    def _conversions(
        self, prices: Sequence[tuple[Asset, list[Lot]]], bought: dict[Holder, list[Piece]], *, assumed: bool
    ) -> list[Conversion]:
        thefts = sorted({p.theft for _, lots in prices for p, _ in lots if p.theft is not None})
        return [
            Conversion(
                *self.id,
                theft,
                tuple(self._side((self.payer, asset), [p for p, _ in lots], theft) for asset, lots in prices),
                tuple(self._side(holder, pieces, theft) for holder, pieces in bought.items()),
                assumed=assumed,
            )
            for theft in thefts
        ]

    def _side(self, holder: Holder, pieces: Iterable[Piece], theft: str) -> Side:
        return Side(*holder, self.held[holder], sum(p.amount for p in pieces if p.theft == theft))


def _lay(prices: Sequence[tuple[Asset, list[Lot]]], taken: int, way: Transfer, *, conserves: bool) -> Iterable[Piece]:
    """Yield what was taken as lots that correspond to those of the price."""
    if not prices:
        yield Piece(taken)
        return
    begin = 0
    for number, (_, lots) in enumerate(prices, 1):
        end = taken * number // len(prices)
        yield from (_along if conserves else _marked)(lots, end - begin, way)
        begin = end


def _along(lots: Sequence[Lot], taken: int, way: Transfer) -> Iterable[Piece]:
    given = sum(piece.amount for piece, _ in lots)
    paid = laid = 0
    for piece, out in lots:
        paid += piece.amount
        amount = taken * paid // given - laid
        laid += amount
        if amount:
            yield _exchanged(piece, amount, out, way)


def _marked(lots: Sequence[Lot], taken: int, way: Transfer) -> Iterable[Piece]:
    """As poison has it: whatever was bought with marked money is marked, all of it."""
    for piece, out in lots:
        if piece.theft is not None and taken:
            yield _exchanged(piece, taken, out, way)


def _exchanged(piece: Piece, amount: int, out: Transfer, way: Transfer) -> Piece:
    if piece.theft is None:
        return Piece(amount)
    return Piece(amount, piece.theft, Trail(way, Trail(out, piece.trail)))


@cache
def _wrappers() -> dict[Address, str]:
    rows = tomllib.loads(files(__package__).joinpath("wrappers.toml").read_text(encoding="utf-8"))["wrapper"]
    return {parse_address(row["contract"], row["chain"]): row["symbol"] for row in rows}


def wrappers() -> set[Address]:
    """Return the contracts that wrap a chain's own coin."""
    return set(_wrappers())


def wraps_coin(asset: Asset) -> bool:
    """Tell whether an asset is a chain's own coin, wrapped."""
    if asset.contract is not None:
        return Address(asset.chain, asset.contract) in _wrappers()
    return any(on.chain == asset.chain and symbol == asset.symbol for on, symbol in _wrappers().items())


def with_wraps(transfers: Sequence[Transfer]) -> list[Transfer]:
    """Return the transfers with the other half of each wrap and unwrap, where the records lack it.

    The half that is added carries the record and the transaction of the half that is there.
    """
    assets = {(t.asset.chain, t.asset.contract or t.asset.symbol): t.asset for t in transfers}
    seen = {(t.tx, t.sender if t.sender.text != NOBODY else None, t.receiver, t.asset.symbol) for t in transfers}
    found: list[Transfer] = []
    for transfer in transfers:
        into, out_of = _wrappers().get(transfer.receiver), _wrappers().get(transfer.sender)
        symbol = into or out_of
        if symbol is None or transfer.asset.symbol != chain(transfer.asset.chain).native:
            found.append(transfer)
            continue
        wrapper = transfer.receiver if into else transfer.sender
        token = assets.get((wrapper.chain, wrapper.text)) or assets.get((wrapper.chain, symbol))
        token = token or Asset(wrapper.chain, symbol, transfer.asset.decimals, wrapper.text)
        half = replace(transfer, sender=transfer.receiver, receiver=transfer.sender, asset=token)
        there = {(transfer.tx, giver, half.receiver, token.symbol) for giver in (half.sender, None)}
        halves = [] if there & seen else [half]
        found += [transfer, *halves] if into else [*halves, transfer]
    return found


@dataclass(slots=True)
class Ledger:
    """What was converted, by theft and asset, in base units, and the evidence."""

    out: defaultdict[tuple[str, Asset], int] = field(default_factory=lambda: defaultdict(int))
    into: defaultdict[tuple[str, Asset], int] = field(default_factory=lambda: defaultdict(int))
    conversions: list[Conversion] = field(default_factory=list)

    def add(self, conversions: Iterable[Conversion]) -> None:
        """Enter conversions."""
        for conversion in conversions:
            self.conversions.append(conversion)
            for side in conversion.given:
                self.out[conversion.theft, side.asset] += side.stolen
            for side in conversion.taken:
                self.into[conversion.theft, side.asset] += side.stolen
