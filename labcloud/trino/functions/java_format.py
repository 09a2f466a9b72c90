"""java.util.Formatter for the values that SQL's format() gives it.

Source: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Formatter.html
"""

from __future__ import annotations

import functools
import math
import re
import struct
from calendar import day_name, month_name
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labcloud.trino.render import java_double, java_float

FLAGS = "-#+ 0,(<"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FormatError(Exception):
    """A subclass of Java's IllegalFormatException: its name without Exception, and its text."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")


@dataclass(frozen=True, slots=True)
class Value:
    """An argument: its Java class, and its value in Python.

    A zoned time is a `datetime` that knows its zone; `zone` is the zone's name.
    """

    java: str
    value: Any
    zone: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return "null"
        return _TO_STRING.get(self.java, str)(self.value) + (f"[{self.zone}]" if self.zone else "")


def _iso_time(value: time | datetime) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}"
    if value.microsecond:
        places = 3 if value.microsecond % 1000 == 0 else 6
        return f"{text}:{value.second:02d}.{f'{value.microsecond:06d}'[:places]}"
    return f"{text}:{value.second:02d}" if value.second else text


def _iso(value: datetime) -> str:
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}T{_iso_time(value)}"


def _zoned(value: datetime) -> str:
    return _iso(value) + _offset(value, "Z", ":")


def _offset(value: datetime, utc: str, colon: str) -> str:
    minutes = int((value.utcoffset() or timedelta()).total_seconds() // 60)
    if not minutes and utc:
        return utc
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


def java_decimal(value: Decimal) -> str:
    """BigDecimal.toString: an exponent only where the digits begin far behind the point."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    adjusted = len(digits) - 1 + exponent
    if exponent <= 0 and adjusted >= -6:
        return f"{value:f}"
    head = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{head}E{adjusted:+d}"


_TO_STRING: dict[str, Callable[[Any], str]] = {
    "java.lang.Boolean": lambda value: "true" if value else "false",
    "java.lang.Double": java_double,
    "java.lang.Float": java_float,
    "java.math.BigDecimal": java_decimal,
    "java.time.LocalDate": date.isoformat,
    "java.time.LocalTime": _iso_time,
    "java.time.LocalDateTime": _iso,
    "java.time.ZonedDateTime": _zoned,
}


@dataclass(frozen=True, slots=True)
class Specifier:
    """One %…; `index` is its number, 0 for the next argument, -1 for the last one again."""

    conversion: str
    flags: str = ""
    index: int = 0
    width: int = -1
    precision: int = -1
    upper: bool = False

    def __str__(self) -> str:
        index = f"{self.index}$" if self.index > 0 else ""
        width = "" if self.width < 0 else str(self.width)
        precision = "" if self.precision < 0 else f".{self.precision}"
        letters = self.conversion
        if self.upper:
            letters = letters[:-1] + letters[-1].upper()
        return f"%{self.shown_flags}{index}{width}{precision}{letters}"

    @property
    def shown_flags(self) -> str:
        """The flags in Java's order."""
        return "".join(flag for flag in FLAGS if flag in self.flags)

    def has(self, flag: str) -> bool:
        """Return whether a flag is set."""
        return flag in self.flags


_SPECIFIER = re.compile(r"%(\d+\$)?([-#+ 0,(<]*)(\d+)?(\.\d+)?([tT])?([a-zA-Z%])")


@functools.lru_cache(256)
def parse(text: str) -> tuple[str | Specifier, ...]:
    """Split a format into texts and specifiers. Raises FormatError."""
    parts: list[str | Specifier] = []
    at = 0
    while (found := text.find("%", at)) >= 0:
        if found > at:
            parts.append(text[at:found])
        match = _SPECIFIER.match(text, found)
        if not match:
            culprit = text[found + 1 : found + 2] or "%"
            raise FormatError("UnknownFormatConversion", f"Conversion = '{culprit}'")
        parts.append(_specifier(match))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


def _specifier(match: re.Match[str]) -> Specifier:
    index, flags, width, precision, dated, letter = match.groups()
    for flag in flags:
        if flags.count(flag) > 1:
            raise FormatError("DuplicateFormatFlags", f"Flags = '{flag}'")
    number = int(index[:-1]) if index else 0
    if index and not 0 < number < 2**31:
        raise FormatError("IllegalFormatArgumentIndex", "Illegal format argument index = 0")
    upper = (dated == "T") if dated else letter.isupper()
    conversion = f"t{letter}" if dated else letter
    if not dated and (letter not in "bBhHsScCdoxXeEgGfaA%n"):
        raise FormatError("UnknownFormatConversion", f"Conversion = '{letter}'")
    if not dated:
        conversion = letter.lower()
    specifier = Specifier(
        conversion,
        flags,
        -1 if "<" in flags else number,
        int(width) if width else -1,
        int(precision[1:]) if precision else -1,
        upper,
    )
    _check(specifier)
    return specifier


