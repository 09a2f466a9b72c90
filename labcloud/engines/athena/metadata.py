"""The `.metadata` file beside a result: the query's id and its columns, in protocol buffers.

Source: the field numbers that burtcorp/athena-jdbc reads (AthenaMetaDataParser.java), and which of
them Athena writes for a type, as measured on the service by others, see errors.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_NULLABLE = {"NOT_NULL": 1, "NULLABLE": 2, "UNKNOWN": 3}

_NUMBERED = frozenset(
    (
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "double",
        "float",
        "decimal",
        "varchar",
        "char",
        "varbinary",
        "timestamp",
        "timestamp with time zone",
        "time",
        "time with time zone",
    )
)
"""Types with precision and scale."""

_CASED = _NUMBERED | {"boolean", "date", "interval day to second", "interval year to month"}


def encode(
    query_id: str,
    columns: Iterable[dict[str, Any]],
    update_type: str | None = None,
    update_count: int | None = None,
) -> bytes:
    """Return the file's bytes for ColumnInfo entries, and for what was written and how much."""
    message = _text(1, query_id)
    if update_type is not None:
        message += _text(2, update_type)
    if update_count is not None:
        message += _number(3, update_count)
    for column in columns:
        message += _bytes(4, _column(column))
    return message


def _column(info: dict[str, Any]) -> bytes:
    kind = str(info["Type"])
    message = _text(1, info["CatalogName"])
    message += _text(4, info["Name"]) + _text(5, info["Label"]) + _text(6, kind)
    if kind in _NUMBERED:
        message += _number(7, info["Precision"])
    if kind in _NUMBERED or kind == "date":
        message += _number(8, info["Scale"])
    message += _number(9, _NULLABLE[info["Nullable"]])
    if kind in _CASED:
        message += _number(10, int(info["CaseSensitive"]))
    return message


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
