"""Check what is asked, and make a query of it: the command line, files and the service all come through here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.screen.compare import SCHEMATA
from bongsu.screen.lists.common import imo_company_valid, imo_valid
from bongsu.screen.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_NAMES = 50
LONGEST = 1000
_BIRTH = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")


def query(fields: Mapping[str, Any]) -> Query:
    """Return the query of `names`, `schema`, `birth`, `country` and so on, each a list of texts.

    Raises:
        RecordError: a text is too long, a date is none, a schema is not known, an IMO number fails its check digit.
    """
    schema = str(fields.get("schema") or "unknown").strip().lower()
    if schema not in SCHEMATA:
        raise RecordError(
            f"there is no schema {schema[:40]!r}", hint="use person, organisation, vessel, aircraft or unknown"
        )
    names = _texts(fields.get("names", ()), "name")
    births = _texts(fields.get("birth", ()), "birth")
    for birth in births:
        if not _BIRTH.match(birth):
            raise RecordError(f"{birth[:30]!r} is no date of birth", hint="write 1984, 1984-08 or 1984-08-15")
    return Query(
        names=tuple(names),
        kind=SCHEMATA[schema],
        births=tuple(births),
        birth_places=_texts(fields.get("birth_place", ()), "birth_place"),
        countries=_texts(fields.get("country", ()), "country"),
        positions=_texts(fields.get("position", ()), "position"),
        ids=_texts(fields.get("id_number", ()), "id_number"),
        imo=tuple(_imo(text) for text in _texts(fields.get("imo", ()), "imo")),
        flags=_texts(fields.get("flag", ()), "flag"),
        emails=_texts(fields.get("email", ()), "email"),
        wallets=_texts(fields.get("wallets", ()), "wallet"),
    )


def _texts(values: Iterable[Any], what: str) -> tuple[str, ...]:
    found = [str(v).strip() for v in values if v is not None and str(v).strip()]
    if len(found) > MOST_NAMES:
        raise RecordError(f"{len(found)} values of {what} are given", hint=f"give at most {MOST_NAMES}")
    for text in found:
        if len(text) > LONGEST:
            raise RecordError(
                f"a {what} is {len(text)} characters long", hint=f"the longest that is screened has {LONGEST}"
            )
    return tuple(dict.fromkeys(found))


def _imo(text: str) -> str:
    digits = re.sub(r"(?i)^imo\W*", "", text)
    if not (digits.isascii() and digits.isdigit() and (imo_valid(digits) or imo_company_valid(digits))):
        raise RecordError(
            f"IMO number {text[:20]!r} fails its check digit",
            hint="it has seven digits, the last of which checks the others",
        )
    return digits
