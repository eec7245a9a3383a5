"""What goes with a letter as text: addresses, transactions and paths as CSV, and all of it as JSON (docs/requests.md).

Venues want addresses and transaction ids as text, not as pictures. A cell that a spreadsheet would take for a formula
gets an apostrophe in front (OWASP, "CSV Injection"): labels are foreign text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bongsu.chain.table import write_csv
from bongsu.model.text import one_line
from bongsu.trace.output import to_json, transfer_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bongsu.model.transfer import Transfer
    from bongsu.respond.request import Item, Range, Request, Step, Way

_ADDRESSES = (
    "theft,chain,address,role,freeze,asset,contract,amount_low,amount_high,upper_bound,policies,first_seen,last_seen,"
    "venue,label,label_source"
)
_TRANSACTIONS = (
    "time,block,tx,chain,from,to,asset,contract,amount,theft,stolen_low,stolen_high,stolen_upper,policies,leads_to"
)
_PATH = "theft,chain,address,asset,path,kind,policies,path_amount,step,time,block,tx,from,to,amount"


def annexes(request: Request, marking: str, *, draft: bool = True) -> dict[str, str]:
    """Return the annexes of a request by file name; `marking` and `draft` are said in the JSON."""
    whole = {"request.json": to_json(document(request, marking, draft=draft))}
    if not request.items:
        return whole
    told: dict[int, list[str]] = {}
    return {
        "addresses.csv": _csv(_ADDRESSES, map(_address, request.items)),
        "transactions.csv": _csv(_TRANSACTIONS, map(_transaction, request.steps)),
        "path.csv": _csv(_PATH, (row for n, way in enumerate(request.ways, 1) for row in _way(n, way, told))),
        **whole,
    }


def document(request: Request, marking: str, *, draft: bool = True) -> dict[str, Any]:
    """Return a request as JSON values, for the venue. Amounts are decimal strings in whole units.

    Only a draft says how far it has come: once it leaves, the case's log does.
    """
    case, venue = request.case, request.venue
    return {
        "reference": request.reference,
        "marking": f"TLP:{marking.upper()}",
        **({"status": "draft"} if draft else {}),
        "prepared_on": request.prepared_on.isoformat() if request.prepared_on else None,
        "case": {
            "incident": case.incident,
            "title": case.title,
            "attribution": dict(case.attribution),
            "thefts": [
                {
                    "id": theft.id,
                    "from": [{"chain": a.chain, "address": a.display} for a in theft.addresses],
                    "losses": [
                        {"asset": x.asset.symbol, "amount": x.asset.text(x.amount), "source": x.source}
                        for x in theft.losses
                    ],
                }
                for theft in request.thefts
            ],
            "inputs_sha256": dict(case.digests),
            "skipped": len(case.skipped),
            "rejected": len(case.rejected),
        },
        "venue": {
            "id": venue.id,
            "name": venue.name,
            "kind": venue.kind,
            "channel": venue.channel,
        },
        "officer": {
            name: getattr(request.officer, name)
            for name in type(request.officer).__dataclass_fields__
            if name not in {"languages", "translations"}
        },
        "asks": list(request.asks),
        "totals": [_total(x) for x in request.totals],
        "freeze_totals": [_total(x) for x in request.frozen],
        **({"subjects": list(request.subjects)} if request.subjects else {}),
        "items": [_item(item) for item in request.items],
        "transactions": [_step(step) for step in request.steps],
        "paths": [
            {
                "theft": way.holding.theft,
                "chain": way.holding.address.chain,
                "address": way.holding.address.display,
                "asset": way.holding.asset.symbol,
                "amount": way.holding.asset.text(way.amount),
                "policies": list(way.policies),
                "exact": way.exact,
                "transfers": [transfer.tx for transfer in way.transfers],
            }
            for way in request.ways
        ],
    }


def moment(time: datetime | None) -> str:
    """Write a UTC time as every file here has it; empty where it is not known."""
    return time.isoformat().replace("+00:00", "Z") if time else ""


def _total(total: Range) -> dict[str, str | None]:
    return {
        "chain": total.asset.chain,
        "asset": total.asset.symbol,
        "contract": total.asset.contract,
        **_amounts(total),
    }


def _amounts(amount: Range) -> dict[str, str]:
    text = amount.asset.text
    return {"low": text(amount.low), "high": text(amount.high), "upper_bound": text(amount.upper)}


def _item(item: Item) -> dict[str, Any]:
    holding = item.holding
    return {
        "theft": holding.theft,
        "chain": holding.address.chain,
        "address": holding.address.display,
        "asset": holding.asset.symbol,
        "contract": holding.asset.contract,
        "role": item.role,
        "freeze": item.freeze,
        **_amounts(item.amount),
        "by_policy": {name: holding.asset.text(amount) for name, amount in holding.by_policy.items()},
        "first_seen": moment(item.first_seen) or None,
        "last_seen": moment(item.last_seen) or None,
        "venue": holding.venue,
        "arrivals": [transfer.tx for transfer in item.arrivals],
        "labels": [
            {"label": x.text, "actor": x.actor, "category": x.category, "source": x.source, "confidence": x.confidence}
            for x in item.labels
        ],
        "notes": [{"text": n.text, "confidence": n.confidence, "source": n.source} for n in holding.notes],
        "unseen": holding.asset.text(holding.unseen),
        "unseen_other": [{"asset": a.symbol, "amount": a.text(n)} for a, n in holding.unseen_other],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        **transfer_document(step.transfer),
        "chain": step.transfer.sender.chain,
        "contract": step.transfer.asset.contract,
        "theft": step.theft,
        "stolen": _amounts(step.stolen),
        "policies": list(step.policies),
        "leads_to": [address.display for address in step.towards],
    }


def _address(item: Item) -> list[str]:
    holding, amounts = item.holding, _amounts(item.amount)
    return [
        holding.theft,
        holding.address.chain,
        holding.address.display,
        item.role,
        "yes" if item.freeze else "no",
        holding.asset.symbol,
        holding.asset.contract or "",
        *amounts.values(),
        " ".join(name for name, amount in holding.by_policy.items() if amount),
        moment(item.first_seen),
        moment(item.last_seen),
        holding.venue or "",
        "; ".join(label.text for label in item.labels),
        "; ".join(label.source for label in item.labels),
    ]


def _transaction(step: Step) -> list[str]:
    transfer = step.transfer
    return [
        *_where(transfer)[:3],
        transfer.sender.chain,
        transfer.sender.display,
        transfer.receiver.display,
        transfer.asset.symbol,
        transfer.asset.contract or "",
        transfer.asset.text(transfer.amount),
        step.theft,
        *_amounts(step.stolen).values(),
        " ".join(step.policies),
        " ".join(address.display for address in step.towards),
    ]


def _way(number: int, way: Way, told: dict[int, list[str]]) -> Iterable[list[str]]:
    """Yield a path's rows; `told` keeps the cells of transfers, of which most stand on many paths."""
    holding = way.holding
    head = [
        holding.theft,
        holding.address.chain,
        holding.address.display,
        holding.asset.symbol,
        str(number),
        "exact" if way.exact else "all transfers on the way",
        " ".join(way.policies),
        holding.asset.text(way.amount),
    ]
    for step, t in enumerate(way.transfers, 1):
        if id(t) not in told:
            told[id(t)] = [*_where(t), t.sender.display, t.receiver.display, t.asset.text(t.amount)]
        yield [*head, str(step), *told[id(t)]]


def _where(transfer: Transfer) -> list[str]:
    return [moment(transfer.time), "" if transfer.block is None else str(transfer.block), transfer.tx]


def _csv(header: str, rows: Iterable[Sequence[str]]) -> str:
    return write_csv(header.split(","), ([one_line(text) for text in row] for row in rows))
