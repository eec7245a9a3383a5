"""The union-find of clusters beside the same in C: same arrays, same run, one core; the ratio is what is kept.

    python bench/kernels/union.py [--size 10]

`--size` is in millions of inputs, in transactions of one to eight inputs, over half as many addresses.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from speed import address, build

from bongsu.trace.kernels._union import join


def inputs(size: int, seed: int = 7) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], int]:
    """Return the ends of the groups, their members and the number of addresses; most addresses are used seldom."""
    rng = np.random.default_rng(seed)
    ends = np.concatenate([[0], np.cumsum(rng.integers(1, 9, size // 4))]).astype(np.int64)
    addresses = size // 2
    near = np.repeat(rng.integers(0, addresses, len(ends) - 1), np.diff(ends))
    spread = rng.geometric(0.02, len(near))  # an owner's addresses lie near each other; one input in five lies anywhere
    members = np.where(rng.random(len(near)) < 0.2, rng.integers(0, addresses, len(near)), (near + spread) % addresses)
    return ends, members.astype(np.int32), addresses


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the union-find with C.")
    parser.add_argument("--size", type=float, default=10, help="millions of inputs (default 10)")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    join(np.array([0, 2], np.int64), np.zeros(2, np.int32), np.zeros(2, np.int32))
    ends, members, addresses = inputs(int(given.size * 1e6))
    with tempfile.TemporaryDirectory() as folder:
        rivals = build(Path(folder))[:1]
        best, parents = [1e9] * 2, [np.empty(0, np.int32)] * 2
        for _ in range(given.rounds):
            for place, c in enumerate([None, *rivals]):
                parent = np.arange(addresses, dtype=np.int32)
                begin = time.thread_time()
                if c is None:
                    join(ends, members, parent)
                else:
                    c.join(address(ends), address(members), ctypes.c_int64(len(ends) - 1), address(parent))
                best[place] = min(best[place], time.thread_time() - begin)
                parents[place] = parent
    speed = [len(members) / seconds / 1e6 for seconds in best]
    print(f"{len(members) / 1e6:.1f} M inputs, {addresses / 1e6:g} M addresses, one core: {speed[0]:.1f} M a second")
    if rivals:
        same = np.array_equal(*parents)
        print(f"C: {speed[1]:.1f} M inputs a second; ours/C {speed[0] / speed[1]:.2f}, tables equal: {same}")


if __name__ == "__main__":
    main()
