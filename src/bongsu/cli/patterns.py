"""`bongsu trace patterns` and `bongsu trace commingling`: what launderers do, and whose money meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.shell import Format, PolicyName, out, plural, say
from bongsu.errors import SourceError

if TYPE_CHECKING:
    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer
    from bongsu.trace.commingling import Meeting
    from bongsu.trace.pattern import Finding

_SHOWN = 8
_WEAK = 0.5
"""Findings of less confidence are counted, and shown on request."""


def show_patterns(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Case folders, or names of shipped cases.")],
    only: Annotated[list[str] | None, typer.Option(help="Only this detector; may be repeated.")] = None,
    weak: Annotated[bool, typer.Option("--weak", help="Show findings below a confidence of one half as well.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
) -> None:
    """Say which habits of launderers the cases show, together, with the transfers that show them."""
    from bongsu.trace.case import find_case, read_case
    from bongsu.trace.joining import joined
    from bongsu.trace.output import to_json
    from bongsu.trace.patterns import DETECTORS

    unknown = sorted(set(only or ()) - set(DETECTORS))
    if unknown:
        raise SourceError(f"there is no detector {unknown[0]!r}", hint=f"use one of: {', '.join(DETECTORS)}")
    scene = joined([read_case(find_case(name)) for name in cases]).scene
    findings = [f for name, d in DETECTORS.items() if not only or name in only for f in d.detect(scene)]
    if form is Format.JSON:
        out.file.write(to_json([_finding(f) for f in findings]))
        return
    for name, detector in DETECTORS.items():
        if not only or name in only:
            found = sorted((f for f in findings if f.detector == name), key=lambda f: -f.confidence)
            shown = [f for f in found if weak or f.confidence >= _WEAK]
            more = f", and {len(found) - len(shown)} weaker (--weak shows them)" if len(found) > len(shown) else ""
            say(f"{name}: {len(shown)} {plural(len(shown), 'finding')}{more}. {detector.about}.")
            for finding in shown:
                _show(finding)
    if scene.bystanders:
        say(f"left out as bystanders, who deal with others too: {len(scene.bystanders)} of those stolen money reached")


def show_commingling(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="One case or several.")],
    policy: Annotated[PolicyName, typer.Option(help="How stolen value mixes with clean.")] = PolicyName.FIFO,
    swaps: Annotated[bool, typer.Option("--swaps", help="Follow value through swaps and wraps first.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
) -> None:
    """Say which thefts' money meets, where and when."""
    from bongsu.trace.case import find_case, read_case
    from bongsu.trace.commingling import matrix, meetings, pairs
    from bongsu.trace.joining import joined
    from bongsu.trace.output import to_json
    from bongsu.trace.policies import POLICIES
    from bongsu.trace.run import run

    whole = joined([read_case(find_case(name)) for name in cases])
    trace = run(POLICIES[policy.value], whole.transfers, whole.stolen_from, whole.venues, swaps=swaps)
    found = meetings(trace, whole.venues)
    cells, all_pairs = matrix(found), pairs(whole.stolen_from.values())
    if form is Format.JSON:
        document = {
            "policy": policy.value,
            "thefts": sorted(set(whole.stolen_from.values())),
            "matrix": [{"thefts": list(p), "first_meetings": len(cells.get(p, ()))} for p in all_pairs],
            "meetings": [_meeting(m) for m in found],
        }
        out.file.write(to_json(document))
        return
    for pair in all_pairs:
        met = cells.get(pair, [])
        say(f"{pair[0]} and {pair[1]}: {len(met)} first {plural(len(met), 'meeting')} outside venues")
        for meeting in met[:_SHOWN]:
            say(f"    {_stamp(meeting.completed)} at {meeting.address.display}")
            for theft, arrival in zip(meeting.thefts, meeting.arrivals, strict=True):
                say(f"        {theft}: {arrival.tx} from {arrival.sender.display}")
        if len(met) > _SHOWN:
            say(f"    and {len(met) - _SHOWN} more (--format json lists them)")
    at_venues = sum(m.venue is not None for m in found)
    say(f"{at_venues} {plural(at_venues, 'meeting')} at venues, which tie nobody; {len(found)} in all")


def _show(finding: Finding) -> None:
    say(f"  [{finding.confidence:.2f}] {finding.subject.display}: {finding.summary}")
    for transfer in finding.evidence[:_SHOWN]:
        say(f"      {_line(transfer)}")
    if len(finding.evidence) > _SHOWN:
        say(f"      and {len(finding.evidence) - _SHOWN} more transfers (--format json lists them)")
    for candidate in finding.candidates[:_SHOWN]:
        why = "; ".join(candidate.reasons)
        say(f"      candidate [{candidate.confidence:.2f}] {candidate.address.display}: {why}")


def _line(t: Transfer) -> str:
    return f"{_stamp(t)} {t.tx} {t.sender.display} -> {t.receiver.display} {_amount(t.asset, t.amount)}"


def _amount(asset: Asset, amount: int) -> str:
    return f"{asset.text(amount)} {asset.symbol}"


def _stamp(transfer: Transfer) -> str:
    return f"{transfer.time:%Y-%m-%d %H:%M:%S}" if transfer.time else f"block {transfer.block}"


def _finding(finding: Finding) -> dict[str, Any]:
    from bongsu.trace.output import transfer_document

    return {
        "detector": finding.detector,
        "chain": finding.subject.chain,
        "subject": finding.subject.text,
        "summary": finding.summary,
        "confidence": finding.confidence,
        "thefts": list(finding.thefts),
        "evidence": [transfer_document(t) for t in finding.evidence],
        "candidates": [
            {
                "address": c.address.text,
                "confidence": c.confidence,
                "reasons": list(c.reasons),
                "evidence": [transfer_document(t) for t in c.evidence],
            }
            for c in finding.candidates
        ],
        "skipped": [{"record": str(s.record), "tx": s.tx, "reason": s.reason} for s in finding.skipped],
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    from bongsu.trace.output import transfer_document

    return {
        "thefts": list(meeting.thefts),
        "chain": meeting.address.chain,
        "address": meeting.address.text,
        "venue": meeting.venue,
        "first": meeting.first,
        "arrivals": [transfer_document(t) for t in meeting.arrivals],
    }
