"""Clocks know when a venue's desk works and how long it says it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bongsu.errors import RecordError
from bongsu.respond import due
from bongsu.respond.hours import later, read_hours
from bongsu.respond.state import Request
from bongsu.respond.venue import Venue

if TYPE_CHECKING:
    from collections.abc import Callable

SEOUL = "Mon-Fri 09:00-18:00 Asia/Seoul"
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 21:00 in Seoul


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-20T12:00Z", "2026-11-23T00:00Z"),  # Friday night: Monday morning
        ("2026-11-22T23:59Z", "2026-11-23T00:00Z"),
        ("2026-11-23T00:00Z", "2026-11-23T00:00Z"),
        ("2026-11-23T08:59Z", "2026-11-23T08:59Z"),
        ("2026-11-23T09:00Z", "2026-11-24T00:00Z"),
    ],
)
def test_a_closed_desk_is_waited_for(at: str, then: str) -> None:
    hours = read_hours(SEOUL)
    assert hours is not None
    assert hours.from_then(datetime.fromisoformat(at)) == datetime.fromisoformat(then)


@pytest.mark.parametrize(
    ("wait", "days"), [("1 business day", 3), ("15 business days", 21), ("30 days", 30), ("12 hours", 0.5)]
)
def test_business_days_leave_the_week_end_out(wait: str, days: float) -> None:
    assert later(FRIDAY, wait, None) - FRIDAY == timedelta(days=days)
    assert later(FRIDAY, wait, read_hours(SEOUL)) - FRIDAY == timedelta(days=days)


@pytest.mark.parametrize(
    "text",
    ["always", "Mon-Fri 9-18 Asia/Seoul", "Fri-Mon 09:00-18:00 UTC", "Mon 18:00-09:00 UTC", "Mon 09:00-25:00 UTC",
     "Mon-Fri 09:00-18:00 Mars/Base", "Xyz 09:00-10:00 UTC"],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_an_error(text: str) -> None:
    with pytest.raises(RecordError):
        read_hours(text)


def test_a_wait_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(RecordError, match="no time to wait"):
        later(FRIDAY, "soon", None)


def request(state: str) -> Request:
    rest = {"state": state, "approved": 1, "sent": 1}
    return Request("R1", "acme", "Acme", "exchange", "freeze", ("freeze",), (), {}, "kim@police", FRIDAY, **rest)  # type: ignore[arg-type]


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**said: str) -> None:
        acme = Venue("acme", "Acme", "exchange", ("freeze",), **said)  # type: ignore[arg-type]
        monkeypatch.setattr(due, "venue", lambda *_: acme)

    return use


def test_a_venue_that_has_acknowledged_gets_the_time_it_says_it_takes(profile: Callable[..., None]) -> None:
    profile(answer_within="15 business days")
    assert due.next_ring(request("acknowledged")) == FRIDAY + timedelta(days=21)
    assert due.expiry(request("acknowledged")) == FRIDAY + timedelta(days=42)
    assert due.next_ring(request("sent")) == FRIDAY + timedelta(days=1)  # the acknowledgement itself is asked for
    assert due.level(request("acknowledged"), FRIDAY + timedelta(days=23)) == 1
    assert due.level(request("acknowledged"), FRIDAY + timedelta(days=25)) == 2


def test_nobody_is_sent_to_chase_a_closed_desk(profile: Callable[..., None]) -> None:
    profile(hours=SEOUL)
    assert due.next_ring(request("sent")) == datetime(2026, 11, 23, tzinfo=UTC)
    profile()
    assert due.next_ring(request("sent")) == FRIDAY + timedelta(days=1)
