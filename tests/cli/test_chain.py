"""`bongsu chain`: what the command line promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from bongsu.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "token_address,from_address,to_address,value,transaction_hash,log_index,block_number\n"
RECORD = f"0xdac17f958d2ee523a2206206994597c13d831ec7,0x{'a' * 40},0x{'b' * 40},2500000,0x{'1' * 64},0,100\n"


def test_an_import_feeds_a_trace_and_keeps_what_it_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + RECORD + "cut,off\n")
    (tmp_path / "from.txt").write_text("0x" + "a" * 40)
    out, aside = tmp_path / "out.parquet", tmp_path / "aside.csv"
    run = CliRunner().invoke(
        app,
        [
            "chain",
            "import",
            "ethereum-etl-token-transfers",
            str(tmp_path / "in.csv"),
            "--out",
            str(out),
            "--set-aside",
            str(aside),
        ],
    )
    assert run.exit_code == 0
    assert "cut,off" in aside.read_text()
    args = ["trace", "--transfers", str(out), "--stolen-from", str(tmp_path / "from.txt"), "--format", "json"]
    traced = CliRunner().invoke(app, args)
    assert '"amount": "2.5"' in traced.stdout
