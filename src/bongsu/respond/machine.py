"""The interpreter of playbooks: a pure function from a playbook and what happened to what is to be done.

`Machine` is fed the events of one run in the order of the log and says at any time which jobs are open, which timers
run, and how the run ended. It reads no clock and does nothing; the same events give the same machine, so a run goes on
after weeks, a crash, or on another computer from the log alone. Conditions are judged at the event that leads to them,
never later, so that parallel branches which change variables cannot turn the past.

What CACAO 2.0 leaves open is settled so:

- A branch (of a parallel, if, while, switch) ends at an end step; then the step that opened it goes on. A parallel step
  waits for all its branches and fails if one failed.
- A failure goes to the step's on_failure; without one, outwards to the step that opened the branch; where none has an
  on_failure, to the playbook's workflow_exception, after which the run has failed all the same.
- A timeout counts from the end of the delay and covers the branches; 0 is none. A while-condition's delay and timeout
  count once for the whole loop.
- Step variables are new at each visit and hide playbook variables of the same name. A nested playbook has its own
  variables: in_args set those of the same name at its start, out_args bring them back at its end.

The module is long because the machine is one thing: a step's way in, its branches and its way out belong side by side.

Source: CACAO 2.0 sections 4 (steps), 5 (commands), 10.18 (variables).
"""

from __future__ import annotations

import ipaddress
import json
import re
import shlex
import uuid
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.respond.lint import references, switched
from bongsu.respond.pattern import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bongsu.respond.playbook import Command, Playbook, Step, Variable

_BUDGET = 10_000
"""Steps that one event may lead through before a playbook counts as one that never rests."""
_PER_TARGET = frozenset({"http-api", "openc2-http", "openc2"})
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Job:
    """A command that is to be run now.

    Attributes:
        key: names it for good: run, visit of the step, number of the command.
        step: id of the step; `title` is its name for people.
        type: the CACAO type of the command.
        text: the command, with variables put in; `content` and `headers` likewise.
        target: what it is run against; None where the step has no target.
        agent: who runs it.
        values: the values of in_args.
        out_args: names that the result may set.
        since: when it became due to run.
        words: of our own commands, the words: split before variables are put in, so that no value can become two.
    """

    key: str
    step: str
    title: str
    type: str
    text: str
    content: str
    headers: Mapping[str, tuple[str, ...]]
    target: Mapping[str, Any] | None
    agent: Mapping[str, Any] | None
    description: str
    values: Mapping[str, str]
    out_args: tuple[str, ...]
    since: datetime
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timer:
    """A delay or a timeout that runs until `at`."""

    key: str
    what: str
    step: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that was left: when, how, and why where it failed."""

    step: str
    title: str
    type: str
    at: datetime
    ok: bool
    why: str = ""


@dataclass(slots=True, eq=False)
class _Scope:
    """One run of one playbook: its variables, and whether its exception handler has had its turn."""

    playbook: Playbook
    values: dict[str, Variable]
    depth: int
    handled: bool = False
    why: str = ""


@dataclass(slots=True, eq=False)
class _Frame:
    """A chain of steps up to its end: a playbook's main line, a branch, or the exception handler."""

    scope: _Scope
    opened_by: _Token | None
    main: bool = False
    handler: bool = False


@dataclass(slots=True, eq=False)
class _Token:
    """One visit of one step."""

    id: int
    frame: _Frame
    step: Step
    own: dict[str, Variable]
    begun: datetime
    waits_until: datetime | None = None
    due: datetime | None = None
    plan: list[tuple[Command, str]] = field(default_factory=list)
    index: int = 0
    job: Job | None = None
    children: list[_Frame] = field(default_factory=list)
    failed: str = ""


