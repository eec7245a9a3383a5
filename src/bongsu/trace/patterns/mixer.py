"""Fixed-denomination mixer: deposits of stolen money, and withdrawals that may be theirs - ranked, never joined.

A note goes in and the same amount (less a relayer's fee) comes out to an address without a past. Nothing on the chain
joins the two; what investigators used in public cases is here one sign each, with a weight (thresholds.toml):

- gas: the receiver's first coin came from an address of the matter, or from who paid a depositor's gas;
- meets: money of the receiver later reaches an address that stolen money reached outside the mixer;
- together: it later meets the money of other receivers at an address that lives on such notes; it weighs more where
  one of those others has one of the two ties above;
- run: the receiver took several notes of the deposited denomination;
- crowd: who takes a note by chance takes one of those deposited before it, and this part of them was stolen.

A denomination is an amount that was deposited more than once, or has one significant digit. Signs combine as
independent (1 - product of 1 - weight). The number of others who deposited the same denomination is said with each
finding: it is the crowd in which the thieves hid. A receiver without any tie is only as likely as that crowd is thin.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.trace.pattern import DAY, Candidate, Detector, Finding, in_words, seconds, thresholds, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "mixer"


@dataclass(frozen=True, slots=True)
class _Pool:
    """One mixer's notes of one denomination: deposits in order, the matter's own, and withdrawals by receiver."""

    mixer: Address
    deposits: Sequence[Transfer]
    own: Sequence[Transfer]
    notes: Mapping[Address, Sequence[Transfer]]


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield one finding for each mixer, asset and denomination that stolen money went into."""
    notes: defaultdict[tuple[Address, Asset, int], list[Transfer]] = defaultdict(list)
    for transfer in scene.moving:
        if transfer.receiver in scene.mixers:
            notes[transfer.receiver, transfer.asset, transfer.amount].append(transfer)
    for (mixer, _, amount), deposits in notes.items():
        own = [t for t in deposits if scene.concerns(t.sender)]
        if own and (len(deposits) > 1 or _is_round(amount)):
            yield _finding(scene, _Pool(mixer, deposits, own, _withdrawn(scene, mixer, own)))


def _is_round(amount: int) -> bool:
    """Tell whether an amount has one significant digit, as denominations have (0.1, 1, 10, 100, 5000)."""
    return len(str(amount).rstrip("0")) == 1


def _withdrawn(scene: Scene, mixer: Address, own: Sequence[Transfer]) -> Mapping[Address, Sequence[Transfer]]:
    limit = thresholds(NAME)
    asset, amount = own[0].asset, own[0].amount
    found: defaultdict[Address, list[Transfer]] = defaultdict(list)
    last = max(seconds(t) or 0.0 for t in own)
    for t in scene.outgoing.get(mixer, ()):
        later = scene.order[id(t)] > scene.order[id(own[0])]
        soon = t.time is None or (seconds(t) or 0.0) - last <= limit["days"] * DAY
        if t.asset == asset and (1 - limit["fee"]) * amount <= t.amount <= amount and later and soon:
            found[t.receiver].append(t)
    return found


def _finding(scene: Scene, pool: _Pool) -> Finding:
    asset, amount = pool.own[0].asset, pool.own[0].amount
    ranked = _ranked(scene, pool)
    listed = tuple(c for c in ranked if c.confidence >= thresholds(NAME)["floor"])
    senders = {t.sender for t in pool.own}
    others = len({t.sender for t in pool.deposits} - senders)
    return Finding(
        NAME,
        pool.mixer,
        f"{len(pool.own)} notes of {asset.text(amount)} {asset.symbol} from {len(senders)} addresses of the matter"
        f" ({in_words(total(pool.own))}); {others} others deposited the same; {len(listed)} of {len(ranked)} "
        "receivers of such notes are candidates",
        0.9,
        tuple(pool.own),
        tuple(sorted({theft for sender in senders for theft in scene.thefts_at(sender)})),
        listed,
    )


def _ranked(scene: Scene, pool: _Pool) -> list[Candidate]:
    """Return every receiver of notes that may be the matter's, the likeliest first."""
    ties = {who: _ties(scene, who, pool.own) for who in pool.notes}
    meetings = _together(scene, pool)
    found = []
    for who, notes in pool.notes.items():
        signs = [*ties[who], *_gathered(meetings.get(who), ties), *_by_itself(notes, pool)]
        doubt = 1.0
        for weight, _, _ in signs:
            doubt *= 1 - weight
        confidence = round(min(thresholds(NAME)["ceiling"], 1 - doubt), 2)
        evidence = (*notes, *(t for _, _, t in signs if t is not None))
        found.append(Candidate(who, confidence, tuple(reason for _, reason, _ in signs), evidence))
    return sorted(found, key=lambda c: (-c.confidence, c.address))


