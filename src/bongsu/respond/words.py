"""The words of letters by language: letters/*.toml, one file each, all with the same keys.

Foreign text enters a sentence as one line (model/text), and as text: no renderer reads markup in it. Where it is
written from right to left it is isolated, so that it cannot turn what stands beside it.
"""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bongsu.chain.table import parse_toml
from bongsu.model.text import one_line
from bongsu.respond.paper import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES = ("en", "ko", "ja")
"""In which letters can be written."""
_OPEN, _CLOSE = "\u2068", "\u2069"  # Unicode 16, UAX 9: first strong isolate, and its end


class Words:
    """The sentences of one language. A key is "section.name"."""

    def __init__(self, language: str, table: dict[str, Any]) -> None:
        self.language = language
        self._table = table

    def text(self, key: str) -> str:
        """Return a sentence as it stands in the file."""
        section, _, name = key.partition(".")
        found: str = self._table[section][name]
        return found

    def has(self, key: str) -> bool:
        """Return whether there is such a sentence."""
        section, _, name = key.partition(".")
        return name in self._table[section]

    def texts(self, key: str) -> list[str]:
        """Return a list as it stands in the file."""
        section, _, name = key.partition(".")
        found: list[str] = self._table[section][name]
        return found

    def say(self, key: str, **values: str | Span | Text) -> Text:
        """Return a sentence with its {names} filled in."""
        spans: list[Span] = []
        for literal, name, _, _ in string.Formatter().parse(self.text(key)):
            if literal:
                spans.append(Span(literal))
            if name is not None:
                spans += _spans(values[name])
        return tuple(span for span in spans if span.text)

    def blank(self, name: str) -> Span:
        """Return a place that is left open."""
        return Span(f"[{self.text(f'blank.{name}')}]", "blank")

    def given(self, value: str, name: str) -> Span:
        """Return what was said, or the open place of that name."""
        return foreign(value) if value else self.blank(name)

    def confidence(self, value: str) -> str:
        """Return how sure somebody is, in this language where the word is known."""
        known: dict[str, str] = self._table["confidence"]
        return known.get(value.lower(), value) if value else self.text("form.unstated")

    def listed(self, parts: Iterable[str], key: str = "form.list") -> str:
        """Return parts joined as the language joins them."""
        return self.text(key).join(parts)


@cache
def words(language: str) -> Words:
    """Return the words of a language of LANGUAGES."""
    source = f"letters/{language}.toml"
    text = files(__package__).joinpath("letters", f"{language}.toml").read_text(encoding="utf-8")
    return Words(language, parse_toml(text, source))


def foreign(text: str, kind: str = "") -> Span:
    """Return text from outside as a run that stays on its line and keeps its own direction."""
    line = one_line(text)
    if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in line):
        line = f"{_OPEN}{line}{_CLOSE}"
    return Span(line, kind)


def _spans(value: str | Span | Text) -> Text:
    if isinstance(value, str):
        return (foreign(value),)
    return (value,) if isinstance(value, Span) else value
