"""`bongsu trace exposure`: from which kinds of owner an address's money came, and to which it went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bongsu.cli.shell import Format, err, out, plural, say, set_aside

if TYPE_CHECKING:
    from bongsu.chain.transfers import Rejected
    from bongsu.label.label import Label
    from bongsu.model.address import Address
    from bongsu.model.asset import Asset
    from bongsu.trace.exposure import Exposure
    from bongsu.trace.exposure_rules import Rule


def show_exposure(
    address: Annotated[str, typer.Argument(help="The address that is asked about.")],
    transfers: Annotated[Path, typer.Option(help="Transfers, CSV or Parquet (`bongsu chain import` writes them).")],
    labels: Annotated[list[Path] | None, typer.Option(help="A TagPack; may be repeated.")] = None,
    chain: Annotated[str, typer.Option(help="The chain of the address, and of records that name none.")] = "ethereum",
    rules: Annotated[Path | None, typer.Option(help="Rules of your own (docs/exposure.md).")] = None,
    hops: Annotated[int, typer.Option(min=1, max=50, help="Transfers to walk, at most.")] = 8,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Set bad records aside in a file instead of stopping.")
    ] = False,
    set_aside_in: Annotated[Path, typer.Option(help="Where --keep-going writes them.")] = Path("bongsu-set-aside.csv"),
) -> None:
    """Say from which kinds of owner an address's money came and to which it went, and which rules that meets."""
    from bongsu.chain.order import in_order
    from bongsu.chain.transfers import read_transfers
    from bongsu.model.address import parse_address
    from bongsu.trace.exposure import LabelledTransfers, Limits
    from bongsu.trace.exposure_rules import fired, read_rules
    from bongsu.trace.output import to_json

    wanted, given = parse_address(address, chain), read_rules(rules)
    table = read_transfers(transfers, default_chain=chain, keep_going=keep_going)
    known, bad = _labels(labels or [])
    set_aside(table.rejected if keep_going else [], set_aside_in)
    if bad:
        err.print(f"{len(bad)} {plural(len(bad), 'label')} could not be read: the first is {bad[0].record}")
    categories = {category for rule in given for category in rule.categories}
    found = LabelledTransfers(in_order(table.transfers), known, categories).query(wanted, Limits(hops=hops))
    alerts = {asset: fired(given, exposures) for asset, exposures in found.items()}
    if form is Format.JSON:
        out.file.write(to_json(_document(wanted, found, alerts)))
        return
    own = known.get(wanted, [])
    if own:
        say(f"{wanted.display} is labelled {'; '.join(x.text or x.category for x in own)}")
    if not found:
        say(f"{wanted.display} stands in none of the transfers.")
    for asset, exposures in found.items():
        _show(asset, exposures, alerts[asset])


def _labels(paths: list[Path]) -> tuple[dict[Address, list[Label]], list[Rejected]]:
    from bongsu.chain.table import decode, read_bytes
    from bongsu.chain.transfers import Rejected
    from bongsu.errors import BongsuError
    from bongsu.label.tagpack import read_tagpack
    from bongsu.model.transfer import Record

    found: dict[Address, list[Label]] = {}
    bad: list[Rejected] = []
    for path in paths:
        for label in read_tagpack(path, decode(path, read_bytes(path))):
            if isinstance(label, BongsuError):
                bad.append(Rejected(Record(path.name, label.line or 0), "", label.message))
            else:
                found.setdefault(label.address, []).append(label)
    return found, bad


def _show(asset: Asset, exposures: list[Exposure], alerts: list[tuple[Rule, Exposure]]) -> None:
    from rich.table import Table

    table = Table(title=f"{asset.symbol} on {asset.chain}", title_justify="left", box=None, pad_edge=False)
    for name in ("direction", "directness", "category"):
        table.add_column(name)
    for name in ("amount", "share", "hops"):
        table.add_column(name, justify="right")
    for e in exposures:
        table.add_row(e.direction, e.directness, e.category, f"{e.amount:,.6g}", f"{e.share:.2%}", str(e.hops))
    out.print(table)
    for rule, e in alerts:
        say(f"{rule.severity} [{rule.id}] {e.category} {e.share:.2%}: {rule.text}")
    if not alerts:
        say("No rule fires.")
    out.print()


def _document(
    address: Address, found: dict[Asset, list[Exposure]], alerts: dict[Asset, list[tuple[Rule, Exposure]]]
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "chain": address.chain,
        "address": address.text,
        "assets": [
            {
                "asset": asset.symbol,
                "exposure": [asdict(e) for e in exposures],
                "rules": [
                    {
                        "id": rule.id,
                        "severity": rule.severity,
                        "category": e.category,
                        "direction": e.direction,
                        "directness": e.directness,
                        "share": e.share,
                        "threshold": rule.share,
                        "text": rule.text,
                    }
                    for rule, e in alerts[asset]
                ],
            }
            for asset, exposures in found.items()
        ],
    }
