"""Joda-Time's formatter: what `date_format`, `date_parse`, `format_datetime` and the like run on.

A format is a list of elements that print a moment and read a text, with Joda's error texts.
"""

from labcloud.trino.joda.elements import (
    Element,
    Fraction,
    Literal,
    Moment,
    Number,
    Sequence,
    Text,
    TwoDigitYear,
)
from labcloud.trino.joda.fields import (
    DAY_OF_MONTH,
    DAY_OF_YEAR,
    HALF_CLOCKHOUR,
    HOUR,
    MINUTE,
    MONTH,
    MONTHS,
    SECOND,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    YEAR_OF_ERA,
)
from labcloud.trino.joda.formats import (
    HALVES,
    ISO_DATE,
    ISO_DATE_TIME,
    PIVOT,
    Format,
    mysql,
    names_zone,
    parts_of,
    pattern,
    teradata,
)

__all__ = [
    "DAY_OF_MONTH",
    "DAY_OF_YEAR",
    "HALF_CLOCKHOUR",
    "HALVES",
    "HOUR",
    "ISO_DATE",
    "ISO_DATE_TIME",
    "MINUTE",
    "MONTH",
    "MONTHS",
    "PIVOT",
    "SECOND",
    "WEEKDAY",
    "WEEKDAYS",
    "YEAR",
    "YEAR_OF_ERA",
    "Element",
    "Format",
    "Fraction",
    "Literal",
    "Moment",
    "Number",
    "Sequence",
    "Text",
    "TwoDigitYear",
    "mysql",
    "names_zone",
    "parts_of",
    "pattern",
    "teradata",
]
