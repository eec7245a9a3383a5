"""The EU's consolidated financial sanctions list (FSF, xmlFullSanctionsList 1.1).

Source: https://webgate.ec.europa.eu/fsd/fsf (namespace http://eu.europa.ec/fpi/fsd/export)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, mails, texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_KINDS = {"P": Kind.PERSON, "E": Kind.ORGANISATION}


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of the list."""
    for element in elements(path, "sanctionEntity"):
        for child in element.iter():
            child.tag = local(child.tag)
        uid = clean(element.get("euReferenceNumber")) or clean(element.get("logicalId"))
        names = tuple(_names(element))
        if not uid or not names:
            rejected.append(f"{path.name}: sanctionEntity {uid[:30]!r} has no name")
            continue
        yield _entry(list_id, uid, names, element)


def _names(element: ET.Element) -> Iterator[Name]:
    """Yield each name once: a name stands there again for each regulation that amends it."""
    seen: set[str] = set()
    for alias in element.iterfind("nameAlias"):
        parts = (clean(alias.get(k)) for k in ("firstName", "middleName", "lastName"))
        text = clean(alias.get("wholeName")) or " ".join(p for p in parts if p)
        if text and text not in seen:
            weak = (
                clean(alias.get("strong")).lower() == "false"
                or "low quality" in " ".join(texts(alias, "remark")).lower()
            )
            yield Name(text, "alias" if seen else "name", weak)
            seen.add(text)


def _entry(list_id: str, uid: str, names: tuple[Name, ...], element: ET.Element) -> Entry:
    kind = element.find("subjectType")
    code = clean(kind.get("classificationCode")) or clean(kind.get("code")) if kind is not None else ""
    places = (" ".join(p for p in (clean(b.get("city")), _country(b)) if p) for b in element.iterfind("birthdate"))
    ids = tuple(
        dict.fromkeys(
            (clean(i.get("identificationTypeCode")) or "document", number)
            for i in element.iterfind("identification")
            for number in (clean(i.get("number")), clean(i.get("latinNumber")))
            if number
        )
    )
    remarks = " ".join(texts(element, "remark"))
    ships = " ".join(v for k, v in ids if k.lower() == "imo")
    contacts = (c.get("value", "") for c in element.iterfind("address/contactInfo") if c.get("key") == "EMAIL")
    functions = (clean(a.get("function")) for a in element.iterfind("nameAlias"))
    is_person = code[:1].upper() == "P"
    return Entry(
        list=list_id,
        id=uid,
        kind=_KINDS.get(code[:1].upper(), Kind.UNKNOWN),
        names=names,
        births=tuple(dict.fromkeys(d for d in map(_birth, element.iterfind("birthdate")) if d)),
        birth_places=tuple(dict.fromkeys(p for p in places if p)),
        countries=tuple(dict.fromkeys(c for c in map(_country, element.iterfind("citizenship")) if c)),
        positions=tuple(dict.fromkeys(f for f in functions if f)) if is_person else (),
        ids=tuple((k, v) for k, v in ids if k.lower() != "imo"),
        imo=imo_numbers(f"{ships} {remarks}" if "IMO" in remarks.upper() else ships),
        emails=mails(contacts),
        programs=tuple(dict.fromkeys(clean(r.get("programme")) for r in element.iterfind("regulation"))),
        listed_on=date(element.get("designationDate")),
        source="https://webgate.ec.europa.eu/fsd/fsf",
    )


def _birth(element: ET.Element) -> str:
    parts = [clean(element.get(k)) for k in ("year", "month", "day")]
    known = parts[: next((i for i, part in enumerate(parts) if not part.isdigit()), 3)]
    return date(element.get("birthdate")) or date("-".join(known))


def _country(element: ET.Element) -> str:
    """Return the country of an element; "UNKNOWN" (code 00) is none."""
    name = clean(element.get("countryDescription"))
    return "" if name.upper() == "UNKNOWN" or element.get("countryIso2Code") == "00" else name
