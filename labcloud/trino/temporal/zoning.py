"""AT TIME ZONE, and zones that are known only when a query runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from labcloud.trino import clock, zones
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.temporal.casts import convert, pack_time
from labcloud.trino.temporal.context import STAMPS, TIMES, Context
from labcloud.trino.temporal.operators import compare_key
from labcloud.trino.types import BIGINT, DAY_TO_SECOND, INTEGER, VARCHAR, Type


def canonical_zone(text: str) -> str:
    """Return a zone's own name; called by DuckDB."""
    if name := zones.find(text):
        return name
    raise udf_error("INVALID_FUNCTION_ARGUMENT", f"'{text}' is not a valid time zone")


def zone_sql(zone: Expr, context: Context) -> str:
    """Return SQL for the own name of a zone that an expression of varchar gives."""
    if isinstance(zone.value, str):
        if name := zones.find(zone.value):
            return quote(name)
        message = quote(f"'{zone.value}' is not a valid time zone")
        return raise_sql("INVALID_FUNCTION_ARGUMENT", message, "VARCHAR")
    return context.call(canonical_zone, [VARCHAR], VARCHAR, zone.sql)


def offset_zone(minutes: int) -> str:
    """Return the zone of an offset; called by DuckDB."""
    try:
        return zones.of_offset(minutes)
    except TrinoError as error:
        raise udf_error(error.name, error.message) from None


def at_time_zone(value: Expr, zone: Expr, analysis: Any, at: Position = (1, 1)) -> Expr:
    """Return `value AT TIME ZONE zone`; the zone is a varchar, or an interval from UTC.

    Raises:
        TrinoError: TYPE_MISMATCH: the value has no time.
    """
    context = Context.of(analysis)
    kind = value.type
    if kind.base not in (*TIMES, *STAMPS):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Type of value must be a time or timestamp with or without time zone (actual {kind})",
            at,
        )
    if kind.base in (STAMPS[0], TIMES[0]):
        zoned = convert(value, Type(f"{kind.base} with time zone", kind.args), context)
        assert zoned is not None
        value = zoned
    name = _zone_or_offset(zone, context)
    if value.type.base == TIMES[1]:
        return _time_at_zone(value, name, context)
    return Expr(zones.pack_sql(f"({value.sql}).i", name), value.type)


def _zone_or_offset(zone: Expr, context: Context) -> str:
    if zone.type == DAY_TO_SECOND:
        message = quote("Invalid time zone offset interval: interval contains seconds")
        failure = raise_sql("INVALID_FUNCTION_ARGUMENT", message, "VARCHAR")
        name = context.call(offset_zone, [BIGINT], VARCHAR, f"({zone.sql}) // 60000")
        return f"(CASE WHEN ({zone.sql}) % 60000 <> 0 THEN {failure} ELSE {name} END)"
    return zone_sql(zone, context)


def zone_offset(zone: str, started: int) -> int:
    """Return a zone's offset in minutes at an instant in seconds; called by DuckDB."""
    return zones.offset(started, zone) // 60


def _time_at_zone(value: Expr, zone: str, context: Context) -> Expr:
    precision = value.type.precision
    started = (context.started - zones.EPOCH) // timedelta(seconds=1)
    offset = context.call(zone_offset, [VARCHAR, BIGINT], INTEGER, zone, str(started))
    day = clock.DAY_SECONDS * clock.unit(precision)
    number = f"({compare_key(value)} + CAST({offset} AS BIGINT) * {60 * clock.unit(precision)})"
    moment = clock.time_of_sql(f"(({number} % {day} + {day}) % {day})", precision)
    return Expr(pack_time(moment, offset), value.type)
