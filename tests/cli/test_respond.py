"""`bongsu demo`, `respond` and `verify` do the main job."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bongsu.trace.case import shipped_cases

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu

pytestmark = pytest.mark.slow


def test_demo_says_what_rests_where_and_who_can_act(bongsu: Bongsu, tmp_path: Path) -> None:
    said = bongsu("demo", "--out", tmp_path / "demo")
    assert said.status == 0
    for words in ("Theft from Bybit", "400,001", "90,375.54791768", "mETH Protocol", "spoof asset", "report.html"):
        assert words in said.out


def test_verify_accepts_what_respond_wrote_and_names_a_changed_byte(bongsu: Bongsu, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bongsu("respond", "bybit-2025", "--out", out).status == 0
    assert "are what the inputs give" in bongsu("verify", out).out
    path = out / "positions.csv"
    path.write_bytes(path.read_bytes().replace(b"90375", b"90376", 1))
    said = bongsu("verify", out)
    assert (said.status, "positions.csv:" in said.err) == (2, True)


@pytest.mark.parametrize("when", ["2025-02-21T17:00:00Z", "2025-02-22T02:00:00+09:00", "2025-02-21 17:00"])
def test_the_time_of_preparation_can_be_given(bongsu: Bongsu, tmp_path: Path, when: str) -> None:
    bongsu("respond", "bybit-2025", "--out", tmp_path / "out", "--at", when)
    assert '"prepared_on": "2025-02-21T17:00:00Z"' in (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")


def test_a_time_that_is_none_and_a_foreign_folder_are_refused(bongsu: Bongsu, tmp_path: Path) -> None:
    assert bongsu("respond", "bybit-2025", "--out", tmp_path / "out", "--at", "noon").status == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary").write_text("x", encoding="utf-8")
    said = bongsu("respond", "bybit-2025", "--out", tmp_path / "mine")
    assert (said.status, "did not make" in said.err) == (2, True)
    assert bongsu("verify", tmp_path / "mine").status == 2


def test_text_of_strangers_is_no_markup_and_no_control_sequence(bongsu: Bongsu, tmp_path: Path) -> None:
    case = shutil.copytree(shipped_cases() / "bybit-2025", tmp_path / "case")
    for name, old, new in (
        ("case.toml", 'title = "Theft', 'title = "[/nope] \\u001b[2J :bomb: Theft'),
        ("labels.yaml", "label: Bybit theft, tried to redeem cmETH", 'label: "[/bold] \\e[2J"'),
    ):
        text = (case / name).read_text(encoding="utf-8")
        assert old in text
        (case / name).write_text(text.replace(old, new), encoding="utf-8")
    said = bongsu("respond", case, "--out", tmp_path / "out")
    assert said.status == 0
    assert "\x1b" not in said.out
    assert "[/nope] [2J :bomb: Theft" in said.out
