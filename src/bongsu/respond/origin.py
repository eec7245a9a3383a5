"""What a case can be opened from besides a trace: an incident of the ledger, or a finding of patterns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.ledger.records import Ledger

_HINT = "make it with `bongsu trace patterns CASE --format json`"


@dataclass(frozen=True, slots=True)
class Origin:
    """A case's title, what it was opened from (for its log), and the addresses to watch from the start."""

    title: str
    source: dict[str, Any]
    watch: tuple[dict[str, str], ...]


def from_incident(book: Ledger, incident: str) -> Origin:
    """Return what the ledger says of an incident: its title, and the addresses that claims name.

    Raises:
        RecordError: the ledger does not know it.
    """
    if incident not in book.incidents:
        raise RecordError(
            f"no incident of the ledger has the id {incident!r}", hint="`bongsu ledger list` shows those there are"
        )
    claims = [c for c in book.claims if c.incident == incident and c.kind == "address"]
    places = dict.fromkeys(tuple(c.text.split(":", 1)) for c in claims)
    watch = [{"chain": chain, "address": address, "asset": "", "why": "incident"} for chain, address in places]
    return Origin(book.incidents[incident].title, {"from": "ledger", "incident": incident}, tuple(watch))


def from_finding(path: Path, number: int) -> Origin:
    """Return a finding: its summary as the title, its subject and its candidates to be watched.

    Args:
        path: what `bongsu trace patterns CASE --format json` printed.
        number: which of them, from 1.

    Raises:
        SourceError: the file cannot be read, or holds no such finding.
    """
    try:
        content = path.read_bytes()
        rows = json.loads(content)
    except OSError as error:
        raise SourceError(f"the findings cannot be read: {error.strerror}", source=str(path)) from None
    except (ValueError, RecursionError):
        raise SourceError("this is not JSON", source=str(path), hint=_HINT) from None
    if not isinstance(rows, list):
        raise SourceError("this is no list of findings", source=str(path), hint=_HINT)
    if not 1 <= number <= len(rows):
        raise SourceError(f"there is no finding {number}: the file holds {len(rows)}", source=str(path), hint=_HINT)
    row = rows[number - 1]
    try:
        chain, subject, detector = _text(row["chain"]), _text(row["subject"]), _text(row["detector"])
        summary, candidates = _text(row["summary"]), [_text(c["address"]) for c in row["candidates"]]
        evidence = [_text(t["tx"]) for t in row["evidence"]]
    except (KeyError, TypeError):
        raise SourceError(f"entry {number} is no finding", source=str(path), hint=_HINT) from None
    found: dict[str, Any] = {"detector": detector, "chain": chain, "subject": subject, "summary": summary}
    found |= {"confidence": row.get("confidence"), "thefts": row.get("thefts", []), "evidence": evidence}
    source = {"from": path.name, "inputs": {path.name: hashlib.sha256(content).hexdigest()}, "finding": found}
    watch = tuple(
        {"chain": chain, "address": address, "asset": "", "why": detector}
        for address in dict.fromkeys([subject, *candidates])
    )
    return Origin(f"{detector} at {subject}: {summary}", source, watch)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
