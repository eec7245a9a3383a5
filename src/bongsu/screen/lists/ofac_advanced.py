"""OFAC's SDN_ADVANCED.XML: reference values first, then parties with aliases in several scripts and features.

Source: https://ofac.treasury.gov/media/10391/download (explanatory documentation of the advanced data model)
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, elements, imo_numbers, local

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_COIN = "Digital Currency Address"
_ALIASES = {"1400": "a.k.a.", "1401": "f.k.a.", "1402": "n.k.a.", "1403": "name"}
_SUBTYPES = {"1": Kind.VESSEL, "2": Kind.AIRCRAFT, "3": Kind.ORGANISATION, "4": Kind.PERSON}
_VALUES = ("FeatureType", "AliasType", "IDRegDocType", "NamePartType")
_LAST_NAME = "Last Name"


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of SDN_ADVANCED.XML.

    The documents (IMO numbers, passports) stand before the parties, the programmes behind them; the file is
    read twice, so
    that an entry carries both.
    """
    values: dict[str, dict[str, str]] = defaultdict(dict)
    details: dict[str, str] = {}
    documents: dict[str, list[tuple[str, str]]] = defaultdict(list)
    programs: dict[str, list[str]] = defaultdict(list)
    for element in elements(path, *_VALUES, "DetailReference", "IDRegDocument", "SanctionsEntry"):
        if element.tag == "DetailReference":
            details[element.get("ID", "")] = clean(element.text)
        elif element.tag == "IDRegDocument":
            number = next((clean(e.text) for e in element.iter() if local(e.tag) == "IDRegistrationNo"), "")
            documents[element.get("IdentityID", "")].append((element.get("IDRegDocTypeID", ""), number))
        elif element.tag == "SanctionsEntry":
            found = [clean(e.text) for e in element.iter() if local(e.tag) == "Comment" and clean(e.text)]
            programs[element.get("ProfileID", "")] += found
        else:
            values[element.tag][element.get("ID", "")] = clean(element.text)
    for element in elements(path, "DistinctParty"):
        for child in element.iter():
            child.tag = local(child.tag)
        entry = _entry(list_id, element, values, details, documents, programs)
        if entry is None:
            rejected.append(f"{path.name}: DistinctParty {element.get('FixedRef', '')[:20]!r} has no name")
        else:
            yield entry


def _entry(
    list_id: str,
    party: ET.Element,
    values: dict[str, dict[str, str]],
    details: dict[str, str],
    documents: dict[str, list[tuple[str, str]]],
    programs: dict[str, list[str]],
) -> Entry | None:
    profile = party.find("Profile")
    if profile is None:
        return None
    uid = party.get("FixedRef") or profile.get("ID", "")
    names = sorted(_names(profile, values), key=lambda name: name.field != "name")
    if not names or not uid:
        return None
    features = [
        (values["FeatureType"].get(f.get("FeatureTypeID", ""), ""), _value(f, details), f)
        for f in party.iter("Feature")
    ]
    papers = [
        (values["IDRegDocType"].get(kind, "document"), number)
        for identity in profile.iterfind("Identity")
        for kind, number in documents.get(identity.get("ID", ""), ())
        if number
    ]
    return Entry(
        list=list_id,
        id=uid,
        kind=_SUBTYPES.get(profile.get("PartySubTypeID", ""), Kind.UNKNOWN),
        names=tuple(dict.fromkeys(names)),
        wallets=tuple(
            dict.fromkeys(Wallet(t.rpartition("-")[2].strip(), v) for t, v, _ in features if t.startswith(_COIN) and v)
        ),
        births=tuple(dict.fromkeys(d for t, _, f in features if t == "Birthdate" and (d := _birth(f)))),
        birth_places=tuple(v for t, v, _ in features if t == "Place of Birth" and v),
        ids=tuple((k, v) for k, v in papers if "IMO" not in v),
        imo=imo_numbers(" ".join(v for _, v in papers if "IMO" in v)),
        flags=tuple(v for t, v, _ in features if "Flag" in t and v),
        emails=tuple(v.lower() for t, v, _ in features if t == "Email Address" and v),
        programs=tuple(dict.fromkeys(programs.get(profile.get("ID", ""), ()))),
        source="https://sanctionssearch.ofac.treas.gov/Details.aspx?id=" + uid,
    )


def _names(profile: ET.Element, values: dict[str, dict[str, str]]) -> Iterator[Name]:
    for identity in profile.iterfind("Identity"):
        groups = {
            group.get("ID", ""): values["NamePartType"].get(group.get("NamePartTypeID", ""), "")
            for group in identity.iter("NamePartGroup")
        }
        for alias in identity.iterfind("Alias"):
            kind = values["AliasType"].get(alias.get("AliasTypeID", "")) or _ALIASES.get(
                alias.get("AliasTypeID", ""), ""
            )
            primary = alias.get("Primary") == "true"
            for number, documented in enumerate(alias.iterfind("DocumentedName")):
                parts = [
                    (groups.get(p.get("NamePartGroupID", ""), ""), clean(p.text))
                    for p in documented.iter("NamePartValue")
                ]
                last = " ".join(text for kind_, text in parts if kind_ == _LAST_NAME and text)
                rest = " ".join(text for kind_, text in parts if kind_ != _LAST_NAME and text)
                text = f"{last}, {rest}" if last and rest else last or rest
                if text:
                    field = "name" if primary and number == 0 else f"alias ({kind.lower() or 'other script'})"
                    yield Name(text, field, alias.get("LowQuality") == "true")


def _value(feature: ET.Element, details: dict[str, str]) -> str:
    for detail in feature.iter("VersionDetail"):
        text = clean(detail.text) or details.get(detail.get("DetailReferenceID", ""), "")
        if text:
            return text
    return ""


def _birth(feature: ET.Element) -> str:
    start = feature.find(".//DatePeriod/Start/From")
    end = feature.find(".//DatePeriod/End/To")
    if start is None:
        return ""
    year, month, day = (clean(start.findtext(t)) for t in ("Year", "Month", "Day"))
    if not year.isdigit():
        return ""
    last = [clean(end.findtext(t)) for t in ("Year", "Month", "Day")] if end is not None else [year, month, day]
    if last != [year, month, day]:  # a whole year is written from its first to its last day
        return year
    return f"{year}-{month:0>2}-{day:0>2}" if month and day else year
