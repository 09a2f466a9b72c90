"""Time zones as Trino knows them: their names, their offsets, and what local time they show.

A zone is the IANA name, or a fixed offset `+05:30`. Sources: Trino's TimeZoneKey (names that mean
UTC, offsets up to 14 hours), Java's ZoneRules (in a gap the clock jumps on, in an overlap the
earlier offset holds), Joda's DateTimeZone.convertLocalToUTC.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from labcloud.trino.errors import TrinoError
from labcloud.trino.once import once
from labcloud.trino.types import BIGINT, VARCHAR, Type

MICROS = 1_000_000
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - DuckDB's timestamps name no zone
_UTC_NAMES = {"utc", "z", "ut", "uct", "gmt", "gmt0", "greenwich", "universal", "zulu"}
_LIMIT = 14 * 60
_FIRST, _LAST = -62_135_510_400, 253_402_214_400
"""Seconds of the epoch between which Python knows the zones' rules."""


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every zone by its name in small letters; to list them takes tens of milliseconds."""
    return {name.lower(): name for name in available_timezones() if name != "Factory"}


_REGIONS = re.compile(
    r"(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|US)(/[\w+-]+)+",
    re.ASCII,
)


def _zone_name(text: str) -> str | None:
    """The name of an IANA zone, in whatever case it is written."""
    if _REGIONS.fullmatch(text):
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(text).key
    return _names().get(text.lower())


@lru_cache(maxsize=1024)
def find(text: str) -> str | None:
    """Return a zone's own name, such as `UTC` for `gmt` or `+03:00` for `UTC+3`, or None."""
    low = text.lower()
    bare = low.removeprefix("etc/")
    if bare in _UTC_NAMES:
        return "UTC"
    if re.fullmatch(r"(?:utc|gmt|ut)?[+-].*", low) is None and (name := _zone_name(text)):
        fixed = re.fullmatch(r"etc/gmt([+-])(\d{1,2})", low)
        return _offset_name(-1 if fixed[1] == "+" else 1, int(fixed[2]), 0) if fixed else name
    match = re.fullmatch(r"(?:utc|gmt|ut)?([+-])(\d{1,2})(?::(\d\d))?", bare)
    if not match or (match[3] and len(match[2]) == 1):
        return None
    return _offset_name(-1 if match[1] == "-" else 1, int(match[2]), int(match[3] or 0))


def _offset_name(sign: int, hours: int, minutes: int) -> str | None:
    total = hours * 60 + minutes
    return None if minutes > 59 or total > _LIMIT else offset_name(sign * total)


def offset_name(minutes: int) -> str:
    """Return the zone of a fixed offset: `+05:30`, or `UTC`."""
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def of_offset(minutes: int) -> str:
    """Return the zone of an offset in minutes.

    Raises:
        TrinoError: more than 14 hours.
    """
    if abs(minutes) > _LIMIT:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid offset minutes {minutes}")
    return offset_name(minutes)


@lru_cache(maxsize=1024)
def _rules(zone: str) -> ZoneInfo | int:
    """A zone's rules, or its fixed offset in seconds."""
    if zone == "UTC":
        return 0
    if zone[0] in "+-":
        seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        return -seconds if zone[0] == "-" else seconds
    return ZoneInfo(zone)


def offset(instant: int, zone: str) -> int:
    """Return a zone's offset in seconds at an instant, which counts seconds from 1970."""
    rules = _rules(zone)
    if isinstance(rules, int):
        return rules
    instant = min(max(instant, _FIRST), _LAST)
    moment = datetime.fromtimestamp(instant, UTC) if instant >= 0 else _moment(instant)
    shift = moment.astimezone(rules).utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


def _moment(seconds: int) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).replace(tzinfo=UTC)


def valid_offsets(local: int, zone: str) -> list[int]:
    """Return the offsets that make a local time (seconds) an instant: none in a gap."""
    rules = _rules(zone)
    if isinstance(rules, int):
        return [rules]
    both = (offset_of_local(local, zone), _local_offset(local, zone, 1))
    return [shift for shift in dict.fromkeys(both) if offset(local - shift, zone) == shift]


