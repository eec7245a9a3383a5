"""Floors for what screening finds and leaves alone, on the hand-written and the published sets of bench/screen."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from typing import Any

import pytest

from bongsu.screen.compare import SCHEMATA, compare
from bongsu.screen.entry import Kind
from bongsu.screen.index import Index
from bongsu.screen.match import screen
from bongsu.screen.query import Query

pytestmark = pytest.mark.slow

REVIEW = 0.7


@pytest.fixture(scope="module")
def sets() -> Any:
    path = Path(__file__).parents[2] / "bench" / "screen" / "sets.py"
    spec = importlib.util.spec_from_file_location("screen_sets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _counts(rows: list[tuple[str, str, str, bool]]) -> tuple[int, int, int, int]:
    """Return found and all pairs of one name, linked and all pairs of two."""
    linked = [(compare(a, b, SCHEMATA[schema.lower()]).score >= REVIEW, same) for a, b, schema, same in rows]
    one, two = [hit for hit, same in linked if same], [hit for hit, same in linked if not same]
    return sum(one), len(one), sum(two), len(two)


def test_a_name_is_known_again_in_every_writing_and_a_near_miss_is_not_taken_for_it(sets: Any) -> None:
    found, of, wrong, near = _counts(sets.written())
    assert of > 2500
    assert near > 2800
    assert found / of > 0.99
    assert wrong == 0


def test_the_hand_written_pairs_are_judged_as_an_analyst_would(sets: Any) -> None:
    found, of, wrong, near = _counts(sets.by_hand())
    assert found / of > 0.97
    assert wrong / near < 0.05


def test_two_names_are_not_alike_because_both_are_korean(sets: Any) -> None:
    """Names of different families share no surname: nothing but the language, which says nothing."""
    first = {row["family"]: row for row in sets.table("names.csv")}
    pairs = itertools.combinations(first.values(), 2)
    scores = [compare(a[w], b[w], Kind.PERSON).score for a, b in pairs for w in ("hangul", "dprk", "hanja", "cyrillic")]
    assert max(scores) < 0.3


@pytest.mark.parametrize("country", ["KP", "DPRK", "Korea, North", "KR", "Russia", ""])
def test_no_country_raises_what_a_name_scores(index: Index, country: str) -> None:
    for name in ("박진혁", "Kim Yong Chol", "Korea Daesong Bank", "Park Jin Hyung"):
        plain = {hit.entry: hit.score for hit in screen(index, Query((name,)), threshold=0.0).hits}
        asked = screen(index, Query((name,), countries=(country,)), threshold=0.0).hits
        assert all(hit.score <= plain[hit.entry] + 1e-9 for hit in asked)


def test_published_spellings_are_found_and_other_names_left_alone(lists_folder: Path, sets: Any) -> None:
    sets.SHARED = lists_folder.parent
    pairs = sets.aliases()
    by_label: dict[str, list[Any]] = {}
    for pair in pairs:
        if sets.latin(pair[0]) and sets.latin(pair[1]):
            by_label.setdefault(sets.label(*pair[:2]), []).append(pair)
    found, of, *_ = _counts(by_label["spelling"])
    assert found >= of - 1
    assert _counts(by_label["other"])[0] == 0
    found, of, *_ = _counts([p for p in pairs if sets.hangul(p[0]) != sets.hangul(p[1])])
    assert found / of >= 0.95


def test_no_two_persons_of_the_uns_list_are_linked(lists_folder: Path, sets: Any) -> None:
    sets.SHARED = lists_folder.parent
    assert _counts(sets.distinct())[2] == 0


def test_few_of_an_ordinary_population_are_stopped(lists_folder: Path, sets: Any) -> None:
    """Homonyms alone: 2 % of people at most where logic-v2 stops one in nine."""
    from bongsu.screen.entry import Entry, Listing, Name
    from bongsu.screen.index import build

    sets.SHARED = lists_folder.parent
    listed = dict.fromkeys(names[0] for names in sets.listed_names())
    entries = [Entry("t", name, Kind.PERSON, (Name(name),)) for name in listed]
    index = build([Listing("t", "t", "1", "t", "0", entries, 1)])
    people = sets.population(1000)
    assert sum(bool(screen(index, Query((name,), Kind.PERSON)).hits) for name in people) < 25
