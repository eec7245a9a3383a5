"""What a list says: entries with names, wallets and the facts that tell two people of one name apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(StrEnum):
    """What an entry is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"
    WALLET = "wallet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry: the text as listed, its field (name, alias), and if the list calls it weak."""

    text: str
    field: str = "name"
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Wallet:
    """A listed address: the list's ticker and the text. It is parsed when the index is built."""

    ticker: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    Attributes:
        list: id of the list ("ofac-sdn").
        id: the entry's id there.
        births: dates of birth, ISO 8601 or a part of one ("1964-06-18", "1964").
        countries: nationality, citizenship, flag or seat, as listed.
        ids: kind and number of documents and registrations, spaces and punctuation kept.
        imo: IMO numbers of ships and shipping companies.
    """

    list: str
    id: str
    kind: Kind
    names: tuple[Name, ...]
    wallets: tuple[Wallet, ...] = ()
    births: tuple[str, ...] = ()
    birth_places: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()
    imo: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    listed_on: str = ""
    source: str = ""

    @property
    def caption(self) -> str:
        """The name that people read."""
        return self.names[0].text if self.names else self.id


@dataclass(slots=True)
class Listing:
    """One list as read: where from, which version, its entries, and what could not be read.

    `names` counts the names of the entries: without them, they are counted here.
    `alarms` says what else speaks against the list being whole.
    `complete` is False where fewer entries or names came than the list declares as its least: an alarm, not a success.
    """

    id: str
    title: str
    version: str
    path: str
    sha256: str
    entries: Sequence[Entry]
    expected: int
    rejected: list[str] = field(default_factory=list)
    expected_names: int = 0
    names: int = -1
    alarms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.names < 0:
            self.names = sum(len(entry.names) for entry in self.entries)

    @property
    def complete(self) -> bool:
        """Whether as many entries, names and fields came as the list declares, and all but a few records were read."""
        return not self.shortage

    @property
    def shortage(self) -> str:
        """What is missing, in words; empty for a whole list. Entries without their aliases mean a field that moved."""
        if len(self.entries) < self.expected:
            return f"{len(self.entries)} entries where at least {self.expected} belong"
        if self.names < self.expected_names:
            return f"{self.names} names where at least {self.expected_names} belong: aliases are missing"
        return "; ".join(self.alarms)
