"""The command line, as it is called."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def run(*args: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from bongsu.cli.main import main; main()", *args],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_name_with_its_reasons() -> None:
    found = json.loads(run("screen", "name", "Pak Jin Hek", "--format", "json"))
    hit = found["hits"][0]
    assert found["band"] == "review"
    assert {"list", "list_version", "entry", "field", "reading", "why_not_higher"} <= set(hit)
    assert "(person)" in run("screen", "name", "박진혁")


def test_a_listed_and_a_mistyped_address() -> None:
    assert "Lazarus" in run("screen", "address", "0x098b716b8aaf21512996dc57eb0615e2383e2f96")
    assert "checksum" in run("screen", "address", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97", status=2)


def test_an_address_and_the_stolen_money_that_came_to_it() -> None:
    """The Bybit case: where stolen ETH rests, where it passed, where it is counted from, and where it never was."""

    def exposure(address: str) -> list[dict[str, str]]:
        found = json.loads(run("screen", "address", address, "--case", "bybit-2025", "--format", "json"))
        return list(found["exposure"])

    (rests,) = exposure("0x09278b36863be4ccd3d0c22d643e8062d7a11377")
    assert (rests["asset"], rests["came"], rests["amount"]) == ("ETH", "10000", "10000")
    (passed,) = exposure("0xdd90071d52f20e85c89802e5dc1ec0a7b6475f92")
    assert (passed["came"], passed["amount"]) == ("1", "0")
    (own,) = exposure("0x47666fab8bd0ac7003bce3f5c3585383f09486e2")
    assert (own["theft"], own["asset"]) == ("bybit-2025", "")
    assert exposure("0x0000000000000000000000000000000000000001") == []


def test_a_case_that_is_not_there_is_one_sentence() -> None:
    said = run("screen", "address", "0x" + "0" * 39 + "1", "--case", "no-such-case", status=2)
    assert "no such case folder" in said


def test_pairs_keep_their_order_and_columns(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "a,b,schema\n박진혁,Park Jin Hyok,Person\nKim Min-jun,KIM Man Chun,\n", encoding="utf-8"
    )
    rows = [
        json.loads(line)
        for line in run("screen", "compare", "--pairs", str(tmp_path / "p.csv"), "--format", "jsonl").splitlines()
    ]
    assert [(r["match"], r["band"]) for r in rows] == [(True, "strong"), (False, "clear")]
    assert all({"score", "match", "band", "reasons"} <= set(r) for r in rows)


def _table(path: Path, rows: int = 6) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name", "address", "birth"])
        writer.writerows(
            [i, "박진혁" if i % 2 else "Jane Roe", "", "1984-08-15" if i == 1 else ""] for i in range(rows)
        )


def test_a_broken_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    _table(tmp_path / "in.csv")
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    run("screen", "file", str(tmp_path / "in.csv"), "--out", str(whole))
    lines = whole.read_bytes().splitlines(keepends=True)
    part.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    run("screen", "file", str(tmp_path / "in.csv"), "--out", str(part))
    assert part.read_bytes() == whole.read_bytes()
    assert [json.loads(line)["band"] for line in lines][:2] == ["clear", "strong"]


def test_a_row_at_fault_is_kept_and_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("name,birth,address\nKim,yesterday,\n,,\nKim,,0x12\n", encoding="utf-8")
    run("screen", "file", str(tmp_path / "in.csv"), "--out", str(tmp_path / "o.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["band"] for r in rows] == ["error", "error", "error"]


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    _table(tmp_path / "in.csv")
    (tmp_path / "o.jsonl").write_text("my notes\n", encoding="utf-8")
    run("screen", "file", str(tmp_path / "in.csv"), "--out", str(tmp_path / "o.jsonl"), status=2)
    assert (tmp_path / "o.jsonl").read_text(encoding="utf-8") == "my notes\n"


def test_the_lists_are_shown_with_their_versions() -> None:
    (row,) = json.loads(run("screen", "lists", "--format", "json"))
    assert (row["list"], row["version"], row["whole"]) == ("bongsu-dprk", "2026-11-23", True)


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["screen", "name", "x" * 2000], "characters long"),
        (["screen", "name", " "], "empty"),
        (["screen", "name", "Kim", "--birth", "yesterday"], "date of birth"),
        (["screen", "name", "Kim", "--lists", "no-such-folder"], "no such list"),
        (["screen", "name", "Kim", "--schema", "alien"], "schema"),
        (["screen", "lists", "update", "nonesuch"], "not known"),
        (["serve", "--host", "0.0.0.0"], "without keys"),
    ],
)
def test_bad_input_is_one_sentence(args: list[str], word: str) -> None:
    said = run(*args, status=2)
    assert word in said
    assert said.count("\n") <= 2
