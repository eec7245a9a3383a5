"""The EU's consolidated financial sanctions list (FSF, xmlFullSanctionsList 1.1).

Source: https://webgate.ec.europa.eu/fsd/fsf (namespace http://eu.europa.ec/fpi/fsd/export)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, texts

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
    for number, alias in enumerate(element.iterfind("nameAlias")):
        parts = (clean(alias.get(k)) for k in ("firstName", "middleName", "lastName"))
        text = clean(alias.get("wholeName")) or " ".join(p for p in parts if p)
        if text:
            yield Name(text, "alias" if number else "name", clean(alias.get("strong")).lower() == "false")


def _entry(list_id: str, uid: str, names: tuple[Name, ...], element: ET.Element) -> Entry:
    kind = element.find("subjectType")
    code = clean(kind.get("classificationCode")) or clean(kind.get("code")) if kind is not None else ""
    births = (date(b.get("birthdate")) or date(b.get("year")) for b in element.iterfind("birthdate"))
    places = (
        " ".join(p for p in (clean(b.get("city")), clean(b.get("countryDescription"))) if p)
        for b in element.iterfind("birthdate")
    )
    ids = tuple(
        (clean(i.get("identificationTypeCode")) or "document", clean(i.get("number")))
        for i in element.iterfind("identification")
        if clean(i.get("number"))
    )
    remarks = " ".join((*texts(element, "remark"), *(v for k, v in ids if "imo" in k.lower())))
    return Entry(
        list=list_id,
        id=uid,
        kind=_KINDS.get(code[:1].upper(), Kind.UNKNOWN),
        names=names,
        births=tuple(b for b in births if b),
        birth_places=tuple(p for p in places if p),
        countries=tuple(clean(c.get("countryDescription")) for c in element.iterfind("citizenship")),
        positions=tuple(f for f in (clean(a.get("function")) for a in element.iterfind("nameAlias")) if f),
        ids=ids,
        imo=imo_numbers(remarks) if "IMO" in remarks.upper() else (),
        programs=tuple(dict.fromkeys(clean(r.get("programme")) for r in element.iterfind("regulation"))),
        listed_on=date(element.get("designationDate")),
        source="https://webgate.ec.europa.eu/fsd/fsf",
    )
