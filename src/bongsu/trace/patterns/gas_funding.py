"""Self-funding of gas: an address of the matter pays the first coin of another, so that its tokens can move.

A fresh address that holds only tokens cannot pay for a transaction. Whoever sends it the first small coin works with
it: the tie holds also where the stolen money itself took another way (through a mixer or a bridge).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.model.chain import chain
from bongsu.trace.pattern import Detector, Finding, in_words, thresholds, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "gas-funding"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each address of the matter that paid the first gas of others, with those it paid for."""
    limit = thresholds(NAME)
    funded: defaultdict[Address, list[Transfer]] = defaultdict(list)
    for address, received in scene.incoming.items():
        first = scene.gas_funder(address)
        if first is None or address in scene.venues or not scene.concerns(first.sender):
            continue
        native = chain(address.chain).native
        small = first.amount <= limit["most"] * 10**first.asset.decimals
        tokens = any(t.asset.symbol != native for t in received)
        other_money = any(t.sender != first.sender for t in received)
        if small and (tokens or other_money):
            funded[first.sender].append(first)
    for sender, payments in funded.items():
        if len(payments) >= limit["receivers"]:
            yield Finding(
                NAME,
                sender,
                f"it paid the first gas of {len(payments)} that hold other money: {in_words(total(payments))}",
                round(min(0.95, 0.7 + 0.05 * len(payments)), 2),
                tuple(payments),
                scene.thefts_at(sender),
            )


DETECTOR = Detector(NAME, "An address of the matter paid the first gas of another", detect)
