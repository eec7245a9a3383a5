"""Run the kernels over transfers: the same Trace as the plain reference, but for the trails of its pieces.

The evidence for a position is exact all the same: `reaching` cuts out the part of the log that decides the position,
and the plain reference runs over that.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from bongsu.trace.kernels.ledger import Holdings, Ledger, limbs, total, whole
from bongsu.trace.kernels.positions import Names, Part, Positions
from bongsu.trace.run import Balance, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer

_WIDE = 1 << 127
_ALL = np.iinfo(np.int64).max


class Book:
    """The numbers of the accounts of one asset: stolen-from addresses first, then venues, then all others."""

    def __init__(self, asset: Asset, thefts: Mapping[Address, str], venues: Mapping[Address, str]) -> None:
        self.asset = asset
        self.names = sorted(set(thefts.values()))
        number = {name: n for n, name in enumerate(self.names)}
        here = sorted(address for address in thefts if address.chain == asset.chain)
        self.sources = [number[thefts[address]] for address in here]
        stops = sorted(address for address in venues if address.chain == asset.chain and address not in thefts)
        self.venues = len(stops)
        self.venue_names = venues
        self.known: list[Address] = [*here, *stops]
        self.numbers = {address: n for n, address in enumerate(self.known)}

    def number(self, address: Address) -> int:
        """Return the account's number; an address that is new gets the next one."""
        found = self.numbers.setdefault(address, len(self.known))
        if found == len(self.known):
            self.known.append(address)
        return found

    def addresses(self, numbers: NDArray[np.int64]) -> list[Address]:
        """Return the addresses of accounts."""
        return [self.known[number] for number in numbers.tolist()]

    def order(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of accounts in the order of their addresses."""
        addresses = self.addresses(numbers)
        return np.array(sorted(range(len(addresses)), key=addresses.__getitem__), np.int64)

    def arrays(self, log: Sequence[Transfer]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]:
        """Return senders, receivers and amounts of transfers of this asset."""
        sender = np.array([self.number(t.sender) for t in log], np.int32)
        receiver = np.array([self.number(t.receiver) for t in log], np.int32)
        return sender, receiver, limbs([t.amount for t in log])

    def ledger(self, policy: str) -> Ledger:
        """Return an empty ledger under a policy."""
        return Ledger(policy, self.sources, self.venues, len(self.names))


def fits(transfers: Sequence[Transfer]) -> bool:
    """Say whether the kernels can hold these amounts: together below 2^127 base units, asset by asset."""
    totals: defaultdict[Asset, int] = defaultdict(int)
    for transfer in transfers:
        totals[transfer.asset] += transfer.amount
    return all(total < _WIDE for total in totals.values())


def trace_with_kernels(
    policy: str,
    transfers: Sequence[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    *,
    chunk: int | None = None,
) -> Trace:
    """Follow stolen money through transfers in the order of the chain; `run` with other means.

    Args:
        policy: the policy's name.
        transfers: in the order of the chain.
        thefts: the theft's id by stolen-from address.
        venues: the venue's name by address.
        chunk: how many transfers the kernel gets at a time; all of them otherwise.
    """
    by_asset: defaultdict[Asset, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        by_asset[transfer.asset].append(transfer)
    outcome = Outcome(policy)
    for asset, log in by_asset.items():
        book = Book(asset, thefts, venues)
        ledger = book.ledger(policy)
        step = chunk or len(log)
        for start in range(0, len(log), step):
            ledger.advance(*book.arrays(log[start : start + step]))
        outcome.add(book, ledger, book)
    return outcome.trace(_unseen(transfers, thefts, venues))


class Outcome:
    """Gathers what the ledgers of all assets hold into one Trace."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._parts: list[Part] = []
        self._balances: list[Balance] = []
        self._returned: dict[tuple[str, Asset, Address], int] = {}

    def add(self, book: Book, ledger: Ledger, names: Names) -> None:
        """Take in one asset's ledger; `names` knows the addresses of its accounts."""
        sunk, resting = ledger.sunk(), ledger.resting()
        sources = len(book.sources)
        for theft, (name, stolen) in enumerate(zip(book.names, ledger.stolen(), strict=False)):
            back, there, here = (
                _of(holdings, theft, *within)
                for holdings, within in ((sunk, (0, sources)), (sunk, (sources, _ALL)), (resting, (0, _ALL)))
            )
            for address, amount in zip(names.addresses(back[0]), whole(back[1]), strict=True):
                self._returned[name, book.asset, address] = amount
            if stolen:
                sides = (total(side) for _, side in (here, there, back))
                self._balances.append(Balance(name, book.asset, stolen, *sides))
            accounts, amounts = np.concatenate([there[0], here[0]]), np.concatenate([there[1], here[1]])
            order = names.order(accounts)
            self._parts.append(
                Part(name, book.asset, accounts[order], amounts[order], names, sources + book.venues, book.venue_names)
            )

    def trace(self, unseen: Mapping[tuple[Address, Asset], int]) -> Trace:
        """Return the whole."""
        return Trace(
            self._policy,
            Positions(sorted(self._parts, key=lambda part: part[:2])),
            tuple(sorted(self._balances, key=lambda b: (b.theft, b.asset))),
            (),
            dict(sorted(self._returned.items())),
            unseen,
        )


def _of(holdings: Holdings, theft: int, first: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return the accounts from `first` to before `end` that hold something of a theft, and how much."""
    rows = (holdings.thefts == theft) & (holdings.accounts >= first) & (holdings.accounts < end)
    return holdings.accounts[rows], holdings.amounts[rows]


def reaching(
    transfers: Sequence[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    address: Address,
) -> list[Transfer]:
    """Return the part of a log that decides what stolen money an address holds, in order.

    These are all transfers of the accounts through which stolen money can have come there (under poison, the widest
    policy); what is left out can only have paid clean money into them. Every policy gives the address and the accounts
    before it the same stolen money on this part as on the whole.
    """
    from bongsu.trace.kernels._accounts import feeds, marked

    keep = np.zeros(len(transfers), np.bool_)
    by_asset: defaultdict[Asset, list[int]] = defaultdict(list)
    for place, transfer in enumerate(transfers):
        by_asset[transfer.asset].append(place)
    for asset, places in by_asset.items():
        book = Book(asset, thefts, venues)
        sender, receiver, amounts = book.arrays([transfers[place] for place in places])
        if address not in book.numbers:
            continue
        accounts = len(book.known)
        carries = np.zeros(len(places), np.bool_)
        labels = np.array(book.sources, np.uint64)
        end = len(book.sources) + book.venues
        balances, marks = np.zeros((accounts, 2), np.uint64), np.zeros(accounts, np.bool_)
        marked(sender, receiver, amounts, labels, end, balances, marks, carries)
        on_the_way = np.zeros(accounts, np.bool_)
        on_the_way[book.numbers[address]] = True
        feeds(sender, receiver, carries, on_the_way)
        keep[places] = on_the_way[sender] | on_the_way[receiver]
    return [transfers[place] for place in np.flatnonzero(keep).tolist()]


def _unseen(
    transfers: Sequence[Transfer], thefts: Mapping[Address, str], venues: Mapping[Address, str]
) -> dict[tuple[Address, Asset], int]:
    """Return by account what it paid out beyond what it was seen to receive; the same under every policy."""
    known: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
    found: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
    sinks = {*thefts, *venues}
    for t in transfers:
        if not t.moves:
            continue
        if t.sender not in sinks:
            payer = (t.sender, t.asset)
            missing = t.amount - known[payer]
            if missing > 0:
                found[payer] += missing
            known[payer] = max(0, -missing)
        if t.receiver not in sinks:
            known[t.receiver, t.asset] += t.amount
    return dict(sorted(found.items()))
