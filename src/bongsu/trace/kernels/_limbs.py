"""Exact arithmetic on amounts of two 64-bit limbs, for use inside compiled kernels.

An amount is (hi, lo). 2^64 wei is 18.4 ETH, so that one limb does not do. Division follows Moeller and Granlund,
"Improved division by invariant integers" (IEEE Transactions on Computers, 2011): one reciprocal for each divisor, then
only multiplications. LLVM's own 128-bit division is not used: it calls a routine that is not there under numba.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

U0 = np.uint64(0)
U1 = np.uint64(1)
U32 = np.uint64(32)
U63 = np.uint64(63)
U64 = np.uint64(64)
LOW = np.uint64(0xFFFFFFFF)
_N11, _N13, _N24, _N31, _N40, _N47, _N55, _N60, _N255 = (np.uint64(n) for n in (11, 13, 24, 31, 40, 47, 55, 60, 255))
_FIRST_GUESS = np.array([(2**19 - 3 * 2**8) // (256 + n) for n in range(256)], np.uint64)
"""The first eleven bits of a reciprocal, by the nine upper bits of the divisor."""


@intrinsic
def mul_high(typing_context, a, b):
    """Return the upper limb of a product of two limbs."""

    def generate(context, builder, signature, args):
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def leading_zeros(typing_context, a):
    """Return the number of leading zero bits of a limb; 64 for nought."""

    def generate(context, builder, signature, args):
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def trailing_zeros(typing_context, a):
    """Return the number of trailing zero bits of a limb; 64 for nought."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def words(typing_context, array):
    """Return a contiguous array as a bare pointer to its words.

    Arrays that are handed to inner functions are counted, with a locked instruction for each; a pointer is not.
    """
    pointer = types.CPointer(types.uint64)

    def generate(context, builder, signature, args):
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.bitcast(data, context.get_value_type(pointer))

    return pointer(array), generate


