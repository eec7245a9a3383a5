"""`bongsu playbook`: the playbooks that ship, and what is wrong with others (docs/playbooks.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bongsu.cli.shell import Format, out, plural

app = typer.Typer(no_args_is_help=True, help="List and check CACAO playbooks.")
As = Annotated[Format, typer.Option("--format", help="A table, or JSON for programs.")]


@app.command("list")
def list_playbooks(form: As = Format.TABLE) -> None:
    """List the playbooks that ship."""
    from bongsu.respond.playbook import library

    if form is Format.JSON:
        rows = [{"name": k, "id": p.id, "title": p.name, "about": p.description} for k, p in library().items()]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table("name", "what it is for", box=None, pad_edge=False)
    for key, playbook in library().items():
        table.add_row(key, playbook.description)
    out.print(table)


@app.command()
def lint(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CACAO 2.0 playbooks, JSON.")],
    form: As = Format.TABLE,
) -> None:
    """Check playbooks by the schema and the linter; the exit status is 1 where one has an error."""
    from dataclasses import asdict

    from bongsu.respond.playbook import read_playbook

    read = {str(path): read_playbook(path) for path in files}
    if form is Format.JSON:
        found = {name: [asdict(f) for f in playbook.findings] for name, playbook in read.items()}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for name, playbook in read.items():
            for f in playbook.findings:
                place = name if f.line is None else f"{name}:{f.line}"
                kind = "error" if f.error else "remark"
                out.print(f"{place}: {kind} {f.rule}: {f.message} ({f.where})", soft_wrap=True)
            count = len(playbook.errors)
            out.print(f"{name}: {count} {plural(count, 'error')}, {len(playbook.steps)} steps", soft_wrap=True)
    if any(playbook.errors for playbook in read.values()):
        raise typer.Exit(1)
