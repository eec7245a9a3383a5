"""Addresses are parsed once, with their checksums."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.errors import AddressError, RecordError
from bongsu.model.address import parse_address
from bongsu.model.chain import chains

CASES = list(csv.DictReader(Path(__file__).with_name("addresses.csv").read_text(encoding="utf-8").splitlines()))
VALID = [case for case in CASES if case["verdict"] == "valid"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['chain']}: {c['why']}")
def test_checksum_decides(case: dict[str, str]) -> None:
    if case["verdict"] == "valid":
        assert parse_address(case["address"], case["chain"]).text.lower() == case["address"].lower()
    else:
        with pytest.raises(AddressError):
            parse_address(case["address"], case["chain"])


@pytest.mark.parametrize("case", VALID, ids=lambda c: c["why"])
def test_display_reads_back_as_the_same_address(case: dict[str, str]) -> None:
    address = parse_address(case["address"], case["chain"])
    assert parse_address(address.display, case["chain"]) == address


@given(
    st.sampled_from([c for c in VALID if c["chain"] != "ethereum"]),
    st.data(),
)
def test_one_wrong_character_never_passes_a_checksum(case: dict[str, str], data: st.DataObject) -> None:
    text = case["address"]
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lT1A"))
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong.lower() != text.lower():
        with pytest.raises(AddressError):
            parse_address(wrong, case["chain"])


@given(st.text(), st.sampled_from(sorted(chains())))
def test_garbage_is_refused_with_a_sentence_and_never_crashes(text: str, chain: str) -> None:
    with pytest.raises(AddressError) as refused:
        parse_address(text, chain)
    assert refused.value.message


def test_unknown_chain_is_named_with_those_there_are() -> None:
    with pytest.raises(RecordError, match="bitcoin"):
        parse_address("x", "dogecoin")


def test_wrong_family_is_recognised() -> None:
    with pytest.raises(AddressError, match="bitcoin family"):
        parse_address("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "ethereum")
