"""The plain inputs of a trace without a case: stolen-from addresses, one a line, and venues as CSV address,venue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bongsu.chain.coins import CoinId
from bongsu.chain.table import decode, read_bytes, read_rows
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import Address, parse_address
from bongsu.model.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

_COIN = re.compile(r"([0-9a-fA-F]{64}):(\d{1,9})\Z", re.ASCII)
BARE_THEFT = "theft"
"""The id that the one theft has where no case names it."""


def read_stolen_from(path: Path, on: str) -> dict[Address, str]:
    """Return the stolen-from addresses, each with the id of the theft; blank lines and # comments are passed over."""
    found: dict[Address, str] = {}
    for number, line in enumerate(decode(path, read_bytes(path)).splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            found[parse_address(text, on)] = BARE_THEFT
        except RecordError as error:
            raise error.at(str(path), number) from None
    if not found:
        raise SourceError("the file names no address", source=str(path), hint="write one address a line")
    return found


def read_stolen_coins(path: Path) -> dict[CoinId, str]:
    """Return stolen coins from lines TX:INDEX, each with the theft's id: the word after it, or the one theft's."""
    found: dict[CoinId, str] = {}
    for number, line in enumerate(decode(path, read_bytes(path)).splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        match = _COIN.match(words[0])
        if match is None or len(words) > 2:  # noqa: PLR2004 - a coin and a theft
            raise RecordError(
                f"{line.strip()[:80]!r} is no coin",
                source=str(path),
                line=number,
                hint="write the transaction's 64 hexadecimal digits, a colon, the output's number, then the theft's id",
            )
        found[CoinId(match[1].lower(), int(match[2]))] = words[1] if len(words) > 1 else BARE_THEFT
    if not found:
        raise SourceError("the file names no coin", source=str(path), hint="write one TX:INDEX a line")
    return found


def read_venues(path: Path, on: str) -> dict[Address, str]:
    """Return the venue by address from a CSV with the columns address and venue."""

    def stop(error: RecordError, raw: str) -> None:
        del raw
        raise error

    found: dict[Address, str] = {}
    for row in read_rows(path, ("address", "venue"), (), stop):
        place = (row.record.source, row.record.line)
        try:
            address = parse_address(row.cells["address"], on)
        except RecordError as error:
            raise error.at(*place) from None
        venue = one_line(row.cells["venue"])
        if not venue:
            raise RecordError("the venue is empty", source=place[0], line=place[1], hint="name who owns the address")
        if found.setdefault(address, venue) != venue:
            raise RecordError(
                f"{address} is said to belong to {found[address]!r} and to {venue!r}",
                source=place[0],
                line=place[1],
            )
    return found
