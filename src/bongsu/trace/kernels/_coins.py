"""The coin kernel: one pass over steps in order, all thefts at once, for every coin policy.

Coins hold lots in one stretch of an arena: `first` and `count` by coin; no lots means clean. A lot is an amount and a
tag: 1 clean, 2 and above a theft's label plus 2. Amounts are one limb: all bitcoin there will ever be is below 2^51.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bongsu.trace.kernels._limbs import U0, muldiv

FIFO, LIFO, HAIRCUT, POISON, TIHO, TAINTED_FIRST, CLEAN_FIRST = range(7)
SOURCE, VENUE = 1, 2


@njit
def _gather(mode, inputs, amounts, roles, source, first, count, lots, tags, purse, purse_tags):
    """Lay the lots of a step's inputs end to end, in the order of the policy; return how many there are."""
    found = 0
    passes = 2 if mode >= TIHO else 1
    for turn in range(passes):
        for place in range(len(inputs)):
            coin = inputs[len(inputs) - 1 - place] if mode == LIFO else inputs[place]
            if amounts[coin] == U0:
                continue
            pieces = np.int64(count[coin])
            if roles[coin] == SOURCE or roles[coin] == VENUE or pieces == 0:
                tag = source[coin] + 2 if roles[coin] == SOURCE else 1
                if passes == 2 and (tag > 1) == ((turn == 1) != (mode == CLEAN_FIRST)):
                    continue
                purse[found], purse_tags[found] = amounts[coin], tag
                found += 1
                continue
            for piece in range(pieces):
                at = first[coin] + (pieces - 1 - piece if mode == LIFO else piece)
                tag = tags[at]
                if passes == 2 and (tag > 1) == ((turn == 1) != (mode == CLEAN_FIRST)):
                    continue
                purse[found], purse_tags[found] = lots[at], tag
                found += 1
    return found


@njit
def _fill(order, outputs, amounts, first, count, lots, tags, top, purse, purse_tags):
    """Cut the purse into the outputs, in the order given; return the new top of the arena."""
    at = 0
    for place in order:
        coin = outputs[place]
        left = amounts[coin]
        first[coin] = top
        while left != U0:
            part = min(purse[at], left)
            if top > first[coin] and tags[top - 1] == purse_tags[at]:
                lots[top - 1] += part
            else:
                lots[top], tags[top] = part, purse_tags[at]
                top += 1
            left -= part
            purse[at] -= part
            if purse[at] == U0:
                at += 1
        count[coin] = top - first[coin]
    return top


@njit
def _share(mode, found, outputs, amounts, first, count, lots, tags, top, purse, purse_tags, sums, seen):
    """Give every output its part of each theft (haircut), or mark it with each (poison); return the new top."""
    thefts = 0
    money = U0
    for lot in range(found):
        money += purse[lot]
        tag = purse_tags[lot]
        if tag > 1:
            if sums[tag - 2] == U0:
                seen[thefts] = tag
                thefts += 1
            sums[tag - 2] += purse[lot]
    for coin in outputs:
        amount = amounts[coin]
        first[coin] = top
        if amount == U0:
            count[coin] = 0
            continue
        together, given = U0, U0
        for n in range(thefts):
            tag = seen[n]
            part = amount
            if mode == HAIRCUT:
                together += sums[tag - 2]
                part = muldiv(U0, together, U0, amount, U0, money)[1] - given
                given += part
                sums[tag - 2] -= part
            if part != U0:
                lots[top], tags[top] = part, tag
                top += 1
        if mode == HAIRCUT:
            if amount > given:
                lots[top], tags[top] = amount - given, 1
                top += 1
            money -= amount
        count[coin] = top - first[coin]
    for n in range(thefts):
        sums[seen[n] - 2] = U0
    return top


@njit(cache=True, nogil=True)
def follow(
    mode, start, in_ends, in_coins, out_ends, out_coins, amounts, roles, source, first, count, lots, tags, control,
    purse, purse_tags, sums, seen,
):  # fmt: skip
    """Carry out steps from `start` on; return the step that is not done: all, or one for which memory must grow.

    `in_ends` and `out_ends` int64 (steps + 1,) delimit each step's coins in `in_coins` and `out_coins` int64.
    `control` is [top of the arena, room the purse needs, room the arena needs].
    """
    steps = in_ends.shape[0] - 1
    for step in range(start, steps):
        inputs = in_coins[in_ends[step] : in_ends[step + 1]]
        outputs = out_coins[out_ends[step] : out_ends[step + 1]]
        need = 0
        tainted = False
        for coin in inputs:
            pieces = np.int64(count[coin])
            need += max(1, pieces)
            tainted = tainted or (roles[coin] == SOURCE and amounts[coin] != U0)
            tainted = tainted or (pieces > 0 and roles[coin] != SOURCE and roles[coin] != VENUE)
        if not tainted:
            continue
        mixes = mode in (HAIRCUT, POISON)
        room = len(outputs) * (min(need, sums.shape[0]) + 1) if mixes else need + len(outputs)
        if need > purse.shape[0] or control[0] + room > lots.shape[0]:
            control[1], control[2] = need, control[0] + room
            return step
        found = _gather(mode, inputs, amounts, roles, source, first, count, lots, tags, purse, purse_tags)
        stained = False
        for lot in range(found):
            stained = stained or purse_tags[lot] > 1
        if not stained:
            continue
        if mixes:
            control[0] = _share(
                mode, found, outputs, amounts, first, count, lots, tags, control[0], purse, purse_tags, sums, seen
            )
            continue
        order = np.arange(len(outputs))
        if mode == TIHO:
            wealth = np.empty(len(outputs) - 1, np.int64)
            for place in range(len(outputs) - 1):
                wealth[place] = -np.int64(amounts[outputs[place]])
            order[:-1] = np.argsort(wealth, kind="mergesort")
        control[0] = _fill(order, outputs, amounts, first, count, lots, tags, control[0], purse, purse_tags)
    return steps
