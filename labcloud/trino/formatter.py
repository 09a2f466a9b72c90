"""Expressions as Trino prints them in messages and plans. Source: Trino's ExpressionFormatter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from labcloud.trino import tree
from labcloud.trino.lexer import RESERVED

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def format_expression(node: tree.Node) -> str:
    """Return an expression's text: `(avg(s) - s)`, `max(a)`, `CAST(x AS bigint)`."""
    return _FORMAT[type(node)](node)


def format_expressions(nodes: Iterable[tree.Node]) -> str:
    """Return expressions with commas between."""
    return ", ".join(format_expression(node) for node in nodes)


def format_name(parts: Iterable[tree.Identifier]) -> str:
    """Return a qualified name: `a."B c"`."""
    return ".".join(_identifier(part) for part in parts)


def _identifier(node: tree.Identifier) -> str:
    return _quoted(node.value) if node.delimited else node.value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(value: float) -> str:
    """Return what Java's DecimalFormat makes of 0.###################E0###."""
    digits, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = digits.partition(".")
    number = (whole + fraction).lstrip("0")
    power = int(exponent or 0) + len(number) - len(fraction) - 1 if number else 0
    number = number.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    return f"{sign}{number[0]}{'.' + number[1:] if number[1:] else ''}E{power}"


# ---- types


def format_type(node: tree.TypeNode) -> str:
    """Return a type's text: `decimal(10, 2)`, `ROW(x bigint)`."""
    if node.base == "row":
        return f"ROW({', '.join(_field(name, kind) for name, kind in node.args)})"
    if node.base.startswith("interval "):
        return node.base.upper()
    is_datetime = node.base.startswith("time")
    name = node.base if is_datetime else node.written or node.base
    if not node.args:
        return name
    inside = ", ".join(
        format_type(arg) if isinstance(arg, tree.TypeNode) else str(arg) for arg in node.args
    )
    head, space, tail = name.partition(" ") if is_datetime else (name, "", "")
    return f"{head}({inside}){space}{tail}"


def _field(name: str | None, kind: tree.TypeNode) -> str:
    if name is None:
        return format_type(kind)
    plain = _PLAIN.fullmatch(name) and name == name.lower() and name.upper() not in RESERVED
    return f"{name if plain else _quoted(name)} {format_type(kind)}"


# ---- calls


def _call(node: tree.FunctionCall) -> str:
    inside = format_expressions(node.arguments)
    if node.label is not None:
        inside = f"{_identifier(node.label)}.*"
    elif not node.arguments and node.name == "count":
        inside = "*"
    if node.distinct:
        inside = f"DISTINCT {inside}"
    if node.order_by:
        inside += f" {format_order(node.order_by)}"
    text = f"{node.written or node.name}({inside})"
    if node.processing:
        text = f"{node.processing} {text}"
    if node.filter is not None:
        text += _filter(node.filter)
    if node.nulls:
        text += f" {node.nulls} NULLS"
    if node.window is not None:
        text += f" OVER {_window(node.window)}"
    return text


def _filter(condition: tree.Expression) -> str:
    return f" FILTER (WHERE {format_expression(condition)})"


def _listagg(node: tree.ListAgg) -> str:
    distinct = "DISTINCT " if node.distinct else ""
    overflow = "ERROR"
    if node.overflow != "ERROR":
        counts, _, filler = node.overflow.removeprefix("TRUNCATE ").partition(" COUNT ")
        overflow = f"TRUNCATE {_string(filler)} {counts} COUNT"
    text = (
        f"LISTAGG({distinct}{format_expression(node.expression)}, {_string(node.separator)} "
        f"ON OVERFLOW  {overflow}) WITHIN GROUP ({format_order(node.order_by)})"
    )
    return text if node.filter is None else text + _filter(node.filter)


def format_order(items: tuple[tree.SortItem, ...]) -> str:
    """Return ORDER BY and its keys."""
    return f"ORDER BY {', '.join(_sort_item(item) for item in items)}"


