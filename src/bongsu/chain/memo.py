"""Read THORChain memos: what the sender asked for, where the money goes - the sender's own words, on the source chain.

A memo is `FUNCTION:ASSET:DESTINATION/REFUND:LIMIT/INTERVAL/QUANTITY:AFFILIATES:FEES`, in full or abbreviated. It comes
as text, in the calldata of a router call (`deposit`, `depositWithExpiry`), or in an OP_RETURN output. What a memo
says is what was asked; whether THORChain did it, the destination chain shows.

Sources: THORChain developer docs (memos, memo length reduction, asset notation); Solidity ABI; Bitcoin script.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bongsu.chain.assets import well_known
from bongsu.errors import AddressError, RecordError
from bongsu.model.address import parse_address

_ASSET = re.compile(r"([A-Za-z0-9]{1,10})([./~-])([A-Za-z0-9]{1,20})(?:-([A-Za-z0-9]{1,64}))?\Z", re.ASCII)
_KINDS = {".": "layer-1", "/": "synthetic", "~": "trade", "-": "secured"}
_THORNAME = re.compile(r"[A-Za-z0-9+_-]{1,30}\Z", re.ASCII)
_LIMIT = re.compile(r"(\d{1,40})(?:e(\d{1,2}))?\Z", re.ASCII)
_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2})+)\Z")
_WITH_DESTINATION = {"swap", "limit swap", "open loan", "repay loan"}
_OP_RETURN, _PUSHDATA1, _PUSHDATA2 = 0x6A, 0x4C, 0x4D
_WORD = 32
_PRINTABLE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True)
class MemoAsset:
    """An asset as a memo names it.

    Attributes:
        text: as written.
        chain: the chain's id where Bongsu knows it, else THORChain's name of it.
        symbol: the ticker.
        contract: the token's contract; completed from the well-known tokens where the memo abbreviates it.
        kind: layer-1, or one that lives on THORChain itself: synthetic, trade, secured.
    """

    text: str
    chain: str
    symbol: str
    contract: str
    kind: str


@dataclass(frozen=True, slots=True)
class MemoAddress:
    """An address as a memo names it: `checked` where its checksum was verified, `name` where it is a THORName."""

    text: str
    chain: str
    checked: bool
    name: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Memo:
    """What a memo asks for; amounts in THORChain's units (1e8 to the whole coin), whatever the asset.

    Attributes:
        text: the memo.
        function: what is asked, in words.
        asset: what is to come out.
        destination, refund: where to, and where back to if it fails.
        limit: the least that must come out.
        interval, quantity: blocks between the parts of a streaming swap, and their number (0: as many as needed).
        affiliates: who takes a fee, with it in basis points.
        parameters: what follows and has no meaning here (aggregator contracts, transaction ids).
        remarks: what is odd about it.
    """

    text: str
    function: str
    asset: MemoAsset | None = None
    destination: MemoAddress | None = None
    refund: MemoAddress | None = None
    limit: int | None = None
    interval: int | None = None
    quantity: int | None = None
    affiliates: tuple[tuple[str, int | None], ...] = ()
    parameters: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deposit:
    """A router call: the memo, and what the call itself says.

    `amount` is in base units of `token`; a zero token is the chain's own coin, whose amount is the transaction's value.
    """

    memo: Memo
    function: str
    vault: str
    token: str
    amount: int
    expiry: int | None


def read_memo(text: str) -> Memo | Deposit:
    """Read a memo that is given as text, as calldata or as an OP_RETURN script, the latter two in hexadecimal.

    Raises:
        RecordError: it is none of them.
    """
    stripped = text.strip()
    if not stripped:
        raise RecordError("the memo is empty")
    match = _HEX.match(stripped)
    if match is None or (len(match[1]) < 8 and not stripped.startswith("0x")):  # noqa: PLR2004 - a selector's digits
        return parse_memo(stripped)
    data = bytes.fromhex(match[1])
    if data[:4] in _selectors():
        return from_calldata(data)
    if data[0] == _OP_RETURN:
        return from_script(data)
    return parse_memo(_ascii(data))


def parse_memo(text: str) -> Memo:
    """Read a memo's text.

    Raises:
        RecordError: its function is not one of THORChain's.
    """
    words = _words()
    fields = [part.strip() for part in text.partition("|")[0].split(":")]
    function = words["functions"].get(fields[0].lower())
    if function is None:
        raise RecordError(
            f"{fields[0][:30]!r} is no function of a THORChain memo", hint="a memo reads like =:BTC.BTC:bc1q…"
        )
    long = len(text.encode()) > words["longest"]
    remarks = [f"longer than {words['longest']} bytes: THORChain ignores it"] if long else []
    if function not in _WITH_DESTINATION:
        return Memo(text, function, parameters=tuple(fields[1:]), remarks=tuple(remarks))
    fields += [""] * (6 - len(fields))
    asset = _asset(fields[1])
    if asset is None:
        remarks.append(f"the asset {fields[1][:60]!r} is not in THORChain's notation")
    on = asset.chain if asset and asset.kind == "layer-1" else "THOR"
    to, _, back = fields[2].partition("/")
    limit, interval, quantity = _limits(fields[3], remarks)
    return Memo(
        text,
        function,
        asset,
        _address(to, on) if to else None,
        _address(back, "") if back else None,
        limit,
        interval,
        quantity,
        _affiliates(fields[4], fields[5], remarks),
        tuple(fields[6:]),
        tuple(remarks if to else [*remarks, "no destination: it goes to the sender's own THORChain account or fails"]),
    )


def from_calldata(data: bytes) -> Deposit:
    """Read a call of a router's `deposit` or `depositWithExpiry`.

    Raises:
        RecordError: it calls something else, or is cut off.
    """
    signature = _selectors().get(data[:4])
    if signature is None:
        raise RecordError(f"the calldata begins with 0x{data[:4].hex()}, which is no deposit at a THORChain router")
    body = data[4:]
    expires = signature.startswith("depositWithExpiry")
    if len(body) < _WORD * (5 if expires else 4):
        raise RecordError("the calldata is cut off")
    words = [int.from_bytes(body[n : n + _WORD]) for n in range(0, _WORD * (5 if expires else 4), _WORD)]
    start = words[3]
    if start + _WORD > len(body):
        raise RecordError("the calldata is cut off before its memo")
    size = int.from_bytes(body[start : start + _WORD])
    memo = body[start + _WORD : start + _WORD + size]
    if len(memo) < size:
        raise RecordError("the calldata is cut off inside its memo")
    vault, token = (f"0x{word & (1 << 160) - 1:040x}" for word in words[:2])
    return Deposit(
        parse_memo(_ascii(memo)), signature.partition("(")[0], vault, token, words[2], words[4] if expires else None
    )


def from_script(script: bytes) -> Memo:
    """Read an OP_RETURN output script.

    Raises:
        RecordError: it is none, or cut off.
    """
    if not script or script[0] != _OP_RETURN:
        raise RecordError("the script is no OP_RETURN output")
    data, at = b"", 1
    while at < len(script):
        size, at = script[at], at + 1
        if size in {_PUSHDATA1, _PUSHDATA2}:
            width = 1 if size == _PUSHDATA1 else 2
            size, at = int.from_bytes(script[at : at + width], "little"), at + width
        elif size > _PUSHDATA1:
            raise RecordError(f"the OP_RETURN script has the opcode 0x{size:02x} where data should be pushed")
        if at + size > len(script):
            raise RecordError("the OP_RETURN script is cut off")
        data, at = data + script[at : at + size], at + size
    return parse_memo(_ascii(data))


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("thorchain.toml").read_text(encoding="utf-8"))


@cache
def _selectors() -> dict[bytes, str]:
    from eth_hash.auto import keccak

    return {keccak(signature.encode())[:4]: signature for signature in _words()["routers"]}


def _ascii(data: bytes) -> str:
    if not data or not all(byte in _PRINTABLE for byte in data):
        raise RecordError("the bytes are no text, so no THORChain memo")
    return data.decode("ascii")


def _asset(text: str) -> MemoAsset | None:
    words = _words()
    match = _ASSET.match(words["assets"].get(text.lower(), text))
    if match is None:
        return None
    name, symbol = match[1].upper(), match[3].upper()
    on: str = words["chains"].get(name, name)
    contract = (match[4] or "").lower()
    if not contract.startswith("0x") and on != name and (contract or symbol != name):
        known = well_known().get((on, symbol))
        if known and known.contract and known.contract.endswith(contract):
            contract = known.contract
    return MemoAsset(text, on, symbol, contract, _KINDS[match[2]])


def _address(text: str, on: str) -> MemoAddress:
    """Return an address, checked where Bongsu knows the chain; with no chain given, any known chain will do."""
    known: list[str] = [chain for chain in _words()["chains"].values() if on in {chain, ""}]
    trouble = ""
    for chain in known:
        try:
            return MemoAddress(parse_address(text, chain).text, chain if on else "", checked=True, name=False)
        except AddressError as error:
            trouble = error.message
    name = bool(_THORNAME.match(text)) and not text.lower().startswith(("0x", "bc1", "thor1"))
    if name:
        return MemoAddress(text, on, checked=False, name=True, remark="a THORName: THORChain knows whose address it is")
    remark = trouble if known and on else f"addresses of {on or 'that chain'} cannot be checked here"
    return MemoAddress(text, on, checked=False, name=False, remark=remark)


def _limits(text: str, remarks: list[str]) -> tuple[int | None, int | None, int | None]:
    found: list[int | None] = []
    for part in [*text.split("/"), "", ""][:3]:
        match = _LIMIT.match(part)
        if part and match is None:
            remarks.append(f"the limit {part[:40]!r} is no number")
        found.append(int(match[1]) * 10 ** int(match[2] or 0) if match else None)
    return found[0], found[1], found[2]


def _affiliates(names: str, fees: str, remarks: list[str]) -> tuple[tuple[str, int | None], ...]:
    if not names:
        return ()
    found, given = names.split("/"), fees.split("/")
    if any(fee and not (fee.isascii() and fee.isdigit() and len(fee) < 6) for fee in given):  # noqa: PLR2004
        remarks.append(f"the fee {fees[:40]!r} is no number of basis points")
        given = [""]
    points = [int(fee) if fee else None for fee in given]
    points = points * len(found) if len(points) == 1 else (points + [None] * len(found))[: len(found)]
    return tuple(zip(found, points, strict=True))
