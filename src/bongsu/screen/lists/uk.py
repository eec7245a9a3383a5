"""The UK Sanctions List (UK-Sanctions-List.xml), since 28 January 2026 the only one of the United Kingdom.

Source: https://www.gov.uk/government/publications/the-uk-sanctions-list (Name1 to Name5 are given names, Name6
the last)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, mails, texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_KINDS = {"individual": Kind.PERSON, "entity": Kind.ORGANISATION, "ship": Kind.VESSEL}


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the designations."""
    for element in elements(path, "Designation"):
        for child in element.iter():
            child.tag = local(child.tag)
        uid = clean(element.findtext("UniqueID"))
        kind = clean(element.findtext("IndividualEntityShip")).lower()
        names = tuple(sorted(_names(element), key=lambda name: name.field != "name"))
        if not uid or not names or kind not in _KINDS:
            rejected.append(
                f"{path.name}: designation {uid[:20]!r} has no id, no name or an unknown type {kind[:20]!r}"
            )
            continue
        yield _entry(list_id, uid, _KINDS[kind], names, element)


def _names(element: ET.Element) -> Iterator[Name]:
    for name in element.iterfind("Names/Name"):
        parts = [clean(name.findtext(f"Name{n}")) for n in range(1, 7)]
        last, rest = parts[5], " ".join(p for p in parts[:5] if p)
        text = f"{last}, {rest}" if last and rest else last or rest or clean(name.findtext("Name"))
        kind = clean(name.findtext("NameType")).lower()
        if text:
            weak = clean(name.findtext("AliasStrength")).lower().startswith("low")
            yield Name(text, "name" if kind in {"primary name", ""} else "alias", weak)
    for text in texts(element, "NonLatinNames//NameNonLatinScript"):
        yield Name(text, "name (original script)")


def _entry(list_id: str, uid: str, kind: Kind, names: tuple[Name, ...], element: ET.Element) -> Entry:
    passports = (("Passport", n) for n in texts(element, ".//PassportNumber"))
    national = (("National ID", n) for n in texts(element, ".//NationalIdentifierNumber"))
    business = (("registration", n) for n in texts(element, ".//BusinessRegistrationNumber"))
    places = (
        " ".join(p for p in (clean(b.findtext("TownOfBirth")), clean(b.findtext("CountryOfBirth"))) if p)
        for b in element.iterfind(".//BirthDetails/Location")
    )
    return Entry(
        list=list_id,
        id=uid,
        kind=kind,
        names=names,
        births=tuple(d for d in map(date, texts(element, ".//DOBs/DOB")) if d),
        birth_places=tuple(p for p in places if p),
        countries=texts(element, ".//Nationalities/Nationality"),
        positions=texts(element, ".//Positions/Position"),
        ids=tuple(dict.fromkeys((*passports, *national, *business))),
        imo=imo_numbers(" ".join(texts(element, ".//IMONumber"))),
        flags=texts(element, ".//CurrentBelievedFlagOfShip"),
        emails=mails(texts(element, ".//EmailAddress")),
        programs=texts(element, "RegimeName"),
        listed_on=date(element.findtext("DateDesignated")),
        source="https://www.gov.uk/government/publications/the-uk-sanctions-list",
    )
