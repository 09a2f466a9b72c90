"""CASE, IF, COALESCE, NULLIF, TRY, AND, OR, NOT, and what several expressions have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labcloud.trino import casts, tree
from labcloud.trino.comparisons import compare
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.laziness import chain
from labcloud.trino.literals import null
from labcloud.trino.repeating import VOLATILE, repeat, without_texts
from labcloud.trino.types import BOOLEAN, UNKNOWN, Type, common_super_type, is_comparable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.scope import Scope

_SUBQUERY = re.compile(r"\bSELECT\b")


def single_type(nodes: Sequence[tree.Expression], exprs: Sequence[Expr], description: str) -> Type:
    """Return the type that all expressions coerce to. Raises TYPE_MISMATCH at the odd one."""
    common = UNKNOWN
    for node, expr in zip(nodes, exprs, strict=True):
        wider = common_super_type(common, expr.type)
        if wider is None:
            every = ", ".join(dict.fromkeys(str(one.type) for one in exprs))
            message = (
                f"{description} must be the same type or coercible to a common type. Cannot find "
                f"common type between {common} and {expr.type}, all types (without duplicates): "
                f"[{every}]"
            )
            raise TrinoError("TYPE_MISMATCH", message, node.at)
        common = wider
    return common


def boolean(node: tree.Expression, what: str, scope: Scope, analysis: Analysis) -> Expr:
    """Compile an expression that must be a boolean. Raises TYPE_MISMATCH."""
    return as_boolean(analysis.expression(node, scope), node, what)


def as_boolean(expr: Expr, node: tree.Expression, what: str) -> Expr:
    """Return the expression as a boolean. Raises TYPE_MISMATCH."""
    if expr.type == BOOLEAN:
        return expr
    if expr.type == UNKNOWN:
        return null(BOOLEAN)
    message = f"{what} must evaluate to a boolean (actual: {expr.type})"
    raise TrinoError("TYPE_MISMATCH", message, node.at)


def logical(node: tree.Logical, scope: Scope, analysis: Analysis) -> Expr:
    """Compile a chain of AND or OR."""
    terms = [boolean(term, "Logical expression term", scope, analysis) for term in node.terms]
    return Expr(chain(node.operator, [term.sql for term in terms]), BOOLEAN)


def negation(node: tree.Not, scope: Scope, analysis: Analysis) -> Expr:
    """Compile NOT."""
    value = boolean(node.value, "Value of logical NOT expression", scope, analysis)
    return Expr(f"(NOT {value.sql})", BOOLEAN)


def searched_case(node: tree.SearchedCase, scope: Scope, analysis: Analysis) -> Expr:
    """Compile CASE WHEN condition THEN …."""
    conditions = [
        boolean(when.operand, "CASE WHEN clause", scope, analysis).sql for when in node.whens
    ]
    return _case(node, conditions, scope, analysis)


def simple_case(node: tree.SimpleCase, scope: Scope, analysis: Analysis) -> Expr:
    """Compile CASE operand WHEN value THEN …."""
    operand = analysis.expression(node.operand, scope)
    values = [analysis.expression(when.operand, scope) for when in node.whens]
    common = operand.type
    for when, value in zip(node.whens, values, strict=True):
        wider = common_super_type(common, value.type)
        if wider is None:
            message = (
                "CASE operand type does not match WHEN clause operand type: "
                f"{operand.type} vs {value.type}"
            )
            raise TrinoError("TYPE_MISMATCH", message, when.operand.at)
        common = wider
    subject = casts.coerce(operand, common, analysis)
    conditions = [
        compare("=", subject, casts.coerce(value, common, analysis), analysis, node.at).sql
        for value in values
    ]
    return _case(node, conditions, scope, analysis)


def _case(
    node: tree.SearchedCase | tree.SimpleCase,
    conditions: list[str],
    scope: Scope,
    analysis: Analysis,
) -> Expr:
    nodes = [when.result for when in node.whens]
    if node.default is not None:
        nodes.append(node.default)
    results = [analysis.expression(one, scope) for one in nodes]
    kind = single_type(nodes, results, "All CASE results")
    values = [casts.coerce(result, kind, analysis) for result in results]
    arms = " ".join(
        f"WHEN {condition} THEN {value.sql}"
        for condition, value in zip(conditions, values, strict=False)
    )
    default = values[-1] if node.default is not None else null(kind)
    return Expr(f"(CASE {arms} ELSE {default.sql} END)", kind)


def if_(node: tree.If, scope: Scope, analysis: Analysis) -> Expr:
    """Compile IF(condition, a, b)."""
    condition = boolean(node.condition, "IF condition", scope, analysis)
    first = analysis.expression(node.true, scope)
    second = analysis.expression(node.false, scope) if node.false is not None else null(first.type)
    kind = common_super_type(first.type, second.type)
    if kind is None:
        message = f"Result types for IF must be the same: {first.type} vs {second.type}"
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    a, b = (casts.coerce(x, kind, analysis) for x in (first, second))
    return Expr(f"(CASE WHEN {condition.sql} THEN {a.sql} ELSE {b.sql} END)", kind)


def coalesce(node: tree.Coalesce, scope: Scope, analysis: Analysis) -> Expr:
    """Compile COALESCE."""
    operands = [analysis.expression(one, scope) for one in node.operands]
    kind = single_type(node.operands, operands, "All COALESCE operands")
    inside = ", ".join(casts.coerce(one, kind, analysis).sql for one in operands)
    return Expr(f"coalesce({inside})", kind)


def null_if(node: tree.NullIf, scope: Scope, analysis: Analysis) -> Expr:
    """Compile NULLIF: its type is the first operand's."""
    first, second = (analysis.expression(one, scope) for one in (node.first, node.second))
    common = common_super_type(first.type, second.type)
    if common is None or not is_comparable(common):
        message = f"Types are not comparable with NULLIF: {first.type} vs {second.type}"
        raise TrinoError("TYPE_MISMATCH", message, node.at)

    def build(value: str, other: str) -> str:
        a, b = replace(first, sql=value, raw=None), replace(second, sql=other, raw=None)
        equal = compare("=", a, b, analysis, node.at)
        return f"CASE WHEN {equal.sql} THEN {null(first.type).sql} ELSE {value} END"

    return Expr(repeat([first.sql, second.sql], build), first.type)


def try_(node: tree.Try, scope: Scope, analysis: Analysis) -> Expr:
    """Compile TRY: NULL where the expression fails."""
    inner = analysis.expression(node.inner, scope)
    text = without_texts(inner.sql)
    if inner.constant or _SUBQUERY.search(text) or VOLATILE.search(text):
        return inner  # DuckDB's TRY refuses these
    return Expr(f"TRY({inner.sql})", inner.type)


def is_null(value: Expr, negated: bool) -> Expr:
    """Return IS NULL or IS NOT NULL."""
    return Expr(f"({value.sql} IS {'NOT ' if negated else ''}NULL)", BOOLEAN)
