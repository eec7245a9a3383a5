"""The picture stays readable whatever the size of the case, and says what it bundled."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings

from bongsu.label.label import Label
from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer
from bongsu.report.flow import Panel, panels
from bongsu.respond.assessment import assess
from bongsu.trace.policies import POLICIES
from tests.ledgers import ETH, at, ledgers, move
from tests.report.conftest import case_of


def _pay(number: int, receiver: int, amount: int, sender: Address | None = None) -> Transfer:
    to = Address("ethereum", f"0x{receiver:040x}")
    return Transfer(Record("test", number), f"0x{number:x}", sender or at("a"), to, ETH, amount, number)


def _one(transfers: list[Transfer], **more: object) -> Panel:
    return panels(assess(case_of(transfers, **more)), "fifo")[0]


def test_addresses_paid_alike_are_one() -> None:
    drawn = _one([_pay(n, n, 10**22) for n in range(1, 39)])
    assert [(m.kind, m.label, m.more) for m in drawn.marks[1:]] == [("bundle", "38 addresses", "10,000 ETH each")]


def test_five_thousand_addresses_stay_readable() -> None:
    drawn = _one([_pay(n, n, 10**18 + n) for n in range(1, 5001)])
    assert max(Counter(m.box.column for m in drawn.marks).values()) <= 12
    assert "4,989 addresses" in {m.label for m in drawn.marks}
    assert drawn.addresses == 5001


def test_a_long_chain_ends_in_one_node_for_what_lies_further_on() -> None:
    chain = [_pay(1, 1, 10)]
    chain += [_pay(n, n, 10, Address("ethereum", f"0x{n - 1:040x}")) for n in range(2, 60)]
    drawn = _one(chain)
    assert len({m.box.column for m in drawn.marks}) == 5
    assert [m.label for m in drawn.marks][-1] == "56 further on"


def test_a_venue_is_never_bundled() -> None:
    label = Label(at("e"), "An exchange", "exchange-e", "exchange", "somebody", "", "")
    transfers = [*(_pay(n, n, 10**18) for n in range(1, 40)), move("a", "e", 10**18, 99)]
    drawn = _one(transfers, labels={at("e"): (label,)})
    assert [m.label for m in drawn.marks if m.kind == "venue"] == ["exchange-e"]


def test_a_venue_beyond_the_last_column_is_still_drawn() -> None:
    label = Label(at("e"), "An exchange", "exchange-e", "exchange", "somebody", "", "")
    steps = [move(s, t, 10, n) for n, (s, t) in enumerate(zip("abcd123456", "bcd123456e", strict=True), 1)]
    drawn = _one(steps, labels={at("e"): (label,)})
    assert [m.label for m in drawn.marks][-1] == "exchange-e"


def test_money_that_came_back_is_drawn_once_and_said() -> None:
    drawn = _one([move("a", "b", 10), move("b", "c", 6, 2), move("c", "b", 4, 3), move("b", "a", 3, 4)])
    assert sorted(m.title.split(":")[0] for m in drawn.marks if m.kind == "back") == sorted(
        [f"Came back to {at('a').display}", f"Came back to {at('b').display}"]
    )


def test_assets_are_never_added_up() -> None:
    tether = Asset("ethereum", "USDT", 6)
    drawn = panels(assess(case_of([move("a", "b", 5), move("a", "b", 7, 2, 0, tether)])), "fifo")
    assert sorted((p.asset.symbol, p.total) for p in drawn) == [("ETH", 5), ("USDT", 7)]


@settings(max_examples=60, deadline=None)
@given(ledgers("abcdef", most=25))
def test_any_ledger_can_be_drawn_under_any_policy(transfers: list[Transfer]) -> None:
    assessment = assess(case_of(transfers))
    for policy in POLICIES:
        for drawn in panels(assessment, policy):
            left = sum(b.ribbon.amount for b in drawn.bands if b.ribbon.source == at("a").text)
            assert left == drawn.total
