"""How Athena writes values: in GetQueryResults, in its CSV files, and its ColumnInfo.

Sources: Athena's user guide, "Query arrays with complex types and nested structures" and "Query
arrays with maps" ([1, 2], {k=v}, {name=Bob, age=38}, {field0=Bob} for a row without names), and
what PyAthena's and awswrangler's converters expect (timestamps with three decimals at least,
varbinary as pairs of hex digits). Nested values print as Java's collections do.

`athena_text` renders a value that DuckDB's Python client returned. `render_sql` lets DuckDB make
the same text; only it sees the nanoseconds of a timestamp(9).
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from labcloud.trino import zones
from labcloud.trino.errors import quote
from labcloud.trino.once import once
from labcloud.trino.types import Type

# ---- values that Python holds


def athena_text(value: Any, kind: Type) -> str | None:
    """Return what GetQueryResults and the CSV file hold for a value; None for NULL."""
    if value is None:
        return None
    if kind.base == "varbinary":
        return bytes(value).hex(" ")
    return _nested(value, kind)


def _nested(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    convert = _TEXTS.get(kind.base)
    return convert(value, kind) if convert else str(value)


_UNHASHABLE = ("array", "map", "row", "timestamp with time zone", "time with time zone")


def _array(value: Any, kind: Type) -> str:
    return "[" + ", ".join(_nested(item, kind.element) for item in value) + "]"


def _map(value: Any, kind: Type) -> str:
    entries = value.items()
    if kind.key.base in _UNHASHABLE:
        entries = zip(value["key"], value["value"], strict=True)  # keys that Python cannot hash
    inside = (f"{_nested(k, kind.key)}={_nested(v, kind.value)}" for k, v in entries)
    return "{" + ", ".join(inside) + "}"


def _row(value: Any, kind: Type) -> str:
    values = value.values() if isinstance(value, dict) else value
    inside = (
        f"{_field_name(field.name, index)}={_nested(item, field.type)}"
        for index, (field, item) in enumerate(zip(kind.fields, values, strict=True))
    )
    return "{" + ", ".join(inside) + "}"


def _field_name(name: str | None, index: int) -> str:
    return name or f"field{index}"


def java_double(value: float) -> str:
    """Return Java's Double.toString (JDK 19 and later: the shortest digits that round back)."""
    return _java_number(value, repr, "d", value)


def java_float(value: float) -> str:
    """Return Java's Float.toString of a number that a 4-byte float holds."""
    return _java_number(value, _shortest_float, "f", value)


def _shortest_float(value: float) -> str:
    for digits in range(1, 10):
        text = f"{value:.{digits - 1}e}"
        if _packs_as(text, value, "f"):
            return text
    return repr(value)


def _packs_as(text: str, value: float, code: str) -> bool:
    if code == "d":
        return float(text) == value
    try:
        return struct.pack("f", float(text)) == struct.pack("f", value)
    except OverflowError:
        return False


def _java_number(value: float, shortest: Callable[[float], str], code: str, signed: float) -> str:
    if math.isnan(value):
        return "NaN"
    sign = "-" if math.copysign(1, signed) < 0 else ""
    if math.isinf(value):
        return f"{sign}Infinity"
    if value == 0:
        return f"{sign}0.0"
    size = abs(value)
    _, digit_tuple, exponent = Decimal(shortest(size)).normalize().as_tuple()
    assert isinstance(exponent, int)
    digits = "".join(map(str, digit_tuple))
    if len(digits) == 1:  # Java weighs numbers of two digits, too: 4.9E-324
        two = f"{size:.1e}"
        if _packs_as(two, size, code):
            _, digit_tuple, exponent = Decimal(two).as_tuple()
            assert isinstance(exponent, int)
            digits = "".join(map(str, digit_tuple)).rstrip("0") or "0"
            exponent += len(digit_tuple) - len(digits)
    return sign + _java_notation(digits, len(digits) + exponent, 1e-3 <= size < 1e7)


def _java_notation(digits: str, point: int, plain: bool) -> str:
    """Write 0.DIGITS times ten to the power of `point`."""
    if not plain:
        return f"{digits[0]}.{digits[1:] or '0'}E{point - 1}"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{digits}{'0' * (point - len(digits))}.0"
    return f"{digits[:point]}.{digits[point:]}"


def date_text(value: date | str) -> str:
    """Return a date as Java's LocalDate prints it; years beyond 9999 reach us as DuckDB's text."""
    if isinstance(value, str):
        return _java_year(value)
    return value.isoformat()


def _java_year(text: str) -> str:
    """Translate DuckDB's text of a far date, `10000-01-01` or `0002-01-01 (BC)`, to Java's."""
    if text.endswith(" (BC)"):
        year, rest = text[:-5].split("-", 1)
        before = 1 - int(year)
        return f"{'-' if before < 0 else ''}{-before:04d}-{rest}"
    return f"+{text}" if text.index("-") > 4 else text


