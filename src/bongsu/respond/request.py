"""Requests: what a case asks of each venue that can act, with the evidence for it. Pure: no file, no clock.

A request is a draft until a person has approved it. letter.py and annex.py write it down; docs/requests.md says what
stands in it and why.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bongsu.respond.officer import Officer
from bongsu.respond.venue import POWERS, Demand, demands
from bongsu.trace.evidence import Explainer
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from bongsu.label.label import Label
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.respond.assessment import Assessment, Holding
    from bongsu.respond.venue import Venue
    from bongsu.trace.case import Case, Theft
    from bongsu.trace.run import Position

Place: TypeAlias = "tuple[str, Asset, Address]"


@dataclass(frozen=True, slots=True)
class Range:
    """Base units of `asset`: what the policies that conserve say, from low to high, and the upper bound."""

    asset: Asset
    low: int
    high: int
    upper: int


@dataclass(frozen=True, slots=True)
class Item:
    """A holding that a request is about.

    Attributes:
        holding: what rests where.
        role: the power by which the venue acts on it: "issuer" or "custodian".
        freeze: whether a freeze of it is asked. Not where the venue cannot freeze, not where only the upper bound is
            above nought, and not of an issuer where the address belongs to another venue: that one is asked, and its
            other customers are left alone.
        amount: the holding's range.
        first_seen, last_seen: times of the first and last known transfer of the asset there; None where not known.
        arrivals: the transfers that brought stolen value there, in order.
        labels: who says whose address it is.
    """

    holding: Holding
    role: str
    freeze: bool
    amount: Range
    first_seen: datetime | None
    last_seen: datetime | None
    arrivals: tuple[Transfer, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A transfer on the way to an item.

    Attributes:
        transfer, theft: what moved, and of which theft.
        stolen: how much of the transfer was that theft's money.
        towards: addresses of the items to which it leads.
        policies: those under which it does.
    """

    transfer: Transfer
    theft: str
    stolen: Range
    towards: tuple[Address, ...]
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a theft to an item: the transfers in order.

    Attributes:
        holding: where it ends.
        amount: what came that way, in base units, under each of `policies`.
        policies: those that say so.
        exact: whether a lot took exactly this way; else it is every transfer by which money can have come.
        transfers: in order.
    """

    holding: Holding
    amount: int
    policies: tuple[str, ...]
    exact: bool
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a case asks of one venue. `asks` are among the venue's powers, in the order of POWERS."""

    venue: Venue
    case: Case
    asks: tuple[str, ...]
    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    ways: tuple[Way, ...]
    officer: Officer
    prepared_on: date | None

    @property
    def reference(self) -> str:
        """The request's own id: incident and venue."""
        return f"{self.case.incident}/{self.venue.id}"

    @property
    def thefts(self) -> tuple[Theft, ...]:
        """The thefts whose money it is about."""
        named = {item.holding.theft for item in self.items}
        return tuple(theft for theft in self.case.thefts if theft.id in named)

    @property
    def began(self) -> datetime | None:
        """When the first transfer on the ways took place; None where no time is known."""
        return min((step.transfer.time for step in self.steps if step.transfer.time), default=None)

    @property
    def totals(self) -> tuple[Range, ...]:
        """By asset, what all items hold together: added up under each policy, then compared."""
        return totals(item.holding for item in self.items)

    @property
    def frozen(self) -> tuple[Range, ...]:
        """The same for the items whose freeze is asked."""
        return totals(item.holding for item in self.items if item.freeze)

    def demands(self) -> tuple[tuple[Demand, bool], ...]:
        """What the venue wants to see, and whether this request has it."""
        wanted = [demands()[name] for name in self.venue.demands]
        return tuple((d, d.met_by == ("letter",) or self.officer.meets(d.met_by)) for d in wanted)


def requests(
    assessment: Assessment, officer: Officer | None = None, prepared_on: date | None = None
) -> tuple[Request, ...]:
    """Return a draft request for each venue that can act on a holding, sorted by venue.

    Args:
        assessment: the case, assessed.
        officer: who asks; None leaves every placeholder open.
        prepared_on: the date on the letters; None leaves it open.

    Returns:
        None for a venue that could only freeze and holds nothing whose freeze can be asked (see Item.freeze).
    """
    by_venue: defaultdict[str, dict[int, tuple[Venue, str, Holding]]] = defaultdict(dict)
    for holding in assessment.actionable:
        for actor in holding.actors:  # the custodian comes first, and is asked as such if it is the issuer as well
            by_venue[actor.venue.id].setdefault(id(holding), (actor.venue, actor.role, holding))
    desk = _Desk(assessment)
    drafts = (
        desk.draft(list(found.values()), officer or Officer(), prepared_on) for _, found in sorted(by_venue.items())
    )
    return tuple(draft for draft in drafts if draft.asks)


def totals(holdings: Iterable[Holding]) -> tuple[Range, ...]:
    """Return what holdings come to, by asset: added up under each policy, then compared."""
    sums: dict[Asset, dict[str, int]] = {}
    for holding in holdings:
        into = sums.setdefault(holding.asset, dict.fromkeys(POLICIES, 0))
        for policy, amount in holding.by_policy.items():
            into[policy] += amount
    return tuple(_range(asset, sums[asset]) for asset in sorted(sums))


