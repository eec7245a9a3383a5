"""The report loads nothing, believes nobody, says the same twice, and a browser shows it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.label.label import Label
from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Skipped, Transfer
from bongsu.report.page import DETAILS, ROWS, report_html
from bongsu.respond.assessment import Assessment, assess
from bongsu.trace.case import Loss, Note, Theft
from bongsu.trace.policies import POLICIES
from tests.ledgers import ETH, at, move
from tests.report.conftest import case_of

if TYPE_CHECKING:
    from pathlib import Path

WHEN = "2026-11-23T06:00:00Z"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}</style></svg>"
_LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "xlink:href"}
_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Every tag with its attributes, the text, and the tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(bybit: Assessment) -> str:
    return report_html(bybit, WHEN)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def hostile() -> str:
    """A report in which every text that a stranger can write is an attack."""
    evil = Asset("ethereum", HOSTILE, 18)
    transfers = [
        Transfer(Record(HOSTILE, 1), HOSTILE, at("a"), at("b"), evil, 10**18, 1),
        Transfer(Record(HOSTILE, 2), HOSTILE, at("a"), at("e"), ETH, 10**18, 2),
    ]
    label = Label(at("e"), HOSTILE, HOSTILE, "exchange", HOSTILE, HOSTILE, HOSTILE)
    case = case_of(
        transfers,
        title=HOSTILE,
        summary=HOSTILE,
        attribution=dict.fromkeys(("actor", "by", "confidence", "source", "published"), HOSTILE),
        thefts=(Theft("test", (at("a"),), (Loss(ETH, 1, HOSTILE),)),),
        labels={at("e"): (label,), at("b"): (replace(label, address=at("b"), category="perpetrator"),)},
        notes=(Note(at("b"), HOSTILE, HOSTILE, HOSTILE),),
        skipped=(Skipped(Record(HOSTILE, 3), HOSTILE, HOSTILE),),
        digests={HOSTILE: "00"},
    )
    return report_html(assess(case), HOSTILE)


def test_the_same_case_gives_the_same_bytes(bybit: Assessment, html: str) -> None:
    assert report_html(bybit, WHEN).encode() == html.encode()


def test_nothing_in_it_loads_anything(page: Page) -> None:
    assert not {"script", "link", "img", "iframe", "object", "embed", "image", "use"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name in _LOADING]
    assert "url(" not in "".join(re.findall(r"<style>.*?</style>", page.rawdata, re.DOTALL))


def test_links_lead_only_within_the_page_and_to_the_folders_of_requests(page: Page) -> None:
    links = [a["href"] for a in page.of("a")]
    assert links
    assert all(link.startswith(("#", "requests/")) for link in links)


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.of("a") if a["href"].startswith("#")} <= set(ids)


def test_the_policy_forbids_everything_but_the_one_style_sheet(html: str, page: Page) -> None:
    policy = next(m["content"] for m in page.of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert len(style) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")]


def test_hostile_text_stays_text(hostile: str) -> None:
    shown = Page(hostile)
    assert "<script" not in hostile
    assert "<img" not in hostile
    assert "{{ 7*7 }}" in shown.text
    assert not [name for _, attributes in shown.tags for name in attributes if name.startswith("on")]
    assert len(re.findall("</style>", hostile)) == 1


@pytest.mark.parametrize("which", ["html", "hostile"])
def test_every_tag_is_closed(which: str, request: pytest.FixtureRequest) -> None:
    assert Page(request.getfixturevalue(which)).open == []


def test_each_position_stands_with_its_checksummed_address(bybit: Assessment, page: Page) -> None:
    assert all(holding.address.display in page.text for holding in bybit.holdings)


def test_each_transfer_that_is_explained_stands_in_full(bybit: Assessment, page: Page) -> None:
    assert all(move.transfer.tx in page.text for move in bybit.traces["fifo"].moves)


def test_refused_records_and_digests_are_shown(bybit: Assessment, page: Page) -> None:
    assert bybit.case.skipped
    assert all(skipped.tx in page.text and skipped.reason in page.text for skipped in bybit.case.skipped)
    assert all(digest in page.text for digest in bybit.case.digests.values())


def test_every_policy_is_defined(page: Page) -> None:
    assert all(f"({name})" in page.text for name in POLICIES)


def test_headings_descend_by_one_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_have_words_and_tables_have_headers(page: Page) -> None:
    assert len(page.of("desc")) == len(page.of("svg")) > 0
    assert all(svg["role"] == "img" and svg["aria-labelledby"] for svg in page.of("svg"))
    assert all(th.get("scope") for th in page.of("th"))


def test_an_account_that_paid_other_money_is_marked() -> None:
    tether = Asset("ethereum", "USDT", 6)
    html = report_html(assess(case_of([move("a", "b", 10**18), move("b", "c", 3_000_000, 2, 0, tether)])), WHEN)
    assert re.search(r"Probably swapped.*3 USDT.*beyond what it was seen to receive", html)


def test_who_can_act_reads_what_is_known_of_the_address(bybit: Assessment, page: Page) -> None:
    act = page.text.partition("The folders hold drafts")[0].rpartition("Who can act now")[2]
    noted = [note.text for holding in bybit.actionable for note in holding.notes]
    assert noted
    assert all(text in act for text in noted)


def test_a_case_in_which_nothing_moved_is_still_a_report() -> None:
    assert "No money left the addresses named as robbed." in report_html(assess(case_of([])), WHEN)


def test_two_thefts_are_told_apart() -> None:
    thefts = (Theft("first", (at("a"),), ()), Theft("second", (at("b"),), ()))
    text = Page(report_html(assess(case_of([move("a", "c", 5), move("b", "c", 7, 2)], thefts=thefts)), WHEN)).text
    assert "theft first" in text
    assert "theft second" in text


@pytest.fixture(scope="module")
def large() -> Assessment:
    transfers = [
        Transfer(Record("t", n), f"0x{n:x}", at("a"), Address("ethereum", f"0x{n:040x}"), ETH, 10**18 + n, n)
        for n in range(1, 5001)
    ]
    return assess(case_of(transfers))


@pytest.fixture(scope="module")
def winding() -> Assessment:
    """Money that splits, meets again, runs in circles, comes back and ends at venues with long names."""
    parties = "bcde123456789"
    paths = [("a", to, 10**24 // n) for n, to in enumerate(parties, 1)]
    paths += [(s, t, 10 ** (23 - n % 7)) for n, (s, t) in enumerate(product(parties, parties)) if s != t and n % 3]
    transfers = [move(s, t, n, block) for block, (s, t, n) in enumerate([*paths, ("b", "a", 10**20)], 1)]
    names = {"9": "An exchange whose name is very long indeed", "8": "W" * 60}
    labels = {at(k): (Label(at(k), name, "", "exchange", "somebody", "", ""),) for k, name in names.items()}
    return assess(case_of(transfers, labels=labels))


def test_a_large_case_is_cut_and_says_so(large: Assessment) -> None:
    html = report_html(large, WHEN)
    text = " ".join(Page(html).text.split())
    assert f"The first {ROWS} are shown; positions.csv has all 5,000." in text
    assert f"The first {DETAILS} positions are explained here; evidence.json explains all 5,000." in text
    assert len(html) < 1_500_000


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt install chromium")
    return found


def _browse(folder: Path, html: str, width: int, *options: str) -> bytes:
    """Return the standard output of a headless browser without network that opened the page."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    command = [
        *(_chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}"),
        *(f"--window-size={width},2000", *options, file.as_uri()),
    ]
    return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout


def _picture(folder: Path, html: str) -> bytes:
    picture = folder / "report.png"
    _browse(folder, html, 1280, f"--screenshot={picture}")
    return picture.read_bytes()


def _without_policy(html: str) -> str:
    return re.sub(r"<meta http-equiv[^>]*>", "", html)


_MEASURE = """<iframe id="f" width="WIDTH" height="1000"></iframe><script>
const shown = document.getElementById("f");
shown.onload = () => {
  const page = shown.contentDocument, met = [];
  page.querySelectorAll("details").forEach(d => d.open = true);
  page.querySelectorAll("svg").forEach(picture => {
    const edge = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll("text")].map(t => [t.getBoundingClientRect(), t.textContent]);
    texts.forEach(([a, word], n) => {
      if (a.right > edge.right + 1 || a.bottom > edge.bottom + 1 || a.top < edge.top - 1) met.push(word + " leaves");
      texts.slice(n + 1).forEach(([b, other]) => {
        if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
          met.push(word + " meets " + other);
      });
    });
  });
  const root = page.documentElement;
  document.title = JSON.stringify({inner: root.clientWidth, scroll: root.scrollWidth, met: met});
};
shown.srcdoc = PAGE;
</script>"""


def _measured(folder: Path, html: str, width: int) -> dict[str, Any]:
    """Return, from a browser: the width at hand, the width taken, and the labels that overlap or leave a picture."""
    inner = json.dumps(_without_policy(html)).replace("</", "<\\/")
    frame = _MEASURE.replace("WIDTH", str(width)).replace("PAGE", inner)
    found = _browse(folder, frame, 1400, "--dump-dom", "--virtual-time-budget=5000").decode()
    title = re.search(r"<title>(\{.*?\})</title>", found)
    assert title, "the browser measured nothing"
    measured: dict[str, Any] = json.loads(unescape(title[1]))
    return measured


@pytest.mark.slow
def test_a_browser_draws_it_as_if_nothing_were_forbidden(tmp_path: Path, html: str) -> None:
    shown = _picture(tmp_path, html)
    assert shown == _picture(tmp_path, _without_policy(html))
    assert shown != _picture(tmp_path, re.sub("<style>.*?</style>", "", html, flags=re.DOTALL))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "width"), [("bybit", 1280), ("bybit", 390), ("winding", 1280), ("winding", 390), ("large", 390)]
)
def test_in_a_browser_nothing_sticks_out_and_no_label_meets_another(
    tmp_path: Path, which: str, width: int, request: pytest.FixtureRequest
) -> None:
    measured = _measured(tmp_path, report_html(request.getfixturevalue(which), WHEN), width)
    assert measured == {"inner": measured["inner"], "scroll": measured["inner"], "met": []}
    assert measured["inner"] > width - 30


@pytest.mark.slow
def test_a_browser_runs_nothing_that_a_stranger_wrote(tmp_path: Path, hostile: str) -> None:
    shown = _browse(tmp_path, hostile, 1280, "--dump-dom").decode()
    assert "<script" not in shown
    assert "<img" not in shown
