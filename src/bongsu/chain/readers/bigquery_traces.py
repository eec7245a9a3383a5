"""BigQuery `crypto_ethereum.traces`, exported as CSV, JSON lines or Parquet; values are exact NUMERIC.

An export has no order of its own: the place in the block comes from transaction_index and trace_address.
Source of the columns: blockchain-etl/ethereum-etl-airflow, dags/resources/stages/enrich/schemas/traces.json.
"""

from __future__ import annotations

from bongsu.chain.reader import Reader
from bongsu.chain.readers import ethereum_etl_traces

READER = Reader(
    "bigquery-traces",
    "BigQuery crypto_ethereum.traces",
    (*ethereum_etl_traces.READER.required, "block_timestamp"),
    ("error",),
    ethereum_etl_traces.read,
    ranked=True,
)
