"""format(), format_number() and bar().

Sources: https://trino.io/docs/current/functions/ conversion.html and color.html.
"""

from __future__ import annotations

import colorsys
import functools
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from labcloud.trino import casts, tree, zones
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.functions.emit import invalid, named, of_arity, python
from labcloud.trino.functions.java_format import FormatError, Value, java_format
from labcloud.trino.functions.registry import null_safe, scalar
from labcloud.trino.types import INTEGERS, VARCHAR

# ---- format

_JAVA = {
    **dict.fromkeys(INTEGERS, "java.lang.Long"),
    "boolean": "java.lang.Boolean",
    "real": "java.lang.Float",
    "double": "java.lang.Double",
    "decimal": "java.math.BigDecimal",
    "varchar": "java.lang.String",
    "char": "java.lang.String",
    "json": "java.lang.String",
    "date": "java.time.LocalDate",
    "time": "java.time.LocalTime",
    "timestamp": "java.time.LocalDateTime",
    "timestamp with time zone": "java.time.ZonedDateTime",
    "unknown": "java.lang.Object",
}
"""The Java class that format() makes of a type; others are cast to varchar."""


def _value(java: str, value: Any) -> Value:
    if java == "java.time.ZonedDateTime" and value is not None:
        return _zoned(value["i"], value["z"])
    if java == "java.time.LocalDate" and isinstance(value, str):
        return Value("java.lang.String", value)  # a year that Python does not know
    return Value(java, value)


def _zoned(instant: datetime, zone: str) -> Value:
    moment = instant.replace(tzinfo=UTC)
    shift = timezone(timedelta(seconds=zones.offset(int(moment.timestamp()), zone)))
    name = "" if zone[:1] in "+-" else zone
    return Value("java.time.ZonedDateTime", moment.astimezone(shift), name)


@functools.lru_cache(256)
def _formatter(classes: tuple[str, ...]) -> Callable[..., str | None]:
    """Return the Python function that formats values of these Java classes."""

    @null_safe
    def format_values(text: str | None, *values: Any) -> str | None:
        if text is None:
            return None
        try:
            return java_format(text, [_value(*pair) for pair in zip(classes, values, strict=True)])
        except FormatError as error:
            raise invalid(f"Invalid format string: {text} ({error})") from None

    return of_arity(named(format_values, "format", classes), len(classes) + 1)


def format_call(node: tree.FunctionCall, scope: Any, analysis: Any) -> Expr:
    """Compile format(text, values…). Raises TrinoError."""
    if len(node.arguments) < 2:
        message = "The 'format' function must have at least two arguments"
        raise TrinoError("SYNTAX_ERROR", message, node.at)
    text, *values = (analysis.expression(argument, scope) for argument in node.arguments)
    if text.type.base not in ("varchar", "unknown"):
        message = f"Type of first argument to format() must be VARCHAR (actual: {text.type})"
        raise TrinoError("TYPE_MISMATCH", message, node.arguments[0].at)
    values = [
        _formattable(value, argument, analysis)
        for value, argument in zip(values, node.arguments[1:], strict=True)
    ]
    classes = tuple(_JAVA[value.type.base] for value in values)
    kinds = [VARCHAR, *(value.type for value in values)]
    name = analysis.udfs.name(_formatter(classes), kinds, VARCHAR)
    arguments = [f"CAST({text.sql} AS VARCHAR)", *(value.sql for value in values)]
    return Expr(f"{name}({', '.join(arguments)})", VARCHAR)


def _formattable(value: Expr, node: tree.Expression, analysis: Any) -> Expr:
    if value.type.base in _JAVA:
        return value
    try:
        return casts.cast(value, VARCHAR, analysis)
    except TrinoError:
        message = f"Type not supported for formatting: {value.type}"
        raise TrinoError("NOT_SUPPORTED", message, node.at) from None


# ---- format_number


def format_number(number: int) -> str:
    """Write a number with three digits or so, and K, M, B, T or Q."""
    size, unit = float(number), ""
    for unit_after in ("K", "M", "B", "T", "Q"):
        if abs(size) < 1000:
            break
        size, unit = size / 1000, unit_after
    places = 2 if size < 10 else 1 if size < 100 else 0
    text = f"{Decimal(size).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit


def format_double(number: float) -> str:
    """Write a number without its fraction as `format_number` does."""
    if math.isnan(number):
        return "0"
    return format_number(int(max(min(number, 2.0**63 - 1025), -(2.0**63))))


# ---- bar


def bar(fraction: float, width: int) -> str:
    """Draw a bar in colours from red to green, for a terminal."""
    count = max(0, min(width, int(fraction * width))) if math.isfinite(fraction) else 0
    cells = "".join(_cell(index / (width - 1) if width > 1 else 0.0) for index in range(count))
    return f"{cells}\x1b[0m{' ' * (width - count)}"


def _cell(fraction: float) -> str:
    channels = colorsys.hsv_to_rgb(fraction / 3, 1.0, 1.0)
    red, green, blue = (int(channel * 255 + 0.5) * 6 // 256 for channel in channels)
    return f"\x1b[38;5;{16 + red * 36 + green * 6 + blue}m\u2588"


def render_boolean(value: bool) -> str:
    """Draw a green check or a red cross, for a terminal."""
    return "\x1b[38;5;2m\u2713\x1b[0m" if value else "\x1b[38;5;1m\u2717\x1b[0m"


scalar("format_number", "bigint", "varchar", python(format_number))
scalar("format_number", "double", "varchar", python(format_double))
scalar("bar", "double, bigint", "varchar", python(bar))
scalar("render", "boolean", "varchar(16)", python(render_boolean))
