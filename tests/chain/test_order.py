"""Transfers stand in the order in which the chain carried them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bongsu.chain.order import in_order
from tests.ledgers import START, USDT, ledgers, move

if TYPE_CHECKING:
    from bongsu.model.transfer import Transfer


def test_blocks_come_before_the_order_of_the_file() -> None:
    late, early = move("a", "b", 1, block=2), move("c", "d", 1, block=1)
    assert in_order([late, early]) == [early, late]


def test_index_decides_within_a_block() -> None:
    second, first = move("a", "b", 1, index=7), move("b", "c", 1, index=3)
    assert in_order([second, first]) == [first, second]


def test_money_arrives_before_it_leaves_where_no_index_is_given() -> None:
    leaves, passes, arrives = move("c", "d", 1), move("b", "c", 1), move("a", "b", 1)
    assert in_order([leaves, passes, arrives]) == [arrives, passes, leaves]


def test_the_file_decides_where_nothing_depends() -> None:
    rows = [move("a", "b", 1), move("c", "d", 1), move("e", "f", 1)]
    assert in_order(rows) == rows


def test_a_circle_keeps_the_order_of_the_file() -> None:
    rows = [move("a", "b", 1), move("b", "c", 1), move("c", "a", 1)]
    assert in_order(rows) == rows


def test_another_asset_or_an_empty_transfer_is_no_arrival() -> None:
    pays, token, nothing = move("b", "c", 1), move("a", "b", 1, asset=USDT), move("a", "b", 0)
    assert in_order([pays, token, nothing]) == [pays, token, nothing]


def test_a_record_without_a_block_is_placed_by_its_time() -> None:
    first = replace(move("a", "b", 1, block=10), time=START)
    third = replace(move("e", "f", 1, block=20), time=START + timedelta(minutes=2))
    second = replace(move("c", "d", 1), block=None, time=START + timedelta(minutes=1))
    assert in_order([third, second, first]) == [first, second, third]


def test_a_record_with_the_time_of_a_block_belongs_to_it() -> None:
    leaves = replace(move("b", "c", 1, block=10), time=START)
    arrives = replace(move("a", "b", 1), block=None, time=START)
    assert in_order([leaves, arrives]) == [arrives, leaves]


@given(ledgers(), st.randoms())
def test_nothing_is_lost_or_made_up(rows: list[Transfer], chance: object) -> None:
    shuffled = [replace(row, index=None, block=(row.block or 0) // 5) for row in rows]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(map(repr, in_order(shuffled))) == sorted(map(repr, shuffled))
