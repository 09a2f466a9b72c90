"""Formats that DuckDB writes and reads just as Joda does, for speed.

A format of `joda` is translated element by element to strftime's and strptime's notation; a format
with anything else in it, and a text of any other shape, is left to Python.
"""

from __future__ import annotations

import re

from labcloud.trino import joda
from labcloud.trino.errors import quote

_WRITTEN: dict[joda.Element, str] = {
    joda.HALVES: "%p",
    joda.Fraction(3, 3): "%g",
    joda.Fraction(6, 9): "%f",
    joda.TwoDigitYear(joda.YEAR, joda.PIVOT, False): "%y",
}
for _short, _month, _day in ((False, "%B", "%A"), (True, "%b", "%a")):
    _WRITTEN[joda.Text(joda.MONTH, joda.MONTHS, _short)] = _month
    _WRITTEN[joda.Text(joda.WEEKDAY, joda.WEEKDAYS, _short)] = _day

_NUMBERS = {
    joda.DAY_OF_MONTH: ("d", 2),
    joda.MONTH: ("m", 2),
    joda.HOUR: ("H", 2),
    joda.HALF_CLOCKHOUR: ("I", 2),
    joda.MINUTE: ("M", 2),
    joda.SECOND: ("S", 2),
    joda.DAY_OF_YEAR: ("j", 3),
}
_YEARS = (joda.YEAR, joda.YEAR_OF_ERA)


def strftime_of(form: joda.Format) -> str | None:
    """Return the notation in which DuckDB writes years 1 to 9999 as `form` does, or None."""
    parts = []
    for element in joda.parts_of(form):
        part = _written(element)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _written(element: joda.Element) -> str | None:
    if isinstance(element, joda.Literal):
        return element.text.replace("%", "%%")
    if isinstance(element, joda.Number):
        if element.field in _YEARS:
            return "%Y" if element.least == 4 else None
        letter, width = _NUMBERS.get(element.field, ("", 0))
        if letter and element.least in (1, width):
            return f"%{letter}" if element.least == width else f"%-{letter}"
        return None
    return _WRITTEN.get(element)


_READ = {
    joda.YEAR: ("%Y", "[0-9]{4}"),
    joda.MONTH: ("%m", "[01][0-9]"),
    joda.DAY_OF_MONTH: ("%d", "[0-3][0-9]"),
    joda.HOUR: ("%H", "[0-2][0-9]"),
    joda.MINUTE: ("%M", "[0-5][0-9]"),
    joda.SECOND: ("%S", "[0-5][0-9]"),
}
_DATE = {joda.YEAR, joda.MONTH, joda.DAY_OF_MONTH}


def strptime_sql(form: joda.Format, text: str) -> str | None:
    """Return SQL that reads texts of the form's plainest shape, NULL for others; or None.

    Only formats with a whole date, since what is missing has another default in DuckDB.
    """
    notation, pattern, seen = "", "", []
    for element in joda.parts_of(form):
        if isinstance(element, joda.Literal):
            if any(char.isdigit() for char in element.text):
                return None  # Joda's numbers would swallow it
            notation += element.text.replace("%", "%%")
            pattern += re.escape(element.text)
        elif isinstance(element, joda.Fraction):
            notation += "%f"
            pattern += f"[0-9]{{1,{min(3, element.most)}}}"
            seen.append(joda.WEEKDAY)
        elif isinstance(element, joda.Number) and element.field in _READ:
            part = _READ[element.field]
            notation, pattern = notation + part[0], pattern + part[1]
            seen.append(element.field)
        else:
            return None
    if len(set(seen)) < len(seen) or not set(seen) >= _DATE:
        return None
    return (
        f"CASE WHEN regexp_full_match({text}, {quote(pattern)}) "
        f"THEN try_strptime({text}, {quote(notation)}) END"
    )
