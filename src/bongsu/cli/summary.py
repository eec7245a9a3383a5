"""What `respond` and `demo` print: the theft, what rests where, who can act, what was refused, where the papers are."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bongsu.cli.shell import out, plural
from bongsu.trace.policies import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from bongsu.model.asset import Asset
    from bongsu.respond.assessment import Assessment, Holding

_ROWS = 15
"""As many rows of a table as one still reads; the files have them all."""
_PLACES = 6
"""Decimals that are shown; the files have all of them."""


def show(assessment: Assessment, folder: Path) -> None:
    """Print the outcome of a case."""
    out.print(_theft(assessment))
    out.print(_stolen(assessment))
    out.print(_resting(assessment))
    _actions(assessment, folder)
    _refused(assessment)
    _cautions(assessment)
    _files(assessment, folder)


def _theft(assessment: Assessment) -> Panel:
    case = assessment.case
    lines = [case.summary.replace("\n", " ").strip()] if case.summary else []
    if who := case.attribution.get("actor"):
        by, on = case.attribution.get("by", "somebody"), case.attribution.get("published", "")
        lines.append(f"Attributed to {who} by {by}{', ' + on if on else ''}.")
    return Panel(Text("\n".join(lines)), title=Text(case.title), title_align="left", box=box.ROUNDED)


def _stolen(assessment: Assessment) -> Table:
    table = _table("Stolen, as these transfers show it")
    for name in ("asset", "seen leaving", "published loss", "seen"):
        table.add_column(name, justify="left" if name == "asset" else "right")
    published = {(theft.id, loss.asset): loss.amount for theft in assessment.case.thefts for loss in theft.losses}
    for balance in assessment.traces["fifo"].balances:
        loss = published.get((balance.theft, balance.asset))
        share = f"{balance.stolen / loss:.1%}" if loss else ""
        shown = balance.asset.shown
        table.add_row(balance.asset.symbol, shown(balance.stolen), shown(loss) if loss else "", share)
    return table


def _resting(assessment: Assessment) -> Table:
    table = _table("What rests where: the range across the policies that conserve, and the bound under poison")
    table.add_column("asset", no_wrap=True, min_width=5)
    table.add_column("address", overflow="fold")  # an address is never shortened: look-alikes share their ends
    table.add_column("label")
    for name in ("rests", "poison"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = list(_bundled(assessment))
    for row in rows[:_ROWS]:
        table.add_row(*row)
    if len(rows) > _ROWS:
        table.caption = f"{len(rows) - _ROWS} more in positions.csv"
    return table


def _bundled(assessment: Assessment) -> list[tuple[str, str, str, str, str]]:
    """Return a row for each holding; unnamed ones of one asset and equal amounts share one."""
    rows = []
    for (asset, text, poison, noted), group in groupby(assessment.holdings, key=_alike):
        held = list(group)
        first = held[0]
        labels = assessment.case.labels.get(first.address, ())
        address = f"{len(held)} addresses, each" if len(held) > 1 else first.address.display
        named = first.venue or (labels[0].text if labels and len(held) == 1 else "")
        rows.append((asset, address, named + (" *" if noted else ""), text, poison))
    return rows


def _alike(holding: Holding) -> tuple[str, str, str, bool]:
    return holding.asset.symbol, _range(holding), _brief(holding.asset, holding.poison), bool(holding.notes)


def _range(holding: Holding) -> str:
    """Return the range across the conserving policies, as one figure where they agree."""
    low, high = _brief(holding.asset, holding.low), _brief(holding.asset, holding.high)
    return high if holding.low == holding.high else f"{low} to {high}"


def _brief(asset: Asset, amount: int) -> str:
    """Return an amount for the screen; a long fraction is cut, and an ellipsis says so."""
    whole, point, fraction = asset.shown(amount).partition(".")
    return f"{whole}{point}{fraction}" if len(fraction) <= _PLACES else f"{whole}.{fraction[:_PLACES]}…"


def _actions(assessment: Assessment, folder: Path) -> None:
    out.print("Who can act now", style="bold")
    for venue_id, (venue, holdings) in assessment.by_venue().items():
        out.print(f"  {venue.name} can {', '.join(venue.powers)}")
        for holding in holdings[:_ROWS]:
            role = next(actor.role for actor in holding.actors if actor.venue.id == venue_id)
            what = f"{_range(holding)} {holding.asset.symbol}{' *' if holding.notes else ''}"
            out.print(f"    as {role} of {what} at {holding.address.display}")
        if len(holdings) > _ROWS:
            out.print(f"    and {len(holdings) - _ROWS} more positions")
        if (folder / "requests" / venue_id).is_dir():
            out.print(f"    draft request: {folder}/requests/{venue_id}/")
    if not assessment.actionable:
        out.print("  nobody: no position lies at a venue, or in a token whose issuer is known here")


def _refused(assessment: Assessment) -> None:
    case = assessment.case
    if case.skipped:
        count = len(case.skipped)
        out.print(f"\nRefused as part of the flow: {count} {plural(count, 'transfer')}. They carry no stolen value.")
        for skipped in case.skipped:
            out.print(f"  {skipped.record} {skipped.tx[:12]}…  {skipped.reason}")


def _cautions(assessment: Assessment) -> None:
    doubtful: dict[tuple[str, str], list[str]] = {}
    for holding in assessment.actionable:
        other = ", ".join(f"{_brief(a, n)} {a.symbol}" for a, n in holding.unseen_other)
        if other:
            doubtful.setdefault((holding.address.display, other), []).append(holding.asset.symbol)
    for (payer, other), symbols in doubtful.items():
        out.print(
            f"\nCheck the balance before asking: {payer} paid out {other} that it was not seen to receive. "
            f"The stolen {' and '.join(symbols)} there may have been exchanged.",
        )
    seen = {note.address: note for holding in assessment.holdings for note in holding.notes}
    if seen:
        out.print("\n* What the case knows beyond these transfers (it changes no figure):")
        for address, note in seen.items():
            out.print(f"  {address.display}: {note.text}")


def _files(assessment: Assessment, folder: Path) -> None:
    count = len(assessment.by_venue())
    names = ", ".join(name for name, policy in POLICIES.items() if policy.conserves)
    out.print(f"\nConserving policies: {names}. A range is what can be said; no single policy is the truth.")
    out.print(f"\nWritten to {folder}/:")
    for name, what in (
        ("report.html", "the report, with the picture: open it in a browser"),
        ("positions.csv", f"all {len(assessment.holdings)} positions"),
        ("evidence.json", "the path of each position, under every policy"),
        (
            "requests/",
            f"drafts to {count} {plural(count, 'venue')}, in English, Korean and Japanese: a person approves and sends",
        ),
        ("bundle.json", "the same for partners, as STIX 2.1"),
        ("inputs/", f"what it was made from; `bongsu verify {folder}` computes it anew"),
    ):
        out.print(f"  {name:<15} {what}")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
