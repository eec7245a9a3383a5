"""The how-tos are true: each console block is run as written, in an empty folder, and prints what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ["import.md", "swaps.md", "patterns.md", "exposure.md"]


def steps(page: str) -> list[tuple[str, str]]:
    """The commands of a page, each with the output that it shows; a here-document belongs to its command."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            here = re.match(r".*<<'EOF'\n.*?^EOF\n", part, re.MULTILINE | re.DOTALL)
            command = here[0] if here else part.partition("\n")[0]
            found.append((command, part[len(command) :]))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_command_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1"}
    environment.pop("COLUMNS", None)
    for command, shown in steps(page):
        ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False)
        printed = (ran.stdout + ran.stderr).decode()
        assert [line.rstrip() for line in printed.strip().splitlines()] == shown.strip().splitlines(), command
