"""Exposure: from which kinds of owner an address's money came, and to which it went, directly and through others.

Direct exposure is what a labelled counterparty paid or got itself. Indirect exposure goes on through unlabelled
addresses until an owner is known: what an address passed on is taken to be made of what it had received until
then, in proportion (sending: what came to it went where it paid afterwards). The walk respects time, and
stays within one asset.

It stops at services (their money is their customers') and at any owner whose category a rule names. What reaches no
known owner is not dropped: it stands under a name of its own -

- `no source in the records` (or `still held or unrecorded`): the walk came to an address with nothing before (after);
- `unlabelled hub`: an address with more transfers than any person has, probably a service that nobody labelled;
- `beyond the last hop`, `below the smallest share`: where the walk was cut off.

All shares of one direction and asset add up to one.

Arrays: an account is an address in one asset, numbered from 0; transfers are arrays of payer, payee (int32), amount in
whole units (float64: shares need no base units) in the order of the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from bongsu.label.label import Label
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer

    Ids: TypeAlias = NDArray[np.int32]
    Places: TypeAlias = NDArray[np.int64]
    Amounts: TypeAlias = NDArray[np.float64]

RECEIVED, SENT = "received", "sent"
NOTHING = {RECEIVED: "no source in the records", SENT: "still held or unrecorded"}
HUB, TOO_FAR, TOO_SMALL = "unlabelled hub", "beyond the last hop", "below the smallest share"
_ORDER_BITS = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a walk stops: hops, the smallest share followed, and the transfers (one direction) that make a hub."""

    hops: int = 8
    share: float = 1e-5
    hub: int = 10_000


@dataclass(frozen=True, slots=True)
class Exposure:
    """One line of the answer.

    Attributes:
        direction: received or sent.
        directness: direct or indirect.
        category: the owner's category, or why none was found.
        amount: whole units of the asset.
        share: of all that the address received or sent in this asset.
        hops: fewest transfers to an owner of that category; 1 is direct.
    """

    direction: str
    directness: str
    category: str
    amount: float
    share: float
    hops: int


class _Side:
    """The transfers of all accounts, sorted by account and order: who is on the other side, and how much."""

    def __init__(self, own: Ids, other: Ids, amounts: Amounts, accounts: int) -> None:
        order = np.argsort(own, kind="stable")
        self.other = other[order]
        self.amounts = amounts[order]
        self.keys: Places = own[order].astype(np.int64)
        self.keys <<= _ORDER_BITS
        self.keys |= order
        self.starts: Places = np.zeros(accounts + 1, np.int64)
        np.cumsum(np.bincount(own, minlength=accounts), out=self.starts[1:])

    def before(self, accounts: Ids, places: Places) -> tuple[Places, Places]:
        """Return the range of each account's transfers before a place in the order."""
        ends = np.searchsorted(self.keys, (accounts.astype(np.int64) << _ORDER_BITS) | places)
        return self.starts[accounts], ends

    def after(self, accounts: Ids, places: Places) -> tuple[Places, Places]:
        """Return the range of each account's transfers after a place in the order."""
        begins = np.searchsorted(self.keys, (accounts.astype(np.int64) << _ORDER_BITS) | places, side="right")
        return begins, self.starts[accounts + 1]


