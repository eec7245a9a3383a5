"""Run the coin kernel over a flow of coins."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate, chain
from typing import TYPE_CHECKING

import numpy as np

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bongsu.trace.coins.flow import Flow

_ORDER = ("fifo", "lifo", "haircut", "poison", "tiho", "seniority-tainted-first", "seniority-clean-first")
"""The policies by the number they have in the kernel."""
_FIRST = 1 << 12
_SOURCE, _VENUE = 1, 2
_WIDEST = 1 << 62


def held_with_kernel(policy: str, flow: Flow) -> dict[int, dict[str, int]]:
    """Return the stolen money by coin and theft that arrived in coins and was not spent on.

    Raises:
        SourceError: a coin is worth 2^62 base units or more, which no bitcoin is.
    """
    from bongsu.trace.kernels._coins import follow

    if max(flow.amounts, default=0) >= _WIDEST or sum(flow.amounts) >= _WIDEST << 1:
        raise SourceError("a coin is too large for the kernel", hint="use --engine reference")
    coins = len(flow.amounts)
    in_ends, in_coins = _stretches(flow.inputs)
    out_ends, out_coins = _stretches(flow.outputs)
    amounts = np.array(flow.amounts, np.uint64)
    roles, source = np.array(flow.roles, np.int8), np.array(flow.source, np.int64)
    first, count = np.zeros(coins, np.int64), np.zeros(coins, np.int32)
    lots, tags = np.zeros(_FIRST, np.uint64), np.zeros(_FIRST, np.int64)
    purse, purse_tags = np.zeros(_FIRST, np.uint64), np.zeros(_FIRST, np.int64)
    sums, seen = np.zeros(len(flow.thefts), np.uint64), np.zeros(len(flow.thefts), np.int64)
    control = np.zeros(3, np.int64)
    done = 0
    while True:
        done = follow(
            _ORDER.index(policy), done, in_ends, in_coins, out_ends, out_coins, amounts, roles, source, first, count,
            lots, tags, control, purse, purse_tags, sums, seen,
        )  # fmt: skip
        if done == len(flow.inputs):
            break
        need, top = int(control[1]), int(control[2])
        if need > len(purse):
            purse, purse_tags = np.zeros(need * 2, np.uint64), np.zeros(need * 2, np.int64)
        if top > len(lots):
            lots, tags = np.resize(lots, top * 2), np.resize(tags, top * 2)
    return _by_coin(flow, first, count, lots, tags)


def _stretches(lists: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ends = np.fromiter(accumulate(map(len, lists), initial=0), np.int64, len(lists) + 1)
    return ends, np.fromiter(chain.from_iterable(lists), np.int64, int(ends[-1]))


def _by_coin(
    flow: Flow,
    first: NDArray[np.int64],
    count: NDArray[np.int32],
    lots: NDArray[np.uint64],
    tags: NDArray[np.int64],
) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for coin in np.flatnonzero(count).tolist():
        if flow.spent[coin] and flow.roles[coin] not in {_SOURCE, _VENUE}:
            continue
        stretch = slice(int(first[coin]), int(first[coin]) + int(count[coin]))
        sums: defaultdict[str, int] = defaultdict(int)
        for amount, tag in zip(lots[stretch].tolist(), tags[stretch].tolist(), strict=True):
            if tag > 1:
                sums[flow.thefts[tag - 2]] += amount
        if sums:
            found[coin] = dict(sums)
    return found
