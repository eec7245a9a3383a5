"""Fetching lists from a server on this machine: breaks, stumbles, redirects, versions, lists that shrank."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bongsu.errors import SourceError
from bongsu.screen.update import Update, update

pytestmark = pytest.mark.slow

PERSON = """<INDIVIDUAL><DATAID>{i}</DATAID><FIRST_NAME>KIM</FIRST_NAME><SECOND_NAME>NUMBER {i}</SECOND_NAME>
<UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPi.{i}</REFERENCE_NUMBER><NATIONALITY><VALUE>DPRK</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>A {i}; B {i}; C {i}</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><YEAR>1968</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><NUMBER>4723100{i}</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL>"""


def un(size: int, day: str = "2026-02-27") -> bytes:
    people = "".join(PERSON.format(i=i) for i in range(size))
    head = f'<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="{day}T00:00:00Z"><INDIVIDUALS>'
    return f"{head}{people}</INDIVIDUALS></CONSOLIDATED_LIST>".encode()


@dataclass
class Publisher:
    """What the server offers and how it behaves; `asked` collects the headers of the requests."""

    body: bytes = b""
    etag: str = '"1"'
    breaks: int = 0
    stumbles: int = 0
    chunked: bool = False
    redirect: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as `state` says."""

    protocol_version = "HTTP/1.1"
    state: Publisher

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        state = self.state
        asked = {k.lower(): v for k, v in self.headers.items()}
        state.asked.append(asked)
        self.close_connection = True
        if state.redirect and self.path == "/":
            self._head(302, {"Location": state.redirect, "Content-Length": "0"})
        elif state.stumbles > 0:
            state.stumbles -= 1
            self._head(500, {"Content-Length": "0"})
        elif state.etag and asked.get("if-none-match") == state.etag:
            self._head(304, {"ETag": state.etag})
        else:
            self._give(asked)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _give(self, asked: dict[str, str]) -> None:
        state, start = self.state, 0
        if "range" in asked and asked.get("if-range") == state.etag:
            start = int(asked["range"].removeprefix("bytes=").rstrip("-"))
        rest = state.body[start:]
        headers = {"ETag": state.etag} if state.etag else {}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(state.body) - 1}/{len(state.body)}"
        broken = state.breaks > 0
        state.breaks -= broken
        sent = rest[: len(rest) // 2] if broken else rest
        if state.chunked:
            self._head(206 if start else 200, headers | {"Transfer-Encoding": "chunked"})
            self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent) + (b"" if broken else b"0\r\n\r\n"))
        else:
            self._head(206 if start else 200, headers | {"Content-Length": str(len(rest))})
            self.wfile.write(sent)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    state = Publisher()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.address = f"http://127.0.0.1:{server.server_port}/"
    yield state
    server.shutdown()
    server.server_close()


def _update(publisher: Publisher, folder: Path, waits: list[float] | None = None) -> Update:
    return update("un", folder, publisher.address, pause=(waits if waits is not None else []).append)