def _check(spec: Specifier) -> None:
    """Refuse flags, width and precision that the conversion does not take."""
    conversion = spec.conversion
    if conversion[0] == "t":
        _no_precision(spec)
        if conversion[1] not in _TIMES:
            raise FormatError("UnknownFormatConversion", f"Conversion = '{conversion}'")
        _bad_flags(spec, "#+ 0,(")
        _needs_width(spec, "-")
    elif conversion in "bhs":
        if conversion in "bh":
            _bad_flags(spec, "#")
        _needs_width(spec, "-")
        _bad_flags(spec, "+ 0,(")
    elif conversion == "c":
        _no_precision(spec)
        _bad_flags(spec, "#+ 0,(")
        _needs_width(spec, "-")
    elif conversion in "dox":
        _check_numeric(spec)
        _no_precision(spec)
        _bad_flags(spec, "#" if conversion == "d" else ",")
    elif conversion in "efga":
        _check_numeric(spec)
        _bad_flags(spec, {"e": ",", "g": "#", "a": "(,"}.get(conversion, ""))
    else:
        _check_text(spec)


def _check_numeric(spec: Specifier) -> None:
    _needs_width(spec, "-0")
    if (spec.has("+") and spec.has(" ")) or (spec.has("-") and spec.has("0")):
        raise FormatError("IllegalFormatFlags", f"Flags = '{spec.shown_flags}'")


def _check_text(spec: Specifier) -> None:
    _no_precision(spec)
    if spec.conversion == "n":
        if spec.width >= 0:
            raise FormatError("IllegalFormatWidth", str(spec.width))
        allowed = ""
    else:
        allowed = "-"
    if spec.flags not in ("", allowed):
        raise FormatError("IllegalFormatFlags", f"Flags = '{spec.shown_flags}'")
    _needs_width(spec, "-")


def _no_precision(spec: Specifier) -> None:
    if spec.precision >= 0:
        raise FormatError("IllegalFormatPrecision", str(spec.precision))


def _bad_flags(spec: Specifier, flags: str) -> None:
    for flag in flags:
        if spec.has(flag):
            _mismatch(spec, flag)


def _mismatch(spec: Specifier, flag: str) -> None:
    letter = spec.conversion[-1]
    raise FormatError("FormatFlagsConversionMismatch", f"Conversion = {letter}, Flags = {flag}")


def _needs_width(spec: Specifier, flags: str) -> None:
    if spec.width < 0 and any(spec.has(flag) for flag in flags):
        raise FormatError("MissingFormatWidth", str(spec))


# ---- output


def java_format(text: str, values: list[Value]) -> str:
    """Format as String.format(text, values…) does. Raises FormatError."""
    parts = parse(text)
    output: list[str] = []
    ordinary = last = -1
    for part in parts:
        if isinstance(part, str):
            output.append(part)
            continue
        if part.conversion in "%n":
            output.append("\n" if part.conversion == "n" else _justified(part, "%"))
            continue
        if part.index == 0:
            ordinary += 1
            last = ordinary
        elif part.index > 0:
            last = part.index - 1
        if not 0 <= last < len(values):
            raise FormatError("MissingFormatArgument", f"Format specifier '{part}'")
        output.append(_print(part, values[last]))
    return "".join(output)


def _justified(spec: Specifier, text: str) -> str:
    if spec.width < 0:
        return text
    return text.ljust(spec.width) if spec.has("-") else text.rjust(spec.width)


def _print(spec: Specifier, value: Value) -> str:
    kind = spec.conversion[0]
    if kind == "b":
        false = value.value is None or value.value is False
        return _print_text(spec, "false" if false else "true")
    if kind == "s":
        if spec.has("#"):
            _mismatch(spec, "#")
        return _print_text(spec, str(value))
    if value.value is None:
        # The zero flag pads with spaces here, and a precision cuts.
        return _print_text(replace(spec, flags=spec.flags.replace("0", "")), "null")
    if kind == "h":
        return _print_text(spec, f"{_hash(value) & 0xFFFFFFFF:x}")
    if kind == "t":
        return _print_text(spec, _print_time(spec, value))
    if kind in "dox" and value.java == "java.lang.Long":
        return _print_integer(spec, value.value)
    if kind in "efga" and value.java in ("java.lang.Double", "java.lang.Float"):
        return _print_double(spec, value.value)
    if kind in "efg" and value.java == "java.math.BigDecimal":
        return _print_number(spec, value.value, value.value < 0)
    raise _wrong(spec.conversion, value)