class Machine:
    """One run of a playbook.

    Args:
        run: the run's id, unique in its case.
        playbook: what is run.
        nested: playbooks by id, for playbook-action steps.
        at: when the run starts.
        values: values of external variables.

    Raises:
        RecordError: a value is given for a variable that is not external, or of the wrong type.
    """

    def __init__(
        self, run: str, playbook: Playbook, nested: Mapping[str, Playbook], at: datetime, values: Mapping[str, str]
    ) -> None:
        self.run = run
        self.outcome: bool | None = None
        self.why = ""
        self.trail: list[Passed] = []
        self._nested = nested
        self._at = at
        self._count = 0
        self._tokens: dict[int, _Token] = {}
        self._queue: deque[Callable[[], None]] = deque()
        self._scope = _Scope(playbook, _given(playbook, values), 0)
        frame = _Frame(self._scope, None, main=True)
        self._later(lambda: self._enter(frame, playbook.start))
        self._settle()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The commands that are to be run now; those of parallel branches side by side."""
        return tuple(token.job for token in self._tokens.values() if token.job is not None)

    @property
    def timers(self) -> tuple[Timer, ...]:
        """The delays and timeouts that run."""
        found = []
        for token in self._tokens.values():
            key = f"{self.run}.{token.id}"
            if token.waits_until is not None:
                found.append(Timer(key, "delay", token.step.id, token.step.title, token.waits_until))
            elif token.due is not None:
                found.append(Timer(key, "timeout", token.step.id, token.step.title, token.due))
        return tuple(found)

    @property
    def values(self) -> dict[str, str | None]:
        """The playbook's variables as they stand."""
        return {name: variable.value for name, variable in self._scope.values.items()}

    def done(self, key: str, at: datetime, *, ok: bool, values: Mapping[str, str], why: str = "") -> bool:
        """Take in a job's result; False where the job is no longer open (its step timed out, say)."""
        token = next((t for t in self._tokens.values() if t.job is not None and t.job.key == key), None)
        if token is None:
            return False
        self._at = at
        token.job = None
        problem = why or "the command failed" if not ok else self._set(token, values)
        if problem:
            self._complete(token, problem)
        else:
            token.index += 1
            self._later(lambda: self._offer(token))
        self._settle()
        return True

    def rung(self, key: str, what: str, at: datetime) -> bool:
        """Take in that a timer has run out; False where it no longer runs."""
        token = self._tokens.get(int(key.rpartition(".")[2]))
        if token is None or (token.waits_until is None) is not (what == "timeout"):
            return False
        self._at = at
        if what == "delay":
            token.waits_until = None
            self._later(lambda: self._begin(token))
        else:
            self._drop_children(token)
            self._complete(token, f"ACTION_TIMEOUT: {token.step.title!r} ({token.step.id}) took too long")
        self._settle()
        return True

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        for _ in range(_BUDGET):
            if not self._queue or self.outcome is not None:
                return
            self._queue.popleft()()
        self._queue.clear()
        self._tokens.clear()
        self._finish("the playbook never rests: it runs in a circle without a wait")

    def _later(self, work: Callable[[], None]) -> None:
        self._queue.append(work)

    def _enter(self, frame: _Frame, step_id: str) -> None:
        step = frame.scope.playbook.steps.get(step_id)
        if step is None:
            self._end(frame, f"there is no step {step_id or '(nothing)'}")
            return
        self._count += 1
        token = _Token(self._count, frame, step, {v.name: v for v in step.variables}, self._at)
        self._tokens[token.id] = token
        if step.delay:
            token.waits_until = _after(self._at, step.delay)
        else:
            self._begin(token)

    def _begin(self, token: _Token) -> None:
        step = token.step
        token.begun = self._at
        if step.timeout:
            token.due = _after(self._at, step.timeout)
        try:
            self._dispatch(token, step)
        except RecordError as error:
            self._complete(token, error.message)

    def _dispatch(self, token: _Token, step: Step) -> None:
        match step.type:
            case "start":
                self._complete(token)
            case "end":
                self._leave(token, "")
                self._end(token.frame, "")
            case "action":
                self._plan(token)
            case "playbook-action":
                self._call(token)
            case "parallel":
                self._branch(token, step.next_steps)
            case "if-condition":
                self._branch(token, (step.on_true if self._holds(token) else step.on_false,))
            case "while-condition":
                self._branch(token, (step.on_true if self._holds(token) else "",))
            case "switch-condition":
                self._branch(token, (self._case(token),))
            case _:
                self._complete(token, f"{step.type!r} is none of the eight step types")

    def _holds(self, token: _Token) -> bool:
        return parse(token.step.condition).holds(self._visible(token))

    def _case(self, token: _Token) -> str:
        names = switched(token.step)
        if not names:
            raise RecordError(f"the switch {token.step.title!r} names no variable")
        variable = self._visible(token).get(names[0])
        if variable is None:
            raise RecordError(f"the switch {token.step.title!r} turns on {names[0]}, which is not declared")
        cases = dict(token.step.cases)
        return cases.get(variable.value or "", cases.get("default", ""))

    def _branch(self, token: _Token, starts: tuple[str, ...]) -> None:
        wanted = [s for s in starts if s]
        if not wanted:
            self._complete(token)
            return
        token.children = [_Frame(token.frame.scope, token) for _ in wanted]
        for frame, start in zip(token.children, wanted, strict=True):
            self._later(lambda frame=frame, start=start: self._enter_if_open(token, frame, start))  # type: ignore[misc]

    def _enter_if_open(self, token: _Token, frame: _Frame, start: str) -> None:
        if frame in token.children:
            self._enter(frame, start)

    def _call(self, token: _Token) -> None:
        step, scope = token.step, token.frame.scope
        playbook = self._nested.get(step.playbook_id)
        if playbook is None:
            raise RecordError(f"the playbook {step.playbook_id} is not at hand")
        if step.playbook_version and playbook.modified != step.playbook_version:
            raise RecordError(f"of {step.playbook_id}, version {step.playbook_version} is not at hand")
        if scope.depth >= _DEEPEST:
            raise RecordError("playbooks call each other without an end")
        visible = self._visible(token)
        given = {}
        for name in step.in_args:
            value = visible[name].value if name in visible else None
            if value is None:
                raise RecordError(f"{name} is handed to {playbook.name!r} and has no value")
            given[name] = value
        inner = _Scope(playbook, _given(playbook, given), scope.depth + 1)
        frame = _Frame(inner, token, main=True)
        token.children = [frame]
        self._later(lambda: self._enter_if_open(token, frame, playbook.start))

    def _plan(self, token: _Token) -> None:
        visible = self._visible(token)
        for name in token.step.in_args:
            if name not in visible or visible[name].value is None:
                raise RecordError(f"{name} is needed by {token.step.title!r} and has no value")
        for command in token.step.commands:
            targets = token.step.targets if command.type in _PER_TARGET else token.step.targets[:1]
            token.plan += [(command, target) for target in targets or ("",)]
        self._offer(token)

    def _offer(self, token: _Token) -> None:
        """Put up the step's next command as a job, or leave the step after the last one."""
        if token.index >= len(token.plan):
            self._complete(token)
            return
        command, target = token.plan[token.index]
        visible, parties = self._visible(token), token.frame.scope.playbook.parties
        try:
            token.job = Job(
                key=f"{self.run}.{token.id}.{token.index}",
                step=token.step.id,
                title=token.step.title,
                type=command.type,
                text=_filled(command.text, visible),
                content=_filled(command.content, visible),
                headers={k: tuple(_filled(v, visible) for v in vs) for k, vs in command.headers.items()},
                target=_filled_party(parties.get(target), visible),
                agent=parties.get(token.step.agent),
                description=command.description or token.step.description,
                values={n: visible[n].value or "" for n in token.step.in_args if n in visible},
                out_args=token.step.out_args,
                since=self._at,
                words=_words(command.text, visible) if command.type == "bongsu" else (),
            )
        except RecordError as error:
            self._complete(token, error.message)

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _leave(self, token: _Token, why: str) -> None:
        self._tokens.pop(token.id, None)
        self.trail.append(Passed(token.step.id, token.step.title, token.step.type, self._at, not why, why))

    def _complete(self, token: _Token, why: str = "") -> None:
        """Leave a step, with the reason where it failed, for the one that follows."""
        token.job = None
        self._leave(token, why)
        step = token.step
        following = step.on_failure if why else step.on_completion or step.on_success
        if following:
            self._later(lambda: self._enter(token.frame, following))
        else:
            self._end(token.frame, why)

    def _end(self, frame: _Frame, why: str) -> None:
        """End a chain of steps, with the reason where it failed."""
        scope, parent = frame.scope, frame.opened_by
        if (frame.main or frame.handler) and why and not scope.handled and scope.playbook.exception:
            scope.handled, scope.why = True, why
            handler = _Frame(scope, parent, handler=True)
            if parent is not None:
                parent.children = [handler]
            self._later(lambda: self._enter(handler, scope.playbook.exception))
            return
        if frame.handler:
            why = scope.why
        if parent is None:
            self._finish(why)
        elif frame.main or frame.handler:
            self._return(parent, scope, why)
        else:
            self._join(parent, frame, why)

    def _return(self, token: _Token, inner: _Scope, why: str) -> None:
        """Come back from a nested playbook."""
        token.children = []
        if not why:
            values = {n: inner.values[n].value for n in token.step.out_args if n in inner.values}
            why = self._set(token, {n: v for n, v in values.items() if v is not None})
        self._complete(token, why)

    def _join(self, token: _Token, frame: _Frame, why: str) -> None:
        """Come back from a branch."""
        token.children = [child for child in token.children if child is not frame]
        token.failed = token.failed or why
        if token.children:
            return
        if token.step.type == "while-condition" and not token.failed:
            self._later(lambda: self._again(token))
        else:
            self._complete(token, token.failed)

    def _again(self, token: _Token) -> None:
        try:
            self._dispatch(token, token.step)
        except RecordError as error:
            self._complete(token, error.message)

    def _drop_children(self, token: _Token) -> None:
        gone = set(map(id, token.children))
        token.children = []
        for other in list(self._tokens.values()):
            if id(other.frame) in gone and other.id in self._tokens:
                self._drop_children(other)
                self._tokens.pop(other.id, None)

    def _finish(self, why: str) -> None:
        self.outcome = not why
        self.why = why
        self._queue.clear()

    # -- variables -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _visible(token: _Token) -> dict[str, Variable]:
        return token.frame.scope.values | token.own

    @staticmethod
    def _set(token: _Token, values: Mapping[str, str]) -> str:
        """Set what a command or a nested playbook returned; return what is wrong with it, or nothing."""
        for name, value in values.items():
            if name not in token.step.out_args:
                continue
            holder = token.own if name in token.own else token.frame.scope.values
            variable = holder.get(name)
            if variable is None:
                return f"{name} is returned and declared nowhere"
            if variable.constant:
                return f"{name} is constant and cannot be set"
            if not fits(variable.type, value):
                return f"{name} is of type {variable.type} and cannot be {value[:60]!r}"
            holder[name] = replace(variable, value=value)
        return ""


