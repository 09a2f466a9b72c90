"""ORDER BY, OFFSET, LIMIT and FETCH FIRST."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labcloud.trino import tree
from labcloud.trino.block import Block, wrap
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.scope import Scope
from labcloud.trino.types import BIGINT, can_coerce, is_orderable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


@dataclass(frozen=True, slots=True)
class Key:
    """A sort key: its SQL, direction and place of nulls."""

    expr: Expr
    ascending: bool
    nulls_first: bool

    @property
    def sql(self) -> str:
        """The value to sort by, as it compares."""
        return comparable(self.expr)

    def order(self, sql: str | None = None) -> str:
        """The key as ORDER BY writes it, by `sql` where it is given."""
        way = "" if self.ascending else " DESC"
        nulls = "FIRST" if self.nulls_first else "LAST"
        return f"{sql or self.sql}{way} NULLS {nulls}"


def comparable(expr: Expr) -> str:
    """Return SQL that sorts and groups as Trino sorts the values (timestamps by their instant)."""
    if expr.type.base.endswith("with time zone"):
        from labcloud.trino import temporal

        return temporal.compare_key(expr)
    if expr.type.base == "map":  # equal whatever the order of its entries
        return f"list_sort(map_entries({expr.sql}))"
    return expr.sql


def query_keys(
    items: Sequence[tree.SortItem],
    scope: Scope,
    outputs: Sequence[Expr],
    analysis: Analysis,
    node: tree.Node,
) -> list[Key]:
    """Compile a query's ORDER BY; an integer names an output column.

    Raises INVALID_COLUMN_REFERENCE, TYPE_MISMATCH, and what expressions raise.
    """
    keys = []
    for item in items:
        if isinstance(item.key, tree.LongLiteral):
            if not 1 <= item.key.value <= len(outputs):
                message = f"ORDER BY position {item.key.value} is not in select list"
                raise TrinoError("INVALID_COLUMN_REFERENCE", message, item.key.at)
            expr = outputs[item.key.value - 1]
        else:
            expr = analysis.expression(item.key, scope)
        if not is_orderable(expr.type):
            shown = format_expression(item.key)
            message = (
                f"Type {expr.type} is not orderable, and therefore cannot be used in ORDER BY: "
                f"{shown}"
            )
            raise TrinoError("TYPE_MISMATCH", message, node.at)
        keys.append(Key(expr, item.ascending, item.nulls_first))
    return keys


def clause(keys: Sequence[Key], outputs: Sequence[Expr]) -> str:
    """Return ORDER BY; a key that is an output column goes by its number."""
    numbers = {item.sql: str(i) for i, item in reversed(list(enumerate(outputs, 1)))}
    parts = []
    for key in keys:
        number = numbers.get(key.sql)
        if number is None and not _varies(key.sql):
            continue
        parts.append(key.order(number))
    return f" ORDER BY {', '.join(parts)}" if parts else ""


def _varies(sql: str) -> bool:
    """Return whether the value may differ from row to row; a bare integer would be a position."""
    return "(" in sql or '"' in sql


def sort_keys(items: Sequence[tree.SortItem], scope: Scope, analysis: Analysis) -> str:
    """Return the keys of an ORDER BY inside an aggregate. Raises TYPE_MISMATCH."""
    keys = []
    for item in items:
        expr = analysis.expression(item.key, scope)
        if not is_orderable(expr.type):
            message = f"ORDER BY can only be applied to orderable types (actual: {expr.type})"
            raise TrinoError("TYPE_MISMATCH", message, item.key.at)
        if not expr.constant:
            keys.append(Key(expr, item.ascending, item.nulls_first).order())
    return ", ".join(keys)


def limited(block: Block, node: tree.Query, analysis: Analysis) -> Block:
    """Add OFFSET, LIMIT and FETCH FIRST. Raises MISSING_ORDER_BY and errors of their numbers."""
    offset = _number(node.offset, "OFFSET", node, analysis)
    limit = _number(node.limit, "LIMIT", node, analysis)
    if node.with_ties and not node.order_by:
        message = "FETCH FIRST WITH TIES clause requires ORDER BY"
        raise TrinoError("MISSING_ORDER_BY", message, node.limit_at)
    if offset is None and limit is None:
        return block
    if block.limit or (block.with_ and node.with_ties):
        block = wrap(block, analysis)
    if node.with_ties and limit is not None:
        return _with_ties(block, limit, offset or 0, analysis)
    text = f" LIMIT {limit}" if limit is not None else ""
    if offset is not None:
        text += f" OFFSET {offset}"
    return replace(block, limit=text)


def _with_ties(block: Block, limit: int, offset: int, analysis: Analysis) -> Block:
    """Keep the rows up to the last of the limit, and those that tie with it."""
    if block.distinct:
        block = outside(block, analysis)
    over = f"OVER (ORDER BY {', '.join(key.order() for key in block.keys)})"
    tail = f"{block.tail} QUALIFY rank() {over} <= {limit + offset}"
    if offset:
        tail += f" AND row_number() {over} > {offset}"
    return replace(block, tail=tail, origins=[])


def outside(block: Block, analysis: Analysis) -> Block:
    """Return a DISTINCT block as a relation; its ORDER BY, all of it columns, goes around it."""
    numbers = {item.sql: i for i, item in enumerate(block.items)}
    found = [numbers[key.expr.sql] for key in block.keys]
    outer = wrap(replace(block, keys=()), analysis)
    keys = [
        replace(key, expr=outer.items[number])
        for key, number in zip(block.keys, found, strict=True)
    ]
    return replace(outer, keys=tuple(keys))


def distinct(block: Block, analysis: Analysis) -> Block:
    """Return the block's rows once each: of timestamps of one instant, one stays."""
    if not any(comparable(item) != item.sql for item in block.items):
        return replace(block, distinct=True)
    outer = outside(block, analysis)
    grouped = ", ".join(comparable(item) for item in outer.items)
    values = [
        item if comparable(item) == item.sql else Expr(f"any_value({item.sql})", item.type)
        for item in outer.items
    ]
    changed = {old.sql: new for old, new in zip(outer.items, values, strict=True)}
    keys = tuple(replace(key, expr=changed[key.expr.sql]) for key in outer.keys)
    tail = f"{outer.tail} GROUP BY {grouped}"
    return replace(outer, items=values, keys=keys, tail=tail, origins=[])


