"""Literals: their types, as Trino's LiteralAnalyzer finds them, and DuckDB's SQL for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labcloud.trino import text_casts, tree
from labcloud.trino.errors import Position, TrinoError, quote
from labcloud.trino.expr import Expr
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    INTEGERS,
    IPADDRESS,
    JSON,
    REAL,
    UNKNOWN,
    UUID,
    VARBINARY,
    VARCHAR,
    Type,
    char,
    decimal,
    duckdb_type,
    varchar,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

TRUE, FALSE = Expr("true", BOOLEAN, True), Expr("false", BOOLEAN, False)
_DECIMAL = re.compile(r"[+-]?(0*)(\d*)(?:\.(\d*))?")
_TEMPORAL = ("date", "time", "timestamp")


def null(kind: Type = UNKNOWN) -> Expr:
    """Return NULL of a type."""
    return Expr(f"CAST(NULL AS {duckdb_type(kind)})", kind, None)


def whole(value: int, kind: Type | None = None) -> Expr:
    """Return a whole number; without a type an integer or, where that is too small, bigint."""
    if kind is None:
        kind = INTEGER if -(2**31) <= value < 2**31 else BIGINT
    if kind == INTEGER and value >= 0:
        return Expr(str(value), kind, value)
    return Expr(f"CAST({_digits(value)} AS {duckdb_type(kind)})", kind, value)


def _digits(value: int) -> str:
    return str(value) if 0 <= value < 2**63 else f"'{value}'"


def double(value: float) -> Expr:
    """Return a double."""
    return Expr(f"CAST('{value!r}' AS DOUBLE)", DOUBLE, value)


def text(value: str, kind: Type | None = None) -> Expr:
    """Return a varchar as long as its text, or of a given type."""
    return Expr(quote(value), kind or varchar(len(value)), value)


def exact(written: str) -> Expr:
    """Return a decimal as written; its digits are those written but for zeros in front.

    Raises ValueError where it is no decimal.
    """
    match = _DECIMAL.fullmatch(written)
    if match is None or not any(match.groups()):
        raise ValueError(written)
    fraction = match[3] or ""
    precision = max(1, len(match[2]) + len(fraction))
    if precision > 38:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT", f"DECIMAL precision must be in range [1, 38]: {precision}"
        )
    kind = decimal(precision, len(fraction))
    return of_decimal(Decimal(written), kind)


def of_decimal(value: Decimal, kind: Type) -> Expr:
    """Return a decimal of a type that holds it."""
    return Expr(f"CAST('{value:f}' AS {duckdb_type(kind)})", kind, value)


def literal(node: tree.Expression, analysis: Analysis) -> Expr:
    """Compile a literal. Raises INVALID_LITERAL, TYPE_NOT_FOUND."""
    return _LITERALS[type(node)](node, analysis)


def _decimal(node: tree.DecimalLiteral) -> Expr:
    try:
        return exact(node.text)
    except ValueError:
        raise TrinoError("SYNTAX_ERROR", f"Invalid decimal: {node.text}", node.at) from None
    except TrinoError as error:
        raise TrinoError(error.name, error.message, node.at) from None


def _interval(node: tree.IntervalLiteral) -> Expr:
    from labcloud.trino import temporal

    return temporal.interval(node)


def _binary(value: bytes) -> Expr:
    return Expr(f"unhex('{value.hex()}')", VARBINARY, value)


_LITERALS: dict[type, Callable[[Any, Analysis], Expr]] = {
    tree.NullLiteral: lambda node, analysis: null(),
    tree.BooleanLiteral: lambda node, analysis: TRUE if node.value else FALSE,
    tree.LongLiteral: lambda node, analysis: whole(node.value),
    tree.DecimalLiteral: lambda node, analysis: _decimal(node),
    tree.DoubleLiteral: lambda node, analysis: double(node.value),
    tree.StringLiteral: lambda node, analysis: text(node.value),
    tree.BinaryLiteral: lambda node, analysis: _binary(node.value),
    tree.IntervalLiteral: lambda node, analysis: _interval(node),
    tree.GenericLiteral: lambda node, analysis: generic(node, analysis),
}
LITERALS = tuple(_LITERALS)
"""The nodes that `literal` compiles."""


# ---- TYPE 'text'


def generic(node: tree.GenericLiteral, analysis: Analysis) -> Expr:
    """Compile a literal with its type in front, such as `REAL '1.5'`."""
    name = node.type.lower()
    if name in _TEMPORAL:
        from labcloud.trino import temporal

        return temporal.literal(name, node.value, node.at, analysis.session)
    if name == "decimal":
        return _generic_decimal(node.value, node.at)
    kind = _resolved(node)
    try:
        return _of_text(node.value, kind, analysis)
    except (ValueError, TrinoError):
        shown = kind.text.upper()
        message = f"'{node.value}' is not a valid {shown} literal"
        raise TrinoError("INVALID_LITERAL", message, node.at) from None


def _resolved(node: tree.GenericLiteral) -> Type:
    from labcloud.trino import casts

    try:
        kind = casts.resolve_type(tree.TypeNode(node.type.lower()), node.at)
    except TrinoError:
        message = f"Unknown resolvedType: {node.type}"
        raise TrinoError("TYPE_NOT_FOUND", message, node.at) from None
    if kind.base not in _GENERIC:
        raise TrinoError("INVALID_LITERAL", f"No literal form for resolvedType {kind}", node.at)
    return kind


def _generic_decimal(written: str, at: Position) -> Expr:
    try:
        return exact(written)
    except (ValueError, TrinoError):
        message = f"'{written}' is not a valid DECIMAL literal"
        raise TrinoError("INVALID_LITERAL", message, at) from None


_GENERIC = (*INTEGERS, "boolean", "real", "double", "varchar", "char", "json", "uuid", "ipaddress")


def _of_text(written: str, kind: Type, analysis: Analysis) -> Expr:
    if kind.base in INTEGERS:
        return whole(text_casts.integer(written, kind.base), kind)
    if kind == BOOLEAN:
        return TRUE if text_casts.boolean(written) else FALSE
    if kind == DOUBLE:
        return double(text_casts.double(written))
    if kind == REAL:
        value = text_casts.real(written)
        return Expr(f"CAST('{value!r}' AS FLOAT)", REAL, value)
    if kind == VARCHAR:
        return text(written, VARCHAR)
    if kind.base == "char":
        return text(written, char(len(written)))
    if kind == JSON:
        from labcloud.trino.functions import json

        return text(json.canonical(written), JSON)
    if kind == UUID:
        return Expr(f"CAST('{text_casts.uuid(written)}' AS UUID)", UUID)
    assert kind == IPADDRESS
    return text(text_casts.ipaddress(written), IPADDRESS)
