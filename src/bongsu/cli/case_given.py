"""What the verbs of `bongsu case` read in common: who acts, values, times, playbooks."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bongsu.cli.shell import err, plural
from bongsu.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.respond.agency import Actor
    from bongsu.respond.desk import Desk
    from bongsu.respond.state import CaseState


def desk_and_actor(db: str, agencies: Path | None, me: str) -> tuple[Desk, Actor]:
    """Return the desk over a database, and who acts at it."""
    from bongsu.respond.agency import read_roster
    from bongsu.respond.desk import Desk
    from bongsu.respond.log import Log
    from bongsu.store.engine import open_engine

    roster = read_roster(agencies)
    actor = roster.actor(me)
    url = db if "://" in db else f"sqlite:///{db}"
    return Desk(Log(open_engine(url), lambda: datetime.now(UTC), time.sleep), roster), actor


def this_process() -> str:
    """Return a name for this process that others can test for life."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_alive(name: str) -> bool:
    """Say whether a process still runs; one on another machine counts as running until its claim ends."""
    host, _, pid = name.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def playbook_named(name: str) -> Any:
    """Return a shipped playbook by its name, or one read from a file."""
    from bongsu.respond.playbook import library, read_playbook

    return library()[name] if name in library() else read_playbook(Path(name))


def pairs_of(texts: Iterable[str] | None) -> dict[str, str]:
    """Return what texts NAME=VALUE set."""
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise RecordError(f"{text!r} sets nothing", hint="write NAME=VALUE")
        found[name] = value
    return found


def moment_of(text: str | None) -> datetime | None:
    """Return the time that a text says, in UTC; None for none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RecordError(f"{text!r} is not an ISO 8601 time, such as 2025-02-21T16:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def marking_of(text: str) -> str:
    """Return a level of TLP 2.0 in small letters."""
    levels = ("clear", "green", "amber", "amber+strict", "red")
    if text.lower() not in levels:
        raise RecordError(f"{text!r} is no level of TLP 2.0", hint=f"they are {', '.join(levels)}")
    return text.lower()


def narrow(desk: Desk, state: CaseState, actor: Actor) -> None:
    """Take out what is kept in compartments that somebody is outside of, and leave a word in its place."""
    hidden = [r for r in state.remarks if not desk.roster.inside(actor, r.compartment)]
    state.remarks = [r for r in state.remarks if r not in hidden]
    if hidden:
        err.print(f"{len(hidden)} {plural(len(hidden), 'note')} in compartments that you are outside of")
    for request in list(state.requests.values()):
        if not desk.roster.inside(actor, request.compartment):
            del state.requests[request.id]
