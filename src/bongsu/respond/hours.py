"""When a venue's desk works, and by when it usually answers: the words of a profile as times.

Public holidays are not known here: a clock may ring on one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from bongsu.errors import RecordError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = frozenset(range(5))
_HOURS = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d:\d\d)-(\d\d:\d\d) (\S+)\Z")
_WAIT = re.compile(r"(\d{1,3}) (business day|day|hour)s?\Z")


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours: days (0 is Monday), from when to when, and the desk's zone."""

    days: frozenset[int]
    opens: time
    closes: time
    zone: ZoneInfo

    def from_then(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which somebody is there, in UTC."""
        here = at.astimezone(self.zone)
        if here.weekday() in self.days and self.opens <= here.time() < self.closes:
            return at.astimezone(UTC)
        day = here.date() if here.time() < self.opens else here.date() + timedelta(days=1)
        while day.weekday() not in self.days:
            day += timedelta(days=1)
        return datetime.combine(day, self.opens, self.zone).astimezone(UTC)

    def shown(self, at: datetime) -> str:
        """Return a moment as the desk reads it."""
        return f"{at.astimezone(self.zone):%a %d %b %H:%M} {self.zone.key}"


def read_hours(text: str) -> Hours | None:
    """Read `Mon-Fri 09:00-18:00 Asia/Seoul`; None for no text.

    Raises:
        RecordError: it is written otherwise.
    """
    if not text:
        return None
    found = _HOURS.match(text)
    unread = RecordError(f"hours {text!r} cannot be read", hint="write them like Mon-Fri 09:00-18:00 Asia/Seoul")
    if found is None or found[5] not in available_timezones() or {found[1], found[2] or found[1]} - set(_DAYS):
        raise unread
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    try:
        opens, closes = time.fromisoformat(found[3]), time.fromisoformat(found[4])
    except ValueError:
        raise unread from None
    if first > last or opens >= closes:
        raise RecordError(f"hours {text!r} end before they begin")
    return Hours(frozenset(range(first, last + 1)), opens, closes, ZoneInfo(found[5]))


def later(at: datetime, wait: str, hours: Hours | None) -> datetime:
    """Return the moment after a wait such as `15 business days`, `30 days` or `12 hours`.

    Business days are those of the desk's hours and zone; Monday to Friday in UTC where nobody has said.

    Raises:
        RecordError: the wait is written otherwise.
    """
    found = _WAIT.match(wait)
    if found is None:
        raise RecordError(f"{wait!r} is no time to wait", hint="write it like 15 business days, 30 days or 12 hours")
    count = int(found[1])
    if found[2] == "hour":
        return at + timedelta(hours=count)
    if found[2] == "day":
        return at + timedelta(days=count)
    days = hours.days if hours else _WEEK
    here = at.astimezone(hours.zone if hours else UTC)
    while count:
        here += timedelta(days=1)
        count -= here.weekday() in days
    return here.astimezone(UTC)
