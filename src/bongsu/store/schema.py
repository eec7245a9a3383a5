"""The tables of the store.

Each file of the ledger is a table whose columns are the file's, as text, so that what comes out is what went in. Three
more say which save wrote a row (`batch`), which version of the record it is (`revision`, from 1), and whether the
record was taken out of the files (`withdrawn`). Rows are only ever added. `ledger_order`, `ledger_fact` and
`ledger_cube` are derived from them and made anew: the order of the files, what stands of each incident between two
days, and sums of that.

A case is a chain of events (`case_event`), the head of the chain (`case_head`), and files by digest (`case_file`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from bongsu.ledger.files import TABLES, columns

METADATA = MetaData()


def _record_table(name: str, names: list[str]) -> Table:
    return Table(
        name,
        METADATA,
        Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("batch", Integer, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
        *(Column(each, Text, nullable=False) for each in names),
        Index(f"{name}_id", "id", "revision", unique=True),
    )


RECORDS = {file: _record_table(f"ledger_{file.removesuffix('.csv')}", columns(file)) for file in TABLES}
RECORDS["actors.toml"] = _record_table("ledger_actors", ["id", "body"])

BATCH = Table(
    "ledger_batch",
    METADATA,
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("newest", String(10), nullable=False),
)

ORDER = Table(
    "ledger_order",
    METADATA,
    Column("file", String(20), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
)

_SUMS = ("usd", "low", "high", "back_usd", "back_low", "back_high", "frozen")

FACT = Table(
    "ledger_fact",
    METADATA,
    Column("until", String(10), primary_key=True),
    Column("incident", String(200), primary_key=True),
    Column("since", String(10), nullable=False),
    Column("happened", String(10)),
    Column("year", Integer),
    Column("state", Integer, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _SUMS),
    Index("ledger_fact_since", "since"),
    sqlite_with_rowid=False,
)
"""What stands of an incident from `since` to the day before `until` (days as ISO text).

`state` packs what decides whether it counts. Dollars are whole cents, 0 where there are none; `back_…` is what came
back, at most the amount of that valuation.
"""

CUBE = Table(
    "ledger_cube",
    METADATA,
    Column("day", String(10), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("state", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _SUMS),
    sqlite_with_rowid=False,
)
"""The facts of some days, added up by year and state: a total starts from the last such day."""

case_event = Table(
    "case_event",
    METADATA,
    Column("case_id", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(160), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("data", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
"""One row for each event, in order from 1; rows are only ever added."""

case_head = Table(
    "case_head",
    METADATA,
    Column("case_id", String(80), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""The last event of each case: moved with each append, so that a tail that was cut off is noticed."""

case_file = Table(
    "case_file",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What letters and evidence are made of, by the SHA-256 of their bytes."""
