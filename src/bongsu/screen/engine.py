"""Open the lists that are to be screened against: given ones, the kept ones, the shipped one; and their index."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bongsu.screen import store
from bongsu.screen.lists import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bongsu.screen.entry import Listing
    from bongsu.screen.index import Index


def data_folder() -> Path:
    """Return where fetched lists are kept: $BONGSU_LISTS, or bongsu/lists in the user's data folder."""
    given = os.environ.get("BONGSU_LISTS")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(given) if given else Path(base) / "bongsu" / "lists"


def cache_folder() -> Path:
    """Return where built indexes are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "bongsu"


def files_of(given: Sequence[Path]) -> list[Path]:
    """Return the list files that are meant: the given ones, else the kept ones."""
    if given:
        return load.find_lists(given)
    folder = data_folder()
    return load.find_lists([folder]) if folder.is_dir() else []


def listings(given: Sequence[Path]) -> list[Listing]:
    """Read the lists whole, the shipped one first; two of one id are told apart by their file's name."""
    found = [load.shipped()]
    taken = {found[0].id}
    for path in files_of(given):
        listing = load.read_list(path)
        if listing.id in taken:
            listing = _renamed(listing, f"{listing.id}:{path.name}")
        taken.add(listing.id)
        found.append(listing)
    return found


def _renamed(listing: Listing, new: str) -> Listing:
    from dataclasses import replace

    return replace(listing, id=new, entries=[replace(entry, list=new) for entry in listing.entries])


def open_index(given: Sequence[Path] = (), cache: Path | None = None) -> Index:
    """Return the index of the given lists (else the kept ones) and the shipped one, from the cache where it is there.

    The cache is found by the files' sizes and digests, so that a prebuilt index opens without reading the lists' text.
    """
    folder = cache or cache_folder()
    paths = files_of(given)
    key = hashlib.sha256()
    for path in paths:
        for part in sorted(path.parent.glob("*.csv")) if path.suffix.lower() == ".csv" else [path]:
            key.update(f"{part.name} {part.stat().st_size}\n".encode())
            key.update(load.sha256(part).encode())
    key.update(store.digest([]).encode())
    note = folder / f"lists-{key.hexdigest()[:24]}.json"
    try:
        return store.load(folder / json.loads(note.read_text(encoding="utf-8"))["index"])
    except store.BROKEN:
        pass
    found = listings(given)
    index = store.stored(found, folder)
    try:
        note.write_text(json.dumps({"index": f"index-{store.digest(found)}.npz"}), encoding="utf-8")
    except OSError:
        return index
    return index
