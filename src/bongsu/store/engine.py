"""Open a database by its URL: a file of SQLite by default, PostgreSQL where one is named.

SQLite runs with a write-ahead log and full syncs, so that a commit survives kill -9 and a power cut; writers take their
lock when they begin, so that two of them queue instead of failing half-way.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BUSY_SECONDS = 30
T = TypeVar("T")


def open_database(url: str) -> Engine:
    """Return an engine for a URL, or for the path of a SQLite file.

    Args:
        url: `sqlite:///FILE`, `postgresql://USER@HOST/NAME`, or a plain path.

    Raises:
        SourceError: the URL names no database that Bongsu can use.
    """
    text = url if "://" in url else f"sqlite:///{url}"
    try:
        parsed = make_url(text)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+pg8000")
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError):
        pass
    raise SourceError(
        f"{url!r} names no database that Bongsu can use",
        hint="write sqlite:///FILE, postgresql://USER@HOST/NAME, or the path of a SQLite file",
    )


def _sqlite(url: Any) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _settle(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes; committed at the end, rolled back on an error."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def patiently(work: Callable[[], T], pause: Callable[[float], None], *, patience: float = 60.0) -> T:
    """Do `work`, and again while the database cannot be reached, for up to `patience` seconds.

    Args:
        work: what to do; it must bear being done twice.
        pause: waits for so many seconds; passed in so that tests need not wait.
        patience: seconds after which to give up.

    Raises:
        SourceError: the database stayed away, or refuses.
    """
    waited, step = 0.0, 0.1
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not _may_pass(error) or waited >= patience:
                raise SourceError(
                    f"the database fails: {_said(error)}",
                    hint="see that it runs and has room, then say the same again: nothing was lost",
                ) from None
        pause(step)
        waited += step
        step = min(step * 2, 5.0)


def _may_pass(error: DBAPIError) -> bool:
    """Whether the database may be back in a moment: it is away, starting, or its file is locked."""
    said = _said(error).lower()
    return error.connection_invalidated or any(
        word in said
        for word in ("locked", "connect", "closed", "refused", "starting up", "shutting down", "network", "terminat")
    )


def _said(error: DBAPIError) -> str:
    return str(error.orig if error.orig is not None else error).splitlines()[0][:300]