def _wrong(letter: str, value: Value) -> FormatError:
    return FormatError("IllegalFormatConversion", f"{letter} != {value.java}")


def _print_text(spec: Specifier, text: str) -> str:
    if spec.precision >= 0:
        text = text[: spec.precision]
    return _justified(spec, text.upper() if spec.upper else text)


def _hash(value: Value) -> int:
    """Object.hashCode of the classes whose definition is public."""
    if value.java == "java.lang.String":
        units = value.value.encode("utf-16-be", "surrogatepass")
        result = 0
        for at in range(0, len(units), 2):
            result = 31 * result + int.from_bytes(units[at : at + 2], "big") & 0xFFFFFFFF
        return result
    if value.java == "java.lang.Long":
        bits = value.value & (2**64 - 1)
        return int(bits ^ bits >> 32)
    if value.java == "java.lang.Boolean":
        return 1231 if value.value else 1237
    if value.java == "java.lang.Double":
        bits = struct.unpack(">Q", struct.pack(">d", value.value))[0]
        return int(bits ^ bits >> 32)
    if value.java == "java.lang.Float":
        return int(struct.unpack(">I", struct.pack(">f", value.value))[0])
    return _hash(Value("java.lang.String", str(value)))


def _print_integer(spec: Specifier, number: int) -> str:
    if spec.conversion == "d":
        return _justified(spec, _magnitude(spec, str(abs(number)), number < 0))
    _bad_flags(spec, "( +")
    bits = number & (2**64 - 1)
    digits, prefix = (f"{bits:o}", "0") if spec.conversion == "o" else (f"{bits:x}", "0x")
    prefix = prefix if spec.has("#") else ""
    if spec.has("0"):
        digits = digits.rjust(spec.width - len(prefix), "0")
    text = prefix + digits
    return _justified(spec, text.upper() if spec.upper else text)


def _magnitude(spec: Specifier, digits: str, negative: bool, tail: str = "") -> str:
    """Put the sign, the groups and the zeros to the digits of a number."""
    sign = ("(" if spec.has("(") else "-") if negative else "+" if spec.has("+") else ""
    if not negative and spec.has(" "):
        sign = " "
    close = ")" if negative and spec.has("(") else ""
    if spec.has(","):
        whole, point, fraction = digits.partition(".")
        digits = f"{int(whole):,}{point}{fraction}"
    if spec.has("0"):
        digits = digits.rjust(spec.width - len(sign) - len(close) - len(tail), "0")
    return sign + digits + tail + close


def _print_double(spec: Specifier, number: float) -> str:
    negative = math.copysign(1, number) < 0
    if not math.isfinite(number):
        text = "NaN" if math.isnan(number) else "Infinity"
        negative = negative and text != "NaN"
        plain = replace(spec, flags=spec.flags.replace("0", "").replace(",", ""))
        text = text if text == "NaN" else _magnitude(plain, text, negative)
        return _justified(spec, text.upper() if spec.upper else text)
    if spec.conversion == "a":
        return _print_hexadecimal(spec, number, negative)
    return _print_number(spec, Decimal(repr(number)), negative)


def _print_hexadecimal(spec: Specifier, number: float, negative: bool) -> str:
    head, _, exponent = abs(number).hex()[2:].partition("p")
    whole, _, fraction = head.partition(".")
    text = f"0x{whole}.{fraction.rstrip('0') or '0'}p{int(exponent)}"
    sign = "-" if negative else "+" if spec.has("+") else " " if spec.has(" ") else ""
    if spec.has("0"):
        text = "0x" + text[2:].rjust(spec.width - len(sign) - 2, "0")
    text = sign + text
    return _justified(spec, text.upper() if spec.upper else text)


def _print_number(spec: Specifier, number: Decimal, negative: bool) -> str:
    size = abs(number)
    precision = 6 if spec.precision < 0 else spec.precision
    with localcontext(prec=2000):
        if spec.conversion == "f":
            digits, tail = _fixed(size, precision), ""
        elif spec.conversion == "e":
            digits, tail = _scientific(size, precision)
        else:
            digits, tail = _general(size, max(precision, 1))
    if spec.has("#") and "." not in digits:
        digits += "."
    text = _magnitude(spec, digits, negative, tail)
    return _justified(spec, text.upper() if spec.upper else text)


