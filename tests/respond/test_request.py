"""Requests: who is asked for what, on which figures, in letters that a lawyer and an officer can use."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bongsu.respond.annex import annexes
from bongsu.respond.assessment import assess
from bongsu.respond.checklist import checklist
from bongsu.respond.letter import letter
from bongsu.respond.officer import Officer
from bongsu.respond.papers.text import render as set_text
from bongsu.respond.plaintext import columns
from bongsu.respond.request import Request, requests
from bongsu.respond.venue import folder_name
from bongsu.trace.case import read_case
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.respond.assessment import Assessment

LANGUAGES = ("en", "ko", "ja")
OFFICER = Officer(
    agency="Example Police",
    name="Kim Gildong",
    title="Inspector",
    badge="1234",
    email="kim@police.example",
    phone="+82 2 0000 0000",
    case_number="2026-0001",
    legal_basis="Article 1 of the Example Act; warrant 7 of 3 January 2026",
    return_channel="desk@police.example",
    duration="30 days",
)
THIEF, MIDDLE, HOLD, DEPOSIT, BROKER, CLEAN = ("0x" + digit * 40 for digit in "123456")

UNKNOWN = folder_name("Nobody Knows Exchange")


def drafts(assessment: Assessment) -> dict[str, Request]:
    return {request.venue.id: request for request in requests(assessment)}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def render(request: Request) -> dict[str, str]:
    """The packet's texts; tests/respond/test_packet.py has the rest of it."""
    tables = annexes(request, "amber")
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in tables.items()}
    for language in LANGUAGES:
        model = letter(request, language, "amber", sums)
        tables[f"letter.{language}.txt"] = set_text(model).decode()
        tables[f"checklist.{language}.txt"] = checklist(request, language, sorted(sums), model.blanks).decode()
    return tables


def test_custodian_and_issuer_and_unknown_venue_are_asked(example: Assessment) -> None:
    assert sorted(drafts(example)) == sorted(["binance", UNKNOWN, "tether"])


def test_only_what_the_venue_can_do_is_asked(example: Assessment, bybit: Assessment) -> None:
    for request in (*requests(example), *requests(bybit)):
        assert set(request.asks) <= set(request.venue.powers)


def test_the_range_is_that_of_the_policies_that_conserve(example: Assessment) -> None:
    item = next(i for i in drafts(example)["binance"].items if i.holding.asset.symbol == "ETH")
    assert (item.amount.low, item.amount.high, item.amount.upper) == (0, 4 * 10**18, 5 * 10**18)


def test_an_issuer_is_not_asked_to_freeze_an_exchanges_address(example: Assessment) -> None:
    frozen = {i.holding.address.text: i.freeze for i in drafts(example)["tether"].items}
    assert frozen == {HOLD: True, DEPOSIT: False}


def touched(case_folder: Path) -> Assessment:
    """All stolen money leaves the middle account before the clean money that goes to an exchange and a wallet."""
    (case_folder / "transfers.csv").write_text(
        "time,block,tx,sender,receiver,asset,amount\n"
        f"2026-01-02T00:00:00Z,100,0xb1,{THIEF},{MIDDLE},USDT,4\n"
        f"2026-01-02T00:01:00Z,101,0xb2,{MIDDLE},{BROKER},USDT,4\n"
        f"2026-01-02T00:02:00Z,102,0xb3,{CLEAN},{MIDDLE},USDT,6\n"
        f"2026-01-02T00:03:00Z,103,0xb4,{MIDDLE},{DEPOSIT},USDT,5\n"
        f"2026-01-02T00:04:00Z,104,0xb5,{MIDDLE},{HOLD},USDT,1\n",
        encoding="utf-8",
    )
    return assess(read_case(case_folder))


def test_no_freeze_is_asked_of_money_that_was_only_touched(case_folder: Path) -> None:
    binance = drafts(touched(case_folder))["binance"]
    assert binance.asks == ("preserve", "disclose")
    assert [(i.freeze, i.amount.high, i.amount.upper) for i in binance.items] == [(False, 0, 5 * 10**6)]
    written = render(binance)["letter.en.txt"]
    assert "Freeze asked: no (a)" in written
    assert "(a) No freeze is asked: only the upper bound is above nought" in written


def test_an_issuer_that_could_only_freeze_what_was_touched_gets_no_request(case_folder: Path) -> None:
    assert "tether" not in drafts(touched(case_folder))


def test_melted_money_is_shown_with_all_the_transfers_on_the_way(case_folder: Path) -> None:
    paths = rows(render(drafts(touched(case_folder))["binance"])["path.csv"])
    assert [(r["kind"], r["policies"], r["step"], r["tx"]) for r in paths] == [
        ("all transfers on the way", "poison", "1", "0xb1"),
        ("all transfers on the way", "poison", "2", "0xb4"),
    ]


def test_who_cannot_freeze_is_not_asked_to(bybit: Assessment) -> None:
    lido = drafts(bybit)["lido"]
    assert lido.asks == ("warn",)
    assert "freeze" not in render(lido)["letter.en.txt"].lower().replace("freeze asked: no", "")


