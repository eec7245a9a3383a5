"""Take in a partner's ledger. Nothing is overwritten: where two differ, both are kept and compete.

- A record that we have, word for word, is skipped; one that we lack is added.
- A claim, relation, aggregate or price with our id but other words is added under an id of its own: ours, a tilde and a
  mark of its content. Taking in the same file again adds nothing.
- An incident that the partner describes otherwise stays as we have it; each differing word becomes a claim of kind
  `victim`, published by the partner.
- A publisher or an actor that differs stays as ours; the answer lists it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.ledger.files import encode
from bongsu.ledger.records import Claim, Ledger, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.ledger.records import Incident
    from bongsu.ledger.when import Period

_MARK = 8


@dataclass(frozen=True, slots=True)
class Merge:
    """The ledger after the merge, and what happened: ids by file."""

    ledger: Ledger
    added: tuple[str, ...]
    competing: tuple[str, ...]
    same: int
    kept_aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """Who gives the ledger, and when: the source of the claims that differing descriptions become."""

    publisher: Publisher
    document: str
    published_on: Period
    url: str


def merge(ours: Ledger, theirs: Ledger, partner: Partner) -> Merge:
    """Return our ledger with a partner's taken in.

    Raises:
        RecordError: the partner's id is taken by another publisher of ours.
    """
    known = ours.publishers.get(partner.publisher.id)
    if known is not None and known != partner.publisher:
        raise RecordError(
            f"the publisher {partner.publisher.id!r} is already known as {known.name!r}",
            hint="give the partner's name and class as publishers.csv has them, or another id",
        )
    work = _Work()
    publishers = work.first_wins("publisher", ours.publishers, theirs.publishers)
    actors = work.first_wins("actor", ours.actors, theirs.actors)
    incidents = dict(ours.incidents)
    described: list[Claim] = []
    for key, incident in theirs.incidents.items():
        if key not in incidents:
            incidents[key] = incident
            work.added.append(f"incident {key}")
        elif incidents[key] == incident:
            work.same += 1
        else:
            described += _differences(incidents[key], incident, partner)
    if described and partner.publisher.id not in publishers:
        publishers[partner.publisher.id] = partner.publisher
        work.added.append(f"publisher {partner.publisher.id}")
    merged = Ledger(
        incidents,
        work.rows("claim", ours.claims, [*theirs.claims, *described]),
        work.rows("relation", ours.relations, theirs.relations),
        work.rows("aggregate", ours.aggregates, theirs.aggregates),
        work.rows("price", ours.prices, theirs.prices),
        publishers,
        actors,
        name=ours.name,
    )
    return Merge(merged, tuple(work.added), tuple(work.competing), work.same, tuple(work.aside))


class _Work:
    def __init__(self) -> None:
        self.added: list[str] = []
        self.competing: list[str] = []
        self.aside: list[str] = []
        self.same = 0

    def first_wins(self, noun: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(ours)
        for key, record in theirs.items():
            if key not in found:
                found[key] = record
                self.added.append(f"{noun} {key}")
            elif found[key] == record:
                self.same += 1
            else:
                self.aside.append(f"{noun} {key}")
        return found

    def rows(self, noun: str, ours: Iterable[Any], theirs: Iterable[Any]) -> tuple[Any, ...]:
        found = {record.id: record for record in ours}
        for given in theirs:
            key, record = given.id, given
            if key in found and found[key] != record:
                key = _own_id(record)
                record = replace(record, id=key)
                if key not in found:
                    self.competing.append(f"{noun} {key}")
            elif key not in found:
                self.added.append(f"{noun} {key}")
            if found.get(key) == record:
                self.same += 1
            found.setdefault(key, record)
        return tuple(found.values())


def _differences(ours: Incident, theirs: Incident, partner: Partner) -> list[Claim]:
    found = []
    for f in fields(ours):
        mine, other = getattr(ours, f.name), getattr(theirs, f.name)
        if mine != other and other:
            text = f"{f.name}: {other}"
            found.append(
                Claim(
                    id=f"{ours.id}.victim.{partner.publisher.id}.{_mark([text])}",
                    incident=ours.id,
                    kind="victim",
                    value=None,
                    low=None,
                    high=None,
                    unit="",
                    valuation="",
                    text=text,
                    publisher=partner.publisher.id,
                    document=partner.document,
                    published_on=partner.published_on,
                    basis="vendor" if partner.publisher.type == "vendor" else "inference",
                    confidence=50,
                    url=partner.url,
                    via="",
                    note=f"ours says {f.name}: {mine}" if mine else f"ours says nothing of {f.name}",
                )
            )
    return found


def _own_id(record: Any) -> str:
    base = record.id.partition("~")[0]
    return f"{base}~{_mark(encode(record)[1:])}"


def _mark(cells: list[str]) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:_MARK]
