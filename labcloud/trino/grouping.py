"""GROUP BY, aggregation, GROUPING(): what Trino's AggregationAnalyzer checks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labcloud.trino import ordering, pruning, tree, walk
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.scope import Field, Scope, canonical
from labcloud.trino.types import BIGINT, INTEGER, is_comparable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.select import Item

MAX_SETS = 2048


@dataclass(slots=True)
class Key:
    """One expression of GROUP BY: how it was written, what to group by, and its value."""

    node: tree.Expression | None
    expr: Expr
    sql: str


@dataclass(slots=True)
class Groups:
    """A query's grouping: its keys, the sets of keys (by number), the names inside it.

    `aggregated` is whether the SELECT list or HAVING aggregates; else DuckDB needs `GROUP BY ()`.
    """

    scope: Scope
    keys: list[Key] = field(default_factory=list)
    sets: list[tuple[int, ...]] = field(default_factory=list)
    aggregated: bool = False
    known: set[Any] = field(default_factory=set)
    """The keys as `canonical` has them."""

    def clause(self) -> str:
        """Return GROUP BY as DuckDB has it."""
        written = [f"({', '.join(self.keys[i].sql for i in one)})" for one in self.sets]
        if self.sets == [()]:
            return "" if self.aggregated else " GROUP BY ()"
        if len(self.sets) == 1:
            return f" GROUP BY {written[0][1:-1]}"
        return f" GROUP BY GROUPING SETS ({', '.join(written)})"

    def plain_keys(self) -> set[str]:
        """Return the SQL of the keys on which a condition may go below the grouping."""
        if len(self.sets) != 1:
            return set()
        return {key.expr.sql for key in self.keys}

    def star_column(self, column: Field) -> Expr:
        """Return a column that `*` stands for. Raises EXPRESSION_NOT_AGGREGATE."""
        for key in self.keys:
            if key.sql == column.sql or key.expr.sql == column.sql:
                return key.expr
        name = (
            f"'{column.name}'"
            if column.qualifier is None
            else (f"'{'.'.join(column.qualifier)}.{column.name}'")
        )
        if column.name is None:
            name = str(self.scope.fields.index(column) + 1)
        raise TrinoError("EXPRESSION_NOT_AGGREGATE", f"Column {name} not in GROUP BY clause")


def analyze(
    node: tree.QuerySpecification,
    items: Sequence[Item],
    order_by: tuple[tree.SortItem, ...],
    scope: Scope,
    analysis: Analysis,
) -> Groups | None:
    """Return a query's grouping; None where it neither groups nor aggregates."""
    nodes = tuple(item.node for item in items if item.node is not None)
    if node.group_by is None:
        if node.having is None and not walk.aggregates((*nodes, *order_by)):
            return None
        aggregated = bool(walk.aggregates((*nodes, node.having or ())))
        return Groups(_inside(scope, []), sets=[()], aggregated=aggregated)
    _check_count(node.group_by)
    keys: list[Key] = []
    numbers: dict[Any, int] = {}
    elements = []
    for kind, content in node.group_by.elements:
        sets = []
        for part in _expanded(kind, content):
            found = []
            for one in part:
                key = _key(one, kind, node, items, scope, analysis)
                name = key.expr.sql if key.node is None else canonical(key.node, scope)
                if name not in numbers:
                    numbers[name] = len(keys)
                    keys.append(key)
                found.append(numbers[name])
            sets.append(tuple(dict.fromkeys(found)))
        elements.append(sets)
    product = [
        tuple(dict.fromkeys(itertools.chain.from_iterable(one)))
        for one in itertools.product(*elements)
    ]
    if node.group_by.distinct:
        product = list({frozenset(one): one for one in reversed(product)}.values())[::-1]
    groups = Groups(_inside(scope, keys), keys, product, known=set(numbers))
    _settle(groups, analysis)
    return groups


def _check_count(node: tree.GroupBy) -> None:
    """Raise TOO_MANY_GROUPING_SETS before they are written out."""
    total = 1
    for kind, content in node.elements:
        size = len(content)
        total *= {"simple": 1, "sets": size, "rollup": size + 1}.get(kind, 1 << size)
        if total > MAX_SETS:
            shown = f"{total}" if total < 2**31 else "more than 2147483647"
            message = f"GROUP BY has {shown} grouping sets but can contain at most {MAX_SETS}"
            raise TrinoError("TOO_MANY_GROUPING_SETS", message, node.at)


def _inside(scope: Scope, keys: list[Key]) -> Scope:
    """Return the scope of expressions over groups."""
    return Scope(
        scope.fields,
        scope.parent,
        windows=scope.windows,
        keys=frozenset(key.sql for key in keys),
    )


def _settle(groups: Groups, analysis: Analysis) -> None:
    """Let the keys' values take the places of the expressions."""
    for key in groups.keys:
        analysis.reads(key.sql)
        grouped = ordering.comparable(key.expr)
        if grouped != key.expr.sql:
            key.sql = grouped
            value = f"any_value({key.expr.sql})"
            if len(groups.sets) > 1:
                value = f"CASE WHEN GROUPING({grouped}) = 0 THEN {value} END"
                value = f"({value})"
            key.expr = Expr(value, key.expr.type)
        if key.node is not None:
            groups.scope.replaced[key.node] = key.expr


