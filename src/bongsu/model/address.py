"""Addresses, parsed once at the edge: after `parse_address`, a checksum has been verified.

The canonical text is what data files carry and what equality compares: lower case for EVM and bech32, as written for
base58. `display` is what people read: EVM addresses with their EIP-55 checksum.

Sources: EIP-55 (mixed-case checksum); BIP-13/16 and BIP-173/350 (Bitcoin); TRON protocol documentation (base58check of
0x41 and 20 bytes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from embit import base58, bech32

from bongsu.errors import AddressError
from bongsu.model.chain import Chain, Family, chain

if TYPE_CHECKING:
    from collections.abc import Callable

_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}\Z")
_LONGEST = 110  # no address of these chains is longer; a pasted document is not worth decoding
_P2PKH, _P2SH, _TRON = 0x00, 0x05, 0x41
_HASH_AND_VERSION = 21
_BITCOIN_BECH32 = "bc"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An account on a chain. `chain` is the chain's id, `text` the canonical form."""

    chain: str
    text: str

    @property
    def display(self) -> str:
        """The form for people: EIP-55 on EVM chains, the canonical text elsewhere."""
        return eip55(self.text) if chain(self.chain).family is Family.EVM else self.text

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65_536)
def parse_address(text: str, chain_id: str) -> Address:
    """Return the address that `text` writes on the chain `chain_id`.

    Raises:
        AddressError: the text is no address of that chain, or its checksum is wrong.
        RecordError: there is no such chain.
    """
    on = chain(chain_id)
    stripped = text.strip()
    if not stripped:
        raise AddressError("an address is empty", hint=f"write the {on.name} address in full")
    if len(stripped) > _LONGEST:
        raise AddressError(
            f"{_short(stripped)} is {len(stripped)} characters long and no {on.name} address",
            hint="check that the columns are where the header says",
        )
    return Address(chain_id, _READERS[on.family](stripped, on))


@cache
def _keccak() -> Callable[[bytes], bytes]:
    from eth_hash.auto import keccak

    return keccak  # type: ignore[no-any-return,unused-ignore]


@lru_cache(maxsize=65_536)
def eip55(text: str) -> str:
    """Return an EVM address with the capital letters of its EIP-55 checksum."""
    digits = text[2:].lower()
    digest = _keccak()(digits.encode()).hex()
    return "0x" + "".join(
        c.upper() if int(nibble, 16) >= 8 else c  # noqa: PLR2004 - the threshold EIP-55 sets
        for c, nibble in zip(digits, digest, strict=False)
    )


def _read_evm(text: str, on: Chain) -> str:
    if not _EVM.match(text):
        raise AddressError(
            f"{_short(text)} is no {on.name} address{_other_chain(text, on)}",
            hint="it must be 0x and 40 hexadecimal digits",
        )
    digits = text[2:]
    if digits not in {digits.lower(), digits.upper()} and eip55(text)[2:] != digits:
        raise AddressError(
            f"{_short(text)} fails its EIP-55 checksum",
            hint="a character is wrong: copy it again from the source, or write it all in lower case if its source "
            "had no checksum",
        )
    return "0x" + digits.lower()


def _read_bitcoin(text: str, on: Chain) -> str:
    if text[:3].lower() == f"{_BITCOIN_BECH32}1":
        return _read_segwit(text)
    if text[:3].lower() in {"tb1", "bcr"}:
        raise AddressError(f"{_short(text)} is an address of a Bitcoin test network", hint="use a mainnet address")
    payload = _base58check(text, on)
    if len(payload) != _HASH_AND_VERSION or payload[0] not in {_P2PKH, _P2SH}:
        raise AddressError(f"{_short(text)} is no Bitcoin mainnet address{_other_chain(text, on)}")
    return text


def _read_segwit(text: str) -> str:
    if text not in {text.lower(), text.upper()}:
        raise AddressError(f"{_short(text)} mixes capital and small letters", hint="bech32 allows only one case")
    version, program = bech32.decode(_BITCOIN_BECH32, text)
    if version is None or program is None:
        raise AddressError(
            f"{_short(text)} fails its bech32 checksum",
            hint="a character is wrong: copy it again from the source",
        )
    return text.lower()


def _read_tron(text: str, on: Chain) -> str:
    payload = _base58check(text, on)
    if len(payload) != _HASH_AND_VERSION or payload[0] != _TRON:
        raise AddressError(f"{_short(text)} is no TRON address{_other_chain(text, on)}")
    return text


def _base58check(text: str, on: Chain) -> bytes:
    """Decode base58check; embit signals a bad digit and a bad checksum with exceptions of several kinds."""
    try:
        return bytes(base58.decode_check(text))
    except Exception:  # noqa: BLE001 - embit raises its own, ValueError and KeyError for text that is no base58check
        raise AddressError(
            f"{_short(text)} is no {on.name} address{_other_chain(text, on)}, or fails its checksum",
            hint="copy it again from the source",
        ) from None


_READERS: dict[Family, Callable[[str, Chain], str]] = {
    Family.EVM: _read_evm,
    Family.BITCOIN: _read_bitcoin,
    Family.TRON: _read_tron,
}


def _other_chain(text: str, on: Chain) -> str:
    """Name the family that the text looks like, where that helps."""
    looks = (
        Family.EVM
        if _EVM.match(text)
        else Family.BITCOIN
        if re.match(r"(bc1|[13])[0-9A-Za-z]{20,}\Z", text)
        else Family.TRON
        if re.match(r"T[1-9A-HJ-NP-Za-km-z]{33}\Z", text)
        else on.family
    )
    return "" if looks is on.family else f" (it looks like one of the {looks.value} family)"


def _short(text: str) -> str:
    return repr(text if len(text) <= 70 else f"{text[:30]}…{text[-10:]}")  # noqa: PLR2004 - a line's worth
