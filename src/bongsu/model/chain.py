"""The chains that Bongsu knows, read once from chains.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

from bongsu.errors import RecordError


class Family(Enum):
    """How a chain writes its addresses."""

    EVM = "evm"
    BITCOIN = "bitcoin"
    TRON = "tron"


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain: its id here, its name, how it writes addresses, its CAIP-2 name and its native coin."""

    id: str
    name: str
    family: Family
    caip2: str
    native: str


@cache
def chains() -> dict[str, Chain]:
    """Return all chains by id."""
    table = tomllib.loads(files(__package__).joinpath("chains.toml").read_text(encoding="utf-8"))
    return {
        key: Chain(key, row["name"], Family(row["family"]), row["caip2"], row["native"]) for key, row in table.items()
    }


def chain(name: str) -> Chain:
    """Return the chain of that id or raise RecordError."""
    try:
        return chains()[name]
    except KeyError:
        known = ", ".join(chains())
        raise RecordError(f"there is no chain {name!r} here", hint=f"use one of: {known}") from None
