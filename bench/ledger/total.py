"""A total over 100,000 incidents and a million claims, beside the time pandas takes only to read the same CSV.

    python bench/ledger/total.py [--incidents N]

Writes the ledger's claims.csv into a temporary folder, keeps the ledger in SQLite, and times: pandas reading the CSV,
and the store's totals under each rule, as of the newest day and as of days in the past. The ratio is what is kept.
One answer is checked against the plain computation over all claims.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bongsu.ledger.files import to_csv
from bongsu.ledger.records import Actor, Claim, Incident, Ledger, Publisher
from bongsu.ledger.total import Query, newest, total
from bongsu.ledger.when import parse_period
from bongsu.store.ledger import LedgerStore

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLISHERS = [
    ("gov", "government"),
    ("panel", "un-panel"),
    ("firm", "vendor"),
    ("other", "vendor"),
    ("person", "researcher"),
]


def made_up(incidents: int) -> Ledger:
    """Return a ledger of that many incidents with ten claims each, from a fixed seed."""
    dice = random.Random(20240307)
    claims: list[Claim] = []
    for number in range(incidents):
        key = f"i{number}"
        happened = date(2009, 1, 3).toordinal() + dice.randrange(6000)
        days = sorted(happened + dice.randrange(1500) for _ in range(10))
        for order, day in enumerate(days):
            claims.append(_claim(key, order, date.fromordinal(day), date.fromordinal(happened), dice))
    return Ledger(
        {f"i{n}": Incident(f"i{n}", f"Victim {n}", "", "exchange", "crypto", "") for n in range(incidents)},
        tuple(claims),
        (),
        (),
        (),
        {p: Publisher(p, p, kind, "", "") for p, kind in PUBLISHERS},
        {"dprk": Actor("dprk", "DPRK", "", "state", "", (), "", "")},
    )


def _claim(key: str, order: int, on: date, happened: date, dice: random.Random) -> Claim:
    kind = (
        "date",
        "loss_usd",
        "attribution",
        "loss_usd",
        "attribution",
        "loss_usd",
        "dispute",
        "recovery",
        "remark",
        "loss_usd",
    )[order]
    if kind == "dispute" and dice.random() < 0.9:
        kind = "remark"
    publisher = dice.choice(PUBLISHERS)[0]
    value = Decimal(dice.randrange(1, 10**9)) if kind in {"loss_usd", "recovery"} else None
    return Claim(
        id=f"{key}.{order}",
        incident=key,
        kind=kind,
        value=value,
        low=None,
        high=None,
        unit="USD" if value is not None else "",
        valuation="unstated" if kind == "loss_usd" else "",
        text={"date": happened.isoformat(), "attribution": "dprk", "recovery": "returned"}.get(kind, "said"),
        publisher=publisher,
        document=f"Statement {dice.randrange(100)}",
        published_on=parse_period(on.isoformat()),
        basis="government",
        confidence=dice.choice((15, 50, 85)),
        url=f"https://example.org/{key}",
        via="",
        note="",
    )


def timed(work: Callable[[], object], times: int = 5) -> float:
    """Return the median seconds of a few runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    import pandas as pd

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--incidents", type=int, default=100_000)
    wanted = arguments.parse_args().incidents
    book = made_up(wanted)
    end = newest(book)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims.csv"
        path.write_text(to_csv("claims.csv", book.claims), encoding="utf-8")
        read = timed(lambda: pd.read_csv(path), 3)
        print(f"{len(book.claims):,} claims, {path.stat().st_size / 1e6:.0f} MB: pandas reads the CSV in {read:.2f} s")
        with LedgerStore(f"sqlite:///{folder}/ledger.db") as kept:
            start = time.perf_counter()
            kept.save(book)
            print(f"kept in SQLite in {time.perf_counter() - start:.0f} s, once")
            for as_of in (end, date(2022, 1, 1), date(2016, 1, 1)):
                for rule in ("all", "government"):
                    query = Query(parse_period("2009"), parse_period("2026"), as_of, rule)
                    taken = timed(lambda query=query: kept.total(query))  # type: ignore[misc]
                    print(f"total as of {as_of}, rule {rule}: {taken:.3f} s, {taken / read:.3f} of pandas' time")
            query = Query(parse_period("2009"), parse_period("2026"), date(2022, 1, 1), "vendor")
            stored, plain = kept.total(query), total(book, query)
            same = (stored["count"], Decimal(stored["usd"])) == (len(plain.counted), plain.usd)
            print(f"the same as the plain computation over all claims: {same}")


if __name__ == "__main__":
    main()
