"""The tables of cases: events in chains, the head of each chain, and files by digest."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

case_event = Table(
    "case_event",
    metadata,
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
    metadata,
    Column("case_id", String(80), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""The last event of each case: moved with each append, so that a tail that was cut off is noticed."""

case_file = Table(
    "case_file",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What letters and evidence are made of, by the SHA-256 of their bytes."""