def _number(value: Any, clause_name: str, node: tree.Query, analysis: Analysis) -> int | None:
    if isinstance(value, tree.Parameter):
        value = _parameter(value, clause_name, analysis)
    if value is None:
        return None
    number = int(value)
    limits = clause_name == "LIMIT"
    at = node.limit_at if limits else node.offset_at
    if limits and node.fetch and number < 1:
        message = f"FETCH FIRST row count must be positive (actual value: {number})"
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message, at)
    if number < 0:
        message = f"{clause_name} row count must be greater or equal to 0 (actual value: {number})"
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message, at)
    return number


def _parameter(value: tree.Parameter, clause_name: str, analysis: Analysis) -> int:
    node = analysis.parameters[value.index]
    given = analysis.expression(node, Scope([]))
    if not given.constant:
        message = f"Non constant parameter value for {clause_name}: {format_expression(node)}"
        raise TrinoError("INVALID_ARGUMENTS", message, value.at)
    if given.value is None:
        message = f"Parameter value provided for {clause_name} is NULL: {format_expression(node)}"
        raise TrinoError("INVALID_ARGUMENTS", message, value.at)
    if not can_coerce(given.type, BIGINT):
        message = f"Cannot cast type {given.type} to bigint"
        raise TrinoError("TYPE_MISMATCH", message, value.at)
    return int(given.value)
