"""cryo `native_transfers`: the chain's own coin, with rewards as records without a transaction.

Source of the columns: paradigmxyz/cryo, crates/freeze/src/datasets/native_transfers.rs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Ignored, Movement, Reader, place, transaction
from bongsu.chain.readers.cryo_erc20_transfers import VALUE_COLUMNS, chain_of, value_of

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement | Ignored:
    """Read one transfer of the chain's own coin."""
    value, approximate = value_of(cells)
    if not cells["transaction_hash"]:
        return Ignored("reward: new coin without a payer")
    if not value:
        return Ignored("call without value")
    return Movement(
        tx=transaction(cells["transaction_hash"]),
        sender=cells["from_address"],
        receiver=cells["to_address"],
        token=None,
        value=value,
        block=cells["block_number"],
        order=place(cells["transfer_index"]),
        time=cells.get("timestamp", ""),
        chain=chain_of(cells),
        approximate=approximate,
    )


READER = Reader(
    "cryo-native-transfers",
    "cryo native_transfers, Parquet or CSV",
    ("block_number", "transfer_index", "transaction_hash", "from_address", "to_address"),
    (*VALUE_COLUMNS, "timestamp"),
    read,
)
