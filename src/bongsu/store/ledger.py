"""The ledger in a database: the full history of every record, and totals answered by one query.

A save compares each record with its newest stored version and adds what is new, changed or withdrawn; a load gives back
the files, now or as they were after an earlier save. Totals are asked of what `bongsu.store.facts` derives.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from bongsu.errors import RecordError, SourceError
from bongsu.ledger.files import assemble, columns, decode, encode, read_actor, tables
from bongsu.ledger.total import newest
from bongsu.store.engine import open_engine
from bongsu.store.facts import answer, cube, facts
from bongsu.store.schema import BATCH, CUBE, FACT, ORDER, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from bongsu.ledger.records import Ledger
    from bongsu.ledger.total import Query

_ACTORS = "actors.toml"
_CHUNK = 20_000


class LedgerStore:
    """A ledger kept in a database.

    Args:
        url: `sqlite:///FILE` or `postgresql://user@host/database`.

    Raises:
        SourceError: the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self.name = self._engine.url.render_as_string(hide_password=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def save(self, ledger: Ledger) -> dict[str, int]:
        """Add what differs from the stored state as one batch; return how much was new, changed and withdrawn."""
        from sqlalchemy import func, insert, select

        with self._engine.begin() as connection:
            number = (connection.scalar(select(func.max(BATCH.c.batch))) or 0) + 1
            done = {"added": 0, "changed": 0, "withdrawn": 0}
            for file, rows in _rows(ledger).items():
                _save_file(connection, file, rows, number, done)
            if not any(done.values()):
                return {"batch": 0, **done}
            connection.execute(insert(BATCH), [{"batch": number, **done, "newest": newest(ledger).isoformat()}])
            _replace(connection, ORDER, _order(ledger))
            derived = list(facts(ledger))
            _replace(connection, FACT, derived)
            _replace(connection, CUBE, cube(derived))
        return {"batch": number, **done}

    def load(self, batch: int | None = None) -> Ledger:
        """Return the ledger as it is, or as it was after a batch.

        Raises:
            SourceError: nothing has been stored, or a stored row cannot be read.
        """
        from sqlalchemy import select

        with self._engine.connect() as connection:
            if connection.scalar(select(BATCH.c.batch).limit(1)) is None:
                raise SourceError(
                    "no ledger has been stored here", source=self.name, hint="save one with `bongsu ledger store URL`"
                )
            placed = {(f, i): p for f, p, i in connection.execute(select(ORDER.c.file, ORDER.c.position, ORDER.c.id))}
            current = {
                file: sorted(
                    _newest_rows(connection, file, batch).items(),
                    key=lambda kv: (placed.get((file, kv[0]), 1 << 60), kv[0]),
                )
                for file in RECORDS
            }
        try:
            rows = {file: [decode(file, cells) for _, cells in current[file]] for file in RECORDS if file != _ACTORS}
            actors = {key: read_actor(key, json.loads(cells[1])) for key, cells in current[_ACTORS]}
        except RecordError as error:
            raise SourceError(f"a stored record cannot be read: {error.message}", source=self.name) from None
        return assemble(rows, actors, {}, self.name)

    def history(self) -> list[dict[str, Any]]:
        """Return the batches, the oldest first."""
        from sqlalchemy import select

        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(BATCH).order_by(BATCH.c.batch))]  # noqa: SLF001

    def newest(self) -> date:
        """Return the last day on which the newest stored document can have come out.

        Raises:
            SourceError: nothing has been stored.
        """
        from sqlalchemy import select

        with self._engine.connect() as connection:
            found = connection.scalar(select(BATCH.c.newest).order_by(BATCH.c.batch.desc()).limit(1))
        if found is None:
            raise SourceError(
                "no ledger has been stored here", source=self.name, hint="save one with `bongsu ledger store URL`"
            )
        return date.fromisoformat(str(found))

    def total(self, query: Query) -> dict[str, Any]:
        """Answer a query as `bongsu.ledger.total.document` does, without the lists of incidents."""
        end = self.newest()
        with self._engine.connect() as connection:
            return answer(connection, query, end)


def _rows(ledger: Ledger) -> dict[str, dict[str, list[str]]]:
    found = {file: {r.id: encode(r) for r in records} for file, records in tables(ledger).items()}
    found[_ACTORS] = {a.id: [a.id, _actor_body(asdict(a))] for a in ledger.actors.values()}
    return found


def _actor_body(fields: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in fields.items() if k != "id" and v}, ensure_ascii=False, sort_keys=True)


def _names(file: str) -> list[str]:
    return ["id", "body"] if file == _ACTORS else columns(file)


def _newest_rows(connection: Connection, file: str, batch: int | None = None) -> dict[str, list[str]]:
    from sqlalchemy import select

    table, names = RECORDS[file], _names(file)
    wanted = select(table.c.withdrawn, *(table.c[n] for n in names)).order_by(table.c.seq)
    if batch is not None:
        wanted = wanted.where(table.c.batch <= batch)
    found: dict[str, list[str]] = {}
    at = names.index("id") + 1
    for row in connection.execute(wanted):
        if row[0]:
            found.pop(row[at], None)
        else:
            found[row[at]] = list(row[1:])
    return found


def _save_file(
    connection: Connection, file: str, rows: dict[str, list[str]], number: int, done: dict[str, int]
) -> None:
    from sqlalchemy import func, insert, select

    table, names = RECORDS[file], _names(file)
    stored = _newest_rows(connection, file)
    last = select(table.c.id, func.max(table.c.revision)).group_by(table.c.id)
    revisions: dict[str, int] = {row[0]: row[1] for row in connection.execute(last)}
    fresh = []
    for key, cells in rows.items():
        if stored.get(key) != cells:
            done["changed" if key in stored else "added"] += 1
            fresh.append((key, cells, False))
    for key in stored.keys() - rows.keys():
        done["withdrawn"] += 1
        fresh.append((key, stored[key], True))
    values = (
        {
            "batch": number,
            "revision": revisions.get(key, 0) + 1,
            "withdrawn": gone,
            **dict(zip(names, cells, strict=True)),
        }
        for key, cells, gone in fresh
    )
    for chunk in _chunks(values):
        connection.execute(insert(table), chunk)


def _replace(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    from sqlalchemy import delete, insert

    connection.execute(delete(table))
    for chunk in _chunks(rows):
        connection.execute(insert(table), chunk)


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _order(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for file, rows in _rows(ledger).items():
        for position, key in enumerate(rows):
            yield {"file": file, "position": position, "id": key}