def _expanded(kind: str, content: tuple[Any, ...]) -> Iterator[tuple[tree.Expression, ...]]:
    """Yield the grouping sets of one element of GROUP BY."""
    if kind == "simple":
        yield content
    elif kind == "sets":
        yield from content
    elif kind == "rollup":
        for length in range(len(content), -1, -1):
            yield tuple(itertools.chain.from_iterable(content[:length]))
    else:
        for length in range(len(content), -1, -1):
            for some in itertools.combinations(content, length):
                yield tuple(itertools.chain.from_iterable(some))


def _key(
    node: tree.Expression,
    kind: str,
    spec: tree.Node,
    items: Sequence[Item],
    scope: Scope,
    analysis: Analysis,
) -> Key:
    if isinstance(node, tree.LongLiteral) and kind == "simple":
        if not 1 <= node.value <= len(items):
            message = f"GROUP BY position {node.value} is not in select list"
            raise TrinoError("INVALID_COLUMN_REFERENCE", message, node.at)
        item = items[node.value - 1]
        if item.node is None:
            expr = item.expr if item.expr is not None else item.field.expr  # type: ignore[union-attr]
            return _made(None, expr, spec)
        node = item.node
    pruning.scalar_only(node, "GROUP BY clause", node)
    expr = analysis.expression(node, scope)
    if kind != "simple" and (walk.names(node) is None or scope.resolve(node) is None):  # type: ignore[arg-type]
        message = f"GROUP BY expression must be a column reference: {format_expression(node)}"
        raise TrinoError("INVALID_COLUMN_REFERENCE", message, node.at)
    return _made(node, expr, spec)


def _made(node: tree.Expression | None, expr: Expr, at: tree.Node) -> Key:
    if not is_comparable(expr.type):
        message = f"{expr.type} is not comparable, and therefore cannot be used in GROUP BY"
        raise TrinoError("TYPE_MISMATCH", message, at.at)
    if '"' not in expr.sql and "(" not in expr.sql:  # DuckDB takes an integer for a position
        from labcloud.trino.types import duckdb_type

        expr = Expr(f"CAST({expr.sql} AS {duckdb_type(expr.type)})", expr.type)
    return Key(node, expr, expr.sql)


# ---- GROUPING()


def grouping_operation(node: tree.GroupingOperation, scope: Scope, analysis: Analysis) -> Expr:
    """Compile GROUPING(a, b): a bit for each argument that is not in the row's grouping set."""
    if len(node.columns) > 63:
        message = "GROUPING supports up to 63 column arguments"
        raise TrinoError("TOO_MANY_ARGUMENTS", message, node.at)
    kind = INTEGER if len(node.columns) <= 31 else BIGINT
    cells = [analysis.expression(one, scope) for one in node.columns]
    inside = ", ".join(ordering.comparable(cell) for cell in cells)
    return Expr(f"CAST(GROUPING({inside}) AS {kind.base.upper()})", kind)


# ---- what may stand in a grouped query


def verify(
    node: tree.Expression, groups: Groups, scope: Scope, outputs: set[int] | None = None
) -> None:
    """Check that an expression has one value for a group.

    `outputs` are the ids of the columns of SELECT that ORDER BY may name.
    Raises EXPRESSION_NOT_AGGREGATE, NESTED_AGGREGATION, NESTED_WINDOW, INVALID_ARGUMENTS.
    """
    if not _Verifier(groups, scope, outputs or set()).visit(node):
        message = (
            f"'{format_expression(node)}' must be an aggregate expression or appear in "
            "GROUP BY clause"
        )
        raise TrinoError("EXPRESSION_NOT_AGGREGATE", message, node.at)


