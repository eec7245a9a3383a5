"""Conditions of playbooks: STIX patterns over a playbook's variables.

A comparison has an operand on each side: a literal, `__name__:value` (that variable), or `type:value` with a type of
variable, such as `ipv4-addr:value` (any variable of that type). Square brackets may stand around an observation or be
left out, as published playbooks do; `==` is read as `=`. Temporal parts (FOLLOWEDBY, WITHIN, REPEATS, START) compare
observations at different times, which variables do not have: they are refused.

Values are text; where the other side is a number or both sides read as numbers by their type, numbers are compared.
A variable that is declared and not set matches nothing, not even with `!=`; one that is not declared is an error.

Sources: STIX 2.1 section 9 (patterning); CACAO 2.0 sections 4.8 to 4.10.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bongsu.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Value = str | int | float | bool | None
_LONGEST = 10_000
_DEEPEST = 50
_LONGEST_NUMBER = 400
_MATCH_SECONDS = 1
"""A regular expression that goes over its text again and again is given up after so long."""
_NUMERIC = frozenset({"integer", "long", "float"})

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<variable>__[A-Za-z_][A-Za-z0-9_-]*?__(?![A-Za-z0-9_-])(?::value)?)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<typed>[bht]'(?:[^'\\]|\\.)*')
    | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<path>[a-z][a-z0-9-]*:[A-Za-z0-9_.\[\]*'-]+)
    | (?P<op>==|!=|<>|<=|>=|=|<|>)
    | (?P<mark>[()\[\],])
    | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE,
)
_TEMPORAL = frozenset({"FOLLOWEDBY", "WITHIN", "REPEATS", "START", "STOP"})


class Variable(Protocol):
    """What a condition sees of a variable."""

    @property
    def type(self) -> str:
        """Its CACAO type."""

    @property
    def value(self) -> str | None:
        """Its value; None where it is not set."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A condition, parsed. `names` are the variables it speaks of."""

    text: str
    names: tuple[str, ...]
    _test: Callable[[Mapping[str, Variable]], bool]

    def holds(self, variables: Mapping[str, Variable]) -> bool:
        """Say whether the condition is true of these variables.

        Raises:
            RecordError: it speaks of a variable that is not declared.
        """
        return self._test(variables)


@lru_cache(maxsize=1024)
def parse(text: str) -> Pattern:
    """Return the condition that a text writes.

    Raises:
        RecordError: it is no pattern over variables.
    """
    return _Parser(text).pattern()


