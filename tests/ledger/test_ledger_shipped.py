from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.ledger.check import check
from bongsu.ledger.total import Query, newest, total
from bongsu.ledger.when import parse_period

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger


def test_nothing_is_wrong_with_it(book: Ledger) -> None:
    assert check(book) == []


def test_it_holds_at_least_110_crypto_incidents_of_2017_to_2023(book: Ledger) -> None:
    answer = total(book, Query(parse_period("2017"), parse_period("2023"), newest(book)))
    rows = [*answer.counted, *answer.left_out]
    assert len([r for r in rows if book.incidents[r.standing.incident].category == "crypto"]) >= 110


def test_every_claim_names_a_document_that_can_be_followed(book: Ledger) -> None:
    assert all(re.match(r"https?://", c.url) and c.document for c in book.claims)


def test_nothing_rests_on_memory(book: Ledger) -> None:
    texts = [f"{c.note} {c.text}" for c in book.claims] + [i.note for i in book.incidents.values()]
    assert not [t for t in texts if "memory" in t.lower()]


def test_the_panels_years_are_the_published_ones(book: Ledger) -> None:
    years = [a for a in book.aggregates if a.part_of == "un-2024-215"]
    assert sum(a.usd or 0 for a in years) == Decimal(2966031000)
    assert sum(a.count or 0 for a in years) == 57


def test_a_vendors_restatements_form_a_chain(book: Ledger) -> None:
    by_id = {a.id: a for a in book.aggregates}
    for a in by_id.values():
        if a.restates:
            earlier = by_id[a.restates]
            assert (earlier.publisher, earlier.published_on.last < a.published_on.last) == (a.publisher, True), a.id


def test_groups_with_an_attack_id_carry_the_catalogues(book: Ledger) -> None:
    found = {a.id: a.attack_id for a in book.actors.values() if a.attack_id}
    assert found == {"lazarus-group": "G0032", "apt38": "G0082", "andariel": "G0138"}
