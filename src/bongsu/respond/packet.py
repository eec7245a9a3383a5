"""The packet of a request: every file that goes to a venue or stays with the case, as bytes, from one letter model.

What goes to the venue follows its profile: letters in the languages that it reads and the formats that it wants, and
all tables. Letters in the house's other languages, and the officer's sheet, stay.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from bongsu.respond import ivms101
from bongsu.respond.annex import annexes
from bongsu.respond.checklist import checklist
from bongsu.respond.letter import letter
from bongsu.respond.papers import FORMATS
from bongsu.trace.output import to_json

if TYPE_CHECKING:
    from bongsu.respond.request import Request


class Packet(NamedTuple):
    """A packet.

    Attributes:
        sent: the bytes of what goes to the venue, by file name.
        kept: the same for what stays in the house.
        blanks: what the letters to the venue leave open.
    """

    sent: dict[str, bytes]
    kept: dict[str, bytes]
    blanks: tuple[str, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """All of it, sorted by name."""
        return dict(sorted({**self.sent, **self.kept}.items()))


def packet(request: Request, marking: str, *, draft: bool = True) -> Packet:
    """Make the packet of a request.

    Args:
        request: what is asked.
        marking: TLP 2.0 level, as "amber+strict".
        draft: whether letters and JSON say that they are drafts.
    """
    tables = _tables(request, marking, draft=draft)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in tables.items()}
    sent, kept = dict(tables), dict[str, bytes]()
    blanks: list[str] = []
    for language in request.letters_made:
        model = letter(request, language, marking, sums, draft=draft)
        goes = language in request.letters_sent
        blanks += model.blanks if goes else ()
        wanted = request.venue.formats or tuple(FORMATS)
        for ending, render in FORMATS.items():
            (sent if goes and ending in wanted else kept)[f"letter.{language}.{ending}"] = render(model)
    open_places = tuple(dict.fromkeys(blanks))
    for language in request.letters_made:
        kept[f"checklist.{language}.txt"] = checklist(request, language, sorted(sent), open_places)
    return Packet(dict(sorted(sent.items())), dict(sorted(kept.items())), open_places)


def _tables(request: Request, marking: str, *, draft: bool) -> dict[str, bytes]:
    texts = annexes(request, marking, draft=draft)
    if request.items:
        texts["ivms101.json"] = to_json(ivms101.block(request))
    return {name: text.encode() for name, text in texts.items()}
