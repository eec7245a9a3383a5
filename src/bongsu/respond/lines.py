"""Find the line of a JSON file on which a path of keys and indices stands."""

from __future__ import annotations

from functools import lru_cache

import yaml


def line_of(text: str, where: str) -> int | None:
    """Return the line, from 1, of the value at `where` ("workflow.action--….commands.0"); the nearest found part of it.

    JSON is read as YAML here, which remembers places; None where that fails.
    """
    node = _tree(text)
    if node is None:
        return None
    for part in where.split(".") if where else ():
        inner = _child(node, part)
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1


def _child(node: yaml.Node, part: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        inner: yaml.Node = node.value[int(part)]
        return inner
    return None


@lru_cache(maxsize=4)
def _tree(text: str) -> yaml.Node | None:
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return node