def _fixed(size: Decimal, places: int) -> str:
    return f"{size.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"


def _scientific(size: Decimal, places: int) -> tuple[str, str]:
    exponent = size.adjusted() if size else 0
    digits = _fixed(size.scaleb(-exponent), places)
    if digits.startswith("10"):
        exponent += 1
        digits = _fixed(size.scaleb(-exponent), places)
    return digits, f"e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(size: Decimal, precision: int) -> tuple[str, str]:
    if not size:
        return _fixed(size, precision - 1), ""
    unit = Decimal(1).scaleb(size.adjusted() - precision + 1)
    rounded = size.quantize(unit, rounding=ROUND_HALF_UP)
    if Decimal("0.0001") <= rounded < Decimal(1).scaleb(precision):
        return _fixed(size, max(0, precision - rounded.adjusted() - 1)), ""
    return _scientific(size, precision - 1)


# ---- dates and times

_TIMES = "HIklMNLQpsSTzZaAbBChdejmyYrRcDF"
_COMPOSED = {
    "R": "H:M",
    "T": "H:M:S",
    "r": "I:M:S p",
    "D": "m/d/y",
    "F": "Y-m-d",
    "c": "a b d T Z Y",
}
_OF_TIME = "HIklMNLpS"
_OF_DATE = "aAbBChdejmyY"
_OF_ZONE = "QszZ"


def _print_time(spec: Specifier, value: Value) -> str:
    moment = value.value
    if value.java == "java.lang.Long":
        try:
            moment = _EPOCH + timedelta(milliseconds=value.value)
        except OverflowError:
            raise _wrong(spec.conversion[1], value) from None
        value = Value("java.time.ZonedDateTime", moment, "UTC")
    elif not isinstance(moment, (date, time)):
        raise _wrong(spec.conversion[1], value)
    return _time_field(spec.conversion[1], value, moment)


def _time_field(letter: str, value: Value, moment: Any) -> str:
    if letter in _COMPOSED:
        fields = re.split(r"(\w)", _COMPOSED[letter])
        text = "".join(_time_field(f, value, moment) if f.isalpha() else f for f in fields)
        return text.replace(" am", " AM").replace(" pm", " PM")
    missing = (
        (letter in _OF_TIME and not isinstance(moment, (time, datetime)))
        or (letter in _OF_DATE and not isinstance(moment, date))
        or (letter in _OF_ZONE and value.java != "java.time.ZonedDateTime")
    )
    if missing:
        raise _wrong(letter, value)
    return _FIELDS[letter](moment) if letter != "Z" else _zone_name(value, moment)


def _zone_name(value: Value, moment: datetime) -> str:
    return moment.tzname() or value.zone


def _epoch(moment: datetime) -> timedelta:
    return moment - _EPOCH


_FIELDS: dict[str, Callable[[Any], str]] = {
    "H": lambda m: f"{m.hour:02d}",
    "I": lambda m: f"{(m.hour + 11) % 12 + 1:02d}",
    "k": lambda m: str(m.hour),
    "l": lambda m: str((m.hour + 11) % 12 + 1),
    "M": lambda m: f"{m.minute:02d}",
    "N": lambda m: f"{m.microsecond * 1000:09d}",
    "L": lambda m: f"{m.microsecond // 1000:03d}",
    "S": lambda m: f"{m.second:02d}",
    "p": lambda m: "am" if m.hour < 12 else "pm",
    "Q": lambda m: str(_epoch(m) // timedelta(milliseconds=1)),
    "s": lambda m: str(int(_epoch(m) / timedelta(seconds=1))),
    "z": lambda m: _offset(m, "", ""),
    "a": lambda m: day_name[m.weekday()][:3],
    "A": lambda m: day_name[m.weekday()],
    "b": lambda m: month_name[m.month][:3],
    "h": lambda m: month_name[m.month][:3],
    "B": lambda m: month_name[m.month],
    "C": lambda m: f"{m.year // 100:02d}",
    "d": lambda m: f"{m.day:02d}",
    "e": lambda m: str(m.day),
    "j": lambda m: f"{m.timetuple().tm_yday:03d}",
    "m": lambda m: f"{m.month:02d}",
    "y": lambda m: f"{m.year % 100:02d}",
    "Y": lambda m: f"{m.year:04d}",
}
