"""What a case is opened from besides a trace, and what it gives back to the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bongsu.ledger.files import read_ledger
from tests.cli.test_case import KIM, LEE, opened, parsed
from tests.ledger.ledgers import copy_of_shipped

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bongsu

pytestmark = pytest.mark.slow
URL = "https://example.org/cases/bybit"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BONGSU_ACTOR", KIM)
    return tmp_path


def answered(bongsu: Bongsu) -> None:
    opened(bongsu)
    assert bongsu("case", "run", "bybit", "--playbook", "stolen-at-issuer").status == 0
    assert bongsu("case", "approve", "bybit", "all", "--as", LEE, "--accept-gaps").status == 0
    assert bongsu("case", "run", "bybit").status == 0
    assert bongsu("case", "answer", "bybit", "R1", "partly", "--frozen", "cmETH=15000").status == 0
    assert bongsu("case", "answer", "bybit", "R1", "granted", "--returned", "cmETH=12000").status == 0


def test_what_was_frozen_and_returned_becomes_claims_that_the_ledger_takes(bongsu: Bongsu, here: Path) -> None:
    answered(bongsu)
    before = read_ledger(copy_of_shipped(here / "ours"))
    done = parsed(bongsu("case", "claims", "bybit", "--out", "claims.json", "--url", URL, "--format", "json"))
    assert (len(done["claims"]), done["left_out"]) == (2, [])
    imported = bongsu("ledger", "import", "claims.json", "--into", "ours", "--partner", "police")
    assert imported.status == 0, imported.err
    assert bongsu("ledger", "check", "ours").status == 0
    known = {c.id for c in before.claims}
    new = [c for c in read_ledger(here / "ours").claims if c.id not in known]
    assert {(c.kind, str(c.value), c.unit) for c in new} >= {
        ("freeze", "15000", "cmETH"),
        ("recovery", "12000", "cmETH"),
    }
    log = parsed(bongsu("case", "log", "bybit", "--format", "json"))
    digests = {f"case bybit, event {e['seq']}, SHA-256 {e['digest']}" for e in log if e["kind"] == "request.answered"}
    assert {c.document for c in new} == digests


def test_claims_about_an_incident_that_the_ledger_does_not_know_are_refused(bongsu: Bongsu) -> None:
    answered(bongsu)
    refused = bongsu("case", "claims", "bybit", "--out", "c.json", "--url", URL, "--incident", "nobody-2031")
    assert (refused.status, "no incident" in refused.err) == (2, True)


def test_a_case_opens_from_an_incident_of_the_ledger(bongsu: Bongsu) -> None:
    assert bongsu("case", "open", "b", "--incident", "bybit-2025").status == 0
    first = parsed(bongsu("case", "log", "b", "--format", "json"))[0]
    assert first["data"]["source"] == {"from": "ledger", "incident": "bybit-2025"}
    unknown = bongsu("case", "open", "c", "--incident", "nobody-2031")
    assert (unknown.status, "nobody-2031" in unknown.err) == (2, True)


def test_a_case_opens_from_a_finding_and_watches_its_subject(bongsu: Bongsu, here: Path) -> None:
    found = bongsu("trace", "patterns", "bybit-2025", "--only", "fan-out", "--format", "json").out
    (here / "found.json").write_text(found, encoding="utf-8")
    assert bongsu("case", "open", "f", "--finding", "found.json", "--number", "1").status == 0
    assert json.loads(found)[0]["subject"] in json.dumps(parsed(bongsu("case", "log", "f", "--format", "json")))


@pytest.mark.parametrize(
    ("text", "number", "says"),
    [("[]", "1", "no finding 1"), ("{}", "1", "no list of findings"), ("[", "1", "not JSON"),
     ("[3]", "1", "is no finding"), ('[{"chain": "x"}]', "1", "is no finding")],
)  # fmt: skip
def test_what_is_no_finding_is_one_sentence(bongsu: Bongsu, here: Path, text: str, number: str, says: str) -> None:
    (here / "found.json").write_text(text, encoding="utf-8")
    outcome = bongsu("case", "open", "f", "--finding", "found.json", "--number", number)
    assert (outcome.status, says in outcome.err) == (2, True), outcome.err


def test_a_late_acknowledgement_takes_back_no_sum(bongsu: Bongsu) -> None:
    answered(bongsu)
    late = parsed(bongsu("case", "answer", "bybit", "R1", "acknowledged", "--format", "json"))
    share = next(s for s in late["shares"] if s["asset"] == "cmETH")
    assert (share["frozen"], share["returned"]) == ("15000", "12000")