def _fraction(micros: int, precision: int) -> str:
    digits = f"{micros:06d}".ljust(precision, "0")
    return digits[: max(3, precision)]


def _timestamp(value: Any, kind: Type) -> str:
    if isinstance(value, str):
        return _far_timestamp(value, kind.precision)
    return (
        f"{value.year:04d}-{value.month:02d}-{value.day:02d} {value:%H:%M:%S}."
        f"{_fraction(value.microsecond, kind.precision)}"
    )


def _far_timestamp(text: str, precision: int) -> str:
    """Translate DuckDB's text of a timestamp that Python cannot hold."""
    day, clock = text.rsplit(" ", 1)
    moment, _, fraction = clock.partition(".")
    places = max(3, precision)
    return f"{_java_year(day)} {moment}.{fraction.ljust(places, '0')[:places]}"


def _timestamp_tz(value: Any, kind: Type) -> str:
    local = zones.local(value["i"], value["z"])
    return f"{_timestamp(local, kind)} {value['z']}"


def _time(value: Any, kind: Type) -> str:
    if isinstance(value, str):  # 24:00:00, which Python's time cannot hold
        value = time()
    return f"{value:%H:%M:%S}.{_fraction(value.microsecond, kind.precision)}"


def _time_tz(value: Any, kind: Type) -> str:
    return _time(value["t"], kind) + offset_text(value["o"])


