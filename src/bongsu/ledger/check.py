"""Check what one record alone cannot show: references, order of dates, addresses, ranges and sums."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bongsu.errors import RecordError
from bongsu.ledger import records as r
from bongsu.ledger.when import parse_period
from bongsu.model.address import parse_address
from bongsu.model.chain import chains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bongsu.ledger.records import Aggregate, Claim, Incident, Ledger, Price, Publisher, Relation

_ID = re.compile(r"[a-z0-9][a-z0-9.~-]{0,99}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_NEEDS_VALUE = {"loss_usd", "loss_native", "recovery", "freeze"}
_NEEDS_TEXT = {"date", "attribution", "dispute", "recovery", "freeze", "address", "victim", "remark"}
_USD = {"loss_usd", "attempt"}
_SUM_TOLERANCE = {"exactly": Decimal("0.0005")}
_LOOSE = Decimal("0.05")
_SCALE = 100
_CENT = Decimal("0.01")


def check(ledger: Ledger) -> list[RecordError]:
    """Return what is wrong, in the order of files and lines."""
    tests: list[tuple[str, Iterable[Any], Callable[[Any, Ledger], Iterator[tuple[str, str]]]]] = [
        ("incidents.csv", ledger.incidents.values(), _incident),
        ("claims.csv", ledger.claims, _claim),
        ("relations.csv", ledger.relations, _relation),
        ("aggregates.csv", ledger.aggregates, _aggregate),
        ("prices.csv", ledger.prices, _price),
        ("publishers.csv", ledger.publishers.values(), _publisher),
    ]
    found = []
    for file, rows, test in tests:
        for row in rows:
            for message, hint in (*_id(row.id), *test(row, ledger)):
                found.append(_problem(ledger, file, row.id, message, hint))
    found += [_problem(ledger, *each) for each in (*_lonely(ledger), *_sums(ledger), *_circles(ledger))]
    found += [RecordError(message, source=f"{ledger.name}/actors.toml", hint=hint) for message, hint in _actors(ledger)]
    return found


def notes(ledger: Ledger) -> list[str]:
    """Return remarks that are no errors: what could not be verified."""
    unchecked: dict[str, int] = defaultdict(int)
    for claim in ledger.claims:
        chain = claim.text.partition(":")[0]
        if claim.kind == "address" and chain not in chains():
            unchecked[chain] += 1
    shown = ", ".join(f"{chain} {count}" for chain, count in sorted(unchecked.items()))
    return [f"addresses whose chain has no checksum test here: {shown}"] if shown else []


def _problem(ledger: Ledger, file: str, key: str, message: str, hint: str) -> RecordError:
    return RecordError(message, source=f"{ledger.name}/{file}", line=ledger.lines.get((file, key)), hint=hint)


def _id(key: str) -> Iterator[tuple[str, str]]:
    if not _ID.match(key):
        yield f"the id {key[:60]!r} is not well formed", "use small letters, digits, hyphens and points"


def _one_of(name: str, value: str, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    if value not in known:
        yield f"{name} {value[:40]!r} is not known", f"use one of: {', '.join(known)}"


def _link(name: str, value: str, *, needed: bool) -> Iterator[tuple[str, str]]:
    if not value:
        if needed:
            yield f"{name} is empty: the claim has no source", "give the address of the document"
    elif not re.match(r"https?://[^\s/]+\.[^\s]+\Z", value):
        yield f"{name} {value[:60]!r} is no web address", "write it in full, from https:// on"


def _source(row: Claim | Relation | Aggregate, ledger: Ledger) -> Iterator[tuple[str, str]]:
    if row.publisher not in ledger.publishers:
        yield f"publisher {row.publisher[:40]!r} is not known", "add it to publishers.csv with its class"
    if not row.document:
        yield "document is empty: the claim has no source", "name the report, statement, ruling or page"
    yield from _link("url", row.url, needed=True)


def _range(low: Decimal | None, value: Decimal | None, high: Decimal | None) -> Iterator[tuple[str, str]]:
    given = [v for v in (low, value, high) if v is not None]
    if given != sorted(given):
        yield "low, value and high do not rise", "low is at most the value, and the value at most high"


def _incident(row: Incident, _: Ledger) -> Iterator[tuple[str, str]]:
    if not row.title:
        yield "title is empty", "name the victim, or say how it is known"
    if row.country and not _COUNTRY.match(row.country):
        yield f"country {row.country[:20]!r} is no ISO code", "use two capital letters such as KR, or leave it empty"
    yield from _one_of("victim_type", row.victim_type, r.VICTIM_TYPES)
    yield from _one_of("category", row.category, r.CATEGORIES)


def _claim(row: Claim, ledger: Ledger) -> Iterator[tuple[str, str]]:
    if row.incident not in ledger.incidents:
        yield f"no incident has the id {row.incident[:60]!r}: the claim is an orphan", "add it to incidents.csv"
    yield from _one_of("kind", row.kind, r.KINDS)
    yield from _one_of("basis", row.basis, r.BASES)
    if row.confidence > _SCALE:
        yield f"confidence {row.confidence} is above 100", "use the STIX scale: 15 low, 50 medium, 85 high"
    yield from _source(row, ledger)
    yield from _link("via", row.via, needed=False)
    yield from _range(row.low, row.value, row.high)
    yield from _cells_of_kind(row)
    if row.kind == "attribution" and row.text not in ledger.actors:
        yield f"no actor has the id {row.text[:40]!r}", "use an id of actors.toml, or add the actor there"
    if row.kind == "date":
        yield from _date(row)
    if row.kind == "address":
        yield from _address(row.text)


def _cells_of_kind(row: Claim) -> Iterator[tuple[str, str]]:
    """Yield which of value, unit, text and valuation a claim of this kind lacks."""
    if row.kind in _NEEDS_VALUE and row.value is None:
        yield f"a claim of kind {row.kind} needs a value", "give the amount, or leave the claim out"
    if row.kind in _NEEDS_TEXT and not row.text:
        yield f"a claim of kind {row.kind} needs text", f"text: {r.KINDS[row.kind]}"
    if row.kind in _USD and row.value is not None and row.unit != "USD":
        yield f"the unit of a claim of kind {row.kind} is {row.unit[:20]!r}", "write USD, or use kind loss_native"
    if row.kind in {"loss_native", "recovery", "freeze"} and not row.unit:
        yield "unit is empty", "name the coin or token, or USD"
    if row.kind == "loss_usd":
        yield from _one_of("valuation", row.valuation, r.VALUATIONS)
    if row.unit == "USD" and any(v is not None and v != v.quantize(_CENT) for v in (row.low, row.value, row.high)):
        yield "an amount in US dollars has more than two decimals", "round it to the cent"


def _date(row: Claim) -> Iterator[tuple[str, str]]:
    try:
        when = parse_period(row.text)
    except RecordError as error:
        yield error.message, error.hint or ""
        return
    if when.first > row.published_on.last:
        yield (
            f"it happened on {when} and was published before that, on {row.published_on}",
            "one of the two dates is wrong",
        )


def _address(text: str) -> Iterator[tuple[str, str]]:
    chain, colon, account = text.partition(":")
    if not colon or not account or not re.match(r"[a-z0-9-]+\Z", chain):
        yield f"{text[:60]!r} is no address with its chain", "write chain:address, such as ethereum:0x…"
    elif chain in chains():
        try:
            parse_address(account, chain)
        except RecordError as error:
            yield error.message, error.hint or "copy it again from the source"


def _relation(row: Relation, ledger: Ledger) -> Iterator[tuple[str, str]]:
    for name in (row.incident, row.other):
        if name not in ledger.incidents:
            yield f"no incident has the id {name[:60]!r}", "add it to incidents.csv"
    if row.incident == row.other:
        yield "an incident is related to itself", "name two incidents"
    yield from _one_of("kind", row.kind, r.RELATIONS)
    if row.confidence > _SCALE:
        yield f"confidence {row.confidence} is above 100", "use the STIX scale: 15 low, 50 medium, 85 high"
    yield from _source(row, ledger)


def _aggregate(row: Aggregate, ledger: Ledger) -> Iterator[tuple[str, str]]:
    yield from _source(row, ledger)
    yield from _link("via", row.via, needed=False)
    yield from _one_of("qualifier", row.qualifier, r.QUALIFIERS)
    yield from _one_of("rule", row.rule, r.RULES)
    yield from _range(row.low, row.usd, row.high)
    if row.since.first > row.until.last:
        yield f"the period ends ({row.until}) before it begins ({row.since})", "swap since and until"
    if row.count is None and row.usd is None:
        yield "it gives neither a count nor an amount", "fill count or usd, or leave the row out"
    known = {a.id for a in ledger.aggregates}
    for name, other in (("part_of", row.part_of), ("restates", row.restates)):
        if other and other not in known:
            yield f"{name} names {other[:40]!r}, which is not there", "use the id of another row of aggregates.csv"


def _price(row: Price, _: Ledger) -> Iterator[tuple[str, str]]:
    if not row.source:
        yield "source is empty", "say whose price it is"
    yield from _link("url", row.url, needed=True)
    if row.day.first != row.day.last:
        yield f"a price needs a day, and {row.day} is none", "write it as 2023-06-02"


def _publisher(row: Publisher, _: Ledger) -> Iterator[tuple[str, str]]:
    if not row.name:
        yield "name is empty", "name the publisher as readers know it"
    yield from _one_of("type", row.type, r.CLASSES)
    yield from _link("url", row.url, needed=False)


def _actors(ledger: Ledger) -> Iterator[tuple[str, str]]:
    for actor in ledger.actors.values():
        if actor.under and actor.under not in ledger.actors:
            yield f"the actor {actor.id!r} is under {actor.under!r}, which is not there", "name an id of this file"
        if actor.attack_id and not re.match(r"G\d{4}\Z", actor.attack_id):
            yield f"{actor.attack_id!r} is no ATT&CK id of a group", "write G and four digits"


def _lonely(ledger: Ledger) -> Iterator[tuple[str, str, str, str]]:
    """Yield incidents of which nothing is claimed, or that nothing attributes."""
    said = defaultdict(set)
    for claim in ledger.claims:
        said[claim.incident].add(claim.kind)
    for key in ledger.incidents:
        if key not in said:
            yield "incidents.csv", key, f"nothing is claimed of {key!r}", "add its claims to claims.csv, or remove it"
        elif "date" not in said[key]:
            yield "incidents.csv", key, f"no claim dates {key!r}", "add a claim of kind date; a year is enough"


def _sums(ledger: Ledger) -> Iterator[tuple[str, str, str, str]]:
    """Yield published totals whose published years do not add up to them."""
    parts = defaultdict(list)
    for row in ledger.aggregates:
        if row.part_of:
            parts[row.part_of].append(row)
    for row in ledger.aggregates:
        added = sum((p.usd or Decimal(0) for p in parts[row.id]), Decimal(0))
        if not parts[row.id] or row.usd is None:
            continue
        if abs(added - row.usd) > row.usd * _SUM_TOLERANCE.get(row.qualifier, _LOOSE):
            yield (
                "aggregates.csv",
                row.id,
                f"its parts add up to {added:,.0f} USD and it says {row.usd:,.0f}",
                "correct the figure or the parts; a total said to be 'about' may differ by 5 %",
            )


def _circles(ledger: Ledger) -> Iterator[tuple[str, str, str, str]]:
    """Yield relations that lead back to where they began: neither incident could then be counted."""
    up = {x.incident: x.other for x in ledger.relations if x.kind != "follows" and x.confidence >= r.FIRM}
    for row in ledger.relations:
        seen, at = {row.incident}, up.get(row.incident)
        while at is not None and at not in seen:
            seen.add(at)
            at = up.get(at)
        if at == row.incident and row.kind != "follows":
            yield "relations.csv", row.id, f"{row.incident!r} is in the end part of itself", "cut the circle"
