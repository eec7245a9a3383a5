from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.errors import RecordError, SourceError
from bongsu.ledger.files import TABLES, columns, decode, read_folder, read_ledger, shipped, write_folder
from tests.ledger.ledgers import copy_of_shipped

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.ledger.records import Ledger


def test_the_shipped_files_are_what_writing_them_gives(book: Ledger, tmp_path: Path) -> None:
    write_folder(book, tmp_path / "again")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (shipped() / path.name).read_bytes(), path.name


def test_a_spreadsheets_byte_order_mark_and_line_ends_are_read(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path / "l")
    path = folder / "prices.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_ledger(folder) == read_ledger()


def _broken_files() -> list[tuple[str, bytes, str, int | None]]:
    claims = (shipped() / "claims.csv").read_bytes()
    header = claims.split(b"\n", 1)[0]
    first = claims.split(b"\n")[1]
    return [
        ("claims.csv", claims.replace(b"publisher", b"editor", 1), "the header is not", 1),
        ("claims.csv", header.replace(b",", b";") + b"\n", "the header is not", 1),
        ("claims.csv", b"", "the file is empty", 1),
        ("claims.csv", header + b"\n\xff\xfe\n", "not UTF-8", 2),
        ("claims.csv", header + b'\n"open quote,\n', "not CSV", 2),
        ("claims.csv", header + b"\n" + first + b",more\n", "18 cells", 2),
        ("claims.csv", header + b"\n" + first + b"\n" + first + b"\n", "stands already on line 2", 3),
        ("claims.csv", header + b"\n" + first.replace(b"2019-08-30", b"30.8.2019") + b"\n", "is no date", 2),
        ("claims.csv", header + b"\n" + first.replace(b",50,", b",fifty,") + b"\n", "is no whole number", 2),
        ("claims.csv", header + b"\n" + first.replace(b",date,", b",date,5-") + b"\n", "is no amount", 2),
        ("claims.csv", header + b"\n" + first.replace(b",2017-02,", b",=HYPERLINK(1),") + b"\n", "formula", 2),
        ("claims.csv", header + b"\n" + first.replace(b",2017-02,", b"," + b"x" * 30_000 + b",") + b"\n", "longer", 2),
        ("claims.csv", header + b"\n" + b'"' + b"x" * 300_000 + b'"\n', "not CSV", 2),
        ("actors.toml", b"[dprk\n", "not TOML", None),
        ("actors.toml", b"[dprk]\nalias = 1\n", "has no name", None),
        ("actors.toml", b'[dprk]\nname = "D"\nnickname = "x"\n', "unknown field", None),
    ]


@pytest.mark.parametrize(("name", "content", "message", "line"), _broken_files())
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: bytes, message: str, line: int | None
) -> None:
    folder = copy_of_shipped(tmp_path / "l")
    (folder / name).write_bytes(content)
    try:
        found: list[RecordError] | list[SourceError] = list(read_folder(folder).problems)
    except SourceError as error:
        found = [error]
    assert message in found[0].message
    assert found[0].source == str(folder / name)
    assert line is None or found[0].line == line
    assert found[0].hint or name == "actors.toml"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path / "l")
    (folder / "claims.csv").unlink()
    with pytest.raises(SourceError, match=r"claims\.csv: this file of the ledger is missing"):
        read_ledger(folder)


def test_a_folder_that_is_no_ledger_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="export --format csv"):
        read_ledger(tmp_path / "nothing")


@given(st.sampled_from(sorted(TABLES)), st.data())
def test_garbage_in_cells_never_crashes(table: str, data: st.DataObject) -> None:
    width = len(columns(table))
    cells = data.draw(st.lists(st.text(max_size=20), min_size=width, max_size=width))
    with contextlib.suppress(RecordError):
        decode(table, cells)
