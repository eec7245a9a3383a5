"""Dormant, then moving: stolen value lay still for a month or more, and then left. Watch lists exist for this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.trace.pattern import DAY, Detector, Finding, seconds, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.trace.pattern import Scene

NAME = "dormant"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield each address whose first payment after stolen value came, or after a pause, followed a long rest."""
    limit = thresholds(NAME)["days"] * DAY
    for address, by_theft in scene.reached.items():
        if not scene.concerns(address):
            continue
        came = min(by_theft.values(), key=lambda t: scene.order[id(t)])
        since = scene.order[id(came)]
        timed = [
            t
            for t in sorted(
                [*scene.incoming[address], *scene.outgoing.get(address, ())], key=lambda t: scene.order[id(t)]
            )
            if t.time and scene.order[id(t)] >= since
        ]
        paid_before = [t for t in timed if t.sender == address]
        last = came
        for payment in paid_before:
            pause = (seconds(payment) or 0.0) - (seconds(last) or seconds(payment) or 0.0)
            if pause >= limit:
                yield Finding(
                    NAME,
                    address,
                    f"after {pause / DAY:.0f} days at rest it paid {payment.asset.text(payment.amount)} "
                    f"{payment.asset.symbol} to {payment.receiver}",
                    0.9,
                    (last, payment),
                    tuple(sorted(by_theft)),
                )
            last = payment


DETECTOR = Detector(NAME, "Stolen value lay still for long, then moved", detect)