def offset_of_local(local: int, zone: str) -> int:
    """Return the offset that Java's ZonedDateTime.of gives a local time (seconds)."""
    return _local_offset(local, zone, 0)


def _local_offset(local: int, zone: str, fold: int) -> int:
    rules = _rules(zone)
    if isinstance(rules, int):
        return rules
    moment = _moment(min(max(local, _FIRST), _LAST)).replace(tzinfo=rules, fold=fold)
    shift = moment.utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


# ---- what DuckDB calls: microseconds from 1970


def instant_of_local(local: int, zone: str) -> int:
    """Return the instant of a local time; a gap is jumped, an overlap's first pass is meant."""
    return local - offset_of_local(local // MICROS, zone) * MICROS


def instant_near(local: int, zone: str, near: int) -> int:
    """Return the instant of a local time with the offset of the instant `near` if that fits."""
    shift = offset(near // MICROS, zone)
    instant = local - shift * MICROS
    if offset(instant // MICROS, zone) == shift:
        return instant
    return instant_of_local(local, zone)


def local(instant: datetime, zone: str) -> datetime:
    """Return the local time of an instant that is in UTC without saying so."""
    seconds = (instant - EPOCH) // timedelta(seconds=1)
    return instant + timedelta(seconds=offset(seconds, zone))


# ---- SQL


def local_sql(sql: str, precision: int = 3) -> str:
    """Return DuckDB SQL for the local time of a timestamp with time zone, as a TIMESTAMP.

    DuckDB's ICU reads offsets as `GMT+05:30`.
    """

    def local_time(name: str) -> str:
        zone, instant = f"({name}).z", f"({name}).i"
        if precision > 6:
            micros = f"CAST({instant} AS TIMESTAMP)"
            shift = f"epoch_us({_icu(zone, micros)}) - epoch_us({micros})"
            return f"make_timestamp_ns(epoch_ns({instant}) + ({shift}) * 1000)"
        return f"(CASE WHEN {zone} = 'UTC' THEN {instant} ELSE {_icu(zone, instant)} END)"

    return once([sql], local_time)


def _icu(zone: str, instant: str) -> str:
    name = f"CASE WHEN {zone}[1] IN ('+', '-') THEN 'GMT' || {zone} ELSE {zone} END"
    return f"timezone({name}, ({instant}) AT TIME ZONE 'UTC')"


def offset_sql(sql: str) -> str:
    """Return DuckDB SQL for the offset in seconds of a timestamp with time zone."""

    def seconds(name: str) -> str:
        zone, instant = f"({name}).z", f"CAST(({name}).i AS TIMESTAMP)"
        shift = f"epoch_us({_icu(zone, instant)}) - epoch_us({instant})"
        return f"(CASE WHEN {zone} = 'UTC' THEN 0 ELSE ({shift}) // {MICROS} END)"

    return once([sql], seconds)


def pack_sql(instant: str, zone: str) -> str:
    """Return DuckDB SQL for a timestamp with time zone; NULL where either part is."""

    def packed(instant: str, zone: str) -> str:
        parts = [part for part in (instant, zone) if not _is_literal(part)]
        check = " AND ".join(f"{part} IS NOT NULL" for part in parts)
        value = f"{{'i': {instant}, 'z': {zone}}}"
        return f"(CASE WHEN {check} THEN {value} END)" if check else value

    return once([instant, zone], packed)


def _is_literal(sql: str) -> bool:
    return bool(re.fullmatch(r"(TIMESTAMP |TIMESTAMP_NS )?'([^']|'')*'", sql))


INSTANT_OF_LOCAL: tuple[list[Type], Type] = ([BIGINT, VARCHAR], BIGINT)
INSTANT_NEAR: tuple[list[Type], Type] = ([BIGINT, VARCHAR, BIGINT], BIGINT)
"""Types of the functions' arguments and results, for `Udfs.name`."""
