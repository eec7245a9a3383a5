"""An incident's story: every claim, in the order in which it became known, with its source."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.ledger.files import encode
from bongsu.ledger.standing import grouped, standing

if TYPE_CHECKING:
    from datetime import date

    from bongsu.ledger.records import Claim, Ledger, Relation
    from bongsu.ledger.standing import Standing


def story(ledger: Ledger, key: str, as_of: date) -> tuple[Standing, list[Claim], list[Relation]]:
    """Return what stands of an incident, its claims by the day they became known, and its relations.

    Raises:
        RecordError: there is no such incident.
    """
    if key not in ledger.incidents:
        near = difflib.get_close_matches(key, ledger.incidents, n=3, cutoff=0.4)
        raise RecordError(
            f"the ledger has no incident {key[:60]!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "`bongsu ledger list` shows all ids",
        )
    claims, relations = grouped(ledger)
    now = standing(ledger, key, claims[key], relations[key], as_of)
    known = sorted((c for c in claims[key] if c.published_on.last <= as_of), key=lambda c: (c.published_on.last, c.id))
    touching = [x for x in ledger.relations if key in {x.incident, x.other} and x.published_on.last <= as_of]
    return now, known, touching


def phrase(ledger: Ledger, claim: Claim) -> str:
    """Return what a claim says, as a sentence without its source."""
    amount = _amount(claim)
    actor = ledger.actors[claim.text].name if claim.kind == "attribution" and claim.text in ledger.actors else ""
    said = {
        "date": f"it happened on {claim.text}" if len(claim.text) == 10 else f"it happened in {claim.text}",  # noqa: PLR2004
        "loss_usd": f"the loss was {amount}" + ("" if claim.valuation == "unstated" else f" ({claim.valuation})"),
        "loss_native": f"the loss was {amount}",
        "attempt": f"it was tried and failed, aiming at {amount}" if claim.value else "it was tried and failed",
        "attribution": f"the attacker was: {actor}",
        "dispute": f"doubts who did it: {claim.text}",
        "recovery": f"{amount} came back: {claim.text}",
        "freeze": f"{amount} was stopped: {claim.text}",
        "address": f"stolen money started at {claim.text}",
        "victim": f"of the victim: {claim.text}",
        "remark": claim.text,
    }
    return said[claim.kind]


def document(ledger: Ledger, key: str, as_of: date) -> dict[str, Any]:
    """Return an incident's story as JSON values."""
    from bongsu.ledger.files import columns

    now, claims, relations = story(ledger, key, as_of)
    return {
        "incident": dict(zip(columns("incidents.csv"), encode(ledger.incidents[key]), strict=True)),
        "as_of": as_of.isoformat(),
        "quoted": {
            "date": now.date.text if now.date else None,
            "usd": _text(now.usd),
            "low": _text(now.low),
            "high": _text(now.high),
            "recovered_usd": _text(now.recovered),
            "frozen_usd": _text(now.frozen),
            "attributed_by": now.attribution.publisher if now.attribution else None,
            "actor": now.attribution.text if now.attribution else None,
            "disputed": bool(now.disputes),
            "duplicate_of": now.duplicate_of or None,
        },
        "claims": [dict(zip(columns("claims.csv"), encode(c), strict=True)) for c in claims],
        "relations": [dict(zip(columns("relations.csv"), encode(x), strict=True)) for x in relations],
    }


def _amount(claim: Claim) -> str:
    if claim.value is None:
        return ""
    figure = f"{claim.value:,f}"
    if claim.low is not None or claim.high is not None:
        low, high = (f"{v:,f}" if v is not None else figure for v in (claim.low, claim.high))
        figure += f" ({low} to {high})"
    return f"{figure} {claim.unit}"


def _text(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"
