"""What a file holds, in DuckDB's type → what the table says, in the form of `duckdb_type`."""

from __future__ import annotations

import itertools
from typing import Any

from labcloud.trino.types import Type, duckdb_type

_INTEGERS = {
    "tinyint": 8,
    "utinyint": 9,
    "smallint": 16,
    "usmallint": 17,
    "integer": 32,
    "uinteger": 33,
    "bigint": 64,
    "ubigint": 65,
}
_WANTED = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}

_names = itertools.count(1)


def convert(sql: str, have: Any, wanted: Type) -> str | None:
    """Return SQL that turns `sql`, of DuckDB's type `have`, into Trino's `wanted`, or None.

    Numbers widen, also integers to decimals and doubles; structs are matched by their fields'
    names; nothing else changes its kind.
    """
    kind = have.id
    base = wanted.base
    if kind == "sqlnull":
        return f"CAST(NULL AS {duckdb_type(wanted)})"
    if base in ("array", "map", "row"):
        return _nested(sql, have, wanted)
    if kind in _INTEGERS:
        return _from_integer(sql, _INTEGERS[kind], wanted)
    if kind in ("float", "double"):
        return _from_float(sql, kind, wanted)
    if kind == "decimal":
        return _from_decimal(sql, have, wanted)
    if kind in ("varchar", "blob"):
        return _from_text(sql, kind, wanted)
    if kind == "boolean":
        return sql if base == "boolean" else None
    if kind == "date":
        return sql if base == "date" else None
    if kind.startswith("timestamp"):
        return _from_timestamp(sql, kind, wanted)
    if kind == "time":
        return sql if base == "time" else None
    if kind == "uuid":
        return sql if base == "uuid" else f"CAST({sql} AS VARCHAR)" if base == "varchar" else None
    return None


def _from_integer(sql: str, bits: int, wanted: Type) -> str | None:
    base = wanted.base
    if base in _WANTED:
        if bits == _WANTED[base]:
            return sql
        # Athena reads an INT32 as a smaller integer, too: Parquet has no smaller type.
        return f"CAST({sql} AS {duckdb_type(wanted)})" if bits < 66 else None
    if base in ("decimal", "double", "real"):
        return f"CAST({sql} AS {duckdb_type(wanted)})"
    return None


def _from_float(sql: str, kind: str, wanted: Type) -> str | None:
    if wanted.base == "double":
        return sql if kind == "double" else f"CAST({sql} AS DOUBLE)"
    if wanted.base == "real":
        return sql if kind == "float" else f"CAST({sql} AS FLOAT)"
    return None


def _from_decimal(sql: str, have: Any, wanted: Type) -> str | None:
    if wanted.base == "decimal":
        digits = dict(have.children)
        same = (digits["precision"], digits["scale"]) == (wanted.precision, wanted.scale)
        return sql if same else f"CAST({sql} AS {duckdb_type(wanted)})"
    if wanted.base in ("double", "real"):
        return f"CAST({sql} AS {duckdb_type(wanted)})"
    return None


def _from_text(sql: str, kind: str, wanted: Type) -> str | None:
    base = wanted.base
    if base == "varbinary":
        return sql if kind == "blob" else f"encode({sql})"
    if base not in ("varchar", "char"):
        return None
    text = sql if kind == "varchar" else f"decode({sql})"
    return fit_text(text, wanted)


def fit_text(sql: str, wanted: Type) -> str:
    """Return SQL of text cut, and for char padded, to the length of its type."""
    if wanted.length is None:
        return sql
    if wanted.base == "char":
        return f"rpad({sql}, {wanted.length}, ' ')"
    return f"left({sql}, {wanted.length})"


def _from_timestamp(sql: str, kind: str, wanted: Type) -> str | None:
    base = wanted.base
    zoned = "tz" in kind or "time zone" in kind
    plain = f"timezone('UTC', {sql})" if zoned else sql
    if base == "timestamp with time zone":
        return (
            f"CASE WHEN {sql} IS NOT NULL THEN {{'i': CAST({plain} AS TIMESTAMP), 'z': 'UTC'}} END"
        )
    if base != "timestamp":
        return None
    if wanted.precision <= 3 and kind not in ("timestamp_ms", "timestamp_s"):
        return f"date_trunc('milliseconds', CAST({plain} AS TIMESTAMP))"
    return plain if kind == "timestamp" else f"CAST({plain} AS {duckdb_type(wanted)})"


def _nested(sql: str, have: Any, wanted: Type) -> str | None:
    kind, base = have.id, wanted.base
    if base == "array" and kind in ("list", "array"):
        return _list(sql, have.children[0][1], wanted.element)
    if base == "map" and kind == "map":
        (_, key), (_, value) = have.children
        return _map(sql, key, value, wanted)
    if base == "row" and kind == "struct":
        return _struct(sql, have, wanted)
    return None


def _list(sql: str, element: Any, wanted: Type) -> str | None:
    name = f"e{next(_names)}"
    inner = convert(name, element, wanted)
    if inner is None or inner == name:
        return inner and sql
    return f"list_transform({sql}, lambda {name}: {inner})"


def _map(sql: str, key: Any, value: Any, wanted: Type) -> str | None:
    keys = _list(f"map_keys({sql})", key, wanted.key)
    values = _list(f"map_values({sql})", value, wanted.value)
    if keys is None or values is None:
        return None
    if (keys, values) == (f"map_keys({sql})", f"map_values({sql})"):
        return sql
    return f"CASE WHEN {sql} IS NOT NULL THEN map({keys}, {values}) END"


def _struct(sql: str, have: Any, wanted: Type) -> str | None:
    fields = {name.lower(): (name, kind) for name, kind in have.children}
    parts = []
    for i, field in enumerate(wanted.fields):
        found = fields.get((field.name or "").lower())
        if found is None:
            inner: str | None = f"CAST(NULL AS {duckdb_type(field.type)})"
        else:
            inner = convert(f"struct_extract({sql}, '{found[0]}')", found[1], field.type)
        if inner is None:
            return None
        parts.append(f"'f{i}': {inner}")
    return f"CASE WHEN {sql} IS NOT NULL THEN {{{', '.join(parts)}}} END"