class _Operand(NamedTuple):
    values: Callable[[Mapping[str, Variable]], list[tuple[Value, bool]]]
    """What it stands for: values, each with whether it is a number by its type."""


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._names: list[str] = []

    def pattern(self) -> Pattern:
        if len(self._text) > _LONGEST or not self._tokens:
            raise self._error("a condition is empty" if not self._tokens else "a condition is too long")
        test = self._either()
        if self._at < len(self._tokens):
            raise self._error(f"something follows the end of the condition: {self._peek()[1]!r}")
        return Pattern(self._text, tuple(dict.fromkeys(self._names)), test)

    def _either(self) -> Callable[[Mapping[str, Variable]], bool]:
        tests = [self._both()]
        while self._word("OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda variables: any(test(variables) for test in tests)

    def _both(self) -> Callable[[Mapping[str, Variable]], bool]:
        tests = [self._one()]
        while self._word("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda variables: all(test(variables) for test in tests)

    def _one(self) -> Callable[[Mapping[str, Variable]], bool]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("it is nested too deeply")
        test = self._enclosed()
        self._depth -= 1
        return test

    def _enclosed(self) -> Callable[[Mapping[str, Variable]], bool]:
        for opening, closing in ("()", "[]"):
            if self._mark(opening):
                inside = self._either()
                if not self._mark(closing):
                    raise self._error(f"a {closing!r} is missing")
                return inside
        if self._word("NOT"):
            negated = self._one()
            return lambda variables: not negated(variables)
        if self._word("EXISTS"):
            operand = self._operand()
            return lambda variables: any(value is not None for value, _ in operand.values(variables))
        return self._comparison()

    def _comparison(self) -> Callable[[Mapping[str, Variable]], bool]:
        left = self._operand()
        turned = self._word("NOT")
        kind, said = self._next("an operator")
        if kind == "op":
            compare = _COMPARE[said]
        elif kind == "word" and said.upper() in _WORDS:
            compare = _WORDS[said.upper()]
        elif kind == "word" and said.upper() == "IN":
            return self._in(left, turned)
        else:
            raise self._error(f"{said!r} is no operator")
        right = self._operand()

        def test(variables: Mapping[str, Variable]) -> bool:
            pairs = [(x, y) for x in left.values(variables) for y in right.values(variables)]
            known = [(x, y) for x, y in pairs if x[0] is not None and y[0] is not None]
            return any(compare(*_alike(x, y)) is not turned for x, y in known)

        return test

    def _in(self, left: _Operand, turned: bool) -> Callable[[Mapping[str, Variable]], bool]:
        if not self._mark("("):
            raise self._error("IN needs a list in round brackets")
        members = [self._operand()]
        while self._mark(","):
            members.append(self._operand())
        if not self._mark(")"):
            raise self._error("a ')' is missing")

        def test(variables: Mapping[str, Variable]) -> bool:
            there = [value for member in members for value in member.values(variables) if value[0] is not None]
            known = [value for value in left.values(variables) if value[0] is not None]
            return any(any(_equal(*_alike(x, y)) for y in there) is not turned for x in known)

        return test

    def _operand(self) -> _Operand:
        kind, said = self._next("a value or a variable")
        if kind == "variable":
            return self._variable(said)
        if kind == "path":
            return _by_type(said)
        if kind in {"string", "typed"}:
            text = re.sub(r"\\(.)", r"\1", said[said.index("'") + 1 : -1], flags=re.DOTALL)
            return _literal(text, number=False)
        if kind == "number" and len(said) > _LONGEST_NUMBER:
            raise self._error("a number is too long")
        if kind == "number":
            return _literal(float(said) if re.search(r"[.eE]", said) else int(said), number=True)
        if kind == "word" and said.lower() in {"true", "false"}:
            return _literal(said.lower(), number=False)
        raise self._error(f"{said!r} is neither a value nor a variable")

    def _variable(self, said: str) -> _Operand:
        name = said.removesuffix(":value")
        if name == said:
            raise self._error(f"{name} lacks its ':value'")
        self._names.append(name)

        def values(variables: Mapping[str, Variable]) -> list[tuple[Value, bool]]:
            if name not in variables:
                raise RecordError(f"the condition {self._text!r} speaks of {name}, which is not declared")
            return [_typed(variables[name])]

        return _Operand(values)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _next(self, wanted: str) -> tuple[str, str]:
        token = self._peek()
        if not token[0]:
            raise self._error(f"{wanted} is missing at the end")
        self._at += 1
        return token

    def _word(self, word: str) -> bool:
        kind, said = self._peek()
        if kind == "word" and said.upper() in _TEMPORAL:
            raise self._error(f"{said} compares observations at different times; variables have none")
        return self._skip(kind == "word" and said.upper() == word)

    def _mark(self, mark: str) -> bool:
        return self._skip(self._peek() == ("mark", mark))

    def _skip(self, found: bool) -> bool:
        self._at += found
        return found

    def _error(self, what: str) -> RecordError:
        return RecordError(
            f"the condition {self._text[:200]!r} cannot be read: {what}",
            hint="write it like [__name__:value = 'text' AND __count__:value > 3]",
        )


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise RecordError(f"the condition {text[:200]!r} cannot be read from {text[at : at + 20]!r} on")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _literal(value: Value, *, number: bool) -> _Operand:
    return _Operand(lambda _variables: [(value, number)])


def _by_type(path: str) -> _Operand:
    kind, _, prop = path.partition(":")
    if prop != "value":
        raise RecordError(f"{path!r} names a property that variables do not have", hint=f"write {kind}:value")
    return _Operand(lambda variables: [_typed(v) for v in variables.values() if v.type == kind])


def _typed(variable: Variable) -> tuple[Value, bool]:
    return variable.value, variable.type in _NUMERIC


def _alike(left: tuple[Value, bool], right: tuple[Value, bool]) -> tuple[Value, Value]:
    """Return both as numbers where one is a number by its type and the other reads as one, else as text."""
    if left[1] or right[1]:
        try:
            return _number(left[0]), _number(right[0])
        except (ValueError, TypeError):
            pass
    return str(left[0]), str(right[0])


def _number(value: Value) -> int | float:
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def _equal(left: Value, right: Value) -> bool:
    return left == right


def _like(left: Value, right: Value) -> bool:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in str(right))
    return _found(f"(?:{''.join(parts)})\\Z", str(left), start=True)


def _matches(left: Value, right: Value) -> bool:
    return _found(str(right), str(left))


def _found(expression: str, text: str, *, start: bool = False) -> bool:
    import regex

    try:
        look = regex.compile(expression, regex.DOTALL)
        return (look.match if start else look.search)(text[:_LONGEST], timeout=_MATCH_SECONDS) is not None
    except regex.error as error:
        raise RecordError(f"{expression[:200]!r} is no regular expression: {error}") from None
    except TimeoutError:
        raise RecordError(f"{expression[:200]!r} takes too long on this value") from None


def _subset(left: Value, right: Value) -> bool:
    try:
        small, large = (ipaddress.ip_network(str(v), strict=False) for v in (left, right))
    except ValueError:
        return False
    return small.version == large.version and small.subnet_of(large)  # type: ignore[arg-type]


_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "=": _equal,
    "==": _equal,
    "!=": lambda x, y: x != y,
    "<>": lambda x, y: x != y,
    "<": lambda x, y: x < y,  # type: ignore[operator]
    "<=": lambda x, y: x <= y,  # type: ignore[operator]
    ">": lambda x, y: x > y,  # type: ignore[operator]
    ">=": lambda x, y: x >= y,  # type: ignore[operator]
}
_WORDS: dict[str, Callable[[Value, Value], bool]] = {
    "LIKE": _like,
    "MATCHES": _matches,
    "ISSUBSET": _subset,
    "ISSUPERSET": lambda x, y: _subset(y, x),
}
