"""A process that works a case until nothing is left to do; killed at random, begun again, by test_faults and the bench.

Its clock runs fast (a minute for each look), so that delays and clocks run out too. It approves what waits as a second
person and answers people's tasks, all from what the log says, so that each start goes on where the last one ended.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bongsu.errors import RecordError
from bongsu.respond.agency import read_roster
from bongsu.respond.channel import Channels
from bongsu.respond.channels.folder import Folder
from bongsu.respond.desk import Desk
from bongsu.respond.http import HttpAnswer
from bongsu.respond.log import Log
from bongsu.respond.playbook import library
from bongsu.respond.runner import Runner
from bongsu.respond.state import fold
from bongsu.store.engine import open_engine
from tests.desk.kit import KIM, LEE, NOON, Clock, position, trace

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from sqlalchemy import Engine

VENUES = 3


def work(engine: Engine, outbox: Path, name: str) -> bool:
    """Work the case `name` to its end; True when it is closed."""
    clock = Clock()
    log = Log(engine, clock, lambda _s: None)
    events = log.read(name)
    if events:
        clock.now = max(NOON, datetime.fromisoformat(events[-1].at).astimezone(UTC))
    desk = Desk(log, read_roster())
    me = f"crash:{os.getpid()}"
    runner = Runner(
        log, desk.roster, Channels(Folder(outbox)), lambda _r, _s: HttpAnswer(200, {}, b""), me, lambda _n: False
    )
    while True:
        state = fold(name, log.read(name))
        if state.events and not state.open:
            return True
        try:
            _step(desk, runner, name)
        except RecordError:
            continue  # the last process did this already, and was killed before it could say so
        clock.now += timedelta(minutes=1)


def _step(desk: Desk, runner: Runner, name: str) -> None:
    """Do the next thing that a person would."""
    state = fold(name, desk.log.read(name))
    if not state.events:
        venues = [position(f"0x{n:040x}", f"v{n}", "exchange") for n in range(VENUES)]
        desk.open(name, "crash", KIM, assessed=trace(*venues))
    elif not state.runs:
        desk.start(name, library()["stolen-at-exchange"], KIM)
    elif waiting := [r.id for r in state.requests.values() if r.waits_for_approval]:
        desk.approve(name, waiting[0], LEE)
    elif silent := [r.id for r in state.requests.values() if r.sent and not r.answers]:
        desk.answer(name, silent[0], "granted", LEE, reference="T")
    elif tasks := [j for run in state.runs.values() for j in run.jobs if j.type == "manual"]:
        desk.answer(name, tasks[0].key, "done", LEE)
    elif all(run.outcome is not None for run in state.runs.values()):
        desk.close(name, "over", KIM)
        return
    runner.run(name, KIM)


def work_on(url: str, outbox: Path, cases: int, ready: Connection | None = None) -> None:
    """Work case after case, from the first that is not done, up to so many; say on `ready` when the work begins."""
    engine = open_engine(url)
    if ready is not None:
        ready.send("at work")
    for case in range(len(list(outbox.glob("done-*"))), cases):
        work(engine, outbox, f"c{case}")
        (outbox / f"done-{case}").touch()
    engine.dispose()
