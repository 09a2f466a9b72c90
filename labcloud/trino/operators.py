"""Operators: arithmetic with Trino's result types, comparison with Trino's NULLs and NaNs.

DuckDB's own operators do the work; `faults` says their overflows in Trino's words.
Source: https://trino.io/docs/current/functions/math.html, …/comparison.html, …/decimal.html
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from labcloud.trino import casts, temporal
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.literals import BOUNDS
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    INTEGERS,
    Type,
    common_super_type,
    decimal,
    duckdb_type,
    is_comparable,
    is_orderable,
)

FLOATS = ("real", "double")


def not_found(operator: str, left: Type, right: Type, at: Position | None) -> TrinoError:
    """Return the error for an operator that the types do not have."""
    return TrinoError("TYPE_MISMATCH", f"Cannot apply operator: {left} {operator} {right}", at)


# ---- arithmetic


def arithmetic(operator: str, left: Expr, right: Expr, analysis: Any, at: Position) -> Expr:
    """Return `left operator right` for + - * / %. Raises TYPE_MISMATCH."""
    moved = temporal.arithmetic(operator, left, right, analysis)
    if moved is not None:
        return moved
    common = common_super_type(left.type, right.type)
    if common is None or common.base not in (*INTEGERS, "decimal", *FLOATS):
        if common is not None and common.base == "unknown":
            # Every operator fits NULL and NULL; Trino takes the first, on bigint.
            return Expr("CAST(NULL AS BIGINT)", BIGINT, None)
        raise not_found(operator, left.type, right.type, at)
    if common.base == "decimal":
        return _decimal(operator, left, right, analysis)
    a, b = casts.coerce(left, common), casts.coerce(right, common)
    if common.base in FLOATS:
        return Expr(f"({a.sql} {operator} {b.sql})", common)
    sign = "//" if operator == "/" else operator
    if operator in "+*" and left.constant and not (right.constant and right.type == common):
        a, b = b, a  # Trino moves a constant to the right; the overflow's text shows it
    return Expr(f"({a.sql} {sign} {b.sql})", common)


def negate(value: Expr, at: Position) -> Expr:
    """Return `-value`. Raises TYPE_MISMATCH."""
    kind = value.type
    if kind.base == "unknown":
        return value
    if kind.base in BOUNDS:
        low = BOUNDS[kind.base][0]
        message = quote(f"{kind.base} negation overflow: {low}")
        failed = raise_sql("NUMERIC_VALUE_OUT_OF_RANGE", message, duckdb_type(kind))
        least = "(-9223372036854775807 - 1)" if kind == BIGINT else f"({low})"
        negative = f"CAST(-({value.sql}) AS {duckdb_type(kind)})"
        return Expr(f"CASE WHEN {value.sql} = {least} THEN {failed} ELSE {negative} END", kind)
    if kind.base in ("decimal", *FLOATS, "interval day to second", "interval year to month"):
        return Expr(f"(-{value.sql})", kind)
    raise TrinoError("TYPE_MISMATCH", f"Cannot negate {kind}", at)


# ---- decimals


def _as_decimal(kind: Type) -> tuple[int, int]:
    if kind.base == "decimal":
        return kind.precision, kind.scale
    wider = common_super_type(kind, decimal(1, 0))
    assert wider is not None
    return {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}.get(kind.base, 1), 0


def result_type(operator: str, left: Type, right: Type) -> Type:
    """Return the type of an operator on decimals.

    Source: https://trino.io/docs/current/functions/decimal.html
    """
    (p1, s1), (p2, s2) = _as_decimal(left), _as_decimal(right)
    if operator in "+-":
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + scale + 1
    elif operator == "*":
        scale, precision = s1 + s2, p1 + p2
    elif operator == "/":
        scale = max(s1, s2)
        precision = p1 + s2 + max(s2 - s1, 0)
    else:
        scale = max(s1, s2)
        precision = min(p2 - s2, p1 - s1) + scale
    if scale > 38:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT", "DECIMAL scale must be in range [0, precision (38)]"
        )
    return decimal(min(38, precision), scale)


def _decimal(operator: str, left: Expr, right: Expr, analysis: Any) -> Expr:
    kind = result_type(operator, left.type, right.type)
    target = duckdb_type(kind)
    if operator in "/%":
        a, b = (casts.coerce(e, decimal(*_as_decimal(e.type))) for e in (left, right))
        function = divide if operator == "/" else modulus
        scale = decimal(38, kind.scale)
        name = analysis.udfs.name(function, [a.type, b.type, BIGINT], scale)
        return Expr(f"CAST({name}({a.sql}, {b.sql}, {kind.scale}) AS {target})", kind)
    if getattr(analysis, "exact", False):
        a_sql, b_sql = (
            f"CAST({e.sql} AS DECIMAL(38,{_as_decimal(e.type)[1]}))" for e in (left, right)
        )
        return Expr(f"CAST(({a_sql} {operator} {b_sql}) AS {target})", kind)
    raw = f"({_narrow(left)} {operator} {_narrow(right)})"
    return Expr(f"CAST({raw} AS {target})", kind, raw=raw)


def _narrow(expr: Expr) -> str:
    """Return an operand in as few digits as hold it: DuckDB then reckons in machine integers."""
    if expr.type.base == "decimal":
        return expr.narrow
    if isinstance(expr.value, int):
        digits = max(1, len(str(abs(expr.value))))
        return f"CAST({expr.value} AS DECIMAL({digits},0))"
    return f"CAST({expr.sql} AS DECIMAL({_as_decimal(expr.type)[0]},0))"


_WIDE = Context(prec=120, rounding=ROUND_HALF_UP)


def divide(a: Decimal, b: Decimal, scale: int) -> Decimal:
    """Return a / b, rounded half up to `scale` digits; called by DuckDB."""
    if not b:
        raise udf_error("DIVISION_BY_ZERO", "Division by zero")
    return _fitted(_WIDE.divide(a, b).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE))


def modulus(a: Decimal, b: Decimal, scale: int) -> Decimal:
    """Return the remainder of a / b, with the sign of a; called by DuckDB."""
    if not b:
        raise udf_error("DIVISION_BY_ZERO", "Division by zero")
    return _WIDE.remainder(a, b).quantize(Decimal(1).scaleb(-scale), ROUND_DOWN, _WIDE)


def _fitted(value: Decimal) -> Decimal:
    if len(value.as_tuple().digits) > 38:
        raise udf_error("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow")
    return value


# ---- comparison


def compare(
    operator: str, left: Expr, right: Expr, analysis: Any = None, at: Position | None = None
) -> Expr:
    """Return a comparison: = <> < <= > >= or IS DISTINCT FROM. Raises TYPE_MISMATCH."""
    common = common_super_type(left.type, right.type)
    able = is_comparable if operator in ("=", "<>", "IS DISTINCT FROM") else is_orderable
    if common is None or not able(common):
        raise not_found(operator, left.type, right.type, at)
    if common.base == "decimal" and (left.raw is not None or right.raw is not None):
        a_sql, b_sql = _decimal_sides(left, right, common)
    else:
        a_sql, b_sql = casts.coerce(left, common).sql, casts.coerce(right, common).sql
    if operator == "IS DISTINCT FROM":
        return Expr(f"({key(a_sql, common)} IS DISTINCT FROM {key(b_sql, common)})", BOOLEAN)
    return Expr(_compared(operator, a_sql, b_sql, common, (left.constant, right.constant)), BOOLEAN)


def _decimal_sides(left: Expr, right: Expr, common: Type) -> tuple[str, str]:
    sides = []
    for expr in (left, right):
        plain = expr.type.base == "decimal"
        sides.append(expr.narrow if plain else casts.coerce(expr, common).sql)
    return sides[0], sides[1]


def key(sql: str, kind: Type) -> str:
    """Return SQL by which values of a type are equal and ordered."""
    if kind.base in ("timestamp with time zone", "time with time zone"):
        return temporal.compare_key(Expr(sql, kind))
    return sql


def _compared(
    operator: str, a: str, b: str, kind: Type, constant: tuple[bool, bool] = (False, False)
) -> str:
    base = kind.base
    if base in FLOATS:
        return _floats(operator, a, b, constant)
    if base == "row":
        return _rows(operator, a, b, kind)
    if base == "array" and operator in ("=", "<>"):
        return _negated(operator, _arrays(a, b, kind))
    if base == "map":
        return _negated(operator, _maps(a, b, kind))
    return f"({key(a, kind)} {operator} {key(b, kind)})"


def _negated(operator: str, equal: str) -> str:
    return equal if operator == "=" else f"(NOT {equal})"


def _floats(operator: str, a: str, b: str, constant: tuple[bool, bool]) -> str:
    """NaN is neither equal to, less or greater than anything; to DuckDB it is the greatest."""
    plain = f"({a} {operator} {b})"
    if operator == "<>":
        return plain if any(constant) else f"({plain} OR isnan({a}))"
    tests = []
    if operator in (">", ">=", "=") and not constant[0]:
        tests.append(a)
    if operator in ("<", "<=", "=") and not constant[1]:
        tests.append(b)
    if operator == "=" and any(constant):
        return plain
    checks = "".join(f" AND NOT isnan({one})" for one in tests[:1])
    return f"({plain}{checks})" if checks else plain


def _rows(operator: str, a: str, b: str, kind: Type) -> str:
    pairs = [
        (f"struct_extract({a}, 'f{i}')", f"struct_extract({b}, 'f{i}')", f.type)
        for i, f in enumerate(kind.fields)
    ]
    nulls = f"({a} IS NULL OR {b} IS NULL)"
    if operator in ("=", "<>"):
        equal = " AND ".join(_compared("=", x, y, t) for x, y, t in pairs)
        return f"(CASE WHEN {nulls} THEN NULL ELSE {_negated(operator, f'({equal})')} END)"
    strict = operator[0]
    *first, (x, y, t) = pairs
    found = _compared(operator, x, y, t)
    for x, y, t in reversed(first):
        found = f"({_compared(strict, x, y, t)} OR ({_compared('=', x, y, t)} AND {found}))"
    return f"(CASE WHEN {nulls} THEN NULL ELSE {found} END)"


def _arrays(a: str, b: str, kind: Type) -> str:
    """Equality of arrays: false where an element differs, NULL where one is undecided."""
    inner = _compared("=", "z_[1]", "z_[2]", kind.element)
    if kind.element.base in INTEGERS or kind.element.base in ("varchar", "date", "boolean"):
        inner = "(z_[1] = z_[2])"
    each = f"list_transform(list_zip({a}, {b}), lambda z_: {inner})"
    return (
        f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN len({a}) <> len({b}) THEN false "
        f"WHEN list_contains({each}, false) THEN false "
        f"WHEN list_count({each}) < len({a}) THEN NULL ELSE true END)"
    )


def _maps(a: str, b: str, kind: Type) -> str:
    value = _compared("=", f"{a}[k_]", f"{b}[k_]", kind.value)
    same = f"CASE WHEN map_contains({b}, k_) THEN {value} ELSE false END"
    each = f"list_transform(map_keys({a}), lambda k_: {same})"
    return (
        f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL "
        f"WHEN cardinality({a}) <> cardinality({b}) THEN false "
        f"WHEN list_contains({each}, false) THEN false "
        f"WHEN list_count({each}) < len(map_keys({a})) THEN NULL ELSE true END)"
    )
