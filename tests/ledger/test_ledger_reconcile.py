from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.ledger.reconcile import document, reconcile, statement
from bongsu.ledger.total import newest
from bongsu.ledger.when import parse_period
from tests.ledger.ledgers import aggregate, ledger, theft

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger


def test_ours_is_given_as_of_publication_and_as_of_now() -> None:
    from dataclasses import replace

    late = [replace(c, published_on=parse_period("2025")) for c in theft("late", 300)]
    book = ledger(*theft("early", 100), *late, aggregates=(aggregate(),))
    (found,) = reconcile(book, date(2026, 1, 1))
    assert (found.then.usd, found.now.usd, found.gap) == (Decimal(100), Decimal(400), Decimal(600))
    assert [r.standing.incident for r in found.beyond] == ["late"]


def test_rows_that_could_explain_a_gap_are_named_largest_first() -> None:
    weak = [c for key, value in (("small", 5), ("big", 50)) for c in theft(key, value, publisher="someone")]
    (found,) = reconcile(ledger(*theft("a", 100), *weak, aggregates=(aggregate(),)), date(2026, 1, 1))
    assert [r.standing.incident for r in found.candidates] == ["big", "small"]


def test_a_total_is_not_compared_before_it_was_published() -> None:
    assert reconcile(ledger(*theft("a"), aggregates=(aggregate(),)), date(2024, 3, 6)) == []


def test_a_restated_total_says_by_what() -> None:
    first = aggregate("v1", published_on=parse_period("2023"))
    second = aggregate("v2", usd=Decimal(700), restates="v1")
    found = {
        c.published.id: c.restated_by
        for c in reconcile(ledger(*theft("a"), aggregates=(first, second)), date(2026, 1, 1))
    }
    assert found == {"v1": "v2", "v2": ""}


def test_the_panels_58_are_answered_with_numbers_that_add_up(book: Ledger) -> None:
    found = next(c for c in reconcile(book, newest(book)) if c.published.id == "un-2024-215")
    panel = {c.incident for c in book.claims if c.publisher == "un-panel" and c.kind == "attribution"}
    counted = {r.standing.incident for r in found.now.counted}
    disputed = {r.standing.incident for r in found.now.left_out if r.reason == "disputed"} & panel
    named, others = len(counted & panel) + len(disputed), len(counted - panel)
    said = statement(book, found)
    assert f"name {named} incidents" in said
    assert f"Governments attribute {others} more" in said
    assert f"At least {58 - named - others} of the 58 cannot be shown" in said
    assert f"{len(found.candidates)} incidents that vendors" in said


def test_json_has_a_sentence_for_each_total(book: Ledger) -> None:
    given = document(book, reconcile(book, newest(book)))
    assert len(given) == len(book.aggregates)
    assert all(entry["statement"] for entry in given)
