"""Literals of dates, times, timestamps and intervals, and what CURRENT_TIMESTAMP and its like give.

Source: Trino's ExpressionAnalyzer, DateTimes and DateTimeUtils.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from labcloud.trino import clock, zones
from labcloud.trino.errors import Position, TrinoError, quote
from labcloud.trino.expr import Expr
from labcloud.trino.temporal.context import STAMPS, TIMES, Context
from labcloud.trino.types import (
    DATE,
    DAY_TO_SECOND,
    YEAR_TO_MONTH,
    Type,
    duckdb_type,
    timestamp,
    timestamp_tz,
)

if TYPE_CHECKING:
    from labcloud.trino import tree


def literal(type_name: str, text: str, at: Position, session: Any = None) -> Expr:
    """Return DATE '…', TIME '…' or TIMESTAMP '…'; the text decides precision and zone.

    Raises:
        TrinoError: INVALID_LITERAL: the text is no such value.
    """
    try:
        return _LITERALS[type_name](text)
    except ValueError:
        name = type_name.upper()
        raise TrinoError("INVALID_LITERAL", f"'{text}' is not a valid {name} literal", at) from None
    except TrinoError as error:
        raise TrinoError(error.name, error.message, at) from None


def _date_literal(text: str) -> Expr:
    return date_literal(clock.parse_date(text))


def date_literal(days: int) -> Expr:
    """Return a date's literal of its days from 1970."""
    value = clock.python_value(days=days)
    if value is None or not 1 <= value.year <= 9999:
        return Expr(f"(DATE '1970-01-01' + {days})", DATE)
    return Expr(f"DATE '{value.isoformat()}'", DATE, value)


def _time_literal(text: str) -> Expr:
    moment = clock.parse_time(text)
    places = len(moment.fraction)
    kind = Type("time" if moment.offset is None else "time with time zone", (places,))
    sql = _time_sql(moment.nanos(places), places)
    if moment.offset is not None:
        sql = f"{{'t': {sql}, 'o': {moment.offset}}}"
    return Expr(sql, kind)


def _time_sql(nanos: int, precision: int) -> str:
    hour, minute, second, nano = clock.civil_time(nanos)
    held = "TIME_NS" if precision > 6 else "TIME"
    fraction = f"{nano:09d}" if precision > 6 else f"{nano // 1000:06d}"
    return f"CAST('{hour:02d}:{minute:02d}:{second:02d}.{fraction}' AS {held})"


def _timestamp_literal(text: str) -> Expr:
    moment = clock.parse_timestamp(text)
    places = len(moment.fraction)
    kind = Type("timestamp" if moment.zone is None else "timestamp with time zone", (places,))
    clock.check_precision(kind)
    if moment.zone is None:
        return timestamp_literal(moment.nanos(places), places)
    offsets = zones.valid_offsets(moment.seconds, moment.zone)
    if not offsets:  # a clock never showed it
        raise ValueError(text)
    return instant_literal(moment.nanos(places) - offsets[0] * clock.NANOS, places, moment.zone)


def timestamp_literal(nanos: int, precision: int) -> Expr:
    """Return a timestamp's literal of its nanoseconds from 1970."""
    value = clock.python_value(micros=nanos // 1000)
    if precision > 6:
        return Expr(f"make_timestamp_ns({nanos})", timestamp(precision))
    if value is None:
        return Expr(f"make_timestamp({nanos // 1000})", timestamp(precision))
    return Expr(f"TIMESTAMP '{value.isoformat(' ')}'", timestamp(precision), value)


def instant_literal(nanos: int, precision: int, zone: str) -> Expr:
    """Return the literal of a timestamp with time zone of its instant's nanoseconds."""
    instant = timestamp_literal(nanos, precision).sql
    return Expr(f"{{'i': {instant}, 'z': {quote(zone)}}}", timestamp_tz(precision))


_LITERALS: dict[str, Callable[[str], Expr]] = {
    "date": _date_literal,
    "time": _time_literal,
    "timestamp": _timestamp_literal,
}


def interval(node: tree.IntervalLiteral) -> Expr:
    """Return INTERVAL '…' of months or milliseconds.

    Raises:
        TrinoError: INVALID_LITERAL, at the literal.
    """
    try:
        number = clock.parse_interval(node.value, node.start, node.end)
    except TrinoError as error:
        raise TrinoError(error.name, error.message, node.at) from None
    number = -number if node.negative else number
    kind = YEAR_TO_MONTH if node.start in ("year", "month") else DAY_TO_SECOND
    return Expr(f"CAST({number} AS {duckdb_type(kind)})", kind, number)


# ---- now


def now(function: str, precision: int | None, session: Any, at: Position) -> Expr:
    """Return current_date, current_time, current_timestamp, localtime or localtimestamp."""
    context = Context.of_session(session)
    places = 3 if precision is None else precision
    nanos = (context.started - zones.EPOCH) // timedelta(microseconds=1) * 1000
    local = (context.local - zones.EPOCH) // timedelta(microseconds=1) * 1000
    if function == "current_date":
        return date_literal(local // (clock.DAY_SECONDS * clock.NANOS))
    kind = Type(
        {"current_timestamp": STAMPS[1], "current_time": TIMES[1]}.get(function, "time"), (places,)
    )
    try:
        clock.check_precision(kind)
    except TrinoError as error:
        raise TrinoError("TYPE_MISMATCH", error.message, at) from None
    if function == "current_timestamp":
        return instant_literal(_cut(nanos, places), places, context.zone)
    if function == "localtimestamp":
        return timestamp_literal(_cut(local, places), places)
    sql = _time_sql(_cut(local, places) % (clock.DAY_SECONDS * clock.NANOS), places)
    if function == "current_time":
        sql = f"{{'t': {sql}, 'o': {context.offset}}}"
    return Expr(sql, kind)


def _cut(nanos: int, precision: int) -> int:
    """Round to `precision` decimals, half up."""
    step = 10 ** (9 - min(precision, 9))
    return int((nanos + step // 2) // step * step)
