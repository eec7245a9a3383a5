"""Follow stolen coins: run a coin policy over a flow, plainly or by the kernel, and add up where the money is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.trace.coins.flow import Role
from bongsu.trace.coins.policies import COIN_POLICIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.chain.coins import CoinId
    from bongsu.model.address import Address
    from bongsu.trace.coins.flow import Flow
    from bongsu.trace.coins.policies import Lots


@dataclass(frozen=True, slots=True)
class CoinPosition:
    """Stolen value in an unspent coin, or at a venue that it reached.

    Attributes:
        theft: id of the theft.
        coin: the coin.
        owner: its address; None where its script has none.
        amount: stolen base units in it.
        venue: the venue whose address it is, or None.
    """

    theft: str
    coin: CoinId
    owner: Address | None
    amount: int
    venue: str | None


@dataclass(frozen=True, slots=True)
class CoinBalance:
    """One theft's account: stolen = resting + at venues + fees + returned + difference, in base units."""

    theft: str
    stolen: int
    resting: int
    at_venues: int
    fees: int
    returned: int

    @property
    def difference(self) -> int:
        """What is not accounted for: nought for a policy that conserves, below nought for poison."""
        return self.stolen - self.resting - self.at_venues - self.fees - self.returned


@dataclass(frozen=True, slots=True)
class CoinTrace:
    """The outcome of one coin policy; `unseen` is how many inputs were of unknown worth."""

    policy: str
    positions: tuple[CoinPosition, ...]
    balances: tuple[CoinBalance, ...]
    unseen: int


def run_coins(policy: str, flow: Flow, venues: Mapping[Address, str], *, kernel: bool = False) -> CoinTrace:
    """Follow stolen coins.

    Args:
        policy: one of COIN_POLICIES.
        flow: the coins and steps.
        venues: the venue by address.
        kernel: whether the compiled kernel does it; the figures are the same.
    """
    if kernel:
        from bongsu.trace.kernels.coins import held_with_kernel

        held = held_with_kernel(policy, flow)
    else:
        held = _held(policy, flow)
    return _add_up(policy, flow, held, venues)


def _held(policy: str, flow: Flow) -> dict[int, dict[str, int]]:
    """Return the stolen money by coin and theft that arrived in coins and was not spent on."""
    split = COIN_POLICIES[policy]
    held: dict[int, Lots] = {}
    for inputs, outputs in zip(flow.inputs, flow.outputs, strict=True):
        lots: Lots = []
        for coin in inputs:
            lots.extend(_spent(flow, coin, held))
        if all(theft is None for _, theft in lots):
            continue
        held.update(zip(outputs, split(lots, [flow.amounts[n] for n in outputs]), strict=True))
    found: dict[int, dict[str, int]] = {}
    for coin, piece in held.items():
        sums: defaultdict[str, int] = defaultdict(int)
        for amount, theft in piece:
            if theft is not None:
                sums[theft] += amount
        if sums:
            found[coin] = dict(sums)
    return found


def _spent(flow: Flow, coin: int, held: dict[int, Lots]) -> Lots:
    amount = flow.amounts[coin]
    if not amount:
        return []
    if flow.roles[coin] == Role.SOURCE:
        return [(amount, flow.thefts[flow.source[coin]])]
    if flow.roles[coin] == Role.VENUE:
        return [(amount, None)]
    return held.pop(coin, [(amount, None)])


def _add_up(  # noqa: C901 - one arm for each side of the account
    policy: str, flow: Flow, held: dict[int, dict[str, int]], venues: Mapping[Address, str]
) -> CoinTrace:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    positions: list[CoinPosition] = []

    def place(coin: int, theft: str, amount: int, venue: str | None) -> None:
        found = flow.ids[coin]
        if found is None:
            raise AssertionError("only fees have no id")
        positions.append(CoinPosition(theft, found, flow.owners[coin], amount, venue))

    for coin, parts in held.items():
        for theft, amount in parts.items():
            owner = flow.owners[coin]
            match flow.roles[coin]:
                case Role.SOURCE:
                    sums[theft, "returned"] += amount
                case Role.VENUE:
                    sums[theft, "venues"] += amount
                    place(coin, theft, amount, venues[owner] if owner else None)
                case Role.FEE:
                    sums[theft, "fees"] += amount
                case _:
                    sums[theft, "resting"] += amount
                    place(coin, theft, amount, None)
    for coin, role in enumerate(flow.roles):
        if role == Role.SOURCE and flow.spent[coin]:
            sums[flow.thefts[flow.source[coin]], "stolen"] += flow.amounts[coin]
    for coin in flow.named:
        if not flow.spent[coin]:
            theft, amount = flow.thefts[flow.source[coin]], flow.amounts[coin]
            sums[theft, "stolen"] += amount
            sums[theft, "resting"] += amount
            place(coin, theft, amount, None)
    balances = (
        CoinBalance(theft, *(sums[theft, side] for side in ("stolen", "resting", "venues", "fees", "returned")))
        for theft in flow.thefts
    )
    return CoinTrace(policy, tuple(sorted(positions, key=lambda p: (p.theft, p.coin))), tuple(balances), flow.unseen)
