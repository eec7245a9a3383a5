"""The three languages say the same things: same keys, same places to fill in."""

from __future__ import annotations

import string
from importlib.resources import files

import pytest

from bongsu.chain.table import parse_toml
from bongsu.respond.words import LANGUAGES, foreign, words

ENGLISH = parse_toml(files("bongsu.respond").joinpath("letters", "en.toml").read_text(encoding="utf-8"), "en")
ADDED = {("label", "issued"), ("label", "contact")}


def table(language: str) -> dict[str, dict[str, str]]:
    text = files("bongsu.respond").joinpath("letters", f"{language}.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = parse_toml(text, language)
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence(language: str) -> None:
    mine = {(s, k) for s, rows in table(language).items() for k in rows} - ADDED
    assert mine == {(s, k) for s, rows in ENGLISH.items() for k in rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_fills_in_what_the_english_one_does(language: str) -> None:
    for section, rows in table(language).items():
        if section in {"head", "form"}:  # here custom decides
            continue
        for key, text in rows.items():
            if isinstance(text, str) and (section, key) not in ADDED:
                assert names(text) == names(ENGLISH[section][key]), f"{language} {section}.{key}"


def test_text_written_from_right_to_left_is_isolated() -> None:
    assert foreign("binance שלום").text == "\u2068binance שלום\u2069"
    assert foreign("binance").text == "binance"


def test_what_is_filled_in_is_not_read_as_a_place_to_fill_in() -> None:
    assert "".join(s.text for s in words("en").say("facts.theft", theft="{address}")).startswith("Theft {address}:")