_Sign = tuple[float, str, "Transfer | None"]
"""A weight, the reason in words, and the transfer that shows it."""


def _ties(scene: Scene, receiver: Address, own: Sequence[Transfer]) -> list[_Sign]:
    limit = thresholds(NAME)
    found: list[_Sign] = []
    if funding := _gas_link(scene, receiver, own):
        found.append((limit["weight_gas"], f"its gas came from {funding.sender}, an address of the matter", funding))
    if meeting := _meets(scene, receiver):
        reason = f"it paid {meeting.receiver}, which stolen money reached outside the mixer"
        found.append((limit["weight_meets"], reason, meeting))
    return found


def _gathered(meeting: tuple[Transfer, set[Address]] | None, ties: Mapping[Address, list[_Sign]]) -> Iterator[_Sign]:
    if meeting is None:
        return
    payment, others = meeting
    tied = any(ties[other] for other in others)
    weight = thresholds(NAME)["weight_tied" if tied else "weight_together"]
    more = " of which one has a tie to the matter" if tied else ""
    yield weight, f"it paid {payment.receiver}, as did {len(others)} other receivers of notes{more}", payment


def _by_itself(notes: Sequence[Transfer], pool: _Pool) -> Iterator[_Sign]:
    limit = thresholds(NAME)
    if len(notes) >= limit["run"]:
        yield limit["weight_run"], f"it took {len(notes)} such notes", None
    if timed := [at for note in notes if (at := seconds(note)) is not None]:
        share, own, deposited = min(_crowd(at, pool) for at in timed)
        if own:
            reason = f"{own} of the {deposited} such notes deposited in the {limit['crowd_days']:.0f} days before"
            yield limit["crowd"] * share, f"{reason} were the matter's", None


def _crowd(at: float, pool: _Pool) -> tuple[float, int, int]:
    """Return which part of the notes deposited in the days before was the matter's: share, own, all."""

    def count(deposits: Sequence[Transfer]) -> int:
        times = [seconds(t) or 0.0 for t in deposits]
        return bisect_right(times, at) - bisect_left(times, at - thresholds(NAME)["crowd_days"] * DAY)

    own, deposited = count(pool.own), count(pool.deposits)
    return (own / deposited if deposited else 0.0), own, deposited


def _gas_link(scene: Scene, receiver: Address, deposits: Sequence[Transfer]) -> Transfer | None:
    funding = scene.gas_funder(receiver)
    if funding is None or funding.sender in scene.mixers or funding.sender in scene.venues:
        return None
    payers = {f.sender for t in deposits if (f := scene.gas_funder(t.sender)) and f.sender not in scene.venues}
    return funding if scene.concerns(funding.sender) or funding.sender in payers else None


def _meets(scene: Scene, receiver: Address) -> Transfer | None:
    """Return a payment of the receiver to an address that stolen money reached on another way."""
    for payment in scene.outgoing.get(receiver, ()):
        to = payment.receiver
        if scene.concerns(to) and any(first.sender != receiver for first in scene.reached.get(to, {}).values()):
            return payment
    return None


def _together(scene: Scene, pool: _Pool) -> dict[Address, tuple[Transfer, set[Address]]]:
    """Return, by receiver, its payment to an address that lives on such notes, and who else paid there."""
    paid: defaultdict[Address, dict[Address, Transfer]] = defaultdict(dict)
    for who in pool.notes:
        for payment in scene.outgoing.get(who, ()):
            if payment.receiver not in scene.venues:
                paid[payment.receiver].setdefault(who, payment)
    found: dict[Address, tuple[Transfer, set[Address]]] = {}
    for place, payments in paid.items():
        asset = next(iter(payments.values())).asset
        received = [t for t in scene.incoming[place] if t.asset == asset]
        from_notes = sum(t.amount for t in received if t.sender in payments)
        if len(payments) > 1 and 2 * from_notes >= sum(t.amount for t in received):
            for who, payment in payments.items():
                found.setdefault(who, (payment, set(payments) - {who}))
    return found


DETECTOR = Detector(NAME, "Stolen money entered a fixed-denomination mixer; withdrawals that may be its", detect)
