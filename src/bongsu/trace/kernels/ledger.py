"""A ledger of accounts under one policy: fed with arrays of transfers, in as many chunks as one likes.

The state is carried from chunk to chunk, so that a log larger than memory gives what it would give in one piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    U64: TypeAlias = NDArray[np.uint64]
    I32: TypeAlias = NDArray[np.int32]

POLICIES = ("fifo", "lifo", "haircut", "poison", "taint-first")
"""The policies that have a kernel here."""
_LOTS = {"fifo", "lifo", "taint-first"}
_GROUP = 64
"""Haircut and poison keep the thefts of an account as the bits of one word; more thefts take more passes."""
_WIDEST = 1 << 127
"""Amounts and balances of a kernel stay below this, so that no sum overflows two limbs."""
_FIRST_ARENA = 1 << 16


class Holdings(NamedTuple):
    """Stolen value by account and theft, sorted by both; `amounts` uint64 (n, 2), low limb first."""

    accounts: NDArray[np.int64]
    thefts: NDArray[np.int64]
    amounts: U64


class Ledger:
    """Accounts under one policy.

    Args:
        policy: one of POLICIES.
        sources: for each stolen-from account, the number of its theft. These accounts are numbered 0, 1, ...
        venues: how many venue accounts there are; they are numbered after the sources.
        thefts: how many thefts there are.
    """

    def __init__(self, policy: str, sources: list[int], venues: int, thefts: int) -> None:
        size = thefts if policy in _LOTS else _GROUP
        self._stack = policy == "lifo"
        self._lots = policy in _LOTS
        self._policy = policy
        self._sources = np.array(sources, np.uint64)
        self._venues_end = len(sources) + venues
        self._total = 0
        self._passes = [
            _Pass(policy, self._sources, first, min(size, thefts - first), self._venues_end)
            for first in range(0, max(thefts, 1), max(size, 1))
        ]

    def advance(self, sender: I32, receiver: I32, amounts: U64) -> None:
        """Carry out transfers in order.

        Args:
            sender: account numbers, shape (n,).
            receiver: account numbers, shape (n,).
            amounts: shape (n, 2), low limb first.

        Raises:
            SourceError: the amounts add up to 2^127 or more, which two limbs cannot hold safely.
        """
        self._total += total(amounts)
        if self._total >= _WIDEST:
            raise SourceError(
                "the amounts add up to 2^127 base units or more, wider than the kernels are",
                hint="trace with --engine reference",
            )
        if not len(sender):
            return
        accounts = 1 + max(int(sender.max()), int(receiver.max()))
        for one in self._passes:
            one.advance(sender, receiver, amounts, accounts)

    def stolen(self) -> list[int]:
        """Return what each theft's sources sent out, in base units."""
        return [value for one in self._passes for value in whole(one.stolen)]

    def sunk(self) -> Holdings:
        """Return what reached stolen-from accounts and venues."""
        found = []
        for one in self._passes:
            accounts, labels = np.nonzero(one.sinks.any(axis=2))
            found.append((accounts, labels + one.first, one.sinks[accounts, labels]))
        return summed(found)

    def resting(self) -> Holdings:
        """Return what rests at accounts that are neither."""
        return summed([one.resting(self._lots, stack=self._stack) for one in self._passes])


