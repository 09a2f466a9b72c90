"""Walks over the syntax tree: what an expression holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from labcloud.trino import tree
from labcloud.trino.functions.registry import FUNCTIONS

_FIELDS: dict[type, tuple[str, ...]] = {}


def parts(node: tree.Node) -> tuple[Any, ...]:
    """Return the members of a node, without its position."""
    kind = type(node)
    if (names := _FIELDS.get(kind)) is None:
        names = _FIELDS[kind] = tuple(f.name for f in fields(kind) if f.name != "at")
    return tuple(getattr(node, name) for name in names)


def children(value: Any) -> Iterator[tree.Node]:
    """Yield the nodes directly below a node or in a tuple."""
    for part in parts(value) if isinstance(value, tree.Node) else value:
        if isinstance(part, tree.Node):
            yield part
        elif isinstance(part, tuple):
            yield from children(part)


def walk(
    value: tree.Node | tuple[Any, ...], into: Callable[[tree.Node], bool] = lambda _: True
) -> Iterator[tree.Node]:
    """Yield a node and all below it, first things first; below a node only where `into` says so."""
    if isinstance(value, tree.Node):
        yield value
        if not into(value):
            return
    for child in children(value):
        yield from walk(child, into)


def _not_query(node: tree.Node) -> bool:
    return not isinstance(node, tree.Query)


def is_window(node: tree.Node) -> bool:
    """Return whether the node is a call with OVER."""
    return isinstance(node, tree.FunctionCall) and node.window is not None


def is_aggregate(node: tree.Node) -> bool:
    """Return whether the node is an aggregate's call without OVER."""
    if isinstance(node, tree.ListAgg):
        return True
    if not isinstance(node, tree.FunctionCall) or node.window is not None:
        return False
    return has_kind(node.name, "aggregate")


def has_kind(name: str, kind: str) -> bool:
    """Return whether a function of this name and kind (scalar, aggregate, window) is known."""
    return any(signature.kind == kind for signature in FUNCTIONS.get(name, ()))


def find(value: Any, wanted: Callable[[tree.Node], bool]) -> list[tree.Node]:
    """Return the nodes that are `wanted`, not those in subqueries."""
    return [node for node in walk(value, _not_query) if wanted(node)]


def aggregates(value: Any) -> list[tree.Node]:
    """Return the aggregates' calls in an expression, outermost first."""
    return find(value, is_aggregate)


def windows(value: Any) -> list[tree.Node]:
    """Return the window functions' calls in an expression, outermost first."""
    return find(value, is_window)


def groupings(value: Any) -> list[tree.Node]:
    """Return the GROUPING() operations in an expression."""
    return find(value, lambda node: isinstance(node, tree.GroupingOperation))


def names(node: tree.Node) -> tuple[str, ...] | None:
    """Return the lower-case parts of `a.b.c`, or None where it is not a dotted name."""
    if isinstance(node, tree.Identifier):
        return (node.value.lower(),)
    if isinstance(node, tree.DereferenceExpression):
        base = names(node.base)
        return (*base, node.field.value.lower()) if base is not None else None
    return None