def offset_text(minutes: int) -> str:
    """Return an offset as Java's ZoneOffset and Trino's zones print it: `+05:30`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def day_to_second(value: int | timedelta) -> str:
    """Return an interval of milliseconds as Trino prints it: `1 12:00:00.000`."""
    if isinstance(value, timedelta):
        value = value // timedelta(milliseconds=1)
    seconds, millis = divmod(abs(value), 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{'-' if value < 0 else ''}{day} {hour:02d}:{minute:02d}:{second:02d}.{millis:03d}"


def year_to_month(value: int) -> str:
    """Return an interval of months as Trino prints it: `1-6`."""
    years, months = divmod(abs(value), 12)
    return f"{'-' if value < 0 else ''}{years}-{months}"


def _decimal(value: Any, kind: Type) -> str:
    if isinstance(value, Decimal):
        return f"{value:.{kind.scale}f}"
    return str(value)


def _base64(value: Any, _: Type) -> str:
    return base64.b64encode(bytes(value)).decode()


_TEXTS: dict[str, Callable[[Any, Type], str]] = {
    "boolean": lambda value, _: "true" if value else "false",
    "double": lambda value, _: java_double(value),
    "real": lambda value, _: java_float(value),
    "decimal": _decimal,
    "date": lambda value, _: date_text(value),
    "timestamp": _timestamp,
    "timestamp with time zone": _timestamp_tz,
    "time": _time,
    "time with time zone": _time_tz,
    "interval day to second": lambda value, _: day_to_second(value),
    "interval year to month": lambda value, _: year_to_month(value),
    "varbinary": _base64,
    "HyperLogLog": _base64,
    "P4HyperLogLog": _base64,
    "qdigest": _base64,
    "tdigest": _base64,
    "array": _array,
    "map": _map,
    "row": _row,
}

# ---- the same inside DuckDB


def render_sql(sql: str, kind: Type) -> str:
    """Return DuckDB SQL for the text of `sql`, a value of `kind`; NULL stays NULL.

    `sql` is repeated, so it should be a column's name.
    """
    if kind.base == "varbinary":
        return f"rtrim(regexp_replace(lower(hex({sql})), '(..)', '\\1 ', 'g'))"
    return _nested_sql(sql, kind, 0)


def _nested_sql(sql: str, kind: Type, depth: int) -> str:
    if kind.base in ("array", "map", "row"):
        return _collection_sql(sql, kind, depth)
    convert = _SQL.get(kind.base)
    if convert:
        return convert(sql, kind)
    if kind.base in ("varchar", "char", "json", "ipaddress", "Geometry", "SphericalGeography"):
        return sql
    return f"CAST({sql} AS VARCHAR)"


def _or_null(sql: str) -> str:
    return f"coalesce({sql}, 'null')"


def _collection_sql(sql: str, kind: Type, depth: int) -> str:
    item = f"e{depth}"
    if kind.base == "array":
        inside = _or_null(_nested_sql(item, kind.element, depth + 1))
        return f"'[' || {_joined(sql, item, inside)} || ']'"
    if kind.base == "map":
        key = _or_null(_nested_sql(f"{item}.key", kind.key, depth + 1))
        value = _or_null(_nested_sql(f"{item}.value", kind.value, depth + 1))
        entries = _joined(f"map_entries({sql})", item, f"{key} || '=' || {value}")
        return "'{' || " + entries + " || '}'"
    fields = " || ', ' || ".join(
        f"{quote(_field_name(field.name, index) + '=')} || "
        + _or_null(_nested_sql(f'({sql})."f{index}"', field.type, depth + 1))
        for index, field in enumerate(kind.fields)
    )
    return f"CASE WHEN ({sql}) IS NOT NULL THEN '{{' || {fields or quote('')} || '}}' END"


def _joined(sql: str, item: str, inside: str) -> str:
    return f"array_to_string(list_transform({sql}, lambda {item}: {inside}), ', ')"


def _double_sql(sql: str, kind: Type) -> str:
    held = "FLOAT" if kind.base == "real" else "DOUBLE"
    size, text = f"abs({sql})", f"CAST(abs({sql}) AS VARCHAR)"
    sign = f"CASE WHEN signbit({sql}) THEN '-' ELSE '' END"
    mantissa, exponent = f"split_part({text}, 'e', 1)", f"split_part({text}, 'e', 2)"
    two = f"printf('%.1e', CAST({size} AS DOUBLE))"
    scientific = (
        f"CASE WHEN contains({mantissa}, '.') THEN {mantissa} "
        f"WHEN TRY_CAST({two} AS {held}) = {size} THEN split_part({two}, 'e', 1) "
        f"ELSE {mantissa} || '.0' END || 'E' || CASE WHEN NOT contains({mantissa}, '.') AND "
        f"TRY_CAST({two} AS {held}) = {size} THEN CAST(split_part({two}, 'e', 2) AS INTEGER) "
        f"ELSE CAST({exponent} AS INTEGER) END"
    )
    whole = f"rtrim(replace({text}, '.', ''), '0')"
    large = (
        f"{whole}[1] || '.' || CASE WHEN length({whole}) > 1 THEN {whole}[2:] ELSE '0' END "
        f"|| 'E' || (strpos({text}, '.') - 2)"
    )
    digits = f"ltrim({text}, '0.')"
    small = (
        f"{digits}[1] || '.' || CASE WHEN length({digits}) > 1 THEN {digits}[2:] ELSE '0' END "
        f"|| 'E-' || (length({text}) - length({digits}) - 1)"
    )
    return (
        f"CASE WHEN {size} >= 1e-3 AND {size} < 1e7 OR {sql} = 0 THEN CAST({sql} AS VARCHAR) "
        f"WHEN isnan({sql}) THEN 'NaN' WHEN isinf({sql}) THEN {sign} || 'Infinity' "
        f"WHEN contains({text}, 'e') THEN {sign} || {scientific} "
        f"WHEN {size} >= 1 THEN {sign} || {large} ELSE {sign} || {small} END"
    )


def date_sql(sql: str, plus: str = "+") -> str:
    """Return DuckDB SQL for a date's text; `plus` leads a year of more than four digits.

    Java's LocalDate, which prints results, puts it; Joda, which casts, does not.
    """
    return (
        f"CASE WHEN {sql} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' "
        f"THEN CAST({sql} AS VARCHAR) ELSE {_java_year_sql(sql, plus)} || "
        f"strftime({sql}, '-%m-%d') END"
    )


def _java_year_sql(sql: str, plus: str = "+") -> str:
    """A year as Java's formatters print it: signed beyond four digits."""
    year = f"year({sql})"
    return (
        f"CASE WHEN {year} < 0 THEN '-' WHEN {year} > 9999 THEN '{plus}' ELSE '' END "
        f"|| CASE WHEN abs({year}) < 10000 THEN lpad(CAST(abs({year}) AS VARCHAR), 4, '0') "
        f"ELSE CAST(abs({year}) AS VARCHAR) END"
    )


def timestamp_sql(sql: str, precision: int, least: int = 3) -> str:
    """Return DuckDB SQL for a timestamp's text with `precision` decimals, at least `least`."""
    return _stamp_sql(sql, "-%m-%d %H:%M:%S", max(precision, least), precision > 6)


def _stamp_sql(sql: str, pattern: str, places: int, nanos: bool) -> str:
    fraction, cut = "", 0
    if places == 3:
        fraction = ".%g"
    elif places > 6 and nanos:
        fraction, cut = ".%n", 9 - places
    elif places:
        fraction, cut = ".%f", 6 - places
    text = f"strftime({sql}, {quote('%Y' + pattern + fraction)})"
    far = f"{_java_year_sql(sql)} || strftime({sql}, {quote(pattern + fraction)})"
    text = (
        f"CASE WHEN {sql} BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND "
        f"TIMESTAMP '9999-12-31 23:59:59.999999' THEN {text} ELSE {far} END"
        if not nanos
        else text
    )
    if cut > 0:
        return f"left({text}, -{cut})"
    return f"{text} || {quote('0' * -cut)}" if cut else text


