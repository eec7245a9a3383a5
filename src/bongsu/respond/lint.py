"""The linter of playbooks: what the schema cannot see.

Errors: a pointer to a step that is not there; a start or an end that is missing; a loop without a wait, which would
never rest; a variable that no part of the playbook declares or that nobody can have set; a condition or a base64 that
cannot be read; a nested playbook that calls itself. Remarks: steps that nothing reaches, commands that this house
refuses, names that CACAO does not know, a doubtful end.
"""

from __future__ import annotations

import base64
import binascii
import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.respond.pattern import parse
from bongsu.respond.playbook import STEP_TYPES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bongsu.respond.playbook import Playbook, Step, Variable

COMMAND_TYPES = frozenset(
    {"manual", "bash", "caldera-cmd", "elastic", "http-api", "jupyter", "kestrel", "openc2-http", "powershell", "sigma",
     "ssh", "yara"}
)  # fmt: skip
"""The vocabulary of CACAO 2.0, section 5."""
RUNS = frozenset({"manual", "http-api", "openc2-http", "openc2", "bongsu"})
"""Command types that this house runs. SOARCA writes `openc2` for `openc2-http`; `bongsu` are our own actions."""

_REFERENCE = re.compile(r"(__[A-Za-z_][A-Za-z0-9_-]*?__)(?![A-Za-z0-9_-]):value")
_NAME = re.compile(r"__[A-Za-z_][A-Za-z0-9_-]{0,199}__\Z")
_TOP = frozenset(
    {"type", "spec_version", "id", "name", "description", "playbook_types", "playbook_activities",
     "playbook_processing_summary", "created_by", "created", "modified", "revoked", "valid_from", "valid_until",
     "derived_from", "related_to", "priority", "severity", "impact", "industry_sectors", "labels",
     "external_references", "markings", "playbook_variables", "workflow_start", "workflow_exception", "workflow",
     "playbook_extensions", "authentication_info_definitions", "agent_definitions", "target_definitions",
     "extension_definitions", "data_marking_definitions", "signatures"}
)  # fmt: skip
_STEP = frozenset(
    {"type", "name", "description", "external_references", "delay", "timeout", "step_variables", "owner",
     "on_completion", "on_success", "on_failure", "step_extensions"}
)  # fmt: skip
_BY_TYPE = {
    "action": {"commands", "agent", "targets", "in_args", "out_args"},
    "playbook-action": {"playbook_id", "playbook_version", "in_args", "out_args"},
    "parallel": {"next_steps"},
    "if-condition": {"condition", "on_true", "on_false"},
    "while-condition": {"condition", "on_true"},
    "switch-condition": {"switch", "cases"},
}


def references(*texts: str) -> list[str]:
    """Return the names of the variables that texts refer to as `__name__:value`."""
    return [name for text in texts for name in _REFERENCE.findall(text)]


def switched(step: Step) -> list[str]:
    """Return the name of the variable that a switch turns on, in a list; an empty one where it names none."""
    found = re.fullmatch(r"(__[A-Za-z_][A-Za-z0-9_-]*__)(:value)?", step.switch.strip())
    return [found[1]] if found else []


def lint(playbook: Playbook) -> Iterator[Finding]:
    """Yield what is wrong with a playbook beyond its schema."""
    yield from _names(playbook)
    yield from _pointers(playbook)
    yield from _shape(playbook)
    yield from _loops(playbook)
    yield from _variables(playbook)
    yield from _commands(playbook)
    yield from _times(playbook)


def _error(rule: str, where: str, message: str) -> Finding:
    return Finding(rule, True, where, message)


def _remark(rule: str, where: str, message: str) -> Finding:
    return Finding(rule, False, where, message)


def _names(playbook: Playbook) -> Iterator[Finding]:
    for key in playbook.document:
        if key not in _TOP:
            yield _remark("unknown-name", key, f"CACAO 2.0 knows no {key!r} on a playbook; it is not looked at")
    for step in playbook.steps.values():
        where = f"workflow.{step.id}"
        if step.type not in STEP_TYPES:
            yield _error("step-type", f"{where}.type", f"{step.type!r} is none of the eight step types")
        elif not step.id.startswith(f"{step.type}--"):
            yield _error("step-id", where, f"the id of a step of type {step.type!r} begins with '{step.type}--'")
        row = playbook.document["workflow"][step.id]
        for key in row:
            if key not in _STEP | _BY_TYPE.get(step.type, set()):
                yield _remark("unknown-name", f"{where}.{key}", f"a step of type {step.type!r} has no {key!r}")
    yield from _declared_names(playbook)


