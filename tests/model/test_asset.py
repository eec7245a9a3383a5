"""Amounts are exact: decimal text outside, integers inside."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.errors import RecordError
from bongsu.model.asset import Asset, format_amount, parse_amount


@given(st.integers(0, 2**256 - 1), st.integers(0, 77))
def test_every_amount_reads_back_exactly(amount: int, decimals: int) -> None:
    assert parse_amount(format_amount(amount, decimals), decimals, "X") == amount


@given(st.decimals(min_value=0, max_value=10**30, places=18))
def test_amount_equals_decimal_arithmetic(value: Decimal) -> None:
    with localcontext() as context:
        context.prec = 80
        assert parse_amount(f"{value:f}", 18, "X") == int(value * 10**18)


def test_thousands_are_grouped_for_people_and_nothing_is_rounded() -> None:
    shown = Asset("ethereum", "ETH", 18).shown
    assert [shown(n) for n in (0, 1, 98_048_794_800 * 10**12)] == ["0", "0.000000000000000001", "98,048.7948"]


@pytest.mark.parametrize(
    ("text", "units"),
    [("1", 10**6), ("0.5", 500_000), (".5", 500_000), ("1.", 10**6), ("007.50", 7_500_000), ("2.5e-05", 25)],
)
def test_plain_and_exact_exponent_forms_are_read(text: str, units: int) -> None:
    assert parse_amount(text, 6, "USDT") == units


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("abc", "not a decimal number"),
        ("-1", "negative"),
        ("1,000", "comma"),
        ("4.01E+05", "digits cut off"),
        ("nan", "not a decimal number"),
        ("inf", "not a decimal number"),
        ("0x10", "not a decimal number"),
        ("١٢", "not a decimal number"),
        ("1.1234567", "7 decimals"),
        ("1" + "0" * 300, "not a decimal number"),
        (str(2**256), "256 bits"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        Asset("ethereum", "USDT", 6).amount(text)


@given(st.text())
def test_garbage_never_crashes_the_parser(text: str) -> None:
    try:
        amount = parse_amount(text, 18, "X")
    except RecordError as refused:
        assert refused.message  # noqa: PT017 - either outcome is right, a crash is not
    else:
        assert 0 <= amount < 2**256
