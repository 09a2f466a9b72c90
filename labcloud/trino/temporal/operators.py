"""Arithmetic with dates, times, timestamps and intervals, and how they compare.

Source: Trino's DateTimeOperators, TimestampOperators, TimestampWithTimeZoneOperators,
TimeOperators, IntervalDayTimeOperators and IntervalYearMonthOperators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.trino import clock, render
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql
from labcloud.trino.expr import NOT_CONSTANT, Expr
from labcloud.trino.once import bind, once
from labcloud.trino.temporal.casts import convert, pack_time, repack
from labcloud.trino.temporal.context import BASES, INTERVALS, STAMPS, TIMES, Context
from labcloud.trino.types import (
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    INTEGERS,
    YEAR_TO_MONTH,
    Type,
    common_super_type,
    duckdb_type,
)


def arithmetic(op: str, left: Expr, right: Expr, analysis: Any = None) -> Expr | None:
    """Return `left op right` of temporal values, or None where Trino has no such operator."""
    if left.type.base not in BASES and right.type.base not in BASES:
        return None
    made: list[Expr | None] = []

    def build(args: list[Expr]) -> str:
        made.append(_arithmetic(op, args[0], args[1], analysis))
        return made[0].sql if made[0] else ""

    sql = bind([left, right], build)
    return Expr(sql, made[0].type) if made[0] else None


def _arithmetic(op: str, left: Expr, right: Expr, analysis: Any) -> Expr | None:
    kinds = (left.type.base, right.type.base)
    if kinds[0] in INTERVALS and kinds[1] in INTERVALS:
        return _of_intervals(op, left, right)
    if op == "+" and kinds[0] in INTERVALS:
        return _shift(right, left, 1)
    if op in "+-" and kinds[1] in INTERVALS:
        return _shift(left, right, 1 if op == "+" else -1)
    if op == "*" and kinds[1] in INTERVALS:
        return _scale(op, right, left)
    if op in "*/" and kinds[0] in INTERVALS:
        return _scale(op, left, right)
    if op == "-" and kinds[0] in BASES and kinds[1] in BASES:
        return _difference(left, right, analysis)
    return None


def _of_intervals(op: str, left: Expr, right: Expr) -> Expr | None:
    if op not in "+-" or left.type != right.type:
        return None
    return Expr(f"({left.sql} {op} {right.sql})", left.type)


def _shift(moment: Expr, span: Expr, sign: int) -> Expr | None:
    kind = moment.type
    if kind.base == "date":
        return Expr(_shift_date(moment.sql, span, sign), DATE)
    if span.type == YEAR_TO_MONTH:
        if kind.base not in STAMPS:
            return None
        months = f"to_months({'-' if sign < 0 else ''}({span.sql}))"
        return _moved(moment, kind, lambda sql: _add_months(sql, months, kind.precision))
    if kind.base not in (*TIMES, *STAMPS):
        return None
    result = Type(kind.base, (max(3, kind.precision),))
    move = _add_to_time if kind.base in TIMES else _add_millis
    millis = f"({span.sql})" if sign > 0 else f"(-({span.sql}))"
    return _moved(moment, result, lambda sql: move(sql, millis, kind.precision))


def _moved(moment: Expr, result: Type, move: Callable[[str], str]) -> Expr:
    """Apply `move` to the instant or time inside a value."""
    if moment.type.base == STAMPS[1]:
        return Expr(f"({repack(moment.sql, move(f'({moment.sql}).i'))})", result)
    if moment.type.base == TIMES[1]:
        return Expr(pack_time(move(f"({moment.sql}).t"), f"({moment.sql}).o"), result)
    return Expr(move(moment.sql), result)


def _add_months(sql: str, months: str, precision: int) -> str:
    if precision <= 6:
        return f"({sql} + {months})"
    micros = f"make_timestamp({clock.rescaled_sql(f'epoch_ns({sql})', 9, 6)})"
    rest = f"(epoch_ns({sql}) % 1000 + 1000) % 1000"
    return f"make_timestamp_ns(epoch_us({micros} + {months}) * 1000 + {rest})"


def _add_millis(sql: str, millis: str, precision: int) -> str:
    if precision <= 6:
        return f"({sql} + to_microseconds({millis} * 1000))"
    return f"make_timestamp_ns(epoch_ns({sql}) + {millis} * 1000000)"


def _add_to_time(sql: str, millis: str, precision: int) -> str:
    day = clock.DAY_SECONDS * clock.unit(precision)
    scale = clock.unit(precision) // 1000
    span = f"({millis} % {clock.DAY_MILLIS}) * {scale}"
    return clock.time_of_sql(
        f"(({clock.number_sql(sql, precision)} + {span} + {day}) % {day})", precision
    )


def _shift_date(sql: str, span: Expr, sign: int) -> str:
    minus = "-" if sign < 0 else ""
    if span.type == YEAR_TO_MONTH:
        return f"CAST({sql} + to_months({minus}({span.sql})) AS DATE)"
    message = (
        "Cannot add hour, minutes or seconds to a date"
        if sign > 0
        else "Cannot subtract hour, minutes or seconds from a date"
    )
    failure = raise_sql("INVALID_FUNCTION_ARGUMENT", quote(message), "DATE")
    if span.value is not NOT_CONSTANT and span.value is not None:
        days, rest = divmod(int(span.value), clock.DAY_MILLIS)
        if rest:
            return f"(CASE WHEN {sql} IS NOT NULL THEN {failure} END)"
        return f"({sql} + {sign * days})"
    days_sql = f"CAST({minus}({span.sql}) // {clock.DAY_MILLIS} AS INTEGER)"
    return (
        f"(CASE WHEN ({span.sql}) % {clock.DAY_MILLIS} <> 0 AND {sql} IS NOT NULL THEN {failure} "
        f"ELSE {sql} + {days_sql} END)"
    )


def _scale(op: str, span: Expr, factor: Expr) -> Expr | None:
    held = duckdb_type(span.type)
    if op == "*" and factor.type.base in INTEGERS:
        return Expr(f"CAST({span.sql} * CAST({factor.sql} AS BIGINT) AS {held})", span.type)
    if factor.type.base not in (*INTEGERS, "decimal", "real", "double"):
        return None
    return Expr(
        once([f"CAST({factor.sql} AS DOUBLE)"], lambda number: _scaled(op, span, number)), span.type
    )


def _scaled(op: str, span: Expr, number: str) -> str:
    held = duckdb_type(span.type)
    bad = f"isnan({number})" if op == "*" else f"isnan({number}) OR {number} = 0"
    message = (
        quote("Cannot multiply by double NaN")
        if op == "*"
        else f"'Cannot divide by double ' || {render.render_sql(number, DOUBLE)}"
    )
    failure = raise_sql("INVALID_FUNCTION_ARGUMENT", f"({message})", held)
    result = f"CAST(trunc({span.sql} {op} {number}) AS {held})"
    return f"(CASE WHEN {bad} THEN {failure} ELSE {result} END)"


def _difference(left: Expr, right: Expr, analysis: Any) -> Expr | None:
    kind = common_super_type(left.type, right.type)
    if kind is None:
        return None
    if kind.base == "date":
        return Expr(
            f"(CAST({left.sql} - {right.sql} AS BIGINT) * {clock.DAY_MILLIS})", DAY_TO_SECOND
        )
    context = Context.of(analysis) if analysis else Context.of_session()
    a, b = convert(left, kind, context), convert(right, kind, context)
    assert a is not None
    assert b is not None
    units = f"{_units(a)} - {_units(b)}"
    millis = (
        clock.rounded_sql(f"({units})", kind.precision, 3) if kind.precision > 3 else f"({units})"
    )
    scale = clock.unit(kind.precision if kind.precision <= 3 else 3) // 1000
    return Expr(f"({millis} // {scale})", DAY_TO_SECOND)


def _units(expr: Expr) -> str:
    """Units from 1970, or of the day, that count the instant."""
    key = compare_key(expr)
    return key if expr.type.base == TIMES[1] else clock.number_sql(f"({key})", expr.type.precision)


def compare_key(expr: Expr) -> str:
    """Return DuckDB SQL by which values of the type compare and are equal.

    A timestamp with time zone is its instant, a time with time zone its time in UTC.
    """
    if expr.type.base == STAMPS[1]:
        return f"({expr.sql}).i"
    if expr.type.base == TIMES[1]:
        precision = expr.type.precision
        day = clock.DAY_SECONDS * clock.unit(precision)

        def in_utc(name: str) -> str:
            number = clock.number_sql(f"({name}).t", precision)
            shift = f"CAST(({name}).o AS BIGINT) * {60 * clock.unit(precision)}"
            return f"((({number} - {shift}) % {day} + {day}) % {day})"

        return once([expr.sql], in_utc)
    return expr.sql


# ---- EXTRACT

EXTRACT = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "day_of_week",
    "dow": "day_of_week",
    "day_of_year": "day_of_year",
    "doy": "day_of_year",
    "year_of_week": "year_of_week",
    "yow": "year_of_week",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
    "timezone_hour": "timezone_hour",
    "timezone_minute": "timezone_minute",
}
"""EXTRACT's field → the function that gives it."""


def check_extract(kind: Type, at: Position) -> None:
    """Check the type that EXTRACT takes apart; `at` is where that expression stands.

    Raises:
        TrinoError: TYPE_MISMATCH.
    """
    if kind.base not in BASES:
        raise TrinoError(
            "TYPE_MISMATCH",
            "Type of argument to extract must be DATE, TIME, TIMESTAMP, or INTERVAL "
            f"(actual {kind})",
            at,
        )
