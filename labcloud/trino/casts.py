"""CAST, TRY_CAST and the coercions that need no asking, with Trino's rules and texts.

DuckDB's own casts serve where they agree with Trino's. Where a value may not fit, DuckDB tries, and
a Python function says in Trino's words why it does not. Dates and times are in `temporal`, JSON in
`functions.json`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from labcloud.trino import text_casts, tree
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import NOT_CONSTANT, Expr
from labcloud.trino.functions.nested import let
from labcloud.trino.repeating import repeat
from labcloud.trino.text_casts import BITS, INVALID, RANGE
from labcloud.trino.types import (
    INTEGERS,
    IPADDRESS,
    REAL,
    VARBINARY,
    VARCHAR,
    Field,
    Type,
    array,
    can_coerce,
    decimal,
    duckdb_type,
    map_of,
    row,
)

_FLOATS = ("real", "double")
_NUMBERS = (*INTEGERS, *_FLOATS, "decimal")
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_SKETCHES = ("HyperLogLog", "P4HyperLogLog", "qdigest", "tdigest", "setdigest")


def cannot_cast(source: Type, target: Type, at: Position | None = None) -> TrinoError:
    """Return the error of a cast that Trino does not have."""
    return TrinoError("TYPE_MISMATCH", f"Cannot cast {source} to {target}", at)


def cast(expr: Expr, kind: Type, analysis: Any, safe: bool = False) -> Expr:
    """Return CAST(expr AS kind); with `safe`, TRY_CAST. Raises TYPE_MISMATCH without a position."""
    if expr.type == kind:
        return expr
    if safe:
        return _safe(expr, kind, analysis)
    made = _cast(expr, kind, analysis)
    if made is None:
        raise cannot_cast(expr.type, kind)
    return made


def _safe(expr: Expr, kind: Type, analysis: Any) -> Expr:
    """NULL where the cast fails; what fails in the value itself still fails."""

    def attempt(name: str) -> str:
        made = _cast(Expr(name, expr.type), kind, analysis)
        if made is None:
            raise cannot_cast(expr.type, kind)
        return f"TRY({made.sql})"

    if "(" not in expr.sql or expr.constant:
        return Expr(attempt(expr.sql), kind)
    return Expr(let([expr.sql], attempt), kind)


def coerce(expr: Expr, kind: Type, analysis: Any = None) -> Expr:
    """Return the expression as one of a type that it coerces to; constants stay known."""
    source = expr.type
    if source == kind:
        return expr
    if source.base == "unknown":
        return Expr(f"CAST(NULL AS {duckdb_type(kind)})", kind, None)
    if source.base == "varchar" and kind.base == "varchar":
        return Expr(expr.sql, kind, expr.value)
    made = _cast(expr, kind, analysis)
    if made is None:
        raise cannot_cast(source, kind)
    if expr.constant and not made.constant:
        return Expr(made.sql, kind, _known(expr.value, kind))
    return made


def _known(value: Any, kind: Type) -> Any:
    """Return a constant as a value of another numeric type."""
    if value is None or kind.base in INTEGERS:
        return value
    if kind.base == "decimal":
        return Decimal(value)
    if kind.base in _FLOATS:
        return float(value)
    return NOT_CONSTANT


def _cast(expr: Expr, kind: Type, analysis: Any) -> Expr | None:
    source = expr.type
    if source == kind:
        return expr
    if source.base == "unknown":
        return Expr(f"CAST(NULL AS {duckdb_type(kind)})", kind, None)
    if kind.base in ("array", "map", "row") and kind.base == source.base:
        return _nested(expr, kind, analysis)
    if "json" in (source.base, kind.base):
        from labcloud.trino.functions import json

        return json.cast(expr, kind, analysis)
    change = _CASTS.get((source.base, kind.base))
    if change is not None:
        if change in _ONCE:
            return Expr(change(expr, kind, analysis), kind)
        constant = expr if expr.constant else replace(expr, raw=None)
        sql = repeat([expr.sql], lambda x: change(replace(constant, sql=x), kind, analysis))
        return Expr(sql, kind)
    return _temporal(expr, kind, analysis)


def _temporal(expr: Expr, kind: Type, analysis: Any) -> Expr | None:
    from labcloud.trino import temporal

    if not {expr.type.base, kind.base} & set(temporal.BASES):
        return None
    return temporal.cast(expr, kind, analysis or _Nowhere())


class _Nowhere:
    """A statement without a session: UTC."""

    def __init__(self) -> None:
        from labcloud.trino.functions.registry import Udfs

        self.session, self.udfs = None, Udfs()


# ---- arrays, maps, rows: element by element


def _nested(expr: Expr, kind: Type, analysis: Any) -> Expr | None:
    if kind.base == "row" and len(expr.type.fields) != len(kind.fields):
        return None
    sql = {"array": _array, "map": _map, "row": _row}[kind.base](expr, kind, analysis)
    return None if sql is None else Expr(sql, kind)


def _inner(name: str, source: Type, kind: Type, analysis: Any) -> str | None:
    """Return the cast of a part; its name itself where nothing changes."""
    made = _cast(Expr(name, source), kind, analysis)
    return None if made is None else made.sql


def _array(expr: Expr, kind: Type, analysis: Any) -> str | None:
    name = f"v{_depth(kind)}_"
    made = _inner(name, expr.type.element, kind.element, analysis)
    if made is None or made == name:
        return made and expr.sql
    return f"list_transform({expr.sql}, lambda {name}: {made})"


def _depth(kind: Type) -> int:
    """Return a number that differs from those of the types inside."""
    inside = [a.type if isinstance(a, Field) else a for a in kind.args if not isinstance(a, int)]
    return 1 + max(map(_depth, inside), default=0)


def _map(expr: Expr, kind: Type, analysis: Any) -> str | None:
    name = f"e{_depth(kind)}_"
    key = _inner(f"{name}.key", expr.type.key, kind.key, analysis)
    value = _inner(f"{name}.value", expr.type.value, kind.value, analysis)
    if key is None or value is None:
        return None
    if (key, value) == (f"{name}.key", f"{name}.value"):
        return expr.sql
    pairs = f"lambda {name}: {{'k': {key}, 'v': {value}}}"

    def build(entries: str) -> str:
        made = f"map_from_entries(list_transform({entries}, {pairs}))"
        if can_coerce(expr.type.key, kind.key):
            return made
        keys = f"list_transform({entries}, lambda {name}: {key})"
        twice = raise_sql(INVALID, quote("duplicate keys"), duckdb_type(kind))
        null = raise_sql(INVALID, quote("map key is null"), duckdb_type(kind))
        return (
            f"CASE WHEN list_count({keys}) < len({keys}) THEN {null} "
            f"WHEN list_unique({keys}) < len({keys}) THEN {twice} ELSE {made} END"
        )

    entries = let([f"map_entries({expr.sql})"], build)
    return f"(CASE WHEN {expr.sql} IS NULL THEN NULL ELSE {entries} END)"


def _row(expr: Expr, kind: Type, analysis: Any) -> str | None:
    changed = False

    def build(value: str) -> str:
        nonlocal changed
        parts = []
        for i, (a, b) in enumerate(zip(expr.type.fields, kind.fields, strict=True)):
            name = f"struct_extract({value}, 'f{i}')"
            made = _inner(name, a.type, b.type, analysis)
            if made is None:
                raise cannot_cast(expr.type, kind)
            changed = changed or made != name
            parts.append(f"'f{i}': {made}")
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE {{{', '.join(parts)}}} END"

    try:
        sql = let([expr.sql], build)
    except TrinoError as error:
        if error.name == "TYPE_MISMATCH":
            return None
        raise
    return sql if changed else expr.sql


# ---- what the casts of scalars are built of


def _native(expr: Expr, kind: Type, analysis: Any) -> str:
    return f"CAST({expr.sql} AS {duckdb_type(kind)})"


def _same(expr: Expr, kind: Type, analysis: Any) -> str:
    return expr.sql


def _or_fail(
    tried: str, failure: Callable[..., Any], given: str, as_: Type, kind: Type, a: Any
) -> str:
    """Return what DuckDB `tried`, and where that is NULL what a Python function says."""
    return f"coalesce({tried}, {a.udfs.name(failure, [as_], kind)}({given}))"


def _named(function: Callable[..., Any], *facts: object) -> Callable[..., Any]:
    """Give a function made for some facts a name that tells them."""
    function.__qualname__ = f"{function.__qualname__.split('.')[0]}[{','.join(map(str, facts))}]"
    return function


# ---- between numbers


def _to_boolean(expr: Expr, kind: Type, analysis: Any) -> str:
    return f"({expr.sql} <> 0)"


def _to_integer(expr: Expr, kind: Type, analysis: Any) -> str:
    """From a wider integer."""
    low, high = -(2 ** BITS[kind.base]), 2 ** BITS[kind.base] - 1
    message = f"{quote(f'Out of range for {kind.base}: ')} || {expr.sql}"
    failed = raise_sql(RANGE, message, duckdb_type(kind))
    if expr.type.base == "bigint":
        return _or_null(expr, kind, failed)
    return (
        f"(CASE WHEN {expr.sql} NOT BETWEEN {low} AND {high} THEN {failed} "
        f"ELSE {_native(expr, kind, analysis)} END)"
    )


def _or_null(expr: Expr, kind: Type, failed: str) -> str:
    name = duckdb_type(kind)
    tried = f"coalesce(TRY_CAST({expr.sql} AS {name}), {failed})"
    return f"(CASE WHEN {expr.sql} IS NULL THEN NULL ELSE {tried} END)"


def _float_to_integer(expr: Expr, kind: Type, analysis: Any) -> str:
    """Half is rounded away from zero; `round` does that."""
    limit = 2 ** BITS[kind.base]
    value = f"CAST({expr.sql} AS DOUBLE)" if expr.type == REAL else expr.sql
    low, high = (
        (f"CAST('-{limit}' AS DOUBLE)", f"CAST('{limit}' AS DOUBLE)")
        if kind.base == "bigint"
        else (f"CAST('-{limit}.499999' AS DOUBLE)", f"CAST('{limit - 1}.499999' AS DOUBLE)")
    )
    closed = "<" if kind.base == "bigint" else "<="
    name = analysis.udfs.name(_not_whole(expr.type.base, kind.base), [VARCHAR], kind)
    return (
        f"(CASE WHEN {value} >= {low} AND {value} {closed} {high} "
        f"THEN CAST(round({value}) AS {duckdb_type(kind)}) "
        f"ELSE {name}(CAST({expr.sql} AS VARCHAR)) END)"
    )


@functools.cache
def _not_whole(source: str, base: str) -> Callable[[str], int]:
    """Return a function that rounds the few numbers near the limits, or says what is wrong."""
    limit = 2 ** BITS[base]

    def not_whole(text: str) -> int:
        shown = text_casts.plain(text)
        if shown == "NaN":
            raise udf_error(INVALID, f"Cannot cast {source} NaN to {base}")
        if "Infinity" not in shown:
            number = int(Decimal(float(text)).quantize(Decimal(1), ROUND_HALF_UP))
            if -limit <= number < limit:
                return number
        if base == "bigint":
            raise udf_error(INVALID, f"Unable to cast {shown} to bigint")
        raise udf_error(RANGE, f"Out of range for {base}: {shown}")

    return _named(not_whole, source, base)


def _double_to_real(expr: Expr, kind: Type, analysis: Any) -> str:
    """A number that is too large becomes infinity, as in Java."""
    top = "CAST('3.4028235677973366e38' AS DOUBLE)"
    infinity = f"CASE WHEN {expr.sql} > 0 THEN 'inf' ELSE '-inf' END"
    return (
        f"(CASE WHEN isfinite({expr.sql}) AND abs({expr.sql}) >= {top} "
        f"THEN CAST({infinity} AS FLOAT) ELSE CAST({expr.sql} AS FLOAT) END)"
    )


def _to_decimal(expr: Expr, kind: Type, analysis: Any) -> str:
    """From a number; DuckDB rounds decimals as Trino does."""
    source = expr.type
    name = duckdb_type(kind)
    if source.base == "decimal":
        rounds = kind.scale < source.scale
        if kind.precision - kind.scale >= source.precision - source.scale + rounds:
            return f"CAST({expr.sql} AS {name})"
    elif source.base in INTEGERS and kind.precision - kind.scale >= _DIGITS[source.base]:
        return f"CAST({expr.sql} AS {name})"
    if analysis is None:
        return f"CAST({expr.sql} AS {name})"
    text = f"CAST({expr.sql} AS VARCHAR)"
    value = text if source.base in _FLOATS else expr.sql
    failed = _not_decimal(source, kind.precision, kind.scale)
    return _or_fail(f"TRY_CAST({value} AS {name})", failed, text, VARCHAR, kind, analysis)


@functools.cache
def _not_decimal(source: Type, precision: int, scale: int) -> Callable[[str], Decimal]:
    """Return a function that says which number does not fit a decimal."""
    base = source.base
    shown = f"DECIMAL({source.precision}, {source.scale})" if base == "decimal" else base.upper()
    target = f"DECIMAL({precision}, {scale})"

    def not_decimal(text: str) -> Decimal:
        written = text_casts.plain(text) if base in _FLOATS else text
        if written not in ("NaN", "Infinity", "-Infinity"):
            value = text_casts.rescaled(Decimal(text), precision, scale)
            if value is not None:
                return value
        raise udf_error(INVALID, f"Cannot cast {shown} '{written}' to {target}")

    return _named(not_decimal, source, precision, scale)


def _decimal_to_integer(expr: Expr, kind: Type, analysis: Any) -> str:
    source = expr.type
    if source.precision - source.scale < _DIGITS[kind.base] - 1:
        return _native(expr, kind, analysis)
    failed = _not_integer(kind.base, source.precision > 18)
    text = f"CAST({expr.sql} AS VARCHAR)"
    tried = f"TRY_CAST({expr.sql} AS {duckdb_type(kind)})"
    return _or_fail(tried, failed, text, VARCHAR, kind, analysis)


@functools.cache
def _not_integer(base: str, is_long: bool) -> Callable[[str], int]:
    """Return a function that says which decimal does not fit an integer."""

    def not_integer(text: str) -> int:
        shown = text if is_long else str(int(Decimal(text).quantize(Decimal(1), ROUND_HALF_UP)))
        raise udf_error(INVALID, f"Cannot cast '{shown}' to {base.upper()}")

    return _named(not_integer, base, is_long)


def _decimal_to_double(expr: Expr, kind: Type, analysis: Any) -> str:
    if expr.type.precision > 18:  # so that it is the double next to the number
        return f"CAST(CAST({expr.sql} AS VARCHAR) AS DOUBLE)"
    return f"CAST({expr.sql} AS DOUBLE)"


# ---- from text

_PLAIN_FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_PLAIN_DECIMAL = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"


def _text_to_integer(expr: Expr, kind: Type, analysis: Any) -> str:
    tried = f"TRY_CAST({expr.sql} AS {duckdb_type(kind)})"
    plain = f"CASE WHEN regexp_full_match({expr.sql}, '[+-]?[0-9]{{1,19}}') THEN {tried} END"
    return _or_fail(plain, _integer_reader(kind.base), expr.sql, VARCHAR, kind, analysis)


@functools.cache
def _integer_reader(base: str) -> Callable[[str], int]:
    def integer_of(text: str) -> int:
        return text_casts.integer(text, base)

    return _named(integer_of, base)


def _text_to_float(expr: Expr, kind: Type, analysis: Any) -> str:
    reader = text_casts.real_text if kind == REAL else text_casts.double_text
    name = analysis.udfs.name(reader, [VARCHAR], VARCHAR)
    text = (
        f"CASE WHEN regexp_full_match({expr.sql}, {quote(_PLAIN_FLOAT)}) THEN {expr.sql} "
        f"ELSE {name}({expr.sql}) END"
    )
    return f"CAST({text} AS {duckdb_type(kind)})"


def _text_to_decimal(expr: Expr, kind: Type, analysis: Any) -> str:
    tried = f"TRY_CAST({expr.sql} AS {duckdb_type(kind)})"
    plain = f"CASE WHEN regexp_full_match({expr.sql}, {quote(_PLAIN_DECIMAL)}) THEN {tried} END"
    reader = _decimal_reader(kind.precision, kind.scale)
    return _or_fail(plain, reader, expr.sql, VARCHAR, kind, analysis)


@functools.cache
def _decimal_reader(precision: int, scale: int) -> Callable[[str], Decimal]:
    def decimal_of(text: str) -> Decimal:
        return text_casts.decimal(text, precision, scale)

    return _named(decimal_of, precision, scale)


def _text_to_boolean(expr: Expr, kind: Type, analysis: Any) -> str:
    failed = raise_sql(INVALID, f"'Cannot cast ''' || {expr.sql} || ''' to BOOLEAN'", "BOOLEAN")
    return (
        f"(CASE WHEN lower({expr.sql}) IN ('true', 't', '1') THEN true "
        f"WHEN lower({expr.sql}) IN ('false', 'f', '0') THEN false "
        f"WHEN {expr.sql} IS NULL THEN NULL ELSE {failed} END)"
    )


def _read(function: Callable[..., Any], takes: Type) -> Callable[[Expr, Type, Any], str]:
    """A cast by a Python function, whose text DuckDB reads."""

    def change(expr: Expr, kind: Type, analysis: Any) -> str:
        text = f"{analysis.udfs.name(function, [takes], VARCHAR)}({expr.sql})"
        return text if duckdb_type(kind) == "VARCHAR" else f"CAST({text} AS {duckdb_type(kind)})"

    return change


def _text_to_text(expr: Expr, kind: Type, analysis: Any) -> str:
    """To varchar(n): cut."""
    longest = expr.type.length
    if kind.length is None or (longest is not None and longest <= kind.length):
        return expr.sql
    return f"substring({expr.sql}, 1, {kind.length})"


def _to_char(expr: Expr, kind: Type, analysis: Any) -> str:
    """To char(n): cut and padded."""
    if expr.constant and isinstance(expr.value, str):
        return quote(expr.value[: kind.length].ljust(kind.length or 0))
    return f"rpad({expr.sql}, {kind.length}, ' ')"


# ---- to text


def _to_text(text: Callable[[Expr, Any], str]) -> Callable[[Expr, Type, Any], str]:
    """A cast to varchar that fails where the text is too long."""

    def change(expr: Expr, kind: Type, analysis: Any) -> str:
        sql = text(expr, analysis)
        if kind.length is None:
            return sql

        def build(written: str) -> str:
            value = written
            if expr.type.base in _FLOATS:  # Java's text of the number stands in front
                name = analysis.udfs.name(text_casts.plain, [VARCHAR], VARCHAR)
                value = f"{name}(CAST({expr.sql} AS VARCHAR)) || ' (' || {written} || ')'"
            message = f"'Value ' || {value} || ' cannot be represented as varchar({kind.length})'"
            failed = raise_sql(INVALID, message, "VARCHAR")
            return f"CASE WHEN length({written}) > {kind.length} THEN {failed} ELSE {written} END"

        return let([sql], build)

    return change


def _plain_text(expr: Expr, analysis: Any) -> str:
    return f"CAST({expr.sql} AS VARCHAR)"


def _float_text(expr: Expr, analysis: Any) -> str:
    name = analysis.udfs.name(text_casts.scientific, [VARCHAR], VARCHAR)
    return f"{name}(CAST({expr.sql} AS VARCHAR))"


def _uuid_bytes(expr: Expr, kind: Type, analysis: Any) -> str:
    return f"unhex(replace(CAST({expr.sql} AS VARCHAR), '-', ''))"


def _ip_bytes(expr: Expr, kind: Type, analysis: Any) -> str:
    name = analysis.udfs.name(text_casts.ipaddress_bytes, [IPADDRESS], VARBINARY)
    return f"{name}({expr.sql})"


_CASTS: dict[tuple[str, str], Callable[[Expr, Type, Any], str]] = {}


def _declare() -> None:
    for number, base in enumerate(INTEGERS):
        for other in INTEGERS[number + 1 :]:
            _CASTS[base, other], _CASTS[other, base] = _native, _to_integer
        for other in _FLOATS:
            _CASTS[base, other], _CASTS[other, base] = _native, _float_to_integer
        _CASTS["decimal", base] = _decimal_to_integer
        _CASTS["varchar", base] = _text_to_integer
    for base in _NUMBERS:
        _CASTS[base, "decimal"] = _to_decimal
        _CASTS[base, "boolean"] = _to_boolean
        _CASTS["boolean", base] = _native
        text = _float_text if base in _FLOATS else _plain_text
        _CASTS[base, "varchar"] = _to_text(text)
    for base in _FLOATS:
        _CASTS["decimal", base] = _native
        _CASTS["varchar", base] = _text_to_float
    _CASTS["decimal", "double"] = _decimal_to_double
    _CASTS["real", "double"], _CASTS["double", "real"] = _native, _double_to_real
    _CASTS["varchar", "decimal"] = _text_to_decimal
    _CASTS["varchar", "boolean"] = _text_to_boolean
    _CASTS["boolean", "varchar"] = _to_text(_plain_text)
    _CASTS["varchar", "varchar"] = _CASTS["char", "varchar"] = _text_to_text
    _CASTS["varchar", "char"] = _CASTS["char", "char"] = _to_char
    _CASTS["uuid", "varchar"] = _to_text(_plain_text)
    _CASTS["ipaddress", "varchar"] = _to_text(lambda expr, analysis: expr.sql)
    _CASTS["varchar", "uuid"] = _read(text_casts.uuid, VARCHAR)
    _CASTS["varbinary", "uuid"] = _read(text_casts.uuid_of_bytes, VARBINARY)
    _CASTS["varchar", "ipaddress"] = _read(text_casts.ipaddress, VARCHAR)
    _CASTS["varbinary", "ipaddress"] = _read(text_casts.ipaddress_of_bytes, VARBINARY)
    _CASTS["uuid", "varbinary"], _CASTS["ipaddress", "varbinary"] = _uuid_bytes, _ip_bytes
    for base in _SKETCHES:
        _CASTS[base, "varbinary"] = _CASTS["varbinary", base] = _same
    _CASTS["P4HyperLogLog", "HyperLogLog"] = _CASTS["HyperLogLog", "P4HyperLogLog"] = _same


_declare()
_ONCE = (_native, _same, _text_to_text, _to_char, _decimal_to_double, _to_boolean)
"""Casts that write their operand once."""


# ---- types as written

_PLAIN = {
    kind.lower(): Type(kind)
    for kind in (
        *("boolean", *INTEGERS, "real", "double", "varbinary", "json", "date", "uuid"),
        *("ipaddress", "unknown", "HyperLogLog", "P4HyperLogLog", "tdigest", "setdigest"),
        *("Geometry", "SphericalGeography", "interval day to second", "interval year to month"),
    )
}
_ALIASES = {"int": "integer"}
_TIMES = ("time", "timestamp", "time with time zone", "timestamp with time zone")
MAX_VARCHAR, MAX_CHAR, MAX_PLACES = 2**31 - 2, 65536, 12


def resolve_type(node: tree.TypeNode, at: Position | None = None) -> Type:
    """Return the type that is written. Raises TYPE_MISMATCH: "Unknown type: …"."""
    kind = _resolved(node)
    if kind is None:
        raise TrinoError("TYPE_MISMATCH", f"Unknown type: {type_text(node)}", at)
    return kind


def type_text(node: tree.TypeNode) -> str:
    """Return a type as it was written."""
    if not node.args:
        return node.base
    parts = []
    for arg in node.args:
        if isinstance(arg, tuple):
            name, kind = arg
            shown = getattr(name, "value", name)
            parts.append(type_text(kind) if shown is None else f"{shown} {type_text(kind)}")
        else:
            parts.append(type_text(arg) if isinstance(arg, tree.TypeNode) else str(arg))
    head, _, tail = node.base.partition(" ")
    inside = f"{head}({', '.join(parts)})"
    return f"{inside} {tail}" if tail else inside


def _resolved(node: tree.TypeNode) -> Type | None:
    base, args = _ALIASES.get(node.base, node.base), node.args
    if base in _PLAIN:
        return _PLAIN[base] if not args else None
    if base in ("array", "map", "row", "qdigest"):
        return _resolved_nested(base, args)
    if not all(isinstance(arg, int) for arg in args):
        return None
    if base in _TIMES and len(args) <= 1:
        places = args[0] if args else 3
        return Type(base, (places,)) if 0 <= places <= MAX_PLACES else None
    if base == "varchar" and len(args) <= 1:
        return (
            VARCHAR if not args or args[0] == MAX_VARCHAR + 1 else _within(base, args, MAX_VARCHAR)
        )
    if base == "char" and len(args) <= 1:
        return _within(base, args or (1,), MAX_CHAR)
    if base == "decimal" and len(args) <= 2:
        return _decimal_type(*((*args, 0)[:2] if args else (38, 0)))
    return None


def _decimal_type(precision: int, scale: int) -> Type:
    """Return a decimal type. Raises INVALID_FUNCTION_ARGUMENT, as Trino's DecimalType does."""
    if not 1 <= precision <= 38:
        message = f"DECIMAL precision must be in range [1, 38]: {precision}"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    if not 0 <= scale <= precision:
        message = f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    return decimal(precision, scale)


def _within(base: str, args: tuple[int, ...], most: int) -> Type | None:
    return Type(base, args) if 0 <= args[0] <= most else None


def _resolved_nested(base: str, args: tuple[Any, ...]) -> Type | None:
    if base == "row":
        fields = []
        for arg in args:
            name, node = arg if isinstance(arg, tuple) else (None, arg)
            kind = _resolved(node)
            if kind is None:
                return None
            fields.append(Field(getattr(name, "value", name), kind))
        return row(*fields) if fields else None
    if not all(isinstance(arg, tree.TypeNode) for arg in args):
        return None
    kinds = [_resolved(arg) for arg in args]
    if any(kind is None for kind in kinds):
        return None
    if base == "map" and len(kinds) == 2:
        return map_of(*kinds)  # type: ignore[arg-type]
    if len(kinds) != 1:
        return None
    assert kinds[0] is not None
    return array(kinds[0]) if base == "array" else Type(base, (kinds[0],))
