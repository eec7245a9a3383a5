"""A table of one's own, and the form in which the Korean designations are typed in: CSV with a header.

Columns (docs/screening.md): id, kind, name are needed; hangul, hanja, aliases, birth, birth_place, country,
position, ids,
imo, flag, wallets, email, program, listed_on, source may follow. Several values in a cell are parted by semicolons;
wallets are TICKER:address, ids are kind:number.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from bongsu.errors import SourceError
from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, imo_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED = ("id", "kind", "name")
KNOWN = frozenset(
    {
        *NEEDED,
        *[
            "hangul",
            "hanja",
            "aliases",
            "weak_aliases",
            "birth",
            "birth_place",
            "country",
            "position",
            "ids",
            "imo",
            "flag",
            "wallets",
            "email",
            "program",
        ],
        *["listed_on", "source"],
    }
)


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of the table.

    Raises:
        SourceError: a needed column is missing, or a column is unknown (a misspelt one must not be lost).
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            rows = csv.DictReader(lines)
            header = [clean(h) for h in rows.fieldnames or ()]
            missing = [c for c in NEEDED if c not in header]
            unknown = [c for c in header if c not in KNOWN]
            if missing or unknown:
                what = f"has no column {missing[0]!r}" if missing else f"has an unknown column {unknown[0][:30]!r}"
                raise SourceError(
                    f"this table {what}", source=str(path), line=1, hint=f"columns: {', '.join(sorted(KNOWN))}"
                )
            rows.fieldnames = header
            for row in rows:
                try:
                    yield entry(list_id, {k: v or "" for k, v in row.items() if k in KNOWN})
                except ValueError as error:
                    rejected.append(f"{path.name}:{rows.line_num}: {error}")
    except UnicodeDecodeError:
        raise SourceError("this table is not UTF-8", source=str(path), hint="save it as UTF-8") from None
    except csv.Error as error:
        raise SourceError(f"this CSV cannot be read: {error}", source=str(path)) from None


def entry(list_id: str, row: dict[str, str]) -> Entry:
    """Return the entry of a row; ValueError says what is wrong with it."""
    uid, kind = clean(row.get("id")), clean(row.get("kind")).lower()
    names = [Name(t) for t in (clean(row.get("name")),) if t]
    names += [Name(t, f) for f in ("hangul", "hanja") for t in _several(row, f)]
    names += [Name(t, "alias") for t in _several(row, "aliases")]
    names += [Name(t, "alias", True) for t in _several(row, "weak_aliases")]
    if not uid or (not names and not row.get("wallets")):
        raise ValueError("the row has no id, or neither a name nor a wallet")
    if kind not in set(Kind):
        raise ValueError(f"there is no kind {kind[:30]!r}: use {', '.join(Kind)}")
    wallets = [w.partition(":") for w in _several(row, "wallets")]
    ids = [i.partition(":") for i in _several(row, "ids")]
    imo = _several(row, "imo")
    if imo and not imo_numbers(" ".join(imo)):
        raise ValueError(f"IMO number {imo[0][:20]!r} fails its check digit")
    return Entry(
        list=list_id,
        id=uid,
        kind=Kind(kind),
        names=tuple(names) or (Name(uid),),
        wallets=tuple(Wallet(t.strip(), a.strip()) for t, sign, a in wallets if sign),
        births=tuple(d for d in map(date, _several(row, "birth")) if d),
        birth_places=_several(row, "birth_place"),
        countries=_several(row, "country"),
        positions=_several(row, "position"),
        ids=tuple((k.strip(), v.strip()) if sign else ("document", k.strip()) for k, sign, v in ids),
        imo=imo_numbers(" ".join(imo)),
        flags=_several(row, "flag"),
        emails=tuple(m.lower() for m in _several(row, "email")),
        programs=_several(row, "program"),
        listed_on=date(row.get("listed_on")),
        source=clean(row.get("source")),
    )


def _several(row: dict[str, str], field: str) -> tuple[str, ...]:
    return tuple(t for t in map(clean, (row.get(field) or "").split(";")) if t)
