"""Read Bitcoin blocks: raw files as nodes keep them, and the JSON of `getblock`.

- Raw: records of network magic, length and block, as in Bitcoin Core's blk*.dat (with its xor.dat beside it, where the
  node scrambles its files) and btcd's test data, or one bare block. bzip2 is undone. Each block's Merkle root is
  checked, so that a block which is read is whole.
- JSON: what `bitcoin-cli getblock HASH 2` (or 3, which says what each input was worth) prints: one object, a list of
  them, one a line, or the answer of the RPC with its `result`.
- The coins that a block spends, in the format of btcd's utxostore files.

Sources: the Bitcoin developer reference (serialisation of blocks and transactions), BIP-34 (height in the coinbase),
BIP-141 (witness), BIP-173 and BIP-350 (addresses); btcd, blockchain/chainio.go (utxo entries), compress.go (amounts).
"""

from __future__ import annotations

import bz2
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from embit import base58, bech32

from bongsu.chain.coins import Block, Coin, CoinId, CoinTransaction
from bongsu.chain.table import read_bytes
from bongsu.chain.transfers import Rejected
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BITCOIN = Asset("bitcoin", "BTC", 8, None, native=True)
_MAGIC = bytes.fromhex("f9beb4d9")
_HEADER = 80
_NOWHERE = bytes(32)
_BIP34_VERSION = 2
_FINAL = 0xFFFFFFFF
_LARGEST = 4_000_000
"""A block weighs at most four million units, and no byte weighs less than one (BIP-141)."""


@dataclass(slots=True)
class BlockFile:
    """What a file gave: blocks in file order, the worth of coins it tells about, what could not be read."""

    blocks: list[Block] = field(default_factory=list)
    spent: dict[CoinId, Coin] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


def read_blocks(path: Path, *, keep_going: bool = False) -> BlockFile:
    """Read blocks from a raw file or from getblock JSON.

    Args:
        path: the file.
        keep_going: set what cannot be read aside, with its place and length, instead of stopping.

    Raises:
        SourceError: the file is no such file, or is cut off or damaged and `keep_going` is off.
    """
    data = _plain(path, read_bytes(path))
    found = BlockFile()
    if data.lstrip()[:1] in {b"{", b"["}:
        _from_json(path, data, found, keep_going)
    elif data.startswith(_MAGIC):
        _from_records(path, data, found, keep_going)
    else:
        try:
            found.blocks.append(_block(data))
        except RecordError as error:
            raise SourceError(
                f"this is no file of Bitcoin blocks: {error.message}",
                source=str(path),
                hint="give a blk*.dat (with its xor.dat beside it), one raw block, or the JSON of getblock",
            ) from None
    return found


