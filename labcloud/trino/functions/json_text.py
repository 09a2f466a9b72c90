"""JSON's text as Jackson, Trino's library, reads and writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labcloud.trino.functions.java_format import java_decimal
from labcloud.trino.render import java_double

Json = Any
"""dict, list, str, int, float, bool or None; Decimal where it is only written."""


class Number(float):
    """A JSON number with a fraction or an exponent, which knows how it was written."""

    text: str


class Repeated(dict[str, Any]):
    """A JSON object in which a name stands twice: the last one counts."""

    pairs: list[tuple[str, Any]]


class Raw(str):
    """JSON's text that is written as it is."""

    __slots__ = ()


def _number(text: str) -> Number:
    number = Number(text)
    number.text = text
    return number


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeated = Repeated(result)
    repeated.pairs = pairs
    return repeated


def _refuse(name: str) -> Json:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_refuse, object_pairs_hook=_object)
_SPACE = re.compile(r"[ \t\n\r]*")


def read(text: str) -> Json:
    """Return the value of a text that holds one. Raises ValueError."""
    value, end = read_at(text, 0)
    if _skip(text, end) != len(text):
        raise ValueError("more than a value")
    return value


def read_first(text: str) -> Json:
    """Return the value with which a text begins. Raises ValueError."""
    return read_at(text, 0)[0]


def read_at(text: str, at: int) -> tuple[Json, int]:
    """Return the value at a position, and where it ends. Raises ValueError."""
    try:
        return _DECODER.raw_decode(text, _skip(text, at))
    except RecursionError:
        raise ValueError("too deep") from None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def read_part(text: str, names: tuple[str, ...]) -> Json:
    """Return the value under names and indexes, reading no further. Raises ValueError, KeyError."""
    at = _skip(text, 0)
    for name in names:
        at = _skip(text, _enter(text, at, name))
    return read_at(text, at)[0]


def _enter(text: str, at: int, name: str) -> int:
    """Return where the value under one name or index begins."""
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        raise ValueError("neither object nor array")
    closing = "}" if opening == "{" else "]"
    wanted = array_index(name)
    at, count = _skip(text, at + 1), 0
    while text[at : at + 1] != closing:
        if opening == "{":
            key, end = read_at(text, at)
            at = _skip(text, end)
            if not isinstance(key, str) or text[at : at + 1] != ":":
                raise ValueError("no name")
            at = _skip(text, at + 1)
        if key == name if opening == "{" else count == wanted:
            return at
        count += 1
        at = _skip(text, read_at(text, at)[1])
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != closing:
            raise ValueError("neither comma nor end")
    raise KeyError(name)


def array_index(name: str) -> int:
    """Return the index that a name in a path means; -1 if it is none."""
    return int(name) if re.fullmatch(r"\+?\d{1,10}", name, re.ASCII) else -1


# ---- writing

_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in map(chr, range(32))} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    8: "\\b",
    9: "\\t",
    10: "\\n",
    12: "\\f",
    13: "\\r",
}


def write_string(text: str) -> str:
    """Return a JSON string."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def write(value: Json, canonical: bool = False) -> str:
    """Return a value's text; if `canonical`, as json_parse does: sorted by names."""
    kind = type(value)
    if writer := _WRITERS.get(kind):
        return writer(value)
    if kind is list:
        return "[" + ",".join([write(item, canonical) for item in value]) + "]"
    pairs = list(value.pairs) if kind is Repeated and not canonical else [*value.items()]
    if canonical and len(pairs) > 1:
        pairs.sort(key=by_name)
    return "{" + ",".join([f"{write_string(k)}:{write(v, canonical)}" for k, v in pairs]) + "}"


def by_name(pair: tuple[str, Any]) -> bytes:
    """Order names as Java orders strings."""
    return pair[0].encode("utf-16-be", "surrogatepass")


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _double(value: float) -> str:
    if 1e-3 <= abs(value) < 1e7:
        return float.__repr__(value)  # as Java writes it
    text = java_double(float(value))
    return f'"{text}"' if text[-1] in "Ny" else text


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: _boolean,
    int: str,
    float: _double,
    Number: _double,
    Decimal: java_decimal,
    str: write_string,
    Raw: str,
}
