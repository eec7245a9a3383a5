"""A trace as JSON: the contract that other programs rely on. docs/trace-output.md describes it.

Everything is sorted and exact; the same inputs give the same bytes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bongsu.chain.transfers import Rejected
    from bongsu.model.transfer import Skipped, Transfer
    from bongsu.trace.conversion import Conversion, Side
    from bongsu.trace.coverage import Coverage
    from bongsu.trace.evidence import Evidence
    from bongsu.trace.run import Balance, Move, Position, Trace


def to_json(value: object) -> str:
    """Write JSON as every Bongsu file has it: two spaces, Unicode as it is, a newline at the end."""
    parts: list[str] = []
    _write(value, "\n", parts)
    return "".join(parts) + "\n"


def _write(value: object, line: str, parts: list[str]) -> None:
    """Append a value as `json.dumps(value, indent=2, ensure_ascii=False)` writes it, several times as fast.

    The standard library indents in Python, one small string at a time; the files of a large case have millions.
    """
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, dict) and value:
        inner, mark = line + "  ", "{"
        for key, item in value.items():
            parts.append(f"{mark}{inner}{encode_basestring(key)}: ")
            _write(item, inner, parts)
            mark = ","
        parts.append(line + "}")
    elif isinstance(value, list | tuple) and value:
        inner, mark = line + "  ", "["
        for item in value:
            parts.append(mark + inner)
            _write(item, inner, parts)
            mark = ","
        parts.append(line + "]")
    else:
        parts.append(json.dumps(value))


def trace_json(
    trace: Trace,
    skipped: Iterable[Skipped],
    rejected: Iterable[Rejected],
    transfers: int,
    duplicates: int,
    coverage: Coverage | None = None,
) -> Iterator[str]:
    """Yield a trace as pieces of JSON text; millions of positions are written one by one, and never held.

    Amounts are decimal strings in whole units, `base_units` integers as strings.
    """
    document = {
        "policy": trace.policy,
        "stolen": [
            {
                "theft": b.theft,
                "chain": b.asset.chain,
                "asset": b.asset.symbol,
                "amount": b.asset.text(b.stolen),
            }
            for b in trace.balances
        ],
        "positions": [],
        "returned": [
            {
                "chain": address.chain,
                "address": address.text,
                "asset": asset.symbol,
                "amount": asset.text(amount),
                "theft": theft,
            }
            for (theft, asset, address), amount in trace.returned.items()
        ],
        "conservation": [_balance(b, swaps=trace.conversions is not None) for b in trace.balances],
        **({} if trace.conversions is None else _swaps(trace, trace.conversions)),
        **({} if coverage is None else {"coverage": _coverage(coverage)}),
        "skipped": [
            *({"record": str(s.record), "tx": s.tx, "reason": s.reason} for s in skipped),
            *({"record": str(r.record), "tx": "", "reason": r.reason} for r in rejected),
        ],
        "transfers": transfers,
        "duplicates": duplicates,
    }
    before, here, after = to_json(document).partition('"positions": [')
    yield before + here
    joint = "\n"
    for position in trace.positions:
        yield joint + _position_text(position)
        joint = ",\n"
    yield ("\n  " if trace.positions else "") + after


def _position_text(position: Position) -> str:
    """Return what json.dumps makes of `position_document` within the list of a document, in a tenth of the time."""
    address, asset = position.address, position.asset
    return (
        f'    {{\n      "chain": {_quoted(address.chain)},\n      "address": "{address.text}",\n'
        f'      "asset": {_quoted(asset.symbol)},\n      "amount": "{asset.text(position.amount)}",\n'
        f'      "base_units": "{position.amount}",\n      "theft": {_quoted(position.theft)},\n'
        f'      "venue": {_quoted(position.venue)}\n    }}'
    )


@lru_cache(1024)
def _quoted(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)


def position_document(position: Position) -> dict[str, Any]:
    """Return a position as JSON values."""
    return {
        "chain": position.address.chain,
        "address": position.address.text,
        "asset": position.asset.symbol,
        "amount": position.asset.text(position.amount),
        "base_units": str(position.amount),
        "theft": position.theft,
        "venue": position.venue,
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "venues": coverage.named,
        "occurring": coverage.occurring,
        "reached": coverage.reached,
        "arrived": [
            {
                "chain": arrival.asset.chain,
                "asset": arrival.asset.symbol,
                "amount": arrival.asset.text(arrival.amount),
                "explained": arrival.asset.text(arrival.explained),
                "share": round(arrival.share, 6),
            }
            for arrival in coverage.arrivals
        ],
    }


def _swaps(trace: Trace, conversions: tuple[Conversion, ...]) -> dict[str, Any]:
    return {
        "conversions": [_conversion(c) for c in conversions],
        "open_exchanges": [
            {
                "chain": o.chain,
                "tx": o.tx,
                "address": o.address.text,
                "theft": o.theft,
                "given": _side(o.given),
                "payers": [payer.text for payer in o.payers],
                "taken": [_side(side) for side in o.taken],
            }
            for o in trace.open_exchanges
        ],
    }


def _conversion(conversion: Conversion) -> dict[str, Any]:
    return {
        "chain": conversion.chain,
        "tx": conversion.tx,
        "address": conversion.address.text,
        "theft": conversion.theft,
        "given": [_side(side) for side in conversion.given],
        "taken": [_side(side) for side in conversion.taken],
        "shares": "assumed" if conversion.assumed else "exact",
    }


def _side(side: Side) -> dict[str, str]:
    return {
        "address": side.address.text,
        "asset": side.asset.symbol,
        "amount": side.asset.text(side.amount),
        "stolen": side.asset.text(side.stolen),
    }


def _balance(balance: Balance, *, swaps: bool) -> dict[str, str]:
    text = balance.asset.text
    converted = {"converted_in": text(balance.converted_in), "converted_out": text(balance.converted_out)}
    return {
        "theft": balance.theft,
        "chain": balance.asset.chain,
        "asset": balance.asset.symbol,
        "stolen": text(balance.stolen),
        "resting": text(balance.resting),
        "at_venues": text(balance.at_venues),
        "returned": text(balance.returned),
        **(converted if swaps else {}),
        "difference": text(balance.difference),
    }


def evidence_document(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence for a position as JSON values."""
    text = evidence.position.asset.text
    return {
        **position_document(evidence.position),
        "paths": [
            {"amount": text(path.amount), "transfers": [t.tx for t in path.transfers]} for path in evidence.paths
        ],
        "transfers": [_move(move) for move in evidence.moves],
    }


def _move(move: Move) -> dict[str, Any]:
    transfer = move.transfer
    return {
        **transfer_document(transfer),
        "carried": transfer.asset.text(move.amount),
    }


def transfer_document(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer as JSON values, with the place where it was read."""
    return {
        "tx": transfer.tx,
        "time": transfer.time.isoformat().replace("+00:00", "Z") if transfer.time else None,
        "block": transfer.block,
        "index": transfer.index,
        "sender": transfer.sender.text,
        "receiver": transfer.receiver.text,
        "asset": transfer.asset.symbol,
        "amount": transfer.asset.text(transfer.amount),
        "record": str(transfer.record),
    }
