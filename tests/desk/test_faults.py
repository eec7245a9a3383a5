"""Killed at any moment, on either database: no event lost, nothing done twice (bench/faults.py does it 200 times)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.desk.faults import torture

if TYPE_CHECKING:
    from pathlib import Path


def test_kill_minus_nine_at_random_moments(url: str, tmp_path: Path) -> None:
    found = torture(url, tmp_path / "t", kills=6, seed=20250221)
    assert found.events > found.cases * 15
    assert sum(found.after.values()) == 6
