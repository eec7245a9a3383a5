"""The contract of a channel: how a packet leaves the house; its implementations stand in channels/.

A delivery has a key, the request's id and version, that never changes: a receiver who sees it twice can tell. A channel
says one of three things about an attempt: it arrived (a reference), it surely did not (FailedError, it is tried
again), or nobody knows (DoubtfulError). What is doubtful is not tried again by itself, except where the channel is
`repeatable`: where doing it again comes to the same as doing it once.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class FailedError(Exception):
    """The packet surely did not arrive; `final` where trying again is of no use."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.final = final


class DoubtfulError(Exception):
    """Nobody knows whether the packet arrived."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Packet:
    """What is delivered.

    Attributes:
        key: `case/R1@1`: request and version; the same at each attempt.
        case, request, version: the same in parts.
        venue, action, marking: for whom, what is asked, TLP level.
        subject: one line.
        files: bytes by name.
        at: when it was approved, ISO 8601: part of what is signed, and the same at each attempt.
    """

    key: str
    case: str
    request: str
    version: int
    venue: str
    action: str
    marking: str
    subject: str
    files: Mapping[str, bytes]
    at: str


class Channel(Protocol):
    """One way out."""

    @property
    def repeatable(self) -> bool:
        """Whether doing it again comes to the same as doing it once."""

    @property
    def seconds(self) -> float:
        """How long an attempt may take at most."""

    def deliver(self, packet: Packet) -> str:
        """Deliver a packet and return the receiver's reference, or where it lies.

        Raises:
            FailedError: it did not arrive.
            DoubtfulError: nobody knows.
        """


@dataclass(frozen=True, slots=True)
class Channels:
    """Which channel a venue's packets take; `default` where none is named for it."""

    default: Channel
    by_venue: Mapping[str, Channel] = field(default_factory=dict)

    def of(self, venue: str) -> Channel:
        """Return the channel for a venue."""
        return self.by_venue.get(venue, self.default)


def read_channels(path: Path | None, outbox: Path, secrets: Mapping[str, str]) -> Channels:
    """Read which way out each venue's packets take; all into the folder `outbox` where no file is named.

    Args:
        path: a TOML file: [default] and [venue.ID] tables with `kind` and what that kind needs (docs/cases.md).
        outbox: the folder for packets that somebody carries.
        secrets: where passwords and keys are looked up by the name the file gives: the environment.

    Raises:
        SourceError: the file cannot be read, names a kind that is none, or a secret that is not set.
    """
    from bongsu.respond.channels import KINDS
    from bongsu.respond.channels.folder import Folder

    if path is None:
        return Channels(Folder(outbox))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"the channels cannot be read: {error.strerror}", source=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"this is not TOML: {error}", source=str(path)) from None

    def channel(row: Mapping[str, Any], where: str) -> Channel:
        kind = KINDS.get(row.get("kind", ""))
        if kind is None:
            raise SourceError(
                f"{where}: {row.get('kind')!r} is no kind of channel",
                source=str(path),
                hint=f"they are {', '.join(KINDS)}",
            )
        try:
            return kind(row, secrets)
        except KeyError as error:
            raise SourceError(f"{where}: {error} is missing or not set", source=str(path)) from None

    venues = {name: channel(row, f"venue.{name}") for name, row in document.get("venue", {}).items()}
    default = channel(document["default"], "default") if "default" in document else Folder(outbox)
    return Channels(default, venues)
