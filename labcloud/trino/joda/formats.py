"""Formats: MySQL's specifiers, Joda's patterns, ISO 8601 and Teradata's patterns.

Source: Trino's DateTimeFunctions.createDateTimeFormatter, Joda-Time's DateTimeFormat and
ISODateTimeFormat, and Trino's Teradata functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from labcloud.trino import zones
from labcloud.trino.joda.elements import (
    Bucket,
    Choice,
    Element,
    Fraction,
    Literal,
    Moment,
    Number,
    Offset,
    Sequence,
    Text,
    TwoDigitYear,
    ZoneId,
    ZoneName,
)
from labcloud.trino.joda.fields import (
    A_MINUTE,
    AN_HOUR,
    CENTURY,
    CLOCKHOUR,
    DAY_OF_MONTH,
    DAY_OF_YEAR,
    ERA,
    HALF_CLOCKHOUR,
    HALF_HOUR,
    HALFDAY,
    HOUR,
    MINUTE,
    MONTH,
    MONTHS,
    SECOND,
    WEEK,
    WEEKDAY,
    WEEKDAYS,
    WEEKYEAR,
    YEAR,
    YEAR_OF_ERA,
    Field,
)

# ---- formats


@dataclass(frozen=True, slots=True)
class Format:
    """A whole format."""

    root: Element

    def write(self, moment: Moment) -> str:
        """Return a moment's text."""
        return self.root.write(moment)

    def read(self, text: str) -> Bucket:
        """Return what a text says.

        Raises:
            ValueError: the text has another form, in Joda's words.
        """
        bucket = Bucket()
        end = self.root.read(bucket, text, 0)
        if end < len(text):
            raise ValueError(_malformed(text, end if end >= 0 else ~end))
        return bucket

    def read_local(self, text: str) -> int:
        """Return the milliseconds from 1970 that a text says in UTC.

        Raises:
            ValueError: in Joda's words.
        """
        return self.read_instant(text, "UTC")[0]

    def read_instant(self, text: str, zone: str) -> tuple[int, str]:
        """Return the instant in milliseconds and its zone, which is `zone` unless the text says.

        Raises:
            ValueError: in Joda's words.
        """
        bucket = self.read(text)
        try:
            local = bucket.local_millis()
        except ValueError as error:
            raise ValueError(f'Cannot parse "{text}": {error}') from None
        if bucket.offset is not None:
            return local - bucket.offset * 1000, zones.offset_name(_whole_minutes(bucket.offset))
        zone = bucket.zone or zone
        seconds = local // 1000
        offsets = zones.valid_offsets(seconds, zone)
        if not offsets:
            raise ValueError(
                f'Cannot parse "{text}": Illegal instant due to time zone offset transition '
                f"({zone})"
            )
        return local - offsets[0] * 1000, zone


def _whole_minutes(seconds: int) -> int:
    return int(seconds / 60)


def _malformed(text: str, position: int) -> str:
    length = position + 32
    sample = text if len(text) <= length + 3 else text[:length] + "..."
    if position <= 0:
        return f'Invalid format: "{sample}"'
    if position >= len(text):
        return f'Invalid format: "{sample}" is too short'
    return f'Invalid format: "{sample}" is malformed at "{sample[position:]}"'


HALVES = Text(HALFDAY, ("AM", "PM"), False)
_ERA_NAMES = Text(ERA, ("BC", "AD"), False)


def _number(part: Field, least: int, most: int) -> Number:
    return Number(part, least, most)


def parts_of(form: Format) -> tuple[Element, ...]:
    """Return the elements of a format that is a plain sequence."""
    assert isinstance(form.root, Sequence)
    return form.root.parts


def names_zone(form: Format) -> bool:
    """Return whether a format that is a plain sequence reads an offset or a zone."""
    return any(isinstance(part, (Offset, ZoneId, ZoneName)) for part in parts_of(form))


# ---- MySQL's specifiers, as Trino's createDateTimeFormatter reads them

