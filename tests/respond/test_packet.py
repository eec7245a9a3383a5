"""The packet: the same words as text, DOCX and PDF, the same bytes each time, and no demand forgotten."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import docx
import jsonschema
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.respond import ivms101
from bongsu.respond.by_hand import About
from bongsu.respond.letter import letter
from bongsu.respond.officer import Officer
from bongsu.respond.packet import Packet, packet
from bongsu.respond.paper import DENSE, Letter, Para, Span, Table
from bongsu.respond.papers import FORMATS
from bongsu.respond.request import Request, requests
from bongsu.respond.venue import venues
from bongsu.respond.words import LANGUAGES, foreign

if TYPE_CHECKING:
    from bongsu.respond.assessment import Assessment

pytestmark = pytest.mark.slow

IVMS101 = jsonschema.Draft202012Validator(
    json.loads(files("bongsu.respond").joinpath("ivms101.schema.json").read_text(encoding="utf-8"))
)
DAY = date(2026, 1, 6)


@pytest.fixture(scope="session")
def asked(bybit: Assessment) -> Request:
    return next(r for r in requests(bybit, None, DAY) if r.venue.id == "meth-protocol")


@pytest.fixture(scope="session")
def made(asked: Request) -> Packet:
    return packet(asked, "amber")


def words_of_pdf(data: bytes) -> str:
    """The words of all pages, each page without its first line and its last, which every page repeats."""
    with pypdfium2.PdfDocument(data) as document:
        pages = [page.get_textpage().get_text_range().splitlines() for page in document]
        return "\n".join(line for lines in pages for line in lines[1:-1])


def pages_of_pdf(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


def words_of_docx(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    return "\n".join(text.text for text in document.element.iter("{*}t") if text.text)


READ: dict[str, Any] = {"pdf": words_of_pdf, "docx": words_of_docx, "txt": lambda data: data.decode()}


def close(text: str) -> str:
    """The words without the spaces and line ends that setting brings; a hyphen there is read as one of them."""
    return "".join(c for c in text if not c.isspace() and c not in "-\u200b\ufffe\u0002")


def test_the_packet_holds_what_a_venue_and_an_officer_need(made: Packet) -> None:
    letters = {f"letter.{x}.{f}" for x in LANGUAGES for f in FORMATS}
    tables = {"addresses.csv", "transactions.csv", "path.csv", "request.json", "ivms101.json"}
    assert set(made.files) == letters | tables | {f"checklist.{x}.txt" for x in LANGUAGES}
    assert set(made.sent) == tables | {"letter.en.txt", "letter.en.docx", "letter.en.pdf"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_says_every_word_of_the_letter(asked: Request, made: Packet, language: str, ending: str) -> None:
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in made.sent.items() if "letter" not in name}
    said = close(READ[ending](made.files[f"letter.{language}.{ending}"]))
    for span in letter(asked, language, "amber", sums).spans():
        assert close(span.text) in said, span


@pytest.mark.parametrize("ending", FORMATS)
def test_the_korean_letter_names_each_address_and_its_note_in_korean(made: Packet, ending: str) -> None:
    said = close(READ[ending](made.files[f"letter.ko.{ending}"]))
    for address in ("0x1542368a03ad1f03d96D51B414f4738961Cf4443", "0xA4B2Fd68593B6F34E51cB9eDB66E71c1B4Ab449e"):
        assert address in said
    assert close("8시간의 인출 지연 덕분에") in said
    assert "Asked mETH" not in said


def test_the_same_request_gives_the_same_bytes(asked: Request, made: Packet) -> None:
    assert packet(asked, "amber").files == made.files


def test_every_font_of_a_pdf_is_embedded(made: Packet) -> None:
    for language in LANGUAGES:
        data = made.files[f"letter.{language}.pdf"]
        assert b"pdfaid" in data  # PDF/A, which Typst makes only where all fonts are embedded
        assert data.count(b"/FontDescriptor") > 0
        assert data.count(b"/Type/FontDescriptor") <= data.count(b"/FontFile")


def test_pages_are_numbered(made: Packet) -> None:
    pages = pages_of_pdf(made.files["letter.en.pdf"])
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1))
    footers = [s.footer for s in docx.Document(io.BytesIO(made.files["letter.en.docx"])).sections]
    fields = [e.get(e.tag[:-9] + "instr") for f in footers for e in f._element.iter("{*}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]


def test_a_docx_bears_no_date_but_the_letters(made: Packet) -> None:
    with zipfile.ZipFile(io.BytesIO(made.files["letter.ko.docx"])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = docx.Document(io.BytesIO(made.files["letter.ko.docx"])).core_properties
    assert core.created is not None
    assert core.created.date() == DAY


def test_a_letter_without_a_date_can_be_set(asked: Request) -> None:
    made = packet(replace(asked, prepared_on=None), "amber")
    assert "[DATE]" in made.blanks
    assert made.files["letter.ko.pdf"].startswith(b"%PDF-1.7")


def test_a_request_about_an_account_is_a_packet_too() -> None:
    made = About("case-7", "Leaked keys", "red", DAY).packet("suspend", "mailhost", ["mallory@mail.example", "= 제목"])
    assert set(made.sent) == {"request.json", "letter.en.txt", "letter.en.docx", "letter.en.pdf"}
    for ending, read in READ.items():
        said = close(read(made.sent[f"letter.en.{ending}"]))
        for words in ("mallory@mail.example", "= 제목", "SUSPEND:", "case-7/mailhost/suspend", "TLP:RED"):
            assert close(words) in said
        assert "stolen" not in said
    assert json.loads(made.sent["request.json"])["subjects"] == ["mallory@mail.example", "= 제목"]


def test_the_korean_letter_names_the_agency_in_korean(asked: Request) -> None:
    officer = Officer(agency="Example Police", translations={"ko": {"agency": "예시경찰청"}})
    for language, name in (("ko", "예시경찰청"), ("en", "Example Police")):
        said = {span.text for span in letter(replace(asked, officer=officer), language, "amber", {}).spans()}
        assert {"예시경찰청", "Example Police"} & said == {name}


def test_what_is_sent_is_no_draft(asked: Request) -> None:
    sent = packet(asked, "amber", draft=False).sent
    assert "DRAFT" not in words_of_pdf(sent["letter.en.pdf"])
    assert "status" not in json.loads(sent["request.json"])


@pytest.mark.parametrize(
    ("language", "formats", "expected"),
    [
        (("ko",), (), {"letter.ko.txt", "letter.ko.docx", "letter.ko.pdf"}),
        (("ja",), ("docx",), {"letter.ja.docx"}),
        (("en", "ja"), ("pdf",), {"letter.en.pdf", "letter.ja.pdf"}),
    ],
)
def test_the_profile_says_which_letters_go(
    asked: Request, language: tuple[str, ...], formats: tuple[str, ...], expected: set[str]
) -> None:
    made = packet(replace(asked, venue=replace(asked.venue, language=language, formats=formats)), "amber")
    assert {name for name in made.sent if name.startswith("letter.")} == expected


def test_the_house_says_in_which_languages_it_keeps_a_copy(asked: Request) -> None:
    made = packet(replace(asked, officer=Officer(languages=("ko",))), "amber")
    assert {n.split(".")[1] for n in made.files if n.startswith("letter.")} == {"en", "ko"}


@pytest.mark.parametrize("name", sorted(name for name, venue in venues().items() if venue.can_act))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_demand_is_met_or_asked_of_the_officer(asked: Request, name: str, language: str) -> None:
    from bongsu.respond.checklist import checklist

    request = replace(asked, venue=venues()[name])
    sheet = close(checklist(request, language, [], []).decode())
    for demand, met in request.demands():
        assert f"[{'x' if met else ''}]{close(demand.text(language))}" in sheet


@pytest.mark.parametrize(("marking", "said"), [("red", "TLP:RED"), ("amber+strict", "TLP:AMBER+STRICT")])
def test_the_marking_stands_on_the_letter(asked: Request, marking: str, said: str) -> None:
    for language in LANGUAGES:
        model = letter(asked, language, marking, {})
        assert model.running.startswith(f"{said}  ")
        assert [s for s in model.spans() if s.text.startswith(f"{said} - ")]
        assert [s for s in model.spans() if s.text.startswith(f"{said}") and "TLP 2.0" in s.text]


# -- IVMS101 -----------------------------------------------------------------------------------------------------------


def test_the_ivms101_block_says_what_is_known_and_names_nobody(example: Assessment) -> None:
    for request in requests(example):
        block = ivms101.block(request)
        assert not list(IVMS101.iter_errors(block))
        text = json.dumps(block["payloads"])
        assert "naturalPerson" not in text
        accounts = {a for p in block["payloads"] for a in p["beneficiary"]["accountNumber"]}
        assert accounts == {item.holding.address.display for item in request.items}
        kept = any(item.role == "custodian" for item in request.items)
        assert ("beneficiaryVASP" in text) is kept


@pytest.mark.parametrize(
    "change",
    [
        {"payloads": []},
        {"payloads": [{"originator": {"accountNumber": ["a"]}}]},
        {"payloads": [{"originator": {"accountNumber": []}, "beneficiary": {"accountNumber": ["b"]}}]},
        {"standard": "IVMS102"},
        {
            "payloads": [
                {
                    "originator": {"accountNumber": ["a"]},
                    "beneficiary": {"accountNumber": ["b"], "beneficiaryPersons": [{"naturalPerson": {}}]},
                }
            ]
        },
    ],
)
def test_a_block_that_breaks_the_schema_is_refused(asked: Request, change: dict[str, object]) -> None:
    assert list(IVMS101.iter_errors({**ivms101.block(asked), **change}))


# -- hostile text, long tables -----------------------------------------------------------------------------------------


def sheet(*texts: Span, rows: int = 0) -> Letter:
    cells = tuple(((foreign(f"0x{n:040x}", "code"),), (Span("1 ETH"),)) for n in range(rows))
    table = (Table(("address", "amount"), cells, (70, 30)),) if rows else ()
    return Letter("ko", "t", "r", "{page}/{pages}", DAY, (Para(tuple(texts)), *table))


@pytest.mark.parametrize(
    "text",
    [
        '#panic("no")', "*bold* _it_ $x$ @ref <label> #import", "<w:p/></w:t>&amp;", "= 제목", "\\u{202e}", "```raw```",
        "https://a.example", "שלום בנק", "가" * 400, "日" * 300, "x" * 900,
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", FORMATS)
def test_markup_in_foreign_text_is_text(text: str, ending: str) -> None:
    said = close(READ[ending](FORMATS[ending](sheet(foreign(text)))))
    if ending == "pdf":  # a script that the font lacks is written as code points
        text = "".join(c if ord(c) < 0x590 or ord(c) > 0x7FF else f"[U+{ord(c):04X}]" for c in text)
    assert close(text) in said


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_label_can_be_set(text: str) -> None:
    for ending, render in FORMATS.items():
        READ[ending](render(sheet(foreign(text), foreign(text, "code"))))


@pytest.mark.parametrize("rows", [DENSE, 5000])
def test_a_long_table_runs_over_pages_and_loses_no_address(rows: int) -> None:
    model = sheet(rows=rows)
    for ending, render in FORMATS.items():
        said = READ[ending](render(model))
        assert all(f"0x{n:040x}" in said for n in range(0, rows, 97))
        assert f"0x{rows - 1:040x}" in said
    assert len(pages_of_pdf(FORMATS["pdf"](model))) > rows // 100


def test_a_letter_about_many_addresses_lists_all_of_them_at_its_end(asked: Request) -> None:
    many = replace(asked, items=asked.items * 40)
    model = letter(many, "ko", "amber", {})
    tables = [block for block in model.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [40, 80]
    assert model.blocks[-1] is tables[-1]
