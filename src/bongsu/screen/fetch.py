"""Fetch one large file: over HTTPS, tried again where the server stumbles, resumed where the transfer broke.

A part is only gone on with if the server says by its ETag or date that the file is still the same (RFC 9110, 13.1.5):
two publications are never stitched together. A file that has not changed is not fetched again.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_BYTES = 1 << 30
TRIES = 5
_CHUNK = 1 << 16
_TIMEOUT = 60
_LONGEST_PAUSE = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be gone at the next try; the EU's server has bursts of 500."""


@dataclass(frozen=True, slots=True)
class Validator:
    """What a server says of a version of a file: its ETag and its date, as they stand in the headers."""

    etag: str = ""
    modified: str = ""

    @property
    def strong(self) -> str:
        """What identifies the bytes; empty where nothing does."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome: the version that came, or that the one held is the newest."""

    validator: Validator
    unchanged: bool = False


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but not out of HTTPS."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    url: str, part: Path, held: Validator | None = None, pause: Callable[[float], None] = time.sleep
) -> Fetched:
    """Fetch a file into `part`, going on from what is there if the server still has the same version.

    Args:
        url: its address; HTTPS, or HTTP on this machine.
        part: where it is written; a note beside it says of which version it is.
        held: the version that is held already.
        pause: waits between two tries.

    Raises:
        SourceError: it cannot be reached, or it ends early. What came is kept for the next call.
    """
    _check(url)
    problem = SourceError("the list cannot be fetched", source=url)
    for turn in range(TRIES):
        try:
            return _once(url, part, held)
        except urllib.error.HTTPError as error:
            problem = SourceError(f"the server answers {error.code} {error.reason}", source=url)
            if error.code == 416:  # what is there is not of this file, or is all of it: begin anew
                forget(part)
            elif error.code not in _PASSING:
                raise problem from None
            wait = error.headers.get("Retry-After", "") if error.headers else ""
        except (http.client.HTTPException, OSError) as error:
            problem = SourceError(f"the transfer broke off: {getattr(error, 'reason', error)}", source=url)
            wait = ""
        if turn < TRIES - 1:
            pause(min(float(wait) if wait.isdigit() else 2.0**turn, _LONGEST_PAUSE))
    raise SourceError(f"{problem.message}, {TRIES} times", source=url, hint="call again: what came is kept") from None


def forget(part: Path) -> None:
    """Drop a part and the note beside it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def read_note(path: Path) -> Validator:
    """Return the version that a file was noted to be of."""
    try:
        raw = json.loads(_note(path).read_text(encoding="utf-8"))
        return Validator(str(raw["etag"]), str(raw["modified"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Validator()


def write_note(path: Path, validator: Validator) -> None:
    """Note of which version a file is."""
    _note(path).write_text(json.dumps(asdict(validator)), encoding="utf-8")


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name.lstrip('.')}.version")


def _once(url: str, part: Path, held: Validator | None) -> Fetched:
    have, version = (part.stat().st_size, read_note(part)) if part.exists() else (0, Validator())
    request = urllib.request.Request(url, headers={"User-Agent": "bongsu"})  # noqa: S310 - checked by the caller
    if have and version.strong:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", version.strong)
    elif held is not None and held.etag:
        request.add_header("If-None-Match", held.etag)
    elif held is not None and held.modified:
        request.add_header("If-Modified-Since", held.modified)
    opener = urllib.request.build_opener(_Redirects)
    try:
        answer = opener.open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 304 and held is not None:
            return Fetched(held, unchanged=True)
        raise
    with answer:
        resumed = answer.status == 206
        got = Validator(answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
        if resumed and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            forget(part)
            raise http.client.HTTPException("the server went on from another place")
        if not resumed:
            forget(part)
            have = 0
        if resumed and not got.strong:
            got = version
        write_note(part, got)
        _receive(answer, part, have)
    return Fetched(got)


def _receive(answer: Any, part: Path, have: int) -> None:
    expected = answer.headers.get("Content-Length")
    got = 0
    with part.open("ab" if have else "wb") as file:
        while chunk := answer.read(_CHUNK):
            got += len(chunk)
            if have + got > MOST_BYTES:
                raise SourceError("the list is larger than a gigabyte: that is no list", source=str(part))
            file.write(chunk)
    if expected and got < int(expected):
        raise http.client.IncompleteRead(b"", int(expected) - got)


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname or "")):
        return
    raise SourceError("lists are fetched over HTTPS only", source=url[:200])


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
