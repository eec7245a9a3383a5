"""Transfers are read strictly: what cannot be read is said with its place, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from bongsu.chain.transfers import REQUIRED, read_transfers
from bongsu.errors import BongsuError, RecordError, SourceError
from bongsu.model.asset import Asset

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ",".join(REQUIRED)
A, B, C = ("0x" + letter * 40 for letter in "abc")
GOOD = f"2025-02-21T14:29:47Z,100,0x01,{A},{B},ETH,1.5"
STETH = "0xae7ab96520de3a18e5e111b5eaab095312d7fe84"
DECLARED = [Asset("ethereum", "ETH", 18, None, native=True), Asset("ethereum", "stETH", 18, STETH)]


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "transfers.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_record_becomes_exact_values(tmp_path: Path) -> None:
    transfer = read_transfers(write(tmp_path, GOOD)).transfers[0]
    assert (transfer.amount, transfer.block, transfer.sender.text) == (15 * 10**17, 100, A)
    assert str(transfer.time) == "2025-02-21 14:29:47+00:00"
    assert str(transfer.record) == "transfers.csv:2"


@pytest.mark.parametrize(
    "time", ["1740148187", "2025-02-21 14:29:47", "2025-02-21T14:29:47+00:00", "2025-02-21T23:29:47+09:00"]
)
def test_times_are_iso_or_epoch_and_become_utc(tmp_path: Path, time: str) -> None:
    transfer = read_transfers(write(tmp_path, GOOD.replace("2025-02-21T14:29:47Z", time))).transfers[0]
    assert str(transfer.time) == "2025-02-21 14:29:47+00:00"


def test_columns_may_stand_in_any_order_and_others_are_left_alone(tmp_path: Path) -> None:
    header = "note,amount,asset,receiver,sender,tx,block,time"
    row = f"hop 1,1.5,ETH,{B},{A},0x01,100,2025-02-21T14:29:47Z"
    assert read_transfers(write(tmp_path, row, header=header)).transfers[0].amount == 15 * 10**17


def test_duplicate_rows_are_kept_and_counted(tmp_path: Path) -> None:
    table = read_transfers(write(tmp_path, GOOD, GOOD, GOOD))
    assert (len(table.transfers), table.duplicates) == (3, 2)


def test_rows_of_empty_cells_are_no_records(tmp_path: Path) -> None:
    table = read_transfers(write(tmp_path, "", GOOD, ",,,,,,", " , ,,,,,"))
    assert [t.record.line for t in table.transfers] == [3]


BROKEN = {
    "non-numeric amount": (GOOD.replace("1.5", "abc"), "not a decimal number"),
    "negative amount": (GOOD.replace("1.5", "-1.5"), "negative"),
    "overlong decimals": (GOOD.replace("1.5", "1." + "1" * 19), "19 decimals"),
    "bad checksum": (GOOD.replace(A, "0x47666fAb8bd0Ac7003bce3f5C3585383F09486E2"), "EIP-55"),
    "no address": (GOOD.replace(B, "binance"), "is no Ethereum address"),
    "empty asset": (GOOD.replace("ETH", ""), "the asset is empty"),
    "bad block": (GOOD.replace(",100,", ",ten,"), "block 'ten'"),
    "bad time": (GOOD.replace("2025-02-21T14:29:47Z", "yesterday"), "neither ISO 8601 nor epoch"),
    "milliseconds": (GOOD.replace("2025-02-21T14:29:47Z", "1740148187000"), "2100"),
    "neither block nor time": (GOOD.replace("2025-02-21T14:29:47Z,100", ","), "neither a block nor a time"),
    "no transaction": (GOOD.replace("0x01", ""), "transaction hash is empty"),
    "cut off": (GOOD[:60], "fields where the header has"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_record_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    bad, says = BROKEN[name]
    with pytest.raises(RecordError, match=says) as refused:
        read_transfers(write(tmp_path, GOOD, bad))
    assert (refused.value.line, refused.value.source) == (3, str(tmp_path / "transfers.csv"))


@pytest.mark.parametrize("name", BROKEN)
def test_keep_going_sets_the_bad_record_aside_and_reads_the_rest(tmp_path: Path, name: str) -> None:
    bad, says = BROKEN[name]
    table = read_transfers(write(tmp_path, GOOD, bad, GOOD), keep_going=True)
    assert len(table.transfers) == 2
    (aside,) = table.rejected
    assert says in aside.reason
    assert (aside.raw, aside.record.line) == (bad, 3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"  \n \n", "the file is empty"),
        (HEADER.encode() + b"\n", "no transfer"),
        (f"{HEADER.replace('sender', 'from')}\n{GOOD}\n".encode(), "missing: sender"),
        (f"{HEADER},tx\n{GOOD},1\n".encode(), "'tx' stands twice"),
        (HEADER.replace(",", ";").encode() + b"\n", "missing"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "UTF-16"),
        (f"{HEADER}\n{GOOD}\n".encode() + b"\xff\xfe\x00", "not UTF-8"),
        (f'{HEADER}\n"{"x" * 10_000_000}\n'.encode(), "longer than"),
        (f'{HEADER}\n{GOOD}\n"unclosed,quote\n'.encode(), "cannot be read"),
        (b"PAR1" + b"\x00" * 100, "Parquet file is damaged"),
    ],
)
def test_an_unusable_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "transfers.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        read_transfers(path)


def parquet_file(folder: Path, amounts: pa.Array) -> Path:
    path = folder / "transfers.parquet"
    size = len(amounts)
    columns = {
        "time": pa.array([1740148187] * size, pa.timestamp("s", tz="UTC")),
        "block": pa.array(range(100, 100 + size), pa.int64()),
        "tx": pa.array(["0x01"] * size),
        "sender": pa.array([A] * size),
        "receiver": pa.array([B] * size),
        "asset": pa.array(["ETH"] * size),
        "amount": amounts,
    }
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("kind", [pa.string(), pa.decimal128(38, 18)])
def test_parquet_is_read_exactly(tmp_path: Path, kind: pa.DataType) -> None:
    amount = Decimal("400001.000000000000000001")
    values = pa.array([str(amount) if kind == pa.string() else amount], kind)
    assert read_transfers(parquet_file(tmp_path, values)).transfers[0].amount == 400_001 * 10**18 + 1


def test_parquet_with_binary_floats_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="floating-point"):
        read_transfers(parquet_file(tmp_path, pa.array([1.5])))


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, pa.array(["1"] * 1000))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceError, match="damaged or cut off"):
        read_transfers(path)


def test_an_undeclared_asset_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="did you mean 'stETH'"):
        read_transfers(write(tmp_path, GOOD.replace("ETH", "steth")), declared=DECLARED)


@pytest.mark.parametrize(
    ("asset", "contract", "says"),
    [
        ("E\u0422H", "0x" + "1" * 40, "imitates ETH"),
        ("stE\u0422H", "0x" + "1" * 40, "imitates stETH"),
        ("\uff25\uff34\uff28", "", "imitates ETH"),
        ("E\u200bTH", "", "imitates ETH"),
        ("stETH", "0x" + "1" * 40, "the genuine stETH is the contract"),
        ("ETH", "0x" + "1" * 40, "own coin"),
    ],
)
@pytest.mark.parametrize("declared", [DECLARED, None], ids=["case", "plain file"])
def test_a_spoof_asset_is_refused_with_the_reason(
    tmp_path: Path, asset: str, contract: str, says: str, declared: list[Asset] | None
) -> None:
    rows = (f"{GOOD},", f"{GOOD},".replace("ETH", asset) + contract)
    table = read_transfers(write(tmp_path, *rows, header=HEADER + ",contract"), declared=declared)
    assert len(table.transfers) == 1
    assert says in table.skipped[0].reason


def test_a_native_marker_in_the_contract_column_is_no_token(tmp_path: Path) -> None:
    rows = (f"{GOOD},0x{'0' * 40}", f"{GOOD},0x{'E' * 40}")
    assert len(read_transfers(write(tmp_path, *rows, header=HEADER + ",contract"), declared=DECLARED).transfers) == 2


def test_a_spoof_sent_to_a_look_alike_names_the_address_it_imitates(tmp_path: Path) -> None:
    genuine, alike = "0xa4b2" + "1" * 32 + "449e", "0xa4b2" + "2" * 32 + "449e"
    rows = (GOOD.replace(B, genuine), GOOD.replace(B, alike).replace("ETH", "E\u0422H"))
    assert f"{alike} imitates {genuine}" in read_transfers(write(tmp_path, *rows)).skipped[0].reason


def test_two_contracts_with_one_symbol_need_a_case(tmp_path: Path) -> None:
    rows = [f"{GOOD},0x{digit * 40}".replace("ETH", "FOO") for digit in "12"]
    with pytest.raises(RecordError, match="two contracts call themselves FOO"):
        read_transfers(write(tmp_path, *rows, header=HEADER + ",contract"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400))
def test_garbage_bytes_never_crash_the_reader(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "garbage"
    for content in (data, HEADER.encode() + b"\n" + data, b"PAR1" + data + b"PAR1"):
        path.write_bytes(content)
        try:
            table = read_transfers(path, keep_going=True)
        except BongsuError as refused:
            assert refused.message  # noqa: PT017 - either outcome is right, a crash is not
        else:
            assert table.transfers or table.skipped or table.rejected


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "0", "-1", "1e9", A, B, "ETH", "ethereum", "\x00", "'", '"'])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(CELLS, min_size=7, max_size=7))
def test_garbage_cells_never_crash_the_reader(tmp_path: Path, cells: list[str]) -> None:
    import csv

    path = tmp_path / "cells.csv"
    with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        csv.writer(file).writerows([list(REQUIRED), cells])
    try:
        read_transfers(path, keep_going=True)
    except BongsuError as refused:
        assert refused.message  # noqa: PT017 - either outcome is right, a crash is not
