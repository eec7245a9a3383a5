"""What a case takes from a trace: what was stolen, what stands where, and a packet for each venue that can act."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bongsu.respond.assessment import assess
from bongsu.respond.officer import Officer, read_officer
from bongsu.respond.packet import Packet, packet
from bongsu.respond.request import requests
from bongsu.trace.case import Case, find_case, read_case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from bongsu.model.asset import Asset
    from bongsu.respond.assessment import Assessment, Holding
    from bongsu.respond.request import Request

_INPUTS = "inputs"
_MANIFEST = "manifest.json"
_OFFICER = "officer.toml"


@dataclass(frozen=True, slots=True)
class Assessed:
    """A trace as the log keeps it: JSON rows with amounts in whole units as text.

    Attributes:
        stolen: by asset, what the trace follows and what was published as lost.
        positions: what rests where, largest first.
        packets: by venue, what can be asked of it: asks, items, and by digest the files that go to it ("files") and
            those that stay in the house ("kept").
        contents: the bytes of those files.
    """

    stolen: list[dict[str, Any]]
    positions: list[dict[str, Any]]
    packets: dict[str, dict[str, Any]]
    contents: tuple[bytes, ...]


def read_assessed(name: str, officer: Path | None, prepared_on: date, marking: str = "amber") -> tuple[Case, Assessed]:
    """Read a case folder, a folder that `bongsu respond` wrote, or a shipped case by its name, and assess it.

    Raises:
        SourceError: it is none of these, or cannot be read.
    """
    folder = find_case(name)
    if (folder / _MANIFEST).is_file() and (folder / _INPUTS).is_dir():
        folder /= _INPUTS
        officer = officer or (folder / _OFFICER if (folder / _OFFICER).is_file() else None)
    case = read_case(folder)
    asking = read_officer(officer) if officer else None
    return case, assessed(assess(case), asking, prepared_on, marking)


def assessed(assessment: Assessment, officer: Officer | None, prepared_on: date, marking: str = "amber") -> Assessed:
    """Return what the log keeps of an assessment, with a packet for each venue that can act."""
    packets: dict[str, dict[str, Any]] = {}
    contents: list[bytes] = []
    for request in requests(assessment, officer, prepared_on):
        made = packet(request, marking, draft=False)
        contents += made.files.values()
        packets[request.venue.id] = _packet(request, made)
    rows = [_position(holding, assessment.case) for holding in assessment.holdings]
    return Assessed(_stolen(assessment), rows, packets, tuple(contents))


def _packet(request: Request, made: Packet) -> dict[str, Any]:
    return {
        "venue": request.venue.id,
        "venue_name": request.venue.name,
        "kind": request.venue.kind,
        "asks": list(request.asks),
        "items": [{**_amounts(item.holding), "role": item.role, "freeze": item.freeze} for item in request.items],
        "files": _digests(made.sent),
        "kept": _digests(made.kept),
        "gaps": list(made.blanks),
        "missing": [demand.en for demand, met in request.demands() if not met],
    }


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def _amounts(holding: Holding) -> dict[str, Any]:
    asset = holding.asset
    return {
        "theft": holding.theft,
        "chain": holding.address.chain,
        "asset": asset.symbol,
        "contract": asset.contract or "",
        "address": holding.address.text,
        "low": asset.text(holding.low),
        "high": asset.text(holding.high),
        "upper": asset.text(holding.poison),
    }


def _position(holding: Holding, case: Case) -> dict[str, Any]:
    kind = ""
    if holding.venue is not None:
        kind = next((label.venue_kind for label in case.labels[holding.address] if label.venue_kind), "") or ""
    return {
        **_amounts(holding),
        "venue": holding.venue or "",
        "venue_kind": kind,
        "actors": [actor.venue.id for actor in holding.actors],
    }


def _stolen(assessment: Assessment) -> list[dict[str, Any]]:
    """Return by asset what the trace follows (under fifo; all policies that conserve agree) and what was published."""
    traced: dict[Asset, int] = {}
    for holding in assessment.holdings:
        traced[holding.asset] = traced.get(holding.asset, 0) + holding.by_policy["fifo"]
    published: dict[Asset, int] = {}
    for theft in assessment.case.thefts:
        for loss in theft.losses:
            published[loss.asset] = published.get(loss.asset, 0) + loss.amount
    return [
        {
            "chain": asset.chain,
            "asset": asset.symbol,
            "traced": asset.text(traced.get(asset, 0)),
            "published": asset.text(published[asset]) if asset in published else "",
        }
        for asset in sorted({*traced, *published})
    ]
