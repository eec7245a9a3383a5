"""The report: one self-contained HTML file that an investigator, a venue's desk and a court can read.

It loads nothing and runs nothing: the Content-Security-Policy forbids both, and allows the one style sheet by its hash.
All that comes from a case is hostile text and is escaped; sources are shown as text, never as links.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bongsu.report.figures import Figure, figure, share, short, span
from bongsu.report.flow import panels
from bongsu.trace.evidence import Explainer
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import jinja2

    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.respond.assessment import Assessment, Holding
    from bongsu.respond.venue import Venue
    from bongsu.trace.evidence import Path
    from bongsu.trace.run import Move, Position

ROWS = 300
"""So many positions stand in the table; positions.csv has them all."""
DETAILS = 60
"""So many positions are explained in full; evidence.json has them all."""
_PATHS = 5
_STEPS = 25
_REFUSED = 100
_HELD = 3
_EXACT, _MELTED, _BOUND = "fifo", "haircut", "poison"
"""The policies whose evidence is shown - one that keeps lots apart, one that melts them together - and the bound."""


@dataclass(frozen=True, slots=True)
class Row:
    """A holding as the page shows it; `number` from 1, in the order of positions.csv."""

    number: int
    holding: Holding
    labels: tuple[str, ...]
    amount: Figure
    by_policy: tuple[tuple[str, Figure], ...]
    poison: Figure
    cautions: tuple[str, ...]
    unseen: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A transfer as the page shows it, with the stolen value it carried."""

    transfer: Transfer
    time: str
    amount: Figure
    carried: Figure


@dataclass(frozen=True, slots=True)
class Way:
    """A lot's path: its amount, its first steps, and how many more there are."""

    amount: Figure
    steps: tuple[Step, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Detail:
    """How one holding's figure was reached."""

    row: Row
    ways: tuple[Way, ...]
    more_ways: int
    melted: tuple[Step, ...]
    more_melted: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A venue that can act, on how much and where - the first few holdings - and where its papers lie."""

    venue: Venue
    roles: tuple[str, ...]
    amounts: tuple[Figure, ...]
    rows: tuple[Row, ...]
    more: int
    folder: str


def report_html(assessment: Assessment, prepared_on: str) -> str:
    """Return the report as one HTML document.

    Args:
        assessment: what the case comes to.
        prepared_on: when it was prepared, as it shall be read.
    """
    environment = _environment()
    style = environment.get_template("style.css.j2").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rows = [_row(assessment, number, holding) for number, holding in enumerate(assessment.holdings[:ROWS], 1)]
    case = assessment.case
    return environment.get_template("report.html.j2").render(
        case=case,
        prepared_on=prepared_on,
        style=_Raw(style),
        style_hash=digest,
        assessment=assessment,
        many_thefts=len({b.theft for b in assessment.traces[_EXACT].balances}) > 1,
        conserving=[_words(n)["title"].lower() for n in POLICIES if POLICIES[n].conserves],
        losses=_losses(assessment),
        outcome=_outcome(assessment),
        asks=_asks(assessment),
        doubtful=any(h.notes or h.unseen or h.unseen_other for h in assessment.actionable),
        unaddressed=_unaddressed(assessment),
        panels=panels(assessment, _EXACT),
        bounds=[p for p in panels(assessment, _BOUND) if _exceeds(assessment, p.theft, p.asset)],
        exact_policy=_words(_EXACT)["title"].lower(),
        rows=rows,
        details=_details(assessment, rows[:DETAILS]),
        policies=[_policy(assessment, name) for name in POLICIES],
        agreed=sum(holding.low == holding.high for holding in assessment.holdings),
        refused=case.skipped[:_REFUSED],
        set_aside=case.rejected[:_REFUSED],
        label_sources=_label_sources(assessment),
    )


class _Raw(str):
    """Our own style sheet: the one text that is not escaped, so that its hash holds."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    folder = files(__package__).joinpath("templates")
    sources = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".j2")
    }
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(sources),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(figure=figure, short=short, share=share)
    return environment


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("policies.toml").read_text(encoding="utf-8"))


def _words(policy: str) -> dict[str, str]:
    return _texts()[policy]


def _losses(assessment: Assessment) -> list[dict[str, Any]]:
    """Return, for each theft and asset, what left in these transfers beside what is published; one may be missing."""
    seen = {(b.theft, b.asset): b.stolen for b in assessment.traces[_EXACT].balances}
    published = [(t.id, loss) for t in assessment.case.thefts for loss in t.losses]
    keys = dict.fromkeys([*seen, *((theft, loss.asset) for theft, loss in published)])
    return [
        {
            "theft": theft,
            "asset": asset,
            "seen": figure(asset, seen.get((theft, asset), 0)),
            "published": [
                (figure(asset, loss.amount), share(seen.get((theft, asset), 0), loss.amount), loss.source)
                for of, loss in published
                if (of, loss.asset) == (theft, asset)
            ],
        }
        for theft, asset in keys
    ]


