"""Partition projection: partitions computed from a table's properties instead of the catalog.

Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.trino.errors import TrinoError

Comparison = tuple[str, str, Any]
"""Partition key, operator, Python value (a list for "in")."""

LIMIT = 1_000_000
"""More projected partitions than this are refused rather than waited for."""

_UNITS = {
    "YEARS": "years",
    "MONTHS": "months",
    "WEEKS": "weeks",
    "DAYS": "days",
    "HOURS": "hours",
    "MINUTES": "minutes",
    "SECONDS": "seconds",
}


def enabled(table: GlueTable) -> bool:
    """Return whether the table's partitions are projected."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def partitions(
    table: GlueTable, comparisons: list[Comparison], now: datetime
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (values, location) of the projected partitions.

    `comparisons` are the query's conditions on partition keys; they bound what is enumerated, and
    injected columns take their values from them. Raises TrinoError where the properties are wrong.
    """
    choices = [
        list(_values(table, name, [c for c in comparisons if c[0] == name], now))
        for name, _ in table.partition_keys
    ]
    count = 1
    for values in choices:
        count *= len(values)
    if count > LIMIT:
        raise _invalid(table, f"it projects {count:,} partitions; narrow the query's conditions")
    template = table.parameters.get("storage.location.template")
    for chosen in itertools.product(*choices):
        yield chosen, _location(table, template, chosen)


def _location(table: GlueTable, template: str | None, values: tuple[str, ...]) -> str:
    names = [name for name, _ in table.partition_keys]
    if template is None:
        folders = "/".join(f"{n}={v}" for n, v in zip(names, values, strict=True))
        return f"{table.location.rstrip('/')}/{folders}/"
    known = dict(zip(names, values, strict=True))
    missing = [n for n in names if f"${{{n}}}" not in template.lower()]
    if missing:
        raise _invalid(
            table, f"storage.location.template does not hold ${{{missing[0]}}}, a partition key"
        )
    return re.sub(r"\$\{(\w+)\}", lambda m: known.get(m[1].lower(), m[0]), template)


def _invalid(table: GlueTable, what: str) -> TrinoError:
    return TrinoError(
        "HIVE_INVALID_METADATA",
        f"Table {table.database}.{table.name} has invalid partition projection: {what}",
    )


def _values(
    table: GlueTable, name: str, comparisons: list[Comparison], now: datetime
) -> Iterator[str]:
    kind = _property(table, name, "type")
    if kind is None:
        raise _invalid(table, f"projection.{name}.type is not set")
    maker = {"enum": _enum, "integer": _integer, "date": _date, "injected": _injected}.get(
        kind.lower()
    )
    if maker is None:
        raise _invalid(table, f"projection.{name}.type is {kind}")
    return maker(table, name, comparisons, now)


def _property(table: GlueTable, name: str, what: str) -> str | None:
    return table.parameters.get(f"projection.{name}.{what}")


def _needed(table: GlueTable, name: str, what: str) -> str:
    if (found := _property(table, name, what)) is None:
        raise _invalid(table, f"projection.{name}.{what} is not set")
    return found


def _enum(
    table: GlueTable, name: str, comparisons: list[Comparison], now: datetime
) -> Iterator[str]:
    return (value.strip() for value in _needed(table, name, "values").split(","))


def _injected(
    table: GlueTable, name: str, comparisons: list[Comparison], now: datetime
) -> Iterator[str]:
    for _, operator, value in comparisons:
        if operator == "=":
            return iter([str(value)])
        if operator == "in":
            return iter([str(one) for one in value])
    raise TrinoError(
        "CONSTRAINT_VIOLATION",
        f"For the injected projected partition column {name}, the WHERE clause must contain only "
        "static equality conditions, and at least one such condition must be present.",
    )


def _bounds(comparisons: list[Comparison], low: Any, high: Any, convert: Any) -> tuple[Any, Any]:
    """Narrow [low, high] by the query's conditions; a value that does not convert is left out."""
    for _, operator, value in comparisons:
        values = value if operator == "in" else [value]
        try:
            known = [convert(one) for one in values]
        except (TypeError, ValueError):
            continue
        if operator in ("=", "in", ">", ">="):
            low = max(low, min(known))
        if operator in ("=", "in", "<", "<="):
            high = min(high, max(known))
    return low, high