def _left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_whole_list_is_kept_with_its_version(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = un(1000)
    done = _update(publisher, tmp_path)
    assert done.listing is not None
    assert (len(done.listing.entries), done.listing.version, done.problem) == (1000, "2026-02-27", "")
    assert _left(tmp_path) == {"un.xml", ".un.xml.version"}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_transfer_that_breaks_goes_on_where_it_stopped(publisher: Publisher, tmp_path: Path, chunked: bool) -> None:
    publisher.body, publisher.breaks, publisher.chunked = un(1000), 2, chunked
    assert _update(publisher, tmp_path).listing is not None
    starts = [asked.get("range", "") for asked in publisher.asked]
    assert len(starts) == 3
    assert starts[0] == ""
    assert 0 < int(starts[1][6:-1]) < int(starts[2][6:-1])
    assert (tmp_path / "un.xml").read_bytes() == publisher.body


def test_what_came_is_kept_for_the_next_call(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body, publisher.breaks = un(1000), 5
    done = _update(publisher, tmp_path)
    assert (done.listing, (tmp_path / "un.xml").exists()) == (None, False)
    assert "broke off" in done.problem
    assert _update(publisher, tmp_path).listing is not None
    assert publisher.asked[-1]["range"].startswith("bytes=")
    assert (tmp_path / "un.xml").read_bytes() == publisher.body


def test_two_publications_are_never_stitched_together(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body, publisher.breaks = un(1000), 5
    _update(publisher, tmp_path)
    publisher.body, publisher.etag = un(1010, "2026-03-01"), '"2"'
    assert _update(publisher, tmp_path).listing is not None
    assert (tmp_path / "un.xml").read_bytes() == publisher.body


def test_without_a_version_a_broken_transfer_begins_anew(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body, publisher.breaks, publisher.etag = un(1000), 1, ""
    assert _update(publisher, tmp_path).listing is not None
    assert all("range" not in asked for asked in publisher.asked)


def test_a_burst_of_errors_is_waited_out(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body, publisher.stumbles = un(1000), 3
    waits: list[float] = []
    assert _update(publisher, tmp_path, waits).listing is not None
    assert waits == [1.0, 2.0, 4.0]


def test_a_server_that_stays_broken_leaves_the_old_list(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = un(1000)
    _update(publisher, tmp_path)
    before = (tmp_path / "un.xml").read_bytes()
    publisher.stumbles = 99
    done = _update(publisher, tmp_path)
    assert "500" in done.problem
    assert (tmp_path / "un.xml").read_bytes() == before


def test_a_list_that_has_not_changed_is_not_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = un(1000)
    _update(publisher, tmp_path)
    done = _update(publisher, tmp_path)
    assert (done.unchanged, done.problem) == (True, "")
    assert publisher.asked[-1]["if-none-match"] == '"1"'


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (un(910), "the old list stays"),
        (un(300), "at least 900"),
        (un(1100, "2025-12-31"), "older than"),
        (un(1100).replace(b"INDIVIDUAL_ALIAS>", b"OTHER>"), "aliases are missing"),
        (un(1100)[:-200], "cannot be read"),
        (b"<html>Service unavailable</html>", "web server"),
        (b'<?xml version="1.0"?><sdnList><sdnEntry><uid>1</uid><lastName>A</lastName><sdnType>Entity</sdnType></sdnEntry></sdnList>',
         "not un"),
    ],
)  # fmt: skip
def test_what_is_less_than_the_old_list_does_not_take_its_place(
    publisher: Publisher, tmp_path: Path, body: bytes, word: str
) -> None:
    publisher.body = un(1100)
    _update(publisher, tmp_path)
    publisher.body, publisher.etag = body, '"2"'
    done = _update(publisher, tmp_path)
    assert done.listing is None
    assert word in done.problem
    assert (tmp_path / "un.xml").read_bytes() == un(1100)
    assert _left(tmp_path) == {"un.xml", ".un.xml.version"}


def test_a_redirect_is_followed_but_not_out_of_https(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body, publisher.redirect = un(1000), "/blob"
    assert _update(publisher, tmp_path).listing is not None
    publisher.etag, publisher.redirect = '"2"', "http://lists.example/un.xml"
    assert "HTTPS only" in _update(publisher, tmp_path).problem


def test_plain_http_elsewhere_and_unknown_lists_are_refused(tmp_path: Path) -> None:
    assert "HTTPS only" in update("un", tmp_path, "http://lists.example/un.xml").problem
    with pytest.raises(SourceError, match="no address that stays"):
        update("jp-mof", tmp_path)


def test_a_damaged_note_costs_a_whole_fetch_and_nothing_else(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = un(1000)
    _update(publisher, tmp_path)
    (tmp_path / ".un.xml.version").write_text("{", encoding="utf-8")
    assert _update(publisher, tmp_path).listing is not None
    assert json.loads((tmp_path / ".un.xml.version").read_text(encoding="utf-8"))["etag"] == '"1"'
