"""Fan-in: within a day many addresses that the theft reached pay one address: the split money is gathered again.

At a venue, and at any address that many deal with, strangers' money meets as well: there the confidence is lower.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.trace.pattern import HOUR, Detector, Finding, in_words, thresholds, total, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "fan-in"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each window of each receiver."""
    limit = thresholds(NAME)
    received: defaultdict[tuple[Address, Asset], list[Transfer]] = defaultdict(list)
    for transfer in scene.moving:
        if scene.concerns(transfer.sender):
            received[transfer.receiver, transfer.asset].append(transfer)
    for (receiver, _), payments in received.items():
        if len(payments) < limit["senders"]:
            continue
        busy = receiver in scene.venues or receiver in scene.bystanders
        for window in windows(payments, limit["hours"] * HOUR):
            senders = {t.sender for t in window}
            if len(senders) >= limit["senders"]:
                venue = f" ({scene.venues[receiver]})" if receiver in scene.venues else ""
                yield Finding(
                    NAME,
                    receiver,
                    f"{in_words(total(window))} from {len(senders)} addresses of the matter within "
                    f"{limit['hours']:.0f} hours{venue}",
                    round(min(0.95, 1 - 2 / len(senders)) * (limit["shared"] if busy else 1.0), 2),
                    tuple(window),
                    scene.thefts_at(receiver),
                )


DETECTOR = Detector(NAME, "Many addresses that the theft reached pay one address within a day", detect)
