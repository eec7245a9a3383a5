"""Lists for the tests: the shipped one, and the published copies where $BONGSU_SHARED has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bongsu.screen.index import Index, build
from bongsu.screen.lists.load import shipped


@pytest.fixture(scope="session")
def lists_folder() -> Path:
    folder = Path(os.environ.get("BONGSU_SHARED", "../shared")) / "lists"
    if not folder.is_dir():
        pytest.skip(f"the published lists are not at {folder}; set BONGSU_SHARED")
    return folder


@pytest.fixture(scope="session")
def index() -> Index:
    return build([shipped()])


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("BONGSU_LISTS", str(tmp_path / "none"))
