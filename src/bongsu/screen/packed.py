"""Entries kept as bytes, and made into objects when somebody looks at them: most never are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from bongsu.screen.entry import Entry, Kind, Name, Wallet

if TYPE_CHECKING:
    from collections.abc import Iterable

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(eq=False)
class Packed(Sequence[Entry]):
    """Entries number `start` to `stop` of those whose JSON stands in `data`, each up to its place in `ends`."""

    data: bytes
    ends: Array
    start: int
    stop: int
    _seen: dict[int, Entry] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return self.stop - self.start

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        number = range(self.start, self.stop)[place]
        entry = self._seen.get(number)
        if entry is None:
            begin = int(self.ends[number - 1]) if number else 0
            entry = self._seen[number] = _entry(json.loads(self.data[begin : int(self.ends[number])]))
        return entry

    def part(self, start: int, stop: int) -> Packed:
        """Return some of the entries: those of one list."""
        return Packed(self.data, self.ends, self.start + start, self.start + stop, self._seen)


def pack(entries: Iterable[Entry]) -> tuple[bytes, Array]:
    """Return the bytes of the entries, and where each one ends."""
    rows = [json.dumps(_row(entry), ensure_ascii=False, separators=(",", ":")).encode() for entry in entries]
    return b"".join(rows), np.cumsum([len(row) for row in rows], dtype=np.int64)


def _row(e: Entry) -> list[Any]:
    return [
        e.list, e.id, e.kind.value, [[n.text, n.field, n.weak] for n in e.names],
        [[w.ticker, w.text] for w in e.wallets],
        e.births, e.birth_places, e.countries, e.positions, e.ids, e.imo, e.flags, e.emails,
        e.programs, e.listed_on, e.source,
    ]  # fmt: skip


def _entry(row: list[Any]) -> Entry:
    names = tuple(Name(*n) for n in row[3])
    wallets = tuple(Wallet(*w) for w in row[4])
    ids = tuple((k, v) for k, v in row[9])
    b, p, c, o, imo, flags, mails, programs = (tuple(row[i]) for i in (5, 6, 7, 8, 10, 11, 12, 13))
    kind = Kind(row[2])
    return Entry(row[0], row[1], kind, names, wallets, b, p, c, o, ids, imo, flags, mails, programs, row[14], row[15])
