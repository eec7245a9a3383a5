"""Killed at any moment, on either database: no event lost, nothing done twice (bench/faults.py does it 200 times)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk.faults import torture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_kill_minus_nine_at_random_moments(url: str, tmp_path: Path) -> None:
    begun, events = torture(url, tmp_path / "t", kills=4, seed=20250221)
    assert events > begun * 20
