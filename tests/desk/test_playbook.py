"""Reading playbooks: the published ones load, broken ones are told, our schema is no laxer than the published one."""

from __future__ import annotations

import copy
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.errors import SourceError
from bongsu.respond.playbook import library, load_playbook, parse_playbook, read_playbook
from tests.desk.kit import book, loaded, manual

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(os.environ.get("BONGSU_SHARED", "../shared"))
END: dict[str, Any] = {}


def published() -> list[Path]:
    return sorted((SHARED / "cacao").glob("*.json"))


@pytest.mark.skipif(not published(), reason="the published playbooks ($BONGSU_SHARED/cacao) are not at hand")
def test_all_ten_published_playbooks_load() -> None:
    read = {path.name: read_playbook(path) for path in published()}
    assert len(read) == 10
    assert all(playbook.steps and playbook.start in playbook.steps for playbook in read.values())
    broken = {name for name, playbook in read.items() if playbook.errors}
    assert broken == {
        "oasis_playbook--aa1898b6-5251-49b4-aeb7-fd5e912583ff.json",  # actions without commands, a switch on nothing
        "oasis_locky-bart-mbc-examples.json",  # a target that is not defined
        "soarca_examples_fin-playbook.json",  # an agent's id that is none
    }


SIMPLE = {
    "start:s": {"on_completion": "action:a"},
    "action:a": manual(on_completion="end:e"),
    "end:e": END,
}


