"""The contract of a detector: a small rule that notices one habit of launderers and shows its evidence.

A detector is a declaration (`Detector`) in a file of its own under `patterns/`: its name, the sentence a reader sees,
and a function from a `Scene` to findings. It decides nothing and moves no figure: a finding says what was seen, in
which transfers, how sure the rule is and why, and what else the same transfers could be. Confidence is between 0 and 1,
never 1: a pattern is a reason to look, not a proof. Thresholds are data (patterns/thresholds.toml).
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from bongsu.model.chain import chain
from bongsu.trace.policies.haircut import Haircut
from bongsu.trace.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Skipped, Transfer
    from bongsu.trace.run import Move

HOUR = 3600.0
DAY = 24 * HOUR
_UNKNOWN, _LABELLED = "", "labelled perpetrator"
"""Stand for the origin of what a mixer, or a labelled perpetrator, pays out; no theft has such an id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several things that a finding may mean, with what speaks for it.

    Attributes:
        address: whom it names.
        confidence: between 0 and 1.
        reasons: what was seen, in words.
        evidence: the transfers.
    """

    address: Address
    confidence: float
    reasons: tuple[str, ...]
    evidence: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector noticed.

    Attributes:
        detector: its name.
        subject: the address it is about.
        summary: one sentence.
        confidence: between 0 and 1.
        evidence: the transfers that show it, in order.
        thefts: ids of the thefts concerned.
        candidates: competing explanations, the best first.
        skipped: records that are evidence without being part of the flow (spoofs).
    """

    detector: str
    subject: Address
    summary: str
    confidence: float
    evidence: tuple[Transfer, ...]
    thefts: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Detector:
    """One rule: its name, what it means, and how it looks at a scene."""

    name: str
    about: str
    detect: Callable[[Scene], Iterator[Finding]]


