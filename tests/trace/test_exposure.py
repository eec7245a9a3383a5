"""Exposure adds up to all that came (went), respects time, stops at owners, and equals a plain reference."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.errors import SourceError
from bongsu.trace.exposure import HUB, NOTHING, RECEIVED, SENT, TOO_FAR, TOO_SMALL, ExposureGraph, Limits
from bongsu.trace.exposure_rules import fired, read_rules

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[int, int, float]]
NAMES = ["exchange", "mixer"]


def graph(rows: Rows, owners: dict[int, int], accounts: int = 8) -> ExposureGraph:
    payers, payees, amounts = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    categories = np.array([owners.get(n, -1) for n in range(accounts)], np.int16)
    return ExposureGraph(
        np.asarray(payers, np.int32), np.asarray(payees, np.int32), np.asarray(amounts, np.float64), categories, NAMES
    )


def answer(
    rows: Rows, owners: dict[int, int], account: int, direction: str, limits: Limits | None = None
) -> dict[tuple[str, str], float]:
    found = graph(rows, owners).query(account, direction, limits)
    return {(e.directness, e.category): e.share for e in found}


def plain(
    rows: Rows, owners: dict[int, int], account: int, direction: str, limits: Limits
) -> dict[tuple[str, str], float]:
    """The same walk, one dictionary a hop."""
    moving = [(n, a, b, x) for n, (a, b, x) in enumerate(r for r in rows if r[0] != r[1] and r[2] > 0)]
    back = direction == RECEIVED
    near: defaultdict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for place, a, b, x in moving:
        near[b if back else a].append((place, a if back else b, x))
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    total = sum(x for _, _, x in near[account])
    steps = [(other, place, x / total) for place, other, x in near[account]] if total else []
    for hop in range(1, limits.hops + 1):
        merged: dict[int, tuple[int, float]] = {}
        for other, place, share in steps:
            before = merged.get(other)
            merged[other] = ((max if back else min)(place, before[0]), share + before[1]) if before else (place, share)
        steps = []
        for other, (place, share) in merged.items():
            if other in owners:
                found["direct" if hop == 1 else "indirect", NAMES[owners[other]]] += share
            elif share < limits.share:
                found["indirect", TOO_SMALL] += share
            elif hop == limits.hops:
                found["indirect", TOO_FAR] += share
            elif len(near[other]) > limits.hub:
                found["indirect", HUB] += share
            else:
                past = [(o, p, x) for p, o, x in near[other] if (p < place if back else p > place)]
                whole = sum(x for _, _, x in past)
                if not past:
                    found["indirect", NOTHING[direction]] += share
                steps += [(o, p, share * x / whole) for o, p, x in past]
    return dict(found)


def test_direct_and_indirect_sources_are_told_apart() -> None:
    rows = [(5, 1, 6.0), (4, 1, 2.0), (1, 0, 8.0), (4, 0, 2.0)]
    assert answer(rows, {4: 0, 5: 1}, 0, RECEIVED) == pytest.approx(
        {("direct", "exchange"): 0.2, ("indirect", "mixer"): 0.6, ("indirect", "exchange"): 0.2}
    )


def test_what_came_later_is_no_source() -> None:
    rows = [(4, 1, 5.0), (1, 0, 5.0), (5, 1, 100.0)]
    assert answer(rows, {4: 0, 5: 1}, 0, RECEIVED) == {("indirect", "exchange"): 1.0}


def test_a_service_ends_the_walk() -> None:
    rows = [(5, 4, 5.0), (4, 0, 5.0)]
    assert answer(rows, {4: 0, 5: 1}, 0, RECEIVED) == {("direct", "exchange"): 1.0}


def test_an_unlabelled_hub_is_named_and_not_walked() -> None:
    rows = [(5, 1, 1.0)] * 5 + [(1, 0, 5.0)]
    assert answer(rows, {5: 1}, 0, RECEIVED, Limits(hub=4)) == {("indirect", HUB): 1.0}


ROWS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 9).map(float)), max_size=40)
# No ratio of small whole numbers meets the threshold: rounding cannot decide on which side of it a share falls.
LIMITS = st.builds(
    Limits, hops=st.integers(1, 6), share=st.sampled_from([1e-9, 0.0512345]), hub=st.sampled_from([3, 1000])
)


@given(ROWS, st.dictionaries(st.integers(1, 7), st.integers(0, 1)), st.sampled_from([RECEIVED, SENT]), LIMITS)
@settings(max_examples=150, deadline=None)
def test_it_equals_the_plain_walk_and_nothing_is_lost(
    rows: Rows, owners: dict[int, int], direction: str, limits: Limits
) -> None:
    fast = answer(rows, owners, 0, direction, limits)
    assert fast == pytest.approx(plain(rows, owners, 0, direction, limits))
    assert sum(fast.values()) == pytest.approx(1.0 if fast else 0.0)


def test_rules_fire_by_category_direction_and_threshold_the_most_severe_first() -> None:
    rows = [(5, 0, 6.0), (4, 0, 4.0), (0, 5, 1.0)]
    exposures = [e for way in (RECEIVED, SENT) for e in graph(rows, {4: 0, 5: 1}).query(0, way)]
    assert [(rule.id, e.category) for rule, e in fired(read_rules(), exposures)] == [
        ("mixer-received", "mixer"),
        ("mixer-sent", "mixer"),
    ]


@pytest.mark.parametrize("text", ["", "[[rule]]\nid=1", "rule=3", '[[rule]]\nid="a"\nwhat=1', "[[rule", "\x00"])
def test_a_broken_rule_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(SourceError):
        read_rules(tmp_path / "rules.toml")
