"""A seeded chain with a theft laundered in the ways launderers use, in background traffic, with the truth beside it.

The background is not tame: employers pay many fresh wallets, exchanges hand out deposit addresses and sweep them,
people leave coins alone for months, strangers use the mixer and pay each other's gas - some of them with stolen money
that reached them in good faith. A detector that cannot tell them from the thieves shows it in its precision.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Skipped, Transfer

_START = datetime(2025, 1, 1, tzinfo=UTC)
_BLOCK = 12
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
ETH = Asset("ethereum", "ETH", 18, None, native=True)
TOKEN = Asset("ethereum", "TOK", 6)
COIN = 10**18
NOTE = 100 * COIN


@dataclass(frozen=True, slots=True)
class Truth:
    """A pattern that was planted: the detector that should find it, about whom, and who is behind it."""

    detector: str
    subject: Address
    members: frozenset[Address] = frozenset()


@dataclass(slots=True)
class World:
    """A simulated chain.

    Attributes:
        transfers: in order.
        thefts: the theft's id by stolen-from address.
        venues: the venue's name by address; the mixer is one.
        mixers: the mixer's address.
        skipped: spoofs, as a reader of files would have refused them.
        truth: what was planted.
    """

    transfers: list[Transfer] = field(default_factory=list)
    thefts: dict[Address, str] = field(default_factory=dict)
    venues: dict[Address, str] = field(default_factory=dict)
    mixers: frozenset[Address] = frozenset()
    skipped: list[Skipped] = field(default_factory=list)
    truth: list[Truth] = field(default_factory=list)


def simulate(seed: int, *, background: int = 2_000, thefts: int = 2) -> World:
    """Return a world; the same seed gives the same world."""
    return _Builder(seed).build(background, thefts)


class _Builder:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a reproducible world, no secret
        self._events: list[tuple[float, Address, Address, Asset, int]] = []
        self._world = World()
        self._exchanges = [self._address() for _ in range(3)]
        self._mixer = self._address()
        self._people = [self._address() for _ in range(200)]
        self._shared_deposit = self._address()

    def build(self, background: int, thefts: int) -> World:
        world = self._world
        world.venues = {address: f"exchange-{n}" for n, address in enumerate(self._exchanges)}
        world.venues[self._mixer] = "mixer"
        world.mixers = frozenset({self._mixer})
        self._background(background)
        for number in range(thefts):
            self._theft(number)
        if thefts > 1:
            world.truth.append(Truth("common-deposit", self._shared_deposit))
        self._finish()
        return world

    # the background

    def _background(self, count: int) -> None:
        choose, people = self._random.choice, self._people
        for person in people:
            self._pay(self._random.uniform(0, 5 * _DAY), choose(self._exchanges), person, self._coins(1, 50))
        for _ in range(count):
            at = self._random.uniform(5 * _DAY, 150 * _DAY)
            sender, receiver = self._random.sample(people, 2)
            asset = ETH if self._random.random() < 0.7 else TOKEN  # noqa: PLR2004 - most traffic is the coin
            self._pay(
                at, sender, receiver, self._coins(0.01, 5) if asset == ETH else self._random.randrange(1, 10**10), asset
            )
        for person in people[:60]:
            deposit = self._address()
            at = self._random.uniform(20 * _DAY, 140 * _DAY)
            amount = self._coins(0.5, 5)
            self._pay(at, person, deposit, amount)
            self._pay(at + _HOUR, deposit, choose(self._exchanges), amount)
        for person in people[60:70]:
            self._payroll(person, self._random.uniform(10 * _DAY, 100 * _DAY))
        for person in people[70:110]:
            at = self._random.uniform(5 * _DAY, 90 * _DAY)
            self._pay(at, person, self._mixer, NOTE)
            self._pay(at + self._random.uniform(_HOUR, 20 * _DAY), self._mixer, self._address(), NOTE - COIN // 10)

        for person in people[110:120]:  # honest users of several notes
            at, fresh = self._random.uniform(5 * _DAY, 60 * _DAY), self._address()
            for note in range(4):
                self._pay(at + note * _HOUR, person, self._mixer, NOTE)
                self._pay(at + 2 * _DAY + note * _HOUR, self._mixer, fresh, NOTE - COIN // 10)

    def _payroll(self, employer: Address, at: float) -> None:
        for _ in range(12):
            employee = self._address()
            self._pay(at + self._random.uniform(0, _HOUR), employer, employee, self._coins(1, 1.2))

    # the theft

    def _theft(self, number: int) -> None:
        victim, begin = self._address(), (10 + 5 * number) * _DAY
        self._world.thefts[victim] = f"theft-{number}"
        wallets = self._fan_out(victim, begin)
        self._peel(wallets[0], begin + 2 * _DAY)
        self._mix(wallets[1:4], begin + 3 * _DAY, victim)
        self._sleep(wallets[4], begin)
        self._gather(wallets[5:15], begin + 4 * _DAY)
        self._gas(wallets[15], wallets[16], begin + 5 * _DAY)
        self._deposit(wallets[17], begin + 6 * _DAY)
        self._good_faith(wallets[18], begin + 6 * _DAY)
        self._poison(wallets[19], begin + _DAY)

    def _fan_out(self, victim: Address, at: float) -> list[Address]:
        wallets = [self._address() for _ in range(20)]
        for number, wallet in enumerate(wallets):
            self._pay(at + number * _MINUTE, victim, wallet, 1_000 * COIN)
        self._truth("fan-out", victim)
        return wallets

    def _peel(self, start: Address, at: float) -> None:
        holder, rest = start, 1_000 * COIN
        for step in range(self._random.randrange(5, 12)):
            peel = self._coins(10, 60)
            fresh, deposit = self._address(), self._address()
            self._pay(at + step * 2 * _HOUR, holder, deposit, peel)
            self._pay(at + step * 2 * _HOUR + _HOUR, deposit, self._random.choice(self._exchanges), peel)
            rest -= peel
            self._pay(at + step * 2 * _HOUR + _MINUTE, holder, fresh, rest)
            holder = fresh
        self._truth("peel-chain", start)

    def _mix(self, wallets: list[Address], at: float, victim: Address) -> None:
        behind: set[Address] = set()
        hub = self._address()
        self._pay(at - _DAY, wallets[0], hub, 10 * COIN)
        for wallet in wallets:
            for note in range(5):
                self._pay(at + note * 10 * _MINUTE, wallet, self._mixer, NOTE)
        for number in range(3):
            receiver = self._address()
            behind.add(receiver)
            start = at + self._random.uniform(1, 8) * _DAY
            if number != 1:
                self._pay(start - _HOUR, hub, receiver, COIN // 20)
            for note in range(5):
                self._pay(start + note * 20 * _MINUTE, self._mixer, receiver, NOTE - COIN // 10)
            if number != 2:  # noqa: PLR2004 - the third receiver makes no such mistake
                self._pay(start + _DAY, receiver, hub, 400 * COIN)
        for _ in range(2):  # a careful launderer: single notes, weeks later, no tie to anything
            receiver = self._address()
            behind.add(receiver)
            self._pay(at + self._random.uniform(10, 40) * _DAY, self._mixer, receiver, NOTE - COIN // 10)
        self._truth("gas-funding", hub)
        self._world.truth.append(Truth("mixer", victim, frozenset(behind)))

    def _sleep(self, wallet: Address, begin: float) -> None:
        self._pay(begin + self._random.uniform(60, 120) * _DAY, wallet, self._address(), 900 * COIN)
        self._truth("dormant", wallet)

    def _gather(self, wallets: list[Address], at: float) -> None:
        pot = self._address()
        for number, wallet in enumerate(wallets):
            self._pay(at + number * 15 * _MINUTE, wallet, pot, 990 * COIN)
        self._truth("fan-in", pot)

    def _gas(self, payer: Address, owner: Address, at: float) -> None:
        for _ in range(3):
            holder = self._address()
            self._pay(at, self._random.choice(self._people), holder, 5_000 * 10**6, TOKEN)
            self._pay(at + _HOUR, payer, holder, COIN // 20)
            self._pay(at + 2 * _HOUR, holder, self._address(), 5_000 * 10**6, TOKEN)
        self._pay(at + 3 * _HOUR, owner, self._address(), 900 * COIN)
        self._truth("gas-funding", payer)

    def _deposit(self, wallet: Address, at: float) -> None:
        self._pay(at, wallet, self._shared_deposit, 950 * COIN)
        self._pay(at + 6 * _HOUR, self._shared_deposit, self._exchanges[0], 950 * COIN)

    def _good_faith(self, wallet: Address, at: float) -> None:
        """Pay an employer who pays wages, and traders who deposit at exchanges, with stolen money."""
        for person in self._random.sample(self._people[60:], 3):
            self._pay(at, wallet, person, self._coins(20, 40))
            self._payroll(person, at + self._random.uniform(1, 3) * _DAY)

    def _poison(self, wallet: Address, at: float) -> None:
        friend = self._address()
        self._pay(at, wallet, friend, 500 * COIN)
        digits = f"{friend.text[2:6]}{self._random.randrange(16**32):032x}{friend.text[-4:]}"
        fake = Address("ethereum", f"0x{digits}")
        self._pay(at + _HOUR, fake, wallet, 10**12)
        self._truth("address-poisoning", fake)

    # the tools

    def _truth(self, detector: str, subject: Address) -> None:
        self._world.truth.append(Truth(detector, subject))

    def _address(self) -> Address:
        return Address("ethereum", f"0x{self._random.randrange(16**40):040x}")

    def _coins(self, least: float, most: float) -> int:
        return int(self._random.uniform(least, most) * 10**6) * (COIN // 10**6)

    def _pay(self, at: float, sender: Address, receiver: Address, amount: int, asset: Asset = ETH) -> None:
        if amount > 0:
            self._events.append((at, sender, receiver, asset, amount))

    def _finish(self) -> None:
        self._events.sort(key=lambda event: event[0])
        for number, (at, sender, receiver, asset, amount) in enumerate(self._events):
            transfer = Transfer(
                Record("simulated", number + 1),
                f"0x{self._random.randrange(16**64):064x}",
                sender,
                receiver,
                asset,
                amount,
                block=int(at // _BLOCK),
                index=number,
                time=_START + timedelta(seconds=at // _BLOCK * _BLOCK),
            )
            self._world.transfers.append(transfer)
