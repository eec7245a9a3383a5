"""What is due in a case, and when: the clocks of requests, timers of playbooks, people's tasks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

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


def next_ring(request: Request) -> datetime | None:
    """Return when somebody is told next that a request rests."""
    found = clock_of(request)
    return None if found is None else request.since + found[1].patience * (request.rung + 1)


def expiry(request: Request) -> datetime | None:
    """Return when a request counts as unanswered for good."""
    rule = rules().get(request.state)
    return request.since + rule.expires if rule and rule.expires else None


def agenda(state: CaseState) -> tuple[Due, ...]:
    """Return all that waits in a case, the earliest first."""
    found = [*_requests(state), *_tasks(state), *_attempts(state)]
    return tuple(sorted(found, key=lambda d: (d.at, d.subject)))


def _requests(state: CaseState) -> Iterator[Due]:
    words = {"drafted": "approve", "approved": "send", "sent": "answer", "acknowledged": "answer"}
    for request in state.requests.values():
        found = clock_of(request)
        ring = next_ring(request)
        if found is not None and ring is not None:
            text = f"{request.action} at {request.venue_name}, {request.state}"
            if request.version > 1 and request.version > request.sent:
                text += f", amendment {request.version}"
            yield Due(ring, words[found[0]], request.id, text, found[1].tell)


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
