"""The parts of a format: each prints a part of a moment, and reads it from a text.

Source: Joda-Time's DateTimeFormatterBuilder and DateTimeParserBucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from labcloud.trino import zones
from labcloud.trino.joda.fields import (
    A_MONTH,
    A_SECOND,
    DAY,
    DEFAULT_YEAR,
    YEAR,
    Field,
    fraction_field,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is printed: local milliseconds from 1970, the zone, its offset in seconds then."""

    millis: int
    zone: str = "UTC"
    offset: int = 0

    @property
    def days(self) -> int:
        """Days from 1970."""
        return self.millis // DAY

    @property
    def of_day(self) -> int:
        """Milliseconds of the day."""
        return self.millis % DAY


# ---- what was read


@dataclass(slots=True)
class Bucket:
    """The fields that were read so far, and the offset or zone."""

    fields: list[tuple[Field, int]] = field(default_factory=list)
    offset: int | None = None
    zone: str | None = None

    def state(self) -> tuple[list[tuple[Field, int]], int | None, str | None]:
        """Return what `restore` takes."""
        return list(self.fields), self.offset, self.zone

    def restore(self, state: tuple[list[tuple[Field, int]], int | None, str | None]) -> None:
        """Go back to what was read then."""
        self.fields, self.offset, self.zone = list(state[0]), state[1], state[2]

    def local_millis(self) -> int:
        """Return the local milliseconds from 1970 that the fields say.

        Raises:
            ValueError: a field is out of its range.
        """
        fields = sorted(self.fields, key=lambda item: (-item[0].range, -item[0].unit))
        if fields and A_MONTH >= fields[0][0].unit >= DAY:
            self.fields.append((YEAR, DEFAULT_YEAR))
            return self.local_millis()
        millis = 0
        for part, value in fields:
            millis = part.change(millis, value, True)
        for index, (part, value) in enumerate(fields):
            millis = part.change(millis, value, index == len(fields) - 1)
        return millis


# ---- elements


class Element:
    """A part of a format. `read` returns the position after it, or ~position where it failed."""

    numeric = False

    def write(self, moment: Moment) -> str:
        """Return the text of this part of a moment."""
        raise NotImplementedError

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read this part of a text."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Literal(Element):
    """Text that stands for itself; case does not matter when it is read."""

    text: str

    def write(self, moment: Moment) -> str:
        """Return the text."""
        return self.text

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Skip the text."""
        end = position + len(self.text)
        return end if text[position:end].lower() == self.text.lower() else ~position


@dataclass(frozen=True, slots=True)
class Number(Element):
    """A number of at least `least` digits, of which at most `most` are read."""

    field: Field
    least: int
    most: int
    signed: bool = False

    def write(self, moment: Moment) -> str:
        """Return the number, padded."""
        value = self.field.get(moment.millis)
        return f"{'-' if value < 0 else ''}{abs(value):0{self.least}d}"

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read digits, and a sign where the field has one."""
        start = position
        limit = max(self.most, self.least)
        if self.signed and text[position : position + 1] in ("-", "+"):
            if not _is_digit(text[position + 1 : position + 2]) or limit < 2:
                return ~position
            position += 1
        end = position
        while end < len(text) and end - position < limit and _is_digit(text[end]):
            end += 1
        if end == position:
            return ~start
        value = int(text[position:end])
        if value > 2**31 - 1:
            return ~start
        bucket.fields.append((self.field, -value if text[start] == "-" else value))
        return end


def _is_digit(char: str) -> bool:
    return len(char) == 1 and "0" <= char <= "9"


@dataclass(frozen=True, slots=True)
class TwoDigitYear(Element):
    """A year of two digits, within 50 years of a pivot."""

    field: Field
    pivot: int
    lenient: bool

    def write(self, moment: Moment) -> str:
        """Return the year's last two digits."""
        return f"{abs(self.field.get(moment.millis)) % 100:02d}"

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read two digits, or leniently any number, which is then the year itself."""
        start = position
        signed = self.lenient and text[position : position + 1] in ("-", "+")
        position += signed
        end = position
        while end < len(text) and _is_digit(text[end]) and (self.lenient or end - position < 2):
            end += 1
        if end == position or (not self.lenient and end - position < 2):
            return ~start
        year = int(text[position:end])
        if signed or end - position != 2:
            year = -year if text[start] == "-" else year
        else:
            low = self.pivot - 50
            year += low - low % 100 + (100 if year < low % 100 else 0)
        bucket.fields.append((self.field, year))
        return end


@dataclass(frozen=True, slots=True)
class Fraction(Element):
    """Digits of a part of a second (or minute or hour), which holds milliseconds."""

    least: int
    most: int
    unit: int = A_SECOND

    def write(self, moment: Moment) -> str:
        """Return the digits, without zeros at the end beyond `least`."""
        part = moment.millis % self.unit
        if part == 0:
            return "0" * self.least
        digits = str(part * 10**self.most // self.unit).rjust(self.most, "0")
        kept = digits.rstrip("0")
        return kept.ljust(self.least, "0") if len(kept) < self.most else digits

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read digits; those beyond the millisecond are cut."""
        end = position
        while end < len(text) and end - position < self.most and _is_digit(text[end]):
            end += 1
        if end == position:
            return ~position
        digits = text[position:end]
        millis = int(digits) * self.unit // 10 ** len(digits)
        bucket.fields.append((fraction_field(self.unit), millis))
        return end


