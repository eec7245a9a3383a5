"""The README is true: what it shows is what the program prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bongsu.cli import shell

if TYPE_CHECKING:
    from tests.conftest import Bongsu

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
EXPLAIN = ("trace", "explain", "bybit-2025", "0x8b62111bd342c352daf453ccd0676833c0a31ca1")


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("block", "command"), [(0, ("demo",)), (1, EXPLAIN)], ids=["demo", "explain"])
def test_what_it_shows_is_what_is_printed(
    bongsu: Bongsu,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    block: int,
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shell.out, "width", 110)
    assert plain(BLOCKS[block]) == plain(bongsu(*command).out)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\bdocs/[\w/.-]+\.(?:md|png)", README))))
def test_what_it_names_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
