"""Behind a bridge there are candidates with their rivals, and never a certainty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bongsu.chain.memo import parse_memo
from bongsu.model.address import Address, parse_address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer
from bongsu.trace.bridge import Bridged, crossings, match
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

START = datetime(2025, 1, 1, tzinfo=UTC)
VICTIM, THIEF, GATE = (Address("ethereum", "0x" + d * 40) for d in "123")
GATE_BSC, ALICE, BOB = (Address("bsc", "0x" + d * 40) for d in "456")
BTC_TO = parse_address("bc1qp2t4hl4jr6wjfzv28tsdyjysw7p5armf7px55w", "bitcoin")
VAULT = parse_address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin")
USDC, USDC_BSC = Asset("ethereum", "USDC", 6), Asset("bsc", "USDC", 18)
BTC = Asset("bitcoin", "BTC", 8, None, native=True)
BRIDGES = {GATE: "gate", GATE_BSC: "gate"}


def move(tx: str, sender: Address, receiver: Address, asset: Asset, whole: float, hour: float) -> Transfer:
    amount = int(whole * 1000) * 10**asset.decimals // 1000
    return Transfer(
        Record("t", 1), tx, sender, receiver, asset, amount, block=int(hour * 300), time=START + timedelta(hours=hour)
    )


def bridged(
    transfers: list[Transfer], memo: str = "", rates: dict[tuple[str, str], float] | None = None
) -> list[Bridged]:
    trace = run(POLICIES["fifo"], [t for t in transfers if t.sender.chain == "ethereum"], {VICTIM: "theft"}, BRIDGES)
    memos = {"in": parse_memo(memo)} if memo else {}
    return match(crossings(trace, BRIDGES, memos), transfers, BRIDGES, rates)


IN = [move("0", VICTIM, THIEF, USDC, 100, 0), move("in", THIEF, GATE, USDC, 100, 1)]


def test_the_same_amount_soon_after_from_the_same_bridge_is_a_candidate_and_no_more() -> None:
    (found,) = bridged([*IN, move("out", GATE_BSC, ALICE, USDC_BSC, 99.5, 1.5)])
    (candidate,) = found.candidates
    assert candidate.transfer.receiver == ALICE
    assert 0.5 < candidate.confidence < 1


def test_a_rival_payment_halves_the_confidence() -> None:
    alone = bridged([*IN, move("out", GATE_BSC, ALICE, USDC_BSC, 99.5, 1.5)])[0].candidates
    rivals = bridged([*IN, *(move(f"out{n}", GATE_BSC, n, USDC_BSC, 99.5, 1.5) for n in (ALICE, BOB))])[0].candidates
    assert len(rivals) == 2
    assert rivals[0].confidence < 0.7 * alone[0].confidence


def test_what_came_out_before_or_too_large_or_of_another_bridge_does_not_fit() -> None:
    others = [
        move("early", GATE_BSC, ALICE, USDC_BSC, 99.5, 0.5),
        move("large", GATE_BSC, ALICE, USDC_BSC, 101, 2),
        move("late", GATE_BSC, ALICE, USDC_BSC, 99.5, 30),
        move("other", BOB, ALICE, USDC_BSC, 99.5, 2),
    ]
    assert bridged([*IN, *others])[0].candidates == ()


def test_a_memo_finds_the_receiver_among_payments_of_unlabelled_vaults() -> None:
    outs = [move("btc", VAULT, BTC_TO, BTC, 0.001, 2)]
    (found,) = bridged([*IN, *outs], memo=f"=:b:{BTC_TO.text}")
    assert [(c.transfer.tx, c.confidence) for c in found.candidates] == [("btc", 0.8)]
    (priced,) = bridged([*IN, *outs], f"=:b:{BTC_TO.text}", {("USDC", "BTC"): 0.00001})
    assert priced.candidates[0].confidence == 0.95
