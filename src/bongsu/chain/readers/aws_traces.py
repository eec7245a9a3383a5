"""AWS public blockchain data, `eth.traces`: values are binary doubles, so amounts above 2^53 wei are approximate.

Source of the columns: analytics/consumer/schema/eth.md of
aws-solutions-library-samples/guidance-for-digital-assets-on-aws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.reader import Ignored, Movement, Reader, double, place, trace_outcome, transaction
from bongsu.chain.readers import ethereum_etl_traces

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement | Ignored:
    """Read one trace."""
    if ignored := trace_outcome(cells):
        return ignored
    value, approximate = double(cells["value"], "value")
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
        time=cells["block_timestamp"],
        approximate=approximate,
    )


READER = Reader(
    "aws-traces",
    "AWS public blockchain data, eth.traces (amounts in doubles: marked approximate)",
    (*ethereum_etl_traces.READER.required, "block_timestamp"),
    ("error",),
    read,
    ranked=True,
)
