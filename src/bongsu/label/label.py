"""A label: one publisher's statement whom an address belongs to."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bongsu.model.address import Address


@dataclass(frozen=True, slots=True)
class Label:
    """One label.

    Attributes:
        address: whose label it is.
        text: what people read: "Bybit reserve wallets".
        actor: id of the owner, as venue profiles are named ("binance"); empty where the publisher gives none.
        category: the publisher's word of the INTERPOL or GraphSense taxonomy; empty where there is none.
        source: where the publisher has it from.
        confidence: the publisher's word for how sure it is; empty where there is none.
        lastmod: date of the statement, ISO 8601; empty where there is none.
    """

    address: Address
    text: str
    actor: str
    category: str
    source: str
    confidence: str
    lastmod: str

    @property
    def venue_kind(self) -> str | None:
        """Kind of venue (exchange, bridge, swapper, mixer, host) where this category ends a trace; else None."""
        return venue_kinds().get(self.category)

    @property
    def venue(self) -> str:
        """The venue's id: its actor, or the label where no actor is named."""
        return self.actor or self.text


@cache
def venue_kinds() -> dict[str, str]:
    """Return the kind of venue for each category that ends a trace."""
    return tomllib.loads(files(__package__).joinpath("categories.toml").read_text(encoding="utf-8"))
