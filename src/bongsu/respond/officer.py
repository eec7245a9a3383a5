"""The officer who asks: what fills a letter's placeholders, read from a TOML file that a person keeps.

Nothing here is required: what is left out stays in the letter as a placeholder. docs/requests.md shows a whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bongsu.chain.table import decode, parse_toml, read_bytes
from bongsu.errors import SourceError
from bongsu.respond.fields import from_table
from bongsu.respond.words import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}\Z")
_FREE_MAIL = frozenset({
    "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "protonmail.com", "proton.me", "naver.com", "daum.net",
})  # fmt: skip
"""Public mail services: venues do not read requests that come from one (Crypto Bot's policy names the first)."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks. Every field is text, and empty where the letter keeps its placeholder.

    Attributes:
        agency, name, title, badge, email, phone: the agency and its officer.
        case_number: the agency's own number of the case.
        legal_basis: the law and the instrument on which the request rests, as the letter shall say it.
        return_channel: where the answer goes, if not to the e-mail address.
        duration: for how long the freeze is asked.
        document_number: the agency's number of the letter itself.
        languages: those in which the house keeps a copy of each letter; all that there are if left out.
    """

    agency: str = ""
    name: str = ""
    title: str = ""
    badge: str = ""
    email: str = ""
    phone: str = ""
    case_number: str = ""
    legal_basis: str = ""
    return_channel: str = ""
    duration: str = ""
    document_number: str = ""
    languages: tuple[str, ...] = LANGUAGES

    def meets(self, demand: tuple[str, ...]) -> bool:
        """Whether all the fields that a demand names are filled in."""
        return all(getattr(self, name, "") for name in demand)


def read_officer(path: Path) -> Officer:
    """Read an officer file.

    Raises:
        SourceError: it cannot be read, a key is unknown or not text, or the e-mail address is none or a private one.
    """
    source = str(path)
    table = parse_toml(decode(path, read_bytes(path)), source)
    hint = f"an officer file knows: {', '.join(field.name for field in fields(Officer))}"
    officer = from_table(Officer, table, source, (), hint)
    unknown = sorted(set(officer.languages) - set(LANGUAGES))
    if unknown:
        raise SourceError(
            f"there is no letter in language {unknown[0]!r}", source=source, hint=f"there is {', '.join(LANGUAGES)}"
        )
    if officer.email and not _EMAIL.match(officer.email):
        raise SourceError(f"email {officer.email[:60]!r} is no e-mail address", source=source, hint="write name@domain")
    if officer.email.rpartition("@")[2].lower() in _FREE_MAIL:
        raise SourceError(
            f"email {officer.email[:60]!r} is with a public mail service",
            source=source,
            hint="venues answer only to an address in the agency's own domain",
        )
    return officer