def _sort_item(item: tree.SortItem) -> str:
    direction = "ASC" if item.ascending else "DESC"
    nulls = f" NULLS {'FIRST' if item.nulls_first else 'LAST'}" if item.nulls_written else ""
    return f"{format_expression(item.key)} {direction}{nulls}"


# ---- windows and patterns


def _window(node: tree.WindowSpecification | tree.Identifier) -> str:
    return _identifier(node) if isinstance(node, tree.Identifier) else format_window(node)


def format_window(node: tree.WindowSpecification) -> str:
    """Return a window's specification, in its brackets."""
    parts = [_identifier(node.existing)] if node.existing else []
    if node.partition_by:
        parts.append(f"PARTITION BY {format_expressions(node.partition_by)}")
    if node.order_by:
        parts.append(format_order(node.order_by))
    if node.frame is not None:
        parts.append(_frame(node.frame))
    return f"({' '.join(parts)})"


def _frame(node: tree.WindowFrame) -> str:
    clauses = dict(node.pattern)
    text = f"{node.unit} {_bound(node.start)}"
    if node.end is not None:
        text = f"{node.unit} BETWEEN {_bound(node.start)} AND {_bound(node.end)}"
    if "measures" in clauses:
        text = f"{format_measures(clauses['measures'])} {text}"
    if "skip" in clauses:
        text += f" {format_skip(clauses['skip'])}"
    if "mode" in clauses:
        text += f" {clauses['mode']}"
    if "pattern" in clauses:
        text += f" PATTERN({format_pattern(clauses['pattern'])})"
    if "subsets" in clauses:
        text += f" {format_subsets(clauses['subsets'])}"
    if "definitions" in clauses:
        text += f" {format_definitions(clauses['definitions'])}"
    return text


def _bound(node: tree.FrameBound) -> str:
    return node.kind if node.value is None else f"{format_expression(node.value)} {node.kind}"


def format_measures(measures: Any) -> str:
    """Return MEASURES of a row pattern."""
    items = (f"{format_expression(value)} AS {_identifier(name)}" for value, name in measures)
    return f"MEASURES {', '.join(items)}"


def format_skip(skip: tuple[Any, ...]) -> str:
    """Return AFTER MATCH SKIP …."""
    if skip[0] == "PAST LAST ROW":
        return "AFTER MATCH SKIP PAST LAST ROW"
    where = skip[0] if len(skip) == 1 else f"{skip[0]} {_identifier(skip[1])}"
    return f"AFTER MATCH SKIP TO {where}"


def format_subsets(subsets: Any) -> str:
    """Return SUBSET of a row pattern."""
    items = (
        f"{_identifier(name)} = ({', '.join(_identifier(label) for label in labels)})"
        for name, labels in subsets
    )
    return f"SUBSET {', '.join(items)}"


def format_definitions(definitions: Any) -> str:
    """Return DEFINE of a row pattern."""
    items = (f"{_identifier(name)} AS {format_expression(value)}" for name, value in definitions)
    return f"DEFINE {', '.join(items)}"


def format_pattern(pattern: tuple[Any, ...]) -> str:
    """Return a row pattern; see tree.PatternRecognition for its parts."""
    kind, *parts = pattern
    if kind == "var":
        return _identifier(parts[0])
    if kind in _ANCHORS:
        return _ANCHORS[kind]
    if kind == "concat":
        return f"({' '.join(format_pattern(part) for part in parts)})"
    if kind == "alt":
        return f"({' | '.join(format_pattern(part) for part in parts)})"
    if kind == "permute":
        return f"PERMUTE({', '.join(format_pattern(part) for part in parts)})"
    if kind == "exclude":
        return f"{{-{format_pattern(parts[0])}-}}"
    part, low, high, greedy = parts
    inside = format_pattern(part)
    return f"({inside}{_quantifier(low, high)}{'' if greedy else '?'})"


_ANCHORS = {"start": "^", "end": "$", "empty": "()"}
_QUANTIFIERS = {(0, None): "*", (1, None): "+", (0, 1): "?"}


def _quantifier(low: int, high: int | None) -> str:
    return _QUANTIFIERS.get((low, high)) or f"{{{low},{'' if high is None else high}}}"


