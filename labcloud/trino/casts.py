"""Casts: the matrix of Trino's CAST with its words, and the coercions that need no CAST.

DuckDB's cast does the work where it agrees with Trino's.
Source: https://trino.io/docs/current/functions/conversion.html
"""

from __future__ import annotations

import ipaddress
import itertools
import math
import re
import struct
import uuid
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from labcloud.trino.errors import Position, TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.types import (
    BIGINT,
    DOUBLE,
    INTEGERS,
    VARCHAR,
    Type,
    decimal,
    display,
    duckdb_type,
)

_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_WORD = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}
_TEXT = ("varchar", "char")
_FLOATS = ("real", "double")
_DIGESTS = ("HyperLogLog", "P4HyperLogLog", "qdigest", "tdigest")

_names = itertools.count(1)


class _Bare:
    """Stands for a statement in coercions that need to know nothing of it."""

    session = None

    @property
    def udfs(self) -> Any:
        """New functions, which nobody makes known: no coercion needs one."""
        from labcloud.trino.functions.registry import Udfs

        return Udfs()


_BARE = _Bare()


def cast(
    expr: Expr, target: Type, analysis: Any, safe: bool = False, at: Position | None = None
) -> Expr:
    """Return CAST(expr AS target), or TRY_CAST where `safe`. Raises TYPE_MISMATCH."""
    found = _cast(expr, target, analysis)
    if found is None:
        raise TrinoError("TYPE_MISMATCH", f"Cannot cast {expr.type} to {target}", at)
    if safe and found.sql != expr.sql:
        return Expr(f"TRY({found.sql})", target)
    return Expr(found.sql, target, found.value, raw=found.raw)


def coerce(expr: Expr, target: Type, analysis: Any = None) -> Expr:
    """Return an expression as a type that it coerces to."""
    if expr.type == target:
        return expr
    if duckdb_type(expr.type) == duckdb_type(target) and _same_values(expr.type, target):
        return Expr(expr.sql, target, expr.value, raw=expr.raw)
    found = _cast(expr, target, analysis or _BARE)
    assert found is not None, f"{expr.type} does not coerce to {target}"
    return Expr(found.sql, target, expr.value)


def _same_values(kind: Type, target: Type) -> bool:
    """Return whether values of both types look alike to DuckDB once the types do."""
    if kind.base != target.base:
        return False
    if kind.base == "char":
        return kind.length == target.length
    if kind.base == "varchar":
        return target.length is None or (kind.length is not None and kind.length <= target.length)
    if kind.base == "timestamp" or kind.base.endswith("time zone") or kind.base == "time":
        return kind.precision <= target.precision
    if kind.base == "row":
        pairs = zip(kind.fields, target.fields, strict=True)
        return all(_same_values(a.type, b.type) for a, b in pairs)
    if kind.base == "array":
        return _same_values(kind.element, target.element)
    if kind.base == "map":
        return _same_values(kind.key, target.key) and _same_values(kind.value, target.value)
    return True


def resolve_type(node: Any, at: Position | None = None) -> Type:
    """Return the type that a statement names; see `type_names`."""
    from labcloud.trino import type_names

    return type_names.resolve_type(node, at)


def _cast(expr: Expr, target: Type, analysis: Any) -> Expr | None:
    kind = expr.type
    if kind == target:
        return expr
    if kind.base == "unknown":
        return Expr(f"CAST(NULL AS {duckdb_type(target)})", target, None)
    from labcloud.trino import temporal
    from labcloud.trino.functions import json_casts

    if "json" in (kind.base, target.base):
        return json_casts.cast(expr, target, analysis)
    if kind.base in temporal.BASES or target.base in temporal.BASES:
        return temporal.cast(expr, target, analysis)
    if kind.base == target.base and kind.base in ("array", "map", "row"):
        sql = _nested(expr.sql, kind, target, analysis)
        return None if sql is None else Expr(sql, target)
    if target.base == "char" and kind.base not in ("varchar", "char"):
        return None
    maker = _MATRIX.get((_group(kind), _group(target)))
    return None if maker is None else Expr(maker(expr, target, analysis), target)


def _group(kind: Type) -> str:
    base = kind.base
    if base in INTEGERS:
        return "int"
    if base in _FLOATS:
        return "float"
    if base in _TEXT:
        return "text"
    return "digest" if base in _DIGESTS else base


# ---- arrays, maps, rows


