"""Run a policy over transfers: the rules that all policies share, and what comes out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bongsu.trace.policy import Account, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer

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
    """Stolen value carried by one transfer."""

    transfer: Transfer
    theft: str
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """One theft's account in one asset: stolen = resting + at venues + returned + difference."""

    theft: str
    asset: Asset
    stolen: int
    resting: int
    at_venues: int
    returned: int

    @property
    def difference(self) -> int:
        """What is not accounted for: nought for a policy that conserves, below nought for poison."""
        return self.stolen - self.resting - self.at_venues - self.returned


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
    """

    policy: str
    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]
    moves: tuple[Move, ...]
    returned: Mapping[tuple[str, Asset, Address], int]
    unseen: Mapping[tuple[Address, Asset], int]


def run(
    policy: type[Account],
    transfers: Iterable[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
) -> Trace:
    """Follow stolen money through transfers.

    Args:
        policy: one of `policies.POLICIES`.
        transfers: in the order of the chain (see chain.order.in_order).
        thefts: the theft's id by stolen-from address.
        venues: the venue's name by address; a stolen-from address is none, even if it stands here.
    """
    return _Run(policy, thefts, venues).over(transfers)


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

    def _note(self, transfer: Transfer, pieces: list[Piece]) -> None:
        carried: defaultdict[str, int] = defaultdict(int)
        for piece in pieces:
            if piece.theft is not None:
                carried[piece.theft] += piece.amount
        self._moves.extend(Move(transfer, theft, amount) for theft, amount in sorted(carried.items()))

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
            Balance(theft, asset, stolen, *(side[theft, asset] for side in (resting, at_venues, returned)))
            for (theft, asset), stolen in sorted(self._stolen.items())
        )
