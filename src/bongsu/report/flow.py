"""The picture of a trace: for each theft and asset one panel, small enough to read whatever the size of the case.

Addresses that one payer paid the same amount and that kept it are drawn as one; so are the least of a crowded column
and whatever lies further from the theft than the picture is wide. Nothing disappears: a bundle says how many it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bongsu.report.figures import clipped, figure, rounded, short
from bongsu.report.sankey import BACK, Box, Layout, Ribbon, columns, layout, unroll

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bongsu.model.asset import Asset
    from bongsu.report.sankey import Edges
    from bongsu.respond.assessment import Assessment
    from bongsu.trace.run import Trace

_COLUMNS = 6
_ROWS = 12
"""As many columns, and nodes in one, as still read."""
_ALIKE = 3
"""From so many on, addresses paid alike are drawn as one."""
_LETTERS = 22
_FIGURES = 26
"""So wide, in letters, the first and the second line of a label may be."""
_BUNDLE = "bundle:"
_HOME = f"{_BUNDLE}back"
_FURTHER = "further on"


@dataclass(frozen=True, slots=True)
class Mark:
    """A node as drawn: kind is theft, account, venue, bundle or back; `more` its second line, `title` its tooltip."""

    box: Box
    kind: str
    label: str
    more: str
    title: str


@dataclass(frozen=True, slots=True)
class Band:
    """A ribbon as drawn, with its tooltip."""

    ribbon: Ribbon
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram.

    Attributes:
        theft, asset, policy: what it shows, and under which policy.
        colour: number of its colour; one asset has one colour.
        total: what was stolen, in base units.
        scale: layout in pixels.
        marks, bands: what is drawn.
        addresses: how many addresses it shows, bundled ones included.
    """

    theft: str
    asset: Asset
    policy: str
    colour: int
    total: int
    scale: Layout
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    addresses: int

    @property
    def description(self) -> str:
        """What the picture shows, for those who do not see it."""
        largest = sorted((m for m in self.marks if m.kind != "theft"), key=lambda m: -m.box.flow)[:5]
        return (
            f"Flow of {figure(self.asset, self.total).text} under {self.policy} to {self.addresses} addresses. "
            f"Largest: {'; '.join(f'{m.label}, {m.more}' for m in largest)}."
        )


def panels(assessment: Assessment, policy: str) -> list[Panel]:
    """Return a panel for each theft and asset under one policy."""
    trace = assessment.traces[policy]
    colours = {asset: n for n, asset in enumerate(dict.fromkeys(b.asset for b in trace.balances))}
    return [
        _Drawing(assessment, trace, b.theft, b.asset).panel(colours[b.asset], b.stolen)
        for b in trace.balances
        if b.stolen
    ]


def _came_back(node: str) -> bool:
    return node == _HOME or node.startswith(BACK)


