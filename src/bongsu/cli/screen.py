"""`bongsu screen`: names, wallets and files against sanctions lists, with the reasons."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bongsu.cli import screen_compare, screen_file, screen_lists
from bongsu.cli.screened import (
    FormatOption,
    ListsOption,
    SchemaOption,
    ThresholdOption,
    answered,
    open_lists,
    query_of,
    show,
    write,
)
from bongsu.cli.shell import Format, out
from bongsu.errors import RecordError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Screen names, wallets and ships against sanctions lists, with the reasons.",
)


@app.command("name")
def screen_name(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name in any writing.")],
    lists: ListsOption = None,
    schema: SchemaOption = "unknown",
    birth: Annotated[list[str] | None, typer.Option(help="Date of birth: 1984, 1984-08 or 1984-08-15.")] = None,
    birth_place: Annotated[list[str] | None, typer.Option(help="Place of birth.")] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Nationality: it may lower a score, never raise it.")
    ] = None,
    position: Annotated[list[str] | None, typer.Option(help="Employer or position.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="Number of a passport or registration.")] = None,
    imo: Annotated[list[str] | None, typer.Option(help="IMO number of a ship or its company.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    threshold: ThresholdOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Screen one name against the lists."""
    from bongsu.screen.match import screen

    query = query_of(
        {
            "names": [text],
            "schema": schema,
            "birth": birth or [],
            "birth_place": birth_place or [],
            "country": country or [],
            "position": position or [],
            "id_number": document or [],
            "imo": imo or [],
            "email": email or [],
        }
    )
    if not query.names:
        raise RecordError("the name is empty", hint="give a name; a wallet goes to `bongsu screen address`")
    index = open_lists(lists)
    answer = screen(index, query, threshold=threshold)
    if form is Format.JSON:
        write(answered(index, answer) | {"query": text})
        return
    show(index, answer, text)


@app.command("address")
def screen_address(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A wallet address.")],
    lists: ListsOption = None,
    chain: Annotated[str, typer.Option(help="Its chain, where the text alone does not tell.")] = "",
    case: Annotated[
        str | None, typer.Option(help="A case: say too whether its stolen money came to the address.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Screen one wallet address against the lists, and against the money of a case."""
    from bongsu.screen.compare import band
    from bongsu.screen.match import wallet_hits
    from bongsu.screen.query import Answer

    index = open_lists(lists)
    hits = tuple(wallet_hits(index, text, chain))
    exposure = _exposure(case, text, chain) if case else []
    answer = Answer(hits, max((h.band for h in hits), key=("clear", "review", "strong").index, default=band(0.0)))
    if form is Format.JSON:
        write(answered(index, answer) | {"query": text, "exposure": exposure})
        return
    show(index, answer, text)
    for line in exposure:
        if not line["asset"]:
            out.print(f"{line['theft']} is counted from this address: what left it is the stolen money")
            continue
        theft = f"{line['came']} {line['asset']} stolen in {line['theft']}"
        out.print(f"{theft} came here under {line['policy']}; {line['amount']} of it rests here")
    if case and not exposure:
        out.print(f"No stolen money of {case} came here under fifo.")


def _exposure(case: str, text: str, chain: str) -> list[dict[str, str]]:
    """Return the stolen money of a case that came to an address, and what of it rests there, under FIFO."""
    from collections import defaultdict

    from bongsu.screen.wallets import fast_key, key
    from bongsu.trace.case import find_case, read_case
    from bongsu.trace.policies import POLICIES
    from bongsu.trace.run import run

    read = read_case(find_case(case), keep_going=False)
    trace = run(POLICIES["fifo"], read.transfers, read.stolen_from, read.venues)
    wanted = fast_key(key(text, chain).text)
    came: dict[Any, int] = defaultdict(int)
    rests: dict[Any, int] = defaultdict(int)
    for move in trace.moves:
        if move.arrives and move.transfer.receiver.text == wanted:
            came[move.theft, move.transfer.asset] += move.amount
    for position in trace.positions:
        if position.address.text == wanted:
            rests[position.theft, position.asset] += position.amount
    own = [
        {"theft": theft, "chain": address.chain, "asset": "", "came": "0", "amount": "0", "policy": trace.policy}
        for address, theft in read.stolen_from.items()
        if address.text == wanted
    ]
    return own + [
        {
            "theft": theft,
            "chain": asset.chain,
            "asset": asset.symbol,
            "came": asset.text(amount),
            "amount": asset.text(rests[theft, asset]),
            "policy": trace.policy,
        }
        for (theft, asset), amount in came.items()
    ]


app.command("file")(screen_file.screen_file)
app.command("compare")(screen_compare.compare_names)
app.add_typer(screen_lists.app, name="lists")
