"""Agencies and people: who may do what in a case, as data (agencies.toml, or a file of the same form).

Bongsu does not prove who somebody is: whoever can open the database says who they are, and the log keeps what was said.
Give each agency its own account at the database, or put Bongsu behind something that signs people in.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

RIGHTS = ("open", "see", "note", "run", "approve", "send", "answer", "close")


@dataclass(frozen=True, slots=True)
class Agency:
    """One body, and what its people may do."""

    id: str
    name: str
    name_ko: str
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts for an agency; written `person@agency`."""

    person: str
    agency: str

    def __str__(self) -> str:
        return f"{self.person}@{self.agency}"


@dataclass(frozen=True, slots=True)
class Roster:
    """Agencies, people and compartments.

    Attributes:
        agencies: by id.
        people: by `person@agency`, with the rights they hold; empty where anybody may act for an agency.
        compartments: by name, the agencies and people (`person@agency`) who may see what is kept in them.
    """

    agencies: dict[str, Agency]
    people: dict[str, frozenset[str]]
    compartments: dict[str, frozenset[str]]

    def actor(self, text: str) -> Actor:
        """Return who `person@agency` names.

        Raises:
            RecordError: nobody here is called so.
        """
        person, _, agency = text.partition("@")
        if not person or agency not in self.agencies:
            raise RecordError(
                f"{text!r} is nobody here",
                hint=f"write NAME@AGENCY with one of the agencies {', '.join(self.agencies)}",
            )
        if self.people and text not in self.people:
            raise RecordError(f"{text!r} is not among the people of the agencies' file")
        return Actor(person, agency)

    def may(self, actor: Actor, right: str) -> bool:
        """Say whether somebody has a right: their agency's, narrowed to their own where people are listed."""
        by_agency = self.agencies[actor.agency].rights
        return right in by_agency and right in self.people.get(str(actor), by_agency)

    def who_may(self, right: str) -> list[str]:
        """Return the ids of the agencies that have a right."""
        return [a.id for a in self.agencies.values() if right in a.rights]

    def inside(self, actor: Actor, compartment: str) -> bool:
        """Say whether somebody may see what is kept in a compartment; everybody may see what is in none."""
        return not compartment or bool({actor.agency, str(actor)} & self.compartments.get(compartment, frozenset()))


def read_roster(path: Path | None = None) -> Roster:
    """Read agencies, people and compartments from a TOML file; the six Korean bodies where none is named.

    Raises:
        SourceError: the file cannot be read, or says something it cannot mean.
    """
    source = str(path or "agencies.toml")
    try:
        text = (
            path.read_text(encoding="utf-8")
            if path
            else files(__package__).joinpath("agencies.toml").read_text(encoding="utf-8")
        )
        document = tomllib.loads(text)
    except OSError as error:
        raise SourceError(f"the agencies cannot be read: {error.strerror}", source=source) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"this is not TOML: {error}", source=source) from None
    try:
        return _roster(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"an entry lacks or misuses {error}", source=source, hint="docs/cases.md shows the form"
        ) from None
    except RecordError as error:
        raise SourceError(error.message, source=source, hint=error.hint) from None


def _roster(document: dict[str, Any]) -> Roster:
    agencies = {
        row["id"]: Agency(row["id"], row["name"], row.get("name_ko", ""), _rights(row["rights"]))
        for row in document.get("agency", [])
    }
    people: dict[str, frozenset[str]] = {}
    for row in document.get("person", []):
        agency = agencies.get(row["agency"])
        if agency is None:
            raise RecordError(f"the person {row['id']!r} belongs to {row['agency']!r}, which is no agency of the file")
        people[f"{row['id']}@{agency.id}"] = _rights(row["rights"]) if "rights" in row else agency.rights
    compartments = {row["name"]: frozenset(row["members"]) for row in document.get("compartment", [])}
    if not agencies:
        raise RecordError("no agency is named", hint="add an [[agency]] with id, name and rights")
    return Roster(agencies, people, compartments)


def _rights(names: list[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(RIGHTS))
    if unknown:
        raise RecordError(f"{unknown[0]!r} is no right", hint=f"the rights are {', '.join(RIGHTS)}")
    return frozenset(names)
