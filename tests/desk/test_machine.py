"""The interpreter: all eight step types, and what CACAO leaves open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.errors import RecordError
from bongsu.respond.machine import Machine, fits
from tests.desk.kit import NOON, book, ident, loaded, manual

if TYPE_CHECKING:
    from bongsu.respond.playbook import Playbook

END: dict[str, Any] = {}


def machine(playbook: Playbook, nested: dict[str, Playbook] | None = None, **values: str) -> Machine:
    return Machine("P1", playbook, nested or {}, NOON, values)


def titles(m: Machine) -> list[str]:
    return [job.title for job in m.jobs]


def done(m: Machine, title: str, ok: bool = True, why: str = "", **values: str) -> None:
    key = next(job.key for job in m.jobs if job.title == title)
    assert m.done(key, NOON, ok=ok, values=values, why=why)


def test_actions_follow_each_other_to_the_end() -> None:
    m = machine(
        loaded(
            {
                "start:s": {"on_completion": "action:a"},
                "action:a": manual(on_completion="action:b"),
                "action:b": manual(on_success="end:e"),
                "end:e": END,
            },
            start="start:s",
        )
    )
    assert titles(m) == ["a"]
    done(m, "a")
    assert titles(m) == ["b"]
    done(m, "b")
    assert m.outcome is True
    assert [p.title for p in m.trail] == ["s", "a", "b", "e"]


def test_commands_of_a_step_run_one_after_the_other_and_see_what_the_one_before_set() -> None:
    step = {
        "commands": [{"type": "manual", "command": "first"}, {"type": "manual", "command": "second __x__:value"}],
        "out_args": ["__x__"],
        "on_completion": "end:e",
    }
    m = machine(
        loaded(
            {"start:s": {"on_completion": "action:a"}, "action:a": step, "end:e": END},
            start="start:s",
            variables={"__x__": {"type": "string", "value": "old"}},
        )
    )
    assert [j.text for j in m.jobs] == ["first"]
    done(m, "a", __x__="new")
    assert [j.text for j in m.jobs] == ["second new"]


PARALLEL: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "parallel:p"},
    "parallel:p": {"next_steps": ["action:a", "action:b"], "on_success": "action:after", "on_failure": "action:mend"},
    "action:a": manual(on_completion="end:a"),
    "action:b": manual(on_completion="end:b"),
    "action:after": manual(on_completion="end:e"),
    "action:mend": manual(on_completion="end:f"),
    "end:a": END,
    "end:b": END,
    "end:e": END,
    "end:f": END,
}


def test_parallel_branches_are_open_at_the_same_time_and_all_are_waited_for() -> None:
    m = machine(loaded(PARALLEL, start="start:s"))
    assert titles(m) == ["a", "b"]
    done(m, "b")
    assert titles(m) == ["a"]
    done(m, "a")
    assert titles(m) == ["after"]


def test_a_branch_that_fails_lets_the_others_finish_and_then_fails_the_parallel_step() -> None:
    m = machine(loaded(PARALLEL, start="start:s"))
    done(m, "a", ok=False, why="no")
    assert titles(m) == ["b"]
    done(m, "b")
    assert titles(m) == ["mend"]


IF: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "if-condition:i"},
    "if-condition:i": {
        "condition": "__n__:value > 3",
        "on_true": "action:yes",
        "on_false": "action:no",
        "on_completion": "action:after",
    },
    "action:yes": manual(on_completion="end:y"),
    "action:no": manual(on_completion="end:n"),
    "action:after": manual(on_completion="end:e"),
    "end:y": END,
    "end:n": END,
    "end:e": END,
}


@pytest.mark.parametrize(("n", "way"), [("4", "yes"), ("3", "no")])
def test_an_if_takes_one_branch_and_comes_back(n: str, way: str) -> None:
    m = machine(loaded(IF, start="start:s", variables={"__n__": {"type": "integer", "external": True}}), __n__=n)
    assert titles(m) == [way]
    done(m, way)
    assert titles(m) == ["after"]


def test_an_if_without_on_false_goes_on() -> None:
    steps = {k: dict(v) for k, v in IF.items() if k not in {"action:no", "end:n"}}
    del steps["if-condition:i"]["on_false"]
    m = machine(loaded(steps, start="start:s", variables={"__n__": {"type": "integer", "value": "0"}}))
    assert titles(m) == ["after"]


WHILE: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "while-condition:w"},
    "while-condition:w": {"condition": "__n__:value < 3", "on_true": "action:a", "on_completion": "end:e"},
    "action:a": manual(on_completion="end:a", out_args=["__n__"]),
    "end:a": END,
    "end:e": END,
}
N: dict[str, dict[str, Any]] = {"__n__": {"type": "integer", "value": "0"}}


def test_a_while_goes_round_until_its_condition_no_longer_holds() -> None:
    m = machine(loaded(WHILE, start="start:s", variables=N))
    for n in "123":
        assert m.outcome is None
        done(m, "a", __n__=n)
    assert m.outcome is True


def test_a_while_whose_condition_never_held_is_passed_by() -> None:
    m = machine(loaded(WHILE, start="start:s", variables={"__n__": {"type": "integer", "value": "9"}}))
    assert m.outcome is True


SWITCH: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "switch-condition:w"},
    "switch-condition:w": {
        "switch": "__k__:value",
        "cases": {"one": "action:one", "default": "action:other"},
        "on_completion": "end:e",
    },
    "action:one": manual(on_completion="end:1"),
    "action:other": manual(on_completion="end:2"),
    "end:1": END,
    "end:2": END,
    "end:e": END,
}


@pytest.mark.parametrize(("k", "way"), [("one", "one"), ("else", "other")])
def test_a_switch_takes_the_case_or_the_default(k: str, way: str) -> None:
    m = machine(loaded(SWITCH, start="start:s", variables={"__k__": {"type": "string", "value": k}}))
    assert titles(m) == [way]


def test_a_switch_without_a_fitting_case_goes_on() -> None:
    steps = {k: dict(v) for k, v in SWITCH.items()}
    steps["switch-condition:w"]["cases"] = {"one": "action:one"}
    m = machine(loaded(steps, start="start:s", variables={"__k__": {"type": "string", "value": "none"}}))
    assert m.outcome is True


def inner() -> Playbook:
    return loaded(
        {
            "start:s": {"on_completion": "action:in"},
            "action:in": manual("say __word__:value", on_completion="end:e", out_args=["__out__"]),
            "end:e": END,
        },
        start="start:s",
        variables={"__word__": {"type": "string", "external": True}, "__out__": {"type": "string", "value": ""}},
        id=ident("playbook", "inner"),
    )


OUTER: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "playbook-action:n"},
    "playbook-action:n": {
        "playbook_id": ident("playbook", "inner"),
        "in_args": ["__word__"],
        "out_args": ["__out__"],
        "on_success": "end:e",
        "on_failure": "action:mend",
    },
    "action:mend": manual(on_completion="end:f"),
    "end:e": END,
    "end:f": END,
}
OUTER_VARIABLES: dict[str, dict[str, Any]] = {
    "__word__": {"type": "string", "value": "go"},
    "__out__": {"type": "string", "value": ""},
}


def test_a_nested_playbook_gets_values_and_gives_them_back() -> None:
    m = machine(loaded(OUTER, start="start:s", variables=OUTER_VARIABLES), {ident("playbook", "inner"): inner()})
    assert [j.text for j in m.jobs] == ["say go"]
    done(m, "in", __out__="back")
    assert m.outcome is True
    assert m.values["__out__"] == "back"


def test_a_nested_playbook_that_fails_is_the_callers_failure() -> None:
    m = machine(loaded(OUTER, start="start:s", variables=OUTER_VARIABLES), {ident("playbook", "inner"): inner()})
    done(m, "in", ok=False, why="broken")
    assert titles(m) == ["mend"]


def test_a_nested_playbook_that_is_not_at_hand_is_a_failure() -> None:
    assert titles(machine(loaded(OUTER, start="start:s", variables=OUTER_VARIABLES))) == ["mend"]


def test_a_playbook_that_calls_itself_ends() -> None:
    steps = {
        "start:s": {"on_completion": "playbook-action:n"},
        "playbook-action:n": {"playbook_id": ident("playbook", "test"), "on_completion": "end:e"},
        "end:e": END,
    }
    playbook = loaded(steps, start="start:s")
    m = machine(playbook, {playbook.id: playbook})
    assert m.outcome is False
    assert "without an end" in m.why


def one(step: dict[str, Any], **more: Any) -> Playbook:
    steps = {"start:s": {"on_completion": "action:a"}, "action:a": step, "end:e": END}
    return loaded(steps | more.pop("steps", {}), start="start:s", **more)


def test_a_failure_goes_to_on_failure() -> None:
    m = machine(
        one(manual(on_success="end:e", on_failure="action:mend"), steps={"action:mend": manual(on_completion="end:e")})
    )
    done(m, "a", ok=False)
    assert titles(m) == ["mend"]
    done(m, "mend")
    assert m.outcome is True


def test_a_failure_that_nobody_takes_runs_the_exception_handler_and_fails_the_run() -> None:
    m = machine(
        one(
            manual(on_completion="end:e"),
            steps={"action:handler": manual(on_completion="end:h"), "end:h": END},
            workflow_exception="action:handler",
        )
    )
    done(m, "a", ok=False, why="it broke")
    assert titles(m) == ["handler"]
    done(m, "handler")
    assert (m.outcome, m.why) == (False, "it broke")


def test_a_handler_that_fails_does_not_run_again() -> None:
    m = machine(one(manual(on_completion="end:e"), workflow_exception="action:a"))
    done(m, "a", ok=False, why="first")
    done(m, "a", ok=False, why="second")
    assert (m.outcome, m.why) == (False, "first")


def test_a_delay_holds_a_step_back() -> None:
    m = machine(one(manual(on_completion="end:e", delay=60_000)))
    assert m.jobs == ()
    (timer,) = m.timers
    assert (timer.what, timer.at) == ("delay", NOON + timedelta(minutes=1))
    assert m.rung(timer.key, "delay", timer.at)
    assert titles(m) == ["a"]


def test_a_timeout_fails_the_step_and_its_late_result_is_no_longer_wanted() -> None:
    m = machine(
        one(
            manual(on_success="end:e", on_failure="action:late", timeout=1000),
            steps={"action:late": manual(on_completion="end:e")},
        )
    )
    key = m.jobs[0].key
    (timer,) = m.timers
    assert m.rung(timer.key, "timeout", timer.at)
    assert titles(m) == ["late"]
    assert not m.done(key, NOON, ok=True, values={})
    assert "ACTION_TIMEOUT" in m.trail[-1].why


def test_a_timeout_of_a_parallel_step_ends_its_branches() -> None:
    steps = {k: dict(v) for k, v in PARALLEL.items()}
    steps["parallel:p"]["timeout"] = 1000
    m = machine(loaded(steps, start="start:s"))
    assert m.rung(m.timers[0].key, "timeout", NOON)
    assert titles(m) == ["mend"]


def test_a_timer_that_no_longer_runs_changes_nothing() -> None:
    m = machine(one(manual(on_completion="end:e", timeout=1000)))
    key = m.timers[0].key
    done(m, "a")
    assert not m.rung(key, "timeout", NOON)


def test_a_constant_cannot_be_set() -> None:
    m = machine(
        one(
            manual(on_completion="end:e", out_args=["__c__"]),
            variables={"__c__": {"type": "string", "value": "x", "constant": True}},
        )
    )
    done(m, "a", __c__="y")
    assert (m.outcome, m.why) == (False, "__c__ is constant and cannot be set")


def test_a_value_of_the_wrong_type_is_refused() -> None:
    m = machine(one(manual(on_completion="end:e", out_args=["__n__"]), variables=N))
    done(m, "a", __n__="many")
    assert m.outcome is False
    assert "of type integer" in m.why


def test_a_step_variable_hides_the_playbooks_and_is_new_at_each_visit() -> None:
    m = machine(
        one(
            manual(
                "__n__:value",
                on_completion="action:b",
                step_variables={"__n__": {"type": "integer", "value": "7"}},
                out_args=["__n__"],
            ),
            steps={"action:b": manual("__n__:value", on_completion="end:e")},
            variables=N,
        )
    )
    assert m.jobs[0].text == "7"
    done(m, "a", __n__="8")
    assert m.jobs[0].text == "0"


def test_a_variable_without_a_value_is_said() -> None:
    m = machine(
        one(manual("use __u__:value", on_completion="end:e"), variables={"__u__": {"type": "string", "external": True}})
    )
    assert (m.outcome, m.why) == (False, "__u__ is needed and has no value")


def test_only_external_variables_are_given_from_outside() -> None:
    with pytest.raises(RecordError, match="not external"):
        machine(one(manual(on_completion="end:e"), variables=N), __n__="3")


def test_http_commands_are_one_job_for_each_target() -> None:
    targets = {
        ident("http-api", t): {"type": "http-api", "name": t, "address": {"dname": [t]}}
        for t in ("x.example", "y.example")
    }
    m = machine(
        one(
            {
                "commands": [{"type": "http-api", "command": "GET / HTTP/1.1"}],
                "targets": list(targets),
                "on_completion": "end:e",
            },
            target_definitions=targets,
        )
    )
    seen = []
    while m.jobs:
        seen.append(m.jobs[0].target)
        m.done(m.jobs[0].key, NOON, ok=True, values={})
    assert [t["name"] for t in seen if t] == ["x.example", "y.example"]


def test_a_circle_without_a_wait_ends_the_run() -> None:
    steps = {
        "start:s": {"on_completion": "while-condition:w"},
        "while-condition:w": {"condition": "'a' = 'a'", "on_true": "end:i", "on_completion": "end:e"},
        "end:i": END,
        "end:e": END,
    }
    m = machine(loaded(steps, start="start:s"))
    assert m.outcome is False
    assert "never rests" in m.why


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", "-3", "3.5"),
        ("float", "2.5", "nan"),
        ("bool", "True", "yes"),
        ("ipv4-addr", "10.0.0.1", "10.0.0.256"),
        ("ipv6-addr", "::1", "10.0.0.1"),
        ("mac-addr", "00:11:22:33:44:55", "00:11"),
        ("sha256-hash", "a" * 64, "a" * 63),
        ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7"),
        ("dictionary", '{"a": 1}', "[1]"),
        ("hexstring", "0xff", "0xfg"),
    ],
)
def test_types(kind: str, good: str, bad: str) -> None:
    assert fits(kind, good)
    assert not fits(kind, bad)


NESTED: dict[str, dict[str, Any]] = {
    "start:s": {"on_completion": "parallel:p"},
    "parallel:p": {"next_steps": ["while-condition:w", "if-condition:i"], "on_completion": "end:e", "timeout": 60_000},
    "while-condition:w": {"condition": "__n__:value < 2", "on_true": "action:a", "on_completion": "end:w"},
    "action:a": manual(on_success="end:a", on_failure="action:m", out_args=["__n__"], timeout=1000),
    "action:m": manual(on_completion="end:m", delay=500),
    "if-condition:i": {"condition": "__n__:value = 0", "on_true": "action:y", "on_completion": "action:z"},
    "action:y": manual(on_completion="end:y"),
    "action:z": manual(on_completion="end:z"),
    "end:a": END, "end:m": END, "end:w": END, "end:y": END, "end:z": END, "end:e": END,
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), max_size=25))
def test_whatever_happens_the_same_events_give_the_same_machine_and_a_run_that_ended_stays_ended(
    moves: list[tuple[int, bool, int]],
) -> None:
    playbook = loaded(NESTED, start="start:s", variables=N)
    live = machine(playbook)
    events: list[tuple[Any, ...]] = []
    for pick, ok, n in moves:
        open_now = [("job", j.key) for j in live.jobs] + [(t.what, t.key) for t in live.timers]
        if not open_now:
            assert live.outcome is not None
            break
        what, key = open_now[pick % len(open_now)]
        events.append((what, key, ok, n))
        _feed(live, *events[-1])
        assert (live.outcome is None) == bool(live.jobs or live.timers)
    again = machine(playbook)
    for event in events:
        _feed(again, *event)
    assert (again.jobs, again.timers, again.outcome, again.values) == (
        live.jobs,
        live.timers,
        live.outcome,
        live.values,
    )


def _feed(m: Machine, what: str, key: str, ok: bool, n: int) -> None:
    if what == "job":
        names = next(j for j in m.jobs if j.key == key).out_args
        m.done(key, NOON, ok=ok, values=dict.fromkeys(names, str(n)))
    else:
        m.rung(key, what, NOON)


def test_the_kit_makes_valid_playbooks() -> None:
    for steps, variables in (
        (PARALLEL, {}),
        (IF, N),
        (WHILE, N),
        (SWITCH, {"__k__": {"type": "string", "value": "x"}}),
    ):
        assert [f for f in loaded(steps, start="start:s", variables=variables).findings if f.error] == []
    assert book(PARALLEL, start="start:s")["spec_version"] == "cacao-2.0"