def simple(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(book(SIMPLE, start="start:s"))
    change(document)
    return document


def step(document: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for key, row in document["workflow"].items() if key.startswith(f"{kind}--"))
    return found


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("schema", lambda d: d.pop("name")),
        ("schema", lambda d: d.update(id="playbook--1")),
        ("schema", lambda d: d.update(spec_version="1.0")),
        ("schema", lambda d: d.update(created="yesterday")),
        ("schema", lambda d: d.update(priority=101)),
        ("schema", lambda d: step(d, "action").pop("commands")),
        ("schema", lambda d: step(d, "action").pop("agent")),
        ("schema", lambda d: step(d, "action").update(delay=-5)),
        ("schema", lambda d: step(d, "action").update(on_success=step(d, "action")["on_completion"])),
        ("schema", lambda d: step(d, "end").update(on_completion=d["workflow_start"])),
        ("schema", lambda d: step(d, "action").update(commands=[{"command": "x"}])),
        ("schema", lambda d: step(d, "action").update(commands=[{"type": "manual"}])),
        (
            "dangling-step",
            lambda d: step(d, "action").update(on_completion="end--6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ),
        ("dangling-step", lambda d: d.update(workflow_start="start--6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
        ("dangling-step", lambda d: d.update(workflow_exception="end--6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
        ("dangling-party", lambda d: d.pop("agent_definitions")),
        (
            "endless-loop",
            lambda d: step(d, "action").update(
                commands=[{"type": "bongsu", "command": "count"}],
                on_completion=next(k for k in d["workflow"] if k.startswith("action")),
            ),
        ),
        ("unset-variable", lambda d: step(d, "action").update(commands=[{"type": "manual", "command": "__x__:value"}])),
        ("unset-variable", lambda d: step(d, "action").update(in_args=["__x__"])),
        ("unset-variable", lambda d: step(d, "action").update(out_args=["__x__"])),
        (
            "unset-variable",
            lambda d: (
                d.update(playbook_variables={"__x__": {"type": "string"}}),
                step(d, "action").update(in_args=["__x__"]),
            ),
        ),
        ("variable-name", lambda d: d.update(playbook_variables={"x": {"type": "string"}})),
        ("base64", lambda d: step(d, "action").update(commands=[{"type": "manual", "command_b64": "%%%"}])),
        ("step-type", lambda d: step(d, "action").update(type="dance")),
    ],
)
def test_what_is_broken_is_an_error(rule: str, change: Callable[[dict[str, Any]], object]) -> None:
    assert rule in {f.rule for f in load_playbook(simple(change)).errors}


def test_a_sound_playbook_has_no_findings() -> None:
    assert loaded(SIMPLE, start="start:s").findings == ()


def test_a_loop_that_waits_is_no_error() -> None:
    steps = {
        **SIMPLE,
        "action:a": manual(on_completion="action:b"),
        "action:b": manual(on_completion="action:a", delay=5),
    }
    assert "endless-loop" not in {f.rule for f in loaded(steps, start="start:s").findings}


def test_a_while_without_a_wait_is_an_error_and_with_one_is_none() -> None:
    def steps(**more: Any) -> dict[str, Any]:
        body = {"commands": [{"type": "bongsu", "command": "count"}], "on_completion": "end:b", **more}
        return {
            "start:s": {"on_completion": "while-condition:w"},
            "while-condition:w": {"condition": "'a' = 'a'", "on_true": "action:b", "on_completion": "end:e"},
            "action:b": body,
            "end:b": END,
            "end:e": END,
        }

    assert "endless-loop" in {f.rule for f in loaded(steps(), start="start:s").findings}
    assert "endless-loop" not in {f.rule for f in loaded(steps(delay=1000), start="start:s").findings}


def test_of_many_loops_each_is_named_once() -> None:
    steps = {**SIMPLE, "action:a": manual(on_completion="end:e")}
    body = {"commands": [{"type": "bongsu", "command": "count"}]}
    for n in range(0, 400, 2):
        steps[f"action:{n}"] = {**body, "on_completion": f"action:{n + 1}"}
        steps[f"action:{n + 1}"] = {**body, "on_completion": f"action:{n}"}
    found = [f.where for f in loaded(steps, start="start:s").findings if f.rule == "endless-loop"]
    assert len(found) == len(set(found)) == 200


def test_what_nothing_leads_to_is_a_remark() -> None:
    steps = {**SIMPLE, "action:b": manual(on_completion="end:e")}
    assert [(f.rule, f.error) for f in loaded(steps, start="start:s").findings] == [("unreachable", False)]


def test_a_finding_names_the_line() -> None:
    document = simple(lambda d: step(d, "action").update(delay=-5))
    text = json.dumps(document, indent=1)
    (finding,) = parse_playbook(text).errors
    assert finding.line is not None
    assert text.splitlines()[finding.line - 1].strip().startswith('"delay"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"workflow": []}',
        "{",
        "null",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "[" * 100_000,
        '{"name": "\\ud800"}',
        f'{{"name": {"9" * 6000}}}',
    ],
)
def test_what_is_no_playbook_is_one_sentence(text: str) -> None:
    with pytest.raises(SourceError):
        parse_playbook(text)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_playbook_damaged_anywhere_is_told_or_runs_but_never_breaks_us(data: st.DataObject) -> None:
    document = copy.deepcopy(book(SIMPLE, start="start:s"))
    _damage(document, data)
    try:
        playbook = load_playbook(document)
    except SourceError:
        return
    from bongsu.respond.machine import Machine
    from tests.desk.kit import NOON

    Machine("P1", playbook, {}, NOON, {})


def _damage(document: Any, data: st.DataObject) -> None:
    """Replace or drop one value, somewhere."""
    here = document
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        if data.draw(st.booleans()):
            del here[key]
        else:
            here[key] = data.draw(ANY)
        return


@cache
def _published_schema() -> Any:
    """The published schemas, read as draft-07, every reference found offline."""
    import jsonschema
    import referencing
    import referencing.jsonschema

    folder = SHARED / "schemas" / "cacao" / "schemas"
    resources = []
    for path in folder.rglob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        resources.append((schema["$id"], referencing.Resource.from_contents(schema, referencing.jsonschema.DRAFT7)))
    top = json.loads((folder / "playbook.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(top, registry=referencing.Registry().with_resources(resources))


needs_schemas = pytest.mark.skipif(
    not (SHARED / "schemas" / "cacao").is_dir(),
    reason="the published schemas ($BONGSU_SHARED/schemas/cacao) are not at hand",
)


@needs_schemas
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_the_published_schema_refuses_is_an_error_here(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from([p.document for p in library().values()] + [book(SIMPLE, start="start:s")]))
    document = copy.deepcopy(dict(base))
    _damage(document, data)
    try:
        ours = load_playbook(document).errors
    except SourceError:
        return
    if not _published_schema().is_valid(document):
        assert ours


@needs_schemas
def test_the_shipped_playbooks_satisfy_the_published_schema() -> None:
    for name, playbook in library().items():
        assert [e.message for e in _published_schema().iter_errors(dict(playbook.document))] == [], name
