"""Freezes on chain: what issuers' contracts say of a case's addresses, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.errors import SourceError
from bongsu.ledger.check import check
from bongsu.ledger.files import read_ledger
from bongsu.ledger.records import Publisher
from bongsu.respond.claims import outcome
from bongsu.respond.freezes import read_freezes, topics
from tests.desk.kit import KIM, Kit, position, trace

if TYPE_CHECKING:
    from pathlib import Path

A, B = "0x" + "a" * 40, "0x" + "b" * 40
USDT, USDC = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
ADDED = "0x42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc"
BLACKLISTED = "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855"
REMOVED = "0xd7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c"


def word(address: str) -> str:
    return "0x" + address[2:].rjust(64, "0")


def log(contract: str, topic: str, address: str, *, indexed: bool, number: int = 1) -> dict[str, Any]:
    return {
        "address": contract,
        "topics": [topic, word(address)] if indexed else [topic],
        "data": "0x" if indexed else word(address),
        "transactionHash": "0x" + "1" * 64,
        "blockNumber": "0x10",
        "logIndex": hex(number),
    }


def found(desk: Kit, tmp_path: Path, *logs: object) -> list[tuple[str, str, str]]:
    desk.open(assessed=trace(position(A), position(B)))
    path = tmp_path / "logs.json"
    path.write_text(json.dumps({"result": list(logs)}), encoding="utf-8")
    rows = read_freezes(path, desk.state())
    desk.desk.seen_freezes("c1", rows, KIM)
    desk.desk.seen_freezes("c1", rows, KIM)
    return [(r["token"], r["address"], r["says"]) for r in desk.state().freezes.values()]


def test_both_issuers_forms_are_read_and_recorded_once(desk: Kit, tmp_path: Path) -> None:
    assert found(
        desk,
        tmp_path,
        log(USDT, ADDED, A, indexed=False),
        log(USDC, BLACKLISTED, B, indexed=True, number=2),
        log(USDT, REMOVED, A, indexed=False, number=3),
    ) == [("USDT", A, "frozen"), ("USDC", B, "frozen"), ("USDT", A, "released")]
    assert desk.kinds().count("freeze.seen") == 1


def test_what_stands_blocked_on_chain_is_a_claim_for_the_ledger(desk: Kit, tmp_path: Path) -> None:
    desk.open(assessed=trace(position(A, asset="USDT"), position(B, asset="USDC")))
    path = tmp_path / "logs.json"
    logs = [log(USDT, ADDED, A, indexed=False), log(USDC, BLACKLISTED, A, indexed=True, number=2)]
    path.write_text(json.dumps({"result": logs}), encoding="utf-8")
    desk.desk.seen_freezes("c1", read_freezes(path, desk.state()), KIM)
    path.write_text(json.dumps({"result": [log(USDC, REMOVED, B, indexed=True, number=3)]}), encoding="utf-8")
    desk.desk.seen_freezes("c1", read_freezes(path, desk.state()), KIM)
    path.write_text(json.dumps({"result": [log(USDC, BLACKLISTED, B, indexed=True, number=4)]}), encoding="utf-8")
    desk.desk.seen_freezes("c1", read_freezes(path, desk.state()), KIM)
    police = Publisher("police", "Police", "government", "https://example.org", "")
    url = "https://example.org/c1"
    found = outcome(desk.state(), desk.log.read("c1"), read_ledger(), "bybit-2025", police, url)
    assert [(c.kind, str(c.value), c.unit, c.basis) for c in found.claims] == [
        ("freeze", "10", "USDT", "on-chain"),
        ("freeze", "10", "USDC", "on-chain"),
    ]
    seen = [e for e in desk.log.read("c1") if e.kind == "freeze.seen"]
    cited = [next(e.seq for e in seen if e.digest in c.document) for c in found.claims]
    assert cited == [seen[0].seq, seen[-1].seq]  # each claim rests on the event that says it
    assert check(found.ledger) == []


def test_other_contracts_other_addresses_and_other_events_say_nothing(desk: Kit, tmp_path: Path) -> None:
    other = "0x" + "c" * 40
    assert (
        found(
            desk,
            tmp_path,
            log(other, ADDED, A, indexed=False),
            log(USDT, ADDED, other, indexed=False),
            log(USDT, "0x" + "0" * 64, A, indexed=False),
            {**log(USDT, ADDED, A, indexed=False), "removed": True},
        )
        == []
    )


def test_the_topics_are_the_published_ones() -> None:
    assert {topics()[t] for t in (ADDED, BLACKLISTED)} == {"frozen"}
    assert topics()[REMOVED] == "released"


@pytest.mark.parametrize("text", ["{", "{}", "3", '[{"topics": 3}]', '[{"address": "0x", "topics": ["0x"]}]'])
def test_what_are_no_logs_is_said_or_says_nothing(desk: Kit, tmp_path: Path, text: str) -> None:
    desk.open(assessed=trace(position(A)))
    path = tmp_path / "logs.json"
    path.write_text(text, encoding="utf-8")
    with suppress(SourceError):  # anything else that is raised fails the test
        assert read_freezes(path, desk.state()) == []
