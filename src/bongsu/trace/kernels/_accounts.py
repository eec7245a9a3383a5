"""The account kernels: one pass over transfers in order, all thefts at once.

Every kernel has the same shape. It takes transfers (`sender`, `receiver` int32 of shape (n,), `amounts` uint64 of shape
(n, 2), low limb first), works on transfers `start` up to `stop`, and returns the transfer that it has not done: `stop`,
or an earlier one where its arena is full and must grow first. Accounts are numbered so that stolen-from accounts come
first, venues second, all others after them; so the role of an account needs no look-up. The first two are sinks: what
reaches them stays there, in `sinks` of shape (sinks, labels, 2).

A tag says whose a lot is: 0 nobody's (no lot), 1 clean, 2 and above a theft's label plus 2. Neighbouring lots of one
tag in a queue are one lot: no policy can tell them apart, and clean accounts keep a single one.

Rows of lot accounts: low limb, high limb and tag of the lot that leaves next, and a link word (the next node in the
upper half, the last node in the lower half; a stack uses only the upper). Nodes have the same four words; node 0 is
none. `control` is [first node never used, first node given back, how many were given back].
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
    words,
)

CLEAN = U1
U2, U3, U4, U5 = (np.uint64(n) for n in range(2, 6))
FIRST = np.uint64(2)
AHEAD = 12
"""How many transfers ahead an account's row is fetched: memory's latency over one transfer's work."""
WORDS = np.uint64(6)
"""Words of an account's row under taint-first."""
SPARE = np.uint64(4)
"""Free nodes without which no transfer is begun."""


@njit(forceinline=True)
def _enough(room, control):
    return room - control[U0] + control[U2] > SPARE


@njit(forceinline=True)
def _new(nodes, control):
    free = control[U1]
    if free != U0:
        control[U1] = nodes[(free << U2) + U3]
        control[U2] -= U1
        return free
    free = control[U0]
    control[U0] = free + U1
    return free


@njit(forceinline=True)
def _give_back(nodes, control, node):
    nodes[(node << U2) + U3] = control[U1]
    control[U1] = node
    control[U2] += U1


@njit(forceinline=True)
def _gain(table, at, lo, hi):
    table[at + U1], table[at] = add(table[at + U1], table[at], hi, lo)


@njit(forceinline=True)
def _sink(sinks, thefts, row, tag, lo, hi):
    if tag >= FIRST:
        _gain(sinks, (row * thefts + tag - FIRST) << U1, lo, hi)


@njit(forceinline=True)
def _behind(rows, nodes, control, account, lo, hi, tag):
    """Put a lot at the end of an account's queue."""
    own = rows[account + U2]
    if own == U0:
        rows[account], rows[account + U1], rows[account + U2], rows[account + U3] = lo, hi, tag, U0
        return
    link = rows[account + U3]
    last = link & LOW
    if last == U0:
        if own == tag:
            _gain(rows, account, lo, hi)
            return
    elif nodes[(last << U2) + U2] == tag:
        _gain(nodes, last << U2, lo, hi)
        return
    node = _new(nodes, control)
    nodes[(node << U2)], nodes[(node << U2) + U1], nodes[(node << U2) + U2], nodes[(node << U2) + U3] = lo, hi, tag, U0
    if last == U0:
        rows[account + U3] = (node << U32) | node
    else:
        nodes[(last << U2) + U3] = node
        rows[account + U3] = ((link >> U32) << U32) | node


@njit(forceinline=True)
def _next_in_queue(rows, nodes, control, account):
    """Drop the lot that leaves next from an account's queue."""
    link = rows[account + U3]
    first = link >> U32
    if first == U0:
        rows[account + U2] = U0
        return
    rows[account], rows[account + U1], rows[account + U2] = (
        nodes[(first << U2)],
        nodes[(first << U2) + U1],
        nodes[(first << U2) + U2],
    )
    after = nodes[(first << U2) + U3]
    last = link & LOW
    rows[account + U3] = U0 if first == last else (after << U32) | last
    _give_back(nodes, control, first)


@njit(forceinline=True)
def _on_top(rows, nodes, control, account, lo, hi, tag):
    """Put a lot on an account's stack."""
    own = rows[account + U2]
    if own == tag:
        _gain(rows, account, lo, hi)
        return
    if own != U0:
        node = _new(nodes, control)
        at = node << U2
        nodes[at], nodes[at + U1] = rows[account], rows[account + U1]
        nodes[at + U2], nodes[at + U3] = own, rows[account + U3]
        rows[account + U3] = node << U32
    else:
        rows[account + U3] = U0
    rows[account], rows[account + U1], rows[account + U2] = lo, hi, tag


