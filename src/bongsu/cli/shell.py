"""What the verbs share: choices, consoles, the file of records set aside."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console
from typer.core import TyperGroup

from bongsu.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bongsu.chain.transfers import Rejected

_PIPED = 180
"""Columns where no terminal sets them: enough for an address and a hash side by side."""

out = Console(
    highlight=False, markup=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPED, emoji=False
)
"""Results."""
err = Console(highlight=False, markup=False, soft_wrap=True, stderr=True, emoji=False)
"""Remarks: never mixed into results that another program reads."""


class Format(StrEnum):
    """How a verb writes its result."""

    TABLE = "table"
    JSON = "json"


class PolicyName(StrEnum):
    """The policies that `--policy` takes."""

    FIFO = "fifo"
    LIFO = "lifo"
    HAIRCUT = "haircut"
    POISON = "poison"
    TAINT_FIRST = "taint-first"


class DefaultVerb(TyperGroup):
    """A group whose verb `run` is meant where none is named: `bongsu trace CASE` beside `bongsu trace explain`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default verb in front of arguments that name none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


def set_aside(rejected: Iterable[Rejected], path: Path) -> None:
    """Write the records that could not be read to a CSV, with their place and the reason, and say so."""
    from bongsu.chain.transfers import rejected_csv

    rows = list(rejected)
    if not rows:
        return
    try:
        path.write_text(rejected_csv(rows), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"the records set aside cannot be written: {error.strerror}", source=str(path)) from None
    err.print(f"{len(rows)} {plural(len(rows), 'record')} could not be read and stand in {path}")


def plural(count: int, noun: str) -> str:
    """Return the noun, with an s where the count asks for one."""
    return noun if count == 1 else f"{noun}s"


def say(text: str) -> None:
    """Print a line of results as it is: addresses and hashes are neither wrapped nor read as markup."""
    out.print(text, markup=False, soft_wrap=True)
