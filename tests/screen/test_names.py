"""Names of all kinds, and the evidence beside them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.screen.compare import band, compare
from bongsu.screen.entry import Entry, Kind, Name
from bongsu.screen.evidence import combined, weigh
from bongsu.screen.query import Query

REVIEW = 0.7


@pytest.mark.parametrize(
    ("a", "b", "kind", "same"),
    [
        ("Vladimir Putin", "Владимир Путин", Kind.PERSON, True),
        ("Usama bin Ladin", "Osama bin Laden", Kind.PERSON, True),
        ("Muammar Qaddafi", "Moammar Kadhafi", Kind.PERSON, True),
        ("Angela Merkel", "Angelo Cruz", Kind.PERSON, False),
        ("Siemens AG", "Siemens Aktiengesellschaft", Kind.ORGANISATION, True),
        ("Rosneft Ltd", "ROSNEFT LIMITED LIABILITY COMPANY", Kind.ORGANISATION, True),
        ("CORP", "Daesong Corp", Kind.ORGANISATION, False),
        ("Acme Trading Corp", "Zenith Trading Corp", Kind.ORGANISATION, False),
        ("정찰총국", "Reconnaissance General Bureau", Kind.ORGANISATION, True),
        ("朝鮮鑛業開發貿易會社", "KOMID", Kind.ORGANISATION, True),
        ("조선련봉총회사", "KOREA RYONBONG GENERAL CORP", Kind.ORGANISATION, True),
        ("단천상업은행", "Korea Trading Bank", Kind.ORGANISATION, False),
        ("Chong Chon Gang", "M/V CHONGCHONGANG", Kind.VESSEL, True),
        ("Hyok Sin 2", "Hyok Sin 3", Kind.VESSEL, False),
    ],
)
def test_names_meet_as_an_analyst_would_have_it(a: str, b: str, kind: Kind, same: bool) -> None:
    assert (compare(a, b, kind).score >= REVIEW) == same


def test_no_band_is_a_verdict() -> None:
    assert [band(s) for s in (0.0, 0.69, 0.7, 0.97, 1.0)] == ["clear", "clear", "review", "strong", "strong"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(list(Kind)))
def test_any_two_texts_give_a_score(a: str, b: str, kind: Kind) -> None:
    assert 0.0 <= compare(a, b, kind).score <= 1.0


def _entry(**facts: tuple[str, ...]) -> Entry:
    return Entry(list="t", id="1", kind=Kind.PERSON, names=(Name("KIM, Yong Chol"),), **facts)  # type: ignore[arg-type]


def _moved(query: Query, entry: Entry) -> float:
    raising, lowering = weigh(query, entry)
    return combined(0.8, [*raising, *lowering]) - 0.8


def test_the_same_day_of_birth_raises_and_another_year_lowers() -> None:
    entry = _entry(births=("1964-06-18",))
    assert _moved(Query(births=("1964-06-18",)), entry) > 0.1
    assert _moved(Query(births=("1990-01-01",)), entry) < -0.3


@pytest.mark.parametrize("country", ["Korea, North", "DPRK", "KP", "Democratic People's Republic of Korea"])
def test_a_nationality_that_agrees_never_raises(country: str) -> None:
    assert _moved(Query(countries=(country,)), _entry(countries=("Korea, North",))) == 0


def test_a_nationality_that_contradicts_may_lower() -> None:
    assert _moved(Query(countries=("France",)), _entry(countries=("Korea, North",))) < 0


@given(st.floats(0.01, 0.99), st.text(max_size=20), st.text(max_size=20))
def test_no_nationality_at_all_raises_a_score(score: float, own: str, listed: str) -> None:
    raising, lowering = weigh(Query(countries=(own,)), _entry(countries=(listed,)))
    assert not raising
    assert combined(score, [*raising, *lowering]) <= score + 1e-9


def test_a_document_number_decides_across_its_punctuation() -> None:
    entry = Entry(list="t", id="1", kind=Kind.PERSON, names=(Name("A B"),), ids=(("Passport", "381-420754"),))
    raising, _ = weigh(Query(ids=("381420754",)), entry)
    assert raising
    assert "Passport" in raising[0][1]
