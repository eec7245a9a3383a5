"""Playbooks: CACAO 2.0 documents that say what a case does next.

Reading is in two parts. `read_playbook` takes every document in which a workflow can be made out, and says with it what
is wrong (`Playbook.findings`): by the schema (cacao.schema.json, draft-07) and by the linter (lint.py). A playbook with
an error is shown and not run, unless somebody who may run it says that they accept its errors.

Source: OASIS CACAO Security Playbooks 2.0, Committee Specification 01, 27 November 2023.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LARGEST = 10_000_000
STEP_TYPES = (
    "start", "end", "action", "playbook-action", "parallel", "if-condition", "while-condition", "switch-condition",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a playbook.

    Attributes:
        rule: the rule's id, e.g. "dangling-step".
        error: whether it must not run so; otherwise a remark.
        where: the path in the document, e.g. "workflow.action--….on_completion".
        message: one sentence.
        line: the line in the file, from 1, where it could be found.
    """

    rule: str
    error: bool
    where: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as declared: `value` is text, None where it is not set."""

    name: str
    type: str
    value: str | None = None
    constant: bool = False
    external: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command of an action step; `text` and `content` are decoded where the document has them in base64."""

    type: str
    text: str = ""
    content: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; what its type does not have is empty. Times are in milliseconds, as CACAO has them."""

    id: str
    type: str
    name: str = ""
    description: str = ""
    delay: int = 0
    timeout: int = 0
    variables: tuple[Variable, ...] = ()
    owner: str = ""
    on_completion: str = ""
    on_success: str = ""
    on_failure: str = ""
    commands: tuple[Command, ...] = ()
    agent: str = ""
    targets: tuple[str, ...] = ()
    in_args: tuple[str, ...] = ()
    out_args: tuple[str, ...] = ()
    playbook_id: str = ""
    playbook_version: str = ""
    next_steps: tuple[str, ...] = ()
    condition: str = ""
    on_true: str = ""
    on_false: str = ""
    switch: str = ""
    cases: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """What to call it before people."""
        return self.name or self.id

    @property
    def branches(self) -> tuple[str, ...]:
        """The first steps of the branches it opens."""
        ids = (*self.next_steps, self.on_true, self.on_false, *(step for _, step in self.cases))
        return tuple(i for i in ids if i)

    @property
    def following(self) -> tuple[str, ...]:
        """The steps that may come after it in the same branch."""
        return tuple(i for i in (self.on_completion, self.on_success, self.on_failure) if i)


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook and what is wrong with it. `document` is the JSON as read; `digest` is of its canonical form."""

    id: str
    name: str
    modified: str
    description: str
    start: str
    exception: str
    steps: Mapping[str, Step]
    variables: tuple[Variable, ...]
    parties: Mapping[str, Mapping[str, Any]]
    document: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    valid_from: str = ""
    valid_until: str = ""
    revoked: bool = False
    labels: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the document in canonical form."""
        text = json.dumps(self.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep it from running."""
        return tuple(f for f in self.findings if f.error)


