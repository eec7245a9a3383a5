"""A case as a folder that a person can write by hand: case.toml, transfers, labels (docs/case-format.md)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bongsu.chain.order import in_order
from bongsu.chain.table import decode, parse_toml, read_bytes
from bongsu.chain.transfers import Rejected, TransferTable, read_transfers
from bongsu.errors import BongsuError, RecordError, SourceError
from bongsu.label.tagpack import read_tagpack
from bongsu.model.address import Address, parse_address
from bongsu.model.asset import MAX_DECIMALS, Asset
from bongsu.model.chain import chain
from bongsu.model.text import one_line
from bongsu.model.transfer import Record, Skipped, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.label.label import Label

_LANGUAGE = re.compile(r"[a-z]{2}\Z", re.ASCII)
_TRANSLATED = ("title", "summary", "actor", "by", "confidence")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Loss:
    """What somebody says was stolen: `amount` in base units, and where it is said."""

    asset: Asset
    amount: int
    source: str


@dataclass(frozen=True, slots=True)
class Theft:
    """Where an incident's money starts: its id, the addresses it was sent from, and the losses published."""

    id: str
    addresses: tuple[Address, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What an analyst knows of an address that the transfers do not show; it never changes a figure.

    `translations` is its text in other languages, by ISO 639-1 code.
    """

    address: Address
    text: str
    confidence: str
    source: str
    translations: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A case, read and checked.

    Attributes:
        folder: where it was read from.
        title, incident, summary: as case.toml gives them.
        attribution: whom somebody holds responsible (actor, by whom, confidence, source), or nothing.
        thefts: one or more.
        transfers: in the order of the chain.
        labels: by address, in the order of the files.
        notes: what an analyst adds.
        skipped: records that are no part of the flow, with the reason.
        rejected: records set aside because they could not be read (only with keep_going).
        duplicates: how many transfers repeat another one in every field; they are kept.
        digests: SHA-256 of each input file by its name in the folder.
        language: ISO 639-1 code of the language in which it is written.
        translations: by language, what it says in others: title, summary, and of the attribution actor, by, confidence.
    """

    folder: Path
    title: str
    incident: str
    summary: str
    attribution: Mapping[str, str]
    thefts: tuple[Theft, ...]
    transfers: tuple[Transfer, ...]
    labels: Mapping[Address, tuple[Label, ...]]
    notes: tuple[Note, ...]
    skipped: tuple[Skipped, ...]
    rejected: tuple[Rejected, ...]
    duplicates: int
    digests: Mapping[str, str]
    language: str = "en"
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def stolen_from(self) -> dict[Address, str]:
        """The theft's id by stolen-from address."""
        return {address: theft.id for theft in self.thefts for address in theft.addresses}

    @property
    def venues(self) -> dict[Address, str]:
        """The venue's id by address, from the labels whose category ends a trace; the first such label counts."""
        found: dict[Address, str] = {}
        for address, labels in self.labels.items():
            owner = next((label.venue for label in labels if label.venue_kind), None)
            if owner is not None:
                found[address] = owner
        return found


def shipped_cases() -> Path:
    """Return the folder of the cases that come with the package."""
    return Path(str(files(__package__).joinpath("cases")))


def find_case(name: str) -> Path:
    """Return the folder that `name` means: a path, or the name of a shipped case."""
    path = Path(name)
    if path.is_dir():
        return path
    shipped = shipped_cases() / name
    if _ID.match(name) and shipped.is_dir():
        return shipped
    known = ", ".join(sorted(entry.name for entry in shipped_cases().iterdir() if entry.is_dir()))
    if path.exists():
        raise SourceError("a case is a folder, and this is a file", source=name, hint="name the folder around it")
    raise SourceError("there is no such case folder", source=name, hint=f"cases that come with Bongsu: {known}")


def read_case(folder: Path, *, keep_going: bool = False) -> Case:
    """Read a case folder.

    Args:
        folder: it holds case.toml.
        keep_going: set bad records aside instead of stopping at the first.

    Raises:
        SourceError: a file is missing or unusable.
        RecordError: a record cannot be read, and `keep_going` is off.
    """
    return _Reader(folder, keep_going).read()


@dataclass
class _Table:
    """A TOML table that knows which of its keys were asked for, so that a misspelt one is not lost in silence."""

    source: str
    name: str
    values: dict[str, Any]
    asked: set[str] = field(default_factory=set)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.error(f"{self._named(key)} must be text")
        return one_line(value)

    def number(self, key: str) -> int:
        value = self._get(key, None)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_DECIMALS:
            raise self.error(f"{self._named(key)} must be a whole number from 0 to {MAX_DECIMALS}")
        return value

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        value = self._get(key, default)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{self._named(key)} must be a list of texts")
        return value

    def tables(self, key: str) -> list[_Table]:
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(f"{self._named(key)} must be written as [[{key}]]")
        return [_Table(self.source, f"{key} {n}", item) for n, item in enumerate(value, 1)]

    def table(self, key: str) -> _Table:
        value = self._get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{self._named(key)} must be written as [{key}]")
        return _Table(self.source, key, value)

    def done(self) -> None:
        extra = sorted(set(self.values) - self.asked)
        if extra:
            raise self.error(f"{self._named(extra[0])} is not known", f"known here: {', '.join(sorted(self.asked))}")

    def error(self, message: str, hint: str | None = None) -> SourceError:
        return SourceError(message, source=self.source, hint=hint)

    def _named(self, key: str) -> str:
        return f"{key!r} in {self.name}" if self.name else f"{key!r}"

    def _get(self, key: str, default: Any) -> Any:
        self.asked.add(key)
        value = self.values.get(key, default)
        if value is None:
            raise self.error(f"{self._named(key)} is missing", "docs/case-format.md shows a whole case.toml")
        return value


class _Reader:
    def __init__(self, folder: Path, keep_going: bool) -> None:
        self._folder = folder
        self._keep_going = keep_going
        self._digests: dict[str, str] = {}
        self._rejected: list[Rejected] = []

    def read(self) -> Case:
        root = self._toml()
        self._chain = root.text("chain", "ethereum")
        assets = [self._asset(table) for table in root.tables("asset")]
        listed = root.table("files")
        incident = self._identifier(root, "incident")
        thefts = tuple(self._theft(table, incident, assets) for table in root.tables("theft"))
        if not thefts:
            raise root.error("there is no [[theft]]", "say what was stolen and from where")
        self._refuse_shared(root, thefts)
        notes = tuple(self._note(table) for table in root.tables("note"))
        files = listed.texts("transfers", ["transfers.csv"])
        if not files:
            raise listed.error("'transfers' names no file", "leave it out to read transfers.csv")
        tables = [self._transfers(root, name, assets) for name in files]
        labels = self._labels(listed.texts("labels", []))
        attribution = root.table("attribution")
        case = Case(
            folder=self._folder,
            title=root.text("title"),
            incident=incident,
            summary=root.text("summary", ""),
            attribution={
                key: attribution.text(key, "")
                for key in ("actor", "by", "confidence", "source", "published")
                if key in attribution.values
            },
            thefts=thefts,
            transfers=tuple(in_order([t for table in tables for t in table.transfers])),
            labels=labels,
            notes=notes,
            skipped=tuple(s for table in tables for s in table.skipped),
            rejected=(*self._rejected, *(r for table in tables for r in table.rejected)),
            duplicates=sum(table.duplicates for table in tables),
            digests=dict(sorted(self._digests.items())),
            language=self._language(root, root.text("language", "en")),
            translations=self._translations(root),
        )
        for table in (root, listed, attribution):
            table.done()
        return case

    @staticmethod
    def _refuse_shared(root: _Table, thefts: Iterable[Theft]) -> None:
        """Refuse two thefts with one id or one address: each unit must belong to one theft."""
        owners: dict[Address, str] = {}
        ids: set[str] = set()
        for theft in thefts:
            if theft.id in ids:
                raise root.error(f"two thefts have the id {theft.id!r}", "give each [[theft]] an id of its own")
            ids.add(theft.id)
            for address in theft.addresses:
                if owners.setdefault(address, theft.id) != theft.id:
                    raise root.error(f"{address} stands in the thefts {owners[address]!r} and {theft.id!r}")

    def _toml(self) -> _Table:
        path = self._folder / "case.toml"
        if not path.is_file():
            raise SourceError(
                "the case folder has no case.toml",
                source=str(self._folder),
                hint="docs/case-format.md shows one",
            )
        text = decode(path, self._bytes(path.name))
        return _Table(str(path), "", parse_toml(text, str(path)))

    def _bytes(self, name: str) -> bytes:
        path = self._folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise SourceError(
                f"file {name!r} lies outside the case folder",
                source=str(self._folder / "case.toml"),
                hint="copy it in",
            )
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise SourceError("this link leads out of the case folder", source=str(path), hint="copy the file in")
        if name in self._digests:
            raise SourceError(f"file {name!r} is named twice", source=str(self._folder / "case.toml"))
        data = read_bytes(path)
        self._digests[name] = hashlib.sha256(data).hexdigest()
        return data

    def _identifier(self, table: _Table, key: str, default: str | None = None) -> str:
        text = table.text(key, default)
        if not _ID.match(text):
            raise table.error(f"{key} {text[:80]!r} is no id", "use letters, digits, dots, dashes and underscores")
        return text

    def _address(self, table: _Table, text: str, on: str) -> Address:
        try:
            return parse_address(text, on)
        except RecordError as error:
            raise table.error(f"{table.name}: {error.message}", error.hint) from None

    def _asset(self, table: _Table) -> Asset:
        on = table.text("chain", self._chain)
        try:
            native = chain(on).native
        except RecordError as error:
            raise table.error(f"{table.name}: {error.message}", error.hint) from None
        symbol, contract = table.text("symbol"), table.text("contract", "")
        asset = Asset(
            on,
            symbol,
            table.number("decimals"),
            self._address(table, contract, on).text if contract else None,
            native=symbol == native and not contract,
        )
        table.done()
        return asset

    def _theft(self, table: _Table, incident: str, assets: list[Asset]) -> Theft:
        on = table.text("chain", self._chain)
        addresses = tuple(self._address(table, text, on) for text in table.texts("from"))
        if not addresses:
            raise table.error(f"{table.name} names no address in 'from'")
        theft = Theft(
            self._identifier(table, "id", incident),
            addresses,
            tuple(self._loss(loss, on, assets) for loss in table.tables("loss")),
        )
        table.done()
        return theft

    @staticmethod
    def _loss(table: _Table, on: str, assets: list[Asset]) -> Loss:
        symbol = table.text("asset")
        asset = next((a for a in assets if (a.chain, a.symbol) == (on, symbol)), None)
        if asset is None:
            raise table.error(f"{table.name}: asset {symbol!r} on {on} is not declared", "add it as an [[asset]]")
        try:
            amount = asset.amount(table.text("amount"))
        except RecordError as error:
            raise table.error(f"{table.name}: {error.message}", error.hint) from None
        loss = Loss(asset, amount, table.text("source"))
        table.done()
        return loss

    def _note(self, table: _Table) -> Note:
        note = Note(
            self._address(table, table.text("address"), table.text("chain", self._chain)),
            table.text("text"),
            table.text("confidence", ""),
            table.text("source"),
            {
                self._language(table, key.removeprefix("text_")): table.text(key)
                for key in table.values
                if key.startswith("text_")
            },
        )
        table.done()
        return note

    @staticmethod
    def _language(table: _Table, code: str) -> str:
        if not _LANGUAGE.match(code):
            raise table.error(f"language {code[:20]!r} is no code of ISO 639-1", "write two letters, such as ko")
        return code

    def _translations(self, root: _Table) -> dict[str, dict[str, str]]:
        found = {}
        by_language = root.table("translation")
        for code in by_language.values:
            table = by_language.table(code)
            found[self._language(by_language, code)] = {k: table.text(k) for k in _TRANSLATED if k in table.values}
            table.done()
        return found

    def _transfers(self, root: _Table, name: str, assets: list[Asset]) -> TransferTable:
        self._bytes(name)
        if not assets:
            raise root.error("there is no [[asset]]", "declare each asset with its decimals")
        return read_transfers(
            self._folder / name,
            name=name,
            declared=assets,
            default_chain=self._chain,
            keep_going=self._keep_going,
        )

    def _labels(self, names: Iterable[str]) -> dict[Address, tuple[Label, ...]]:
        found: dict[Address, list[Label]] = {}
        for name in names:
            path = self._folder / name
            for label in read_tagpack(path, decode(path, self._bytes(name))):
                if isinstance(label, BongsuError):
                    if not self._keep_going:
                        raise label
                    record = Record(name, label.line or 0)
                    self._rejected.append(Rejected(record, "", label.message))
                else:
                    found.setdefault(label.address, []).append(label)
        return {address: tuple(labels) for address, labels in found.items()}
