"""Kill a process that works cases, at random moments, until all cases are closed; then look what is left."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bongsu.respond.log import Log
from bongsu.respond.state import fold
from bongsu.store.engine import open_engine
from tests.desk.crash import VENUES
from tests.desk.kit import Clock

if TYPE_CHECKING:
    from pathlib import Path


def torture(url: str, folder: Path, kills: int, seed: int, cases: int = 10_000) -> tuple[int, int]:
    """Kill the worker `kills` times at random moments, let the last one finish its case, and check every case.

    Returns:
        The cases begun and the events written.

    Raises:
        AssertionError: an event was lost, or something was done twice.
    """
    chance = random.Random(seed)  # noqa: S311 - for moments, not for secrets
    outbox = folder / "outbox"
    outbox.mkdir(parents=True)
    open_engine(url).dispose()
    command = [sys.executable, "-m", "tests.desk.crash", url, str(outbox), str(cases)]
    start = _start_up(command)
    for _ in range(kills):
        process = subprocess.Popen(command)
        time.sleep(start + chance.random() * 0.6)
        process.send_signal(signal.SIGKILL)
        process.wait()
    begun = len(list(outbox.glob("done-*"))) + 1
    command[-1] = str(begun)
    subprocess.run(command, check=True, timeout=300)
    return _check(url, outbox, begun)


def _start_up(command: list[str]) -> float:
    """Measure how long the interpreter takes until it could work, so that kills fall into work and not before it."""
    before = time.perf_counter()
    subprocess.run([*command[:1], "-c", "import tests.desk.crash, bongsu.respond.packets, alembic"], check=True)
    return time.perf_counter() - before


def _check(url: str, outbox: Path, begun: int) -> tuple[int, int]:
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
    return begun, events
