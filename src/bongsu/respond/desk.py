"""The desk: what people do with cases. Each verb checks the right, writes to the log, and refuses in the log.

Time, files and everything that leaves the house come in from outside (`Desk`'s fields), so that the same desk runs in
a test with fakes, at the command line, and behind a console. All verbs stand here, so that one look shows that each
checks its right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, RefusedError
from bongsu.respond.log import New
from bongsu.respond.playbook import Playbook, library
from bongsu.respond.state import AMENDABLE, ANSWERS, CaseState, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bongsu.respond.agency import Actor, Roster
    from bongsu.respond.log import Event, Log
    from bongsu.respond.packets import Assessed

NO_CASE = "desk"
"""The log of what was refused where no case exists to keep it."""
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_TASK_ANSWERS = ("done", "failed")
_DOUBT_ANSWERS = ("arrived", "again")


@dataclass(frozen=True, slots=True)
class Desk:
    """The verbs on cases.

    Attributes:
        log: where cases are kept.
        roster: who may do what.
    """

    log: Log
    roster: Roster

    def state(self, case: str, actor: Actor) -> CaseState:
        """Return a case as its log leaves it.

        Raises:
            RecordError: there is no such case.
            RefusedError: they may not see it.
        """
        return self._seen(case, actor, "see")[0]

    def may(self, case: str, actor: Actor, right: str) -> None:
        """Check that somebody may do something in a case, before work that takes time.

        Raises:
            RefusedError: they may not; the log says so.
        """
        self._seen(case, actor, right)

    def cases(self, actor: Actor) -> list[CaseState]:
        """Return the cases that somebody may see."""
        found = (fold(case, self.log.read(case)) for case in self.log.cases() if case != NO_CASE)
        return [state for state in found if self.roster.may(actor, "see") and _known_to(state, actor)]

    def open(
        self,
        case: str,
        title: str,
        actor: Actor,
        *,
        assessed: Assessed | None = None,
        source: Mapping[str, Any] | None = None,
        alert_at: datetime | None = None,
        agencies: Sequence[str] = (),
        marking: str = "amber",
        watch: Sequence[Mapping[str, str]] = (),
    ) -> CaseState:
        """Open a case.

        Args:
            case: its id: small letters, digits, dots and dashes.
            title: what it is called.
            actor: who opens it.
            assessed: what stands where and whom it can be asked of, if a trace is at hand.
            source: what it was opened from.
            alert_at: when the alert came, from which its clock counts; now otherwise.
            agencies: the only ones who may know of it; all where none is named.
            marking: its TLP level.
            watch: addresses to watch from the start: rows with chain, address, asset and why.
        """
        if not _ID.match(case) or case == NO_CASE:
            raise RecordError(f"{case!r} is no id of a case", hint="use small letters, digits, dots and dashes")
        unknown = [a for a in agencies if a not in self.roster.agencies]
        if unknown:
            raise RecordError(f"{unknown[0]!r} is no agency here")
        if alert_at is not None and alert_at > self.log.now():
            raise RecordError(f"the alert cannot come later than now: {alert_at.isoformat()}")
        self._right(NO_CASE, actor, "open")
        opened = {
            "title": title,
            "source": dict(source or {}),
            "marking": marking,
            "alert_at": alert_at.astimezone(UTC).isoformat() if alert_at else "",
            "agencies": sorted({*agencies, actor.agency}) if agencies else [],
        }

        def decide(events: tuple[Event, ...]) -> Iterable[New]:
            if events:
                raise RecordError(f"a case {case!r} is already open", hint="choose another id, or work on that one")
            watched = [New("watch.added", {"addresses": [dict(row) for row in watch]})] if watch else []
            return [New("case.opened", opened), *([_assessed(assessed)] if assessed else []), *watched]

        for content in assessed.contents if assessed else ():
            self.log.keep(content)
        self.log.update(case, decide, str(actor))
        return fold(case, self.log.read(case))

    def reassess(self, case: str, assessed: Assessed, actor: Actor) -> CaseState:
        """Take in a new trace: new positions amend the requests that are open, and repeat none."""
        for content in assessed.contents:
            self.log.keep(content)

        def decide(state: CaseState) -> Iterable[New]:
            yield _assessed(assessed)
            for request in state.requests.values():
                packet = assessed.packets.get(request.venue)
                if request.state in AMENDABLE and packet and list(request.items) != packet["items"]:
                    yield New("request.amended", _amendment(request, packet, str(actor)))

        return self._do(case, actor, "run", decide)

    def start(
        self,
        case: str,
        playbook: Playbook,
        actor: Actor,
        *,
        values: Mapping[str, str] | None = None,
        nested: Iterable[Playbook] = (),
        accept_errors: bool = False,
    ) -> str:
        """Begin a playbook in a case and return the run's id.

        The whole document goes into the log, so that the run goes on from it whatever becomes of the file.

        Raises:
            RecordError: the playbook has errors, is revoked or out of its time, or a value does not fit.
        """
        from bongsu.respond.machine import Machine

        at = self.log.now()
        problems = [f.message for f in playbook.errors] + _untimely(playbook, at)
        if problems and not accept_errors:
            raise RecordError(
                f"{playbook.name!r} has {len(problems)} errors, the first: {problems[0]}",
                hint="`bongsu playbook lint FILE` shows them all; --accept-errors runs it all the same",
            )
        near = {p.id: p for p in (*library().values(), *nested)}
        called = _called(playbook, near)
        for key in _needed(playbook, called):
            if key not in called:
                raise RecordError(f"the playbook {key} that {playbook.name!r} calls is not at hand", hint="--with FILE")
        Machine("check", playbook, called, at, values or {})
        started = {
            "playbook": playbook.document,
            "digest": playbook.digest,
            "name": playbook.name,
            "nested": {key: p.document for key, p in called.items()},
            "values": dict(values or {}),
            "accepted": problems,
        }
        made: list[str] = []

        def decide(state: CaseState) -> Iterable[New]:
            made[:] = [f"P{len(state.runs) + 1}"]
            return [New("run.started", {"run": made[0], **started})]

        self._do(case, actor, "run", decide)
        return made[0]

    def approve(self, case: str, subject: str, actor: Actor, why: str = "", *, accept_gaps: bool = False) -> CaseState:
        """Approve a request's newest version, or a command that would leave the house.

        Raises:
            RefusedError: it is their own draft: what leaves the house needs four eyes.
            RecordError: its letter has placeholders that nobody filled in, and they are not accepted as they are.
        """

        def decide(state: CaseState) -> Iterable[New]:
            if subject in state.requests:
                request = state.requests[subject]
                if not request.waits_for_approval:
                    raise RecordError(f"{subject} waits for nobody's approval: it is {request.state}")
                self._four_eyes(case, actor, request.drafted_by, subject)
                if request.gaps and not accept_gaps:
                    raise RecordError(
                        f"the letter of {subject} leaves {len(request.gaps)} places open, the first: {request.gaps[0]}",
                        hint="draft with --officer FILE, or say --accept-gaps and fill them in by hand",
                    )
                return [New("approved", {"id": subject, "version": request.version, "why": why, "gaps": request.gaps})]
            job = next((j for run in state.runs.values() for j in run.jobs if j.key == subject), None)
            if job is None or job.type in {"manual", "bongsu"}:
                raise RecordError(
                    f"{subject!r} is nothing here that waits for approval", hint=f"see `case show {case}`"
                )
            if subject in state.approved_commands:
                raise RecordError(f"{subject} is approved already")
            self._four_eyes(case, actor, state.run_by[subject.partition(".")[0]], subject)
            return [New("approved", {"command": subject, "text": job.text, "why": why})]

        return self._do(case, actor, "approve", decide)

    def answer(
        self,
        case: str,
        subject: str,
        says: str,
        actor: Actor,
        *,
        note: str = "",
        reference: str = "",
        values: Mapping[str, str] | None = None,
        frozen: Mapping[str, str] | None = None,
        returned: Mapping[str, str] | None = None,
    ) -> CaseState:
        """Record what a venue answered to a request, what came of a person's task, or what became of a doubtful try.

        The same answer a second time is recorded as a repeat and changes nothing.
        """

        def decide(state: CaseState) -> Iterable[New]:
            if subject in state.requests:
                _one_of(says, ANSWERS, subject)
                said = {
                    "note": note,
                    "reference": reference,
                    "frozen": dict(frozen or {}),
                    "returned": dict(returned or {}),
                }
                return [New("request.answered", _answer(state, subject, says, said))]
            if subject in state.attempts and state.attempts[subject].state in {"doubtful", "dead"}:
                _one_of(says, _DOUBT_ANSWERS, subject)
                return [_resolved(state, subject, says, note)]
            job = next((j for run in state.runs.values() for j in run.jobs if j.key == subject), None)
            if job is None or job.type != "manual":
                raise RecordError(
                    f"{subject!r} is nothing here that waits for an answer", hint=f"see `case show {case}`"
                )
            _one_of(says, _TASK_ANSWERS, subject)
            unasked = sorted(set(values or {}) - set(job.out_args))
            if unasked:
                raise RecordError(f"{unasked[0]} is not asked for by {job.title!r}")
            done = {
                "key": subject,
                "ok": says == "done",
                "values": dict(values or {}),
                "why": note if says != "done" else "",
            }
            return [New("command.done", done)]

        return self._do(case, actor, "answer", decide)

    def note(
        self, case: str, text: str, actor: Actor, *, files: Mapping[str, bytes] | None = None, compartment: str = ""
    ) -> CaseState:
        """Add a note, with files if any, in a compartment if named."""
        if compartment and compartment not in self.roster.compartments:
            raise RecordError(f"{compartment!r} is no compartment of the agencies' file")
        if not self.roster.inside(actor, compartment):
            self._refuse(case, actor, "note", f"{actor} is outside the compartment {compartment!r}")
        kept = {name: self.log.keep(content) for name, content in (files or {}).items()}
        data = {"text": text, "files": kept, "compartment": compartment}
        return self._do(case, actor, "note", lambda _state: [New("note.added", data)])

    def seen_freezes(self, case: str, rows: Sequence[Mapping[str, Any]], actor: Actor) -> CaseState:
        """Record freezes that were found on chain."""

        def decide(state: CaseState) -> Iterable[New]:
            fresh = [r for r in rows if f"{r['chain']}:{r['tx']}:{r['log']}" not in state.freezes]
            return [New("freeze.seen", {"freezes": fresh})] if fresh else []

        return self._do(case, actor, "note", decide)

    def close(self, case: str, why: str, actor: Actor) -> CaseState:
        """Close a case, with the reason."""
        if not why.strip():
            raise RecordError("a case is closed for a reason", hint="say it with --why")
        return self._do(case, actor, "close", lambda _state: [New("case.closed", {"why": why})])

    def history(self, case: str, actor: Actor) -> list[tuple[Event, bool]]:
        """Return the events of a case, each with whether they may see what is in it."""
        _, events = self._seen(case, actor, "see")
        hidden = {e.data["id"] for e in events if e.kind == "request.drafted" and not self._inside(actor, e)}
        return [(e, self._inside(actor, e) and e.data.get("id") not in hidden) for e in events]

    def _inside(self, actor: Actor, event: Event) -> bool:
        return self.roster.inside(actor, event.data.get("compartment", ""))

    # -- rights --------------------------------------------------------------------------------------------------------

    def _do(self, case: str, actor: Actor, right: str, decide: Callable[[CaseState], Iterable[New]]) -> CaseState:
        """Check the right, then add what `decide` says to an open case."""
        self._seen(case, actor, right)

        def with_state(events: tuple[Event, ...]) -> Iterable[New]:
            state = fold(case, events)
            if not state.open:
                raise RecordError(f"the case {case!r} is closed: {state.closed_why}")
            return list(decide(state))

        before, added = self.log.update(case, with_state, str(actor))
        return fold(case, (*before, *added))

    def _seen(self, case: str, actor: Actor, right: str) -> tuple[CaseState, tuple[Event, ...]]:
        events = self.log.read(case)
        if not events or case == NO_CASE:
            raise RecordError(f"there is no case {case!r}", hint="`bongsu case list` shows those there are")
        state = fold(case, events)
        if not _known_to(state, actor):
            self._refuse(case, actor, right, f"the case is not for {actor.agency}")
        self._right(case, actor, right)
        return state, events

    def _right(self, case: str, actor: Actor, right: str) -> None:
        if not self.roster.may(actor, right):
            self._refuse(case, actor, right, f"{actor} may not {right}; {', '.join(self.roster.who_may(right))} may")

    def _four_eyes(self, case: str, actor: Actor, drafter: str, subject: str) -> None:
        if actor.person == drafter.partition("@")[0]:
            self._refuse(case, actor, "approve", f"{subject} is {actor}'s own: what leaves the house needs four eyes")

    def _refuse(self, case: str, actor: Actor, right: str, why: str) -> None:
        self.log.update(case, lambda _events: [New("refused", {"right": right, "why": why})], str(actor))
        raise RefusedError(why, hint="the refusal stands in the log")


def _known_to(state: CaseState, actor: Actor) -> bool:
    return not state.agencies or actor.agency in state.agencies


def _assessed(assessed: Assessed) -> New:
    data = {"stolen": assessed.stolen, "positions": assessed.positions, "packets": assessed.packets}
    return New("case.assessed", data)


def _amendment(request: Any, packet: Mapping[str, Any], by: str) -> dict[str, Any]:
    before = {_place(item) for item in request.items}
    now = {_place(item) for item in packet["items"]}
    return {
        "id": request.id,
        "version": request.version + 1,
        "items": packet["items"],
        "files": packet["files"],
        "gaps": packet.get("gaps", []),
        "added": sorted(now - before),
        "removed": sorted(before - now),
        "drafted_by": by,
    }


def _place(item: Mapping[str, Any]) -> str:
    return ":".join(str(item.get(k, "")) for k in ("theft", "chain", "asset", "address"))


def _answer(state: CaseState, subject: str, says: str, said: dict[str, Any]) -> dict[str, Any]:
    request = state.requests[subject]
    if not request.sent:
        raise RecordError(f"{subject} has not been sent: nobody can have answered it")
    assets = {item["asset"] for item in request.items if "asset" in item}
    odd = sorted({*said["frozen"], *said["returned"]} - assets)
    if assets and odd:
        raise RecordError(f"{subject} is not about {odd[0]}", hint=f"it is about {', '.join(sorted(assets))}")
    repeats = any(
        (a.says, a.reference, dict(a.frozen), dict(a.returned))
        == (says, said["reference"], said["frozen"], said["returned"])
        for a in request.answers
    )
    return {"id": subject, "says": says, "repeats": repeats, **said}


def _resolved(state: CaseState, key: str, says: str, note: str) -> New:
    """Return what follows when somebody says what became of a try of which nobody knew."""
    if says == "again":
        return New("attempt.again", {"key": key, "why": note})
    request = next((r for r in state.requests.values() if key == delivery_key(state.id, r.id, r.version)), None)
    if request is not None:
        return New("request.sent", {"id": request.id, "version": request.version, "key": key, "reference": note})
    return New("command.done", {"key": key, "ok": True, "values": {}, "why": note})


def delivery_key(case: str, request: str, version: int) -> str:
    """Return the key by which a receiver knows a delivery again."""
    return f"{case}/{request}@{version}"


def _one_of(says: str, allowed: tuple[str, ...], subject: str) -> None:
    if says not in allowed:
        raise RecordError(f"{says!r} is no answer for {subject}", hint=f"they are {', '.join(allowed)}")


def _untimely(playbook: Playbook, at: datetime) -> list[str]:
    if playbook.revoked:
        return ["it is revoked"]
    now = at.isoformat().replace("+00:00", "Z")
    found = []
    if playbook.valid_from and now[:19] < playbook.valid_from[:19]:
        found.append(f"it is valid only from {playbook.valid_from}")
    if playbook.valid_until and now[:19] > playbook.valid_until[:19]:
        found.append(f"it was valid until {playbook.valid_until}")
    return found


def _needed(playbook: Playbook, called: Mapping[str, Playbook]) -> list[str]:
    return [s.playbook_id for p in (playbook, *called.values()) for s in p.steps.values() if s.playbook_id]


def _called(playbook: Playbook, near: Mapping[str, Playbook]) -> dict[str, Playbook]:
    """Return all playbooks that one calls, and those that they call."""
    found: dict[str, Playbook] = {}
    waiting = [s.playbook_id for s in playbook.steps.values() if s.playbook_id]
    while waiting:
        key = waiting.pop()
        if key in near and key not in found:
            found[key] = near[key]
            waiting += [s.playbook_id for s in near[key].steps.values() if s.playbook_id]
    return found
