from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bongsu.errors import RecordError
from bongsu.ledger.records import KINDS
from bongsu.ledger.story import document, phrase, story
from tests.ledger.ledgers import claim, ledger, theft

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger


def test_claims_are_told_in_the_order_they_became_known(book: Ledger) -> None:
    _, claims, _ = story(book, "ronin-2022", date(2026, 11, 22))
    days = [c.published_on.last for c in claims]
    assert days == sorted(days)
    assert len(claims) == len([c for c in book.claims if c.incident == "ronin-2022"])


def test_nothing_published_later_is_told(book: Ledger) -> None:
    _, claims, _ = story(book, "ronin-2022", date(2022, 4, 13))
    assert {c.publisher for c in claims} == {"sky-mavis"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_claim_has_a_sentence(kind: str) -> None:
    one = claim("a", kind, value=5, unit="USD", valuation="face", text="dprk" if kind == "attribution" else "2019")
    assert len(phrase(ledger(*theft("a"), one), one)) > 3


def test_an_unknown_id_suggests_the_nearest(book: Ledger) -> None:
    with pytest.raises(RecordError) as raised:
        story(book, "ronin", date(2026, 1, 1))
    assert "ronin-2022" in str(raised.value.hint)


def test_json_carries_the_claims_as_the_file_has_them(book: Ledger) -> None:
    given = document(book, "bybit-2025", date(2026, 11, 22))
    assert given["quoted"]["usd"] == "1500000000"
    assert {"id", "publisher", "published_on", "url", "confidence"} <= set(given["claims"][0])
