"""Latency of a single exposure query: `python bench/patterns/exposure.py [MILLIONS] [QUERIES]`.

Synthetic transfers with a heavy tail (a few services take part in much of the traffic, of which a tenth is unlabelled);
the queried addresses are drawn at random among those with any transfer. Time, peak memory and the share that reached a
known owner are printed as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np

from bongsu.trace.exposure import RECEIVED, SENT, ExposureGraph


def build(transfers: int, seed: int = 7) -> tuple[ExposureGraph, np.ndarray]:
    """Return a graph with a quarter as many accounts as transfers, and accounts to ask for."""
    random = np.random.default_rng(seed)
    accounts = transfers // 4
    services = 2_000
    people = random.integers(services, accounts, (2, transfers), dtype=np.int32)
    at_service = random.random((2, transfers)) < 0.25
    rank = (services * random.random((2, transfers)) ** 4).astype(np.int32)
    payers, payees = np.where(at_service, rank, people)
    amounts = random.lognormal(0, 2, transfers)
    categories = np.full(accounts, -1, np.int16)
    categories[:services] = random.integers(0, 4, services)
    categories[:services:10] = -1
    names = ["exchange", "defi_dex", "mixing_service", "perpetrator"]
    asked = random.choice(payees[payees >= services], 100_000)
    return ExposureGraph(payers, payees, amounts, categories, names), asked


def main() -> None:
    """Build, ask, print."""
    millions, queries = (int(text) for text in [*sys.argv[1:], "20", "1000"][:2]) if len(sys.argv) > 2 else (20, 1000)
    begin = time.perf_counter()
    graph, asked = build(millions * 1_000_000)
    built = time.perf_counter() - begin
    took, known = [], []
    for account in asked[:queries]:
        begin = time.perf_counter()
        found = graph.query(int(account), RECEIVED) + graph.query(int(account), SENT)
        took.append(time.perf_counter() - begin)
        known.append(sum(e.share for e in found if " " not in e.category) / 2)
    percentiles = np.percentile(np.array(took) * 1000, [50, 95, 99, 100])
    print(
        json.dumps(
            {
                "transfers": millions * 1_000_000,
                "queries": queries,
                "build_s": round(built, 1),
                "p50_ms": round(percentiles[0], 2),
                "p95_ms": round(percentiles[1], 2),
                "p99_ms": round(percentiles[2], 2),
                "max_ms": round(percentiles[3], 2),
                "reached_known_owner": round(float(np.mean(known)), 3),
                "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
