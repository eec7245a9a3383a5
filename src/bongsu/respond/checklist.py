"""The officer's sheet: what a venue wants and whether it is there, what is still to be supplied, what to check first.

It stays in the house. A demand is met by the packet or stands here as "still to be supplied by you".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.respond.paper import plain
from bongsu.respond.plaintext import WIDTH, lay
from bongsu.respond.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bongsu.respond.request import Request


def checklist(request: Request, language: str, sent: Iterable[str], blanks: Iterable[str]) -> bytes:
    """Return the sheet as text.

    Args:
        request: what is asked.
        language: one of words.LANGUAGES.
        sent: names of the files that go to the venue.
        blanks: what the letter that goes to the venue leaves open.
    """
    text, say = words(language).text, words(language).say
    name = request.venue.name_ko if language == "ko" and request.venue.name_ko else request.venue.name
    parts = [lay(text("check.heading")), "=" * WIDTH + "\n", lay(f"{request.reference}"), "\n"]
    parts.append(lay(plain(say("check.wants", venue=name))))
    parts += _demands(request, language)
    parts.append("\n")
    parts.append(lay(plain(say("check.send", files=", ".join(sent))), 3))
    parts.append(lay(text("check.formats"), 3))
    if blanks:
        parts.append(lay(plain(say("check.blanks", blanks=" ".join(blanks))), 3, "[ ] "))
    if missing := _untranslated(request):
        parts.append(lay(plain(say("check.untranslated", what="; ".join(missing))), 3, "[ ] "))
    parts += ["\n", lay(text("check.before"))]
    parts += [lay(text(f"check.{key}"), 3, "[ ] ") for key in ("balance", "labels", "more", "ivms", "limits")]
    parts += ["\n", lay(plain(say("check.works", venue=name)))]
    parts += _works(request, language)
    return "".join(parts).encode()


def _demands(request: Request, language: str) -> Iterator[str]:
    text = words(language).text
    for demand, met in request.demands():
        yield lay(demand.text(language) + ("" if met else f" - {text('check.missing')}"), 3, "[x] " if met else "[ ] ")
    if not request.venue.demands:
        yield lay(text("check.none"), 3)


def _works(request: Request, language: str) -> Iterator[str]:
    venue, text, say = request.venue, words(language).text, words(language).say
    if not venue.known:
        yield lay(text("check.unknown"), 3)
        return
    said = [plain(say("check.checked", date=venue.as_of))]
    said += [plain(say("check.hours", hours=venue.hours))] if venue.hours else []
    said += [plain(say("check.answers", answer=venue.answer))] if venue.answer else []
    yield lay(" ".join(said), 3)
    for remark, source in zip(venue.remarks, venue.said.get("remarks", ()), strict=True):
        yield lay(f"{remark} [{source}]", 3, "- ")
    for n, source_text in enumerate(venue.sources, 1):
        yield lay(source_text, 3, f"[{n}] ")


def _untranslated(request: Request) -> list[str]:
    """Return what the letters to the venue quote in another language than theirs."""
    case = request.case
    found = []
    for language in request.letters_sent:
        if language == case.language:
            continue
        told = case.translations.get(language, {})
        texts = {"title": case.title, "summary": case.summary}
        found += [f"{key} ({language})" for key, value in texts.items() if value and key not in told]
        notes = [note for item in request.items for note in item.holding.notes if language not in note.translations]
        found += list(dict.fromkeys(f"{note.address.display} ({language})" for note in notes))
    return found
