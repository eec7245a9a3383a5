"""Read labels from TagPack YAML, the exchange format of GraphSense.

A TagPack is a mapping with `tags`, a list of mappings with `address`; every other field may stand in a tag or, for all
tags at once, at the top. Format: https://github.com/graphsense/graphsense-tagpack-tool (docs/tagpack).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bongsu.errors import RecordError, SourceError
from bongsu.label.label import Label
from bongsu.model.address import parse_address
from bongsu.model.chain import chains
from bongsu.model.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LONGEST = 500
_TICKERS = {"BTC": "bitcoin", "ETH": "ethereum", "TRX": "tron"}
"""The chain that a TagPack's `currency` or `network` ticker stands for; chain ids are taken as they are."""


def read_tagpack(path: Path, text: str) -> Iterator[Label | RecordError]:
    """Yield the labels of a TagPack; a tag that cannot be used comes as an error with its line.

    Args:
        path: the file, as errors should name it.
        text: its content.

    Raises:
        SourceError: the text is no TagPack.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
        pack = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(
            f"this is not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}",
            source=str(path),
            line=mark.line + 1 if mark else None,
        ) from None
    except (RecursionError, ValueError) as error:
        raise SourceError(f"this YAML cannot be read: {type(error).__name__}", source=str(path)) from None
    if not isinstance(pack, dict) or not isinstance(pack.get("tags"), list):
        raise SourceError(
            "this is no TagPack",
            source=str(path),
            hint="a TagPack is a YAML mapping with a list called 'tags'",
        )
    for line, tag in zip(_lines(root), pack["tags"], strict=True):
        try:
            yield _label(pack, tag)
        except RecordError as error:
            yield error.at(str(path), line)


def _lines(root: yaml.Node | None) -> list[int]:
    """Return the line on which each tag begins."""
    if not isinstance(root, yaml.MappingNode):
        return []
    tags = next(value for key, value in root.value if key.value == "tags")
    return [node.start_mark.line + 1 for node in tags.value]


def _label(pack: Mapping[str, Any], tag: Any) -> Label:
    if not isinstance(tag, dict):
        raise RecordError("a tag must be a mapping with an address")
    merged = {**pack, **tag}
    address = merged.get("address")
    if not isinstance(address, str):
        raise RecordError("the tag has no address", hint="quote addresses: YAML reads a bare 0x… as a number")
    return Label(
        address=parse_address(address, _chain(merged)),
        text=_text(merged, "label") or _text(merged, "title"),
        actor=_text(merged, "actor"),
        category=_text(merged, "category"),
        source=_text(merged, "source"),
        confidence=_text(merged, "confidence"),
        lastmod=_text(merged, "lastmod"),
    )


def _chain(tag: Mapping[str, Any]) -> str:
    named = _text(tag, "network") or _text(tag, "currency")
    found = _TICKERS.get(named.upper(), named.lower())
    if found not in chains():
        raise RecordError(
            f"currency {named[:30]!r} is not a chain that Bongsu reads",
            hint=f"use one of: {', '.join(_TICKERS)}",
        )
    return found


def _text(tag: Mapping[str, Any], key: str) -> str:
    value = tag.get(key)
    return "" if value is None else one_line(str(value)[:_LONGEST])