@njit(forceinline=True)
def _next_on_stack(rows, nodes, control, account):
    """Drop the top lot of an account's stack."""
    below = rows[account + U3] >> U32
    if below == U0:
        rows[account + U2] = U0
        return
    at = below << U2
    rows[account], rows[account + U1] = nodes[at], nodes[at + U1]
    rows[account + U2], rows[account + U3] = nodes[at + U2], nodes[at + U3]
    _give_back(nodes, control, below)


@njit(cache=True, nogil=True)
def fifo(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """First in, first out: accounts are queues. `rows` uint64 (accounts, 4), `nodes` uint64 (arena, 4)."""
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of, thefts = words(rows), words(stolen), words(sinks), np.uint64(stolen.shape[0])
    nodes_of, control_of, room = words(nodes), words(control), np.uint64(nodes.shape[0])
    for i in range(start, stop):
        if not _enough(room, control_of):
            return i
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) << U2)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) << U2)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s << U2, r << U2
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen_of, labels[s] << U1, lo, hi)
        elif s >= venues_end:
            while rows_of[payer + U2] != U0:
                own_lo, own_hi, own = rows_of[payer], rows_of[payer + U1], rows_of[payer + U2]
                if less(hi, lo, own_hi, own_lo):
                    rows_of[payer + U1], rows_of[payer] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                if r < venues_end:
                    _sink(sinks_of, thefts, r, own, own_lo, own_hi)
                    _next_in_queue(rows_of, nodes_of, control_of, payer)
                else:
                    _next_in_queue(rows_of, nodes_of, control_of, payer)
                    _behind(rows_of, nodes_of, control_of, payee, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks_of, thefts, r, tag, lo, hi)
            else:
                _behind(rows_of, nodes_of, control_of, payee, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def lifo(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """Last in, first out: accounts are stacks. Shapes as for fifo."""
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of, thefts = words(rows), words(stolen), words(sinks), np.uint64(stolen.shape[0])
    nodes_of, control_of, room = words(nodes), words(control), np.uint64(nodes.shape[0])
    for i in range(start, stop):
        if not _enough(room, control_of):
            return i
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) << U2)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) << U2)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s << U2, r << U2
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen_of, labels[s] << U1, lo, hi)
        elif s >= venues_end:
            while rows_of[payer + U2] != U0:
                own_lo, own_hi, own = rows_of[payer], rows_of[payer + U1], rows_of[payer + U2]
                if less(hi, lo, own_hi, own_lo):
                    rows_of[payer + U1], rows_of[payer] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                _next_on_stack(rows_of, nodes_of, control_of, payer)
                if r < venues_end:
                    _sink(sinks_of, thefts, r, own, own_lo, own_hi)
                else:
                    _on_top(rows_of, nodes_of, control_of, payee, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks_of, thefts, r, tag, lo, hi)
            else:
                _on_top(rows_of, nodes_of, control_of, payee, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def taint_first(sender, receiver, amounts, start, stop, labels, venues_end, rows, nodes, control, stolen, sinks):
    """Stolen lots first, oldest first: a queue of stolen lots in words 0 to 3 of a row, clean money in words 4 and 5.

    `rows` uint64 (accounts, 6), `nodes` uint64 (arena, 4).
    """
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of, thefts = words(rows), words(stolen), words(sinks), np.uint64(stolen.shape[0])
    nodes_of, control_of, room = words(nodes), words(control), np.uint64(nodes.shape[0])
    for i in range(start, stop):
        if not _enough(room, control_of):
            return i
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) * WORDS)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) * WORDS)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s * WORDS, r * WORDS
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        tag = CLEAN
        if s < sources:
            tag = FIRST + labels[s]
            _gain(stolen_of, labels[s] << U1, lo, hi)
        elif s >= venues_end:
            while rows_of[payer + U2] != U0:
                own_lo, own_hi, own = rows_of[payer], rows_of[payer + U1], rows_of[payer + U2]
                if less(hi, lo, own_hi, own_lo):
                    rows_of[payer + U1], rows_of[payer] = sub(own_hi, own_lo, hi, lo)
                    tag = own
                    break
                _next_in_queue(rows_of, nodes_of, control_of, payer)
                if r < venues_end:
                    _sink(sinks_of, thefts, r, own, own_lo, own_hi)
                else:
                    _behind(rows_of, nodes_of, control_of, payee, own_lo, own_hi, own)
                hi, lo = sub(hi, lo, own_hi, own_lo)
                if lo == U0 and hi == U0:
                    break
            if tag == CLEAN and less(hi, lo, rows_of[payer + U5], rows_of[payer + U4]):
                rows_of[payer + U5], rows_of[payer + U4] = sub(rows_of[payer + U5], rows_of[payer + U4], hi, lo)
            elif tag == CLEAN:
                rows_of[payer + U4], rows_of[payer + U5] = U0, U0
        if lo != U0 or hi != U0:
            if r < venues_end:
                _sink(sinks_of, thefts, r, tag, lo, hi)
            elif tag == CLEAN:
                rows_of[payee + U5], rows_of[payee + U4] = add(rows_of[payee + U5], rows_of[payee + U4], hi, lo)
            else:
                _behind(rows_of, nodes_of, control_of, payee, lo, hi, tag)
    return stop


