"""Follow stolen money through a Parquet file of any length: read in batches, numbered, and fed to the kernels.

Memory holds one batch and the accounts, never the log. The file must be of the canonical form, on one chain with EVM
addresses, every record with its block and index; `can_stream` says whether it is, and the ordinary reader takes the
others. Records that are written unusually (mixed-case addresses, scientific notation) or wrongly go one by one through
the ordinary reader's parser, so that its checks and its words hold here too. A file that is not in the order of the
chain is sorted by DuckDB, on disk where it must.
"""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bongsu.chain.assets import AssetBook
from bongsu.chain.table import Row
from bongsu.chain.transfers import REQUIRED, Rejected, parse_time, parse_transfer
from bongsu.errors import RecordError
from bongsu.model.address import Address
from bongsu.model.chain import Family, chain
from bongsu.model.transfer import Record
from bongsu.trace.kernels.engine import Book, Outcome
from bongsu.trace.kernels.ledger import limbs, summed, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from bongsu.model.asset import Asset
    from bongsu.trace.run import Trace

T = TypeVar("T")
LONG = 200_000
"""Parquet files of so many records are streamed."""
BATCH = 1 << 19
_WANTED = (*REQUIRED, "index")
_FIRST_TABLE = 1 << 16
_SORT_MEMORY = "2GB"


@dataclass(slots=True)
class Streamed:
    """A trace of a file, with what was counted and set aside on the way; `arrived` as coverage.arriving has it."""

    trace: Trace
    transfers: int
    duplicates: int
    arrived: dict[tuple[Address, Asset], int]
    rejected: list[Rejected] = field(default_factory=list)


