"""The index: finds the few entries of many that a query may mean, so that only those are compared in full.

Three ways in: Korean names by their syllables (a sparse product over all listed names, exact up to its
threshold), other
names by their words (equal, of one skeleton, or within a slip or two), and exact keys for wallets, documents,
IMO numbers
and e-mails.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bongsu.errors import AddressError
from bongsu.screen import chinese, korean, vocabulary
from bongsu.screen.entry import Entry, Kind, Listing
from bongsu.screen.evidence import compact
from bongsu.screen.korean import tables
from bongsu.screen.korean.reading import settings
from bongsu.screen.wallets import fast_key, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bongsu.screen.vocabulary import Vocabulary

    Array = np.ndarray[Any, np.dtype[Any]]

MOST_CANDIDATES = 40
MOST_PATHS = 4
LEAST_SHARE = 0.03
MOST_BY_WORDS = 24
LEAST_COVER = 0.3
"""Share of the best possible weight of words that a candidate must reach."""


@dataclass(slots=True)
class Rows:
    """Listed Korean names with one number of given-name syllables, as sparse vectors.

    `names`: index of the listed name of each row; `share`: of the path; per position (the surname first) a CSR
    matrix of
    P(syllable | text) / P(syllable): `starts`, `columns`, `values`.
    """

    names: Array
    share: Array
    starts: list[Array]
    columns: list[Array]
    values: list[Array]


@dataclass(slots=True)
class Index:
    """All loaded lists, ready to be searched. Build it with `build`; it is not changed afterwards."""

    listings: list[Listing]
    entries: Sequence[Entry]
    name_entry: Array
    name_number: Array
    vocabulary: Vocabulary
    rows: dict[int, Rows]
    wallets: dict[str, list[tuple[int, int]]]
    documents: dict[str, list[int]]
    imo: dict[str, list[int]]
    emails: dict[str, list[int]]
    lists: dict[str, Listing] = field(default_factory=dict)
    bad_wallets: list[str] = field(default_factory=list)
    korean_names: Array | None = field(default=None, compare=False, repr=False)

    def name_of(self, index: int) -> tuple[Entry, int]:
        """Return the entry of a listed name and the name's number in it."""
        return self.entries[int(self.name_entry[index])], int(self.name_number[index])

    def candidates(self, text: str) -> set[int]:
        """Return indices of the listed names that a name may mean."""
        return self._by_syllables(text) | self._by_words(text)

    def _by_syllables(self, text: str) -> set[int]:
        reading = korean.read(text)
        found: dict[int, float] = {}
        least = 0.3 / settings()["prior"]
        for path in reading.paths[:MOST_PATHS]:
            if path.share < LEAST_SHARE:
                continue
            for length, rows in self.rows.items():
                for row, ratio in _ratios(path, length, rows, least / path.share):
                    name = int(rows.names[row])
                    found[name] = max(found.get(name, 0.0), ratio * path.share)
        return set(sorted(found, key=lambda n: -found[n])[:MOST_CANDIDATES])

    def _by_words(self, text: str) -> set[int]:
        found, scores = self.vocabulary.find(text, len(self.name_entry), LEAST_COVER)
        if len(found) and korean.read(text).korean and not chinese.keys(text):  # there the syllables have decided
            others = ~self._koreans()[found]
            found, scores = found[others], scores[others]
        if len(found) > MOST_BY_WORDS:
            found = found[np.argpartition(-scores, MOST_BY_WORDS)[:MOST_BY_WORDS]]
        return set(found.tolist())

    def _koreans(self) -> Array:
        """Say of each listed name whether it reads as Korean, of as many syllables as `rows` holds."""
        if self.korean_names is None:
            share = np.zeros(len(self.name_entry), dtype=np.float32)
            for rows in self.rows.values():
                np.add.at(share, rows.names, rows.share)
            self.korean_names = share >= settings()["readable"] + 0.1
        return self.korean_names


