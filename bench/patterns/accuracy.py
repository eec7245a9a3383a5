"""How good the detectors are on simulated worlds: `python bench/patterns/accuracy.py [--brief]`.

Rules were made while looking at seeds 1 to 10 of the ordinary world; what is printed comes from seeds 101 to 120,
and from worlds whose people behave otherwise (VARIANTS). A finding counts as right where a habit of that detector was
planted about that subject; `weak` findings (confidence below one half) are counted apart. The mixer is judged as a
ranking: of all who took notes, the k best, against those who are behind the mixer.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from typing import Any

from bongsu.testing.simulator import Habits, World, simulate
from bongsu.trace.pattern import Scene
from bongsu.trace.patterns import DETECTORS

SEEDS = range(101, 121)
VARIANTS: dict[str, dict[str, Any]] = {
    "ordinary": {},
    "records begin with the theft": {"habits": Habits(history=0)},
    "crowded": {"background": 8_000, "habits": Habits(services=3, known_payees=6, fresh_payees=3)},
    "careful thieves": {"habits": Habits(careful=0.8, old_wallets=0.4)},
    "a busy mixer": {"habits": Habits(mixing=1_000)},
    "one theft, quiet": {"background": 300, "thefts": 1},
}
CUTS = (1, 2, 3, 5, 10, 20, 40)


def scene_of(world: World) -> Scene:
    """Return what the detectors see of a world."""
    return Scene(world.transfers, world.thefts, world.venues, world.mixers, skipped=world.skipped)


def scores(worlds: list[World]) -> dict[str, dict[str, Any]]:
    """Return, by detector: planted, found, right, weak, precision and recall, and recall by the form of the habit."""
    planted, found, right, weak = (Counter[str]() for _ in range(4))
    forms: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for world in worlds:
        scene = scene_of(world)
        for name, detector in DETECTORS.items():
            if name == "mixer":
                continue
            truth = {t.subject: t.how for t in world.truth if t.detector == name}
            findings = list(detector.detect(scene))
            got = {f.subject for f in findings if f.confidence >= 0.5}
            planted[name] += len(truth)
            found[name] += len(got)
            right[name] += len(truth.keys() & got)
            weak[name] += len({f.subject for f in findings} - got)
            for subject, how in truth.items():
                forms[name][how][0] += subject in got
                forms[name][how][1] += 1
    return {
        name: {
            "planted": planted[name],
            "found": found[name],
            "right": right[name],
            "weak": weak[name],
            "precision": round(right[name] / found[name], 3) if found[name] else None,
            "recall": round(right[name] / planted[name], 3) if planted[name] else None,
            "by form": {how: f"{a} of {b}" for how, (a, b) in sorted(forms[name].items())},
        }
        for name in DETECTORS
        if name != "mixer"
    }


def ranking(worlds: list[World]) -> dict[str, Any]:
    """Return the mixer's ranking: precision and recall of the k best of each world, and what was told of each form."""
    hits: Counter[int] = Counter()
    drawn: Counter[int] = Counter()
    forms: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    members = listed = right = receivers = 0
    average = 0.0
    for world in worlds:
        how = {m: t.how for t in world.truth if t.detector == "mixer" for m in t.members}
        best: dict[Any, float] = {}
        for finding in DETECTORS["mixer"].detect(scene_of(world)):
            for c in finding.candidates:
                best[c.address] = max(c.confidence, best.get(c.address, 0.0))
        order = sorted(best, key=lambda address: (-best[address], address))
        receivers += len({t.receiver for t in world.transfers if t.sender in world.mixers})
        members += len(how)
        listed += len(order)
        for k in CUTS:
            hits[k] += len(set(order[:k]) & how.keys())
            drawn[k] += len(order[:k])
        good = [n for n, address in enumerate(order, 1) if address in how]
        average += sum(place / n for place, n in enumerate(good, 1)) / (len(how) or 1)
        right += len(good)
        for address, form in how.items():
            forms[form][0] += address in best
            forms[form][1] += 1
    return {
        "behind the mixer": members,
        "receivers of notes": receivers,
        "listed": listed,
        "right": right,
        "average precision": round(average / len(worlds), 3),
        "at k": {k: {"precision": round(hits[k] / drawn[k], 3), "recall": round(hits[k] / members, 3)} for k in CUTS},
        "listed by form": {form: f"{a} of {b}" for form, (a, b) in sorted(forms.items())},
    }


def main(seeds: range = SEEDS) -> None:
    """Print every variant."""
    for name, options in VARIANTS.items():
        worlds = [simulate(seed, **options) for seed in seeds]
        print(json.dumps({"world": name, "detectors": scores(worlds), "mixer": ranking(worlds)}, indent=2))


if __name__ == "__main__":
    main(range(1, 11) if sys.argv[1:] == ["--develop"] else SEEDS)
