"""Casts to and from JSON. Source: https://trino.io/docs/current/functions/json.html#cast-to-json"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from labcloud.trino import temporal, text_casts
from labcloud.trino.errors import MARK, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.functions.emit import named, nullable
from labcloud.trino.functions.json_text import Json, Number, Raw, by_name, read, write, write_string
from labcloud.trino.render import date_text, java_double, java_float
from labcloud.trino.types import INTEGERS, JSON, VARCHAR, Field, Type, duckdb_type

_KEYS = ("boolean", *INTEGERS, "real", "double", "decimal", "varchar")
_FROM = (*_KEYS, "json")
_TO = (*_FROM, "timestamp", "date", "unknown")


def _castable(kind: Type, scalars: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    if kind.base == "array":
        return _castable(kind.element, scalars, keys)
    if kind.base == "map":
        return kind.key.base in keys and _castable(kind.value, scalars, keys)
    if kind.base == "row":
        return all(_castable(field.type, scalars, keys) for field in kind.fields)
    return kind.base in scalars


def cast(expr: Expr, kind: Type, analysis: Any) -> Expr | None:
    """Return a cast to or from JSON; None if this is none, or Trino has no such cast."""
    if kind == JSON and expr.type != JSON:
        if not _castable(expr.type, _TO, (*_KEYS, "unknown")):
            return None
        return Expr(_to_json_sql(expr, analysis), JSON)
    if expr.type == JSON and kind != JSON and _castable(kind, _FROM, _KEYS):
        leaving = _leaving(kind)
        call = f"{analysis.udfs.name(_reader(kind), [JSON], leaving)}({expr.sql})"
        return Expr(call if leaving == kind else f"CAST({call} AS {duckdb_type(kind)})", kind)
    return None


def _leaving(kind: Type) -> Type:
    """Return the type with texts for numbers that may be NaN, which DuckDB takes for NULL."""
    if kind.base in ("double", "real"):
        return VARCHAR
    inner = tuple(
        Field(arg.name, _leaving(arg.type))
        if isinstance(arg, Field)
        else _leaving(arg)
        if isinstance(arg, Type)
        else arg
        for arg in kind.args
    )
    return Type(kind.base, inner)


# ---- to JSON


def _to_json_sql(expr: Expr, analysis: Any) -> str:
    if expr.type.base in ("boolean", *INTEGERS):
        return f"CAST({expr.sql} AS VARCHAR)"
    if expr.type.base in ("date", "timestamp"):
        return f"""('"' || {temporal.text_sql(expr)} || '"')"""
    return f"{analysis.udfs.name(_writer(expr.type), [expr.type], JSON)}({expr.sql})"


@functools.lru_cache(512)
def _writer(kind: Type) -> Callable[[Any], str | None]:
    """Return the Python function that writes values of a type as JSON."""
    convert = _converter(kind)

    def to_json(value: Any) -> str:
        return write(convert(value))

    return named(to_json, "to_json", kind)


def _converter(kind: Type) -> Callable[[Any], Json]:
    """Return a function from DuckDB's value of a type to what `write` takes."""
    convert = _conversion(kind)
    return lambda value: None if value is None else convert(value)


def _conversion(kind: Type) -> Callable[[Any], Json]:
    if kind.base == "array":
        item = _converter(kind.element)
        return lambda values: [item(value) for value in values]
    if kind.base == "map":
        return _map_conversion(kind)
    if kind.base == "row":
        fields = [(field.name or "", _converter(field.type)) for field in kind.fields]
        return lambda values: _row(fields, values)
    if kind.base == "json":
        return Raw
    if kind.base == "date":
        return date_text
    if kind.base == "timestamp":
        return functools.partial(_timestamp, kind.precision)
    if kind.base == "real":
        return _write_real
    return lambda value: value


def _write_real(value: float) -> Json:
    text = java_float(value)
    return Raw(f'"{text}"' if text[-1] in "Ny" else text)


def _row(fields: list[tuple[str, Callable[[Any], Json]]], values: Any) -> Json:
    items = values.values() if isinstance(values, dict) else values
    pairs = zip(fields, items, strict=True)
    inside = ",".join(
        f"{write_string(name)}:{write(convert(value))}" for (name, convert), value in pairs
    )
    return Raw(f"{{{inside}}}")


