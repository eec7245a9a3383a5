"""Run the command line inside the test's process."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

import pytest

from bongsu.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Bongsu(Protocol):
    def __call__(self, *args: object) -> Outcome: ...


@pytest.fixture
def bongsu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bongsu:
    """Run `bongsu ARGS…` and return what came of it."""

    def call(*args: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["bongsu", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else 0, printed.out, printed.err)

    return call
