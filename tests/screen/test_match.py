"""The index, the matching and the stored index."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.errors import AddressError, RecordError
from bongsu.screen import store
from bongsu.screen.ask import query
from bongsu.screen.compare import compare
from bongsu.screen.entry import Entry, Kind, Listing, Name, Wallet
from bongsu.screen.index import Index, build
from bongsu.screen.lists.load import shipped
from bongsu.screen.match import screen, wallet_batch, wallet_hits
from bongsu.screen.query import Query

RONIN = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"


@pytest.mark.parametrize(
    "name", ["박진혁", "Pak Jin Hek", "朴鎭赫", "Пак Чин Хёк", "パク・チンヒョク", "Jin-hyok Park"]
)
def test_a_listed_name_is_found_in_any_writing(index: Index, name: str) -> None:
    assert "OFAC-24918" in [hit.entry for hit in screen(index, Query((name,))).hits]


def test_a_hit_says_where_it_comes_from_and_why_it_is_not_higher(index: Index) -> None:
    hit = screen(index, Query(("박진혁",))).hits[0]
    assert (hit.list, hit.version, hit.entry, hit.field) == ("bongsu-dprk", "2026-11-23", "OFAC-24918", "name")
    assert hit.reading
    assert any("people" in limit for limit in hit.limits)


def test_a_common_name_alone_is_never_strong_and_a_birthday_makes_it_so(index: Index) -> None:
    assert screen(index, Query(("박진혁",))).band == "review"
    assert screen(index, Query(("박진혁",), births=("1984-08-15",))).band == "strong"
    assert screen(index, Query(("박진혁",), births=("1999-01-01",))).band == "clear"


def test_a_common_name_spelt_as_listed_is_not_strong_either(index: Index) -> None:
    assert screen(index, Query(("Park Jin Hyok",))).band == "review"


def test_a_listed_wallet_is_found_in_any_case_and_on_any_evm_chain(index: Index) -> None:
    for text in (RONIN, RONIN.lower(), f" {RONIN} "):
        assert [hit.entry for hit in wallet_hits(index, text)] == ["OFAC-27307"]
    assert any("every EVM chain" in r for r in wallet_hits(index, RONIN, "bsc")[0].reasons)


def test_a_mistyped_wallet_is_an_error_and_not_clear(index: Index) -> None:
    with pytest.raises(AddressError):
        wallet_hits(index, RONIN[:-1] + "7")
    with pytest.raises(AddressError):
        wallet_hits(index, "1EfMVkxQQuZfBdocpJu6RUsCJvenQWbQyF")


def test_the_batch_of_wallets_agrees_with_the_single_look_up(index: Index) -> None:
    texts = [w.text for e in index.entries for w in e.wallets] + ["0x" + "0" * 40, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]
    assert wallet_batch(index, texts) == [bool(wallet_hits(index, t)) for t in texts]


def test_an_imo_number_decides_before_the_name(index: Index) -> None:
    answer = screen(index, Query(("Ocean Star",), Kind.VESSEL, imo=("7937317",)))
    assert answer.hits[0].entry == "OFAC-17069"
    assert any("names differ" in limit for limit in answer.hits[0].limits)


def test_a_stored_index_answers_as_the_built_one(index: Index, tmp_path: Path) -> None:
    store.save(index, tmp_path / "i.npz")
    again = store.load(tmp_path / "i.npz")
    for name in ("박진혁", "Lazarus", "Korea Daesong Bank", "Chong Chon Gang", "nobody at all"):
        assert screen(again, Query((name,))) == screen(index, Query((name,)))
    assert list(again.entries) == list(index.entries)
    assert [x.names for x in again.listings] == [x.names for x in index.listings]


def test_a_broken_stored_index_is_built_anew(tmp_path: Path) -> None:
    listings = [shipped()]
    store.stored(listings, tmp_path)
    path = next(tmp_path.glob("*.npz"))
    path.write_bytes(path.read_bytes()[:500])
    assert screen(store.stored(listings, tmp_path), Query(("박진혁",))).hits


def test_the_index_loses_no_hit_that_comparing_with_everybody_finds() -> None:
    """The slow way: compare each query with every listed name."""
    names = [
        "Kim Yong Chol", "KIM, Yong-chul", "Ri Chol", "Ri Pyong Chol", "Sim Hyon Sop", "O Kuk Ryol", "Paek Chang-Ho", "Usama bin Ladin",
        "Rosneft Trading S.A.", "Korea Tangun Trading Corporation", "Hwangbo Sung", "Choe Chun Sik", "Mohammed Hassan", "Jang Bom Su",
    ]  # fmt: skip
    queries = [
        "김영철",
        "Kim Young-chul",
        "리철",
        "심현섭",
        "오국렬",
        "백창호",
        "Osama bin Laden",
        "Rosneft",
        "황보성",
        "최춘식",
        "Muhammad Hasan",
    ]
    entries = [Entry("t", str(i), Kind.PERSON, (Name(n),)) for i, n in enumerate(names)]
    index = build([Listing("t", "t", "1", "t", "0", entries, 1)])
    for asked in queries:
        slow = {e.id for e in entries if compare(asked, e.names[0].text, Kind.PERSON).score >= 0.7}
        assert slow <= {hit.entry for hit in screen(index, Query((asked,)), threshold=0.5).hits}


def test_a_wallet_that_a_list_misprints_is_kept_and_told() -> None:
    entry = Entry(
        "t", "1", Kind.PERSON, (Name("A B"),), wallets=(Wallet("ETH", "0xa7e5d5a720f06526557c513402f2e6b5fa20b00"),)
    )
    index = build([Listing("t", "t", "1", "t", "0", [entry], 1)])
    assert len(index.bad_wallets) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"names": ["x" * 2000]}, "characters long"),
        ({"names": ["x"], "birth": ["yesterday"]}, "date of birth"),
        ({"names": ["x"], "schema": "alien"}, "schema"),
        ({"names": ["x"], "imo": ["7937318"]}, "check digit"),
        ({"names": [str(i) for i in range(99)]}, "at most"),
    ],
)
def test_a_query_at_fault_says_what_is_wrong(fields: dict[str, object], word: str) -> None:
    with pytest.raises(RecordError) as caught:
        query(fields)
    assert word in str(caught.value)