def _after(at: datetime, milliseconds: int) -> datetime:
    """Return the time so much later; for spans beyond the calendar, its end."""
    try:
        return at + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=at.tzinfo)


def _given(playbook: Playbook, values: Mapping[str, str]) -> dict[str, Variable]:
    """Return a playbook's variables at its start."""
    found = {v.name: v for v in playbook.variables}
    for name, value in values.items():
        if name not in found:
            raise RecordError(f"{playbook.name!r} has no variable {name}")
        if not found[name].external:
            raise RecordError(f"{name} of {playbook.name!r} is not external: it cannot be given from outside")
        if not fits(found[name].type, value):
            raise RecordError(f"{name} is of type {found[name].type} and cannot be {value[:60]!r}")
        found[name] = replace(found[name], value=value)
    return found


def _filled(text: str, variables: Mapping[str, Variable]) -> str:
    """Put values in where a text says `__name__:value`."""
    for name in dict.fromkeys(references(text)):
        value = variables[name].value if name in variables else None
        if value is None:
            raise RecordError(f"{name} is needed and has no value")
    return re.sub(r"(__[A-Za-z_][A-Za-z0-9_-]*?__)(?![A-Za-z0-9_-]):value", lambda m: variables[m[1]].value or "", text)


def _words(text: str, variables: Mapping[str, Variable]) -> tuple[str, ...]:
    try:
        return tuple(_filled(word, variables) for word in shlex.split(text))
    except ValueError as error:
        raise RecordError(f"the command {text[:80]!r} cannot be read: {error}") from None


