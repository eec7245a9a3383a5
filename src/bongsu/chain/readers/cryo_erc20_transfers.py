"""cryo `erc20_transfers`: Parquet or CSV; addresses and hashes are binary (Parquet) or 0x text (CSV, --hex).

cryo writes a 256-bit value in several columns; by default value_binary, value_string and value_f64. The exact ones are
preferred; an export with value_f64 alone is approximate.
Source of the columns: paradigmxyz/cryo, crates/freeze/src/datasets/erc20_transfers.rs and its U256 types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Movement, Reader, big_endian, double, place, transaction, whole
from bongsu.errors import RecordError
from bongsu.model.chain import chains

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells

VALUE_COLUMNS = ("value_string", "value_d128", "value_binary", "value_u64", "value", "value_f64", "chain_id")


def value_of(cells: Cells) -> tuple[int, bool]:
    """Return base units and whether they are approximate, from the best column that the export has."""
    for column in ("value_string", "value_d128", "value_u64"):
        if text := cells.get(column):
            return whole(text, column), False
    if text := cells.get("value_binary"):
        return big_endian(text, "value_binary"), False
    if text := cells.get("value"):
        return (big_endian(text, "value"), False) if text.startswith("0x") else (whole(text, "value"), False)
    if text := cells.get("value_f64"):
        return double(text, "value_f64")
    raise RecordError("the record has no value", hint="export with --u256-types string (or binary)")


def chain_of(cells: Cells) -> str:
    """Return the chain's id by its EIP-155 number; empty where the export has none."""
    number = cells.get("chain_id", "")
    if not number:
        return ""
    found = next((chain.id for chain in chains().values() if chain.caip2 == f"eip155:{number}"), None)
    if found is None:
        raise RecordError(f"chain id {number[:20]} is not a chain that Bongsu knows")
    return found


def read(cells: Cells) -> Movement:
    """Read one ERC-20 transfer."""
    value, approximate = value_of(cells)
    return Movement(
        tx=transaction(cells["transaction_hash"]),
        sender=cells["from_address"],
        receiver=cells["to_address"],
        token=cells["erc20"],
        value=value,
        block=cells["block_number"],
        order=place(cells["log_index"]),
        time=cells.get("timestamp", ""),
        chain=chain_of(cells),
        approximate=approximate,
    )


READER = Reader(
    "cryo-erc20-transfers",
    "cryo erc20_transfers, Parquet or CSV",
    ("block_number", "log_index", "transaction_hash", "erc20", "from_address", "to_address"),
    (*VALUE_COLUMNS, "timestamp"),
    read,
)