PIVOT = 2020
_MYSQL: dict[str, tuple[Element, ...]] = {
    "a": (Text(WEEKDAY, WEEKDAYS, True),),
    "b": (Text(MONTH, MONTHS, True),),
    "c": (_number(MONTH, 1, 2),),
    "d": (_number(DAY_OF_MONTH, 2, 2),),
    "e": (_number(DAY_OF_MONTH, 1, 2),),
    "f": (Fraction(6, 9),),
    "H": (_number(HOUR, 2, 2),),
    "h": (_number(HALF_CLOCKHOUR, 2, 2),),
    "I": (_number(HALF_CLOCKHOUR, 2, 2),),
    "i": (_number(MINUTE, 2, 2),),
    "j": (_number(DAY_OF_YEAR, 3, 3),),
    "k": (_number(HOUR, 1, 2),),
    "l": (_number(HALF_CLOCKHOUR, 1, 2),),
    "M": (Text(MONTH, MONTHS, False),),
    "m": (_number(MONTH, 2, 2),),
    "p": (HALVES,),
    "r": (
        _number(HALF_CLOCKHOUR, 2, 2),
        Literal(":"),
        _number(MINUTE, 2, 2),
        Literal(":"),
        _number(SECOND, 2, 2),
        Literal(" "),
        HALVES,
    ),
    "S": (_number(SECOND, 2, 2),),
    "s": (_number(SECOND, 2, 2),),
    "T": (
        _number(HOUR, 2, 2),
        Literal(":"),
        _number(MINUTE, 2, 2),
        Literal(":"),
        _number(SECOND, 2, 2),
    ),
    "v": (_number(WEEK, 2, 2),),
    "x": (Number(WEEKYEAR, 4, 4, True),),
    "W": (Text(WEEKDAY, WEEKDAYS, False),),
    "Y": (Number(YEAR, 4, 4, True),),
    "y": (TwoDigitYear(YEAR, PIVOT, False),),
}
_MYSQL_REFUSED = "wUuVXD"


@lru_cache(maxsize=512)
def mysql(pattern: str) -> Format:
    """Return the format of `date_format` and `date_parse`.

    Raises:
        ValueError: a specifier that Trino refuses, in its words.
    """
    parts: list[Element] = []
    escaped = False
    for char in pattern:
        if not escaped and char == "%":
            escaped = True
        elif escaped:
            if char in _MYSQL_REFUSED:
                raise ValueError(f"%{char} not supported in date format string")
            parts.extend(_MYSQL.get(char, (Literal(char),)))
            escaped = False
        else:
            parts.append(Literal(char))
    return Format(Sequence(tuple(parts)))


# ---- Joda's own patterns

_NUMBERS: dict[str, tuple[Field, int]] = {
    "d": (DAY_OF_MONTH, 2),
    "h": (HALF_CLOCKHOUR, 2),
    "H": (HOUR, 2),
    "k": (CLOCKHOUR, 2),
    "K": (HALF_HOUR, 2),
    "m": (MINUTE, 2),
    "s": (SECOND, 2),
    "e": (WEEKDAY, 1),
    "D": (DAY_OF_YEAR, 3),
    "w": (WEEK, 2),
}
_YEAR_LETTERS = {"y": YEAR, "Y": YEAR_OF_ERA, "x": WEEKYEAR}


def tokens(pattern: str) -> list[str]:
    """Split a pattern into runs of a letter, and literal text behind a quote.

    Raises:
        ValueError: it is empty.
    """
    if not pattern:
        raise ValueError("Invalid pattern specification")
    found: list[str] = []
    index = 0
    while index < len(pattern):
        if pattern[index].isascii() and pattern[index].isalpha():
            end = index
            while end < len(pattern) and pattern[end] == pattern[index]:
                end += 1
            found.append(pattern[index:end])
            index = end
        else:
            literal, index = _literal(pattern, index)
            found.append("'" + literal)
    return found


def _literal(pattern: str, index: int) -> tuple[str, int]:
    text, inside = "", False
    while index < len(pattern):
        char = pattern[index]
        if char == "'":
            if pattern[index + 1 : index + 2] == "'":
                text += "'"
                index += 1
            else:
                inside = not inside
        elif not inside and char.isascii() and char.isalpha():
            break
        else:
            text += char
        index += 1
    return text, index


def _is_numeric(token: str) -> bool:
    """Whether a token reads digits, so that a number before it must not read on."""
    return token[0] in "cCyxYdhHkKmsSeDFwW" or (token[0] == "M" and len(token) <= 2)


@lru_cache(maxsize=512)
def pattern(text: str) -> Format:
    """Return the format of `format_datetime` and `parse_datetime`.

    Raises:
        ValueError: a letter that Joda does not know, in its words.
    """
    parts = tokens(text)
    elements = []
    for index, token in enumerate(parts):
        next_numeric = index + 1 < len(parts) and _is_numeric(parts[index + 1])
        elements.append(_element(token, next_numeric))
    return Format(Sequence(tuple(elements)))