def _filled_party(party: Mapping[str, Any] | None, variables: Mapping[str, Variable]) -> Mapping[str, Any] | None:
    if party is None:
        return None

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return _filled(value, variables)
        if isinstance(value, list):
            return [fill(v) for v in value]
        if isinstance(value, dict):
            return {k: fill(v) for k, v in value.items()}
        return value

    return {k: fill(v) for k, v in party.items()}


def fits(kind: str, value: str) -> bool:
    """Say whether a text is a value of a CACAO type of variable; a type that CACAO does not know takes any text."""
    test = _FITS.get(kind)
    if test is None:
        return True
    try:
        return bool(test(value))
    except ValueError:
        return False


_FITS: dict[str, Callable[[str], object]] = {
    "bool": lambda v: v.lower() in {"true", "false"},
    "integer": lambda v: re.fullmatch(r"[+-]?\d+", v),
    "long": lambda v: re.fullmatch(r"[+-]?\d+", v),
    "float": lambda v: float(v) == float(v),
    "hexstring": lambda v: re.fullmatch(r"(0x)?[0-9a-fA-F]*", v),
    "ipv4-addr": lambda v: ipaddress.IPv4Network(v, strict=False),
    "ipv6-addr": lambda v: ipaddress.IPv6Network(v, strict=False),
    "mac-addr": lambda v: re.fullmatch(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}", v),
    "md5-hash": lambda v: re.fullmatch(r"[0-9a-fA-F]{32}", v),
    "sha256-hash": lambda v: re.fullmatch(r"[0-9a-fA-F]{64}", v),
    "uuid": uuid.UUID,
    "dictionary": lambda v: isinstance(json.loads(v), dict),
}
