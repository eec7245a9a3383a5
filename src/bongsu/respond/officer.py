"""The officer who asks: what fills a letter's placeholders, read from a TOML file that a person keeps.

Nothing here is required: what is left out stays in the letter as a placeholder. docs/requests.md shows a whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from bongsu.chain.table import decode, parse_toml, read_bytes
from bongsu.errors import SourceError
from bongsu.respond.fields import from_table
from bongsu.respond.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
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
        translations: by language, fields as letters in it say them: the agency's name, the legal basis, the duration.
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
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def said(self, name: str, language: str) -> str:
        """Return a field as a letter in a language says it."""
        value: str = self.translations.get(language, {}).get(name, "") or getattr(self, name)
        return value

    def meets(self, demand: tuple[str, ...]) -> bool:
        """Whether all the fields that a demand names are filled in."""
        return all(getattr(self, name, "") for name in demand)


def _translation(row: object, language: str, source: str) -> dict[str, str]:
    """Return the fields that a table of a language says."""
    if not isinstance(row, dict):
        raise SourceError(f"{language!r} must be a table", source=source, hint=f"write [{language}]")
    said = from_table(Officer, row, f"{source} [{language}]", (), "")
    return {name: getattr(said, name) for name in row if isinstance(getattr(said, name), str)}


def read_officer(path: Path) -> Officer:
    """Read an officer file.

    Raises:
        SourceError: it cannot be read, a key is unknown or not text, or the e-mail address is none or a private one.
    """
    source = str(path)
    table = parse_toml(decode(path, read_bytes(path)), source)
    known = [x.name for x in fields(Officer) if x.name != "translations"]
    hint = f"an officer file knows: {', '.join(known)}, and a table for each language"
    if "translations" in table:
        raise SourceError("'translations' is not known", source=source, hint="write a table for each language: [ko]")
    translations = {x: _translation(table.pop(x), x, source) for x in LANGUAGES if x in table}
    officer = from_table(Officer, {**table, "translations": translations}, source, (), hint)
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
