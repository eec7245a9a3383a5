"""`bongsu screen lists`: what is loaded, how old it is, and newer lists from their publishers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bongsu.cli.screened import FormatOption, ListsOption, write
from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import SourceError

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True, help="Show or fetch the lists.")


@app.callback()
def show_lists(ctx: typer.Context, lists: ListsOption = None, form: FormatOption = Format.TABLE) -> None:
    """Show the lists that are loaded, from when they are, and whether they are whole."""
    if ctx.invoked_subcommand:
        return
    from bongsu.screen.engine import listings

    found = listings(lists or [])
    rows = [
        {
            "list": x.id,
            "title": x.title,
            "version": x.version,
            "age_days": _age(x.path),
            "entries": len(x.entries),
            "expected": x.expected,
            "whole": x.complete,
            "shortage": x.shortage,
            "unread": len(x.rejected),
            "sha256": x.sha256,
            "file": x.path,
        }
        for x in found
    ]
    if form is Format.JSON:
        write(rows)
    else:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("list", "version", "entries", "unread", "state", "title"):
            table.add_column(name, justify="right" if name in {"entries", "unread"} else "left")
        for row in rows:
            state = f"ALARM: {row['shortage']}" if row["shortage"] else "whole"
            cells = (row[k] for k in ("list", "version", "entries", "unread"))
            table.add_row(*map(str, cells), state, str(row["title"]))
        out.print(table)
    for listing in found:
        days = _age(listing.path)
        if days is not None:
            err.print(f"{listing.id}: {days:.0f} {plural(round(days), 'day')} old")
        for problem in listing.rejected[:3]:
            err.print(f"unread: {problem}")
    if len(found) == 1:
        err.print(
            "Only the shipped selection is loaded. Fetch lists with `bongsu screen lists update`, or name --lists."
        )


def _age(path: str) -> float | None:
    from bongsu.screen.update import age

    file = Path(path)
    return round(age(file), 1) if file.exists() else None


@app.command("update")
def update_lists(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[LIST]...", help="Lists; all that can be fetched by default.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Where they are kept.")] = None,
) -> None:
    """Fetch lists from their publishers; an old list stays until the new one is whole."""
    from bongsu.screen.engine import data_folder
    from bongsu.screen.lists.load import catalogue
    from bongsu.screen.update import age, update

    folder = to or data_folder()
    failed = []
    for name in names or [k for k, v in catalogue().items() if v.url]:
        done = update(name, folder)
        if done.unchanged:
            out.print(f"{name}: unchanged")
        elif done.listing is None:
            failed.append(name)
            kept = f"; the one of {age(done.path):.0f} days ago stays" if done.path.exists() else ""
            err.print(f"{name}: {done.problem}{kept}")
        else:
            out.print(f"{name}: {len(done.listing.entries)} entries, version {done.listing.version}")
    if failed:
        raise SourceError(
            f"{len(failed)} {plural(len(failed), 'list')} could not be renewed: {', '.join(failed)}",
            hint="call again: a broken transfer goes on where it stopped",
        )
