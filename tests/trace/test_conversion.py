"""Value follows into what it bought, per asset, to the base unit; without --swaps nothing changes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.chain.importing import import_files, write_lines
from bongsu.chain.order import in_order
from bongsu.chain.readers import READERS
from bongsu.chain.tokens import TokenBook
from bongsu.chain.transfers import read_transfers
from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer
from bongsu.trace.evidence import Explainer, at_address, explain, paths
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import Trace, run

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.trace.run import Move, Position

VICTIM, THIEF, POOL, ROUTER, LEFT, RIGHT = (Address("ethereum", "0x" + d * 40) for d in "123456")
NOBODY = Address("ethereum", "0x" + "0" * 40)
WETH_CONTRACT = Address("ethereum", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
ETH = Asset("ethereum", "ETH", 18, None, native=True)
USDC, DAI, LP = (Asset("ethereum", symbol, 6) for symbol in ("USDC", "DAI", "LP"))
WETH = Asset("ethereum", "WETH", 18, WETH_CONTRACT.text)
CONSERVING = [name for name, policy in POLICIES.items() if policy.conserves]


def moves(*rows: tuple[str, Address, Address, Asset, int]) -> list[Transfer]:
    return [
        Transfer(Record("t", n), tx, a, b, asset, x, block=n, index=0) for n, (tx, a, b, asset, x) in enumerate(rows)
    ]


def swapped(policy: str, *rows: tuple[str, Address, Address, Asset, int], venues: tuple[Address, ...] = ()) -> Trace:
    trace = run(POLICIES[policy], moves(*rows), {VICTIM: "theft"}, dict.fromkeys(venues, "venue"), swaps=True)
    assert all(balance.difference == 0 for balance in trace.balances) or policy == "poison"
    return trace


def resting(trace: Trace) -> dict[tuple[Address, str], int]:
    return {(p.address, p.asset.symbol): p.amount for p in trace.positions}


THEFT = ("0", VICTIM, THIEF, USDC, 100)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_swap_carries_the_theft_into_what_was_bought(policy: str) -> None:
    trace = swapped(policy, THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, THIEF, ETH, 7))
    assert resting(trace) == {(THIEF, "ETH"): 7, **({(POOL, "USDC"): 100} if policy == "poison" else {})}


def test_the_share_that_was_stolen_is_the_share_bought() -> None:
    trace = swapped(
        "haircut", THEFT, ("c", LEFT, THIEF, USDC, 300), ("s", THIEF, POOL, USDC, 400), ("s", POOL, THIEF, ETH, 10)
    )
    assert resting(trace) == {(THIEF, "ETH"): 2}
    (conversion,) = trace.conversions or ()
    assert [(s.amount, s.stolen) for s in (*conversion.given, *conversion.taken)] == [(400, 100), (10, 2)]


def test_payment_may_come_after_the_goods() -> None:
    trace = swapped("fifo", THEFT, ("s", POOL, THIEF, ETH, 7), ("s", THIEF, POOL, USDC, 100))
    assert resting(trace) == {(THIEF, "ETH"): 7}


def test_a_router_converts_nothing_and_change_was_never_given() -> None:
    trace = swapped(
        "fifo",
        THEFT,
        ("s", THIEF, ROUTER, USDC, 100),
        ("s", ROUTER, POOL, USDC, 90),
        ("s", POOL, ROUTER, ETH, 9),
        ("s", ROUTER, THIEF, ETH, 9),
        ("s", ROUTER, THIEF, USDC, 10),
    )
    assert resting(trace) == {(THIEF, "ETH"): 9, (THIEF, "USDC"): 10}


def test_a_wrap_that_logs_no_transfer_is_one_to_one_both_ways() -> None:
    wrap = (("0", VICTIM, THIEF, ETH, 50), ("w", THIEF, WETH_CONTRACT, ETH, 50))
    assert resting(swapped("fifo", *wrap)) == {(THIEF, "WETH"): 50}
    assert resting(swapped("fifo", *wrap, ("u", WETH_CONTRACT, THIEF, ETH, 20))) == {
        (THIEF, "WETH"): 30,
        (THIEF, "ETH"): 20,
    }


def test_a_wrap_whose_token_transfer_is_recorded_is_not_counted_twice() -> None:
    trace = swapped(
        "fifo",
        ("0", VICTIM, THIEF, ETH, 50),
        ("w", THIEF, WETH_CONTRACT, ETH, 50),
        ("w", WETH_CONTRACT, THIEF, WETH, 50),
    )
    assert resting(trace) == {(THIEF, "WETH"): 50}


def test_an_lp_entry_says_that_its_shares_are_assumed() -> None:
    trace = swapped(
        "fifo",
        THEFT,
        ("c", LEFT, THIEF, DAI, 80),
        ("l", THIEF, POOL, USDC, 100),
        ("l", THIEF, POOL, DAI, 80),
        ("l", POOL, THIEF, LP, 10),
    )
    assert resting(trace) == {(THIEF, "LP"): 5}
    assert [c.assumed for c in trace.conversions or ()] == [True]


def test_a_fee_to_somebody_who_gives_nothing_is_no_part_of_the_price() -> None:
    rows = (
        ("c", LEFT, THIEF, ETH, 3),
        ("s", THIEF, RIGHT, ETH, 1),
        ("s", THIEF, POOL, USDC, 100),
        ("s", POOL, THIEF, DAI, 90),
    )
    trace = swapped("fifo", THEFT, *rows)
    assert resting(trace) == {(THIEF, "DAI"): 90}
    assert [c.assumed for c in trace.conversions or ()] == [False]


def test_a_route_over_two_pools_leads_back_to_the_price() -> None:
    rows = (
        ("s", THIEF, RIGHT, ETH, 1),
        ("s", THIEF, POOL, USDC, 100),
        ("s", POOL, LEFT, WETH, 9),
        ("s", LEFT, THIEF, DAI, 90),
    )
    assert resting(swapped("fifo", THEFT, ("c", ROUTER, THIEF, ETH, 3), *rows)) == {(THIEF, "DAI"): 90}


def test_a_venue_keeps_what_reached_it() -> None:
    trace = swapped(
        "fifo",
        THEFT,
        ("x", THIEF, POOL, USDC, 100),
        ("y", POOL, LEFT, USDC, 100),
        ("y", LEFT, POOL, ETH, 5),
        venues=(POOL,),
    )
    assert resting(trace) == {(POOL, "USDC"): 100}


def test_a_stolen_from_address_that_swaps_has_not_parted_with_the_value() -> None:
    trace = swapped("fifo", ("s", VICTIM, POOL, USDC, 100), ("s", POOL, VICTIM, ETH, 9), ("t", VICTIM, THIEF, ETH, 9))
    assert [(b.asset.symbol, b.stolen) for b in trace.balances] == [("ETH", 9)]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_evidence_leads_back_through_the_exchange(policy: str) -> None:
    trace = swapped(
        policy, THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, THIEF, ETH, 7), ("p", THIEF, LEFT, ETH, 7)
    )
    (position,) = at_address(trace, LEFT)
    assert [m.transfer.tx for m in explain(trace, position).moves] == ["0", "s", "s", "p"]


def test_without_swaps_the_stolen_asset_stays_where_it_was_given() -> None:
    rows = (THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, THIEF, ETH, 7))
    trace = run(POLICIES["fifo"], moves(*rows), {VICTIM: "theft"}, {})
    assert resting(trace) == {(POOL, "USDC"): 100}
    assert trace.conversions is None


@pytest.mark.parametrize("policy", POLICIES)
def test_what_was_bought_for_somebody_else_is_stolen_there(policy: str) -> None:
    rows = (("s", THIEF, ROUTER, USDC, 100), ("s", ROUTER, POOL, USDC, 100), ("s", POOL, RIGHT, ETH, 7))
    trace = swapped(policy, THEFT, *rows)
    marked = {(ROUTER, "USDC"): 0, (POOL, "USDC"): 100} if policy == "poison" else {}
    assert resting(trace) == {(RIGHT, "ETH"): 7, **{k: v for k, v in marked.items() if v}}
    (conversion,) = trace.conversions or ()
    assert [(s.address, s.amount, s.stolen) for s in (*conversion.given, *conversion.taken)] == [
        (THIEF, 100, 100),
        (RIGHT, 7, 7),
    ]


def test_a_fee_out_of_the_proceeds_shares_in_the_stolen_part() -> None:
    rows = (("c", LEFT, THIEF, USDC, 100), ("s", THIEF, POOL, USDC, 200), ("s", POOL, ROUTER, ETH, 10))
    fee = (("s", ROUTER, RIGHT, ETH, 8), ("s", ROUTER, LEFT, ETH, 2))
    assert resting(swapped("haircut", THEFT, *rows, *fee)) == {(RIGHT, "ETH"): 4, (LEFT, "ETH"): 1}


def test_a_route_with_an_unwrap_for_somebody_else_is_followed_through() -> None:
    rows = (
        ("s", THIEF, POOL, USDC, 100),
        ("s", POOL, ROUTER, WETH, 9),
        ("s", WETH_CONTRACT, ROUTER, ETH, 9),
        ("s", ROUTER, RIGHT, ETH, 9),
    )
    assert resting(swapped("fifo", THEFT, *rows)) == {(RIGHT, "ETH"): 9}


def test_a_pools_shares_minted_for_somebody_else_and_burnt_again_are_followed() -> None:
    share = Asset("ethereum", "LP", 6, POOL.text)
    entry = (("l", THIEF, POOL, USDC, 100), ("l", NOBODY, RIGHT, share, 10))
    assert resting(swapped("fifo", THEFT, *entry)) == {(RIGHT, "LP"): 10}
    leaving = (("x", RIGHT, NOBODY, share, 10), ("x", POOL, LEFT, USDC, 60), ("x", POOL, LEFT, ETH, 3))
    assert resting(swapped("fifo", THEFT, *entry, *leaving)) == {(LEFT, "USDC"): 60, (LEFT, "ETH"): 3}


def test_what_was_bought_straight_into_a_venue_is_at_the_venue() -> None:
    trace = swapped("fifo", THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, LEFT, ETH, 7), venues=(LEFT,))
    assert [(b.asset.symbol, b.at_venues) for b in trace.balances] == [("ETH", 7), ("USDC", 0)]


def test_a_venue_that_takes_and_pays_in_one_transaction_buys_nothing_for_others() -> None:
    trace = swapped("fifo", THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, LEFT, ETH, 7), venues=(POOL,))
    assert resting(trace) == {(POOL, "USDC"): 100}


def test_a_stolen_from_address_that_buys_for_the_thief_is_robbed_of_what_it_paid() -> None:
    trace = swapped("fifo", ("s", VICTIM, POOL, USDC, 100), ("s", POOL, VICTIM, USDC, 10), ("s", POOL, THIEF, ETH, 9))
    assert resting(trace) == {(THIEF, "ETH"): 9}
    assert [(b.asset.symbol, b.stolen, b.returned, b.converted_out) for b in trace.balances] == [
        ("ETH", 0, 0, 0),
        ("USDC", 100, 10, 90),
    ]


def test_where_two_may_have_paid_nothing_is_joined_and_both_are_named() -> None:
    rows = (("s", THIEF, POOL, USDC, 100), ("s", LEFT, POOL, DAI, 100), ("s", POOL, RIGHT, ETH, 7))
    trace = swapped("fifo", THEFT, *rows)
    assert resting(trace) == {(POOL, "USDC"): 100}
    (open_one,) = trace.open_exchanges
    assert (open_one.address, open_one.payers, open_one.given.stolen) == (THIEF, (THIEF, LEFT), 100)
    assert [(s.address, s.asset, s.amount) for s in open_one.taken] == [(RIGHT, ETH, 7)]


def test_a_wrapped_coin_that_a_router_may_unwrap_unseen_is_left_open() -> None:
    rows = (THEFT, ("s", THIEF, POOL, USDC, 100), ("s", POOL, ROUTER, WETH, 9))
    trace = swapped("fifo", *rows)
    assert resting(trace) == {(POOL, "USDC"): 100}
    assert [s.address for o in trace.open_exchanges for s in o.taken] == [ROUTER]
    seen = ("e", LEFT, RIGHT, ETH, 1)
    assert resting(swapped("fifo", *rows, seen)) == {(ROUTER, "WETH"): 9}


def test_two_assets_sent_to_two_people_are_two_payments() -> None:
    trace = swapped(
        "fifo", THEFT, ("c", ROUTER, THIEF, ETH, 5), ("m", THIEF, LEFT, USDC, 100), ("m", THIEF, RIGHT, ETH, 5)
    )
    assert resting(trace) == {(LEFT, "USDC"): 100}
    assert not trace.conversions
    assert not trace.open_exchanges


@pytest.mark.parametrize("policy", POLICIES)
def test_the_evidence_leads_back_through_what_another_paid(policy: str) -> None:
    rows = (("s", THIEF, POOL, USDC, 100), ("s", POOL, LEFT, ETH, 7), ("p", LEFT, RIGHT, ETH, 7))
    trace = swapped(policy, THEFT, *rows)
    (position,) = at_address(trace, RIGHT)
    assert [m.transfer.tx for m in explain(trace, position).moves] == ["0", "s", "s", "p"]


PEOPLE = [VICTIM, THIEF, POOL, ROUTER, LEFT, RIGHT, WETH_CONTRACT, NOBODY]
ROW = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    st.sampled_from([ETH, WETH, USDC, DAI, Asset("ethereum", "LP", 6, POOL.text)]),
    st.integers(0, 40),
)


@pytest.mark.parametrize("policy", CONSERVING)
@given(st.lists(ROW, max_size=25), st.booleans())
@settings(max_examples=150, deadline=None)
def test_each_assets_ledger_balances_on_random_exchanges(
    policy: str, rows: list[tuple[str, Address, Address, Asset, int]], venue: bool
) -> None:
    thefts = {VICTIM: "one", RIGHT: "two"}
    trace = run(POLICIES[policy], moves(*rows), thefts, {LEFT: "venue"} if venue else {}, swaps=True)
    assert [b.difference for b in trace.balances] == [0] * len(trace.balances)
    taken: defaultdict[tuple[str, str, Asset], int] = defaultdict(int)
    for conversion in trace.conversions or ():
        assert all(0 <= s.stolen <= s.amount for s in (*conversion.given, *conversion.taken))
        for side in conversion.taken:
            taken[conversion.tx, conversion.address.text, side.asset] += side.stolen
    assert sum(taken.values()) == sum(b.converted_in for b in trace.balances)


@given(st.lists(ROW, max_size=25))
@settings(max_examples=150, deadline=None)
def test_poison_never_marks_less_than_fifo_reaches(rows: list[tuple[str, Address, Address, Asset, int]]) -> None:
    fifo, poison = (
        {
            (p.theft, p.address, p.asset)
            for p in run(POLICIES[name], moves(*rows), {VICTIM: "one"}, {}, swaps=True).positions
        }
        for name in ("fifo", "poison")
    )
    assert fifo <= poison


@pytest.mark.parametrize("policy", CONSERVING)
def test_real_swaps_balance_for_every_theft_and_some_convert(shared: Path, tmp_path: Path, policy: str) -> None:
    source = shared / "chains/ethereum-rpc/test_stream/blocks_17173049_17173050/expected_token_transfers.json"
    if not source.is_file():
        pytest.skip("the recorded blocks are not here")
    found = import_files(READERS["ethereum-etl-token-transfers"], [source], TokenBook())
    write_lines(found.lines, tmp_path / "t.csv")
    transfers = in_order(read_transfers(tmp_path / "t.csv").transfers)
    converted = 0
    for theft in sorted({t.sender for t in transfers})[::6]:
        trace = run(POLICIES[policy], transfers, {theft: "theft"}, {}, swaps=True)
        assert [b.difference for b in trace.balances] == [0] * len(trace.balances)
        converted += len(trace.conversions or ())
    assert converted


def walked(trace: Trace, position: Position) -> list[Move]:
    """The evidence found the slow way: every move from the last to the first, kept where it feeds what is known."""
    if POLICIES[trace.policy].separable:
        on_the_way = {id(t) for path in paths(position) for t in path.transfers}
        return [m for m in trace.moves if m.theft == position.theft and id(m.transfer) in on_the_way]
    feeds = {(position.address, position.asset)}
    sides = {((c.chain, c.tx, c.address), c.theft): c for c in trace.conversions or ()}
    found = []
    for step in reversed(trace.moves):
        transfer = step.transfer
        if step.theft != position.theft:
            continue
        fed, sources = {(transfer.receiver, transfer.asset)}, {(transfer.sender, transfer.asset)}
        if step.exchange is not None:
            conversion = sides[step.exchange, step.theft]
            sources = {(side.address, side.asset) for side in conversion.given}
            fed = fed if step.arrives else {(side.address, side.asset) for side in conversion.taken}
        if fed & feeds:
            feeds |= sources
            found.append(step)
    return found[::-1]


@pytest.mark.parametrize("policy", POLICIES)
@given(st.lists(ROW, max_size=25))
@settings(max_examples=40, deadline=None)
def test_the_evidence_is_what_a_walk_through_all_moves_finds(
    policy: str, rows: list[tuple[str, Address, Address, Asset, int]]
) -> None:
    trace = run(POLICIES[policy], moves(*rows), {VICTIM: "one", RIGHT: "two"}, {}, swaps=True)
    explainer = Explainer(trace)
    for position in trace.positions:
        slow = [(m.transfer, m.theft, m.exchange) for m in walked(trace, position)]
        assert [(m.transfer, m.theft, m.exchange) for m in explainer.explain(position).moves] == slow
