"""Value a loss ourselves: native units times the price on the day of the theft, beside the published figure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bongsu.ledger.standing import ZERO, grouped, standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bongsu.ledger.records import Claim, Ledger, Price

PEGGED = {"USDT": "Tether", "USDC": "USD Coin"}
"""Tokens taken at one dollar, as their issuers promise; the answer says so."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of an asset, and their price where we have a sourced one."""

    claim: Claim
    price: Decimal | None
    source: str

    @property
    def usd(self) -> Decimal | None:
        """Dollars, where there is a price."""
        return None if self.price is None or self.claim.value is None else self.claim.value * self.price


@dataclass(frozen=True, slots=True)
class Valuation:
    """Our valuation of one incident from one document's native units."""

    incident: str
    day: str
    document: str
    parts: tuple[Part, ...]
    published: Claim | None

    @property
    def complete(self) -> bool:
        """Whether every part has a price."""
        return all(p.usd is not None for p in self.parts)

    @property
    def usd(self) -> Decimal:
        """Dollars of the parts that have a price."""
        return sum((p.usd for p in self.parts if p.usd is not None), ZERO)

    @property
    def difference(self) -> Decimal | None:
        """Ours less the published figure; only where ours is complete."""
        if not self.complete or self.published is None or self.published.value is None:
            return None
        return self.usd - self.published.value


def valuations(ledger: Ledger, as_of: date) -> list[Valuation]:
    """Value every incident of whose native units at least one has a price; one valuation for each document."""
    prices = {(p.asset, p.day.text): p for p in ledger.prices}
    claims, relations = grouped(ledger)
    found = []
    for key in ledger.incidents:
        known = [c for c in claims[key] if c.kind == "loss_native" and c.published_on.last <= as_of]
        now = standing(ledger, key, claims[key], relations[key], as_of)
        if not known or now.date is None:
            continue
        documents: dict[str, list[Claim]] = defaultdict(list)
        for claim in known:
            documents[claim.document].append(claim)
        for document, group in documents.items():
            parts = tuple(_part(c, now.date.text, prices) for c in group)
            if any(p.price is not None for p in parts):
                found.append(Valuation(key, now.date.text, document, parts, now.loss))
    return found


def _part(claim: Claim, day: str, prices: Mapping[tuple[str, str], Price]) -> Part:
    price = prices.get((claim.unit, day))
    if price is not None:
        return Part(claim, price.usd, f"{price.source}, {price.url}")
    if claim.unit in PEGGED:
        return Part(claim, Decimal(1), f"taken at one dollar, as the issuer of {PEGGED[claim.unit]} promises")
    return Part(claim, None, "")


def document(found: list[Valuation]) -> list[dict[str, Any]]:
    """Return valuations as JSON values."""
    return [
        {
            "incident": v.incident,
            "day": v.day,
            "native_units_from": v.document,
            "parts": [
                {
                    "asset": p.claim.unit,
                    "amount": _text(p.claim.value),
                    "price_usd": _text(p.price),
                    "usd": _cents(p.usd),
                    "price_source": p.source or None,
                    "claim": p.claim.id,
                }
                for p in v.parts
            ],
            "complete": v.complete,
            "usd": _cents(v.usd),
            "published_usd": _text(v.published.value if v.published else None),
            "published_claim": v.published.id if v.published else None,
            "difference_usd": _cents(v.difference),
        }
        for v in found
    ]


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _cents(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
