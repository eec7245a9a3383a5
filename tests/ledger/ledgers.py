"""Small ledgers for tests, written as a person would write them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bongsu.ledger.files import shipped, write_folder
from bongsu.ledger.records import Actor, Aggregate, Claim, Incident, Ledger, Price, Publisher, Relation
from bongsu.ledger.when import parse_period

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHERS = {
    p.id: p
    for p in (
        Publisher("gov", "A Government", "government", "", ""),
        Publisher("un-panel", "The Panel", "un-panel", "", ""),
        Publisher("vendor", "A Vendor", "vendor", "", ""),
        Publisher("someone", "Someone", "researcher", "", ""),
    )
}
ACTORS = {
    "dprk": Actor("dprk", "DPRK", "", "state", "", (), "", ""),
    "lazarus-group": Actor("lazarus-group", "Lazarus Group", "dprk", "group", "G0032", ("HIDDEN COBRA",), "", ""),
}


def claim(incident: str, kind: str, publisher: str = "gov", on: str = "2020-01-01", **more: Any) -> Claim:
    given: dict[str, Any] = {
        "id": f"{incident}.{kind}.{publisher}.{on}".replace("_", "-"),
        "value": None,
        "low": None,
        "high": None,
        "unit": "",
        "valuation": "unstated" if kind == "loss_usd" else "",
        "text": "",
        "document": "A statement",
        "basis": "government",
        "confidence": 85,
        "url": "https://example.org/statement",
        "via": "",
        "note": "",
    }
    for name in ("value", "low", "high"):
        if name in more:
            more[name] = Decimal(str(more[name]))
    given |= more
    return Claim(incident=incident, kind=kind, publisher=publisher, published_on=parse_period(on), **given)


def loss(incident: str, value: object, publisher: str = "gov", on: str = "2020-01-01", **more: Any) -> Claim:
    return claim(incident, "loss_usd", publisher, on, value=value, unit="USD", **more)


def who(incident: str, publisher: str = "gov", on: str = "2020-01-01", **more: Any) -> Claim:
    return claim(incident, "attribution", publisher, on, text="dprk", **more)


def day(incident: str, text: str, publisher: str = "gov", on: str = "2020-01-01", **more: Any) -> Claim:
    return claim(incident, "date", publisher, on, text=text, **more)


def theft(key: str = "a", value: object = 100, when: str = "2019-05-01", publisher: str = "gov") -> list[Claim]:
    return [day(key, when, publisher), loss(key, value, publisher), who(key, publisher)]


def ledger(
    *claims: Claim,
    relations: tuple[Relation, ...] = (),
    aggregates: tuple[Aggregate, ...] = (),
    prices: tuple[Price, ...] = (),
    **incidents: Incident,
) -> Ledger:
    known = {c.incident: Incident(c.incident, f"Victim {c.incident}", "KR", "exchange", "crypto", "") for c in claims}
    known |= {i.id: i for i in incidents.values()}
    return Ledger(known, claims, relations, aggregates, prices, dict(PUBLISHERS), dict(ACTORS))


def bank(key: str) -> Incident:
    return Incident(key, "A bank", "KR", "bank", "bank", "")


def relation(one: str, kind: str, other: str, confidence: int = 85, on: str = "2020-01-01") -> Relation:
    url = "https://example.org/relation"
    return Relation(f"{one}.{kind}.{other}", one, kind, other, "gov", "A list", parse_period(on), confidence, url, "")


def aggregate(key: str = "total", **more: Any) -> Aggregate:
    given: dict[str, Any] = {
        "publisher": "un-panel",
        "document": "A report",
        "published_on": parse_period("2024-03-07"),
        "since": parse_period("2017"),
        "until": parse_period("2023"),
        "count": None,
        "usd": Decimal(1000),
        "low": None,
        "high": None,
        "qualifier": "exactly",
        "rule": "un-panel",
        "part_of": "",
        "restates": "",
        "url": "https://example.org/report",
        "via": "",
        "note": "",
    }
    return Aggregate(id=key, **(given | more))


def copy_of_shipped(folder: Path) -> Path:
    """Write the shipped ledger anew, for tests that break it."""
    folder.mkdir()
    for path in shipped().iterdir():
        if path.suffix in {".csv", ".toml"}:
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def written(book: Ledger, folder: Path) -> Path:
    write_folder(book, folder)
    return folder


__all__ = [
    "aggregate",
    "bank",
    "claim",
    "copy_of_shipped",
    "day",
    "ledger",
    "loss",
    "relation",
    "replace",
    "theft",
    "who",
    "written",
]
