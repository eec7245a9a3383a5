"""The account kernels: one pass over transfers in order, all thefts at once.

Every kernel has the same shape. It takes transfers (`sender`, `receiver` int32 of shape (n,), `amounts` uint64 of shape
(n, 2), low limb first), works on transfers `start` up to `stop`, and returns the transfer that it has not done: `stop`,
or an earlier one where its arena is full and must grow first. Accounts are numbered so that stolen-from accounts come
first, venues second, all others after them; so the role of an account needs no look-up. The first two are sinks: what
reaches them stays there, in `sinks` of shape (sinks, labels, 2).

A tag says whose a lot is: 0 nobody's (no lot), 1 clean, 2 and above a theft's label plus 2. Neighbouring lots of one tag
in a queue are one lot: no policy can tell them apart, and clean accounts keep a single one.

Rows of lot accounts: low limb, high limb and tag of the lot that leaves next, and a link word (the next node in the
upper half, the last node in the lower half; a stack uses only the upper). Nodes have the same four words; node 0 is none.
`control` is [first node never used, first node given back, how many were given back].
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bongsu.trace.kernels._limbs import (
    LOW,
    U0,
    U1,
    U32,
    add,
    less,
    normal_shift,
    prefetch,
    reciprocal,
    share,
    shift_left,
    sub,
    trailing_zeros,
)

CLEAN = U1
FIRST = np.uint64(2)
AHEAD = 12
"""How many transfers ahead an account's row is fetched: memory's latency over one transfer's work."""
SPARE = np.uint64(4)
"""Free nodes without which no transfer is begun."""


@njit(forceinline=True)
def _enough(nodes, control):
    return np.uint64(nodes.shape[0]) - control[0] + control[2] > SPARE


@njit(forceinline=True)
def _new(nodes, control):
    free = control[1]
    if free != U0:
        control[1] = nodes[free, 3]
        control[2] -= U1
        return free
    free = control[0]
    control[0] = free + U1
    return free


@njit(forceinline=True)
def _give_back(nodes, control, node):
    nodes[node, 3] = control[1]
    control[1] = node
    control[2] += U1


@njit(forceinline=True)
def _gain(table, row, lo, hi):
    table[row, 1], table[row, 0] = add(table[row, 1], table[row, 0], hi, lo)


@njit(forceinline=True)
def _sink(sinks, row, tag, lo, hi):
    if tag >= FIRST:
        label = tag - FIRST
        sinks[row, label, 1], sinks[row, label, 0] = add(sinks[row, label, 1], sinks[row, label, 0], hi, lo)


@njit(forceinline=True)
def _behind(rows, nodes, control, account, lo, hi, tag):
    """Put a lot at the end of an account's queue."""
    own = rows[account, 2]
    if own == U0:
        rows[account, 0], rows[account, 1], rows[account, 2], rows[account, 3] = lo, hi, tag, U0
        return
    link = rows[account, 3]
    last = link & LOW
    if last == U0:
        if own == tag:
            _gain(rows, account, lo, hi)
            return
    elif nodes[last, 2] == tag:
        _gain(nodes, last, lo, hi)
        return
    node = _new(nodes, control)
    nodes[node, 0], nodes[node, 1], nodes[node, 2], nodes[node, 3] = lo, hi, tag, U0
    if last == U0:
        rows[account, 3] = (node << U32) | node
    else:
        nodes[last, 3] = node
        rows[account, 3] = ((link >> U32) << U32) | node


@njit(forceinline=True)
def _next_in_queue(rows, nodes, control, account):
    """Drop the lot that leaves next from an account's queue."""
    link = rows[account, 3]
    first = link >> U32
    if first == U0:
        rows[account, 2] = U0
        return
    rows[account, 0], rows[account, 1], rows[account, 2] = nodes[first, 0], nodes[first, 1], nodes[first, 2]
    after = nodes[first, 3]
    last = link & LOW
    rows[account, 3] = U0 if first == last else (after << U32) | last
    _give_back(nodes, control, first)


