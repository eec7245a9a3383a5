"""`bongsu trace bridge`: candidates for where stolen value went on behind a bridge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.shell import Format, PolicyName, out, plural, say

if TYPE_CHECKING:
    from bongsu.chain.memo import Memo
    from bongsu.trace.bridge import Bridged

_SHOWN = 5


def show_bridges(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case with the transfers of both chains.")],
    memos: Annotated[
        Path | None, typer.Option(help="CSV tx,memo: each memo as text, calldata or OP_RETURN script.")
    ] = None,
    rate: Annotated[
        list[str] | None, typer.Option(metavar="A:B=X", help="One A buys X of B; without it only equal assets compare.")
    ] = None,
    policy: Annotated[PolicyName, typer.Option(help="How stolen value mixes with clean.")] = PolicyName.FIFO,
    swaps: Annotated[bool, typer.Option("--swaps", help="Follow value through swaps and wraps first.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
) -> None:
    """List, for each transfer of stolen value into a bridge, what may continue it on another chain."""
    from bongsu.trace.bridge import crossings, match
    from bongsu.trace.case import find_case, read_case
    from bongsu.trace.output import to_json
    from bongsu.trace.policies import POLICIES
    from bongsu.trace.run import run

    read = read_case(find_case(case))
    bridges = {a: v for a, v in read.venues.items() if any(x.venue_kind == "bridge" for x in read.labels[a])}
    trace = run(POLICIES[policy.value], read.transfers, read.stolen_from, read.venues, swaps=swaps)
    found = match(
        crossings(trace, bridges, _memos(memos) if memos else {}), read.transfers, bridges, _rates(rate or [])
    )
    if form is Format.JSON:
        out.file.write(to_json([_document(b) for b in found]))
        return
    say(f"{len(found)} {plural(len(found), 'transfer')} of stolen value into bridges")
    for bridged in found:
        _show(bridged)


def _memos(path: Path) -> dict[str, Memo]:
    from bongsu.chain.memo import Deposit, read_memo
    from bongsu.chain.table import read_rows
    from bongsu.errors import RecordError

    def stop(error: RecordError, raw: str) -> None:
        del raw
        raise error

    found: dict[str, Memo] = {}
    for row in read_rows(path, ("tx", "memo"), (), stop):
        try:
            memo = read_memo(row.cells["memo"])
        except RecordError as error:
            raise error.at(row.record.source, row.record.line) from None
        tx = row.cells["tx"].strip()
        found[tx.lower() if tx.lower().startswith("0x") else tx] = memo.memo if isinstance(memo, Deposit) else memo
    return found


def _rates(given: list[str]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for text in given:
        names, _, number = text.partition("=")
        first, _, second = names.partition(":")
        try:
            found[first, second] = float(number)
        except ValueError:
            found.clear()
        if not first or not second or not found or not 0 < found[first, second] < float("inf"):
            raise typer.BadParameter(f"--rate {text!r}: write A:B=X, one A buys X of B")
    return found


def _show(bridged: Bridged) -> None:
    crossing = bridged.crossing
    t = crossing.transfer
    when = f"{t.time:%Y-%m-%d %H:%M:%S}" if t.time else f"block {t.block}"
    say(
        f"{when} {t.tx} {t.asset.text(t.amount)} {t.asset.symbol} into {crossing.bridge}, of it "
        f"{t.asset.text(crossing.amount)} of {crossing.theft}"
    )
    if crossing.memo and crossing.memo.destination:
        to = crossing.memo.destination
        asked = crossing.memo.asset
        say(f"    memo: {asked.symbol if asked else '?'} to {to.text} on {to.chain or '?'}")
    for m in bridged.candidates[:_SHOWN]:
        amount = f"{m.transfer.asset.text(m.transfer.amount)} {m.transfer.asset.symbol}"
        say(f"    candidate [{m.confidence:.2f}] {amount} to {m.transfer.receiver.display}")
        say(f"        {m.transfer.tx}: {'; '.join(m.reasons)}; {m.rivals} rival deposits")
    rest = len(bridged.candidates) - _SHOWN
    if rest > 0:
        say(f"    and {rest} weaker candidates (--format json lists them)")
    if not bridged.candidates:
        say("    no candidate in the records")


def _document(bridged: Bridged) -> dict[str, Any]:
    from dataclasses import asdict

    from bongsu.trace.output import transfer_document

    crossing = bridged.crossing
    return {
        "deposit": transfer_document(crossing.transfer),
        "theft": crossing.theft,
        "stolen": crossing.transfer.asset.text(crossing.amount),
        "bridge": crossing.bridge,
        "memo": asdict(crossing.memo) if crossing.memo else None,
        "candidates": [
            {
                "transfer": transfer_document(m.transfer),
                "chain": m.transfer.receiver.chain,
                "bridge": m.bridge,
                "confidence": m.confidence,
                "reasons": list(m.reasons),
                "rival_deposits": m.rivals,
            }
            for m in bridged.candidates
        ],
    }
