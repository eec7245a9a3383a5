"""Which token a contract is: symbol and decimals, from a list that the user gives and from the well-known ones.

A list is a CSV with the columns contract (or address), symbol, decimals and optionally chain - the `tokens` export of
ethereum-etl will do. What a contract calls itself is no proof of what it is:

- a contract that borrows the symbol of a well-known token keeps it, and a trace then refuses it as a spoof, by name;
- a symbol that several contracts of the list share means none of them: they go by their contract;
- a contract that is in no list goes by its contract too, in base units.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bongsu.chain.assets import well_known
from bongsu.chain.table import read_rows
from bongsu.errors import RecordError, SourceError
from bongsu.model.address import parse_address
from bongsu.model.asset import MAX_DECIMALS
from bongsu.model.chain import chain

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_SYMBOL = 40


class Token(NamedTuple):
    """How the canonical form names an asset."""

    symbol: str
    decimals: int


class TokenBook:
    """Finds the token of a contract.

    Args:
        listed: (chain, contract) to token, from the user's list.
        refuse_unknown: make a contract that is in no list an error instead of an asset in base units.
    """

    def __init__(self, listed: dict[tuple[str, str], Token] | None = None, *, refuse_unknown: bool = False) -> None:
        self._tokens = {(a.chain, a.contract): Token(a.symbol, a.decimals) for a in well_known().values() if a.contract}
        genuine = {(on, token.symbol) for (on, _), token in self._tokens.items()}
        listed = listed or {}
        names = Counter((on, token.symbol) for (on, _), token in listed.items())
        for (on, contract), token in listed.items():
            shared = names[on, token.symbol] > 1 and (on, token.symbol) not in genuine
            self._tokens.setdefault((on, contract), Token(contract, token.decimals) if shared else token)
        self._refuse_unknown = refuse_unknown
        self.unknown: Counter[str] = Counter()

    def of(self, on: str, contract: str | None) -> Token:
        """Return the token; `contract` is canonical, None for the chain's own coin.

        Raises:
            RecordError: the contract is in no list, and unknown ones are refused.
        """
        if contract is None:
            return Token(chain(on).native, _native_decimals(on))
        token = self._tokens.get((on, contract))
        if token is not None:
            return token
        if self._refuse_unknown:
            raise RecordError(
                f"the token {contract} is in no list",
                hint="add it to the file of --tokens (contract,symbol,decimals), or take --unknown-tokens base-units",
            )
        self.unknown[contract] += 1
        return Token(contract, 0)


def read_tokens(path: Path, default_chain: str) -> dict[tuple[str, str], Token]:
    """Read a list of tokens.

    Raises:
        RecordError: a row is no token.
        SourceError: the file is unusable.
    """

    def stop(error: RecordError, raw: str) -> None:
        del raw
        raise error

    found: dict[tuple[str, str], Token] = {}
    for row in read_rows(path, ("symbol", "decimals"), ("contract", "address", "chain"), stop):
        cells = {name: text.strip() for name, text in row.cells.items()}
        try:
            on = cells.get("chain") or default_chain
            contract = cells.get("contract") or cells.get("address")
            if not contract:
                raise SourceError("the list needs a column 'contract' (or 'address')", source=str(path), line=1)
            found[on, parse_address(contract, on).text] = _token(cells, contract)
        except RecordError as error:
            raise error.at(row.record.source, row.record.line) from None
    return found


def _token(cells: dict[str, str], contract: str) -> Token:
    decimals, symbol = cells["decimals"] or "0", cells["symbol"]
    if not decimals.isascii() or not decimals.isdigit() or int(decimals[:4]) > MAX_DECIMALS:
        raise RecordError(f"decimals {decimals[:20]!r} is not a whole number from 0 to {MAX_DECIMALS}")
    usable = symbol and len(symbol) <= _LONGEST_SYMBOL and symbol.isprintable()
    return Token(symbol if usable else contract.lower(), int(decimals))


def _native_decimals(on: str) -> int:
    decimals: dict[str, int] = {"bitcoin": 8, "tron": 6}
    return decimals.get(on, 18)
