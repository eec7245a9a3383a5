"""Venues: those who can act on stolen value - exchanges, token issuers, bridges, swappers, hosts - as data files.

A profile says how a venue is reached, what it can do, what it wants to see, and who says so since when. Profiles are
TOML files in venues/. A wrong profile is worse than none, so every statement names its source (docs/requests.md).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bongsu.chain.assets import well_known
from bongsu.chain.table import parse_toml
from bongsu.errors import RecordError, SourceError
from bongsu.model.chain import chains
from bongsu.respond.fields import from_table
from bongsu.respond.hours import later, read_hours
from bongsu.respond.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.model.asset import Asset

POWERS = ("freeze", "preserve", "disclose", "takedown", "suspend", "warn")
"""What a venue can be asked for, in the order in which letters ask."""
FORMATS = ("txt", "docx", "pdf")
"""In which a letter is made."""
KINDS = ("issuer", "exchange", "bridge", "swapper", "mixer", "host")


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue's profile.

    Attributes:
        id: as labels name their actor ("binance") and as its folder of requests is called.
        name: the name in letters.
        kind: issuer, exchange, bridge, swapper, mixer or host.
        powers: what it can do (see POWERS). Empty: nobody can be asked for anything.
        issues: the tokens it issues, as "chain:symbol".
        channel: where a request goes, in words or as an address; empty where nobody has said.
        language: ISO 639-1 codes of the languages it reads; in these it is written to.
        formats: endings of the formats in which it wants a letter; empty where nobody has said: then all are sent.
        hours: when its desk works, like "Mon-Fri 09:00-18:00 Asia/Seoul"; empty where nobody has said.
        answer: how long it usually takes, in words; empty where nobody has said.
        answer_within: the same for the clock, like "15 business days"; empty where nobody has said.
        demands: what it wants to see in a request, by the names of demands.toml.
        remarks: what to know before asking.
        sources: where all this is said.
        as_of: ISO date on which the profile was checked.
        known: False for a venue that only a label names.
        name_ko: the name in Korean letters, where it differs.
        addressee: whom a letter must name, where the venue says so.
        aliases: other ids under which labels name it.
        said: by field, the numbers (from 1) of the sources that say it; for remarks one number each, in order.
    """

    id: str
    name: str
    kind: str
    powers: tuple[str, ...]
    issues: tuple[str, ...] = ()
    channel: str = ""
    language: tuple[str, ...] = ("en",)
    formats: tuple[str, ...] = ()
    hours: str = ""
    answer: str = ""
    answer_within: str = ""
    demands: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    as_of: str = ""
    known: bool = True
    name_ko: str = ""
    addressee: str = ""
    aliases: tuple[str, ...] = ()
    said: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)

    @property
    def can_act(self) -> bool:
        """Whether there is anything to ask of it."""
        return bool(self.powers)


@dataclass(frozen=True, slots=True)
class Demand:
    """Something a venue wants to see, by language, and what meets it (demands.toml)."""

    id: str
    en: str
    ko: str
    ja: str
    met_by: tuple[str, ...]

    def text(self, language: str) -> str:
        """Return it in a language of letters."""
        said: str = getattr(self, language)
        return said


_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""Names that Windows keeps for devices."""
_POWERS_BY_KIND = {
    "exchange": ("freeze", "preserve", "disclose"),
    "bridge": ("preserve", "disclose", "warn"),
    "swapper": ("preserve", "disclose", "warn"),
    "host": ("preserve", "disclose", "suspend"),
    "mixer": (),
}
"""What a venue without a profile can be asked for, by the kind that its label says."""

_STATED = ("issues", "formats", "channel", "hours", "answer", "answer_within", "demands", "remarks", "addressee")
"""Fields that must name a source wherever they say something; powers must too, unless they follow from the kind."""
_REQUIRED = ("id", "name", "kind", "powers", "sources", "as_of", "said")
_HINT = "docs/requests.md shows a whole profile"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


@cache
def venues() -> dict[str, Venue]:
    """Return every profile by id."""
    folder = files(__package__).joinpath("venues")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            profile = read_profile(entry.read_text(encoding="utf-8"), f"venues/{entry.name}")
            found[profile.id] = profile
    return found


@cache
def demands() -> dict[str, Demand]:
    """Return every demand by its name."""
    source = "demands.toml"
    table = parse_toml(files(__package__).joinpath(source).read_text(encoding="utf-8"), source)
    return {
        key: from_table(Demand, {"id": key, **row}, source, ("en", "ko", "ja", "met_by"), _HINT)
        for key, row in table.items()
    }


@cache
def _aliases() -> dict[str, str]:
    return {alias: profile.id for profile in venues().values() for alias in (profile.id, *profile.aliases)}


def venue(owner: str, kind: str) -> Venue:
    """Return the profile of a labelled owner, or a bare one made from what the label says."""
    name = folder_name(owner)
    known = venues().get(_aliases().get(name, ""))
    return known or Venue(name, owner, kind, _POWERS_BY_KIND.get(kind, ()), known=False)


def folder_name(owner: str) -> str:
    """Return a name that every file system takes, and that no two owners share, from what a label calls a venue."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", owner.lower(), flags=re.ASCII).strip("-.")[:60]
    if plain and plain == owner.lower() and plain not in _RESERVED:
        return plain
    return f"{plain or 'venue'}-{hashlib.sha256(owner.lower().encode()).hexdigest()[:8]}"