def read_playbook(path: Path) -> Playbook:
    """Read a playbook from a file.

    Raises:
        SourceError: it cannot be read, is not JSON, or has no workflow.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceError("this is too large for a playbook", source=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(f"the playbook cannot be read: {error.strerror}", source=str(path)) from None
    except UnicodeDecodeError:
        raise SourceError("this is not UTF-8 text", source=str(path)) from None
    return parse_playbook(text, str(path))


def parse_playbook(text: str, source: str = "playbook") -> Playbook:
    """Read a playbook from its text; `source` names it in errors and findings."""
    from bongsu.respond.lines import line_of

    try:
        document = json.loads(text, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise SourceError("a text holds half a character (a lone surrogate)", source=source) from None
    except json.JSONDecodeError as error:
        raise SourceError(f"this is not JSON: {error.msg}", source=source, line=error.lineno) from None
    except RecursionError:
        raise SourceError("this JSON is nested too deeply", source=source) from None
    except RecordError as error:
        raise SourceError(error.message, source=source) from None
    except ValueError:
        raise SourceError("a number in this JSON is too long", source=source) from None
    playbook = load_playbook(document, source)
    found = tuple(replace(f, line=line_of(text, f.where)) for f in playbook.findings)
    return replace(playbook, findings=found)


def load_playbook(document: Any, source: str = "playbook") -> Playbook:
    """Return the playbook that a JSON document describes, with its findings.

    Raises:
        SourceError: no workflow can be made out in it.
    """
    from bongsu.respond.lint import lint

    playbook = pinned_playbook(document, source)
    return replace(playbook, findings=(*_by_schema(document), *lint(playbook)))


def pinned_playbook(document: Any, source: str = "playbook") -> Playbook:
    """Return the same without findings: for a document that was checked when its run began.

    Raises:
        SourceError: no workflow can be made out in it.
    """
    if not isinstance(document, dict) or not isinstance(document.get("workflow"), dict):
        raise SourceError(
            "this is no CACAO playbook", source=source, hint="a playbook is a JSON object with a 'workflow' of steps"
        )
    parties: dict[str, Mapping[str, Any]] = {}
    for group in ("agent_definitions", "target_definitions"):
        parties |= {k: v for k, v in _mapping(document.get(group)).items() if isinstance(v, dict)}
    steps = {key: _step(key, row) for key, row in document["workflow"].items() if isinstance(row, dict)}
    return Playbook(
        id=_text(document.get("id")),
        name=_text(document.get("name")) or "a playbook without a name",
        modified=_text(document.get("modified")),
        description=_text(document.get("description")),
        start=_text(document.get("workflow_start")),
        exception=_text(document.get("workflow_exception")),
        steps=steps,
        variables=_variables(document.get("playbook_variables")),
        parties=parties,
        document=document,
        valid_from=_text(document.get("valid_from")),
        valid_until=_text(document.get("valid_until")),
        revoked=document.get("revoked") is True,
        labels=_texts(document.get("labels")),
    )


def _step(key: str, row: dict[str, Any]) -> Step:
    commands = row.get("commands")
    return Step(
        id=key,
        type=_text(row.get("type")) or key.partition("--")[0],
        delay=_number(row.get("delay")),
        timeout=_number(row.get("timeout")),
        variables=_variables(row.get("step_variables")),
        commands=tuple(_command(c) for c in commands if isinstance(c, dict)) if isinstance(commands, list) else (),
        targets=_texts(row.get("targets")),
        in_args=_texts(row.get("in_args")),
        out_args=_texts(row.get("out_args")),
        next_steps=_texts(row.get("next_steps")),
        cases=tuple((k, _text(v)) for k, v in _mapping(row.get("cases")).items()),
        **{name: _text(row.get(name)) for name in _PLAIN},
    )


_PLAIN = (
    "name", "description", "owner", "on_completion", "on_success", "on_failure", "agent", "playbook_id",
    "playbook_version", "condition", "on_true", "on_false", "switch",
)  # fmt: skip


def _command(row: dict[str, Any]) -> Command:
    headers = {k: _texts(v) for k, v in _mapping(row.get("headers")).items()}
    return Command(
        type=_text(row.get("type")),
        text=_text(row.get("command")) or _decoded(row.get("command_b64")),
        content=_text(row.get("content")) or _decoded(row.get("content_b64")),
        headers=headers,
        description=_text(row.get("description")),
    )


def _variables(rows: Any) -> tuple[Variable, ...]:
    return tuple(
        Variable(
            name,
            _text(row.get("type")),
            row["value"] if isinstance(row.get("value"), str) else None,
            row.get("constant") is True,
            row.get("external") is True,
        )
        for name, row in _mapping(rows).items()
        if isinstance(row, dict)
    )


def _decoded(value: Any) -> str:
    """Return what base64 says; empty where it says no text, which the linter reports."""
    try:
        return base64.b64decode(_text(value), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(k for k, _ in pairs if sum(k == other for other, _ in pairs) > 1)
        raise RecordError(f"{twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise RecordError(f"{name} is no JSON value")


@cache
def _validator() -> Any:
    from jsonschema import Draft7Validator

    text = files(__package__).joinpath("cacao.schema.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(text))


def _by_schema(document: dict[str, Any]) -> Iterator[Finding]:
    for error in sorted(_validator().iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path]):
        where = ".".join(str(part) for part in error.absolute_path)
        yield Finding("schema", True, where, _schema_message(error))


def _schema_message(error: Any) -> str:
    if error.validator == "not" and isinstance(error.instance, dict):
        named = {"on_completion", "on_success", "on_failure"} & set(error.instance)
        return f"a step of type {error.instance.get('type')!r} must not have {' with '.join(sorted(named))}"
    if error.validator == "pattern":
        kind = "an identifier such as action--<UUID>" if "--" in str(error.validator_value) else "of the form required"
        return f"{str(error.instance)[:80]!r} is not {kind}"
    return str(error.message)[:300]


@cache
def library() -> dict[str, Playbook]:
    """Return the playbooks that ship, by short name ("stolen-at-exchange"); the tests hold them to be sound."""
    folder = files(__package__).joinpath("playbooks")
    return {
        entry.name.removesuffix(".json"): pinned_playbook(json.loads(entry.read_text(encoding="utf-8")), entry.name)
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".json")
    }
