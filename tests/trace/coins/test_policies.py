"""The coin policies: the worked example, conservation to the last satoshi, and the kernel against the reference."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.chain.bitcoin import read_blocks, read_spent
from bongsu.chain.coins import Block, Coin, CoinId, CoinTransaction
from bongsu.model.address import Address
from bongsu.trace.coins.flow import Flow, lay_out
from bongsu.trace.coins.policies import COIN_POLICIES, CONSERVING, Lots
from bongsu.trace.coins.run import CoinTrace, run_coins

pytestmark = pytest.mark.slow

SHARED = Path(os.environ.get("BONGSU_SHARED", "../shared")) / "chains" / "bitcoin-blocks"
OWNERS = [Address("bitcoin", f"owner-{n}") for n in range(6)]
NOW = datetime(2020, 1, 1, tzinfo=UTC)

EXAMPLE = [
    ("fifo", [[(3, "x"), (1, None)], [(5, None)], [(1, None)]]),
    ("lifo", [[(4, None)], [(3, None), (2, "x")], [(1, "x")]]),
    ("haircut", [[(1, "x"), (3, None)], [(1, "x"), (4, None)], [(1, "x")]]),
    ("poison", [[(4, "x")], [(5, "x")], [(1, "x")]]),
    ("tiho", [[(4, None)], [(3, "x"), (2, None)], [(1, None)]]),
    ("seniority-tainted-first", [[(3, "x"), (1, None)], [(5, None)], [(1, None)]]),
    ("seniority-clean-first", [[(4, None)], [(3, None), (2, "x")], [(1, "x")]]),
]


@pytest.mark.parametrize(("policy", "expected"), EXAMPLE)
def test_three_stolen_and_seven_clean(policy: str, expected: list[Lots]) -> None:
    assert COIN_POLICIES[policy]([(3, "x"), (7, None)], [4, 5, 1]) == expected


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Block], dict[CoinId, Coin], dict[CoinId, str]]:
    """Draw a chain of a few blocks whose transactions spend coins known from before or made on the way."""
    amounts = st.one_of(st.integers(0, 9), st.integers(0, 21 * 10**14))
    open_coins: dict[CoinId, Coin] = {}
    known: dict[CoinId, Coin] = {}
    for n in range(draw(st.integers(1, 6))):
        known[CoinId("before", n)] = Coin(draw(amounts), draw(st.sampled_from([*OWNERS, None])))
    open_coins.update(known)
    blocks, number = [], 0
    for height in range(draw(st.integers(1, 3))):
        transactions, fees = [], 0
        for _ in range(draw(st.integers(0, 5))):
            if not open_coins:
                break
            inputs = draw(st.lists(st.sampled_from(sorted(open_coins)), min_size=1, max_size=4, unique=True))
            money = sum(open_coins.pop(coin).amount for coin in inputs)
            outputs = []
            for _ in range(draw(st.integers(1, 4))):
                amount = draw(st.integers(0, money))
                money -= amount
                outputs.append(Coin(amount, draw(st.sampled_from([*OWNERS, None]))))
            number += 1
            transaction = CoinTransaction(f"t{number}", tuple(inputs), tuple(outputs))
            open_coins.update({CoinId(transaction.tx, n): out for n, out in enumerate(outputs)})
            transactions.append(transaction)
            fees += money
        reward = draw(st.integers(0, 50 * 10**8 + fees))
        first = draw(st.integers(0, reward))
        minted = CoinTransaction(f"c{height}", (), (Coin(first, OWNERS[0]), Coin(reward - first, None)))
        blocks.append(Block(f"b{height}", height, NOW, (minted, *transactions)))
    stolen = {coin: draw(st.sampled_from(["a", "b"])) for coin in draw(st.sets(st.sampled_from(sorted(known))))}
    return blocks, known, stolen


THEFTS = st.dictionaries(st.sampled_from(OWNERS), st.sampled_from(["a", "c"]), max_size=2)
VENUES = st.dictionaries(st.sampled_from(OWNERS), st.just("X"), max_size=2)


@pytest.mark.parametrize("policy", COIN_POLICIES)
@settings(max_examples=50, deadline=None)
@given(chain=chains(), thefts=THEFTS, venues=VENUES, miner=st.booleans())
def test_kernel_equals_reference_and_conserves(
    policy: str,
    chain: tuple[list[Block], dict[CoinId, Coin], dict[CoinId, str]],
    thefts: dict[Address, str],
    venues: dict[Address, str],
    miner: bool,
) -> None:
    blocks, known, stolen = chain
    flow = lay_out(blocks, known, stolen_from=thefts, stolen_coins=stolen, venues=venues, fees_to_miner=miner)
    plain = run_coins(policy, flow, venues)
    assert run_coins(policy, flow, venues, kernel=True) == plain
    if policy in CONSERVING:
        assert {b.difference for b in plain.balances} <= {0}
        worth = {coin: amount for coin, amount in zip(flow.ids, flow.amounts, strict=True) if coin is not None}
        for coin in {p.coin for p in plain.positions}:
            assert sum(p.amount for p in plain.positions if p.coin == coin) <= worth[coin]


def block_277647(*, miner: bool) -> tuple[Flow, list[Block], dict[CoinId, Coin]]:
    if not SHARED.is_dir():
        pytest.skip("the real blocks are not here (BONGSU_SHARED)")
    blocks = read_blocks(SHARED / "277647.dat.bz2").blocks
    known = read_spent(SHARED / "277647.utxostore.bz2")
    stolen = {coin: f"theft-{n % 58:02}" for n, coin in enumerate(sorted(known)) if n % 3 == 0}
    flow = lay_out(blocks, known, stolen_from={}, stolen_coins=stolen, venues={}, fees_to_miner=miner)
    return flow, blocks, known


@pytest.mark.parametrize("miner", [False, True])
@pytest.mark.parametrize("policy", COIN_POLICIES)
def test_a_real_block_conserves_each_satoshi_of_58_thefts(policy: str, miner: bool) -> None:
    flow, _, _ = block_277647(miner=miner)
    trace: CoinTrace = run_coins(policy, flow, {})
    assert trace == run_coins(policy, flow, {}, kernel=True)
    assert trace.unseen == 0
    assert len(trace.balances) == 58
    assert all(b.stolen for b in trace.balances)
    if policy in CONSERVING:
        assert {b.difference for b in trace.balances} == {0}
        assert miner or sum(b.fees for b in trace.balances) <= 4_737_355
        if miner:
            assert sum(b.fees for b in trace.balances) == 0
    else:
        assert max(b.difference for b in trace.balances) < 0


def test_fees_go_to_the_coinbase_after_the_subsidy() -> None:
    known = {CoinId("before", 0): Coin(10, OWNERS[1])}
    block = Block(
        "b", 0, NOW,
        (
            CoinTransaction("mint", (), (Coin(50 * 10**8, OWNERS[2]), Coin(4, OWNERS[3]))),
            CoinTransaction("pay", (CoinId("before", 0),), (Coin(6, OWNERS[4]),)),
        ),
    )  # fmt: skip
    stolen = {CoinId("before", 0): "x"}
    flow = lay_out([block], known, stolen_from={}, stolen_coins=stolen, venues={}, fees_to_miner=True)
    held = {(str(p.coin), p.amount) for p in run_coins("fifo", flow, {}).positions}
    assert held == {("pay:0", 6), ("mint:1", 4)}