class _Desk:
    """Draws up requests; it keeps what several of them need."""

    def __init__(self, assessment: Assessment) -> None:
        self._assessment = assessment
        self._case = assessment.case
        self._explainers = {name: Explainer(trace) for name, trace in assessment.traces.items()}
        self._order = {id(t): n for n, t in enumerate(self._case.transfers)}
        self._positions: dict[tuple[str, Place], Position] = {
            (name, position.place): position
            for name, trace in assessment.traces.items()
            for position in trace.positions
        }
        self._carried: defaultdict[tuple[int, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(POLICIES, 0))
        for name, trace in assessment.traces.items():
            for move in trace.moves:
                self._carried[id(move.transfer), move.theft][name] += move.amount
        self._seen: dict[tuple[Address, Asset], list[datetime]] = defaultdict(list)
        for transfer in self._case.transfers:
            if transfer.time is not None:
                self._seen[transfer.sender, transfer.asset].append(transfer.time)
                self._seen[transfer.receiver, transfer.asset].append(transfer.time)
        self._known: dict[int, tuple[dict[int, set[str]], tuple[Way, ...]]] = {}

    def draft(self, found: list[tuple[Venue, str, Holding]], officer: Officer, prepared_on: date | None) -> Request:
        venue = found[0][0]
        items = tuple(self._item(role, holding, "freeze" in venue.powers) for _, role, holding in found)
        freeze = any(item.freeze for item in items)
        asks = tuple(power for power in POWERS if power in venue.powers and (power != "freeze" or freeze))
        ways = tuple(way for item in items for way in self._evidence(item.holding)[1])
        return Request(venue, self._case, asks, items, self._steps(items), ways, officer, prepared_on)

    def _item(self, role: str, holding: Holding, can_freeze: bool) -> Item:
        times = self._seen[holding.address, holding.asset]
        on_path = self._evidence(holding)[0]
        return Item(
            holding,
            role,
            freeze=can_freeze and holding.high > 0 and (role == "custodian" or holding.venue is None),
            amount=_range(holding.asset, holding.by_policy),
            first_seen=min(times, default=None),
            last_seen=max(times, default=None),
            arrivals=tuple(t for t in self._sorted(on_path) if t.receiver == holding.address),
            labels=self._case.labels.get(holding.address, ()),
        )

    def _steps(self, items: Iterable[Item]) -> tuple[Step, ...]:
        towards: defaultdict[tuple[int, str], dict[Address, set[str]]] = defaultdict(dict)
        for item in items:
            for place, policies in self._evidence(item.holding)[0].items():
                towards[place, item.holding.theft].setdefault(item.holding.address, set()).update(policies)
        steps = []
        for place, theft in sorted(towards):
            transfer, ends = self._case.transfers[place], towards[place, theft]
            under = set().union(*ends.values())
            stolen = _range(transfer.asset, self._carried[id(transfer), theft])
            steps.append(Step(transfer, theft, stolen, tuple(sorted(ends)), tuple(p for p in POLICIES if p in under)))
        return tuple(steps)

    def _sorted(self, places: Iterable[int]) -> list[Transfer]:
        return [self._case.transfers[place] for place in sorted(places)]

    def _evidence(self, holding: Holding) -> tuple[dict[int, set[str]], tuple[Way, ...]]:
        """Return the places (in the case's order) of the transfers on the way with their policies, and the ways."""
        if id(holding) not in self._known:
            self._known[id(holding)] = self._explain(holding)
        return self._known[id(holding)]

    def _explain(self, holding: Holding) -> tuple[dict[int, set[str]], tuple[Way, ...]]:
        on_path: defaultdict[int, set[str]] = defaultdict(set)
        exact: defaultdict[tuple[tuple[int, ...], int], list[str]] = defaultdict(list)
        melted: defaultdict[tuple[tuple[int, ...], int], list[str]] = defaultdict(list)
        for name, explainer in self._explainers.items():
            position = self._positions.get((name, (holding.theft, holding.asset, holding.address)))
            if position is None:
                continue
            evidence = explainer.explain(position)
            for move in evidence.moves:
                on_path[self._order[id(move.transfer)]].add(name)
            for path in evidence.paths:
                exact[self._places(path.transfers), path.amount].append(name)
            if not evidence.paths:
                melted[self._places(move.transfer for move in evidence.moves), position.amount].append(name)
        ways = exact or melted
        return on_path, tuple(
            Way(holding, amount, tuple(policies), bool(exact), tuple(self._sorted(places)))
            for (places, amount), policies in sorted(ways.items(), key=lambda way: (-way[0][1], way[0][0]))
        )

    def _places(self, transfers: Iterable[Transfer]) -> tuple[int, ...]:
        return tuple(self._order[id(transfer)] for transfer in transfers)


def _range(asset: Asset, by_policy: Mapping[str, int]) -> Range:
    conserving = [by_policy[name] for name, policy in POLICIES.items() if policy.conserves]
    return Range(asset, min(conserving), max(conserving), by_policy["poison"])
