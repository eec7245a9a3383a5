"""Keep a built index in a file, so that the next start takes less than a second.

The file is NumPy's .npz without pickled objects: reading one runs no code. Its name carries the digests of the
lists and
of Bongsu's tables; an index of other lists or of an older Bongsu is not found, and built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import fields
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from bongsu import __version__
from bongsu.screen.entry import Listing
from bongsu.screen.index import Index, Rows, build
from bongsu.screen.packed import Packed, pack
from bongsu.screen.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

_FORM = 4
BROKEN = (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile)
"""What reading a damaged file raises."""


def digest(listings: list[Listing]) -> str:
    """Return the digest of everything that an index depends on."""
    total = hashlib.sha256(f"{_FORM} {__version__}".encode())
    for listing in listings:
        total.update(f"{listing.id} {listing.sha256} {len(listing.entries)}\n".encode())
    for path in sorted(_tables(files("bongsu.screen")), key=str):
        total.update(path.read_bytes())
    return total.hexdigest()[:24]


def _tables(folder: Any) -> list[Any]:
    found = []
    for item in folder.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            found += _tables(item)
        elif item.name.endswith((".toml", ".csv", ".py")):
            found.append(item)
    return found


def save(index: Index, path: Path) -> None:
    """Write an index; a reader sees the old file or the whole new one."""
    arrays: dict[str, Any] = {"name_entry": index.name_entry, "name_number": index.name_number}
    arrays["posting_ends"], arrays["postings"] = index.vocabulary.ends, index.vocabulary.places
    for length, rows in index.rows.items():
        arrays[f"rows{length}_names"], arrays[f"rows{length}_share"] = rows.names, rows.share
        for i in range(length + 1):
            arrays[f"rows{length}_starts{i}"] = rows.starts[i]
            arrays[f"rows{length}_columns{i}"] = rows.columns[i]
            arrays[f"rows{length}_values{i}"] = rows.values[i]
    head = {
        "words": index.vocabulary.words,
        "weights": index.vocabulary.weights,
        "skeletons": index.vocabulary.skeletons,
        "rows": sorted(index.rows),
        "wallets": index.wallets,
        "documents": index.documents,
        "imo": index.imo,
        "emails": index.emails,
        "bad_wallets": index.bad_wallets,
        "listings": [
            {f.name: getattr(listing, f.name) for f in fields(listing)} | {"entries": len(listing.entries)}
            for listing in index.listings
        ],
    }
    packed, arrays["entry_ends"] = pack(index.entries)
    arrays["entries"] = np.frombuffer(packed, dtype=np.uint8)
    arrays["head"] = np.frombuffer(json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode(), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, **arrays)
    part.replace(path)


def load(path: Path) -> Index:
    """Read an index that `save` wrote."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        rows = {
            length: Rows(
                arrays[f"rows{length}_names"],
                arrays[f"rows{length}_share"],
                [arrays[f"rows{length}_starts{i}"] for i in range(length + 1)],
                [arrays[f"rows{length}_columns{i}"] for i in range(length + 1)],
                [arrays[f"rows{length}_values{i}"] for i in range(length + 1)],
            )
            for length in head["rows"]
        }
        ends, places = arrays["posting_ends"], arrays["postings"]
        name_entry, name_number = arrays["name_entry"], arrays["name_number"]
        entry_ends = arrays["entry_ends"]
        entries = Packed(arrays["entries"].tobytes(), entry_ends, 0, len(entry_ends))
    listings = []
    start = 0
    for row in head["listings"]:
        count = row.pop("entries")
        row["alarms"] = tuple(row["alarms"])
        listings.append(Listing(entries=entries.part(start, start + count), **row))
        start += count
    return Index(
        listings=listings,
        entries=entries,
        name_entry=name_entry,
        name_number=name_number,
        vocabulary=Vocabulary(head["words"], ends, places, head["weights"], head["skeletons"]),
        rows=rows,
        wallets={k: [(a, b) for a, b in v] for k, v in head["wallets"].items()},
        documents=head["documents"],
        imo=head["imo"],
        emails=head["emails"],
        lists={listing.id: listing for listing in listings},
        bad_wallets=head["bad_wallets"],
    )


def stored(listings: list[Listing], folder: Path) -> Index:
    """Return the index of the lists, from the folder if it is there, else built and kept there."""
    path = folder / f"index-{digest(listings)}.npz"
    if path.exists():
        try:
            return load(path)
        except BROKEN:
            path.unlink(missing_ok=True)
    index = build(listings)
    try:
        save(index, path)
    except OSError:
        return index  # a full or read-only disk: the index in memory is as good
    return index
