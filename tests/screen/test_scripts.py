"""Chinese names in two systems, names without vowels, and Korean words of bodies and ships."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.screen import abjad, chinese, words
from bongsu.screen.korean import compare, romanize
from bongsu.screen.korean.spelling import script


@pytest.mark.parametrize(
    ("wade", "pinyin"),
    [
        ("ch'ang", "chang"), ("chang", "zhang"), ("hsieh", "xie"), ("hsüeh", "xue"), ("tzu", "zi"), ("jung", "rong"),
        ("chih", "zhi"), ("k'ung", "kong"), ("ts'ao", "cao"), ("yü", "yu"), ("yen", "yan"), ("lo", "luo"), ("kuei", "gui"),
    ],
)  # fmt: skip
def test_wade_giles_reads_as_its_dictionary_has_it(wade: str, pinyin: str) -> None:
    assert pinyin in chinese.wade_giles()[wade]


def test_lost_marks_leave_several_syllables_open() -> None:
    assert chinese.wade_giles()["chang"] >= {"zhang", "chang"}
    assert "zhang" not in chinese.wade_giles()["ch'ang"]


@pytest.mark.parametrize("name", ["John Smith", "Мао", "毛澤東", "", "Li", "O'Brien Patrick", "x" * 500])
def test_other_names_are_not_read_as_chinese(name: str) -> None:
    assert chinese.alike(name, "Mao Zedong") is None


def test_two_chinese_names_of_like_letters_are_two() -> None:
    assert chinese.alike("Zhou Enlai", "Zhu Enlai") == 0
    assert chinese.alike("Zhou Enlai", "Enlai Zhou") == 1


@pytest.mark.parametrize(
    ("word", "latin"),
    [("محمد", "mohammed"), ("محمد", "muhamad"), ("السيد", "elsayed"), ("نتניהו"[2:], "nyahu"), ("יצחק", "itzhak")],
)
def test_a_word_without_vowels_is_written_with_them(word: str, latin: str) -> None:
    assert abjad.writes(word, latin)


def test_a_long_vowel_is_written_and_does_not_fit_a_short_one() -> None:
    assert not abjad.writes("حسن", "hussein")
    assert abjad.writes("حسين", "hussein")


def test_a_word_made_to_be_ambiguous_is_judged_at_once() -> None:
    started = time.process_time()
    assert not abjad.writes("ا" * 40, "a" * 39 + "b")
    assert time.process_time() - started < 0.5


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_texts_can_be_read_and_met(a: str, b: str) -> None:
    assert isinstance(abjad.latinised(a, b), str)
    assert isinstance(words.met(a, b), str)
    assert all(words.keys(a))
    found = chinese.alike(a, b)
    assert found is None or 0 <= found <= 1


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("대동강", "taedonggang"), ("대동강", "daedonggang"), ("압록강", "amnokgang"), ("련봉", "yonbong"), ("칠보산", "chilbosan"),
    ],
)  # fmt: skip
def test_hangul_knows_the_words_that_write_it(hangul: str, latin: str) -> None:
    assert romanize.writes(hangul, latin)


def test_hangul_does_not_take_another_word_for_its_own() -> None:
    assert not romanize.writes("금강", "kumsan")
    assert not romanize.writes("대성", "daedong")


def test_a_korean_body_is_met_in_the_other_names_spelling() -> None:
    assert words.met("대동강무역회사", "Daedonggang Trading") == "daedonggang trading company"
    assert words.met("제2경제위원회", "Second Economic Committee") == "2 economic committee"
    assert words.translated("대동강무역회사") == "taedonggang trading company"


def test_assimilated_consonants_are_read_back() -> None:
    assert [variant for variant, *_ in script("latin").separated("pongnim")] == ["pokrim", "pongrim", "poknim"]
    found = compare("Kim Pok Nam", "Kim Pongnam")
    assert found.score > 0.85
    assert [step.right for step in found.steps] == ["kim", "pong", "nam"]


@pytest.mark.parametrize(("a", "b"), [("張成沢", "장성택"), ("金清一", "金淸一"), ("崔竜海", "崔龍海")])
def test_japanese_and_register_forms_of_a_character_are_one(a: str, b: str) -> None:
    assert compare(a, b).score > 0.9


def test_syllables_of_a_given_name_do_not_change_places() -> None:
    assert compare("Kim Chol Su", "Kim Su Chol").score < 0.1
