"""The `bongsu` command: gathers the verbs and turns expected errors into one sentence and exit status 2."""

from __future__ import annotations

import os
import sys

import typer

from bongsu import __version__
from bongsu.cli import (
    bridge,
    case,
    chain,
    exposure,
    ledger,
    patterns,
    playbook,
    respond,
    screen,
    serve,
    trace,
)
from bongsu.errors import BongsuError

app = typer.Typer(
    name="bongsu",
    help="Rapid response against state-sponsored crypto theft.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
trace.app.command("patterns")(patterns.show_patterns)
trace.app.command("commingling")(patterns.show_commingling)
trace.app.command("bridge")(bridge.show_bridges)
trace.app.command("exposure")(exposure.show_exposure)
app.command()(respond.demo)
app.add_typer(trace.app, name="trace")
app.add_typer(chain.app, name="chain")
app.command()(respond.respond)
app.command()(respond.verify)
app.add_typer(ledger.app, name="ledger")
app.add_typer(screen.app, name="screen")
app.command("serve")(serve.serve)
app.add_typer(case.app, name="case")
app.add_typer(playbook.app, name="playbook")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bongsu {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Follow stolen crypto, find who can stop it, and ask them in time."""


def main() -> None:
    """Run the command line; the exit status is 0, or 2 where the input is at fault."""
    try:
        app()
    except BongsuError as error:
        where = f"{error.where}: " if error.where else ""
        typer.echo(f"bongsu: {where}{error.message}", err=True)
        if error.hint:
            typer.echo(f"  to mend it: {error.hint}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # the reader (say, head) has left: that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