class _Verifier:
    def __init__(self, groups: Groups, scope: Scope, outputs: set[int]) -> None:
        self.groups, self.scope, self.outputs = groups, scope, outputs
        self.bound: list[set[str]] = []

    def visit(self, node: tree.Node) -> bool:
        if isinstance(node, tree.Expression) and self._known(node):
            return True
        if isinstance(node, tree.Query):
            for inner in walk.walk(node) if self.groups.scope.misused else ():
                if (error := self.groups.scope.misused.get(inner.at)) is not None:
                    raise error
            return True
        if walk.is_aggregate(node):
            self._check_aggregate(node)
            return True
        if isinstance(node, tree.GroupingOperation):
            self._check_grouping(node)
            return True
        if isinstance(node, tree.Identifier | tree.DereferenceExpression):
            return self._column(node)
        if isinstance(node, tree.Lambda):
            self.bound.append({one.value.lower() for one in node.arguments})
            try:
                return self.visit(node.body)
            finally:
                self.bound.pop()
        if isinstance(node, tree.TypeNode):
            return True
        if isinstance(node, tree.FunctionCall):
            return self._call(node)
        return all(self.visit(child) for child in walk.children(node))

    def _known(self, node: tree.Expression) -> bool:
        if canonical(node, self.scope) not in self.groups.known:
            return False
        names = [walk.names(one) for one in walk.walk(node)] if self.bound else []
        return not any(name and name[0] in bound for name in names for bound in self.bound)

    def _call(self, node: tree.FunctionCall) -> bool:
        if isinstance(node.window, tree.WindowSpecification):
            self._window(node.window)
        parts: list[Any] = [*node.arguments, *node.order_by]
        if node.filter is not None:
            parts.append(node.filter)
        return all(self.visit(part) for part in parts)

    def _window(self, window: tree.WindowSpecification) -> None:
        wanted = "must be an aggregate expression or appear in GROUP BY clause"
        keys = [("PARTITION BY", one) for one in window.partition_by]
        keys += [("ORDER BY", one.key) for one in window.order_by]
        for clause, key in keys:
            if not self.visit(key):
                message = f"{clause} expression '{format_expression(key)}' {wanted}"
                raise TrinoError("EXPRESSION_NOT_AGGREGATE", message, key.at)
        if window.frame is None:
            return
        for word, bound in (("start", window.frame.start), ("end", window.frame.end)):
            if bound is not None and bound.value is not None and not self.visit(bound.value):
                message = f"Window frame {word} {wanted}"
                raise TrinoError("EXPRESSION_NOT_AGGREGATE", message, bound.value.at)

    def _column(self, node: tree.Identifier | tree.DereferenceExpression) -> bool:
        names = walk.names(node)
        if names is None:
            assert isinstance(node, tree.DereferenceExpression)
            return self.visit(node.base)
        if any(names[0] in bound for bound in self.bound):
            return True
        column = self.scope.find(names, node.at)
        if column is None:
            if isinstance(node, tree.DereferenceExpression):
                return self.visit(node.base)
            return True
        if id(column) in self.outputs:
            return True
        if not any(column is own for own in self.groups.scope.fields):
            return True
        return any(key.sql == column.sql or key.expr.sql == column.sql for key in self.groups.keys)

    def _check_aggregate(self, node: tree.Node) -> None:
        inside = tuple(walk.children(node))
        name = node.name if isinstance(node, tree.FunctionCall) else "listagg"
        if found := walk.aggregates(inside):
            shown = ", ".join(format_expression(one) for one in found)
            message = f"Cannot nest aggregations inside aggregation '{name}': [{shown}]"
            raise TrinoError("NESTED_AGGREGATION", message, node.at)
        if found := walk.windows(inside):
            shown = ", ".join(format_expression(one) for one in found)
            message = (
                "Cannot nest window functions or row pattern measures inside aggregation "
                f"'{name}': [{shown}]"
            )
            raise TrinoError("NESTED_WINDOW", message, node.at)
        assert isinstance(node, tree.FunctionCall | tree.ListAgg)
        arguments = (node.expression,) if isinstance(node, tree.ListAgg) else node.arguments
        self._check_sorting(node, arguments)
        parts = (arguments, node.filter or ())
        self._no_outputs(
            parts,
            "COLUMN_NOT_FOUND",
            "Invalid reference to output projection attribute from ORDER BY aggregation",
        )

    def _check_sorting(
        self, node: tree.FunctionCall | tree.ListAgg, arguments: tuple[tree.Expression, ...]
    ) -> None:
        """DISTINCT sorts only by what it keeps; a sort key is no column of SELECT."""
        if node.distinct:
            kept = {canonical(one, self.scope) for one in arguments}
            for item in node.order_by:
                if canonical(item.key, self.scope) not in kept:
                    message = (
                        "For aggregate function with DISTINCT, ORDER BY expressions must appear "
                        "in arguments"
                    )
                    raise TrinoError("EXPRESSION_NOT_IN_DISTINCT", message, item.key.at)
        self._no_outputs(
            node.order_by,
            "COLUMN_NOT_FOUND",
            "ORDER BY clause in aggregation function must not reference query output columns",
        )

    def _no_outputs(self, inside: Any, name: str, message: str) -> None:
        """Refuse columns of SELECT in parts of ORDER BY that work on the rows before it."""
        if not self.outputs:
            return
        for one in walk.find(inside, lambda node: walk.names(node) is not None):
            column = self.scope.find(walk.names(one) or ())
            if column is not None and id(column) in self.outputs:
                raise TrinoError(name, message, one.at)

    def _check_grouping(self, node: tree.GroupingOperation) -> None:
        self._no_outputs(
            node.columns,
            "INVALID_ARGUMENTS",
            "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY",
        )
        for one in node.columns:
            if canonical(one, self.scope) not in self.groups.known:
                message = (
                    "The arguments to GROUPING() must be expressions referenced by the GROUP BY "
                    f"at the associated query level. Mismatch due to {format_expression(one)}."
                )
                raise TrinoError("INVALID_ARGUMENTS", message, node.at)