@intrinsic
def prefetch(typing_context, pointer, word):
    """Ask the processor to fetch the line of a word that is needed soon."""

    def generate(context, builder, signature, args):
        byte, word = ir.PointerType(ir.IntType(8)), ir.IntType(32)
        fetch = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [byte, word, word, word]), "llvm.prefetch.p0"
        )
        place = builder.bitcast(builder.gep(args[0], [args[1]]), byte)
        builder.call(fetch, [place, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(pointer, types.uint64), generate


_PAIR = types.UniTuple(types.uint64, 2)
_FOUR = (types.uint64,) * 4


def _wide(builder, hi, lo):
    word = ir.IntType(128)
    return builder.or_(builder.shl(builder.zext(hi, word), ir.Constant(word, 64)), builder.zext(lo, word))


def _pair(context, builder, value):
    limb = ir.IntType(64)
    high = builder.trunc(builder.lshr(value, ir.Constant(ir.IntType(128), 64)), limb)
    return context.make_tuple(builder, _PAIR, [high, builder.trunc(value, limb)])


@intrinsic
def add(typing_context, a_hi, a_lo, b_hi, b_lo):
    """Return a + b."""

    def generate(context, builder, signature, args):
        total = builder.add(_wide(builder, args[0], args[1]), _wide(builder, args[2], args[3]))
        return _pair(context, builder, total)

    return _PAIR(*_FOUR), generate


@intrinsic
def sub(typing_context, a_hi, a_lo, b_hi, b_lo):
    """Return a - b, modulo 2^128."""

    def generate(context, builder, signature, args):
        rest = builder.sub(_wide(builder, args[0], args[1]), _wide(builder, args[2], args[3]))
        return _pair(context, builder, rest)

    return _PAIR(*_FOUR), generate


@intrinsic
def less(typing_context, a_hi, a_lo, b_hi, b_lo):
    """Return whether a < b."""

    def generate(context, builder, signature, args):
        return builder.icmp_unsigned("<", _wide(builder, args[0], args[1]), _wide(builder, args[2], args[3]))

    return types.boolean(*_FOUR), generate


@njit(forceinline=True)
def _reciprocal_of_word(d):
    """Return floor((2^128 - 1) / d) - 2^64 for a word whose top bit is set (algorithm 2 of the paper): no division."""
    half = (d >> U1) + (d & U1)
    upper = (d >> _N24) + U1
    v0 = _FIRST_GUESS[(d >> _N55) & _N255]
    v1 = (v0 << _N11) - ((v0 * v0 * upper) >> _N40) - U1
    v2 = (v1 << _N13) + ((v1 * ((U1 << _N60) - v1 * upper)) >> _N47)
    e = ((v2 >> U1) & (U0 - (d & U1))) - v2 * half
    v3 = (v2 << _N31) + (mul_high(v2, e) >> U1)
    hi, _ = add(*add(mul_high(v3, d), v3 * d, U0, d), d, U0)
    return v3 - hi


@njit
def reciprocal(d_hi, d_lo):
    """Return the reciprocal of a normalised divisor of two limbs (algorithm 6 of the paper)."""
    v = _reciprocal_of_word(d_hi)
    p = d_hi * v + d_lo
    if p < d_lo:
        v -= U1
        if p >= d_hi:
            v -= U1
            p -= d_hi
        p -= d_hi
    t_hi, t_lo = mul_high(v, d_lo), v * d_lo
    p += t_hi
    if p < t_hi:
        v -= U1
        if not less(p, t_lo, d_hi, d_lo):
            v -= U1
    return v


@njit(forceinline=True)
def _step(u2, u1, u0, d_hi, d_lo, v):
    """Divide three limbs by two: return the quotient and the rest (algorithm 4 of the paper)."""
    q_hi, q_lo = add(mul_high(v, u2), v * u2, u2, u1)
    r_hi = u1 - q_hi * d_hi
    r_hi, r_lo = sub(r_hi, u0, mul_high(d_lo, q_hi), d_lo * q_hi)
    r_hi, r_lo = sub(r_hi, r_lo, d_hi, d_lo)
    q = q_hi + U1
    if r_hi >= q_lo:
        q -= U1
        r_hi, r_lo = add(r_hi, r_lo, d_hi, d_lo)
    if not less(r_hi, r_lo, d_hi, d_lo):
        q += U1
        r_hi, r_lo = sub(r_hi, r_lo, d_hi, d_lo)
    return q, r_hi, r_lo


@njit(forceinline=True)
def normal_shift(hi, lo):
    """Return by how many bits a divisor must be shifted until its top bit is set."""
    return leading_zeros(hi) if hi != U0 else U64 + leading_zeros(lo)


@njit(forceinline=True)
def shift_left(hi, lo, bits):
    """Return (hi, lo) << bits for bits below 128."""
    if bits >= U64:
        return lo << (bits - U64), U0
    if bits == U0:
        return hi, lo
    return (hi << bits) | (lo >> (U64 - bits)), lo << bits


@njit(forceinline=True)
def share(a_hi, a_lo, b_hi, b_lo, d_hi, d_lo, bits, v):
    """Return floor(a * b / d), where a <= d or b <= d.

    The divisor is given as it stands after a shift by `bits` (see normal_shift), with its reciprocal `v`.
    """
    p0, p1 = a_lo * b_lo, mul_high(a_lo, b_lo)
    p2, p3 = a_hi * b_hi, mul_high(a_hi, b_hi)
    c_hi, c_lo = mul_high(a_hi, b_lo), a_hi * b_lo
    p1 += c_lo
    c_hi += U1 if p1 < c_lo else U0
    p2 += c_hi
    p3 += U1 if p2 < c_hi else U0
    c_hi, c_lo = mul_high(a_lo, b_hi), a_lo * b_hi
    p1 += c_lo
    c_hi += U1 if p1 < c_lo else U0
    p2 += c_hi
    p3 += U1 if p2 < c_hi else U0
    few = bits
    if bits >= U64:
        p3, p2, p1, p0 = p2, p1, p0, U0
        few = bits - U64
    if few != U0:
        back = U64 - few
        p3 = (p3 << few) | (p2 >> back)
        p2 = (p2 << few) | (p1 >> back)
        p1 = (p1 << few) | (p0 >> back)
        p0 <<= few
    q_hi, r_hi, r_lo = _step(p3, p2, p1, d_hi, d_lo, v)
    q_lo, _, _ = _step(r_hi, r_lo, p0, d_hi, d_lo, v)
    return q_hi, q_lo


@njit
def muldiv(a_hi, a_lo, b_hi, b_lo, d_hi, d_lo):
    """Return floor(a * b / d) for b <= d or a <= d, d above nought."""
    bits = normal_shift(d_hi, d_lo)
    n_hi, n_lo = shift_left(d_hi, d_lo, bits)
    return share(a_hi, a_lo, b_hi, b_lo, n_hi, n_lo, bits, reciprocal(n_hi, n_lo))
