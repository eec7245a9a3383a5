"""OFAC's legacy CSV files: sdn.csv with alt.csv, add.csv and sdn_comments.csv beside it, none with a header.

Columns of sdn.csv: ent_num, name, type, program, title, call sign, vessel type, tonnage, gross tonnage, flag, owner,
remarks. "-0-" stands for nothing. Facts stand in the remarks, which run over into sdn_comments.csv.
Source: https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.errors import SourceError
from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, imo_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COLUMNS = 12
_KINDS = {"individual": Kind.PERSON, "vessel": Kind.VESSEL, "aircraft": Kind.AIRCRAFT, "": Kind.ORGANISATION}
_WALLET = re.compile(r"Digital Currency Address\s*-\s*([A-Z0-9]+)\s+([A-Za-z0-9:]{20,120})")
_BIRTH = re.compile(r"\bDOB\s+(?:circa\s+)?([^;.]+)")
_PLACE = re.compile(r"\bPOB\s+([^;.]+)")
_NATION = re.compile(r"\b(?:nationality|citizen)\s+([^;.]+)")
_PASSPORT = re.compile(
    r"\b(Passport|National ID No\.|Identification Number|Registration (?:ID|Number)|Tax ID No\.)"
    r"\s+([A-Z0-9][A-Z0-9./-]{3,30})"
)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w")
_BIC = re.compile(r"\bSWIFT/BIC\s+([A-Z0-9]{8,11})\b")
_NICK = re.compile(r"\ba\.k\.a\.\s+'([^']+)'")


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of sdn.csv and of the files beside it."""
    aliases: dict[str, list[Name]] = defaultdict(list)
    for row in _rows(_beside(path, "alt"), rejected, least=4):
        weak = row[4:5] and "weak" in row[4].lower()
        aliases[row[0]].append(Name(clean(row[3]), f"alias ({row[2].strip()})", bool(weak)))
    comments: dict[str, str] = defaultdict(str)
    for row in _rows(_beside(path, "sdn_comments"), rejected, least=2):
        comments[row[0]] += row[1]
    places: dict[str, list[str]] = defaultdict(list)
    for row in _rows(_beside(path, "add"), rejected, least=5):
        places[row[0]].append(_plain(row[4]))
    known: set[str] = set()
    for row in _rows(path, rejected, least=_COLUMNS):
        known.add(row[0])
        number, name, kind, program = row[0], _plain(row[1]), _plain(row[2]).lower(), _plain(row[3])
        if not number.isdigit() or not name or kind not in _KINDS:
            rejected.append(
                f"{path.name}: entry {number[:20]!r} has no number, no name or an unknown type {kind[:20]!r}"
            )
            continue
        remarks = _plain(row[11]) + comments.get(number, "")
        yield _entry(list_id, number, name, _KINDS[kind], program, row, remarks, aliases[number], places[number])
    orphans = sorted(aliases.keys() - known)  # sdn.csv is cut, or alt.csv is of another publication
    rejected.extend(f"{path.name}: alt.csv names an entry {number[:20]!r} that is not there" for number in orphans)


def _entry(
    list_id: str,
    number: str,
    name: str,
    kind: Kind,
    program: str,
    row: list[str],
    remarks: str,
    aliases: list[Name],
    places: list[str],
) -> Entry:
    nicks = [Name(clean(n), "alias (remarks)", True) for n in _NICK.findall(remarks)]
    births = tuple(d for d in (date(b) for b in _BIRTH.findall(remarks)) if d)
    ids = [(k, v) for k, v in _PASSPORT.findall(remarks) if not v.startswith("IMO")]
    ids += [("SWIFT/BIC", v) for v in _BIC.findall(remarks)]
    flag = _plain(row[9])
    return Entry(
        list=list_id,
        id=number,
        kind=kind,
        names=(Name(name), *(a for a in aliases if a.text), *nicks),
        wallets=tuple(Wallet(t, a) for t, a in _WALLET.findall(remarks)),
        births=births,
        birth_places=tuple(clean(p) for p in _PLACE.findall(remarks)),
        countries=tuple(dict.fromkeys(c for c in (*map(clean, _NATION.findall(remarks)), *places) if c)),
        positions=(title,) if (title := _plain(row[4])) else (),
        ids=tuple(ids),
        imo=imo_numbers(" ".join(re.findall(r"IMO\s*\d{7}", remarks))),
        flags=(flag,) if flag else (),
        emails=tuple(dict.fromkeys(m.lower() for m in _MAIL.findall(remarks))),
        programs=tuple(p.strip(" []") for p in program.split("]") if p.strip(" []")),
        source="https://sanctionssearch.ofac.treas.gov/Details.aspx?id=" + number,
    )


def _plain(text: str) -> str:
    plain = clean(text)
    return "" if plain in {"-0-", "-0"} else plain


def _beside(path: Path, name: str) -> Path | None:
    """Return the file of that name beside sdn.csv: alt.csv beside sdn.csv, x_alt.csv beside x_sdn.csv."""
    stem = path.stem.lower()
    for candidate in (path.with_name(f"{name}.csv"), path.with_name(path.name.lower().replace("sdn", name, 1))):
        if candidate.exists() and candidate != path:
            return candidate
    return None if stem else path


def _rows(path: Path | None, rejected: list[str], least: int) -> Iterator[list[str]]:
    if path is None:
        return
    short: tuple[int, int] | None = None
    _whole(path)
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for number, row in enumerate(csv.reader(file), 1):
                if short is not None:
                    rejected.append(f"{path.name}:{short[0]}: {short[1]} columns where {least} belong")
                short = None
                if len(row) >= least:
                    yield row
                elif any(cell.strip(" \x1a") for cell in row):  # old DOS files end with a control-Z
                    short = number, len(row)
        if short is not None:
            raise SourceError(
                f"this list is cut off: its last line has {short[1]} columns where {least} belong",
                source=str(path),
                line=short[0],
                hint="fetch the list again",
            )
    except csv.Error as error:
        raise SourceError(f"this CSV cannot be read: {error}", source=str(path)) from None


def _whole(path: Path) -> None:
    """Refuse a file that ends within a line: the published ones end with a line's end, and a control-Z."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 1))
        last = file.read(1)
    if last not in {b"", b"\n", b"\r", b"\x1a"}:
        raise SourceError("this list is cut off: it ends within a line", source=str(path), hint="fetch the list again")
