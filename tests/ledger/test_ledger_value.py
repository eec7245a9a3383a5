from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.ledger.records import Price
from bongsu.ledger.total import newest
from bongsu.ledger.value import document, valuations
from bongsu.ledger.when import parse_period
from tests.ledger.ledgers import claim, ledger, theft

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger

PRICE = Price("p", "BTC", parse_period("2019-05-01"), Decimal("5000.5"), "A list", "https://example.org/p", "")
END = date(2030, 1, 1)


def test_units_times_price_stand_beside_the_published_figure() -> None:
    book = ledger(*theft("a", 9000), claim("a", "loss_native", value=2, unit="BTC"), prices=(PRICE,))
    (found,) = valuations(book, END)
    assert (found.usd, found.difference) == (Decimal("10001.0"), Decimal("1001.0"))


def test_a_missing_price_leaves_the_valuation_open() -> None:
    units = [claim("a", "loss_native", value=2, unit=u, id=f"n{u}".lower()) for u in ("BTC", "XEM")]
    (found,) = valuations(ledger(*theft("a", 9000), *units, prices=(PRICE,)), END)
    assert (found.complete, found.difference) == (False, None)
    assert document([found])[0]["difference_usd"] is None


def test_a_price_of_another_day_is_not_used() -> None:
    book = ledger(*theft("a", 9000, "2019-05-02"), claim("a", "loss_native", value=2, unit="BTC"), prices=(PRICE,))
    assert valuations(book, END) == []


def test_units_of_two_documents_are_valued_apart() -> None:
    units = [claim("a", "loss_native", value=v, unit="BTC", document=f"D{v}", id=f"n{v}") for v in (2, 3)]
    found = valuations(ledger(*theft("a", 9000), *units, prices=(PRICE,)), END)
    assert [v.usd for v in found] == [Decimal("10001.0"), Decimal("15001.5")]


def test_the_ronin_theft_was_worth_less_on_the_day_than_when_it_was_found(book: Ledger) -> None:
    found = next(v for v in valuations(book, newest(book)) if v.incident == "ronin-2022")
    assert found.complete
    assert round(found.usd / 1_000_000) == 550
    assert found.difference is not None
    assert found.difference < 0


def test_the_complaints_values_of_gateio_come_out_again(book: Ledger) -> None:
    found = next(v for v in valuations(book, newest(book)) if v.incident == "gateio-2018")
    assert abs(found.usd - Decimal("234337668.88")) < 1
