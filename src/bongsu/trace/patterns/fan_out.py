"""Fan-out: within a day one address pays many fresh receivers in the same asset, to lose whoever follows.

Bybit's thieves paid some fifty wallets about 10,000 ETH each within hours.
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

NAME = "fan-out"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each window of each sender."""
    limit = thresholds(NAME)
    first: dict[tuple[Address, Asset], Transfer] = {}
    paid: defaultdict[tuple[Address, Asset], list[Transfer]] = defaultdict(list)
    for transfer in scene.moving:
        first.setdefault((transfer.receiver, transfer.asset), transfer)
        paid[transfer.sender, transfer.asset].append(transfer)
    for (sender, asset), payments in paid.items():
        if len(payments) < limit["receivers"] or not scene.concerns(sender):
            continue
        for window in windows(payments, limit["hours"] * HOUR):
            receivers = {t.receiver for t in window if t.receiver not in scene.venues}
            fresh = sum(first[receiver, asset].sender == sender for receiver in receivers)
            if len(receivers) >= limit["receivers"] and fresh >= limit["asset_share"] * len(receivers):
                yield Finding(
                    NAME,
                    sender,
                    f"{in_words(total(window))} to {len(receivers)} receivers within {limit['hours']:.0f} hours, "
                    f"{fresh} of them fresh",
                    round(min(0.95, fresh / len(receivers) * (1 - 2 / len(receivers))), 2),
                    tuple(window),
                    scene.thefts_at(sender),
                )


DETECTOR = Detector(NAME, "One address pays many fresh receivers within a day", detect)
