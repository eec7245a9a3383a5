"""Every record of an export ends as a transfer, in a count, or set aside; amounts are exact or said not to be."""

from __future__ import annotations

import contextlib
import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from bongsu.chain.importing import import_files, write_lines
from bongsu.chain.reader import Ignored, Movement
from bongsu.chain.readers import READERS
from bongsu.chain.tokens import Token, TokenBook, read_tokens
from bongsu.chain.transfers import read_transfers
from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = ("0x" + digit * 40 for digit in "abc")
TX = "0x" + "1" * 64
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
ETL = {
    "token_address": USDT,
    "from_address": A,
    "to_address": B,
    "value": "1500000",
    "transaction_hash": TX,
    "log_index": "7",
    "block_number": "100",
}
TRACE = {
    "transaction_hash": TX,
    "transaction_index": "3",
    "from_address": A,
    "to_address": B,
    "value": "1000000000000000000",
    "trace_type": "call",
    "call_type": "call",
    "trace_address": "",
    "status": "1",
    "block_number": "100",
    "block_timestamp": "2023-05-02 12:19:59 UTC",
}


def table(path: Path, *records: dict[str, Any]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def run(name: str, *paths: Path, **options: Any) -> Any:
    return import_files(READERS[name], list(paths), options.pop("book", TokenBook()), **options)


def test_a_well_known_token_comes_out_in_whole_units_under_its_symbol(tmp_path: Path) -> None:
    (line,) = run("ethereum-etl-token-transfers", table(tmp_path / "t.csv", ETL)).lines
    assert (line.asset, line.amount, line.decimals, line.contract) == ("USDT", "1.5", "6", USDT)


def test_an_unknown_token_goes_by_its_contract_in_base_units(tmp_path: Path) -> None:
    book = TokenBook()
    (line,) = run(
        "ethereum-etl-token-transfers", table(tmp_path / "t.csv", {**ETL, "token_address": C}), book=book
    ).lines
    assert (line.asset, line.amount, line.decimals) == (C, "1500000", "0")
    assert book.unknown == {C: 1}


def test_unknown_tokens_can_be_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", ETL, {**ETL, "token_address": C})
    found = run("ethereum-etl-token-transfers", path, book=TokenBook(refuse_unknown=True))
    assert [r.reason for r in found.rejected] == [f"the token {C} is in no list"]


def test_a_token_list_names_tokens_unless_two_share_a_symbol(tmp_path: Path) -> None:
    rows = [{"address": a, "symbol": s, "decimals": d} for a, s, d in ((A, "GOLD", 9), (B, "GOLD", 9), (C, "TIN", 2))]
    book = TokenBook(read_tokens(table(tmp_path / "tokens.csv", *rows), "ethereum"))
    assert [book.of("ethereum", a) for a in (A, B, C)] == [Token(A, 9), Token(B, 9), Token("TIN", 2)]


def test_a_contract_that_borrows_a_well_known_symbol_is_refused_by_the_trace(tmp_path: Path) -> None:
    book = TokenBook({("ethereum", C): Token("USDT", 6)})
    found = run("ethereum-etl-token-transfers", table(tmp_path / "t.csv", {**ETL, "token_address": C}), book=book)
    write_lines(found.lines, tmp_path / "out.csv")
    read = read_transfers(tmp_path / "out.csv")
    assert not read.transfers
    assert "spoof asset" in read.skipped[0].reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"trace_type": "reward", "from_address": "", "transaction_hash": ""}, "reward"),
        ({"call_type": "delegatecall"}, "delegatecall"),
        ({"call_type": "callcode"}, "callcode"),
        ({"status": "0"}, "failed call"),
        ({"value": "0"}, "call without value"),
    ],
)
def test_traces_that_move_nothing_are_counted_with_the_reason(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    found = run("ethereum-etl-traces", table(tmp_path / "t.csv", {**TRACE, **change}))
    assert not found.lines
    assert [r.startswith(reason) for r in found.ignored] == [True]


def test_traces_out_of_order_are_numbered_as_the_call_tree_ran(tmp_path: Path) -> None:
    calls = [("4", ""), ("3", "1"), ("3", "0,5"), ("3", ""), ("3", "0")]
    records = [
        {**TRACE, "transaction_index": i, "trace_address": path, "value": n + 1} for n, (i, path) in enumerate(calls)
    ]
    found = run("bigquery-traces", table(tmp_path / "t.csv", *records))
    assert [line.index for line in found.lines] == ["4", "3", "2", "0", "1"]


def test_aws_doubles_are_marked_where_they_may_have_lost_digits(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    values = [float(2**53), 1.5e24]
    rows = {**{k: [v, v] for k, v in ETL.items()}, "value": values, "block_timestamp": ["2023-05-02T12:19:59"] * 2}
    rows["log_index"], rows["block_number"] = [1, 2], [100, 100]
    rows["token_address"] = [C, C]
    parquet.write_table(pa.table(rows), path)
    found = run("aws-token-transfers", path)
    assert [(line.amount, line.approximate) for line in found.lines] == [
        (str(2**53), "0"),
        (str(int(1.5e24)), "1"),
    ]
    assert found.approximate == 1


@pytest.mark.parametrize("column", ["value_string", "value_binary"])
def test_cryo_gives_the_exact_256_bit_value(tmp_path: Path, column: str) -> None:
    value = 2**200 + 1
    cell = str(value) if column == "value_string" else value.to_bytes(32, "big")
    record = {
        "block_number": 100,
        "log_index": 5,
        "transaction_hash": bytes.fromhex(TX[2:]),
        "erc20": bytes.fromhex(C[2:]),
        "from_address": bytes.fromhex(A[2:]),
        "to_address": bytes.fromhex(B[2:]),
        column: cell,
        "value_f64": float(value),
        "chain_id": 56,
    }
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.Table.from_pylist([record]), path)
    (line,) = run("cryo-erc20-transfers", path).lines
    assert (line.amount, line.chain, line.approximate) == (str(value), "bsc", "0")


def test_cryo_native_rewards_are_counted_not_moved(tmp_path: Path) -> None:
    record = {"block_number": 1, "transfer_index": 0, "transaction_hash": "", "from_address": A, "to_address": B}
    path = table(
        tmp_path / "t.csv", {**record, "value_string": 5}, {**record, "transaction_hash": TX, "value_string": 5}
    )
    found = run("cryo-native-transfers", path)
    assert [line.amount for line in found.lines] == ["0.000000000000000005"]
    assert sum(found.ignored.values()) == 1


def test_a_file_cut_in_the_middle_loses_only_its_last_record_and_says_so(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", *[{**ETL, "log_index": n} for n in range(20)])
    path.write_bytes(path.read_bytes()[:-90])
    found = run("ethereum-etl-token-transfers", path)
    assert (len(found.lines), len(found.rejected), found.read) == (19, 1, 20)


def test_a_last_line_without_its_end_is_remarked_on(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", ETL)
    assert not run("ethereum-etl-token-transfers", path).remarks
    path.write_bytes(path.read_bytes().rstrip()[:-1])
    found = run("ethereum-etl-token-transfers", path)
    assert [line.block for line in found.lines] == ["10"]
    assert found.remarks == ["t.csv does not end with a line break: its last record may be cut off"]


def test_strict_stops_at_the_first_record_that_cannot_be_read(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", ETL, {**ETL, "value": "1.5"})
    with pytest.raises(RecordError, match="not a whole number") as caught:
        run("ethereum-etl-token-transfers", path, strict=True)
    assert caught.value.line == 3


def test_the_wrong_format_is_one_error_and_no_output(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="column is missing"):
        run("cryo-erc20-transfers", table(tmp_path / "t.csv", ETL))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_canonical_transfers_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    first = run("ethereum-etl-token-transfers", table(tmp_path / "t.csv", ETL, {**ETL, "token_address": C}))
    write_lines(first.lines, tmp_path / f"out{suffix}")
    assert run("canonical", tmp_path / f"out{suffix}").lines == first.lines


def test_real_token_transfers_keep_every_amount(shared: Path, tmp_path: Path) -> None:
    source = shared / "chains/ethereum-rpc/test_stream/blocks_17173049_17173050/expected_token_transfers.json"
    write_lines(run("ethereum-etl-token-transfers", source).lines, tmp_path / "out.parquet")
    read = read_transfers(tmp_path / "out.parquet")
    expected = sum(json.loads(line)["value"] for line in source.read_text().splitlines())
    assert sum(t.amount for t in read.transfers) == expected


def test_real_traces_give_the_one_payment_of_the_block(shared: Path) -> None:
    source = shared / "chains/ethereum-rpc/test_stream/blocks_508110_508110/expected_traces.json"
    found = run("ethereum-etl-traces", source)
    assert [(line.asset, line.amount) for line in found.lines] == [("ETH", "4.9499895")]
    assert (found.read, sum(found.ignored.values())) == (4, 3)


@given(st.sampled_from(list(READERS)), st.data())
@settings(max_examples=150, deadline=None)
def test_garbage_is_an_error_of_the_record_and_never_a_crash(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    cell = st.one_of(st.text(max_size=20), st.sampled_from([A, TX, "call", "1", "0x", "1e400", "-1", ""]))
    cells = {column: data.draw(cell) for column in (*reader.required, *reader.optional)}
    with contextlib.suppress(RecordError):
        assert isinstance(reader.read(cells), Movement | Ignored)


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_a_file_of_garbage_is_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("garbage") / "t.json"
    path.write_bytes(b"{" + data)
    try:
        found = run("ethereum-etl-traces", path)
    except SourceError:
        return
    assert not found.lines