# ---- forms


def _case(head: str, whens: tuple[tree.WhenClause, ...], default: tree.Expression | None) -> str:
    parts = [head]
    parts += [
        f"WHEN {format_expression(when.operand)} THEN {format_expression(when.result)}"
        for when in whens
    ]
    if default is not None:
        parts.append(f"ELSE {format_expression(default)}")
    return f"({' '.join(parts)} END)"


def _interval(node: tree.IntervalLiteral) -> str:
    sign = "-" if node.negative else ""
    end = f" TO {node.end.upper()}" if node.end else ""
    return f"INTERVAL {sign}{_string(node.value)} {node.start.upper()}{end}"


def _lambda(node: tree.Lambda) -> str:
    names = ", ".join(_identifier(name) for name in node.arguments)
    return f"({names}) -> {format_expression(node.body)}"


def _trim(node: tree.Trim) -> str:
    characters = "" if node.characters is None else f" {format_expression(node.characters)}"
    return f"trim({node.specification}{characters} FROM {format_expression(node.source)})"


def _current(node: tree.CurrentTime) -> str:
    return node.function if node.precision is None else f"{node.function}({node.precision})"


def _cast(node: tree.Cast) -> str:
    word = "TRY_CAST" if node.safe else "CAST"
    return f"{word}({format_expression(node.expression)} AS {format_type(node.type)})"


def _binary(left: tree.Expression, operator: str, right: tree.Expression) -> str:
    return f"({format_expression(left)} {operator} {format_expression(right)})"


def _unary(node: tree.ArithmeticUnary) -> str:
    value = format_expression(node.value)
    return f"-({value})" if node.sign == "-" else f"+{value}"


def _logical(node: tree.Logical) -> str:
    return f"({f' {node.operator} '.join(format_expression(term) for term in node.terms)})"


def _between(node: tree.Between) -> str:
    low, high = format_expression(node.low), format_expression(node.high)
    return f"({format_expression(node.value)} BETWEEN {low} AND {high})"


def _like(node: tree.Like) -> str:
    escape = "" if node.escape is None else f" ESCAPE {format_expression(node.escape)}"
    return f"({format_expression(node.value)} LIKE {format_expression(node.pattern)}{escape})"


def _nested(node: tree.Expression) -> str:
    """Return an element of an array: Trino's formatter begins anew, and rows look different."""
    if isinstance(node, tree.Row):
        return f"ROW({', '.join(_nested(item) for item in node.items)})"
    return format_expression(node)


def _if(node: tree.If) -> str:
    parts = [node.condition, node.true] + ([] if node.false is None else [node.false])
    return f"IF({format_expressions(parts)})"


def _query(node: tree.Query) -> str:
    from labcloud.trino.query_formatter import format_query

    return f"({format_query(node)})"


# ---- SQL/JSON


def _json_path(node: tree.JsonPathCall) -> str:
    options = dict(node.options)
    encoded = _encoding(options.get("input_format") or "JSON")
    text = f"{format_expression(node.value)}{encoded}, {format_expression(node.path)}"
    if options.get("passing"):
        text += f" PASSING {', '.join(_passed(*item) for item in options['passing'])}"
    if "returning" in options:
        text += f" RETURNING {format_type(options['returning'])}"
    if "returning_format" in options:
        text += _encoding(options["returning_format"])
    if node.function == "JSON_EXISTS":
        return f"JSON_EXISTS({text} {options.get('on_error', 'FALSE')} ON ERROR)"
    if node.function == "JSON_QUERY":
        text += _wrapping(options)
    empty = _behaviour(options.get("on_empty", "NULL"))
    error = _behaviour(options.get("on_error", "NULL"))
    return f"{node.function}({text} {empty} ON EMPTY {error} ON ERROR)"


def _encoding(name: str) -> str:
    return " FORMAT JSON" if name == "JSON" else f" FORMAT JSON ENCODING {name}"


def _passed(value: tree.Expression, name: str, is_json: bool) -> str:
    return f"{format_expression(value)}{_encoding('JSON') if is_json else ''} AS {_quoted(name)}"


