"""From a Parquet file with hex addresses to positions in one command, beside DuckDB merely numbering its addresses.

    python bench/kernels/read.py [--size 5] [--policy haircut]

`--size` is in millions of records, over a quarter as many accounts; 20 needs some 3 GB of disk. Each
side is a process of its own on all cores: seconds on the clock, and the peak of its memory.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ADDRESS = "'0x' || md5({0}::VARCHAR) || left(md5({0}::VARCHAR || 'x'), 8)"
END = "CASE WHEN random() < 0.3 THEN random() * {0} ELSE pow({0}, random()) - 1 END::BIGINT"
WRITE = """
COPY (SELECT make_timestamp((1700000000 + i // 8)::BIGINT * 1000000) AS time, 18000000 + i // 100 AS block,
    '0x' || md5(i::VARCHAR) || md5((-i)::VARCHAR) AS tx, {sender} AS sender, {receiver} AS receiver, 'ETH' AS asset,
    exp(6 * random() - 3)::DECIMAL(38, 18)::VARCHAR AS amount, i % 100 AS index
    FROM (SELECT range AS i, {end} AS s, {end} AS r FROM range({records})) ORDER BY i
) TO '{path}' (FORMAT parquet)
"""
NUMBER = """
import duckdb, sys
with duckdb.connect() as c:
    c.execute("CREATE TABLE log AS SELECT sender, receiver, amount FROM read_parquet($1)", [sys.argv[1]])
    c.execute("CREATE TABLE ids AS SELECT a, row_number() OVER () AS id FROM "
              "(SELECT sender AS a FROM log UNION SELECT receiver FROM log)")
    print(c.sql("SELECT sum(s.id), sum(r.id), count(amount) FROM log JOIN ids AS s ON s.a = log.sender "
                "JOIN ids AS r ON r.a = log.receiver").fetchall())
"""


def write(path: Path, records: int) -> tuple[list[str], list[str]]:
    """Write a log in the order of the chain; return ten of its addresses that pay often, and the ten busiest."""
    import duckdb

    accounts = records // 4
    fields = {"sender": ADDRESS.format("s"), "receiver": ADDRESS.format("r"), "end": END.format(accounts)}
    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(path.parent)}) as database:
        database.execute(WRITE.format(records=records, path=path, **fields))
        rows = database.execute("SELECT " + ADDRESS.format("i") + " FROM range(110) AS t(i)").fetchall()  # noqa: S608 - constants
        return [address for (address,) in rows[100:]], [address for (address,) in rows[:10]]


def run(command: list[str], out: Path) -> tuple[float, float]:
    """Run a command with its output in a file; return its seconds and the peak of its memory in GB."""
    begin = time.perf_counter()
    opened = [(os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=opened)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{command[:4]} failed with status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begin, usage.ru_maxrss * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the way from Parquet to positions.")
    parser.add_argument("--size", type=float, default=5, help="millions of records (default 5)")
    parser.add_argument("--policy", default="haircut")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, stolen, out = folder / "log.parquet", folder / "stolen.txt", folder / "out"
        sources = write(log, int(given.size * 1e6))
        bongsu = str(Path(sys.executable).with_name("bongsu"))
        trace = ["trace", "--transfers", str(log), "--stolen-from", str(stolen), "--policy", given.policy]
        print(f"{given.size:g} M records, {given.size / 4:g} M accounts, {log.stat().st_size / 1e9:.1f} GB of Parquet")
        theirs = run([sys.executable, "-c", NUMBER, str(log)], out)
        print(f"DuckDB, numbering addresses: {theirs[0]:.1f} s, {theirs[1]:.1f} GB", flush=True)
        for kind, addresses in zip(("ordinary", "busiest"), sources, strict=True):
            stolen.write_text("\n".join(addresses) + "\n", "utf-8")
            ours = run([bongsu, *trace, "--format", "json"], out)
            print(f"bongsu trace --policy {given.policy}, {kind} sources: {ours[0]:.1f} s, {ours[1]:.1f} GB")
            print(f"  {ours[0] / theirs[0]:.2f} times DuckDB's time, {ours[1] / theirs[1]:.2f} times its memory, "
                  f"{out.stat().st_size / 1e6:,.0f} MB written", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
