"""OFAC's SDN_ADVANCED.XML: reference values first, then parties with aliases in several scripts and features.

Source: https://ofac.treasury.gov/media/10391/download (explanatory documentation of the advanced data model)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bongsu.screen.entry import Entry, Kind, Name, Wallet
from bongsu.screen.lists.common import clean, date, elements, imo_numbers, local, mails, texts

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Iterator
    from pathlib import Path

_COIN = "Digital Currency Address"
_ALIASES = {"1400": "a.k.a.", "1401": "f.k.a.", "1402": "n.k.a.", "1403": "name"}
_KINDS = {
    "Vessel": Kind.VESSEL,
    "Aircraft": Kind.AIRCRAFT,
    "Entity": Kind.ORGANISATION,
    "Individual": Kind.PERSON,
}
_SUBTYPES = {"1": "Vessel", "2": "Aircraft", "3": "Entity", "4": "Individual"}
"""What the subtypes of parties have always meant, where a file does not carry them as values."""
_VALUES = ("FeatureType", "AliasType", "IDRegDocType", "NamePartType", "Country", "PartyType")
_COUNTRY_FEATURES = ("Nationality Country", "Citizenship Country", "Nationality of Registration")
_LAST_NAME = "Last Name"


@dataclass(slots=True)
class _References:
    """What stands outside the parties and is pointed at from within them."""

    values: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    subtypes: dict[str, str] = field(default_factory=lambda: dict(_SUBTYPES))
    details: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    documents: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    programs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[str, str] = field(default_factory=dict)


def read(list_id: str, path: Path, rejected: list[str]) -> Iterator[Entry]:
    """Yield the entries of SDN_ADVANCED.XML.

    The documents (IMO numbers, passports) and places stand before the parties, the programmes behind them; the file is
    read twice, so that an entry carries all.
    """
    references = _references(path)
    for element in elements(path, "DistinctParty"):
        for child in element.iter():
            child.tag = local(child.tag)
        entry = _entry(list_id, element, references)
        if entry is None:
            rejected.append(f"{path.name}: DistinctParty {element.get('FixedRef', '')[:20]!r} has no name")
        else:
            yield entry


def _references(path: Path) -> _References:
    found = _References()
    names = ("PartySubType", "DetailReference", "Location", "IDRegDocument", "SanctionsEntry")
    for element in elements(path, *_VALUES, *names):
        for child in element.iter():
            child.tag = local(child.tag)
        key = element.get("ID", "")
        if element.tag == "DetailReference":
            found.details[key] = clean(element.text)
        elif element.tag == "PartySubType":
            name = clean(element.text)
            found.subtypes[key] = (
                found.values["PartyType"].get(element.get("PartyTypeID", ""), name) if (name == "Unknown") else name
            )
        elif element.tag == "Location":
            found.places[key] = _place(element, found.values["Country"])
        elif element.tag == "IDRegDocument":
            number = clean(element.findtext("IDRegistrationNo"))
            found.documents[element.get("IdentityID", "")].append((element.get("IDRegDocTypeID", ""), number))
        elif element.tag == "SanctionsEntry":
            profile = element.get("ProfileID", "")
            found.programs[profile] += texts(element, "SanctionsMeasure/Comment")
            when = element.find("EntryEvent/Date")
            if when is not None and profile not in found.listed:
                found.listed[profile] = _day(when)
        else:
            found.values[element.tag][key] = clean(element.text)
    return found


def _place(element: ET.Element, countries: dict[str, str]) -> str:
    """Return a location's country, or the text that stands for one."""
    country = element.find("LocationCountry")
    if country is not None:
        return countries.get(country.get("CountryID", ""), "")
    return next(iter(texts(element, "LocationPart/LocationPartValue/Value")), "")


def _entry(list_id: str, party: ET.Element, known: _References) -> Entry | None:
    profile = party.find("Profile")
    if profile is None:
        return None
    uid = party.get("FixedRef") or profile.get("ID", "")
    names = sorted(_names(profile, known.values), key=lambda name: name.field != "name")
    if not names or not uid:
        return None
    features = [
        (known.values["FeatureType"].get(f.get("FeatureTypeID", ""), ""), _value(f, known), f)
        for f in party.iter("Feature")
    ]
    papers = [
        (known.values["IDRegDocType"].get(kind, "document"), number)
        for identity in profile.iterfind("Identity")
        for kind, number in known.documents.get(identity.get("ID", ""), ())
        if number
    ]
    papers += [(t, v) for t, v, _ in features if t == "SWIFT/BIC" and v]
    ships = " ".join(v for k, v in papers if "IMO" in v or k.startswith("Vessel Registration"))
    return Entry(
        list=list_id,
        id=uid,
        kind=_KINDS.get(known.subtypes.get(profile.get("PartySubTypeID", ""), ""), Kind.UNKNOWN),
        names=tuple(dict.fromkeys(names)),
        wallets=tuple(
            dict.fromkeys(Wallet(t.rpartition("-")[2].strip(), v) for t, v, _ in features if t.startswith(_COIN) and v)
        ),
        births=tuple(dict.fromkeys(d for t, _, f in features if t == "Birthdate" and (d := _birth(f)))),
        birth_places=tuple(v for t, v, _ in features if t == "Place of Birth" and v),
        countries=tuple(dict.fromkeys(v for t, v, _ in features if t in _COUNTRY_FEATURES and v)),
        positions=tuple(v for t, v, _ in features if t == "Title" and v),
        ids=tuple((k, v) for k, v in papers if "IMO" not in v),
        imo=imo_numbers(ships),
        flags=tuple(v for t, v, _ in features if t == "Vessel Flag" and v),
        emails=mails(v for t, v, _ in features if t == "Email Address"),
        programs=tuple(dict.fromkeys(known.programs.get(profile.get("ID", ""), ()))),
        listed_on=known.listed.get(profile.get("ID", ""), ""),
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
                    where = "name" if primary and number == 0 else f"alias ({kind.lower() or 'other script'})"
                    yield Name(text, where, alias.get("LowQuality") == "true")


def _value(feature: ET.Element, known: _References) -> str:
    """Return what a feature says: its text, the value that it refers to, or the place."""
    for detail in feature.iter("VersionDetail"):
        text = clean(detail.text) or known.details.get(detail.get("DetailReferenceID", ""), "")
        if text:
            return text
    for place in feature.iter("VersionLocation"):
        if text := known.places.get(place.get("LocationID", ""), ""):
            return text
    return ""


def _birth(feature: ET.Element) -> str:
    start = feature.find(".//DatePeriod/Start/From")
    end = feature.find(".//DatePeriod/End/To")
    if start is None:
        return ""
    day = _day(start)
    return day if end is None or _day(end) == day else day[:4]  # a year is written from its first to its last day


def _day(element: ET.Element) -> str:
    year, month, day = (clean(element.findtext(t)) for t in ("Year", "Month", "Day"))
    return date(f"{year}-{month}-{day}" if month and day else year)
