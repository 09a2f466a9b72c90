"""Dates, times and timestamps as numbers: reading their texts, and the same numbers in DuckDB.

Texts are read as Trino's DateTimes, DateTimeUtils and the casts from varchar read them. Numbers
count days, or nanoseconds from 1970; a year beyond Python's 9999 is no obstacle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from labcloud.trino import zones
from labcloud.trino.errors import TrinoError, udf_error
from labcloud.trino.types import Type

NANOS = 1_000_000_000
DAY_SECONDS = 86_400
DAY_MILLIS = 86_400_000
MAX_PRECISION = 12

_DATETIME = re.compile(
    r"(?P<year>[-+]?\d{4,})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"( (?:(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>.+)?)?",
    re.ASCII,
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?"
    r"\s*((?P<sign>[+-])(?P<offset_hour>\d\d):(?P<offset_minute>\d\d))?",
    re.ASCII,
)
_DATE = re.compile(r"([+-]?\d{1,9})-(\d{1,2})-(\d{1,2})", re.ASCII)
_ZONE = re.compile(r"Z|(UTC|GMT|UT)?[+-]\d{1,2}(:\d\d)?|[A-Za-z][A-Za-z0-9~/._+-]+", re.ASCII)


def days_of(year: int, month: int, day: int) -> int:
    """Return the days from 1970 to a date of the Gregorian calendar.

    Raises:
        ValueError: there is no such date.
    """
    if not 1 <= month <= 12 or not 1 <= day <= month_days(year, month):
        raise ValueError("no such date")
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def month_days(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def is_leap(year: int) -> bool:
    """Return whether a year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a number of days from 1970."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, day


def parse_date(text: str) -> int:
    """Return the days from 1970 of `2020-1-31`, as ISODateTimeFormat.date() reads it.

    Raises:
        ValueError: it is no date.
    """
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    return days_of(int(match[1]), int(match[2]), int(match[3]))


@dataclass(frozen=True, slots=True)
class Moment:
    """A timestamp that was read: local seconds from 1970, digits of its fraction, its zone."""

    seconds: int
    fraction: str
    zone: str | None

    def nanos(self, precision: int) -> int:
        """Return local nanoseconds from 1970, rounded half up to `precision` decimals."""
        return self.seconds * NANOS + round_fraction(self.fraction, precision)


def round_fraction(digits: str, precision: int) -> int:
    """Return the nanoseconds of a fraction's digits, rounded half up."""
    precision = min(precision, 9)
    kept = int(digits[:precision].ljust(precision, "0") or "0")
    if len(digits) > precision and digits[precision] >= "5":
        kept += 1
    return int(kept * 10 ** (9 - precision))


def parse_timestamp(text: str) -> Moment:
    """Return what `2020-01-31 10:20:30.5 Europe/Rome` says.

    Raises:
        ValueError: it is no timestamp, or its zone is unknown to Java's ZoneId.of.
    """
    match = _DATETIME.fullmatch(text)
    if not match:
        raise ValueError(text)
    day = days_of(int(match["year"]), int(match["month"]), int(match["day"]))
    seconds = day * DAY_SECONDS + _day_seconds(match)
    return Moment(seconds, match["fraction"] or "", match["zone"] and java_zone(match["zone"]))


def _day_seconds(match: re.Match[str]) -> int:
    hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
    second = int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time")
    return (hour * 60 + minute) * 60 + second


@lru_cache(maxsize=1024)
def java_zone(text: str) -> str:
    """Return the zone that Java's ZoneId.of reads, whose names heed case.

    Raises:
        ValueError: Java knows no such zone.
    """
    name = zones.find(text) if _ZONE.fullmatch(text) else None
    if name is None or (name[0] not in "+-" and name not in (text, "UTC")):
        raise ValueError(text)
    return name


@dataclass(frozen=True, slots=True)
class DayTime:
    """A time that was read: seconds of the day, digits of its fraction, offset in minutes."""

    seconds: int
    fraction: str
    offset: int | None

    def nanos(self, precision: int) -> int:
        """Return nanoseconds of the day, rounded half up; midnight follows the last."""
        total = self.seconds * NANOS + round_fraction(self.fraction, precision)
        return total % (DAY_SECONDS * NANOS)


