"""The ledger as STIX 2.1: incidents, actors, who attributes what to whom, and opinions where somebody disagrees.

Each attribution is a relationship of its own, created by its publisher, so that two publishers who differ both stand.
A dispute is an opinion on the attributions it doubts; losses, recoveries and remarks are notes. Ids are UUIDv5 of our
own ids, and times are the publication dates: the same ledger gives the same bytes.

Source: STIX Version 2.1, OASIS Standard, 10 June 2021, https://docs.oasis-open.org/cti/stix/v2.1/stix-v2.1.html
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from bongsu.ledger.standing import grouped
from bongsu.ledger.story import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from bongsu.ledger.records import Actor, Claim, Ledger, Relation

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://bongsu.example/ledger")
_EPOCH = datetime(2009, 1, 3, tzinfo=UTC)
"""When actors and publishers were first said to exist is not recorded; the day of the first block stands for it."""
_NOTES = {"loss_usd", "loss_native", "attempt", "recovery", "freeze", "address", "victim", "remark", "date"}
_RELATED = {"part-of": "related-to", "same-as": "duplicate-of", "follows": "related-to"}


def bundle(ledger: Ledger, as_of: date) -> str:
    """Return what was published by a day as a STIX bundle, as text."""
    from stix2 import v21

    objects = [*_identities(ledger), *_actors(ledger), *_incidents(ledger, as_of)]
    made = v21.Bundle(
        type="bundle",
        id=_id("bundle", f"{as_of} {len(objects)} " + " ".join(sorted(o.id for o in objects))),
        objects=objects,
    )
    return str(made.serialize(indent=2, ensure_ascii=False, sort_keys=True)) + "\n"


def _id(kind: str, key: str) -> str:
    return f"{kind}--{uuid.uuid5(_SPACE, f'{kind} {key}')}"


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _identities(ledger: Ledger) -> Iterator[Any]:
    from stix2 import v21

    for p in ledger.publishers.values():
        person = p.type == "researcher"
        yield v21.Identity(
            id=_id("identity", p.id),
            created=_EPOCH,
            modified=_EPOCH,
            name=p.name,
            identity_class="individual" if person else "organization",
            **({"description": p.note} if p.note else {}),
        )


def _actor_id(actor: Actor) -> str:
    return _id("intrusion-set" if actor.kind == "group" else "threat-actor", actor.id)


def _actors(ledger: Ledger) -> Iterator[Any]:
    from stix2 import v21

    for a in ledger.actors.values():
        more: dict[str, Any] = {"aliases": list(a.aliases)} if a.aliases else {}
        if a.attack_id:
            url = f"https://attack.mitre.org/groups/{a.attack_id}"
            more["external_references"] = [{"source_name": "mitre-attack", "external_id": a.attack_id, "url": url}]
        if a.note:
            more["description"] = a.note
        if a.kind == "group":
            yield v21.IntrusionSet(id=_actor_id(a), created=_EPOCH, modified=_EPOCH, name=a.name, **more)
        else:
            yield v21.ThreatActor(
                id=_actor_id(a),
                created=_EPOCH,
                modified=_EPOCH,
                name=a.name,
                threat_actor_types=["nation-state"],
                **more,
            )
        if a.under:
            over = ledger.actors[a.under]
            kind = "attributed-to" if a.kind == "group" and over.kind != "group" else "related-to"
            yield v21.Relationship(
                id=_id("relationship", f"{a.id} under {a.under}"),
                created=_EPOCH,
                modified=_EPOCH,
                relationship_type=kind,
                source_ref=_actor_id(a),
                target_ref=_actor_id(over),
            )


def _incidents(ledger: Ledger, as_of: date) -> Iterator[Any]:
    from stix2 import v21

    claims, relations = grouped(ledger)
    shown = set()
    for key, incident in ledger.incidents.items():
        known = [c for c in claims[key] if c.published_on.last <= as_of]
        if not known:
            continue
        shown.add(key)
        days = [c.published_on.last for c in known]
        yield v21.Incident(
            id=_id("incident", key),
            created=_at(min(days)),
            modified=_at(max(days)),
            name=incident.title,
            description=_summary(ledger, known),
            external_references=[{"source_name": "bongsu-ledger", "external_id": key}],
            labels=[incident.category, incident.victim_type],
        )
        yield from _statements(ledger, key, known)
    for key in shown:
        for x in relations[key]:
            if x.other in shown and x.published_on.last <= as_of:
                yield _relation(x)


def _summary(ledger: Ledger, known: list[Claim]) -> str:
    named = [
        f"{ledger.publishers[c.publisher].name}: {phrase(ledger, c)}" for c in known if c.kind in {"date", "loss_usd"}
    ]
    return ". ".join(named) or "No date or amount was published."


def _statements(ledger: Ledger, key: str, known: list[Claim]) -> Iterator[Any]:
    from stix2 import v21

    doubted: dict[str, str] = {}
    for c in known:
        if c.kind == "attribution":
            made = v21.Relationship(
                id=_id("relationship", c.id),
                relationship_type="attributed-to",
                source_ref=_id("incident", key),
                target_ref=_actor_id(ledger.actors[c.text]),
                **_common(c),
            )
            doubted[made.id] = c.publisher
            yield made
    for c in known:
        if c.kind == "dispute":
            others = [ref for ref, publisher in doubted.items() if publisher != c.publisher]
            yield v21.Opinion(
                id=_id("opinion", c.id),
                opinion="disagree",
                explanation=c.text,
                authors=[ledger.publishers[c.publisher].name],
                object_refs=others or [_id("incident", key)],
                **_common(c),
            )
        elif c.kind in _NOTES:
            yield v21.Note(
                id=_id("note", c.id),
                abstract=c.kind.replace("_", " "),
                content=phrase(ledger, c) + (f" ({c.note})" if c.note else ""),
                object_refs=[_id("incident", key)],
                **_common(c),
            )


def _common(c: Claim) -> dict[str, Any]:
    day = _at(c.published_on.last)
    references: list[dict[str, str]] = [
        {"source_name": c.document, "url": c.url, "description": f"published {c.published_on}"}
    ]
    if c.via:
        references.append({"source_name": "read in", "url": c.via})
    return {
        "created": day,
        "modified": day,
        "created_by_ref": _id("identity", c.publisher),
        "confidence": c.confidence,
        "external_references": references,
    }


def _relation(x: Relation) -> Any:
    from stix2 import v21

    day = _at(x.published_on.last)
    return v21.Relationship(
        id=_id("relationship", x.id),
        created=day,
        modified=day,
        relationship_type=_RELATED[x.kind],
        source_ref=_id("incident", x.incident),
        target_ref=_id("incident", x.other),
        created_by_ref=_id("identity", x.publisher),
        confidence=x.confidence,
        description=f"{x.kind}: {x.note}" if x.note else x.kind,
        external_references=[{"source_name": x.document, "url": x.url}],
    )