def _wrapping(options: dict[str, Any]) -> str:
    wrapper = options.get("wrapper", "WITHOUT")
    text = " WITHOUT" if wrapper == "WITHOUT" else f" WITH {wrapper}"
    quotes = f" {options['quotes']} QUOTES ON SCALAR STRING" if "quotes" in options else ""
    return f"{text} ARRAY WRAPPER{quotes}"


def _behaviour(given: Any) -> str:
    return given if isinstance(given, str) else f"{given[0]} {format_expression(given[1])}"


def _json_constructor(node: tree.JsonConstructor) -> str:
    items = ", ".join(
        ("" if key is None else f"KEY {format_expression(key)} VALUE ")
        + format_expression(value)
        + (_encoding("JSON") if is_json else "")
        for key, value, is_json in node.entries
    )
    if items:
        items += " ABSENT ON NULL" if node.absent_on_null else " NULL ON NULL"
        if node.function == "JSON_OBJECT":
            items += f" {'WITH' if node.unique_keys else 'WITHOUT'} UNIQUE KEYS"
    returning = "" if node.returning is None else f" RETURNING {format_type(node.returning)}"
    return f"{node.function}({items}{returning})"


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
    tree.ArithmeticUnary: _unary,
    tree.ArithmeticBinary: lambda n: _binary(n.left, n.operator, n.right),
    tree.Concat: lambda n: f"concat({format_expressions((n.left, n.right))})",
    tree.Comparison: lambda n: _binary(n.left, n.operator, n.right),
    tree.QuantifiedComparison: lambda n: (
        f"({format_expression(n.value)} {n.operator} {n.quantifier} {_query(n.subquery)})"
    ),
    tree.Logical: _logical,
    tree.Not: lambda n: f"(NOT {format_expression(n.value)})",
    tree.Between: _between,
    tree.InList: lambda n: f"({format_expression(n.value)} IN ({format_expressions(n.items)}))",
    tree.InSubquery: lambda n: f"({format_expression(n.value)} IN {_query(n.subquery)})",
    tree.Exists: lambda n: f"(EXISTS {_query(n.subquery)})",
    tree.SubqueryExpression: lambda n: _query(n.query),
    tree.IsNull: lambda n: f"({format_expression(n.value)} IS NULL)",
    tree.IsNotNull: lambda n: f"({format_expression(n.value)} IS NOT NULL)",
    tree.Like: _like,
    tree.SearchedCase: lambda n: _case("CASE", n.whens, n.default),
    tree.SimpleCase: lambda n: _case(f"CASE {format_expression(n.operand)}", n.whens, n.default),
    tree.If: _if,
    tree.Coalesce: lambda n: f"COALESCE({format_expressions(n.operands)})",
    tree.NullIf: lambda n: f"NULLIF({format_expressions((n.first, n.second))})",
    tree.Try: lambda n: f"TRY({format_expression(n.inner)})",
    tree.Cast: _cast,
    tree.Extract: lambda n: f"EXTRACT({n.field.upper()} FROM {format_expression(n.expression)})",
    tree.AtTimeZone: lambda n: (
        f"{format_expression(n.value)} AT TIME ZONE {format_expression(n.zone)}"
    ),
    tree.CurrentTime: _current,
    tree.CurrentName: lambda n: n.function.upper(),
    tree.Trim: _trim,
    tree.Row: lambda n: f"ROW ({format_expressions(n.items)})",
    tree.Array: lambda n: f"ARRAY[{','.join(_nested(item) for item in n.items)}]",
    tree.Subscript: lambda n: f"{_nested(n.base)}[{_nested(n.index)}]",
    tree.Lambda: _lambda,
    tree.GroupingOperation: lambda n: f"GROUPING ({format_expressions(n.columns)})",
    tree.FunctionCall: _call,
    tree.WindowOperation: lambda n: f"{_identifier(n.name)} OVER {_window(n.window)}",
    tree.JsonPathCall: _json_path,
    tree.JsonConstructor: _json_constructor,
    tree.ListAgg: _listagg,
}
