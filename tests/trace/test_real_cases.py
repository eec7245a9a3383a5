"""Real launderings: the figures equal those of a second, plain implementation written here, to the last base unit."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bongsu.chain.order import in_order
from bongsu.chain.transfers import read_transfers
from bongsu.trace.bare import BARE_THEFT, read_stolen_from, read_venues
from bongsu.trace.coverage import arriving, coverage
from bongsu.trace.policies import POLICIES
from bongsu.trace.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer

CASES = ["harmony-2023", "lifi-2024"]
CONSERVING = ["fifo", "lifo", "haircut", "taint-first"]


@dataclass(frozen=True)
class RealCase:
    transfers: list[Transfer]
    sources: Mapping[Address, str]
    venues: Mapping[Address, str]


def addresses(path: Path) -> list[str]:
    """The addresses of a list, also where lines have run together."""
    return re.findall(r"0x[0-9a-f]{40}", path.read_text())


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> RealCase:
    """A case in canonical form, read by the readers that users have; dollars stand for an asset of 18 decimals."""
    folder, out = shared / "cases" / request.param, tmp_path_factory.mktemp(request.param)
    if not folder.is_dir():
        pytest.skip(f"the shared case {request.param} is not here")
    with (folder / "flows.csv").open(newline="") as source, (out / "transfers.csv").open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["time", "block", "tx", "sender", "receiver", "asset", "amount"])
        for row in csv.DictReader(source):
            amount = f"{float(row['Value_in_USD']):.15f}"
            cells = [row["Timestamp"], row["Block"], row["Tx_hash"], row["From"], row["To"], "USD", amount]
            writer.writerow(cells)
    (out / "sources.txt").write_text("\n".join(addresses(folder / "sources.txt")))
    terminals = sorted(set(addresses(folder / "terminals.txt")))
    (out / "venues.csv").write_text("address,venue\n" + "".join(f"{a},terminal\n" for a in terminals))
    return RealCase(
        in_order(read_transfers(out / "transfers.csv").transfers),
        read_stolen_from(out / "sources.txt", "ethereum"),
        read_venues(out / "venues.csv", "ethereum"),
    )


def plain(policy: str, case: RealCase) -> dict[Address, int]:
    """Stolen value by address: per account a list of [amount, stolen?] in order of arrival, or two sums for haircut."""
    lots: defaultdict[Address, list[list[int]]] = defaultdict(list)
    venues = set(case.venues) - set(case.sources)
    at_venue: defaultdict[Address, int] = defaultdict(int)
    for transfer in case.transfers:
        left = transfer.amount
        if left == 0 or transfer.sender == transfer.receiver:
            continue
        if transfer.sender in case.sources:
            paid = [[left, 1]]
        elif transfer.sender in venues:
            paid = [[left, 0]]
        elif policy == "haircut":
            paid = share(lots, transfer.sender, left)
        else:
            paid = spend(policy, lots[transfer.sender], left)
        if transfer.receiver in venues:
            at_venue[transfer.receiver] += sum(amount for amount, stolen in paid if stolen)
        elif transfer.receiver not in case.sources:
            lots[transfer.receiver] += paid
    found = {who: sum(amount for amount, stolen in own if stolen) for who, own in lots.items()}
    return {who: amount for who, amount in {**found, **at_venue}.items() if amount}


def share(lots: Mapping[Address, list[list[int]]], sender: Address, left: int) -> list[list[int]]:
    own = lots[sender]
    balance, stolen = sum(amount for amount, _ in own), sum(amount for amount, bad in own if bad)
    part = stolen if left >= balance else stolen * left // balance
    rest = max(balance - left, 0)
    own[:] = [[stolen - part, 1], [rest - (stolen - part), 0]]
    return [[part, 1], [left - part, 0]]


def spend(policy: str, own: list[list[int]], left: int) -> list[list[int]]:
    paid: list[list[int]] = []
    while left:
        pick = choose(policy, own)
        if pick is None:
            paid.append([left, 0])
            break
        amount = min(own[pick][0], left)
        paid.append([amount, own[pick][1]])
        left -= amount
        own[pick][0] -= amount
        if not own[pick][0]:
            own.pop(pick)
    return paid


def choose(policy: str, own: list[list[int]]) -> int | None:
    if not own:
        return None
    if policy == "taint-first":
        return next((n for n, (_, stolen) in enumerate(own) if stolen), 0)
    return 0 if policy == "fifo" else len(own) - 1


@pytest.mark.parametrize("policy", CONSERVING)
def test_the_figures_equal_those_of_the_plain_implementation(case: RealCase, policy: str) -> None:
    trace = run(POLICIES[policy], case.transfers, case.sources, case.venues)
    assert {p.address: p.amount for p in trace.positions} == plain(policy, case)
    assert [(b.theft, b.difference) for b in trace.balances] == [(BARE_THEFT, 0)]


@pytest.mark.parametrize("policy", [*CONSERVING, "poison"])
def test_every_terminal_that_occurs_is_reached(case: RealCase, policy: str) -> None:
    covered = coverage(
        run(POLICIES[policy], case.transfers, case.sources, case.venues),
        arriving(case.transfers, case.venues),
        case.venues,
    )
    assert covered.reached == covered.occurring > 0


def test_taint_first_explains_most_of_what_arrived(case: RealCase) -> None:
    trace = run(POLICIES["taint-first"], case.transfers, case.sources, case.venues)
    (arrival,) = coverage(trace, arriving(case.transfers, case.venues), case.venues).arrivals
    assert 0.5 < arrival.share <= 1
