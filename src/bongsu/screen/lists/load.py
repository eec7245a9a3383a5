"""Load lists: tell by its content which list a file is, read it, and say whether it is whole."""

from __future__ import annotations

import hashlib
import importlib
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bongsu.errors import SourceError
from bongsu.screen.entry import Listing
from bongsu.screen.lists.common import date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.screen.entry import Entry

SHIPPED = "bongsu-dprk"
MOST_UNREAD = 0.001
"""Share of records that may be unreadable in a whole list."""
_HEAD = 8192
_DATES = (
    re.compile(rb'dateGenerated="([^"]{4,40})"'),
    re.compile(rb'generationDate="([^"]{4,40})"'),
    re.compile(rb"<Publish_Date>([^<]{4,40})<"),
    re.compile(rb"<DateOfIssue[^>]*>\s*<Year>(\d{4})</Year>\s*<Month>(\d{1,2})</Month>\s*<Day>(\d{1,2})</Day>"),
    re.compile(rb"<(?:DateGenerated|DateFileCreated)>([^<]{4,40})<"),
    re.compile(rb"# date: (\d{4}-\d\d-\d\d)"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """One list of catalogue.toml, in one of its forms."""

    id: str
    title: str
    parser: str
    least: int
    least_names: int
    least_fields: dict[str, int]
    url: str


@cache
def catalogue() -> dict[str, Known]:
    """Return the lists that Bongsu knows, by id."""
    return {k: _known(k, row) for k, row in _table().items()}


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))


def _known(list_id: str, row: dict[str, Any]) -> Known:
    return Known(
        list_id,
        row["title"],
        row["parser"],
        row["least"],
        row.get("least_names", 0),
        row.get("least_fields", {}),
        row["url"],
    )


def declared(list_id: str, parser: str) -> Known:
    """Return what is declared of a list in the form that a parser reads."""
    name = list_id if list_id in _table() else parser if parser in _table() else "table"
    row = _table()[name]
    return _known(name, row | row.get("forms", {}).get(parser, {}))


_MARKERS = (
    (b"<CONSOLIDATED_LIST", ("un", "un")),
    (b"fpi/fsd/export", ("eu-fsf", "eu")),
    (b"<sanctionEntity", ("eu-fsf", "eu")),
    (b"<sdnList", ("ofac-sdn", "ofac_xml")),
    (b"<Designations", ("uk", "uk")),
    (b"<Sanctions", ("ofac-sdn", "ofac_advanced")),
)


def recognise(path: Path) -> tuple[str, str]:
    """Return the id of the list that a file is, and the parser for its form.

    Raises:
        SourceError: it is none that Bongsu reads.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise SourceError(f"the list cannot be read: {error.strerror}", source=str(path)) from None
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head.decode("utf-16", "ignore").encode()
    for marker, found in _MARKERS:
        if marker in head:
            return found
    if head[:2] == b"PK":
        return "jp-mof", "mof"
    if path.suffix.lower() in {".yaml", ".yml"}:
        return f"tagpack-{path.stem}", "tagpack"
    if head.lstrip()[:1] == b"{":
        return f"ftm-{path.stem.split('.')[0]}", "ftm"
    first = next((line for line in head.decode("utf-8-sig", "replace").splitlines() if not line.startswith("#")), "")
    if {"id", "kind", "name"} <= set(first.replace(" ", "").split(",")):
        return ("kr", "table") if path.stem.lower().startswith("kr") else (f"table-{path.stem}", "table")
    if path.suffix.lower() == ".csv" and first.count(",") >= 11 and first.split(",")[0].strip().isdigit():
        return "ofac-sdn", "ofac_csv"
    raise _no_list(path, head)


def _no_list(path: Path, head: bytes) -> SourceError:
    """Return the error for a file that is no list, with what it seems to be."""
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        return SourceError("this file is empty", source=str(path), hint="fetch the list again")
    if head[:4] == b"\xd0\xcf\x11\xe0":
        return SourceError("this is a workbook of the old form (.xls)", source=str(path), hint="save it as .xlsx")
    if re.search(rb"<(html|error)\b", head, re.IGNORECASE):
        return SourceError("this is an answer of a web server, no list", source=str(path), hint="fetch the list again")
    return SourceError(
        "this is no list that Bongsu reads",
        source=str(path),
        hint="it reads OFAC, UN, EU, UK, Japan MOF, FollowTheMoney JSON, TagPack, and tables with id, kind, name",
    )


def read_list(path: Path) -> Listing:
    """Read one list file whole.

    Raises:
        SourceError: it is no list, or it is cut off.
    """
    list_id, parser = recognise(path)
    known = declared(list_id, parser)
    rejected: list[str] = []
    module = importlib.import_module(f"bongsu.screen.lists.{parser}")
    try:
        entries = list(module.read(list_id, path, rejected))
    except OSError as error:
        raise SourceError(f"the list cannot be read: {error.strerror}", source=str(path)) from None
    if not entries:
        raise SourceError(
            "this list has no entry that can be read" + (f"; the first: {rejected[0]}" if rejected else ""),
            source=str(path),
            hint="the publisher may have changed its form: keep the old list and say so",
        )
    digest = sha256(path)
    return Listing(
        list_id,
        known.title,
        _version(path, digest),
        str(path),
        digest,
        entries,
        known.least,
        rejected,
        known.least_names,
        alarms=_alarms(entries, rejected, known.least_fields),
    )


def _alarms(entries: list[Entry], rejected: list[str], least: dict[str, int]) -> tuple[str, ...]:
    """Return what speaks against a list being whole, beside the number of its entries and names."""
    found = []
    if len(rejected) > MOST_UNREAD * len(entries):
        found.append(f"{len(rejected)} records that cannot be read")
    for field, count in least.items():
        have = sum(1 for entry in entries if getattr(entry, field))
        if have < count:
            found.append(f"{have} entries with {field} where at least {count} belong: a field has moved")
    return tuple(found)


def sha256(path: Path) -> str:
    """Return the digest of a file, read in pieces: lists have a hundred megabytes and more."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(path: Path, digest: str) -> str:
    """Return the date that the list gives itself, or the beginning of its digest."""
    with path.open("rb") as file:
        head = file.read(_HEAD).replace(b"\0", b"")  # UTF-16 as if it were ASCII
    for pattern in _DATES:
        found = pattern.search(head)
        if found:
            text = b"-".join(found.groups()).decode("ascii", "replace")
            return date(text) or text
    return f"sha256:{digest[:12]}"


_COMPANIONS = re.compile(r"(^|[_-])(alt|add|sdn_comments)\.csv$", re.IGNORECASE)
_SUFFIXES = {".xml", ".csv", ".json", ".jsonl", ".xlsx", ".yaml", ".yml"}


def find_lists(given: Iterable[Path]) -> list[Path]:
    """Return the list files among files and folders; a folder's other files are passed over."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += sorted(
                p
                for p in path.rglob("*")
                if p.suffix.lower() in _SUFFIXES
                and p.is_file()
                and not _COMPANIONS.search(p.name)
                and not p.name.startswith(".")
            )
        elif path.exists():
            found.append(path)
        else:
            raise SourceError("there is no such list", source=str(path), hint="name a file or a folder with lists")
    return found


def shipped() -> Listing:
    """Return the list that comes with the package."""
    with as_file(files(__package__).joinpath("data").joinpath("dprk.csv")) as path:
        listing = read_list(Path(path))
    known = catalogue()[SHIPPED]
    entries = [replace(entry, list=SHIPPED) for entry in listing.entries]
    return Listing(known.id, known.title, listing.version, "shipped with Bongsu", listing.sha256, entries, known.least)
