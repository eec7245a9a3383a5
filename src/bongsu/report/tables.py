"""The two files for machines: positions.csv and evidence.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bongsu.chain.table import write_csv
from bongsu.trace.evidence import explain
from bongsu.trace.output import position_document, to_json, transfer_document
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from bongsu.model.transfer import Transfer
    from bongsu.respond.assessment import Assessment, Holding
    from bongsu.trace.run import Position, Trace


def positions_csv(assessment: Assessment) -> str:
    """Return all holdings as CSV: one row each, amounts as exact decimal strings in whole units."""
    conserving = [f"under_{name.replace('-', '_')}" for name, policy in POLICIES.items() if policy.conserves]
    header = ["theft", "chain", "address", "asset", "contract", "venue", "low", "high", "poison_bound", *conserving]
    rows = (_row(assessment, holding) for holding in assessment.holdings)
    return write_csv([*header, "who_can_act", "label", "note"], rows)


def _row(assessment: Assessment, holding: Holding) -> list[str]:
    asset = holding.asset
    labels = assessment.case.labels.get(holding.address, ())
    return [
        *(holding.theft, asset.chain, holding.address.text, asset.symbol, asset.contract or "", holding.venue or ""),
        *(asset.text(amount) for amount in (holding.low, holding.high, holding.poison)),
        *(asset.text(holding.by_policy[name]) for name in POLICIES if POLICIES[name].conserves),
        "; ".join(f"{actor.venue.name} ({actor.role})" for actor in holding.actors),
        "; ".join(label.text for label in labels),
        " ".join(note.text for note in holding.notes),
    ]


def evidence_json(assessment: Assessment) -> str:
    """Return the evidence for every position under every policy.

    `transfers` lists each transfer that carried stolen value under some policy, once; everything else points into it by
    number. For each policy, `moves` says how much stolen value each transfer carried, in order. A position has `paths`
    (its lots, each with the transfers that carried it from the theft) where the policy keeps lots apart, and otherwise
    `arrivals`: the transfers that brought its money; what lies upstream of them is in `moves`.
    """
    numbers: dict[int, int] = {}
    listed: list[Transfer] = []
    for transfer in assessment.case.transfers:
        if any(id(transfer) in carriers for carriers in _carriers(assessment)):
            numbers[id(transfer)] = len(listed)
            listed.append(transfer)
    return to_json(
        {
            "transfers": [transfer_document(transfer) for transfer in listed],
            "policies": {name: _policy(trace, numbers) for name, trace in assessment.traces.items()},
        }
    )


def _carriers(assessment: Assessment) -> list[set[int]]:
    return [{id(move.transfer) for move in trace.moves} for trace in assessment.traces.values()]


def _policy(trace: Trace, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "moves": [
            {
                "transfer": numbers[id(move.transfer)],
                "theft": move.theft,
                "carried": move.transfer.asset.text(move.amount),
            }
            for move in trace.moves
        ],
        "positions": [
            {**position_document(position), **_evidence(trace, position, numbers)} for position in trace.positions
        ],
    }


def _evidence(trace: Trace, position: Position, numbers: dict[int, int]) -> dict[str, Any]:
    if POLICIES[trace.policy].separable:
        text = position.asset.text
        paths = explain(trace, position).paths
        return {
            "paths": [{"amount": text(p.amount), "transfers": [numbers[id(t)] for t in p.transfers]} for p in paths]
        }
    arrivals = [
        numbers[id(move.transfer)]
        for move in trace.moves
        if move.theft == position.theft
        and (move.transfer.receiver, move.transfer.asset) == (position.address, position.asset)
    ]
    return {"arrivals": arrivals}
