"""base[index] of arrays, maps and rows, and a row's fields."""

from __future__ import annotations

from typing import Any

from labcloud.trino import casts, tree
from labcloud.trino.errors import TrinoError, quote, raise_sql
from labcloud.trino.expr import Expr
from labcloud.trino.functions.nested import let
from labcloud.trino.types import BIGINT, INTEGER, VARCHAR, can_coerce, duckdb_type

_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"
_START = "SQL array indices start at 1"


def field(base: Expr, number: int) -> Expr:
    """Return a field of a row."""
    return Expr(f"struct_extract({base.sql}, 'f{number}')", base.type.fields[number].type)


def subscript(base: Expr, index: Expr, analysis: Any, node: tree.Subscript) -> Expr:
    """Return `base[index]`. Raises TYPE_MISMATCH, INVALID_FUNCTION_ARGUMENT."""
    kind = base.type
    if kind.base == "row":
        return _row(base, index, node)
    if kind.base == "array" and can_coerce(index.type, BIGINT):
        return _array(base, casts.coerce(index, BIGINT, analysis))
    if kind.base == "map" and can_coerce(index.type, kind.key):
        return _map(base, casts.coerce(index, kind.key, analysis), analysis)
    message = f"Cannot use {index.type} for subscript of {kind}"
    raise TrinoError("TYPE_MISMATCH", message, node.at)


def _row(base: Expr, index: Expr, node: tree.Subscript) -> Expr:
    at = node.index.at
    if not isinstance(node.index, tree.LongLiteral):
        message = "Subscript expression on ROW requires a constant index"
        raise TrinoError("EXPRESSION_NOT_CONSTANT", message, at)
    if index.type != INTEGER:
        message = f"Subscript expression on ROW requires integer index, found {index.type}"
        raise TrinoError("TYPE_MISMATCH", message, at)
    number, count = node.index.value, len(base.type.fields)
    if number <= 0:
        message = f"Invalid subscript index: {number}. ROW indices start at 1"
        raise TrinoError(_ARGUMENT, message, at)
    if number > count:
        message = f"Subscript index out of bounds: {number}, max value is {count}"
        raise TrinoError(_ARGUMENT, message, at)
    return field(base, number - 1)


def _array(base: Expr, index: Expr) -> Expr:
    element = base.type.element
    name = duckdb_type(element)

    def build(items: str, number: str) -> str:
        start = raise_sql(_ARGUMENT, quote(_START), name)
        below = raise_sql(_ARGUMENT, f"'Array subscript is negative: ' || {number}", name)
        text = "Array subscript must be less than or equal to array length: "
        beyond = raise_sql(_ARGUMENT, f"'{text}' || {number} || ' > ' || len({items})", name)
        return (
            f"CASE WHEN {number} BETWEEN 1 AND len({items}) THEN {items}[{number}] "
            f"WHEN {items} IS NULL OR {number} IS NULL THEN NULL "
            f"WHEN {number} = 0 THEN {start} WHEN {number} < 0 THEN {below} ELSE {beyond} END"
        )

    return Expr(let([base.sql, index.sql], build), element)


def _map(base: Expr, key: Expr, analysis: Any) -> Expr:
    value = base.type.value

    def build(pairs: str, wanted: str) -> str:
        message = quote("Key not present in map")
        try:
            shown = casts.cast(Expr(wanted, key.type), VARCHAR, analysis).sql
            message = f"{quote('Key not present in map: ')} || {shown}"
        except TrinoError:
            pass  # Trino, too, shows only keys that it can cast
        missing = raise_sql(_ARGUMENT, message, duckdb_type(value))
        return (
            f"CASE WHEN {pairs} IS NULL OR {wanted} IS NULL THEN NULL "
            f"WHEN map_contains({pairs}, {wanted}) THEN map_extract_value({pairs}, {wanted}) "
            f"ELSE {missing} END"
        )

    return Expr(let([base.sql, key.sql], build), value)
