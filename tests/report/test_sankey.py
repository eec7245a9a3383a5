"""The layout takes any graph, loses nothing and stays inside its picture."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bongsu.report.sankey import BACK, NODE_WIDTH, columns, layout, unroll

_names = st.sampled_from("abcdefghij")
_amounts = st.integers(1, 10**30)
_circling = st.dictionaries(
    st.tuples(_names, _names).filter(lambda edge: edge[0] != edge[1]), _amounts, min_size=1, max_size=40
)
_acyclic = st.dictionaries(
    st.tuples(_names, _names).filter(lambda edge: edge[0] < edge[1]), _amounts, min_size=1, max_size=40
)
_NEAR = 0.06
"""Pixels: what rounding coordinates to hundredths may leave, several times over."""


@given(_circling)
def test_what_is_drawn_leads_from_left_to_right(edges: dict[tuple[str, str], int]) -> None:
    at = columns(unroll(edges, ["a"]))
    assert all(at[source] < at[target] for source, target in unroll(edges, ["a"]))


@given(_circling)
def test_every_flow_is_drawn_once(edges: dict[tuple[str, str], int]) -> None:
    drawn = {(r.source, r.target.removeprefix(BACK)): r.amount for r in layout(edges, ["a"]).ribbons}
    assert drawn == edges


@given(_acyclic)
def test_without_circles_nothing_is_said_to_come_back(edges: dict[tuple[str, str], int]) -> None:
    roots = sorted({source for source, _ in edges} - {target for _, target in edges})
    assert unroll(edges, roots) == edges


@given(_circling)
def test_nodes_are_as_high_as_the_larger_of_what_comes_and_goes(edges: dict[tuple[str, str], int]) -> None:
    drawn = layout(edges, ["a"])
    arrived: defaultdict[str, float] = defaultdict(float)
    left: defaultdict[str, float] = defaultdict(float)
    for ribbon in drawn.ribbons:
        left[ribbon.source] += ribbon.width
        arrived[ribbon.target] += ribbon.width
    for box in drawn.boxes:
        assert abs(box.height - max(arrived[box.id], left[box.id])) < _NEAR * len(edges)


@given(_circling)
def test_ribbons_end_within_their_nodes_and_nodes_within_the_picture(edges: dict[tuple[str, str], int]) -> None:
    drawn = layout(edges, ["a"])
    boxes = {box.id: box for box in drawn.boxes}
    for ribbon in drawn.ribbons:
        for y, box in ((ribbon.y0, boxes[ribbon.source]), (ribbon.y1, boxes[ribbon.target])):
            assert box.y - _NEAR <= y
            assert y + ribbon.width <= box.y + box.height + _NEAR
    for box in drawn.boxes:
        assert box.y >= 0
        assert box.y + box.height <= drawn.height
        assert box.x + NODE_WIDTH <= drawn.width


@given(_circling)
def test_no_two_labels_of_a_column_touch(edges: dict[tuple[str, str], int]) -> None:
    two_lines = 30
    by_column: defaultdict[int, list[float]] = defaultdict(list)
    drawn = layout(edges, ["a"])
    for box in drawn.boxes:
        by_column[box.column].append(box.middle)
    for middles in by_column.values():
        ordered = sorted(middles)
        assert all(b - a >= two_lines for a, b in pairwise(ordered))
        assert ordered[0] >= two_lines / 2
        assert ordered[-1] + two_lines / 2 <= drawn.height


def test_a_long_chain_needs_no_deep_stack() -> None:
    edges = {(f"n{n}", f"n{n + 1}"): 1 for n in range(20_000)}
    assert max(columns(unroll(edges, ["n0"])).values()) == 20_000


def test_what_returns_to_the_start_ends_in_a_node_that_says_so() -> None:
    drawn = layout({("a", "b"): 5, ("b", "a"): 2}, ["a"])
    assert [(r.source, r.target, r.amount) for r in drawn.ribbons] == [("a", "b", 5), ("b", "back:a", 2)]


def test_nothing_at_all_is_an_empty_picture() -> None:
    assert layout({}, ["a"]).boxes == ()
