"""Fields of a date or time: how they are got, set and cut, and what their ranges are.

Source: Joda-Time's ISOChronology and its fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labcloud.trino import clock

DAY = clock.DAY_MILLIS
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DEFAULT_YEAR = 2000


# ---- fields: their values, how they are set, and what they are called


def _year(millis: int) -> int:
    return clock.civil(millis // DAY)[0]


def _month(millis: int) -> int:
    return clock.civil(millis // DAY)[1]


def _day(millis: int) -> int:
    return clock.civil(millis // DAY)[2]


def _weekday(millis: int) -> int:
    return (millis // DAY + 3) % 7 + 1


def _day_of_year(millis: int) -> int:
    return millis // DAY - clock.days_of(_year(millis), 1, 1) + 1


def _first_monday(weekyear: int) -> int:
    """The day on which an ISO year of weeks begins."""
    fourth = clock.days_of(weekyear, 1, 4)
    return fourth - (fourth + 3) % 7


def _weekyear(millis: int) -> int:
    year, days = _year(millis), millis // DAY
    if days < _first_monday(year):
        return year - 1
    return year + 1 if days >= _first_monday(year + 1) else year


def _week(millis: int) -> int:
    return (millis // DAY - _first_monday(_weekyear(millis))) // 7 + 1


def _weeks(weekyear: int) -> int:
    return (_first_monday(weekyear + 1) - _first_monday(weekyear)) // 7


def _year_of_era(millis: int) -> int:
    year = _year(millis)
    return year if year > 0 else 1 - year


def _set_days(millis: int, days: int) -> int:
    return days * DAY + millis % DAY


def _set_year(millis: int, year: int) -> int:
    old, doy = _year(millis), _day_of_year(millis)
    if doy > 59 and clock.is_leap(old) != clock.is_leap(year):
        doy += 1 if clock.is_leap(year) else -1
    return _set_days(millis, clock.days_of(year, 1, 1) + doy - 1)


def _set_year_of_era(millis: int, year: int) -> int:
    return _set_year(millis, year if _year(millis) > 0 else 1 - year)


def _set_era(millis: int, era: int) -> int:
    year = _year(millis)
    return millis if (year > 0) == bool(era) else _set_year(millis, -year)


def _set_century(millis: int, century: int) -> int:
    return _set_year_of_era(millis, century * 100 + _year_of_era(millis) % 100)


def _set_month(millis: int, month: int) -> int:
    year, _, day = clock.civil(millis // DAY)
    return _set_days(millis, clock.days_of(year, month, min(day, clock.month_days(year, month))))


def _set_weekyear(millis: int, year: int) -> int:
    week = min(_week(millis), _weeks(year))
    return _set_days(millis, _first_monday(year) + (week - 1) * 7 + _weekday(millis) - 1)


def _set_of_day(unit: int, size: int) -> Callable[[int, int], int]:
    """Set a field of `unit` milliseconds that runs to `size`."""

    def change(millis: int, value: int) -> int:
        return millis + (value - millis // unit % size) * unit

    return change


def _floor(unit: int) -> Callable[[int], int]:
    return lambda millis: millis // unit * unit


def _floor_year(millis: int) -> int:
    return clock.days_of(_year(millis), 1, 1) * DAY


def _floor_century(millis: int) -> int:
    return clock.days_of(_year(millis) // 100 * 100, 1, 1) * DAY


def _floor_month(millis: int) -> int:
    year, month, _ = clock.civil(millis // DAY)
    return clock.days_of(year, month, 1) * DAY


def _floor_week(millis: int) -> int:
    return (millis // DAY - (millis // DAY + 3) % 7) * DAY


AN_ERA, A_YEAR, A_MONTH, A_WEEK = 10**18, 31_556_952_000, 2_629_746_000, 7 * DAY
AN_HOUR, A_MINUTE, A_SECOND = 3_600_000, 60_000, 1000


def _month_limit(millis: int, value: int) -> int:
    year, month, _ = clock.civil(millis // DAY)
    return clock.month_days(year, month) if value > 28 or value < 1 else 28


def _year_limit(millis: int, value: int) -> int:
    full = 366 if clock.is_leap(_year(millis)) else 365
    return full if value > 365 or value < 1 else 365


def _week_limit(millis: int, value: int) -> int:
    return _weeks(_weekyear(millis)) if value > 52 else 52


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a date or time. `range` and `unit` in milliseconds order how fields are set."""

    name: str
    range: int
    unit: int
    get: Callable[[int], int]
    set: Callable[[int, int], int]
    floor: Callable[[int], int]
    least: int
    most: int | Callable[[int, int], int]

    def change(self, millis: int, value: int, reset: bool) -> int:
        """Set the field, and with `reset` everything below it to its least.

        Raises:
            ValueError: the value is out of the field's range, in Joda's words.
        """
        most = self.most if isinstance(self.most, int) else self.most(millis, value)
        if not self.least <= value <= most:
            raise ValueError(
                f"Value {value} for {self.name} must be in the range [{self.least},{most}]"
            )
        millis = self.set(millis, value)
        return self.floor(millis) if reset else millis


