"""Precision and recall of each detector on simulated worlds: `python bench/patterns/accuracy.py [SEED ...]`.

A finding counts as right when a pattern of that detector was planted about that subject. For the mixer the candidates
are judged: those with a confidence of at least one half against the receivers that were planted.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from bongsu.testing.simulator import World, simulate
from bongsu.trace.pattern import Scene
from bongsu.trace.patterns import DETECTORS

SEEDS = range(1, 11)


def scores(worlds: list[World]) -> dict[str, dict[str, float]]:
    """Return planted, found, right, precision and recall by detector."""
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for world in worlds:
        scene = Scene(world.transfers, world.thefts, world.venues, world.mixers, skipped=world.skipped)
        for name, detector in DETECTORS.items():
            truth = [t for t in world.truth if t.detector == name]
            findings = list(detector.detect(scene))
            if name == "mixer":
                wanted = set().union(*(t.members for t in truth)) if truth else set()
                got = {c.address for f in findings for c in f.candidates if c.confidence >= 0.5}
            else:
                wanted, got = {t.subject for t in truth}, {f.subject for f in findings}
            planted[name] += len(wanted)
            found[name] += len(got)
            right[name] += len(wanted & got)
    return {
        name: {
            "planted": planted[name],
            "found": found[name],
            "right": right[name],
            "precision": round(right[name] / found[name], 3) if found[name] else 0.0,
            "recall": round(right[name] / planted[name], 3) if planted[name] else 0.0,
        }
        for name in DETECTORS
    }


if __name__ == "__main__":
    seeds = [int(text) for text in sys.argv[1:]] or list(SEEDS)
    print(json.dumps(scores([simulate(seed) for seed in seeds]), indent=2))
