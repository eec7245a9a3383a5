"""Open a database by its URL and bring its tables up to date."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_DRIVERS = {"postgresql": "postgresql+pg8000", "postgres": "postgresql+pg8000"}


def open_engine(url: str) -> Engine:
    """Return an engine whose database has the newest tables.

    Raises:
        SourceError: the URL is none, its driver is not installed, or the database cannot be reached.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SourceError(
            f"{url[:60]!r} is no database URL", hint="write sqlite:///ledger.db or postgresql://user@host/database"
        ) from None
    shown = parsed.render_as_string(hide_password=True)
    try:
        engine = create_engine(_with_driver(parsed))
    except ModuleNotFoundError as error:
        raise SourceError(
            f"the driver {error.name} is not installed", source=shown, hint="pip install 'bongsu[postgres]'"
        ) from None
    except NoSuchModuleError:
        raise SourceError(
            f"databases of the kind {parsed.drivername!r} are not supported", hint="use sqlite or postgresql"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
    try:
        migrate(engine)
    except (DBAPIError, OperationalError) as error:
        engine.dispose()
        raise SourceError(
            f"the database cannot be opened: {str(error.orig).splitlines()[0][:200]}",
            source=shown,
            hint="check the path or the server, the user and the database's name",
        ) from None
    return engine


def _with_driver(url: URL) -> URL:
    """Name our PostgreSQL driver, and say a socket's folder (`?host=/run/postgresql`) the way the driver wants it."""
    if url.drivername not in _DRIVERS:
        return url
    query = dict(url.query)
    folder = query.pop("host", None)
    if isinstance(folder, str) and folder.startswith("/"):
        query["unix_sock"] = f"{folder}/.s.PGSQL.{url.port or 5432}"
    elif isinstance(folder, str):
        url = url.set(host=folder)
    return url.set(drivername=_DRIVERS[url.drivername], query=query)


def migrate(engine: Engine) -> None:
    """Bring the tables up to date."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("bongsu.store").joinpath("migrations")))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":  # one process at a time, or two would make the same table
            connection.exec_driver_sql("PRAGMA busy_timeout=30000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20250221)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _tune(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()
