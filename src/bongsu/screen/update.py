"""Fetch lists: kept only if whole and not older than what is held; the old list stays until then."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.errors import BongsuError, SourceError
from bongsu.screen.fetch import download, forget, read_note, write_note
from bongsu.screen.lists import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bongsu.screen.entry import Listing

_LEAST_KEPT = 0.9


@dataclass(frozen=True, slots=True)
class Update:
    """What became of one list: the new listing, or that the old one is the newest, or why the old one stays."""

    id: str
    path: Path
    listing: Listing | None
    problem: str
    unchanged: bool = False


def update(list_id: str, folder: Path, url: str = "", pause: Callable[[float], None] = time.sleep) -> Update:
    """Fetch one list into a folder.

    The new file takes the old one's place only if it reads whole, holds what the list declares, is not older than the
    old one, and has not lost a tenth of its entries or names.

    Args:
        list_id: the list.
        folder: where lists are kept.
        url: another address than the publisher's: a mirror's.
        pause: waits between two tries.

    Raises:
        SourceError: the list is not known, or its publisher offers no address that stays.
    """
    known = load.catalogue().get(list_id)
    if known is None or not (url or known.url):
        fetched = ", ".join(k for k, v in load.catalogue().items() if v.url)
        why = "is not known" if known is None else "has no address that stays: fetch it by hand"
        raise SourceError(f"the list {list_id!r} {why}", hint=f"lists that can be fetched: {fetched}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{list_id}.xml"
    part = folder / f".{list_id}.xml.part"
    try:
        came = download(url or known.url, part, read_note(target) if target.exists() else None, pause)
        if came.unchanged:
            os.utime(target)  # its age is that of the day on which it was last known to be the newest
            return Update(list_id, target, None, "", unchanged=True)
    except BongsuError as error:
        return Update(list_id, target, None, error.message)  # what came is kept: the next call goes on from there
    try:
        fresh = load.read_list(part)
        _check(fresh, target, list_id)
    except BongsuError as error:
        forget(part)
        return Update(list_id, target, None, error.message)
    part.replace(target)
    forget(part)
    write_note(target, came.validator)
    fresh.path = str(target)
    return Update(list_id, target, fresh, "")


def _check(fresh: Listing, target: Path, list_id: str) -> None:
    if fresh.id != list_id:
        raise SourceError(f"what came is {fresh.title}, not {list_id}")
    if not fresh.complete:
        raise SourceError(f"{fresh.shortage}; the old list stays")
    if not target.exists():
        return
    try:
        before = load.read_list(target)
    except BongsuError:
        return  # what is held is damaged: anything whole is better
    if len(fresh.entries) < _LEAST_KEPT * len(before.entries) or fresh.names < _LEAST_KEPT * before.names:
        raise SourceError(
            f"{len(fresh.entries)} entries with {fresh.names} names came where the last list had "
            f"{len(before.entries)} with {before.names}; the old list stays"
        )
    if fresh.version[:4].isdigit() and before.version[:4].isdigit() and fresh.version < before.version:
        raise SourceError(f"what came is of {fresh.version}, older than {before.version}; the old list stays")


def age(path: Path, now: float | None = None) -> float:
    """Return how many days ago a list file was written, or found to be the newest."""
    return max(0.0, ((time.time() if now is None else now) - path.stat().st_mtime) / 86_400)