@njit(cache=True, nogil=True)
def haircut_one(sender, receiver, amounts, start, stop, labels, venues_end, rows, stolen, sinks):
    """Haircut of a single theft. `rows` uint64 (accounts, 4): balance and stolen part, low limbs first."""
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of = words(rows), words(stolen), words(sinks)
    for i in range(start, stop):
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) << U2)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) << U2)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s << U2, r << U2
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        t_lo, t_hi = U0, U0
        if s < sources:
            t_lo, t_hi = lo, hi
            _gain(stolen_of, U0, lo, hi)
        elif s >= venues_end:
            b_lo, b_hi = rows_of[payer], rows_of[payer + U1]
            t_lo, t_hi = rows_of[payer + U2], rows_of[payer + U3]
            if less(hi, lo, b_hi, b_lo):
                rows_of[payer + U1], rows_of[payer] = sub(b_hi, b_lo, hi, lo)
                if t_lo != U0 or t_hi != U0:
                    p_lo, p_hi = t_lo, t_hi
                    if t_lo == b_lo and t_hi == b_hi:
                        t_lo, t_hi = lo, hi
                    else:
                        bits = normal_shift(b_hi, b_lo)
                        d_hi, d_lo = shift_left(b_hi, b_lo, bits)
                        t_hi, t_lo = share(p_hi, p_lo, hi, lo, d_hi, d_lo, bits, reciprocal(d_hi, d_lo))
                    rows_of[payer + U3], rows_of[payer + U2] = sub(p_hi, p_lo, t_hi, t_lo)
            else:
                rows_of[payer], rows_of[payer + U1], rows_of[payer + U2], rows_of[payer + U3] = U0, U0, U0, U0
        if r < venues_end:
            _gain(sinks_of, r << U1, t_lo, t_hi)
        else:
            rows_of[payee + U1], rows_of[payee] = add(rows_of[payee + U1], rows_of[payee], hi, lo)
            rows_of[payee + U3], rows_of[payee + U2] = add(rows_of[payee + U3], rows_of[payee + U2], t_hi, t_lo)
    return stop


@njit(forceinline=True)
def _place(rows, control, account):
    """Return the row of parts that an account owns; it gets one with its first stolen money."""
    place = rows[account + U2]
    if place == U0:
        place = control[U0]
        control[U0] += U1
        rows[account + U2] = place
    return place


