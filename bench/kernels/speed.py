"""The kernels against the same passes in C: same arrays, same run, one core; ratios are what is kept.

    python bench/kernels/speed.py [--size 20] [--accounts 5] [--only fifo,haircut]

`--size` and `--accounts` are in millions. 20 over 5 needs about 6 GB with 58 thefts under haircut; 100 over 20 needs
some 8 GB without that kernel, and 40 GB with it.
C is built twice: as written, and with the prefetching that our kernels do; the ratio is against the faster of the two.
Whole account tables are compared after each run, not only totals.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bongsu.trace.kernels import _accounts as ours

SOURCE = Path(__file__).with_name("kernels.c")
VENUES = 50
ROW = {"fifo": 4, "lifo": 4, "taint_first": 6, "haircut_one": 4, "haircut": 4, "poison": 4}
RUNS = [("fifo", 1), ("lifo", 1), ("taint_first", 1), ("haircut_one", 1), ("poison", 1), ("fifo", 58), ("lifo", 58),
        ("taint_first", 58), ("haircut", 58), ("poison", 58)]  # fmt: skip
FRESH_ARENA = 1 << 16


def chain(transfers: int, accounts: int, thefts: int, *, busy: bool = False) -> tuple[Any, ...]:
    """Return senders, receivers, amounts and labels: 70 % of the ends by Zipf's law, 30 % evenly; wei, lognormal."""
    rng = np.random.default_rng(7)

    def ends() -> np.ndarray[Any, Any]:
        rank = np.power(float(accounts), rng.random(transfers, dtype=np.float32)).astype(np.int32) - 1
        even = rng.random(transfers, dtype=np.float32) < 0.3
        rank[even] = rng.integers(0, accounts, int(even.sum()), dtype=np.int32)
        return spread[np.minimum(rank, accounts - 1)]

    spread = rng.permutation(accounts).astype(np.int32)
    if busy:
        places = np.argsort(spread)[:thefts]
        spread[places], spread[:thefts] = spread[:thefts].copy(), np.arange(thefts, dtype=np.int32)
    sender, receiver = ends(), ends()
    value = np.exp(rng.standard_normal(transfers) * 2)
    amounts = np.zeros((transfers, 2), np.uint64)
    amounts[:, 0] = (value % 1 * 10**18).astype(np.uint64)
    high = np.floor(value).astype(np.uint64)  # whole ether: the product with 10^18 fills the upper limb
    low = (high & np.uint64(0xFFFFFFFF)) * np.uint64(10**18 & 0xFFFFFFFF)
    mid = (high & np.uint64(0xFFFFFFFF)) * np.uint64(10**18 >> 32) + (low >> np.uint64(32))
    whole = (low & np.uint64(0xFFFFFFFF)) | (mid << np.uint64(32))
    amounts[:, 0] += whole
    amounts[:, 1] = (mid >> np.uint64(32)) + (amounts[:, 0] < whole)
    step = max(1, transfers // 20 // thefts)
    sender[np.arange(thefts) * step + 1000] = np.arange(thefts)  # each theft starts early in the log
    return sender, receiver, amounts, np.arange(thefts, dtype=np.uint64)


def build(folder: Path) -> list[Any]:
    """Build the C kernels as they are and with prefetching; an empty list where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        print("no C compiler here: the comparison with C is left out")
        return []
    found = []
    for name, extra in (("plain", []), ("fetch", [f"-DAHEAD={ours.AHEAD}"])):
        library = folder / f"{name}.so"
        command = [compiler, "-O3", "-march=native", "-shared", "-fPIC", *extra, "-o", str(library), str(SOURCE)]
        subprocess.run(command, check=True)
        found.append(ctypes.CDLL(str(library)))
    return found


def address(array: np.ndarray[Any, Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def once(name: str, thefts: int, log: tuple[Any, ...], accounts: int, c: Any = None) -> tuple[float, list[Any]]:
    """Run one kernel from an empty ledger; return its processor time (growth of its arena included) and tables."""
    sender, receiver, amounts, labels = log
    end = len(labels) + VENUES
    rows = np.zeros((accounts, ROW[name]), np.uint64)
    rows.fill(0)  # touch the pages here: both sides start on memory that is there
    arena = np.zeros((FRESH_ARENA, 4) if name != "haircut" else (accounts, thefts, 2), np.uint64)
    arena.fill(0)
    control = np.array([1, 0, 0], np.uint64)
    stolen, sinks = np.zeros((thefts, 2), np.uint64), np.zeros((end, thefts, 2), np.uint64)
    with_arena = name not in {"haircut_one", "poison"}
    done, begin = 0, time.thread_time()
    while True:
        if c is None:
            extra = (arena, control) if with_arena else ()
            done = getattr(ours, name)(
                sender, receiver, amounts, done, len(sender), labels, end, rows, *extra, stolen, sinks
            )
        else:
            run = getattr(c, name)
            run.restype = ctypes.c_int64
            i64 = ctypes.c_int64
            head = (*map(address, (sender, receiver, amounts)), i64(done), i64(len(sender)), address(labels))
            extra = (address(arena), i64(len(arena)), address(control)) if with_arena else ()
            tail = (address(stolen), address(sinks), *(() if name == "haircut_one" else (i64(thefts),)))
            done = run(*head, i64(len(labels)), i64(end), address(rows), *extra, *tail)
        if done == len(sender):
            return time.thread_time() - begin, [rows, stolen, sinks]
        wider = np.zeros((len(arena) * 2, 4), np.uint64)
        wider[: len(arena)] = arena
        arena = wider


def warm() -> None:
    for name, thefts in RUNS:
        once(name, thefts, chain(20_000, 5_000, thefts), 5_000)


def compare(size: int, accounts: int, only: set[str], rounds: int, *, busy: bool) -> dict[str, float]:
    """Print one row for each kernel; return our seconds per transfer by name."""
    transfers, accounts = size * 1_000_000, accounts * 1_000_000
    cost = {}
    with tempfile.TemporaryDirectory() as folder:
        rivals = build(Path(folder))
        print(f"\n{size} M transfers, {accounts / 1e6:g} M accounts, one core; M transfers a second, best of {rounds}")
        print(f"{'kernel':<14}{'thefts':>7}{'ours':>9}{'C':>9}{'C+fetch':>9}{'ours/C':>9}{'ours/best C':>13}  equal")
        logs: dict[int, tuple[Any, ...]] = {}
        for name, thefts in RUNS:
            if only and name not in only:
                continue
            if thefts not in logs:
                logs = {thefts: chain(transfers, accounts, thefts, busy=busy)}
            mine = theirs = None
            best = [1e9] * 3
            for _ in range(rounds):
                for place, c in enumerate([None, *rivals]):
                    mine_or_theirs = once(name, thefts, logs[thefts], accounts, c)
                    best[place] = min(best[place], mine_or_theirs[0])
                    if c is None:
                        mine = mine_or_theirs[1]
                    else:
                        theirs = mine_or_theirs[1]
                    del mine_or_theirs
            cost[f"{name} {thefts}"] = best[0] / transfers
            speed = [transfers / seconds / 1e6 for seconds in best]
            if mine is not None and theirs is not None:
                same = all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
                print(f"{name:<14}{thefts:>7}{speed[0]:>9.1f}{speed[1]:>9.1f}{speed[2]:>9.1f}"
                      f"{speed[0] / speed[1]:>9.2f}{speed[0] / max(speed[1:]):>13.2f}  {same}", flush=True)  # fmt: skip
            else:
                print(f"{name:<14}{thefts:>7}{speed[0]:>9.1f}", flush=True)
    return cost


def cache_step() -> None:
    """Show where the accounts leave the cache: the same 4 M transfers over ever more accounts."""
    print("\nwhere accounts leave the cache: 4 M transfers, one theft; ns a transfer by accounts (32 bytes each)")
    sizes = [10_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000]
    print(f"{'kernel':<14}" + "".join(f"{n / 1000:>10,.0f}k" for n in sizes))
    for name in ("fifo", "haircut_one", "poison"):
        cells = []
        for accounts in sizes:
            log = chain(4_000_000, accounts, 1)
            cells.append(min(once(name, 1, log, accounts)[0] for _ in range(2)) / 4e6 * 1e9)
        print(f"{name:<14}" + "".join(f"{ns:>11.1f}" for ns in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the kernels with C.")
    parser.add_argument("--size", type=int, default=20, help="millions of transfers (default 20)")
    parser.add_argument("--accounts", type=int, default=5, help="millions of accounts (default 5)")
    parser.add_argument("--only", default="", help="kernels, comma-separated")
    parser.add_argument(
        "--busy",
        action="store_true",
        help="the busiest accounts are stolen from: stolen money is in most of the log, however long it is",
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--no-step", action="store_true", help="leave the cache step out")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    warm()
    compare(given.size, given.accounts, set(filter(None, given.only.split(","))), given.rounds, busy=given.busy)
    if not given.no_step:
        cache_step()


if __name__ == "__main__":
    main()
