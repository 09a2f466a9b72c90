"""Views: the stored query takes the view's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcloud.trino import queries, relations, tree
from labcloud.trino.block import Block, coerced
from labcloud.trino.catalog import View
from labcloud.trino.errors import TrinoError
from labcloud.trino.types import can_coerce

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def expand(view: View, node: tree.Table, analysis: Analysis) -> relations.Relation:
    """Compile a view's query where the view was made.

    Raises VIEW_IS_STALE, VIEW_IS_RECURSIVE, INVALID_VIEW.
    """
    shown = ".".join(view.name)
    if node.version is not None:
        raise TrinoError("NOT_SUPPORTED", "Query period is not supported for views", node.at)
    if shown in analysis.views:
        raise TrinoError("VIEW_IS_RECURSIVE", "View is recursive", node.at)
    block = _compiled(view, shown, node, analysis)
    if (reason := _stale(view, block)) is not None:
        message = f"View '{shown}' is stale or in invalid state: {reason}"
        raise TrinoError("VIEW_IS_STALE", message, node.at)
    block = coerced(block, [one.type for one in view.columns], analysis)
    names: list[str | None] = [one.name for one in view.columns]
    return relations.from_block(block, analysis, names, view.name)


def _compiled(view: View, shown: str, node: tree.Table, analysis: Analysis) -> Block:
    from labcloud.trino.parser import parse

    try:
        query = parse(view.sql)
    except TrinoError as error:
        message = f"Failed parsing stored view '{shown}': {error.message}"
        raise TrinoError("INVALID_VIEW", message, node.at) from None
    if not isinstance(query, tree.Query):
        message = f"Failed parsing stored view '{shown}': not a query"
        raise TrinoError("INVALID_VIEW", message, node.at)
    analysis.views.append(shown)
    try:
        with analysis.within(view.catalog, view.schema):
            return queries.query(query, None, analysis)
    except TrinoError as error:
        message = f"Failed analyzing stored view '{shown}': {error.message}"
        raise TrinoError("INVALID_VIEW", message, node.at) from None
    finally:
        analysis.views.pop()


def _stale(view: View, block: Block) -> str | None:
    """Return why the columns are no longer those that the view had, or None."""
    if len(view.columns) != len(block.items):
        return (
            f"stored view column count ({len(view.columns)}) does not match column count derived "
            f"from the view query analysis ({len(block.items)})"
        )
    found = zip(view.columns, block.names, block.types, strict=True)
    for number, (stored, name, kind) in enumerate(found):
        where = f"projected from query view at position {number}"
        if name is None:
            return f"a column of type {kind} {where} has no name"
        projected = f"column [{name}] of type {kind} {where}"
        wanted = f"column [{stored.name}] of type {stored.type} stored in view definition"
        if name.lower() != stored.name.lower():
            return f"{projected} has a different name from {wanted}"
        if not can_coerce(kind, stored.type):
            return f"{projected} cannot be coerced to {wanted}"
    return None
