"""Venue profiles: what is shipped holds, and a wrong profile is refused by name."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from bongsu.errors import SourceError
from bongsu.model.asset import Asset
from bongsu.respond.venue import Venue, demands, issuer, read_profile, venue, venues

PROFILE = """
id = "example"
name = "Example"
kind = "exchange"
powers = ["freeze"]
channel = "desk@example.org"
demands = ["english"]
remarks = ["Reads letters."]
sources = ["https://example.org/a", "https://example.org/b"]
as_of = "2026-11-23"

[said]
channel = [1]
demands = [1]
remarks = [2]
"""


@pytest.mark.parametrize("name", sorted(p.name for p in files("bongsu.respond").joinpath("venues").iterdir()))
def test_every_shipped_profile_reads_and_bears_its_file_name(name: str) -> None:
    text = files("bongsu.respond").joinpath("venues", name).read_text(encoding="utf-8")
    assert f"{read_profile(text, name).id}.toml" == name


def test_shipped_profiles_cover_the_issuers_of_the_bybit_tokens() -> None:
    issued = {token: v.id for v in venues().values() for token in v.issues}
    assert issued["ethereum:stETH"] == "lido"
    assert issued["ethereum:mETH"] == issued["ethereum:cmETH"] == "meth-protocol"
    assert issued["tron:USDT"] == issued["ethereum:USDT"] == "tether"
    assert issued["ethereum:USDC"] == "circle"


def test_no_token_has_two_issuers() -> None:
    issued = [token for v in venues().values() for token in v.issues]
    assert len(issued) == len(set(issued))


def test_no_two_profiles_share_an_id_or_alias() -> None:
    names = [name for v in venues().values() for name in (v.id, *v.aliases)]
    assert len(names) == len(set(names))


def test_no_profile_claims_a_freeze_where_nobody_can_freeze() -> None:
    assert "freeze" not in venues()["lido"].powers
    assert not venues()["thorchain"].can_act


def test_every_mail_address_in_a_profile_is_complete() -> None:
    words = [w.strip(".,;:()") for v in venues().values() for w in v.channel.split() if "@" in w]
    assert words
    assert all(re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", word) for word in words)


def test_every_demand_is_said_in_both_languages_and_can_be_met() -> None:
    fields = {"agency", "name", "title", "badge", "email", "phone", "legal_basis", "hand", "letter"}
    assert all(d.en and re.search("[가-힣]", d.ko) and set(d.met_by) <= fields for d in demands().values())


def test_every_demand_is_some_venues() -> None:
    assert {name for v in venues().values() for name in v.demands} == set(demands())


def test_an_alias_finds_the_profile() -> None:
    assert venue("okx", "exchange").id == venue("okex", "exchange").id == "okex"


def test_a_venue_without_profile_gets_what_its_kind_can_do() -> None:
    assert venue("nobody", "exchange") == Venue(
        "nobody", "nobody", "exchange", ("freeze", "preserve", "disclose"), known=False
    )


def test_a_token_of_the_same_name_from_another_contract_has_no_issuer() -> None:
    fake = Asset("ethereum", "USDT", 6, "0x" + "9" * 40)
    genuine = Asset("ethereum", "USDT", 6, "0xdac17f958d2ee523a2206206994597c13d831ec7")
    assert issuer(fake) is None
    assert issuer(genuine) is venues()["tether"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("channel =", "chanel =", "'chanel' is not known (did you mean 'channel'?)"),
        ('name = "Example"', "", "'name' is missing"),
        ('as_of = "2026-11-23"', "", "'as_of' is missing"),
        ('as_of = "2026-11-23"', 'as_of = "today"', "as_of 'today' is no date"),
        ('powers = ["freeze"]', 'powers = ["seize"]', "power 'seize' is none of"),
        ('powers = ["freeze"]', 'powers = ["warn"]', "'powers' names no source"),
        ('powers = ["freeze"]', 'powers = "freeze"', "'powers' must be a list of texts"),
        ('kind = "exchange"', 'kind = "bank"', "kind 'bank' is none of"),
        ('kind = "exchange"', 'kind = "exchange"\nissues = ["moon:ABC"]', "token 'moon:ABC' is not chain:symbol"),
        ('demands = ["english"]', 'demands = ["tea"]', "demand 'tea' is not in demands.toml"),
        ('id = "example"', 'id = "other"', "the id 'other' is not the file's name"),
        ("channel = [1]", "", "'channel' names no source"),
        ("channel = [1]", "channel = [3]", "[said] names source 3, but there are 2"),
        ("channel = [1]", 'channel = ["1"]', "'channel' in [said] must be a list of source numbers"),
        ("remarks = [2]", "remarks = [1]", "source 2 says nothing"),
        ("remarks = [2]", "remarks = [2, 2]", "one source for each remark"),
        ("[said]", "[sayd]", "[said] is missing"),
        ('name = "Example"', 'name = "Example"\nknown = true', "'known' is not known"),
        ('name = "Example"', "name = Example", "this is not TOML"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_file(old: str, new: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_profile(PROFILE.replace(old, new), "example.toml")
    assert str(caught.value).startswith("example.toml: ")
    assert message in str(caught.value)


def test_the_profile_that_the_others_are_broken_from_is_right() -> None:
    assert read_profile(PROFILE, "example.toml").said["remarks"] == (2,)
