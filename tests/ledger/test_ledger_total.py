from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bongsu.ledger.files import shipped
from bongsu.ledger.records import RULES, Ledger
from bongsu.ledger.total import REASONS, Query, Total, document, newest, total
from bongsu.ledger.when import parse_period
from tests.ledger.ledgers import bank, claim, day, ledger, loss, relation, theft, who

END = date(2030, 1, 1)


def ask(book: Ledger, rule: str = "all", as_of: date = END, **more: Any) -> Total:
    return total(book, Query(parse_period("2017"), parse_period("2023"), as_of, rule, **more))


def reasons(answer: Total) -> dict[str, str]:
    return {r.standing.incident: r.reason for r in answer.left_out}


def test_each_reason_for_leaving_out_is_given() -> None:
    book = ledger(
        *theft("counted"),
        *(replace_on(c, "2029-01-01") for c in theft("later")),
        *theft("bank"),
        *theft("twin"),
        *(day("tried", "2019"), who("tried"), claim("tried", "attempt")),
        *(day("unknown", "2019"), loss("unknown", 5)),
        *(*theft("doubted"), claim("doubted", "dispute", "someone", text="no")),
        *theft("weak", publisher="someone"),
        *(day("silent", "2019"), who("silent")),
        relations=(relation("twin", "same-as", "counted"),),
        bank=bank("bank"),
    )
    answer = ask(book, "un-panel", date(2028, 1, 1))
    assert [r.standing.incident for r in answer.counted] == ["counted"]
    assert reasons(answer) == {
        "later": "not-yet-published",
        "bank": "not-crypto",
        "twin": "duplicate",
        "tried": "attempted",
        "unknown": "no-attribution",
        "doubted": "disputed",
        "weak": "weaker-attribution",
        "silent": "no-amount",
    }
    assert set(reasons(answer).values()) == set(REASONS)


def replace_on(c: Any, on: str) -> Any:
    from dataclasses import replace

    return replace(c, published_on=parse_period(on))


@pytest.mark.parametrize(("rule", "count"), [("government", 1), ("un-panel", 2), ("vendor", 3), ("all", 4)])
def test_each_rule_takes_what_the_stricter_ones_take(rule: str, count: int) -> None:
    book = ledger(*(c for p in ("gov", "un-panel", "vendor", "someone") for c in theft(f"by-{p}", publisher=p)))
    assert len(ask(book, rule).counted) == count


def test_disputed_incidents_count_when_asked_for() -> None:
    book = ledger(*theft("a"), claim("a", "dispute", "someone", text="no"))
    assert (len(ask(book).counted), len(ask(book, disputed=True).counted)) == (0, 1)


def test_net_is_gross_less_what_came_back_and_never_less_than_nothing() -> None:
    book = ledger(*theft("a", 100), claim("a", "recovery", value=130, unit="USD", text="returned"))
    answer = ask(book)
    assert (answer.usd, answer.recovered, answer.net) == (Decimal(100), Decimal(100), Decimal(0))


def test_the_period_includes_both_its_ends() -> None:
    book = ledger(*theft("a", when="2017-01-01"), *theft("b", when="2023-12-31"), *theft("c", when="2016-12-31"))
    book = ledger(*book.claims)
    late = ledger(*(replace_on(c, "2024-01-01") for c in book.claims))
    assert [r.standing.incident for r in ask(late).counted] == ["a", "b"]


def test_the_total_switches_on_the_day_of_a_restatement() -> None:
    book = ledger(*theft("a", 1700, publisher="vendor"), loss("a", 1100, "vendor", "2025-12-18"))
    assert ask(book, as_of=date(2025, 12, 17)).usd == 1700
    assert ask(book, as_of=date(2025, 12, 18)).usd == 1100


