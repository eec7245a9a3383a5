"""What the tests of chain and trace share: short transfers, and random ledgers."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bongsu.model.address import Address
from bongsu.model.asset import Asset
from bongsu.model.transfer import Record, Transfer

ETH = Asset("ethereum", "ETH", 18, native=True)
USDT = Asset("ethereum", "USDT", 6)
START = datetime(2025, 2, 21, 14, 0, tzinfo=UTC)


def at(name: str) -> Address:
    """An address that reads like its name: at("a") is 0xaaaa…"""
    return Address("ethereum", "0x" + (name * 40)[:40])


def move(
    sender: str, receiver: str, amount: int, block: int = 1, index: int | None = None, asset: Asset = ETH
) -> Transfer:
    """One transfer between two named addresses."""
    record = Record("test", block * 1000 + (index or 0))
    return Transfer(record, f"0x{block}", at(sender), at(receiver), asset, amount, block, index, None)


def ledgers(names: str = "abcdefsv", most: int = 30, largest: int = 20) -> st.SearchStrategy[list[Transfer]]:
    """Random transfers in a fixed order: self transfers and zero amounts among them."""
    party = st.sampled_from(names)
    one = st.tuples(party, party, st.integers(0, largest), st.sampled_from([ETH, USDT]))
    return st.lists(one, max_size=most).map(
        lambda rows: [move(s, r, n, block, 0, asset) for block, (s, r, n, asset) in enumerate(rows, 1)]
    )
