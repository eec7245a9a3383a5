"""`bongsu trace`: follow stolen money through a case or through plain files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli.coins import find_clusters, trace_coins
from bongsu.cli.shell import DefaultVerb, Format, PolicyName, err, out, plural, set_aside
from bongsu.errors import SourceError
from bongsu.trace.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table as RichTable

    from bongsu.chain.transfers import Rejected
    from bongsu.model.address import Address
    from bongsu.model.transfer import Skipped, Transfer
    from bongsu.trace.conversion import Side
    from bongsu.trace.coverage import Coverage
    from bongsu.trace.evidence import Evidence
    from bongsu.trace.run import Trace

app = typer.Typer(
    cls=DefaultVerb,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Follow stolen money: `bongsu trace CASE`, or `bongsu trace --transfers F --stolen-from F`.",
)

app.command("coins")(trace_coins)
app.command("cluster")(find_clusters)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case folder, or the name of a shipped case.")]
PolicyOption = Annotated[PolicyName, typer.Option(help="How stolen value mixes with clean (docs/policies.md).")]
EngineOption = Annotated[
    Engine, typer.Option(help="What carries the trace out; the figures are the same (docs/tracing-engine.md).")
]
FormatOption = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Set bad records aside in a file instead of stopping.")]
Swaps = Annotated[bool, typer.Option("--swaps", help="Follow value through swaps and wraps (docs/swaps.md).")]
SetAside = Annotated[Path, typer.Option(help="Where --keep-going writes the records it set aside.")]


@dataclass(frozen=True, slots=True)
class _Input:
    """What a trace needs, from a case or from plain files."""

    transfers: tuple[Transfer, ...]
    thefts: Mapping[Address, str]
    venues: Mapping[Address, str]
    skipped: tuple[Skipped, ...]
    rejected: tuple[Rejected, ...]
    duplicates: int


@app.command("run", hidden=True)
def run_trace(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="A case folder or a shipped case.")] = None,
    transfers: Annotated[Path | None, typer.Option(help="Transfers, CSV or Parquet, instead of a case.")] = None,
    stolen_from: Annotated[Path | None, typer.Option(help="Stolen-from addresses, one a line.")] = None,
    venues: Annotated[Path | None, typer.Option(help="CSV with the columns address,venue.")] = None,
    chain: Annotated[str, typer.Option(help="The chain of records that name none.")] = "ethereum",
    decimals: Annotated[
        list[str] | None, typer.Option(metavar="ASSET=N", help="Decimals of an asset; 18 otherwise.")
    ] = None,
    policy: PolicyOption = PolicyName.FIFO,
    swaps: Swaps = False,
    engine: EngineOption = Engine.AUTO,
    form: FormatOption = Format.TABLE,
    keep_going: KeepGoing = False,
    set_aside_in: SetAside = Path("bongsu-set-aside.csv"),
) -> None:
    """Follow stolen money and say where it rests."""
    if (case is None) == (transfers is None):
        raise typer.BadParameter("name a case folder, or give --transfers and --stolen-from")
    if case is not None:
        if stolen_from or venues or decimals:
            raise typer.BadParameter(
                "--stolen-from, --venues and --decimals go with --transfers; a case says them itself"
            )
        given = _from_case(case, keep_going)
    else:
        if transfers is None or stolen_from is None:
            raise typer.BadParameter("--transfers needs --stolen-from: a file with one address a line")
        if engine is not Engine.REFERENCE and not swaps and _streams(transfers, chain):
            _stream(
                transfers, stolen_from, venues, chain, _decimals(decimals or []), policy, form, keep_going, set_aside_in
            )
            return
        given = _from_files(transfers, stolen_from, venues, chain, _decimals(decimals or []), keep_going)
    set_aside(given.rejected, set_aside_in)
    _show(given, policy, form, engine, swaps=swaps)


@app.command("explain")
def explain_position(
    case: CaseArgument,
    address: Annotated[str, typer.Argument(help="The address whose money is explained.")],
    policy: PolicyOption = PolicyName.FIFO,
    swaps: Swaps = False,
    engine: EngineOption = Engine.AUTO,
    form: FormatOption = Format.TABLE,
    keep_going: KeepGoing = False,
    set_aside_in: SetAside = Path("bongsu-set-aside.csv"),
) -> None:
    """List the exact transfers by which stolen money came to an address."""
    from bongsu.trace import evidence
    from bongsu.trace.engine import follow_to
    from bongsu.trace.output import evidence_document, to_json

    given = _from_case(case, keep_going)
    set_aside(given.rejected, set_aside_in)
    wanted = _find(address, given)
    if swaps:
        trace = _with_swaps(given, policy)
    else:
        trace = follow_to(wanted, policy.value, given.transfers, given.thefts, given.venues, engine)
    explainer = evidence.Explainer(trace)
    found = [explainer.explain(position) for position in evidence.at_address(trace, wanted)]
    if form is Format.JSON:
        out.file.write(to_json([evidence_document(e) for e in found]))
        return
    if not found:
        out.print(f"Under {policy.value} no stolen value rests at {wanted.display}.")
    for item in found:
        _show_evidence(item, trace.policy)


def _from_case(name: str, keep_going: bool) -> _Input:
    from bongsu.trace.case import find_case, read_case

    case = read_case(find_case(name), keep_going=keep_going)
    return _Input(case.transfers, case.stolen_from, case.venues, case.skipped, case.rejected, case.duplicates)


def _from_files(
    transfers: Path,
    stolen_from: Path,
    venues: Path | None,
    chain: str,
    decimals: dict[str, int],
    keep_going: bool,
) -> _Input:
    from bongsu.chain.order import in_order
    from bongsu.chain.transfers import read_transfers
    from bongsu.trace.bare import read_stolen_from, read_venues

    thefts = read_stolen_from(stolen_from, chain)
    at = read_venues(venues, chain) if venues else {}
    table = read_transfers(transfers, decimals=decimals, default_chain=chain, keep_going=keep_going)
    return _Input(
        tuple(in_order(table.transfers)),
        thefts,
        at,
        tuple(table.skipped),
        tuple(table.rejected),
        table.duplicates,
    )


def _streams(transfers: Path, chain: str) -> bool:
    if transfers.suffix not in {".parquet", ".pq"}:
        return False
    from bongsu.trace.stream import can_stream

    return can_stream(transfers, chain)


def _stream(
    transfers: Path,
    stolen_from: Path,
    venues: Path | None,
    chain: str,
    decimals: dict[str, int],
    policy: PolicyName,
    form: Format,
    keep_going: bool,
    set_aside_in: Path,
) -> None:
    """Trace a long Parquet file without holding it."""
    from bongsu.trace.bare import read_stolen_from, read_venues
    from bongsu.trace.coverage import coverage
    from bongsu.trace.stream import trace_file

    thefts = read_stolen_from(stolen_from, chain)
    at = read_venues(venues, chain) if venues else {}
    found = trace_file(
        transfers, policy.value, thefts, at, decimals=decimals, default_chain=chain, keep_going=keep_going
    )
    set_aside(found.rejected, set_aside_in)
    covered = coverage(found.trace, found.arrived, at) if at else None
    _write(found.trace, (), found.rejected, found.transfers, found.duplicates, form, covered)


def _decimals(given: list[str]) -> dict[str, int]:
    from bongsu.model.asset import MAX_DECIMALS

    found: dict[str, int] = {}
    for text in given:
        symbol, _, number = text.rpartition("=")
        if not symbol or not number.isascii() or not number.isdigit() or int(number) > MAX_DECIMALS:
            raise typer.BadParameter(f"--decimals {text!r}: write ASSET=N with N from 0 to {MAX_DECIMALS}")
        found[symbol] = int(number)
    return found


def _find(text: str, given: _Input) -> Address:
    """Return the address that the text means on a chain of the case."""
    from bongsu.errors import AddressError
    from bongsu.model.address import parse_address

    names = sorted({t.sender.chain for t in given.transfers} | {a.chain for a in given.thefts})
    errors = []
    for name in names:
        try:
            return parse_address(text, name)
        except AddressError as error:
            errors.append(error)
    raise errors[0] if errors else SourceError("the case has no transfers")


def _show(given: _Input, policy: PolicyName, form: Format, engine: Engine, *, swaps: bool) -> None:
    from bongsu.trace.coverage import arriving, coverage
    from bongsu.trace.engine import follow

    if swaps:
        trace = _with_swaps(given, policy)
    else:
        trace = follow(policy.value, given.transfers, given.thefts, given.venues, engine)
    arrived = arriving(given.transfers, given.venues)
    covered = coverage(trace, arrived, given.venues) if given.venues else None
    _write(trace, given.skipped, given.rejected, len(given.transfers), given.duplicates, form, covered)


def _with_swaps(given: _Input, policy: PolicyName) -> Trace:
    """Run the plain reference, the one engine that follows value from asset to asset."""
    from bongsu.trace.policies import POLICIES
    from bongsu.trace.run import run

    return run(POLICIES[policy.value], given.transfers, given.thefts, given.venues, swaps=True)


def _write(
    trace: Trace,
    skipped: Sequence[Skipped],
    rejected: Sequence[Rejected],
    transfers: int,
    duplicates: int,
    form: Format,
    covered: Coverage | None = None,
) -> None:
    from bongsu.trace.output import trace_json

    if form is Format.JSON:
        out.file.writelines(trace_json(trace, skipped, rejected, transfers, duplicates, covered))
        return
    _show_positions(trace)
    _show_balances(trace)
    _show_conversions(trace)
    if covered is not None:
        _show_coverage(covered)
    for item in skipped:
        out.print(f"skipped {item.record} {item.tx[:18]}…: {item.reason}")
    if duplicates:
        err.print(f"{duplicates} {plural(duplicates, 'transfer')} repeat another one in every field; kept.")


def _show_positions(trace: Trace) -> None:
    several = len({(p.theft, p.address.chain) for p in trace.positions}) > 1
    table = _table(f"Positions under {trace.policy}")
    for name in (*(("theft", "chain") if several else ()), "address", "venue", "asset"):
        table.add_column(name, overflow="fold")
    table.add_column("amount", justify="right", overflow="fold")
    for p in trace.positions:
        start = (p.theft, p.address.chain) if several else ()
        table.add_row(*start, p.address.display, p.venue or "", p.asset.symbol, p.asset.shown(p.amount))
    out.print(table)
    if not trace.positions:
        out.print("No stolen value rests anywhere in these transfers.")


def _show_balances(trace: Trace) -> None:
    swaps = trace.conversions is not None
    rule = "stolen + converted in = resting + at venues + returned + converted out + difference"
    table = _table(f"Conservation: {rule if swaps else 'stolen = resting + at venues + returned + difference'}")
    for name in ("theft", "chain", "asset"):
        table.add_column(name, overflow="fold")
    converted = ("converted in", "converted out") if swaps else ()
    for name in ("stolen", "resting", "at venues", "returned", *converted, "difference"):
        table.add_column(name, justify="right", overflow="fold")
    for b in trace.balances:
        exchanged = (b.converted_in, b.converted_out) if swaps else ()
        figures = (b.stolen, b.resting, b.at_venues, b.returned, *exchanged, b.difference)
        table.add_row(b.theft, b.asset.chain, b.asset.symbol, *map(b.asset.shown, figures))
    out.print()
    out.print(table)


def _show_coverage(covered: Coverage) -> None:
    out.print(
        f"\nCoverage: stolen value reached {covered.reached} of the {covered.occurring} venue addresses that occur in "
        f"the transfers ({covered.named} are known)"
    )
    for arrival in covered.arrivals:
        came = f"{arrival.asset.text(arrival.amount)} {arrival.asset.symbol}"
        out.print(f"  {arrival.share:.2%} of the {came} that arrived at venues is explained")


def _show_conversions(trace: Trace) -> None:
    for c in trace.conversions or ():
        gave = " and ".join(_side(side) for side in c.given)
        took = " and ".join(
            _side(side) + ("" if side.address == c.address else f" for {side.address.display}") for side in c.taken
        )
        remark = "; shares assumed equal" if c.assumed else ""
        out.print(f"converted {c.tx[:18]}… {c.address.display} gave {gave} and took {took}{remark}")
    for o in trace.open_exchanges:
        took = " and ".join(
            f"{side.asset.text(side.amount)} {side.asset.symbol} for {side.address.display}" for side in o.taken
        )
        others = [payer.display for payer in o.payers if payer != o.address]
        doubt = f"it, or {' or '.join(others)}," if others else "it"
        out.print(f"open {o.tx[:18]}… {o.address.display} gave {_side(o.given)}; {doubt} may have bought {took}")


def _side(side: Side) -> str:
    return f"{side.asset.text(side.amount)} {side.asset.symbol} ({side.asset.text(side.stolen)} stolen)"


def _table(title: str = "") -> RichTable:
    from rich.table import Table

    return Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)


def _show_evidence(item: Evidence, policy: str) -> None:
    p = item.position
    at = f" ({p.venue})" if p.venue else ""
    out.print(f"{p.asset.shown(p.amount)} {p.asset.symbol} of {p.theft} at {p.address.display}{at} under {policy}")
    if item.paths:
        ways = len(item.paths)
        out.print(
            f"{ways} exact {plural(ways, 'path')}: "
            + "; ".join(
                f"{p.asset.shown(path.amount)} in {len(path.transfers)} {plural(len(path.transfers), 'step')}"
                for path in item.paths[:10]
            )
        )
    else:
        out.print("Under this policy money melts together: these are all transfers that can have carried it here.")
    for number, move in enumerate(item.moves, 1):
        t = move.transfer
        when = " ".join(
            part
            for part in (f"{t.time:%Y-%m-%d %H:%M:%S} UTC" if t.time else "", f"block {t.block}" if t.block else "")
            if part
        )
        moved, carried = t.asset.shown(t.amount), t.asset.shown(move.amount)
        out.print(f"{number:>4}. {when}: {moved} {t.asset.symbol}, of it stolen {carried}")
        for name, value in (("transaction", t.tx), ("from", t.sender.display), ("to", t.receiver.display)):
            out.print(f"      {name:<12}{value}", soft_wrap=True)
    out.print()
