"""Conditions: what holds, what does not, what cannot be read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.errors import RecordError
from bongsu.respond.pattern import parse
from bongsu.respond.playbook import Variable

VARIABLES = {
    v.name: v
    for v in (
        Variable("__word__", "string", "freeze"),
        Variable("__count__", "integer", "10"),
        Variable("__rate__", "float", "2.50"),
        Variable("__ready__", "bool", "true"),
        Variable("__ip__", "ipv4-addr", "10.0.0.40"),
        Variable("__other__", "string", "freeze"),
        Variable("__unset__", "string", None),
        Variable("__quote__", "string", "it's"),
    )
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("__word__:value = 'freeze'", True),
        ("__word__:value == 'freeze'", True),
        ("[__word__:value = 'freeze']", True),
        ("__word__:value != 'freeze'", False),
        ("__word__:value <> 'x'", True),
        ("'freeze' = __word__:value", True),
        ("__word__:value = __other__:value", True),
        ("__count__:value > 9", True),
        ("__count__:value > '9'", True),
        ("__count__:value = 10.0", True),
        ("__count__:value <= 9", False),
        ("__rate__:value = 2.5", True),
        ("__ready__:value = true", True),
        ("__ready__:value = 'true'", True),
        ("__word__:value IN ('a', 'freeze')", True),
        ("__word__:value NOT IN ('a', 'freeze')", False),
        ("__word__:value LIKE 'fr%'", True),
        ("__word__:value LIKE 'fr_'", False),
        ("__word__:value NOT LIKE 'x%'", True),
        ("__word__:value MATCHES '^f.*e$'", True),
        ("__ip__:value ISSUBSET '10.0.0.0/8'", True),
        ("'10.0.0.0/8' ISSUPERSET __ip__:value", True),
        ("__ip__:value ISSUBSET '192.168.0.0/16'", False),
        ("[ipv4-addr:value = '10.0.0.40']", True),
        ("[ipv4-addr:value = '10.0.0.41']", False),
        ("[__word__:value = 'x'] OR [__count__:value = 10]", True),
        ("[__word__:value = 'freeze' AND __count__:value = 11]", False),
        ("__word__:value = 'x' AND __count__:value = 1 OR __ready__:value = true", True),
        ("__word__:value = 'x' AND (__count__:value = 1 OR __ready__:value = true)", False),
        ("NOT (__word__:value = 'x')", True),
        ("__unset__:value = 'a'", False),
        ("__unset__:value != 'a'", False),
        ("EXISTS __unset__:value", False),
        ("EXISTS __word__:value", True),
        (r"__quote__:value = 'it\'s'", True),
        ("'a' = 'a'", True),
    ],
)
def test_a_condition_holds_or_not(text: str, holds: bool) -> None:
    assert parse(text).holds(VARIABLES) is holds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("__word__:value", "operator is missing"),
        ("__word__ = 'x'", "lacks its ':value'"),
        ("__word__:value = 'x", "cannot be read"),
        ("__word__:value = 'x' AND", "missing at the end"),
        ("[__word__:value = 'x'", "']' is missing"),
        ("[__word__:value = 'x'] FOLLOWEDBY [__count__:value = 1]", "different times"),
        ("[__word__:value = 'x'] WITHIN 5 SECONDS", "different times"),
        ("__word__:value = 'x' 'y'", "follows the end"),
        ("__word__:value ~ 'x'", "cannot be read"),
        ("file:name = 'x'", "property"),
        ("(" * 4000 + "'a' = 'a'", "nested too deeply"),
        ("NOT " * 2000 + "'a' = 'a'", "nested too deeply"),
        ("'a' = " + "9" * 6000, "number is too long"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        parse(text)


def test_an_expression_that_never_ends_is_given_up() -> None:
    with pytest.raises(RecordError, match="too long on this value"):
        parse(f"'{'a' * 60}b' MATCHES '(a|aa)+$'").holds({})


def test_a_variable_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(RecordError, match="__nobody__, which is not declared"):
        parse("__nobody__:value = 'x'").holds(VARIABLES)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_garbage_is_refused_in_one_sentence_or_means_something(text: str) -> None:
    with suppress(RecordError):  # anything else that is raised fails the test
        assert parse(text).holds(VARIABLES) in {True, False}


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_text_can_be_compared_with(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    variables = {"__x__": Variable("__x__", "string", value)}
    assert parse(f"__x__:value = '{quoted}'").holds(variables)