def _element(token: str, next_numeric: bool) -> Element:
    letter, length = token[0], len(token)
    if letter == "'":
        return Literal(token[1:])
    if letter in _NUMBERS:
        part, most = _NUMBERS[letter]
        return Number(part, length, max(length, most))
    if letter in _YEAR_LETTERS:
        return _year_element(_YEAR_LETTERS[letter], length, next_numeric)
    match letter:
        case "M" if length < 3:
            return Number(MONTH, length, 2)
        case "M":
            return Text(MONTH, MONTHS, length == 3)
        case "E":
            return Text(WEEKDAY, WEEKDAYS, length < 4)
        case "S":
            return Fraction(length, length)
        case "a":
            return HALVES
        case "G":
            return _ERA_NAMES
        case "C":
            return Number(CENTURY, length, length, True)
        case "z":
            return ZoneName(length >= 4)
        case "Z":
            return ZoneId() if length > 2 else Offset(length == 2)
    raise ValueError(f"Illegal pattern component: {token}")


def _year_element(part: Field, length: int, next_numeric: bool) -> Element:
    if length == 2:
        held = part if part is WEEKYEAR else YEAR
        return TwoDigitYear(held, datetime.now(UTC).year - 30, not next_numeric)
    return Number(part, length, length if next_numeric else 9, part is not YEAR_OF_ERA)


# ---- ISO 8601, as Joda's ISODateTimeFormat reads it


def _optional(*parts: Element) -> Choice:
    return Choice((Sequence(parts), None))


_POINT = Choice((Literal("."), Literal(",")))
_ISO_YEAR = Number(YEAR, 4, 9, True)
_ISO_DATE = Choice(
    (
        Sequence(
            (
                _ISO_YEAR,
                _optional(
                    Literal("-"),
                    _number(MONTH, 2, 2),
                    _optional(Literal("-"), _number(DAY_OF_MONTH, 2, 2)),
                ),
            )
        ),
        Sequence(
            (
                Number(WEEKYEAR, 4, 9, True),
                Literal("-W"),
                _number(WEEK, 2, 2),
                _optional(Literal("-"), _number(WEEKDAY, 1, 1)),
            )
        ),
        Sequence((_ISO_YEAR, Literal("-"), _number(DAY_OF_YEAR, 3, 3))),
    )
)
_ISO_MINUTE = Sequence(
    (
        Literal(":"),
        _number(MINUTE, 2, 2),
        Choice(
            (
                Sequence((Literal(":"), _number(SECOND, 2, 2), _optional(_POINT, Fraction(1, 9)))),
                Sequence((_POINT, Fraction(1, 9, A_MINUTE))),
                None,
            )
        ),
    )
)
_ISO_TIME = Sequence(
    (
        _number(HOUR, 2, 2),
        Choice((_ISO_MINUTE, Sequence((_POINT, Fraction(1, 9, AN_HOUR))), None)),
    )
)
_ISO_OFFSET = Offset(True, "Z")
ISO_DATE = Format(_ISO_DATE)
"""`from_iso8601_date`: dates with months, weeks or days of the year."""
ISO_DATE_TIME = Format(
    Choice(
        (
            Sequence((Literal("T"), _ISO_TIME, _optional(_ISO_OFFSET))),
            Sequence(
                (
                    _ISO_DATE,
                    _optional(Literal("T"), Choice((_ISO_TIME, None)), Choice((_ISO_OFFSET, None))),
                )
            ),
        )
    )
)
"""`from_iso8601_timestamp`."""

# ---- Teradata's patterns

_TERADATA: dict[str, Element] = {
    "yyyy": Number(YEAR, 4, 4, True),
    "yy": TwoDigitYear(YEAR, PIVOT, False),
    "mm": _number(MONTH, 2, 2),
    "dd": _number(DAY_OF_MONTH, 2, 2),
    "hh24": _number(HOUR, 2, 2),
    "hh": _number(HALF_CLOCKHOUR, 2, 2),
    "mi": _number(MINUTE, 2, 2),
    "ss": _number(SECOND, 2, 2),
}


@lru_cache(maxsize=512)
def teradata(text: str) -> Format:
    """Return the format of `to_char`, `to_date` and `to_timestamp`.

    Raises:
        ValueError: a part that Trino's Teradata functions do not know, in their words.
    """
    parts: list[Element] = []
    index = 0
    while index < len(text):
        for token, element in _TERADATA.items():
            if text.startswith(token, index):
                parts.append(element)
                index += len(token)
                break
        else:
            if text[index] not in "-/,.;: ":
                raise ValueError(f"Failed to tokenize string [{text}] at offset [{index}]")
            parts.append(Literal(text[index]))
            index += 1
    return Format(Sequence(tuple(parts)))