def _nested(sql: str, kind: Type, target: Type, analysis: Any) -> str | None:
    if duckdb_type(kind) == duckdb_type(target) and _same_values(kind, target):
        return sql
    if kind.base == "array":
        return _each(sql, kind.element, target.element, analysis)
    if kind.base == "map":
        keys = _each(f"map_keys({sql})", kind.key, target.key, analysis)
        values = _each(f"map_values({sql})", kind.value, target.value, analysis)
        if keys is None or values is None:
            return None
        return f"(CASE WHEN {sql} IS NOT NULL THEN map({keys}, {values}) END)"
    if len(kind.fields) != len(target.fields):
        return None
    parts = []
    for i, (have, want) in enumerate(zip(kind.fields, target.fields, strict=True)):
        inner = _cast(Expr(f"struct_extract({sql}, 'f{i}')", have.type), want.type, analysis)
        if inner is None:
            return None
        parts.append(f"'f{i}': {inner.sql}")
    return f"(CASE WHEN {sql} IS NOT NULL THEN {{{', '.join(parts)}}} END)"


def _each(sql: str, kind: Type, target: Type, analysis: Any) -> str | None:
    if kind == target:
        return sql
    name = f"k{next(_names)}_"
    inner = _cast(Expr(name, kind), target, analysis)
    if inner is None:
        return None
    return sql if inner.sql == name else f"list_transform({sql}, lambda {name}: {inner.sql})"


# ---- helpers


def _once(sql: str, build: Callable[[str], str]) -> str:
    """Return what `build` makes of a name for an expression, which is evaluated once."""
    from labcloud.trino.functions.nested import let

    return let([sql], build)


def _failed(message: str, target: Type, name: str = "INVALID_CAST_ARGUMENT") -> str:
    """Return SQL that raises; `message` is SQL."""
    return raise_sql(name, message, duckdb_type(target))


def _checked(
    sql: str,
    good: Callable[[str], str],
    read: Callable[[str], str],
    message: Callable[[str], str],
    target: Type,
) -> str:
    """Return SQL that reads a value where it is good, and raises where it is not."""
    return _once(
        sql,
        lambda x: (
            f"CASE WHEN {x} IS NULL THEN NULL WHEN {good(x)} THEN {read(x)} "
            f"ELSE {_failed(message(x), target)} END"
        ),
    )


def _udf(function: Callable[..., Any], args: list[Type], result: Type, analysis: Any) -> str:
    return str(analysis.udfs.name(function, args, result))


def _upper(kind: Type) -> str:
    """Return a type as cast errors print it: DECIMAL(5, 3)."""
    return display(kind, ", ").upper()


# ---- from text


def _text_to_text(expr: Expr, target: Type, analysis: Any) -> str:
    if target.base == "char":
        return f"rpad({expr.sql}, {target.length}, ' ')"
    if target.length is None or (
        expr.type.length is not None and expr.type.length <= target.length
    ):
        return expr.sql
    return f"left({expr.sql}, {target.length})"


def _trimmed(expr: Expr) -> str:
    return f"rtrim({expr.sql}, ' ')" if expr.type.base == "char" else expr.sql


def _text_to_int(expr: Expr, target: Type, analysis: Any) -> str:
    kind = duckdb_type(target)
    return _checked(
        _trimmed(expr),
        lambda x: f"regexp_full_match({x}, '[+-]?[0-9]+') AND TRY_CAST({x} AS {kind}) IS NOT NULL",
        lambda x: f"CAST({x} AS {kind})",
        lambda x: f"'Cannot cast ''' || {x} || ''' to {_WORD[target.base]}'",
        target,
    )


_JAVA_NUMBER = r"\s*[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?|NaN|Infinity)\s*"


def _text_to_float(expr: Expr, target: Type, analysis: Any) -> str:
    kind = duckdb_type(target)
    return _checked(
        _trimmed(expr),
        lambda x: f"regexp_full_match({x}, {quote(_JAVA_NUMBER)})",
        lambda x: f"CAST(regexp_replace(trim({x}), '([0-9.])[fFdD]$', '\\1') AS {kind})",
        lambda x: f"'Cannot cast ''' || {x} || ''' to {target.base.upper()}'",
        target,
    )


