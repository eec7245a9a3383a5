"""Run a policy over transfers: the rules that all policies share, and what comes out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from bongsu.trace.conversion import Ledger, OpenExchange, Side, with_wraps, wrappers
from bongsu.trace.policy import Account, Piece
from bongsu.trace.swaps import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.conversion import Conversion, Exchange, ExchangeId

Key: TypeAlias = "tuple[str, Asset]"
"""A theft and an asset: what every figure is kept apart by."""


@dataclass(frozen=True, slots=True)
class Position:
    """Stolen value resting at an address when the transfers end.

    Attributes:
        theft: id of the theft.
        address: where it rests.
        asset: what rests.
        amount: base units.
        venue: the venue whose address it is, or None.
        pieces: what it is made of; under fifo, lifo and taint-first each with its trail.
    """

    theft: str
    address: Address
    asset: Asset
    amount: int
    venue: str | None
    pieces: tuple[Piece, ...]

    @property
    def place(self) -> tuple[str, Asset, Address]:
        """What identifies a position across policies."""
        return self.theft, self.asset, self.address


@dataclass(frozen=True, slots=True)
class Move:
    """Stolen value carried by one transfer; `exchange` names the conversion whose price or proceeds it is."""

    transfer: Transfer
    theft: str
    amount: int
    exchange: ExchangeId | None = None

    @property
    def arrives(self) -> bool:
        """Whether the receiver has the value now: who is paid a price gets clean money for it (see conversion.py)."""
        return self.exchange is None or self.transfer.sender != self.exchange[2]


@dataclass(frozen=True, slots=True)
class Balance:
    """One theft's account in one asset.

    stolen + converted in = resting + at venues + returned + converted out + difference
    """

    theft: str
    asset: Asset
    stolen: int
    resting: int
    at_venues: int
    returned: int
    converted_out: int = 0
    converted_in: int = 0

    @property
    def difference(self) -> int:
        """What is not accounted for: nought for a policy that conserves, below nought for poison."""
        went = self.resting + self.at_venues + self.returned + self.converted_out
        return self.stolen + self.converted_in - went


@dataclass(frozen=True, slots=True)
class Trace:
    """The outcome of one policy.

    Attributes:
        policy: its name.
        positions: sorted by chain, asset, theft and address.
        balances: one for each theft and asset, sorted.
        moves: every transfer that carried stolen value, in order.
        returned: what came back to stolen-from addresses, by theft, address and asset.
        unseen: by account, what it paid out beyond what it was seen to receive.
        conversions: stolen value that changed its asset, in order; None where exchanges were not followed.
        open_exchanges: stolen value that may have, where the transaction does not say who paid.
    """

    policy: str
    positions: Sequence[Position]
    balances: tuple[Balance, ...]
    moves: tuple[Move, ...]
    returned: Mapping[tuple[str, Asset, Address], int]
    unseen: Mapping[tuple[Address, Asset], int]
    conversions: tuple[Conversion, ...] | None = None
    open_exchanges: tuple[OpenExchange, ...] = ()


def run(
    policy: type[Account],
    transfers: Iterable[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    *,
    swaps: bool = False,
) -> Trace:
    """Follow stolen money through transfers.

    Args:
        policy: one of `policies.POLICIES`.
        transfers: in the order of the chain (see chain.order.in_order).
        thefts: the theft's id by stolen-from address.
        venues: the venue's name by address; a stolen-from address is none, even if it stands here.
        swaps: follow value through exchanges (see conversion.py) instead of leaving it in the asset that was given.
    """
    if not swaps:
        return _Run(policy, thefts, venues).over(transfers)
    moving = with_wraps([transfer for transfer in transfers if transfer.moves])
    return _SwapRun(policy, thefts, venues, moving).over(moving)


class _Run:
    def __init__(self, policy: type[Account], thefts: Mapping[Address, str], venues: Mapping[Address, str]) -> None:
        self._policy = policy
        self._thefts = thefts
        self._venues = {address: name for address, name in venues.items() if address not in thefts}
        self._accounts: defaultdict[tuple[Address, Asset], Account] = defaultdict(policy)
        self._at_venues: defaultdict[tuple[Address, Asset], list[Piece]] = defaultdict(list)
        self._returned: defaultdict[tuple[str, Asset, Address], int] = defaultdict(int)
        self._stolen: defaultdict[Key, int] = defaultdict(int)
        self._unseen: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
        self._moves: list[Move] = []

    def over(self, transfers: Iterable[Transfer]) -> Trace:
        for transfer in transfers:
            if transfer.moves:
                pieces = [piece.carried_by(transfer) for piece in self._paid(transfer)]
                self._note(transfer, pieces)
                self._arrive(transfer, pieces)
        positions = self._positions()
        return Trace(
            self._policy.name,
            positions,
            self._balances(positions),
            tuple(self._moves),
            dict(sorted(self._returned.items())),
            dict(sorted(self._unseen.items())),
        )

    def _paid(self, transfer: Transfer) -> list[Piece]:
        sender, asset, amount = transfer.sender, transfer.asset, transfer.amount
        if (theft := self._thefts.get(sender)) is not None:
            self._stolen[theft, asset] += amount
            return [Piece(amount, theft)]
        if sender in self._venues:
            return [Piece(amount)]
        account = self._accounts[sender, asset]
        if amount > account.balance:
            self._unseen[sender, asset] += amount - account.balance
        return account.pay(amount)

    def _note(self, transfer: Transfer, pieces: list[Piece], exchange: ExchangeId | None = None) -> None:
        carried: defaultdict[str, int] = defaultdict(int)
        for piece in pieces:
            if piece.theft is not None:
                carried[piece.theft] += piece.amount
        self._moves.extend(Move(transfer, theft, amount, exchange) for theft, amount in sorted(carried.items()))

    def _arrive(self, transfer: Transfer, pieces: list[Piece]) -> None:
        receiver, asset = transfer.receiver, transfer.asset
        if receiver in self._thefts:
            for piece in pieces:
                if piece.theft is not None:
                    self._returned[piece.theft, asset, receiver] += piece.amount
        elif receiver in self._venues:
            self._at_venues[receiver, asset].extend(piece for piece in pieces if piece.theft is not None)
        else:
            self._accounts[receiver, asset].receive(transfer.amount, pieces)

    def _positions(self) -> tuple[Position, ...]:
        resting = [(key, list(account.stolen()), None) for key, account in self._accounts.items()]
        exits = [(key, pieces, self._venues[key[0]]) for key, pieces in self._at_venues.items()]
        found: list[Position] = []
        for (address, asset), pieces, venue in [*resting, *exits]:
            by_theft: defaultdict[str, list[Piece]] = defaultdict(list)
            for piece in pieces:
                if piece.theft is not None:
                    by_theft[piece.theft].append(piece)
            for theft, own in by_theft.items():
                amount = sum(piece.amount for piece in own)
                found.append(Position(theft, address, asset, amount, venue, tuple(own)))
        return tuple(sorted(found, key=lambda p: p.place))

    def _balances(self, positions: Iterable[Position]) -> tuple[Balance, ...]:
        resting: defaultdict[Key, int] = defaultdict(int)
        at_venues: defaultdict[Key, int] = defaultdict(int)
        returned: defaultdict[Key, int] = defaultdict(int)
        for position in positions:
            side = resting if position.venue is None else at_venues
            side[position.theft, position.asset] += position.amount
        for (theft, asset, _), amount in self._returned.items():
            returned[theft, asset] += amount
        return tuple(
            Balance(
                *key,
                self._stolen.get(key, 0),
                resting.get(key, 0),
                at_venues.get(key, 0),
                returned.get(key, 0),
                *converted,
            )
            for key, converted in sorted({**dict.fromkeys(self._stolen, (0, 0)), **self._converted()}.items())
        )

    def _converted(self) -> dict[Key, tuple[int, int]]:
        """Return what was converted out and in, by theft and asset."""
        return {}


class _SwapRun(_Run):
    """A run that follows value through exchanges."""

    def __init__(
        self,
        policy: type[Account],
        thefts: Mapping[Address, str],
        venues: Mapping[Address, str],
        transfers: Sequence[Transfer],
    ) -> None:
        super().__init__(policy, thefts, venues)
        self._desk = Desk(transfers, self._venues, wrappers())
        self._ledger = Ledger()

    def over(self, transfers: Iterable[Transfer]) -> Trace:
        for number, transfer in enumerate(transfers):
            pieces = [piece.carried_by(transfer) for piece in self._paid(transfer)]
            self._note(transfer, pieces)
            self._arrive(transfer, pieces)
            for exchange in self._desk.ending(number):
                self._settle(exchange)
        trace = super().over(())
        return replace(trace, conversions=tuple(self._ledger.conversions), open_exchanges=tuple(self._left_open()))

    def _paid(self, transfer: Transfer) -> list[Piece]:
        exchange = self._desk.exchange(transfer, transfer.sender)
        if exchange is None:
            return super()._paid(transfer)
        pays, holder = exchange.pays(transfer.sender, transfer.asset), (transfer.sender, transfer.asset)
        if transfer.sender in self._thefts and pays and _for_itself(exchange):
            return [Piece(transfer.amount)]
        if pays:
            return self._price(exchange, transfer)
        if holder in exchange.taken and transfer.sender not in self._thefts and transfer.sender not in self._venues:
            spent, taken = exchange.spend_taken(holder, transfer.amount)
            rest = transfer.amount - spent
            return [*taken, *(super()._paid(replace(transfer, amount=rest)) if rest else [])]
        return super()._paid(transfer)

    def _price(self, exchange: Exchange, transfer: Transfer) -> list[Piece]:
        """Pay the price: its lots stay with the exchange, and clean money goes to who receives it.

        Poison, the widest net, marks the price as well as what it bought.
        """
        passed = exchange.pass_through(transfer.asset, transfer.amount)
        through = super()._paid(replace(transfer, amount=passed)) if passed else []
        rest = transfer.amount - passed
        if not rest:
            return through
        price = super()._paid(replace(transfer, amount=rest))
        exchange.pay_price(transfer, rest, price)
        self._note(transfer, price, exchange.id)
        return [*through, *([Piece(rest)] if self._policy.conserves else price)]

    def _arrive(self, transfer: Transfer, pieces: list[Piece]) -> None:
        receiver, asset = transfer.receiver, transfer.asset
        exchange = self._desk.exchange(transfer, receiver)
        if exchange is None or (receiver in self._thefts and _for_itself(exchange)):
            super()._arrive(transfer, pieces)
        elif (receiver, asset) in exchange.taken:
            exchange.take(transfer, pieces or [Piece(transfer.amount)])
        elif exchange.pays(receiver, asset) and self._policy.conserves:
            self._change(exchange, transfer, pieces)
        else:
            super()._arrive(transfer, pieces)

    def _change(self, exchange: Exchange, transfer: Transfer, pieces: list[Piece]) -> None:
        """Take in the asset that is the price: change first undoes the price, the rest may pass through."""
        clean = sum(piece.amount for piece in pieces if piece.theft is None)
        back = exchange.give_back(transfer.asset, clean)
        undone = sum(piece.amount for piece in back)
        if back:
            super()._arrive(replace(transfer, amount=undone), back)
        rest = [piece for piece in pieces if piece.theft is not None]
        if clean > undone:
            rest.append(Piece(clean - undone))
        if rest:
            amount = sum(piece.amount for piece in rest)
            super()._arrive(replace(transfer, amount=amount), rest)
            exchange.credit[transfer.asset] += amount

    def _settle(self, exchange: Exchange) -> None:
        if exchange.payer in self._thefts and _for_itself(exchange):
            return
        bought, conversions = exchange.settle(conserves=self._policy.conserves)
        self._ledger.add(conversions)
        for holder, lots in exchange.taken.items():
            if not exchange.held[holder]:
                continue
            way = exchange.way(holder)
            arrived = [piece for piece, _ in lots if piece.theft is not None]
            pieces = bought.get(holder, [])
            super()._arrive(replace(way, amount=exchange.held[holder]), [*arrived, *pieces])
            if pieces:
                self._note(way, pieces, exchange.id)

    def _left_open(self) -> Iterable[OpenExchange]:
        """Yield the stolen payments of which nobody can tell whether they bought what others took."""
        for move in self._moves:
            transfer = move.transfer
            on, payer = transfer.sender.chain, transfer.sender
            taken = [u for u in self._desk.unclear.get((on, transfer.tx), ()) if payer in u.payers]
            taken = [u for u in taken if u.holder[1] != transfer.asset]
            if move.exchange is None and taken:
                payers = sorted(set().union(*(u.payers for u in taken)))
                given = Side(payer, transfer.asset, transfer.amount, move.amount)
                sides = tuple(Side(*u.holder, u.amount, 0) for u in taken)
                yield OpenExchange(on, transfer.tx, payer, move.theft, given, tuple(payers), sides)

    def _converted(self) -> dict[Key, tuple[int, int]]:
        keys = {*self._ledger.out, *self._ledger.into}
        return {key: (self._ledger.out.get(key, 0), self._ledger.into.get(key, 0)) for key in keys}


def _for_itself(exchange: Exchange) -> bool:
    """Tell whether the payer takes what it bought."""
    return any(who == exchange.payer for who, _ in exchange.taken)
