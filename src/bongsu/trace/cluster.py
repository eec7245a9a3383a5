"""Which addresses one owner holds: clusters of addresses by rules, each named and switchable.

- `multi-input`: who spends coins together in one transaction holds the keys of all (Nakamoto 2008, section 10;
  Meiklejohn and others, IMC 2013). Transactions that look like a CoinJoin are left out: there, strangers sign together.
- Change rules: one output of a payment goes back to who paid. Each rule names at most one output, and only if no other
  rule that is on names a different one. They guess; none is on unless asked for.
  - `change-to-self`: an output whose address is also an input's.
  - `change-fresh`: the only output whose address was never seen before, where all others were (Meiklejohn 2013).
  - `change-unround`: of two outputs, the one with at least three decimal digits more than the other.
  - `change-smaller`: of two outputs, the one that is smaller than every input, where the other is not (the wallet would
    have needed fewer inputs to pay it).

The CoinJoin guard holds a transaction for one that has at least five inputs of three owners or more and at least three
outputs of one equal amount, paid to as many addresses.

A cluster is a lead, not a proof; each join carries the transaction and the rule by which it was made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from bongsu.chain.coins import Block, Coin, CoinId, CoinTransaction
    from bongsu.model.address import Address

MULTI_INPUT = "multi-input"
_JOIN_INPUTS, _JOIN_OWNERS, _JOIN_EQUAL = 5, 3, 3
_ROUNDER = 3


class Payment(NamedTuple):
    """A transaction as the rules see it: what is known of its inputs, its outputs, and who was seen before it."""

    transaction: CoinTransaction
    inputs: tuple[Coin, ...]
    seen: Collection[Address]

    @property
    def payers(self) -> list[Address]:
        """The addresses of its inputs, each once, in order."""
        return list(dict.fromkeys(coin.owner for coin in self.inputs if coin.owner is not None))


@dataclass(frozen=True, slots=True)
class Join:
    """Why addresses stand together: the rule, the transaction, the addresses."""

    rule: str
    tx: str
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sets of two addresses or more, the largest first; the joins; how many transactions the guard left out."""

    sets: tuple[tuple[Address, ...], ...]
    joins: tuple[Join, ...]
    coinjoins: int
    unseen: int

    def of(self, address: Address) -> tuple[Address, ...]:
        """Return the addresses of an address's cluster, itself included."""
        return next((found for found in self.sets if address in found), (address,))


def looks_like_coinjoin(payment: Payment) -> bool:
    """Say whether strangers may have signed together."""
    equal: defaultdict[int, set[Address]] = defaultdict(set)
    for out in payment.transaction.outputs:
        if out.owner is not None and out.amount:
            equal[out.amount].add(out.owner)
    return (
        len(payment.transaction.inputs) >= _JOIN_INPUTS
        and len(payment.payers) >= _JOIN_OWNERS
        and max(map(len, equal.values()), default=0) >= _JOIN_EQUAL
    )


def change_to_self(payment: Payment) -> Address | None:
    """Return the output's address that is also an input's."""
    payers = set(payment.payers)
    back = {out.owner for out in payment.transaction.outputs if out.owner in payers}
    return back.pop() if len(back) == 1 else None


def change_fresh(payment: Payment) -> Address | None:
    """Return the only output's address that was never seen before."""
    outputs = [out.owner for out in payment.transaction.outputs if out.owner is not None]
    fresh = [owner for owner in outputs if owner not in payment.seen]
    return fresh[0] if len(fresh) == 1 and len(outputs) > 1 and outputs.count(fresh[0]) == 1 else None


def change_unround(payment: Payment) -> Address | None:
    """Return the address of the less round one of two outputs."""
    outputs = payment.transaction.outputs
    if len(outputs) != 2 or not all(out.amount for out in outputs):  # noqa: PLR2004 - a payment and its change
        return None
    rounds = [len(str(out.amount)) - len(str(out.amount).rstrip("0")) for out in outputs]
    if abs(rounds[0] - rounds[1]) < _ROUNDER:
        return None
    return outputs[0 if rounds[0] < rounds[1] else 1].owner


