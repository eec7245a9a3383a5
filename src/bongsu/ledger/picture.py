"""Pictures of the ledger, as SVG and PNG; the same claims give the same bytes.

Losses by year stacked by who attributes them, the running sum beside published totals, and losses by actor, by kind of
victim and by country.
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bongsu.errors import SourceError
from bongsu.ledger.records import CLASSES
from bongsu.ledger.standing import standings
from bongsu.ledger.total import Query, Row, Total, total
from bongsu.ledger.when import parse_period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from matplotlib.figure import Figure

    from bongsu.ledger.records import Ledger

_FIRST = "2017"
_TIERS = (
    (4, "a government", "#1b3a57"),
    (3, "the UN Panel", "#2f6f9f"),
    (2, "a vendor", "#7fb2d3"),
    (1, "a researcher, the press or the victim", "#c9d9e4"),
)
_DISPUTED = "#d9822b"
_MARKS = {"un-panel": "o", "chainalysis": "s", "elliptic": "^", "trm-labs": "D", "msmt": "P"}
_MILLION, _BILLION = 1e6, 1e9
_MOST = 14
_STYLE = {
    "svg.hashsalt": "bongsu",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e5e5e5",
    "figure.dpi": 100,
}


def draw(ledger: Ledger, as_of: date, folder: Path) -> list[Path]:
    """Write all pictures into a folder and return their paths.

    Raises:
        SourceError: the folder cannot be written.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures(ledger, as_of).items():
            for form, metadata in (("svg", {"Date": None, "Creator": "Bongsu"}), ("png", {"Software": None})):
                path = folder / f"{name}.{form}"
                path.write_bytes(_bytes(figure, form, metadata))
                made.append(path)
    except OSError as error:
        raise SourceError(f"it cannot be written: {error.strerror}", source=str(folder)) from None
    return made


def svg(figure: Figure) -> str:
    """Return a figure as SVG text that can stand inside a page."""
    text = _bytes(figure, "svg", {"Date": None, "Creator": "Bongsu"}).decode()
    return text[text.index("<svg") :]


def figures(ledger: Ledger, as_of: date) -> dict[str, Figure]:
    """Return the pictures by name."""
    now = standings(ledger, as_of)
    query = Query(parse_period(_FIRST), parse_period(as_of.isoformat()), as_of)
    answer = total(ledger, query, now)
    said = f"as of {as_of}; figures as published for the time of theft"
    by_actor = _grouped(answer.counted, lambda r: ledger.actors[r.standing.attribution.text].name)
    by_type = _grouped(answer.counted, lambda r: ledger.incidents[r.standing.incident].victim_type)
    by_country = _grouped(answer.counted, lambda r: ledger.incidents[r.standing.incident].country or "not known")
    return {
        "losses-by-year": _by_year(answer, said),
        "running-sum": _running(ledger, as_of, now, said),
        "losses-by-actor": _bars("Losses by actor, as the weightiest attribution names it", by_actor, said),
        "losses-by-victim": _bars("Losses by kind of victim", by_type, said),
        "losses-by-country": _bars("Losses by the victim's country", by_country, said),
    }


def _bytes(figure: Figure, form: str, metadata: dict[str, Any]) -> bytes:
    import matplotlib as mpl

    out = io.BytesIO()
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def _axes(title: str, subtitle: str, height: float = 4.6) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, height), layout="constrained")
    axes = figure.subplots()
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    axes.set_title(f"Suspected DPRK thefts of crypto, {subtitle}", loc="left", fontsize=8.5, color="#555555")
    return figure, axes


def _by_year(answer: Total, said: str) -> Figure:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure, axes = _axes("Losses by year, by the weightiest attribution", said)
        years = list(range(answer.query.since.first.year, answer.query.until.last.year + 1))
        base = dict.fromkeys(years, 0.0)
        for weight, label, colour in _TIERS:
            tier = [r for r in answer.counted if r.standing.weight == weight]
            _stack(axes, years, base, tier, label=label, color=colour)
        disputed = [r for r in answer.left_out if r.reason == "disputed"]
        _stack(
            axes, years, base, disputed, label="disputed, not counted", color="none", edgecolor=_DISPUTED, hatch="////"
        )
        axes.set_xticks(years)
        axes.set_ylabel("million US dollars")
        axes.grid(visible=False, axis="x")
        axes.legend(title="attributed by", frameon=False, fontsize=8.5, title_fontsize=8.5, loc="upper left")
    return figure


def _stack(axes: Any, years: list[int], base: dict[int, float], rows: Iterable[Row], **style: Any) -> None:
    amount = dict.fromkeys(years, 0.0)
    for row in rows:
        amount[row.when.first.year] += float(row.usd or 0) / _MILLION
    some = [y for y in years if amount[y]]
    axes.bar(some, [amount[y] for y in some], bottom=[base[y] for y in some], width=0.7, **style)
    for year in years:
        base[year] += amount[year]


def _running(ledger: Ledger, as_of: date, now: Any, said: str) -> Figure:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure, axes = _axes("The running sum beside published totals", said)
        since, until = parse_period(_FIRST), parse_period(as_of.isoformat())
        for rule, colour in (("all", "#7fb2d3"), ("un-panel", "#2f6f9f"), ("government", "#1b3a57")):
            answer = total(ledger, Query(since, until, as_of, rule), now)
            days, sums, running = [], [], 0.0
            for row in answer.counted:
                running += float(row.usd or 0) / _BILLION
                days.append(_year_of(row.when.first))
                sums.append(running)
            axes.step(
                [*days, _year_of(as_of)], [*sums, running], where="post", color=colour, label=f"ours, rule {rule}"
            )
        seen = set()
        for a in ledger.aggregates:
            start = since.first.year
            wide = (
                a.since.first.year in {start - 1, start} and a.until.last.year > start
            )  # earlier ones count banks too
            if wide and a.usd is not None and a.published_on.last <= as_of and a.publisher in _MARKS:
                name = ledger.publishers[a.publisher].name.split(" (")[0]
                at = (_year_of(a.until.last), float(a.usd) / _BILLION)
                label = None if a.publisher in seen else name
                axes.plot(*at, _MARKS[a.publisher], color=_DISPUTED, markersize=7, linestyle="", label=label)
                seen.add(a.publisher)
        axes.set_ylabel("billion US dollars")
        axes.legend(frameon=False, fontsize=8.5, loc="upper left")
    return figure


def _year_of(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366


def _grouped(rows: Iterable[Row], key: Any) -> list[tuple[str, float, int]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(float(row.usd or 0) / _MILLION)
    ordered = sorted(((name, sum(v), len(v)) for name, v in found.items()), key=lambda x: (-x[1], x[0]))
    rest = ordered[_MOST:]
    return ordered[:_MOST] + ([("others", sum(r[1] for r in rest), sum(r[2] for r in rest))] if rest else [])


def _bars(title: str, groups: list[tuple[str, float, int]], said: str) -> Figure:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure, axes = _axes(title, said, max(2.4, 1.3 + 0.32 * len(groups)))
        names = [name for name, _, _ in groups][::-1]
        amounts = [amount for _, amount, _ in groups][::-1]
        bars = axes.barh(names, amounts, color="#2f6f9f", height=0.7)
        labels = [f"{amount:,.1f}  ({count})" for _, amount, count in groups][::-1]
        axes.bar_label(bars, labels=labels, padding=3, fontsize=8.5)
        axes.set_xlabel("million US dollars (number of attacks)")
        axes.margins(x=0.16)
        axes.grid(visible=False, axis="y")
    return figure


assert {weight for weight, _, _ in _TIERS} == set(CLASSES.values())
