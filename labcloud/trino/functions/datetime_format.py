"""Functions that write and read dates by a format: MySQL's, Joda's and Teradata's.

Source: https://trino.io/docs/current/functions/datetime.html ("MySQL date functions", "Java date
functions") and functions/teradata.html. Formats work on milliseconds, as Trino's do: finer
timestamps are rounded.
"""

from __future__ import annotations

from collections.abc import Callable

from labcloud.trino import clock, joda, temporal, zones
from labcloud.trino.errors import quote
from labcloud.trino.expr import Expr
from labcloud.trino.functions.datetime import STAMP, ZONED, declare
from labcloud.trino.functions.emit import invalid
from labcloud.trino.functions.iso8601 import zoned_from_text
from labcloud.trino.functions.native_format import strftime_of, strptime_sql
from labcloud.trino.functions.registry import Call
from labcloud.trino.temporal import Context
from labcloud.trino.types import BIGINT, VARCHAR

Maker = Callable[[str], joda.Format]


def _format(maker: Maker, pattern: str) -> joda.Format:
    try:
        return maker(pattern)
    except ValueError as error:
        raise invalid(str(error)) from None


def _write(maker: Maker, pattern: str, millis: int, zone: str, offset: int) -> str:
    return _format(maker, pattern).write(joda.Moment(millis + offset * 1000, zone, offset))


# ---- writing: DuckDB calls these with milliseconds, or with the instant and its zone

_NO_ZONE = (
    "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not "
    "contain TZ information"
)


def mysql_text(millis: int, pattern: str) -> str:
    """Return date_format of a timestamp."""
    return _write(joda.mysql, pattern, millis, "UTC", 0)