@njit(cache=True, nogil=True)
def haircut(sender, receiver, amounts, start, stop, labels, venues_end, rows, parts, control, stolen, sinks):
    """Haircut of up to 64 thefts; labels beyond the `stolen` table are another pass's and count as clean.

    `rows` uint64 (accounts, 4): balance, the place of the account's parts, the set of thefts that own one. `parts`
    uint64 (arena, labels, 2); place 0 is none. An account gets a place with its first stolen money.
    """
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of, thefts = words(rows), words(stolen), words(sinks), np.uint64(stolen.shape[0])
    parts_of, control_of, room = words(parts), words(control), np.uint64(parts.shape[0])
    for i in range(start, stop):
        if control_of[U0] >= room:
            return i
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) << U2)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) << U2)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s << U2, r << U2
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        to_sink = r < venues_end
        if not to_sink:
            rows_of[payee + U1], rows_of[payee] = add(rows_of[payee + U1], rows_of[payee], hi, lo)
        if s < sources and labels[s] < thefts:
            label = labels[s]
            _gain(stolen_of, label << U1, lo, hi)
            if to_sink:
                _sink(sinks_of, thefts, r, label + FIRST, lo, hi)
            else:
                _gain(parts_of, (_place(rows_of, control_of, payee) * thefts + label) << U1, lo, hi)
                rows_of[payee + U3] |= U1 << label
        elif s >= venues_end:
            b_lo, b_hi = rows_of[payer], rows_of[payer + U1]
            owners = rows_of[payer + U3]
            covers = not less(hi, lo, b_hi, b_lo)
            if covers:
                rows_of[payer], rows_of[payer + U1], rows_of[payer + U3] = U0, U0, U0
            else:
                rows_of[payer + U1], rows_of[payer] = sub(b_hi, b_lo, hi, lo)
            if owners == U0:
                continue
            bits, d_hi, d_lo, v = U0, U0, U0, U0
            if not covers:
                bits = normal_shift(b_hi, b_lo)
                d_hi, d_lo = shift_left(b_hi, b_lo, bits)
                v = reciprocal(d_hi, d_lo)
            own = rows_of[payer + U2] * thefts
            theirs_of = sinks_of if to_sink else parts_of
            theirs = (r if to_sink else _place(rows_of, control_of, payee)) * thefts
            left, given = owners, U0
            while left != U0:
                label = trailing_zeros(left)
                left &= left - U1
                mine = (own + label) << U1
                p_lo, p_hi = parts_of[mine], parts_of[mine + U1]
                if covers:
                    t_lo, t_hi = p_lo, p_hi
                else:
                    t_hi, t_lo = share(p_hi, p_lo, hi, lo, d_hi, d_lo, bits, v)
                    if t_lo == U0 and t_hi == U0:
                        continue
                parts_of[mine + U1], parts_of[mine] = sub(p_hi, p_lo, t_hi, t_lo)
                given |= U1 << label
                _gain(theirs_of, (theirs + label) << U1, t_lo, t_hi)
            if not to_sink:
                rows_of[payee + U3] |= given
    return stop


@njit(cache=True, nogil=True)
def poison(sender, receiver, amounts, start, stop, labels, venues_end, rows, stolen, sinks):
    """Poison of up to 64 thefts; labels beyond them as for haircut.

    `rows` uint64 (accounts, 4): balance, the set of thefts that touched it, unused.
    """
    sources, venues_end = np.uint64(labels.shape[0]), np.uint64(venues_end)
    rows_of, stolen_of, sinks_of, thefts = words(rows), words(stolen), words(sinks), np.uint64(stolen.shape[0])
    for i in range(start, stop):
        if i + AHEAD < stop:
            prefetch(rows_of, np.uint64(sender[i + AHEAD]) << U2)
            prefetch(rows_of, np.uint64(receiver[i + AHEAD]) << U2)
        s, r = np.uint64(sender[i]), np.uint64(receiver[i])
        payer, payee = s << U2, r << U2
        lo, hi = amounts[i, 0], amounts[i, 1]
        if s == r or (lo == U0 and hi == U0):
            continue
        known_lo, known_hi, marks = lo, hi, U0
        if s < sources and labels[s] < thefts:
            marks = U1 << labels[s]
            _gain(stolen_of, labels[s] << U1, lo, hi)
        elif s >= venues_end:
            b_lo, b_hi = rows_of[payer], rows_of[payer + U1]
            if less(hi, lo, b_hi, b_lo):
                rows_of[payer + U1], rows_of[payer] = sub(b_hi, b_lo, hi, lo)
                marks = rows_of[payer + U2]
            else:
                known_lo, known_hi = b_lo, b_hi
                rows_of[payer], rows_of[payer + U1] = U0, U0
                if b_lo != U0 or b_hi != U0:
                    marks = rows_of[payer + U2]
        if r >= venues_end:
            rows_of[payee + U1], rows_of[payee] = add(rows_of[payee + U1], rows_of[payee], hi, lo)
            rows_of[payee + U2] |= marks
        else:
            while marks != U0:
                label = trailing_zeros(marks)
                marks &= marks - U1
                _sink(sinks_of, thefts, r, label + FIRST, known_lo, known_hi)
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
            balances[r, 1], balances[r, 0] = add(balances[r, 1], balances[r, 0], hi, lo)
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
