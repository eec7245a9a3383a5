"""Each account kernel equals its plain reference, to the base unit, on random ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer
from bongsu.trace.evidence import at_address, explain
from bongsu.trace.kernels import ledger as kernel_ledger
from bongsu.trace.kernels.engine import reaching, trace_with_kernels
from bongsu.trace.output import evidence_document
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESSES = [Address("ethereum", f"0x{n:040x}") for n in range(9)]
ASSETS = [Asset("ethereum", "ETH", 18, None, True), Asset("ethereum", "USDT", 6)]
AMOUNTS = st.one_of(
    st.integers(0, 12), st.integers(0, 2**70), st.sampled_from([2**64 - 1, 2**64, 2**64 + 1, 2**100]), st.just(0)
)


@st.composite
def transfers(draw: st.DrawFn) -> list[Transfer]:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES), st.integers(0, 3), AMOUNTS), max_size=60
        )
    )
    return [
        Transfer(Record("f", n), f"t{n}", s, r, ASSETS[0 if which else 1], amount, block=n)
        for n, (s, r, which, amount) in enumerate(rows)
    ]


SOURCES = st.dictionaries(st.sampled_from(ADDRESSES), st.sampled_from(["a", "b", "c"]), max_size=4)
VENUES = st.dictionaries(st.sampled_from(ADDRESSES), st.sampled_from(["X", "Y"]), max_size=3)


def figures(trace: object) -> object:
    return (
        [(p.theft, p.address, p.asset, p.amount, p.venue) for p in trace.positions],  # type: ignore[attr-defined]
        trace.balances,  # type: ignore[attr-defined]
        trace.returned,  # type: ignore[attr-defined]
        trace.unseen,  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=60, deadline=None)
@given(log=transfers(), thefts=SOURCES, venues=VENUES)
def test_kernel_equals_reference(
    policy: str, log: list[Transfer], thefts: Mapping[Address, str], venues: Mapping[Address, str]
) -> None:
    assert figures(trace_with_kernels(policy, log, thefts, venues)) == figures(
        run(POLICIES[policy], log, thefts, venues)
    )


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=30, deadline=None)
@given(log=transfers(), thefts=SOURCES, venues=VENUES, chunk=st.integers(1, 7))
def test_chunks_give_what_the_whole_gives(
    policy: str, log: list[Transfer], thefts: Mapping[Address, str], venues: Mapping[Address, str], chunk: int
) -> None:
    whole = trace_with_kernels(policy, log, thefts, venues)
    assert figures(trace_with_kernels(policy, log, thefts, venues, chunk=chunk)) == figures(whole)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_hundred_thefts_at_once_conserve_each_by_itself(policy: str) -> None:
    many = [Address("ethereum", f"0x{n:040x}") for n in range(300)]
    thefts = {many[n]: f"theft-{n:03}" for n in range(100)}
    log = [
        Transfer(
            Record("f", n),
            f"t{n}",
            many[n % 100 if n < 100 else 100 + n * 7919 % 200],
            many[100 + n * 104729 % 200],
            ASSETS[0],
            (n * 1_000_003 + 17) ** 3,
            block=n,
        )
        for n in range(3000)
    ]
    found = trace_with_kernels(policy, log, thefts, {})
    assert figures(found) == figures(run(POLICIES[policy], log, thefts, {}))
    assert len(found.balances) == 100
    if POLICIES[policy].conserves:
        assert {b.difference for b in found.balances} == {0}


def test_an_arena_that_fills_up_grows_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = [
        Transfer(Record("f", n), f"t{n}", ADDRESSES[n % 2], ADDRESSES[2 + n % 3], ASSETS[0], n + 1, block=n)
        for n in range(900)
    ]
    monkeypatch.setattr(kernel_ledger, "_FIRST_ARENA", 8)
    found = trace_with_kernels("fifo", log, {ADDRESSES[0]: "a"}, {})
    assert figures(found) == figures(run(POLICIES["fifo"], log, {ADDRESSES[0]: "a"}, {}))


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=40, deadline=None)
@given(log=transfers(), thefts=SOURCES, venues=VENUES, address=st.sampled_from(ADDRESSES))
def test_the_part_that_reaches_an_address_gives_the_evidence_of_the_whole(
    policy: str,
    log: list[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    address: Address,
) -> None:
    part = reaching(log, thefts, venues, address)
    whole, cut = run(POLICIES[policy], log, thefts, venues), run(POLICIES[policy], part, thefts, venues)
    assert [evidence_document(explain(cut, p)) for p in at_address(cut, address)] == [
        evidence_document(explain(whole, p)) for p in at_address(whole, address)
    ]