def parse_time(text: str) -> DayTime:
    """Return what `10:20:30.5+02:00` says.

    Raises:
        ValueError: it is no time.
    """
    match = _TIME.fullmatch(text)
    if not match or len(match["fraction"] or "") > MAX_PRECISION:
        raise ValueError(text)
    offset = None
    if match["sign"]:
        hours, minutes = int(match["offset_hour"]), int(match["offset_minute"])
        if minutes > 59 or hours * 60 + minutes > 14 * 60:
            raise ValueError(text)
        offset = (hours * 60 + minutes) * (-1 if match["sign"] == "-" else 1)
    return DayTime(_day_seconds(match), match["fraction"] or "", offset)


# ---- casts from varchar, called by DuckDB


def varchar_to_date(text: str) -> int:
    """Return the days from 1970."""
    try:
        return parse_date(text)
    except ValueError:
        raise _bad_cast("date", text) from None


def varchar_to_timestamp(text: str, precision: int) -> int:
    """Return the nanoseconds from 1970 where precision > 6, else microseconds; zones are let be."""
    try:
        return scaled(parse_timestamp(text.strip(" \t\n\r")).nanos(precision), precision)
    except ValueError:
        raise _bad_cast("timestamp", text) from None


def varchar_to_instant(text: str, precision: int, zone: str) -> int:
    """Return the instant of a text whose zone is `zone` unless it names one."""
    try:
        moment = parse_timestamp(text.strip(" \t\n\r"))
    except ValueError:
        raise _bad_cast("timestamp", text) from None
    shift = zones.offset_of_local(moment.seconds, moment.zone or zone)
    return scaled(moment.nanos(precision) - shift * NANOS, precision)


def varchar_to_zone(text: str, zone: str) -> str:
    """Return the zone that a timestamp's text names, or `zone`."""
    try:
        return parse_timestamp(text.strip(" \t\n\r")).zone or zone
    except ValueError:
        raise _bad_cast("timestamp", text) from None


def varchar_to_time(text: str, precision: int) -> int:
    """Return the micro- or nanoseconds of the day."""
    try:
        moment = parse_time(text)
        if moment.offset is not None:
            raise ValueError(text)
    except ValueError:
        raise _bad_cast("time", text) from None
    return scaled(moment.nanos(precision), precision)


def varchar_to_time_tz(text: str, precision: int) -> int:
    """Return the micro- or nanoseconds of the day before the offset."""
    return scaled(_time_tz(text).nanos(precision), precision)


def varchar_to_offset(text: str, default: int) -> int:
    """Return the offset that a time's text names, in minutes."""
    offset = _time_tz(text).offset
    return default if offset is None else offset


def _time_tz(text: str) -> DayTime:
    try:
        return parse_time(text.strip(" \t\n\r"))
    except ValueError:  # Trino says timestamp here, too
        raise _bad_cast("timestamp", text) from None


def _bad_cast(kind: str, text: str) -> ValueError:
    return udf_error("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {kind}: {text}")


# ---- the numbers in DuckDB


def scaled(nanos: int, precision: int) -> int:
    """Return nanoseconds in the unit that holds `precision`: see `unit`."""
    return nanos if precision > 6 else nanos // 1000


def unit(precision: int) -> int:
    """Return the units a second has: microseconds, or nanoseconds beyond 6 places."""
    return NANOS if precision > 6 else zones.MICROS


def number_sql(sql: str, precision: int) -> str:
    """Return SQL for the units from 1970, or of the day, of a TIMESTAMP(_NS) or TIME(_NS)."""
    return f"epoch_ns({sql})" if precision > 6 else f"epoch_us({sql})"


def timestamp_of_sql(number: str, precision: int) -> str:
    """Return SQL for the TIMESTAMP(_NS) of a number of units from 1970."""
    return f"make_timestamp_ns({number})" if precision > 6 else f"make_timestamp({number})"


def time_of_sql(number: str, precision: int) -> str:
    """Return SQL for the TIME(_NS) of a number of units of the day."""
    kind = "TIME_NS" if precision > 6 else "TIME"
    return f"CAST({timestamp_of_sql(number, precision)} AS {kind})"


