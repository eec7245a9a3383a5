"""Figures are rounded to be read, and never into something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.asset import Asset
from bongsu.report.figures import figure, rounded, share, short, span
from tests.ledgers import ETH

UNIT = 10**18


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (10_000 * UNIT, "10,000"),
        (90_375_547_917_680_000_000_000, "90,375.55"),
        (UNIT + 1, "1"),
        (102_443_117_230_442_489, "0.102443"),
        (1, "< 0.000001"),
        (-1, "> -0.000001"),
        (-98_500_380_342_010_092_310_000, "-98,500.38"),
    ],
)
def test_amounts_are_grouped_and_rounded(amount: int, text: str) -> None:
    assert rounded(ETH, amount) == text


@given(st.integers(1, 2**256 - 1), st.integers(0, 77))
def test_something_is_never_shown_as_nothing(amount: int, decimals: int) -> None:
    assert rounded(Asset("ethereum", "T", decimals), amount) != "0"


def test_the_exact_amount_is_at_hand() -> None:
    assert figure(ETH, UNIT + 1).exact == "1.000000000000000001 ETH"


@pytest.mark.parametrize(
    ("amounts", "text"),
    [
        ((10_000 * UNIT, 10_000 * UNIT), "10,000 ETH"),
        ((0, 9_979 * UNIT), "0 – 9,979 ETH"),
        ((UNIT, UNIT + 1), "about 1 ETH"),
    ],
)
def test_a_range_is_one_figure_only_where_the_policies_agree(amounts: tuple[int, int], text: str) -> None:
    assert span(ETH, amounts).text == text


def test_a_small_share_is_not_nought() -> None:
    assert share(1, 1_000_000) == "under 0.1 %"


def test_a_lookalike_stays_different_when_shortened() -> None:
    genuine, imitation = "0xa4b2fd68593b6f34e51cb9edb66e71c1b4ab449e", "0xa4b27b89345db2e5e1a7d7bc537fac354b50449e"
    assert short(genuine) != short(imitation)
