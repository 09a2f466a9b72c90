"""Expressions, node by node: Trino's ExpressionAnalyzer, with DuckDB's SQL as the outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labcloud.trino import (
    casts,
    comparisons,
    conditionals,
    literals,
    operators,
    subscripts,
    temporal,
    tree,
    walk,
)
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.functions import resolve
from labcloud.trino.types import UNKNOWN, VARCHAR, array, duckdb_type, row

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.scope import Scope


def compile(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr:  # noqa: A001
    """Compile an expression. Raises TrinoError, with positions where Trino gives them."""
    if type(node) in _COMPILERS_OF_LITERALS:
        return literals.literal(node, analysis)
    if (known := scope.replaced.get(node)) is not None:
        return known
    compiler = _COMPILERS.get(type(node))
    if compiler is None:
        message = f"not yet implemented: {type(node).__name__}"
        raise TrinoError("NOT_SUPPORTED", message, node.at)
    return compiler(node, scope, analysis)


# ---- names


def _identifier(node: tree.Identifier, scope: Scope, analysis: Analysis) -> Expr:
    found = scope.resolve(node)
    assert found is not None
    return found


def _dereference(node: tree.DereferenceExpression, scope: Scope, analysis: Analysis) -> Expr:
    """A column by its qualified name, or a field of a row."""
    names = walk.names(node)
    if names is not None and (found := scope.resolve(node)) is not None:
        return found
    base = analysis.expression(node.base, scope)
    if base.type.base != "row":
        shown = format_expression(node.base)
        message = f"Expression {shown} is not of type ROW"
        raise TrinoError("TYPE_MISMATCH", message, node.base.at)
    name = node.field.value.lower()
    found_at = [
        number
        for number, field in enumerate(base.type.fields)
        if field.name is not None and field.name.lower() == name
    ]
    if len(found_at) > 1:
        message = f"Ambiguous row field reference: {node.field.value}"
        raise TrinoError("AMBIGUOUS_NAME", message, node.field.at)
    if not found_at and names is not None:
        message = f"Column reference '{'.'.join(names)}' is invalid"
        raise TrinoError("INVALID_COLUMN_REFERENCE", message, node.at)
    if not found_at:
        message = f"Column '{format_expression(node)}' cannot be resolved"
        raise TrinoError("COLUMN_NOT_FOUND", message, node.at)
    return subscripts.field(base, found_at[0])


def _parameter(node: tree.Parameter, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.scope import Scope as Names

    given = analysis.parameters
    if node.index >= len(given):
        message = (
            f"Incorrect number of parameters: expected {node.index + 1} but found {len(given)}"
        )
        raise TrinoError("INVALID_PARAMETER_USAGE", message, node.at)
    return analysis.expression(given[node.index], Names([]))


# ---- operators


def _unary(node: tree.ArithmeticUnary, scope: Scope, analysis: Analysis) -> Expr:
    value = analysis.expression(node.value, scope)
    negated = operators.negate(value, node.at)
    return negated if node.sign == "-" else value


def _binary(node: tree.ArithmeticBinary, scope: Scope, analysis: Analysis) -> Expr:
    left, right = analysis.expression(node.left, scope), analysis.expression(node.right, scope)
    return operators.arithmetic(node.operator, left, right, analysis, node.at)


def _concat(node: tree.Concat, scope: Scope, analysis: Analysis) -> Expr:
    operands = [analysis.expression(one, scope) for one in (node.left, node.right)]
    return resolve.named("concat", operands, analysis, node.at)


def _comparison(node: tree.Comparison, scope: Scope, analysis: Analysis) -> Expr:
    left, right = analysis.expression(node.left, scope), analysis.expression(node.right, scope)
    return comparisons.compare(node.operator, left, right, analysis, node.at)


def _between(node: tree.Between, scope: Scope, analysis: Analysis) -> Expr:
    value, low, high = (analysis.expression(x, scope) for x in (node.value, node.low, node.high))
    return comparisons.between(value, low, high, analysis, node.at)


def _in_list(node: tree.InList, scope: Scope, analysis: Analysis) -> Expr:
    value = analysis.expression(node.value, scope)
    items = [analysis.expression(item, scope) for item in node.items]
    kind = conditionals.single_type(
        (node.value, *node.items), [value, *items], "IN value and list items"
    )
    return comparisons.in_list(value, items, kind, analysis)


def _like(node: tree.Like, scope: Scope, analysis: Analysis) -> Expr:
    value = _text(node.value, "Left side of LIKE expression", ("varchar", "char"), scope, analysis)
    pattern = _text(node.pattern, "Pattern for LIKE expression", ("varchar",), scope, analysis)
    escape = None
    if node.escape is not None:
        escape = _text(node.escape, "Escape for LIKE expression", ("varchar",), scope, analysis)
    return comparisons.like(value, pattern, escape)


def _text(
    node: tree.Expression, what: str, bases: tuple[str, ...], scope: Scope, analysis: Analysis
) -> Expr:
    expr = analysis.expression(node, scope)
    if expr.type == UNKNOWN:
        return literals.null(VARCHAR)
    if expr.type.base not in bases:
        message = f"{what} must evaluate to a varchar (actual: {expr.type})"
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    return expr


def _is_null(node: tree.IsNull | tree.IsNotNull, scope: Scope, analysis: Analysis) -> Expr:
    value = analysis.expression(node.value, scope)
    return conditionals.is_null(value, isinstance(node, tree.IsNotNull))


# ---- casts and constructors


def _cast(node: tree.Cast, scope: Scope, analysis: Analysis) -> Expr:
    kind = casts.resolve_type(node.type, node.at)
    value = analysis.expression(node.expression, scope)
    try:
        return casts.cast(value, kind, analysis, node.safe)
    except TrinoError as error:
        if error.at is None and error.name == "TYPE_MISMATCH":
            raise casts.cannot_cast(value.type, kind, node.at) from None
        raise


def _array(node: tree.Array, scope: Scope, analysis: Analysis) -> Expr:
    items = [analysis.expression(item, scope) for item in node.items]
    kind = conditionals.single_type(node.items, items, "All ARRAY elements")
    inside = ", ".join(casts.coerce(item, kind, analysis).sql for item in items)
    result = array(kind)
    if not items:
        return Expr(f"CAST([] AS {duckdb_type(result)})", result)
    return Expr(f"[{inside}]", result)


def _row(node: tree.Row, scope: Scope, analysis: Analysis) -> Expr:
    items = [analysis.expression(item, scope) for item in node.items]
    inside = ", ".join(f"'f{number}': {item.sql}" for number, item in enumerate(items))
    return Expr(f"{{{inside}}}", row(*(item.type for item in items)))


def _subscript(node: tree.Subscript, scope: Scope, analysis: Analysis) -> Expr:
    base, index = analysis.expression(node.base, scope), analysis.expression(node.index, scope)
    return subscripts.subscript(base, index, analysis, node)


# ---- forms with syntax of their own


def _extract(node: tree.Extract, scope: Scope, analysis: Analysis) -> Expr:
    function = temporal.EXTRACT.get(node.field)
    if function is None:
        raise TrinoError("SYNTAX_ERROR", f"Invalid EXTRACT field: {node.field}", node.at)
    value = analysis.expression(node.expression, scope)
    temporal.check_extract(value.type, node.expression.at)
    return resolve.named(function, [value], analysis, node.at)


_TRIMS = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def _trim(node: tree.Trim, scope: Scope, analysis: Analysis) -> Expr:
    nodes = [node.source] if node.characters is None else [node.source, node.characters]
    given = [analysis.expression(one, scope) for one in nodes]
    return resolve.named(_TRIMS[node.specification], given, analysis, node.at)


def _at_time_zone(node: tree.AtTimeZone, scope: Scope, analysis: Analysis) -> Expr:
    value, zone = analysis.expression(node.value, scope), analysis.expression(node.zone, scope)
    if zone.type.base not in ("varchar", "char", "unknown", "interval day to second"):
        return resolve.named("at_timezone", [value, zone], analysis, node.at)
    return temporal.at_time_zone(value, zone, analysis, node.at)


def _current_time(node: tree.CurrentTime, scope: Scope, analysis: Analysis) -> Expr:
    return temporal.now(node.function, node.precision, analysis.session, node.at)


def _current_name(node: tree.CurrentName, scope: Scope, analysis: Analysis) -> Expr:
    session = analysis.session
    names = {
        "current_user": session.user,
        "current_catalog": session.catalog,
        "current_schema": session.schema,
        "current_path": "",
    }
    value = names[node.function]
    return Expr(quote(value), VARCHAR, value)


def _json_path(node: tree.JsonPathCall, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.functions import json

    return json.json_path_call(node, scope, analysis)


def _json_constructor(node: tree.JsonConstructor, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.functions import json

    return json.json_constructor(node, scope, analysis)


def _listagg(node: tree.ListAgg, scope: Scope, analysis: Analysis) -> Expr:
    """LISTAGG is the function `listagg(value, separator[, fails, filler, with count])`."""
    value = analysis.expression(node.expression, scope)
    if value.type.base not in ("varchar", "unknown"):
        shown = format_expression(node.expression)
        message = f"Expected expression of varchar, but '{shown}' has {value.type} type"
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    arguments: list[tree.Expression] = [node.expression, tree.StringLiteral(node.separator)]
    if node.overflow != "ERROR":
        _, word, _, filler = node.overflow.split(" ", 3)
        arguments += [
            tree.BooleanLiteral(False),
            tree.StringLiteral(filler),
            tree.BooleanLiteral(word == "WITH"),
        ]
    call = tree.FunctionCall(
        "listagg", tuple(arguments), node.distinct, node.order_by, node.filter, at=node.at
    )
    return resolve.call(call, scope, analysis)


def _lambda(node: tree.Lambda, scope: Scope, analysis: Analysis) -> Expr:
    message = "Lambda expression should always be used inside a function"
    raise TrinoError("TYPE_MISMATCH", message, node.at)


def _subquery(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino import subqueries

    return subqueries.compile_subquery(node, scope, analysis)


def _grouping(node: tree.GroupingOperation, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino import grouping

    return grouping.grouping_operation(node, scope, analysis)


_COMPILERS_OF_LITERALS = frozenset(literals.LITERALS)
_COMPILERS: dict[type, Callable[[Any, Scope, Analysis], Expr]] = {
    tree.Identifier: _identifier,
    tree.DereferenceExpression: _dereference,
    tree.Parameter: _parameter,
    tree.ArithmeticUnary: _unary,
    tree.ArithmeticBinary: _binary,
    tree.Concat: _concat,
    tree.Comparison: _comparison,
    tree.QuantifiedComparison: _subquery,
    tree.Logical: conditionals.logical,
    tree.Not: conditionals.negation,
    tree.Between: _between,
    tree.InList: _in_list,
    tree.InSubquery: _subquery,
    tree.Exists: _subquery,
    tree.SubqueryExpression: _subquery,
    tree.IsNull: _is_null,
    tree.IsNotNull: _is_null,
    tree.Like: _like,
    tree.SearchedCase: conditionals.searched_case,
    tree.SimpleCase: conditionals.simple_case,
    tree.If: conditionals.if_,
    tree.Coalesce: conditionals.coalesce,
    tree.NullIf: conditionals.null_if,
    tree.Try: conditionals.try_,
    tree.Cast: _cast,
    tree.Extract: _extract,
    tree.AtTimeZone: _at_time_zone,
    tree.CurrentTime: _current_time,
    tree.CurrentName: _current_name,
    tree.Trim: _trim,
    tree.Row: _row,
    tree.Array: _array,
    tree.Subscript: _subscript,
    tree.Lambda: _lambda,
    tree.GroupingOperation: _grouping,
    tree.FunctionCall: resolve.call,
    tree.JsonPathCall: _json_path,
    tree.JsonConstructor: _json_constructor,
    tree.ListAgg: _listagg,
}
