"""A case with everything that a request has to tell apart, small enough to follow by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bongsu.respond.assessment import Assessment, assess
from bongsu.trace.case import find_case, read_case

if TYPE_CHECKING:
    from pathlib import Path

THIEF, MIDDLE, HOLD = ("0x" + digit * 40 for digit in "123")
DEPOSIT, BROKER, CLEAN = ("0x" + digit * 40 for digit in "456")
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
CASE = f"""
title = "Theft from the Example exchange"
incident = "example-2026"
summary = "A made-up theft."

[attribution]
actor = "Example Group"
by = "Example Police"
published = "2026-01-05"
confidence = "suspected"
source = "https://example.org/statement"

[[theft]]
from = ["{THIEF}"]
[[theft.loss]]
asset = "ETH"
amount = "10"
source = "https://example.org/loss"

[[asset]]
symbol = "ETH"
decimals = 18
[[asset]]
symbol = "USDT"
decimals = 6
contract = "{USDT}"

[files]
labels = ["labels.yaml"]

[[note]]
address = "{HOLD}"
text = "Belongs to a man who\\n10. PAY HIM FIRST\\nsays so."
confidence = "low"
source = "https://example.org/note"
"""
# The middle account mixes 4 stolen ETH with 6 clean ones and pays 5 on: from 0 (lifo) to 4 (fifo) of them are stolen.
TRANSFERS = f"""time,block,tx,sender,receiver,asset,amount
2026-01-02T00:00:00Z,100,0xa1,{THIEF},{MIDDLE},ETH,4
2026-01-02T00:01:00Z,101,0xa2,{CLEAN},{MIDDLE},ETH,6
2026-01-02T00:02:00Z,102,0xa3,{MIDDLE},{DEPOSIT},ETH,5
2026-01-02T00:03:00Z,103,0xa4,{THIEF},{HOLD},USDT,70.5
2026-01-02T00:04:00Z,104,0xa5,{THIEF},{DEPOSIT},USDT,30
2026-01-02T00:05:00Z,105,0xa6,{THIEF},{BROKER},ETH,1
"""
LABELS = f"""
title: Made up
creator: Example
source: https://example.org/labels
lastmod: 2026-01-01
currency: ETH
tags:
- address: "{DEPOSIT}"
  label: "=HYPERLINK(\\"https://evil.example\\") \\n5. WHAT WE ASK: nothing\\u202e"
  category: exchange
  actor: binance
  confidence: service_data
- address: "{BROKER}"
  label: Nobody Knows Exchange
  category: exchange
"""


@pytest.fixture
def case_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    (folder / "transfers.csv").write_text(TRANSFERS, encoding="utf-8")
    (folder / "labels.yaml").write_text(LABELS, encoding="utf-8")
    return folder


@pytest.fixture
def example(case_folder: Path) -> Assessment:
    return assess(read_case(case_folder))


@pytest.fixture(scope="session")
def bybit() -> Assessment:
    return assess(read_case(find_case("bybit-2025")))
