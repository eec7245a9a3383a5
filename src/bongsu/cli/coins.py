"""`bongsu trace coins` and `bongsu trace cluster`: follow stolen coins, and gather the addresses of one owner."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli.shell import Format, err, out, plural, set_aside
from bongsu.errors import RecordError, SourceError
from bongsu.trace.engine import Engine

if TYPE_CHECKING:
    from bongsu.chain.coins import Block, Coin, CoinId
    from bongsu.chain.transfers import Rejected
    from bongsu.trace.coins.run import CoinTrace


class CoinPolicyName(StrEnum):
    """The policies that `trace coins --policy` takes."""

    FIFO = "fifo"
    LIFO = "lifo"
    HAIRCUT = "haircut"
    POISON = "poison"
    TIHO = "tiho"
    TAINTED_FIRST = "seniority-tainted-first"
    CLEAN_FIRST = "seniority-clean-first"


class Fees(StrEnum):
    """Where `--fees` lets the stolen part of fees go."""

    APART = "apart"
    MINER = "miner"


Blocks = Annotated[list[Path], typer.Argument(help="Blocks in order: blk*.dat, raw, or getblock JSON.")]
Spent = Annotated[list[Path] | None, typer.Option(help="Coins made before the first block (btcd's utxostore).")]
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Go on with the whole blocks of a damaged file.")]
SetAside = Annotated[Path, typer.Option(help="Where --keep-going writes what it set aside.")]


def trace_coins(
    blocks: Blocks,
    stolen_coins: Annotated[Path | None, typer.Option(help="Stolen coins, one TX:INDEX a line.")] = None,
    stolen_from: Annotated[Path | None, typer.Option(help="Stolen-from addresses, one a line.")] = None,
    venues: Annotated[Path | None, typer.Option(help="CSV with the columns address,venue.")] = None,
    spent: Spent = None,
    policy: Annotated[CoinPolicyName, typer.Option(help="docs/coin-policies.md")] = CoinPolicyName.FIFO,
    fees: Annotated[Fees, typer.Option(help="Keep fees apart, or let them go on to the miner.")] = Fees.APART,
    engine: Annotated[Engine, typer.Option(help="What carries the trace out; the figures are the same.")] = Engine.AUTO,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
    keep_going: KeepGoing = False,
    set_aside_in: SetAside = Path("bongsu-set-aside.csv"),
) -> None:
    """Follow stolen coins through Bitcoin blocks."""
    from bongsu.trace.bare import read_stolen_coins, read_stolen_from, read_venues
    from bongsu.trace.coins.flow import lay_out
    from bongsu.trace.coins.run import run_coins

    if stolen_coins is None and stolen_from is None:
        raise typer.BadParameter("name what was stolen: --stolen-coins or --stolen-from")
    named = read_stolen_coins(stolen_coins) if stolen_coins else {}
    thefts = read_stolen_from(stolen_from, "bitcoin") if stolen_from else {}
    at = read_venues(venues, "bitcoin") if venues else {}
    chain, known, rejected = _read(blocks, spent or [], keep_going)
    set_aside(rejected, set_aside_in)
    try:
        flow = lay_out(
            chain, known, stolen_from=thefts, stolen_coins=named, venues=at, fees_to_miner=fees is Fees.MINER
        )
    except RecordError as error:
        raise SourceError(error.message, hint="give the blocks once each, in the order of the chain") from None
    found = run_coins(policy.value, flow, at, kernel=engine is Engine.KERNEL)
    absent = len(set(named) - set(flow.ids))
    if absent:
        err.print(f"{absent} of the stolen coins neither move nor are made in these blocks")
    if found.unseen:
        err.print(f"{found.unseen} {plural(found.unseen, 'input')} of unknown worth: taken for clean, fees understated")
    _show(found, form, rejected, sum(len(block.transactions) for block in chain))


def find_clusters(
    blocks: Blocks,
    spent: Spent = None,
    rule: Annotated[list[str] | None, typer.Option(help="A rule by name; multi-input where none is named.")] = None,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
    keep_going: KeepGoing = False,
    set_aside_in: SetAside = Path("bongsu-set-aside.csv"),
) -> None:
    """Gather the addresses that one owner seems to hold."""
    from bongsu.trace.cluster import MULTI_INPUT, RULES, cluster
    from bongsu.trace.output import to_json

    rules = rule or [MULTI_INPUT]
    if unknown := sorted(set(rules) - set(RULES)):
        raise typer.BadParameter(f"there is no rule {unknown[0]!r}; there are {', '.join(RULES)}")
    chain, known, rejected = _read(blocks, spent or [], keep_going)
    set_aside(rejected, set_aside_in)
    found = cluster(chain, known, rules)
    if form is Format.JSON:
        document = {
            "rules": rules,
            "clusters": [[address.text for address in one] for one in found.sets],
            "joins": [{"rule": j.rule, "tx": j.tx, "addresses": [a.text for a in j.addresses]} for j in found.joins],
            "coinjoins": found.coinjoins,
            "unseen_inputs": found.unseen,
        }
        out.file.write(to_json(document))
        return
    for number, one in enumerate(found.sets, 1):
        out.print(f"{number}. {len(one)} addresses: {', '.join(address.text for address in one)}")
    out.print(
        f"{len(found.sets)} {plural(len(found.sets), 'cluster')} from {len(found.joins)} joins; {found.coinjoins} "
        f"{plural(found.coinjoins, 'transaction')} left out as CoinJoin; {found.unseen} inputs of unknown owner"
    )


def _read(
    files: list[Path], spent: list[Path], keep_going: bool
) -> tuple[list[Block], dict[CoinId, Coin], list[Rejected]]:
    from bongsu.chain.bitcoin import read_blocks, read_spent

    blocks: list[Block] = []
    known: dict[CoinId, Coin] = {}
    rejected: list[Rejected] = []
    for path in spent:
        known.update(read_spent(path))
    for path in files:
        found = read_blocks(path, keep_going=keep_going)
        blocks.extend(found.blocks)
        known.update(found.spent)
        rejected.extend(found.rejected)
    if not blocks:
        raise SourceError("no whole block was read", source=str(files[0]), hint="copy the file again")
    return blocks, known, rejected


def _show(found: CoinTrace, form: Format, rejected: list[Rejected], transactions: int) -> None:
    from bongsu.chain.bitcoin import BITCOIN
    from bongsu.trace.output import to_json

    text = BITCOIN.text
    positions = [
        {
            "chain": "bitcoin",
            "address": p.owner.text if p.owner else None,
            "coin": str(p.coin),
            "asset": BITCOIN.symbol,
            "amount": text(p.amount),
            "base_units": str(p.amount),
            "theft": p.theft,
            "venue": p.venue,
        }
        for p in found.positions
    ]
    conservation = [
        {"theft": b.theft, "stolen": text(b.stolen), "resting": text(b.resting), "at_venues": text(b.at_venues),
         "fees": text(b.fees), "returned": text(b.returned), "difference": text(b.difference)}
        for b in found.balances
    ]  # fmt: skip
    if form is Format.JSON:
        document = {
            "policy": found.policy,
            "positions": positions,
            "conservation": conservation,
            "skipped": [{"record": str(r.record), "tx": "", "reason": r.reason} for r in rejected],
            "transactions": transactions,
            "unseen_inputs": found.unseen,
        }
        out.file.write(to_json(document))
        return
    out.print(f"Positions under {found.policy}")
    for p in found.positions:
        where = f"{p.owner.text if p.owner else 'a script without an address'}{f' ({p.venue})' if p.venue else ''}"
        out.print(f"  {text(p.amount)} {BITCOIN.symbol} of {p.theft} at {where} in {p.coin}")
    out.print("Conservation")
    for row in conservation:
        out.print("  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.items()))
