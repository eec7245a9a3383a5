"""Listed wallets, looked up exactly after each chain's own normalisation.

An EVM account is one key on every EVM chain: an address listed for Ethereum is the same owner's on BNB Smart
Chain, unless
it is a contract. Such hits are found and say so. Chains that Bongsu cannot check are compared letter by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bongsu.errors import AddressError
from bongsu.model.address import parse_address
from bongsu.model.chain import Family, chains

TICKERS = {
    "XBT": "bitcoin",
    "BTC": "bitcoin",
    "ETH": "ethereum",
    "TRX": "tron",
    "TRON": "tron",
    "BSC": "bsc",
    "BNB": "bsc",
    "ARB": "arbitrum",
    "MATIC": "polygon",
    "POL": "polygon",
    "AVAX": "avalanche",
    "USDT": "",
    "USDC": "",
    "": "",
}
"""The chain that a list's ticker stands for; a stablecoin lives on several, so its address decides."""

_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}\Z")
_CHECKED = re.compile(r"(0[xX]|bc1|BC1).*|[13][1-9A-HJ-NP-Za-km-z]{24,34}|T[1-9A-HJ-NP-Za-km-z]{33}")
"""What looks like an address of a chain with a checksum that Bongsu knows: it is one, or it is mistyped."""
_LONGEST = 130


@dataclass(frozen=True, slots=True)
class Key:
    """What equality of wallets compares: the text in canonical form. `family` is that of its chain, or other."""

    family: str
    text: str
    checked: bool


@lru_cache(maxsize=65_536)
def key(text: str, ticker: str = "") -> Key:
    """Return the key of an address in any writing.

    Raises:
        AddressError: it looks like an address of a known family, but its checksum is wrong, or it is no address at all.
    """
    stripped = text.strip()
    if not stripped or len(stripped) > _LONGEST or any(c.isspace() or not c.isprintable() for c in stripped):
        raise AddressError("this is no wallet address", hint="give one address without blanks")
    if _EVM.match(stripped):
        return Key(Family.EVM.value, parse_address(stripped, "ethereum").text, True)
    chain = TICKERS.get(ticker.upper(), ticker.lower())
    if chain in chains() and chains()[chain].family is not Family.EVM:
        return Key(chains()[chain].family.value, parse_address(stripped, chain).text, True)
    for name in ("bitcoin", "tron"):
        try:
            return Key(chains()[name].family.value, parse_address(stripped, name).text, True)
        except AddressError:
            continue
    if _CHECKED.fullmatch(stripped) or not re.fullmatch(r"[A-Za-z0-9:_-]{20,130}", stripped):
        raise AddressError(
            f"{stripped[:70]!r} is no wallet address, or fails its checksum", hint="copy it again from the source"
        )
    return Key("other", stripped, False)


def fast_key(text: str) -> str:
    """Return the text that a batch looks up: EVM and bech32 in lower case, others as written; unchecked."""
    head = text[:3]
    return text.lower() if head[:2] in {"0x", "0X"} or head in {"bc1", "BC1"} else text
