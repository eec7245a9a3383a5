"""The coin policies, in their plain reference form: which part of a transaction's money goes into which output.

A transaction is a purse. Its inputs put in lots, in order; its outputs take out money, and last of all the fee. A lot
is (amount, theft), theft None for clean money. What a policy decides is how lots and outputs are lined up.

Worked example, as everywhere: inputs of 3 stolen and 7 clean; outputs of 4 and 5; a fee of 1.

| policy | first output (4) | second output (5) | fee (1) |
|---|---|---|---|
| fifo | 3 stolen, 1 clean | 5 clean | 1 clean |
| lifo | 4 clean | 3 clean, 2 stolen | 1 stolen |
| haircut | floor(3 x 4 / 10) = 1 | floor(2 x 5 / 6) = 1 | the rest: 1 |
| poison | 4 stolen | 5 stolen | 1 stolen |
| tiho | 4 clean | 3 stolen, 2 clean | 1 clean |
| seniority-tainted-first | 3 stolen, 1 clean | 5 clean | 1 clean |
| seniority-clean-first | 4 clean | 3 clean, 2 stolen | 1 stolen |

Sources: Moeser, Boehme and Breuker (2014, doi 10.1007/978-3-662-44774-1_2) for poison, haircut and seniority; Anderson,
Shumailov and Ahmed (SPW 2018) for fifo; Tironsakkul and others (2019, arXiv 1906.05754) for tiho.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Lot: TypeAlias = "tuple[int, str | None]"
"""An amount in base units and the theft it stems from; None for clean money."""
Lots: TypeAlias = "list[Lot]"
Split: TypeAlias = "Callable[[Lots, Sequence[int]], list[Lots]]"
"""Divides lots among amounts, the fee last. The amounts add up to the lots."""


def cut(lots: Iterable[Lot], amounts: Iterable[int]) -> list[Lots]:
    """Cut lots, laid end to end, into amounts."""
    queue = deque(lots)
    found: list[Lots] = []
    for amount in amounts:
        piece: Lots = []
        left = amount
        while left:
            size, theft = queue.popleft()
            part = min(size, left)
            piece.append((part, theft))
            left -= part
            if size > part:
                queue.appendleft((size - part, theft))
        found.append(piece)
    return found


def fifo(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """First in, first out: lots in the order of the inputs fill the outputs in their order."""
    return cut(lots, amounts)


def lifo(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """Last in, first out: the lots in reverse fill the outputs in their order."""
    return cut(reversed(lots), amounts)


def tiho(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """Taint in, highest out: stolen lots fill the largest output, then the next (ties in their order), then the fee."""
    order = sorted(range(len(amounts) - 1), key=lambda place: -amounts[place])
    order.append(len(amounts) - 1)
    found: list[Lots] = [[] for _ in amounts]
    for place, piece in zip(order, cut(_stolen_first(lots), [amounts[place] for place in order]), strict=True):
        found[place] = piece
    return found


def tainted_first(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """Seniority of taint: stolen lots fill the outputs in their order, then clean ones."""
    return cut(_stolen_first(lots), amounts)


def clean_first(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """Seniority of clean money: clean lots fill the outputs in their order; stolen ones go last, into the fee too."""
    return cut([*(lot for lot in lots if lot[1] is None), *(lot for lot in lots if lot[1] is not None)], amounts)


def haircut(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """In proportion to the money left, rounded down; the last slot takes the rest.

    Of thefts that meet, the first k together give floor(their money x output / money left): so no coin ever holds more
    stolen money than it is worth, and a single theft gives floor(stolen x output / money left).
    """
    parts = _by_theft(lots)
    purse = sum(amount for amount, _ in lots)
    found: list[Lots] = []
    for amount in amounts:
        piece: Lots = []
        together = given = 0
        for theft, part in parts.items():
            together += part
            share = together * amount // purse - given if purse else 0
            given += share
            parts[theft] = part - share
            if share:
                piece.append((share, theft))
        purse -= amount
        found.append([*piece, (amount - given, None)] if amount > given else piece)
    return found


def poison(lots: Lots, amounts: Sequence[int]) -> list[Lots]:
    """Every output is wholly stolen once any input was: one lot of full size for each theft. It does not conserve."""
    thefts = _by_theft(lots)
    if not thefts:
        return [[(amount, None)] if amount else [] for amount in amounts]
    return [[(amount, theft) for theft in thefts] if amount else [] for amount in amounts]


def _stolen_first(lots: Lots) -> Lots:
    return [*(lot for lot in lots if lot[1] is not None), *(lot for lot in lots if lot[1] is None)]


def _by_theft(lots: Lots) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for amount, theft in lots:
        if theft is not None:
            found[theft] += amount
    return dict(found)


COIN_POLICIES: dict[str, Split] = {
    "fifo": fifo,
    "lifo": lifo,
    "haircut": haircut,
    "poison": poison,
    "tiho": tiho,
    "seniority-tainted-first": tainted_first,
    "seniority-clean-first": clean_first,
}
"""Every coin policy by its name, in the order in which they are shown."""
CONSERVING = frozenset(COIN_POLICIES) - {"poison"}
"""The policies under which stolen value neither grows nor shrinks."""
