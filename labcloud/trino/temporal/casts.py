"""Casts among dates, times, timestamps, intervals and texts.

Source: Trino's operator/scalar/{time,timetz,timestamp,timestamptz}, DateOperators and the
operators of its intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud.trino import clock, render, zones
from labcloud.trino.errors import quote, raise_sql
from labcloud.trino.expr import Expr
from labcloud.trino.once import bind, once
from labcloud.trino.temporal.context import BASES, INTERVALS, STAMPS, TIMES, Context
from labcloud.trino.types import BIGINT, INTEGER, VARCHAR, Type, duckdb_type

_STRINGS = ("varchar", "char")


def cast(expr: Expr, target: Type, analysis: Any) -> Expr | None:
    """Return a cast from or to a temporal type, or None where Trino has none such.

    `analysis` has `session` and `udfs`.

    Raises:
        TrinoError: NUMERIC_VALUE_OUT_OF_RANGE: more decimals than Trino's 12.
    """
    return convert(expr, target, Context.of(analysis))


def convert(expr: Expr, target: Type, context: Context) -> Expr | None:
    """Return what `cast` returns."""
    source = expr.type
    if source.base not in BASES and target.base not in BASES:
        return None
    if source == target:
        return expr
    if source.base == "unknown":
        return Expr(f"CAST(NULL AS {duckdb_type(target)})", target, None)
    if target.base in (*TIMES, *STAMPS):
        clock.check_precision(target)
    if target.base == "varchar":
        return Expr(_to_varchar(expr, target), target)
    if source.base in _STRINGS:
        change = _FROM_TEXT.get(target.base)
    else:
        change = _CASTS.get((source.base, target.base))
    if change is None:
        return None
    return Expr(bind([expr], lambda args: change(args[0], target, context)), target)


def _to_varchar(expr: Expr, target: Type) -> str:
    text = text_sql(expr)
    if target.length is None or expr.type.base in INTERVALS:
        return text

    def checked(name: str) -> str:
        message = f"'Value ' || {name} || ' cannot be represented as varchar({target.length})'"
        failure = raise_sql("INVALID_CAST_ARGUMENT", message, "VARCHAR")
        return f"(CASE WHEN length({name}) > {target.length} THEN {failure} ELSE {name} END)"

    return once([text], checked)


def text_sql(expr: Expr) -> str:
    """Return DuckDB SQL for the text of a temporal value, as a cast to varchar gives it."""
    kind = expr.type
    make = _TEXT_SQL[kind.base]
    return f"({once([expr.sql], lambda name: make(name, kind))})"


_TEXT_SQL: dict[str, Callable[[str, Type], str]] = {
    "date": lambda sql, kind: render.date_sql(sql, ""),
    "timestamp": lambda sql, kind: render.timestamp_sql(sql, kind.precision, 0),
    "timestamp with time zone": lambda sql, kind: render.timestamp_tz_sql(sql, kind.precision, 0),
    "time": lambda sql, kind: render.time_sql(sql, kind.precision, 0),
    "time with time zone": lambda sql, kind: render.time_tz_sql(sql, kind.precision, 0),
    "interval day to second": lambda sql, kind: render.day_to_second_sql(sql),
    "interval year to month": lambda sql, kind: render.year_to_month_sql(sql),
}

# from texts


def _plain(expr: Expr) -> str:
    """Trailing blanks of a char are not part of its text."""
    return f"rtrim({expr.sql}, ' ')" if expr.type.base == "char" else expr.sql


def _text_to_date(expr: Expr, target: Type, context: Context) -> str:
    text = _plain(expr)
    slow = context.call(clock.varchar_to_date, [VARCHAR], BIGINT, text)
    fast = (
        f"CASE WHEN length({text}) = 10 AND {text}[5] = '-' AND {text}[8] = '-' "
        f"THEN TRY_CAST({text} AS DATE) END"
    )
    return f"coalesce({fast}, DATE '1970-01-01' + CAST({slow} AS INTEGER))"


def _text_to_timestamp(expr: Expr, target: Type, context: Context) -> str:
    text, places = _plain(expr), target.precision
    number = context.call(clock.varchar_to_timestamp, [VARCHAR, INTEGER], BIGINT, text, str(places))
    sql = clock.timestamp_of_sql(number, places)
    if places <= 6:
        fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        pattern = rf"[0-9]{{4}}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]{fraction}"
        sql = (
            f"coalesce(CASE WHEN regexp_full_match({text}, {quote(pattern)}) "
            f"AND {text}[12:13] < '24' THEN TRY_CAST({text} AS TIMESTAMP) END, {sql})"
        )
    return sql


def _text_to_instant(expr: Expr, target: Type, context: Context) -> str:
    text, places, zone = _plain(expr), target.precision, quote(context.zone)
    number = context.call(
        clock.varchar_to_instant, [VARCHAR, INTEGER, VARCHAR], BIGINT, text, str(places), zone
    )
    named = context.call(clock.varchar_to_zone, [VARCHAR, VARCHAR], VARCHAR, text, zone)
    return zones.pack_sql(clock.timestamp_of_sql(number, places), named)


def _text_to_time(expr: Expr, target: Type, context: Context) -> str:
    number = context.call(
        clock.varchar_to_time, [VARCHAR, INTEGER], BIGINT, _plain(expr), str(target.precision)
    )
    return clock.time_of_sql(number, target.precision)


def _text_to_time_tz(expr: Expr, target: Type, context: Context) -> str:
    text, places = _plain(expr), target.precision
    number = context.call(clock.varchar_to_time_tz, [VARCHAR, INTEGER], BIGINT, text, str(places))
    offset = context.call(
        clock.varchar_to_offset, [VARCHAR, INTEGER], INTEGER, text, str(context.offset)
    )
    return pack_time(clock.time_of_sql(number, places), offset)


def pack_time(moment: str, offset: str) -> str:
    """Return SQL for a time with time zone; NULL where the time is."""
    return once(
        [moment],
        lambda name: f"(CASE WHEN {name} IS NOT NULL THEN {{'t': {name}, 'o': {offset}}} END)",
    )


_FROM_TEXT: dict[str, Callable[[Expr, Type, Context], str]] = {
    "date": _text_to_date,
    "timestamp": _text_to_timestamp,
    "timestamp with time zone": _text_to_instant,
    "time": _text_to_time,
    "time with time zone": _text_to_time_tz,
}

# between temporal types: each gives SQL


def _round_stamp(sql: str, source: int, target: int) -> str:
    """A TIMESTAMP(_NS) of `source` decimals with `target` decimals."""
    if clock.unit(source) == clock.unit(target) and (target >= source or target >= 9):
        return sql
    number = clock.rounded_sql(clock.number_sql(sql, source), source, target)
    return clock.timestamp_of_sql(number, target)


def _round_time(sql: str, source: int, target: int) -> str:
    """A TIME(_NS); rounding up the day's last moment gives midnight."""
    if clock.unit(source) == clock.unit(target) and (target >= source or target >= 9):
        return sql
    number = clock.rounded_sql(clock.number_sql(sql, source), source, target)
    return clock.time_of_sql(f"({number} % {clock.DAY_SECONDS * clock.unit(target)})", target)


