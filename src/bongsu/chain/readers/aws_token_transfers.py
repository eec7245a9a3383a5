"""AWS public blockchain data, `eth.token_transfers`: values are binary doubles, so large ones are approximate.

A double holds whole numbers exactly up to 2^53 base units (0.009 of an 18-decimals token). Larger amounts are taken as
they stand and marked: figures from them are not to the last unit. The exact value is in eth.logs.
Source of the columns: analytics/consumer/schema/eth.md of
aws-solutions-library-samples/guidance-for-digital-assets-on-aws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Movement, Reader, double, place, transaction

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement:
    """Read one token transfer."""
    value, approximate = double(cells["value"], "value")
    return Movement(
        tx=transaction(cells["transaction_hash"]),
        sender=cells["from_address"],
        receiver=cells["to_address"],
        token=cells["token_address"],
        value=value,
        block=cells["block_number"],
        order=place(cells["log_index"]),
        time=cells["block_timestamp"],
        approximate=approximate,
    )


READER = Reader(
    "aws-token-transfers",
    "AWS public blockchain data, eth.token_transfers (amounts in doubles: marked approximate)",
    (
        "token_address",
        "from_address",
        "to_address",
        "value",
        "transaction_hash",
        "log_index",
        "block_timestamp",
        "block_number",
    ),
    (),
    read,
)