def _declared_names(playbook: Playbook) -> Iterator[Finding]:
    for key, row in playbook.document["workflow"].items():
        if not isinstance(row, dict):
            yield _error("schema", f"workflow.{key}", "a step must be an object")
    yield from _variable_names(playbook.document.get("playbook_variables"), "playbook_variables")
    for step in playbook.steps.values():
        declared = playbook.document["workflow"][step.id].get("step_variables")
        yield from _variable_names(declared, f"workflow.{step.id}.step_variables")


def _variable_names(rows: Any, where: str) -> Iterator[Finding]:
    for name in rows if isinstance(rows, dict) else ():
        if not _NAME.match(name):
            yield _error("variable-name", f"{where}.{name}", f"{name!r} is no variable's name: write it __like_this__")


def _pointers(playbook: Playbook) -> Iterator[Finding]:
    pointers: list[tuple[str, str]] = [("workflow_start", playbook.start)]
    if playbook.exception:
        pointers.append(("workflow_exception", playbook.exception))
    for step in playbook.steps.values():
        named = [(k, getattr(step, k)) for k in ("on_completion", "on_success", "on_failure", "on_true", "on_false")]
        named += [(f"cases.{key}", target) for key, target in step.cases]
        named += [(f"next_steps.{i}", target) for i, target in enumerate(step.next_steps)]
        pointers += [(f"workflow.{step.id}.{key}", target) for key, target in named if target]
    for where, target in pointers:
        if target not in playbook.steps:
            yield _error(
                "dangling-step", where, f"it points to {target or 'nothing'}, which is no step of the workflow"
            )
    for step in playbook.steps.values():
        for party in (step.agent, *step.targets):
            if party and party not in playbook.parties:
                where = f"workflow.{step.id}.{'agent' if party == step.agent else 'targets'}"
                yield _error("dangling-party", where, f"{party} is defined neither as an agent nor as a target")


def _shape(playbook: Playbook) -> Iterator[Finding]:
    kinds = [step.type for step in playbook.steps.values()]
    start = playbook.steps.get(playbook.start)
    if start is not None and start.type != "start":
        yield _error("start", "workflow_start", f"it points to a step of type {start.type!r}, not to a start")
    if kinds.count("start") > 1:
        yield _error("start", "workflow", "there is more than one start")
    if "end" not in kinds:
        yield _error("end", "workflow", "there is no end")
    if not {"action", "playbook-action"} & set(kinds):
        yield _error("no-action", "workflow", "there is no action: the playbook does nothing")
    yield from _ways(playbook)


def _ways(playbook: Playbook) -> Iterator[Finding]:
    seen = reachable(playbook.steps, [playbook.start, playbook.exception])
    for step in playbook.steps.values():
        where = f"workflow.{step.id}"
        if step.id not in seen:
            yield _remark("unreachable", where, f"nothing leads to {step.title!r}")
        if step.type != "end" and not step.following and not (step.type == "if-condition" and step.branches):
            yield _remark("no-end", where, f"after {step.title!r} nothing is said to come; its branch ends there")
        if len(set(step.next_steps)) < len(step.next_steps):
            yield _error("parallel-twice", f"{where}.next_steps", "a branch stands twice in a parallel step")
        for branch in step.branches:
            target = playbook.steps.get(branch)
            if target is not None and target.type == "start":
                yield _error("start", where, "a branch leads back to the start")


def reachable(steps: Mapping[str, Step], starts: Iterable[str]) -> set[str]:
    """Return the ids of the steps that can be reached from `starts`."""
    seen: set[str] = set()
    open_ids = [s for s in starts if s in steps]
    while open_ids:
        step = steps[open_ids.pop()]
        if step.id not in seen:
            seen.add(step.id)
            open_ids += [i for i in (*step.branches, *step.following) if i in steps]
    return seen


def _waits(step: Step) -> bool:
    """Whether a loop through the step rests there: a delay, a person, or a nested playbook that may."""
    return bool(step.delay) or any(c.type == "manual" for c in step.commands)


