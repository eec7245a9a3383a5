"""Each detector finds what was planted in worlds it has not seen, and says why; none joins the two sides of a mixer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer
from bongsu.testing.simulator import World, simulate
from bongsu.trace.commingling import matrix, meetings
from bongsu.trace.pattern import Scene
from bongsu.trace.patterns import DETECTORS
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from bongsu.trace.pattern import Finding

ETH = Asset("ethereum", "ETH", 0, None, native=True)
START = datetime(2025, 1, 1, tzinfo=UTC)
SEEDS = [101, 202]


def who(number: int) -> Address:
    return Address("ethereum", f"0x{number:040x}")


def moves(*rows: tuple[int, int, int, float]) -> list[Transfer]:
    return [
        Transfer(
            Record("t", n), f"0x{n:064x}", who(a), who(b), ETH, x, block=n, index=0, time=START + timedelta(days=day)
        )
        for n, (a, b, x, day) in enumerate(rows)
    ]


def find(name: str, transfers: list[Transfer], venues: dict[int, str] | None = None, thefts: int = 1) -> list[Finding]:
    sources = {who(n): f"theft-{n}" for n in range(1, thefts + 1)}
    return list(DETECTORS[name].detect(Scene(transfers, sources, {who(n): v for n, v in (venues or {}).items()})))


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    return simulate(request.param, background=1_000)


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "mixer"])
def test_a_detector_finds_every_plain_form_of_its_habit(world: World, name: str) -> None:
    scene = Scene(world.transfers, world.thefts, world.venues, world.mixers)
    planted = {t.subject for t in world.truth if t.detector == name and t.how == "plain"}
    assert planted
    assert planted <= {f.subject for f in DETECTORS[name].detect(scene) if f.confidence >= 0.5}


@pytest.mark.parametrize("name", ["fan-out", "fan-in", "dormant", "gas-funding"])
def test_people_who_were_paid_in_good_faith_are_seldom_taken_for_thieves(world: World, name: str) -> None:
    scene = Scene(world.transfers, world.thefts, world.venues, world.mixers)
    planted = {t.subject for t in world.truth if t.detector == name}
    found = {f.subject for f in DETECTORS[name].detect(scene) if f.confidence >= 0.5}
    assert len(found - planted) <= 1


def test_mixer_candidates_with_two_mistakes_rank_above_every_stranger(world: World) -> None:
    scene = Scene(world.transfers, world.thefts, world.venues, world.mixers)
    how = {m: t.how for t in world.truth for m in t.members}
    for finding in DETECTORS["mixer"].detect(scene):
        place = {c.address: n for n, c in enumerate(finding.candidates)}
        strangers = [n for who, n in place.items() if who not in how]
        clumsy = [n for who, n in place.items() if how.get(who) == "two mistakes"]
        assert max(clumsy, default=-1) < min(strangers, default=len(place))
        assert all(c.confidence < 1 and c.reasons and c.evidence for c in finding.candidates)


def test_who_takes_a_note_is_as_likely_a_thief_as_the_notes_before_were_stolen() -> None:
    rows = [(1, 10, 500, 0), (10, 99, 100, 1), *[(n, 99, 100, 1.1) for n in range(20, 20 + 1)], (99, 50, 100, 2)]
    scene = Scene(moves(*rows), {who(1): "theft"}, {who(99): "mixer"}, frozenset({who(99)}))
    (finding,) = DETECTORS["mixer"].detect(scene)
    assert [(c.address, c.confidence) for c in finding.candidates] == [(who(50), 0.25)]
    assert finding.candidates[0].reasons == ("1 of the 2 such notes deposited in the 10 days before were the matter's",)


def test_receivers_whose_money_meets_another_with_a_tie_rank_above_those_without() -> None:
    rows = [(1, 10, 900, 0), (10, 40, 1, 0.1), *[(n, 99, 100, 0.2) for n in (10, 20, 21, 22, 23, 24, 25, 26)]]
    rows += [(40, 50, 1, 1), *[(99, n, 100, 2) for n in (50, 51, 52)], (50, 60, 99, 3), (51, 60, 99, 3)]
    scene = Scene(moves(*rows), {who(1): "theft"}, {who(99): "mixer"}, frozenset({who(99)}))
    (finding,) = DETECTORS["mixer"].detect(scene)
    assert [c.address for c in finding.candidates] == [who(50), who(51)]


def test_the_same_seed_gives_the_same_world() -> None:
    assert simulate(7, background=50) == simulate(7, background=50)


def test_three_continuations_make_a_peel_chain_and_two_do_not() -> None:
    chain = [(1, 10, 1000, 0), (10, 11, 900, 1), (10, 90, 100, 1), (11, 12, 800, 2), (11, 91, 100, 2)]
    assert not find("peel-chain", moves(*chain))
    (finding,) = find("peel-chain", moves(*chain, (12, 13, 700, 3), (12, 92, 100, 3)))
    assert finding.subject == who(10)
    assert len(finding.evidence) == 6


def test_a_payment_to_known_receivers_is_no_fan_out() -> None:
    fan = [(1, n, 10, 0.1) for n in range(10, 20)]
    assert find("fan-out", moves(*fan))
    assert not find("fan-out", moves(*[(50, n, 100, 0.0) for n in range(10, 20)], *fan))


def test_receivers_that_were_given_gas_beforehand_make_a_fan_out() -> None:
    fan = [(1, n, 100, 0.1) for n in range(10, 20)]
    assert find("fan-out", moves(*[(50, n, 1, 0.0) for n in range(10, 20)], *fan))


def test_who_deals_with_strangers_is_a_bystander_and_what_he_pays_is_followed_no_further() -> None:
    theft = [(1, 10, 100, 5), *[(10, n, 10, 6) for n in range(20, 30)]]
    strangers = [(n, 10, 20, n / 100) for n in (50, 51, 52)]
    assert [f.subject for f in find("fan-out", moves(*theft))] == [who(10)]
    scene = Scene(moves(*strangers, *theft), {who(1): "theft"}, {})
    assert scene.bystanders == {who(10)}
    assert not scene.concerns(who(10))
    assert not any(scene.concerns(who(n)) for n in range(20, 30))


def test_dust_from_strangers_makes_no_life_of_ones_own() -> None:
    dust = [(n, 10, 1, n / 100) for n in (50, 51, 52)]
    assert not Scene(moves(*dust, (1, 10, 500, 5)), {who(1): "theft"}, {}).bystanders


def test_who_pays_wages_out_of_stolen_money_is_a_weak_fan_out() -> None:
    (finding,) = find("fan-out", moves((1, 10, 1000, 0), *[(10, n, 30, 1) for n in range(20, 30)]))
    assert finding.confidence < 0.5


def test_a_fan_out_is_found_wherever_the_day_begins() -> None:
    early = [(1, n, 10, 0.0) for n in range(10, 14)]
    rest = [(1, n, 10, 0.99 + n / 1000) for n in range(14, 24)]
    (finding,) = find("fan-out", moves(*early, *rest))
    assert len(finding.evidence) >= 10


def test_an_amount_that_nobody_else_deposits_is_no_denomination() -> None:
    def notes(amount: int) -> list[Finding]:
        transfers = moves((1, 10, 5000, 0), (10, 99, amount, 1), (99, 11, amount, 2))
        scene = Scene(transfers, {who(1): "theft"}, {who(99): "mixer"}, frozenset({who(99)}))
        return list(DETECTORS["mixer"].detect(scene))

    assert not notes(1234)
    assert [c.address for c in notes(1000)[0].candidates] == [who(11)]


def test_a_rest_of_a_month_ends_with_the_first_payment() -> None:
    assert not find("dormant", moves((1, 10, 5, 0), (10, 11, 5, 29)))
    assert [f.subject for f in find("dormant", moves((1, 10, 5, 0), (10, 11, 5, 31)))] == [who(10)]


def test_a_little_spent_after_a_long_time_is_weaker_than_the_bulk() -> None:
    (little,) = find("dormant", moves((1, 10, 100, 0), (10, 11, 5, 60)))
    (bulk,) = find("dormant", moves((1, 10, 100, 0), (10, 11, 5, 60), (10, 12, 60, 61)))
    assert little.confidence < 0.5 < bulk.confidence
    assert len(bulk.evidence) == 3


def test_an_address_that_takes_ordinary_money_is_not_at_rest() -> None:
    assert not find("dormant", moves((1, 10, 100, 0), (50, 10, 40, 20), (10, 11, 90, 40)))


def test_a_deposit_address_of_one_theft_is_not_common() -> None:
    rows = [(1, 10, 5, 0), (10, 99, 5, 1)]
    assert not find("common-deposit", moves(*rows), {99: "exchange"}, thefts=2)
    rows += [(2, 10, 5, 2), (10, 99, 5, 3)]
    (finding,) = find("common-deposit", moves(*rows), {99: "exchange"}, thefts=2)
    assert finding.thefts == ("theft-1", "theft-2")


def test_a_look_alike_of_a_counterparty_is_told_from_the_genuine_one() -> None:
    genuine, fake = (Address("ethereum", f"0xabcd{'0' * 31}{digit}beef") for digit in "12")
    paid = moves((1, 10, 5000, 0), (10, 11, 5000, 1), (12, 10, 1, 2))
    paid[1] = replace(paid[1], receiver=genuine)
    paid[2] = replace(paid[2], sender=fake)
    assert [f.subject for f in find("address-poisoning", paid)] == [fake]


def test_thefts_meet_once_and_what_flows_on_proves_nothing_new() -> None:
    rows = moves((1, 10, 5, 0), (2, 11, 5, 0), (10, 12, 5, 1), (11, 12, 5, 2), (12, 13, 10, 3))
    trace = run(POLICIES["fifo"], rows, {who(1): "a", who(2): "b"}, {})
    found = meetings(trace, {})
    assert [(m.address, m.first) for m in found] == [(who(12), True), (who(13), False)]
    assert found[0].completed.tx == rows[3].tx
    assert {pair: len(cell) for pair, cell in matrix(found).items()} == {("a", "b"): 1}


def test_a_pool_at_which_two_thieves_swap_is_no_meeting() -> None:
    tin = Asset("ethereum", "TIN", 0)
    rows = moves((1, 10, 5, 0), (2, 11, 5, 0), (10, 50, 5, 1), (50, 10, 7, 1), (11, 50, 5, 2), (50, 11, 7, 2))
    rows = [replace(t, tx=f"swap-{n // 2}", asset=tin if t.sender == who(50) else ETH) for n, t in enumerate(rows)]
    rows[0], rows[1] = replace(rows[0], tx="a"), replace(rows[1], tx="b")
    thefts = {who(1): "a", who(2): "b"}
    assert [m.address for m in meetings(run(POLICIES["fifo"], rows, thefts, {}), {})] == [who(50)]
    assert not meetings(run(POLICIES["fifo"], rows, thefts, {}, swaps=True), {})


def test_a_meeting_at_a_venue_ties_nobody() -> None:
    rows = moves((1, 10, 5, 0), (2, 10, 5, 0))
    trace = run(POLICIES["fifo"], rows, {who(1): "a", who(2): "b"}, {who(10): "exchange"})
    found = meetings(trace, {who(10): "exchange"})
    assert [m.venue for m in found] == ["exchange"]
    assert not matrix(found)


ROW = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(0, 300), st.floats(0, 100))


@given(st.lists(ROW, max_size=60), st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_ledger_however_odd_breaks_a_detector(rows: list[tuple[int, int, int, float]], timed: bool) -> None:
    transfers = moves(*rows) if timed else [replace(t, time=None) for t in moves(*rows)]
    scene = Scene(transfers, {who(1): "a", who(2): "b"}, {who(3): "x", who(4): "mixer"}, frozenset({who(4)}))
    for detector in DETECTORS.values():
        for finding in detector.detect(scene):
            assert 0 <= finding.confidence < 1
