"""The ways out, against real folders and real servers on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from bongsu.errors import RecordError, SourceError
from bongsu.respond.channel import DoubtfulError, FailedError, Packet, read_channels
from bongsu.respond.channels.folder import Folder
from bongsu.respond.channels.mail import Mail, Server
from bongsu.respond.channels.webhook import Webhook
from bongsu.respond.commands import http_request
from bongsu.respond.http import HttpRequest, Unreached, send
from bongsu.respond.machine import Job
from tests.desk.kit import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKET = Packet(
    "c1/R1@1", "c1", "R1", 1, "acme", "freeze", "amber", "[c1/R1] freeze request: 도난",
    {"letter.en.txt": "Dear desk, 동결".encode(), "addresses.csv": b"a,b\n"}, "2026-11-23T12:00:00+00:00",
)  # fmt: skip


def test_a_folder_stands_whole_and_once(tmp_path: Path) -> None:
    channel = Folder(tmp_path / "out")
    place = channel.deliver(PACKET)
    assert channel.deliver(PACKET) == place
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["c1-R1-v1"]
    assert (tmp_path / "out" / "c1-R1-v1" / "letter.en.txt").read_text(encoding="utf-8") == "Dear desk, 동결"


def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(FailedError):
        Folder(tmp_path / "out").deliver(PACKET)


@contextmanager
def hook(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/tickets/7")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_web_hook_is_signed_over_time_and_body_and_the_same_each_time() -> None:
    with hook(201) as (url, got):
        channel = Webhook(url, b"secret")
        assert channel.deliver(PACKET) == "/tickets/7"
        channel.deliver(PACKET)
    (headers, body), again = got
    stamp, mark = (part.partition("=")[2] for part in headers["Bongsu-Signature"].split(","))
    assert mark == hmac.new(b"secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Idempotency-Key"] == json.loads(body)["key"] == "c1/R1@1"
    assert (again[1], again[0]["Bongsu-Signature"]) == (body, headers["Bongsu-Signature"])


@pytest.mark.parametrize(("status", "final"), [(503, False), (429, False), (401, True), (302, False)])
def test_a_web_hook_that_does_not_take_it_is_a_failure(status: int, final: bool) -> None:
    with hook(status) as (url, _), pytest.raises(FailedError) as error:
        Webhook(url, b"s").deliver(PACKET)
    assert error.value.final is final


def test_nobody_there_is_a_failure_and_silence_is_a_doubt() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unreached):
        send(HttpRequest("GET", f"http://127.0.0.1:{port}/", {}, b""), 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        channel = Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"s", lambda r, _s: send(r, 0.2))
        with pytest.raises(DoubtfulError):
            channel.deliver(PACKET)


@contextmanager
def smtp(hang_at: str = "", refuse: str = "") -> Iterator[tuple[int, list[bytes]]]:
    """A small SMTP server that hangs at, or refuses, one command."""
    got: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream, suppress(OSError):
                _talk(stream, got, hang_at, refuse, over)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1], got
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _talk(stream: object, got: list[bytes], hang_at: str, refuse: str, over: threading.Event) -> None:
    def say(line: str) -> None:
        stream.write(line.encode() + b"\r\n")  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]

    say("220 here")
    while line := stream.readline():  # type: ignore[attr-defined]
        verb = line[:4].decode().upper().strip()
        if verb == hang_at:
            over.wait(5)
            return
        if verb == refuse:
            say("550 no")
        elif verb == "DATA":
            say("354 go on")
            lines = []
            while (text := stream.readline()) != b".\r\n":  # type: ignore[attr-defined]
                lines.append(text)
            got.append(b"".join(lines))
            if hang_at == "END":
                over.wait(5)
                return
            say("451 later" if refuse == "END" else "250 kept")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 fine")


def mail(port: int) -> Mail:
    return Mail(Server("127.0.0.1", port, "desk@police.example", tls="none"), "le@acme.example", seconds=0.6)


def test_a_mail_carries_the_letter_and_the_annexes_and_the_same_id_each_time() -> None:
    with smtp() as (port, got):
        assert mail(port).deliver(PACKET) == mail(port).deliver(PACKET)
    first = message_from_bytes(got[0], policy=policy.default)
    assert first["Message-ID"] == message_from_bytes(got[1], policy=policy.default)["Message-ID"]
    assert first["Subject"] == "[c1/R1] freeze request: 도난"
    assert first.get_body().get_content().strip() == "Dear desk, 동결"  # type: ignore[union-attr]
    assert [a.get_filename() for a in first.iter_attachments()] == ["addresses.csv", "letter.en.txt"]


@pytest.mark.parametrize("at", ["EHLO", "MAIL", "RCPT"])
def test_a_server_that_hangs_before_the_text_is_a_failure(at: str) -> None:
    with smtp(hang_at=at) as (port, got):
        with pytest.raises(FailedError):
            mail(port).deliver(PACKET)
        assert got == []


def test_a_server_that_hangs_after_the_text_is_a_doubt() -> None:
    with smtp(hang_at="END") as (port, got):
        with pytest.raises(DoubtfulError):
            mail(port).deliver(PACKET)
        assert len(got) == 1


@pytest.mark.parametrize(("at", "final"), [("RCPT", True), ("END", False)])
def test_a_server_that_says_no_is_a_failure(at: str, final: bool) -> None:
    with smtp(refuse=at) as (port, _), pytest.raises(FailedError) as error:
        mail(port).deliver(PACKET)
    assert error.value.final is final


def test_channels_are_read_from_a_file_and_secrets_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "channels.toml"
    path.write_text(
        '[default]\nkind="file"\nfolder="out"\n[venue.acme]\nkind="webhook"\nurl="https://a.example"\nsecret_env="S"\n',
        encoding="utf-8",
    )
    channels = read_channels(path, tmp_path, {"S": "x"})
    assert isinstance(channels.of("acme"), Webhook)
    assert isinstance(channels.of("other"), Folder)
    with pytest.raises(SourceError, match=r"venue\.acme: 'S' is missing or not set"):
        read_channels(path, tmp_path, {})


def job(text: str, **target: object) -> Job:
    return Job("k", "s", "t", "http-api", text, "", {}, target or None, None, "", {}, (), NOON, ())


@pytest.mark.parametrize(
    ("text", "target", "url"),
    [
        ("GET /a HTTP/1.1", {"address": {"url": ["https://x.example/api"]}}, "https://x.example/api/a"),
        ("GET a HTTP1.1", {"address": {"dname": ["x.example"]}}, "https://x.example/a"),
        ("GET /a", {"address": {"dname": ["x.example"]}, "port": "80"}, "http://x.example/a"),
        ("GET /a", {"address": {"ipv4": ["10.0.0.1"]}, "port": "8443"}, "https://10.0.0.1:8443/a"),
        ("GET /a", {"address": {"ipv4": ["127.0.0.1"]}, "port": "8080"}, "http://127.0.0.1:8080/a"),
        ("GET /a", {"address": {"ipv6": ["2001:db8::1"]}}, "https://[2001:db8::1]/a"),
        ("GET https://y.example/a HTTP/1.1", {}, "https://y.example/a"),
    ],
)
def test_the_url_of_a_command(text: str, target: dict[str, object], url: str) -> None:
    assert http_request(job(text, **target), "k").url == url


@pytest.mark.parametrize("text", ["", "GET", "get /a", "GET /a\r\nX: y", "GET /a HTTP/1.1\nHost: z"])
def test_what_is_no_start_line_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        http_request(job(text, address={"dname": ["x.example"]}), "k")
