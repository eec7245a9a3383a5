"""`bongsu trace` keeps its contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.trace.case import shipped_cases
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu

S, A, B, V = ("0x" + digit * 40 for digit in "1234")
HEADER = "time,block,tx,sender,receiver,asset,amount\n"


@pytest.fixture
def plain(tmp_path: Path) -> list[object]:
    """Arguments that trace three transfers without a case: 10 stolen, 4 of them through an account to a venue."""
    (tmp_path / "t.csv").write_text(
        HEADER + f",1,0x01,{S},{A},USDT,10\n,2,0x02,{A},{B},USDT,4\n,3,0x03,{B},{V},USDT,4.5\n", encoding="utf-8"
    )
    (tmp_path / "s.txt").write_text(f"# the thief's first address\n{S}\n\n", encoding="utf-8")
    (tmp_path / "v.csv").write_text(f"address,venue\n{V},Some Exchange\n", encoding="utf-8")
    return [
        *("trace", "--transfers", tmp_path / "t.csv", "--stolen-from", tmp_path / "s.txt"),
        *("--venues", tmp_path / "v.csv"),
    ]


def document(text: str) -> dict[str, Any]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def test_json_of_plain_files_holds_positions_and_conservation(bongsu: Bongsu, plain: list[object]) -> None:
    found = document(bongsu(*plain, "--policy", "fifo", "--format", "json").out)
    assert found["positions"] == [
        {
            "chain": "ethereum",
            "address": A,
            "asset": "USDT",
            "amount": "6",
            "base_units": str(6 * 10**18),
            "theft": "theft",
            "venue": None,
        },
        {
            "chain": "ethereum",
            "address": V,
            "asset": "USDT",
            "amount": "4",
            "base_units": str(4 * 10**18),
            "theft": "theft",
            "venue": "Some Exchange",
        },
    ]
    (balance,) = found["conservation"]
    assert (balance["stolen"], balance["resting"], balance["at_venues"], balance["difference"]) == ("10", "6", "4", "0")


def test_decimals_are_taken_from_the_command_line(bongsu: Bongsu, plain: list[object]) -> None:
    found = document(bongsu(*plain, "--decimals", "USDT=6", "--format", "json").out)
    assert found["positions"][0]["base_units"] == "6000000"


@pytest.mark.parametrize("policy", POLICIES)
def test_json_is_the_same_byte_for_byte(bongsu: Bongsu, policy: str) -> None:
    command = ("trace", "bybit-2025", "--policy", policy, "--format", "json")
    assert bongsu(*command).out == bongsu(*command).out


@pytest.mark.parametrize("policy", [name for name, p in POLICIES.items() if p.conserves])
def test_the_bybit_case_is_conserved(bongsu: Bongsu, policy: str) -> None:
    found = document(bongsu("trace", "bybit-2025", "--policy", policy, "--format", "json").out)
    assert {row["difference"] for row in found["conservation"]} == {"0"}


def test_the_four_spoofs_are_reported(bongsu: Bongsu) -> None:
    found = document(bongsu("trace", "bybit-2025", "--format", "json").out)
    assert [row["record"] for row in found["skipped"]] == [f"transfers.csv:{n}" for n in (48, 49, 50, 51)]


def test_a_case_folder_of_ones_own_is_traced(bongsu: Bongsu) -> None:
    by_path = bongsu("trace", shipped_cases() / "bybit-2025", "--format", "json")
    assert by_path.out == bongsu("trace", "bybit-2025", "--format", "json").out


def test_the_table_shows_addresses_with_their_checksum(bongsu: Bongsu) -> None:
    assert "0xA4B2Fd68593B6F34E51cB9eDB66E71c1B4Ab449e" in bongsu("trace", "bybit-2025").out


def test_explain_lists_the_transfers_by_which_the_money_came(bongsu: Bongsu) -> None:
    where = "0x8b62111bd342c352daf453ccd0676833c0a31ca1"
    (position,) = json.loads(bongsu("trace", "explain", "bybit-2025", where, "--format", "json").out)
    assert [step["receiver"][:6] for step in position["transfers"]] == ["0xa4b2", "0xdd90", "0xf302", "0x8b62"]
    assert position["paths"][0]["amount"] == position["amount"] == "1"


def test_explain_says_when_nothing_rests_there(bongsu: Bongsu) -> None:
    said = bongsu("trace", "explain", "bybit-2025", "0x" + "0" * 40)
    assert (said.status, "no stolen value rests" in said.out) == (0, True)


def test_keep_going_sets_records_aside_in_a_file(bongsu: Bongsu, plain: list[object], tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("a", encoding="utf-8") as file:
        file.write(",4,0x04,nobody,nowhere,USDT,1\n")
    aside = tmp_path / "aside.csv"
    said = bongsu(*plain, "--keep-going", "--set-aside-in", aside, "--format", "json")
    assert "1 record could not be read" in said.err
    assert ",4,0x04,nobody,nowhere,USDT,1" in aside.read_text(encoding="utf-8")
    assert "'nobody' is no Ethereum address" in document(said.out)["skipped"][0]["reason"]


BAD = {
    "no such case": (["trace", "no-such-case"], "there is no such case folder"),
    "nothing named": (["trace", "--policy", "fifo"], "name a case folder, or give --transfers"),
    "both": (["trace", "bybit-2025", "--transfers", "x"], "name a case folder, or give --transfers"),
    "no stolen-from": (["trace", "--transfers", "x"], "--transfers needs --stolen-from"),
    "unknown policy": (["trace", "bybit-2025", "--policy", "lilo"], "lilo"),
    "no address": (["trace", "explain", "bybit-2025", "0x0"], "'0x0' is no Ethereum address"),
    "missing file": (["trace", "--transfers", "no.csv", "--stolen-from", "no.txt"], "no such file"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_command_ends_with_status_2_and_a_sentence(bongsu: Bongsu, name: str) -> None:
    args, says = BAD[name]
    said = bongsu(*args)
    flat = " ".join(said.err.replace("│", " ").split())
    assert (said.status, says in flat) == (2, True), said.err
    assert "Traceback" not in said.err


def test_a_bad_record_ends_with_status_2_file_line_and_remedy(
    bongsu: Bongsu, plain: list[object], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",4.5", ",-4.5"), encoding="utf-8")
    said = bongsu(*plain)
    assert said.status == 2
    assert f"{path}:4: amount '-4.5' is negative" in said.err


@pytest.mark.parametrize("given", ["USDT", "USDT=x", "=6", "USDT=99", "USDT=-1"])
def test_bad_decimals_are_refused(bongsu: Bongsu, plain: list[object], given: str) -> None:
    said = bongsu(*plain, "--decimals", given)
    assert (said.status, "ASSET=N" in said.err) == (2, True)


def test_venues_that_contradict_each_other_are_refused(bongsu: Bongsu, plain: list[object], tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(f"address,venue\n{V},One\n{V},Two\n", encoding="utf-8")
    said = bongsu(*plain)
    assert (said.status, f"{tmp_path / 'v.csv'}:3" in said.err) == (2, True)


def test_version_and_help_answer(bongsu: Bongsu) -> None:
    assert bongsu("--version").out.startswith("bongsu ")
    assert "explain" in bongsu("trace", "--help").out


@pytest.mark.parametrize("policy", POLICIES)
def test_every_engine_prints_the_same_bytes(bongsu: Bongsu, plain: list[object], policy: str) -> None:
    command = (*plain, "--policy", policy, "--format", "json", "--engine")
    assert bongsu(*command, "kernel").out == bongsu(*command, "reference").out
