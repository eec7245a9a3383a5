"""THORChain memos: the published examples mean what their documentation says, and garbage never crashes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.chain.memo import Deposit, Memo, from_calldata, from_script, parse_memo, read_memo
from bongsu.errors import RecordError

ETH = "0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0"
BTC = "bc1qp2t4hl4jr6wjfzv28tsdyjysw7p5armf7px55w"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"


@pytest.mark.parametrize(
    ("text", "chain", "symbol", "kind"),
    [
        (f"SWAP:ETH.ETH:{ETH}", "ethereum", "ETH", "layer-1"),
        (f"=:e:{ETH}", "ethereum", "ETH", "layer-1"),
        (f"s:b:{BTC}", "bitcoin", "BTC", "layer-1"),
        (f"=:BSC.BNB:{ETH}:544e6/2/6", "bsc", "BNB", "layer-1"),
        ("=:r:thor1el4ufmhll3yw7zxzszvfakrk66j7fx0tvcslym:19779138111", "THOR", "RUNE", "layer-1"),
        ("=:BTC~BTC:thor1g6pnmnyeg48yc3lg796plt0uw50qpp7humfggz:1e6/1/0:dx:10", "bitcoin", "BTC", "trade"),
        (f"=:f:{ETH}", "base", "ETH", "layer-1"),
    ],
)
def test_an_asset_in_full_or_short_is_found(text: str, chain: str, symbol: str, kind: str) -> None:
    memo = parse_memo(text)
    assert memo.asset
    assert (memo.asset.chain, memo.asset.symbol, memo.asset.kind) == (chain, symbol, kind)


def test_a_whole_memo_is_read_field_by_field() -> None:
    memo = parse_memo(f"=:b:{BTC}/{ETH}:161e6/3/0:t/dx:10/5")
    assert memo.destination
    assert memo.refund
    assert (memo.destination.text, memo.destination.chain, memo.destination.checked) == (BTC, "bitcoin", True)
    assert (memo.refund.text, memo.refund.checked) == (ETH, True)
    assert (memo.limit, memo.interval, memo.quantity) == (161_000_000, 3, 0)
    assert memo.affiliates == (("t", 10), ("dx", 5))
    assert not memo.remarks


@pytest.mark.parametrize("notation", ["ETH.USDT", "ETH.USDT-ec7", "ETH.USDT-6994597c13d831ec7", f"ETH.USDT-{USDT}"])
def test_every_abbreviation_of_a_token_means_its_contract(notation: str) -> None:
    memo = parse_memo(f"=:{notation}:{ETH}")
    assert memo.asset
    assert memo.asset.contract == USDT


def test_a_wrong_checksum_is_said_and_not_hidden() -> None:
    memo = parse_memo(f"=:b:{BTC[:-1]}q")
    assert memo.destination
    assert not memo.destination.checked
    assert "checksum" in memo.destination.remark


def test_a_thorname_is_no_address() -> None:
    memo = parse_memo("=:e:dx:161e6:t:10")
    assert memo.destination
    assert memo.destination.name


def calldata(memo: str, *, expiry: bool = True) -> bytes:
    selector = bytes.fromhex("44bc937b" if expiry else "1fece7b4")
    head = [int(ETH, 16), 0, 5 * 10**18, 160 if expiry else 128, *([1_700_000_000] if expiry else [])]
    text = memo.encode()
    body = b"".join(word.to_bytes(32) for word in head) + len(text).to_bytes(32) + text
    return selector + body + bytes(-len(text) % 32)


@pytest.mark.parametrize("expiry", [True, False])
def test_the_memo_of_a_router_call_is_read_with_vault_and_amount(expiry: bool) -> None:
    found = read_memo("0x" + calldata(f"=:b:{BTC}", expiry=expiry).hex())
    assert isinstance(found, Deposit)
    assert (found.memo, found.vault, found.amount) == (parse_memo(f"=:b:{BTC}"), ETH, 5 * 10**18)


@pytest.mark.parametrize("prefix", [lambda n: bytes([n]), lambda n: bytes([0x4C, n])])
def test_the_memo_of_an_op_return_is_read(prefix: object) -> None:
    text = f"=:ETH.ETH:{ETH}".encode()
    script = b"\x6a" + prefix(len(text)) + text  # type: ignore[operator]
    assert read_memo(script.hex()) == parse_memo(text.decode())


@pytest.mark.parametrize("cut", [3, 40, 100, 170, 200])
def test_calldata_that_is_cut_off_is_an_error(cut: int) -> None:
    with pytest.raises(RecordError):
        from_calldata(calldata(f"=:b:{BTC}")[:cut])


@given(st.one_of(st.text(max_size=120), st.from_regex(r"(=|SWAP|\$\+|OUT):[^|]{0,60}", fullmatch=True)))
@settings(max_examples=300)
def test_no_text_crashes_the_parser(text: str) -> None:
    with contextlib.suppress(RecordError):
        assert isinstance(read_memo(text), Memo | Deposit)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parsers(data: bytes) -> None:
    for parse, start in ((from_calldata, bytes.fromhex("44bc937b")), (from_script, b"\x6a")):
        with contextlib.suppress(RecordError):
            parse(start + data)
