"""DuckDB's errors at run time, in Trino's names and words.

Operators and casts on plain columns are DuckDB's own, for speed; what they raise is translated
here. Everything else raises Trino's words itself, between marks (`errors.raise_sql`, `udf_error`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb

from labcloud.trino.errors import MARK, TrinoError

_MARKED = re.compile(f"{MARK}([A-Z0-9_]+){MARK}(.*?){MARK}", re.DOTALL)
_NARROW = re.compile(r"Overflow in \w+ of DECIMAL\((\d+)\)")
_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
_CAST_NAMES = {
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INT",
    "INT64": "BIGINT",
    "FLOAT": "REAL",
    "DOUBLE": "DOUBLE",
    "BOOL": "BOOLEAN",
}
_MEMORY = "Query exhausted resources at this scale factor"
"""Athena's words, https://docs.aws.amazon.com/athena/latest/ug/performance-tuning.html"""


def wants_exact(error: duckdb.Error) -> bool:
    """Return whether the query may succeed, or fail in Trino's words, compiled with `exact`.

    That is where DuckDB's decimals overflow below 38 digits, and where its sum of bigints does not
    fit into one.
    """
    text = str(error)
    if (narrow := _NARROW.search(text)) is not None:
        return int(narrow[1]) < 38
    return "Type INT128 with value" in text


def translate(error: duckdb.Error) -> TrinoError:
    """Return Trino's error for one of DuckDB's."""
    text = str(error)
    if (marked := _MARKED.search(text)) is not None:
        return TrinoError(marked[1], marked[2])
    if isinstance(error, duckdb.OutOfMemoryException):
        return TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT", _MEMORY)
    if isinstance(error, duckdb.InterruptException):
        return TrinoError("USER_CANCELED", "Query was canceled")
    for pattern, made in _TRANSLATIONS:
        if (match := pattern.search(text)) is not None:
            return made(match)
    first = text.split("\n", 1)[0]
    return TrinoError("GENERIC_INTERNAL_ERROR", first)


def _overflow(match: re.Match[str]) -> TrinoError:
    operation, kind, values = match[1], match[2], match[3]
    if kind in _INTEGERS:
        message = f"{_INTEGERS[kind]} {operation} overflow: {values}"
    else:
        message = "Decimal overflow"
    return TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message)


def _absolute(match: re.Match[str]) -> TrinoError:
    kind = _INTEGERS.get(f"INT{int(match[1]).bit_length()}", "bigint")
    message = f"Value {match[1]} is out of range for abs({kind})"
    return TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message)


def _text_cast(match: re.Match[str]) -> TrinoError:
    name = _CAST_NAMES.get(match[3], match[3])
    return TrinoError("INVALID_CAST_ARGUMENT", f"Cannot cast '{match[2]}' to {name}")


def _text_to_decimal(match: re.Match[str]) -> TrinoError:
    message = (
        f"Cannot cast VARCHAR '{match[2]}' to DECIMAL({match[3]}, {match[4]}). "
        "Value is not a number."
    )
    return TrinoError("INVALID_CAST_ARGUMENT", message)


def _number_cast(match: re.Match[str]) -> TrinoError:
    source, value, target = match[1], match[2], match[3]
    if source in ("DOUBLE", "FLOAT") and target == "FLOAT":
        return TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for real: {value}")
    name = _INTEGERS.get(target, target.lower())
    return TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {name}: {value}")


def _decimal_cast(match: re.Match[str]) -> TrinoError:
    message = f"Cannot cast '{match[1]}' to DECIMAL({match[2]}, {match[3]})"
    return TrinoError("INVALID_CAST_ARGUMENT", message)


def _fixed(name: str, message: str) -> Callable[[re.Match[str]], TrinoError]:
    return lambda _: TrinoError(name, message)


_TRANSLATIONS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], TrinoError]]] = [
    (re.compile("Division by zero"), _fixed("DIVISION_BY_ZERO", "Division by zero")),
    (
        re.compile(
            r"Overflow in (addition|subtract(?:ion)?|multiplication) "
            r"of (\w+)(?:\(\d+\))? \((.*?)\)[!.;]"
        ),
        _overflow,
    ),
    (re.compile(r"Overflow on abs\((-\d+)\)"), _absolute),
    (
        re.compile(r"Overflow in HUGEINT|Overflow in (?:division|SUM) of DECIMAL"),
        _fixed("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow"),
    ),
    (
        re.compile("More than one row returned by a subquery"),
        _fixed("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"),
    ),
    (
        re.compile(
            r"""Could not convert string (["'])(.*)\1 to DECIMAL\((\d+),(\d+)\)""", re.DOTALL
        ),
        _text_to_decimal,
    ),
    (re.compile(r"""Could not convert string (["'])(.*)\1 to (\w+)""", re.DOTALL), _text_cast),
    (
        re.compile(r"Type (\w+) with value (\S+) can't be cast .* destination type (\w+)"),
        _number_cast,
    ),
    (
        re.compile(r"Failed to cast (decimal) value (\S+) to type (\w+)"),
        _number_cast,
    ),
    (
        re.compile(
            r"""(?:Casting|Could not cast) value "?(\S+?)"? to (?:type )?DECIMAL\((\d+),(\d+)\)"""
        ),
        _decimal_cast,
    ),
    (
        re.compile(r"[Dd]ate out of range|[Tt]imestamp out of range|[Oo]ut of range in timestamp"),
        _fixed("NUMERIC_VALUE_OUT_OF_RANGE", "Date or timestamp is out of range"),
    ),
    (
        re.compile(r"Max expression depth limit|expression depth"),
        _fixed("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"),
    ),
    (
        re.compile(r"Cannot create a string of size|maximum supported string size"),
        _fixed("EXCEEDED_LOCAL_MEMORY_LIMIT", _MEMORY),
    ),
]
