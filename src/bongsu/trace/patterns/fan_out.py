"""Fan-out: within a day one address pays many receivers in the same asset, to lose whoever follows.

Each of them is fresh, or lives on the matter's money: wallets are often laid out, and given gas, beforehand.

Bybit's thieves paid some fifty wallets about 10,000 ETH each within hours. Who pays wages out of stolen money does the
like, with a part of it; a launderer splits the bulk, since what is left behind is what is found. The confidence falls
with the part that was paid out so.
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
        found = []
        for window in windows(payments, limit["hours"] * HOUR):
            receivers = {t.receiver for t in window if t.receiver not in scene.venues}
            fresh = sum(first[who, asset].sender == sender or scene.concerns(who) for who in receivers)
            if len(receivers) >= limit["receivers"] and fresh >= limit["fresh"] * len(receivers):
                found.append((window, receivers, fresh))
        part = _part(scene, sender, asset, [t for window, _, _ in found for t in window])
        for window, receivers, fresh in found:
            sure = fresh / len(receivers) * (1 - 2 / len(receivers)) * min(1.0, part / limit["bulk"])
            yield Finding(
                NAME,
                sender,
                f"{in_words(total(window))} to {len(receivers)} receivers within {limit['hours']:.0f} hours, "
                f"{fresh} of them fresh or living on it; {part:.0%} of the stolen money there was paid out so",
                round(min(0.95, sure), 2),
                tuple(window),
                scene.thefts_at(sender),
            )


def _part(scene: Scene, sender: Address, asset: Asset, payments: list[Transfer]) -> float:
    """Return how much of the stolen money that a sender ever had these payments carried: all, of a stolen-from one."""
    if sender in scene.thefts or sender in scene.suspects:
        return 1.0
    stolen = scene.stolen_received(sender, asset, len(scene.transfers))
    return sum(scene.carried.get(id(t), 0) for t in payments) / stolen if stolen else 0.0


DETECTOR = Detector(NAME, "One address pays many receivers, fresh or living on it, within a day", detect)
