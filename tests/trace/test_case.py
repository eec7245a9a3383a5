"""A case folder is read strictly, and says where it is wrong."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.errors import BongsuError, SourceError
from bongsu.trace.case import find_case, read_case, shipped_cases
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from pathlib import Path

BYBIT = shipped_cases() / "bybit-2025"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the Bybit case that a test may spoil."""
    return shutil.copytree(BYBIT, tmp_path / "case")


def replace(folder: Path, old: str, new: str, file: str = "case.toml") -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_case_has_72_genuine_transfers_and_four_spoofs() -> None:
    case = read_case(BYBIT)
    assert (len(case.transfers), len(case.skipped)) == (72, 4)
    assert all("imitates 0xa4b2fd68593b6f34e51cb9edb66e71c1b4ab449e" in s.reason for s in case.skipped)


def test_what_a_case_says_in_other_languages_is_kept() -> None:
    case = read_case(BYBIT)
    assert case.language == "en"
    assert set(case.translations) == {"ko", "ja"}
    assert all(set(note.translations) == {"ko", "ja"} for note in case.notes)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_spoof_carries_no_taint_under_any_policy(policy: str) -> None:
    case = read_case(BYBIT)
    found = run(POLICIES[policy], case.transfers, case.stolen_from, case.venues)
    spoofs = {"0xa4b27b89345db2e5e1a7d7bc537fac354b50449e", "0xa4b24033f4c6d70133e4557c2c32a3fb693e449e"}
    assert not spoofs & {p.address.text for p in found.positions}


def test_stolen_eth_is_what_left_the_first_address() -> None:
    case = read_case(BYBIT)
    found = run(POLICIES["fifo"], case.transfers, case.stolen_from, case.venues)
    assert {b.asset.symbol: b.asset.text(b.stolen) for b in found.balances} == {
        "ETH": "400001",
        "stETH": "90375.54791768",
        "mETH": "8000",
        "cmETH": "15000",
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title =", "titel =", "'title' is missing"),
        ("incident =", "incidnet = 'x'\nincident =", "'incidnet' is not known"),
        ("title = ", "title = [", "not TOML"),
        ('incident = "bybit-2025"', 'incident = "bybit-2025"\nlanguage = "English"', "no code of ISO 639-1"),
        ("[translation.ko]", "[translation.korean]", "no code of ISO 639-1"),
        ("[translation.ko]", '[translation.ko]\nheading = "x"', "'heading' in ko is not known"),
        ("text_ko =", "text_kor =", "no code of ISO 639-1"),
        ('incident = "bybit-2025"', 'incident = "../up"', "is no id"),
        ("decimals = 18", 'decimals = "18"', "whole number"),
        ("decimals = 18", "decimals = 999", "whole number"),
        ('chain = "ethereum"', 'chain = "etherium"', "no chain 'etherium'"),
        ("0x47666Fab8bd0Ac7003bce3f5C3585383F09486E2", "0x47666fAb8bd0Ac7003bce3f5C3585383F09486E2", "EIP-55"),
        ("[[theft]]", "[theft]", "[[theft]]"),
        ('asset = "ETH"', 'asset = "BTC"', "asset 'BTC' on ethereum is not declared"),
        ('amount = "401346"', 'amount = "lots"', "not a decimal number"),
        ('["transfers.csv"]', "[]", "names no file"),
        ('["transfers.csv"]', '["missing.csv"]', "no such file"),
        ('["transfers.csv"]', '["../transfers.csv"]', "outside the case folder"),
        ('symbol = "cmETH"', 'symbol = "other"', "is not declared"),
        ('["transfers.csv"]', '["transfers.csv", "transfers.csv"]', "is named twice"),
        (
            "[[asset]]",
            '[[theft]]\nfrom = ["0x0000000000000000000000000000000000000001"]\n[[asset]]',
            "two thefts have the id",
        ),
        (
            "[[asset]]",
            '[[theft]]\nid = "b"\nfrom = ["0x47666fab8bd0ac7003bce3f5c3585383f09486e2"]\n[[asset]]',
            "stands in the thefts",
        ),
    ],
)
def test_a_mistake_in_case_toml_is_named(folder: Path, old: str, new: str, says: str) -> None:
    replace(folder, old, new)
    with pytest.raises(BongsuError) as refused:
        read_case(folder)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tags: [", "not YAML"),
        ("title: x", "no TagPack"),
        ("tags:\n- label: x", "no address"),
        ("tags:\n- address: 0x47666fab8bd0ac7003bce3f5c3585383f09486e2\n  currency: ETH", "quote addresses"),
        ("tags:\n- address: x\n  currency: DOGE", "currency 'DOGE'"),
        ("tags:\n- just text", "a tag must be a mapping"),
        ("a: &a [*a]", "no TagPack"),
    ],
)
def test_a_mistake_in_labels_is_named(folder: Path, text: str, says: str) -> None:
    (folder / "labels.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BongsuError) as refused:
        read_case(folder)
    assert says in str(refused.value)
    assert "labels.yaml" in refused.value.where


def test_a_bad_label_is_set_aside_with_keep_going(folder: Path) -> None:
    replace(folder, '"0x36ed3c02', '"0x36ed3c0X', "labels.yaml")
    case = read_case(folder, keep_going=True)
    assert [str(r.record) for r in case.rejected] == ["labels.yaml:19"]


def test_a_label_of_an_exchange_makes_its_address_a_venue(folder: Path) -> None:
    replace(folder, "  label: Bybit theft, moved", "  category: exchange\n  actor: binance\n  label: x", "labels.yaml")
    case = read_case(folder)
    assert {a.text: v for a, v in case.venues.items()} == {"0x36ed3c0213565530c35115d93a80f9c04d94e4cb": "binance"}


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("tags: []", encoding="utf-8")
    (folder / "labels.yaml").unlink()
    (folder / "labels.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(SourceError, match="leads out of the case folder"):
        read_case(folder)


def test_control_characters_do_not_get_past_reading(folder: Path) -> None:
    replace(folder, 'title = "Theft', 'title = "\\u001b[31m\\u202eTheft')
    replace(folder, "label: Bybit theft, first address", 'label: "\\e[2Jforged"', "labels.yaml")
    case = read_case(folder)
    assert case.title == "[31mTheft from Bybit, 21 February 2025"
    assert "[2Jforged" in {label.text for labels in case.labels.values() for label in labels}


def test_a_case_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SourceError, match="bybit-2025"):
        find_case("no-such-case")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_garbage_in_place_of_any_file_never_crashes(tmp_path: Path, garbage: str | bytes) -> None:
    for name in ("case.toml", "transfers.csv", "labels.yaml"):
        folder = tmp_path / "garbage"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(BYBIT, folder)
        data = garbage if isinstance(garbage, bytes) else garbage.encode("utf-8", "surrogatepass")
        (folder / name).write_bytes(data)
        with pytest.raises(BongsuError):
            read_case(folder)
