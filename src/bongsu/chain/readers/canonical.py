"""Bongsu's own form, read again: to join files, to add contracts and decimals, to turn CSV into Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.assets import DEFAULT_DECIMALS, well_known
from bongsu.chain.reader import Movement, Reader, place
from bongsu.chain.transfers import OPTIONAL, REQUIRED, read_whole
from bongsu.errors import RecordError
from bongsu.model.asset import MAX_DECIMALS, parse_amount

if TYPE_CHECKING:
    from bongsu.chain.reader import Cells


def read(cells: Cells) -> Movement:
    """Read one record; decimals are the record's own, else those of a well-known token, else 18."""
    symbol, chain = cells["asset"], cells.get("chain", "")
    if not symbol or not cells["tx"]:
        raise RecordError("the asset or the transaction hash is empty")
    known = well_known().get((chain or "ethereum", symbol))
    stated = read_whole(cells.get("decimals", ""), "decimals")
    decimals = stated if stated is not None else known.decimals if known else DEFAULT_DECIMALS
    if decimals > MAX_DECIMALS:
        raise RecordError(f"{symbol} is said to have {decimals} decimals; no token has more than {MAX_DECIMALS}")
    return Movement(
        tx=cells["tx"],
        sender=cells["sender"],
        receiver=cells["receiver"],
        token=cells.get("contract") or None,
        value=parse_amount(cells["amount"], decimals, symbol),
        block=cells["block"],
        order=place(cells.get("index", "")),
        time=cells["time"],
        chain=chain,
        approximate=cells.get("approximate", "") == "1",
        symbol=symbol,
        decimals=decimals,
    )


READER = Reader(
    "canonical",
    "Bongsu's own columns (docs/case-format.md)",
    REQUIRED,
    (*OPTIONAL, "approximate"),
    read,
)
