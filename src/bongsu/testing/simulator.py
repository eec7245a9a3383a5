"""A seeded chain with thefts laundered in background traffic, with the truth beside it.

Launderers here follow habits with a spread of their own, not the detectors' lines: a fan-out may be small or slow, a
rest shorter than a month, a peel chain may run over an address that was used before, a launderer may make no mistake
at the mixer or use an old wallet that has a life of its own. Each truth says which of these it is (`how`), so that a
bench can show where a detector fails.

The background is not tame: people with a past, employers who pay fresh wallets every month, exchanges that nobody
labelled, strangers in the mixer, poisoners who pester everybody - and people who were paid with stolen money in good
faith, some of them on wallets as fresh as a thief's, who then pay wages, spend or save.
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
_LENGTH = 260
"""Days that the world lasts; the first theft comes after `Habits.history` of them."""
ETH = Asset("ethereum", "ETH", 18, None, native=True)
TOKEN = Asset("ethereum", "TOK", 6)
COIN = 10**18
NOTES = (10 * COIN, 100 * COIN)


@dataclass(frozen=True, slots=True)
class Habits:
    """How the people of a world behave: what a bench varies.

    Attributes:
        history: days of ordinary life before the first theft; the records of a case often begin with the theft.
        careful: how likely a receiver behind the mixer makes no mistake at all.
        old_wallets: how likely a launderer uses a wallet that has a life of its own.
        known_payees: people with a past who are paid with stolen money in good faith, for each theft.
        fresh_payees: the same with a wallet that has none.
        services: exchanges that nobody has labelled.
        mixing: strangers who use the mixer, over the whole time.
    """

    history: int = 60
    careful: float = 0.4
    old_wallets: float = 0.1
    known_payees: int = 3
    fresh_payees: int = 1
    services: int = 1
    mixing: int = 50


@dataclass(frozen=True, slots=True)
class Truth:
    """A habit that was planted: the detector that should find it, about whom, who is behind it, and in which form."""

    detector: str
    subject: Address
    members: frozenset[Address] = frozenset()
    how: str = "plain"


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


def simulate(seed: int, *, background: int = 2_000, thefts: int = 2, habits: Habits | None = None) -> World:
    """Return a world; the same seed and habits give the same world."""
    return _Builder(seed, habits or Habits()).build(background, thefts)


class _Builder:
    def __init__(self, seed: int, habits: Habits) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a reproducible world, no secret
        self._habits = habits
        self._events: list[tuple[float, Address, Address, Asset, int]] = []
        self._world = World()
        self._exchanges = [self._address() for _ in range(3)]
        self._services = [self._address() for _ in range(habits.services)]
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
            self._truth("common-deposit", self._shared_deposit)
        self._finish()
        return world

    # the background

    def _background(self, count: int) -> None:
        choose, people = self._random.choice, self._people
        for person in people:
            self._pay(self._random.uniform(0, 5 * _DAY), choose(self._exchanges), person, self._coins(1, 50))
        for _ in range(count):
            sender, receiver = self._random.sample(people, 2)
            asset = ETH if self._chance(0.7) else TOKEN
            amount = self._coins(0.01, 5) if asset == ETH else self._random.randrange(1, 10**10)
            self._pay(self._any_day(), sender, receiver, amount, asset)
        for person in people[:60]:
            self._deposit_at(choose(self._exchanges), person, self._any_day(), self._coins(0.5, 5))
        for person in people[60:70]:
            self._payroll(person, self._random.uniform(0, 30) * _DAY, months=8)
        self._mixing_strangers([self._address() for _ in range(self._habits.mixing)])
        for service in self._services:
            self._service(service)
        for victim in self._random.sample(people, 5):
            friend = self._address()
            at = self._any_day()
            self._pay(at, victim, friend, self._coins(1, 5))
            self._poison(victim, friend, at + _HOUR, 4, how="a stranger's")

    def _mixing_strangers(self, people: list[Address]) -> None:
        for person in people:
            note = self._random.choice(NOTES)
            at, notes, fresh = self._any_day(), self._random.choice((1, 1, 1, 2, 4)), self._address()
            self._pay(at - _DAY, self._random.choice(self._exchanges), person, (notes + 1) * note)
            for number in range(notes):
                self._pay(at + number * _HOUR, person, self._mixer, note)
            at += self._random.expovariate(1 / (8 * _DAY))
            if self._chance(0.3):  # honest people pay their own gas as carelessly as thieves
                self._pay(at - _HOUR, person, fresh, COIN // 20)
            for number in range(notes):
                self._pay(at + number * _HOUR, self._mixer, fresh, self._withdrawn(note))
            if self._chance(0.6):
                receiver = self._random.choice(self._people)
                self._pay(at + self._random.uniform(1, 20) * _DAY, fresh, receiver, notes * note // 2)

    def _payroll(self, employer: Address, at: float, months: int, staff: int = 12) -> None:
        employees = [self._address() for _ in range(staff)]
        for month in range(months):
            if month and self._chance(0.3):
                employees[self._random.randrange(staff)] = self._address()
            for employee in employees:
                when = at + month * 30 * _DAY + self._random.uniform(0, _HOUR)
                self._pay(when, employer, employee, self._coins(1, 1.2))

    def _service(self, service: Address) -> None:
        """An exchange without a label: it gathers from deposit addresses and pays strangers all the time."""
        for _ in range(120):
            self._deposit_at(service, self._random.choice(self._people), self._any_day(), self._coins(0.5, 8))
            self._pay(self._any_day(), service, self._address(), self._coins(0.2, 4))
        for _ in range(4):
            at = self._any_day()
            for _ in range(12):
                self._pay(at + self._random.uniform(0, _DAY / 2), service, self._address(), self._coins(0.2, 4))

    def _deposit_at(self, venue: Address, person: Address, at: float, amount: int) -> None:
        deposit = self._address()
        self._pay(at, person, deposit, amount)
        self._pay(at + _HOUR, deposit, venue, amount)

    # the theft

    def _theft(self, number: int) -> None:
        victim, begin = self._address(), (self._habits.history + 5 + 5 * number) * _DAY
        self._world.thefts[victim] = f"theft-{number}"
        head = victim
        if self._chance(0.5):  # the attacker's own address comes first
            head = self._wallet()
            self._pay(begin, victim, head, 30_000 * COIN)
        wallets = self._fan_out(head, begin + _HOUR, 22, 1_000 * COIN, 20)
        self._peel(wallets[0], begin + 2 * _DAY)
        self._mix(wallets[1:4], begin + 3 * _DAY)
        self._sleep(wallets[4], begin + _DAY)
        self._gather(wallets[5:15], begin + 4 * _DAY)
        self._gas(wallets[15], wallets[16], begin + 5 * _DAY)
        self._to_shared_deposit(wallets[17], begin + 6 * _DAY)
        self._good_faith(wallets[18], begin + 6 * _DAY)
        friend = self._address()
        self._pay(begin + _DAY, wallets[19], friend, 500 * COIN)
        self._poison(wallets[19], friend, begin + _DAY + _HOUR, self._random.choice((4, 4, 4, 3)))
        layer = self._random.randrange(5, 16)
        self._fan_out(wallets[20], begin + 2 * _DAY, layer, 900 * COIN // layer, self._random.uniform(5, 240))
        self._sleep(wallets[21], begin + 2 * _DAY)

    def _fan_out(self, source: Address, at: float, count: int, amount: int, minutes: float) -> list[Address]:
        wallets = [self._wallet() for _ in range(count)]
        even = self._chance(0.5)
        end = at
        for wallet in wallets:
            end += self._random.expovariate(1 / (minutes * _MINUTE))
            part = amount if even else amount // 10 * self._random.randrange(8, 11)
            self._pay(end, source, wallet, part)
        slow, small = end - at > _DAY, count < 8  # noqa: PLR2004 - what people call a fan-out
        self._truth("fan-out", source, how="small" if small else "slow" if slow else "plain")
        return wallets

    def _peel(self, start: Address, at: float) -> None:
        holder, rest, how = start, 700 * COIN, "plain"
        steps = self._random.randrange(3, 14)
        for step in range(steps):
            for _ in range(self._random.choice((1, 1, 1, 2))):
                peel = rest // 1000 * self._random.randrange(10, 250)
                self._deposit_at(self._random.choice(self._exchanges), holder, at, peel)
                rest -= peel
            fresh = self._address()
            if self._chance(0.04) and step:
                fresh, how = self._random.choice(self._people), "over a used address"
            self._pay(at + _MINUTE, holder, fresh, rest)
            at += self._random.expovariate(1 / (10 * _HOUR))
            holder = fresh
        self._truth("peel-chain", start, how=how)

    def _mix(self, wallets: list[Address], at: float) -> None:
        hub, deposits, hub_used = self._address(), 0, 0
        self._pay(at - _DAY, wallets[0], hub, 10 * COIN)
        for wallet in wallets:
            for number in range(self._random.randrange(2, 7)):
                self._pay(at + number * 10 * _MINUTE, wallet, self._mixer, NOTES[1])
                deposits += 1
            for number in range(3):
                self._pay(at + number * 10 * _MINUTE, wallet, self._mixer, NOTES[0])
        while deposits > 0:
            receiver, careful = self._address(), self._chance(self._habits.careful)
            start = at + self._random.expovariate(1 / (10 * _DAY)) + _HOUR
            notes = 1 if careful else self._random.randrange(1, 6)
            pays_gas, gathers = (not careful and self._chance(0.5) for _ in range(2))
            if pays_gas:
                self._pay(start - _HOUR, hub, receiver, COIN // 20)
                hub_used += 1
            for number in range(notes):
                self._pay(start + number * 20 * _MINUTE, self._mixer, receiver, self._withdrawn(NOTES[1]))
            if gathers:
                later = start + self._random.uniform(0.1, 10) * _DAY
                self._pay(later, receiver, hub, notes * NOTES[1] * 8 // 10)
            deposits -= notes
            mistakes = pays_gas + gathers
            how = ("no mistake", "one mistake", "two mistakes")[mistakes]
            self._world.truth.append(Truth("mixer", self._mixer, frozenset({receiver}), how))
        if hub_used:
            self._truth("gas-funding", hub)

    def _sleep(self, wallet: Address, begin: float) -> None:
        pause = self._random.uniform(15, 120)
        at = begin + pause * _DAY
        if self._chance(0.5):  # a small payment first, to see whether it goes through
            self._pay(at, wallet, self._address(), COIN)
            at += 2 * _HOUR
        for _ in range(self._random.choice((1, 1, 2, 3))):
            self._pay(at, wallet, self._address(), 230 * COIN)
            at += self._random.uniform(0.01, 2) * _DAY
        self._truth("dormant", wallet, how="plain" if pause >= 30 else "under a month")  # noqa: PLR2004

    def _gather(self, wallets: list[Address], at: float) -> None:
        pot, many = self._address(), self._random.randrange(5, 11)
        spread = self._random.uniform(0.1, 2) * _DAY
        for wallet in wallets[:many]:
            self._pay(at + self._random.uniform(0, spread), wallet, pot, 700 * COIN)
        how = "small" if many < 8 else "slow" if spread > _DAY else "plain"  # noqa: PLR2004
        self._truth("fan-in", pot, how=how)

    def _gas(self, payer: Address, owner: Address, at: float) -> None:
        for _ in range(self._random.randrange(1, 5)):
            holder = self._address()
            self._pay(at, self._random.choice(self._people), holder, 5_000 * 10**6, TOKEN)
            self._pay(at + _HOUR, payer, holder, self._coins(0.005, 0.2))
            self._pay(at + 2 * _HOUR, holder, self._address(), 5_000 * 10**6, TOKEN)
        self._pay(at + 3 * _HOUR, owner, self._address(), 600 * COIN)
        self._truth("gas-funding", payer)

    def _to_shared_deposit(self, wallet: Address, at: float) -> None:
        self._pay(at, wallet, self._shared_deposit, 700 * COIN)
        self._pay(at + 6 * _HOUR, self._shared_deposit, self._exchanges[0], 690 * COIN)

    def _good_faith(self, wallet: Address, at: float) -> None:
        """Pay people and services that know of nothing; they go on as people and services do."""
        for person in self._random.sample(self._people[60:], self._habits.known_payees):
            self._pay(at, wallet, person, self._coins(20, 40))
            self._payroll(person, at + self._random.uniform(1, 3) * _DAY, months=2, staff=10)
        for _ in range(self._habits.fresh_payees):
            person, got = self._address(), self._coins(20, 40)
            self._pay(at, wallet, person, got)
            if self._chance(0.5):
                self._payroll(person, at + 2 * _DAY, months=1, staff=10)
            else:  # a saver: nothing for long, then a little
                self._pay(at + 50 * _DAY, person, self._random.choice(self._people), got // 10)
        for service in self._services:
            self._deposit_at(service, wallet, at, 40 * COIN)

    def _poison(self, wallet: Address, friend: Address, at: float, digits: int, how: str = "plain") -> None:
        middle = f"{self._random.randrange(16 ** (40 - 2 * digits)):0{40 - 2 * digits}x}"
        fake = Address("ethereum", f"0x{friend.text[2 : 2 + digits]}{middle}{friend.text[-digits:]}")
        self._pay(at, fake, wallet, 10**12)
        self._truth("address-poisoning", fake, how=how if digits >= 4 else "three digits")  # noqa: PLR2004

    # the tools

    def _wallet(self) -> Address:
        """A launderer's wallet: fresh, or now and then an old one that has dealt with people before."""
        wallet = self._address()
        if self._chance(self._habits.old_wallets):
            for person in self._random.sample(self._people, 4):
                self._pay(self._any_day() * 0.2, person, wallet, self._coins(0.01, 3))
        return wallet

    def _withdrawn(self, note: int) -> int:
        return note - note // 1000 * self._random.randrange(0, 10)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _any_day(self) -> float:
        return self._random.uniform(5, _LENGTH) * _DAY

    def _truth(self, detector: str, subject: Address, how: str = "plain") -> None:
        self._world.truth.append(Truth(detector, subject, how=how))

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
