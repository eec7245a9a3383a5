"""The ledger's tables.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

RECORDS = {
    "ledger_incidents": "id title country victim_type category note",
    "ledger_claims": (
        "id incident kind value low high unit valuation "
        "text publisher document published_on basis confidence url via note"
    ),
    "ledger_relations": "id incident kind other publisher document published_on confidence url note",
    "ledger_aggregates": (
        "id publisher document published_on since until count usd low high qualifier rule part_of restates url via note"
    ),
    "ledger_prices": "id asset day usd source url note",
    "ledger_publishers": "id name type url note",
    "ledger_actors": "id body",
}
SUMS = ("usd", "low", "high", "back_usd", "back_low", "back_high", "frozen")


def upgrade() -> None:
    """Make the tables."""
    for name, columns in RECORDS.items():
        op.create_table(
            name,
            sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
            sa.Column("batch", sa.Integer, nullable=False),
            sa.Column("revision", sa.Integer, nullable=False),
            sa.Column("withdrawn", sa.Boolean, nullable=False),
            *(sa.Column(each, sa.Text, nullable=False) for each in columns.split()),
        )
        op.create_index(f"{name}_id", name, ["id", "revision"], unique=True)
    op.create_table(
        "ledger_batch",
        sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("withdrawn", sa.Integer, nullable=False),
        sa.Column("newest", sa.String(10), nullable=False),
    )
    op.create_table(
        "ledger_order",
        sa.Column("file", sa.String(20), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_fact",
        sa.Column("until", sa.String(10), primary_key=True),
        sa.Column("incident", sa.String(200), primary_key=True),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("happened", sa.String(10)),
        sa.Column("year", sa.Integer),
        sa.Column("state", sa.Integer, nullable=False),
        *(sa.Column(each, sa.BigInteger, nullable=False) for each in SUMS),
        sqlite_with_rowid=False,
    )
    op.create_index("ledger_fact_since", "ledger_fact", ["since"])
    op.create_table(
        "ledger_cube",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        *(sa.Column(each, sa.BigInteger, nullable=False) for each in SUMS),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (*RECORDS, "ledger_batch", "ledger_order", "ledger_fact", "ledger_cube"):
        op.drop_table(name)
