"""The playbooks that ship, played through with people's answers in the test's hands."""

from __future__ import annotations

import pytest

from bongsu.respond.playbook import library, load_playbook
from tests.desk.kit import KIM, LEE, Kit, position, trace

A, B, C = ("0x" + c * 40 for c in "abc")
NAMES = [
    "breached-mailbox", "crossing-a-bridge", "dormant-funds-move", "into-a-mixer", "it-worker-tenant",
    "misused-ai-account", "stolen-at-exchange", "stolen-at-issuer",
]  # fmt: skip


def begin(desk: Kit, name: str, *positions: dict[str, object], **values: str) -> None:
    desk.open(assessed=trace(*positions) if positions else None)
    desk.desk.start("c1", library()[name], KIM, values=values)
    desk.run()


def ended(desk: Kit) -> bool | None:
    return desk.state().runs["P1"].outcome


def asked(desk: Kit) -> list[tuple[str, str]]:
    return [(r.action, r.venue) for r in desk.state().requests.values()]


def answer_all(desk: Kit, says: str = "granted") -> None:
    for request in list(desk.state().requests.values()):
        if request.waits_for_approval:
            desk.desk.approve("c1", request.id, LEE, accept_gaps=True)
    desk.run()
    for request in list(desk.state().requests.values()):
        if not request.answers:
            desk.desk.answer("c1", request.id, says, LEE)


def test_the_library_is_whole_and_without_findings() -> None:
    assert sorted(library()) == NAMES
    assert {name: load_playbook(p.document).findings for name, p in library().items()} == dict.fromkeys(library(), ())


@pytest.mark.parametrize("name", NAMES)
def test_each_step_says_what_it_is(name: str) -> None:
    playbook = library()[name]
    assert playbook.description
    assert all(s.name for s in playbook.steps.values() if s.type not in {"start", "end"})


def test_stolen_at_an_exchange(desk: Kit) -> None:
    begin(desk, "stolen-at-exchange", position(A, "acme", "exchange"), position(B, "zeta", "exchange"), position(C))
    assert asked(desk) == [("freeze", "acme"), ("freeze", "zeta")]
    desk.do("Tell each desk that a request is on its way")
    answer_all(desk)
    assert ended(desk) is None
    desk.clock.on(minutes=15)
    desk.run()
    desk.do("Say what slowed it")
    assert ended(desk) is True
    assert len(desk.channel.took) == 2


def test_stolen_at_an_exchange_that_stays_silent_is_chased_after_two_weeks(desk: Kit) -> None:
    begin(desk, "stolen-at-exchange", position(A, "acme", "exchange"))
    desk.do("Tell each desk that a request is on its way")
    desk.clock.on(days=15)
    desk.run()
    assert list(desk.tasks()) == ["Chase what is unanswered"]


def test_stolen_and_at_no_exchange(desk: Kit) -> None:
    begin(desk, "stolen-at-exchange", position(C))
    assert asked(desk) == []
    assert any("no exchange that can act" in r.text for r in desk.state().remarks)
    assert list(desk.tasks()) == ["Say what slowed it"]


def at_issuer(desk: Kit) -> None:
    held = trace(position(A, "tether", "exchange", asset="USDT"))
    held.packets["tether"]["kind"] = "issuer"
    desk.open(assessed=held)
    desk.desk.start("c1", library()["stolen-at-issuer"], KIM)
    desk.run()


@pytest.mark.parametrize(("confirmed", "then"), [("yes", []), ("no", ["It was not frozen"])])
def test_stolen_at_an_issuer(desk: Kit, confirmed: str, then: list[str]) -> None:
    at_issuer(desk)
    assert asked(desk) == [("freeze", "tether")]
    desk.do("Bring the legal order")
    answer_all(desk)
    desk.clock.on(minutes=5)
    desk.run()
    desk.do("Look for the freeze on chain", __confirmed__=confirmed)
    assert list(desk.tasks()) == then
    assert ended(desk) is (True if confirmed == "yes" else None)


