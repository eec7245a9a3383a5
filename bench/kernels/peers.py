"""The poison kernel beside what an analyst would use instead: dict-Python, networkx, DuckDB. One core, same log.

    python bench/kernels/peers.py [--size 1]

`--size` is in millions of transfers. dict-Python does the same work, exact amounts included. networkx and DuckDB answer
the easier question only, who is reached by a path in the order of time: they keep no balances, so they reach more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np
from speed import VENUES, chain, once

if TYPE_CHECKING:
    from collections.abc import Callable

Log = tuple[list[int], list[int], list[int]]
END = 1 + VENUES
REACH = """
WITH RECURSIVE reach(account, since) USING KEY (account) AS (
    SELECT 0, -1::BIGINT
    UNION
    SELECT t.receiver, min(t.at) FROM reach AS r JOIN log AS t ON t.sender = r.account AND t.at > r.since
    LEFT JOIN recurring.reach AS known ON known.account = t.receiver
    WHERE known.since IS NULL OR t.at < known.since GROUP BY t.receiver
) SELECT count(*) FROM reach WHERE account >= $1
"""


def by_dict(log: Log) -> int:
    """Poison as the kernel does it, over dictionaries; return how many accounts were touched."""
    balance: defaultdict[int, int] = defaultdict(int)
    touched: set[int] = set()
    for s, r, x in zip(*log, strict=True):
        if s == r or not x:
            continue
        marked = s == 0
        if s >= END:
            marked = s in touched and balance[s] > 0
            balance[s] = max(0, balance[s] - x)
        if r >= END:
            balance[r] += x
            if marked:
                touched.add(r)
    return len(touched)


def by_networkx(log: Log) -> tuple[float, int]:
    """Build a graph and follow the earliest arrival; return the seconds of the search, and how many it reaches."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_edges_from((s, r, at) for at, (s, r, x) in enumerate(zip(*log, strict=True)) if x and not 0 < s < END)
    begin = time.thread_time()
    reached = {0: -1}
    queue = [(-1, 0)]
    while queue:
        since, account = heappop(queue)
        if reached[account] < since:
            continue
        for _, receiver, at in graph.out_edges(account, keys=True):
            if at > since and at < reached.get(receiver, len(log[0])):
                reached[receiver] = at
                heappush(queue, (at, receiver))
    return time.thread_time() - begin, sum(account >= END for account in reached)


def by_duckdb(arrays: tuple[Any, ...]) -> int:
    """Return how many accounts a recursive query reaches that keeps the earliest arrival at each."""
    import duckdb
    import pyarrow as pa

    sender, receiver, amounts, _ = arrays
    keep = amounts.any(axis=1) & ((sender == 0) | (sender >= END))
    columns = {"sender": sender[keep], "receiver": receiver[keep], "at": np.flatnonzero(keep)}
    with duckdb.connect(config={"threads": 1}) as database:
        database.register("rows", pa.table(columns))
        database.execute("CREATE TABLE log AS FROM rows")
        return int(database.execute(REACH, [END]).fetchall()[0][0])


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the poison kernel with common tools.")
    parser.add_argument("--size", type=float, default=1, help="millions of transfers (default 1)")
    transfers = int(parser.parse_args().size * 1e6)
    accounts = transfers // 4
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    once("poison", 1, chain(20_000, 5_000, 1), 5_000)
    arrays = chain(transfers, accounts, 1)
    log = (*(a.tolist() for a in arrays[:2]), [lo | hi << 64 for lo, hi in arrays[2].tolist()])
    ours, tables = min((once("poison", 1, arrays, accounts) for _ in range(3)), key=lambda run: run[0])
    print(f"{transfers / 1e6:g} M transfers, {accounts / 1e6:g} M accounts, one core")
    print(f"{'':<24}{'seconds':>9}{'times ours':>12}{'accounts':>10}")

    def row(name: str, seconds: float, found: int) -> None:
        print(f"{name:<24}{seconds:>9.3f}{seconds / ours:>12,.0f}{found:>10,}", flush=True)

    row("kernel, poison", ours, int((tables[0][END:, 2] != 0).sum()))
    row("dict-Python, poison", *timed(lambda: by_dict(log)))
    row("DuckDB, reach", *timed(lambda: by_duckdb(arrays)))
    if importlib.util.find_spec("networkx") is None:
        print("networkx is not here: left out")
        return
    whole, (search, found) = timed(lambda: by_networkx(log))
    row("networkx, graph + reach", whole, found)
    row("networkx, reach alone", search, found)


if __name__ == "__main__":
    main()
