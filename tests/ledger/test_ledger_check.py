from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bongsu.ledger.check import check, notes
from bongsu.ledger.records import Actor, Claim, Incident, Ledger, Price, Publisher
from bongsu.ledger.when import parse_period
from tests.ledger.ledgers import aggregate, claim, day, ledger, loss, relation, theft, who

GOOD = theft("a")


def said(book: Ledger) -> str:
    return "\n".join(f"{p.message} | {p.hint}" for p in check(book))


def test_a_sound_ledger_has_nothing_wrong() -> None:
    assert check(ledger(*GOOD)) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(who("a"), incident="b"), "the claim is an orphan"),
        (replace(who("a"), publisher="nobody"), "publisher 'nobody' is not known"),
        (replace(who("a"), document=""), "document is empty: the claim has no source"),
        (replace(who("a"), url=""), "url is empty: the claim has no source"),
        (replace(who("a"), url="javascript:alert(1)"), "is no web address"),
        (replace(who("a"), via="see the report"), "is no web address"),
        (replace(who("a"), text="unit-180"), "no actor has the id 'unit-180'"),
        (replace(who("a"), basis="hearsay"), "basis 'hearsay' is not known"),
        (replace(who("a"), confidence=101), "confidence 101 is above 100"),
        (replace(who("a"), kind="rumour"), "kind 'rumour' is not known"),
        (replace(who("a"), id="Ä"), "is not well formed"),
        (loss("a", 5, low=6), "low, value and high do not rise"),
        (replace(loss("a", 5), unit="EUR"), "the unit of a claim of kind loss_usd is 'EUR'"),
        (replace(loss("a", 5), value=None), "a claim of kind loss_usd needs a value"),
        (loss("a", "5.001"), "more than two decimals"),
        (loss("a", 5, valuation="guess"), "valuation 'guess' is not known"),
        (claim("a", "loss_native", value=5), "unit is empty"),
        (claim("a", "dispute"), "a claim of kind dispute needs text"),
        (day("a", "May"), "'May' is no date"),
        (day("a", "2021"), "was published before that"),
        (claim("a", "address", text="0x1"), "is no address with its chain"),
        (claim("a", "address", text="bitcoin:1BHnp77MqZGGFaCGQ9J4GhLstPUeBshVcd"), "fails its checksum"),
        (claim("a", "address", text="ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f97"), "EIP-55"),
    ],
)
def test_a_wrong_claim_is_reported(wrong: Claim, message: str) -> None:
    assert message in said(replace(ledger(*GOOD), claims=(*GOOD, replace(wrong, id=wrong.id + "x"))))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Incident("a", "", "KR", "exchange", "crypto", ""), "title is empty"),
        (Incident("a", "A", "South Korea", "exchange", "crypto", ""), "is no ISO code"),
        (Incident("a", "A", "KR", "casino", "crypto", ""), "victim_type 'casino' is not known"),
        (Incident("a", "A", "KR", "exchange", "gold", ""), "category 'gold' is not known"),
    ],
)
def test_a_wrong_incident_is_reported(wrong: Incident, message: str) -> None:
    assert message in said(ledger(*GOOD, a=wrong))


def test_an_incident_without_claims_or_date_is_reported() -> None:
    empty = Incident("b", "B", "", "other", "crypto", "")
    assert "nothing is claimed of 'b'" in said(ledger(*GOOD, b=empty))
    assert "no claim dates 'a'" in said(ledger(who("a")))


def test_wrong_relations_are_reported() -> None:
    two = (*theft("a"), *theft("b"))
    assert "related to itself" in said(ledger(*two, relations=(relation("a", "part-of", "a"),)))
    assert "no incident has the id 'c'" in said(ledger(*two, relations=(relation("a", "part-of", "c"),)))
    assert "kind 'like' is not known" in said(ledger(*two, relations=(relation("a", "like", "b"),)))
    circle = (relation("a", "part-of", "b"), relation("b", "same-as", "a"))
    assert "in the end part of itself" in said(ledger(*two, relations=circle))


def test_totals_whose_years_do_not_add_up_are_reported() -> None:
    whole = aggregate("whole", usd=Decimal(1000))
    years = [aggregate(f"y{n}", usd=Decimal(400), part_of="whole") for n in (1, 2)]
    assert "its parts add up to 800 USD and it says 1,000" in said(ledger(*GOOD, aggregates=(whole, *years)))
    right = replace(years[1], usd=Decimal(600))
    assert check(ledger(*GOOD, aggregates=(whole, years[0], right))) == []


def test_wrong_totals_are_reported() -> None:
    backwards = aggregate(since=parse_period("2024"), until=parse_period("2023"))
    assert "the period ends (2023) before it begins" in said(ledger(*GOOD, aggregates=(backwards,)))
    assert "neither a count nor an amount" in said(ledger(*GOOD, aggregates=(aggregate(usd=None),)))
    assert "restates names 'x', which is not there" in said(ledger(*GOOD, aggregates=(aggregate(restates="x"),)))


def test_wrong_prices_publishers_and_actors_are_reported() -> None:
    price = Price("p", "BTC", parse_period("2020"), Decimal(1), "", "https://example.org/p", "")
    assert "a price needs a day" in said(ledger(*GOOD, prices=(price,)))
    assert "source is empty" in said(ledger(*GOOD, prices=(price,)))
    book = ledger(*GOOD)
    bad = {**book.publishers, "x": Publisher("x", "X", "blog", "", "")}
    assert "type 'blog' is not known" in said(replace(book, publishers=bad))
    lost = {**book.actors, "x": Actor("x", "X", "nowhere", "group", "APT1", (), "", "")}
    assert "is under 'nowhere', which is not there" in said(replace(book, actors=lost))
    assert "'APT1' is no ATT&CK id" in said(replace(book, actors=lost))


def test_addresses_without_a_checksum_test_are_counted_not_passed_over() -> None:
    book = ledger(*GOOD, claim("a", "address", text="monero:4abc"))
    assert check(book) == []
    assert notes(book) == ["addresses whose chain has no checksum test here: monero 1"]
