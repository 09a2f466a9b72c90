"""UNION, INTERSECT and EXCEPT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcloud.trino import ordering, queries, tree
from labcloud.trino.analyzer import refs
from labcloud.trino.block import Block, coerced, column
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.scope import Scope
from labcloud.trino.types import Type, common_super_type, is_comparable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def compile_set(node: tree.SetOperation, scope: Scope, analysis: Analysis) -> Block:
    """Compile a set operation; the columns' names are the left side's. Raises TYPE_MISMATCH."""
    nodes = _flat(node)
    blocks = [queries.body(inner, scope, analysis) for inner in nodes]
    kinds = _unified(node, [block.types for block in blocks])
    return combine(node.operator, node.distinct, blocks, kinds, analysis)


def combine(
    operator: str, distinct: bool, blocks: list[Block], kinds: list[Type], analysis: Analysis
) -> Block:
    """Return blocks under a set operator, with their columns made the types `kinds`."""
    blocks = [coerced(block, kinds, analysis) for block in blocks]
    if distinct and operator == "UNION" and any("zone" in kind.base for kind in kinds):
        every = combine(operator, False, blocks, kinds, analysis)
        return ordering.distinct(every, analysis)
    word = f" {operator} " if distinct else f" {operator} ALL "
    text = word.join(f"({block.sql()})" for block in blocks)
    alias = analysis.alias()
    items = [Expr(column(alias, i), kind) for i, kind in enumerate(kinds)]
    open_ = operator == "UNION" and not any(block.limit for block in blocks)
    origins = [branch for block in blocks for branch in block.origins] if open_ else []
    if any(not block.origins for block in blocks):
        origins = []
    for block in blocks:
        for i, item in enumerate(block.items):
            analysis.needs.setdefault((alias, i), set()).update(refs(item.sql))
        if distinct or operator != "UNION" or block.distinct:
            analysis.reads(*(item.sql for item in block.items))
    return Block(
        items, list(blocks[0].names), f" FROM ({text}) AS {alias}", plain=text, origins=origins
    )


def _flat(node: tree.SetOperation) -> list[tree.Node]:
    """Return the terms: of a chain of one kind of UNION all, of any other operation two."""
    left = node.left
    if (
        node.operator == "UNION"
        and isinstance(left, tree.SetOperation)
        and (left.operator, left.distinct) == (node.operator, node.distinct)
    ):
        return [*_flat(left), node.right]
    return [left, node.right]


def _unified(node: tree.SetOperation, types: list[list[Type]]) -> list[Type]:
    """Return the common types of the columns, checking pair by pair as the chain was written."""
    positions = _positions(node, len(types))
    kinds = types[0]
    for at, other in zip(positions, types[1:], strict=True):
        kinds = _pair(node.operator, kinds, other, at)
    if node.distinct or node.operator != "UNION":
        for kind in kinds:
            if not is_comparable(kind):
                message = (
                    f"Type {kind} is not comparable and therefore cannot be used in "
                    f"{node.operator}{' DISTINCT' if node.operator == 'UNION' else ''}"
                )
                raise TrinoError("TYPE_MISMATCH", message, node.at)
    return kinds


def _positions(node: tree.SetOperation, count: int) -> list[Position]:
    found: list[Position] = []
    current: tree.Node = node
    while isinstance(current, tree.SetOperation) and len(found) < count - 1:
        found.append(current.at)
        current = current.left
    return found[::-1]


def _pair(operator: str, left: list[Type], right: list[Type], at: Position) -> list[Type]:
    if len(left) != len(right):
        message = f"{operator} query has different number of fields: {len(left)}, {len(right)}"
        raise TrinoError("TYPE_MISMATCH", message, at)
    kinds = []
    for number, (a, b) in enumerate(zip(left, right, strict=True), 1):
        kind = common_super_type(a, b)
        if kind is None:
            message = f"column {number} in {operator} query has incompatible types: {a}, {b}"
            raise TrinoError("TYPE_MISMATCH", message, at)
        kinds.append(kind)
    return kinds