def _plain(path: Path, data: bytes) -> bytes:
    """Undo bzip2, as far as it goes, and the scrambling of Bitcoin Core 28 and later."""
    if data.startswith(b"BZh"):
        try:
            return bz2.BZ2Decompressor().decompress(data)
        except OSError:
            raise SourceError("the bzip2 file is damaged", source=str(path), hint="fetch it again") from None
    beside = path.with_name("xor.dat")
    if not data.startswith(_MAGIC) and beside.is_file():
        key = beside.read_bytes()
        if key:
            long_key = (key * (len(data) // len(key) + 1))[: len(data)]
            return (int.from_bytes(data, "little") ^ int.from_bytes(long_key, "little")).to_bytes(len(data), "little")
    return data


def _from_records(path: Path, data: bytes, found: BlockFile, keep_going: bool) -> None:
    at = 0
    while at < len(data):
        if not data[at : at + 4].strip(b"\0"):  # nodes write files in steps and fill them with noughts
            at += 4
            continue
        error, end = None, len(data)
        if not data.startswith(_MAGIC, at):
            error = f"at byte {at} stands no block but 0x{data[at : at + 4].hex()}"
        else:
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            raw = data[at + 8 : at + 8 + size]
            if len(data) < at + 8 or len(raw) < size:
                error = f"the file is cut off inside the block at byte {at}: {len(raw)} of its {size} bytes are there"
            else:
                end = at + 8 + size
                try:
                    found.blocks.append(_block(raw))
                except RecordError as bad:
                    error = f"the block at byte {at} is damaged: {bad.message}"
        if error is not None:
            _set_aside(path, error, data[at:end], found, keep_going)
        at = end


def _set_aside(path: Path, error: str, raw: bytes, found: BlockFile, keep_going: bool) -> None:
    read = len(found.blocks)
    transactions = sum(len(block.transactions) for block in found.blocks)
    reason = f"{error}; {read} whole blocks with {transactions} transactions were read before it"
    if not keep_going:
        raise SourceError(
            reason, source=str(path), hint="copy the file again, or go on with what is whole by --keep-going"
        )
    found.rejected.append(Rejected(Record(path.name, read + 1), raw[:64].hex() + f" … {len(raw)} bytes", reason))


class _Cursor:
    """Reads on from a place in bytes; says so where they end too soon."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise RecordError(f"it ends after {len(self.data)} bytes, inside a field")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def whole(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def size(self) -> int:
        first = self.whole(1)
        return first if first < 0xFD else self.whole({0xFD: 2, 0xFE: 4, 0xFF: 8}[first])  # noqa: PLR2004 - the format's marks

    def vlq(self) -> int:
        """Read a number in base 128, high group first, as utxo entries have it."""
        value = 0
        while True:
            byte = self.whole(1)
            value = (value << 7) | (byte & 0x7F)
            if not byte & 0x80:
                return value
            value += 1


def _block(raw: bytes) -> Block:
    cursor = _Cursor(raw)
    header = cursor.take(_HEADER)
    count = cursor.size()
    if count > _LARGEST:
        raise RecordError(f"it claims {count} transactions")
    parsed = [_transaction(cursor) for _ in range(count)]
    if cursor.at != len(raw):
        raise RecordError(f"{len(raw) - cursor.at} bytes follow its last transaction")
    if _merkle([digest for digest, _, _ in parsed]) != header[36:68]:
        raise RecordError("its Merkle root does not match its transactions")
    version = struct.unpack_from("<i", header)[0]
    return Block(
        _hash(header)[::-1].hex(),
        _height(parsed[0][2]) if version >= _BIP34_VERSION else None,
        datetime.fromtimestamp(int.from_bytes(header[68:72], "little"), UTC),
        tuple(transaction for _, transaction, _ in parsed),
    )


def _transaction(cursor: _Cursor) -> tuple[bytes, CoinTransaction, bytes]:
    """Read a transaction; return the hash that names it, the transaction, and its first input's script."""
    start = cursor.at
    version = cursor.take(4)
    body = cursor.at
    count = cursor.size()
    witness = count == 0
    if witness:
        if cursor.whole(1) != 1:
            raise RecordError("a transaction has no input")
        body = cursor.at
        count = cursor.size()
    inputs: list[CoinId] = []
    script = b""
    coinbase = False
    for place in range(count):
        tx, index = cursor.take(32), cursor.whole(4)
        unlock = cursor.take(cursor.size())
        cursor.take(4)
        if place == 0:
            script = unlock
            coinbase = tx == _NOWHERE and index == _FINAL
        inputs.append(CoinId(tx[::-1].hex(), index))
    outputs = []
    for _ in range(cursor.size()):
        amount = cursor.whole(8)
        outputs.append(Coin(amount, owner(cursor.take(cursor.size()))))
    end = cursor.at
    if witness:
        for _ in range(count):
            for _ in range(cursor.size()):
                cursor.take(cursor.size())
    lock = cursor.take(4)
    stripped = version + cursor.data[body:end] + lock if witness else cursor.data[start : cursor.at]
    digest = _hash(stripped)
    return digest, CoinTransaction(digest[::-1].hex(), () if coinbase else tuple(inputs), tuple(outputs)), script


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _merkle(level: list[bytes]) -> bytes:
    if not level:
        raise RecordError("it has no transaction")
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        level = [_hash(level[n] + level[n + 1]) for n in range(0, len(level), 2)]
    return level[0]


def _height(script: bytes) -> int | None:
    """Return the height that a coinbase names (BIP-34), where it does."""
    if not script or not 1 <= script[0] <= 5 or len(script) <= script[0]:  # noqa: PLR2004 - heights take up to five bytes
        return None
    return int.from_bytes(script[1 : 1 + script[0]], "little")


@lru_cache(maxsize=65_536)
def owner(script: bytes) -> Address | None:
    """Return the address that a script pays, None where it has none."""
    text = None
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":  # noqa: PLR2004 - P2PKH
        text = base58.encode_check(b"\x00" + script[3:23])
    elif len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":  # noqa: PLR2004 - P2SH
        text = base58.encode_check(b"\x05" + script[2:22])
    elif 4 <= len(script) <= 42 and script[1] == len(script) - 2 and (script[0] == 0 or 0x51 <= script[0] <= 0x60):  # noqa: PLR2004 - witness programs
        version = script[0] and script[0] - 0x50
        if version or len(script) in {22, 34}:
            text = bech32.encode("bc", version, list(script[2:]))
    return Address("bitcoin", text) if text else None


def read_spent(path: Path) -> dict[CoinId, Coin]:
    """Read the coins that blocks spend, from a file in the format of btcd's utxostore.

    Raises:
        SourceError: the file is cut off or of another kind.
    """
    cursor = _Cursor(_plain(path, read_bytes(path)))
    found: dict[CoinId, Coin] = {}
    try:
        while cursor.at < len(cursor.data):
            coin = CoinId(cursor.take(32)[::-1].hex(), cursor.whole(4))
            entry = _Cursor(cursor.take(cursor.whole(4)))
            entry.vlq()  # twice the height, and whether it is a coinbase's
            amount = _amount(entry.vlq())
            found[coin] = Coin(amount, _stored_owner(entry))
    except RecordError as error:
        raise SourceError(
            f"entry {len(found) + 1} of the spent coins cannot be read: {error.message}",
            source=str(path),
            hint="fetch the file again",
        ) from None
    return found


def _amount(packed: int) -> int:
    """Undo the packing of an amount, which keeps trailing decimal noughts as an exponent."""
    if packed == 0:
        return 0
    packed, exponent = divmod(packed - 1, 10)
    if exponent == 9:  # noqa: PLR2004 - the packing's mark for nine noughts
        return int((packed + 1) * 10**9)
    packed, digit = divmod(packed, 9)
    return int((packed * 10 + digit + 1) * 10**exponent)


def _stored_owner(entry: _Cursor) -> Address | None:
    kind = entry.vlq()
    rest = entry.data[entry.at :]
    if kind == 0:
        return owner(b"\x76\xa9\x14" + rest + b"\x88\xac")
    if kind == 1:
        return owner(b"\xa9\x14" + rest + b"\x87")
    return None if kind < 6 else owner(rest)  # noqa: PLR2004 - 2 to 5 are bare public keys


def _from_json(path: Path, data: bytes, found: BlockFile, keep_going: bool) -> None:
    for line, value in _documents(path, data, found, keep_going):
        body = value.get("result", value) if isinstance(value, dict) else value
        for item in body if isinstance(body, list) else [body]:
            try:
                found.blocks.append(_json_block(item, found.spent))
            except (KeyError, TypeError, ValueError, ArithmeticError, IndexError) as bad:
                error = f"the block on line {line} lacks or garbles the field {bad}"
                _set_aside(path, error, json.dumps(item, default=str)[:200].encode(), found, keep_going)


def _documents(path: Path, data: bytes, found: BlockFile, keep_going: bool) -> Iterator[tuple[int, Any]]:
    text = data.decode("utf-8", errors="replace")
    try:
        yield 1, json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as whole_error:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        for number, line in lines:
            try:
                value = json.loads(line, parse_float=Decimal)
            except json.JSONDecodeError as bad:
                at = bad if number > 1 else whole_error
                error = f"line {number} is no whole JSON value ({at.msg})"
                _set_aside(path, error, line.encode(), found, keep_going)
            else:
                yield number, value


def _json_block(item: dict[str, Any], spent: dict[CoinId, Coin]) -> Block:
    transactions = []
    for tx in item["tx"]:
        if not isinstance(tx, dict):
            raise TypeError("tx, which names transactions only: ask for verbosity 2 or 3")
        inputs = []
        for source in tx["vin"]:
            if "coinbase" in source:
                continue
            coin = CoinId(source["txid"], int(source["vout"]))
            inputs.append(coin)
            if "prevout" in source:
                spent[coin] = _json_coin(source["prevout"])
        transactions.append(CoinTransaction(tx["txid"], tuple(inputs), tuple(_json_coin(out) for out in tx["vout"])))
    time = datetime.fromtimestamp(int(item["time"]), UTC)
    return Block(item["hash"], int(item["height"]), time, tuple(transactions))


def _json_coin(value: dict[str, Any]) -> Coin:
    amount = Decimal(value["value"]) * 10**8
    if amount != int(amount) or amount < 0:
        raise ValueError("value")
    return Coin(int(amount), owner(bytes.fromhex(value["scriptPubKey"]["hex"])))