def issuer(asset: Asset) -> Venue | None:
    """Return the venue that issues a token.

    None for a coin that nobody issues, for an issuer that is not known here, and for a token of the same name from
    another contract than the well-known one: its issuer could do nothing about it.
    """
    token = f"{asset.chain}:{asset.symbol}"
    genuine = well_known().get((asset.chain, asset.symbol))
    if genuine is not None and asset.contract not in {None, genuine.contract}:
        return None
    return next((v for v in venues().values() if token in v.issues), None)


def read_profile(text: str, source: str) -> Venue:
    """Read one profile.

    Args:
        text: TOML.
        source: the file's name; the profile's id must be what stands before ".toml".

    Raises:
        SourceError: a key is unknown or missing, a value is not of its kind, or a statement names no source.
    """
    row = parse_toml(text, source)
    if "known" in row:
        raise SourceError("'known' is not known", source=source, hint="a profile that is written down is known")
    profile = from_table(Venue, {**row, "said": _said(row.get("said"), source)}, source, _REQUIRED, _HINT)
    for fault in _faults(profile, source):
        raise SourceError(fault, source=source, hint=_HINT)
    return profile


def _said(value: Any, source: str) -> dict[str, tuple[int, ...]]:
    if not isinstance(value, dict):
        raise SourceError("[said] is missing", source=source, hint=_HINT)
    for key, numbers in value.items():
        if not isinstance(numbers, list) or not all(type(n) is int for n in numbers):
            raise SourceError(f"{key!r} in [said] must be a list of source numbers", source=source, hint=_HINT)
    return {key: tuple(numbers) for key, numbers in value.items()}


def _faults(profile: Venue, source: str) -> list[str]:
    """Return what is wrong with a profile whose keys and types are right."""
    found = []
    if not source.endswith(f"{profile.id}.toml"):
        found.append(f"the id {profile.id!r} is not the file's name")
    if profile.kind not in KINDS:
        found.append(f"kind {profile.kind!r} is none of {', '.join(KINDS)}")
    found += [f"power {power!r} is none of {', '.join(POWERS)}" for power in profile.powers if power not in POWERS]
    found += [f"token {t!r} is not chain:symbol on a known chain" for t in profile.issues if not _is_token(t)]
    found += [f"language {x!r} is none of {', '.join(LANGUAGES)}" for x in profile.language if x not in LANGUAGES]
    found += [f"format {x!r} is none of {', '.join(FORMATS)}" for x in profile.formats if x not in FORMATS]
    found += [f"demand {name!r} is not in demands.toml" for name in profile.demands if name not in demands()]
    try:
        hours = read_hours(profile.hours)
        if profile.answer_within:
            later(datetime(2026, 1, 1, tzinfo=UTC), profile.answer_within, hours)
    except RecordError as error:
        found.append(error.message)
    if not _DATE.match(profile.as_of):
        found.append(f"as_of {profile.as_of!r} is no date like 2026-11-23")
    return found + _unsourced(profile)


def _unsourced(profile: Venue) -> list[str]:
    said, count = profile.said, len(profile.sources)
    found = [] if count else ["there is no source"]
    must = [name for name in _STATED if getattr(profile, name)]
    if not set(profile.powers) <= set(_POWERS_BY_KIND.get(profile.kind, ())):
        must.append("powers")
    found += [f"{name!r} names no source in [said]" for name in must if not said.get(name)]
    found += [f"{name!r} in [said] is no field that needs a source" for name in said if name not in (*must, "powers")]
    used = {number for numbers in said.values() for number in numbers}
    found += [f"[said] names source {n}, but there are {count}" for n in sorted(used) if not 1 <= n <= count]
    found += [f"source {n} says nothing in [said]" for n in range(1, count + 1) if n not in used]
    if len(said.get("remarks", ())) != len(profile.remarks):
        found.append("'remarks' in [said] must name one source for each remark")
    return found


def _is_token(text: str) -> bool:
    on, _, symbol = text.partition(":")
    return on in chains() and bool(symbol)
