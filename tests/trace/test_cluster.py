"""Clusters: what is joined by which rule, and what the CoinJoin guard leaves out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.chain.coins import Block, Coin, CoinId, CoinTransaction
from bongsu.model.address import Address
from bongsu.trace.cluster import RULES, Clusters, cluster

A = [Address("bitcoin", f"a{n}") for n in range(12)]
KNOWN = {CoinId("before", n): Coin(1000 + n, A[n]) for n in range(8)}


def run(*transactions: CoinTransaction, rules: tuple[str, ...] = ("multi-input",)) -> Clusters:
    return cluster([Block("b", 0, datetime(2020, 1, 1, tzinfo=UTC), transactions)], KNOWN, rules)


def pay(inputs: list[int], *outputs: tuple[int, int], tx: str = "t") -> CoinTransaction:
    return CoinTransaction(tx, tuple(CoinId("before", n) for n in inputs), tuple(Coin(v, A[o]) for v, o in outputs))


def test_who_spends_together_stands_together() -> None:
    found = run(pay([0, 1], (10, 8)), pay([2, 3], (10, 8), tx="u"), pay([1, 2], (10, 8), tx="v"))
    assert found.sets == ((A[0], A[1], A[2], A[3]),)


def test_a_coinjoin_joins_nobody() -> None:
    found = run(pay([0, 1, 2, 3, 4], (500, 8), (500, 9), (500, 10), (7, 11)))
    assert (found.sets, found.coinjoins) == ((), 1)


@pytest.mark.parametrize(
    ("rule", "transaction", "change"),
    [
        ("change-fresh", pay([0], (10, 1), (990, 8)), A[8]),
        ("change-unround", pay([0], (500000, 1), (499123, 2)), A[2]),
        ("change-smaller", pay([0, 1], (1900, 2), (101, 3)), A[3]),
        ("change-to-self", pay([0, 1], (1900, 2), (101, 1)), None),
    ],
)
def test_each_change_rule_names_its_output(rule: str, transaction: CoinTransaction, change: Address | None) -> None:
    found = run(transaction, rules=(rule,))
    assert [join.addresses for join in found.joins] == ([(A[0], change)] if change else [])


def test_change_rules_that_disagree_join_nobody() -> None:
    transaction = pay([0, 1], (1900, 8), (101, 3))
    assert run(transaction, rules=("change-fresh",)).joins
    assert run(transaction, rules=("change-smaller",)).joins
    assert not run(transaction, rules=("change-fresh", "change-smaller")).joins


@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=4, unique=True), max_size=8))
def test_sets_equal_a_plain_merge(groups: list[list[int]]) -> None:
    found = run(*(pay(group, (1, 11), tx=f"t{n}") for n, group in enumerate(groups)))
    plain: list[set[Address]] = []
    for group in groups:
        merged = {A[n] for n in group}
        merged.update(*(s for s in plain if s & merged))
        plain = [s for s in plain if not s & merged] + [merged]
    assert sorted(map(set, found.sets), key=min) == sorted(plain, key=min)
    assert set(RULES) >= {join.rule for join in found.joins}
