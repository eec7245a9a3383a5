"""A Parquet file that is streamed in batches gives byte for byte what the ordinary reader and the reference give."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from bongsu.chain.order import in_order
from bongsu.chain.transfers import read_transfers
from bongsu.errors import RecordError
from bongsu.model.address import Address, eip55
from bongsu.trace.coverage import arriving, coverage
from bongsu.trace.output import to_json, trace_json
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run
from bongsu.trace.stream import can_stream, trace_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ADDRESSES = [Address("ethereum", f"0x{n * 0x9E3779B97F4A7C15F39CC0605CEDC834:040x}"[:42]) for n in range(1, 40)]
THEFTS = {ADDRESSES[0]: "a", ADDRESSES[1]: "b"}
VENUES = {ADDRESSES[2]: "X", ADDRESSES[3]: '거래소 "Y"', ADDRESSES[1]: "also stolen from"}


def written(text: str, n: int) -> str:
    """Write an address in one of the three ways there are: with its checksum, in capitals, in small letters."""
    return (eip55(text), "0x" + text[2:].upper(), text)[n % 3]


def write(path: Path, *, shuffled: bool = False, decimal: bool = False, amount: str | None = None) -> None:
    dice = random.Random(5)  # noqa: S311 - a seeded log, no secret
    rows = [
        {
            "time": str(1_700_000_000 + n),
            "block": n // 7,
            "index": n % 7,
            "tx": f"0x{n:064x}",
            "sender": dice.choice(ADDRESSES).text,
            "receiver": written(dice.choice(ADDRESSES).text, n),
            "asset": dice.choice(["ETH", "ETH", "USDT"]),
            "amount": f"{dice.random() * 10 ** dice.randint(0, 6):.6f}",
        }
        for n in range(2000)
    ]
    rows[50]["amount"] = "2.5e-05"
    if amount is not None:
        rows[1200]["amount"] = amount
    rows.append(dict(rows[-1]))
    if shuffled:
        dice.shuffle(rows)
    table = pa.Table.from_pylist(rows)
    if decimal:
        rows[50]["amount"] = "0.000025"
        amounts = pa.array([r["amount"] for r in rows]).cast(pa.decimal128(38, 6))
        table = table.set_column(7, "amount", amounts)
    parquet.write_table(table, path)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("shuffled", "decimal"), [(False, False), (True, False), (False, True)])
def test_streaming_equals_reading(tmp_path: Path, policy: str, shuffled: bool, decimal: bool) -> None:
    path = tmp_path / "log.parquet"
    write(path, shuffled=shuffled, decimal=decimal)
    assert can_stream(path, "ethereum", least=1)
    decimals = {"USDT": 6}
    streamed = trace_file(path, policy, THEFTS, VENUES, decimals=decimals, default_chain="ethereum", batch=123)
    table = read_transfers(path, decimals=decimals)
    plain = run(POLICIES[policy], in_order(table.transfers), THEFTS, VENUES)
    covered = coverage(streamed.trace, streamed.arrived, VENUES)
    found = "".join(trace_json(streamed.trace, (), (), streamed.transfers, streamed.duplicates, covered))
    assert found == to_json(json.loads(found))
    covered = coverage(plain, arriving(table.transfers, VENUES), VENUES)
    assert found == "".join(trace_json(plain, (), (), len(table.transfers), table.duplicates, covered))


def test_a_bad_record_is_named_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    write(path, amount="-3")
    with pytest.raises(RecordError) as caught:
        trace_file(path, "fifo", THEFTS, VENUES, decimals={}, default_chain="ethereum", batch=100)
    assert caught.value.line == 1201
    assert "negative" in caught.value.message


def test_a_bad_record_is_set_aside_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    write(path, amount="1,5")
    found = trace_file(path, "fifo", THEFTS, VENUES, decimals={}, default_chain="ethereum", keep_going=True)
    table = read_transfers(path, keep_going=True)
    assert found.rejected == table.rejected
    assert found.transfers == len(table.transfers) == 2000
