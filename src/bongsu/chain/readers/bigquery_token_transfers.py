"""BigQuery `crypto_ethereum.token_transfers`, exported as CSV, JSON lines or Parquet; values are exact strings.

Source of the columns: blockchain-etl/ethereum-etl-airflow, dags/resources/stages/enrich/schemas/token_transfers.json.
"""

from __future__ import annotations

from bongsu.chain.reader import Reader
from bongsu.chain.readers import ethereum_etl_token_transfers

READER = Reader(
    "bigquery-token-transfers",
    "BigQuery crypto_ethereum.token_transfers",
    (*ethereum_etl_token_transfers.READER.required, "block_timestamp"),
    (),
    ethereum_etl_token_transfers.read,
)
