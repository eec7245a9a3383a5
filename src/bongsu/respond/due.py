"""What is due in a case, and when: the clocks of requests, timers of playbooks, people's tasks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bongsu.respond.hours import later, read_hours
from bongsu.respond.venue import venue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bongsu.respond.state import CaseState, Request


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a request may rest in a state, and who is told then: those with that right."""

    patience: timedelta
    tell: str
    expires: timedelta | None


@dataclass(frozen=True, slots=True)
class Due:
    """Something that waits for somebody, or for its time.

    Attributes:
        at: when it is due.
        what: "approve", "send", "answer", "task", "timer", "doubtful" or "dead".
        subject: the id to name to the verbs of `bongsu case`.
        text: what it is about, for people.
        tell: the right that is needed.
    """

    at: datetime
    what: str
    subject: str
    text: str
    tell: str


@cache
def rules() -> dict[str, Rule]:
    """Return the house's clocks by state of a request."""
    document = tomllib.loads(files(__package__).joinpath("clocks.toml").read_text(encoding="utf-8"))
    return {
        state: Rule(
            timedelta(minutes=row["minutes"]),
            row["tell"],
            timedelta(minutes=row["expires"]) if "expires" in row else None,
        )
        for state, row in document.items()
    }


def clock_of(request: Request) -> tuple[str, Rule] | None:
    """Return the clock that runs for a request: its state's, or that of an amendment on its way; None when it rests."""
    state = "drafted" if request.waits_for_approval else "approved" if request.deliverable else request.state
    rule = rules().get(state)
    return None if rule is None else (state, rule)


def ring(request: Request, number: int) -> datetime | None:
    """Return when somebody is told for the first, second, ... time that a request rests.

    A venue that says how long it takes is given so long once it has acknowledged; where its hours are known, nobody is
    sent to chase it while its desk is closed.
    """
    found = clock_of(request)
    if found is None:
        return None
    state, rule = found
    at = request.since + rule.patience * number
    if state in {"sent", "acknowledged"}:
        profile = venue(request.venue, request.kind)
        hours = read_hours(profile.hours)
        if state == "acknowledged" and profile.answer_within:
            at = later(request.since, profile.answer_within, hours) + rule.patience * (number - 1)
        return hours.from_then(at) if hours else at
    return at


def next_ring(request: Request) -> datetime | None:
    """Return when somebody is told next that a request rests."""
    return ring(request, request.rung + 1)


def level(request: Request, now: datetime) -> int:
    """Return how often somebody should have been told by now."""
    number = request.rung
    while (at := ring(request, number + 1)) is not None and at <= now:
        number += 1
    return number


def expiry(request: Request) -> datetime | None:
    """Return when a request counts as unanswered for good: never before twice the time that the venue says it takes."""
    rule = rules().get(request.state)
    if rule is None or rule.expires is None:
        return None
    profile, end = venue(request.venue, request.kind), request.since + rule.expires
    if not profile.answer_within:
        return end
    usual = later(request.since, profile.answer_within, read_hours(profile.hours))
    return max(end, request.since + 2 * (usual - request.since))


def agenda(state: CaseState) -> tuple[Due, ...]:
    """Return all that waits in a case, the earliest first."""
    found = [*_requests(state), *_tasks(state), *_attempts(state)]
    return tuple(sorted(found, key=lambda d: (d.at, d.subject)))


def _requests(state: CaseState) -> Iterator[Due]:
    words = {"drafted": "approve", "approved": "send", "sent": "answer", "acknowledged": "answer"}
    for request in state.requests.values():
        found = clock_of(request)
        at = next_ring(request)
        if found is not None and at is not None:
            text = f"{request.action} at {request.venue_name}, {request.state}"
            if request.version > 1 and request.version > request.sent:
                text += f", amendment {request.version}"
            hours = read_hours(venue(request.venue, request.kind).hours)
            if hours is not None and words[found[0]] == "answer":
                text += f" (there: {hours.shown(at)})"
            yield Due(at, words[found[0]], request.id, text, found[1].tell)


def _tasks(state: CaseState) -> Iterator[Due]:
    for run_id, run in state.runs.items():
        deadlines = {t.key: t.at for t in run.timers if t.what == "timeout"}
        for job in run.jobs:
            at = deadlines.get(job.key.rpartition(".")[0], job.since)
            if job.type == "manual":
                yield Due(at, "task", job.key, f"{job.title}: {job.text}", "answer")
            elif job.key not in state.approved_commands and job.type != "bongsu":
                yield Due(at, "approve", job.key, f"{job.title}: {job.type} {job.text}", "approve")
        shown = {job.key.rpartition(".")[0] for job in run.jobs if job.type == "manual"}
        for timer in run.timers:
            if timer.key in shown:
                continue  # the task says it
            yield Due(timer.at, "timer", timer.key, f"{timer.what} of {timer.title!r} in {state.names[run_id]}", "run")


def _attempts(state: CaseState) -> Iterator[Due]:
    at = state.opened_at
    for key, attempt in state.attempts.items():
        if at is not None and attempt.state in {"doubtful", "dead"}:
            yield Due(at, attempt.state, key, attempt.why, "send")
        elif attempt.state == "failed" and attempt.again_at is not None:
            yield Due(attempt.again_at, "send", key, f"tried {attempt.tries} times: {attempt.why}", "send")
