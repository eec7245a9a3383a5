"""The officer file fills placeholders, and a wrong one is refused."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.chain.table import parse_toml
from bongsu.errors import SourceError
from bongsu.respond.fields import from_table
from bongsu.respond.officer import Officer, read_officer

if TYPE_CHECKING:
    from pathlib import Path


def test_an_officer_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "officer.toml"
    path.write_text('agency = "Example Police"\nemail = "kim@police.example"\n', encoding="utf-8")
    assert read_officer(path) == Officer(agency="Example Police", email="kim@police.example")


def test_an_officer_is_named_in_each_language(tmp_path: Path) -> None:
    path = tmp_path / "officer.toml"
    path.write_text('agency = "Example Police"\nbadge = "7"\n[ko]\nagency = "예시경찰청"\n', encoding="utf-8")
    officer = read_officer(path)
    assert [officer.said("agency", x) for x in ("en", "ko", "ja")] == ["Example Police", "예시경찰청", "Example Police"]
    assert officer.said("badge", "ko") == "7"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('agancy = "x"', "'agancy' is not known (did you mean 'agency'?)"),
        ("badge = 7", "'badge' must be text"),
        ('email = "kim at police"', "is no e-mail address"),
        ('email = "kim@gmail.com"', "is with a public mail service"),
        ('languages = ["en", "fr"]', "there is no letter in language 'fr'"),
        ('languages = "en"', "'languages' must be a list of texts"),
        ('[ko]\nagancy = "x"', "'agancy' is not known"),
        ("ko = 3", "'ko' must be a table"),
        ("[translations.ko]", "'translations' is not known"),
        ("agency = x", "this is not TOML"),
        ("", "the file is empty"),
    ],
)
def test_a_wrong_officer_file_is_refused_with_its_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "officer.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"officer\.toml") as caught:
        read_officer(path)
    assert message in str(caught.value)


def test_a_missing_officer_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        read_officer(tmp_path / "none.toml")


@given(st.text())
def test_garbage_never_crashes_the_reader(text: str) -> None:
    with contextlib.suppress(SourceError):
        assert isinstance(from_table(Officer, parse_toml(text, "officer.toml"), "officer.toml", (), "hint"), Officer)