def test_the_bybit_case_asks_the_issuers_of_the_stolen_tokens(bybit: Assessment) -> None:
    meth = drafts(bybit)["meth-protocol"]
    assert {total.asset.symbol: total.asset.text(total.high) for total in meth.frozen} == {
        "cmETH": "15000",
        "mETH": "8000",
    }


def test_totals_are_added_up_under_each_policy_before_they_are_compared(bybit: Assessment, example: Assessment) -> None:
    for request in (*requests(bybit), *requests(example)):
        for total in request.totals:
            by_policy = [
                sum(i.holding.by_policy[name] for i in request.items if i.holding.asset == total.asset)
                for name, policy in POLICIES.items()
                if policy.conserves
            ]
            assert (total.low, total.high) == (min(by_policy), max(by_policy))


def test_every_transaction_on_an_exact_path_stands_in_the_table(example: Assessment) -> None:
    files = render(drafts(example)["binance"])
    listed = {row["tx"] for row in rows(files["transactions.csv"])}
    assert {row["tx"] for row in rows(files["path.csv"])} <= listed
    assert listed == {"0xa1", "0xa3", "0xa5"}


def test_each_path_runs_unbroken_from_the_theft_to_the_address(example: Assessment, bybit: Assessment) -> None:
    for request in (*requests(example), *requests(bybit)):
        thieves = {a for theft in request.case.thefts for a in theft.addresses}
        for way in request.ways:
            assert way.exact
            assert way.transfers[0].sender in thieves
            assert way.transfers[-1].receiver == way.holding.address
            assert all(a.receiver == b.sender for a, b in zip(way.transfers, way.transfers[1:], strict=False))


def test_exact_paths_add_up_to_the_position_under_each_policy(example: Assessment) -> None:
    request = drafts(example)["binance"]
    for item in request.items:
        for name, policy in POLICIES.items():
            if policy.separable:
                came = sum(w.amount for w in request.ways if w.holding is item.holding and name in w.policies)
                assert came == item.holding.by_policy[name]


def test_a_transfer_says_what_part_of_it_was_stolen(example: Assessment) -> None:
    row = next(r for r in rows(render(drafts(example)["binance"])["transactions.csv"]) if r["tx"] == "0xa3")
    assert (row["amount"], row["stolen_low"], row["stolen_high"], row["stolen_upper"]) == ("5", "0", "4", "5")


def test_the_letters_give_the_checksum_of_each_table_that_goes_with_them(example: Assessment) -> None:
    files = render(drafts(example)["binance"])
    for name in ("addresses.csv", "transactions.csv", "path.csv"):
        digest = hashlib.sha256(files[name].encode()).hexdigest()
        assert all(digest in files[f"letter.{language}.txt"] for language in LANGUAGES)


def test_rendering_is_deterministic(example: Assessment) -> None:
    first = [render(r) for r in requests(example, OFFICER, date(2026, 1, 6))]
    assert first == [render(r) for r in requests(example, OFFICER, date(2026, 1, 6))]


@pytest.mark.parametrize("name", [f"{kind}.{x}.txt" for kind in ("letter", "checklist") for x in LANGUAGES])
def test_letters_are_plain_text_of_ninety_columns(example: Assessment, bybit: Assessment, name: str) -> None:
    for request in (*requests(example, OFFICER), *requests(bybit)):
        for line in render(request)[name].split("\n"):
            assert columns(line) <= 90, line
            assert line == line.rstrip()


@pytest.mark.parametrize("name", [f"{kind}.{x}.txt" for kind in ("letter", "checklist") for x in LANGUAGES])
def test_no_letter_has_two_blank_lines_in_a_row(example: Assessment, name: str) -> None:
    assert all("\n\n\n" not in render(request)[name] for request in requests(example))


def test_every_letter_says_first_that_it_is_a_draft(example: Assessment) -> None:
    for request in requests(example):
        assert render(request)["letter.en.txt"].startswith("DRAFT - NOT SENT, NOT APPROVED")
        assert render(request)["letter.ko.txt"].startswith("초안 - 미결재, 미발송")
        assert render(request)["letter.ja.txt"].startswith("案文 - 未決裁・未発送")


def test_placeholders_stay_open_without_an_officer(example: Assessment) -> None:
    written = render(drafts(example)["binance"])["letter.en.txt"]
    for placeholder in ("[DATE]", "[AGENCY", "[NAME]", "[TITLE]", "[BADGE", "[E-MAIL", "[TELEPHONE", "[CASE NUMBER]",
                        "[LEGAL BASIS", "[RETURN CHANNEL]", "[DURATION"):  # fmt: skip
        assert placeholder in written


def test_an_officer_file_fills_every_placeholder_but_seal_and_signature(example: Assessment) -> None:
    request = next(r for r in requests(example, OFFICER, date(2026, 1, 6)) if r.venue.id == "binance")
    files = render(request)
    english = files["letter.en.txt"].replace("every\n[PLACEHOLDER]", "").replace("every [PLACEHOLDER]", "")
    assert re.findall(r"\[[A-Z][^\]]*\]", english) == ["[SIGNATURE AND OFFICIAL SEAL]"]
    left = {"ko": {"[문서번호]", "[기관장 직인]", "[서명]"}, "ja": {"[文書番号]", "[公印]", "[署名]"}}
    for language, blanks in left.items():
        assert set(letter(request, language, "amber", {}).blanks) == blanks
    numbered = replace(request, officer=replace(OFFICER, document_number="수사과-123"))
    assert "[문서번호]" not in letter(numbered, "ko", "amber", {}).blanks


