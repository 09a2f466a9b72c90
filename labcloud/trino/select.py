"""SELECT … FROM … WHERE … GROUP BY … HAVING … ORDER BY: one DuckDB SELECT for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labcloud.trino import grouping, ordering, pruning, relations, tree, walk, windowing
from labcloud.trino.block import Block
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import BOOLEAN, is_comparable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


@dataclass(frozen=True, slots=True)
class Item:
    """One column of the SELECT list: an expression, or a column that `*` stands for."""

    name: str | None
    node: tree.Expression | None = None
    field: Field | None = None
    expr: Expr | None = None
    """Compiled already: a field of a row that `row.*` stands for."""


def compile_select(
    node: tree.QuerySpecification,
    outer: Scope,
    analysis: Analysis,
    order_by: tuple[tree.SortItem, ...],
    keep: bool,
    query: tree.Node,
) -> Block:
    """Compile a SELECT and the ORDER BY that belongs to it, which is kept only with `keep`."""
    source = relations.from_clause(node.from_, outer, analysis)
    windows = {name.value.lower(): spec for name, spec in node.windows}
    scope = Scope(source.fields, outer, windows=windows)
    windowing.check_definitions(node.windows, scope, analysis)
    tail = f" FROM {source.sql}" if source.sql else ""
    if node.where is not None:
        terms = pruning.conjuncts(node.where, "WHERE clause", scope, analysis)
        pruning.push(terms, scope, analysis, None)
        analysis.reads(*(term.sql for term in terms))
        tail += f" WHERE {pruning.condition(terms)}"
    items = _items(node, scope, analysis)
    groups = grouping.analyze(node, items, order_by, scope, analysis)
    inner = groups.scope if groups is not None else scope
    exprs = [_compiled(item, inner, analysis, groups) for item in items]
    if groups is not None:
        tail += groups.clause()
    having = _having(node, inner, analysis)
    tail += f" HAVING {having}" if having else ""
    order_scope = inner.child(_outputs(items, exprs))
    keys = ordering.query_keys(order_by, order_scope, exprs, analysis, node)
    _check(node, items, order_by, groups, scope, order_scope, analysis)
    if node.distinct:
        _check_distinct(node, items, exprs, keys)
    if keep:
        analysis.reads(*(key.sql for key in keys))
    block = Block(
        exprs,
        [item.name for item in items],
        tail,
        keys=tuple(keys) if keep else (),
        origins=[_origins(items, exprs, groups)],
    )
    return ordering.distinct(block, analysis) if node.distinct else block


def _origins(
    items: list[Item], exprs: list[Expr], groups: grouping.Groups | None
) -> list[str | None]:
    """Return the columns on which a condition may go below this SELECT."""
    windowed = any(item.node is not None and walk.windows(item.node) for item in items)
    if windowed:
        return [None] * len(exprs)
    if groups is not None:
        plain = groups.plain_keys()
        return [expr.sql if expr.sql in plain else None for expr in exprs]
    return [None if "SELECT " in expr.sql else expr.sql for expr in exprs]


def _outputs(items: list[Item], exprs: list[Expr]) -> list[Field]:
    return [
        Field(item.name, None, expr.type, expr.sql) for item, expr in zip(items, exprs, strict=True)
    ]


def _compiled(item: Item, scope: Scope, analysis: Analysis, groups: grouping.Groups | None) -> Expr:
    if item.expr is not None:
        return item.expr
    if item.field is not None:
        if groups is not None:
            return groups.star_column(item.field)
        return item.field.expr
    assert item.node is not None
    return analysis.expression(item.node, scope)


def _having(node: tree.QuerySpecification, scope: Scope, analysis: Analysis) -> str:
    if node.having is None:
        return ""
    if found := walk.windows(node.having):
        message = "HAVING clause cannot contain window functions or row pattern measures"
        raise TrinoError("NESTED_WINDOW", message, found[0].at)
    expr = analysis.expression(node.having, scope)
    if expr.type != BOOLEAN:
        if expr.type.base != "unknown":
            message = f"HAVING clause must evaluate to a boolean: actual type {expr.type}"
            raise TrinoError("TYPE_MISMATCH", message, node.having.at)
        expr = analysis.coerce(expr, BOOLEAN)
    analysis.reads(expr.sql)
    return expr.sql


def _check(
    node: tree.QuerySpecification,
    items: list[Item],
    order_by: tuple[tree.SortItem, ...],
    groups: grouping.Groups | None,
    scope: Scope,
    order_scope: Scope,
    analysis: Analysis,
) -> None:
    """Make the checks that Trino makes once all expressions have their types."""
    nodes = [item.node for item in items if item.node is not None]
    nodes += [node.having] if node.having is not None else []
    keys = [item.key for item in order_by if not isinstance(item.key, tree.LongLiteral)]
    if node.group_by is None and walk.groupings((*nodes, *keys)):
        message = (
            "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/"
            "ROLLUP/GROUP BY clause"
        )
        raise TrinoError("MISSING_GROUP_BY", message, node.at)
    if groups is not None:
        for one in nodes:
            grouping.verify(one, groups, scope)
        for _, spec in node.windows:
            for part in walk.children(spec):
                if isinstance(part, tree.Expression):
                    grouping.verify(part, groups, scope)
        outputs = {id(field) for field in order_scope.fields}
        for key in keys:
            grouping.verify(key, groups, order_scope, outputs)
    windowing.check_calls(node, (*nodes, *keys), scope)


def _check_distinct(
    node: tree.QuerySpecification,
    items: list[Item],
    exprs: list[Expr],
    keys: list[ordering.Key],
) -> None:
    for item, expr in zip(items, exprs, strict=True):
        if not is_comparable(expr.type):
            message = f"DISTINCT can only be applied to comparable types (actual: {expr.type})"
            if item.node is not None:
                message += f": {format_expression(item.node)}"
            raise TrinoError("TYPE_MISMATCH", message, node.at)
    outputs = {expr.sql for expr in exprs}
    if any(key.expr.sql not in outputs for key in keys):
        message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
        raise TrinoError("EXPRESSION_NOT_IN_DISTINCT", message, node.at)


# ---- the SELECT list


def _items(node: tree.QuerySpecification, scope: Scope, analysis: Analysis) -> list[Item]:
    items: list[Item] = []
    for one in node.select:
        if isinstance(one, tree.AllColumns):
            items += _star(one, node, scope, analysis)
        else:
            assert isinstance(one, tree.SingleColumn)
            items.append(Item(_name(one), one.expression))
    return items


def _name(item: tree.SingleColumn) -> str | None:
    """Return the name of a column: its alias, or the last part of a dotted name."""
    if item.alias is not None:
        return item.alias.value
    node = item.expression
    if isinstance(node, tree.Identifier):
        return node.value
    if isinstance(node, tree.DereferenceExpression) and walk.names(node) is not None:
        return node.field.value
    return None


def _star(
    item: tree.AllColumns, node: tree.QuerySpecification, scope: Scope, analysis: Analysis
) -> list[Item]:
    if item.target is None:
        fields = [field for field in scope.fields if not field.hidden]
        if not fields:
            what = (
                "from relation that has no columns"
                if node.from_
                else ("in queries without FROM clause")
            )
            raise TrinoError("COLUMN_NOT_FOUND", f"SELECT * not allowed {what}", item.at)
        if item.aliases:
            raise TrinoError("NOT_SUPPORTED", "Column aliases not supported", item.at)
        return [Item(field.name, field=field) for field in fields]
    if (parts := walk.names(item.target)) is not None:
        found = scope.starred(parts, item.at)
        if found is None:
            message = f"Unable to resolve reference {'.'.join(parts)}"
            raise TrinoError("TABLE_NOT_FOUND", message, item.at)
        if found:
            return _aliased(item, [Item(field.name, field=field) for field in found])
    expr = analysis.expression(item.target, scope)
    if expr.type.base != "row":
        raise TrinoError("TYPE_MISMATCH", "expected expression of type Row", node.at)
    rows = relations.row_fields(expr)
    named = [Item(field.name, expr=row) for field, row in zip(expr.type.fields, rows, strict=True)]
    return _aliased(item, named)


def _aliased(item: tree.AllColumns, items: list[Item]) -> list[Item]:
    if not item.aliases:
        return items
    if len(item.aliases) != len(items):
        message = (
            f"Column alias list has {len(item.aliases)} entries but relation has "
            f"{len(items)} columns"
        )
        raise TrinoError("MISMATCHED_COLUMN_ALIASES", message, item.aliases[0].at)
    return [
        Item(alias.value, one.node, one.field, one.expr)
        for alias, one in zip(item.aliases, items, strict=True)
    ]