@dataclass
class Scene:
    """What detectors look at.

    Attributes:
        transfers: in the order of the chain.
        thefts: the theft's id by stolen-from address.
        venues: the venue's name by address.
        mixers: addresses that are labelled as mixers.
        suspects: addresses that are labelled as a perpetrator's.
        skipped: records that are no part of the flow.
    """

    transfers: Sequence[Transfer]
    thefts: Mapping[Address, str]
    venues: Mapping[Address, str]
    mixers: frozenset[Address] = frozenset()
    suspects: frozenset[Address] = frozenset()
    skipped: Sequence[Skipped] = field(default_factory=tuple)

    @cached_property
    def moving(self) -> list[Transfer]:
        """The transfers that change balances."""
        return [transfer for transfer in self.transfers if transfer.moves]

    @cached_property
    def outgoing(self) -> dict[Address, list[Transfer]]:
        """What each address paid, in order."""
        found: defaultdict[Address, list[Transfer]] = defaultdict(list)
        for transfer in self.moving:
            found[transfer.sender].append(transfer)
        return found

    @cached_property
    def incoming(self) -> dict[Address, list[Transfer]]:
        """What each address received, in order."""
        found: defaultdict[Address, list[Transfer]] = defaultdict(list)
        for transfer in self.moving:
            found[transfer.receiver].append(transfer)
        return found

    @cached_property
    def order(self) -> dict[int, int]:
        """The place of each transfer (by identity) in the run."""
        return {id(transfer): number for number, transfer in enumerate(self.transfers)}

    @cached_property
    def reached(self) -> dict[Address, dict[str, Transfer]]:
        """By address that stolen value can have reached: by theft, the transfer that brought it first.

        Time-respecting reach in any asset: the widest net, so that no pattern is missed; venues pass nothing on.
        """
        found: dict[Address, dict[str, Transfer]] = {}
        for transfer in self.moving:
            source = self.thefts.get(transfer.sender)
            known = {source} if source else set(found.get(transfer.sender, ()))
            if transfer.sender in self.venues or not known or transfer.receiver in self.thefts:
                continue
            at = found.setdefault(transfer.receiver, {})
            for theft in sorted(known):
                at.setdefault(theft, transfer)
        return found

    def thefts_at(self, address: Address) -> tuple[str, ...]:
        """Return the thefts whose value can have reached an address, or started there."""
        started = {self.thefts[address]} if address in self.thefts else set()
        return tuple(sorted(started | set(self.reached.get(address, ()))))

    @cached_property
    def bystanders(self) -> frozenset[Address]:
        """Addresses that stolen money reached and that have a life of their own: people and services of good faith.

        A launderer's wallet lives on the theft. Somebody who was paid with stolen money deals with others too: several
        strangers pay it, or it paid several before the money came, in sums that are no dust beside the stolen ones, and
        they come to a good part of those (thresholds.toml). What a bystander pays on is no launderer's doing, so it is
        followed no further here; with that, more people turn out to be paid by nobody of the matter.
        """
        found: frozenset[Address] = frozenset()
        while True:
            more = found | self._living(self._follow(found))
            if more == found:
                return found
            found = more

    def _follow(self, stops: frozenset[Address]) -> tuple[Move, ...]:
        """Follow the matter's money under haircut, into the stops but not out of them."""
        sources = {
            **dict.fromkeys(self.mixers, _UNKNOWN),
            **dict.fromkeys(self.suspects, _LABELLED),
            **self.thefts,
        }
        return run(Haircut, self.moving, sources, {**dict.fromkeys(stops, "bystander"), **self.venues}).moves

    def _living(self, moves: Sequence[Move]) -> set[Address]:
        limit = thresholds("bystander")
        foreign = _amounts(moves)
        stolen: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
        first: dict[tuple[Address, Asset], int] = {}
        for move in moves:
            account = (move.transfer.receiver, move.transfer.asset)
            if move.theft != _UNKNOWN:
                stolen[account] += move.amount
                first.setdefault(account, self.order[id(move.transfer)])
        found = set()
        for (address, asset), amount in stolen.items():
            if address in self.thefts or address in self.suspects or address in self.venues:
                continue
            received = [(t, t.amount - foreign.get(id(t), 0)) for t in self.incoming[address] if t.asset == asset]
            before = [
                t
                for t in self.outgoing.get(address, ())
                if t.asset == asset and self.order[id(t)] < first[address, asset]
            ]
            partners = self._partners(received, before, limit["dust"] * amount)
            own = sum(clean for _, clean in received)
            if len(partners) >= limit["partners"] and own >= limit["own"] * amount:
                found.add(address)
        return found

    def _partners(
        self, received: Sequence[tuple[Transfer, int]], paid: Sequence[Transfer], dust: float
    ) -> set[Address]:
        """Return the strangers somebody deals with: who pays mostly clean money, and whom these payments went to."""
        sums: defaultdict[Address, list[int]] = defaultdict(lambda: [0, 0])
        for t, clean in received:
            if t.sender not in self.venues and t.sender not in self.mixers:
                sums[t.sender][0] += clean
                sums[t.sender][1] += t.amount
        payers = {who for who, (clean, whole) in sums.items() if clean >= dust and 2 * clean >= whole}
        return payers | {t.receiver for t in paid if t.amount >= dust}

    @cached_property
    def _matter(self) -> tuple[Move, ...]:
        """What carried the matter's money, bystanders' payments left out."""
        return self._follow(self.bystanders)

    @cached_property
    def carried(self) -> dict[int, int]:
        """By transfer (its identity): how much of it was stolen or a labelled perpetrator's, in base units."""
        return _amounts([move for move in self._matter if move.theft != _UNKNOWN])

    @cached_property
    def shares(self) -> dict[Address, dict[str, float]]:
        """By address and theft: the stolen part of what the address received, under haircut, in its most stolen asset.

        What came out of a mixer, directly or over others, is left out of the reckoning: there nobody knows.
        """
        known: defaultdict[tuple[Address, Asset], int] = defaultdict(int)
        for transfer in self.moving:
            known[transfer.receiver, transfer.asset] += transfer.amount
        stolen: defaultdict[tuple[Address, Asset, str], int] = defaultdict(int)
        for move in self._matter:
            account = (move.transfer.receiver, move.transfer.asset)
            if move.theft == _UNKNOWN:
                known[account] -= move.amount
            else:
                stolen[*account, move.theft] += move.amount
        found: defaultdict[Address, dict[str, float]] = defaultdict(dict)
        for (address, asset, theft), amount in stolen.items():
            share = amount / known[address, asset]
            found[address][theft] = max(share, found[address].get(theft, 0.0))
        return dict(found)

    def concerns(self, address: Address) -> bool:
        """Tell whether an address is part of the matter: stolen from, labelled, or living on stolen value.

        Stolen money that is spent spreads to people who know of nothing. Their habits are not the thieves'.
        """
        if address in self.venues or address in self.bystanders:
            return False
        if address in self.thefts or address in self.suspects:
            return True
        return sum(self.shares.get(address, {}).values()) >= thresholds("scene")["share"]

    def stolen_received(self, address: Address, asset: Asset, before: int) -> int:
        """Return the stolen base units that came to an address before the transfer of that place in the order."""
        return sum(
            self.carried.get(id(t), 0)
            for t in self.incoming.get(address, ())
            if t.asset == asset and self.order[id(t)] < before
        )

    def stolen_held(self, address: Address, asset: Asset, before: int) -> int:
        """Return the stolen base units that rested at an address before the transfer of that place in the order."""
        paid = sum(
            self.carried.get(id(t), 0)
            for t in self.outgoing.get(address, ())
            if t.asset == asset and self.order[id(t)] < before
        )
        return self.stolen_received(address, asset, before) - paid

    def gas_funder(self, address: Address) -> Transfer | None:
        """Return the first payment of the chain's own coin that an address received: who paid for its first step."""
        native = chain(address.chain).native
        return next((t for t in self.incoming.get(address, ()) if t.asset.symbol == native), None)


