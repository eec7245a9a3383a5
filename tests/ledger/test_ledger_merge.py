from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.errors import RecordError, SourceError
from bongsu.ledger.check import check
from bongsu.ledger.exchange import read_any, read_document, to_document
from bongsu.ledger.merge import Merge, Partner, merge
from bongsu.ledger.records import Ledger, Publisher
from bongsu.ledger.when import parse_period
from tests.ledger.ledgers import ledger, loss, theft

if TYPE_CHECKING:
    from pathlib import Path

PARTNER = Partner(
    Publisher("partner", "A Partner", "government", "", ""),
    "Partner's ledger",
    parse_period("2024-01-01"),
    "https://example.org/partner",
)
OURS = ledger(*theft("a", 100))


def taken(theirs: Ledger, ours: Ledger = OURS) -> Merge:
    return merge(ours, theirs, PARTNER)


def test_what_is_new_is_added_and_what_is_the_same_is_not() -> None:
    found = taken(ledger(*theft("a", 100), *theft("b", 5)))
    assert found.ledger.claims == (*OURS.claims, *theft("b", 5))
    assert (len(found.added), found.competing, found.kept_aside) == (4, (), ())


def test_a_different_claim_under_our_id_competes_and_ours_stays() -> None:
    found = taken(ledger(*theft("a", 999)))
    values = [(c.id, c.value) for c in found.ledger.claims if c.kind == "loss_usd"]
    assert values[0] == (OURS.claims[1].id, Decimal(100))
    assert values[1][1] == Decimal(999)
    assert values[1][0].startswith(OURS.claims[1].id + "~")
    assert check(found.ledger) == []


def test_an_incident_described_otherwise_becomes_a_claim_of_the_partner() -> None:
    theirs = replace(OURS, incidents={"a": replace(OURS.incidents["a"], country="JP")})
    found = taken(theirs)
    assert found.ledger.incidents["a"].country == "KR"
    (made,) = [c for c in found.ledger.claims if c.kind == "victim"]
    assert (made.text, made.publisher, made.url) == ("country: JP", "partner", PARTNER.url)
    assert check(found.ledger) == []


def test_taking_in_the_same_again_changes_nothing() -> None:
    theirs = replace(
        ledger(*theft("a", 999), *theft("b", 5)),
        incidents={
            **ledger(*theft("b")).incidents,
            "a": replace(OURS.incidents["a"], title="Other"),
        },
    )
    once = taken(theirs)
    twice = taken(theirs, once.ledger)
    assert twice.ledger == once.ledger
    assert (twice.added, twice.competing) == ((), ())


def test_publishers_and_actors_that_differ_stay_ours_and_are_listed() -> None:
    renamed = {**OURS.publishers, "gov": replace(OURS.publishers["gov"], name="Another")}
    found = taken(replace(OURS, publishers=renamed))
    assert found.ledger.publishers["gov"].name == "A Government"
    assert found.kept_aside == ("publisher gov",)


def test_a_partner_may_not_borrow_another_publishers_id() -> None:
    with pytest.raises(RecordError, match="already known as 'A Vendor'"):
        merge(OURS, OURS, replace(PARTNER, publisher=Publisher("vendor", "Not the vendor", "government", "", "")))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from(["gov", "vendor"])), max_size=8))
def test_no_claim_of_ours_is_ever_lost_or_changed(rows: list[tuple[str, int, str]]) -> None:
    theirs = ledger(*{c.id: c for key, value, who in rows for c in [loss(key, value, who)]}.values())
    found = taken(theirs).ledger
    assert found.claims[: len(OURS.claims)] == OURS.claims
    assert {replace(c, id="") for c in theirs.claims} <= {replace(c, id="") for c in found.claims}
    assert taken(theirs, found).ledger == found


def test_json_reads_back_as_the_ledger(book: Ledger, tmp_path: Path) -> None:
    import json

    path = tmp_path / "l.json"
    path.write_text(json.dumps(to_document(book)), encoding="utf-8")
    assert read_any(path) == book


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no ledger"),
        ('{"format": "bongsu-ledger/2"}', "no ledger"),
        ('{"format": "bongsu-ledger/1", "claims": 5}', "claims is no list"),
        ('{"format": "bongsu-ledger/1", "actors": {"x": {}}}', "has no name"),
    ],
)
def test_broken_json_is_refused_in_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "l.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_any(path)


def test_broken_records_of_json_are_named_by_number(tmp_path: Path) -> None:
    import json

    given_ = to_document(OURS)
    given_["claims"][1]["confidence"] = "high"
    given_["claims"].append({"id": "x"})
    path = tmp_path / "l.json"
    path.write_text(json.dumps(given_), encoding="utf-8")
    problems = read_document(path).problems
    assert [p.source for p in problems] == [f"{path}: claims number 2", f"{path}: claims number 4"]
