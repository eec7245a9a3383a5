"""The detectors, one per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bongsu.trace.patterns import (
    address_poisoning,
    common_deposit,
    dormant,
    fan_in,
    fan_out,
    gas_funding,
    mixer,
    peel_chain,
)

if TYPE_CHECKING:
    from bongsu.trace.pattern import Detector

DETECTORS: dict[str, Detector] = {
    module.DETECTOR.name: module.DETECTOR
    for module in (
        peel_chain,
        fan_out,
        fan_in,
        mixer,
        address_poisoning,
        dormant,
        common_deposit,
        gas_funding,
    )
}
"""Every detector by its name, in the order in which they run."""
