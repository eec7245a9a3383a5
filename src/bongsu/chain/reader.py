"""The contract of a reader: how one export format says that value moved.

A reader is a declaration (`Reader`) in a file of its own under `readers/`: the columns it needs, those it can use, and
a function that turns one record into a `Movement`. Three outcomes are possible and no fourth:

- a `Movement`: value moved;
- an `Ignored`: the record is understood and moves nothing (a failed call, a block reward), with the reason;
- a `RecordError`: the record cannot be read; the import sets it aside.

The reader knows neither files nor tokens' names: importing.py reads the table and finds the asset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bongsu.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Cells: TypeAlias = "Mapping[str, str]"
"""One record: text by column; an empty text where the export has no value."""

EXACT_DOUBLES = 2**53
"""Up to here every whole number is a binary double; beyond, an export in doubles has lost digits."""
_INTEGER = re.compile(r"\d{1,80}\Z", re.ASCII)
_DECIMAL = re.compile(r"(\d{1,80})\.0*\Z", re.ASCII)
_FLOAT = re.compile(r"\d+(\.\d*)?([eE][+-]?\d{1,3})?\Z", re.ASCII)
_TX = re.compile(r"0[xX][0-9a-fA-F]{64}\Z")
_TRACE_ADDRESS = re.compile(r"[\[\]\d,\s]*\Z", re.ASCII)
_UNMOVING_CALLS = {"delegatecall", "callcode", "staticcall"}


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement as an export states it.

    Attributes:
        tx: transaction hash.
        sender, receiver: addresses as text; the import checks them.
        token: the token's contract, None for the chain's own coin.
        value: base units.
        block: block height as text.
        order: place inside the block: a log index, or a transaction index and the path in its call tree.
        time: ISO 8601 or epoch seconds, empty where the export has none.
        chain: id of the chain where the record itself says it.
        approximate: the export stores amounts as binary doubles and this one has lost digits.
        symbol, decimals: the asset, where the record itself names it (the canonical form does).
    """

    tx: str
    sender: str
    receiver: str
    token: str | None
    value: int
    block: str
    order: tuple[int, ...] = ()
    time: str = ""
    chain: str = ""
    approximate: bool = False
    symbol: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that is understood and is no movement, with the reason that the import counts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Attributes:
        name: what the command line calls it.
        about: what it is, in a line, with the source of its column list.
        required: columns without which the file is not of this format.
        optional: columns that are used where they stand.
        read: one record to what it says.
        ranked: places are paths in a call tree, which the import turns into ranks inside the block.
    """

    name: str
    about: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[Cells], Movement | Ignored]
    ranked: bool = False


def whole(text: str, column: str) -> int:
    """Return an exact whole number; "12.0" and "12.000000000", as NUMERIC columns are written, count as whole.

    Raises:
        RecordError: it is none.
    """
    if _INTEGER.match(text):
        return int(text)
    if match := _DECIMAL.match(text):
        return int(match[1])
    raise RecordError(f"{column} {text[:40]!r} is not a whole number of base units")


def double(text: str, column: str) -> tuple[int, bool]:
    """Return the whole number that a binary double holds, and whether it may have lost digits."""
    if _INTEGER.match(text):
        value = int(text)
    elif _FLOAT.match(text) and float(text).is_integer():
        value = int(float(text))
    else:
        raise RecordError(f"{column} {text[:40]!r} is not a whole number of base units")
    return value, value > EXACT_DOUBLES


def big_endian(text: str, column: str) -> int:
    """Return the number that hexadecimal bytes write, most significant first."""
    try:
        return int(text, 16)
    except ValueError:
        raise RecordError(f"{column} {text[:40]!r} is not hexadecimal") from None


def transaction(text: str) -> str:
    """Return a transaction hash, or say that it is none: a record cut off in the middle shows here."""
    if not _TX.match(text):
        raise RecordError(
            f"transaction hash {text[:70]!r} is not 0x and 64 hexadecimal digits", hint="the record may be cut off"
        )
    return text.lower()


def place(*texts: str) -> tuple[int, ...]:
    """Return the place inside a block that index cells give."""
    found: list[int] = []
    for text in texts:
        if not _TRACE_ADDRESS.match(text):
            raise RecordError(f"index {text[:40]!r} is no index")
        found.extend(int(number) for number in re.findall(r"\d+", text))
    return tuple(found)


def trace_outcome(cells: Cells) -> Ignored | None:
    """Say why a trace moves no ether, None if it does. The columns are those of Parity-style traces.

    Only a `call` proper, a `create` and a `suicide` move ether from one account to another: a delegatecall runs foreign
    code on the own balance, a callcode pays itself, a staticcall may not pay. Rewards have no payer.
    """
    kind, call = cells.get("trace_type", ""), cells.get("call_type", "")
    if kind in {"reward", "genesis", "daofork"}:
        return Ignored(f"{kind}: new or reassigned coin without a payer")
    if kind not in {"call", "create", "suicide"}:
        raise RecordError(f"trace type {kind[:30]!r} is not known")
    if call in _UNMOVING_CALLS:
        return Ignored(f"{call}: moves no value between accounts")
    if cells.get("error") or cells.get("status") in {"0", "0.0"}:
        return Ignored("failed call: its value was given back")
    if not cells["to_address"]:
        return Ignored("contract creation that failed: no receiver")
    return None
