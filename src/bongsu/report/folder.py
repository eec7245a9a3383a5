"""The response folder: everything a case comes to, with the inputs it was made from, so that anyone can make it again.

The content is a pure function of the inputs and the options in manifest.json; `verify` computes it anew and compares
every byte.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bongsu import __version__
from bongsu.chain.transfers import rejected_csv
from bongsu.errors import BongsuError, SourceError, VerificationError
from bongsu.report.page import report_html
from bongsu.report.tables import evidence_json, positions_csv
from bongsu.respond.assessment import Assessment, assess
from bongsu.respond.officer import read_officer
from bongsu.respond.packet import packet
from bongsu.respond.request import requests
from bongsu.share.stix import bundle
from bongsu.trace.case import read_case
from bongsu.trace.output import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping


MANIFEST = "manifest.json"
INPUTS = "inputs"
_OFFICER = "officer.toml"


@dataclass(frozen=True, slots=True)
class Options:
    """What the content depends on besides the case.

    Attributes:
        prepared_on: when it was prepared, UTC, ISO 8601 to the second.
        marking: the TLP 2.0 level of the letters and the STIX bundle.
        keep_going: whether bad records were set aside.
        officer: whether an officer's particulars are among the inputs.
    """

    prepared_on: str
    marking: str = "amber"
    keep_going: bool = False
    officer: bool = False

    @property
    def moment(self) -> datetime:
        """Return prepared_on as a time."""
        return datetime.fromisoformat(self.prepared_on).astimezone(UTC)


def content(
    assessment: Assessment, inputs: Mapping[str, bytes], options: Options, officer: Path | None
) -> dict[str, bytes]:
    """Return every file of the folder by its name: outputs, inputs and the manifest."""
    case = assessment.case
    texts = {
        "report.html": report_html(assessment, options.prepared_on),
        "positions.csv": positions_csv(assessment),
        "evidence.json": evidence_json(assessment),
        "bundle.json": bundle(assessment, options.moment, options.marking),
    }
    if case.rejected:
        texts["set-aside.csv"] = rejected_csv(case.rejected)
    papers = {name: text.encode() for name, text in texts.items()} | _requests(assessment, options, officer)
    outputs = dict(sorted(papers.items()))
    files = {**outputs, **{f"{INPUTS}/{name}": data for name, data in inputs.items()}}
    manifest = {
        "made_by": f"bongsu {__version__}",
        "case": case.incident,
        **asdict(options),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return {**files, MANIFEST: to_json(manifest).encode()}


def _requests(assessment: Assessment, options: Options, officer: Path | None) -> dict[str, bytes]:
    sender = read_officer(officer) if officer else None
    drafted = requests(assessment, officer=sender, prepared_on=options.moment.date())
    return {
        f"requests/{request.venue.id}/{name}": data
        for request in drafted
        for name, data in packet(request, options.marking).files.items()
    }


def write(case_folder: Path, out: Path, options: Options, officer: Path | None) -> Assessment:
    """Write the folder for a case and return the assessment.

    An earlier response folder is replaced as a whole; anything else that stands there is left alone.

    Raises:
        SourceError: `out` holds something else, or cannot be written.
    """
    _refuse_foreign(out)
    case = read_case(case_folder, keep_going=options.keep_going)
    _refuse_other(out, case.incident)
    inputs = {name: (case_folder / name).read_bytes() for name in case.digests}
    if officer is not None:
        if _OFFICER in inputs:
            raise SourceError(f"the case has a file {_OFFICER} of its own", source=str(case_folder), hint="rename it")
        inputs[_OFFICER] = officer.read_bytes()
    assessment = assess(case)
    files = content(assessment, inputs, options, officer)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            for name, data in files.items():
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            _swap(fresh, out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise SourceError(f"the folder cannot be written: {error.strerror}", source=str(out)) from None
    return assessment


def _refuse_foreign(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise SourceError("a file stands where the folder should go", source=str(out), hint="name another folder")
    if any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise SourceError(
            "the folder holds something that Bongsu did not make", source=str(out), hint="name a new or an empty folder"
        )


def _refuse_other(out: Path, incident: str) -> None:
    try:
        earlier = tomllib.loads((out / INPUTS / "case.toml").read_text(encoding="utf-8")).get("incident")
    except (OSError, ValueError):
        return
    if earlier != incident:
        raise SourceError(
            f"the folder holds the response to another incident, {earlier!r}",
            source=str(out),
            hint="name another folder",
        )


def _swap(fresh: Path, out: Path) -> None:
    """Put the finished folder in its place; an earlier one goes only when the new one stands."""
    fresh.chmod(0o755)
    if not out.exists():
        fresh.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    out.rename(old / "old")
    fresh.rename(out)
    shutil.rmtree(old)


def verify(folder: Path) -> int:
    """Compute a response folder anew from its inputs and compare every byte.

    Returns:
        How many files were compared.

    Raises:
        VerificationError: a file is missing, is one too many, or differs; it is named, with the line.
        SourceError: the folder is no response folder.
    """
    manifest = _manifest(folder)
    options = Options(
        prepared_on=_text(manifest, "prepared_on", folder),
        marking=_text(manifest, "marking", folder),
        keep_going=manifest.get("keep_going") is True,
        officer=manifest.get("officer") is True,
    )
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()}
    _compare_inputs(folder, there, manifest)
    try:
        case = read_case(folder / INPUTS, keep_going=options.keep_going)
        inputs = {name.removeprefix(f"{INPUTS}/"): p.read_bytes() for name, p in there.items() if _is_input(name)}
        officer = folder / INPUTS / _OFFICER if options.officer else None
        expected = content(assess(case), inputs, options, officer)
    except BongsuError as error:
        raise VerificationError(f"the inputs cannot be read any more: {error}", source=str(folder / INPUTS)) from None
    for name, data in expected.items():
        if name not in there:
            raise VerificationError("the file is missing", source=str(folder / name))
        _compare(folder / name, there[name].read_bytes(), data, _made_by(manifest))
    extra = sorted(set(there) - set(expected))
    if extra:
        raise VerificationError("the file is not part of the response", source=str(folder / extra[0]))
    return len(expected)


def _is_input(name: str) -> bool:
    return name.startswith(f"{INPUTS}/")


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError("this is no response folder: it has no manifest.json", source=str(folder)) from None
    except (ValueError, OSError, RecursionError):
        raise VerificationError("the manifest cannot be read", source=str(path)) from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise VerificationError("the manifest has no list of files", source=str(path))
    return manifest


def _text(manifest: dict[str, Any], key: str, folder: Path) -> str:
    value = manifest.get(key)
    if key == "prepared_on":
        try:
            datetime.fromisoformat(str(value))
        except ValueError:
            value = None
    if not isinstance(value, str):
        raise VerificationError(f"the manifest's {key!r} is missing or wrong", source=str(folder / MANIFEST))
    return value


def _made_by(manifest: dict[str, Any]) -> str:
    made_by = str(manifest.get("made_by", ""))
    ours = f"bongsu {__version__}"
    return "" if made_by == ours else f"the folder was made by {made_by[:40]!r}, and this is {ours}"


def _compare_inputs(folder: Path, there: dict[str, Path], manifest: dict[str, Any]) -> None:
    for name, digest in manifest["files"].items():
        if _is_input(name):
            if name not in there:
                raise VerificationError("the file is missing", source=str(folder / name))
            if hashlib.sha256(there[name].read_bytes()).hexdigest() != digest:
                raise VerificationError(
                    "the input is not the one that the response was made from (its SHA-256 differs)",
                    source=str(folder / name),
                )


def _compare(path: Path, found: bytes, expected: bytes, hint: str) -> None:
    if found == expected:
        return
    have, want = found.split(b"\n"), expected.split(b"\n")
    line = next((n for n, (a, b) in enumerate(zip(have, want, strict=False)) if a != b), min(len(have), len(want)))
    is_text, should_text = (_excerpt(lines, line, other) for lines, other in ((have, want), (want, have)))
    raise VerificationError(
        f"the file is not what its inputs give: it says {is_text}, and should say {should_text}",
        source=str(path),
        line=line + 1,
        hint=hint or None,
    )


def _excerpt(lines: list[bytes], line: int, other: list[bytes]) -> str:
    """Return what stands around the first byte that differs."""
    if line >= len(lines):
        return "nothing more"
    mine = lines[line]
    theirs = other[line] if line < len(other) else b""
    same = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    start = max(0, same - 20)
    return repr(mine[start : start + 60].decode("utf-8", "replace"))
