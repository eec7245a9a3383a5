"""The ledger as one HTML page: nothing is loaded from anywhere, and each incident has an anchor that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bongsu.ledger.records import CLASSES
from bongsu.ledger.standing import Standing, standings
from bongsu.ledger.story import phrase, story
from bongsu.ledger.total import Query, Row, total
from bongsu.ledger.when import parse_period

if TYPE_CHECKING:
    from datetime import date

    from bongsu.ledger.records import Claim, Ledger

_FIRST = "2009"
_CLASS_NAMES = {4: "government", 3: "un-panel", 2: "vendor", 1: "researcher or press", 0: "nobody"}
assert set(_CLASS_NAMES) == {0, *CLASSES.values()}


def page(ledger: Ledger, as_of: date) -> str:
    """Return the page of what had been published by a day."""
    from jinja2 import Environment, PackageLoader

    from bongsu.ledger.picture import figures, svg

    environment = Environment(
        loader=PackageLoader("bongsu.ledger", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    drawn = figures(ledger, as_of)
    query = Query(parse_period(_FIRST), parse_period(as_of.isoformat()), as_of)
    answer = total(ledger, query, standings(ledger, as_of))
    rows = sorted((*answer.counted, *answer.left_out), key=lambda r: (r.when.first, r.standing.incident))
    shown = [_incident(ledger, row, as_of) for row in rows if row.standing.known]
    return environment.get_template("page.html.j2").render(
        as_of=as_of.isoformat(),
        answer=answer,
        incidents=shown,
        years=sorted({each["year"] for each in shown}),
        types=sorted({each["type"] for each in shown}),
        classes=[name for weight, name in _CLASS_NAMES.items() if weight],
        pictures=[svg(drawn["losses-by-year"]), svg(drawn["running-sum"])],
    )


def _incident(ledger: Ledger, row: Row, as_of: date) -> dict[str, Any]:
    s: Standing = row.standing
    incident = ledger.incidents[s.incident]
    _, claims, relations = story(ledger, s.incident, as_of)
    return {
        "id": s.incident,
        "title": incident.title,
        "country": incident.country,
        "type": incident.victim_type,
        "date": row.when.text,
        "year": row.when.first.year,
        "usd": s.usd,
        "low": s.low,
        "high": s.high,
        "cents": int(s.usd * 100) if s.usd is not None else 0,
        "class": _CLASS_NAMES[s.weight],
        "actor": ledger.actors[s.attribution.text].name if s.attribution else "",
        "reason": row.reason,
        "recovered": s.recovered,
        "frozen": s.frozen,
        "claims": [_claim(ledger, c) for c in claims],
        "relations": [
            {
                "kind": x.kind,
                "from": x.incident,
                "other": x.other if x.incident == s.incident else x.incident,
                "note": x.note,
            }
            for x in relations
        ],
    }


def _claim(ledger: Ledger, c: Claim) -> dict[str, Any]:
    return {
        "on": c.published_on.text,
        "by": ledger.publishers[c.publisher].name,
        "says": phrase(ledger, c),
        "note": c.note,
        "document": c.document,
        "url": c.url,
        "via": c.via,
        "basis": c.basis,
        "confidence": c.confidence,
        "dispute": c.kind == "dispute",
    }
