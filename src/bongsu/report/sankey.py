"""Lay out a flow graph as a Sankey diagram: columns by distance from the source, ribbons as wide as what they carry.

Pure and deterministic: no clock, no chance, coordinates rounded. Any directed graph is taken. Money that comes back to
an earlier node is not drawn backwards but ends in a node of its own that says so, hence no layout runs in circles.
Lengths are in pixels, amounts in base units of one asset: different assets are never added up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Edges: TypeAlias = "dict[tuple[str, str], int]"
"""What flows from one node to another, in base units; more than nought."""

BACK = "back:"
"""How the id of a node begins that stands for money come back to an earlier one."""

NODE_WIDTH = 12.0
LABEL_WIDTH = 164.0
"""Room to the right of a node for its label."""
_PITCH = (174.0, 430.0)
_WIDTH = 1040.0
"""The picture's width, where the columns allow it."""
_HEIGHT = (84.0, 280.0)
"""How high the fullest column is without gaps: at most for each of its nodes, and at most at all."""
_LEAST = 32.0
"""A node takes at least this height, so that two lines of label never meet the neighbour's."""
_GAP = 10.0
_MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place. `height` is true to scale; `flow` is the larger of what came and what went."""

    id: str
    column: int
    x: float
    y: float
    height: float
    flow: int
    arrived: int
    left: int

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.y + self.height / 2, 2)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow's place: from the right edge of `source` at `y0` to the left edge of `target` at `y1`, `width` high."""

    source: str
    target: str
    amount: int
    x0: float
    y0: float
    x1: float
    y1: float
    width: float

    @property
    def path(self) -> str:
        """The outline as SVG path data."""
        bend = round((self.x0 + self.x1) / 2, 2)
        low0, low1 = round(self.y0 + self.width, 2), round(self.y1 + self.width, 2)
        return (
            f"M{self.x0} {self.y0}C{bend} {self.y0} {bend} {self.y1} {self.x1} {self.y1}"
            f"L{self.x1} {low1}C{bend} {low1} {bend} {low0} {self.x0} {low0}Z"
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole diagram, in pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Pixels by amount."""

    fullest: int
    height: float

    def __call__(self, amount: int) -> float:
        return amount / self.fullest * self.height


def unroll(edges: Mapping[tuple[str, str], int], roots: Sequence[str]) -> Edges:
    """Return the flows without circles: what comes back to a node on its own way goes to BACK + that node instead."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    first = dict.fromkeys(roots)
    done: set[str] = set()
    way: dict[str, None] = {}
    backwards: set[tuple[str, str]] = set()
    for start in [*first, *after]:
        if start in done:
            continue
        way[start] = None
        stack = [(start, iter(after[start]))]
        while stack:
            node, targets = stack[-1]
            target = next(targets, "")
            if not target:
                stack.pop()
                del way[node]
                done.add(node)
            elif target in way or target in first:
                backwards.add((node, target))
            elif target not in done:
                way[target] = None
                stack.append((target, iter(after[target])))
    return {(s, BACK + t if (s, t) in backwards else t): amount for (s, t), amount in edges.items()}


def columns(edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return each node's column: the length of the longest way to it. The flows must not run in circles."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    missing: defaultdict[str, int] = defaultdict(int)
    found: dict[str, int] = {}
    for source, target in edges:
        after[source].append(target)
        missing[target] += 1
        found[source] = found[target] = 0
    ready = [node for node in found if not missing[node]]
    for node in ready:
        for target in after[node]:
            found[target] = max(found[target], found[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return found


def layout(edges: Mapping[tuple[str, str], int], roots: Sequence[str]) -> Layout:
    """Place every node and flow.

    Args:
        edges: the flows, from node id to node id.
        roots: where the money starts; a flow into a root is one that comes back.
    """
    flows = unroll(edges, roots)
    at = columns(flows)
    arrived: defaultdict[str, int] = defaultdict(int)
    left: defaultdict[str, int] = defaultdict(int)
    for (source, target), amount in flows.items():
        left[source] += amount
        arrived[target] += amount
    sums: defaultdict[int, int] = defaultdict(int)
    for node, column in at.items():
        sums[column] += max(arrived[node], left[node])
    fullest = max(sums.values(), default=1)
    rows = max(Counter(at.values()).values(), default=1)
    scale = _Scale(fullest, min(rows * _HEIGHT[0], _HEIGHT[1]))
    heights = {node: scale(max(arrived[node], left[node])) for node in at}
    tops, height = _stack(flows, at, heights)
    count = max(at.values(), default=0) + 1
    pitch = min(max((_WIDTH - NODE_WIDTH - LABEL_WIDTH) / max(count - 1, 1), _PITCH[0]), _PITCH[1])
    boxes = {
        node: Box(
            node,
            column,
            round(_MARGIN + column * pitch, 2),
            round(tops[node], 2),
            round(heights[node], 2),
            max(arrived[node], left[node]),
            arrived[node],
            left[node],
        )
        for node, column in sorted(at.items(), key=lambda item: (item[1], tops[item[0]], item[0]))
    }
    width = round(2 * _MARGIN + (count - 1) * pitch + NODE_WIDTH + LABEL_WIDTH, 2)
    return Layout(width, round(height, 2), tuple(boxes.values()), _ribbons(flows, boxes, scale))


def _stack(flows: Edges, at: Mapping[str, int], heights: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """Return each node's top, and the picture's height: nodes near what feeds them, none overlapping."""
    feeds: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for (source, target), amount in flows.items():
        feeds[target].append((source, amount))
    by_column: defaultdict[int, list[str]] = defaultdict(list)
    for node, column in at.items():
        by_column[column].append(node)
    slot = {node: max(height, _LEAST) for node, height in heights.items()}
    room = max((sum(slot[n] + _GAP for n in nodes) for nodes in by_column.values()), default=0.0)
    centre: dict[str, float] = {}
    for _, nodes in sorted(by_column.items()):
        wish = {n: _wish(feeds[n], centre, room / 2) for n in nodes}
        nodes.sort(key=lambda n: (round(wish[n], 1), -heights[n], n))
        bottom, places = 0.0, []
        for node in nodes:
            bottom = max(bottom, wish[node] - slot[node] / 2) + slot[node] + _GAP
            places.append(bottom)
        limit = room
        for node, place in zip(reversed(nodes), reversed(places), strict=True):
            end = min(place, limit)
            limit = end - slot[node] - _GAP
            centre[node] = end - _GAP - slot[node] / 2
    return {n: _MARGIN + c - heights[n] / 2 for n, c in centre.items()}, room + 2 * _MARGIN - (_GAP if at else 0)


def _wish(feeds: list[tuple[str, int]], centre: Mapping[str, float], default: float) -> float:
    total = sum(amount for _, amount in feeds)
    return sum(centre[source] * (amount / total) for source, amount in feeds) if total else default


def _ribbons(flows: Edges, boxes: Mapping[str, Box], scale: _Scale) -> tuple[Ribbon, ...]:
    """Return the flows, leaving and arriving in the vertical order of the other ends, so that few cross."""
    starts: dict[tuple[str, str], float] = {}
    ends: dict[tuple[str, str], float] = {}
    for own, other, offsets in ((0, 1, starts), (1, 0, ends)):
        used: defaultdict[str, float] = defaultdict(float)
        for key in sorted(flows, key=lambda k: (boxes[k[other]].y, boxes[k[other]].column, k)):
            offsets[key] = boxes[key[own]].y + used[key[own]]
            used[key[own]] += scale(flows[key])
    return tuple(
        Ribbon(
            source,
            target,
            amount,
            round(boxes[source].x + NODE_WIDTH, 2),
            round(starts[source, target], 2),
            boxes[target].x,
            round(ends[source, target], 2),
            round(scale(amount), 2),
        )
        for (source, target), amount in sorted(flows.items(), key=lambda item: (-item[1], item[0]))
    )