def _date_to_stamp(expr: Expr, target: Type, context: Context) -> str:
    return f"CAST({expr.sql} AS {duckdb_type(target)})"


def to_instant_sql(local: str, precision: int, zone: str, context: Context) -> str:
    """Return SQL for the instant of a local TIMESTAMP(_NS) in a zone, given as SQL."""
    if zone == "'UTC'":
        return local
    micros = clock.rescaled_sql(clock.number_sql(local, precision), precision, 6)
    instant = context.call(zones.instant_of_local, *zones.INSTANT_OF_LOCAL, micros, zone)
    if precision <= 6:
        return clock.timestamp_of_sql(instant, precision)
    number = f"(epoch_ns({local}) + ({instant} - {micros}) * 1000)"
    return clock.timestamp_of_sql(number, precision)


def _to_zoned(local: str, precision: int, context: Context) -> str:
    instant = to_instant_sql(local, precision, quote(context.zone), context)
    return zones.pack_sql(instant, quote(context.zone))


def _date_to_zoned(expr: Expr, target: Type, context: Context) -> str:
    held = "TIMESTAMP_NS" if target.precision > 6 else "TIMESTAMP"
    return _to_zoned(f"CAST({expr.sql} AS {held})", target.precision, context)


def _stamp_to_date(expr: Expr, target: Type, context: Context) -> str:
    return f"CAST({expr.sql} AS DATE)"


def _stamp_to_stamp(expr: Expr, target: Type, context: Context) -> str:
    return _round_stamp(expr.sql, expr.type.precision, target.precision)


def _stamp_to_zoned(expr: Expr, target: Type, context: Context) -> str:
    return _to_zoned(_stamp_to_stamp(expr, target, context), target.precision, context)


def _stamp_to_time(expr: Expr, target: Type, context: Context) -> str:
    return _stamp_time(expr.sql, expr.type.precision, target.precision)


def _stamp_time(sql: str, source: int, target: int) -> str:
    rounded = _round_stamp(sql, source, target)
    return f"CAST({rounded} AS {'TIME_NS' if target > 6 else 'TIME'})"


def _stamp_to_time_tz(expr: Expr, target: Type, context: Context) -> str:
    return pack_time(_stamp_to_time(expr, target, context), str(context.offset))


def local(expr: Expr) -> str:
    """Return SQL for the local TIMESTAMP(_NS) of a timestamp, with or without time zone."""
    if expr.type.base == "timestamp":
        return expr.sql
    return f"({zones.local_sql(expr.sql, expr.type.precision)})"


