"""Speed: one name against four lists' worth of entries, a file of names, wallets in batch, memory and start.

    python bench/screen/speed.py [--entries 30000] [--names 2000]

The published lists in $BONGSU_SHARED are filled up to the wanted number with copies whose words are shuffled, so that
the index has the size of OFAC, UN, EU and UK together. Beside it, logic-v2 compares one name with every entry, on a
sample, if its environment is there (accuracy.py makes it). Times are of the processor, not of the clock.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import sets

from bongsu.screen import store
from bongsu.screen.entry import Entry, Kind, Listing, Name
from bongsu.screen.index import build
from bongsu.screen.lists.load import read_list, shipped
from bongsu.screen.match import screen, wallet_batch
from bongsu.screen.query import Query

PEER = Path(__file__).parent / ".peer" / "bin" / "python"


def listing(size: int) -> Listing:
    """Return the published entries, filled up with shuffled ones."""
    lists = sets.SHARED / "lists"
    entries = [*shipped().entries, *read_list(lists / "un-2026-02/consolidated.xml").entries]
    entries += read_list(lists / "ofac-sdn-2021-07/sdn.csv").entries
    rng = random.Random(1)
    pool = [e for e in entries if e.names]
    while len(entries) < size:
        entry, other = rng.choice(pool), rng.choice(pool)
        words = [*entry.names[0].text.split()[:2], *other.names[0].text.split()[-1:]]
        rng.shuffle(words)
        entries.append(Entry("bench", f"f{len(entries)}", entry.kind, (Name(" ".join(words)), *other.names[1:])))
    entries = [replace(entry, list="bench", id=f"{i}") for i, entry in enumerate(entries)]
    return Listing("bench", "bench", "1", "bench", "0" * 64, entries, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=30_000)
    parser.add_argument("--names", type=int, default=2_000)
    given = parser.parse_args()
    index = build([listing(given.entries)])
    print(f"{len(index.entries):,} entries, {len(index.name_entry):,} names")
    rng = random.Random(2)
    listed = [n.text for e in index.entries for n in e.names if e.kind is Kind.PERSON]
    queries = [*rng.sample(listed, given.names // 2), *sets.population(given.names - given.names // 2, seed=3)]
    rng.shuffle(queries)
    for query in queries[:200]:
        screen(index, Query((query,)))
    times = []
    for query in queries:
        started = time.process_time()  # of this process: other work on the machine does not count
        screen(index, Query((query,)))
        times.append(time.process_time() - started)
    p50, p99 = np.percentile(times, [50, 99]) * 1e3
    per_second = len(times) / sum(times)
    print(f"one name: p50 {p50:.2f} ms, p99 {p99:.2f} ms; {per_second:,.0f} names/s on one core")
    if PEER.exists():
        sample = [(queries[0], name, "Person") for name in rng.sample(listed, 2000)]
        lines = "\n".join(json.dumps(row) for row in sample)
        done = subprocess.run(
            [PEER, Path(__file__).parent / "peer.py"], input=lines, text=True, capture_output=True, check=True
        )
        brute = json.loads(done.stdout)["seconds"] / len(sample) * len(index.name_entry)
        print(f"logic-v2, every entry: {brute:.1f} s a name; Bongsu has {per_second * brute:,.0f}x its throughput")
    known = [w.text for e in index.entries for w in e.wallets]
    texts = [rng.choice(known) if i % 100 == 0 else f"0x{rng.getrandbits(160):040x}" for i in range(1_000_000)]
    started = time.process_time()
    hits = sum(wallet_batch(index, texts))
    print(f"wallets: {len(texts) / (time.process_time() - started):,.0f} look-ups/s ({hits:,} listed)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.npz"
        store.save(index, path)
        code = (
            "import time; t=time.perf_counter()\n"
            "import resource, pathlib, sys\n"
            "from bongsu.screen import store\nfrom bongsu.screen.match import screen\n"
            "from bongsu.screen.query import Query\n"
            f"i = store.load(pathlib.Path({str(path)!r})); screen(i, Query(('박진혁',)))\n"
            "print(f'start with a prebuilt index, first answer: {time.perf_counter()-t:.2f} s, '\n"
            "      f'{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024:.0f} MB')"
        )
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    print(f"memory of this run at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