def _outcome(assessment: Assessment) -> list[dict[str, Any]]:
    """Return, for each theft and asset, what became of it as ranges over the conserving policies."""
    found = []
    for balance in assessment.traces[_EXACT].balances:
        key = (balance.theft, balance.asset)
        own = [h for h in assessment.holdings if (h.theft, h.asset) == key]
        balances = [
            b
            for name, trace in assessment.traces.items()
            for b in trace.balances
            if POLICIES[name].conserves and (b.theft, b.asset) == key
        ]
        found.append(
            {
                "theft": balance.theft,
                "asset": balance.asset,
                "stolen": figure(balance.asset, balance.stolen),
                "reach": _total(h for h in own if h.actors) or figure(balance.asset, 0),
                "venues": span(balance.asset, (b.at_venues for b in balances)),
                "resting": span(balance.asset, (b.resting for b in balances)),
                "returned": span(balance.asset, (b.returned for b in balances)),
                "places": len(own),
            }
        )
    return found


def _total(holdings: Iterable[Holding]) -> Figure | None:
    """Return the range of the sums over the conserving policies: one policy at a time, for holdings of one asset."""
    held = list(holdings)
    if not held:
        return None
    names = [name for name in POLICIES if POLICIES[name].conserves]
    return span(held[0].asset, (sum(h.by_policy[name] for h in held) for name in names))


def _asks(assessment: Assessment) -> list[Ask]:
    found = []
    for venue, holdings in assessment.by_venue().values():
        assets: dict[Asset, list[Holding]] = {}
        for holding in holdings:
            assets.setdefault(holding.asset, []).append(holding)
        roles = dict.fromkeys(a.role for h in holdings for a in h.actors if a.venue.id == venue.id)
        found.append(
            Ask(
                venue,
                tuple(roles),
                tuple(total for own in assets.values() if (total := _total(own))),
                tuple(_row(assessment, n, holding) for n, holding in enumerate(holdings[:_HELD], 1)),
                max(len(holdings) - _HELD, 0),
                quote(f"requests/{venue.id}/"),
            )
        )
    return found


def _unaddressed(assessment: Assessment) -> list[str]:
    """Return the labelled venues that hold stolen value and cannot be asked for anything."""
    named = {h.venue for h in assessment.holdings if h.venue and not h.actors}
    return sorted(named)


def _row(assessment: Assessment, number: int, holding: Holding) -> Row:
    asset = holding.asset
    labels = (label.text for label in assessment.case.labels.get(holding.address, ()))
    return Row(
        number,
        holding,
        tuple(dict.fromkeys(labels)),
        span(asset, (holding.low, holding.high)),
        tuple((name, figure(asset, n)) for name, n in holding.by_policy.items() if POLICIES[name].conserves),
        figure(asset, holding.poison),
        tuple(note.text for note in holding.notes),
        tuple(figure(a, n) for a, n in (((asset, holding.unseen),) if holding.unseen else ()) + holding.unseen_other),
    )


def _details(assessment: Assessment, rows: Iterable[Row]) -> list[Detail]:
    at = {name: {p.place: p for p in assessment.traces[name].positions} for name in (_EXACT, _MELTED)}
    explainers = {name: Explainer(assessment.traces[name]) for name in at}

    def evidence(policy: str, row: Row) -> tuple[tuple[Path, ...], tuple[Move, ...]]:
        place = (row.holding.theft, row.holding.asset, row.holding.address)
        position: Position | None = at[policy].get(place)
        if position is None:
            return (), ()
        found = explainers[policy].explain(position)
        return found.paths, found.moves

    details = []
    for row in rows:
        ways, melted = evidence(_EXACT, row)[0], evidence(_MELTED, row)[1]
        details.append(
            Detail(
                row,
                tuple(_way(path) for path in ways[:_PATHS]),
                max(len(ways) - _PATHS, 0),
                tuple(_step(move.transfer, move.amount) for move in melted[-_STEPS:]),
                max(len(melted) - _STEPS, 0),
            )
        )
    return details


def _way(path: Path) -> Way:
    amount = figure(path.transfers[0].asset, path.amount)
    steps = tuple(_step(transfer, path.amount) for transfer in path.transfers[-_STEPS:])
    return Way(amount, steps, max(len(path.transfers) - _STEPS, 0))


def _step(transfer: Transfer, carried: int) -> Step:
    time = transfer.time.strftime("%Y-%m-%d %H:%M:%S") if transfer.time else ""
    return Step(transfer, time, figure(transfer.asset, transfer.amount), figure(transfer.asset, carried))


def _policy(assessment: Assessment, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "conserves": POLICIES[name].conserves,
        **_words(name),
        "balances": [
            {
                "theft": b.theft,
                "asset": b.asset.symbol,
                "cells": [
                    (head, figure(b.asset, amount))
                    for head, amount in (
                        ("Stolen", b.stolen),
                        ("Resting", b.resting),
                        ("At venues", b.at_venues),
                        ("Returned", b.returned),
                        ("Difference", b.difference),
                    )
                ],
            }
            for b in assessment.traces[name].balances
        ],
    }


def _exceeds(assessment: Assessment, theft: str, asset: Asset) -> bool:
    return any((b.theft, b.asset) == (theft, asset) and b.difference < 0 for b in assessment.traces[_BOUND].balances)


def _label_sources(assessment: Assessment) -> list[tuple[str, str, int]]:
    """Return, for each source of labels that stand beside a position, the publisher's confidence and how many."""
    held = {holding.address for holding in assessment.holdings}
    counted = Counter(
        (label.source, label.confidence)
        for address, labels in assessment.case.labels.items()
        if address in held
        for label in labels
    )
    return [(source, confidence, count) for (source, confidence), count in sorted(counted.items())]