def _integer(
    table: GlueTable, name: str, comparisons: list[Comparison], now: datetime
) -> Iterator[str]:
    text = _needed(table, name, "range")
    try:
        first, last = (int(part) for part in text.split(","))
        step = int(_property(table, name, "interval") or 1)
        digits = int(_property(table, name, "digits") or 0)
    except ValueError:
        raise _invalid(table, f"projection.{name}.range is {text}") from None
    low, high = _bounds(comparisons, first, last, int)
    low += (first - low) % step  # stay on the grid that begins at `first`
    if (high - low) // step > LIMIT:
        raise _invalid(table, f"projection.{name}.range {text} has too many values")
    return (f"{n:0{digits}d}" for n in range(low, high + 1, step))


def _date(
    table: GlueTable, name: str, comparisons: list[Comparison], now: datetime
) -> Iterator[str]:
    text = _needed(table, name, "range")
    pattern = _needed(table, name, "format")
    form = _strftime(table, pattern)
    unit = (_property(table, name, "interval.unit") or _finest(form)).upper()
    step = int(_property(table, name, "interval") or 1)
    if unit not in _UNITS:
        raise _invalid(table, f"projection.{name}.interval.unit is {unit}")
    ends = text.split(",")
    if len(ends) != 2:
        raise _invalid(table, f"projection.{name}.range is {text}")
    first, last = (_moment(table, end.strip(), form, now) for end in ends)

    def moment(value: Any) -> datetime:
        if isinstance(value, str):
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)

    low, high = _bounds(comparisons, first, last, moment)
    return _moments(first, low, high, _UNITS[unit], step, form)


def _moments(
    first: datetime, low: datetime, high: datetime, unit: str, step: int, form: str
) -> Iterator[str]:
    for n in range(LIMIT):
        at = _later(first, unit, step * n)
        if at > high:
            return
        if at >= low:
            yield at.strftime(form)


def _later(at: datetime, unit: str, count: int) -> datetime:
    if unit in ("years", "months"):
        months = at.year * 12 + at.month - 1 + count * (12 if unit == "years" else 1)
        year, month = months // 12, months % 12 + 1
        return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
    return at + timedelta(**{unit: count})


_RELATIVE = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+?)S?)?", re.IGNORECASE)


def _moment(table: GlueTable, text: str, form: str, now: datetime) -> datetime:
    """Return an end of a range: a date in the column's format, or NOW-3YEARS."""
    if match := _RELATIVE.fullmatch(text):
        sign, count, unit = match.groups()
        at = now
        if sign:
            if (plural := f"{unit.upper()}S") not in _UNITS:
                raise _invalid(table, f"{text} has an unknown unit")
            at = _later(now, _UNITS[plural], int(count) * (-1 if sign == "-" else 1))
        return datetime.strptime(at.strftime(form), form).replace(tzinfo=UTC)
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise _invalid(table, f"{text} is not in the column's format") from None


_JAVA = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMM": "%b",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "uuuu": "%Y",
}


def _strftime(table: GlueTable, pattern: str) -> str:
    """Return Python's format for a Java DateTimeFormatter pattern."""
    form = ""
    for part in re.finditer(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+)", pattern):
        quoted, letters, _, other = part.groups()
        if letters:
            if letters not in _JAVA:
                raise _invalid(table, f"the date format {pattern} has the unknown part {letters}")
            form += _JAVA[letters]
        else:
            form += (quoted if quoted is not None else other).replace("%", "%%")
    return form


def _finest(form: str) -> str:
    """Return the unit of the smallest part of a format: the interval's default."""
    for code, unit in (("%S", "SECONDS"), ("%M", "MINUTES"), ("%H", "HOURS"), ("%d", "DAYS")):
        if code in form:
            return unit
    return "MONTHS" if "%m" in form or "%b" in form else "YEARS"
