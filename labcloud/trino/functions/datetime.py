"""Functions of dates, times and timestamps.

Source: https://trino.io/docs/current/functions/datetime.html and Trino's DateTimeFunctions,
operator/scalar/{timestamp,timestamptz,time,timetz}. Units follow Joda: differences count whole
units, adding months keeps to the month's last day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from labcloud.trino import clock, temporal, zones
from labcloud.trino.errors import quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.functions.registry import Call, Emit, ResultOf, scalar
from labcloud.trino.once import bind, once
from labcloud.trino.temporal import Context
from labcloud.trino.types import (
    BIGINT,
    DAY_TO_SECOND,
    VARCHAR,
    YEAR_TO_MONTH,
    Type,
    duckdb_type,
)

STAMP, ZONED = "timestamp(p)", "timestamp(p) with time zone"
TIME, TIME_TZ = "time(p)", "time(p) with time zone"
_DAY_INTERVAL, _MONTH_INTERVAL = DAY_TO_SECOND.base, YEAR_TO_MONTH.base


def declare(name: str, args: str, result: ResultOf, emit: Emit) -> None:
    """Declare a function whose `emit` may repeat its arguments; see `once`."""
    scalar(name, args, result, emit if isinstance(emit, str) else _bound(emit))


def _bound(emit: Callable[[Call], str]) -> Callable[[Call], str]:
    return lambda call: bind(call.args, lambda args: emit(replace(call, args=args)))


# ---- now


def _now(call: Call) -> str:
    return temporal.now("current_timestamp", 3, call.session, call.at).sql


def _current_date(call: Call) -> str:
    return temporal.now("current_date", None, call.session, call.at).sql


declare("now", "", "timestamp(3) with time zone", _now)
declare("current_date", "", "date", _current_date)

# ---- parts of a date or time


def _local(call: Call, index: int = 0) -> str:
    """An argument as the TIMESTAMP that its zone's clock shows, or as it is."""
    argument = call.args[index]
    if argument.type.base == "timestamp with time zone":
        return temporal.local(argument)
    if argument.type.base == "time with time zone":
        return f"({argument.sql}).t"
    return argument.sql


def _part(template: str) -> Callable[[Call], str]:
    return lambda call: template.replace("{0}", _local(call))


_DATE_PARTS = {
    "year": "year({0})",
    "quarter": "quarter({0})",
    "month": "month({0})",
    "week": "week({0})",
    "week_of_year": "week({0})",
    "day": "day({0})",
    "day_of_month": "day({0})",
    "day_of_week": "isodow({0})",
    "dow": "isodow({0})",
    "day_of_year": "dayofyear({0})",
    "doy": "dayofyear({0})",
    "year_of_week": "isoyear({0})",
    "yow": "isoyear({0})",
}
_TIME_PARTS = {
    "hour": "hour({0})",
    "minute": "minute({0})",
    "second": "second({0})",
    "millisecond": "(millisecond({0}) % 1000)",
}
for _name, _template in _DATE_PARTS.items():
    for _kind in ("date", STAMP, ZONED):
        declare(_name, _kind, "bigint", _part(_template))
for _name, _template in _TIME_PARTS.items():
    for _kind in (TIME, TIME_TZ, STAMP, ZONED):
        declare(_name, _kind, "bigint", _part(_template))

# An interval's parts keep its sign, as Java's remainder does.
for _name in ("day", "day_of_month"):
    declare(_name, _DAY_INTERVAL, "bigint", f"({{0}} // {clock.DAY_MILLIS})")
declare("hour", _DAY_INTERVAL, "bigint", "({0} % 86400000 // 3600000)")
declare("minute", _DAY_INTERVAL, "bigint", "({0} % 3600000 // 60000)")
declare("second", _DAY_INTERVAL, "bigint", "({0} % 60000 // 1000)")
declare("millisecond", _DAY_INTERVAL, "bigint", "({0} % 1000)")
declare("year", _MONTH_INTERVAL, "bigint", "CAST({0} // 12 AS BIGINT)")
declare("month", _MONTH_INTERVAL, "bigint", "CAST({0} % 12 AS BIGINT)")

for _kind in ("date", STAMP, ZONED):
    declare("last_day_of_month", _kind, "date", _part("last_day(CAST({0} AS DATE))"))

# ---- units of date_trunc, date_add and date_diff

