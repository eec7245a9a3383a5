"""Bitcoin blocks: real ones are read whole, damaged ones are reported with what was read."""

from __future__ import annotations

import bz2
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.chain.bitcoin import read_blocks, read_spent
from bongsu.chain.coins import CoinId
from bongsu.errors import BongsuError, SourceError

SHARED = Path(os.environ.get("BONGSU_SHARED", "../shared")) / "chains"
RAW = SHARED / "bitcoin-blocks"


@pytest.fixture(autouse=True)
def _real_blocks() -> None:
    if not RAW.is_dir():
        pytest.skip("the real blocks are not here (BONGSU_SHARED)")


def test_a_block_of_3315_transactions_is_read_whole() -> None:
    name = "0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2"
    (block,) = read_blocks(RAW / f"block-{name}.blk").blocks
    assert (block.hash, block.height, len(block.transactions)) == (name, 574200, 3315)


def test_the_spent_coins_of_block_277647_leave_exactly_the_subsidy() -> None:
    (block,) = read_blocks(RAW / "277647.dat.bz2").blocks
    coins = dict(read_spent(RAW / "277647.utxostore.bz2"))
    for transaction in block.transactions:
        coins.update({CoinId(transaction.tx, n): out for n, out in enumerate(transaction.outputs)})
    paid = sum(out.amount for transaction in block.transactions for out in transaction.outputs)
    assert paid - sum(coins[coin].amount for t in block.transactions for coin in t.inputs) == 25 * 10**8


def test_a_file_cut_in_the_middle_says_what_was_read(tmp_path: Path) -> None:
    whole = bz2.decompress((RAW / "blocks1-256.bz2").read_bytes())
    cut = tmp_path / "blk00000.dat"
    cut.write_bytes(whole[:40_000])
    with pytest.raises(SourceError, match=r"cut off inside the block at byte 39798.*177 whole blocks with 178 trans"):
        read_blocks(cut)
    found = read_blocks(cut, keep_going=True)
    assert (len(found.blocks), len(found.rejected)) == (177, 1)


def test_one_byte_changed_in_a_transaction_is_noticed(tmp_path: Path) -> None:
    data = bytearray(bz2.decompress((RAW / "blocks1-256.bz2").read_bytes()))
    data[8 + 80 + 1 + 60] ^= 1
    bad = tmp_path / "blk00000.dat"
    bad.write_bytes(data)
    with pytest.raises(SourceError, match="Merkle root"):
        read_blocks(bad)
    assert len(read_blocks(bad, keep_going=True).blocks) == 254


def test_scrambled_files_are_read_with_their_key(tmp_path: Path) -> None:
    data = bz2.decompress((RAW / "blk_0_to_4.dat.bz2").read_bytes())
    key = bytes(range(1, 9))
    (tmp_path / "xor.dat").write_bytes(key)
    (tmp_path / "blk00000.dat").write_bytes(bytes(b ^ key[n % 8] for n, b in enumerate(data)))
    assert read_blocks(tmp_path / "blk00000.dat").blocks == read_blocks(RAW / "blk_0_to_4.dat.bz2").blocks


def test_getblock_json_gives_the_recorded_export() -> None:
    folder = SHARED / "bitcoin-rpc" / "block_with_transactions"
    (answer,) = folder.glob("rpc_response_getblock_000000001c*_2.json")
    (block,) = read_blocks(answer).blocks
    lines = (folder / "expected_transactions.json").read_text().splitlines()
    expected = {row["hash"]: row for row in map(json.loads, lines) if row["block_hash"] == block.hash}
    assert {t.tx for t in block.transactions} == set(expected)
    for transaction in block.transactions:
        values = [out["value"] for out in expected[transaction.tx]["outputs"]]
        assert [out.amount for out in transaction.outputs] == values


@given(st.binary(max_size=400))
def test_garbage_is_refused_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.dat"
    path.write_bytes(b"\xf9\xbe\xb4\xd9" + data)
    found = read_blocks(path, keep_going=True)
    assert len(found.blocks) == 0
    assert found.rejected
    with pytest.raises(BongsuError, match=r"cut off|damaged|no block"):
        read_blocks(path)
