"""OFAC's SDN.XML: one sdnEntry an entry.

Source: https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, mails, texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_KINDS = {
    "individual": Kind.PERSON,
    "entity": Kind.ORGANISATION,
    "vessel": Kind.VESSEL,
    "aircraft": Kind.AIRCRAFT,
}
_COIN = "Digital Currency Address"


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of SDN.XML."""
    for element in elements(path, "sdnEntry"):
        for child in element.iter():
            child.tag = local(child.tag)
        uid, kind = clean(element.findtext("uid")), clean(element.findtext("sdnType")).lower()
        name = _name(element)
        if not uid or not name or kind not in _KINDS:
            rejected.append(f"{path.name}: sdnEntry {uid[:20]!r} has no uid, no name or an unknown type {kind[:20]!r}")
            continue
        yield _entry(list_id, uid, name, _KINDS[kind], element)


def _name(element: ET.Element) -> str:
    last, first = clean(element.findtext("lastName")), clean(element.findtext("firstName"))
    return f"{last}, {first}" if last and first else last or first


def _entry(list_id: str, uid: str, name: str, kind: Kind, element: ET.Element) -> Entry:
    ids = [(clean(item.findtext("idType")), clean(item.findtext("idNumber"))) for item in element.iterfind("idList/id")]
    aliases = tuple(
        Name(text, f"alias ({clean(aka.findtext('type'))})", clean(aka.findtext("category")).lower() == "weak")
        for aka in element.iterfind("akaList/aka")
        if (text := _name(aka))
    )
    return Entry(
        list=list_id,
        id=uid,
        kind=kind,
        names=(Name(name), *aliases),
        wallets=tuple(Wallet(k.rpartition("-")[2].strip(), v) for k, v in ids if k.startswith(_COIN) and v),
        births=tuple(d for d in map(date, texts(element, "dateOfBirthList/dateOfBirthItem/dateOfBirth")) if d),
        birth_places=texts(element, "placeOfBirthList/placeOfBirthItem/placeOfBirth"),
        countries=texts(element, "nationalityList/nationality/country")
        + texts(element, "citizenshipList/citizenship/country"),
        positions=texts(element, "title"),
        ids=tuple((k, v) for k, v in ids if v and not k.startswith((_COIN, "Email", "Vessel Registration"))),
        imo=imo_numbers(" ".join(v for k, v in ids if "IMO" in v or k.startswith("Vessel Registration"))),
        flags=texts(element, "vesselInfo/vesselFlag"),
        emails=mails(v for k, v in ids if k.startswith("Email")),
        programs=texts(element, "programList/program"),
        source="https://sanctionssearch.ofac.treas.gov/Details.aspx?id=" + uid,
    )
