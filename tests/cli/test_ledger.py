"""What `bongsu ledger` promises on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bongsu.ledger.files import read_ledger
from tests.ledger.ledgers import copy_of_shipped

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu

pytestmark = pytest.mark.slow


def test_check_finds_nothing_wrong_with_the_shipped_ledger(bongsu: Bongsu) -> None:
    done = bongsu("ledger", "check")
    assert done.status == 0
    assert "nothing wrong" in done.out


def test_check_lists_every_problem_with_file_and_line_and_exits_2(bongsu: Bongsu, tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path / "l")
    path = folder / "claims.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1].replace(",un-panel,", ",un-pannel,")
    lines[2] = (
        lines[2].replace("bithumb-2017-02,", "bithumb-2016-02,", 2).replace("bithumb-2016-02,", "bithumb-2017-02,", 1)
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    done = bongsu("ledger", "check", folder)
    assert done.status == 2
    assert f"{path}:2: publisher 'un-pannel' is not known" in done.err
    assert "to mend it: add it to publishers.csv" in done.err


def test_a_broken_ledger_answers_no_question(bongsu: Bongsu, tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path / "l")
    (folder / "prices.csv").write_text("", encoding="utf-8")
    done = bongsu("ledger", "total", "--ledger", folder)
    assert (done.status, done.out) == (2, "")
    assert f"{folder}/prices.csv:1: the file is empty" in done.err


def test_total_in_json_is_the_contract(bongsu: Bongsu) -> None:
    args = ("--from", "2017", "--to", "2023", "--as-of", "2024-02-07", "--rule", "government", "--valuation", "low")
    given = json.loads(bongsu("ledger", "total", *args, "--format", "json").out)
    assert given["query"] == {
        "from": "2017",
        "to": "2023",
        "as_of": "2024-02-07",
        "rule": "government",
        "valuation": "low",
        "disputed": "left out",
    }
    assert {"count", "usd", "low", "high", "recovered_usd", "frozen_usd", "net_usd", "incidents", "left_out"} <= set(
        given
    )
    assert given["usd"] == given["low"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("total", "--as-of", "yesterday"), "--as-of 'yesterday' is no date"),
        (("total", "--from", "2023", "--to", "2017"), "the period ends (2017) before it begins (2023)"),
        (("total", "--rule", "anyone"), "'anyone' is not one of"),
        (("show", "ronin"), "did you mean ronin-2022"),
        (("export", "--format", "csv"), "name a folder with --out"),
        (("check", "/no/such/folder"), "this is no folder with a ledger"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(bongsu: Bongsu, args: tuple[str, ...], message: str) -> None:
    done = bongsu("ledger", *args)
    assert done.status == 2
    assert message in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err


@pytest.mark.parametrize("verb", ["total", "reconcile", "value", "list"])
def test_each_answer_is_for_people_and_for_programs(bongsu: Bongsu, verb: str) -> None:
    assert bongsu("ledger", verb).out
    assert json.loads(bongsu("ledger", verb, "--format", "json").out)


def test_show_tells_who_said_what_when_with_the_source(bongsu: Bongsu) -> None:
    told = bongsu("ledger", "show", "coincheck-2018").out
    assert "Disputed by" in told
    assert "2019-06-19  The Asahi Shimbun: doubts who did it" in told
    assert "<http://www.asahi.com/" in told


def test_csv_leaves_and_comes_back_the_same(bongsu: Bongsu, tmp_path: Path) -> None:
    assert bongsu("ledger", "export", "--format", "csv", "--out", tmp_path / "l").status == 0
    assert read_ledger(tmp_path / "l") == read_ledger()


def test_import_adds_keeps_competing_and_does_it_only_once(bongsu: Bongsu, tmp_path: Path) -> None:
    ours = copy_of_shipped(tmp_path / "ours")
    theirs = json.loads(bongsu("ledger", "export", "--format", "json").out)
    theirs["incidents"][0]["country"] = "JP"
    theirs["claims"][1]["confidence"] = "84"
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs), encoding="utf-8")
    args = ["ledger", "import", path, "--into", ours, "--partner", "fiu-x", "--name", "FIU X", "--class", "government"]
    args += ["--published", "2026-11-23", "--url", "https://example.org/l", "--format", "json"]
    dry = json.loads(bongsu(*args, "--dry-run").out)
    assert (dry["written"], read_ledger(ours)) == (False, read_ledger())
    first, second = (json.loads(bongsu(*args).out) for _ in range(2))
    assert (first["written"], len(first["competing"]), len(first["added"])) == (True, 1, 2)
    assert (second["written"], second["competing"], second["added"]) == (False, [], [])
    assert bongsu("ledger", "check", ours).status == 0


def test_import_of_a_broken_ledger_changes_nothing(bongsu: Bongsu, tmp_path: Path) -> None:
    ours = copy_of_shipped(tmp_path / "ours")
    path = tmp_path / "theirs.json"
    path.write_text('{"format": "bongsu-ledger/1", "claims": [{}]}', encoding="utf-8")
    done = bongsu("ledger", "import", path, "--into", ours, "--partner", "x")
    assert done.status == 2
    assert "claims number 1" in done.err
    assert read_ledger(ours) == read_ledger()


def test_the_store_answers_as_the_files_do(bongsu: Bongsu, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.db'}"
    assert "batch 1" in bongsu("ledger", "store", url).out
    assert "Nothing has changed" in bongsu("ledger", "store", url).out
    assert "batch 1" in bongsu("ledger", "store", url, "--history").out
    args = ("ledger", "total", "--from", "2017", "--to", "2023", "--rule", "un-panel", "--format", "json")
    files, stored = (json.loads(bongsu(*args, *more).out) for more in ((), ("--store", url)))
    assert {k: files[k] for k in ("query", "count", "usd", "low", "high", "net_usd", "by_year")} == {
        k: stored[k] for k in ("query", "count", "usd", "low", "high", "net_usd", "by_year")
    }
    assert bongsu("ledger", "export", "--format", "csv", "--store", url, "--out", tmp_path / "back").status == 0
    assert read_ledger(tmp_path / "back") == read_ledger()


def test_stix_leaves_as_of_a_day(bongsu: Bongsu, tmp_path: Path) -> None:
    assert bongsu("ledger", "export", "--format", "stix", "--as-of", "2019", "--out", tmp_path / "b.json").status == 0
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))["type"] == "bundle"
