"""The response folder can be made again from its inputs, and tells where it was changed."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.errors import SourceError, VerificationError
from bongsu.report.folder import Options, verify, write
from bongsu.trace.case import shipped_cases

if TYPE_CHECKING:
    from pathlib import Path

BYBIT = shipped_cases() / "bybit-2025"
OPTIONS = Options("2025-02-21T17:00:00Z")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The response to the Bybit case."""
    folder = tmp_path_factory.mktemp("made") / "response"
    write(BYBIT, folder, OPTIONS, None)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(made, tmp_path / "response")


def test_the_folder_holds_what_was_promised(made: Path) -> None:
    names = {path.relative_to(made).as_posix() for path in made.rglob("*")}
    assert {
        "report.html",
        "positions.csv",
        "evidence.json",
        "bundle.json",
        "manifest.json",
        "inputs/case.toml",
    } <= names
    assert {"requests/meth-protocol/letter.en.txt", "requests/meth-protocol/letter.ko.txt"} <= names


def test_an_untouched_folder_verifies(folder: Path) -> None:
    assert verify(folder) == sum(1 for path in folder.rglob("*") if path.is_file())


def test_the_response_to_another_incident_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(BYBIT, other)
    toml = other / "case.toml"
    toml.write_text(toml.read_text("utf-8").replace('incident = "bybit-2025"', 'incident = "other-2026"'), "utf-8")
    with pytest.raises(SourceError, match="another incident, 'bybit-2025'"):
        write(other, folder, OPTIONS, None)
    verify(folder)


def test_two_runs_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    write(BYBIT, tmp_path / "again", OPTIONS, None)
    for path in made.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(made)).read_bytes()


def test_one_changed_figure_is_named_with_its_line(folder: Path) -> None:
    path = folder / "positions.csv"
    text = path.read_text(encoding="utf-8")
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if ",10000," in row)
    path.write_text(text.replace(",10000,", ",10001,", 1), encoding="utf-8")
    with pytest.raises(VerificationError, match="10001") as found:
        verify(folder)
    assert (found.value.source, found.value.line) == (str(path), line)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.data())
def test_any_changed_byte_of_any_file_is_found(folder: Path, data: st.DataObject) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != before[place]))
    path.write_bytes(before[:place] + bytes([other]) + before[place + 1 :])
    try:
        with pytest.raises(SourceError) as found:
            verify(folder)
        name = path.relative_to(folder).as_posix()
        assert name == "manifest.json" or name in (found.value.source or "")
    finally:
        path.write_bytes(before)


def test_a_missing_and_an_extra_file_are_named(folder: Path) -> None:
    (folder / "positions.csv").rename(folder / "spare.csv")
    with pytest.raises(VerificationError, match="missing") as missing:
        verify(folder)
    assert missing.value.source == str(folder / "positions.csv")
    (folder / "spare.csv").rename(folder / "positions.csv")
    (folder / "more.csv").write_text("x", encoding="utf-8")
    with pytest.raises(VerificationError, match="not part") as extra:
        verify(folder)
    assert extra.value.source == str(folder / "more.csv")


def test_a_changed_input_is_named(folder: Path) -> None:
    path = folder / "inputs" / "transfers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",10000,", ",10001,", 1), encoding="utf-8")
    with pytest.raises(VerificationError, match="SHA-256") as found:
        verify(folder)
    assert found.value.source == str(path)


def test_a_changed_input_with_a_changed_digest_still_fails_at_the_figures(folder: Path) -> None:
    import hashlib

    path, manifest = folder / "inputs" / "transfers.csv", folder / "manifest.json"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(path.read_text(encoding="utf-8").replace(",10000,", ",10001,", 1), encoding="utf-8")
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(VerificationError):
        verify(folder)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SourceError, match="did not make"):
        write(BYBIT, tmp_path, OPTIONS, None)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_an_earlier_response_is_replaced_as_a_whole(folder: Path) -> None:
    (folder / "requests" / "old").mkdir()
    write(BYBIT, folder, OPTIONS, None)
    assert not (folder / "requests" / "old").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["response"]


def test_a_failed_run_leaves_the_earlier_response_whole(folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(BYBIT, tmp_path / "broken")
    (broken / "transfers.csv").write_text("time\n", encoding="utf-8")
    with pytest.raises(SourceError):
        write(broken, folder, OPTIONS, None)
    assert verify(folder)


def test_records_set_aside_are_in_the_folder_and_it_verifies(tmp_path: Path) -> None:
    case = shutil.copytree(BYBIT, tmp_path / "case")
    with (case / "transfers.csv").open("a", encoding="utf-8") as file:
        file.write("garbage\n")
    out = tmp_path / "out"
    write(case, out, Options("2025-02-21T17:00:00Z", keep_going=True), None)
    assert "garbage" in (out / "set-aside.csv").read_text(encoding="utf-8")
    verify(out)


def test_positions_agree_with_the_evidence(made: Path) -> None:
    rows = list(csv.DictReader((made / "positions.csv").read_text(encoding="utf-8").splitlines()))
    evidence = json.loads((made / "evidence.json").read_text(encoding="utf-8"))
    under_fifo = {(p["address"], p["asset"]): p["amount"] for p in evidence["policies"]["fifo"]["positions"]}
    assert {(r["address"], r["asset"]): r["under_fifo"] for r in rows if r["under_fifo"] != "0"} == under_fifo


def test_every_path_in_the_evidence_leads_to_its_position(made: Path) -> None:
    evidence = json.loads((made / "evidence.json").read_text(encoding="utf-8"))
    transfers = evidence["transfers"]
    for name in ("fifo", "lifo", "taint-first"):
        for position in evidence["policies"][name]["positions"]:
            for path in position["paths"]:
                assert transfers[path["transfers"][-1]]["receiver"] == position["address"]
                assert transfers[path["transfers"][0]]["sender"] == "0x47666fab8bd0ac7003bce3f5c3585383f09486e2"