def _text_to_boolean(expr: Expr, target: Type, analysis: Any) -> str:
    return _once(
        _trimmed(expr),
        lambda x: (
            f"CASE lower({x}) WHEN 'true' THEN true WHEN 't' THEN true WHEN '1' THEN true "
            f"WHEN 'false' THEN false WHEN 'f' THEN false WHEN '0' THEN false ELSE "
            f"CASE WHEN {x} IS NOT NULL THEN "
            + _failed(f"'Cannot cast ''' || {x} || ''' to BOOLEAN'", target)
            + " END END"
        ),
    )


_WIDE = Context(prec=100, rounding=ROUND_HALF_UP, Emax=999999, Emin=-999999)


def text_to_decimal(text: str, precision: int, scale: int, word: str) -> Decimal:
    """Read a decimal as Java's BigDecimal does; called by DuckDB. Raises Trino's errors."""
    head = f"Cannot cast {word} '{text}' to DECIMAL({precision}, {scale})."
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise udf_error("INVALID_CAST_ARGUMENT", f"{head} Value is not a number.")
    value = _scaled(Decimal(text), precision, scale)
    if value is None:
        raise udf_error("INVALID_CAST_ARGUMENT", f"{head} Value too large.")
    return value


def _scaled(value: Decimal, precision: int, scale: int) -> Decimal | None:
    """Return a value rounded half up to a decimal's scale, or None where it has too many digits."""
    try:
        rounded = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE)
    except InvalidOperation:
        return None
    whole = str(abs(int(rounded.scaleb(scale, _WIDE))))
    return rounded if rounded == 0 or len(whole) <= precision else None


def _text_to_decimal(expr: Expr, target: Type, analysis: Any) -> str:
    wide = decimal(38, target.scale)
    name = _udf(text_to_decimal, [VARCHAR, BIGINT, BIGINT, VARCHAR], wide, analysis)
    word = expr.type.base.upper()
    call = f"{name}({_trimmed(expr)}, {target.precision}, {target.scale}, '{word}')"
    return f"CAST({call} AS {duckdb_type(target)})"


def _text_to_binary(expr: Expr, target: Type, analysis: Any) -> str:
    return f"encode({expr.sql})"


def text_to_uuid(text: str) -> str:
    """Check a UUID's text; called by DuckDB. Raises Trino's error."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise udf_error("INVALID_CAST_ARGUMENT", f"Cannot cast value to UUID: {text}")
    return str(uuid.UUID(text))


def _text_to_uuid(expr: Expr, target: Type, analysis: Any) -> str:
    name = _udf(text_to_uuid, [VARCHAR], VARCHAR, analysis)
    return f"CAST({name}({_trimmed(expr)}) AS UUID)"


def text_to_ipaddress(text: str) -> str:
    """Read an address; called by DuckDB. Raises Trino's error."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise udf_error(
            "INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {text}"
        ) from None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _text_to_ipaddress(expr: Expr, target: Type, analysis: Any) -> str:
    return f"{_udf(text_to_ipaddress, [VARCHAR], VARCHAR, analysis)}({_trimmed(expr)})"


# ---- to text


def _fit(sql: str, target: Type) -> str:
    """Return the text of a number, which must fit the type it is cast to."""
    if target.length is None:
        return sql
    word = "char" if target.base == "char" else "varchar"
    fitted = _checked(
        sql,
        lambda x: f"length({x}) <= {target.length}",
        lambda x: x,
        lambda x: f"'Value ' || {x} || ' cannot be represented as {word}({target.length})'",
        VARCHAR,
    )
    return f"rpad({fitted}, {target.length}, ' ')" if word == "char" else fitted


def _plain_to_text(expr: Expr, target: Type, analysis: Any) -> str:
    return _fit(f"CAST({expr.sql} AS VARCHAR)", target)


def scientific(value: float) -> str:
    """Return a double as Trino's cast writes it: 2.5E0; called by DuckDB."""
    return _scientific(value, repr)


def scientific_real(value: float) -> str:
    """Return a real as Trino's cast writes it; called by DuckDB."""

    def shortest(number: float) -> str:
        for digits in range(1, 10):
            text = f"{number:.{digits}g}"
            if struct.pack("f", float(text)) == struct.pack("f", number):
                return text
        return repr(number)

    return _scientific(value, shortest)


