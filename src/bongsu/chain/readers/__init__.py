"""The export formats that `bongsu chain import` reads, one per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.readers import (
    aws_token_transfers,
    aws_traces,
    bigquery_token_transfers,
    bigquery_traces,
    canonical,
    cryo_erc20_transfers,
    cryo_native_transfers,
    ethereum_etl_token_transfers,
    ethereum_etl_traces,
)

if TYPE_CHECKING:
    from bongsu.chain.reader import Reader

READERS: dict[str, Reader] = {
    module.READER.name: module.READER
    for module in (
        canonical,
        ethereum_etl_token_transfers,
        ethereum_etl_traces,
        cryo_erc20_transfers,
        cryo_native_transfers,
        aws_token_transfers,
        aws_traces,
        bigquery_token_transfers,
        bigquery_traces,
    )
}
"""Every reader by the name of its format, in the order in which they are shown."""