def _map_conversion(kind: Type) -> Callable[[Any], Json]:
    convert = _converter(kind.value)

    def entries(values: dict[Any, Any]) -> Json:
        texts = [(_key_text(key, kind.key), convert(value)) for key, value in values.items()]
        return dict(sorted(texts, key=by_name))

    return entries


def _key_text(key: Any, kind: Type) -> str:
    if kind.base == "boolean":
        return "true" if key else "false"
    if kind.base in ("double", "real"):
        return java_double(key) if kind.base == "double" else java_float(key)
    return f"{key:f}" if isinstance(key, Decimal) else str(key)


def _timestamp(precision: int, value: datetime | str) -> str:
    text = value if isinstance(value, str) else value.isoformat(" ", "microseconds")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(precision, '0')[:precision]}" if precision else whole


# ---- from JSON


class _Refused(Exception):
    """Another cast's error, with its name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class _Unexpected(Exception):
    """A JSON value of the wrong kind."""


class _Unreadable(Exception):
    """An error of Java's own, whose text Trino does not show."""


Reader = Callable[[Json], Any]


@functools.lru_cache(512)
def _reader(kind: Type) -> Callable[[str | None], Any]:
    """Return the Python function that reads a type's values from JSON."""
    read_value = _reading(kind)
    nested = kind.base in ("array", "map", "row")

    def from_json(text: str) -> Any:
        try:
            value = read_value(read(text))
        except (_Refused, _Unexpected, _Unreadable, ValueError) as error:
            if nested:
                raise _nested_error(kind, text, error) from None
            raise _scalar_error(kind, text, error) from None
        return value

    return nullable(named(from_json, "from_json", kind))


def _nested_error(kind: Type, text: str, error: Exception) -> ValueError:
    shown = text if len(text) <= 10_000 else text[:10_000] + "...(truncated)"
    detail = f" {error}" if isinstance(error, (_Refused, _Unexpected)) else ""
    return udf_error("INVALID_CAST_ARGUMENT", f"Cannot cast to {kind}.{detail}\n{shown}")


def _scalar_error(kind: Type, text: str, error: Exception) -> ValueError:
    name = kind.base
    if isinstance(error, _Refused):
        if error.name != "NUMERIC_VALUE_OUT_OF_RANGE" or name == "bigint":
            return udf_error(error.name, str(error))
        name = "integer"  # also for smallint and tinyint
    if name == "decimal":
        name = f"DECIMAL({kind.precision},{kind.scale})"
    return udf_error("INVALID_CAST_ARGUMENT", f"Cannot cast '{text}' to {name}")


def _reading(kind: Type) -> Reader:
    if kind.base == "array":
        return _array_reading(_reading(kind.element))
    if kind.base == "map":
        return _map_reading(_reading(kind.key), _reading(kind.value))
    if kind.base == "row":
        return _row_reading(kind)
    if kind.base == "json":
        return write
    if kind.base == "decimal":
        return _scalar(functools.partial(_decimal, kind.precision, kind.scale), _decimal_name(kind))
    if kind.base == "varchar":
        return _scalar(functools.partial(_varchar, kind.length), "varchar")
    if kind.base in INTEGERS:
        return _scalar(functools.partial(_integer, kind.base), kind.base)
    simple: dict[str, Reader] = {"boolean": _boolean, "double": _double, "real": _real}
    return _scalar(simple[kind.base], kind.base)


def _decimal_name(kind: Type) -> str:
    return f"DECIMAL({kind.precision},{kind.scale})"


def _opening(value: Json) -> str:
    """Return the text of the token with which a value begins."""
    if isinstance(value, dict):
        return "{"
    if isinstance(value, list):
        return "["
    return value if isinstance(value, str) else _number_text(value)


def _number_text(value: Json) -> str:
    return value.text if isinstance(value, Number) else write(value)


def _scalar(convert: Reader, name: str) -> Reader:
    def scalar(value: Json) -> Any:
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise _Unexpected(f"Unexpected token when cast to {name}: {_opening(value)}")
        return convert(value)

    return scalar


