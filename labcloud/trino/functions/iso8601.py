"""Functions that read and write ISO 8601.

Source: https://trino.io/docs/current/functions/datetime.html. Trino reads by Joda's
ISODateTimeFormat, and nanoseconds by java.time's ISO_DATE_TIME.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from labcloud.trino import clock, joda, render, temporal, zones
from labcloud.trino.errors import quote
from labcloud.trino.functions.datetime import STAMP, ZONED, declare, supported_zone
from labcloud.trino.functions.emit import bounded, invalid
from labcloud.trino.functions.registry import Call
from labcloud.trino.temporal import Context
from labcloud.trino.types import BIGINT, VARCHAR, Type


def _iso_stamp_length(kinds: list[Type]) -> Type:
    precision = kinds[0].precision
    return bounded(1 + 6 + 15 + min(precision, 1) + precision)


def _iso_zoned_length(kinds: list[Type]) -> Type:
    precision = kinds[0].precision
    return bounded(1 + 6 + 15 + min(precision, 1) + precision + 6)


def _iso_stamp(call: Call) -> str:
    text = render.timestamp_sql(call.sql(0), call.type(0).precision, 0)
    return f"replace({text}, ' ', 'T')"


def _iso_zoned(call: Call) -> str:
    argument = call.args[0]
    text = render.timestamp_sql(temporal.local(argument), argument.type.precision, 0)
    minutes = f"(CAST({zones.offset_sql(argument.sql)} AS INTEGER) // 60)"
    offset = f"CASE WHEN {minutes} = 0 THEN 'Z' ELSE {render.offset_sql(minutes)} END"
    return f"(replace({text}, ' ', 'T') || {offset})"


declare("to_iso8601", "date", "varchar(16)", lambda call: render.date_sql(call.sql(0), ""))
declare("to_iso8601", STAMP, _iso_stamp_length, _iso_stamp)
declare("to_iso8601", ZONED, _iso_zoned_length, _iso_zoned)


def iso_date(text: str) -> int:
    """Return the days from 1970 of an ISO date; called by DuckDB."""
    try:
        return joda.ISO_DATE.read_local(text) // clock.DAY_MILLIS
    except ValueError as error:
        raise invalid(str(error)) from None


def iso_instant(text: str, zone: str) -> int:
    """Return the microseconds from 1970 of an ISO timestamp; called by DuckDB."""
    return _iso(text, zone)[0] * 1000


def iso_zone(text: str, zone: str) -> str:
    """Return the zone of an ISO timestamp; called by DuckDB."""
    return _iso(text, zone)[1]


def _iso(text: str, zone: str) -> tuple[int, str]:
    try:
        return joda.ISO_DATE_TIME.read_instant(text, zone)
    except ValueError as error:
        raise invalid(str(error)) from None


def zoned_from_text(
    instant: Callable[..., int], zone_of: Callable[..., str], maker: str
) -> Callable[[Call], str]:
    """An `emit` of a function that reads instant and zone from its texts."""

    def emit(call: Call) -> str:
        kinds = [VARCHAR] * (len(call.args) + 1)
        arguments = ", ".join([*(a.sql for a in call.args), quote(Context.of(call).zone)])
        number = f"{call.udf(instant, kinds, BIGINT)}({arguments})"
        zone = f"{call.udf(zone_of, kinds, VARCHAR)}({arguments})"
        return zones.pack_sql(f"{maker}({number})", zone)

    return emit


_NANOS = re.compile(
    r"(\d{4}|[+-]\d{4,9})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?"
    r"(?:(Z|[+-]\d\d(?::\d\d)?)(?:\[([^\]]+)\])?)?",
    re.ASCII | re.IGNORECASE,
)


def nanos_instant(text: str, zone: str) -> int:
    """Return the nanoseconds from 1970 of a Java ISO_DATE_TIME; called by DuckDB."""
    return _nanos(text, zone)[0]


def nanos_zone(text: str, zone: str) -> str:
    """Return the zone of a Java ISO_DATE_TIME; called by DuckDB."""
    return _nanos(text, zone)[1]


def _nanos(text: str, zone: str) -> tuple[int, str]:
    match = _NANOS.fullmatch(text)
    if not match:
        raise invalid(f"Text '{text}' could not be parsed at index {_unparsed(text)}")
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    named = match[9] or match[8] or zone
    try:
        seconds = clock.days_of(year, month, day) * clock.DAY_SECONDS
        if hour > 23 or minute > 59 or int(match[6] or 0) > 59:
            raise ValueError(text)
    except ValueError:
        raise invalid(f"Text '{text}' could not be parsed: Invalid value") from None
    seconds += (hour * 60 + minute) * 60 + int(match[6] or 0)
    own = supported_zone(named)
    shift = zones.offset_of_local(seconds, zones.find(match[8]) or own if match[8] else own)
    return (seconds - shift) * clock.NANOS + clock.round_fraction(match[7] or "", 9), own


_NANOS_PARTS = (r"\d{4}", "-", r"\d\d", "-", r"\d\d", "T", r"\d\d", ":", r"\d\d")


def _unparsed(text: str) -> int:
    """The index at which Java gives up."""
    position = 0
    for part in _NANOS_PARTS:
        match = re.compile(part, re.ASCII | re.IGNORECASE).match(text, position)
        if not match:
            break
        position = match.end()
    return position


declare(
    "from_iso8601_date",
    "varchar(x)",
    "date",
    lambda call: (
        f"(DATE '1970-01-01' + CAST({call.udf(iso_date, [VARCHAR], BIGINT)}({call.sql(0)}) "
        "AS INTEGER))"
    ),
)
_iso_zoned_slow = zoned_from_text(iso_instant, iso_zone, "make_timestamp")
_PLAIN_ISO = "[0-9]{4}-[01][0-9]-[0-3][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z?"


def _from_iso_timestamp(call: Call) -> str:
    """Native for the plainest texts in UTC; TRY_CAST leaves what is no date to Python."""
    slow = _iso_zoned_slow(call)
    if Context.of(call).zone != "UTC":
        return slow
    text = call.sql(0)
    moment = (
        f"CASE WHEN regexp_full_match({text}, {quote(_PLAIN_ISO)}) "
        f"THEN TRY_CAST({text} AS TIMESTAMP) END"
    )
    return f"coalesce({zones.pack_sql(f'({moment})', quote('UTC'))}, {slow})"


declare("from_iso8601_timestamp", "varchar(x)", "timestamp(3) with time zone", _from_iso_timestamp)
declare(
    "from_iso8601_timestamp_nanos",
    "varchar(x)",
    "timestamp(9) with time zone",
    zoned_from_text(nanos_instant, nanos_zone, "make_timestamp_ns"),
)
