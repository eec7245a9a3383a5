"""Common deposit address: money of several thefts reached one customer's address at a venue.

Exchanges give each customer addresses of his own and sweep them. An address that passes nearly all it gets on to one
venue is taken for such a deposit address; two thefts that used the same one had one customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.trace.pattern import Detector, Finding, in_words, thresholds, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.model.address import Address
    from bongsu.trace.pattern import Scene

NAME = "common-deposit"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each deposit address that two thefts or more reached."""
    for address, reached in scene.reached.items():
        shares = scene.shares.get(address, {})
        by_theft = {theft: t for theft, t in reached.items() if shares.get(theft, 0.0) >= thresholds(NAME)["share"]}
        if len(by_theft) < 2 or not scene.concerns(address):  # noqa: PLR2004 - several means two
            continue
        venue = _swept_to(scene, address)
        if venue is None:
            continue
        senders = {t.sender for t in scene.incoming[address] if scene.concerns(t.sender)}
        brought = [t for t in scene.incoming[address] if t.sender in senders]
        yield Finding(
            NAME,
            address,
            f"money of {len(by_theft)} thefts came to one deposit address at {scene.venues[venue]}: "
            f"{in_words(total(brought))} from {len(senders)} addresses",
            0.8,
            tuple(
                sorted({id(t): t for t in [*by_theft.values(), *brought]}.values(), key=lambda t: scene.order[id(t)])
            ),
            tuple(sorted(by_theft)),
        )


def _swept_to(scene: Scene, address: Address) -> Address | None:
    """Return the venue address to which nearly all of what an address paid went, in each asset."""
    payments = scene.outgoing.get(address, ())
    venues = {t.receiver for t in payments if t.receiver in scene.venues}
    for venue in sorted(venues):
        to_venue = total([t for t in payments if t.receiver == venue])
        paid = total(payments)
        if all(to_venue.get(asset, 0) >= thresholds(NAME)["forward"] * amount for asset, amount in paid.items()):
            return venue
    return None


DETECTOR = Detector(NAME, "Several thefts used one customer's deposit address", detect)