def can_stream(path: Path, default_chain: str, *, least: int = LONG) -> bool:
    """Say whether a file has the form that this module reads; others go through the ordinary reader."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                return False
        file_of = parquet.ParquetFile(path)
    except (OSError, pa.ArrowException):
        return False
    names = set(file_of.schema_arrow.names)
    kinds = {name: file_of.schema_arrow.field(name).type for name in names}
    return (
        file_of.metadata.num_rows >= least
        and chain(default_chain).family is Family.EVM
        and {*REQUIRED, "index"} <= names
        and not names & {"chain", "contract"}
        and all(_is_text(kinds[name]) for name in ("sender", "receiver", "asset", "tx"))
        and all(pa.types.is_integer(kinds[name]) for name in ("block", "index"))
        and not pa.types.is_floating(kinds["amount"])
        and _complete(file_of)
    )


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _complete(file_of: Any) -> bool:
    """Say whether every record has a block and an index (from the file's statistics, where it carries them)."""
    names = file_of.schema_arrow.names
    for group in range(file_of.metadata.num_row_groups):
        for name in ("block", "index"):
            statistics = file_of.metadata.row_group(group).column(names.index(name)).statistics
            if statistics is None or statistics.null_count != 0 or not statistics.has_min_max or statistics.min < 0:
                return False
    return True


def _filled(file_of: Any, name: str) -> bool:
    """Say whether every record has text in a column (from the file's statistics, where it carries them)."""
    place = file_of.schema_arrow.names.index(name)
    for group in range(file_of.metadata.num_row_groups):
        statistics = file_of.metadata.row_group(group).column(place).statistics
        if statistics is None or statistics.null_count != 0 or not statistics.has_min_max or statistics.min <= " ~":
            return False
    return True


def trace_file(
    path: Path,
    policy: str,
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    *,
    decimals: Mapping[str, int],
    default_chain: str,
    keep_going: bool = False,
    batch: int = BATCH,
) -> Streamed:
    """Trace a file for which `can_stream` holds; see read_transfers and run for the arguments.

    Raises:
        RecordError: a record cannot be read, and `keep_going` is off.
        SourceError: the amounts are too wide for the kernels.
    """
    return _Stream(path, policy, thefts, venues, decimals, default_chain, keep_going).over(batch)


class _Numbers:
    """The account numbers of one asset: a hash table from 20-byte addresses, sources and venues first."""

    def __init__(self, book: Book) -> None:
        self.chain = book.asset.chain
        self.size = np.zeros(1, np.int64)
        self.keys = np.zeros((_FIRST_TABLE, 3), np.uint64)
        self.table = np.full(_FIRST_TABLE * 2, -1, np.int32)
        for address in book.known:
            self.one(address.text)

    def reserve(self, more: int) -> None:
        """Make room for so many new addresses."""
        from bongsu.trace.kernels._encode import rehash

        need = int(self.size[0]) + more
        if need > len(self.keys):
            wider = np.zeros((max(need, len(self.keys) * 3 // 2), 3), np.uint64)
            wider[: len(self.keys)] = self.keys
            self.keys = wider
        if need * 3 > len(self.table) * 2:
            self.table = np.full(1 << (need * 3 // 2).bit_length(), -1, np.int32)
            rehash(self.table, self.keys, self.size)

    def one(self, text: str) -> int:
        """Return the number of one address in canonical text."""
        from bongsu.trace.kernels._encode import find_or_add

        self.reserve(1)
        a, b, c = (np.uint64(int(text[begin:end], 16)) for begin, end in ((2, 18), (18, 34), (34, 42)))
        return int(find_or_add(a, b, c, self.table, self.keys, self.size))

    def many(self, column: Any, rows: NDArray[np.int64], odd: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return the numbers of a text column's rows; those it cannot read are marked in `odd`."""
        from bongsu.trace.kernels._encode import addresses

        self.reserve(len(rows))
        found = np.zeros(len(rows), np.int32)
        addresses(*_text(column), rows, self.table, self.keys, self.size, found, odd)
        return found

    def addresses(self, numbers: NDArray[np.int64]) -> list[Address]:
        """Return the addresses of accounts."""
        chain = self.chain
        return [Address(chain, f"0x{a:016x}{b:016x}{c:08x}") for a, b, c in self.keys[numbers].tolist()]

    def order(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places of accounts in the order of their addresses."""
        keys = self.keys[numbers]
        return np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))


class _Stream:
    def __init__(
        self,
        path: Path,
        policy: str,
        thefts: Mapping[Address, str],
        venues: Mapping[Address, str],
        decimals: Mapping[str, int],
        default_chain: str,
        keep_going: bool,
    ) -> None:
        self._path = path
        self._policy = policy
        self._thefts, self._venues = thefts, venues
        self._chain = default_chain
        self._keep_going = keep_going
        self._decimals = decimals
        self._ledgers: dict[str, tuple[Asset, Book, Any, _Numbers]] = {}
        self._arrived: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
        self._rejected: list[Rejected] = []
        self._transfers = 0
        self._hashes: tuple[int, Any] | None = None

    def over(self, batch: int) -> Streamed:
        """Trace the file in batches of so many records."""
        from pyarrow import parquet

        self._file = parquet.ParquetFile(self._path)
        self._columns = [name for name in self._file.schema_arrow.names if name in _WANTED]
        ordered, repeats = self._in_turn(batch)
        self._assets = AssetBook(None, self._decimals, seen=self._symbols(batch))
        for first, piece in _ahead(self._batches(batch, ordered)):
            self._take(first, piece)
        outcome = Outcome(self._policy)
        for _, book, ledger, numbers in self._ledgers.values():
            outcome.add(book, ledger, numbers)
        trace = outcome.trace({})
        duplicates = self._duplicates() if repeats or not ordered else 0
        return Streamed(trace, self._transfers, duplicates, dict(self._arrived), self._rejected)

    def _in_turn(self, batch: int) -> tuple[bool, int]:
        from pyarrow import parquet

        from bongsu.trace.kernels._encode import in_turn

        last = np.array([-1, -1], np.int64)
        repeats = 0
        for piece in parquet.ParquetFile(self._path).iter_batches(batch, columns=["block", "index"]):
            block, index = (piece.column(n).to_numpy().astype(np.int64) for n in ("block", "index"))
            fine, more = in_turn(block, index, last)
            repeats += more
            if not fine:
                return False, repeats
        return True, repeats

    def _symbols(self, batch: int) -> set[str]:
        from pyarrow import compute, parquet

        found: set[str] = set()
        for piece in parquet.ParquetFile(self._path).iter_batches(batch, columns=["asset"]):
            found |= {(text or "").strip() for text in compute.unique(piece.column("asset")).to_pylist()}
        return found

    def _batches(self, batch: int, ordered: bool) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
        """Yield the number of each row in the file, and the rows, in the order of the chain."""
        if ordered:
            wanted = [name for name in _WANTED if name != "tx" or not _filled(self._file, "tx")]
            first = 1
            for piece in self._file.iter_batches(batch, columns=wanted):
                yield np.arange(first, first + piece.num_rows), piece
                first += piece.num_rows
            return
        import duckdb

        with duckdb.connect(config={"memory_limit": _SORT_MEMORY, "threads": 2}) as sorter:
            names = ", ".join(f'"{name}"' for name in _WANTED)
            rows = sorter.sql(
                f"SELECT {names}, file_row_number + 1 AS record "  # noqa: S608 - the names are constants
                "FROM read_parquet($path, file_row_number = true) ORDER BY block, index, file_row_number",
                params={"path": str(self._path)},
            )
            for piece in rows.to_arrow_reader(batch):
                yield piece.column("record").to_numpy(), piece

    def _take(self, records: NDArray[np.int64], piece: pa.RecordBatch) -> None:
        from pyarrow import compute

        symbols = compute.dictionary_encode(compute.fill_null(piece.column("asset"), ""))
        which = symbols.indices.to_numpy()
        doubtful = _doubtful(piece)
        for number, symbol in enumerate(symbols.dictionary.to_pylist()):
            rows = np.flatnonzero(which == number)
            self._feed(symbol, records, piece, rows, doubtful[rows])

    def _ledger(self, symbol: str) -> tuple[Asset, Book, Any, _Numbers] | None:
        if symbol not in self._ledgers:
            try:
                asset = self._assets.resolve(self._chain, symbol.strip(), None)
            except RecordError:
                return None
            book = Book(asset, self._thefts, self._venues)
            self._ledgers[symbol] = (asset, book, book.ledger(self._policy), _Numbers(book))
        return self._ledgers[symbol]

    def _feed(
        self,
        symbol: str,
        records: NDArray[np.int64],
        piece: pa.RecordBatch,
        rows: NDArray[np.int64],
        odd: NDArray[np.bool_],
    ) -> None:
        own = self._ledger(symbol)
        if own is None:
            for row in rows.tolist():
                self._one(records, piece, row)
            return
        asset, book, ledger, numbers = own
        sender = numbers.many(piece.column("sender"), rows, odd)
        receiver = numbers.many(piece.column("receiver"), rows, odd)
        amounts = _amounts(piece.column("amount"), rows, asset.decimals, odd)
        keep = ~odd
        for place in np.flatnonzero(odd).tolist():
            transfer = self._one(records, piece, int(rows[place]))
            if transfer is not None:
                sender[place], receiver[place] = numbers.one(transfer.sender.text), numbers.one(transfer.receiver.text)
                amounts[place] = limbs([transfer.amount])[0]
                keep[place] = True
        self._transfers += int(keep.sum())
        sender, receiver, amounts = sender[keep], receiver[keep], amounts[keep]
        self._count_arrivals(book, sender, receiver, amounts)
        ledger.advance(sender, receiver, amounts)

    def _count_arrivals(
        self, book: Book, sender: NDArray[np.int32], receiver: NDArray[np.int32], amounts: NDArray[np.uint64]
    ) -> None:
        """Add up what reached venues; the first numbers of a book are those of stolen-from addresses and venues."""
        first = len(book.sources) + book.venues
        at_venue = np.array([address in self._venues for address in book.known[:first]] + [False])
        there = at_venue[np.minimum(receiver, first)] & ~at_venue[np.minimum(sender, first)] & amounts.any(axis=1)
        sums = summed([(receiver[there].astype(np.int64), np.zeros(int(there.sum()), np.int64), amounts[there])])
        for number, amount in zip(sums.accounts.tolist(), whole(sums.amounts), strict=True):
            self._arrived[book.known[number], book.asset] += amount

    def _one(self, records: NDArray[np.int64], piece: pa.RecordBatch, row: int) -> Any:
        """Read one record as the ordinary reader does; None where it is set aside."""
        from bongsu.chain.table import cells_of

        record = Record(str(self._path), int(records[row]))
        one = piece.slice(row, 1)
        if "tx" not in one.schema.names:
            one = one.append_column("tx", self._tx(record.line))
        cells = cells_of(self._path, one, self._columns)
        raw = ",".join(cells.values())
        try:
            return parse_transfer(Row(record, cells, raw), self._path.name, self._assets, self._chain)
        except RecordError as error:
            placed = error.at(record.source, record.line)
            if not self._keep_going:
                raise placed from None
            self._rejected.append(Rejected(Record(self._path.name, record.line), raw, placed.message))
            return None

    def _tx(self, line: int) -> pa.Array:
        """Read the transaction of one row, which is left out of the batches: hashes take as long as all the rest."""
        group, place = 0, line - 1
        while place >= (rows := self._file.metadata.row_group(group).num_rows):
            group, place = group + 1, place - rows
        if self._hashes is None or self._hashes[0] != group:
            self._hashes = group, self._file.read_row_group(group, columns=["tx"]).column(0)
        return self._hashes[1].slice(place, 1).combine_chunks()

    def _duplicates(self) -> int:
        import duckdb

        with duckdb.connect(config={"memory_limit": _SORT_MEMORY, "threads": 2}) as counter:
            rows = counter.execute(
                "WITH t AS (FROM read_parquet($path)), twice AS (SELECT block, index FROM t GROUP BY ALL "
                "HAVING count(*) > 1) SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM t SEMI JOIN twice "
                "USING (block, index) GROUP BY time, block, tx, sender, receiver, asset, amount, index)",
                {"path": str(self._path)},
            ).fetchone()
        return int(rows[0]) if rows else 0


def _ahead(batches: Iterator[T]) -> Iterator[T]:
    """Yield what an iterator yields, with the next one read meanwhile: reading and the kernels leave Python alone."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            yield batch


def _text(column: Any) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return a text column's bytes and ends, as views of its memory."""
    import pyarrow as pa

    wide = pa.types.is_large_string(column.type)
    _, ends, data = column.buffers()
    kind, size = (np.int64, 8) if wide else (np.int32, 4)
    places = np.frombuffer(ends, kind, len(column) + 1, column.offset * size)
    return np.frombuffer(data, np.uint8) if data and data.size else np.zeros(1, np.uint8), places


def _amounts(column: Any, rows: NDArray[np.int64], decimals: int, odd: NDArray[np.bool_]) -> NDArray[np.uint64]:
    import pyarrow as pa

    from bongsu.trace.kernels._encode import amounts

    text = column if _is_text(column.type) else column.cast(pa.string())
    found = np.zeros((len(rows), 2), np.uint64)
    amounts(*_text(text), rows, decimals, found, odd)
    return found


def _doubtful(piece: pa.RecordBatch) -> NDArray[np.bool_]:
    """Mark the rows that lack something or whose time cannot be read: the ordinary reader says what is wrong."""
    import pyarrow as pa
    from pyarrow import compute

    found = np.zeros(piece.num_rows, np.bool_)
    names = [name for name in ("sender", "receiver", "amount", "tx") if name in piece.schema.names]
    for name in names:
        column = piece.column(name)
        if column.null_count:
            found |= column.is_null().to_numpy(zero_copy_only=False)
    if "tx" in names:
        found |= np.diff(_text(piece.column("tx"))[1]) == 0
    times = piece.column("time")
    if not pa.types.is_timestamp(times.type):
        bad = []
        for value in compute.unique(times).to_pylist():
            try:
                parse_time("" if value is None else str(value).strip())
            except RecordError:
                bad.append(value)
        if bad:
            found |= compute.is_in(times, value_set=pa.array(bad, times.type)).to_numpy(zero_copy_only=False)
    return found
