"""What the parsers share: dates, numbers, XML read as a stream."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LONGEST = 1000
"""Characters kept of one field."""

_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?!\d)")
_DAY_FIRST = re.compile(r"(?:(\d{1,2}|dd)[./])?(?:(\d{1,2}|mm)[./])?(\d{4})(?!\d)")
_WORDS = re.compile(r"(?:(\d{1,2})\s+)?([A-Za-z]{3})[a-z]*\.?\s+(\d{4})(?!\d)")
_KANJI = re.compile(r"(\d{4})\s*年\s*(?:(\d{1,2})\s*月\s*(?:(\d{1,2})\s*日)?)?")


def clean(text: str | None) -> str:
    """Return a field with runs of white space folded and control characters dropped, at most LONGEST characters."""
    if not text:
        return ""
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text[: 4 * LONGEST]).split())[
        :LONGEST
    ]


def date(text: str | None) -> str:
    """Return the first date in a text as ISO 8601, as exact as it is; empty where there is none."""
    plain = clean(text)
    found = _KANJI.search(plain) or _ISO.match(plain)
    if found:
        return _iso(found[1], found[2], found[3])
    words = _WORDS.search(plain)
    if words and words[2].lower() in _MONTHS:
        return _iso(words[3], str(_MONTHS[words[2].lower()]), words[1])
    day_first = _DAY_FIRST.search(plain)
    if day_first:
        day, month, year = day_first.groups()
        if month is None and day is not None:
            day, month = None, day
        return _iso(year, None if month == "mm" else month, None if day == "dd" else day)
    return ""


def _iso(year: str, month: str | None, day: str | None) -> str:
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day or not 1 <= int(day) <= 31:
        return f"{year}-{int(month):02d}"
    return f"{year}-{int(month):02d}-{int(day):02d}"


def local(tag: object) -> str:
    """Return a tag's name without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(path: Path, *names: str) -> Iterator[ET.Element]:
    """Yield the elements of those names as they end, and forget all that was read; namespaces are dropped.

    Raises:
        SourceError: the file is no well-formed XML, or it is cut off.
    """
    try:
        above: list[ET.Element] = []
        wanted = 0  # how many wanted elements are open: what stands in them is kept until they end
        with path.open("rb") as file:
            for event, element in ET.iterparse(file, events=("start", "end")):  # noqa: S314 - see the import
                if event == "start":
                    above.append(element)
                    wanted += local(element.tag) in names
                    continue
                above.pop()
                element.tag = local(element.tag)
                if element.tag in names:
                    yield element
                    wanted -= 1
                if not wanted and above:
                    above[-1].remove(element)
    except ET.ParseError as error:
        raise SourceError(
            f"this XML cannot be read: {error}",
            source=str(path),
            line=error.position[0] if error.position else None,
            hint="the file may be cut off: fetch the list again",
        ) from None
    except (LookupError, UnicodeError, ValueError) as error:
        raise SourceError(f"this XML cannot be read: {error}", source=str(path)) from None


def texts(element: ET.Element, path: str) -> tuple[str, ...]:
    """Return the cleaned, distinct, non-empty texts below a path, in order."""
    return tuple(dict.fromkeys(t for t in (clean(e.text) for e in element.iterfind(path)) if t))


def imo_valid(number: str) -> bool:
    """Say whether seven digits carry the check digit of an IMO ship number (IMO resolution A.1117(30))."""
    digits = [int(c) for c in number]
    return len(digits) == 7 and sum(d * w for d, w in zip(digits, range(7, 1, -1), strict=False)) % 10 == digits[6]


def imo_company_valid(number: str) -> bool:
    """Say whether seven digits carry the check digit of an IMO company number (IMO resolution MSC.160(78))."""
    digits = [int(c) for c in number]
    if len(digits) != 7:
        return False
    total = sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 9, 7), strict=False))
    return (11 - total % 11) % 10 == digits[6]


_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def mails(texts_: Iterable[str]) -> tuple[str, ...]:
    """Return the e-mail addresses in texts, in lower case: lists put several into one field."""
    return tuple(dict.fromkeys(m.lower() for text in texts_ for m in _MAIL.findall(text)))


_IMO = re.compile(r"\b(?:IMO\D{0,12})?(\d{7})\b")


def imo_numbers(text: str) -> tuple[str, ...]:
    """Return the seven-digit numbers of a text that carry the check digit of a ship or of a shipping company."""
    return tuple(dict.fromkeys(n for n in _IMO.findall(text) if imo_valid(n) or imo_company_valid(n)))