class ExposureGraph:
    """Transfers, ready to be asked.

    Args:
        payers, payees: account numbers.
        amounts: whole units.
        categories: for each account the number of its category in `names`, -1 where its owner is unknown.
        names: the categories.
    """

    def __init__(
        self, payers: Ids, payees: Ids, amounts: Amounts, categories: NDArray[np.int16], names: Sequence[str]
    ) -> None:
        moving = (payers != payees) & (amounts > 0)
        if not moving.all():
            payers, payees, amounts = payers[moving], payees[moving], amounts[moving]
        self._categories = categories
        self._names = tuple(names)
        self._in = _Side(payees, payers, amounts, len(categories))
        self._out = _Side(payers, payees, amounts, len(categories))

    def query(self, account: int, direction: str, limits: Limits | None = None) -> list[Exposure]:
        """Return the exposure of one account in one direction, the largest first.

        Args:
            account: its number.
            direction: `received` or `sent`.
            limits: where the walk stops.
        """
        limits = limits or Limits()
        side = self._in if direction == RECEIVED else self._out
        begin, end = side.starts[account], side.starts[account + 1]
        total = float(side.amounts[begin:end].sum())
        if not total:
            return []
        found: dict[tuple[str, str], tuple[float, int]] = {}

        def add(directness: str, category: str, share: float, hop: int) -> None:
            before = found.get((directness, category), (0.0, hop))
            found[directness, category] = (before[0] + share, min(before[1], hop))

        others, places = side.other[begin:end], side.keys[begin:end] & ((1 << _ORDER_BITS) - 1)
        shares = side.amounts[begin:end] / total
        for hop in range(1, limits.hops + 1):
            others, places, shares = self._gather(others, places, shares, direction)
            others, places, shares = self._known(others, places, shares, hop, add)
            if not len(others):
                break
            small = shares < limits.share
            if small.any():
                add("indirect", TOO_SMALL, float(shares[small].sum()), hop)
                others, places, shares = others[~small], places[~small], shares[~small]
            if hop == limits.hops:
                if len(shares):
                    add("indirect", TOO_FAR, float(shares.sum()), hop)
                break
            others, places, shares = self._step(side, direction, others, places, shares, limits.hub, hop, add)
        return sorted(
            (Exposure(direction, how, what, share * total, share, hop) for (how, what), (share, hop) in found.items()),
            key=lambda e: (-e.share, e.directness, e.category),
        )

    @staticmethod
    def _gather(others: Ids, places: Places, shares: Amounts, direction: str) -> tuple[Ids, Places, Amounts]:
        """Merge the shares of each account; of several places the one that leaves most of its past (future) counts."""
        accounts, inverse = np.unique(others, return_inverse=True)
        sums = np.bincount(inverse, weights=shares, minlength=len(accounts)).astype(np.float64, copy=False)
        merged = np.full(len(accounts), -1 if direction == RECEIVED else np.iinfo(np.int64).max, np.int64)
        (np.maximum if direction == RECEIVED else np.minimum).at(merged, inverse, places)
        return accounts.astype(np.int32, copy=False), merged, sums

    def _known(self, others: Ids, places: Places, shares: Amounts, hop: int, add: _Add) -> tuple[Ids, Places, Amounts]:
        """Book the shares of known owners and return the others."""
        categories = self._categories[others]
        known = categories >= 0
        for category in np.unique(categories[known]):
            share = float(shares[categories == category].sum())
            add("direct" if hop == 1 else "indirect", self._names[category], share, hop)
        return others[~known], places[~known], shares[~known]

    def _step(
        self,
        side: _Side,
        direction: str,
        others: Ids,
        places: Places,
        shares: Amounts,
        hub: int,
        hop: int,
        add: _Add,
    ) -> tuple[Ids, Places, Amounts]:
        """Go one transfer further from each account, its share split by the amounts."""
        large = side.starts[others + 1] - side.starts[others] > hub
        if large.any():
            add("indirect", HUB, float(shares[large].sum()), hop)
            others, places, shares = others[~large], places[~large], shares[~large]
        begins, ends = (side.before if direction == RECEIVED else side.after)(others, places)
        counts = ends - begins
        empty = counts <= 0
        if empty.any():
            add("indirect", NOTHING[direction], float(shares[empty].sum()), hop)
            begins, counts, shares = begins[~empty], counts[~empty], shares[~empty]
        firsts = np.cumsum(counts) - counts
        positions = np.arange(int(counts.sum())) - np.repeat(firsts - begins, counts)
        amounts = side.amounts[positions]
        sums = np.add.reduceat(amounts, firsts) if len(firsts) else amounts
        split = amounts * np.repeat(shares / sums, counts)
        return side.other[positions], side.keys[positions] & ((1 << _ORDER_BITS) - 1), split


if TYPE_CHECKING:
    from collections.abc import Callable

    _Add: TypeAlias = Callable[[str, str, float, int], None]


class LabelledTransfers:
    """Transfers and labels of a case or of files, as a graph that answers for addresses."""

    def __init__(
        self, transfers: Iterable[Transfer], labels: Mapping[Address, Sequence[Label]], wanted: Iterable[str]
    ) -> None:
        """Number the accounts.

        Args:
            transfers: in the order of the chain.
            labels: by address.
            wanted: the categories that rules name; like services, they end a walk.
        """
        moving = [t for t in transfers if t.moves]
        self._accounts: dict[tuple[Address, Asset], int] = {}
        number = self._accounts.setdefault
        payers = np.array([number((t.sender, t.asset), len(self._accounts)) for t in moving], np.int32)
        payees = np.array([number((t.receiver, t.asset), len(self._accounts)) for t in moving], np.int32)
        amounts = np.array([t.amount / 10**t.asset.decimals for t in moving], np.float64)
        risky = set(wanted)
        owner = {a: _category(found, risky) for a, found in labels.items()}
        names = sorted({category for category in owner.values() if category})
        numbers = {name: n for n, name in enumerate(names)}
        categories = np.array([numbers.get(owner.get(a, ""), -1) for a, _ in self._accounts], np.int16)
        self._graph = ExposureGraph(payers, payees, amounts, categories, names)

    def query(self, address: Address, limits: Limits | None = None) -> dict[Asset, list[Exposure]]:
        """Return the exposure of an address by asset, both directions."""
        found: dict[Asset, list[Exposure]] = {}
        for (who, asset), account in self._accounts.items():
            if who == address:
                found[asset] = [e for way in (RECEIVED, SENT) for e in self._graph.query(account, way, limits)]
        return dict(sorted(found.items()))


def _category(labels: Sequence[Label], risky: set[str]) -> str:
    """Return the category that counts: one that a rule names before one that only ends the walk."""
    named = next((label.category for label in labels if label.category in risky), "")
    return named or next((label.category for label in labels if label.venue_kind), "")
