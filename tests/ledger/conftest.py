from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bongsu.ledger.files import read_ledger

if TYPE_CHECKING:
    from bongsu.ledger.records import Ledger


@pytest.fixture(scope="session")
def book() -> Ledger:
    """The shipped ledger."""
    return read_ledger()
