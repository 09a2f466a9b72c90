"""Functions of time zones.

Source: https://trino.io/docs/current/functions/datetime.html, "Date and time functions".
"""

from __future__ import annotations

from labcloud.trino import temporal, zones
from labcloud.trino.errors import quote
from labcloud.trino.functions.datetime import declare
from labcloud.trino.functions.registry import Call
from labcloud.trino.temporal import Context

_STAMP, _ZONED = "timestamp(p)", "timestamp(p) with time zone"
_TIME_TZ = "time(p) with time zone"


def _at_timezone(call: Call) -> str:
    return temporal.at_time_zone(call.args[0], call.args[1], call, call.at).sql


def _with_timezone(call: Call) -> str:
    context = Context.of(call)
    zone = temporal.zone_sql(call.args[1], context)
    instant = temporal.to_instant_sql(call.sql(0), call.type(0).precision, zone, context)
    return zones.pack_sql(instant, zone)


declare("at_timezone", f"{_ZONED}, varchar(x)", _ZONED, _at_timezone)
declare("at_timezone", f"{_ZONED}, interval day to second", _ZONED, _at_timezone)
declare("with_timezone", f"{_STAMP}, varchar(x)", _ZONED, _with_timezone)
declare("current_timezone", "", "varchar", lambda call: quote(Context.of(call).zone))


def _offset_minutes(call: Call) -> str:
    if call.type(0).base == "time with time zone":
        return f"CAST(({call.sql(0)}).o AS BIGINT)"
    return f"CAST({zones.offset_sql(call.sql(0))} AS BIGINT) // 60"


for _kind in (_ZONED, _TIME_TZ):
    declare("timezone_hour", _kind, "bigint", lambda call: f"(({_offset_minutes(call)}) // 60)")
    declare("timezone_minute", _kind, "bigint", lambda call: f"(({_offset_minutes(call)}) % 60)")

declare("timezone", _ZONED, "varchar", "({0}).z")
