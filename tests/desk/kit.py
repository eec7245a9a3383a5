"""A desk with everything that comes from outside in the test's hands: the time, the ways out, the other processes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bongsu.respond.agency import Actor, Roster, read_roster
from bongsu.respond.channel import Channels
from bongsu.respond.desk import Desk
from bongsu.respond.http import HttpAnswer, HttpRequest
from bongsu.respond.log import Log
from bongsu.respond.packets import Assessed
from bongsu.respond.playbook import Playbook, load_playbook
from bongsu.respond.runner import Runner
from bongsu.respond.state import CaseState, fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from bongsu.respond.channel import Packet

KIM = Actor("kim", "police")
LEE = Actor("lee", "nso")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class FakeChannel:
    """Takes packets; `raises` are the errors of the next attempts."""

    repeatable: bool = True
    seconds: float = 30.0
    took: list[Packet] = field(default_factory=list)
    raises: list[Exception] = field(default_factory=list)
    tries: int = 0

    def deliver(self, packet: Packet) -> str:
        self.tries += 1
        if self.raises:
            raise self.raises.pop(0)
        self.took.append(packet)
        return f"ref {packet.key}"


@dataclass
class FakeHttp:
    """Answers HTTP requests, or raises what it is given."""

    answer: HttpAnswer = field(default_factory=lambda: HttpAnswer(200, {}, b"{}"))
    asked: list[HttpRequest] = field(default_factory=list)
    raises: list[Exception] = field(default_factory=list)

    def __call__(self, request: HttpRequest, _seconds: float) -> HttpAnswer:
        self.asked.append(request)
        if self.raises:
            raise self.raises.pop(0)
        return self.answer


@dataclass
class Kit:
    """A desk, a runner and all they were given."""

    log: Log
    clock: Clock
    desk: Desk
    channel: FakeChannel
    http: FakeHttp
    runner: Runner

    def state(self, case: str = "c1") -> CaseState:
        return fold(case, self.log.read(case))

    def run(self, case: str = "c1", actor: Actor = KIM) -> list[str]:
        return self.runner.run(case, actor)

    def kinds(self, case: str = "c1") -> list[str]:
        return [e.kind for e in self.log.read(case)]

    def open(self, *, assessed: Assessed | None = None, case: str = "c1") -> None:
        self.desk.open(case, "A theft", KIM, assessed=assessed)

    def play(self, playbook: Playbook, **values: str) -> str:
        return self.desk.start("c1", playbook, KIM, values=values)

    def tasks(self) -> dict[str, str]:
        """The people's tasks that are open: key by the step's name."""
        return {j.title: j.key for r in self.state().runs.values() for j in r.jobs if j.type == "manual"}

    def do(self, title: str, says: str = "done", **values: str) -> None:
        """Answer a person's task and bring the case forward."""
        self.desk.answer("c1", self.tasks()[title], says, LEE, values=values, note=says)
        self.run()


def kit(engine: Engine, *, roster: Roster | None = None, pause: Callable[[float], None] = lambda _s: None) -> Kit:
    clock = Clock()
    log = Log(engine, clock, pause)
    who = roster or read_roster()
    channel, http = FakeChannel(), FakeHttp()
    runner = Runner(log, who, Channels(channel), http, "here:1", lambda _name: False)
    return Kit(log, clock, Desk(log, who), channel, http, runner)


def position(address: str, venue: str = "", kind: str = "", amount: str = "10", asset: str = "ETH") -> dict[str, Any]:
    return {
        "theft": "t",
        "chain": "ethereum",
        "asset": asset,
        "contract": "",
        "address": address,
        "low": amount,
        "high": amount,
        "upper": amount,
        "venue": venue,
        "venue_kind": kind,
        "actors": [venue] if kind in {"exchange", "bridge", "swapper"} else [],
    }


def trace(*positions: dict[str, Any], letter: bytes = b"Dear desk") -> Assessed:
    """Positions, and a packet for each venue among them that can act."""
    import hashlib

    packets: dict[str, dict[str, Any]] = {}
    for row in positions:
        if row["actors"]:
            packet = packets.setdefault(
                row["venue"],
                {
                    "venue": row["venue"],
                    "venue_name": row["venue"].title(),
                    "kind": row["venue_kind"],
                    "asks": ["freeze", "preserve", "disclose"],
                    "items": [],
                    "files": {"letter.en.txt": hashlib.sha256(letter).hexdigest()},
                },
            )
            packet["items"].append({k: row[k] for k in ("theft", "chain", "asset", "address", "low", "high")})
    total = sum(int(p["low"]) for p in positions)
    stolen = [{"chain": "ethereum", "asset": "ETH", "traced": str(total), "published": ""}]
    return Assessed(stolen, list(positions), packets, (letter,))


def ident(kind: str, name: str) -> str:
    return f"{kind}--{uuid.uuid5(uuid.NAMESPACE_OID, name)}"


PEOPLE = ident("group", "people")


def book(
    steps: dict[str, dict[str, Any]], *, start: str, variables: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A CACAO document from steps under short names such as "action:a"; pointers may use the short names."""
    ids = {name: ident(name.partition(":")[0], name) for name in steps}

    def point(value: Any) -> Any:
        if isinstance(value, str):
            return ids.get(value, value)
        if isinstance(value, list):
            return [point(v) for v in value]
        if isinstance(value, dict):
            return {k: point(v) for k, v in value.items()}
        return value

    workflow = {}
    for name, row in steps.items():
        kind = name.partition(":")[0]
        extra = {"agent": PEOPLE} if kind == "action" else {}
        workflow[ids[name]] = {"type": kind, "name": name.partition(":")[2], **extra, **point(row)}
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": ident("playbook", "test"),
        "name": "test",
        "created_by": ident("identity", "us"),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "workflow_start": ids[start],
        "workflow": workflow,
        "agent_definitions": {PEOPLE: {"type": "group", "name": "people"}},
        **({"playbook_variables": variables} if variables else {}),
        **point(more),
    }


def loaded(*args: Any, **kwargs: Any) -> Playbook:
    return load_playbook(book(*args, **kwargs))


def manual(text: str = "do it", **more: Any) -> dict[str, Any]:
    return {"commands": [{"type": "manual", "command": text}], **more}


def own(text: str, **more: Any) -> dict[str, Any]:
    return {"commands": [{"type": "bongsu", "command": text}], **more}