class _Drawing:
    def __init__(self, assessment: Assessment, trace: Trace, theft: str, asset: Asset) -> None:
        self._case = assessment.case
        self._policy = trace.policy
        self._theft, self._asset = theft, asset
        self._venues = assessment.case.venues
        self._names = {}
        edges: Counter[tuple[str, str]] = Counter()
        for move in trace.moves:
            transfer = move.transfer
            if (move.theft, transfer.asset) == (theft, asset):
                for address in (transfer.sender, transfer.receiver):
                    self._names[address.text] = address
                edges[transfer.sender.text, transfer.receiver.text] += move.amount
        self._roots = [t for t, a in self._names.items() if self._case.stolen_from.get(a) == theft]
        self._members: dict[str, int] = {}
        self._bundled: dict[str, str] = {}
        self._edges = self._crowds(self._alike(self._far(self._home(unroll(edges, self._roots)))))

    def panel(self, colour: int, total: int) -> Panel:
        drawn = layout(self._edges, self._roots)
        return Panel(
            self._theft,
            self._asset,
            self._policy,
            colour,
            total,
            drawn,
            tuple(self._mark(box) for box in drawn.boxes),
            tuple(self._band(ribbon) for ribbon in drawn.ribbons),
            len(self._names),
        )

    def _home(self, edges: Edges) -> Edges:
        """Put what came back to many earlier addresses into one node."""
        homes = dict.fromkeys(target for _, target in edges if target.startswith(BACK))
        return self._merged(edges, dict.fromkeys(homes, _HOME), "came back") if len(homes) >= _ALIKE else edges

    def _far(self, edges: Edges) -> Edges:
        """Put what does not fit into one node in the last column but one; venues and what came back follow it."""
        at = columns(edges)
        far = {node: f"{_BUNDLE}far" for node, column in at.items() if column >= _COLUMNS - 2 and self._plain(node)}
        return self._merged(edges, far, _FURTHER) if max(at.values(), default=0) >= _COLUMNS else edges

    def _alike(self, edges: Edges) -> Edges:
        """Put addresses into one node that one payer paid the same and that kept it."""
        payers = Counter(target for _, target in edges)
        pays = {source for source, _ in edges}
        groups: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for (source, target), amount in edges.items():
            if payers[target] == 1 and target not in pays and self._plain(target):
                groups[source, amount].append(target)
        into = {
            node: f"{_BUNDLE}{number}"
            for number, group in enumerate(groups.values())
            if len(group) >= _ALIKE
            for node in group
        }
        each = {into[group[0]]: amount for (_, amount), group in groups.items() if group[0] in into}
        merged = self._merged(edges, into, "")
        self._bundled.update({node: f"{rounded(self._asset, n)} {self._asset.symbol} each" for node, n in each.items()})
        return merged

    def _crowds(self, edges: Edges) -> Edges:
        """Put the least of a crowded column into one node; where the money starts is never merged."""
        at = columns(edges)
        flow: Counter[str] = Counter()
        for (source, target), amount in edges.items():
            flow[target] += amount
            if source in self._roots:
                flow[source] += amount
        into = {}
        for column in sorted(set(at.values())):
            nodes = [n for n, c in at.items() if c == column and n not in self._roots and not _came_back(n)]
            if len(nodes) > _ROWS:
                nodes.sort(key=lambda n: (n not in self._names or self._plain(n), -flow[n], n))
                into.update(dict.fromkeys(nodes[_ROWS - 1 :], f"{_BUNDLE}column {column}"))
        return self._merged(edges, into, "together")

    def _merged(self, edges: Edges, into: Mapping[str, str], word: str) -> Edges:
        for node, bundle in into.items():
            self._members[bundle] = self._members.get(bundle, 0) + self._members.get(node, 1)
            self._bundled[bundle] = word
        merged: Edges = {}
        for (source, target), amount in edges.items():
            key = (into.get(source, source), into.get(target, target))
            if key[0] != key[1]:
                merged[key] = merged.get(key, 0) + amount
        return merged

    def _plain(self, node: str) -> bool:
        return node in self._names and self._names[node] not in self._venues

    def _mark(self, box: Box) -> Mark:
        text = f"{rounded(self._asset, box.flow)} {self._asset.symbol}"
        kept = box.arrived - box.left
        if box.id in self._members:
            word, count = self._bundled[box.id], self._members[box.id]
            more = word if word.endswith("each") else text if word == _FURTHER else f"{text} {word}"
            label = f"{count:,} {_FURTHER if word == _FURTHER else 'addresses'}"
            label = f"↩ {count:,} earlier" if box.id == _HOME else label
            kind = "back" if box.id == _HOME else "bundle"
            title = f"{count:,} addresses, {word}: {self._exact(box)}"
            return Mark(box, kind, clipped(label, _LETTERS), clipped(more, _FIGURES), title)
        if box.id.startswith(BACK):
            home = self._names[box.id.removeprefix(BACK)].display
            return Mark(
                box,
                "back",
                f"↩ {short(home)}",
                clipped(f"{text} came back", _FIGURES),
                f"Came back to {home}: {self._exact(box)}",
            )
        address = self._names[box.id]
        venue = self._venues.get(address)
        label = short(address.display)
        owner = "; ".join(dict.fromkeys([venue or "", *(a.text for a in self._case.labels.get(address, ()))])).strip(
            "; "
        )
        title = f"{address.display}{f' ({owner})' if owner else ''}: {self._exact(box)}"
        if box.id in self._roots:
            return Mark(box, "theft", label, clipped(f"stolen: {text}", _FIGURES), title)
        if venue is not None:
            return Mark(box, "venue", clipped(venue, _LETTERS), clipped(text, _FIGURES), title)
        both = f"{text}, kept {rounded(self._asset, kept)}"
        more = both if 0 < kept < box.flow and len(both) <= _FIGURES else text
        return Mark(box, "account", label, clipped(more, _FIGURES), title)

    def _exact(self, box: Box) -> str:
        shown, symbol = self._asset.shown, self._asset.symbol
        parts = [f"received {shown(box.arrived)} {symbol}"] if box.arrived else []
        parts += [f"passed on {shown(box.left)} {symbol}"] if box.left else []
        return ", ".join(parts)

    def _band(self, ribbon: Ribbon) -> Band:
        ends = (self._name(ribbon.source), self._name(ribbon.target))
        return Band(ribbon, f"{ends[0]} to {ends[1]}: {self._asset.shown(ribbon.amount)} {self._asset.symbol}")

    def _name(self, node: str) -> str:
        if node in self._members:
            return f"{self._members[node]:,} addresses"
        return self._names[node.removeprefix(BACK)].display
