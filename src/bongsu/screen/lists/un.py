"""The UN Security Council's consolidated list. Koreans' surnames stand in FIRST_NAME there.

Source: https://www.un.org/sc/resources/sc-sanctions.xsd
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_SEVERAL = re.compile(r"\s*;\s*|\s+(?=[a-z]\)\s)")
_LONGEST_RANGE = 15
_BULLET = re.compile(r"^[a-z0-9]\)\s*")


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the individuals and entities."""
    for element in elements(path, "INDIVIDUAL", "ENTITY"):
        person = local(element.tag) == "INDIVIDUAL"
        prefix = "INDIVIDUAL" if person else "ENTITY"
        uid = clean(element.findtext("REFERENCE_NUMBER")) or clean(element.findtext("DATAID"))
        name = " ".join(
            part
            for part in (clean(element.findtext(f"{n}_NAME")) for n in ("FIRST", "SECOND", "THIRD", "FOURTH"))
            if part
        )
        if not uid or not name:
            rejected.append(f"{path.name}: an {prefix.lower()} has no name or no reference number ({uid[:20]!r})")
            continue
        yield _entry(list_id, uid, name, element, prefix)


def _entry(list_id: str, uid: str, name: str, element: ET.Element, prefix: str) -> Entry:
    remarks = " ".join(texts(element, "COMMENTS1"))
    other = texts(element, "NAME_ORIGINAL_SCRIPT")
    ids = tuple(
        (clean(d.findtext("TYPE_OF_DOCUMENT")) or "document", number)
        for d in element.iterfind("INDIVIDUAL_DOCUMENT")
        if (number := clean(d.findtext("NUMBER")))
    )
    births = (b for item in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH") for b in _births(item))
    return Entry(
        list=list_id,
        id=uid,
        kind=Kind.PERSON if prefix == "INDIVIDUAL" else Kind.ORGANISATION,
        names=(Name(name), *_aliases(element, prefix), *(Name(o, "name (original script)") for o in other)),
        births=tuple(dict.fromkeys(births)),
        birth_places=tuple(
            " ".join(t for t in (clean(p.findtext(k)) for k in ("CITY", "STATE_PROVINCE", "COUNTRY")) if t)
            for p in element.iterfind("INDIVIDUAL_PLACE_OF_BIRTH")
            if clean(p.findtext("CITY")) or clean(p.findtext("COUNTRY"))
        ),
        countries=texts(element, "NATIONALITY/VALUE") or texts(element, f"{prefix}_ADDRESS/COUNTRY"),
        positions=texts(element, "DESIGNATION/VALUE"),
        ids=ids,
        imo=imo_numbers(" ".join(re.findall(r"IMO\D{0,12}\d{7}", remarks))),
        programs=texts(element, "UN_LIST_TYPE"),
        listed_on=date(element.findtext("LISTED_ON")),
        source="https://scsanctions.un.org/",
    )


def _births(item: ET.Element) -> Iterator[str]:
    """Yield the date, or each year of a range: a birth within it contradicts nothing."""
    exact = date(item.findtext("DATE") or item.findtext("YEAR"))
    first, last = clean(item.findtext("FROM_YEAR")), clean(item.findtext("TO_YEAR"))
    if exact:
        yield exact
    elif first.isdigit() and last.isdigit() and 0 <= int(last) - int(first) <= _LONGEST_RANGE:
        yield from map(str, range(int(first), int(last) + 1))
    elif first:
        yield date(first)


def _aliases(element: ET.Element, prefix: str) -> Iterator[Name]:
    for alias in element.iterfind(f"{prefix}_ALIAS"):
        weak = clean(alias.findtext("QUALITY")).lower() == "low"
        for part in _SEVERAL.split(clean(alias.findtext("ALIAS_NAME"))):
            text = _BULLET.sub("", part)
            if text:
                yield Name(text, "alias", weak)
