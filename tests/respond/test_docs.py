"""docs/requests.md shows what happens: its examples run, and its files read."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from bongsu.respond.officer import read_officer
from bongsu.respond.venue import read_profile

DOC = (Path(__file__).parents[2] / "docs" / "requests.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)


def test_the_example_prints_what_the_page_shows() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(blocks("python")[0], {})  # noqa: S102 - the page's own example
    assert printed.getvalue() == blocks("text")[0]


def test_the_officer_file_reads(tmp_path: Path) -> None:
    path = tmp_path / "officer.toml"
    path.write_text(blocks("toml")[0], encoding="utf-8")
    assert read_officer(path).meets(("agency", "name", "title", "badge", "email", "phone", "legal_basis"))


def test_the_profile_reads() -> None:
    assert read_profile(blocks("toml")[1], "example.toml").aliases == ("example_com",)
