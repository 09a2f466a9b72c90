"""Expressions as Trino prints them in messages. Source: Trino's ExpressionFormatter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from labcloud.trino import tree
from labcloud.trino.lexer import RESERVED

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def format_expression(node: tree.Node) -> str:
    """Return an expression's text: `(avg(s) - s)`, `max(a)`, `CAST(x AS bigint)`."""
    return _FORMAT[type(node)](node)


def _many(nodes: tuple[tree.Node, ...]) -> str:
    return ", ".join(format_expression(node) for node in nodes)


def _identifier(node: tree.Identifier) -> str:
    if not node.delimited and _PLAIN.fullmatch(node.value) and node.value.upper() not in RESERVED:
        return node.value
    return '"' + node.value.replace('"', '""') + '"'


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(value: float) -> str:
    text = f"{value:.15E}"
    digits, _, exponent = text.partition("E")
    digits = digits.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def format_type(node: tree.TypeNode) -> str:
    """Return a type's text."""
    if node.base == "row":
        inside = ", ".join(
            (f"{name} " if name else "") + format_type(kind) for name, kind in node.args
        )
        return f"ROW({inside})"
    if not node.args:
        return node.base
    inside = ", ".join(
        format_type(a) if isinstance(a, tree.TypeNode) else str(a) for a in node.args
    )
    head, space, tail = node.base.partition(" ")
    return f"{head}({inside}){space}{tail}"


def _call(node: tree.FunctionCall) -> str:
    inside = _many(node.arguments)
    if node.star:
        inside = f"{_identifier(node.label)}.*" if node.label else "*"
    if node.distinct:
        inside = f"DISTINCT {inside}"
    if node.order_by:
        inside += f" {_order(node.order_by)}"
    name = ".".join(
        part if _PLAIN.fullmatch(part) else f'"{part}"' for part in node.name.split(".")
    )
    text = f"{name}({inside})"
    if node.processing:
        text = f"{node.processing} {text}"
    if node.nulls:
        text += f" {node.nulls} NULLS"
    if node.filter is not None:
        text += f" FILTER (WHERE {format_expression(node.filter)})"
    if node.window is not None:
        text += f" OVER {_window(node.window)}"
    return text


def _order(items: tuple[tree.SortItem, ...]) -> str:
    return "ORDER BY " + ", ".join(
        f"{format_expression(i.key)} {'ASC' if i.ascending else 'DESC'} "
        f"NULLS {'FIRST' if i.nulls_first else 'LAST'}"
        for i in items
    )


def _window(node: tree.WindowSpecification | tree.Identifier) -> str:
    if isinstance(node, tree.Identifier):
        return _identifier(node)
    parts = [_identifier(node.existing)] if node.existing else []
    if node.partition_by:
        parts.append(f"PARTITION BY {_many(node.partition_by)}")
    if node.order_by:
        parts.append(_order(node.order_by))
    if node.frame is not None:
        start, end = node.frame.start, node.frame.end
        bounds = _bound(start) if end is None else f"BETWEEN {_bound(start)} AND {_bound(end)}"
        parts.append(f"{node.frame.unit} {bounds}")
    return f"({' '.join(parts)})"


def _bound(node: tree.FrameBound) -> str:
    if node.value is None:
        return node.kind
    return f"{format_expression(node.value)} {node.kind}"


def _case(head: str, whens: tuple[tree.WhenClause, ...], default: tree.Expression | None) -> str:
    parts = [head]
    parts += [
        f"WHEN {format_expression(w.operand)} THEN {format_expression(w.result)}" for w in whens
    ]
    if default is not None:
        parts.append(f"ELSE {format_expression(default)}")
    return f"({' '.join(parts)} END)"


def _not(node: tree.Not) -> str:
    return f"(NOT {format_expression(node.value)})"


def _interval(node: tree.IntervalLiteral) -> str:
    sign = "-" if node.negative else ""
    end = f" TO {node.end.upper()}" if node.end else ""
    return f"INTERVAL {sign}'{node.value}' {node.start.upper()}{end}"


def _lambda(node: tree.Lambda) -> str:
    names = ", ".join(_identifier(name) for name in node.arguments)
    return f"({names}) -> {format_expression(node.body)}"


def _trim(node: tree.Trim) -> str:
    characters = f" {format_expression(node.characters)}" if node.characters else ""
    return f"trim({node.specification}{characters} FROM {format_expression(node.source)})"


def _current(node: tree.CurrentTime) -> str:
    precision = f"({node.precision})" if node.precision is not None else ""
    return f"{node.function}{precision}"


def _cast(node: tree.Cast) -> str:
    word = "TRY_CAST" if node.safe else "CAST"
    return f"{word}({format_expression(node.expression)} AS {format_type(node.type)})"


def _comparison(node: tree.Comparison) -> str:
    left, right = format_expression(node.left), format_expression(node.right)
    return f"({left} {node.operator} {right})"


