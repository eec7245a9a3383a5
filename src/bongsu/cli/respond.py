"""`bongsu respond`, `bongsu demo` and `bongsu verify`: from a case to the folder that asks, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bongsu.cli.shell import err, out, plural
from bongsu.cli.trace import CaseArgument, KeepGoing

if TYPE_CHECKING:
    from bongsu.trace.case import Case

DEMO_CASE = "bybit-2025"
DEMO_FOLDER = Path("bongsu-demo")


class Marking(StrEnum):
    """The levels of TLP 2.0."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


def respond(
    case: CaseArgument,
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write.")],
    officer: Annotated[
        Path | None, typer.Option(help="TOML file with the asking officer's particulars (docs/requests.md).")
    ] = None,
    marking: Annotated[Marking, typer.Option(help="TLP 2.0 level of the letters and the STIX bundle.")] = Marking.AMBER,
    at: Annotated[str | None, typer.Option(help="Time of preparation, ISO 8601; now otherwise.")] = None,
    keep_going: KeepGoing = False,
) -> None:
    """Say who can act on the stolen money, and write the report and the requests that ask them to."""
    _respond(case, out_folder, officer, marking, _moment(at), keep_going)


def demo(
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write.")] = DEMO_FOLDER,
) -> None:
    """Run the main job on the theft from Bybit, February 2025."""
    _respond(DEMO_CASE, out_folder, None, Marking.AMBER, _moment(None), keep_going=False)


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `bongsu respond` wrote.")],
) -> None:
    """Compute a response folder anew from its inputs and compare every byte."""
    from bongsu.report.folder import verify as verify_folder

    with err.status("Computing the response anew"):
        count = verify_folder(folder)
    out.print(f"{folder}: all {count} files are what the inputs give.")


def _respond(
    name: str, folder: Path, officer: Path | None, marking: Marking, prepared_on: str, keep_going: bool
) -> None:
    from bongsu.cli.summary import show
    from bongsu.report.folder import Options, write
    from bongsu.trace.case import find_case

    source = find_case(name)
    options = Options(prepared_on, marking.value, keep_going, officer is not None)
    with err.status("Tracing, and drafting the requests"):
        assessment = write(source, folder, options, officer)
    show(assessment, folder)
    _remark(assessment.case, folder)


def _remark(case: Case, folder: Path) -> None:
    if case.rejected:
        count = len(case.rejected)
        err.print(f"{count} {plural(count, 'record')} could not be read and stand in {folder / 'set-aside.csv'}")
    if case.duplicates:
        err.print(f"{case.duplicates} {plural(case.duplicates, 'transfer')} repeat another one in every field; kept.")


def _moment(text: str | None) -> str:
    if text is None:
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--at {text!r} is not an ISO 8601 time, such as 2025-02-21T16:00:00Z") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
