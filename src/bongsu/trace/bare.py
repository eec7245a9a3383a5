"""The plain inputs of a trace without a case: stolen-from addresses, one a line, and venues as CSV address,venue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.chain.table import decode, read_bytes, read_rows
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import Address, parse_address

if TYPE_CHECKING:
    from pathlib import Path

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
        venue = row.cells["venue"].strip()
        if not venue:
            raise RecordError("the venue is empty", source=place[0], line=place[1], hint="name who owns the address")
        if found.setdefault(address, venue) != venue:
            raise RecordError(
                f"{address} is said to belong to {found[address]!r} and to {venue!r}",
                source=place[0],
                line=place[1],
            )
    return found