def _ratios(path: korean.Path, length: int, rows: Rows, least: float) -> Iterable[tuple[int, float]]:
    """Yield the rows whose likelihood ratio with a path reaches `least`."""
    slip, dropped = settings()["slip"], settings()["dropped"]
    own = len(path.given)
    total = rows.share * _overlap(rows, 0, path.surname, settings()["surname_slip"])
    if own == length:
        for number, position in enumerate(path.given, 1):
            total = total * _overlap(rows, number, position, slip)
        total = total / settings()[f"given_length_{length}"]
    elif {own, length} == {1, 2}:
        if own == 1:
            either = [_overlap(rows, n, path.given[0], slip) for n in (1, 2)]
        else:
            either = [_overlap(rows, 1, position, slip) for position in path.given]
        total = total * np.maximum(*either) * dropped
    else:
        return
    for row in np.nonzero(total >= least)[0]:
        yield int(row), float(total[row])


def _overlap(rows: Rows, number: int, position: korean.Position, slip: float) -> Array:
    columns = _columns(number == 0)
    dense = np.zeros(len(columns) + 1, dtype=np.float32)
    for syllable, share in position.posterior.items():
        dense[columns.get(syllable, -1)] = share
    dense[-1] = 0.0
    products = rows.values[number] * dense[rows.columns[number]]
    sums = np.add.reduceat(products, rows.starts[number]) if len(products) else np.zeros(0, dtype=np.float32)
    return (1 - slip) * sums + slip


@cache
def _columns(surname: bool) -> dict[str, int]:
    """Return the column of each syllable (or surname) in the sparse matrices."""
    table = tables.surnames() if surname else tables.given()
    return {syllable: i for i, syllable in enumerate(sorted(table))}


def build(listings: list[Listing]) -> Index:
    """Build the index of the lists."""
    entries = [entry for listing in listings for entry in listing.entries]
    name_entry: list[int] = []
    name_number: list[int] = []
    paths: dict[int, list[tuple[int, korean.Path]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        for i, name in enumerate(entry.names):
            place = len(name_entry)
            name_entry.append(number)
            name_number.append(i)
            if entry.kind in {Kind.PERSON, Kind.UNKNOWN}:
                for path in korean.read(name.text).paths[:MOST_PATHS]:
                    if path.share >= LEAST_SHARE:
                        paths[len(path.given)].append((place, path))
    index = Index(
        listings=listings,
        entries=entries,
        name_entry=np.array(name_entry, dtype=np.int32),
        name_number=np.array(name_number, dtype=np.int32),
        vocabulary=vocabulary.build([name.text for entry in entries for name in entry.names]),
        rows={length: _rows(found, length) for length, found in paths.items() if length <= 3},
        wallets={},
        documents={},
        imo={},
        emails={},
        lists={listing.id: listing for listing in listings},
    )
    _exact(index)
    return index


def _rows(found: list[tuple[int, korean.Path]], length: int) -> Rows:
    starts: list[Array] = []
    columns: list[Array] = []
    values: list[Array] = []
    for number in range(length + 1):
        priors = tables.surnames() if number == 0 else tables.given()
        known = _columns(number == 0)
        start: list[int] = []
        column: list[int] = []
        value: list[float] = []
        for _, path in found:
            position = path.surname if number == 0 else path.given[number - 1]
            start.append(len(column))
            for syllable, share in position.posterior.items():
                if syllable in known:
                    column.append(known[syllable])
                    value.append(share / priors[syllable])
            if start[-1] == len(column):  # a row needs a cell: reduceat has no empty slices
                column.append(len(known))
                value.append(0.0)
        starts.append(np.array(start, dtype=np.int64))
        columns.append(np.array(column, dtype=np.int32))
        values.append(np.array(value, dtype=np.float32))
    return Rows(
        np.array([name for name, _ in found], dtype=np.int32),
        np.array([path.share for _, path in found], dtype=np.float32),
        starts,
        columns,
        values,
    )


def _exact(index: Index) -> None:
    """Fill the exact keys: wallets, documents, IMO numbers, e-mails."""
    for number, entry in enumerate(index.entries):
        for i, wallet in enumerate(entry.wallets):
            try:
                text = key(wallet.text, wallet.ticker).text
            except AddressError as error:
                index.bad_wallets.append(f"{entry.list} {entry.id}: {error.message}")
                text = wallet.text.strip()
            index.wallets.setdefault(fast_key(text), []).append((number, i))
        for _, document in entry.ids:
            if compact(document):
                index.documents.setdefault(compact(document), []).append(number)
        for imo in entry.imo:
            index.imo.setdefault(imo, []).append(number)
        for mail in entry.emails:
            index.emails.setdefault(mail, []).append(number)
