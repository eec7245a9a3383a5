"""Bongsu's own commands in playbooks (type "bongsu"): each turns the state into new events and values.

    count                            set the numbers below
    draft ACTION KIND...             draft a request to each venue of these kinds that holds stolen value and can act
    ask ACTION VENUE SUBJECT...      draft one request by hand, about an account, a mailbox, a tenant
    watch KIND...                    put addresses on the watch list: of venues of these kinds, or `resting` ones
    note TEXT                        write to the log

After each, these variables are set where the step's out_args name them: `__exchanges__`, `__issuers__`, `__bridges__`,
`__swappers__`, `__mixers__` (venues with stolen value), `__resting__` (addresses that nobody keeps), `__drafted__`,
`__unsent__`, `__unanswered__`, `__granted__`, `__refused__` (requests), `__watched__` (addresses).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from bongsu.errors import RecordError
from bongsu.respond.by_hand import About
from bongsu.respond.log import New
from bongsu.respond.state import AMENDABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from bongsu.respond.machine import Job
    from bongsu.respond.state import CaseState

ACTIONS_OF_REQUESTS = ("freeze", "preserve", "disclose", "takedown", "suspend", "warn")
_KINDS = ("exchange", "issuer", "bridge", "swapper", "host", "mixer")


class Done(NamedTuple):
    """What an action comes to: events to add, the files that they name, and what changes in the counts by it."""

    events: tuple[New, ...]
    contents: tuple[bytes, ...] = ()
    drafted: int = 0
    watched: int = 0


def act(state: CaseState, job: Job, by: str, today: date) -> tuple[Done, dict[str, str]]:
    """Do an own command: return what it comes to and the values for the playbook.

    Args:
        state: the case.
        job: the command.
        by: who started the playbook; drafts are theirs.
        today: the date on letters.

    Raises:
        RecordError: there is no such command, or its arguments make no sense.
    """
    words = list(job.words)
    if not words or words[0] not in ACTIONS:
        raise RecordError(
            f"{(words or ['nothing'])[0]!r} is no command of Bongsu", hint=f"they are {', '.join(sorted(ACTIONS))}"
        )
    done = ACTIONS[words[0]](state, words[1:], by, today)
    return done, _counts(state, done)


def _count(_state: CaseState, _words: list[str], _by: str, _today: date) -> Done:
    return Done(())


def _draft(state: CaseState, words: list[str], by: str, _today: date) -> Done:
    if len(words) < 2 or words[0] not in ACTIONS_OF_REQUESTS:  # noqa: PLR2004 - an action and a kind
        raise RecordError("draft needs what to ask and of whom", hint="write: draft freeze exchange issuer")
    action, kinds = words[0], words[1:]
    open_at = {(r.venue, r.action) for r in state.requests.values() if r.state in AMENDABLE}
    events: list[New] = []
    for venue, packet in sorted(state.packets.items()):
        if packet["kind"] in kinds and action in packet["asks"] and (venue, action) not in open_at:
            events.append(New("request.drafted", drafted(state, len(events), action, packet, by)))
    return Done(tuple(events), drafted=len(events))


def drafted(state: CaseState, offset: int, action: str, packet: Mapping[str, Any], by: str) -> dict[str, Any]:
    """Return the particulars of a new request from a venue's packet."""
    return {
        "id": f"R{len(state.requests) + offset + 1}",
        "venue": packet["venue"],
        "venue_name": packet["venue_name"],
        "kind": packet["kind"],
        "action": action,
        "asks": packet["asks"],
        "items": packet["items"],
        "files": packet["files"],
        "gaps": packet.get("gaps", []),
        "drafted_by": by,
    }


def _ask(state: CaseState, words: list[str], by: str, today: date) -> Done:
    if len(words) < 3 or words[0] not in ACTIONS_OF_REQUESTS:  # noqa: PLR2004 - action, venue, subject
        raise RecordError("ask needs what, whom and about whom", hint="write: ask suspend example-mail account@host")
    about = About(state.id, state.title, state.marking, today)
    made = about.packet(words[0], words[1], words[2:])
    packet = {
        "venue": words[1],
        "venue_name": words[1],
        "kind": "host",
        "asks": [words[0]],
        "items": [{"subject": subject} for subject in words[2:]],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in made.sent.items()},
        "gaps": list(made.blanks),
    }
    events = (New("request.drafted", drafted(state, 0, words[0], packet, by)),)
    return Done(events, tuple(made.sent.values()), drafted=1)


def _watch(state: CaseState, words: list[str], _by: str, _today: date) -> Done:
    if not words or set(words) - {*_KINDS, "resting"}:
        raise RecordError("watch needs kinds of venues, or 'resting'", hint="write: watch mixer resting")
    found: list[dict[str, str]] = []
    for row in state.positions:
        kind = row.get("venue_kind") or "resting"
        key = f"{row['chain']}:{row['address']}"
        if kind in words and key not in state.watched and not any(f["address"] == row["address"] for f in found):
            found.append({"chain": row["chain"], "address": row["address"], "asset": row["asset"], "why": kind})
    events = (New("watch.added", {"addresses": found}),) if found else ()
    return Done(events, watched=len(found))


def _note(_state: CaseState, words: list[str], _by: str, _today: date) -> Done:
    if not words:
        raise RecordError("note needs a text")
    return Done((New("note.added", {"text": " ".join(words)}),))


ACTIONS: dict[str, Callable[[CaseState, list[str], str, date], Done]] = {
    "count": _count,
    "draft": _draft,
    "ask": _ask,
    "watch": _watch,
    "note": _note,
}


def _counts(state: CaseState, done: Done) -> dict[str, str]:
    kinds = {k: {p["venue"] for p in state.positions if p.get("venue_kind") == k} for k in _KINDS}
    kinds["issuer"] = {p["venue"] for p in state.packets.values() if p["kind"] == "issuer"}
    states = [r.state for r in state.requests.values()]
    numbers = {
        "exchanges": len(kinds["exchange"]),
        "issuers": len(kinds["issuer"]),
        "bridges": len(kinds["bridge"]),
        "swappers": len(kinds["swapper"]),
        "mixers": len(kinds["mixer"]),
        "resting": len({p["address"] for p in state.positions if not p.get("venue_kind")}),
        "drafted": len(states) + done.drafted,
        "unsent": sum(r.sent < r.version for r in state.requests.values()) + done.drafted,
        "unanswered": sum(s in {"drafted", "approved", "sent", "acknowledged"} for s in states) + done.drafted,
        "granted": sum(s in {"granted", "partly"} for s in states),
        "refused": sum(s in {"refused", "expired"} for s in states),
        "watched": len(state.watched) + done.watched,
    }
    return {f"__{name}__": str(number) for name, number in numbers.items()}
