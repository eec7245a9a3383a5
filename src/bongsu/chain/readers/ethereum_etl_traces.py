"""ethereum-etl `traces`: every movement of the chain's own coin, also those inside contract calls.

Source of the columns: blockchain-etl/ethereum-etl, docs/schema.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Ignored, Movement, Reader, place, trace_outcome, transaction, whole

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement | Ignored:
    """Read one trace."""
    if ignored := trace_outcome(cells):
        return ignored
    value = whole(cells["value"], "value")
    if not value:
        return Ignored("call without value")
    return Movement(
        tx=transaction(cells["transaction_hash"]),
        sender=cells["from_address"],
        receiver=cells["to_address"],
        token=None,
        value=value,
        block=cells["block_number"],
        order=place(cells["transaction_index"], cells["trace_address"]),
        time=cells.get("block_timestamp", ""),
    )


READER = Reader(
    "ethereum-etl-traces",
    "ethereum-etl traces, CSV or JSON lines",
    (
        "transaction_hash",
        "transaction_index",
        "from_address",
        "to_address",
        "value",
        "trace_type",
        "call_type",
        "trace_address",
        "status",
        "block_number",
    ),
    ("error", "block_timestamp"),
    read,
    ranked=True,
)