def _like(node: tree.Like) -> str:
    escape = f" ESCAPE {format_expression(node.escape)}" if node.escape else ""
    return f"({format_expression(node.value)} LIKE {format_expression(node.pattern)}{escape})"


def _listagg(node: tree.ListAgg) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    return (
        f"LISTAGG({distinct}{format_expression(node.expression)}, {_string(node.separator)}) "
        f"WITHIN GROUP ({_order(node.order_by)})"
    )


def _json(node: tree.JsonPathCall) -> str:
    return f"{node.function}({format_expression(node.value)}, {_string(node.path.value)})"


def _json_constructor(node: tree.JsonConstructor) -> str:
    items = ", ".join(
        (f"KEY {format_expression(key)} VALUE " if key is not None else "")
        + format_expression(value)
        for key, value, _ in node.entries
    )
    return f"{node.function}({items})"


_SUBQUERY = "(subquery)"

_FORMAT: dict[type[Any], Callable[[Any], str]] = {
    tree.Identifier: _identifier,
    tree.DereferenceExpression: lambda n: f"{format_expression(n.base)}.{_identifier(n.field)}",
    tree.NullLiteral: lambda n: "null",
    tree.BooleanLiteral: lambda n: str(n.value).lower(),
    tree.LongLiteral: lambda n: str(n.value),
    tree.DecimalLiteral: lambda n: f"DECIMAL '{n.text}'",
    tree.DoubleLiteral: lambda n: _double(n.value),
    tree.StringLiteral: lambda n: _string(n.value),
    tree.BinaryLiteral: lambda n: f"X'{n.value.hex().upper()}'",
    tree.GenericLiteral: lambda n: f"{n.type.upper()} {_string(n.value)}",
    tree.IntervalLiteral: _interval,
    tree.Parameter: lambda n: "?",
    tree.ArithmeticUnary: lambda n: f"{n.sign}{format_expression(n.value)}",
    tree.ArithmeticBinary: lambda n: (
        f"({format_expression(n.left)} {n.operator} {format_expression(n.right)})"
    ),
    tree.Concat: lambda n: f"concat({format_expression(n.left)}, {format_expression(n.right)})",
    tree.Comparison: _comparison,
    tree.QuantifiedComparison: lambda n: (
        f"({format_expression(n.value)} {n.operator} {n.quantifier} {_SUBQUERY})"
    ),
    tree.Logical: lambda n: (
        "(" + f" {n.operator} ".join(format_expression(x) for x in n.terms) + ")"
    ),
    tree.Not: _not,
    tree.Between: lambda n: (
        f"({format_expression(n.value)} BETWEEN {format_expression(n.low)} "
        f"AND {format_expression(n.high)})"
    ),
    tree.InList: lambda n: f"({format_expression(n.value)} IN ({_many(n.items)}))",
    tree.InSubquery: lambda n: f"({format_expression(n.value)} IN {_SUBQUERY})",
    tree.Exists: lambda n: f"(EXISTS {_SUBQUERY})",
    tree.SubqueryExpression: lambda n: _SUBQUERY,
    tree.IsNull: lambda n: f"({format_expression(n.value)} IS NULL)",
    tree.IsNotNull: lambda n: f"({format_expression(n.value)} IS NOT NULL)",
    tree.Like: _like,
    tree.SearchedCase: lambda n: _case("CASE", n.whens, n.default),
    tree.SimpleCase: lambda n: _case(f"CASE {format_expression(n.operand)}", n.whens, n.default),
    tree.If: lambda n: (
        f"IF({_many((n.condition, n.true, *((n.false,) if n.false is not None else ())))})"
    ),
    tree.Coalesce: lambda n: f"COALESCE({_many(n.operands)})",
    tree.NullIf: lambda n: f"NULLIF({_many((n.first, n.second))})",
    tree.Try: lambda n: f"TRY({format_expression(n.inner)})",
    tree.Cast: _cast,
    tree.Extract: lambda n: f"EXTRACT({n.field.upper()} FROM {format_expression(n.expression)})",
    tree.AtTimeZone: lambda n: (
        f"{format_expression(n.value)} AT TIME ZONE {format_expression(n.zone)}"
    ),
    tree.CurrentTime: _current,
    tree.CurrentName: lambda n: n.function.upper(),
    tree.Trim: _trim,
    tree.Row: lambda n: f"ROW ({_many(n.items)})",
    tree.Array: lambda n: f"ARRAY[{_many(n.items)}]",
    tree.Subscript: lambda n: f"{format_expression(n.base)}[{format_expression(n.index)}]",
    tree.Lambda: _lambda,
    tree.GroupingOperation: lambda n: f"GROUPING ({_many(n.columns)})",
    tree.FunctionCall: _call,
    tree.JsonPathCall: _json,
    tree.JsonConstructor: _json_constructor,
    tree.ListAgg: _listagg,
}
