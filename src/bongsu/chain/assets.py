"""Which asset a record means: a declared one, an unknown one, or a spoof that only borrows the name.

Anybody may deploy a token called "ETH" or write it with a Cyrillic letter, and send it past a watched address, so that
its history shows a flow which never took place (address poisoning). The rule here:

- a symbol that reads like a known one but is not written with the same characters is a spoof;
- a known symbol from another contract than the known one is a spoof; a chain's own coin has no contract at all;
- any other symbol is unknown in a case (which declares its assets), and a new asset where nothing was declared.
"""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from bongsu.errors import RecordError
from bongsu.model.address import parse_address
from bongsu.model.asset import Asset
from bongsu.model.chain import chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_DECIMALS = 18
_NATIVE_MARKERS = {"0x" + "0" * 40, "0x" + "e" * 40}
"""What exports write in a contract column to say "the chain's own coin"."""


class SpoofAssetError(RecordError):
    """The record moves a token that imitates a known asset; it is no part of the flow."""


class AssetBook:
    """Finds the asset that a record means.

    Args:
        declared: the assets of a case. Where given, any other symbol is an error.
        decimals: decimals by symbol, for files that come without a case.
        seen: symbols that a file uses; ASCII ones among them count as known for telling look-alike spellings.
    """

    def __init__(
        self,
        declared: Iterable[Asset] | None = None,
        decimals: Mapping[str, int] | None = None,
        seen: Iterable[str] = (),
    ) -> None:
        self._closed = declared is not None
        self._known = {(a.chain, a.symbol): a for a in declared or ()}
        self._genuine = {} if self._closed else well_known()
        self._decimals = dict(decimals or {})
        self._plain = {symbol for _, symbol in (*self._known, *self._genuine)}
        if not self._closed:
            self._plain |= {s for s in seen if s.isascii()} | {"ETH", "BTC", "BNB", "TRX"}
        self._contracts: dict[tuple[str, str], str | None] = {}

    def resolve(self, chain_id: str, symbol: str, contract: str | None) -> Asset:
        """Return the asset.

        Raises:
            SpoofAssetError: the token imitates a known asset.
            RecordError: the asset is not known here, or its contract is no address.
        """
        if not symbol:
            raise RecordError("the asset is empty", hint="name the coin or token that moved")
        token = self._contract(chain_id, contract)
        self._refuse_imitation(symbol)
        if self._closed:
            return self._declared(chain_id, symbol, token)
        return self._open(chain_id, symbol, token)

    @staticmethod
    def _contract(chain_id: str, contract: str | None) -> str | None:
        if contract is None or not contract.strip() or contract.strip().lower() in _NATIVE_MARKERS:
            return None
        return parse_address(contract, chain_id).text

    def _refuse_imitation(self, symbol: str) -> None:
        plain = skeleton(symbol)
        if plain != symbol and plain in self._plain and symbol not in self._plain:
            odd = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, '?')}" for c in symbol if not c.isascii())
            raise SpoofAssetError(f"spoof asset: {symbol!r} imitates {plain} ({odd})")

    def _declared(self, chain_id: str, symbol: str, token: str | None) -> Asset:
        asset = self._known.get((chain_id, symbol))
        if asset is None:
            spelt = {known.lower(): known for on, known in self._known if on == chain_id}
            near = [spelt[word] for word in difflib.get_close_matches(symbol.lower(), spelt, n=1, cutoff=0.5)]
            raise RecordError(
                f"asset {symbol!r} on {chain_id} is not declared in the case",
                hint=f"did you mean {near[0]!r}? Otherwise declare it as an [[asset]] in case.toml"
                if near
                else "declare it as an [[asset]] in case.toml, with its decimals",
            )
        _refuse_other_contract(asset, token)
        return asset

    def _open(self, chain_id: str, symbol: str, token: str | None) -> Asset:
        if genuine := self._genuine.get((chain_id, symbol)):
            _refuse_other_contract(genuine, token)
        native = chain(chain_id).native == symbol
        asset = self._known.get((chain_id, symbol))
        if asset is None:
            places = self._decimals.get(symbol, DEFAULT_DECIMALS)
            asset = self._known[chain_id, symbol] = Asset(chain_id, symbol, places, None, native)
        _refuse_other_contract(asset, token)
        if token is not None and self._contracts.setdefault((chain_id, symbol), token) != token:
            raise RecordError(
                f"two contracts call themselves {symbol} on {chain_id}: "
                f"{self._contracts[chain_id, symbol]} and {token}",
                hint="write a case.toml that declares which contract is the genuine one",
            )
        return asset


@cache
def well_known() -> dict[tuple[str, str], Asset]:
    """Return the tokens of assets.toml by chain and symbol."""
    rows = tomllib.loads(files(__package__).joinpath("assets.toml").read_text(encoding="utf-8"))["asset"]
    return {
        (r["chain"], r["symbol"]): Asset(
            r["chain"], r["symbol"], r["decimals"], parse_address(r["contract"], r["chain"]).text
        )
        for r in rows
    }


def skeleton(symbol: str) -> str:
    """Return the Latin text that a symbol is read as (Unicode TR39 confusables), invisible characters left out."""
    if symbol.isascii():
        return symbol
    from confusable_homoglyphs import confusables

    visible = "".join(
        c for c in unicodedata.normalize("NFKC", symbol) if unicodedata.category(c) not in {"Cf", "Mn", "Me"}
    )
    latin = {
        found["character"]: next((h["c"] for h in found["homoglyphs"] if h["c"].isascii()), found["character"])
        for found in confusables.is_confusable(visible, greedy=True, preferred_aliases=["latin"]) or ()
    }
    return "".join(latin.get(c, c) for c in visible)


def _refuse_other_contract(asset: Asset, token: str | None) -> None:
    if token is None:
        return
    if asset.native:
        raise SpoofAssetError(f"spoof asset: {asset.symbol} is the chain's own coin, but this is the token {token}")
    if asset.contract is not None and token != asset.contract:
        raise SpoofAssetError(
            f"spoof asset: the genuine {asset.symbol} is the contract {asset.contract}, but this is {token}"
        )