_FAR = 292_278_993


def _cycle(name: str, range_: int, unit: int, least: int, most: int) -> Field:
    """A field of the clock; clock hours have their highest value where others have 0."""
    size = range_ // unit

    def get(millis: int) -> int:
        value = millis // unit % size
        return most if least == 1 and value == 0 else value

    change = _set_of_day(unit, size)
    setter = (lambda millis, value: change(millis, value % size)) if least == 1 else change
    return Field(name, range_, unit, get, setter, _floor(unit), least, most)


ERA = Field("era", AN_ERA, AN_ERA, lambda m: int(_year(m) > 0), _set_era, lambda m: m, 0, 1)
YEAR = Field("year", AN_ERA, A_YEAR, _year, _set_year, _floor_year, -292_275_054, _FAR)
YEAR_OF_ERA = Field(
    "yearOfEra", AN_ERA, A_YEAR, _year_of_era, _set_year_of_era, _floor_year, 1, _FAR
)
CENTURY = Field(
    "centuryOfEra",
    AN_ERA,
    100 * A_YEAR,
    lambda m: _year_of_era(m) // 100,
    _set_century,
    _floor_century,
    0,
    _FAR // 100,
)
WEEKYEAR = Field(
    "weekyear",
    AN_ERA,
    A_YEAR,
    _weekyear,
    _set_weekyear,
    lambda m: _first_monday(_weekyear(m)) * DAY,
    -292_275_054,
    _FAR,
)
MONTH = Field("monthOfYear", A_YEAR, A_MONTH, _month, _set_month, _floor_month, 1, 12)
DAY_OF_YEAR = Field(
    "dayOfYear",
    A_YEAR,
    DAY,
    _day_of_year,
    lambda m, v: m + (v - _day_of_year(m)) * DAY,
    _floor(DAY),
    1,
    _year_limit,
)
WEEK = Field(
    "weekOfWeekyear",
    A_YEAR,
    A_WEEK,
    _week,
    lambda m, v: m + (v - _week(m)) * A_WEEK,
    _floor_week,
    1,
    _week_limit,
)
DAY_OF_MONTH = Field(
    "dayOfMonth",
    A_MONTH,
    DAY,
    _day,
    lambda m, v: m + (v - _day(m)) * DAY,
    _floor(DAY),
    1,
    _month_limit,
)
WEEKDAY = Field(
    "dayOfWeek",
    A_WEEK,
    DAY,
    _weekday,
    lambda m, v: m + (v - _weekday(m)) * DAY,
    _floor(DAY),
    1,
    7,
)
HALFDAY = _cycle("halfdayOfDay", DAY, DAY // 2, 0, 1)
HOUR = _cycle("hourOfDay", DAY, AN_HOUR, 0, 23)
CLOCKHOUR = _cycle("clockhourOfDay", DAY, AN_HOUR, 1, 24)
HALF_HOUR = _cycle("hourOfHalfday", DAY // 2, AN_HOUR, 0, 11)
HALF_CLOCKHOUR = _cycle("clockhourOfHalfday", DAY // 2, AN_HOUR, 1, 12)
MINUTE = _cycle("minuteOfHour", AN_HOUR, A_MINUTE, 0, 59)
SECOND = _cycle("secondOfMinute", A_MINUTE, A_SECOND, 0, 59)


def fraction_field(unit: int) -> Field:
    """Milliseconds of a second, minute or hour."""
    return Field(
        "millisOfSecond", unit, 1, lambda m: m % unit, _set_of_day(1, unit), lambda m: m, 0, unit
    )
