"""JSON functions and casts. Source: https://trino.io/docs/current/functions/json.html

A JSON value is held as its text: what json_parse makes is sorted by names, what json_extract takes
out of a text keeps its order.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from labcloud.trino.functions.emit import invalid, nullable, python
from labcloud.trino.functions.json_casts import cast
from labcloud.trino.functions.json_sql import json_constructor, json_path_call
from labcloud.trino.functions.json_text import (
    Json,
    Number,
    Repeated,
    array_index,
    read,
    read_first,
    read_part,
    write,
)
from labcloud.trino.functions.registry import scalar

__all__ = ["canonical", "cast", "json_constructor", "json_path_call"]


def canonical(text: str) -> str:
    """Return a JSON text as json_parse writes it. Raises ValueError if it is not JSON."""
    return write(read(text), canonical=True)


def json_parse(text: str) -> str:
    """Read a JSON value."""
    try:
        return canonical(text)
    except ValueError:
        raise invalid(f"Cannot convert value to JSON: '{text}'") from None


# ---- the older path language: $.a["b"][0]


@functools.lru_cache(512)
def path_names(path: str) -> tuple[str, ...]:
    """Return the names and indexes of a path such as `$.a[0]`."""
    if not path.startswith("$"):
        raise _bad_path(path)
    names, at = [], 1
    while at < len(path):
        if path[at] == ".":
            name, at = _bare(path, at + 1, ":_")
        elif path[at] == "[" and path[at + 1 : at + 2] == '"':
            name, at = _quoted(path, at + 2)
            at = _closed(path, at)
        elif path[at] == "[":
            name, at = _bare(path, at + 1, "_")
            at = _closed(path, at)
        else:
            raise _bad_path(path)
        names.append(name)
    return tuple(names)


def _bad_path(path: str) -> ValueError:
    return invalid(f"Invalid JSON path: '{path}'")


def _bare(path: str, at: int, also: str) -> tuple[str, int]:
    end = at
    while end < len(path) and (path[end].isalnum() or path[end] in also):
        end += 1
    if end == at:
        raise _bad_path(path)
    return path[at:end], end


def _quoted(path: str, at: int) -> tuple[str, int]:
    name = ""
    while at < len(path) and path[at] != '"':
        if path[at] == "\\":
            at += 1
            if path[at : at + 1] not in ('"', "\\"):
                raise _bad_path(path)
        name += path[at]
        at += 1
    if at >= len(path):
        raise _bad_path(path)
    return name, at + 1


def _closed(path: str, at: int) -> int:
    if path[at : at + 1] != "]":
        raise _bad_path(path)
    return at + 1


_MISSING = object()


def _part(text: str, path: str) -> Json:
    """Return the value at a path, or _MISSING also where the text is not JSON up to there."""
    names = path_names(path)
    try:
        value = read_first(text)
    except ValueError:
        try:
            return read_part(text, names)
        except (ValueError, KeyError):
            return _MISSING
    for name in names:
        value = _child(value, name)
    return value


def _child(value: Json, name: str) -> Json:
    if isinstance(value, Repeated):
        return next((item for key, item in value.pairs if key == name), _MISSING)
    if isinstance(value, dict):
        return value.get(name, _MISSING)
    if isinstance(value, list):
        index = array_index(name)
        return value[index] if 0 <= index < len(value) else _MISSING
    return _MISSING


@nullable
def json_extract(text: str, path: str) -> str | None:
    """Return the value at a path, as JSON."""
    value = _part(text, path)
    return None if value is _MISSING else write(value)


@nullable
def json_extract_scalar(text: str, path: str) -> str | None:
    """Return the scalar at a path, as text."""
    value = _part(text, path)
    if value is _MISSING or value is None or isinstance(value, (dict, list)):
        return None
    return _scalar_text(value)


def _scalar_text(value: Json) -> str:
    if isinstance(value, Number):
        return value.text
    return value if isinstance(value, str) else write(value)


@nullable
def json_size(text: str, path: str) -> int | None:
    """Return how many members the value at a path has."""
    value = _part(text, path)
    if value is _MISSING:
        return None
    if isinstance(value, Repeated):
        return len(value.pairs)
    return len(value) if isinstance(value, (dict, list)) else 0


def is_json_scalar(text: str) -> bool:
    """Return whether a value is neither an array nor an object."""
    try:
        return not isinstance(read(text), (dict, list))
    except ValueError:
        raise invalid(f"Invalid JSON value: {text}") from None


# ---- arrays


def _array(text: str) -> list[Json] | None:
    try:
        value = read_first(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None


@nullable
def json_array_length(text: str) -> int | None:
    """Return how many elements an array has."""
    values = _array(text)
    return None if values is None else len(values)


@nullable
def json_array_get(text: str, index: int) -> str | None:
    """Return an element; a text comes without its quotes, as Trino's documentation warns."""
    values = _array(text)
    if values is None or not -len(values) <= index < len(values):
        return None
    value = values[index]
    if value is None:
        return None
    return write(value) if isinstance(value, (dict, list)) else _scalar_text(value)


def _contains(text: str, matches: Callable[[Json], bool]) -> bool | None:
    values = _array(text)
    return None if values is None else any(map(matches, values))


@nullable
def array_contains_boolean(text: str, wanted: bool) -> bool | None:
    """Return whether an array holds a truth value."""
    return _contains(text, lambda value: value is wanted)


@nullable
def array_contains_bigint(text: str, wanted: int) -> bool | None:
    """Return whether an array holds an integer."""
    return _contains(text, lambda value: type(value) is int and value == wanted)


@nullable
def array_contains_double(text: str, wanted: float) -> bool | None:
    """Return whether an array holds a number with a fraction or an exponent."""
    if not math.isfinite(wanted):
        return False
    return _contains(text, lambda value: isinstance(value, float) and value == wanted)


@nullable
def array_contains_varchar(text: str, wanted: str) -> bool | None:
    """Return whether an array holds a text."""
    return _contains(text, lambda value: isinstance(value, str) and value == wanted)


# ---- declarations

scalar("json_parse", "varchar(x)", "json", python(json_parse))
scalar("json_format", "json", "varchar", "{0}")

_BY_PATH: tuple[tuple[Callable[..., Any], str], ...] = (
    (json_extract, "json"),
    (json_size, "bigint"),
)
for _kind in ("varchar(x)", "json"):
    _args, _shown = f"{_kind}, varchar(y)", f"{_kind}, jsonpath"
    for _function, _result in _BY_PATH:
        scalar(_function.__name__, _args, _result, python(_function), shown=_shown)
    _text = "varchar(x)" if _kind == "varchar(x)" else "varchar"
    scalar("json_extract_scalar", _args, _text, python(json_extract_scalar), shown=_shown)
    scalar("is_json_scalar", _kind, "boolean", python(is_json_scalar))
    scalar("json_array_length", _kind, "bigint", python(json_array_length))
    scalar("json_array_get", f"{_kind}, bigint", "json", python(json_array_get))
    for _wanted, _contained in (
        ("boolean", array_contains_boolean),
        ("bigint", array_contains_bigint),
        ("double", array_contains_double),
        ("varchar(y)" if _kind == "varchar(x)" else "varchar(x)", array_contains_varchar),
    ):
        scalar("json_array_contains", f"{_kind}, {_wanted}", "boolean", python(_contained))