def _amounts(moves: Iterable[Move]) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for move in moves:
        found[id(move.transfer)] += move.amount
    return dict(found)


def seconds(transfer: Transfer) -> float | None:
    """Return when a transfer took place, in epoch seconds, None where the source does not say."""
    return transfer.time.timestamp() if transfer.time else None


def windows(transfers: Sequence[Transfer], width: float) -> Iterator[Sequence[Transfer]]:
    """Yield runs of timed transfers no longer than `width` seconds: the fullest first, then what is left beside it."""
    timed = sorted((t for t in transfers if t.time), key=lambda t: seconds(t) or 0.0)
    times = [seconds(t) or 0.0 for t in timed]
    spans = [(0, len(timed))]
    while spans:
        low, high = spans.pop()
        if low >= high:
            continue
        begin, end = max(
            ((n, min(bisect_right(times, times[n] + width, n), high)) for n in range(low, high)),
            key=lambda span: span[1] - span[0],
        )
        yield timed[begin:end]
        spans += [(end, high), (low, begin)]


def total(transfers: Sequence[Transfer]) -> dict[Asset, int]:
    """Return what transfers move, by asset."""
    found: defaultdict[Asset, int] = defaultdict(int)
    for transfer in transfers:
        found[transfer.asset] += transfer.amount
    return dict(found)


def in_words(amounts: Mapping[Asset, int]) -> str:
    """Write amounts for people."""
    return ", ".join(f"{asset.text(amount)} {asset.symbol}" for asset, amount in sorted(amounts.items()))


@cache
def thresholds(detector: str) -> Mapping[str, float]:
    """Return a detector's thresholds."""
    text = files("bongsu.trace.patterns").joinpath("thresholds.toml").read_text(encoding="utf-8")
    found: Mapping[str, float] = tomllib.loads(text)[detector]
    return found