def _zoned_to_date(expr: Expr, target: Type, context: Context) -> str:
    return f"CAST({local(expr)} AS DATE)"


def _zoned_to_stamp(expr: Expr, target: Type, context: Context) -> str:
    return _round_stamp(local(expr), expr.type.precision, target.precision)


def _zoned_to_zoned(expr: Expr, target: Type, context: Context) -> str:
    instant = _round_stamp(f"({expr.sql}).i", expr.type.precision, target.precision)
    if instant == f"({expr.sql}).i":
        return expr.sql
    return f"({repack(expr.sql, instant)})"


def repack(sql: str, instant: str) -> str:
    """The same zone with another instant; NULL stays NULL."""
    return f"CASE WHEN ({sql}) IS NOT NULL THEN {{'i': {instant}, 'z': ({sql}).z}} END"


def _zoned_to_time(expr: Expr, target: Type, context: Context) -> str:
    return _stamp_time(local(expr), expr.type.precision, target.precision)


def _zoned_to_time_tz(expr: Expr, target: Type, context: Context) -> str:
    offset = f"CAST({zones.offset_sql(expr.sql)} AS INTEGER) // 60"
    return pack_time(_zoned_to_time(expr, target, context), offset)


def _time_to_time(expr: Expr, target: Type, context: Context) -> str:
    return _round_time(expr.sql, expr.type.precision, target.precision)


def _time_to_time_tz(expr: Expr, target: Type, context: Context) -> str:
    return pack_time(_time_to_time(expr, target, context), str(context.offset))


def _today(moment: str, source: int, target: int, context: Context) -> str:
    """A time of the day on which the statement began, as TIMESTAMP(_NS)."""
    day = f"epoch_us(TIMESTAMP '{context.local:%Y-%m-%d}')"
    number = clock.rounded_sql(clock.number_sql(moment, source), source, target)
    scale = 1000 if target > 6 else 1
    return clock.timestamp_of_sql(f"({day} * {scale} + {number})", target)


def _time_to_stamp(expr: Expr, target: Type, context: Context) -> str:
    return _today(expr.sql, expr.type.precision, target.precision, context)


def _time_to_zoned(expr: Expr, target: Type, context: Context) -> str:
    return _to_zoned(_time_to_stamp(expr, target, context), target.precision, context)


def _time_tz_to_time(expr: Expr, target: Type, context: Context) -> str:
    return _round_time(f"({expr.sql}).t", expr.type.precision, target.precision)


def _time_tz_to_time_tz(expr: Expr, target: Type, context: Context) -> str:
    return pack_time(_time_tz_to_time(expr, target, context), f"({expr.sql}).o")


def _time_tz_to_stamp(expr: Expr, target: Type, context: Context) -> str:
    return _today(f"({expr.sql}).t", expr.type.precision, target.precision, context)


def _time_tz_to_zoned(expr: Expr, target: Type, context: Context) -> str:
    stamp = _time_tz_to_stamp(expr, target, context)
    number = clock.number_sql(stamp, target.precision)
    shift = f"CAST(({expr.sql}).o AS BIGINT) * {60 * clock.unit(target.precision)}"
    instant = clock.timestamp_of_sql(f"({number} - {shift})", target.precision)
    name = render.offset_sql(f"({expr.sql}).o")
    zone = f"CASE WHEN ({expr.sql}).o = 0 THEN 'UTC' ELSE {name} END"
    return zones.pack_sql(instant, zone)


_CASTS: dict[tuple[str, str], Callable[[Expr, Type, Context], str]] = {
    ("date", STAMPS[0]): _date_to_stamp,
    ("date", STAMPS[1]): _date_to_zoned,
    (STAMPS[0], "date"): _stamp_to_date,
    (STAMPS[0], STAMPS[0]): _stamp_to_stamp,
    (STAMPS[0], STAMPS[1]): _stamp_to_zoned,
    (STAMPS[0], TIMES[0]): _stamp_to_time,
    (STAMPS[0], TIMES[1]): _stamp_to_time_tz,
    (STAMPS[1], "date"): _zoned_to_date,
    (STAMPS[1], STAMPS[0]): _zoned_to_stamp,
    (STAMPS[1], STAMPS[1]): _zoned_to_zoned,
    (STAMPS[1], TIMES[0]): _zoned_to_time,
    (STAMPS[1], TIMES[1]): _zoned_to_time_tz,
    (TIMES[0], TIMES[0]): _time_to_time,
    (TIMES[0], TIMES[1]): _time_to_time_tz,
    (TIMES[0], STAMPS[0]): _time_to_stamp,
    (TIMES[0], STAMPS[1]): _time_to_zoned,
    (TIMES[1], TIMES[0]): _time_tz_to_time,
    (TIMES[1], TIMES[1]): _time_tz_to_time_tz,
    (TIMES[1], STAMPS[0]): _time_tz_to_stamp,
    (TIMES[1], STAMPS[1]): _time_tz_to_zoned,
}