_TIME_UNITS = {"millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000}
_DAY_UNITS = {"day": 1, "week": 7}
_MONTH_UNITS = {"month": 1, "quarter": 3, "year": 12}
_UNITS = {
    "date": (*_DAY_UNITS, *_MONTH_UNITS),
    "time": tuple(_TIME_UNITS),
    "timestamp": (*_TIME_UNITS, *_DAY_UNITS, *_MONTH_UNITS),
}


def _by_unit(call: Call, make: Callable[[str], str]) -> str:
    """SQL that `make` gives for the unit, which is the first argument; others are refused."""
    family = call.type(len(call.args) - 1).base.partition(" ")[0]
    units = _UNITS[family]
    unit = call.args[0]
    held = duckdb_type(call.result)
    if not isinstance(unit.value, str):
        name = f"lower({unit.sql})"
        whens = " ".join(f"WHEN {quote(known)} THEN {make(known)}" for known in units)
        failure = _not_a_unit(f"{name}", family, held)
        return (
            f"(CASE WHEN {name} IS NULL THEN NULL ELSE CASE {name} {whens} ELSE {failure} END END)"
        )
    name = unit.value.lower()
    if name in units:
        return make(name)
    failure = _not_a_unit(quote(name), family, held)
    given = " AND ".join(f"({argument.sql}) IS NOT NULL" for argument in call.args[1:])
    return f"(CASE WHEN {given} THEN {failure} END)"


def _not_a_unit(name_sql: str, family: str, held: str) -> str:
    message = f"'''' || {name_sql} || ''' is not a valid {family.upper()} field'"
    return raise_sql("INVALID_FUNCTION_ARGUMENT", message, held)


def _micros(sql: str, precision: int) -> str:
    """A TIMESTAMP of microseconds of a TIMESTAMP(_NS), cut."""
    if precision <= 6:
        return sql
    return f"make_timestamp({clock.rescaled_sql(f'epoch_ns({sql})', 9, 6)})"


def _fine(sql: str, precision: int) -> str:
    """A TIMESTAMP of microseconds as the type that holds `precision`."""
    return sql if precision <= 6 else f"CAST({sql} AS TIMESTAMP_NS)"


def _trunc_date(call: Call) -> str:
    return _by_unit(call, lambda unit: f"CAST(date_trunc('{unit}', {call.sql(1)}) AS DATE)")


def _trunc_stamp(call: Call) -> str:
    precision = call.type(1).precision
    moment = _micros(call.sql(1), precision)
    return _by_unit(call, lambda unit: _fine(f"date_trunc('{unit}', {moment})", precision))


def _trunc_time(call: Call) -> str:
    argument = call.args[1]
    precision = argument.type.precision
    number = clock.number_sql(_local(call, 1), precision)

    def make(unit: str) -> str:
        step = _TIME_UNITS[unit] * (clock.unit(precision) // 1000)
        moment = clock.time_of_sql(f"({number} // {step} * {step})", precision)
        if argument.type.base == "time":
            return moment
        return _retimed(argument.sql, moment)

    return _by_unit(call, make)


def _retimed(zoned: str, moment: str) -> str:
    """Another time with the offset of a time with time zone."""

    def packed(moment: str) -> str:
        return f"(CASE WHEN {moment} IS NOT NULL THEN {{'t': {moment}, 'o': ({zoned}).o}} END)"

    return once([moment], packed)


def _trunc_zoned(call: Call) -> str:
    argument = call.args[1]
    precision = argument.type.precision
    local = _micros(temporal.local(argument), precision)
    instant = _micros(f"({argument.sql}).i", precision)

    def make(unit: str, local: str) -> str:
        cut = f"date_trunc('{unit}', {local})"
        if unit in _TIME_UNITS:  # the offset stays
            moved = f"({instant} - ({local} - {cut}))"
        else:
            moved = _instant_near(call, argument.sql, cut, instant)
        return _repacked(argument.sql, _fine(moved, precision))

    return once([local], lambda name: _by_unit(call, lambda unit: make(unit, name)))


def _instant_near(call: Call, zoned: str, local: str, instant: str) -> str:
    """The instant of another local time in a value's zone, with its offset if that fits."""
    name = call.udfs.name(zones.instant_near, *zones.INSTANT_NEAR)

    def moved(local: str) -> str:
        slow = f"make_timestamp({name}(epoch_us({local}), ({zoned}).z, epoch_us({instant})))"
        return f"(CASE WHEN ({zoned}).z = 'UTC' THEN {local} ELSE {slow} END)"

    return once([local], moved)


def _repacked(zoned: str, instant: str) -> str:
    packed = f"{{'i': {instant}, 'z': ({zoned}).z}}"
    return f"(CASE WHEN ({zoned}) IS NOT NULL THEN {packed} END)"


declare("date_trunc", "varchar(x), date", "date", _trunc_date)
declare("date_trunc", f"varchar(x), {STAMP}", STAMP, _trunc_stamp)
declare("date_trunc", f"varchar(x), {ZONED}", ZONED, _trunc_zoned)
declare("date_trunc", f"varchar(x), {TIME}", TIME, _trunc_time)
declare("date_trunc", f"varchar(x), {TIME_TZ}", TIME_TZ, _trunc_time)


def _span(unit: str, count: str) -> str:
    """DuckDB's interval of a number of units; months clamp to the month's last day."""
    if unit in _MONTH_UNITS:
        return f"to_months(CAST({count} * {_MONTH_UNITS[unit]} AS INTEGER))"
    if unit in _DAY_UNITS:
        return f"to_days(CAST({count} * {_DAY_UNITS[unit]} AS INTEGER))"
    return f"to_microseconds({count} * {_TIME_UNITS[unit] * 1000})"


def _add_date(call: Call) -> str:
    count, day = call.sql(1), call.sql(2)

    def make(unit: str) -> str:
        if unit in _DAY_UNITS:
            return f"({day} + CAST({count} * {_DAY_UNITS[unit]} AS INTEGER))"
        return f"CAST({day} + {_span(unit, count)} AS DATE)"

    return _by_unit(call, make)


def _added(unit: str, count: str, sql: str, precision: int) -> str:
    """A TIMESTAMP(_NS) moved on, with as many decimals as before."""
    if precision <= 6:
        moved = f"({sql} + {_span(unit, count)})"
        return _rounded(moved, precision) if unit == "millisecond" else moved
    if unit in _TIME_UNITS:
        return f"make_timestamp_ns(epoch_ns({sql}) + {count} * {_TIME_UNITS[unit] * 1_000_000})"
    rest = f"(epoch_ns({sql}) % 1000 + 1000) % 1000"
    moved = f"({_micros(sql, precision)} + {_span(unit, count)})"
    return f"make_timestamp_ns(epoch_us({moved}) * 1000 + {rest})"


def _rounded(sql: str, precision: int) -> str:
    if precision >= 3:
        return sql
    return f"make_timestamp({clock.rounded_sql(f'epoch_us({sql})', 6, precision)})"


def _add_stamp(call: Call) -> str:
    return _by_unit(
        call, lambda unit: _added(unit, call.sql(1), call.sql(2), call.type(2).precision)
    )


def _add_zoned(call: Call) -> str:
    argument = call.args[2]
    precision = argument.type.precision
    instant = f"({argument.sql}).i"

    def make(unit: str) -> str:
        if unit in _TIME_UNITS:
            return _repacked(argument.sql, _added(unit, call.sql(1), instant, precision))
        local = f"({_micros(temporal.local(argument), precision)} + {_span(unit, call.sql(1))})"
        near = _micros(instant, precision)
        moved = _instant_near(call, argument.sql, local, near)
        if precision > 6:
            moved = f"make_timestamp_ns(epoch_us({moved}) * 1000 + epoch_ns({instant}) % 1000)"
        return _repacked(argument.sql, moved)

    return _by_unit(call, make)


def _add_time(call: Call) -> str:
    argument = call.args[2]
    precision = argument.type.precision
    scale = clock.unit(precision)
    day = clock.DAY_SECONDS * scale
    number = clock.number_sql(_local(call, 2), precision)

    def make(unit: str) -> str:
        step = _TIME_UNITS[unit] * (scale // 1000)
        total = f"(({number} + {call.sql(1)} % {day // step} * {step} + {day}) % {day})"
        if precision < 3 and unit == "millisecond":
            total = f"({clock.rounded_sql(total, 6, precision)} % {day})"
        moment = clock.time_of_sql(total, precision)
        if argument.type.base == "time":
            return moment
        return _retimed(argument.sql, moment)

    return _by_unit(call, make)


declare("date_add", "varchar(x), bigint, date", "date", _add_date)
declare("date_add", f"varchar(x), bigint, {STAMP}", STAMP, _add_stamp)
declare("date_add", f"varchar(x), bigint, {ZONED}", ZONED, _add_zoned)
declare("date_add", f"varchar(x), bigint, {TIME}", TIME, _add_time)
declare("date_add", f"varchar(x), bigint, {TIME_TZ}", TIME_TZ, _add_time)


def _months_between(unit: str, first: str, second: str) -> str:
    return f"(date_sub('month', {first}, {second}) // {_MONTH_UNITS[unit]})"


def _millis_between(unit: str, first: str, second: str) -> str:
    millis = _TIME_UNITS.get(unit) or _DAY_UNITS[unit] * clock.DAY_MILLIS
    difference = f"(epoch_ms({second}) - epoch_ms({first}))"
    return difference if millis == 1 else f"({difference} // {millis})"


def _diff_date(call: Call) -> str:
    first, second = call.sql(1), call.sql(2)

    def make(unit: str) -> str:
        if unit in _MONTH_UNITS:
            return _months_between(unit, first, second)
        return f"(CAST({second} - {first} AS BIGINT) // {_DAY_UNITS[unit]})"

    return _by_unit(call, make)


def _diff_stamp(call: Call) -> str:
    first, second = (_micros(call.sql(i), call.type(i).precision) for i in (1, 2))

    def make(unit: str) -> str:
        between = _months_between if unit in _MONTH_UNITS else _millis_between
        return between(unit, first, second)

    return _by_unit(call, make)


def _diff_zoned(call: Call) -> str:
    """Hours pass everywhere alike; days, and what is longer, by the clock of the first's zone."""
    first, second = call.args[1], call.args[2]
    precision = first.type.precision
    instants = [_micros(f"({argument.sql}).i", precision) for argument in (first, second)]
    other = Expr(f"({{'i': ({second.sql}).i, 'z': ({first.sql}).z}})", second.type)
    local = [_micros(temporal.local(argument), precision) for argument in (first, other)]

    def make(unit: str) -> str:
        if unit in _TIME_UNITS:
            return _millis_between(unit, *instants)
        between = _months_between if unit in _MONTH_UNITS else _millis_between
        return between(unit, *local)

    return _by_unit(call, make)


def _diff_time(call: Call) -> str:
    precision = call.type(1).precision
    scale = clock.unit(precision) // 1000
    numbers = [_time_number(call, index) for index in (1, 2)]
    return _by_unit(
        call, lambda unit: f"(({numbers[1]} - {numbers[0]}) // {_TIME_UNITS[unit] * scale})"
    )


def _time_number(call: Call, index: int) -> str:
    argument = call.args[index]
    key = temporal.compare_key(argument)
    if argument.type.base == "time with time zone":
        return key
    return clock.number_sql(key, argument.type.precision)


declare("date_diff", "varchar(x), date, date", "bigint", _diff_date)
declare("date_diff", f"varchar(x), {STAMP}, {STAMP}", "bigint", _diff_stamp)
declare("date_diff", f"varchar(x), {ZONED}, {ZONED}", "bigint", _diff_zoned)
declare("date_diff", f"varchar(x), {TIME}, {TIME}", "bigint", _diff_time)
declare("date_diff", f"varchar(x), {TIME_TZ}, {TIME_TZ}", "bigint", _diff_time)

# ---- dates from other values


def _as_date(call: Call) -> str:
    made = temporal.cast(call.args[0], Type("date"), call)
    assert made is not None
    return made.sql


for _kind in ("varchar(x)", STAMP, ZONED):
    declare("date", _kind, "date", _as_date)

# ---- Unix time


def _unix_instant(call: Call) -> str:
    """Java's Math.round of the milliseconds."""
    return f"make_timestamp(CAST(floor({call.sql(0)} * 1000 + 0.5) AS BIGINT) * 1000)"


def _from_unixtime(call: Call) -> str:
    zone = quote(Context.of(call).zone)
    return zones.pack_sql(_unix_instant(call), zone)


def supported_zone(text: str) -> str:
    """Return a zone's own name; called by DuckDB."""
    if name := zones.find(text):
        return name
    raise udf_error("NOT_SUPPORTED", f"Time zone not supported: {text}")


def _from_unixtime_zone(call: Call) -> str:
    zone = call.args[1]
    name = zones.find(zone.value) if isinstance(zone.value, str) else None
    sql = quote(name) if name else f"{call.udf(supported_zone, [VARCHAR], VARCHAR)}({zone.sql})"
    return zones.pack_sql(_unix_instant(call), sql)


def _from_unixtime_offset(call: Call) -> str:
    minutes = f"({call.sql(1)} * 60 + {call.sql(2)})"
    zone = f"{call.udf(temporal.offset_zone, [BIGINT], VARCHAR)}({minutes})"
    return zones.pack_sql(_unix_instant(call), zone)


declare("from_unixtime", "double", "timestamp(3) with time zone", _from_unixtime)
declare("from_unixtime", "double, varchar(x)", "timestamp(3) with time zone", _from_unixtime_zone)
declare(
    "from_unixtime", "double, bigint, bigint", "timestamp(3) with time zone", _from_unixtime_offset
)


def _from_unixtime_nanos(call: Call) -> str:
    number = f"CAST(round({call.sql(0)}) AS BIGINT)"
    zone = quote(Context.of(call).zone)
    return zones.pack_sql(f"make_timestamp_ns({number})", zone)


declare("from_unixtime_nanos", "bigint", "timestamp(9) with time zone", _from_unixtime_nanos)
declare("from_unixtime_nanos", "decimal(p,s)", "timestamp(9) with time zone", _from_unixtime_nanos)


def _to_unixtime(call: Call) -> str:
    key = temporal.compare_key(call.args[0])
    if call.type(0).precision > 6:
        return f"(epoch_ns({key}) / 1e9)"
    return f"(epoch_us({key}) / 1e6)"


declare("to_unixtime", STAMP, "double", _to_unixtime)
declare("to_unixtime", ZONED, "double", _to_unixtime)
