"""Literals: their types, their DuckDB SQL, and those that name a type (`DATE '…'`).

Source: https://trino.io/docs/current/language/types.html
"""

from __future__ import annotations

import ipaddress
import math
import re
import struct
import uuid
from decimal import Decimal
from typing import Any

from labcloud.trino import temporal, tree
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.expr import Expr
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    IPADDRESS,
    JSON,
    REAL,
    SMALLINT,
    TINYINT,
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

JAVA_DOUBLE = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?|NaN|Infinity)")
"""What Java's Double.parseDouble reads."""

BOUNDS = {
    "tinyint": (-(2**7), 2**7 - 1),
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}


def null(kind: Type = UNKNOWN) -> Expr:
    """Return a NULL of a type."""
    return Expr(f"CAST(NULL AS {duckdb_type(kind)})", kind, None)


def boolean(value: bool) -> Expr:
    """Return TRUE or FALSE."""
    return Expr("true" if value else "false", BOOLEAN, value)


def integer(value: int, kind: Type | None = None) -> Expr:
    """Return a whole number: an integer where it fits, else a bigint."""
    if kind is None:
        low, high = BOUNDS["integer"]
        kind = INTEGER if low <= value <= high else BIGINT
    plain = kind == INTEGER and value >= 0
    if kind == BIGINT and value == -(2**63):
        return Expr("(-9223372036854775807 - 1)::BIGINT", kind, value)
    return Expr(f"{value}" if plain else f"({value})::{duckdb_type(kind)}", kind, value)


def text(value: str, kind: Type | None = None) -> Expr:
    """Return a text; its type is varchar of its length."""
    return Expr(_quoted(value), kind or varchar(len(value)), value)


def _quoted(value: str) -> str:
    if "\x00" not in value:
        return quote(value)
    return "(" + " || chr(0) || ".join(quote(part) for part in value.split("\x00")) + ")"


def double(value: float, kind: Type = DOUBLE) -> Expr:
    """Return a double or real."""
    if math.isnan(value) or math.isinf(value):
        return Expr(f"CAST('{value}' AS {duckdb_type(kind)})", kind, value)
    return Expr(f"({value!r})::{duckdb_type(kind)}", kind, value)


def decimal_text(written: str, at: Any = None) -> Expr:
    """Return a decimal literal: `1.50` is decimal(3,2). Raises TrinoError beyond 38 digits."""
    sign = "-" if written.startswith("-") else ""
    whole, _, behind = written.lstrip("+-").partition(".")
    whole = whole.lstrip("0")
    precision = max(1, len(whole) + len(behind))
    if precision > 38:
        raise TrinoError("INVALID_LITERAL", f"Invalid decimal literal: {written}", at)
    kind = decimal(precision, len(behind))
    shown = f"{sign}{whole or '0'}" + (f".{behind}" if behind else "")
    return Expr(f"CAST('{shown}' AS {duckdb_type(kind)})", kind, Decimal(shown))


def binary(value: bytes) -> Expr:
    """Return a varbinary."""
    return Expr(f"from_hex('{value.hex()}')", VARBINARY, value)


# ---- literals with a type's name


def generic(node: tree.GenericLiteral, session: Any) -> Expr:
    """Return `DECIMAL '1.2'`, `JSON '…'` and the like. Raises INVALID_LITERAL."""
    kind = node.type
    if kind in ("date", "time", "timestamp"):
        return temporal.literal(kind, node.value, node.at, session)
    reader = _GENERIC.get(kind)
    if reader is None:
        raise TrinoError("TYPE_NOT_FOUND", f"Unknown type: {kind}", node.at)
    try:
        return reader(node.value)
    except (ValueError, OverflowError):
        raise TrinoError(
            "INVALID_LITERAL", f"'{node.value}' is not a valid {kind.upper()} literal", node.at
        ) from None


def _whole(kind: Type) -> Any:
    def read(value: str) -> Expr:
        if not re.fullmatch(r"[+-]?\d+", value):
            raise ValueError(value)
        number = int(value)
        low, high = BOUNDS[kind.base]
        if not low <= number <= high:
            raise ValueError(value)
        return integer(number, kind)

    return read


def _float(value: str) -> float:
    if not JAVA_DOUBLE.fullmatch(value.strip()):
        raise ValueError(value)
    return float(value)


def _real(value: str) -> Expr:
    number = _float(value)
    try:
        number = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        number = math.inf if number > 0 else -math.inf
    return double(number, REAL)


def _boolean(value: str) -> Expr:
    word = value.lower()
    if word in ("true", "t", "1"):
        return boolean(True)
    if word in ("false", "f", "0"):
        return boolean(False)
    raise ValueError(value)


def _decimal(value: str) -> Expr:
    stripped = value.strip()
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", stripped):
        raise ValueError(value)
    if len(stripped.lstrip("+-").lstrip("0").replace(".", "")) > 38:
        raise ValueError(value)
    return decimal_text(stripped)


def _json(value: str) -> Expr:
    from labcloud.trino.functions.json import canonical

    return Expr(quote(canonical(value)), JSON)


def _uuid(value: str) -> Expr:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        raise ValueError(value)
    return Expr(f"CAST('{uuid.UUID(value)}' AS UUID)", UUID)


def _ipaddress(value: str) -> Expr:
    return Expr(quote(str(ipaddress.ip_address(value))), IPADDRESS)


_GENERIC: dict[str, Any] = {
    "tinyint": _whole(TINYINT),
    "smallint": _whole(SMALLINT),
    "integer": _whole(INTEGER),
    "int": _whole(INTEGER),
    "bigint": _whole(BIGINT),
    "real": _real,
    "double": lambda value: double(_float(value)),
    "boolean": _boolean,
    "decimal": _decimal,
    "char": lambda value: text(value, char(len(value))),
    "varchar": lambda value: text(value, VARCHAR),
    "json": _json,
    "uuid": _uuid,
    "ipaddress": _ipaddress,
    "varbinary": lambda value: binary(value.encode()),
}
