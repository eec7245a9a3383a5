from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import stix2validator

from bongsu.ledger.stix import bundle
from bongsu.ledger.total import newest
from tests.ledger.ledgers import claim, ledger, relation, theft, who

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger


@pytest.fixture(scope="module")
def text(book: Ledger) -> str:
    return bundle(book, newest(book))


def objects(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["objects"]
    return found


@pytest.mark.slow
def test_the_validator_accepts_the_shipped_ledger(book: Ledger) -> None:
    some = {
        k: i for n, (k, i) in enumerate(book.incidents.items()) if n % 5 == 0 or k in {"coincheck-2018", "upbit-2025"}
    }
    part = replace(
        book,
        incidents=some,
        claims=tuple(c for c in book.claims if c.incident in some),
        relations=tuple(x for x in book.relations if {x.incident, x.other} <= some.keys()),
    )
    result = stix2validator.validate_string(bundle(part, newest(book)))
    assert result.is_valid, [str(e) for e in result.errors][:5]


def test_the_same_ledger_gives_the_same_bytes(book: Ledger, text: str) -> None:
    assert bundle(book, newest(book)) == text


def test_each_incident_attribution_and_dispute_is_there(book: Ledger, text: str) -> None:
    kinds = Counter(o["type"] for o in objects(text))
    claims = Counter(c.kind for c in book.claims)
    attributed = [
        o
        for o in objects(text)
        if o.get("relationship_type") == "attributed-to" and o["source_ref"].startswith("incident")
    ]
    assert kinds["incident"] == len(book.incidents)
    assert len(attributed) == claims["attribution"]
    assert kinds["opinion"] == claims["dispute"]
    assert kinds["note"] == sum(claims.values()) - claims["attribution"] - claims["dispute"]


def test_every_reference_leads_to_an_object_of_the_bundle(text: str) -> None:
    found = objects(text)
    ids = {o["id"] for o in found}
    for o in found:
        wanted = [o[k] for k in ("source_ref", "target_ref", "created_by_ref") if k in o] + o.get("object_refs", [])
        assert set(wanted) <= ids


def test_an_opinion_disagrees_with_the_attributions_of_others() -> None:
    book = ledger(*theft("a"), who("a", "someone"), claim("a", "dispute", "vendor", text="no"))
    found = objects(bundle(book, date(2030, 1, 1)))
    (opinion,) = [o for o in found if o["type"] == "opinion"]
    assert (opinion["opinion"], len(opinion["object_refs"])) == ("disagree", 2)


def test_a_duplicate_is_said_to_be_one() -> None:
    book = ledger(*theft("a"), *theft("b"), relations=(relation("a", "same-as", "b"),))
    assert [o for o in objects(bundle(book, date(2030, 1, 1))) if o.get("relationship_type") == "duplicate-of"]


def test_only_what_was_published_by_then_is_in_the_bundle(book: Ledger) -> None:
    early = objects(bundle(book, date(2019, 12, 31)))
    assert not [o for o in early if o["type"] == "incident" and o["created"] > "2020"]
    assert 0 < len([o for o in early if o["type"] == "incident"]) < 40
