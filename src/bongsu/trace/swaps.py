"""Find who exchanges in which transaction, from what each address gives and takes in it, net.

Two forms are followed:

- An address gives one asset and takes another: it has exchanged.
- An address only gives, and others only take another asset that leads back to it over the counterparties: it has paid
  for what they took (a router's `to`, an aggregator that pays its fee out of the proceeds).

An asset leads back so: whoever gave it away took something for it, and who gave that took something again, until the
way ends at those who only give. Pools, routers and wrapping contracts give and take, so the way passes through them. A
token that is minted or burnt is given or taken by its contract, which for a pool's shares is the pool.

The second form is followed only where the way ends at one payer and does not run in a circle; else the transaction
leaves open who paid, and the desk says who may have (`Unclear`). A wrapped coin that somebody else takes is left open
as well where the records hold no movement of the coin itself: a router unwraps it unseen and passes the coin on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bongsu.model.address import Address
from bongsu.model.chain import chain
from bongsu.trace.conversion import NOBODY, Exchange, wraps_coin

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.conversion import ExchangeId, Holder, Lot

Tx: TypeAlias = "tuple[str, str]"
"""A chain and a transaction on it."""
Nets: TypeAlias = "Mapping[Holder, int]"
"""What each address took (above nought) or gave (below) of each asset in a transaction."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Somebody took something in a transaction, and one of several may have paid for it."""

    holder: Holder
    amount: int
    payers: tuple[Address, ...]


class Desk:
    """Knows, for a whole run, which address exchanges in which transaction.

    Args:
        transfers: all transfers that move value, in order, wraps included (see with_wraps).
        venues: they do not exchange, but may be paid what others bought.
        wrappers: contracts that wrap a coin: they do neither.
    """

    def __init__(
        self, transfers: Sequence[Transfer], venues: Collection[Address], wrappers: Collection[Address]
    ) -> None:
        nets: defaultdict[Tx, defaultdict[Holder, int]] = defaultdict(lambda: defaultdict(int))
        last: dict[Tx, int] = {}
        for number, transfer in enumerate(transfers):
            key = (transfer.sender.chain, transfer.tx)
            nets[key][transfer.sender, transfer.asset] -= transfer.amount
            nets[key][transfer.receiver, transfer.asset] += transfer.amount
            last[key] = number
        self._venues, self._wrappers = venues, wrappers
        self._open: dict[ExchangeId, Exchange] = {}
        self._ends: defaultdict[int, list[Exchange]] = defaultdict(list)
        self._seen_coins = {t.asset.chain for t in transfers if t.asset.symbol == chain(t.asset.chain).native}
        self.unclear: dict[Tx, list[Unclear]] = {}
        for tx, net in nets.items():
            if len({asset for _, asset in net}) > 1:
                self._find_own(tx, net, last[tx])
                self._find_for_others(tx, net, last[tx])

    def exchange(self, transfer: Transfer, address: Address) -> Exchange | None:
        """Return the exchange of an address in the transfer's transaction, where it is one."""
        return self._open.get((transfer.sender.chain, transfer.tx, address))

    def ending(self, number: int) -> Sequence[Exchange]:
        """Return the exchanges that end with the transfer of that number."""
        return self._ends.get(number, ())

    def _find_own(self, tx: Tx, net: Nets, last: int) -> None:
        for address in dict.fromkeys(address for address, _ in net):
            given: dict[Asset, list[Lot]] = {a: [] for (who, a), n in net.items() if who == address and n < 0}
            taken: dict[Holder, list[Lot]] = {(who, a): [] for (who, a), n in net.items() if who == address and n > 0}
            barred = address in self._venues or address in self._wrappers or address.text == NOBODY
            if given and taken and not barred:
                related = {holder: _related(holder[1], address, set(given), net) for holder in taken}
                paying = set().union(*related.values())
                given = {asset: lots for asset, lots in given.items() if asset in paying}
                self._keep(Exchange((*tx, address), given, taken, related), last)

    def _find_for_others(self, tx: Tx, net: Nets, last: int) -> None:
        route = _Route(_by_contract(net), self._venues)
        bought: defaultdict[Address, dict[Holder, set[Asset]]] = defaultdict(dict)
        for who, asset in route.only_taken:
            if who in self._wrappers or who.text == NOBODY or (*tx, who) in self._open:
                continue
            payers, way = route.payers(asset)
            if len(payers) == 1 and way is not None:
                (payer,) = payers
                if asset not in route.gives[payer] and not self._unwraps_unseen(asset):
                    bought[payer][who, asset] = way & route.gives[payer] or route.gives[payer]
                    continue
                payers |= route.burners  # a plain payment, or what somebody's burnt shares were worth
            if len(payers) > 1 or way is None or payers.isdisjoint(route.givers(asset)):
                unclear = Unclear((who, asset), net.get((who, asset), 0), tuple(sorted(payers)))
                self.unclear.setdefault(tx, []).append(unclear)
        for payer, related in bought.items():
            if payer not in self._venues and (*tx, payer) not in self._open:
                paying = set().union(*related.values())
                taken: dict[Holder, list[Lot]] = {holder: [] for holder in related}
                given: dict[Asset, list[Lot]] = {a: [] for a in sorted(route.gives[payer]) if a in paying}
                self._keep(Exchange((*tx, payer), given, taken, related), last)

    def _unwraps_unseen(self, asset: Asset) -> bool:
        return wraps_coin(asset) and asset.chain not in self._seen_coins

    def _keep(self, exchange: Exchange, last: int) -> None:
        self._ends[last].append(exchange)
        for address in {exchange.payer, *(who for who, _ in exchange.taken)}:
            self._open[(*exchange.id[:2], address)] = exchange