def _loops(playbook: Playbook) -> Iterator[Finding]:
    """Find loops in which no step waits: along pointers, and round a while-condition's branch."""
    onward = _onward(playbook.steps)
    while True:
        try:
            TopologicalSorter(onward).prepare()
        except CycleError as error:
            loop = set(error.args[1])
        else:
            return
        step = next(step for step in playbook.steps.values() if step.id in loop)
        message = f"a loop through {step.title!r} never waits: give one of its steps a delay or a person's task"
        yield _error("endless-loop", f"workflow.{step.id}", message)
        onward = {at: to - loop for at, to in onward.items() if at not in loop}


def _onward(steps: Mapping[str, Step]) -> dict[str, set[str]]:
    """Where control may go from each step that does not wait, among such.

    From an end within a while-condition's branch it goes back to that condition.
    """
    restless = {step.id for step in steps.values() if not _waits(step)}
    onward = {at: restless & {*steps[at].branches, *steps[at].following} for at in restless}
    for loop in steps.values():
        if loop.type == "while-condition" and loop.id in restless:
            for at in reachable(steps, [loop.on_true]) & restless:
                if steps[at].type == "end":
                    onward[at].add(loop.id)
    return onward


def _variables(playbook: Playbook) -> Iterator[Finding]:
    settable = {name for step in playbook.steps.values() for name in step.out_args}
    for step in playbook.steps.values():
        yield from _used(playbook, step, settable)
        yield from _returned(playbook, step)
        where = f"workflow.{step.id}"
        for name in {v.name for v in step.variables} & {v.name for v in playbook.variables}:
            yield _remark("shadow", f"{where}.step_variables.{name}", f"{name} hides the playbook's variable")
        if step.type == "switch-condition" and not switched(step):
            yield _error("switch", f"{where}.switch", "a switch names a variable, as __name__:value")
        if step.playbook_id and step.playbook_id == playbook.id:
            yield _error("endless-loop", f"{where}.playbook_id", "the playbook calls itself")


def _known(playbook: Playbook, step: Step) -> dict[str, Variable]:
    return {v.name: v for v in playbook.variables} | {v.name: v for v in step.variables}


def _used(playbook: Playbook, step: Step, settable: set[str]) -> Iterator[Finding]:
    where, known = f"workflow.{step.id}", _known(playbook, step)
    texts = [text for c in step.commands for text in (c.text, c.content, *(h for hs in c.headers.values() for h in hs))]
    used = [*references(*texts), *step.in_args, *switched(step)]
    if step.condition:
        try:
            used += parse(step.condition).names
        except RecordError as error:
            yield _error("condition", f"{where}.condition", error.message)
    for name in dict.fromkeys(used):
        if name not in known:
            yield _error("unset-variable", where, f"{name} is used and declared nowhere in its reach")
        elif known[name].value is None and not known[name].external and name not in settable:
            yield _error("unset-variable", where, f"{name} is used and has no value, and no step sets it")


def _returned(playbook: Playbook, step: Step) -> Iterator[Finding]:
    where, known = f"workflow.{step.id}.out_args", _known(playbook, step)
    for name in step.out_args:
        if name not in known:
            yield _error("unset-variable", where, f"{name} is returned and declared nowhere")
        elif known[name].constant:
            yield _error("constant", where, f"{name} is constant and cannot be returned into")


def _commands(playbook: Playbook) -> Iterator[Finding]:
    for step in playbook.steps.values():
        rows = playbook.document["workflow"][step.id].get("commands")
        for i, command in enumerate(step.commands):
            where = f"workflow.{step.id}.commands.{i}"
            if command.type not in COMMAND_TYPES | {"bongsu"}:
                yield _remark("command-type", f"{where}.type", f"{command.type!r} is not in CACAO's list of commands")
            if command.type not in RUNS:
                yield _remark("refused-command", f"{where}.type", f"commands of type {command.type!r} are not run here")
            row = rows[i] if isinstance(rows, list) and i < len(rows) and isinstance(rows[i], dict) else {}
            for key in ("command_b64", "content_b64"):
                if isinstance(row.get(key), str) and not _is_base64(row[key]):
                    yield _error("base64", f"{where}.{key}", f"{key} is not base64 of a text")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return True


def _times(playbook: Playbook) -> Iterator[Finding]:
    document = playbook.document
    for earlier, later in (("created", "modified"), ("valid_from", "valid_until")):
        first, second = document.get(earlier), document.get(later)
        if isinstance(first, str) and isinstance(second, str) and second < first:
            yield _remark("times", later, f"{later!r} lies before {earlier!r}")