def timestamp_tz_sql(sql: str, precision: int, least: int = 3) -> str:
    """Return DuckDB SQL for the text of a timestamp with time zone."""
    local = once(
        [zones.local_sql(sql, precision)], lambda name: timestamp_sql(name, precision, least)
    )
    return f"(({local}) || ' ' || ({sql}).z)"


def time_sql(sql: str, precision: int, least: int = 3) -> str:
    """Return DuckDB SQL for a time's text with `precision` decimals, at least `least`."""
    places = max(precision, least)
    if precision > 6:
        text = f"strftime(make_timestamp_ns(epoch_ns({sql})), '%H:%M:%S.%n')"
        if places < 9:
            return f"left({text}, -{9 - places})"
        return f"({text} || {quote('0' * (places - 9))})"
    moment = f"(DATE '2000-01-01' + {sql})"
    if not places:
        return f"strftime({moment}, '%H:%M:%S')"
    if places == 3:
        return f"strftime({moment}, '%H:%M:%S.%g')"
    text = f"strftime({moment}, '%H:%M:%S.%f')"
    return f"left({text}, -{6 - places})" if places < 6 else text


def offset_sql(minutes: str) -> str:
    """Return DuckDB SQL for the text of an offset of `minutes`."""
    return (
        f"CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END || "
        f"printf('%02d:%02d', abs({minutes}) // 60, abs({minutes}) % 60)"
    )


def time_tz_sql(sql: str, precision: int, least: int = 3) -> str:
    """Return DuckDB SQL for the text of a time with time zone."""
    return f"(({time_sql(f'({sql}).t', precision, least)}) || ({offset_sql(f'({sql}).o')}))"


def day_to_second_sql(sql: str) -> str:
    """Return DuckDB SQL for the text of an interval of milliseconds."""
    size = f"abs({sql})"
    return (
        f"CASE WHEN {sql} < 0 THEN '-' ELSE '' END || printf('%d %02d:%02d:%02d.%03d', "
        f"{size} // 86400000, {size} // 3600000 % 24, {size} // 60000 % 60, "
        f"{size} // 1000 % 60, {size} % 1000)"
    )


def year_to_month_sql(sql: str) -> str:
    """Return DuckDB SQL for the text of an interval of months."""
    return (
        f"CASE WHEN {sql} < 0 THEN '-' ELSE '' END || "
        f"printf('%d-%d', abs({sql}) // 12, abs({sql}) % 12)"
    )


def decimal_sql(sql: str, kind: Type) -> str:
    """Return DuckDB SQL for a decimal's text; DuckDB omits the zero of decimal(3,3)."""
    text = f"CAST({sql} AS VARCHAR)"
    if kind.precision > kind.scale:
        return text
    return f"regexp_replace({text}, '^(-?)\\.', '\\10.')"


_SQL: dict[str, Callable[[str, Type], str]] = {
    "decimal": decimal_sql,
    "double": _double_sql,
    "real": _double_sql,
    "date": lambda sql, _: date_sql(sql),
    "timestamp": lambda sql, kind: timestamp_sql(sql, kind.precision),
    "timestamp with time zone": lambda sql, kind: timestamp_tz_sql(sql, kind.precision),
    "time": lambda sql, kind: time_sql(sql, kind.precision),
    "time with time zone": lambda sql, kind: time_tz_sql(sql, kind.precision),
    "interval day to second": lambda sql, _: day_to_second_sql(sql),
    "interval year to month": lambda sql, _: year_to_month_sql(sql),
    "varbinary": lambda sql, _: f"base64({sql})",
    "HyperLogLog": lambda sql, _: f"base64({sql})",
    "P4HyperLogLog": lambda sql, _: f"base64({sql})",
    "qdigest": lambda sql, _: f"base64({sql})",
    "tdigest": lambda sql, _: f"base64({sql})",
}

# ---- columns

_PRECISIONS = {
    "boolean": 0,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varbinary": 1073741824,
    "date": 0,
    "time": 3,
    "time with time zone": 3,
    "timestamp": 3,
    "timestamp with time zone": 3,
}
_UNBOUNDED = 2147483647


def column_type(kind: Type) -> str:
    """Return ColumnInfo's Type: no lengths and digits, and `float` for a real."""
    return "float" if kind.base == "real" else kind.base.lower()


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """Return a column's ColumnInfo, with the numbers that Athena's examples and clients show."""
    precision, scale = _PRECISIONS.get(kind.base, 0), 0
    if kind.base == "decimal":
        precision, scale = kind.precision, kind.scale
    elif kind.base in ("varchar", "char"):
        precision = _UNBOUNDED if kind.length is None else kind.length
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": column_type(kind),
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind.base in ("varchar", "char"),
    }
