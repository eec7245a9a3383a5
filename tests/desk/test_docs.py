"""docs/cases.md and docs/playbooks.md: their files read, and what they list is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from bongsu.respond.actions import ACTIONS
from bongsu.respond.agency import read_roster
from bongsu.respond.channel import read_channels
from bongsu.respond.playbook import library

DOCS = Path(__file__).parents[2] / "docs"
CASES = (DOCS / "cases.md").read_text(encoding="utf-8")
PLAYBOOKS = (DOCS / "playbooks.md").read_text(encoding="utf-8")


def test_the_files_shown_read(tmp_path: Path) -> None:
    channels, agencies = re.findall(r"```toml\n(.*?)```", CASES, re.DOTALL)
    (tmp_path / "c.toml").write_text(channels, encoding="utf-8")
    secrets = {"GATEWAY_SECRET": "x", "MAIL_PASSWORD": "y"}
    assert set(read_channels(tmp_path / "c.toml", tmp_path, secrets).by_venue) == {"binance", "acme"}
    (tmp_path / "a.toml").write_text(agencies, encoding="utf-8")
    assert set(read_roster(tmp_path / "a.toml").compartments) == {"humint"}


def test_every_playbook_and_every_command_is_listed() -> None:
    assert all(f"\n{name} " in PLAYBOOKS for name in library())
    assert all(f"| `{name}" in PLAYBOOKS for name in ACTIONS)
