"""Arithmetic of decimals with Trino's result types. Source: Trino's DecimalOperators.

Sums and products are DuckDB's own. It keeps a product of narrow decimals at 18 digits, so `raw`
of an Expr offers that to the next operator; where it overflows, the statement is compiled again
with `exact`, which counts with 38 digits. Quotients are counted in whole units of the last digit.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from labcloud.trino.errors import udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.types import Type, decimal, duckdb_type

MAX = 38
FAST = 18
"""Digits that fit DuckDB's 64-bit decimals."""


def result_type(operator: str, a: Type, b: Type) -> Type:
    """Return the type of `a operator b`."""
    p, s, q, t = a.precision, a.scale, b.precision, b.scale
    scale = max(s, t)
    if operator in "+-":
        return decimal(min(MAX, max(p - s, q - t) + scale + 1), scale)
    if operator == "*":
        return decimal(min(MAX, p + q), s + t)
    if operator == "/":
        return decimal(min(MAX, p + t + max(t - s, 0)), scale)
    return decimal(max(1, min(p - s, q - t) + scale), scale)


def arithmetic(operator: str, left: Expr, right: Expr, analysis: Any) -> Expr:
    """Return `left operator right` of two decimals."""
    result = result_type(operator, left.type, right.type)
    if operator == "/":
        return Expr(_quotient(left, right, result, analysis), result)
    if operator == "%":
        return Expr(_remainder(left, right, result, analysis), result)
    (a, wide_a), (b, wide_b) = _operand(left), _operand(right)
    width = _width(operator, (wide_a, left.type.scale), (wide_b, right.type.scale))
    crowded = operator == "*" and result.scale >= FAST
    if width < result.precision and (crowded or (analysis is not None and analysis.exact)):
        a, b = (f"CAST({x.sql} AS DECIMAL({MAX},{x.type.scale}))" for x in (left, right))
        width = MAX
    sql = f"({a} {operator} {b})"
    if width == result.precision:
        return Expr(sql, result)
    made = Expr(f"CAST({sql} AS {duckdb_type(result)})", result)
    return replace(made, raw=sql, digits=width) if width < result.precision else made


def _operand(expr: Expr) -> tuple[str, int]:
    return (expr.raw, expr.digits) if expr.raw else (expr.sql, expr.type.precision)


def _width(operator: str, a: tuple[int, int], b: tuple[int, int]) -> int:
    """Return the digits of the type that DuckDB gives a sum or product."""
    (p, s), (q, t) = a, b
    if operator == "*":
        width = p + q
        return FAST if p <= FAST and q <= FAST < width else min(MAX, width)
    return min(MAX, max(max(s, t) + max(p - s, q - t), p, q) + 1)


def _units(expr: Expr, kind: str) -> str:
    """Return a decimal in whole units of its last digit."""
    scale = expr.type.scale
    if not scale:
        return f"CAST({expr.sql} AS {kind})"
    value, width = expr.sql, expr.type.precision
    if width <= FAST < width + scale + 1:  # DuckDB would stay at 18 digits
        value = f"CAST({value} AS DECIMAL({FAST + 1},{scale}))"
    power = f"CAST({10**scale} AS DECIMAL({scale + 1},0))"
    return f"CAST({value} * {power} AS {kind})"


def _quotient(left: Expr, right: Expr, result: Type, analysis: Any) -> str:
    p, s, q, t = left.type.precision, left.type.scale, right.type.precision, right.type.scale
    shift = result.scale - s + t
    if max(p + s, q + t) >= MAX or max(p + shift, q) >= MAX - 1:
        name = analysis.udfs.name(divide, [left.type, right.type], result)
        return f"{name}({left.sql}, {right.sql})"
    small = max(p + s + 1, q + t + 1, p + shift + 1, q + 1) <= FAST
    kind = "BIGINT" if small else "HUGEINT"
    n, d = _units(left, kind), _units(right, kind)
    if shift:
        n = f"({n} * CAST({10**shift} AS {kind}))"
    away = f"CASE WHEN ({n} < 0) = ({d} < 0) THEN 1 ELSE -1 END"
    rounded = f"CASE WHEN 2 * abs({n} % {d}) >= abs({d}) THEN {away} ELSE 0 END"
    return _from_units(f"({n} // {d} + {rounded})", kind, result)


def _from_units(units: str, kind: str, result: Type) -> str:
    """Return a decimal of a number of units of its last digit."""
    scale = result.scale
    whole = f"CAST({units} AS DECIMAL({FAST if kind == 'BIGINT' else MAX},0))"
    if not scale:
        return f"CAST({units} AS {duckdb_type(result)})"
    step = f"CAST('{Decimal(1).scaleb(-scale):f}' AS DECIMAL({scale},{scale}))"
    return f"CAST({whole} * {step} AS {duckdb_type(result)})"


def divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide, rounding half up to the larger scale. Raises Trino's errors."""
    if not divisor:
        raise udf_error("DIVISION_BY_ZERO", "Division by zero")
    (n, s), (d, t) = _parts(dividend), _parts(divisor)
    scale = max(s, t)
    number, rest = divmod(abs(n) * 10 ** (scale - s + t), abs(d))
    number += 2 * rest >= abs(d)
    if number >= 10**MAX:
        raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
    return _made(number if (n < 0) == (d < 0) else -number, scale)


def remainder(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return what is left of a division, with the dividend's sign. Raises Trino's errors."""
    if not divisor:
        raise udf_error("DIVISION_BY_ZERO", "Division by zero")
    (n, s), (d, t) = _parts(dividend), _parts(divisor)
    scale = max(s, t)
    rest = abs(n) * 10 ** (scale - s) % (abs(d) * 10 ** (scale - t))
    return _made(-rest if n < 0 else rest, scale)


def _parts(value: Decimal) -> tuple[int, int]:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)))
    if exponent > 0:
        number, exponent = number * 10**exponent, 0
    return -number if sign else number, -exponent


def _made(number: int, scale: int) -> Decimal:
    digits = tuple(map(int, str(abs(number))))
    return Decimal((int(number < 0), digits, -scale))


def _remainder(left: Expr, right: Expr, result: Type, analysis: Any) -> str:
    scale = max(left.type.scale, right.type.scale)
    whole = max(x.type.precision - x.type.scale for x in (left, right))
    if whole + scale > MAX:
        name = analysis.udfs.name(remainder, [left.type, right.type], result)
        return f"{name}({left.sql}, {right.sql})"
    return f"CAST({left.sql} % {right.sql} AS {duckdb_type(result)})"
