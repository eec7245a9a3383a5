"""docs/ledger.md: every command runs as written, and what it shows is what comes out."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bongsu.ledger.exchange import to_document
from bongsu.ledger.files import read_ledger

if TYPE_CHECKING:
    from tests.conftest import Bongsu

DOC = Path(__file__).parents[2] / "docs" / "ledger.md"


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_the_how_to_is_true(bongsu: Bongsu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("partner.json").write_text(json.dumps(to_document(read_ledger())), encoding="utf-8")
    shown, ran = "", 0
    for block in re.findall(r"(?:^ {4}.*\n)+", DOC.read_text(encoding="utf-8"), re.MULTILINE):
        if block.strip().startswith("bongsu "):
            for line in block.strip().splitlines():
                done = bongsu(*shlex.split(line)[1:])
                assert done.status == 0, (line, done.err)
                shown, ran = plain(done.out), ran + 1
        else:
            assert plain(block) in shown, block
    assert ran > 10
