"""The desk and the runner: who may do what, how requests move, and that nothing leaves twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.errors import RecordError, RefusedError
from bongsu.respond.agency import Actor, read_roster
from bongsu.respond.channel import DoubtfulError, FailedError
from bongsu.respond.due import agenda
from bongsu.respond.http import HttpAnswer, Unreached, Unsure
from bongsu.respond.measures import missed, pace, shares
from bongsu.respond.playbook import read_playbook
from tests.desk.kit import KIM, LEE, Kit, ident, kit, loaded, manual, own, position, trace

from .test_playbook import SHARED, published

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A, B = "0x" + "a" * 40, "0x" + "b" * 40
DRAFT: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "action:d"},
    "action:d": own("draft freeze exchange", on_completion="end:e", out_args=["__drafted__"]),
    "end:e": {},
}
DRAFTED: dict[str, dict[str, Any]] = {"__drafted__": {"type": "integer", "value": "0"}}


def at_exchange(desk: Kit) -> None:
    """A case with a drafted request R1 to an exchange."""
    desk.open(assessed=trace(position(A, "acme", "exchange"), position(B)))
    desk.play(loaded(DRAFT, start="start:s", variables=DRAFTED))
    desk.run()


def sent(desk: Kit) -> None:
    at_exchange(desk)
    desk.desk.approve("c1", "R1", LEE)
    desk.run()


# -- requests ----------------------------------------------------------------------------------------------------------


def test_a_request_is_drafted_approved_sent_answered_and_each_time_is_kept(desk: Kit) -> None:
    at_exchange(desk)
    assert desk.state().requests["R1"].state == "drafted"
    desk.clock.on(minutes=10)
    desk.desk.approve("c1", "R1", LEE)
    desk.clock.on(minutes=5)
    desk.run()
    desk.clock.on(hours=2)
    desk.desk.answer("c1", "R1", "acknowledged", LEE, reference="T-1")
    desk.clock.on(hours=2)
    desk.desk.answer("c1", "R1", "partly", LEE, reference="T-1", frozen={"ETH": "4"}, note="the rest had left")
    state = desk.state()
    assert state.requests["R1"].state == "partly"
    (packet,) = desk.channel.took
    assert (packet.key, packet.files) == ("c1/R1@1", {"letter.en.txt": b"Dear desk"})
    assert (pace(state).drafted, pace(state).approved, pace(state).sent, pace(state).answered) == (0, 10, 15, 135)
    (share,) = shares(state)
    assert [share.traced, *share.can_act, *share.asked, share.frozen] == [20, 10, 10, 10, 10, 4]


def test_nothing_leaves_before_it_is_approved(desk: Kit) -> None:
    at_exchange(desk)
    desk.run()
    assert desk.channel.tries == 0


def test_nobody_approves_their_own_draft_and_the_refusal_is_logged(desk: Kit) -> None:
    at_exchange(desk)
    for me in (KIM, Actor("kim", "nso")):
        with pytest.raises(RefusedError, match="four eyes"):
            desk.desk.approve("c1", "R1", me)
    refused = [e for e in desk.log.read("c1") if e.kind == "refused"]
    assert [(e.actor, e.data["right"]) for e in refused] == [("kim@police", "approve"), ("kim@nso", "approve")]


def test_a_second_draft_of_the_same_is_not_made(desk: Kit) -> None:
    at_exchange(desk)
    desk.play(loaded(DRAFT, start="start:s", variables=DRAFTED))
    desk.run()
    assert list(desk.state().requests) == ["R1"]


def test_a_retrace_amends_an_open_request_instead_of_repeating_it(desk: Kit) -> None:
    sent(desk)
    again = trace(position(A, "acme", "exchange"), position(B, "acme", "exchange"))
    desk.desk.reassess("c1", again, KIM)
    request = desk.state().requests["R1"]
    assert (request.version, request.sent, request.state, len(request.items)) == (2, 1, "sent", 2)
    desk.run()
    assert len(desk.channel.took) == 1
    desk.desk.approve("c1", "R1", LEE)
    desk.run()
    assert [p.key for p in desk.channel.took] == ["c1/R1@1", "c1/R1@2"]
    assert "amendment 2" in desk.channel.took[1].subject


def test_a_retrace_that_finds_the_same_amends_nothing(desk: Kit) -> None:
    sent(desk)
    desk.desk.reassess("c1", trace(position(A, "acme", "exchange"), position(B)), KIM)
    assert desk.state().requests["R1"].version == 1


def test_an_approval_does_not_cover_an_amendment(desk: Kit) -> None:
    at_exchange(desk)
    desk.desk.approve("c1", "R1", LEE)
    desk.desk.reassess("c1", trace(position(A, "acme", "exchange"), position(B, "acme", "exchange")), KIM)
    desk.run()
    assert desk.state().requests["R1"].state == "drafted"
    assert desk.channel.took == []


def test_a_venue_that_answers_twice_is_recorded_twice_and_counted_once(desk: Kit) -> None:
    sent(desk)
    for _ in range(2):
        desk.desk.answer("c1", "R1", "granted", LEE, reference="T-1", frozen={"ETH": "10"})
    state = desk.state()
    assert [a.says for a in state.requests["R1"].answers] == ["granted", "granted"]
    assert [e.data["repeats"] for e in desk.log.read("c1") if e.kind == "request.answered"] == [False, True]
    assert shares(state)[0].frozen == 10


def test_a_late_acknowledgement_does_not_undo_an_answer(desk: Kit) -> None:
    sent(desk)
    desk.desk.answer("c1", "R1", "granted", LEE)
    desk.desk.answer("c1", "R1", "acknowledged", LEE)
    assert desk.state().requests["R1"].state == "granted"


def test_an_answer_to_what_was_never_sent_is_refused(desk: Kit) -> None:
    at_exchange(desk)
    with pytest.raises(RecordError, match="has not been sent"):
        desk.desk.answer("c1", "R1", "granted", LEE)


def test_an_answer_about_another_asset_is_refused(desk: Kit) -> None:
    sent(desk)
    with pytest.raises(RecordError, match="not about BTC"):
        desk.desk.answer("c1", "R1", "granted", LEE, frozen={"BTC": "1"})


def test_what_could_be_asked_and_was_not_is_named(desk: Kit) -> None:
    desk.open(assessed=trace(position(A, "acme", "exchange")))
    assert missed(desk.state()) == ["Acme: nobody drafted a request (1 addresses)"]


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_a_draft_that_rests_is_told_to_those_who_may_approve_and_again_later(desk: Kit) -> None:
    at_exchange(desk)
    desk.clock.on(minutes=29)
    assert desk.run() == []
    desk.clock.on(minutes=1)
    assert desk.run() == ["R1 rests as drafted: nso, nis, police, mofa should act"]
    assert desk.run() == []
    desk.clock.on(hours=5)
    desk.run()
    levels = [e.data["level"] for e in desk.log.read("c1") if e.kind == "request.rung"]
    assert levels == [1, 11]


def test_a_request_without_an_answer_expires(desk: Kit) -> None:
    sent(desk)
    desk.clock.on(days=31)
    desk.run()
    assert desk.state().requests["R1"].state == "expired"
    assert desk.run() == []
    assert missed(desk.state()) == ["Acme: freeze expired (no answer)"]


def test_the_agenda_has_the_earliest_first(desk: Kit) -> None:
    at_exchange(desk)
    desk.play(
        loaded(
            {
                "start:s": {"on_completion": "action:a"},
                "action:a": manual(on_completion="end:e", timeout=60_000),
                "end:e": {},
            },
            start="start:s",
        )
    )
    assert next((d.what, d.subject) for d in agenda(desk.state())) == ("task", "P2.2.0")


# -- deliveries --------------------------------------------------------------------------------------------------------


def approved(desk: Kit) -> None:
    at_exchange(desk)
    desk.desk.approve("c1", "R1", LEE)


def test_a_failed_delivery_is_tried_again_later_and_later_and_then_laid_before_a_person(desk: Kit) -> None:
    approved(desk)
    desk.channel.raises = [FailedError("no route")] * 20
    waits = []
    for _ in range(40):
        before = desk.channel.tries
        desk.run()
        if desk.channel.tries > before:
            waits.append(desk.clock.now)
        attempt = desk.state().attempts["c1/R1@1"]
        if attempt.state == "dead":
            break
        assert attempt.again_at is not None
        desk.clock.now = attempt.again_at
    gaps = [int((b - a) / timedelta(minutes=1)) for a, b in pairwise(waits)]
    assert gaps == [1, 5, 15, 60, 240, 720]
    assert [d.what for d in agenda(desk.state())].count("dead") == 1
    desk.run()
    assert desk.channel.tries == 7
    desk.channel.raises = []
    desk.desk.answer("c1", "c1/R1@1", "again", LEE)
    desk.run()
    assert [p.key for p in desk.channel.took] == ["c1/R1@1"]


def test_what_would_fail_for_good_is_laid_before_a_person_at_once(desk: Kit) -> None:
    approved(desk)
    desk.channel.raises = [FailedError("no such desk", final=True)]
    desk.run()
    assert desk.state().attempts["c1/R1@1"].state == "dead"


def test_what_may_have_arrived_is_not_sent_again_until_a_person_says_so(desk: Kit) -> None:
    approved(desk)
    desk.channel.repeatable = False
    desk.channel.raises = [DoubtfulError("no answer")]
    desk.run()
    desk.clock.on(days=1)
    desk.run()
    assert desk.channel.tries == 1
    assert "doubtful" in [d.what for d in agenda(desk.state())]
    desk.desk.answer("c1", "c1/R1@1", "arrived", LEE, note="they called")
    assert desk.state().requests["R1"].state == "sent"
    desk.run()
    assert desk.channel.tries == 1


class Killed(BaseException):
    """The process is gone at this point."""


@pytest.mark.parametrize(("repeatable", "tries"), [(True, 2), (False, 1)])
def test_a_process_that_died_while_sending(desk: Kit, repeatable: bool, tries: int) -> None:
    approved(desk)
    desk.channel.repeatable = repeatable
    desk.channel.raises = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        desk.run()
    desk.run()
    assert desk.channel.tries == tries
    assert desk.state().attempts["c1/R1@1"].state == ("done" if repeatable else "doubtful")


def test_another_process_that_is_still_trying_is_left_alone(desk: Kit) -> None:
    from dataclasses import replace

    approved(desk)
    desk.channel.raises = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        desk.run()
    other = replace(desk.runner, me="there:2", alive=lambda _name: True)
    other.run("c1", KIM)
    assert desk.channel.tries == 1
    desk.clock.on(minutes=1)  # its claim has ended
    other.run("c1", KIM)
    assert desk.channel.tries == 2


def test_only_those_who_may_send_send(desk: Kit) -> None:
    approved(desk)
    desk.run(actor=LEE)
    assert desk.channel.tries == 0
    desk.run(actor=KIM)
    assert desk.channel.tries == 1


# -- rights ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "right"), [("park@mofa", "run"), ("park@mnd", "approve"), ("park@mnd", "close")])
def test_an_agency_without_the_right_is_refused_and_logged(desk: Kit, who: str, right: str) -> None:
    at_exchange(desk)
    actor = read_roster().actor(who)
    verbs: dict[str, Callable[[], object]] = {
        "run": lambda: desk.desk.start("c1", loaded(DRAFT, start="start:s", variables=DRAFTED), actor),
        "approve": lambda: desk.desk.approve("c1", "R1", actor),
        "close": lambda: desk.desk.close("c1", "done", actor),
    }
    with pytest.raises(RefusedError):
        verbs[right]()
    assert [(e.actor, e.data["right"]) for e in desk.log.read("c1") if e.kind == "refused"] == [(who, right)]


def test_opening_without_the_right_is_refused_and_logged_at_the_desk(desk: Kit) -> None:
    with pytest.raises(RefusedError):
        desk.desk.open("c9", "x", Actor("park", "mnd"))
    assert desk.kinds("desk") == ["refused"]
    assert desk.kinds("c9") == []


def test_a_case_for_some_agencies_is_not_seen_by_others(desk: Kit) -> None:
    desk.desk.open("c1", "quiet", KIM, agencies=["nis"])
    assert desk.desk.cases(LEE) == []
    assert len(desk.desk.cases(Actor("x", "nis"))) == 1
    with pytest.raises(RefusedError, match="not for nso"):
        desk.desk.state("c1", LEE)
    assert desk.kinds()[-1] == "refused"


def test_a_compartment_hides_what_is_in_it_and_the_chain_still_verifies(desk: Kit, tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    file.write_text(
        '[[agency]]\nid="police"\nname="P"\nrights=["open","see","note"]\n'
        '[[agency]]\nid="nso"\nname="N"\nrights=["see","note"]\n'
        '[[compartment]]\nname="humint"\nmembers=["police"]\n',
        encoding="utf-8",
    )
    from dataclasses import replace

    roster = read_roster(file)
    held = replace(desk.desk, roster=roster)
    held.open("c1", "x", KIM)
    held.note("c1", "a source says", KIM, compartment="humint")
    seen = {who.agency: [open_to for _, open_to in held.history("c1", who)] for who in (KIM, LEE)}
    assert seen == {"police": [True, True], "nso": [True, False]}
    with pytest.raises(RefusedError, match="outside"):
        held.note("c1", "me too", LEE, compartment="humint")
    desk.log.verify("c1")


def test_people_who_are_listed_are_the_only_ones(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        '[[agency]]\nid="police"\nname="P"\nrights=["see","approve"]\n[[person]]\nid="kim"\nagency="police"\nrights=["see"]\n',
        encoding="utf-8",
    )
    roster = read_roster(file)
    assert roster.may(roster.actor("kim@police"), "see")
    assert not roster.may(roster.actor("kim@police"), "approve")
    with pytest.raises(RecordError):
        roster.actor("lee@police")


def test_the_six_bodies_of_the_strategy_ship() -> None:
    assert set(read_roster().agencies) == {"nso", "nis", "police", "mofa", "mnd", "msit"}


def test_a_closed_case_takes_nothing_more(desk: Kit) -> None:
    at_exchange(desk)
    desk.desk.close("c1", "recovered", KIM)
    with pytest.raises(RecordError, match="closed"):
        desk.desk.note("c1", "more", KIM)
    assert desk.run() == []


# -- commands ----------------------------------------------------------------------------------------------------------

TARGET = ident("http-api", "t")
HTTP: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "action:h"},
    "action:h": {
        "commands": [{"type": "http-api", "command": "POST /block HTTP/1.1", "content": "__x__:value"}],
        "targets": [TARGET],
        "out_args": ["__ticket__"],
        "on_success": "end:e",
        "on_failure": "action:f",
    },
    "action:f": manual(on_completion="end:f"),
    "end:e": {},
    "end:f": {},
}
HTTP_MORE: dict[str, Any] = {
    "variables": {"__x__": {"type": "string", "value": "v"}, "__ticket__": {"type": "string", "value": ""}},
    "target_definitions": {TARGET: {"type": "http-api", "name": "t", "address": {"url": ["https://t.example"]}}},
}


def with_command(desk: Kit, method: str = "POST") -> None:
    desk.open()
    steps = {k: dict(v) for k, v in HTTP.items()}
    steps["action:h"]["commands"] = [
        {"type": "http-api", "command": f"{method} /block HTTP/1.1", "content": "__x__:value"}
    ]
    desk.play(loaded(steps, start="start:s", **HTTP_MORE))
    desk.run()


def test_a_command_that_leaves_the_house_waits_for_a_second_person(desk: Kit) -> None:
    with_command(desk)
    assert desk.http.asked == []
    with pytest.raises(RefusedError, match="four eyes"):
        desk.desk.approve("c1", "P1.2.0", KIM)
    desk.desk.approve("c1", "P1.2.0", LEE)
    desk.http.answer = HttpAnswer(201, {}, b'{"ticket": 7}')
    desk.run()
    (asked,) = desk.http.asked
    assert (asked.method, asked.url, asked.body) == ("POST", "https://t.example/block", b"v")
    assert asked.headers["Idempotency-Key"] == "c1/P1.2.0"
    run = desk.state().runs["P1"]
    assert (run.outcome, run.values["__ticket__"]) == (True, "7")


@pytest.mark.parametrize(
    ("method", "error", "ends"),
    [("POST", Unreached("no"), "on_failure"), ("POST", Unsure("no"), "doubt"), ("PUT", Unsure("no"), "on_failure")],
)
def test_a_command_without_an_answer(desk: Kit, method: str, error: Exception, ends: str) -> None:
    with_command(desk, method)
    desk.desk.approve("c1", "P1.2.0", LEE)
    desk.http.raises = [error]
    desk.run()
    desk.run()
    assert len(desk.http.asked) == 1
    assert ("f" in desk.tasks()) is (ends == "on_failure")
    assert ("doubtful" in [d.what for d in agenda(desk.state())]) is (ends == "doubt")


def test_an_answer_that_is_no_success_goes_to_on_failure(desk: Kit) -> None:
    with_command(desk)
    desk.desk.approve("c1", "P1.2.0", LEE)
    desk.http.answer = HttpAnswer(503, {}, b"")
    desk.run()
    assert "f" in desk.tasks()


@pytest.mark.parametrize("kind", ["bash", "ssh", "powershell", "jupyter", "pong"])
def test_commands_that_run_programs_are_refused_and_the_log_says_so(desk: Kit, kind: str) -> None:
    desk.open()
    command = {"type": kind, "command": "x", "command_b64": "eA=="}
    desk.play(
        loaded(
            {
                "start:s": {"on_completion": "action:a"},
                "action:a": {"commands": [command], "on_completion": "end:e"},
                "end:e": {},
            },
            start="start:s",
        )
    )
    desk.run()
    assert desk.state().runs["P1"].outcome is False
    (event,) = [e for e in desk.log.read("c1") if e.kind == "command.done"]
    assert "refused by policy" in event.data["why"]


def test_a_value_cannot_become_a_second_word_of_a_command(desk: Kit) -> None:
    desk.open()
    desk.play(
        loaded(
            {
                "start:s": {"on_completion": "action:a"},
                "action:a": own("ask suspend mail __who__:value", on_completion="end:e"),
                "end:e": {},
            },
            start="start:s",
            variables={"__who__": {"type": "string", "external": True}},
        ),
        __who__="a@b' 'c d",
    )
    desk.run()
    assert [i["subject"] for i in desk.state().requests["R1"].items] == ["a@b' 'c d"]


def test_a_playbook_with_errors_runs_only_if_they_are_accepted_and_the_log_says_so(desk: Kit) -> None:
    desk.open()
    broken = loaded(
        {"start:s": {"on_completion": "action:a"}, "action:a": manual(on_completion="end:e"), "end:e": {}},
        start="start:s",
        priority=999,
    )
    with pytest.raises(RecordError, match="has 1 errors"):
        desk.desk.start("c1", broken, KIM)
    desk.desk.start("c1", broken, KIM, accept_errors=True)
    assert len(desk.log.read("c1")[-1].data["accepted"]) == 1


def test_a_playbook_out_of_its_time_is_not_run(desk: Kit) -> None:
    desk.open()
    old = loaded(
        {"start:s": {"on_completion": "action:a"}, "action:a": manual(on_completion="end:e"), "end:e": {}},
        start="start:s",
        valid_until="2020-01-01T00:00:00.000Z",
    )
    with pytest.raises(RecordError, match="valid until 2020"):
        desk.desk.start("c1", old, KIM)


def test_a_run_goes_on_from_the_log_whatever_became_of_the_file(desk: Kit, tmp_path: Path) -> None:
    import json

    from tests.desk.kit import book

    path = tmp_path / "p.json"
    path.write_text(
        json.dumps(
            book(
                {"start:s": {"on_completion": "action:a"}, "action:a": manual(on_completion="end:e"), "end:e": {}},
                start="start:s",
            )
        ),
        encoding="utf-8",
    )
    desk.open()
    desk.play(read_playbook(path))
    path.unlink()
    desk.clock.on(weeks=3)
    desk.do("a")
    assert desk.state().runs["P1"].outcome is True


def test_a_delay_of_days_ends_at_its_time(desk: Kit) -> None:
    desk.open()
    steps = {
        "start:s": {"on_completion": "action:a"},
        "action:a": own("note late", delay=3 * 86_400_000, on_completion="end:e"),
        "end:e": {},
    }
    desk.play(loaded(steps, start="start:s"))
    desk.run()
    desk.clock.on(days=2)
    desk.run()
    assert desk.state().runs["P1"].outcome is None
    desk.clock.on(days=1)
    desk.run()
    assert desk.state().runs["P1"].outcome is True


def test_with_the_clock_set_back_nothing_is_lost_and_nothing_is_sent_twice(desk: Kit) -> None:
    approved(desk)
    desk.clock.on(hours=-6)
    desk.run()
    desk.run()
    assert desk.channel.tries == 1
    assert "clock.set_back" in desk.kinds()
    desk.log.verify("c1")


@pytest.mark.skipif(not published(), reason="the published playbooks ($BONGSU_SHARED/cacao) are not at hand")
@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("soarca_examples_http-playbook.json", True),
        ("soarca_examples_openc2-playbook.json", True),
        ("soarca_examples_manual-playbook.json", True),
        ("oasis_spec-3.1-example.json", True),
        ("oasis_basic-example-1.json", False),
        ("soarca_examples_ssh-playbook.json", False),
        ("soarca_examples_powershell-playbook.json", False),
        ("oasis_locky-bart-mbc-examples.json", False),
        ("soarca_examples_fin-playbook.json", False),
        ("oasis_playbook--aa1898b6-5251-49b4-aeb7-fd5e912583ff.json", False),
    ],
)
def test_the_published_playbooks_run_where_their_commands_are_allowed(desk: Kit, name: str, ends: bool) -> None:
    desk.open()
    desk.desk.start("c1", read_playbook(SHARED / "cacao" / name), KIM, accept_errors=True)
    for _ in range(20):
        desk.run()
        for run in desk.state().runs.values():
            for job in run.jobs:
                if job.type == "manual":
                    desk.desk.answer("c1", job.key, "done", LEE, values=dict.fromkeys(job.out_args, "true"))
                elif job.key not in desk.state().approved_commands:
                    desk.desk.approve("c1", job.key, LEE)
    assert desk.state().runs["P1"].outcome is ends


def test_two_runners_share_a_case_and_send_each_request_once(url: str) -> None:
    import threading

    from bongsu.store.engine import open_engine

    engine = open_engine(url)
    first = kit(engine)
    venues = [position(f"0x{i:040x}", f"v{i}", "exchange") for i in range(8)]
    first.open(assessed=trace(*venues))
    first.play(loaded(DRAFT, start="start:s", variables=DRAFTED))
    first.run()
    for request in first.state().requests.values():
        first.desk.approve("c1", request.id, LEE)
    other = open_engine(url)
    second = kit(other)
    from dataclasses import replace

    runners = [
        replace(first.runner, alive=lambda _n: True),
        replace(second.runner, me="there:2", alive=lambda _n: True),
    ]
    threads = [threading.Thread(target=r.run, args=("c1", KIM)) for r in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [p.key for p in (*first.channel.took, *second.channel.took)]
    assert sorted(keys) == sorted({f"c1/R{n}@1" for n in range(1, 9)})
    first.log.verify("c1")
    engine.dispose()
    other.dispose()
