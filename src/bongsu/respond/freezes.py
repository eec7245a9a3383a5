"""Freezes on chain: the events by which issuers' contracts say that an address is blocked or let go.

USDT (TetherToken): `AddedBlackList(address)`, `RemovedBlackList(address)` and `DestroyedBlackFunds(address,uint256)`,
with the address in the data. USDC (Blacklistable): `Blacklisted(address)` and `UnBlacklisted(address)`, with the
address as a topic. Both forms are read for both. Input: a list of logs as the JSON-RPC method eth_getLogs returns.

Sources: TetherToken's verified source at 0xdac17f958d2ee523a2206206994597c13d831ec7;
https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v1/Blacklistable.sol
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from bongsu.chain.assets import well_known
from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bongsu.respond.state import CaseState

EVENTS = {
    "AddedBlackList(address)": "frozen",
    "Blacklisted(address)": "frozen",
    "RemovedBlackList(address)": "released",
    "UnBlacklisted(address)": "released",
    "DestroyedBlackFunds(address,uint256)": "destroyed",
}
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")


@cache
def topics() -> dict[str, str]:
    """Return what each event's first topic (keccak-256 of its signature) says."""
    from eth_hash.auto import keccak

    return {f"0x{keccak(signature.encode()).hex()}": says for signature, says in EVENTS.items()}


def read_freezes(path: Path, state: CaseState, chain: str = "ethereum") -> list[dict[str, Any]]:
    """Return the freezes, releases and destructions in a file of logs that touch a case's addresses.

    Args:
        path: JSON, a list of logs or an answer with it under `result`.
        state: the case, whose positions and requests name the addresses.
        chain: the chain the logs are of.

    Raises:
        SourceError: the file cannot be read or holds no logs.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"the logs cannot be read: {error.strerror}", source=str(path)) from None
    except ValueError:
        raise SourceError("this is not JSON", source=str(path)) from None
    logs = document.get("result") if isinstance(document, dict) else document
    if not isinstance(logs, list):
        raise SourceError("this is no list of logs", source=str(path), hint="give what eth_getLogs returns")
    ours = {row["address"] for row in state.positions if row["chain"] == chain}
    tokens = {a.contract: a.symbol for a in well_known().values() if a.chain == chain and a.contract}
    found = []
    for number, log in enumerate(logs, 1):
        row = _freeze(log, tokens, chain, f"{path}:{number}")
        if row is not None and row["address"] in ours:
            found.append(row)
    return found


def _freeze(log: Any, tokens: dict[str, str], chain: str, where: str) -> dict[str, Any] | None:
    """Return what a log says of a freeze; None where it says nothing of one, or another contract says it."""
    try:
        says = topics().get(log["topics"][0].lower()) if log["topics"] else None
        token = tokens.get(log["address"].lower())
        if says is None or token is None or log.get("removed"):
            return None
        word = log["topics"][1] if len(log["topics"]) > 1 else log["data"][:66]
        if not _WORD.fullmatch(word):
            raise SourceError("a log's address is cut off", source=where)
        return {
            "chain": chain,
            "token": token,
            "address": f"0x{word[-40:].lower()}",
            "says": says,
            "tx": log["transactionHash"],
            "block": int(log["blockNumber"], 16),
            "log": int(log["logIndex"], 16),
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        raise SourceError("this is no log of eth_getLogs", source=where) from None


def frozen_now(state: CaseState) -> list[Mapping[str, Any]]:
    """Return, of the freezes a case knows, those that stand: the last event of each token and address is no release."""
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in sorted(state.freezes.values(), key=lambda r: (r["block"], r["log"])):
        if row["says"] != "destroyed":
            last[row["chain"], row["token"], row["address"]] = row
    return [row for row in last.values() if row["says"] == "frozen"]
