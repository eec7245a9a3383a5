from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.errors import RecordError
from bongsu.ledger.when import parse_period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-06-02", date(2023, 6, 2), date(2023, 6, 2)),
    ],
)
def test_a_period_spans_the_days_it_names(text: str, first: date, last: date) -> None:
    assert (parse_period(text).first, parse_period(text).last) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "23", "2023-13", "2023-02-30", "2023-6-2", "02/06/2023", "2023-06-02T00:00", "٢٠٢٣", "0000"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="is no date"):
        parse_period(text)


@given(st.text(max_size=30))
def test_garbage_is_a_date_or_a_record_error(text: str) -> None:
    with contextlib.suppress(RecordError):
        assert parse_period(text).first <= parse_period(text).last


@given(st.dates())
def test_a_day_reads_back_as_itself(day: date) -> None:
    assert parse_period(day.isoformat()).first == day
