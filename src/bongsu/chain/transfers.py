"""Read transfers in the canonical form, CSV or Parquet.

Columns: time, block, tx, sender, receiver, asset, amount, and optionally chain, index, contract, decimals;
docs/case-format.md says what each may hold. Everything is parsed here: behind this line addresses have had their
checksum verified, amounts are integers in base units, times are UTC.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bongsu.chain.assets import AssetBook, SpoofAssetError
from bongsu.chain.table import Row, read_rows, write_csv
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import parse_address
from bongsu.model.chain import Family, chain
from bongsu.model.text import one_line
from bongsu.model.transfer import Record, Skipped, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset

REQUIRED = ("time", "block", "tx", "sender", "receiver", "asset", "amount")
OPTIONAL = ("chain", "index", "contract", "decimals")
_WHOLE = re.compile(r"\d{1,18}(\.0)?\Z", re.ASCII)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_AFFIX = 4
"""Explorers shorten an address to a few leading and trailing digits; poisoners imitate those."""
_Ends = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read and was set aside: where, its text, and why."""

    record: Record
    raw: str
    reason: str


def rejected_csv(rejected: Iterable[Rejected]) -> str:
    """Return the records set aside as CSV: record, reason, text as it stood in the file."""
    return write_csv(["record", "reason", "text"], ((str(r.record), r.reason, r.raw) for r in rejected))


@dataclass(slots=True)
class TransferTable:
    """What a file gave: transfers in file order, what is no part of the flow, what could not be read."""

    transfers: list[Transfer] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    duplicates: int = 0


def read_transfers(
    path: Path,
    *,
    name: str | None = None,
    declared: list[Asset] | None = None,
    decimals: Mapping[str, int] | None = None,
    default_chain: str = "ethereum",
    keep_going: bool = False,
) -> TransferTable:
    """Read one file of transfers.

    Args:
        path: a CSV or Parquet file.
        name: what its records call it (errors give the whole path); the file's name otherwise.
        declared: the assets of the case; without them every symbol is an asset of its own.
        decimals: decimals by symbol where nothing is declared; 18 otherwise.
        default_chain: the chain of records that name none.
        keep_going: set bad records aside instead of stopping at the first.

    Raises:
        SourceError: the file is unusable or holds no transfer.
        RecordError: a record cannot be read, and `keep_going` is off.
    """
    table = TransferTable()
    called = name or path.name

    def on_bad(error: RecordError, raw: str) -> None:
        if not keep_going:
            raise error
        table.rejected.append(Rejected(Record(called, error.line or 0), raw, error.message))

    rows = list(read_rows(path, REQUIRED, OPTIONAL, on_bad))
    book = AssetBook(declared, decimals, seen={row.cells["asset"].strip() for row in rows})
    spoofs: list[tuple[Row, str]] = []
    for row in rows:
        try:
            table.transfers.append(parse_transfer(row, called, book, default_chain))
        except SpoofAssetError as spoof:
            spoofs.append((row, spoof.message))
        except RecordError as error:
            on_bad(error.at(row.record.source, row.record.line), row.raw)
    genuine = _by_ends(table.transfers) if spoofs else {}
    table.skipped = [_skipped(row, called, reason, genuine, default_chain) for row, reason in spoofs]
    table.duplicates = sum(n - 1 for n in Counter(map(_content, table.transfers)).values())
    if not (table.transfers or table.skipped or table.rejected):
        raise SourceError("the file has a header but no transfer", source=str(path))
    return table


def parse_transfer(row: Row, called: str, book: AssetBook, default_chain: str) -> Transfer:
    """Return the transfer that one record stands for; `called` is what its records call the file.

    Raises:
        SpoofAssetError: its token imitates a known asset.
        RecordError: it cannot be read.
    """
    cells = {name: text.strip() for name, text in row.cells.items()}
    on = cells.get("chain") or default_chain
    places = read_whole(cells.get("decimals", ""), "decimals")
    asset = book.resolve(on, cells["asset"], cells.get("contract"), places)
    block, time = read_whole(cells["block"], "block"), parse_time(cells["time"])
    if block is None and time is None:
        raise RecordError("the record has neither a block nor a time", hint="its place in the order is needed")
    if not cells["tx"]:
        raise RecordError("the transaction hash is empty", hint="evidence needs it")
    return Transfer(
        record=Record(called, row.record.line),
        tx=one_line(cells["tx"].lower() if chain(on).family is Family.EVM else cells["tx"]),
        sender=parse_address(cells["sender"], on),
        receiver=parse_address(cells["receiver"], on),
        asset=asset,
        amount=asset.amount(cells["amount"]),
        block=block,
        index=read_whole(cells.get("index", ""), "index"),
        time=time,
    )


def read_whole(text: str, column: str) -> int | None:
    """Return the whole number that a cell holds, None where it is empty."""
    if not text:
        return None
    if not _WHOLE.match(text):
        raise RecordError(f"{column} {text[:40]!r} is not a whole number")
    return int(text.removesuffix(".0"))


def parse_time(text: str) -> datetime | None:
    """Return the UTC time that ISO 8601 or epoch seconds stand for; None for nothing. Raises RecordError."""
    if not text:
        return None
    if re.fullmatch(r"\d{1,19}", text, re.ASCII):
        seconds = int(text)
        if seconds >= _LATEST.timestamp():
            raise RecordError(f"time {text!r} lies beyond the year 2100", hint="give epoch seconds, not milliseconds")
        return datetime.fromtimestamp(seconds, UTC)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RecordError(
            f"time {text[:40]!r} is neither ISO 8601 nor epoch seconds", hint="write 2025-02-21T14:29:47Z"
        ) from None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise RecordError(f"time {text[:40]!r} is out of range") from None


def _content(transfer: Transfer) -> tuple[object, ...]:
    t = transfer
    return (t.tx, t.sender, t.receiver, t.asset, t.amount, t.block, t.index, t.time)


def _skipped(row: Row, called: str, reason: str, genuine: Mapping[_Ends, set[Address]], default_chain: str) -> Skipped:
    """Say why a spoof was refused, and whom its receiver imitates."""
    on = row.cells.get("chain", "").strip() or default_chain
    try:
        receiver = parse_address(row.cells["receiver"], on)
    except RecordError:
        pass
    else:
        alike = genuine.get(_ends(receiver), set())
        if alike and receiver not in alike:
            reason += f"; address poisoning: its receiver {receiver} imitates {min(alike)}"
    return Skipped(Record(called, row.record.line), one_line(row.cells["tx"]).lower(), reason)


def _by_ends(transfers: list[Transfer]) -> dict[_Ends, set[Address]]:
    """Gather the addresses of genuine transfers by what an explorer shows of them."""
    found: dict[_Ends, set[Address]] = defaultdict(set)
    for transfer in transfers:
        for party in (transfer.sender, transfer.receiver):
            found[_ends(party)].add(party)
    return found


def _ends(address: Address) -> _Ends:
    body = address.text.removeprefix("0x")
    return address.chain, body[:_AFFIX], body[-_AFFIX:]
