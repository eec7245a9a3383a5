"""The Japanese Ministry of Finance's workbooks: a title, a row of headings, then one row an entry.

Headings are spaced and worded freely (英 語 表 記, 別称・別名); they are recognised by what they contain. Dates
may be in
the Japanese eras.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zipfile
from typing import TYPE_CHECKING

from bongsu.errors import AddressError, SourceError
from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, imo_numbers, mails
from bongsu.screen.wallets import key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADINGS = (
    ("weak", ("確定に十分でない別名",)),
    ("skip", ("制裁委員会", "制裁員会", "国連参照番号", "根拠")),
    ("english", ("英語表記",)),
    ("japanese", ("日本語表記",)),
    ("alias", ("別名", "別称", "旧称", "旧名")),
    ("birth", ("生年月日",)),
    ("place", ("出生地", "出身地")),
    ("nation", ("国籍",)),
    ("passport", ("旅券番号", "身分登録番号", "ID番号", "身分証番号")),
    ("position", ("役職", "肩書")),
    ("listed", ("告示日付", "リスト掲載日")),
    ("number", ("告示番号",)),
    ("other", ("その他の情報", "詳細")),
)
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA = re.compile("(" + "|".join(_ERAS) + r")\s*(元|\d{1,2})\s*年")
_SEPARATORS = re.compile(
    r"[;；、\n]|(?:^|\s)[a-z]\)\s*|[①-⑳]\s*|[(（](?:\d{1,2}|[a-z]|[ivx]{1,5})[)）]\s*|,?\s*\b[af]\.k\.a\.?\s*",
    re.IGNORECASE,
)
_UNKNOWN = frozenset({"不明", "-", "－", "ー"})
_HEADING_ROWS = 15
_WALLET = re.compile(
    r"(?<![0-9A-Za-z])(0x[0-9a-fA-F]{40}|bc1[0-9a-z]{11,71}|[13T][1-9A-HJ-NP-Za-km-z]{25,34})(?![0-9A-Za-z])"
)
_FIRST_DAY = dt.date(1899, 12, 30)
"""Day 0 of a workbook's serial numbers (ECMA-376, 1900 date system, as from 1 March 1900)."""


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of all sheets."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError) as error:
        raise SourceError(
            f"this workbook cannot be read: {error}", source=str(path), hint="fetch it again; it must be an .xlsx"
        ) from None
    try:
        known = False
        for sheet in book.worksheets:
            columns: dict[str, list[int]] = {}
            title = ""
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if not columns:
                    columns = _columns(row)
                    if not columns:
                        title += "".join(str(c) for c in row if c is not None)
                        if number > _HEADING_ROWS:
                            break
                    known = known or bool(columns)
                    continue
                entry = _entry(list_id, f"{sheet.title}:{number}", row, columns, _kind(title))
                if entry is not None:
                    yield entry
                elif sum(1 for c in row if c is not None and clean(str(c))) > 1:  # a single cell is a note
                    rejected.append(f"{path.name}:{sheet.title}:{number}: no name in this row")
    finally:
        book.close()
    if not known:
        raise SourceError(
            "no sheet has the ministry's headings (英語表記, 日本語表記)",
            source=str(path),
            hint="check that this is one of the workbooks of economic sanctions",
        )


def _columns(row: tuple[object, ...]) -> dict[str, list[int]]:
    """Return where each field stands, if this row is the row of headings."""
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(row):
        heading = "".join(str(cell or "").split()).replace("ＩＤ", "ID")
        for field, words in _HEADINGS:
            if any(word in heading for word in words):
                found.setdefault(field, []).append(index)
                break
    return found if "english" in found or "japanese" in found else {}


def _western(text: str) -> str:
    """Turn years of Japanese eras into those of the common calendar: 昭和39年 -> 1964年."""
    return _ERA.sub(lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)


def _kind(title: str) -> Kind:
    """Return what the sheet's title says its entries are: （個人） persons, （団体） bodies; both, nothing."""
    person, body = "個人" in title, "団体" in title
    return Kind.UNKNOWN if person == body else Kind.PERSON if person else Kind.ORGANISATION


def _dates(text: str) -> tuple[str, ...]:
    """Return the dates of a cell: of any era, or the serial number of a day."""
    plain = _western(unicodedata.normalize("NFKC", text)).strip()
    if plain.isdigit() and 5000 < int(plain) < 60_000:
        return ((_FIRST_DAY + dt.timedelta(int(plain))).isoformat(),)
    pieces = (date(piece) for piece in re.split(r"[;、\n]|又は|または|及び|\([a-z0-9]{1,3}\)", plain))
    return tuple(dict.fromkeys(d for d in pieces if d))


def _wallets(text: str) -> tuple[Wallet, ...]:
    """Return the addresses in a text that pass their checksum; the ticker is the one that their form shows."""
    found = []
    for address in _WALLET.findall(text):
        ticker = "ETH" if address.startswith("0x") else "TRX" if address.startswith("T") else "XBT"
        try:
            key(address, ticker)
        except AddressError:
            continue  # a word that looks like an address; the text itself is no list of wallets
        found.append(Wallet(ticker, address))
    return tuple(dict.fromkeys(found))


def _entry(
    list_id: str, place: str, row: tuple[object, ...], columns: dict[str, list[int]], kind: Kind
) -> Entry | None:
    def cells(field: str) -> list[str]:
        return [str(row[i]) for i in columns.get(field, ()) if i < len(row) and row[i] is not None]

    def parts(field: str) -> list[str]:
        return [t for cell in cells(field) for t in map(clean, _SEPARATORS.split(cell)) if t and t not in _UNKNOWN]

    def lines(field: str) -> list[str]:
        return [t for cell in cells(field) for t in map(clean, cell.splitlines()) if t and t not in _UNKNOWN]

    names = [Name(t, "name") for t in lines("english")]
    names += [Name(t, "name (Japanese)") for t in lines("japanese")]
    names += [Name(t, "alias") for t in parts("alias")]
    names += [Name(t, "alias", True) for t in parts("weak")]
    if not names:
        return None
    births = tuple(d for c in cells("birth") for d in _dates(c))
    other = " ".join(cells("other"))
    number = next((clean(c) for c in cells("number")), "")
    return Entry(
        list=list_id,
        id=f"{number} {place}".strip(),
        kind=Kind.PERSON if births or parts("nation") or parts("passport") else kind,
        names=tuple(dict.fromkeys(names)),
        wallets=_wallets(other),
        births=births,
        birth_places=tuple(parts("place")),
        countries=tuple(parts("nation")),
        positions=tuple(parts("position")),
        ids=tuple(("passport", p) for p in parts("passport")),
        imo=imo_numbers(other) if "IMO" in other else (),
        emails=mails([other]),
        listed_on=next((d for c in cells("listed") for d in _dates(c)), ""),
        source="https://www.mof.go.jp/policy/international_policy/gaitame_kawase/gaitame/economic_sanctions/list.html",
    )