def _varchar(length: int | None, value: Json) -> str:
    if isinstance(value, Number):
        text = text_casts.scientific(repr(float(value)))
    else:
        text = value if isinstance(value, str) else write(value)
    return text[:length]


def _read_text(function: Callable[..., Any], *args: Any) -> Any:
    """Read a text as a cast from varchar does. Raises its error as _Refused."""
    try:
        return function(*args)
    except ValueError as error:
        _, name, message, _ = str(error).split(MARK)
        raise _Refused(name, message) from None


def _integer(base: str, value: Json) -> int:
    limit = 2 ** text_casts.BITS[base]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return int(_read_text(text_casts.integer, value, base))
    if isinstance(value, float):
        return _rounded(base, value, limit)
    if not -limit <= value < limit:
        raise _Unreadable
    return int(value)


def _rounded(base: str, value: float, limit: int) -> int:
    number = limit
    if math.isfinite(value):
        with localcontext(prec=400):
            number = int(Decimal(float(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if -limit <= number < limit:
        return number
    if base == "bigint":
        message = f"Unable to cast {java_double(float(value))} to bigint"
        raise _Refused("INVALID_CAST_ARGUMENT", message)
    message = f"Out of range for {base}: {java_double(float(value))}"
    raise _Refused("NUMERIC_VALUE_OUT_OF_RANGE", message)


def _double(value: Json) -> str:
    return repr(_read_text(text_casts.double, value) if isinstance(value, str) else float(value))


def _real(value: Json) -> str:
    return repr(_read_text(text_casts.real, value) if isinstance(value, str) else float(value))


def _boolean(value: Json) -> bool:
    return bool(_read_text(text_casts.boolean, value) if isinstance(value, str) else value)


_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def _decimal(precision: int, scale: int, value: Json) -> Decimal:
    text = str(int(value)) if isinstance(value, bool) else _opening(value)
    if not _DECIMAL.fullmatch(text):
        raise _Unreadable
    exact = text_casts.rescaled(Decimal(text), precision, scale)
    if exact is None:
        message = f"Cannot cast input json to DECIMAL({precision},{scale})"
        raise _Refused("INVALID_CAST_ARGUMENT", message)
    return exact


def _array_reading(item: Reader) -> Reader:
    def array(value: Json) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _Unexpected(f"Expected a json array, but got {_opening(value)}")
        return [item(part) for part in value]

    return array


def _map_reading(key: Reader, item: Reader) -> Reader:
    def entries(value: Json) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _Unexpected(f"Expected a json object, but got {_opening(value)}")
        result = [(key(name), item(part)) for name, part in value.items()]
        if len(dict(result)) < len(result):
            raise _Unexpected("Duplicate keys are not allowed")
        return dict(result)

    return entries


def _row_reading(kind: Type) -> Reader:
    readers = [_reading(field.type) for field in kind.fields]
    named = kind.fields[0].name is not None
    places = {(field.name or "").lower(): index for index, field in enumerate(kind.fields)}

    def row(value: Json) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return _row_of_array(readers, value)
        if not isinstance(value, dict):
            raise _Unexpected(f"Expected a json array or object, but got {_opening(value)}")
        if not named:
            raise _Unexpected(
                "Cannot cast a JSON object to anonymous row type. Input must be a JSON array."
            )
        found: dict[int, Any] = {}
        for name, part in value.items():
            index = places.get(name.lower())
            if index is None:
                continue
            if index in found:
                raise _Unexpected(f"Duplicate field: {name.lower()}")
            found[index] = readers[index](part)
        return {f"f{index}": found.get(index) for index in range(len(readers))}

    return row


def _row_of_array(readers: list[Reader], value: list[Json]) -> dict[str, Any]:
    if len(value) > len(readers):
        raise _Unexpected(f"Expected json array ending, but got {_opening(value[len(readers)])}")
    if len(value) < len(readers):
        raise _Unexpected("Unexpected token when cast: ]")
    pairs = enumerate(zip(readers, value, strict=True))
    return {f"f{index}": reader(part) for index, (reader, part) in pairs}
