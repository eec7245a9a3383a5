from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from bongsu.ledger.standing import Standing, standings
from tests.ledger.ledgers import claim, day, ledger, loss, relation, theft, who

if TYPE_CHECKING:
    from bongsu.ledger.records import Claim

END = date(2030, 1, 1)


def now(*claims: Claim, as_of: date = END) -> Standing:
    return standings(ledger(*claims), as_of)["a"]


def test_only_what_was_published_by_then_is_known() -> None:
    claims = (*theft("a"), loss("a", 500, "vendor", "2022-06-01", confidence=90))
    assert now(*claims, as_of=date(2022, 5, 31)).usd == 100
    assert now(*claims, as_of=date(2022, 6, 1)).usd == 500
    assert not now(*claims, as_of=date(2019, 12, 31)).known


def test_a_month_or_year_is_known_from_its_last_day_on() -> None:
    assert not now(loss("a", 1, on="2022-06"), as_of=date(2022, 6, 29)).known
    assert now(loss("a", 1, on="2022-06"), as_of=date(2022, 6, 30)).known
    assert not now(loss("a", 1, on="2022"), as_of=date(2022, 12, 30)).known


def test_a_publishers_later_figure_replaces_its_earlier_one() -> None:
    claims = (loss("a", 900, "vendor", "2020-01-01"), loss("a", 600, "vendor", "2021-01-01"))
    found = now(*claims)
    assert (found.usd, found.low, found.high) == (Decimal(600),) * 3


def test_of_publishers_the_surer_then_the_weightier_is_quoted() -> None:
    assert now(loss("a", 1, "gov", confidence=50), loss("a", 2, "someone", confidence=85)).usd == 2
    assert now(loss("a", 1, "gov"), loss("a", 2, "someone", "2025-01-01")).usd == 1


def test_low_and_high_span_all_standing_figures() -> None:
    found = now(loss("a", 5, "gov", low=4), loss("a", 7, "vendor", high=9))
    assert (found.low, found.high) == (Decimal(4), Decimal(9))


def test_a_day_inside_the_quoted_month_is_quoted() -> None:
    assert (
        now(day("a", "2019-05"), day("a", "2019-05-03", "someone", confidence=15)).when
        == now(day("a", "2019-05-03")).when
    )
    assert str(now(day("a", "2019-05"), day("a", "2019-06-03", "someone", confidence=15)).when) == "2019-05"


def test_the_weightiest_attribution_gives_the_weight() -> None:
    assert now(who("a", "someone"), who("a", "un-panel")).weight == 3


def test_a_mere_possibility_has_the_least_weight_whoever_names_it() -> None:
    assert now(who("a", "gov", confidence=49)).weight == 1
    assert now(who("a", "gov", confidence=15), who("a", "vendor", confidence=50)).weight == 2


def test_who_changes_their_mind_has_one_view_at_a_time() -> None:
    claims = (who("a", "vendor", "2020-01-01"), claim("a", "dispute", "vendor", "2021-01-01", text="not them"))
    assert now(*claims, as_of=date(2020, 6, 1)).weight == 2
    after = now(*claims)
    assert (after.weight, len(after.disputes)) == (0, 1)


def test_two_figures_for_one_recovery_compete_and_two_recoveries_add_up() -> None:
    def back(value: int, event: str, publisher: str) -> Claim:
        return claim("a", "recovery", publisher, value=value, unit="USD", text=event, id=f"r{value}")

    assert now(back(10, "seized", "gov"), back(12, "seized", "someone")).recovered == 10
    assert now(back(10, "seized", "gov"), back(12, "returned", "someone")).recovered == 22


def test_coins_that_came_back_are_not_added_to_dollars() -> None:
    assert now(claim("a", "recovery", value=5, unit="BTC", text="returned")).recovered == 0


def test_only_firm_relations_published_by_then_make_a_duplicate() -> None:
    two = (*theft("a"), *theft("b"))

    def of(**more: int | str) -> str:
        return standings(ledger(*two, relations=(relation("a", "part-of", "b", **more),)), END)["a"].duplicate_of  # type: ignore[arg-type]

    assert (of(), of(confidence=15), of(on="2031-01-01")) == ("b", "", "")
