"""`bongsu case` and `bongsu playbook`, as somebody types them."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu, Outcome

KIM, LEE = "kim@police", "lee@nso"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_ACTOR", KIM)
    return tmp_path


def parsed(outcome: Outcome) -> Any:
    assert outcome.status == 0, outcome.err
    return json.loads(outcome.out)


def opened(bongsu: Bongsu) -> None:
    assert bongsu("case", "open", "bybit", "--from", "bybit-2025").status == 0


def test_from_a_trace_to_a_sent_request_and_its_answer(bongsu: Bongsu, here: Path) -> None:
    opened(bongsu)
    begun = parsed(bongsu("case", "run", "bybit", "--playbook", "stolen-at-issuer", "--format", "json"))
    assert [r["state"] for r in begun["requests"]] == ["drafted"]
    own = bongsu("case", "approve", "bybit", "R1")
    assert (own.status, "four eyes" in own.err) == (2, True)
    empty = bongsu("case", "approve", "bybit", "all", "--as", LEE)
    assert (empty.status, "places open" in empty.err) == (2, True)
    assert bongsu("case", "approve", "bybit", "all", "--as", LEE, "--accept-gaps").status == 0
    sent = parsed(bongsu("case", "run", "bybit", "--format", "json"))
    assert [(r["state"], r["sent"]) for r in sent["requests"]] == [("sent", 1)]
    packet = here / "outbox" / "bybit-R1-v1"
    assert {"letter.en.txt", "letter.en.docx", "letter.en.pdf", "addresses.csv", "request.json"} <= {
        p.name for p in packet.iterdir()
    }
    answer = bongsu("case", "answer", "bybit", "R1", "granted", "--frozen", "cmETH=15000", "--format", "json")
    shares = {s["asset"]: s["frozen"] for s in parsed(answer)["shares"]}
    assert shares["cmETH"] == "15000"
    assert parsed(bongsu("case", "log", "bybit", "--verify", "--format", "json"))["events"] == 10
    assert bongsu("case", "close", "bybit", "--why", "15,000 cmETH came back").status == 0
    assert parsed(bongsu("case", "list", "--format", "json"))[0]["open"] is False


def test_a_folder_of_bongsu_respond_opens_the_same_case(bongsu: Bongsu, here: Path) -> None:
    import shutil

    from bongsu.trace.case import find_case

    folder = here / "response"
    folder.mkdir()
    shutil.copytree(find_case("bybit-2025"), folder / "inputs")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    opened(bongsu)
    assert bongsu("case", "open", "again", "--from", folder).status == 0
    rows = [parsed(bongsu("case", "log", c, "--format", "json"))[1]["data"] for c in ("bybit", "again")]
    assert rows[0] == rows[1]


def test_a_changed_byte_is_named_with_status_two(bongsu: Bongsu, here: Path) -> None:
    opened(bongsu)
    with sqlite3.connect("bongsu.db") as database:
        database.execute("UPDATE case_event SET data = replace(data, 'Bybit', 'Bibit') WHERE seq = 1")
    outcome = bongsu("case", "log", "bybit", "--verify")
    assert outcome.status == 2
    assert "event 1 (case.opened" in outcome.err


def test_a_case_by_hand_and_its_playbook_with_values(bongsu: Bongsu, here: Path) -> None:
    assert bongsu("case", "open", "mail", "--title", "An aide's mailbox").status == 0
    run = bongsu(
        "case", "run", "mail", "--playbook", "breached-mailbox", "--set", "__mailbox__=a@b.example",
        "--set", "__provider__=mail-co", "--format", "json",
    )  # fmt: skip
    document = parsed(run)
    assert [(r["action"], r["venue"]) for r in document["requests"]] == [("preserve", "mail-co")]
    task = next(d["id"] for d in document["due"] if d["what"] == "task")
    done = parsed(bongsu("case", "answer", "mail", task, "done", "--set", "__forwarding__=false", "--format", "json"))
    assert done["playbooks"][0]["variables"]["__forwarding__"] == "false"


def test_the_board_has_what_waits_in_all_open_cases(bongsu: Bongsu, here: Path) -> None:
    opened(bongsu)
    bongsu("case", "run", "bybit", "--playbook", "stolen-at-issuer")
    rows = parsed(bongsu("case", "board", "--format", "json"))
    assert {r["what"] for r in rows} == {"task", "approve", "timer"}
    assert "approve" in bongsu("case", "clock", "bybit").out


def test_a_note_keeps_a_file_by_digest(bongsu: Bongsu, here: Path) -> None:
    opened(bongsu)
    (here / "warrant.pdf").write_bytes(b"%PDF")
    bongsu("case", "note", "bybit", "the warrant", "--file", "warrant.pdf")
    (here / "warrant.pdf").unlink()
    assert bongsu("case", "log", "bybit", "--verify").status == 0
    assert "the warrant" in bongsu("case", "show", "bybit").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["case", "show", "nothing"], "there is no case 'nothing'"),
        (["case", "show", "bybit", "--as", "kim"], "'kim' is nobody here"),
        (["case", "open", "Bad Id", "--title", "x"], "is no id of a case"),
        (["case", "open", "bybit", "--title", "x"], "is already open"),
        (["case", "open", "new"], "needs a title"),
        (["case", "open", "new", "--title", "x", "--alert", "soon"], "not an ISO 8601 time"),
        (["case", "open", "new", "--title", "x", "--alert", "2999-01-01"], "later than now"),
        (["case", "open", "new", "--title", "x", "--marking", "secret"], "no level of TLP"),
        (["case", "open", "new", "--from", "/nowhere"], "nowhere"),
        (["case", "run", "bybit", "--playbook", "none.json"], "cannot be read"),
        (["case", "run", "bybit", "--playbook", "breached-mailbox", "--set", "x"], "sets nothing"),
        (["case", "run", "bybit", "--channels", "none.toml"], "cannot be read"),
        (["case", "approve", "bybit", "R9"], "nothing here that waits"),
        (["case", "answer", "bybit", "R9", "granted"], "nothing here that waits"),
        (["case", "note", "bybit", "x", "--file", "none"], "cannot be read"),
        (["case", "note", "bybit", "x", "--compartment", "none"], "no compartment"),
        (["case", "close", "bybit"], "closed for a reason"),
        (["case", "list", "--db", "nothing://x/y"], "databases of the kind"),
        (["case", "log", "bybit", "--agencies", "none.toml"], "cannot be read"),
        (["playbook", "lint", "none.json"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_status_two(
    bongsu: Bongsu, here: Path, arguments: list[str], says: str
) -> None:
    bongsu("case", "open", "bybit", "--title", "by hand")
    outcome = bongsu(*arguments)
    assert outcome.status == 2
    assert says in outcome.err


def test_the_playbooks_are_listed_and_a_broken_one_is_told(bongsu: Bongsu, here: Path) -> None:
    assert len(parsed(bongsu("playbook", "list", "--format", "json"))) == 8
    (here / "p.json").write_text('{"workflow": {}}', encoding="utf-8")
    outcome = bongsu("playbook", "lint", "p.json")
    assert outcome.status == 1
    assert "'name' is a required property" in outcome.out
