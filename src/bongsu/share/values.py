"""The words and values that a bundle is made of: ids, markings, times, exact figures, references (docs/stix.md).

Ids are made from what an object stands for. Wallets and transactions follow their extension's own rule (STIX 2.1, 2.9,
over the contributing properties), so that they equal those of other producers;
all other objects have a namespace of their own.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID, uuid5

from bongsu.errors import RecordError
from bongsu.model.chain import chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bongsu.model.asset import Asset
    from bongsu.model.transfer import Transfer

Object: TypeAlias = "dict[str, Any]"

PRODUCER = "Bongsu station"
TLP = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The published marking of each TLP 2.0 label."""

EXTENSION = "extension-definition--0a9f1f0e-6c52-4b0e-9d55-3d1f6a7c2b84"
"""Our property extension: the exact figures that the published extensions have no room for."""

_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
WALLET_EXTENSION = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"
TRANSACTION_EXTENSION = "extension-definition--151d042d-4dcf-5e44-843f-1024440318e5"
_NAMESPACE = UUID("5b0f2c9e-3f0d-4c5a-8a63-1f7f0f5f8d2e")
_OBSERVABLES = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, section 2.9
_TLP_TIME = "2022-10-01T00:00:00.000Z"
EXTENSION_TIME = "2026-11-23T00:00:00.000Z"
CONFIDENCE = {"low": 15, "medium": 50, "high": 85, "attributed by a government": 85}
"""Words of a case on the None/Low/Med/High scale of STIX 2.1, appendix A; other words are left in words."""

_URL = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{1,5})?(?:/[A-Za-z0-9._~/?&=+:@-]*)?")
SCHEMA = """\
cryptocurrency-wallet: accounts, the CAIP-10 names of the address on each chain of the case.
cryptocurrency-transaction: transfers, each with chain (CAIP-2), contract (null for a coin), symbol, decimals,
sender_ref, receiver_ref, base_units (an integer as a string), block, index, time, record (its file and line) and
carried: the stolen base units in it by theft and policy.
note on a position: position, with theft, wallet_ref, chain, contract, symbol, decimals, by_policy, low and high (base
units as strings; the range over the policies that conserve), can_act (identity_ref and role).
note on a theft: theft, with its id and the traced and the published amounts of each asset in base units."""


@lru_cache(maxsize=65_536)
def wallet_id(text: str) -> str:
    """Return the id of a wallet, which its extension makes from the address's canonical text alone."""
    return f"cryptocurrency-wallet--{_observed({'value': text})}"


def transaction_id(symbol: str, tx: str) -> str:
    """Return the id of a transaction, which its extension makes from the hash and the symbol."""
    return f"cryptocurrency-transaction--{_observed({'symbol': symbol, 'value': tx})}"


def _observed(parts: Mapping[str, str]) -> UUID:
    return uuid5(_OBSERVABLES, json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def object_id(kind: str, *parts: str) -> str:
    """Return the id of an object of our own, made from what it stands for."""
    return f"{kind}--{uuid5(_NAMESPACE, json.dumps([kind, *parts]))}"


def timestamp(when: datetime) -> str:
    """Return a time as STIX writes it, UTC with milliseconds, or raise RecordError for one without a zone."""
    if when.tzinfo is None:
        raise RecordError(f"time {when.isoformat()} has no zone", hint="give it in UTC")
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def tlp(marking: str) -> Object:
    """Return the published TLP 2.0 marking of that label."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP[marking],
        "created": _TLP_TIME,
        "name": f"TLP:{marking.upper()}",
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": marking}},
    }


def exact(own: Object) -> Object:
    """Return the extension that carries exact values of our own."""
    return {EXTENSION: {"extension_type": "property-extension", **own}}


def asset_document(asset: Asset) -> Object:
    """Return an asset: CAIP-2 chain, contract (null for a coin), symbol, decimals."""
    return {
        "chain": chain(asset.chain).caip2,
        "contract": asset.contract,
        "symbol": asset.symbol,
        "decimals": asset.decimals,
    }


def transfer_values(transfer: Transfer, carried: list[Object]) -> Object:
    """Return a transfer exactly, with the stolen value it carried; amounts are base units as strings."""
    return {
        **asset_document(transfer.asset),
        "sender_ref": wallet_id(transfer.sender.text),
        "receiver_ref": wallet_id(transfer.receiver.text),
        "base_units": str(transfer.amount),
        "block": transfer.block,
        "index": transfer.index,
        "time": timestamp(transfer.time) if transfer.time else None,
        "record": str(transfer.record),
        "carried": carried,
    }


def rough_amount(transfer: Transfer) -> float:
    """Return the floating-point amount that the published extension asks for; the exact one stands beside it."""
    return float(transfer.asset.text(transfer.amount))


def references(sources: Iterable[str]) -> list[Object]:
    """Return external references: the words as they stand, with the first address in them if it is a plain one."""
    found = []
    for source in dict.fromkeys(s.strip() for s in sources):
        if source:
            url = _URL.search(source)
            words = {
                "source_name": source.split("http", 1)[0].strip(" ,(") or (url[0].split("/")[2] if url else source)
            }
            found.append({**words, "description": source, **({"url": url[0]} if url else {})})
    return found
