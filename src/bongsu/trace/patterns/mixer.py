"""Fixed-denomination mixer: deposits of stolen money, and withdrawals that may be theirs - ranked, never joined.

A note goes in and the same amount (less a relayer's fee) comes out to an address without a past. Nothing on the chain
joins the two; what investigators used in public cases is here one signal each, with a weight (thresholds.toml):

- gas: the receiver's first coin came from an address of the matter, or from who paid a depositor's gas;
- meets: money of the receiver later reaches an address that stolen money reached outside the mixer;
- run: the receiver took several notes of the deposited denomination;
- time: its notes came within hours of a deposit.

A denomination is an amount that was deposited more than once, or has one significant digit. Signals combine as
independent (1 - product of 1 - weight). The number of others who deposited the same denomination is said with each
finding: it is the crowd in which the thieves hid.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.trace.pattern import DAY, HOUR, Candidate, Detector, Finding, in_words, seconds, thresholds, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "mixer"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield one finding for each mixer, asset and denomination that stolen money went into."""
    notes: defaultdict[tuple[Address, Asset, int], list[Transfer]] = defaultdict(list)
    for transfer in scene.moving:
        if transfer.receiver in scene.mixers:
            notes[transfer.receiver, transfer.asset, transfer.amount].append(transfer)
    for (mixer, asset, amount), deposits in notes.items():
        own = [t for t in deposits if scene.concerns(t.sender)]
        if own and (len(deposits) > 1 or _is_round(amount)):
            yield _finding(
                scene, mixer, asset, amount, own, len({t.sender for t in deposits} - {t.sender for t in own})
            )


def _is_round(amount: int) -> bool:
    """Tell whether an amount has one significant digit, as denominations have (0.1, 1, 10, 100, 5000)."""
    return len(str(amount).rstrip("0")) == 1


def _finding(
    scene: Scene, mixer: Address, asset: Asset, amount: int, deposits: Sequence[Transfer], others: int
) -> Finding:
    limit = thresholds(NAME)
    by_receiver: defaultdict[Address, list[Transfer]] = defaultdict(list)
    last = max((seconds(t) or 0.0 for t in deposits), default=0.0)
    for t in scene.outgoing.get(mixer, ()):
        later = scene.order[id(t)] > scene.order[id(deposits[0])]
        soon = t.time is None or (seconds(t) or 0.0) - last <= limit["days"] * DAY
        if t.asset == asset and (1 - limit["fee"]) * amount <= t.amount <= amount and later and soon:
            by_receiver[t.receiver].append(t)
    all_ranked = sorted(
        (_candidate(scene, receiver, notes, deposits) for receiver, notes in by_receiver.items()),
        key=lambda c: (-c.confidence, c.address),
    )
    listed = tuple(c for c in all_ranked if c.confidence >= limit["floor"])
    senders = {t.sender for t in deposits}
    return Finding(
        NAME,
        mixer,
        f"{len(deposits)} notes of {asset.text(amount)} {asset.symbol} from {len(senders)} addresses of the matter"
        f" ({in_words(total(deposits))}); {others} others deposited the same; {len(listed)} of {len(all_ranked)} "
        "receivers of such notes are candidates",
        0.9,
        tuple(deposits),
        tuple(sorted({theft for sender in senders for theft in scene.thefts_at(sender)})),
        listed,
    )


def _candidate(scene: Scene, receiver: Address, notes: Sequence[Transfer], deposits: Sequence[Transfer]) -> Candidate:
    limit = thresholds(NAME)
    doubt = 1.0
    reasons: list[str] = []
    evidence = list(notes)
    if funding := _gas_link(scene, receiver, deposits):
        doubt *= 1 - limit["weight_gas"]
        reasons.append(f"its gas came from {funding.sender}, an address of the matter")
        evidence.append(funding)
    if meeting := _meets(scene, receiver):
        doubt *= 1 - limit["weight_meets"]
        reasons.append(f"it paid {meeting.receiver}, which stolen money reached outside the mixer")
        evidence.append(meeting)
    if len(notes) >= limit["run"]:
        doubt *= 1 - limit["weight_run"]
        reasons.append(f"it took {len(notes)} such notes")
    lags = [lag for note in notes if (lag := _lag(note, deposits)) is not None]
    if lags and max(lags) <= limit["hours"] * HOUR:
        doubt *= 1 - limit["weight_time"]
        reasons.append(f"each note came within {max(max(lags) / HOUR, 0.1):.1f} hours of a deposit")
    confidence = round(min(limit["ceiling"], 1 - doubt), 2)
    return Candidate(receiver, confidence, tuple(reasons), tuple(evidence))


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


def _lag(note: Transfer, deposits: Sequence[Transfer]) -> float | None:
    """Return the seconds since the last deposit before a note."""
    at = seconds(note)
    lags = [at - before for d in deposits if at is not None and (before := seconds(d)) is not None and before <= at]
    return min(lags, default=None)


DETECTOR = Detector(NAME, "Stolen money entered a fixed-denomination mixer; withdrawals that may be its", detect)
