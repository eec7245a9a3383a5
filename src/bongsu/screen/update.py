"""Fetch lists: resumed where a transfer broke, kept only if whole, and the old list stays until then."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.errors import BongsuError, SourceError
from bongsu.screen.lists import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bongsu.screen.entry import Listing

MOST_BYTES = 1 << 30
_CHUNK = 1 << 16
_TIMEOUT = 60
_LEAST_KEPT = 0.9


@dataclass(frozen=True, slots=True)
class Update:
    """What became of one list: the new listing, or why the old one stays."""

    id: str
    path: Path
    listing: Listing | None
    problem: str


def update(list_id: str, folder: Path, fetch: Callable[[str, Path], None] | None = None) -> Update:
    """Fetch one list into a folder.

    The new file takes the old one's place only if it reads whole, holds the entries that the list declares, and
    not less
    than nine tenths of the entries of the old one.

    Raises:
        SourceError: the list is not known, or its publisher offers no address that stays.
    """
    known = load.catalogue().get(list_id)
    if known is None or not known.url:
        fetched = ", ".join(k for k, v in load.catalogue().items() if v.url)
        why = "is not known" if known is None else "has no address that stays: fetch it by hand"
        raise SourceError(f"the list {list_id!r} {why}", hint=f"lists that can be fetched: {fetched}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{list_id}.xml"
    part = folder / f".{list_id}.xml.part"
    try:
        (fetch or download)(known.url, part)
    except BongsuError as error:
        return Update(list_id, target, None, error.message)  # what came is kept: the next call goes on from there
    try:
        fresh = load.read_list(part)
        _check(fresh, target, list_id)
    except BongsuError as error:
        part.unlink(missing_ok=True)
        return Update(list_id, target, None, error.message)
    part.replace(target)
    return Update(list_id, target, fresh, "")


def _check(fresh: Listing, target: Path, list_id: str) -> None:
    if fresh.id != list_id:
        raise SourceError(f"what came is {fresh.title}, not {list_id}")
    if not fresh.complete:
        raise SourceError(f"{fresh.shortage}; the old list stays")
    if target.exists():
        before = len(load.read_list(target).entries)
        if len(fresh.entries) < _LEAST_KEPT * before:
            raise SourceError(f"{len(fresh.entries)} entries came where the last list had {before}; the old list stays")


def download(url: str, part: Path) -> None:
    """Fetch a file over HTTPS into `part`, going on from what is there where the server allows it.

    Raises:
        SourceError: it cannot be reached, or it ends early.
    """
    if not url.startswith("https://"):
        raise SourceError("lists are fetched over HTTPS only", source=url)
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "bongsu"})  # noqa: S310 - https, checked above
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            resumed = answer.status == 206
            expected = answer.headers.get("Content-Length")
            got = 0
            with part.open("ab" if resumed else "wb") as file:
                while chunk := answer.read(_CHUNK):
                    got += len(chunk)
                    if got > MOST_BYTES:
                        raise SourceError("the list is larger than a gigabyte: that is no list", source=url)
                    file.write(chunk)
            if expected and got < int(expected):
                raise SourceError("the transfer broke off; call again to go on", source=url)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code == 416:
            return
        raise SourceError(f"the list cannot be fetched: {getattr(error, 'reason', error)}", source=url) from None


def age(path: Path, now: float | None = None) -> float:
    """Return how many days ago a list file was written."""
    return max(0.0, ((time.time() if now is None else now) - path.stat().st_mtime) / 86_400)
