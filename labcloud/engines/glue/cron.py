"""AWS's cron expressions: `cron(minutes hours day-of-month month day-of-week year)`, in UTC.

Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html (Amazon
EventBridge takes the same).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_MONTHS = {"JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"[3 * n : 3 * n + 3]: n + 1 for n in range(12)}
_DAYS = {"SUNMONTUEWEDTHUFRISAT"[3 * n : 3 * n + 3]: n + 1 for n in range(7)}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199

Days = Callable[[int, int], set[int]]
"""The days of a month (year, month) that a field means."""


class Cron:
    """One cron expression; raises ValueError where the text is none."""

    def __init__(self, expression: str) -> None:
        found = re.fullmatch(r"\s*cron\(([^()]*)\)\s*", expression)
        fields = found[1].split() if found else []
        if len(fields) != 6:
            raise ValueError(f"'{expression}' is not cron(min hour day month weekday year)")
        minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
        if (day == "?") == (weekday == "?"):
            raise ValueError("exactly one of day-of-month and day-of-week must be ?")
        self._minutes = sorted(_numbers(minutes, 0, 59))
        self._hours = sorted(_numbers(hours, 0, 23))
        self._months = sorted(_numbers(month, 1, 12, _MONTHS))
        self._years = sorted(_numbers(year, _FIRST_YEAR, _LAST_YEAR))
        self._days = _days_of_month(day) if weekday == "?" else _days_of_week(weekday)

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time after `moment` that the expression means, None after the last."""
        start = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        for year in self._years:
            if year < start.year:
                continue
            for month in self._months:
                if (year, month) < (start.year, start.month):
                    continue
                if (found := self._in_month(year, month, start)) is not None:
                    return found
        return None

    def _in_month(self, year: int, month: int, start: datetime) -> datetime | None:
        for day in sorted(self._days(year, month)):
            if datetime(year, month, day, 23, 59, tzinfo=UTC) < start:
                continue
            for hour in self._hours:
                for minute in self._minutes:
                    at = datetime(year, month, day, hour, minute, tzinfo=UTC)
                    if at >= start:
                        return at
        return None


def _numbers(field: str, least: int, most: int, names: dict[str, int] | None = None) -> set[int]:
    """Return the numbers that a field of values, ranges and steps means."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        if span == "*":
            first, last = least, most
        else:
            first = _number(low, names)
            last = _number(high, names) if dash else most if slash else first
        every = _number(step, None) if slash else 1
        if not least <= first <= most or not least <= last <= most or every < 1:
            raise ValueError(f"'{part}' is out of range {least}-{most}")
        span_end = last + (most - least + 1 if last < first else 0)
        found |= {
            least + (n - least) % (most - least + 1) for n in range(first, span_end + 1, every)
        }
    return found


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdecimal():
        raise ValueError(f"'{text}' is not a number")
    return int(text)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _days_of_month(field: str) -> Days:
    if field == "L":
        return lambda year, month: {_length(year, month)}
    if found := re.fullmatch(r"(\d+|L)W", field):
        wanted = found[1]
        if wanted != "L" and not 1 <= int(wanted) <= 31:
            raise ValueError(f"'{field}' is out of range 1-31")
        return lambda year, month: _weekday_near(wanted, year, month)
    numbers = _numbers(field, 1, 31)
    return lambda year, month: {n for n in numbers if n <= _length(year, month)}


def _weekday_near(wanted: str, year: int, month: int) -> set[int]:
    """Return the weekday of the month that is nearest to a day."""
    last = _length(year, month)
    day = last if wanted == "L" else int(wanted)
    if day > last:
        return set()
    beyond = calendar.weekday(year, month, day) - calendar.FRIDAY
    if beyond == 1:
        return {day - 1 if day > 1 else day + 2}
    if beyond == 2:
        return {day + 1 if day < last else day - 2}
    return {day}


def _days_of_week(field: str) -> Days:
    if field in ("L", "*"):
        wanted = {7} if field == "L" else set(range(1, 8))
        return lambda year, month: _on(wanted, year, month)
    if found := re.fullmatch(r"(\w+)#([1-5])", field):
        day, nth = _number(found[1], _DAYS), int(found[2])
        return lambda year, month: set(sorted(_on({day}, year, month))[nth - 1 : nth])
    if found := re.fullmatch(r"([1-7]|[A-Z]{3})L", field):
        day = _number(found[1], _DAYS)
        return lambda year, month: {max(_on({day}, year, month))}
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda year, month: _on(numbers, year, month)


def _on(weekdays: set[int], year: int, month: int) -> set[int]:
    """Return the days of a month that fall on weekdays (Sunday is 1)."""
    return {
        day
        for day in range(1, _length(year, month) + 1)
        if (calendar.weekday(year, month, day) + 1) % 7 + 1 in weekdays
    }


def next_after(expression: str, moment: datetime) -> datetime | None:
    """Return the first time after `moment` that an expression means. Raises ValueError."""
    return Cron(expression).after(moment)