def test_what_the_venue_wants_and_the_officer_lacks_is_listed(example: Assessment) -> None:
    bare = dict.fromkeys(("agency-name", "proof-of-authority"), False)
    filled = {"agency-name": True, "proof-of-authority": False}
    for officer, expected in ((None, bare), (OFFICER, filled)):
        request = next(r for r in requests(example, officer) if r.venue.id == "tether")
        assert {demand.id: met for demand, met in request.demands()} == expected
        sheet = render(request)["checklist.en.txt"]
        assert sheet.count("STILL TO BE SUPPLIED BY YOU") == list(expected.values()).count(False)


@pytest.mark.parametrize(
    "said",
    ["Subject:    URGENT - Case 2026-0001 (example-2026)", "2. LEGAL BASIS", "warrant 7 of 3 January 2026", "FREEZE:",
     "PRESERVE:", "DISCLOSE", "30 days", "7. CONFIDENTIALITY", "answer to desk@police.example",
     "0 to 4 ETH; upper bound 5 ETH", "TLP:AMBER - URGENT", "TLP:AMBER (TLP 2.0)",
     "Published loss: 10 ETH (source: https://example.org/loss)",
     "Example Group; stated by Example Police on 2026-01-05",
     "arrived by 0xa3", "confidence: service_data; 2026-01-01"],
)  # fmt: skip
def test_the_letter_to_an_exchange_says(example: Assessment, said: str) -> None:
    request = next(r for r in requests(example, OFFICER) if r.venue.id == "binance")
    assert said in " ".join(render(request)["letter.en.txt"].split()).replace("Subject: ", "Subject:    ")


@pytest.mark.parametrize("said", ["수신:", "경유:", "제목: [긴급]", "시행: [문서번호]", "공개 구분: 비공개", "2. 근거",
                                  "5. 요청사항", "6. 범위 및 기간", "8. 회신처",
                                  "동결:", "자료 보전:", "자료 제공:", "7. 비밀 유지", "끝."])  # fmt: skip
def test_the_korean_letter_has_the_parts_of_an_official_letter(example: Assessment, said: str) -> None:
    assert said in " ".join(render(drafts(example)["binance"])["letter.ko.txt"].split())


@pytest.mark.parametrize("said", ["[文書番号]", "Binance 御中", "【至急】", "記", "2 根拠",
                                  "5 依頼事項", "凍結:", "記録の保全:", "情報の提供:",
                                  "7 秘密の保持", "10 添付資料", "以上", "0以上4 ETH以下"])  # fmt: skip
def test_the_japanese_letter_has_the_parts_of_an_official_letter(example: Assessment, said: str) -> None:
    assert said in " ".join(render(drafts(example)["binance"])["letter.ja.txt"].split())


def test_remarks_on_the_venue_stand_only_on_the_officers_sheet(example: Assessment) -> None:
    request = drafts(example)["tether"]
    files = render(request)
    assert request.venue.remarks[0][:40] in files["checklist.en.txt"]
    assert not [name for name in files if "letter" in name and request.venue.remarks[0][:40] in files[name]]


def test_no_foreign_text_can_begin_a_line_of_the_letter(example: Assessment) -> None:
    for request in requests(example):
        for name in (f"letter.{language}.txt" for language in LANGUAGES):
            lines = [line.strip() for line in render(request)[name].splitlines()]
            assert "\u202e" not in "".join(lines)
            assert not [line for line in lines if line.startswith(("5. WHAT WE ASK: nothing", "10. PAY HIM"))]


def test_no_cell_is_a_formula(example: Assessment, bybit: Assessment) -> None:
    for request in (*requests(example), *requests(bybit)):
        for name, text in render(request).items():
            if name.endswith(".csv"):
                cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
                assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_hostile_label_is_kept_as_text(example: Assessment) -> None:
    labels = {row["label"] for row in rows(render(drafts(example)["binance"])["addresses.csv"])}
    assert labels == {'\'=HYPERLINK("https://evil.example") 5. WHAT WE ASK: nothing'}


def test_the_json_says_what_the_tables_say(example: Assessment) -> None:
    for request in requests(example):
        files = render(request)
        whole = json.loads(files["request.json"])
        assert whole["status"] == "draft"
        assert [i["high"] for i in whole["items"]] == [r["amount_high"] for r in rows(files["addresses.csv"])]
        assert [t["tx"] for t in whole["transactions"]] == [r["tx"] for r in rows(files["transactions.csv"])]


def test_a_venue_that_only_a_label_names_is_marked_as_such(example: Assessment) -> None:
    assert "There is no profile of it" in render(drafts(example)[UNKNOWN])["checklist.en.txt"]
