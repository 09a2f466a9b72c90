"""Queries: bodies, ORDER BY, OFFSET and LIMIT, as Trino's StatementAnalyzer sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labcloud.trino import ordering, relations, select, setops, tree, withs
from labcloud.trino.block import Block, wrap
from labcloud.trino.errors import TrinoError
from labcloud.trino.scope import Field, Scope

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def query(node: tree.Query, outer: Scope | None, analysis: Analysis, top: bool = False) -> Block:
    """Compile a query. Below the `top`, an ORDER BY without LIMIT has no effect, as in Trino."""
    scope = Scope([], outer, boundary=True)
    named = withs.analyze(node.with_, scope, analysis) if node.with_ is not None else []
    keep = top or node.limit is not None or node.offset is not None
    if isinstance(node.body, tree.QuerySpecification):
        block = select.compile_select(node.body, scope, analysis, node.order_by, keep, node)
    else:
        block = body(node.body, scope, analysis, top and not node.order_by)
        if node.order_by:
            block = _ordered(node, wrap(block, analysis), scope, analysis, keep)
    block = ordering.limited(block, node, analysis)
    if named:
        if block.with_:
            block = wrap(block, analysis)
        block.with_ = f"WITH {', '.join(named)} "
    return block


def _ordered(node: tree.Query, block: Block, scope: Scope, analysis: Analysis, keep: bool) -> Block:
    fields = [
        Field(name, None, item.type, item.sql)
        for name, item in zip(block.names, block.items, strict=True)
    ]
    keys = ordering.query_keys(node.order_by, Scope(fields, scope), block.items, analysis, node)
    if not keep:
        return block
    analysis.reads(*(key.sql for key in keys))
    return replace(block, keys=tuple(keys))


def body(node: tree.Node, scope: Scope, analysis: Analysis, top: bool = False) -> Block:
    """Compile a query's body."""
    if isinstance(node, tree.QuerySpecification):
        return select.compile_select(node, scope, analysis, (), False, node)
    if isinstance(node, tree.SetOperation):
        return setops.compile_set(node, scope, analysis)
    if isinstance(node, tree.Query):
        return query(node, scope, analysis, top)
    if isinstance(node, tree.TableSubquery):
        return query(node.query, scope, analysis, top)
    if isinstance(node, tree.Values | tree.Table):
        relation = relations.relation(node, scope, analysis)
        shown = [field for field in relation.fields if not field.hidden]
        return Block(
            [field.expr for field in shown],
            [field.name for field in shown],
            f" FROM {relation.sql}",
            origins=[[field.sql for field in shown]],
        )
    raise TrinoError("NOT_SUPPORTED", f"Unsupported query body: {type(node).__name__}", node.at)
