"""Dates as sources give them: a day, a month or a year.

A period keeps what was said. Whether something was known by a day is decided by the period's last day: of a document
dated 2023 it is only certain that it was out by 31 December 2023.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bongsu.errors import RecordError

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
_MONTHS = 12


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A day, a month or a year: its first and last day, and the text that says it."""

    first: date
    last: date
    text: str

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65_536)
def parse_period(text: str) -> Period:
    """Return the period that `2023`, `2023-06` or `2023-06-02` says.

    Raises:
        RecordError: the text is none of the three, or no such day exists.
    """
    match = _FORM.match(text.strip())
    if match is None:
        raise _no_date(text)
    year, month, day = (int(part or 0) for part in match.groups())
    try:
        if match.group(2) is None:
            return Period(date(year, 1, 1), date(year, _MONTHS, 31), match.group())
        if match.group(3) is None:
            return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]), match.group())
        return Period(date(year, month, day), date(year, month, day), match.group())
    except ValueError:
        raise _no_date(text) from None


def _no_date(text: str) -> RecordError:
    return RecordError(
        f"{text[:40]!r} is no date", hint="write 2023, 2023-06 or 2023-06-02, as exactly as the source says"
    )
