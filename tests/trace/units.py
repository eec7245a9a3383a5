"""The policies once more, one base unit at a time: slow, obvious, and written apart from the code it checks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.model.transfer import Transfer

Holdings = dict[tuple[str, str, str], int]
"""Base units by theft, asset symbol and address."""


def follow(  # noqa: C901, PLR0912 - a branch for each rule, so that it reads like the definition
    policy: str, transfers: Iterable[Transfer], thefts: Mapping[str, str], venues: set[str]
) -> tuple[Holdings, Holdings]:
    """Return what rests where, and what came back."""
    purses: defaultdict[tuple[str, str], list[str | None]] = defaultdict(list)
    marked: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    exits: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    returned: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for t in transfers:
        sender, receiver, asset = t.sender.text, t.receiver.text, t.asset.symbol
        if sender == receiver or not t.amount:
            continue
        marks: set[str] = set()
        if sender in thefts:
            units: list[str | None] = [thefts[sender]] * t.amount
            marks = {thefts[sender]}
        elif sender in venues:
            units = [None] * t.amount
        else:
            purse = purses[sender, asset]
            marks = marked[sender, asset] if purse else set()
            seen = min(t.amount, len(purse))
            units = _spend(policy, purse, seen) + [None] * (t.amount - seen)
            if policy == "poison":
                for mark in marks:
                    _land(sender, receiver, asset, mark, seen, thefts, venues, exits, returned)
        if policy == "poison" and sender in thefts:
            _land(sender, receiver, asset, thefts[sender], t.amount, thefts, venues, exits, returned)
        if receiver in thefts or receiver in venues:
            if policy != "poison":
                for unit in units:
                    if unit:
                        _land(sender, receiver, asset, unit, 1, thefts, venues, exits, returned)
        else:
            purses[receiver, asset].extend(units)
            marked[receiver, asset] |= marks
    resting: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for (address, asset), purse in purses.items():
        if policy == "poison":
            for mark in marked[address, asset]:
                resting[mark, asset, address] += len(purse)
        else:
            for unit in purse:
                if unit:
                    resting[unit, asset, address] += 1
    everything = {**resting, **exits}
    return {k: n for k, n in everything.items() if n}, {k: n for k, n in returned.items() if n}


def _land(
    sender: str,
    receiver: str,
    asset: str,
    theft: str,
    amount: int,
    thefts: Mapping[str, str],
    venues: set[str],
    exits: dict[tuple[str, str, str], int],
    returned: dict[tuple[str, str, str], int],
) -> None:
    del sender
    if receiver in thefts:
        returned[theft, asset, receiver] += amount
    elif receiver in venues:
        exits[theft, asset, receiver] += amount


def _spend(policy: str, purse: list[str | None], amount: int) -> list[str | None]:
    """Take units out of a purse; the order taken is the order in which they arrive."""
    if policy == "haircut":
        return _in_proportion(purse, amount)
    spent = []
    for _ in range(amount):
        if policy == "lifo":
            place = len(purse) - 1
        elif policy == "taint-first":
            place = next((i for i, unit in enumerate(purse) if unit), 0)
        else:
            place = 0
        spent.append(purse.pop(place))
    return spent


def _in_proportion(purse: list[str | None], amount: int) -> list[str | None]:
    size = len(purse)
    spent: list[str | None] = []
    for theft in dict.fromkeys(unit for unit in purse if unit):
        part = purse.count(theft) * amount // size
        spent += [theft] * part
    spent += [None] * (amount - len(spent))
    for unit in spent:
        if unit in purse:
            purse.remove(unit)
    del purse[size - amount :]
    return spent
