"""Let what is known besides the name raise or lower a score, and say so.

Nationality, ethnicity and the language of a name never raise a score: a country that contradicts may lower it, one that
agrees changes nothing.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from bongsu.screen.compare import scoring
from bongsu.screen.entry import Entry, Kind
from bongsu.screen.fold import tokens

if TYPE_CHECKING:
    from bongsu.screen.query import Query

Finding = tuple[float, str]
_COUNTRIES = {
    "kp": {"kp", "dprk", "prk", "korea north", "north korea", "democratic peoples republic of korea"},
    "kr": {"kr", "kor", "korea south", "south korea", "republic of korea"},
    "cn": {"cn", "chn", "china", "peoples republic of china"},
    "ru": {"ru", "rus", "russia", "russian federation"},
    "us": {"us", "usa", "united states", "united states of america"},
    "jp": {"jp", "jpn", "japan"},
    "gb": {"gb", "uk", "united kingdom", "great britain"},
}


def weigh(query: Query, entry: Entry) -> tuple[list[Finding], list[Finding]]:
    """Return the factors that raise and those that lower, each with its sentence."""
    factors = scoring()["evidence"]
    found: list[Finding] = []
    found += _births(query, entry)
    found += _shared(query.birth_places, entry.birth_places, factors["birth_place_same"], "place of birth")
    found += _shared(query.positions, entry.positions, factors["position_same"], "position")
    own = {compact(number) for number in query.ids} - {""}
    for kind, number in entry.ids:
        if compact(number) in own:
            found.append((factors["document_same"], f"{kind} {number} is listed"))
    for mail in query.emails:
        if mail.lower() in entry.emails:
            found.append((factors["email_same"], f"e-mail {mail} is listed"))
    found += _imo(query, entry)
    if query.flags and entry.flags and not _countries(query.flags) & _countries(entry.flags):
        found.append((factors["flag_other"], f"flag {query.flags[0]} against {', '.join(entry.flags)}"))
    if query.countries and entry.countries and not _countries(query.countries) & _countries(entry.countries):
        said = f"country {', '.join(query.countries)} is not among the entry's ({', '.join(entry.countries[:3])})"
        found.append((factors["country_other"], said))
    if not _compatible(query.kind, entry.kind):
        found.append((factors["kind_other"], f"a {query.kind} is asked for, the entry is a {entry.kind}"))
    return [f for f in found if f[0] > 1], [f for f in found if f[0] < 1]


def combined(score: float, findings: list[Finding]) -> float:
    """Return the score after multiplying its odds by all factors."""
    if not findings or score <= 0:
        return score
    log_odds = math.log(score / max(1 - score, 1e-9)) + sum(math.log(f) for f, _ in findings)
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def compact(number: str) -> str:
    """Return a document number without blanks and punctuation, upper case; too short ones say nothing."""
    short = re.sub(r"[^0-9A-Za-z]", "", number).upper()
    return short if len(short) >= 5 else ""


def _births(query: Query, entry: Entry) -> list[Finding]:
    if not query.births or not entry.births:
        return []
    factors = scoring()["evidence"]
    best: Finding | None = None
    for own in query.births:
        for listed in entry.births:
            shared = min(len(own), len(listed))
            if own[:4] != listed[:4]:
                near = abs(int(own[:4]) - int(listed[:4])) == 1
                said = (factors["birth_near_year" if near else "birth_other_year"], f"born {own}, listed {listed}")
            elif shared >= 10 and own == listed:
                said = (factors["birth_same_day"], f"born on the listed day, {listed}")
            elif own[:shared] == listed[:shared]:
                said = (factors["birth_same_year"], f"born {own}, listed {listed}: they agree as far as they are known")
            else:
                said = (factors["birth_other_day"], f"born {own}, listed {listed}: another day of that year")
            best = said if best is None or said[0] > best[0] else best
    return [best] if best else []


def _shared(own: tuple[str, ...], listed: tuple[str, ...], factor: float, what: str) -> list[Finding]:
    words = {w for text in listed for w in tokens(text) if len(w) > 3}
    for text in own:
        asked = {w for w in tokens(text) if len(w) > 3} - _country_words()
        if asked and asked & words:
            return [(factor, f"{what} {text!r} agrees")]
    return []


def _country_words() -> set[str]:
    return {w for names in _COUNTRIES.values() for name in names for w in name.split()}


def _imo(query: Query, entry: Entry) -> list[Finding]:
    factors = scoring()["evidence"]
    if not query.imo or not entry.imo:
        return []
    shared = set(query.imo) & set(entry.imo)
    if shared:
        return [(factors["imo_same"], f"IMO number {shared.pop()} is listed")]
    return [(factors["imo_other"], f"IMO number {query.imo[0]} against {', '.join(entry.imo)}")]


def _countries(texts: tuple[str, ...]) -> set[str]:
    found = set()
    for text in texts:
        plain = " ".join(tokens(text))
        found.add(next((code for code, names in _COUNTRIES.items() if plain in names), plain))
    return found


def _compatible(asked: Kind, listed: Kind) -> bool:
    loose = {Kind.UNKNOWN, Kind.WALLET}
    return asked is listed or asked in loose or listed in loose
