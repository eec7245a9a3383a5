"""Assets and their amounts: decimal text outside, integers in base units inside, exact both ways."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bongsu.errors import RecordError

_PLAIN = re.compile(r"(\d+)(?:\.(\d*))?\Z|\.(\d+)\Z", re.ASCII)
_EXPONENT = re.compile(r"(\d+)(?:\.(\d*))?[eE]([+-]?\d{1,3})\Z", re.ASCII)
MAX_DECIMALS = 77
"""10^77 is the largest power of ten below 2^256, the widest amount a token contract can hold."""
_MAX_AMOUNT = 2**256
_LONGEST = 2 * MAX_DECIMALS + 3


@dataclass(frozen=True, slots=True, order=True)
class Asset:
    """A coin or token of one chain.

    Attributes:
        chain: id of the chain.
        symbol: how the case calls it.
        decimals: one whole unit is 10**decimals base units.
        contract: canonical address of the token contract; None for a native coin or where it is not known.
        native: whether it is the chain's own coin, which has no contract.
    """

    chain: str
    symbol: str
    decimals: int
    contract: str | None = None
    native: bool = False

    def amount(self, text: str) -> int:
        """Return the base units that a decimal string in whole units stands for.

        Raises:
            RecordError: not a number, negative, finer than the asset, wider than 2^256, or in a scientific notation
            that has cut digits off (4.01E+05, as spreadsheets write it; 2.5e-05 is exact and read).
        """
        return parse_amount(text, self.decimals, self.symbol)

    def text(self, amount: int) -> str:
        """Return base units as an exact decimal string in whole units, without needless zeros."""
        return format_amount(amount, self.decimals)

    def shown(self, amount: int) -> str:
        """Return the same for people: thousands grouped, 98,048.7948."""
        whole, point, fraction = self.text(amount).partition(".")
        return f"{int(whole):,}{point}{fraction}" if int(whole) else f"{whole}{point}{fraction}"


def parse_amount(text: str, decimals: int, symbol: str) -> int:
    """Convert a decimal string in whole units exactly to base units; see Asset.amount."""
    stripped = text.strip()
    whole, fraction = _digits(stripped)
    if len(fraction) > decimals:
        raise RecordError(
            f"amount {_short(stripped)} has {len(fraction)} decimals where {symbol} has {decimals}",
            hint=f"correct the amount, or declare the decimals of {symbol}",
        )
    amount = int(whole) * int(10**decimals) + int(fraction.ljust(decimals, "0") or 0)
    if amount >= _MAX_AMOUNT:
        raise RecordError(f"amount {_short(stripped)} of {symbol} does not fit in 256 bits")
    return amount


def _digits(text: str) -> tuple[str, str]:
    """Return the digits before and after the point, without trailing zeros."""
    if len(text) <= _LONGEST:
        if match := _PLAIN.match(text):
            return match[1] or "0", (match[2] or match[3] or "").rstrip("0")
        if match := _EXPONENT.match(text):
            digits, shift = match[1] + (match[2] or ""), len(match[1]) + int(match[3])
            if shift <= len(digits):  # otherwise zeros would have to be made up for digits that were cut off
                padded = digits.rjust(len(digits) - shift, "0") if shift < 0 else digits
                return padded[: max(shift, 0)] or "0", padded[max(shift, 0) :].rstrip("0")
    raise RecordError(*_why_not(text))


def format_amount(amount: int, decimals: int) -> str:
    """Write base units as a decimal string in whole units: exact, no exponent, no trailing zeros."""
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _why_not(text: str) -> tuple[str]:
    if not text:
        return ("the amount is empty",)
    if _EXPONENT.match(text):
        return (f"amount {_short(text)} is in scientific notation with digits cut off; write it out in full",)
    if re.match(r"-\s*[\d.]", text):
        return (f"amount {_short(text)} is negative; a transfer moves a positive amount from sender to receiver",)
    if "," in text and _PLAIN.match(text.replace(",", "")):
        return (f"amount {_short(text)} has a comma; write a plain decimal number with a point",)
    return (f"amount {_short(text)} is not a decimal number",)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:40]}…")  # noqa: PLR2004 - a line's worth