def test_later_knowledge_only_adds_attributions_to_the_shipped_ledger(book: Ledger) -> None:
    days = [date(y, 12, 31) for y in range(2019, 2027)]
    seen = [{r.standing.incident for r in ask(book, as_of=d).counted} for d in days]
    disputed = {r.standing.incident for r in ask(book, as_of=newest(book)).left_out if r.reason == "disputed"}
    assert all(one - disputed <= two for one, two in pairwise(seen))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "day_text", ["2019-08-29", "2019-08-30", "2021-12-31", "2024-02-07", "2025-10-22", "2026-11-22"]
)
def test_totals_agree_with_a_plain_reading_of_the_files(book: Ledger, rule: str, day_text: str) -> None:
    as_of = date.fromisoformat(day_text)
    answer = ask(book, rule, as_of)
    count, usd, low, high = _plain_total(rule, day_text)
    assert (len(answer.counted), answer.usd, answer.low, answer.high) == (count, usd, low, high)


def test_json_has_every_incident_of_the_period_once(book: Ledger) -> None:
    given = document(ask(book, as_of=newest(book)))
    ids = [i["id"] for i in given["incidents"]] + [i["id"] for left in given["left_out"] for i in left["incidents"]]
    assert len(ids) == len(set(ids))
    assert given["count"] == len(given["incidents"])
    assert Decimal(given["usd"]) == sum(Decimal(i["usd"]) for i in given["incidents"])
    assert Decimal(given["usd"]) == sum(Decimal(y["usd"]) for y in given["by_year"])


def _plain_total(rule: str, as_of: str) -> tuple[int, Decimal, Decimal, Decimal]:  # noqa: C901 - one plain pass
    """Recompute a total for 2017-2023 from the CSV files, without the program's own reading or rules."""
    weights = {"government": 4, "un-panel": 3, "vendor": 2, "researcher": 1, "victim": 1, "press": 1}
    least = {"government": 4, "un-panel": 3, "vendor": 2, "all": 1}[rule]
    folder = shipped()

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def last(text: str) -> str:
        if len(text) == 4:
            return text + "-12-31"
        ends = {"02": "29" if int(text[:4]) % 4 == 0 else "28", "04": "30", "06": "30", "09": "30", "11": "30"}
        return text if len(text) == 10 else f"{text}-{ends.get(text[5:7], '31')}"

    weight = {p["id"]: weights[p["type"]] for p in rows("publishers.csv")}
    crypto = {i["id"] for i in rows("incidents.csv") if i["category"] == "crypto"}
    of: dict[str, list[dict[str, str]]] = defaultdict(list)
    for c in rows("claims.csv"):
        if last(c["published_on"]) <= as_of:
            of[c["incident"]].append(c)
    twins = {
        x["incident"]
        for x in rows("relations.csv")
        if x["kind"] != "follows" and int(x["confidence"]) >= 50 and last(x["published_on"]) <= as_of
    }

    def best(claims: list[dict[str, str]]) -> dict[str, str]:
        first = sorted(claims, key=lambda c: c["id"])
        return max(first, key=lambda c: (int(c["confidence"]), weight[c["publisher"]], last(c["published_on"])))

    def current(claims: list[dict[str, str]], *key: str) -> list[dict[str, str]]:
        newest_of: dict[tuple[str, ...], str] = {}
        for c in claims:
            k = tuple(c[n] for n in key)
            newest_of[k] = max(newest_of.get(k, ""), last(c["published_on"]))
        return [c for c in claims if last(c["published_on"]) == newest_of[tuple(c[n] for n in key)]]

    count, usd, low, high = 0, Decimal(0), Decimal(0), Decimal(0)
    for key in crypto:
        views = current([c for c in of[key] if c["kind"] in {"attribution", "dispute"}], "publisher")
        dates = current([c for c in of[key] if c["kind"] == "date"], "publisher")
        losses = current([c for c in of[key] if c["kind"] == "loss_usd"], "publisher", "valuation")
        said = [c for c in views if c["kind"] == "attribution"]
        strongest = max((weight[c["publisher"]] if int(c["confidence"]) >= 50 else 1 for c in said), default=0)
        if not dates or not losses or key in twins or strongest < least or any(c["kind"] == "dispute" for c in views):
            continue
        if not "2017" <= best(dates)["text"][:4] <= "2023":
            continue
        count += 1
        usd += Decimal(best(losses)["value"])
        low += min(Decimal(c[n]) for c in losses for n in ("low", "value") if c[n])
        high += max(Decimal(c[n]) for c in losses for n in ("high", "value") if c[n])
    return count, usd, low, high
