"""Plain text keeps its width, loses no word, and lets no foreign text out of its line."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.text import one_line
from bongsu.respond.plaintext import WIDTH, columns, lay


@given(st.text())
def test_one_line_holds_no_break_and_no_invisible_character(text: str) -> None:
    assert not [c for c in one_line(text) if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029"]


@given(st.text())
def test_one_line_is_stable(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(), st.integers(0, 8))
def test_lines_keep_the_width_and_bear_no_trailing_space(text: str, indent: int) -> None:
    lines = lay(text, indent, "- ").split("\n")[:-1]
    assert all(columns(line) <= WIDTH and line == line.rstrip() for line in lines)


@given(st.text())
def test_no_character_is_lost_in_layout(text: str) -> None:
    assert "".join(lay(text).split()) == "".join(one_line(text).split())


def test_hangul_takes_two_columns() -> None:
    assert max(columns(line) for line in lay("수사 협조 " * 40).splitlines()) <= WIDTH


def test_a_long_address_of_a_page_breaks_at_a_slash() -> None:
    assert lay("https://example.org/" + "a" * 60 + "/" + "b" * 60).splitlines()[0].endswith("a/")
