"""How cases write to the store: one writer at a time, patiently, in a transaction that is synced or undone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

_BUSY_MILLISECONDS = 30_000
T = TypeVar("T")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes; committed at the end, rolled back on an error.

    On SQLite it takes the writer's lock at once, so that two writers queue, and syncs fully, so that what was committed
    survives a power cut.
    """
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
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
        except IntegrityError:
            raise
        except (DBAPIError, OSError) as error:
            if not _may_pass(error) or waited >= patience:
                raise SourceError(
                    f"the database fails: {_said(error)}",
                    hint="see that it runs and has room, then say the same again: nothing was lost",
                ) from None
        pause(step)
        waited += step
        step = min(step * 2, 5.0)


def _may_pass(error: DBAPIError | OSError) -> bool:
    """Whether the database may be back in a moment: it is away, starting, or its file is locked."""
    said = _said(error).lower()
    return (
        isinstance(error, OSError)
        or error.connection_invalidated
        or any(
            word in said
            for word in ("locked", "connect", "closed", "refused", "starting", "shutting down", "network", "terminat")
        )
    )


def _said(error: DBAPIError | OSError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause) or type(cause).__name__).splitlines()[0][:300]