def rounded_sql(number: str, source: int, target: int) -> str:
    """Return SQL for a number of units of precision `source` in the units of `target`.

    Fewer decimals are rounded half up, as Trino's DateTimes.round does.
    """
    if target < source and target < 9:
        step = unit(source) // 10**target
        moved = f"({number} + {step // 2})"
        if step > 1:
            number = f"({moved} - ({moved} % {step} + {step}) % {step})"
    return rescaled_sql(number, source, target)


def rescaled_sql(number: str, source: int, target: int) -> str:
    """Return SQL for a number of units of `source` in the units of `target`, cut where need be."""
    if unit(source) == unit(target):
        return number
    if unit(source) < unit(target):
        return f"({number} * 1000)"
    return f"(({number} - ({number} % 1000 + 1000) % 1000) // 1000)"


def civil_time(nanos: int) -> tuple[int, int, int, int]:
    """Return hour, minute, second and nanosecond of nanoseconds of the day."""
    seconds, nano = divmod(nanos, NANOS)
    minutes, second = divmod(seconds, 60)
    return minutes // 60, minutes % 60, second, nano


# ---- intervals

_FIELDS = ("day", "hour", "minute", "second")
_MILLIS = {"day": DAY_MILLIS, "hour": 3_600_000, "minute": 60_000, "second": 1000}
_SEPARATORS = {"hour": " ", "minute": ":", "second": ":"}


def parse_interval(text: str, start: str, end: str | None) -> int:
    """Return the months or milliseconds of an INTERVAL literal's text.

    Raises:
        TrinoError: INVALID_LITERAL, in Trino's words.
    """
    last = end or start
    body = text.removeprefix("-")
    total = None
    if start in ("year", "month"):
        total = _months(body, start, last)
    elif start in _FIELDS and last in _FIELDS:
        total = _millis(body, start, last)
    if total is None:
        names = start.upper() if last == start else f"{start.upper()} TO {last.upper()}"
        raise TrinoError("INVALID_LITERAL", f"Invalid INTERVAL {names} value: {text}")
    return -total if body != text else total


def _months(text: str, start: str, last: str) -> int | None:
    number = r"\+?(\d{1,10})"
    pattern = number if start == last else rf"{number}(?:-{number})?"
    match = re.fullmatch(pattern, text, re.ASCII)
    if not match:
        return None
    numbers = [int(group or 0) for group in match.groups()]
    if any(n > 2**31 - 1 for n in numbers):
        return None
    if start == "month":
        return numbers[0]
    return numbers[0] * 12 + (numbers[1] if last == "month" else 0)


def _millis(text: str, start: str, last: str) -> int | None:
    fields = _FIELDS[_FIELDS.index(start) : _FIELDS.index(last) + 1]
    pattern, closing = "", ""
    for index, name in enumerate(fields):
        number = r"\+?(\d{1,10})" if name != "second" else r"\+?(\d{0,10}(?:\.\d*)?)"
        pattern += f"(?:{_SEPARATORS[name]}{number}" if index else number
        closing += ")?" if index else ""
    match = re.fullmatch(pattern + closing, text, re.ASCII)
    if not match or not text:
        return None
    total = 0
    for name, group in zip(fields, match.groups(), strict=True):
        whole, _, fraction = (group or "0").partition(".")
        if int(whole or 0) > 2**31 - 1:
            return None
        total += int(whole or 0) * _MILLIS[name] + int(fraction[:3].ljust(3, "0"))
    return total


def check_precision(kind: Type) -> None:
    """Check the decimals of a time's or timestamp's type.

    Raises:
        TrinoError: more than 12, in Trino's words.
    """
    if kind.precision > MAX_PRECISION:
        raise TrinoError(
            "NUMERIC_VALUE_OUT_OF_RANGE",
            f"{kind.base.upper()} precision must be in range [0, {MAX_PRECISION}]: "
            f"{kind.precision}",
        )


def python_value(days: int | None = None, micros: int | None = None) -> Any:
    """Return a date or timestamp as Python's, or None where Python cannot hold it."""
    from datetime import date, timedelta

    try:
        if days is not None:
            return date(1970, 1, 1) + timedelta(days=days)
        return zones.EPOCH + timedelta(microseconds=micros or 0)
    except OverflowError:
        return None