def mysql_zoned_text(millis: int, zone: str, pattern: str) -> str:
    """Return date_format of a timestamp with time zone."""
    return _write(joda.mysql, pattern, millis, zone, zones.offset(millis // 1000, zone))


def joda_text(millis: int, pattern: str) -> str:
    """Return format_datetime of a timestamp."""
    if _names_zone(pattern):
        raise invalid(_NO_ZONE)
    return _write(joda.pattern, pattern, millis, "UTC", 0)


def joda_zoned_text(millis: int, zone: str, pattern: str) -> str:
    """Return format_datetime of a timestamp with time zone."""
    return _write(joda.pattern, pattern, millis, zone, zones.offset(millis // 1000, zone))


def teradata_text(millis: int, zone: str, pattern: str) -> str:
    """Return to_char of a timestamp with time zone."""
    return _write(joda.teradata, pattern, millis, zone, zones.offset(millis // 1000, zone))


def _names_zone(pattern: str) -> bool:
    return any("z" in part.lower() for part in pattern.split("'")[::2])


def _millis(value: Expr) -> str:
    """The milliseconds from 1970 of a timestamp, rounded half up."""
    precision = value.type.precision
    number = clock.number_sql(temporal.compare_key(value), precision)
    if precision <= 3:
        return (
            f"({number} // 1000)" if precision == 0 else f"epoch_ms({temporal.compare_key(value)})"
        )
    return f"({clock.rounded_sql(number, precision, 3)} // {clock.unit(3) // 1000})"


def _writer(function: Callable[[int, str], str]) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        name = call.udf(function, [BIGINT, VARCHAR], VARCHAR)
        return f"{name}({_millis(call.args[0])}, {call.sql(1)})"

    return emit


def _zoned_writer(function: Callable[[int, str, str], str]) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        name = call.udf(function, [BIGINT, VARCHAR, VARCHAR], VARCHAR)
        return f"{name}({_millis(call.args[0])}, ({call.sql(0)}).z, {call.sql(1)})"

    return emit


def _known_format(maker: Maker, pattern: Expr) -> joda.Format | None:
    """The format of a pattern that is known before the query runs, and is valid."""
    if not isinstance(pattern.value, str):
        return None
    try:
        return maker(pattern.value)
    except ValueError:
        return None


def _fast_writer(maker: Maker, function: Callable[[int, str], str]) -> Callable[[Call], str]:
    """Native where DuckDB writes the same; else Joda's rules in Python."""
    slow = _writer(function)

    def emit(call: Call) -> str:
        form = _known_format(maker, call.args[1])
        native = strftime_of(form) if form else None
        precision = call.type(0).precision
        if not native or precision > 6:
            return slow(call)
        moment = call.sql(0)
        if precision > 3:
            moment = f"make_timestamp({clock.rounded_sql(f'epoch_us({moment})', 6, 3)})"
        return (
            f"(CASE WHEN year({moment}) BETWEEN 1 AND 9999 "
            f"THEN strftime({moment}, {quote(native)}) ELSE {slow(call)} END)"
        )

    return emit


declare("date_format", f"{STAMP}, varchar(x)", "varchar", _fast_writer(joda.mysql, mysql_text))
declare("date_format", f"{ZONED}, varchar(x)", "varchar", _zoned_writer(mysql_zoned_text))
declare("format_datetime", f"{STAMP}, varchar(x)", "varchar", _fast_writer(joda.pattern, joda_text))
declare("format_datetime", f"{ZONED}, varchar(x)", "varchar", _zoned_writer(joda_zoned_text))
declare(
    "to_char", "timestamp(3) with time zone, varchar(x)", "varchar", _zoned_writer(teradata_text)
)

# ---- reading


def _read_local(maker: Maker, text: str, pattern: str) -> int:
    form = _format(maker, pattern)
    try:
        return form.read_local(text)
    except ValueError as error:
        raise invalid(str(error)) from None


def mysql_parse(text: str, pattern: str) -> int:
    """Return the milliseconds from 1970 that date_parse reads; called by DuckDB."""
    if pattern == "%Y-%m-%d":
        return _plain_date(text)
    return _read_local(joda.mysql, text, pattern)


_ISO_DAY = joda.Format(
    joda.Sequence(
        (
            joda.Number(joda.YEAR, 4, 9, True),
            joda.Literal("-"),
            joda.Number(joda.MONTH, 2, 2),
            joda.Literal("-"),
            joda.Number(joda.DAY_OF_MONTH, 2, 2),
        )
    )
)


def _plain_date(text: str) -> int:
    """Trino reads this one format by java.time where it has ten characters."""
    shaped = len(text) == 10 and text[4] == text[7] == "-"
    parts = (text[:4], text[5:7], text[8:]) if shaped else ()
    try:
        if parts and all(part.isascii() and part.isdigit() for part in parts):
            return _java_date(*(int(part) for part in parts)) * clock.DAY_MILLIS
        return _ISO_DAY.read_local(text)
    except ValueError as error:
        raise invalid(str(error)) from None


def _java_date(year: int, month: int, day: int) -> int:
    """Days from 1970, or what LocalDate.of says against it."""
    if not 1 <= month <= 12:
        raise ValueError(f"Invalid value for MonthOfYear (valid values 1 - 12): {month}")
    if not 1 <= day <= 31:
        raise ValueError(f"Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")
    if day > clock.month_days(year, month):
        if day == 29:
            raise ValueError(f"Invalid date 'February 29' as '{year}' is not a leap year")
        raise ValueError(f"Invalid date '{joda.MONTHS[month - 1].upper()} {day}'")
    return clock.days_of(year, month, day)


def teradata_parse(text: str, pattern: str) -> int:
    """Return the milliseconds from 1970 that to_timestamp reads; called by DuckDB."""
    return _read_local(joda.teradata, text, pattern)


def joda_instant(text: str, pattern: str, zone: str) -> int:
    """Return the microseconds from 1970 that parse_datetime reads; called by DuckDB."""
    return _read_zoned(text, pattern, zone)[0] * 1000


def joda_zone(text: str, pattern: str, zone: str) -> str:
    """Return the zone that parse_datetime reads; called by DuckDB."""
    return _read_zoned(text, pattern, zone)[1]


def _read_zoned(text: str, pattern: str, zone: str) -> tuple[int, str]:
    form = _format(joda.pattern, pattern)
    try:
        return form.read_instant(text, zone)
    except ValueError as error:
        raise invalid(str(error)) from None


def _number(call: Call, maker: Maker, function: Callable[[str, str], int]) -> str:
    """SQL of the TIMESTAMP that two texts say: native for the plainest shape of many formats."""
    name = call.udf(function, [VARCHAR, VARCHAR], BIGINT)
    slow = f"make_timestamp({name}({call.sql(0)}, {call.sql(1)}) * 1000)"
    form = _known_format(maker, call.args[1])
    fast = strptime_sql(form, call.sql(0)) if form else None
    return f"coalesce({fast}, {slow})" if fast else slow


def _reader(maker: Maker, function: Callable[[str, str], int]) -> Callable[[Call], str]:
    return lambda call: _number(call, maker, function)


def joda_utc(text: str, pattern: str) -> int:
    """Return the milliseconds that parse_datetime reads in UTC; called by DuckDB."""
    return _read_zoned(text, pattern, "UTC")[0]


_zoned_reader = zoned_from_text(joda_instant, joda_zone, "make_timestamp")


def _parse_datetime(call: Call) -> str:
    form = _known_format(joda.pattern, call.args[1])
    if form is None or joda.names_zone(form) or Context.of(call).zone != "UTC":
        return _zoned_reader(call)
    return zones.pack_sql(_number(call, joda.pattern, joda_utc), quote("UTC"))


declare("date_parse", "varchar(x), varchar(y)", "timestamp(3)", _reader(joda.mysql, mysql_parse))
declare(
    "parse_datetime",
    "varchar(x), varchar(y)",
    "timestamp(3) with time zone",
    _parse_datetime,
)
declare(
    "to_timestamp",
    "varchar(x), varchar(y)",
    "timestamp(3)",
    _reader(joda.teradata, teradata_parse),
)
declare(
    "to_date",
    "varchar(x), varchar(y)",
    "date",
    lambda call: f"CAST({_number(call, joda.teradata, teradata_parse)} AS DATE)",
)
