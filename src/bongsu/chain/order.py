"""Put transfers in the order in which the chain carried them out.

The order is (block, index). Where a block's transfers carry no index, money arrives before it leaves, as far as that is
possible; what is left keeps the order of the file. A record without a block is placed by its time: into the block that
has exactly this time, else after the last block known to be earlier.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer

_START = datetime.min.replace(tzinfo=UTC)
_Slot = tuple[int, datetime]


def in_order(transfers: Sequence[Transfer]) -> list[Transfer]:
    """Return the transfers in the order of their chains; chains follow one another by name."""
    by_chain: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        by_chain[transfer.sender.chain].append(transfer)
    return [t for name in sorted(by_chain) for t in _one_chain(by_chain[name])]


def _one_chain(transfers: list[Transfer]) -> Iterator[Transfer]:
    slot = _slots(transfers)
    for _, block in groupby(sorted(transfers, key=slot), key=slot):
        yield from _one_block(list(block))


def _slots(transfers: Iterable[Transfer]) -> Callable[[Transfer], _Slot]:
    """Return the function that gives a transfer its place among the blocks."""
    known = sorted((t.time, t.block) for t in transfers if t.time is not None and t.block is not None)
    times = [time for time, _ in known]

    def slot(transfer: Transfer) -> _Slot:
        if transfer.block is not None:
            return transfer.block, _START
        if transfer.time is None:
            raise AssertionError("readers refuse a record with neither block nor time")
        before = bisect_right(times, transfer.time) - 1
        if before < 0:
            return -1, transfer.time
        time, block = known[before]
        return block, (_START if time == transfer.time else transfer.time)

    return slot


def _one_block(block: list[Transfer]) -> Iterable[Transfer]:
    if len(block) == 1:
        return block
    if all(t.index is not None for t in block):
        return sorted(block, key=lambda t: t.index or 0)
    return _settle(block)


def _settle(block: list[Transfer]) -> Iterator[Transfer]:
    """Yield a block so that what an account receives in it stands before what it pays.

    The first transfer, by the order of the file, whose sender awaits nothing more goes next; in a circle of payments
    the first one goes. Records that do carry an index keep their order among each other.
    """
    awaited: dict[tuple[Address, Asset], int] = defaultdict(int)
    waiting: dict[tuple[Address, Asset], list[int]] = defaultdict(list)
    block = _indexed_in_turn(block)
    for transfer in block:
        awaited[transfer.receiver, transfer.asset] += transfer.moves
    ready: list[int] = []
    for place, transfer in enumerate(block):
        payer = (transfer.sender, transfer.asset)
        if transfer.moves and awaited[payer]:
            waiting[payer].append(place)
        else:
            ready.append(place)
    done = [False] * len(block)
    first = 0
    for _ in block:
        if ready:
            place = heapq.heappop(ready)
        else:
            while done[first]:
                first += 1
            place = first
            waiting[block[place].sender, block[place].asset].remove(place)
        done[place] = True
        transfer = block[place]
        yield transfer
        payee = (transfer.receiver, transfer.asset)
        awaited[payee] -= transfer.moves
        if not awaited[payee]:
            for freed in waiting.pop(payee, ()):
                heapq.heappush(ready, freed)


def _indexed_in_turn(block: list[Transfer]) -> list[Transfer]:
    """Return the block with its indexed records, in the places they hold, sorted by index."""
    indexed = iter(sorted((t for t in block if t.index is not None), key=lambda t: t.index or 0))
    return [next(indexed) if t.index is not None else t for t in block]
