"""Choose what carries a trace out: the plain reference, or the kernels where the log is long."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Trace

LONG = 20_000
"""From so many transfers on, loading the kernels costs less time than it saves (both take about half a second)."""


class Engine(StrEnum):
    """What `--engine` takes. The figures are the same, to the base unit."""

    AUTO = "auto"
    REFERENCE = "reference"
    KERNEL = "kernel"


def follow(
    policy: str,
    transfers: Sequence[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    engine: Engine = Engine.AUTO,
) -> Trace:
    """Follow stolen money; see `run`. A trace by kernels has no moves and no trails: see `follow_to`."""
    if engine is Engine.AUTO:
        engine = Engine.KERNEL if len(transfers) >= LONG and _fits(transfers) else Engine.REFERENCE
    if engine is Engine.REFERENCE:
        return run(POLICIES[policy], transfers, thefts, venues)
    from bongsu.trace.kernels.engine import trace_with_kernels

    return trace_with_kernels(policy, transfers, thefts, venues)


def follow_to(
    address: Address,
    policy: str,
    transfers: Sequence[Transfer],
    thefts: Mapping[Address, str],
    venues: Mapping[Address, str],
    engine: Engine = Engine.AUTO,
) -> Trace:
    """Follow stolen money to one address, with the trails and moves that are its evidence.

    On a long log the kernels cut out the part that decides the address, and the plain reference runs over that.
    """
    if engine is Engine.KERNEL or (engine is Engine.AUTO and len(transfers) >= LONG and _fits(transfers)):
        from bongsu.trace.kernels.engine import reaching

        transfers = reaching(transfers, thefts, venues, address)
    return run(POLICIES[policy], transfers, thefts, venues)


def _fits(transfers: Sequence[Transfer]) -> bool:
    from bongsu.trace.kernels.engine import fits

    return fits(transfers)
