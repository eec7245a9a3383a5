"""Accuracy beside nomenklatura's logic-v2, in one run: the curve over thresholds, and both at equal false alarms.

    python bench/screen/accuracy.py [--people 10000] [--peer-people 1000]

The peer is installed into an environment of its own (it caps duckdb and needs ICU: apt install libicu-dev pkg-config
g++); where that fails, Bongsu is measured alone and the table says so.
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
from bongsu.screen.entry import Entry, Kind, Listing, Name
from bongsu.screen.index import build
from bongsu.screen.match import screen
from bongsu.screen.query import Query

HERE = Path(__file__).parent
PEER = HERE / ".peer"
BAR = 0.7
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
    started = time.process_time()
    scores = [compare(a, b, SCHEMATA.get(schema.lower(), Kind.UNKNOWN)).score for a, b, schema in rows]
    return scores, time.process_time() - started


def curve(title: str, rows: list[sets.Row], python: Path | None) -> dict[str, list[float]]:
    """Print found and wrongly linked pairs at each threshold for both, and return their scores."""
    asked = [row[:3] for row in rows]
    same = [row[3] for row in rows]
    results = {"bongsu": own_scores(asked)}
    if python:
        results["logic-v2"] = peer_scores(python, asked)
    wrong = len(rows) - sum(same)
    print(f"\n{title}: {sum(same)} pairs of one name, {wrong} of two")
    print(f"{'':10}" + "".join(f"{f'>= {t}':>20}" for t in THRESHOLDS) + f"{'pairs/s':>10}")
    for name, (scores, seconds) in results.items():
        cells = []
        for threshold in THRESHOLDS:
            true = sum(s >= threshold and m for s, m in zip(scores, same, strict=True))
            false = sum(s >= threshold and not m for s, m in zip(scores, same, strict=True))
            told = [f"{true} ({true / sum(same):.1%})"] if any(same) else []
            cells.append(" ".join([*told, f"{'+' if told else ''}{false}"]) if wrong else told[0])
        print(f"{name:10}" + "".join(f"{c:>20}" for c in cells) + f"{len(rows) / max(seconds, 1e-9):10,.0f}")
    if any(same) and wrong:
        for name, (scores, _) in results.items():
            true = sum(s >= BAR and m for s, m in zip(scores, same, strict=True))
            print(f"{name:10}precision {true / max(1, sum(s >= BAR for s in scores)):.3f} at {BAR}")
    return {name: scores for name, (scores, _) in results.items()}


def alarms(size: int, python: Path | None, peer_size: int) -> dict[str, list[float]]:
    """Print how many of an ordinary population are stopped at the lists' DPRK persons; return the sample's best scores.

    Bongsu goes the way of `bongsu screen file`, through the index; logic-v2 compares every pair, having none.
    """
    listed = list(dict.fromkeys(names[0] for names in sets.listed_names()))
    people = sets.population(size)
    entries = [Entry("bench", str(i), Kind.PERSON, (Name(name),)) for i, name in enumerate(listed)]
    index = build([Listing("bench", "bench", "1", "bench", "0" * 64, entries, 1)])
    hits = [screen(index, Query((name,), Kind.PERSON), threshold=min(THRESHOLDS)).hits for name in people]
    best = {"bongsu": [max((hit.score for hit in found), default=0.0) for found in hits]}
    print(f"\nA synthetic South Korean population against {len(listed)} listed persons: people with an alarm")
    _told("bongsu", best["bongsu"])
    best["bongsu"] = best["bongsu"][:peer_size]
    _told("bongsu", best["bongsu"])
    if python:
        scores, _ = peer_scores(python, [(p, n, "Person") for p in people[:peer_size] for n in listed])
        best["logic-v2"] = [max(scores[i : i + len(listed)]) for i in range(0, len(scores), len(listed))]
        _told("logic-v2", best["logic-v2"])
    return best


def _told(name: str, best: list[float]) -> None:
    counts = [sum(b >= t for b in best) for t in THRESHOLDS]
    print(f"{name:10}" + "".join(f"{f'{c} ({c / len(best):.2%})':>20}" for c in counts) + f"   of {len(best)} people")


def calibration(size: int) -> None:
    """Print what share of pairs truly are one name, by score, between two halves of a population.

    The spellings come out of the reader's own table, so that this checks the arithmetic more than the table.
    """
    asked, listed = sets.people(size, seed=1), sets.people(size, seed=2)
    entries = [Entry("bench", str(i), Kind.PERSON, (Name(name),)) for i, (_, name) in enumerate(listed)]
    index = build([Listing("bench", "bench", "1", "bench", "0" * 64, entries, 1)])
    bins: dict[int, list[tuple[float, bool]]] = {}
    for hangul, name in asked:
        for number in index.candidates(name):
            score = compare(name, listed[number][1], Kind.PERSON).score
            if score > 0.2:
                bins.setdefault(int(score * 10), []).append((score, listed[number][0] == hangul))
    print(f"\nCalibration: {size} names against {size}; of the pairs with a mean score, the share that are one name")
    for _, found in sorted(bins.items()):
        mean, share = sum(s for s, _ in found) / len(found), sum(same for _, same in found) / len(found)
        print(f"  {mean:.2f}: {share:.1%} of {len(found)}")


def equal(
    wrong: dict[str, dict[str, list[float]]], right: dict[str, tuple[list[sets.Row], dict[str, list[float]]]]
) -> None:
    """Print the recall of logic-v2 at the threshold where it raises no more false alarms than Bongsu does at its
    bar."""
    print(f"\nAt equal false alarms: Bongsu at {BAR}; logic-v2 where it raises no more of them than Bongsu there")
    for title, scores in wrong.items():
        allowed = sum(s >= BAR for s in scores["bongsu"])
        ranked = sorted(scores["logic-v2"], reverse=True)
        threshold = max(BAR, ranked[allowed] + 1e-9) if allowed < len(ranked) else BAR
        print(f"  {title}: {allowed} at most; logic-v2's threshold is {threshold:.3f}")
        for name, (rows, found) in right.items():
            own = [s for s, row in zip(found["bongsu"], rows, strict=True) if row[3]]
            theirs = [s for s, row in zip(found["logic-v2"], rows, strict=True) if row[3]]
            ours, other = sum(s >= BAR for s in own) / len(own), sum(s >= threshold for s in theirs) / len(theirs)
            print(f"    {name}: {ours:.1%} against {other:.1%}")


def main() -> None:
    """Run all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--peer-people", type=int, default=1_000)
    given = parser.parse_args()
    python = peer()
    pairs = sets.aliases()
    mixed = [p for p in pairs if sets.hangul(p[0]) != sets.hangul(p[1])]
    latin = [p for p in pairs if sets.latin(p[0]) and sets.latin(p[1])]
    labelled = {
        kind: [p for p in latin if sets.label(*p[:2]) == kind] for kind in ("spelling", "pinyin", "slip", "part")
    }
    others = [(*p[:3], False) for p in latin if sets.label(*p[:2]) == "other"]
    unlabelled = [p for p in latin if sets.label(*p[:2]) == "unlabelled"]
    right: dict[str, tuple[list[sets.Row], dict[str, list[float]]]] = {}
    wrong: dict[str, dict[str, list[float]]] = {}
    for title, rows in (
        ("Published names and aliases, Hangul against Latin", mixed),
        ("Published, Latin against Latin: two spellings of one name", labelled["spelling"]),
        ("Hand-written names, Latin: two systems of one name", sets.written(sets.LATIN)),
        ("Hand-written names, all writings", sets.written()),
    ):
        right[title] = rows, curve(title, rows, python)
    curve(
        "Published, Latin against Latin: pinyin, slips, parts of names",
        [p for kind in ("pinyin", "slip", "part") for p in labelled[kind]],
        python,
    )
    curve("Published, Latin against Latin: other names of one person, which no spelling shows", others, python)
    if unlabelled:
        curve("Published, Latin against Latin: not judged", unlabelled, python)
    curve("Hand-written pairs", sets.by_hand(), python)
    for title, rows in (
        ("Different persons on the UN's DPRK list", sets.distinct()),
        ("Different North Koreans on OFAC's list", sets.distinct_ofac()),
    ):
        wrong[title] = curve(title, rows, python)
    curve("nomenklatura's 826 cases", sets.name_bench(), python)
    calibration(min(given.people, 4000))
    wrong["population"] = alarms(given.people, python, given.peer_people)
    if python:
        equal(wrong, right)


main()
