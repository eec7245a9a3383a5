"""Address poisoning: somebody imitates a counterparty so that its address is copied from the history by mistake.

Two forms: a token that borrows a known name (refused when the file is read, shown here), and dust or nothing moved
between an address and a look-alike of one of its genuine counterparties - the same first and last digits, another rest.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bongsu.trace.pattern import Detector, Finding, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bongsu.model.address import Address
    from bongsu.model.transfer import Transfer
    from bongsu.trace.pattern import Scene

NAME = "address-poisoning"


def detect(scene: Scene) -> Iterator[Finding]:
    """Yield a finding for the spoofs of each transaction, and for each look-alike."""
    yield from _spoofs(scene)
    yield from _look_alikes(scene)


def _spoofs(scene: Scene) -> Iterator[Finding]:
    subject = next(iter(scene.thefts), None) or next((t.sender for t in scene.transfers), None)
    for skipped in scene.skipped:
        if subject is not None and skipped.reason.startswith("spoof asset"):
            yield Finding(NAME, subject, f"{skipped.tx}: {skipped.reason}", 0.95, (), skipped=(skipped,))


def _look_alikes(scene: Scene) -> Iterator[Finding]:
    limit = thresholds(NAME)
    partners: defaultdict[Address, defaultdict[tuple[str, str], list[Transfer]]] = defaultdict(
        lambda: defaultdict(list)
    )
    affix = int(limit["affix"])
    for transfer in scene.transfers:
        for party, other in ((transfer.sender, transfer.receiver), (transfer.receiver, transfer.sender)):
            body = other.text.removeprefix("0x")
            partners[party][body[:affix], body[-affix:]].append(transfer)
    told: set[tuple[Address, Address]] = set()
    for party, groups in partners.items():
        for transfers in groups.values():
            yield from _pairs(scene, party, transfers, limit["dust"], told)


def _pairs(
    scene: Scene, party: Address, transfers: list[Transfer], dust: float, told: set[tuple[Address, Address]]
) -> Iterator[Finding]:
    largest: dict[Address, Transfer] = {}
    for transfer in transfers:
        other = transfer.receiver if transfer.sender == party else transfer.sender
        if other not in largest or transfer.amount > largest[other].amount:
            largest[other] = transfer
    genuine = max(largest.values(), key=lambda t: t.amount)
    for other, transfer in largest.items():
        imitated = genuine.receiver if genuine.sender == party else genuine.sender
        small = transfer.amount <= dust * genuine.amount
        if other == imitated or not small or (party, other) in told or not genuine.amount:
            continue
        told.add((party, other))
        yield Finding(
            NAME,
            other,
            f"it imitates {imitated}, a genuine counterparty of {party}: the same first and last digits, and it moved "
            f"{transfer.asset.text(transfer.amount)} {transfer.asset.symbol} at most",
            0.9,
            (genuine, transfer),
            scene.thefts_at(party),
        )


DETECTOR = Detector(NAME, "A look-alike address or token imitates a genuine one", detect)
