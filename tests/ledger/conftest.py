from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bongsu.ledger.files import read_ledger
from bongsu.ledger.records import Ledger

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def book() -> Ledger:
    """The shipped ledger."""
    return read_ledger()
