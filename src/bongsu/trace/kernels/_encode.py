"""Turn columns of text into numbers: hex addresses into account numbers, decimal amounts into two limbs.

Text comes as Arrow keeps it: bytes and the places where each value begins.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bongsu.trace.kernels._limbs import U0, U1, mul_high, prefetch, words

_MIX = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(29)
_FOUR = np.uint64(4)
_THREE = np.uint64(3)
_NIBBLES = 40
_BLOCK = 256
"""Rows that are read ahead: their keys and slots stay in the first cache."""
_NIBBLE, _SMALL, _CAPITAL, _BAD = (np.uint64(n) for n in (15, 16, 32, 64))
_MIXED = _SMALL | _CAPITAL
_DIGITS = np.full(256, _BAD, np.uint64)
"""What each byte says as a hexadecimal digit: its value, and the case that it is written in."""
_DIGITS[48:58] = np.arange(10)
_DIGITS[97:103] = np.arange(10, 16) | 16
_DIGITS[65:71] = np.arange(10, 16) | 32
_TOP = np.uint64(1 << 62)
TEN = np.uint64(10)


@njit(forceinline=True)
def _slot(a, b, c, mask):
    mixed = (a ^ (b * _MIX) ^ (c << _FOUR)) * _MIX
    return np.int64((mixed ^ (mixed >> _FOLD)) & mask)


@njit(cache=True, nogil=True)
def find_or_add(a, b, c, table, keys, size):
    """Return the number of a key of three words; a new key gets the next number, which size[0] counts."""
    mask = np.uint64(table.shape[0] - 1)
    slot = _slot(a, b, c, mask)
    while True:
        found = table[slot]
        if found < 0:
            found = np.int32(size[0])
            table[slot] = found
            keys[found, 0], keys[found, 1], keys[found, 2] = a, b, c
            size[0] += 1
            return found
        if keys[found, 0] == a and keys[found, 1] == b and keys[found, 2] == c:
            return found
        slot = (slot + 1) & np.int64(mask)


@njit(cache=True, nogil=True)
def rehash(table, keys, size):
    """Fill an empty table (-1 everywhere) with the keys there are."""
    mask = np.uint64(table.shape[0] - 1)
    for number in range(size[0]):
        slot = _slot(keys[number, 0], keys[number, 1], keys[number, 2], mask)
        while table[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        table[slot] = number


@njit(cache=True, nogil=True)
def addresses(data, ends, rows, table, keys, size, numbers, odd):
    """Number the addresses of `rows`: 0x and 40 digits, in small letters or in capitals.

    What is written otherwise (a checksum's mixed case among it) is marked in `odd` and left to a slower reader. The
    table is far larger than the caches: the slots and keys of a block of rows are asked for before they are needed.
    """
    slots, found = np.empty(_BLOCK, np.int64), np.empty((_BLOCK, 3), np.uint64)
    table_of, keys_of, mask = words(table), words(keys), np.uint64(table.shape[0] - 1)
    for begin in range(0, rows.shape[0], _BLOCK):
        end = min(begin + _BLOCK, rows.shape[0])
        for n in range(begin, end):
            start = np.int64(ends[rows[n]])
            kinds = _BAD
            if np.int64(ends[rows[n] + 1]) - start == _NIBBLES + 2:
                kinds = U0 if data[start] == 48 and data[start + 1] | 32 == 120 else _BAD
                for word, (first, last) in enumerate(((2, 18), (18, 34), (34, 42))):
                    value = U0
                    for place in range(start + first, start + last):
                        digit = _DIGITS[data[place]]
                        kinds |= digit
                        value = (value << _FOUR) | (digit & _NIBBLE)
                    found[n - begin, word] = value
            odd[n] |= kinds & _BAD != U0 or kinds & _MIXED == _MIXED
            slot = _slot(found[n - begin, 0], found[n - begin, 1], found[n - begin, 2], mask)
            slots[n - begin] = slot
            prefetch(table_of, np.uint64(slot) >> U1)
        for n in range(begin, end):
            number = table[slots[n - begin]]
            if number >= 0:
                prefetch(keys_of, np.uint64(number) * _THREE)
        for n in range(begin, end):
            if not odd[n]:
                a, b, c = found[n - begin]
                numbers[n] = find_or_add(a, b, c, table, keys, size)


@njit(forceinline=True)
def _times(hi, lo, factor):
    return mul_high(lo, factor) + hi * factor, lo * factor


@njit(cache=True, nogil=True)
def amounts(data, ends, rows, decimals, limbs, odd):
    """Read plain decimal amounts in whole units as base units; anything else, and 2^126 or more, is marked in `odd`."""
    for n in range(rows.shape[0]):
        start, stop = np.int64(ends[rows[n]]), np.int64(ends[rows[n] + 1])
        hi, lo = U0, U0
        digits, fraction = 0, -1
        bad = False
        for place in range(start, stop):
            byte = data[place]
            if byte == 46 and fraction < 0:
                fraction = 0
                continue
            if byte < 48 or byte > 57 or hi >= _TOP // TEN:
                bad = True
                break
            hi, lo = _times(hi, lo, TEN)
            digit = np.uint64(byte - 48)
            lo += digit
            hi += U1 if lo < digit else U0
            digits += 1
            if fraction >= 0:
                fraction += 1
        if bad or digits == 0 or fraction > decimals:
            odd[n] = True
            continue
        for _ in range(decimals - max(fraction, 0)):
            if hi >= _TOP // TEN:
                bad = True
                break
            hi, lo = _times(hi, lo, TEN)
        if bad:
            odd[n] = True
        else:
            limbs[n, 0], limbs[n, 1] = lo, hi


@njit(cache=True, nogil=True)
def in_turn(blocks, indices, last):
    """Say whether rows stand in the order (block, index) after `last`, which moves on; and how many repeat a place."""
    repeats = 0
    for n in range(blocks.shape[0]):
        if blocks[n] < last[0] or (blocks[n] == last[0] and indices[n] < last[1]):
            return False, repeats
        if blocks[n] == last[0] and indices[n] == last[1]:
            repeats += 1
        last[0], last[1] = blocks[n], indices[n]
    return True, repeats
