"""What is true of a case: a fold over its log, and nothing else.

`fold(events)` reads the events in order and gives the state; every event kind has its method here, and the list of
methods is the list of event kinds (docs/cases.md explains them). A state reads no clock: what is due is asked with the
time (`due.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bongsu.errors import VerificationError
from bongsu.respond.machine import Machine
from bongsu.respond.playbook import pinned_playbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from bongsu.respond.log import Event

FINAL = frozenset({"granted", "partly", "refused", "expired"})
AMENDABLE = frozenset({"drafted", "approved", "sent", "acknowledged", "granted", "partly"})
ANSWERS = ("acknowledged", "granted", "partly", "refused")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a venue, as recorded. Amounts are whole units as text, by asset."""

    at: datetime
    says: str
    reference: str
    note: str
    frozen: Mapping[str, str]
    returned: Mapping[str, str]
    by: str


@dataclass(frozen=True, slots=True)
class Request:
    """What the case asks of a venue, and how far it has come.

    Attributes:
        id: its id in the case, R1, R2, ...
        venue, venue_name, kind: whom it is for, and what they are.
        action: what is asked first: freeze, preserve, disclose, takedown, suspend, warn; `asks` are all of it.
        items: what it is about: rows with theft, asset, chain, address, low and high, or a subject.
        files: the packet: digests by file name.
        state: drafted, approved, sent, acknowledged, granted, partly, refused or expired.
        version: counts its amendments, from 1; `approved` and `sent` say which version was.
        drafted_by, approved_by: who.
        since: when it came into its state; `rung` counts how often somebody was told since.
        times: the first time of each state.
        answers: all answers in order.
        gaps: what its letter leaves open.
    """

    id: str
    venue: str
    venue_name: str
    kind: str
    action: str
    asks: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    files: Mapping[str, str]
    drafted_by: str
    since: datetime
    state: str = "drafted"
    version: int = 1
    approved: int = 0
    sent: int = 0
    approved_by: str = ""
    rung: int = 0
    times: Mapping[str, datetime] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    gaps: tuple[str, ...] = ()
    compartment: str = ""

    @property
    def deliverable(self) -> bool:
        """Whether its newest version is approved and has not left yet."""
        return self.approved == self.version > self.sent and self.state not in {"refused", "expired"}

    @property
    def waits_for_approval(self) -> bool:
        """Whether its newest version waits for somebody's approval."""
        return self.version > self.approved and self.state not in {"refused", "expired"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far a delivery or a command that leaves the house has come.

    Attributes:
        tries: how often it was begun.
        state: "trying", "failed", "doubtful" (nobody knows whether it arrived), "dead" or "done".
        by: the process that tries; `until`: when its claim ends.
        again_at: when to try again after a failure.
        why: what went wrong last.
    """

    tries: int = 0
    state: str = ""
    by: str = ""
    until: datetime | None = None
    again_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A note, a decision or a file that somebody added."""

    seq: int
    at: datetime
    by: str
    text: str
    files: Mapping[str, str]
    compartment: str


@dataclass(slots=True)
class CaseState:
    """A case as its log leaves it."""

    id: str
    title: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    opened_at: datetime | None = None
    opened_by: str = ""
    alert_at: datetime | None = None
    closed_at: datetime | None = None
    closed_why: str = ""
    marking: str = "amber"
    agencies: tuple[str, ...] = ()
    stolen: tuple[Mapping[str, Any], ...] = ()
    positions: tuple[Mapping[str, Any], ...] = ()
    packets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    assessed: int = 0
    requests: dict[str, Request] = field(default_factory=dict)
    runs: dict[str, Machine] = field(default_factory=dict)
    run_by: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    approved_commands: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    watched: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    freezes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refusals: int = 0
    clock_set_back: int = 0
    events: int = 0
    head: str = ""

    @property
    def open(self) -> bool:
        """Whether the case is open."""
        return self.opened_at is not None and self.closed_at is None


def fold(case: str, events: Iterable[Event]) -> CaseState:
    """Return the state that a log leaves.

    Raises:
        VerificationError: an event is of a kind that this version does not know: its author's was newer.
    """
    state = CaseState(case)
    for event in events:
        apply = _KINDS.get(event.kind)
        if apply is None:
            raise VerificationError(
                f"case {case}: event {event.seq} is of the kind {event.kind!r}, which this version does not know",
                hint="use the version of Bongsu that wrote it, or a newer one",
            )
        apply(state, event)
        state.events, state.head = event.seq, event.digest
    return state


def _opened(state: CaseState, event: Event) -> None:
    data = event.data
    state.title, state.source, state.marking = data["title"], data.get("source", {}), data.get("marking", "amber")
    state.opened_at, state.opened_by = event.when, event.actor
    state.alert_at = _time(data["alert_at"]) if data.get("alert_at") else event.when
    state.agencies = tuple(data.get("agencies", ()))


def _closed(state: CaseState, event: Event) -> None:
    state.closed_at, state.closed_why = event.when, event.data["why"]


def _assessed(state: CaseState, event: Event) -> None:
    state.stolen, state.positions = tuple(event.data["stolen"]), tuple(event.data["positions"])
    state.packets = event.data["packets"]
    state.assessed += 1


def _drafted(state: CaseState, event: Event) -> None:
    data = event.data
    state.requests[data["id"]] = Request(
        id=data["id"],
        venue=data["venue"],
        venue_name=data.get("venue_name", data["venue"]),
        kind=data["kind"],
        action=data["action"],
        asks=tuple(data.get("asks", [data["action"]])),
        items=tuple(data["items"]),
        files=data.get("files", {}),
        drafted_by=data.get("drafted_by", event.actor),
        since=event.when,
        times={"drafted": event.when},
        gaps=tuple(data.get("gaps", ())),
        compartment=data.get("compartment", ""),
    )


def _amended(state: CaseState, event: Event) -> None:
    data, old = event.data, state.requests[event.data["id"]]
    back = old.state == "approved"
    state.requests[old.id] = replace(
        old,
        items=tuple(data["items"]),
        files=data.get("files", {}),
        gaps=tuple(data.get("gaps", ())),
        version=data["version"],
        drafted_by=data.get("drafted_by", event.actor),
        state="drafted" if back else old.state,
        since=event.when,
        rung=0,
    )


def _approved(state: CaseState, event: Event) -> None:
    if "command" in event.data:
        state.approved_commands[event.data["command"]] = event.actor
        return
    old = state.requests[event.data["id"]]
    changed = replace(old, approved=event.data["version"], approved_by=event.actor)
    state.requests[old.id] = _to(changed, "approved", event) if old.state == "drafted" else changed


def _to(request: Request, name: str, event: Event) -> Request:
    times = {**request.times, name: request.times.get(name, event.when)}
    return replace(request, state=name, since=event.when, rung=0, times=times)


def _tried(state: CaseState, event: Event) -> None:
    data = event.data
    old = state.attempts.get(data["key"], Attempt())
    state.attempts[data["key"]] = Attempt(old.tries + 1, "trying", data["by"], _time(data["until"]))


def _failed(state: CaseState, event: Event) -> None:
    data = event.data
    old = state.attempts.get(data["key"], Attempt())
    again = _time(data["again_at"]) if data.get("again_at") else None
    state.attempts[data["key"]] = replace(
        old, state="failed" if again else "dead", again_at=again, why=data["why"], until=None
    )


def _doubtful(state: CaseState, event: Event) -> None:
    old = state.attempts.get(event.data["key"], Attempt())
    state.attempts[event.data["key"]] = replace(old, state="doubtful", why=event.data["why"], until=None)


def _again(state: CaseState, event: Event) -> None:
    """Somebody said that what was doubtful or dead did not arrive and is to be tried again."""
    state.attempts[event.data["key"]] = Attempt()


def _sent(state: CaseState, event: Event) -> None:
    data = event.data
    old = state.requests[data["id"]]
    state.attempts[data["key"]] = replace(state.attempts.get(data["key"], Attempt()), state="done", until=None)
    changed = replace(old, sent=max(old.sent, data["version"]))
    state.requests[old.id] = _to(changed, "sent", event) if old.state in {"drafted", "approved"} else changed


def _answered(state: CaseState, event: Event) -> None:
    data = event.data
    old = state.requests[data["id"]]
    answer = Answer(
        event.when,
        data["says"],
        data.get("reference", ""),
        data.get("note", ""),
        data.get("frozen", {}),
        data.get("returned", {}),
        event.actor,
    )
    changed = replace(old, answers=(*old.answers, answer))
    keeps = data.get("repeats") or (data["says"] == "acknowledged" and old.state in FINAL)
    state.requests[old.id] = changed if keeps else _to(changed, data["says"], event)


def _expired(state: CaseState, event: Event) -> None:
    state.requests[event.data["id"]] = _to(state.requests[event.data["id"]], "expired", event)


def _rung(state: CaseState, event: Event) -> None:
    old = state.requests[event.data["id"]]
    state.requests[old.id] = replace(old, rung=event.data["level"])


def _run_started(state: CaseState, event: Event) -> None:
    data = event.data
    nested = {key: pinned_playbook(document, key) for key, document in data.get("nested", {}).items()}
    playbook = pinned_playbook(data["playbook"], data["run"])
    state.runs[data["run"]] = Machine(data["run"], playbook, nested, event.when, data.get("values", {}))
    state.run_by[data["run"]] = event.actor
    state.names[data["run"]] = playbook.name


def _command_done(state: CaseState, event: Event) -> None:
    data = event.data
    if data["key"] in state.attempts:
        state.attempts[data["key"]] = replace(state.attempts[data["key"]], state="done", until=None)
    run = state.runs[data["key"].partition(".")[0]]
    run.done(data["key"], event.when, ok=data["ok"], values=data.get("values", {}), why=data.get("why", ""))


def _timer_rung(state: CaseState, event: Event) -> None:
    state.runs[event.data["key"].partition(".")[0]].rung(event.data["key"], event.data["what"], event.when)


def _noted(state: CaseState, event: Event) -> None:
    data = event.data
    state.remarks.append(
        Remark(event.seq, event.when, event.actor, data["text"], data.get("files", {}), data.get("compartment", ""))
    )


def _watched(state: CaseState, event: Event) -> None:
    for row in event.data["addresses"]:
        state.watched[f"{row['chain']}:{row['address']}"] = row


def _frozen_on_chain(state: CaseState, event: Event) -> None:
    for row in event.data["freezes"]:
        state.freezes[f"{row['chain']}:{row['tx']}:{row['log']}"] = row


def _refused(state: CaseState, _event: Event) -> None:
    state.refusals += 1


def _set_back(state: CaseState, _event: Event) -> None:
    state.clock_set_back += 1


def _time(text: str) -> datetime:
    from datetime import datetime

    return datetime.fromisoformat(text)


_KINDS: dict[str, Callable[[CaseState, Event], None]] = {
    "case.opened": _opened,
    "case.closed": _closed,
    "case.assessed": _assessed,
    "request.drafted": _drafted,
    "request.amended": _amended,
    "request.sent": _sent,
    "request.answered": _answered,
    "request.expired": _expired,
    "request.rung": _rung,
    "approved": _approved,
    "attempt.begun": _tried,
    "attempt.failed": _failed,
    "attempt.doubtful": _doubtful,
    "attempt.again": _again,
    "run.started": _run_started,
    "command.done": _command_done,
    "timer.rung": _timer_rung,
    "note.added": _noted,
    "watch.added": _watched,
    "freeze.seen": _frozen_on_chain,
    "refused": _refused,
    "clock.set_back": _set_back,
}
