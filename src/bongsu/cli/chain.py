"""`bongsu chain`: bring transfers in from the exports of other programs, and read memos."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli.shell import Format, err, out, plural, say, set_aside
from bongsu.errors import SourceError
from bongsu.model.asset import format_amount

if TYPE_CHECKING:
    from bongsu.chain.importing import Import
    from bongsu.chain.memo import Memo
    from bongsu.chain.tokens import TokenBook

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Bring transfers in, and read what chains say.")


class UnknownTokens(StrEnum):
    """What becomes of a token that is in no list."""

    BASE_UNITS = "base-units"
    REFUSE = "refuse"


@app.command("import")
def import_exports(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="A name from `bongsu chain formats`.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV, JSON lines or Parquet.")],
    to: Annotated[Path, typer.Option("--out", help="Where to write: .csv or .parquet.")],
    tokens: Annotated[
        Path | None, typer.Option(help="CSV contract,symbol,decimals[,chain]; ethereum-etl's tokens export will do.")
    ] = None,
    unknown_tokens: Annotated[
        UnknownTokens,
        typer.Option(help="A token in no list: keep it under its contract in base units, or set the record aside."),
    ] = UnknownTokens.BASE_UNITS,
    chain: Annotated[str, typer.Option(help="The chain of records that name none.")] = "ethereum",
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first record that cannot be read.")] = False,
    set_aside_in: Annotated[Path, typer.Option("--set-aside", help="Where records go that cannot be read.")] = Path(
        "bongsu-set-aside.csv"
    ),
) -> None:
    """Read exports by the name of their format and write canonical transfers for `bongsu trace --transfers`."""
    from bongsu.chain.importing import import_files, write_lines
    from bongsu.chain.readers import READERS
    from bongsu.chain.tokens import TokenBook, read_tokens
    from bongsu.model.chain import chain as find_chain

    reader = READERS.get(form)
    if reader is None:
        raise SourceError(f"there is no format {form!r}", hint=f"use one of: {', '.join(READERS)}")
    if to.suffix not in {".csv", ".parquet", ".pq"}:
        raise SourceError("the output must be named .csv or .parquet", source=str(to))
    if to.resolve() in {file.resolve() for file in files}:
        raise SourceError("the output would overwrite an input", source=str(to), hint="name another file")
    find_chain(chain)
    listed = read_tokens(tokens, chain) if tokens else {}
    book = TokenBook(listed, refuse_unknown=unknown_tokens is UnknownTokens.REFUSE)
    found = import_files(reader, files, book, chain=chain, strict=strict)
    if not found.lines:
        set_aside(found.rejected, set_aside_in)
        raise SourceError("no record moves value, so there is nothing to write", source=str(files[0]))
    write_lines(found.lines, to)
    _report(found, book, to)
    set_aside(found.rejected, set_aside_in)


def _report(found: Import, book: TokenBook, to: Path) -> None:
    count = len(found.lines)
    say(f"{found.read} {plural(found.read, 'record')} read, {count} {plural(count, 'transfer')} in {to}")
    for reason, number in sorted(found.ignored.items()):
        say(f"  {number} passed over: {reason}")
    if found.approximate:
        say(
            f"  {found.approximate} {plural(found.approximate, 'amount')} approximate: the export stores binary doubles"
        )
    for remark in found.remarks:
        err.print(f"note: {remark}")
    if book.unknown:
        count, moved = len(book.unknown), sum(book.unknown.values())
        err.print(
            f"In no list: {count} {plural(count, 'token')} ({moved} {plural(moved, 'transfer')}), "
            "named by contract and counted in base units; --tokens names them."
        )


@app.command("formats")
def list_formats() -> None:
    """List the formats that `import` reads, with the columns each needs."""
    from bongsu.chain.readers import READERS

    for reader in READERS.values():
        say(f"{reader.name}: {reader.about}")
        say(f"    {', '.join(reader.required)}")


@app.command("memo")
def show_memo(
    text: Annotated[str, typer.Argument(metavar="TEXT|HEX", help="A memo, calldata or an OP_RETURN script.")],
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
) -> None:
    """Read a THORChain memo: which asset goes to which address on which chain."""
    import json
    from dataclasses import asdict

    from bongsu.chain.memo import Deposit, read_memo

    found = read_memo(text)
    if form is Format.JSON:
        out.file.write(json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n")
        return
    memo = found.memo if isinstance(found, Deposit) else found
    lines = _memo_lines(memo)
    if isinstance(found, Deposit):
        lines |= {"vault": found.vault, "token": found.token, "base units": str(found.amount)}
    for name, value in lines.items():
        say(f"{name + ':':<13}{value}")
    for remark in memo.remarks:
        say(f"note: {remark}")


def _memo_lines(memo: Memo) -> dict[str, str]:
    lines = {"memo": memo.text, "asks for": memo.function}
    if memo.asset:
        token = f", contract {memo.asset.contract}" if memo.asset.contract else ""
        lines["asset"] = f"{memo.asset.symbol} on {memo.asset.chain} ({memo.asset.kind}{token})"
    for name, address in (("destination", memo.destination), ("refund to", memo.refund)):
        if address:
            state = "checksum verified" if address.checked else address.remark
            lines[name] = f"{address.text} ({state})"
    if memo.limit is not None:
        lines["at least"] = format_amount(memo.limit, 8)
    if memo.interval is not None:
        lines["streaming"] = f"every {memo.interval} blocks, {memo.quantity or 'as many as needed'} parts"
    if memo.affiliates:
        lines["affiliates"] = ", ".join(f"{who} {fee if fee is not None else '?'} bp" for who, fee in memo.affiliates)
    if memo.parameters:
        lines["parameters"] = ", ".join(memo.parameters)
    return lines
