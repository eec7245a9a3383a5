from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from bongsu.ledger.page import page
from bongsu.ledger.picture import draw, figures, svg
from bongsu.ledger.total import newest
from tests.ledger.ledgers import claim, ledger, theft

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.ledger.records import Ledger

NAMES = {"losses-by-year", "running-sum", "losses-by-actor", "losses-by-victim", "losses-by-country"}


@pytest.fixture(scope="module")
def html(book: Ledger) -> str:
    return page(book, newest(book))


@pytest.mark.slow
def test_every_picture_comes_as_svg_and_png_and_the_same_twice(book: Ledger, tmp_path: Path) -> None:
    first = draw(book, newest(book), tmp_path / "one")
    again = figures(book, newest(book))["losses-by-year"]
    assert svg(again) in (tmp_path / "one" / "losses-by-year.svg").read_text(encoding="utf-8")
    assert {p.name for p in first} == {f"{n}.{form}" for n in NAMES for form in ("svg", "png")}
    for path in first:
        if path.suffix == ".svg":
            ET.parse(path)  # noqa: S314 - our own file
        else:
            assert path.read_bytes().startswith(b"\x89PNG")


def test_the_bars_of_a_year_add_up_to_the_total(book: Ledger) -> None:
    from bongsu.ledger.total import Query, by_year, total
    from bongsu.ledger.when import parse_period

    axes = figures(book, newest(book))["losses-by-year"].axes[0]
    disputed = {id(p) for p in axes.containers[-1]}
    drawn: dict[int, float] = {}
    for patch in axes.patches:
        if id(patch) not in disputed:
            year = round(patch.get_x() + patch.get_width() / 2)  # type: ignore[attr-defined]
            drawn[year] = drawn.get(year, 0.0) + patch.get_height()  # type: ignore[attr-defined]
    wanted = by_year(total(book, Query(parse_period("2017"), parse_period("2026"), newest(book))).counted)
    assert {y: round(v, 3) for y, v in drawn.items()} == {
        y: round(float(usd) / 1e6, 3) for y, (_, usd) in wanted.items()
    }


class Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "details":
            self.ids.append(given["id"] or "")
        if tag in {"script", "img", "iframe", "link", "audio", "video"}:
            self.loads += [v for k, v in given.items() if k in {"src", "href"} and v]


def test_each_incident_has_its_anchor_and_nothing_is_loaded(book: Ledger, html: str) -> None:
    parser = Anchors()
    parser.feed(html)
    assert sorted(parser.ids) == sorted(book.incidents)
    assert parser.loads == []
    assert "default-src 'none'" in html


def test_what_claims_say_cannot_become_markup() -> None:
    book = ledger(*theft("a"), claim("a", "remark", text="<script>alert(1)</script>"))
    text = page(book, newest(book))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.slow
def test_the_page_filters_and_opens_an_anchor_in_a_browser(html: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here; apt install chromium")
    path = tmp_path / "ledger.html"
    path.write_text(html, encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'u'}",
        "--dump-dom",
    ]
    done = subprocess.run(
        [*command, f"{path.as_uri()}#ronin-2022"], capture_output=True, text=True, timeout=60, check=False
    )
    opened = re.findall(r'<details id="([^"]+)"[^>]* open=""', done.stdout)
    assert opened == ["ronin-2022"]
    assert re.search(r'<output id="sum"[^>]*>\d+ attacks, \$[\d,]+ and \d+ left out<', done.stdout)
