"""No two owners share a folder, whatever labels call them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bongsu.respond.venue import folder_name


@given(st.text(max_size=100), st.text(max_size=100))
def test_two_owners_never_share_a_folder(one: str, other: str) -> None:
    assert (folder_name(one) == folder_name(other)) == (one.lower() == other.lower())


@given(st.text(max_size=300))
def test_every_name_is_one_that_every_file_system_takes(owner: str) -> None:
    name = folder_name(owner)
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", name)
    assert name not in {".", "..", "con", "nul"}


def test_a_plain_id_is_its_own_folder() -> None:
    assert (folder_name("meth-protocol"), folder_name("Binance")) == ("meth-protocol", "binance")
