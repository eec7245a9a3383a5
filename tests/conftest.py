"""What the tests share: the folder of real material that is not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real cases and recorded chain data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("BONGSU_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared material is not here: set BONGSU_SHARED")
    return folder