@pytest.mark.parametrize(("exit_is", "then"), [("found", ["Trace on"]), ("lost", [])])
def test_crossing_a_bridge(desk: Kit, exit_is: str, then: list[str]) -> None:
    begin(desk, "crossing-a-bridge", position(A, "span", "bridge"))
    assert asked(desk) == [("disclose", "span")]
    assert list(desk.state().watched) == [f"ethereum:{A}"]
    desk.do("Find the exit", __exit__=exit_is)
    assert list(desk.tasks()) == then


def test_crossing_a_bridge_where_nobody_looks_for_a_day(desk: Kit) -> None:
    begin(desk, "crossing-a-bridge", position(A, "span", "bridge"))
    desk.clock.on(days=1)
    desk.run()
    assert ended(desk) is True
    assert any("is not found" in r.text for r in desk.state().remarks)


def test_into_a_mixer_asks_nobody_and_watches(desk: Kit) -> None:
    begin(desk, "into-a-mixer", position(A, "tumbler", "mixer"), position(B), position(C, "acme", "exchange"))
    assert asked(desk) == []
    assert set(desk.state().watched) == {f"ethereum:{A}", f"ethereum:{B}"}
    assert desk.tasks() == {}
    desk.clock.on(days=1)
    desk.run()
    desk.do("Look at what came out")
    assert ended(desk) is True


@pytest.mark.parametrize(("verdict", "drafts"), [("moved", 1), ("spoof", 0), ("own", 0)])
def test_dormant_funds_move(desk: Kit, verdict: str, drafts: int) -> None:
    begin(desk, "dormant-funds-move", position(A, "acme", "exchange"), __address__=A)
    desk.do("Is it so?", __verdict__=verdict)
    assert len(asked(desk)) == drafts
    assert ended(desk) is (None if verdict == "moved" else True)


def test_dormant_funds_of_which_nobody_says_anything_count_as_moved(desk: Kit) -> None:
    begin(desk, "dormant-funds-move", position(A, "acme", "exchange"), __address__=A)
    desk.clock.on(minutes=30)
    desk.run()
    assert asked(desk) == [("freeze", "acme")]


@pytest.mark.parametrize(("forwarded", "asks"), [("true", 2), ("false", 1)])
def test_a_breached_mailbox(desk: Kit, forwarded: str, asks: int) -> None:
    begin(desk, "breached-mailbox", __mailbox__="aide@example.org", __provider__="mail-co")
    desk.do("Shut the door", __forwarding__=forwarded)
    desk.do("Warn who wrote to it")
    assert ended(desk) is True
    assert asked(desk) == [("preserve", "mail-co"), ("disclose", "mail-co")][:asks]


def test_a_mailbox_that_stays_open_goes_to_the_superior(desk: Kit) -> None:
    begin(desk, "breached-mailbox", __mailbox__="aide@example.org", __provider__="mail-co")
    desk.clock.on(hours=2)
    desk.run()
    assert list(desk.tasks()) == ["The door is still open"]


@pytest.mark.parametrize(("grounds", "asks"), [("enough", ["preserve", "suspend"]), ("thin", ["preserve"])])
def test_a_misused_ai_account(desk: Kit, grounds: str, asks: list[str]) -> None:
    begin(desk, "misused-ai-account", __account__="org-1", __provider__="model-co")
    desk.do("Judge the grounds", __grounds__=grounds)
    desk.do("Share what was learnt")
    assert ended(desk) is True
    assert [action for action, _ in asked(desk)] == asks


@pytest.mark.parametrize("finding", ["confirmed", "cleared", "open"])
def test_an_it_workers_tenant(desk: Kit, finding: str) -> None:
    begin(desk, "it-worker-tenant", __account__="dev-7", __platform__="code-co")
    desk.do("Check it fairly", __finding__=finding)
    if finding == "confirmed":
        desk.do("Close the access in one move")
        desk.do("Stop the money")
    assert ended(desk) is True
    assert ("suspend", "code-co") in asked(desk) or finding != "confirmed"
    assert ("suspend", "code-co") not in asked(desk) or finding == "confirmed"
