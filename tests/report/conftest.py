"""Cases for the report, built in memory: the shipped one, and any that a few transfers make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.respond.assessment import Assessment, assess
from bongsu.trace.case import Case, Theft, find_case, read_case
from tests.ledgers import at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bongsu.model.transfer import Transfer


def case_of(transfers: Iterable[Transfer], **more: Any) -> Case:
    """A case in which everything that address "a" sends is stolen."""
    fields: dict[str, Any] = {
        "folder": Path("case"),
        "title": "A theft",
        "incident": "test",
        "summary": "",
        "attribution": {},
        "thefts": (Theft("test", (at("a"),), ()),),
        "transfers": tuple(transfers),
        "labels": {},
        "notes": (),
        "skipped": (),
        "rejected": (),
        "duplicates": 0,
        "digests": {},
    }
    return Case(**{**fields, **more})


@pytest.fixture(scope="session")
def bybit() -> Assessment:
    """The shipped case, assessed once."""
    return assess(read_case(find_case("bybit-2025")))
