"""Bridges: which transfer out of a bridge may continue stolen value that went in - candidates, never a join.

Two kinds of evidence:

- a memo (chain/memo.py) in which the sender names the destination: strong, and still only what was asked for;
- label, amount and time: a labelled bridge paid out, on another chain, the same asset less a fee within hours.

The confidence of a match by amount and time is its weight against all that compete with it: the other payments out that
fit the same deposit, the other deposits that fit the same payment, and the possibility that the true one is not in the
records. Nothing is followed further by this module: a person reads the candidates and, if convinced, names the receiver
as stolen-from in a case of its own.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bongsu.chain.memo import Memo
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.run import Trace

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """Stolen value that went into a bridge: the transfer, whose it is, how much of it, and the memo if one is known."""

    transfer: Transfer
    theft: str
    amount: int
    bridge: str
    memo: Memo | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A payment out of a bridge that may continue a crossing.

    Attributes:
        transfer: the payment.
        bridge: whose it is by label.
        confidence: between 0 and 1, never 1.
        reasons: what fits.
        rivals: how many other deposits fit the same payment.
    """

    transfer: Transfer
    bridge: str
    confidence: float
    reasons: tuple[str, ...]
    rivals: int


@dataclass(frozen=True, slots=True)
class Bridged:
    """A crossing and its candidates, the best first; none where nothing fits."""

    crossing: Crossing
    candidates: tuple[Match, ...]


def crossings(trace: Trace, bridges: Mapping[Address, str], memos: Mapping[str, Memo]) -> list[Crossing]:
    """Return the transfers that carried stolen value into a bridge, or whose memo says so.

    Args:
        trace: a run, with the bridges among its venues.
        bridges: the bridge's name by address.
        memos: by transaction hash.
    """
    return [
        Crossing(
            move.transfer,
            move.theft,
            move.amount,
            bridges.get(move.transfer.receiver, "THORChain"),
            memos.get(move.transfer.tx),
        )
        for move in trace.moves
        if move.arrives and (move.transfer.receiver in bridges or move.transfer.tx in memos)
    ]


def match(
    found: Sequence[Crossing],
    transfers: Iterable[Transfer],
    bridges: Mapping[Address, str],
    rates: Mapping[tuple[str, str], float] | None = None,
) -> list[Bridged]:
    """Return each crossing with what may continue it.

    Args:
        found: what went in.
        transfers: all transfers of all chains.
        bridges: the bridge's name by address; two addresses of one name are one bridge.
        rates: units of the second asset for one of the first, by both symbols, where a price is to be used.
    """
    outs = [t for t in transfers if t.moves and t.time is not None]
    paid = [t for t in outs if t.sender in bridges]
    weights: dict[tuple[int, int], tuple[float, tuple[str, ...]]] = {}
    rivals: defaultdict[int, list[float]] = defaultdict(list)
    named = [_named(crossing, outs) for crossing in found]
    for number, crossing in enumerate(found):
        for out in paid:
            fit = None if named[number] else _fit(crossing, out, bridges, rates or {})
            if fit is not None:
                weights[number, id(out)] = fit
                rivals[id(out)].append(fit[0])
    by_id = {id(out): out for out in outs}
    result: list[Bridged] = []
    for number, crossing in enumerate(found):
        own = {out: fit for (n, out), fit in weights.items() if n == number}
        all_weight = sum(weight for weight, _ in own.values()) + _limits()["elsewhere"]
        candidates = [
            Match(
                by_id[out],
                bridges[by_id[out].sender],
                round(min(_limits()["ceiling"], weight / all_weight * weight / sum(rivals[out])), 2),
                reasons,
                len(rivals[out]) - 1,
            )
            for out, (weight, reasons) in own.items()
        ]
        candidates += [_by_memo(crossing, out, bridges, rates or {}) for out in named[number]]
        result.append(Bridged(crossing, tuple(sorted(candidates, key=lambda m: (-m.confidence, m.transfer.tx)))))
    return result


@cache
def _limits() -> dict[str, float]:
    return tomllib.loads(files(__package__).joinpath("bridges.toml").read_text(encoding="utf-8"))


def _lag(crossing: Crossing, out: Transfer) -> float | None:
    """Return the hours from deposit to payment, None where they cannot belong together in time or chain."""
    before = crossing.transfer.time
    if before is None or out.time is None or out.sender.chain == crossing.transfer.sender.chain:
        return None
    lag = (out.time - before).total_seconds() / _HOUR
    return lag if 0 <= lag <= _limits()["hours"] else None


def _kept(crossing: Crossing, out: Transfer, rates: Mapping[tuple[str, str], float]) -> tuple[float, bool] | None:
    """Return what part of the value came out, and whether that rests on a rate; None where nothing is comparable."""
    given, taken = crossing.transfer.asset, out.asset
    rate = 1.0 if given.symbol == taken.symbol else rates.get((given.symbol, taken.symbol))
    if rate is None:
        return None
    return _whole(taken, out.amount) / (_whole(given, crossing.transfer.amount) * rate), given.symbol != taken.symbol


def _whole(asset: Asset, amount: int) -> float:
    return amount / 10.0**asset.decimals


def _fit(
    crossing: Crossing, out: Transfer, bridges: Mapping[Address, str], rates: Mapping[tuple[str, str], float]
) -> tuple[float, tuple[str, ...]] | None:
    limit = _limits()
    lag, kept = _lag(crossing, out), _kept(crossing, out, rates)
    if lag is None or kept is None or bridges[out.sender] != crossing.bridge:
        return None
    part, priced = kept
    slack = limit["slack"] if priced else 0.0
    if not 1 - limit["fee"] - slack <= part <= 1 + slack:
        return None
    off = max(0.0, abs(1 - part) - slack) / limit["fee"]
    weight = 0.5 ** (lag / limit["half_life"]) * (1 - off / 2)
    basis = " at the rate given" if priced else ""
    return weight, (f"{part:.2%} of the amount{basis}", f"{lag:.1f} hours later", f"both are {crossing.bridge}")


def _named(crossing: Crossing, outs: Iterable[Transfer]) -> list[Transfer]:
    """Return the payments to the address that the memo names, after the deposit."""
    to = crossing.memo.destination if crossing.memo else None
    if to is None:
        return []
    return [
        o for o in outs if o.receiver.text == to.text and to.chain == o.receiver.chain and _lag(crossing, o) is not None
    ]


def _by_memo(
    crossing: Crossing, out: Transfer, bridges: Mapping[Address, str], rates: Mapping[tuple[str, str], float]
) -> Match:
    limit, kept = _limits(), _kept(crossing, out, rates)
    fits = kept is not None and 1 - limit["fee"] - limit["slack"] <= kept[0] <= 1 + limit["slack"]
    asset = crossing.memo.asset if crossing.memo else None
    same = asset is not None and asset.symbol == out.asset.symbol
    confidence = limit["memo"] if fits and same else limit["memo_alone"] if kept is None and same else 0.3
    reasons = [
        "the memo names this receiver",
        f"{_lag(crossing, out) or 0.0:.1f} hours later",
        f"{kept[0]:.2%} of the amount" if kept else "no rate was given to compare amounts by",
    ]
    if not same:
        reasons.append("but another asset than the memo asks for")
    return Match(out, bridges.get(out.sender, ""), confidence, tuple(reasons), 0)
