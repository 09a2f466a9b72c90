"""Expressions of the tree → typed DuckDB SQL: one function a kind of node.

Source: Trino's ExpressionAnalyzer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labcloud.trino import (
    casts,
    conditionals,
    literals,
    nested,
    operators,
    temporal,
    tree,
)
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.functions import resolve
from labcloud.trino.scope import Scope
from labcloud.trino.type_names import resolve_type
from labcloud.trino.types import VARCHAR

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

Compile = Callable[[Any, Scope, "Analysis"], Expr]


def compile(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr:  # noqa: A001
    """Return an expression typed and as DuckDB SQL. Raises TrinoError with its position."""
    if (known := scope.replaced.get(node)) is not None:
        return known
    found = _COMPILE.get(type(node))
    if found is None:
        raise TrinoError("NOT_SUPPORTED", f"{type(node).__name__} is not supported here", node.at)
    return found(node, scope, analysis)


# ---- names


def _identifier(node: tree.Identifier, scope: Scope, analysis: Analysis) -> Expr:
    found = scope.resolve(node)
    assert found is not None
    return found


def _dereference(node: tree.DereferenceExpression, scope: Scope, analysis: Analysis) -> Expr:
    found = scope.resolve(node) if _is_name(node) else None
    if found is not None:
        return found
    return nested.field(node, analysis.expression(node.base, scope))


def _is_name(node: tree.Expression) -> bool:
    while isinstance(node, tree.DereferenceExpression):
        node = node.base
    return isinstance(node, tree.Identifier)


# ---- literals


def _decimal(node: tree.DecimalLiteral, scope: Scope, analysis: Analysis) -> Expr:
    return literals.decimal_text(node.text, node.at)


def _parameter(node: tree.Parameter, scope: Scope, analysis: Analysis) -> Expr:
    if node.index >= len(analysis.parameters):
        raise TrinoError(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {node.index + 1} but found "
            f"{len(analysis.parameters)}",
            node.at,
        )
    return analysis.expression(analysis.parameters[node.index], Scope([]))


# ---- operators


def _unary(node: tree.ArithmeticUnary, scope: Scope, analysis: Analysis) -> Expr:
    value = analysis.expression(node.value, scope)
    if node.sign == "-":
        return operators.negate(value, node.at)
    if value.type.base not in (*operators.BOUNDS, "decimal", "real", "double", "unknown"):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Unary '+' operator cannot by applied to {value.type} type",
            node.at,
        )
    return value


def _arithmetic(node: tree.ArithmeticBinary, scope: Scope, analysis: Analysis) -> Expr:
    # A chain of thousands is read from its left end, not by recursion.
    chain, left_node = [node], node.left
    while isinstance(left_node, tree.ArithmeticBinary) and scope.replaced.get(left_node) is None:
        chain.append(left_node)
        left_node = left_node.left
    left = analysis.expression(left_node, scope)
    for one in reversed(chain):
        right = analysis.expression(one.right, scope)
        left = operators.arithmetic(one.operator, left, right, analysis, one.at)
    return left


def _comparison(node: tree.Comparison, scope: Scope, analysis: Analysis) -> Expr:
    left, right = analysis.expression(node.left, scope), analysis.expression(node.right, scope)
    return operators.compare(node.operator, left, right, analysis, node.at)


def _concat(node: tree.Concat, scope: Scope, analysis: Analysis) -> Expr:
    left, right = analysis.expression(node.left, scope), analysis.expression(node.right, scope)
    return nested.concat(left, right, node, analysis)


def _subquery(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.subqueries import compile_subquery

    return compile_subquery(node, scope, analysis)


# ---- casts and types


def _cast(node: tree.Cast, scope: Scope, analysis: Analysis) -> Expr:
    kind = resolve_type(node.type, node.at)
    value = analysis.expression(node.expression, scope)
    if kind.base == "unknown":
        raise TrinoError("TYPE_MISMATCH", "UNKNOWN is not a valid type", node.at)
    return casts.cast(value, kind, analysis, node.safe, node.at)


def _at_time_zone(node: tree.AtTimeZone, scope: Scope, analysis: Analysis) -> Expr:
    value, zone = analysis.expression(node.value, scope), analysis.expression(node.zone, scope)
    return temporal.at_time_zone(value, zone, analysis, node.value.at)


def _extract(node: tree.Extract, scope: Scope, analysis: Analysis) -> Expr:
    value = analysis.expression(node.expression, scope)
    if node.field not in temporal.EXTRACT:
        raise TrinoError("SYNTAX_ERROR", f"Invalid EXTRACT field: {node.field}", node.at)
    temporal.check_extract(value.type, node.expression.at)
    return resolve.invoke(temporal.EXTRACT[node.field], [value], node, analysis)


def _now(node: tree.CurrentTime, scope: Scope, analysis: Analysis) -> Expr:
    return temporal.now(node.function, node.precision, analysis.session, node.at)


def _current_name(node: tree.CurrentName, scope: Scope, analysis: Analysis) -> Expr:
    session = analysis.session
    known = {
        "current_user": session.user,
        "current_catalog": session.catalog,
        "current_schema": session.schema,
        "current_path": "",
    }
    return Expr(quote(known[node.function]), VARCHAR)


def _trim(node: tree.Trim, scope: Scope, analysis: Analysis) -> Expr:
    name = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[node.specification]
    args = [analysis.expression(node.source, scope)]
    if node.characters is not None:
        args.append(analysis.expression(node.characters, scope))
    return resolve.invoke(name, args, node, analysis)


# ---- functions


def _lambda(node: tree.Lambda, scope: Scope, analysis: Analysis) -> Expr:
    raise TrinoError(
        "TYPE_MISMATCH", "Lambda expression should always be used inside a function", node.at
    )


def _grouping(node: tree.GroupingOperation, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.grouping import grouping_operation

    return grouping_operation(node, scope, analysis)


def _json_path(node: tree.JsonPathCall, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.functions.json_sql import json_path_call

    return json_path_call(node, scope, analysis)


def _json_constructor(node: tree.JsonConstructor, scope: Scope, analysis: Analysis) -> Expr:
    from labcloud.trino.functions.json_sql import json_constructor

    return json_constructor(node, scope, analysis)


def _listagg(node: tree.ListAgg, scope: Scope, analysis: Analysis) -> Expr:
    at = node.at
    arguments: tuple[tree.Expression, ...] = (
        node.expression,
        tree.StringLiteral(node.separator, at=at),
    )
    if node.overflow != "ERROR":
        _, word, _, filler = node.overflow.split(" ", 3)
        arguments += (
            tree.BooleanLiteral(False, at=at),
            tree.StringLiteral(filler, at=at),
            tree.BooleanLiteral(word == "WITH", at=at),
        )
    value = analysis.expression(node.expression, scope)
    if value.type.base not in ("varchar", "unknown"):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Expected expression of varchar, but '{format_expression(node.expression)}' has "
            f"{value.type} type",
            node.at,
        )
    wanted = tree.FunctionCall(
        "listagg", arguments, node.distinct, node.order_by, node.filter, at=at
    )
    return resolve.call(wanted, scope, analysis)


_COMPILE: dict[type[tree.Expression], Compile] = {
    tree.Identifier: _identifier,
    tree.DereferenceExpression: _dereference,
    tree.NullLiteral: lambda n, s, a: literals.null(),
    tree.BooleanLiteral: lambda n, s, a: literals.boolean(n.value),
    tree.LongLiteral: lambda n, s, a: literals.integer(n.value),
    tree.DecimalLiteral: _decimal,
    tree.DoubleLiteral: lambda n, s, a: literals.double(n.value),
    tree.StringLiteral: lambda n, s, a: literals.text(n.value),
    tree.BinaryLiteral: lambda n, s, a: literals.binary(n.value),
    tree.GenericLiteral: lambda n, s, a: literals.generic(n, a.session),
    tree.IntervalLiteral: lambda n, s, a: temporal.interval(n),
    tree.Parameter: _parameter,
    tree.ArithmeticUnary: _unary,
    tree.ArithmeticBinary: _arithmetic,
    tree.Concat: _concat,
    tree.Comparison: _comparison,
    tree.QuantifiedComparison: _subquery,
    tree.InSubquery: _subquery,
    tree.Exists: _subquery,
    tree.SubqueryExpression: _subquery,
    tree.Logical: conditionals.logical,
    tree.Not: conditionals.negation,
    tree.Between: conditionals.between,
    tree.InList: conditionals.in_list,
    tree.IsNull: conditionals.is_null,
    tree.IsNotNull: conditionals.is_null,
    tree.Like: conditionals.like,
    tree.SearchedCase: conditionals.searched_case,
    tree.SimpleCase: conditionals.simple_case,
    tree.If: conditionals.if_,
    tree.Coalesce: conditionals.coalesce,
    tree.NullIf: conditionals.nullif,
    tree.Try: conditionals.try_,
    tree.Cast: _cast,
    tree.Extract: _extract,
    tree.AtTimeZone: _at_time_zone,
    tree.CurrentTime: _now,
    tree.CurrentName: _current_name,
    tree.Trim: _trim,
    tree.Row: nested.row_constructor,
    tree.Array: nested.array_constructor,
    tree.Subscript: nested.subscript,
    tree.Lambda: _lambda,
    tree.GroupingOperation: _grouping,
    tree.FunctionCall: resolve.call,
    tree.JsonPathCall: _json_path,
    tree.JsonConstructor: _json_constructor,
    tree.ListAgg: _listagg,
}
