"""Venues: those who can act on stolen value - exchanges, token issuers, bridges, swappers, hosts - as data files.

A profile says how a venue is reached, what it can do, what it wants to see, and who says so since when. Profiles are
TOML files in venues/; a profile that is wrong is worse than none, so every statement names its source.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bongsu.model.asset import Asset


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue's profile.

    Attributes:
        id: as labels name their actor ("binance") and as its folder of requests is called.
        name: the name in letters.
        kind: issuer, exchange, bridge, swapper, mixer or host.
        powers: what it can do: freeze, preserve, disclose, warn. Empty: nobody can be asked for anything.
        issues: the tokens it issues, as "chain:symbol".
        channel: where a request goes, in words or as an address; empty where nobody has said.
        language: ISO 639-1 codes of the languages it reads.
        hours: when its desk works; empty where nobody has said.
        answer: how long it usually takes, in words; empty where nobody has said.
        demands: what it wants to see in a request.
        remarks: what to know before asking.
        sources: where all this is said.
        as_of: ISO date on which the profile was checked.
        known: False for a venue that only a label names.
    """

    id: str
    name: str
    kind: str
    powers: tuple[str, ...]
    issues: tuple[str, ...] = ()
    channel: str = ""
    language: tuple[str, ...] = ("en",)
    hours: str = ""
    answer: str = ""
    demands: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    as_of: str = ""
    known: bool = True

    @property
    def can_act(self) -> bool:
        """Whether there is anything to ask of it."""
        return bool(self.powers)


_POWERS_BY_KIND = {
    "exchange": ("freeze", "preserve", "disclose"),
    "bridge": ("preserve", "disclose", "warn"),
    "swapper": ("preserve", "disclose", "warn"),
    "host": ("preserve", "disclose"),
    "mixer": (),
}
"""What a venue without a profile can be asked for, by the kind that its label says."""


@cache
def venues() -> dict[str, Venue]:
    """Return every profile by id."""
    folder = files(__package__).joinpath("venues")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            venue = _profile(tomllib.loads(entry.read_text(encoding="utf-8")))
            found[venue.id] = venue
    return found


def venue(venue_id: str, kind: str) -> Venue:
    """Return the profile of a labelled owner, or a bare one made from what the label says."""
    known = venues().get(venue_id)
    return known or Venue(venue_id, venue_id, kind, _POWERS_BY_KIND.get(kind, ()), known=False)


def issuer(asset: Asset) -> Venue | None:
    """Return the venue that issues a token; None for a coin that nobody issues or an issuer that is not known here."""
    token = f"{asset.chain}:{asset.symbol}"
    return next((v for v in venues().values() if token in v.issues), None)


def _profile(row: dict[str, Any]) -> Venue:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Venue(**fields)
