"""Arithmetic, with Trino's result types and errors; comparisons are in `comparisons`.

Integers and floats are DuckDB's own; its overflows are put into Trino's words by `faults`.
"""

from __future__ import annotations

from typing import Any

from labcloud.trino import casts, decimals
from labcloud.trino.comparisons import compare
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql
from labcloud.trino.expr import NOT_CONSTANT, Expr
from labcloud.trino.repeating import repeat
from labcloud.trino.types import (
    INTEGERS,
    Type,
    common_super_type,
    duckdb_type,
    is_numeric,
)

__all__ = ["arithmetic", "cannot_apply", "compare", "negate"]

_LEAST = {"tinyint": -(2**7), "smallint": -(2**15), "integer": -(2**31), "bigint": -(2**63)}
_INTERVALS = ("interval day to second", "interval year to month")


def cannot_apply(operator: str, left: Type, right: Type, at: Position | None) -> TrinoError:
    """Return the error of an operator that these types do not have."""
    message = f"Cannot apply operator: {left} {operator} {right}"
    return TrinoError("TYPE_MISMATCH", message, at)


def arithmetic(
    operator: str, left: Expr, right: Expr, analysis: Any, at: Position | None = None
) -> Expr:
    """Return `left operator right` for one of + - * / %. Raises TYPE_MISMATCH."""
    left_known, right_known = _known(left, right.type), _known(right, left.type)
    if is_numeric(left_known.type) and is_numeric(right_known.type):
        return _numeric(operator, left_known, right_known, analysis)
    made = _temporal(operator, left, right, analysis, at)
    if made is None:
        raise cannot_apply(operator, left.type, right.type, at)
    return made


def _known(expr: Expr, other: Type) -> Expr:
    """Give a NULL the type of the other operand where that is a number."""
    if expr.type.base == "unknown" and is_numeric(other):
        return casts.coerce(expr, other)
    return expr


def _temporal(
    operator: str, left: Expr, right: Expr, analysis: Any, at: Position | None
) -> Expr | None:
    from labcloud.trino import temporal

    for one, other, is_left in ((left, right, True), (right, left, False)):
        if one.type.base == "unknown" and other.type.base in temporal.BASES:
            missing = casts.coerce(one, _beside(other.type))
            left, right = (missing, other) if is_left else (other, missing)
    try:
        return temporal.arithmetic(operator, left, right, analysis)
    except TrinoError as error:
        raise error if error.at else TrinoError(error.name, error.message) from None


def _beside(kind: Type) -> Type:
    """Return what a NULL beside a temporal value is taken for."""
    return kind if kind.base in _INTERVALS else Type(_INTERVALS[0])


def _numeric(operator: str, left: Expr, right: Expr, analysis: Any) -> Expr:
    common = common_super_type(left.type, right.type)
    assert common is not None
    if common.base == "decimal":
        a, b = (_as_decimal(x) for x in (left, right))
        return decimals.arithmetic(operator, a, b, analysis)
    a, b = casts.coerce(left, common), casts.coerce(right, common)
    if operator in "+*" and _is_literal(left, common) and not _is_literal(right, common):
        a, b = b, a  # Trino's planner puts constants to the right, which errors show
    if common.base in INTEGERS:
        return Expr(f"({a.sql} {'//' if operator == '/' else operator} {b.sql})", common)
    return Expr(f"({a.sql} {operator} {b.sql})", common)


def _is_literal(expr: Expr, common: Type) -> bool:
    return expr.constant and expr.type == common


def _as_decimal(expr: Expr) -> Expr:
    if expr.type.base == "decimal":
        return expr
    wider = common_super_type(expr.type, Type("decimal", (1, 0)))
    assert wider is not None
    return casts.coerce(expr, wider)


def negate(expr: Expr, at: Position | None = None) -> Expr:
    """Return `-x`. Raises TYPE_MISMATCH."""
    kind = expr.type
    if kind.base in INTEGERS:
        least = _LEAST[kind.base]
        name = duckdb_type(kind)
        message = quote(f"{kind.base} negation overflow: {least}")
        failed = raise_sql("NUMERIC_VALUE_OUT_OF_RANGE", message, name)

        def build(value: str) -> str:
            return f"CASE WHEN {value} = CAST('{least}' AS {name}) THEN {failed} ELSE -{value} END"

        return Expr(repeat([expr.sql], build), kind, _negated(expr))
    if is_numeric(kind) or kind.base in _INTERVALS:
        return Expr(f"(-{expr.sql})", kind, _negated(expr))
    raise TrinoError("TYPE_MISMATCH", f"Cannot negate {kind}", at)


def _negated(expr: Expr) -> Any:
    return -expr.value if expr.constant and expr.value is not None else NOT_CONSTANT
