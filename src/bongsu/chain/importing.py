"""Turn exports of other programs into canonical transfers: read, name the assets, order within blocks, write.

Whatever a record holds, it ends in one of three places, and the three add up to what was read: a transfer, a count of
records that move nothing (by reason), or the records set aside.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bongsu.chain.jsonlines import is_json_lines, read_json_lines
from bongsu.chain.reader import Ignored
from bongsu.chain.table import read_rows
from bongsu.chain.transfers import Rejected, parse_time, read_whole
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import parse_address
from bongsu.model.asset import format_amount
from bongsu.model.transfer import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bongsu.chain.reader import Movement, Reader
    from bongsu.chain.table import Row
    from bongsu.chain.tokens import TokenBook


class Line(NamedTuple):
    """One line of the canonical form, as text."""

    chain: str
    time: str
    block: str
    index: str  # type: ignore[assignment]  # a column, not the method of tuples
    tx: str
    sender: str
    receiver: str
    asset: str
    contract: str
    decimals: str
    amount: str
    approximate: str


@dataclass(slots=True)
class Import:
    """What was read.

    Attributes:
        lines: canonical transfers, in the order of the files.
        read: records seen.
        ignored: records that move nothing, by reason.
        rejected: records that could not be read.
        approximate: how many amounts have lost digits in the export.
        remarks: what is odd about a file as a whole.
    """

    lines: list[Line] = field(default_factory=list)
    read: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    approximate: int = 0
    remarks: list[str] = field(default_factory=list)


def import_files(
    reader: Reader, paths: Sequence[Path], tokens: TokenBook, *, chain: str = "ethereum", strict: bool = False
) -> Import:
    """Read files of one format.

    Args:
        reader: the format.
        paths: the files; their order is kept.
        tokens: names the assets.
        chain: the chain of records that name none.
        strict: stop at the first record that cannot be read instead of setting it aside.

    Raises:
        SourceError: a file is unusable, or none of its records could be read.
        RecordError: a record cannot be read, and `strict` is on.
    """
    result = Import()
    for path in paths:
        _read_file(result, reader, path, tokens, chain, strict=strict)
    return result


def _read_file(result: Import, reader: Reader, path: Path, tokens: TokenBook, chain: str, *, strict: bool) -> None:
    def on_bad(error: RecordError, raw: str) -> None:
        if strict:
            raise error
        result.read += 1
        result.rejected.append(Rejected(Record(path.name, error.line or 0), raw, error.message))

    rows = read_json_lines if is_json_lines(path) else read_rows
    if _ends_inside_a_line(path):
        result.remarks.append(f"{path.name} does not end with a line break: its last record may be cut off")
    before, bad = len(result.lines), len(result.rejected)
    placed: list[tuple[Movement, Line]] = []
    for row in rows(path, reader.required, reader.optional, on_bad):
        try:
            found = _line(reader, row, tokens, chain)
        except RecordError as error:
            on_bad(error.at(row.record.source, row.record.line), row.raw)
            continue
        result.read += 1
        if isinstance(found, Ignored):
            result.ignored[found.reason] += 1
        else:
            placed.append(found)
            result.approximate += found[0].approximate
    result.lines.extend(_ranked(placed) if reader.ranked else (line for _, line in placed))
    if len(result.rejected) > bad and len(result.lines) == before and not result.ignored:
        first = result.rejected[bad]
        raise SourceError(
            f"no record could be read as {reader.name}: {first.reason}",
            source=str(path),
            line=first.record.line,
            hint="`bongsu chain formats` lists the formats and their columns",
        )


def _ends_inside_a_line(path: Path) -> bool:
    """Tell whether the last cell of a CSV may have been cut: every exporter ends its last line."""
    try:
        data = path.read_bytes()
    except OSError:
        return False  # the reading that follows says why
    return bool(data) and data[:4] != b"PAR1" and data[:1] != b"{" and data[-1:] != b"\n"


def _line(reader: Reader, row: Row, tokens: TokenBook, default: str) -> tuple[Movement, Line] | Ignored:
    cells = {name: text.strip() for name, text in row.cells.items()}
    found = reader.read(cells)
    if isinstance(found, Ignored):
        return found
    on = found.chain or default
    contract = parse_address(found.token, on).text if found.token else None
    symbol, decimals = found.symbol, found.decimals
    if not symbol:
        symbol, decimals = tokens.of(on, contract)
    block, time = read_whole(found.block, "block"), parse_time(found.time.removesuffix(" UTC"))
    if block is None and time is None:
        raise RecordError("the record has neither a block nor a time", hint="its place in the order is needed")
    line = Line(
        chain=on,
        time=time.isoformat().replace("+00:00", "Z") if time else "",
        block="" if block is None else str(block),
        index=str(found.order[0]) if found.order else "",
        tx=found.tx,
        sender=parse_address(found.sender, on).text,
        receiver=parse_address(found.receiver, on).text,
        asset=symbol,
        contract=contract or "",
        decimals=str(decimals),
        amount=format_amount(found.value, decimals),
        approximate="1" if found.approximate else "0",
    )
    return found, line


def _ranked(placed: list[tuple[Movement, Line]]) -> Iterable[Line]:
    """Give places that are paths in a call tree a number: their rank inside the block."""
    paths: defaultdict[tuple[str, str], set[tuple[int, ...]]] = defaultdict(set)
    for movement, line in placed:
        paths[line.chain, line.block].add(movement.order)
    ranks = {block: {path: rank for rank, path in enumerate(sorted(found))} for block, found in paths.items()}
    for movement, line in placed:
        yield line._replace(index=str(ranks[line.chain, line.block][movement.order]))


def write_lines(lines: Sequence[Line], path: Path) -> None:
    """Write canonical transfers, Parquet where the name ends so, else CSV; amounts are text, hence exact."""
    try:
        if path.suffix in {".parquet", ".pq"}:
            import pyarrow as pa
            from pyarrow import parquet

            columns = zip(*lines, strict=True) if lines else [()] * len(Line._fields)
            arrays = [pa.array(column, pa.string()) for column in columns]
            parquet.write_table(pa.table(arrays, names=list(Line._fields)), path, compression="zstd")
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(Line._fields)
                writer.writerows(lines)
    except OSError as error:
        raise SourceError(f"the file cannot be written: {error.strerror}", source=str(path)) from None
