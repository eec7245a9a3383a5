"""Join cases into one run, so that the thefts of several incidents are followed at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bongsu.chain.order import in_order
from bongsu.errors import SourceError
from bongsu.trace.pattern import Scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bongsu.label.label import Label
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Skipped, Transfer
    from bongsu.trace.case import Case


@dataclass(frozen=True, slots=True)
class Joined:
    """What a run over several cases needs."""

    transfers: tuple[Transfer, ...]
    stolen_from: Mapping[Address, str]
    venues: Mapping[Address, str]
    labels: Mapping[Address, tuple[Label, ...]]
    skipped: tuple[Skipped, ...]

    @property
    def scene(self) -> Scene:
        """What detectors look at: the transfers, with the mixers and perpetrators that the labels name."""
        kinds = {a: {label.venue_kind or label.category for label in found} for a, found in self.labels.items()}
        mixers, suspects = (frozenset(a for a, k in kinds.items() if name in k) for name in ("mixer", "perpetrator"))
        return Scene(self.transfers, self.stolen_from, self.venues, mixers, suspects, self.skipped)


def joined(cases: Sequence[Case]) -> Joined:
    """Join cases.

    A transfer that several cases list is one transfer; one that a single case lists twice stays two. An asset is the
    same where chain and symbol are; the first case that knows its contract says it.

    Raises:
        SourceError: two cases share a theft's id, or differ about an asset's decimals.
    """
    _refuse_shared_thefts(cases)
    assets: dict[tuple[str, str], Asset] = {}
    stolen_from: dict[Address, str] = {}
    venues: dict[Address, str] = {}
    for case in cases:
        stolen_from |= case.stolen_from
        venues = case.venues | venues
        for asset in {t.asset for t in case.transfers}:
            _agree(assets, asset, case)
    labels: dict[Address, tuple[Label, ...]] = {}
    for case in cases:
        for address, found in case.labels.items():
            labels[address] = (*labels.get(address, ()), *found)
    skipped = tuple({(s.tx, s.reason): s for case in cases for s in case.skipped}.values())
    return Joined(tuple(in_order(_once(cases, assets))), stolen_from, venues, labels, skipped)


def _refuse_shared_thefts(cases: Sequence[Case]) -> None:
    owner: dict[str, str] = {}
    for case in cases:
        for theft in case.thefts:
            if owner.setdefault(theft.id, str(case.folder)) != str(case.folder):
                raise SourceError(
                    f"theft {theft.id!r} stands in two cases",
                    source=str(case.folder),
                    hint="give each theft its own id",
                )


def _once(cases: Sequence[Case], assets: Mapping[tuple[str, str], Asset]) -> list[Transfer]:
    """Return the transfers of all cases, those that several cases list once."""
    kept: list[Transfer] = []
    seen: Counter[tuple[object, ...]] = Counter()
    for case in cases:
        here: Counter[tuple[object, ...]] = Counter()
        for transfer in case.transfers:
            same = replace(transfer, asset=assets[transfer.asset.chain, transfer.asset.symbol])
            key = (same.tx, same.sender, same.receiver, same.asset, same.amount, same.block, same.index)
            here[key] += 1
            if here[key] > seen[key]:
                kept.append(same)
        seen |= here
    return kept


def _agree(assets: dict[tuple[str, str], Asset], asset: Asset, case: Case) -> None:
    known = assets.setdefault((asset.chain, asset.symbol), asset)
    if known.decimals != asset.decimals:
        raise SourceError(
            f"{asset.symbol} on {asset.chain} has {asset.decimals} decimals here and {known.decimals} in another case",
            source=str(case.folder),
            hint="one of the two is wrong: correct it",
        )
    if known.contract is None and asset.contract is not None:
        assets[asset.chain, asset.symbol] = asset
