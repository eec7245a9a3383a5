"""The log of a case: events that are only ever added, each bound to the one before by its digest.

The log is the state: whatever else is shown of a case is a fold over its events. An event's digest is the SHA-256 of
its own text and of the digest before it, so that a changed byte breaks the chain at that event. Whoever can write to
the database can compute a whole new chain; against that, keep the head's digest elsewhere (`bongsu case log --verify
--expect DIGEST`), or send it to a partner.

Two writers at once: an append says which event it saw last. Where another one has come in between, it is refused with
Conflict, and the caller looks again at what is true now (`Log.update` does both).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from bongsu.errors import ConflictError, RecordError, VerificationError
from bongsu.store.cases import patiently, writing
from bongsu.store.schema import case_event, case_file, case_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Row

GENESIS = "0" * 64
_ATTEMPTS = 50
_SKEW = timedelta(seconds=1)
"""Machines that share a database differ by this much without anybody having set a clock back."""


@dataclass(frozen=True, slots=True)
class New:
    """An event to be: what happened, and the particulars (JSON values)."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a case, as it stands in the log.

    Attributes:
        case: the case's id.
        seq: its place, from 1.
        at: when, UTC, ISO 8601 with microseconds.
        actor: who: `person@agency`, or `bongsu` for what the program did of itself.
        kind: what happened, e.g. `request.sent`.
        data: the particulars.
        previous: digest of the event before; zeros for the first.
        digest: SHA-256 over all of the above.
    """

    case: str
    seq: int
    at: str
    actor: str
    kind: str
    data: Mapping[str, Any]
    previous: str
    digest: str

    @property
    def when(self) -> datetime:
        """The time as a value."""
        return datetime.fromisoformat(self.at)


class Log:
    """All cases of one database.

    Args:
        engine: the database.
        clock: says the time, with its zone.
        pause: waits for so many seconds, while the database is away.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime], pause: Callable[[float], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._pause = pause

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._clock().astimezone(UTC)

    def cases(self) -> list[str]:
        """Return the ids of all cases."""

        def work() -> list[str]:
            with self._engine.connect() as connection:
                return [row[0] for row in connection.execute(select(case_head.c.case_id).order_by(case_head.c.case_id))]

        return patiently(work, self._pause)

    def read(self, case: str) -> tuple[Event, ...]:
        """Return a case's events in order; none for a case that does not exist.

        Raises:
            VerificationError: an event's particulars are no longer JSON.
        """

        def work() -> list[Row[Any]]:
            with self._engine.connect() as connection:
                return list(connection.execute(_rows(case)))

        return tuple(_event(row) for row in patiently(work, self._pause))

    def append(self, case: str, seen: int, new: Sequence[New], actor: str) -> tuple[Event, ...]:
        """Add events after event number `seen`, all or none.

        Raises:
            ConflictError: the case has moved on since; nothing was written.
        """
        at = self.now()
        return patiently(lambda: self._append(case, seen, new, actor, at), self._pause)

    def update(
        self, case: str, decide: Callable[[tuple[Event, ...]], Iterable[New]], actor: str
    ) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """Read, decide what to add, add it; when somebody else was faster, look again and decide anew.

        Args:
            case: the case's id.
            decide: from the events so far to those to add; it may raise, and may be called again.
            actor: who does it.

        Returns:
            The events before, and those added.
        """
        for _ in range(_ATTEMPTS):
            before = self.read(case)
            new = tuple(decide(before))
            if not new:
                return before, ()
            try:
                return before, self.append(case, before[-1].seq if before else 0, new, actor)
            except ConflictError:
                self._pause(0.01)
        raise ConflictError(f"case {case!r} is written to without a pause", hint="try again in a moment")

    def _append(self, case: str, seen: int, new: Sequence[New], actor: str, at: datetime) -> tuple[Event, ...]:
        try:
            with writing(self._engine) as connection:
                head = connection.execute(select(case_head).where(case_head.c.case_id == case)).one_or_none()
                if (head.seq if head else 0) != seen:
                    return self._already(connection, case, seen, new, actor, at)
                previous = head.digest if head else GENESIS
                last = _last_time(connection, case, seen)
                made = _chain(case, seen, previous, _with_clock(new, at, last), actor, at)
                connection.execute(insert(case_event), [_row(event) for event in made])
                self._move_head(connection, case, seen, made[-1])
        except IntegrityError:
            raise _conflict(case) from None
        return made

    @staticmethod
    def _move_head(connection: Connection, case: str, seen: int, last: Event) -> None:
        if seen == 0:
            connection.execute(insert(case_head).values(case_id=case, seq=last.seq, digest=last.digest))
            return
        moved = connection.execute(
            update(case_head)
            .where(case_head.c.case_id == case, case_head.c.seq == seen)
            .values(seq=last.seq, digest=last.digest)
        )
        if moved.rowcount != 1:
            raise _conflict(case)

    @staticmethod
    def _already(
        connection: Connection, case: str, seen: int, new: Sequence[New], actor: str, at: datetime
    ) -> tuple[Event, ...]:
        """Return the events if they are these very ones: the commit went through and only its answer was lost."""
        there = [_event(row) for row in connection.execute(_rows(case).where(case_event.c.seq > seen))]
        ours = [e for e in there[: len(new) + 1] if e.at == _stamp(at) and e.actor == actor]
        if [(e.kind, _text(e.data)) for e in ours[-len(new) :]] == [(n.kind, _text(n.data)) for n in new]:
            return tuple(ours)
        raise _conflict(case)

    def keep(self, content: bytes) -> str:
        """Keep a file and return its digest; the same bytes are kept once."""
        digest = hashlib.sha256(content).hexdigest()

        def work() -> None:
            try:
                with writing(self._engine) as connection:
                    there = connection.execute(select(case_file.c.digest).where(case_file.c.digest == digest)).first()
                    if there is None:
                        connection.execute(insert(case_file).values(digest=digest, content=content))
            except IntegrityError:
                return  # somebody else kept the same bytes at this moment

        patiently(work, self._pause)
        return digest

    def file(self, digest: str) -> bytes:
        """Return a file by its digest.

        Raises:
            VerificationError: it is gone, or its bytes are not what the digest says.
        """

        def work() -> bytes | None:
            with self._engine.connect() as connection:
                found = connection.execute(select(case_file.c.content).where(case_file.c.digest == digest)).first()
                return None if found is None else bytes(found[0])

        content = patiently(work, self._pause)
        if content is None:
            raise VerificationError(f"the file {digest[:16]}… is gone from the store")
        if hashlib.sha256(content).hexdigest() != digest:
            raise VerificationError(f"the file {digest[:16]}… is not what its digest says")
        return content

    def verify(self, case: str, expect: str | None = None) -> tuple[int, str]:
        """Prove a case's chain and files, and return the number of events and the head's digest.

        Args:
            case: the case's id.
            expect: the digest of an event, kept elsewhere, that the chain must hold.

        Raises:
            VerificationError: the first event that is not as it was written, by number.
            RecordError: there is no such case.
        """
        with self._engine.connect() as connection:
            rows = list(connection.execute(_rows(case)))
            head = connection.execute(select(case_head).where(case_head.c.case_id == case)).one_or_none()
        if not rows and head is None:
            raise RecordError(f"there is no case {case!r}", hint="`bongsu case list` shows those there are")
        previous = GENESIS
        for expected, row in enumerate(rows, 1):
            if row.seq != expected:
                raise VerificationError(f"case {case}: event {expected} is gone; event {row.seq} follows", source=case)
            if row.previous != previous or _digest(row) != row.digest:
                raise VerificationError(
                    f"case {case}: event {row.seq} ({row.kind}, {row.at}) is not as it was written",
                    source=case,
                    hint="what follows it proves nothing; go back to a copy of the database from before the change",
                )
            previous = row.digest
        if head is None or (head.seq, head.digest) != (len(rows), previous):
            raise VerificationError(
                f"case {case}: events after number {len(rows)} are gone; the head says {head.seq if head else 0}",
                source=case,
            )
        if expect is not None and expect not in {row.digest for row in rows}:
            raise VerificationError(f"case {case}: the chain does not hold {expect[:16]}…: it was written anew")
        for digest in sorted({d for row in rows for d in _files(json.loads(row.data))}):
            self.file(digest)
        return len(rows), previous


def _rows(case: str) -> Any:
    return select(case_event).where(case_event.c.case_id == case).order_by(case_event.c.seq)


def _files(data: Mapping[str, Any]) -> Iterable[str]:
    files = data.get("files")
    return files.values() if isinstance(files, dict) else ()


def _last_time(connection: Connection, case: str, seq: int) -> datetime | None:
    row = connection.execute(
        select(case_event.c.at).where(case_event.c.case_id == case, case_event.c.seq == seq)
    ).first()
    return None if row is None else datetime.fromisoformat(row[0])


def _with_clock(new: Sequence[New], at: datetime, last: datetime | None) -> Sequence[New]:
    """Put before the events that the clock now shows an earlier time than it did, where that is so."""
    if last is None or at + _SKEW >= last:
        return new
    back = New("clock.set_back", {"was": _stamp(last), "is": _stamp(at), "seconds": (last - at).total_seconds()})
    return [back, *new]


def _chain(case: str, seen: int, previous: str, new: Sequence[New], actor: str, at: datetime) -> tuple[Event, ...]:
    made = []
    for seq, one in enumerate(new, seen + 1):
        event = Event(case, seq, _stamp(at), actor, one.kind, one.data, previous, "")
        digest = _sha(case, seq, event.at, actor, one.kind, _text(one.data), previous)
        event = Event(case, seq, event.at, actor, one.kind, one.data, previous, digest)
        made.append(event)
        previous = digest
    return tuple(made)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha(*fields: object) -> str:
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _digest(row: Row[Any]) -> str:
    return _sha(row.case_id, row.seq, row.at, row.actor, row.kind, row.data, row.previous)


def _row(event: Event) -> dict[str, Any]:
    return {
        "case_id": event.case,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind,
        "data": _text(event.data),
        "previous": event.previous,
        "digest": event.digest,
    }


def _event(row: Row[Any]) -> Event:
    try:
        data = json.loads(row.data)
    except ValueError:
        raise VerificationError(
            f"case {row.case_id}: event {row.seq} ({row.kind}) is not as it was written", source=row.case_id
        ) from None
    return Event(row.case_id, row.seq, row.at, row.actor, row.kind, data, row.previous, row.digest)


def _conflict(case: str) -> ConflictError:
    return ConflictError(f"somebody else wrote to case {case!r} at the same time", hint="look again and decide anew")
