"""What a case takes from a trace, and that a letter leaves without the draft's remarks."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from bongsu.respond.packets import Assessed, read_assessed

OFFICER = """
agency = "Example Police"
name = "A. Officer"
title = "Inspector"
badge = "7"
email = "desk@police.example"
phone = "+1"
case_number = "1"
legal_basis = "Example Act"
duration = "90 days"
return_channel = "desk@police.example"
"""


@pytest.fixture(scope="module")
def bybit(tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    officer = tmp_path_factory.mktemp("officer") / "officer.toml"
    officer.write_text(OFFICER, encoding="utf-8")
    return read_assessed("bybit-2025", officer, date(2025, 2, 22))[1]


def letters(assessed: Assessed) -> list[str]:
    kept = {hashlib.sha256(content).hexdigest(): content for content in assessed.contents}
    files = [{**packet["files"], **packet["kept"]} for packet in assessed.packets.values()]
    return [kept[f[name]].decode() for f in files for name in f if name.startswith("letter.") and name.endswith(".txt")]


def test_no_letter_says_that_it_is_a_draft(bybit: Assessed) -> None:
    assert len(letters(bybit)) == 3 * len(bybit.packets)
    for letter in letters(bybit):
        for word in ("DRAFT", "초안", "案文", "OFFICER'S SHEET", "담당자 확인표", "====="):
            assert word not in letter


def test_what_goes_to_the_venue_is_in_its_language_and_the_rest_stays(bybit: Assessed) -> None:
    for packet in bybit.packets.values():
        assert {n.split(".")[1] for n in packet["files"] if n.startswith("letter.")} == {"en"}
        assert {n.split(".")[1] for n in packet["kept"] if n.startswith("letter.")} == {"ko", "ja"}
        assert not [n for n in packet["files"] if n.startswith("checklist.")]


def test_what_a_letter_leaves_open_is_named(bybit: Assessed) -> None:
    assert {g.split(":")[0] for p in bybit.packets.values() for g in p["gaps"]} == {
        "[CHANNEL", "[SIGNATURE AND OFFICIAL SEAL]",
    }  # fmt: skip


def test_every_file_of_a_packet_is_among_the_contents(bybit: Assessed) -> None:
    kept = {hashlib.sha256(c).hexdigest() for c in bybit.contents}
    assert {d for p in bybit.packets.values() for k in ("files", "kept") for d in p[k].values()} <= kept
    assert Path("letter.en.txt").name in next(iter(bybit.packets.values()))["files"]


def test_what_is_stolen_rests_somewhere(bybit: Assessed) -> None:
    """Conservation as the measures need it: the positions of an asset add up to what the trace follows."""
    from decimal import Decimal

    for row in bybit.stolen:
        here = [p for p in bybit.positions if p["asset"] == row["asset"]]
        low, high = (sum(Decimal(p[k]) for p in here) for k in ("low", "high"))
        assert low <= Decimal(row["traced"]) <= high
