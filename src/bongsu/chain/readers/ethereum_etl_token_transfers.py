"""ethereum-etl `token_transfers`: CSV of export_token_transfers, JSON lines of stream.

Source of the columns: blockchain-etl/ethereum-etl, docs/schema.md. The CSV has no time; the block gives the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Movement, Reader, place, transaction, whole

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement:
    """Read one ERC-20 transfer."""
    return Movement(
        tx=transaction(cells["transaction_hash"]),
        sender=cells["from_address"],
        receiver=cells["to_address"],
        token=cells["token_address"],
        value=whole(cells["value"], "value"),
        block=cells["block_number"],
        order=place(cells["log_index"]),
        time=cells.get("block_timestamp", ""),
    )


READER = Reader(
    "ethereum-etl-token-transfers",
    "ethereum-etl token_transfers, CSV or JSON lines",
    ("token_address", "from_address", "to_address", "value", "transaction_hash", "log_index", "block_number"),
    ("block_timestamp",),
    read,
)
