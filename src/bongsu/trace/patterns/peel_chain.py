"""Peel chain: money walks through a row of fresh addresses, and at each step a small part is peeled off.

A step is an address that pays out in a few payments, of which one - the continuation - carries most of what came in to
an address that never held the asset before, while the rest is the peel. Three continuations in a row make a chain.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.trace.pattern import Detector, Finding, in_words, thresholds, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "peel-chain"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each maximal chain."""
    steps = _steps(scene)
    continued = {(step.receiver, step.asset) for step, _ in steps.values()}
    for start in steps:
        if start in continued:
            continue
        walk: list[tuple[Transfer, list[Transfer]]] = []
        place = start
        while place in steps:
            step = steps[place]
            walk.append(step)
            place = (step[0].receiver, step[0].asset)
        if len(walk) >= thresholds(NAME)["hops"]:
            yield _finding(scene, start[0], walk)


def _steps(scene: Scene) -> dict[tuple[Address, Asset], tuple[Transfer, list[Transfer]]]:
    """Return by account: its continuation and its peels."""
    limit = thresholds(NAME)
    received: defaultdict[tuple[Address, Asset], list[Transfer]] = defaultdict(list)
    paid: defaultdict[tuple[Address, Asset], list[Transfer]] = defaultdict(list)
    for transfer in scene.moving:
        received[transfer.receiver, transfer.asset].append(transfer)
        paid[transfer.sender, transfer.asset].append(transfer)
    found = {}
    for account, payments in paid.items():
        if len(payments) not in range(2, int(limit["fan"]) + 1) or not scene.concerns(account[0]):
            continue
        largest = max(payments, key=lambda t: t.amount)
        all_paid = sum(t.amount for t in payments)
        share = largest.amount / all_paid
        fresh = received[largest.receiver, largest.asset][0] is largest and largest.receiver not in scene.venues
        came_first = (
            scene.order[id(received[account][0])] < scene.order[id(payments[0])] if received[account] else False
        )
        source = account[0] in scene.thefts
        if limit["rest"] <= share <= 1 - limit["peel"] and fresh and (came_first or source):
            found[account] = (largest, [t for t in payments if t is not largest])
    return found


def _finding(scene: Scene, start: Address, walk: list[tuple[Transfer, list[Transfer]]]) -> Finding:
    peels = [peel for _, step in walk for peel in step]
    at_venues = sum(peel.receiver in scene.venues for peel in peels)
    hops = len(walk)
    return Finding(
        NAME,
        start,
        f"{hops} steps in a row, each peeling a part off: {in_words(total(peels))} in {len(peels)} peels"
        + (f", {at_venues} of them at venues" if at_venues else ""),
        round(min(0.95, 1 - 0.5 ** (hops - 1)), 2),
        tuple(sorted([step for step, _ in walk] + peels, key=lambda t: scene.order[id(t)])),
        scene.thefts_at(start),
    )


DETECTOR = Detector(NAME, "Money walks through fresh addresses, a small part is peeled off at each", detect)
