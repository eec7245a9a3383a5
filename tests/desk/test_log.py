"""The log: nothing is lost, nothing is changed unnoticed, two writers cannot both win."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bongsu.errors import ConflictError, SourceError, VerificationError
from bongsu.respond.log import Log, New
from bongsu.store.cases import patiently
from bongsu.store.engine import open_engine
from tests.desk.kit import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def a_log(engine: Engine, clock: Clock | None = None) -> Log:
    return Log(engine, clock or Clock(), lambda _s: None)


def test_events_come_back_as_written_and_the_chain_verifies(engine: Engine) -> None:
    log = a_log(engine)
    log.append("c", 0, [New("a", {"x": "가"}), New("b", {"n": 10**30})], "kim@police")
    log.append("c", 2, [New("c")], "lee@nso")
    events = log.read("c")
    assert [(e.seq, e.kind, dict(e.data), e.actor) for e in events] == [
        (1, "a", {"x": "가"}, "kim@police"),
        (2, "b", {"n": 10**30}, "kim@police"),
        (3, "c", {}, "lee@nso"),
    ]
    assert log.verify("c") == (3, events[-1].digest)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_event SET data = replace(data, '1', '2') WHERE seq = 2",
        "UPDATE case_event SET actor = 'lee@nso' WHERE seq = 2",
        "UPDATE case_event SET at = replace(at, '2026', '2025') WHERE seq = 2",
        "UPDATE case_event SET kind = 'k' WHERE seq = 2",
        "UPDATE case_event SET data = data || ' ' WHERE seq = 2",
        "UPDATE case_event SET previous = digest WHERE seq = 2",
        "DELETE FROM case_event WHERE seq = 2",
    ],
)
def test_a_changed_event_is_named(engine: Engine, change: str) -> None:
    log = a_log(engine)
    log.append("c", 0, [New("n", {"v": i}) for i in (0, 1, 2)], "kim@police")
    with engine.begin() as connection:
        connection.execute(text(change))
    with pytest.raises(VerificationError, match="event 2 "):
        log.verify("c")


def test_a_tail_that_was_cut_off_is_noticed(engine: Engine) -> None:
    log = a_log(engine)
    log.append("c", 0, [New("n"), New("n")], "kim@police")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM case_event WHERE seq = 2"))
    with pytest.raises(VerificationError, match="after number 1 are gone"):
        log.verify("c")


def test_a_chain_written_anew_does_not_hold_the_digest_kept_elsewhere(engine: Engine) -> None:
    log = a_log(engine)
    kept = log.append("c", 0, [New("n", {"v": 1})], "kim@police")[-1].digest
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM case_event"))
        connection.execute(text("DELETE FROM case_head"))
    log.append("c", 0, [New("n", {"v": 2})], "kim@police")
    log.verify("c")
    with pytest.raises(VerificationError, match="written anew"):
        log.verify("c", kept)


def test_a_file_whose_bytes_changed_is_noticed(engine: Engine) -> None:
    log = a_log(engine)
    digest = log.keep(b"evidence")
    log.append("c", 0, [New("note", {"files": {"e.txt": digest}})], "kim@police")
    log.verify("c")
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_file SET content = :c"), {"c": b"Evidence"})
    with pytest.raises(VerificationError, match="is not what its digest says"):
        log.verify("c")


def test_whoever_saw_an_older_state_is_told_and_writes_nothing(engine: Engine) -> None:
    log = a_log(engine)
    log.append("c", 0, [New("a")], "kim@police")
    log.append("c", 1, [New("b")], "lee@nso")
    with pytest.raises(ConflictError):
        log.append("c", 1, [New("mine")], "kim@police")
    with pytest.raises(ConflictError):
        log.append("c", 0, [New("mine")], "kim@police")
    assert [e.kind for e in log.read("c")] == ["a", "b"]


def test_a_commit_whose_answer_was_lost_is_not_written_twice(engine: Engine) -> None:
    log = a_log(engine)
    first = log.append("c", 0, [New("a", {"n": 1})], "kim@police")
    assert log.append("c", 0, [New("a", {"n": 1})], "kim@police") == first
    assert len(log.read("c")) == 1


def test_writers_at_once_lose_nothing(url: str) -> None:
    each, writers = 15, 3

    def write(name: str) -> None:
        engine = open_engine(url)
        log = Log(engine, Clock(), time.sleep)
        for i in range(each):
            log.update("c", lambda _events, i=i: [New("n", {"by": name, "i": i})], f"{name}@police")  # type: ignore[misc]
        engine.dispose()

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine = open_engine(url)
    log = a_log(engine)
    assert log.verify("c")[0] == each * writers
    written = {(e.data["by"], e.data["i"]) for e in log.read("c")}
    assert written == {(f"w{n}", i) for n in range(writers) for i in range(each)}
    engine.dispose()


def test_a_clock_set_back_is_said_and_loses_nothing(engine: Engine) -> None:
    clock = Clock()
    log = a_log(engine, clock)
    log.append("c", 0, [New("a")], "kim@police")
    clock.now -= timedelta(hours=3)
    log.append("c", 1, [New("b")], "kim@police")
    assert [e.kind for e in log.read("c")] == ["a", "clock.set_back", "b"]
    assert log.read("c")[1].data["seconds"] == 10800
    log.verify("c")


def test_a_database_that_is_away_for_a_while_is_waited_for() -> None:
    waited: list[float] = []

    def work() -> str:
        if sum(waited) < 45:
            raise OperationalError("x", {}, Exception("connection refused"))
        return "there"

    assert patiently(work, waited.append) == "there"
    with pytest.raises(SourceError, match="connection refused"):
        patiently(
            lambda: (_ for _ in ()).throw(OperationalError("x", {}, Exception("connection refused"))), waited.append
        )


def test_a_full_disk_is_said_at_once_and_nothing_is_half_written(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/c.db")
    log = a_log(engine)
    log.append("c", 0, [New("a")], "kim@police")
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    engine.dispose()
    small = create_engine(f"sqlite:///{tmp_path}/c.db")
    from sqlalchemy import event

    event.listen(small, "connect", lambda raw, _r: raw.execute(f"PRAGMA max_page_count={pages + 2}"))
    with pytest.raises(SourceError, match="full"):
        Log(small, Clock(), lambda _s: None).append("c", 1, [New("big", {"x": "y" * 500_000})], "kim@police")
    small.dispose()
    engine = open_engine(f"sqlite:///{tmp_path}/c.db")
    assert a_log(engine).verify("c")[0] == 1
    engine.dispose()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5), json_values, max_size=3
    )
)
def test_whatever_json_an_event_carries_comes_back(data: dict[str, object]) -> None:
    engine = open_engine("sqlite://")
    log = a_log(engine)
    log.append("c", 0, [New("k", data)], "kim@police")
    assert log.read("c")[0].data == data
    log.verify("c")
    engine.dispose()
