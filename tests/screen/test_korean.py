"""Korean names in any writing."""

from __future__ import annotations

import csv
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.screen.korean import compare, read, tables
from bongsu.screen.korean.hangul import FIRST, LAST, join, southern, split
from bongsu.screen.korean.spelling import script
from bongsu.screen.korean.text import romaji

BAR = 0.7
with (Path(__file__).parent / "pairs.csv").open(encoding="utf-8") as file:
    PAIRS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"{row['a']}-{row['b']}")
def test_names_of_one_person_meet_and_others_do_not(row: dict[str, str]) -> None:
    assert (compare(row["a"], row["b"]).score >= BAR) == (row["same"] == "1")


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"{row['a']}-{row['b']}")
def test_the_order_of_the_two_names_does_not_matter(row: dict[str, str]) -> None:
    assert compare(row["a"], row["b"]).score == pytest.approx(compare(row["b"], row["a"]).score, rel=1e-6)


def test_the_reading_and_its_steps_are_shown() -> None:
    found = compare("Pak Jin Hek", "박진혁")
    assert found.left == found.right == "박 진혁"
    assert [step.shared for step in found.steps] == ["박", "진", "혁"]
    assert any("hek ~ 혁" in reason for reason in found.reasons)


def test_a_rare_name_says_more_than_a_common_one() -> None:
    assert compare("심현섭", "Sim Hyon Sop").score > compare("김영수", "Kim Yong Su").score


def test_a_rare_spelling_says_no_more_than_the_usual_one() -> None:
    assert compare("박진혁", "Pak Jin Hek").score <= compare("박진혁", "Pak Jin Hyok").score


@pytest.mark.parametrize("name", ["John Smith", "Muhammad Ali", "ООО Ромашка", "", "   ", "()", "1234", "김", "Lee"])
def test_what_is_no_korean_name_is_not_read_as_one(name: str) -> None:
    assert not read(name).korean


def test_one_hidden_character_changes_nothing() -> None:
    assert compare("박\u200b진혁", "Park\u00a0Jin\u00adHyok").score >= BAR


def test_huge_text_is_refused_quickly() -> None:
    assert read("Kim " * 100_000).paths == ()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_probability(a: str, b: str) -> None:
    assert 0.0 <= compare(a, b).score <= 1.0


@given(st.integers(FIRST, LAST).map(chr))
def test_a_syllable_comes_apart_and_together(syllable: str) -> None:
    assert join(*split(syllable)) == syllable


@pytest.mark.parametrize(("north", "south"), ["리이", "림임", "로노", "녀여", "룡용", "김김", "니니"])
def test_the_initial_sound_law(north: str, south: str) -> None:
    assert southern(north) == south


def test_katakana_are_written_in_plain_romaji() -> None:
    assert romaji("ヒョク") == "hyoku"
    assert romaji("チャン") == "chaN"
    assert romaji("クォン") == "kwoN"


def test_the_fast_parser_of_syllables_gives_what_trying_all_syllables_gives() -> None:
    """The slow way: spell every syllable in every way, and look which ways give the text."""
    spelling = script("latin")
    table = tables.toml("latin.toml")
    for text in ("jin", "hyok", "sung", "kyong", "i", "chol"):
        slow: dict[str, float] = {}
        for syllable in tables.written_syllables():
            if len(syllable) != 1:
                continue
            parts = [
                tables.spellings(table[k].get(j, "~ 0"))
                for k, j in zip(("onset", "vowel", "coda"), split(syllable), strict=True)
            ]
            whole = tables.spellings(table["whole"][syllable]) if syllable in table["whole"] else {}
            left = max(0.02, 1 - sum(whole.values())) if whole else 1.0
            share = whole.get(text, 0.0) + left * sum(
                p * q * r
                for (o, p), (v, q), (c, r) in itertools.product(*(part.items() for part in parts))
                if o + v + c == text
            )
            if share:
                slow[syllable] = share
        fast = {s: p for s, p in spelling.syllable(text).items() if len(s) == 1}
        assert fast == pytest.approx(slow)


def test_shares_of_surnames_and_syllables_sum_to_one() -> None:
    assert sum(tables.surnames().values()) == pytest.approx(1)
    assert sum(tables.given().values()) == pytest.approx(1)


def test_the_examples_of_the_documentation_run() -> None:
    import doctest

    document = Path(__file__).parents[2] / "docs" / "korean-names.md"
    assert doctest.testfile(str(document), module_relative=False).failed == 0


def test_a_reading_is_the_same_in_every_process() -> None:
    program = "from bongsu.screen.korean import read; print(repr([read(t) for t in ('SHESTAN', 'J. S. Pak')]))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
