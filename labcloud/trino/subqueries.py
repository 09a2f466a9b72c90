"""Subqueries in expressions: scalar, IN, EXISTS, quantified comparisons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labcloud.trino import ordering, queries, tree, types
from labcloud.trino.block import Block, coerced, wrap
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.scope import Scope
from labcloud.trino.types import (
    BOOLEAN,
    INTEGER,
    Field,
    Type,
    common_super_type,
    duckdb_type,
    is_comparable,
    is_orderable,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def compile_subquery(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr:
    """Compile a SubqueryExpression, InSubquery, Exists or QuantifiedComparison."""
    if isinstance(node, tree.SubqueryExpression):
        return _scalar(node, scope, analysis)
    if isinstance(node, tree.Exists):
        block = queries.query(node.subquery, scope, analysis)
        if not (block.plain or block.distinct or block.keys):
            block = replace(block, items=[Expr("1", INTEGER)])
        return Expr(f"(EXISTS ({block.sql()}))", BOOLEAN)
    if isinstance(node, tree.InSubquery):
        return _compared(node, "=", "ANY", node.value, node.subquery, scope, analysis)
    assert isinstance(node, tree.QuantifiedComparison)
    operator = node.operator
    kind = "ALL" if node.quantifier == "ALL" else "ANY"
    return _compared(node, operator, kind, node.value, node.subquery, scope, analysis)


def _scalar(node: tree.SubqueryExpression, scope: Scope, analysis: Analysis) -> Expr:
    """A subquery as a value: its column, or a row of its columns."""
    block = queries.query(node.query, scope, analysis)
    if len(block.items) == 1:
        return Expr(f"({block.sql()})", block.items[0].type)
    alias = analysis.alias()
    inside = ", ".join(f"'f{i}': {alias}.c{i}" for i in range(len(block.items)))
    return Expr(f"(SELECT {{{inside}}} FROM ({block.sql()}) AS {alias})", _row_type(block))


def _row_type(block: Block) -> Type:
    return types.row(
        *(Field(name, kind) for name, kind in zip(block.names, block.types, strict=True))
    )


def _compared(
    node: tree.Expression,
    operator: str,
    quantifier: str,
    value: tree.Expression,
    subquery: tree.Query,
    scope: Scope,
    analysis: Analysis,
) -> Expr:
    left = analysis.expression(value, scope)
    block = queries.query(subquery, scope, analysis)
    found = _row_type(block)
    wrapped = left.type if left.type.base in ("row", "unknown") else types.row(left.type)
    common = common_super_type(wrapped, found)
    if common is None:
        message = (
            "Value expression and result of subquery must be of the same type: "
            f"{wrapped} vs {found}"
        )
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    _check_type(node, operator, common)
    kinds = [one.type for one in common.fields]
    block = coerced(block, kinds, analysis)
    if len(kinds) == 1 and kinds[0].base not in ("array", "map", "row"):
        single = (
            left
            if left.type.base != "row"
            else Expr(f"struct_extract({left.sql}, 'f0')", left.type.fields[0].type)
        )
        sql, text = _keys(analysis.coerce(single, kinds[0]), block, analysis)
        return Expr(_quantified(sql, operator, quantifier, text), BOOLEAN)
    return _row_compared(left, operator, quantifier, common, block, analysis)


def _keys(value: Expr, block: Block, analysis: Analysis) -> tuple[str, str]:
    """Return SQL of the value and of the subquery as they compare."""
    key = ordering.comparable(value)
    if key == value.sql:
        return key, block.sql()
    outer = wrap(block, analysis)
    items = [Expr(ordering.comparable(item), item.type) for item in outer.items]
    return key, replace(outer, items=items).sql()


def _check_type(node: tree.Expression, operator: str, common: Type) -> None:
    ordered = operator in ("<", "<=", ">", ">=")
    if ordered and not is_orderable(common):
        word = "orderable"
    elif not ordered and not is_comparable(common):
        word = "comparable"
    else:
        return
    message = f"Type [{common}] must be {word} in order to be used in quantified comparison"
    raise TrinoError("TYPE_MISMATCH", message, node.at)


def _quantified(sql: str, operator: str, quantifier: str, subquery: str) -> str:
    if operator == "=" and quantifier == "ANY":
        return f"({sql} IN ({subquery}))"
    if operator == "<>" and quantifier == "ALL":
        return f"({sql} NOT IN ({subquery}))"
    return f"({sql} {operator} {quantifier} ({subquery}))"


def _row_compared(
    left: Expr,
    operator: str,
    quantifier: str,
    common: Type,
    block: Block,
    analysis: Analysis,
) -> Expr:
    """Compare a row with the subquery's rows; a comparison may be unknown, as SQL has it."""
    from labcloud.trino import comparisons

    if left.type.base == "unknown":
        wanted = Expr(f"CAST(NULL AS {duckdb_type(common)})", common)
    elif left.type.base == "row":
        wanted = analysis.coerce(left, common)
    else:
        wanted = analysis.coerce(Expr(f"{{'f0': {left.sql}}}", types.row(left.type)), common)
    alias = analysis.alias()
    inside = ", ".join(f"'f{i}': {alias}.c{i}" for i in range(len(block.items)))
    row = Expr(f"{{{inside}}}", common)
    compared = comparisons.compare(operator, wanted, row, analysis, None).sql
    source = f"FROM ({block.sql()}) AS {alias}"
    if quantifier == "ANY":
        value = (
            f"CASE WHEN count(*) FILTER (WHERE {compared}) > 0 THEN true "
            f"WHEN count(*) FILTER (WHERE ({compared}) IS NULL) > 0 THEN NULL ELSE false END"
        )
    else:
        value = (
            f"CASE WHEN count(*) FILTER (WHERE NOT {compared}) > 0 THEN false "
            f"WHEN count(*) FILTER (WHERE ({compared}) IS NULL) > 0 THEN NULL ELSE true END"
        )
    return Expr(f"(SELECT {value} {source})", BOOLEAN)
