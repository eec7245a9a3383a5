"""Every policy keeps the rules that all share, and equals the one-unit-at-a-time reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.trace.policies import POLICIES
from bongsu.trace.run import Trace, run
from tests.ledgers import ETH, at, ledgers, move
from tests.trace.units import follow

if TYPE_CHECKING:
    from bongsu.model.transfer import Transfer

THEFTS = {at("s"): "one", at("a"): "two"}
VENUES = {at("v"): "Exchange"}
CONSERVING = [name for name, policy in POLICIES.items() if policy.conserves]


def trace(policy: str, *transfers: Transfer) -> Trace:
    return run(POLICIES[policy], transfers, {at("s"): "theft"}, VENUES)


def rests(found: Trace) -> dict[str, int]:
    return {p.address.text[2]: p.amount for p in found.positions}


@pytest.mark.parametrize(
    ("policy", "first_five", "left"),
    [("fifo", 3, 0), ("lifo", 0, 3), ("haircut", 1, 2), ("poison", 5, 5), ("taint-first", 3, 0)],
)
def test_three_stolen_then_seven_clean(policy: str, first_five: int, left: int) -> None:
    found = trace(policy, move("s", "a", 3), move("c", "a", 7, 2), move("a", "b", 5, 3))
    assert (rests(found).get("b", 0), rests(found).get("a", 0)) == (first_five, left)


@pytest.mark.parametrize(
    ("policy", "first_five"), [("fifo", 0), ("lifo", 3), ("haircut", 1), ("poison", 5), ("taint-first", 3)]
)
def test_seven_clean_then_three_stolen(policy: str, first_five: int) -> None:
    found = trace(policy, move("c", "a", 7), move("s", "a", 3, 2), move("a", "b", 5, 3))
    assert rests(found).get("b", 0) == first_five


@pytest.mark.parametrize("policy", POLICIES)
def test_what_comes_back_is_returned(policy: str) -> None:
    found = trace(policy, move("s", "a", 10), move("a", "s", 4, 2))
    assert (found.balances[0].returned, rests(found)["a"]) == (4, 6)


@pytest.mark.parametrize("policy", POLICIES)
def test_money_at_a_venue_stays_there_and_what_the_venue_sends_is_clean(policy: str) -> None:
    found = trace(policy, move("s", "v", 10), move("v", "b", 4, 2))
    assert rests(found) == {"v": 10}
    assert found.positions[0].venue == "Exchange"


@pytest.mark.parametrize("policy", POLICIES)
def test_money_not_seen_to_arrive_is_clean_and_spent_last(policy: str) -> None:
    found = trace(policy, move("s", "a", 5), move("a", "b", 3, 2), move("a", "v", 9, 3))
    assert rests(found) == {"b": 3, "v": 2}
    assert found.unseen == {(at("a"), ETH): 7}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_transfer_to_oneself_or_of_nothing_changes_nothing(policy: str) -> None:
    plain = trace(policy, move("s", "a", 5), move("a", "b", 3, 9))
    noisy = trace(
        policy,
        move("s", "a", 5),
        move("a", "a", 4, 2),
        move("s", "s", 4, 3),
        move("a", "b", 0, 4),
        move("a", "b", 3, 9),
    )
    assert noisy == plain


def test_poison_marks_an_account_for_good() -> None:
    found = trace("poison", move("s", "a", 1), move("a", "b", 1, 2), move("c", "a", 7, 3))
    assert rests(found) == {"a": 7, "b": 1}


@settings(deadline=None)
@given(ledgers(), st.sampled_from(sorted(POLICIES)))
def test_equals_the_reference_that_moves_one_unit_at_a_time(rows: list[Transfer], policy: str) -> None:
    found = run(POLICIES[policy], rows, THEFTS, VENUES)
    resting, returned = follow(policy, rows, {a.text: t for a, t in THEFTS.items()}, {a.text for a in VENUES})
    assert {(p.theft, p.asset.symbol, p.address.text): p.amount for p in found.positions} == resting
    assert {(t, asset.symbol, a.text): n for (t, asset, a), n in found.returned.items()} == returned


@settings(deadline=None)
@given(ledgers(largest=2**80, most=60), st.sampled_from(CONSERVING))
def test_stolen_equals_resting_and_at_venues_and_returned(rows: list[Transfer], policy: str) -> None:
    for balance in run(POLICIES[policy], rows, THEFTS, VENUES).balances:
        assert balance.difference == 0


@given(ledgers())
def test_poison_never_falls_short_of_any_other_policy_in_total(rows: list[Transfer]) -> None:
    bound = {(b.theft, b.asset): b.difference for b in run(POLICIES["poison"], rows, THEFTS, VENUES).balances}
    assert all(difference <= 0 for difference in bound.values())


@given(ledgers(), st.sampled_from(sorted(POLICIES)))
def test_two_runs_are_equal(rows: list[Transfer], policy: str) -> None:
    assert run(POLICIES[policy], rows, THEFTS, VENUES) == run(POLICIES[policy], rows, THEFTS, VENUES)