def change_smaller(payment: Payment) -> Address | None:
    """Return the address of the one of two outputs that is smaller than every input."""
    outputs = payment.transaction.outputs
    if len(outputs) != 2 or len(payment.inputs) < 2:  # noqa: PLR2004 - one input says nothing
        return None
    least = min(coin.amount for coin in payment.inputs)
    small = [out.owner for out in outputs if out.amount < least]
    return small[0] if len(small) == 1 else None


CHANGE_RULES: dict[str, Callable[[Payment], Address | None]] = {
    "change-to-self": change_to_self,
    "change-fresh": change_fresh,
    "change-unround": change_unround,
    "change-smaller": change_smaller,
}
"""The change rules by name, in the order in which they are asked."""
RULES = (MULTI_INPUT, *CHANGE_RULES)
"""Every rule's name."""


def cluster(blocks: Iterable[Block], known: Mapping[CoinId, Coin], rules: Collection[str] = (MULTI_INPUT,)) -> Clusters:
    """Return clusters of addresses.

    Args:
        blocks: in the order of the chain.
        known: the worth and owner of coins made before the first block.
        rules: names out of RULES.
    """
    coins = dict(known)
    seen = {coin.owner for coin in known.values() if coin.owner is not None}
    joins: list[Join] = []
    coinjoins = unseen = 0
    for block in blocks:
        for transaction in block.transactions:
            inputs = tuple(coins[coin] for coin in transaction.inputs if coin in coins)
            unseen += len(transaction.inputs) - len(inputs)
            payment = Payment(transaction, inputs, seen)
            if looks_like_coinjoin(payment):
                coinjoins += 1
            elif inputs:
                joins.extend(_joins(payment, rules))
            for place, out in enumerate(transaction.outputs):
                coins[_id(transaction, place)] = out
                if out.owner is not None:
                    seen.add(out.owner)
    return Clusters(_sets(joins), tuple(joins), coinjoins, unseen)


def _id(transaction: CoinTransaction, place: int) -> CoinId:
    from bongsu.chain.coins import CoinId

    return CoinId(transaction.tx, place)


def _joins(payment: Payment, rules: Collection[str]) -> Iterable[Join]:
    payers, tx = payment.payers, payment.transaction.tx
    if MULTI_INPUT in rules and len(payers) > 1:
        yield Join(MULTI_INPUT, tx, tuple(payers))
    named = {name: rule(payment) for name, rule in CHANGE_RULES.items() if name in rules}
    changes = {name: owner for name, owner in named.items() if owner is not None}
    if len(set(changes.values())) == 1 and payers:
        for name, owner in changes.items():
            if owner not in payers:
                yield Join(name, tx, (payers[0], owner))


def _sets(joins: Collection[Join]) -> tuple[tuple[Address, ...], ...]:
    if not joins:
        return ()
    import numpy as np

    from bongsu.trace.kernels._union import flatten
    from bongsu.trace.kernels._union import join as unite

    addresses = sorted({address for one in joins for address in one.addresses})
    number = {address: n for n, address in enumerate(addresses)}
    ends = np.zeros(len(joins) + 1, np.int64)
    ends[1:] = np.cumsum([len(one.addresses) for one in joins])
    members = np.array([number[address] for one in joins for address in one.addresses], np.int32)
    parent = np.arange(len(addresses), dtype=np.int32)
    unite(ends, members, parent)
    flatten(parent)
    roots = parent.tolist()
    sizes = Counter(roots)
    found: defaultdict[int, list[Address]] = defaultdict(list)
    for address, root in zip(addresses, roots, strict=True):
        found[root].append(address)
    return tuple(tuple(found[root]) for root in sorted(found, key=lambda root: (-sizes[root], root)))
