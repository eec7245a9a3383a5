"""The runner: brings a case forward as far as it goes without a person.

One turn looks at the case, does the first thing that can be done, and writes what came of it; then it looks again. So
each step rests on what is true, two runners can work the same case, and one that is killed at any instant leaves
nothing half-done that the next would not see:

- what only changes the log (own commands, clocks, timers) is written in one append, or not at all;
- what leaves the house is written down before it is tried (`attempt.begun`), and done under a key that never changes.
  After a crash in between it is tried again where doing it twice comes to the same as once; otherwise a person is
  asked. A claim to a try ends with the process that made it, or after its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bongsu.errors import ConflictError, RecordError
from bongsu.respond.actions import act
from bongsu.respond.channel import DoubtfulError, FailedError, Packet
from bongsu.respond.commands import HTTP, REPEATABLE, http_request, http_result, refusal
from bongsu.respond.desk import delivery_key
from bongsu.respond.due import clock_of, expiry, level, next_ring
from bongsu.respond.http import Unreached, Unsure
from bongsu.respond.log import New
from bongsu.respond.state import Attempt, CaseState, Request, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bongsu.respond.agency import Actor, Roster
    from bongsu.respond.channel import Channels
    from bongsu.respond.http import Transport
    from bongsu.respond.log import Event, Log
    from bongsu.respond.machine import Job

_HTTP_SECONDS = 30.0
_MARGIN = timedelta(seconds=10)
_BACK_OFF = (1, 5, 15, 60, 240, 720)
"""Minutes between tries; after the last a delivery is dead, and a person is asked."""
_MOST_TURNS = 100_000


@dataclass(frozen=True, slots=True)
class Runner:
    """Brings cases forward.

    Attributes:
        log, roster: as the desk has them.
        channels: the ways out for packets.
        transport: sends HTTP commands.
        me: names this process, e.g. "host:4711"; claims carry it.
        alive: says whether the process of that name still runs; True where that cannot be known.
    """

    log: Log
    roster: Roster
    channels: Channels
    transport: Transport
    me: str
    alive: Callable[[str], bool]

    def run(self, case: str, actor: Actor) -> list[str]:
        """Do all that can be done in a case now; return a line on each thing done."""
        told: list[str] = []
        for _ in range(_MOST_TURNS):
            events = self.log.read(case)
            state = fold(case, events)
            if not state.open:
                break
            turn = next(self._turns(state, events, actor), None)
            if turn is None:
                break
            try:
                told.append(turn())
            except ConflictError:
                continue  # somebody else wrote in between: look again
        return [line for line in told if line]

    def _turns(self, state: CaseState, events: tuple[Event, ...], actor: Actor) -> Iterator[Callable[[], str]]:
        """Yield what can be done now, the most pressing first."""
        now, seen = self.log.now(), events[-1].seq
        yield from self._timers(state, seen, now)
        yield from self._commands(state, seen, now)
        if self.roster.may(actor, "send"):
            for request in state.requests.values():
                if request.deliverable:
                    yield from self._deliveries(state, request, seen, now, actor)
        yield from self._clocks(state, seen, now)

    def _write(self, case: str, seen: int, new: list[New], said: str, by: str = "bongsu") -> Callable[[], str]:
        def turn() -> str:
            self.log.append(case, seen, new, by)
            return said

        return turn

    # -- timers and clocks ---------------------------------------------------------------------------------------------

    def _timers(self, state: CaseState, seen: int, now: datetime) -> Iterator[Callable[[], str]]:
        due = [t for run in state.runs.values() for t in run.timers if t.at <= now]
        for timer in sorted(due, key=lambda t: (t.at, t.key))[:1]:
            new = New("timer.rung", {"key": timer.key, "what": timer.what, "step": timer.title})
            yield self._write(state.id, seen, [new], f"the {timer.what} of {timer.title!r} has run out")

    def _clocks(self, state: CaseState, seen: int, now: datetime) -> Iterator[Callable[[], str]]:
        new, said = [], []
        for request in state.requests.values():
            end, ring, found = expiry(request), next_ring(request), clock_of(request)
            if end is not None and end <= now:
                new.append(New("request.expired", {"id": request.id, "since": request.since.isoformat()}))
                said.append(f"{request.id} has expired unanswered")
            elif ring is not None and ring <= now and found is not None:
                told = self.roster.who_may(found[1].tell)
                rung = {"id": request.id, "state": found[0], "tell": told, "level": level(request, now)}
                new.append(New("request.rung", rung))
                said.append(f"{request.id} rests as {found[0]}: {', '.join(told)} should act")
        if new:
            yield self._write(state.id, seen, new, "; ".join(said))

    # -- commands ------------------------------------------------------------------------------------------------------

    def _commands(self, state: CaseState, seen: int, now: datetime) -> Iterator[Callable[[], str]]:
        for run in state.runs.values():
            for job in run.jobs:
                if why := refusal(job):
                    yield self._settled(state, seen, job, ok=False, why=why)
                elif job.type == "bongsu":
                    yield self._own(state, seen, job)
                elif job.type in HTTP and job.key in state.approved_commands:
                    yield from self._http(state, seen, job, now)

    def _settled(self, state: CaseState, seen: int, job: Job, *, ok: bool, why: str) -> Callable[[], str]:
        done = New("command.done", {"key": job.key, "ok": ok, "values": {}, "why": why, "step": job.title})
        return self._write(state.id, seen, [done], f"{job.title}: {why}")

    def _own(self, state: CaseState, seen: int, job: Job) -> Callable[[], str]:
        by = state.run_by[job.key.partition(".")[0]]
        try:
            done, values = act(state, job, by, self.log.now().date())
        except RecordError as error:
            return self._settled(state, seen, job, ok=False, why=error.message)
        kept = {name: value for name, value in values.items() if name in job.out_args}
        end = New("command.done", {"key": job.key, "ok": True, "values": kept, "step": job.title})
        said = f"{job.title}: {job.text}" + (f" ({len(done.events)} events)" if done.events else "")
        for content in done.contents:
            self.log.keep(content)
        return self._write(state.id, seen, [*done.events, end], said)

    def _http(self, state: CaseState, seen: int, job: Job, now: datetime) -> Iterator[Callable[[], str]]:
        try:
            request = http_request(job, f"{state.id}/{job.key}")
        except RecordError as error:
            yield self._settled(state, seen, job, ok=False, why=error.message)
            return
        repeatable = request.method in REPEATABLE
        claim = self._claim(state, job.key, seen, now, repeatable, _HTTP_SECONDS, request.method)
        if claim is None:
            return

        def turn() -> str:
            said = claim()
            if said:
                return said
            try:
                answer = self.transport(request, _HTTP_SECONDS)
            except Unreached as error:
                return self._after(state.id, [New("command.done", _failed(job, str(error)))], f"{job.title}: {error}")
            except Unsure as error:
                if repeatable:
                    return self._after(
                        state.id, [New("command.done", _failed(job, str(error)))], f"{job.title}: {error}"
                    )
                return self._after(state.id, [New("attempt.doubtful", {"key": job.key, "why": str(error)})], str(error))
            result = http_result(job, answer)
            done = {"key": job.key, "ok": result.ok, "values": result.values, "why": result.why, "step": job.title}
            done["status"] = answer.status
            return self._after(
                state.id, [New("command.done", done)], f"{job.title}: the target answers {answer.status}"
            )

        yield turn

    # -- deliveries ----------------------------------------------------------------------------------------------------

    def _deliveries(
        self, state: CaseState, request: Request, seen: int, now: datetime, actor: Actor
    ) -> Iterator[Callable[[], str]]:
        channel = self.channels.of(request.venue)
        key = delivery_key(state.id, request.id, request.version)
        claim = self._claim(state, key, seen, now, channel.repeatable, channel.seconds, request.venue_name)
        if claim is None:
            return

        def turn() -> str:
            said = claim()
            if said:
                return said
            tries = state.attempts.get(key, Attempt()).tries + 1
            try:
                reference = channel.deliver(self._packet(state, request, key))
            except FailedError as error:
                return self._not_sent(state.id, key, request, error.why, tries, final=error.final)
            except DoubtfulError as error:
                if channel.repeatable:
                    return self._not_sent(state.id, key, request, error.why, tries, final=False)
                doubt = New("attempt.doubtful", {"key": key, "why": error.why})
                return self._after(state.id, [doubt], f"{request.id}: {error.why}")
            sent = {"id": request.id, "version": request.version, "key": key, "reference": reference}
            return self._after(state.id, [New("request.sent", sent)], f"{request.id} is sent: {reference}", str(actor))

        yield turn

    def _not_sent(self, case: str, key: str, request: Request, why: str, tries: int, *, final: bool) -> str:
        last = final or tries > len(_BACK_OFF)
        again = None if last else self.log.now() + timedelta(minutes=_BACK_OFF[tries - 1])
        data = {"key": key, "why": why, "again_at": again.isoformat() if again else "", "tries": tries}
        word = "is given up" if last else f"is tried again at {data['again_at']}"
        return self._after(case, [New("attempt.failed", data)], f"{request.id} did not leave ({why}) and {word}")

    def _packet(self, state: CaseState, request: Request, key: str) -> Packet:
        approved = request.times.get("approved", request.since)
        return Packet(
            key=key,
            case=state.id,
            request=request.id,
            version=request.version,
            venue=request.venue,
            action=request.action,
            marking=state.marking,
            subject=f"[{state.id}/{request.id}] {request.action} request: {state.title}"
            + (f" (amendment {request.version})" if request.version > 1 else ""),
            files={name: self.log.file(digest) for name, digest in request.files.items()},
            at=approved.isoformat(),
        )

    # -- claims --------------------------------------------------------------------------------------------------------

    def _claim(
        self, state: CaseState, key: str, seen: int, now: datetime, repeatable: bool, seconds: float, what: str
    ) -> Callable[[], str] | None:
        """Return what claims a try, or None where it must not be tried now.

        The claim returns a text where it came to something else than a try: then that was the turn.
        """
        attempt = state.attempts.get(key, Attempt())
        if attempt.state in {"doubtful", "dead", "done"}:
            return None
        if attempt.state == "failed" and attempt.again_at is not None and attempt.again_at > now:
            return None
        if attempt.state == "trying":
            theirs = attempt.by != self.me and self.alive(attempt.by)
            if theirs and attempt.until is not None and attempt.until > now:
                return None
            if not repeatable:
                why = f"{what} was being tried by {attempt.by} when that ended; nobody knows whether it arrived"
                doubt = New("attempt.doubtful", {"key": key, "why": why})
                return self._write(state.id, seen, [doubt], why)
        until = now + timedelta(seconds=seconds) + _MARGIN
        begun = New("attempt.begun", {"key": key, "by": self.me, "until": until.isoformat()})
        return self._write(state.id, seen, [begun], "")

    def _after(self, case: str, new: list[New], said: str, by: str = "bongsu") -> str:
        """Write what came of a try; whatever else was written meanwhile, it is true."""
        self.log.update(case, lambda _events: new, by)
        return said


def _failed(job: Job, why: str) -> dict[str, object]:
    return {"key": job.key, "ok": False, "values": {}, "why": why, "step": job.title}
