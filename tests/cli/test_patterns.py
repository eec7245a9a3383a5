"""The verbs on patterns, commingling, bridges and exposure: what each prints, and what it says to bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu

A, B, C, D, E = ("0x" + digit * 40 for digit in "12345")
HEADER = "time,block,tx,sender,receiver,asset,amount,chain\n"
TOML = """title = "t"
incident = "{0}"
[[theft]]
from = ["{1}"]
[[asset]]
symbol = "ETH"
decimals = 18
[[asset]]
symbol = "ETH"
decimals = 18
chain = "base"
[files]
labels = ["labels.yaml"]
"""
LABELS = """title: t
source: s
tags:
- {{address: "{0}", currency: ETH, label: gate, actor: gate, category: bridge}}
- {{address: "{0}", network: base, label: gate, actor: gate, category: bridge}}
"""


def line(hour: int, number: int, sender: str, receiver: str, amount: str, chain: str = "ethereum") -> str:
    return f"2025-01-01T{hour:02}:00:00Z,{hour},0x{number:064x},{sender},{receiver},ETH,{amount},{chain}\n"


def case(folder: Path, incident: str, source: str, *lines: str) -> Path:
    folder.mkdir()
    (folder / "case.toml").write_text(TOML.format(incident, source))
    (folder / "transfers.csv").write_text(HEADER + "".join(lines))
    (folder / "labels.yaml").write_text(LABELS.format(E))
    return folder


def test_patterns_of_the_bybit_case_name_the_fan_out_and_the_four_spoofs(bongsu: Bongsu) -> None:
    ran = bongsu("trace", "patterns", "bybit-2025", "--format", "json")
    found = json.loads(ran.out)
    assert [f["detector"] for f in found] == [*["fan-out"] * 3, *["address-poisoning"] * 4]
    assert [len(f["evidence"]) for f in found[:3]] == [41, 9, 8]


def test_weak_findings_are_counted_and_shown_on_request(bongsu: Bongsu, tmp_path: Path) -> None:
    wages = [line(2, n, A, f"0x{n:040x}", "1") for n in range(10, 20)]
    wage_payer = case(tmp_path / "one", "one", B, line(1, 1, B, A, "50"), *wages)
    said = bongsu("trace", "patterns", wage_payer, "--only", "fan-out").out
    assert said.startswith("fan-out: 0 findings, and 1 weaker (--weak shows them).")
    assert "10 receivers" in bongsu("trace", "patterns", wage_payer, "--only", "fan-out", "--weak").out


def test_an_unknown_detector_is_one_sentence(bongsu: Bongsu) -> None:
    ran = bongsu("trace", "patterns", "bybit-2025", "--only", "nonsense")
    assert ran.status == 2
    assert "there is no detector 'nonsense'" in ran.err


def test_two_cases_whose_money_meets_are_told_where_and_when(bongsu: Bongsu, tmp_path: Path) -> None:
    shared = line(3, 3, A, D, "5")
    one = case(tmp_path / "one", "one", B, line(1, 1, B, A, "5"), shared)
    two = case(tmp_path / "two", "two", C, line(2, 2, C, D, "5"), shared)
    found = json.loads(bongsu("trace", "commingling", one, two, "--format", "json").out)
    assert found["matrix"] == [{"thefts": ["one", "two"], "first_meetings": 1}]
    (meeting,) = found["meetings"]
    assert (meeting["address"], [t["amount"] for t in meeting["arrivals"]]) == (D, ["5", "5"])


def test_a_deposit_address_that_two_cases_share_is_found_only_together(bongsu: Bongsu, tmp_path: Path) -> None:
    sweep = line(9, 9, D, E, "10")
    one = case(tmp_path / "one", "one", B, line(1, 1, B, A, "5"), line(3, 3, A, D, "5"), sweep)
    two = case(tmp_path / "two", "two", C, line(2, 2, C, D, "5"), sweep)
    only = ("--only", "common-deposit", "--format", "json")
    assert json.loads(bongsu("trace", "patterns", one, *only).out) == []
    (found,) = json.loads(bongsu("trace", "patterns", one, two, *only).out)
    assert (found["subject"], found["thefts"]) == (D, ["one", "two"])


def test_two_cases_with_one_theft_id_are_refused(bongsu: Bongsu, tmp_path: Path) -> None:
    folders = [case(tmp_path / name, "same", B, line(1, 1, B, A, "5")) for name in ("one", "two")]
    ran = bongsu("trace", "commingling", *folders)
    assert ran.status == 2
    assert "stands in two cases" in ran.err


def test_a_bridge_deposit_has_candidates_on_the_other_chain(bongsu: Bongsu, tmp_path: Path) -> None:
    lines = (line(1, 1, B, A, "5"), line(2, 2, A, E, "5"), line(3, 3, E, D, "4.99", "base"))
    folder = case(tmp_path / "case", "one", B, *lines)
    (found,) = json.loads(bongsu("trace", "bridge", folder, "--format", "json").out)
    assert (found["stolen"], found["candidates"][0]["transfer"]["receiver"]) == ("5", D)
    assert 0 < found["candidates"][0]["confidence"] < 1


def test_a_memo_file_names_the_receiver(bongsu: Bongsu, tmp_path: Path) -> None:
    lines = (line(1, 1, B, A, "5"), line(2, 2, A, C, "5"), line(3, 3, D, A, "4.99", "base"))
    folder = case(tmp_path / "case", "one", B, *lines)
    (tmp_path / "memos.csv").write_text(f"tx,memo\n0x{2:064x},=:f:{A}\n")
    ran = bongsu("trace", "bridge", folder, "--memos", tmp_path / "memos.csv", "--format", "json")
    (found,) = json.loads(ran.out)
    assert [c["confidence"] for c in found["candidates"]] == [0.95]


@pytest.mark.parametrize("rate", ["ETH", "ETH:BTC", "ETH:BTC=x", "ETH:BTC=-1", ":=1", "ETH:BTC=nan"])
def test_a_bad_rate_is_refused(bongsu: Bongsu, rate: str) -> None:
    assert bongsu("trace", "bridge", "bybit-2025", "--rate", rate).status == 2


def test_exposure_names_the_category_and_the_rule_that_fired(bongsu: Bongsu, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + line(1, 1, B, A, "3") + line(2, 2, A, C, "1") + line(3, 3, D, C, "1"))
    label = f'{{address: "{B}", currency: ETH, label: thief, category: perpetrator}}'
    (tmp_path / "l.yaml").write_text(f"title: t\nsource: s\ntags:\n- {label}\n")
    ran = bongsu(
        "trace", "exposure", C, "--transfers", tmp_path / "t.csv", "--labels", tmp_path / "l.yaml", "--format", "json"
    )
    (asset,) = json.loads(ran.out)["assets"]
    shares = {(e["directness"], e["category"]): e["share"] for e in asset["exposure"]}
    assert shares == {("indirect", "perpetrator"): 0.5, ("indirect", "no source in the records"): 0.5}
    assert [r["id"] for r in asset["rules"]] == ["stolen-received-indirect", "stolen-received-trace"]


def test_a_memo_is_read_aloud(bongsu: Bongsu) -> None:
    ran = bongsu("chain", "memo", f"=:e:{A}:1e8")
    assert f"{A} (checksum verified)" in ran.out
    assert "ETH on ethereum (layer-1)" in ran.out


def test_what_is_no_memo_is_one_sentence(bongsu: Bongsu) -> None:
    ran = bongsu("chain", "memo", "hello")
    assert ran.status == 2
    assert "no function of a THORChain memo" in ran.err


def test_a_trace_with_swaps_says_what_was_converted(bongsu: Bongsu, tmp_path: Path) -> None:
    rows = f"""time,block,tx,sender,receiver,asset,amount
,1,0xa,{B},{A},ETH,5
,2,0xb,{A},{D},ETH,5
,2,0xb,{D},{A},DAI,9000
"""
    (tmp_path / "t.csv").write_text(rows)
    (tmp_path / "s.txt").write_text(B)
    files = ("--transfers", tmp_path / "t.csv", "--stolen-from", tmp_path / "s.txt", "--format", "json")
    found = json.loads(bongsu("trace", *files, "--swaps").out)
    assert [(p["address"], p["asset"], p["amount"]) for p in found["positions"]] == [(A, "DAI", "9000")]
    assert [(b["asset"], b["converted_in"], b["converted_out"], b["difference"]) for b in found["conservation"]] == [
        ("DAI", "9000", "0", "0"),
        ("ETH", "0", "5", "0"),
    ]
    assert "conversions" not in json.loads(bongsu("trace", *files).out)
