"""CASE, IF, COALESCE, NULLIF, TRY, BETWEEN, IN, LIKE, AND, OR, NOT.

Source: https://trino.io/docs/current/functions/conditional.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcloud.trino import casts, operators, tree
from labcloud.trino.coercion import to_boolean, to_single_type, to_type
from labcloud.trino.errors import TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.literals import null
from labcloud.trino.scope import Scope
from labcloud.trino.types import (
    BOOLEAN,
    VARCHAR,
    common_super_type,
    is_comparable,
    is_orderable,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def logical(node: tree.Logical, scope: Scope, analysis: Analysis) -> Expr:
    """AND or OR of several terms."""
    terms = [
        to_boolean(analysis.expression(term, scope), term.at, "Logical expression term").sql
        for term in node.terms
    ]
    return Expr("(" + f" {node.operator} ".join(terms) + ")", BOOLEAN)


def negation(node: tree.Not, scope: Scope, analysis: Analysis) -> Expr:
    """NOT x."""
    inner = analysis.expression(node.value, scope)
    value = to_boolean(inner, node.value.at, "Value of logical NOT expression")
    return Expr(f"(NOT {value.sql})", BOOLEAN)


def is_null(node: tree.IsNull | tree.IsNotNull, scope: Scope, analysis: Analysis) -> Expr:
    """x IS NULL, x IS NOT NULL."""
    value = analysis.expression(node.value, scope)
    word = "NULL" if isinstance(node, tree.IsNull) else "NOT NULL"
    return Expr(f"({value.narrow} IS {word})", BOOLEAN)


def between(node: tree.Between, scope: Scope, analysis: Analysis) -> Expr:
    """x BETWEEN low AND high."""
    value, low, high = (
        analysis.expression(part, scope) for part in (node.value, node.low, node.high)
    )
    common = common_super_type(value.type, low.type)
    common = common and common_super_type(common, high.type)
    if common is None or not is_orderable(common):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}",
            node.at,
        )
    nested = common.base in ("real", "double", "row") or "zone" in common.base
    if nested:
        a = operators.compare(">=", value, low, analysis)
        b = operators.compare("<=", value, high, analysis)
        return Expr(f"({a.sql} AND {b.sql})", BOOLEAN)
    a, b, c = (casts.coerce(part, common) for part in (value, low, high))
    return Expr(f"({a.sql} BETWEEN {b.sql} AND {c.sql})", BOOLEAN)


def in_list(node: tree.InList, scope: Scope, analysis: Analysis) -> Expr:
    """x IN (a, b, …)."""
    nodes = [node.value, *node.items]
    exprs = [analysis.expression(part, scope) for part in nodes]
    found, common = to_single_type(exprs, [part.at for part in nodes], "IN value and list items")
    if not is_comparable(common):
        raise operators.not_found("=", common, common, node.at)
    value, *items = found
    if common.base in ("array", "map", "row", "real", "double") or "zone" in common.base:
        tests = [operators.compare("=", value, item, analysis).sql for item in items]
        return Expr(f"({' OR '.join(tests)})", BOOLEAN)
    return Expr(f"({value.sql} IN ({', '.join(item.sql for item in items)}))", BOOLEAN)


# ---- CASE and its like


def searched_case(node: tree.SearchedCase, scope: Scope, analysis: Analysis) -> Expr:
    """CASE WHEN condition THEN result … END."""
    conditions = [
        to_boolean(analysis.expression(w.operand, scope), w.operand.at, "CASE WHEN clause").sql
        for w in node.whens
    ]
    return _case(conditions, node, scope, analysis)


def simple_case(node: tree.SimpleCase, scope: Scope, analysis: Analysis) -> Expr:
    """CASE operand WHEN value THEN result … END."""
    operand = analysis.expression(node.operand, scope)
    conditions = []
    for when in node.whens:
        value = analysis.expression(when.operand, scope)
        if common_super_type(operand.type, value.type) is None:
            raise TrinoError(
                "TYPE_MISMATCH",
                "CASE operand type does not match WHEN clause operand type: "
                f"{operand.type} vs {value.type}",
                when.operand.at,
            )
        conditions.append(operators.compare("=", operand, value, analysis, when.operand.at).sql)
    return _case(conditions, node, scope, analysis)


def _case(
    conditions: list[str],
    node: tree.SearchedCase | tree.SimpleCase,
    scope: Scope,
    analysis: Analysis,
) -> Expr:
    nodes = [when.result for when in node.whens]
    if node.default is not None:
        nodes.append(node.default)
    exprs = [analysis.expression(part, scope) for part in nodes]
    results, common = to_single_type(exprs, [part.at for part in nodes], "CASE results")
    default = results.pop().sql if node.default is not None else null(common).sql
    whens = " ".join(
        f"WHEN {condition} THEN {result.sql}"
        for condition, result in zip(conditions, results, strict=True)
    )
    return Expr(f"(CASE {whens} ELSE {default} END)", common)


def if_(node: tree.If, scope: Scope, analysis: Analysis) -> Expr:
    """IF(condition, true value, false value)."""
    condition = to_boolean(
        analysis.expression(node.condition, scope), node.condition.at, "IF condition"
    )
    first = analysis.expression(node.true, scope)
    if node.false is None:
        return Expr(f"(CASE WHEN {condition.sql} THEN {first.sql} END)", first.type)
    second = analysis.expression(node.false, scope)
    common = common_super_type(first.type, second.type)
    if common is None:
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Result types for IF must be the same: {first.type} vs {second.type}",
            node.at,
        )
    a, b = casts.coerce(first, common), casts.coerce(second, common)
    return Expr(f"(CASE WHEN {condition.sql} THEN {a.sql} ELSE {b.sql} END)", common)


def coalesce(node: tree.Coalesce, scope: Scope, analysis: Analysis) -> Expr:
    """COALESCE(a, b, …)."""
    exprs = [analysis.expression(part, scope) for part in node.operands]
    found, common = to_single_type(exprs, [part.at for part in node.operands], "COALESCE operands")
    return Expr(f"COALESCE({', '.join(part.sql for part in found)})", common)


def nullif(node: tree.NullIf, scope: Scope, analysis: Analysis) -> Expr:
    """NULLIF(a, b)."""
    first, second = (analysis.expression(part, scope) for part in (node.first, node.second))
    common = common_super_type(first.type, second.type)
    if common is None or not is_comparable(common):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Types are not comparable with NULLIF: {first.type} vs {second.type}",
            node.at,
        )
    equal = operators.compare("=", first, second, analysis)
    return Expr(f"(CASE WHEN {equal.sql} THEN NULL ELSE {first.sql} END)", first.type)


def try_(node: tree.Try, scope: Scope, analysis: Analysis) -> Expr:
    """TRY(x): NULL where x fails."""
    inner = analysis.expression(node.inner, scope)
    return Expr(f"TRY({inner.sql})", inner.type)


# ---- LIKE


def like(node: tree.Like, scope: Scope, analysis: Analysis) -> Expr:
    """x LIKE pattern ESCAPE escape."""
    value = analysis.expression(node.value, scope)
    if value.type.base not in ("varchar", "char"):
        value = to_type(value, VARCHAR, node.value.at, "Left side of LIKE expression")
    pattern = to_type(
        analysis.expression(node.pattern, scope),
        VARCHAR,
        node.pattern.at,
        "Pattern for LIKE expression",
    )
    if node.escape is None:
        if isinstance(pattern.value, str) and "\\" not in pattern.value:
            return Expr(f"({value.sql} LIKE {pattern.sql})", BOOLEAN)
        return Expr(f"({value.sql} LIKE {pattern.sql} ESCAPE chr(1))", BOOLEAN)
    escape = to_type(
        analysis.expression(node.escape, scope),
        VARCHAR,
        node.escape.at,
        "Escape for LIKE expression",
    )
    if isinstance(pattern.value, str) and isinstance(escape.value, str):
        try:
            checked = escaped_pattern(pattern.value, escape.value)
        except ValueError as error:
            text = str(error).split("\x01")[2]
            failed = raise_sql("INVALID_FUNCTION_ARGUMENT", quote(text), "VARCHAR")
            return Expr(f"({value.sql} LIKE {failed})", BOOLEAN)
        return Expr(f"({value.sql} LIKE {quote(checked)} ESCAPE chr(1))", BOOLEAN)
    name = analysis.udfs.name(escaped_pattern, [VARCHAR, VARCHAR], VARCHAR)
    return Expr(f"({value.sql} LIKE {name}({pattern.sql}, {escape.sql}) ESCAPE chr(1))", BOOLEAN)


def escaped_pattern(pattern: str, escape: str) -> str:
    """Return a pattern whose escape is chr(1); called by DuckDB. Raises Trino's errors."""
    if len(escape) != 1:
        raise udf_error("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character")
    found, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == escape:
            at += 1
            if at >= len(pattern) or pattern[at] not in ("%", "_", escape):
                raise udf_error(
                    "INVALID_FUNCTION_ARGUMENT",
                    "Escape character must be followed by '%', '_' or the escape character itself",
                )
            found += f"\x01{pattern[at]}" if pattern[at] in "%_" else pattern[at]
        else:
            found += char
        at += 1
    return found
