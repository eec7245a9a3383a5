"""Requests that are not about stolen value: an account, a mailbox, a page at a host, named by a person or a playbook.

They come as the same packet, through the same code, as those that a trace leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bongsu.respond.officer import Officer
from bongsu.respond.packet import packet
from bongsu.respond.request import Request
from bongsu.respond.venue import venue
from bongsu.trace.case import Case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bongsu.respond.packet import Packet


@dataclass(frozen=True, slots=True)
class About:
    """What such a request takes from its case: id, title and TLP 2.0 level, and the date of the letters."""

    case: str
    title: str
    marking: str
    today: date

    def packet(self, ask: str, owner: str, subjects: Sequence[str]) -> Packet:
        """Return the packet that asks a host to do one thing about some subjects.

        Args:
            ask: one of venue.POWERS.
            owner: the host's id.
            subjects: what it is about, as the host knows it.

        Returns:
            Its letters leave open who asks: the case does not know.
        """
        empty = Case(Path(), self.title, self.case, "", {}, (), (), {}, (), (), (), 0, {})
        host = venue(owner, "host")
        request = Request(host, empty, (ask,), (), (), (), Officer(), self.today, tuple(subjects))
        return packet(request, self.marking, draft=False)
