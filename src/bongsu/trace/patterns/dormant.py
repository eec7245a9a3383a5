"""Dormant, then moving: stolen value lay still for a month or more, and then left. Watch lists exist for this.

An address is at rest while nothing leaves it and no ordinary money comes in either. Savers pay a little after a long
time; who waited for the hunt to end moves a good part within days. The confidence grows with the part that left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.trace.pattern import DAY, Detector, Finding, seconds, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "dormant"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each long rest of stolen value, with the payments that ended it."""
    limit = thresholds(NAME)
    for address, by_theft in scene.reached.items():
        if not scene.concerns(address):
            continue
        payments = [t for t in scene.outgoing.get(address, ()) if t.time]
        last = min(by_theft.values(), key=lambda t: scene.order[id(t)])
        for number, payment in enumerate(payments):
            if scene.order[id(payment)] < scene.order[id(last)]:
                continue
            since = _last_alive(scene, address, last, payment)
            pause = (seconds(payment) or 0.0) - (seconds(since) or seconds(payment) or 0.0)
            last = payment
            if pause < limit["days"] * DAY:
                continue
            end = (seconds(payment) or 0.0) + limit["waking"] * DAY
            woken = [t for t in payments[number:] if (seconds(t) or 0.0) <= end]
            part = _part(scene, address, woken)
            yield Finding(
                NAME,
                address,
                f"after {pause / DAY:.0f} days at rest it paid {payment.asset.text(payment.amount)} "
                f"{payment.asset.symbol} to {payment.receiver}; {part:.0%} of the stolen money there left within "
                f"{limit['waking']:.0f} days",
                round(min(0.95, 0.5 * part / limit["part"]), 2),
                (since, *woken),
                tuple(sorted(by_theft)),
            )


def _last_alive(scene: Scene, address: Address, last: Transfer, payment: Transfer) -> Transfer:
    """Return the last sign of use before a payment: the payment before, or ordinary money that came in since."""
    begin, end = scene.order[id(last)], scene.order[id(payment)]
    dust = thresholds(NAME)["dust"]
    for t in reversed(scene.incoming[address]):
        place = scene.order[id(t)]
        if begin < place < end and t.time and t.amount >= dust * scene.stolen_held(address, t.asset, end):
            return t
    return last


def _part(scene: Scene, address: Address, woken: Sequence[Transfer]) -> float:
    """Return the part of the stolen money at rest that payments took away, in the asset where it is largest."""
    start = scene.order[id(woken[0])]
    parts = [0.0]
    for asset in {t.asset for t in woken}:
        held = scene.stolen_held(address, asset, start)
        if held > 0:
            parts.append(sum(scene.carried.get(id(t), 0) for t in woken if t.asset == asset) / held)
    return min(1.0, max(parts))


DETECTOR = Detector(NAME, "Stolen value lay still for long, then moved", detect)