class _Route:
    """Who gives and takes what in one transaction, and whence an asset came."""

    def __init__(self, net: Nets, venues: Collection[Address]) -> None:
        self.gives: defaultdict[Address, set[Asset]] = defaultdict(set)
        self._takes: defaultdict[Address, set[Asset]] = defaultdict(set)
        self._givers: defaultdict[Asset, list[Address]] = defaultdict(list)
        for (who, asset), amount in net.items():
            if amount < 0:
                self.gives[who].add(asset)
                self._givers[asset].append(who)
            elif amount > 0:
                self._takes[who].add(asset)
        for venue in self._takes.keys() & set(venues):  # what reached it stays there: the way ends at it
            if venue in self.gives:
                self._takes[venue] = set()

    def givers(self, asset: Asset) -> list[Address]:
        """Return who gave an asset."""
        return self._givers[asset]

    @property
    def burners(self) -> set[Address]:
        """Who gave a token that was burnt."""
        burnt = {asset for who, assets in self._takes.items() if who.text == NOBODY for asset in assets}
        return {who for asset in burnt for who in self._givers[asset]}

    @property
    def only_taken(self) -> list[Holder]:
        """What those took who gave nothing."""
        return [
            (who, asset) for who, assets in self._takes.items() if who not in self.gives for asset in sorted(assets)
        ]

    def payers(self, asset: Asset) -> tuple[set[Address], set[Asset] | None]:
        """Return who may have paid for an asset, and the assets on the way; None where the way runs in a circle."""
        ends: set[Address] = set()
        way: set[Asset] = set()
        circle = self._walk(asset, (), ends, way)
        if any(end.text == NOBODY for end in ends):  # minted out of nothing: everybody who only gives may have paid
            ends = {who for who in self.gives if who not in self._takes and who.text != NOBODY}
        if circle:
            ends |= {who for who, assets in self.gives.items() if assets & way and who.text != NOBODY}
        return ends, None if circle else way

    def _walk(self, asset: Asset, above: tuple[Asset, ...], ends: set[Address], way: set[Asset]) -> bool:
        if asset in above:
            return True
        if asset in way:
            return False
        way.add(asset)
        circle = False
        for giver in self._givers[asset]:
            taken = self._takes.get(giver, set())
            if not taken:
                ends.add(giver)
            for paid in sorted(taken):
                circle |= self._walk(paid, (*above, asset), ends, way)
        return circle


def _by_contract(net: Nets) -> Nets:
    """Return the nets with a token's contract in the place of nobody, where it has a part in the transaction."""
    parties = {who for who, _ in net}
    found: defaultdict[Holder, int] = defaultdict(int)
    for (who, asset), amount in net.items():
        contract = Address(who.chain, asset.contract) if who.text == NOBODY and asset.contract else who
        found[contract if contract in parties else who, asset] += amount
    return found


def _related(taken: Asset, trader: Address, given: set[Asset], net: Nets) -> set[Asset]:
    """Return which of the assets given paid for an asset taken.

    Who gave the asset away took something for it, and who gave that away took something again (a route over several
    pools): what the trader gave and turns up on this way is the price; a fee paid to somebody who gave nothing is not.
    Where the way ends nowhere (a pool's shares are minted out of nothing) everything given is the price.
    """
    way = {taken}
    others = {who for who, _ in net if who != trader}
    gives = {who: {a for (w, a), n in net.items() if w == who and n < 0} for who in others}
    takes = {who: {a for (w, a), n in net.items() if w == who and n > 0} for who in others}
    size = 0
    while size < len(way):
        size = len(way)
        way = way.union(*(takes[who] for who in others if gives[who] & way))
    return way & given or given
