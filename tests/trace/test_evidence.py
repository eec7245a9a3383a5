"""The evidence for a position is the exact transfers by which its money came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.trace.evidence import at_address, explain
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run
from tests.ledgers import at, ledgers, move

if TYPE_CHECKING:
    from bongsu.model.transfer import Transfer

THEFTS = {at("s"): "theft"}
SEPARABLE = [name for name, policy in POLICIES.items() if policy.separable]


def test_the_path_of_a_lot_is_the_transfers_that_carried_it() -> None:
    rows = [move("s", "a", 5), move("c", "a", 5, 2), move("a", "b", 5, 3), move("b", "d", 2, 4)]
    trace = run(POLICIES["fifo"], rows, THEFTS, {})
    (evidence,) = [explain(trace, p) for p in at_address(trace, at("d"))]
    assert [(path.amount, path.transfers) for path in evidence.paths] == [(2, (rows[0], rows[2], rows[3]))]
    assert [(m.transfer, m.amount) for m in evidence.moves] == [(rows[0], 2), (rows[2], 2), (rows[3], 2)]


def test_melted_money_is_explained_by_all_that_can_have_carried_it() -> None:
    rows = [move("s", "a", 5), move("s", "b", 5, 2), move("a", "d", 5, 3), move("b", "e", 5, 4), move("a", "e", 1, 5)]
    trace = run(POLICIES["haircut"], rows, THEFTS, {})
    (evidence,) = [explain(trace, p) for p in at_address(trace, at("d"))]
    assert [m.transfer for m in evidence.moves] == [rows[0], rows[2]]


def test_a_transfer_after_the_money_had_left_is_no_evidence() -> None:
    rows = [move("s", "a", 5), move("a", "d", 5, 2), move("s", "a", 5, 3)]
    trace = run(POLICIES["haircut"], rows, THEFTS, {})
    (evidence,) = [explain(trace, p) for p in at_address(trace, at("d"))]
    assert [m.transfer for m in evidence.moves] == rows[:2]


@settings(deadline=None)
@given(ledgers(), st.sampled_from(SEPARABLE))
def test_paths_add_up_to_the_position_and_lead_from_the_theft_to_it(rows: list[Transfer], policy: str) -> None:
    trace = run(POLICIES[policy], rows, THEFTS, {at("v"): "Exchange"})
    for position in trace.positions:
        evidence = explain(trace, position)
        assert sum(path.amount for path in evidence.paths) == position.amount
        for path in evidence.paths:
            assert path.transfers[0].sender in THEFTS
            assert path.transfers[-1].receiver == position.address
            for before, after in zip(path.transfers, path.transfers[1:], strict=False):
                assert before.receiver == after.sender


@pytest.mark.parametrize("policy", ["haircut", "poison"])
@settings(deadline=None)
@given(rows=ledgers())
def test_melted_evidence_reaches_back_to_the_theft(policy: str, rows: list[Transfer]) -> None:
    trace = run(POLICIES[policy], rows, THEFTS, {})
    for position in trace.positions:
        moves = explain(trace, position).moves
        assert moves[0].transfer.sender in THEFTS
        assert moves[-1].transfer.receiver == position.address
