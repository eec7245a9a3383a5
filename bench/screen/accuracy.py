"""Accuracy beside nomenklatura's logic-v2, in one run: the curve over thresholds, on sets that nothing was tuned to.

    python bench/screen/accuracy.py [--people 10000] [--peer-people 300]

The peer is installed into an environment of its own (it caps duckdb and needs ICU: apt install libicu-dev
pkg-config g++);
where that fails, Bongsu is measured alone and the table says so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

import sets

from bongsu.screen.compare import SCHEMATA, compare
from bongsu.screen.entry import Kind

HERE = Path(__file__).parent
PEER = HERE / ".peer"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def peer() -> Path | None:
    """Return the interpreter of the peer's environment, installing it on first use."""
    python = PEER / "bin" / "python"
    if not python.exists():
        venv.create(PEER, with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "nomenklatura>=4.17"], check=False, capture_output=True
    )
    if done.returncode:
        print(
            "logic-v2 cannot be installed here (it needs ICU and a compiler); Bongsu is measured alone", file=sys.stderr
        )
        return None
    return python


def peer_scores(python: Path, rows: list[tuple[str, str, str]]) -> tuple[list[float], float]:
    """Return the peer's scores and its seconds."""
    lines = "\n".join(json.dumps(row) for row in rows)
    done = subprocess.run([python, HERE / "peer.py"], input=lines, text=True, capture_output=True, check=True)
    answer = json.loads(done.stdout)
    return answer["scores"], answer["seconds"]


def own_scores(rows: list[tuple[str, str, str]]) -> tuple[list[float], float]:
    """Return Bongsu's scores and its seconds."""
    started = time.perf_counter()
    scores = [compare(a, b, SCHEMATA.get(schema.lower(), Kind.UNKNOWN)).score for a, b, schema in rows]
    return scores, time.perf_counter() - started


def curve(title: str, rows: list[sets.Row], python: Path | None) -> None:
    """Print found and wrongly linked pairs at each threshold, for both."""
    asked = [row[:3] for row in rows]
    same = [row[3] for row in rows]
    results = {"bongsu": own_scores(asked)}
    if python:
        results["logic-v2"] = peer_scores(python, asked)
    print(f"\n{title}: {len(rows)} pairs, {sum(same)} of one party")
    print(f"{'':10}" + "".join(f"{f'>= {t}':>16}" for t in THRESHOLDS) + f"{'pairs/s':>12}")
    for name, (scores, seconds) in results.items():
        cells = []
        for threshold in THRESHOLDS:
            hits = [s >= threshold for s in scores]
            true = sum(h and m for h, m in zip(hits, same, strict=True))
            if not all(same) and any(same):
                cells.append(f"P {true / max(1, sum(hits)):.3f} R {true / sum(same):.3f}")
            else:
                cells.append(f"{sum(hits)} ({sum(hits) / len(rows):.1%})")
        print(f"{name:10}" + "".join(f"{c:>16}" for c in cells) + f"{len(rows) / seconds:12,.0f}")


def alarms(size: int, python: Path | None, peer_size: int) -> None:
    """Print how many of an ordinary population are stopped at the lists' DPRK persons."""
    listed = list(dict.fromkeys(names[0] for names in sets.listed_names()))
    people = sets.population(size)
    for name, scorer, many in (
        ("bongsu", own_scores, size),
        ("bongsu", own_scores, peer_size),
        ("logic-v2", None, peer_size),
    ):
        if scorer is None and python is None:
            continue
        asked = [(p, n, "Person") for p in people[:many] for n in listed]
        scores, _ = scorer(asked) if scorer else peer_scores(python, asked)
        best = [max(scores[i : i + len(listed)]) for i in range(0, len(scores), len(listed))]
        cells = "".join(
            f"{f'{sum(b >= t for b in best)} ({sum(b >= t for b in best) / many:.1%})':>16}" for t in THRESHOLDS
        )
        print(f"{name:10}{cells}   of {many} people against {len(listed)} listed")


def main() -> None:
    """Run all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--peer-people", type=int, default=300)
    given = parser.parse_args()
    python = peer()
    pairs = sets.aliases()
    mixed = [p for p in pairs if sets.hangul(p[0]) != sets.hangul(p[1])]
    latin = [p for p in pairs if not sets.hangul(p[0]) and not sets.hangul(p[1])]
    curve("Published names and aliases, Hangul against Latin", mixed, python)
    curve("Published names and aliases, Latin against Latin", latin, python)
    curve("   of these, spelling variants", [p for p in latin if sets.variant(p[0], p[1])], python)
    curve("Different persons on the UN's DPRK list (fewer is better)", sets.distinct(), python)
    curve("nomenklatura's 826 cases", sets.name_bench(), python)
    print("\nA synthetic South Korean population: people with an alarm (fewer is better)")
    alarms(given.people, python, given.peer_people)


main()