@njit(forceinline=True)
def _on_top(rows, nodes, control, account, lo, hi, tag):
    """Put a lot on an account's stack."""
    own = rows[account, 2]
    if own == tag:
        _gain(rows, account, lo, hi)
        return
    if own != U0:
        node = _new(nodes, control)
        for word in range(4):
            nodes[node, word] = rows[account, word]
        rows[account, 3] = node << U32
    else:
        rows[account, 3] = U0
    rows[account, 0], rows[account, 1], rows[account, 2] = lo, hi, tag


@njit(forceinline=True)
def _next_on_stack(rows, nodes, control, account):
    """Drop the top lot of an account's stack."""
    below = rows[account, 3] >> U32
    if below == U0:
        rows[account, 2] = U0
        return
    for word in range(4):
        rows[account, word] = nodes[below, word]
    _give_back(nodes, control, below)


@njit(cache=True, nogil=True)
def fifo(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """First in, first out: accounts are queues. `rows` uint64 (accounts, 4), `nodes` uint64 (arena, 4)."""
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if not _enough(nodes, control):
            return i
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen, labels[s], lo, hi)
        elif s >= venues_end:
            while rows[s, 2] != U0:
                own_lo, own_hi, own = rows[s, 0], rows[s, 1], rows[s, 2]
                if less(hi, lo, own_hi, own_lo):
                    rows[s, 1], rows[s, 0] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                if r < venues_end:
                    _sink(sinks, r, own, own_lo, own_hi)
                    _next_in_queue(rows, nodes, control, s)
                else:
                    _next_in_queue(rows, nodes, control, s)
                    _behind(rows, nodes, control, r, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks, r, tag, lo, hi)
            else:
                _behind(rows, nodes, control, r, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def lifo(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """Last in, first out: accounts are stacks. Shapes as for fifo."""
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if not _enough(nodes, control):
            return i
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen, labels[s], lo, hi)
        elif s >= venues_end:
            while rows[s, 2] != U0:
                own_lo, own_hi, own = rows[s, 0], rows[s, 1], rows[s, 2]
                if less(hi, lo, own_hi, own_lo):
                    rows[s, 1], rows[s, 0] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                _next_on_stack(rows, nodes, control, s)
                if r < venues_end:
                    _sink(sinks, r, own, own_lo, own_hi)
                else:
                    _on_top(rows, nodes, control, r, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks, r, tag, lo, hi)
            else:
                _on_top(rows, nodes, control, r, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def taint_first(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """Stolen lots first, oldest first: a queue of stolen lots in words 0 to 3 of a row, clean money in words 4 and 5.

    `rows` uint64 (accounts, 6), `nodes` uint64 (arena, 4).
    """
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if not _enough(nodes, control):
            return i
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen, labels[s], lo, hi)
        elif s >= venues_end:
            while rows[s, 2] != U0:
                own_lo, own_hi, own = rows[s, 0], rows[s, 1], rows[s, 2]
                if less(hi, lo, own_hi, own_lo):
                    rows[s, 1], rows[s, 0] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                _next_in_queue(rows, nodes, control, s)
                if r < venues_end:
                    _sink(sinks, r, own, own_lo, own_hi)
                else:
                    _behind(rows, nodes, control, r, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
            if tag == CLEAN and less(hi, lo, rows[s, 5], rows[s, 4]):
                rows[s, 5], rows[s, 4] = sub(rows[s, 5], rows[s, 4], hi, lo)
            elif tag == CLEAN:
                rows[s, 4], rows[s, 5] = U0, U0
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks, r, tag, lo, hi)
            elif tag == CLEAN:
                rows[r, 5], rows[r, 4] = add(rows[r, 5], rows[r, 4], hi, lo)
            else:
                _behind(rows, nodes, control, r, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def haircut_one(sender, receiver, amounts, start, stop, labels, venues_end, rows, stolen, sinks):
    """Haircut of a single theft. `rows` uint64 (accounts, 4): balance and stolen part, low limbs first."""
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        t_lo, t_hi = U0, U0
        if s < sources:
            t_lo, t_hi = lo, hi
            _gain(stolen, 0, lo, hi)
        elif s >= venues_end:
            b_lo, b_hi = rows[s, 0], rows[s, 1]
            t_lo, t_hi = rows[s, 2], rows[s, 3]
            if less(hi, lo, b_hi, b_lo):
                rows[s, 1], rows[s, 0] = sub(b_hi, b_lo, hi, lo)
                if t_lo != U0 or t_hi != U0:
                    p_lo, p_hi = t_lo, t_hi
                    if t_lo == b_lo and t_hi == b_hi:
                        t_lo, t_hi = lo, hi
                    else:
                        bits = normal_shift(b_hi, b_lo)
                        d_hi, d_lo = shift_left(b_hi, b_lo, bits)
                        t_hi, t_lo = share(p_hi, p_lo, hi, lo, d_hi, d_lo, bits, reciprocal(d_hi, d_lo))
                    rows[s, 3], rows[s, 2] = sub(p_hi, p_lo, t_hi, t_lo)
            else:
                rows[s, 0], rows[s, 1], rows[s, 2], rows[s, 3] = U0, U0, U0, U0
        if r < venues_end:
            sinks[r, 0, 1], sinks[r, 0, 0] = add(sinks[r, 0, 1], sinks[r, 0, 0], t_hi, t_lo)
        else:
            rows[r, 1], rows[r, 0] = add(rows[r, 1], rows[r, 0], hi, lo)
            rows[r, 3], rows[r, 2] = add(rows[r, 3], rows[r, 2], t_hi, t_lo)
    return stop


@njit(forceinline=True)
def _parts_of(rows, control, account):
    """Return the row of parts that an account owns; it gets one with its first stolen money."""
    place = rows[account, 2]
    if place == U0:
        place = control[0]
        control[0] += U1
        rows[account, 2] = place
    return place


@njit(cache=True, nogil=True)
def haircut(sender, receiver, amounts, start, stop, labels, venues_end, rows, parts, control, stolen, sinks):
    """Haircut of up to 64 thefts; labels beyond the `stolen` table are another pass's and count as clean.

    `rows` uint64 (accounts, 4): balance, the place of the account's parts, the set of thefts that own one. `parts`
    uint64 (arena, labels, 2); place 0 is none. An account gets a place with its first stolen money.
    """
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if control[0] >= np.uint64(parts.shape[0]):
            return i
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        to_sink = r < venues_end
        if not to_sink:
            rows[r, 1], rows[r, 0] = add(rows[r, 1], rows[r, 0], hi, lo)
        if s < sources and labels[s] < np.uint64(stolen.shape[0]):
            label = labels[s]
            _gain(stolen, label, lo, hi)
            if to_sink:
                _sink(sinks, r, label + FIRST, lo, hi)
            else:
                _gain(parts[_parts_of(rows, control, r)], label, lo, hi)
                rows[r, 3] |= U1 << label
        elif s >= venues_end:
            b_lo, b_hi = rows[s, 0], rows[s, 1]
            owners = rows[s, 3]
            covers = not less(hi, lo, b_hi, b_lo)
            if covers:
                rows[s, 0], rows[s, 1], rows[s, 3] = U0, U0, U0
            else:
                rows[s, 1], rows[s, 0] = sub(b_hi, b_lo, hi, lo)
            if owners == U0:
                continue
            bits, d_hi, d_lo, v = U0, U0, U0, U0
            if not covers:
                bits = normal_shift(b_hi, b_lo)
                d_hi, d_lo = shift_left(b_hi, b_lo, bits)
                v = reciprocal(d_hi, d_lo)
            own = parts[rows[s, 2]]
            theirs = sinks[r] if to_sink else parts[_parts_of(rows, control, r)]
            left, given = owners, U0
            while left != U0:
                label = trailing_zeros(left)
                left &= left - U1
                p_lo, p_hi = own[label, 0], own[label, 1]
                if covers:
                    t_lo, t_hi = p_lo, p_hi
                else:
                    t_hi, t_lo = share(p_hi, p_lo, hi, lo, d_hi, d_lo, bits, v)
                    if t_lo == U0 and t_hi == U0:
                        continue
                own[label, 1], own[label, 0] = sub(p_hi, p_lo, t_hi, t_lo)
                given |= U1 << label
                theirs[label, 1], theirs[label, 0] = add(theirs[label, 1], theirs[label, 0], t_hi, t_lo)
            if not to_sink:
                rows[r, 3] |= given
    return stop


@njit(cache=True, nogil=True)
def poison(sender, receiver, amounts, start, stop, labels, venues_end, rows, stolen, sinks):
    """Poison of up to 64 thefts; labels beyond them as for haircut.

    `rows` uint64 (accounts, 4): balance, the set of thefts that touched it, unused.
    """
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(start, stop):
        if i + AHEAD < stop:
            prefetch(rows, sender[i + AHEAD])
            prefetch(rows, receiver[i + AHEAD])
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        known_lo, known_hi, marks = lo, hi, U0
        if s < sources and labels[s] < np.uint64(stolen.shape[0]):
            marks = U1 << labels[s]
            _gain(stolen, labels[s], lo, hi)
        elif s >= venues_end:
            b_lo, b_hi = rows[s, 0], rows[s, 1]
            if less(hi, lo, b_hi, b_lo):
                rows[s, 1], rows[s, 0] = sub(b_hi, b_lo, hi, lo)
                marks = rows[s, 2]
            else:
                known_lo, known_hi = b_lo, b_hi
                rows[s, 0], rows[s, 1] = U0, U0
                if b_lo != U0 or b_hi != U0:
                    marks = rows[s, 2]
        if r >= venues_end:
            rows[r, 1], rows[r, 0] = add(rows[r, 1], rows[r, 0], hi, lo)
            rows[r, 2] |= marks
        else:
            while marks != U0:
                label = trailing_zeros(marks)
                marks &= marks - U1
                _sink(sinks, r, label + FIRST, known_lo, known_hi)
    return stop


@njit(cache=True, nogil=True)
def marked(sender, receiver, amounts, labels, venues_end, balances, marks, carries):
    """Note in `carries` (bool, by transfer) which transfers can carry stolen money of any theft: poison's reach.

    `balances` uint64 (accounts, 2) and `marks` bool (accounts,) are working memory, nought at the start.
    """
    sources = np.uint64(labels.shape[0])
    venues_end = np.uint64(venues_end)
    for i in range(sender.shape[0]):
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        stained = s < sources
        if s >= venues_end:
            b_lo, b_hi = balances[s, 0], balances[s, 1]
            stained = marks[s] and (b_lo != U0 or b_hi != U0)
            if less(hi, lo, b_hi, b_lo):
                balances[s, 1], balances[s, 0] = sub(b_hi, b_lo, hi, lo)
            else:
                balances[s, 0], balances[s, 1] = U0, U0
        carries[i] = stained
        if r >= venues_end:
            _gain(balances, r, lo, hi)
            marks[r] = marks[r] or stained


@njit(cache=True, nogil=True)
def feeds(sender, receiver, carries, on_the_way):
    """Grow the set `on_the_way` (bool, by account) backwards by all that can have fed it."""
    for i in range(sender.shape[0] - 1, -1, -1):
        if carries[i] and on_the_way[receiver[i]]:
            on_the_way[sender[i]] = True


@njit(cache=True, nogil=True)
def lots_of(rows, nodes, stack, first_account, places, tags, amounts):
    """Write the stolen lots that rest in accounts from `first_account` on; return how many there are.

    `places`, `tags` and `amounts` (n, 2) may be empty to count only.
    """
    count = 0
    room = places.shape[0]
    for account in range(np.uint64(first_account), np.uint64(rows.shape[0])):
        tag = rows[account, 2]
        if tag == U0:
            continue
        lo, hi = rows[account, 0], rows[account, 1]
        node = rows[account, 3] >> U32
        while True:
            if tag >= FIRST:
                if count < room:
                    places[count], tags[count] = account, tag - FIRST
                    amounts[count, 0], amounts[count, 1] = lo, hi
                count += 1
            if node == U0:
                break
            lo, hi, tag = nodes[node, 0], nodes[node, 1], nodes[node, 2]
            node = nodes[node, 3] >> U32 if stack else nodes[node, 3]
    return count


@njit(cache=True, nogil=True)
def add_up(amounts, halves):
    """Add amounts (n, 2) into four sums of half limbs, lowest first; exact for up to 2^32 amounts."""
    for i in range(amounts.shape[0]):
        lo, hi = amounts[i, 0], amounts[i, 1]
        halves[0] += lo & LOW
        halves[1] += lo >> U32
        halves[2] += hi & LOW
        halves[3] += hi >> U32