class _Pass:
    """The state of one run of a kernel over the transfers."""

    def __init__(self, policy: str, sources: U64, first: int, thefts: int, venues_end: int) -> None:
        self._single = thefts <= 1
        self._kernel, width = _kernel(policy, single=self._single)
        self._with_arena = policy in _LOTS or (policy == "haircut" and not self._single)
        self.first = first
        self.stolen = np.zeros((max(thefts, 1), 2), np.uint64)
        self.sinks = np.zeros((venues_end, max(thefts, 1), 2), np.uint64)
        mine = (sources >= first) & (sources < first + thefts)
        self._labels = np.where(mine, sources - np.uint64(first), np.uint64(1 << 32))
        self._policy = policy
        self._venues_end = venues_end
        self._rows = np.zeros((0, width), np.uint64)
        self._control = np.array([1, 0, 0], np.uint64)
        shape = (64, thefts, 2) if policy == "haircut" else (_FIRST_ARENA, 4)
        self._arena = np.zeros(shape, np.uint64)

    def advance(self, sender: I32, receiver: I32, amounts: U64, accounts: int) -> None:
        if accounts > len(self._rows):
            self._rows = _grown(self._rows, accounts)
        state: list[Any] = [self._rows]
        if self._with_arena:
            state += [self._arena, self._control]
        done = 0
        while True:
            done = self._kernel(
                sender, receiver, amounts, done, len(sender), self._labels, self._venues_end, *state, self.stolen,
                self.sinks,
            )  # fmt: skip
            if done == len(sender):
                return
            self._arena = state[1] = _grown(self._arena, len(self._arena) + 1)

    def resting(self, lots: bool, *, stack: bool) -> tuple[NDArray[np.int64], NDArray[np.int64], U64]:
        if lots:
            return self._lots(stack=stack)
        begin = self._venues_end
        rows = self._rows[begin:]
        if self._policy == "haircut" and self._single:
            held = np.flatnonzero(rows[:, 2] | rows[:, 3])
            return held + begin, np.full(len(held), self.first), rows[held, 2:4]
        if self._policy == "haircut":
            held = np.flatnonzero((rows[:, 2] != 0) & (rows[:, 3] != 0))
            parts = self._arena[rows[held, 2].astype(np.int64)]
            which, labels = np.nonzero(parts.any(axis=2))
            return held[which] + begin, labels + self.first, parts[which, labels]
        held = np.flatnonzero((rows[:, 2] != 0) & ((rows[:, 0] | rows[:, 1]) != 0))
        bits = (rows[held, 2][:, None] >> np.arange(len(self.stolen), dtype=np.uint64)) & np.uint64(1)
        which, labels = np.nonzero(bits)
        return held[which] + begin, labels + self.first, rows[held[which], 0:2]

    def _lots(self, *, stack: bool) -> tuple[NDArray[np.int64], NDArray[np.int64], U64]:
        from bongsu.trace.kernels._accounts import lots_of

        def read(count: int) -> tuple[int, NDArray[np.int64], NDArray[np.int64], U64]:
            places, tags = np.zeros(count, np.int64), np.zeros(count, np.int64)
            sums = np.zeros((count, 2), np.uint64)
            found = lots_of(self._rows, self._arena, stack, self._venues_end, places, tags, sums)
            return found, places, tags, sums

        _, places, tags, sums = read(read(0)[0])
        return places, tags + self.first, sums


def total(amounts: U64) -> int:
    """Return the sum of amounts of shape (n, 2), exactly."""
    from bongsu.trace.kernels._accounts import add_up

    halves = np.zeros(4, np.uint64)
    add_up(amounts, halves)
    return sum(half << (32 * place) for place, half in enumerate(halves.tolist()))


def whole(amounts: U64) -> list[int]:
    """Return amounts of shape (n, 2) as integers."""
    return [low | high << 64 for low, high in amounts.tolist()]


def limbs(amounts: list[int]) -> U64:
    """Return integers below 2^128 as amounts of shape (n, 2)."""
    low = [amount & 0xFFFFFFFFFFFFFFFF for amount in amounts]
    return np.stack([np.array(low, np.uint64), np.array([a >> 64 for a in amounts], np.uint64)], axis=1)


def _kernel(policy: str, *, single: bool) -> tuple[Callable[..., int], int]:
    """Return the compiled kernel and how many words its account rows have."""
    from bongsu.trace.kernels import _accounts as kernels

    if policy == "haircut":
        return (kernels.haircut_one if single else kernels.haircut), 4
    one: Callable[..., int] = getattr(kernels, policy.replace("-", "_"))
    return one, 6 if policy == "taint-first" else 4


def _grown(table: U64, least: int) -> U64:
    """Return a table with at least so many rows, and at least half as many again."""
    wider = np.zeros((max(least, len(table) * 3 // 2), *table.shape[1:]), np.uint64)
    wider[: len(table)] = table
    return wider


def summed(found: list[tuple[NDArray[np.int64], NDArray[np.int64], U64]]) -> Holdings:
    """Return holdings in order, lots of one account and theft added up."""
    accounts = np.concatenate([f[0] for f in found])
    thefts = np.concatenate([f[1] for f in found])
    amounts = np.concatenate([f[2] for f in found])
    order = np.lexsort((thefts, accounts))
    accounts, thefts, amounts = accounts[order], thefts[order], amounts[order]
    if not len(accounts):
        return Holdings(accounts, thefts, amounts)
    starts = np.flatnonzero(np.r_[True, (np.diff(accounts) != 0) | (np.diff(thefts) != 0)])
    low, high = amounts[:, 0], amounts[:, 1]
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    first = np.add.reduceat(low & mask, starts)
    second = np.add.reduceat(low >> half, starts) + (first >> half)
    sums = np.stack([(first & mask) | (second << half), np.add.reduceat(high, starts) + (second >> half)], axis=1)
    return Holdings(accounts[starts], thefts[starts], sums)
