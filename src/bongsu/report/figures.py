"""Figures for people: grouped, rounded where nobody reads further, and the exact amount always at hand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.model.asset import Asset

_CONTEXT = Context(prec=120, rounding=ROUND_HALF_EVEN)
_PLACES = ((Decimal(100), 2), (Decimal(1), 4), (Decimal(0), 6))
"""From this amount on, so many decimals are shown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount to read and the exact one."""

    text: str
    exact: str


def rounded(asset: Asset, amount: int) -> str:
    """Return base units in whole units, grouped and rounded; never "0" for what is not nought."""
    value = Decimal(asset.text(abs(amount)))
    places = next(places for least, places in _PLACES if value >= least)
    shown = value.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    if value and not shown:
        return f"{'> -' if amount < 0 else '< '}{Decimal(1).scaleb(-places):f}"
    text = f"{shown:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"-{text}" if amount < 0 else text


def figure(asset: Asset, amount: int) -> Figure:
    """Return one amount with its asset's symbol."""
    return Figure(f"{rounded(asset, amount)} {asset.symbol}", f"{asset.shown(amount)} {asset.symbol}")


def span(asset: Asset, amounts: Iterable[int]) -> Figure:
    """Return the range of several amounts, or the one figure where they agree."""
    low, high = min(found := list(amounts)), max(found)
    if low == high:
        return figure(asset, low)
    exact = f"{asset.shown(low)} to {asset.shown(high)} {asset.symbol}"
    texts = rounded(asset, low), rounded(asset, high)
    if texts[0] == texts[1]:
        return Figure(f"about {texts[0]} {asset.symbol}", exact)
    return Figure(f"{texts[0]} – {texts[1]} {asset.symbol}", exact)  # noqa: RUF001 - a range takes an en dash


def share(part: int, whole: int) -> str:
    """Return a part in per cent with one decimal; "under 0.1 %" rather than nought."""
    if not whole:
        return ""
    text = f"{part / whole * 100:.1f}"
    return "under 0.1 %" if part and text == "0.0" else f"{text} %"


def short(address: str) -> str:
    """Shorten an address so that a look-alike, which copies the first and last four digits, still differs."""
    return address if len(address) <= 18 else f"{address[:10]}…{address[-4:]}"  # noqa: PLR2004 - little to gain


def clipped(text: str, most: float) -> str:
    """Cut text to about so many small letters' width; capitals count more, and Korean or Chinese signs double."""
    taken = 0.0
    for n, letter in enumerate(text):
        taken += _wide(letter)
        if taken > most and (n + 1 < len(text) or taken > most + 1):
            return f"{text[: max(n - 1, 1)].rstrip()}…"
    return text


def _wide(letter: str) -> float:
    if east_asian_width(letter) in {"W", "F"}:
        return 2.0
    return 2.1 if letter in "WM@%" else 1.6 if letter in "mw" else 1.3 if letter.isupper() else 1.0
