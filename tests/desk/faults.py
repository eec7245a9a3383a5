"""Kill a process that works cases, at random moments, until all cases are closed; then look what is left."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.respond.log import Log
from bongsu.respond.state import fold
from bongsu.store.engine import open_engine
from tests.desk.crash import VENUES, work_on
from tests.desk.kit import Clock

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 0.25
"""Seconds from the beginning of the work to the latest kill: about as long as a case takes."""
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Tortured:
    """What came of it: cases begun, events written, and after which kind of event the kills fell."""

    cases: int
    events: int
    after: Counter[str]


def torture(url: str, folder: Path, kills: int, seed: int) -> Tortured:
    """Kill the worker `kills` times at random moments of its work, let the last one finish, and check every case.

    A fork server that has imported everything makes the workers, so that a kill costs its work and not a start.

    Raises:
        AssertionError: an event was lost, or something was done twice.
    """
    chance = random.Random(seed)  # noqa: S311 - for moments, not for secrets
    outbox = folder / "outbox"
    outbox.mkdir(parents=True)
    engine = open_engine(url)
    log = Log(engine, Clock(), lambda _s: None)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.desk.crash", "bongsu.respond.packets", "alembic.command", "pg8000"])
    after: Counter[str] = Counter()
    for _ in range(kills):
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=work_on, args=(url, outbox, _MANY, theirs))
        worker.start()
        assert ours.poll(60), "the worker never began"
        time.sleep(chance.random() * LONGEST)
        worker.kill()
        worker.join()
        worker.close()
        ours.close()
        theirs.close()
        events = log.read(f"c{len(list(outbox.glob('done-*')))}")
        after[events[-1].kind if events else "(nothing)"] += 1
    engine.dispose()
    begun = len(list(outbox.glob("done-*"))) + 1
    work_on(url, outbox, begun)
    return Tortured(begun, _check(url, outbox, begun), after)


def _check(url: str, outbox: Path, begun: int) -> int:
    engine = open_engine(url)
    log = Log(engine, Clock(), lambda _s: None)
    events = 0
    for n in range(begun):
        name = f"c{n}"
        events += log.verify(name)[0]
        state = fold(name, log.read(name))
        assert not state.open, name
        assert [r.state for r in state.requests.values()] == ["granted"] * VENUES, name
        sent = [e.data["key"] for e in log.read(name) if e.kind == "request.sent"]
        assert sorted(sent) == [f"{name}/R{i}@1" for i in range(1, VENUES + 1)], (name, sent)
        assert len(list(outbox.glob(f"{name}-R*"))) == VENUES, name
        done = [e.data["key"] for e in log.read(name) if e.kind == "command.done"]
        assert len(done) == len(set(done)), name
    engine.dispose()
    return events
