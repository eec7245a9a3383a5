"""The bundle is valid, closed, marked, exact and the same every time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import stix2
from embit import base58
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_string

from bongsu.errors import RecordError
from bongsu.respond.assessment import Assessment, assess
from bongsu.share.stix import bundle
from bongsu.share.values import EXTENSION, TLP, transaction_id, wallet_id
from bongsu.trace.case import find_case, read_case
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
THIEF = "0x" + "11" * 20
SHARED = "0x" + "22" * 20  # the same text on two chains
HUGE = 2**200 + 1  # far beyond 2^53: a float would lose the last unit


def base58_address(prefix: int, seed: int) -> str:
    return str(base58.encode_check(bytes([prefix]) + bytes([seed]) * 20))


def case_of(folder: Path, *, title: str = "Two thefts", text: str = "a word", actor: str = "Group") -> Assessment:
    """Two thefts over four chains; one exchange, one transaction with two outputs."""
    btc, tron = [base58_address(0, n) for n in (1, 2, 3)], [base58_address(0x41, n) for n in (1, 2)]

    def quote(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    (folder / "case.toml").write_text(
        f"""
title = {quote(title)}
incident = "two-thefts"
summary = {quote(text)}
[attribution]
actor = {quote(actor)}
by = {quote(text)}
confidence = "medium"
source = {quote("said at https://example.org/a?b=c, page 2 " + text)}
published = "2026-01-02"
[[theft]]
id = "hot-wallet"
from = ["{THIEF}"]
[[theft]]
id = "cold-wallet"
chain = "bitcoin"
from = ["{btc[0]}"]
[[theft]]
id = "tron-wallet"
chain = "tron"
from = ["{tron[0]}"]
[[theft.loss]]
asset = "TRX"
amount = "1000"
source = {quote(text)}
[[note]]
address = "{SHARED}"
text = {quote(text)}
confidence = "high"
source = {quote(text)}
[[asset]]
symbol = "ETH"
decimals = 18
[[asset]]
symbol = "BIG"
decimals = 0
contract = "0x{"33" * 20}"
[[asset]]
chain = "arbitrum"
symbol = "ETH"
decimals = 18
[[asset]]
chain = "bitcoin"
symbol = "BTC"
decimals = 8
[[asset]]
chain = "tron"
symbol = "TRX"
decimals = 6
[files]
labels = ["labels.yaml"]
""",
        encoding="utf-8",
    )
    (folder / "transfers.csv").write_text(
        "time,block,tx,sender,receiver,asset,amount,chain,index\n"
        f"2026-01-01T00:00:00Z,1,0xaa,{THIEF},{SHARED},ETH,1.000000000000000001,ethereum,0\n"
        f"2026-01-01T00:00:01Z,1,0xab,{THIEF},{SHARED},BIG,{HUGE},ethereum,1\n"
        f"2026-01-01T00:00:02Z,1,0xac,{THIEF},0x{'44' * 20},ETH,2,ethereum,2\n"
        f"2026-01-01T00:00:03Z,2,0xad,0x{'55' * 20},0x{'44' * 20},ETH,7,ethereum,0\n"
        f"2026-01-01T00:00:04Z,3,0xae,0x{'44' * 20},{SHARED},ETH,3,ethereum,0\n"
        f"2026-01-01T00:00:00Z,9,cc,{btc[0]},{btc[1]},BTC,0.00000001,bitcoin,0\n"
        f"2026-01-01T00:00:00Z,9,cc,{btc[0]},{btc[2]},BTC,21,bitcoin,1\n"
        f"2026-01-01T00:00:00Z,7,dd,{tron[0]},{tron[1]},TRX,1000,tron,0\n",
        encoding="utf-8",
    )
    (folder / "labels.yaml").write_text(
        "title: t\ncreator: c\nlastmod: 2026-01-01\nsource: s\ntags:\n"
        f'- {{address: "{btc[2]}", currency: BTC, network: BTC, label: Some exchange, actor: binance, '
        "category: exchange}\n",
        encoding="utf-8",
    )
    return assess(read_case(folder))


@pytest.fixture(scope="module")
def bybit() -> Assessment:
    return assess(read_case(find_case("bybit-2025")))


@pytest.fixture
def synthetic(tmp_path: Path) -> Assessment:
    return case_of(tmp_path)


def objects(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["objects"]
    return found


def accepted(text: str) -> None:
    result = validate_string(text, ValidationOptions(version="2.1", disabled="uuid-check"))
    assert result.is_valid, [str(error) for error in result.errors]
    assert len(stix2.parse(text, allow_custom=True).objects) == len(objects(text))


def references(value: object) -> list[str]:
    """Every id that a property ending in _ref or _refs names, however deep."""
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    if not isinstance(value, dict):
        return []
    found = []
    for key, item in value.items():
        if key.endswith("_ref"):
            found.append(item)
        elif key.endswith("_refs"):
            found.extend(item)
        else:
            found.extend(references(item))
    return found


def own(thing: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = thing["extensions"][EXTENSION]
    return found


@pytest.mark.parametrize("marking", TLP)
def test_the_validator_accepts_every_marking(synthetic: Assessment, marking: str) -> None:
    accepted(bundle(synthetic, NOW, marking))


def test_the_validator_accepts_the_bybit_case(bybit: Assessment) -> None:
    accepted(bundle(bybit, NOW))


@pytest.mark.parametrize("marking", TLP)
def test_every_object_carries_the_marking(synthetic: Assessment, marking: str) -> None:
    definition, *rest = objects(bundle(synthetic, NOW, marking))
    assert definition["id"] == TLP[marking]
    assert {tuple(thing["object_marking_refs"]) for thing in rest} == {(TLP[marking],)}


def test_every_reference_resolves_inside_the_bundle(bybit: Assessment, synthetic: Assessment) -> None:
    for assessment in (bybit, synthetic):
        things = objects(bundle(assessment, NOW))
        assert set(references(things)) <= {thing["id"] for thing in things}


def test_no_id_stands_twice(bybit: Assessment) -> None:
    ids = [thing["id"] for thing in objects(bundle(bybit, NOW))]
    assert len(ids) == len(set(ids))


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    assert bundle(case_of(tmp_path), NOW) == bundle(case_of(tmp_path), NOW)
    seoul = NOW.astimezone(timezone(timedelta(hours=9)))
    assert bundle(case_of(tmp_path), seoul) == bundle(case_of(tmp_path), NOW)


def test_a_later_bundle_keeps_ids_and_creation_and_is_a_new_version(bybit: Assessment) -> None:
    first = objects(bundle(bybit, NOW))
    later = objects(bundle(bybit, NOW + timedelta(days=1), first_shared=NOW))
    assert [(o["id"], o.get("created")) for o in first] == [(o["id"], o.get("created")) for o in later]
    assert next(o for o in later if o["type"] == "incident")["modified"] == "2026-11-24T05:30:00.000Z"


def test_observable_ids_are_those_that_the_stix2_library_makes() -> None:
    properties = stix2.properties

    @stix2.CustomObservable(
        "cryptocurrency-wallet", [("value", properties.StringProperty(required=True))], id_contrib_props=["value"]
    )
    class Wallet:
        pass

    @stix2.CustomObservable(
        "cryptocurrency-transaction",
        [(key, properties.StringProperty(required=True)) for key in ("symbol", "value")],
        id_contrib_props=["value", "symbol"],
    )
    class Transaction:
        pass

    try:
        assert Wallet(value=SHARED).id == wallet_id(SHARED)  # type: ignore[call-arg,attr-defined]
        made = Transaction(symbol='Ω"\n', value="0xaa")  # type: ignore[call-arg]
        assert made.id == transaction_id('Ω"\n', "0xaa")  # type: ignore[attr-defined]
    finally:
        for kind in ("cryptocurrency-wallet", "cryptocurrency-transaction"):
            stix2.registry.STIX2_OBJ_MAPS["2.1"]["observables"].pop(kind)


def test_one_address_on_two_cases_is_one_wallet(bybit: Assessment) -> None:
    address = "0xa4b2fd68593b6f34e51cb9edb66e71c1b4ab449e"
    wallet = next(o for o in objects(bundle(bybit, NOW)) if o.get("value") == address)
    assert wallet["id"] == wallet_id(address)
    assert own(wallet)["accounts"] == [f"eip155:1:{address}"]


def test_amounts_beyond_a_float_are_exact(synthetic: Assessment) -> None:
    things = objects(bundle(synthetic, NOW))
    moved = next(own(o)["transfers"][0] for o in things if o.get("value") == "0xab")
    assert moved["base_units"] == str(HUGE)
    assert moved["contract"] == "0x" + "33" * 20
    position = next(own(o)["position"] for o in things if o.get("abstract", "").endswith(" BIG"))
    assert position["low"] == position["high"] == position["by_policy"]["fifo"] == str(HUGE)


def test_every_position_stands_with_its_amount_under_every_policy(bybit: Assessment, synthetic: Assessment) -> None:
    for assessment in (bybit, synthetic):
        things = [
            o for o in objects(bundle(assessment, NOW)) if "position" in o.get("extensions", {}).get(EXTENSION, {})
        ]
        shared = [
            (own(o)["position"]["theft"], own(o)["position"]["wallet_ref"], own(o)["position"]["by_policy"])
            for o in things
        ]
        assert shared == [
            (h.theft, wallet_id(h.address.text), {name: str(h.by_policy[name]) for name in POLICIES})
            for h in assessment.holdings
            if h.high
        ]


def test_a_transaction_with_two_outputs_is_one_object(synthetic: Assessment) -> None:
    found = [o for o in objects(bundle(synthetic, NOW)) if o.get("value") == "cc"]
    assert [[out["amount"] for out in o["output"]] for o in found] == [[1e-08, 21.0]]


def test_a_position_at_a_venue_names_who_holds_it_and_who_can_act(synthetic: Assessment) -> None:
    things = {o["id"]: o for o in objects(bundle(synthetic, NOW))}
    wallet = things[wallet_id(base58_address(0, 3))]
    assert things[wallet["holder_ref"]]["type"] == "identity"
    (position,) = [
        own(o)["position"] for o in things.values() if o["type"] == "note" and wallet["id"] in o["object_refs"]
    ]
    assert position["can_act"] == [{"identity_ref": wallet["holder_ref"], "role": "custodian"}]


def test_the_attribution_says_who_says_it_and_how_sure(bybit: Assessment) -> None:
    things = objects(bundle(bybit, NOW))
    note = next(o for o in things if o.get("abstract") == "Who attributes the incident")
    assert note["authors"] == [bybit.case.attribution["by"]]
    assert note["confidence"] == 85
    assert re.search("2025-02-26", note["content"])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), min_size=1).filter(
        lambda s: s.strip().isprintable()
    )
)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    hostile = f'"}}]}}</script>\u202e{text} http://[::1 https://a.b/%zz'
    accepted(bundle(case_of(tmp_path, title=hostile, text=hostile, actor=hostile), NOW, producer=hostile))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"marking": "white"}, "TLP 2.0"),
        ({"prepared_on": datetime(2026, 1, 1)}, "no zone"),  # noqa: DTZ001 - that is the fault
        ({"producer": " "}, "producer"),
        ({"first_shared": NOW + timedelta(days=1)}, "before"),
    ],
)
def test_a_wrong_argument_is_named(bybit: Assessment, arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(RecordError, match=word):
        bundle(bybit, **{"prepared_on": NOW, **arguments})