def _scientific(value: float, shortest: Callable[[float], str]) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0E0" if math.copysign(1, value) < 0 else "0.0E0"
    sign, digits, exponent = Decimal(shortest(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{exponent + len(text) - 1}"


def _float_to_text(expr: Expr, target: Type, analysis: Any) -> str:
    function = scientific if expr.type.base == "double" else scientific_real
    name = _udf(function, [expr.type], VARCHAR, analysis)
    return _fit(f"{name}({expr.sql})", target)


# ---- among numbers


def _int_to_int(expr: Expr, target: Type, analysis: Any) -> str:
    return f"CAST({expr.sql} AS {duckdb_type(target)})"


def _int_to_float(expr: Expr, target: Type, analysis: Any) -> str:
    return f"CAST({expr.sql} AS {duckdb_type(target)})"


def _float_to_float(expr: Expr, target: Type, analysis: Any) -> str:
    if target.base == "real":  # beyond a real's range it is infinite
        return _once(
            expr.sql,
            lambda x: (
                f"COALESCE(TRY_CAST({x} AS FLOAT), "
                f"CASE WHEN {x} > 0 THEN CAST('inf' AS FLOAT) "
                f"WHEN {x} < 0 THEN CAST('-inf' AS FLOAT) END)"
            ),
        )
    return f"CAST({expr.sql} AS DOUBLE)"


def _float_to_int(expr: Expr, target: Type, analysis: Any) -> str:
    word = target.base
    source = expr.type.base
    return _once(
        expr.sql,
        lambda x: (
            f"CASE WHEN isnan({x}) THEN "
            + _failed(quote(f"Cannot cast {source} NaN to {word}"), target)
            + f" ELSE CAST(round({x}) AS {duckdb_type(target)}) END"
        ),
    )


def _int_to_decimal(expr: Expr, target: Type, analysis: Any) -> str:
    kind = duckdb_type(target)
    if target.precision - target.scale >= _DIGITS[expr.type.base]:
        return f"CAST({expr.sql} AS {kind})"
    return _to_decimal(expr.sql, expr.type.base.upper(), target, lambda x: f"CAST({x} AS VARCHAR)")


def _to_decimal(sql: str, word: str, target: Type, text: Callable[[str], str]) -> str:
    kind = duckdb_type(target)
    return _checked(
        sql,
        lambda x: f"TRY_CAST({x} AS {kind}) IS NOT NULL",
        lambda x: f"CAST({x} AS {kind})",
        lambda x: f"'Cannot cast {word} ''' || {text(x)} || ''' to {_upper(target)}'",
        target,
    )


def float_to_decimal(value: float, precision: int, scale: int, word: str) -> Decimal:
    """Return a double as a decimal, rounded half up; called by DuckDB. Raises Trino's error."""
    from labcloud.trino.render import java_double, java_float

    shown = java_double(value) if word == "DOUBLE" else java_float(value)
    target = f"DECIMAL({precision}, {scale})"
    if not math.isfinite(value):
        raise udf_error("INVALID_CAST_ARGUMENT", f"Cannot cast {word} '{shown}' to {target}")
    found = _scaled(Decimal(shown), precision, scale)
    if found is None:
        raise udf_error("INVALID_CAST_ARGUMENT", f"Cannot cast {word} '{shown}' to {target}")
    return found


def _float_to_decimal(expr: Expr, target: Type, analysis: Any) -> str:
    wide = decimal(38, target.scale)
    kinds = [DOUBLE if expr.type.base == "double" else expr.type, BIGINT, BIGINT, VARCHAR]
    name = _udf(float_to_decimal, kinds, wide, analysis)
    word = expr.type.base.upper()
    call = f"{name}({expr.sql}, {target.precision}, {target.scale}, '{word}')"
    return f"CAST({call} AS {duckdb_type(target)})"


def _decimal_to_decimal(expr: Expr, target: Type, analysis: Any) -> str:
    kind = expr.type
    if (
        target.scale >= kind.scale
        and target.precision - target.scale >= kind.precision - kind.scale
    ):
        return f"CAST({expr.sql} AS {duckdb_type(target)})"
    return _to_decimal(expr.sql, _upper(kind), target, lambda x: f"CAST({x} AS VARCHAR)")


def _decimal_to_int(expr: Expr, target: Type, analysis: Any) -> str:
    kind = duckdb_type(target)
    rounded = f"CAST({{0}} AS DECIMAL({min(38, expr.type.precision + 1)},0))"
    return _checked(
        expr.sql,
        lambda x: f"TRY_CAST({x} AS {kind}) IS NOT NULL",
        lambda x: f"CAST({x} AS {kind})",
        lambda x: (
            f"'Cannot cast ''' || CAST({rounded.format(x)} AS VARCHAR) || "
            f"''' to {target.base.upper()}'"
        ),
        target,
    )


def _decimal_to_float(expr: Expr, target: Type, analysis: Any) -> str:
    return f"CAST({expr.sql} AS {duckdb_type(target)})"


def _number_to_boolean(expr: Expr, target: Type, analysis: Any) -> str:
    return f"({expr.sql} <> 0)"


def _boolean_to_number(expr: Expr, target: Type, analysis: Any) -> str:
    return (
        f"CAST((CASE {expr.sql} WHEN true THEN 1 WHEN false THEN 0 END) AS {duckdb_type(target)})"
    )


# ---- the rest


def _same(expr: Expr, target: Type, analysis: Any) -> str:
    return expr.sql


def _uuid_to_binary(expr: Expr, target: Type, analysis: Any) -> str:
    return f"from_hex(replace(CAST({expr.sql} AS VARCHAR), '-', ''))"


def binary_to_uuid(value: bytes) -> str:
    """Return a UUID's text for its 16 bytes; called by DuckDB. Raises Trino's error."""
    if len(value) != 16:
        raise udf_error("INVALID_CAST_ARGUMENT", f"Invalid UUID binary length: {len(value)}")
    return str(uuid.UUID(bytes=bytes(value)))


def _binary_to_uuid(expr: Expr, target: Type, analysis: Any) -> str:
    name = _udf(binary_to_uuid, [expr.type], VARCHAR, analysis)
    return f"CAST({name}({expr.sql}) AS UUID)"


def ipaddress_to_binary(text: str) -> bytes:
    """Return an address's bytes: 4 of IPv4, 16 of IPv6; called by DuckDB."""
    return ipaddress.ip_address(text).packed


def binary_to_ipaddress(value: bytes) -> str:
    """Return an address of 4 or 16 bytes; called by DuckDB. Raises Trino's error."""
    if len(value) not in (4, 16):
        raise udf_error("INVALID_CAST_ARGUMENT", f"Invalid InetAddress binary length: {len(value)}")
    found = ipaddress.ip_address(bytes(value))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _ip_to_binary(expr: Expr, target: Type, analysis: Any) -> str:
    return f"{_udf(ipaddress_to_binary, [expr.type], target, analysis)}({expr.sql})"


def _binary_to_ip(expr: Expr, target: Type, analysis: Any) -> str:
    return f"{_udf(binary_to_ipaddress, [expr.type], target, analysis)}({expr.sql})"


_MATRIX: dict[tuple[str, str], Callable[[Expr, Type, Any], str]] = {
    ("text", "text"): _text_to_text,
    ("text", "int"): _text_to_int,
    ("text", "float"): _text_to_float,
    ("text", "boolean"): _text_to_boolean,
    ("text", "decimal"): _text_to_decimal,
    ("text", "varbinary"): _text_to_binary,
    ("text", "uuid"): _text_to_uuid,
    ("text", "ipaddress"): _text_to_ipaddress,
    ("int", "text"): _plain_to_text,
    ("decimal", "text"): _plain_to_text,
    ("boolean", "text"): _plain_to_text,
    ("uuid", "text"): _plain_to_text,
    ("ipaddress", "text"): _plain_to_text,
    ("float", "text"): _float_to_text,
    ("int", "int"): _int_to_int,
    ("int", "float"): _int_to_float,
    ("int", "decimal"): _int_to_decimal,
    ("int", "boolean"): _number_to_boolean,
    ("float", "int"): _float_to_int,
    ("float", "float"): _float_to_float,
    ("float", "decimal"): _float_to_decimal,
    ("float", "boolean"): _number_to_boolean,
    ("decimal", "int"): _decimal_to_int,
    ("decimal", "float"): _decimal_to_float,
    ("decimal", "decimal"): _decimal_to_decimal,
    ("decimal", "boolean"): _number_to_boolean,
    ("boolean", "int"): _boolean_to_number,
    ("boolean", "float"): _boolean_to_number,
    ("boolean", "decimal"): _boolean_to_number,
    ("uuid", "varbinary"): _uuid_to_binary,
    ("varbinary", "uuid"): _binary_to_uuid,
    ("ipaddress", "varbinary"): _ip_to_binary,
    ("varbinary", "ipaddress"): _binary_to_ip,
    ("digest", "varbinary"): _same,
    ("varbinary", "digest"): _same,
    ("digest", "digest"): _same,
}