@dataclass(frozen=True, slots=True)
class Text(Element):
    """A name: of a month, a weekday, AM or PM, an era. Reading takes long and short names."""

    field: Field
    names: tuple[str, ...]
    short: bool

    def write(self, moment: Moment) -> str:
        """Return the name."""
        name = self.names[self.field.get(moment.millis) - self.field.least]
        return name[:3] if self.short else name

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read the longest name, as written here or in small or capital letters."""
        best, value = position, 0
        for index, name in enumerate(self.names):
            for form in {name, name[:3]} if len(name) > 2 else {name}:
                part = text[position : position + len(form)]
                if part in (form, form.lower(), form.upper()) and position + len(form) > best:
                    best, value = position + len(form), index + self.field.least
        if best == position:
            return ~position
        bucket.fields.append((self.field, value))
        return best


@dataclass(frozen=True, slots=True)
class Offset(Element):
    """An offset from UTC: `+0200`, `+02:00`; `Z` is read as none."""

    colon: bool
    zero: str | None = None

    def write(self, moment: Moment) -> str:
        """Return the offset."""
        if moment.offset == 0 and self.zero is not None:
            return self.zero
        minutes = abs(moment.offset) // 60
        sign = "-" if moment.offset < 0 else "+"
        return f"{sign}{minutes // 60:02d}{':' if self.colon else ''}{minutes % 60:02d}"

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read Z, ±hh, ±hhmm, ±hh:mm, with seconds and thousandths if they are there."""
        if text[position : position + 1] in ("Z", "z"):
            bucket.offset = 0
            return position + 1
        sign = text[position : position + 1]
        if len(text) - position < 2 or sign not in ("+", "-"):
            return ~position
        position += 1
        hours = text[position : position + 2]
        if not _two_digits(hours) or int(hours) > 23:
            return ~position
        position += 2
        seconds = int(hours) * 3600
        colon = text[position : position + 1] == ":"
        for unit in (60, 1):
            if colon and text[position : position + 1] != ":":
                break
            part = text[position + colon : position + colon + 2]
            if not _two_digits(part):
                if not colon and not _is_digit(part[:1]):
                    break
                return ~(position + colon)
            if int(part) > 59:
                return ~(position + colon)
            seconds += int(part) * unit
            position += colon + 2
        bucket.offset = -seconds if sign == "-" else seconds
        return position


def _two_digits(text: str) -> bool:
    return len(text) == 2 and _is_digit(text[0]) and _is_digit(text[1])


@dataclass(frozen=True, slots=True)
class ZoneId(Element):
    """A zone's own name, as `ZZZ`."""

    def write(self, moment: Moment) -> str:
        """Return the zone."""
        return moment.zone

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read the longest name of a zone."""
        for end in range(min(len(text), position + 40), position, -1):
            name = zones.find(text[position:end])
            if name is not None and (name == text[position:end] or name[0] in "+-"):
                bucket.zone = name
                return end
        return ~position


_SHORT_ZONES = {
    "UTC": "UTC",
    "UT": "UTC",
    "GMT": "UTC",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}


@dataclass(frozen=True, slots=True)
class ZoneName(Element):
    """A zone's short or long name, as `z` and `zzzz`."""

    long: bool

    def write(self, moment: Moment) -> str:
        """Return the name: the tz database's abbreviation; Java's long one is known for UTC."""
        if moment.zone[0] in "+-":
            return moment.zone
        if moment.zone == "UTC":
            return "Coordinated Universal Time" if self.long else "UTC"
        instant = zones.EPOCH + timedelta(milliseconds=moment.millis, seconds=-moment.offset)
        name = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(moment.zone)).tzname()
        return name if name and name[0] not in "+-" else moment.zone

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read one of the abbreviations that Joda knows."""
        for name in sorted(_SHORT_ZONES, key=len, reverse=True):
            if text.startswith(name, position):
                bucket.zone = _SHORT_ZONES[name]
                return position + len(name)
        return ~position


@dataclass(frozen=True, slots=True)
class Sequence(Element):
    """One element after another."""

    parts: tuple[Element, ...]

    def write(self, moment: Moment) -> str:
        """Return the texts in order."""
        return "".join(part.write(moment) for part in self.parts)

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read the elements in order."""
        for part in self.parts:
            position = part.read(bucket, text, position)
            if position < 0:
                break
        return position


@dataclass(frozen=True, slots=True)
class Choice(Element):
    """The alternative that reads the most; None, at the end, is nothing."""

    parts: tuple[Element | None, ...]

    def read(self, bucket: Bucket, text: str, position: int) -> int:
        """Read as Joda's MatchingParser does."""
        before, best, worst = bucket.state(), position, position
        best_state = None
        for part in self.parts:
            if part is None:
                break
            end = part.read(bucket, text, position)
            if end > best:
                best, best_state = end, bucket.state()
            elif end < 0:
                worst = max(worst, ~end)
            bucket.restore(before)
        if best_state is not None:
            bucket.restore(best_state)
            return best
        return position if None in self.parts else ~worst
