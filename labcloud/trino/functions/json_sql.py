"""JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT and JSON_ARRAY of SQL:2016.

Source: https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from labcloud.trino import casts, text_casts, tree
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql, udf_error
from labcloud.trino.expr import Expr
from labcloud.trino.functions import jsonpath
from labcloud.trino.functions.emit import named, of_arity
from labcloud.trino.functions.json_text import Json, read, write
from labcloud.trino.functions.jsonpath import Item, PathError, Typed
from labcloud.trino.functions.nested import let
from labcloud.trino.functions.registry import null_safe
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGERS,
    VARCHAR,
    Type,
    array,
    can_coerce,
    duckdb_type,
)

_NUMBERS = (*INTEGERS, "real", "double", "decimal")
_TEXTS = ("varchar", "char")
_SCALARS = ("boolean", *_NUMBERS, *_TEXTS)
_TIMES = ("date", "time", "time with time zone", "timestamp", "timestamp with time zone")

# ---- what the calls have in common


@dataclass(frozen=True, slots=True)
class _Passed:
    """A parameter: its name in the path, its type, and whether it is read as JSON."""

    name: str
    type: Type
    json: bool

    def items(self, value: Any) -> list[Item]:
        """Return the sequence that the variable stands for. Raises ValueError."""
        if self.json:
            return [] if value is None else [read(value)]
        return [None if value is None else Typed(self.type, value)]


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A path with what is passed to it: all that is known before the query runs."""

    function: str
    path: jsonpath.Path
    passed: tuple[_Passed, ...]
    raises: bool
    """Whether the call says ERROR ON ERROR."""

    def find(self, text: str, values: tuple[Any, ...]) -> list[Item] | None:
        """Return what the path finds; None for an error that the call is to handle."""
        try:
            context = read(text)
            variables = {
                parameter.name: parameter.items(value)
                for parameter, value in zip(self.passed, values, strict=True)
            }
        except ValueError:
            self.fail("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ")
            return None
        try:
            return jsonpath.evaluate(self.path, context, variables)
        except (PathError, RecursionError) as error:
            self.fail("PATH_EVALUATION_ERROR", str(error))
            return None

    def fail(self, name: str, message: str) -> None:
        """Raise an error if the call wants it."""
        if self.raises:
            raise udf_error(name, message)


def _parse_path(node: tree.JsonPathCall, passed: tuple[_Passed, ...]) -> jsonpath.Path:
    literal = node.path
    try:
        path = jsonpath.parse(literal.value)
    except jsonpath.PathSyntaxError as error:
        raise TrinoError("SYNTAX_ERROR", error.message, _position(literal, error.at)) from None
    except jsonpath.UnsupportedPath as error:
        raise TrinoError("NOT_SUPPORTED", str(error), literal.at) from None
    names = [parameter.name for parameter in passed]
    for name in path.variables:
        if name not in names:
            message = f"no value passed for parameter {name}"
            if name.lower() in (other.lower() for other in names):
                message += f'. Try quoting "{name}" in the PASSING clause to match case'
            raise TrinoError("INVALID_PATH", message, literal.at)
    return path


def _position(literal: tree.StringLiteral, offset: int) -> Position:
    line, column = literal.at
    before = literal.value[:offset]
    lines = before.count("\n")
    if lines:
        return line + lines, offset - before.rindex("\n")
    return line, column + 1 + offset


def _input(node: tree.Expression, scope: Any, analysis: Any) -> Expr:
    """Compile what is read as JSON."""
    expr: Expr = analysis.expression(node, scope)
    if expr.type.base in (*_TEXTS, "unknown"):
        return Expr(f"CAST({expr.sql} AS VARCHAR)", VARCHAR, expr.value)
    if expr.type.base == "varbinary":
        return Expr(f"decode({expr.sql})", VARCHAR)
    message = f"Cannot read input of type {expr.type} as JSON using formatting JSON"
    raise TrinoError("TYPE_MISMATCH", message, node.at)


def _is_json(node: tree.Expression) -> bool:
    """Return whether an expression is JSON without saying FORMAT JSON."""
    return isinstance(node, tree.JsonConstructor) or (
        isinstance(node, tree.JsonPathCall) and node.function.upper() == "JSON_QUERY"
    )


def _value(node: tree.Expression, scope: Any, analysis: Any, function: str) -> Expr:
    """Compile a value that becomes a JSON scalar; of other types, its text."""
    expr: Expr = analysis.expression(node, scope)
    if expr.type.base in (*_SCALARS, "unknown"):
        return expr
    return _as_varchar(expr, node, analysis, function)


def _as_varchar(expr: Expr, node: tree.Expression, analysis: Any, function: str) -> Expr:
    try:
        return casts.cast(expr, VARCHAR, analysis)
    except TrinoError:
        message = f"Unsupported type of value passed to {function} function: {expr.type}"
        raise TrinoError("NOT_SUPPORTED", message, node.at) from None


def _passed(
    options: dict[str, Any], scope: Any, analysis: Any, function: str
) -> tuple[tuple[_Passed, ...], list[Expr]]:
    parameters, exprs = [], []
    for value, name, format_json in options.get("passing") or ():
        as_json = format_json or _is_json(value)
        expr = _input(value, scope, analysis) if as_json else analysis.expression(value, scope)
        if not as_json and expr.type.base not in (*_SCALARS, *_TIMES, "unknown"):
            expr = _as_varchar(expr, value, analysis, function)
        parameters.append(_Passed(name, expr.type, as_json))
        exprs.append(expr)
    return tuple(parameters), exprs


def _call(function: Callable[..., Any], exprs: list[Expr], result: Type, analysis: Any) -> str:
    name = analysis.udfs.name(function, [expr.type for expr in exprs], result)
    return f"{name}({', '.join(expr.sql for expr in exprs)})"


def _returned(options: dict[str, Any], analysis: Any, at: Position) -> Type:
    """Return the type after RETURNING; varchar where there is none."""
    returning = options.get("returning")
    if returning is None:
        return VARCHAR
    kind: Type = casts.resolve_type(returning, at)
    return kind


def _as_output(sql: str, kind: Type, node: tree.Expression, analysis: Any) -> Expr:
    """Return JSON's text as the type that a call returns."""
    if kind == VARCHAR:
        return Expr(sql, kind)
    if kind.base == "varbinary":
        return Expr(f"encode({sql})", kind)
    if kind.base not in _TEXTS:
        message = f"Cannot output JSON value as {kind} using formatting JSON"
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    return casts.cast(Expr(sql, VARCHAR), kind, analysis)


# ---- paths


def json_path_call(node: tree.JsonPathCall, scope: Any, analysis: Any) -> Expr:
    """Compile JSON_EXISTS, JSON_VALUE or JSON_QUERY. Raises TrinoError."""
    function = node.function.upper()
    options = dict(node.options)
    text = _input(node.value, scope, analysis)
    passed, exprs = _passed(options, scope, analysis, function)
    path = _parse_path(node, passed)
    on_error = options.get("on_error") or ("FALSE" if function == "JSON_EXISTS" else "NULL")
    lookup = _Lookup(function, path, passed, on_error == "ERROR")
    arguments = [text, *exprs]
    if function == "JSON_EXISTS":
        return Expr(_call(_exists(lookup, on_error), arguments, BOOLEAN, analysis), BOOLEAN)
    kind = _returned(options, analysis, node.at)
    on_empty = options.get("on_empty") or "NULL"
    if function == "JSON_QUERY":
        wrapper, quotes = _wrapping(options, node)
        query = _query(lookup, wrapper, quotes, on_empty, on_error)
        return _as_output(_call(query, arguments, VARCHAR, analysis), kind, node, analysis)
    return _json_value(node, scope, analysis, lookup, arguments, kind, on_empty, on_error)


def _strict(function: Callable[..., Any], lookup: _Lookup, *facts: object) -> Callable[..., Any]:
    """Return a Python function whose first argument is not None, and which these facts tell."""

    @null_safe
    def call(text: str | None, *values: Any) -> Any:
        return None if text is None else function(text, values)

    return of_arity(named(call, function.__name__, lookup, *facts), len(lookup.passed) + 1)


@functools.lru_cache(256)
def _exists(lookup: _Lookup, on_error: str) -> Callable[..., Any]:
    handled = {"FALSE": False, "TRUE": True}.get(on_error)

    def exists(text: str, values: tuple[Any, ...]) -> bool | None:
        found = lookup.find(text, values)
        return handled if found is None else bool(found)

    return _strict(exists, lookup, on_error)


_NONE_FOUND, _MANY_FOUND = "JSON path found no items", "JSON path found multiple items"
_NO_SCALAR = "JSON path found an item that cannot be converted to an SQL value"
_EMPTIES = {"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}


def _wrapping(options: dict[str, Any], node: tree.JsonPathCall) -> tuple[str, str]:
    """Return the wrapper (WITHOUT, CONDITIONAL, UNCONDITIONAL) and KEEP or OMIT."""
    words = str(options.get("wrapper") or "WITHOUT").upper()
    wrapper = "WITHOUT"
    if not words.startswith("WITHOUT"):
        conditional = "CONDITIONAL" in words and "UNCONDITIONAL" not in words
        wrapper = "CONDITIONAL" if conditional else "UNCONDITIONAL"
    quotes = str(options.get("quotes") or "").upper().split(" ")[0]
    if quotes and wrapper != "WITHOUT":
        message = f"{quotes} QUOTES behavior specified with WITH {wrapper} ARRAY WRAPPER behavior"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message, node.at)
    return wrapper, quotes or "KEEP"


@functools.lru_cache(256)
def _query(
    lookup: _Lookup, wrapper: str, quotes: str, on_empty: str, on_error: str
) -> Callable[..., Any]:
    def fail(behaviour: str, message: str) -> str | None:
        if behaviour == "ERROR":
            text = f"conversion from JSON failed: {message}"
            raise udf_error("JSON_OUTPUT_CONVERSION_ERROR", text)
        return _EMPTIES.get(behaviour)

    def query(text: str, values: tuple[Any, ...]) -> str | None:
        found = lookup.find(text, values)
        if found is None:
            return _EMPTIES.get(on_error)
        if not found:
            return fail(on_empty, _NONE_FOUND)
        items = []
        for item in found:
            if isinstance(item, Typed) and item.type.base not in _SCALARS:
                return fail(on_error, _no_json(item))
            items.append(_json(item))
        single = len(items) == 1 and isinstance(items[0], (dict, list))
        if wrapper == "UNCONDITIONAL" or (wrapper == "CONDITIONAL" and not single):
            items = [items]
        if len(items) > 1:
            return fail(on_error, _MANY_FOUND)
        bare = quotes == "OMIT" and isinstance(items[0], str)
        return str(items[0]) if bare else write(items[0])

    return _strict(query, lookup, wrapper, quotes, on_empty, on_error)


def _no_json(item: Typed) -> str:
    kind = item.type
    return (
        f"JSON path returned a scalar SQL value of type {kind} that cannot be represented as JSON"
    )


def _json(item: Item) -> Json:
    return item.value if isinstance(item, Typed) else item


# ---- JSON_VALUE

_FOUND = (BOOLEAN, VARCHAR, BIGINT, DOUBLE)
"""The types in which a scalar leaves Python, as text."""


def _json_value(
    node: tree.JsonPathCall,
    scope: Any,
    analysis: Any,
    lookup: _Lookup,
    arguments: list[Expr],
    kind: Type,
    on_empty: Any,
    on_error: Any,
) -> Expr:
    if kind.base not in (*_SCALARS, *_TIMES):
        message = f"Invalid return type of function JSON_VALUE: {kind}"
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    plain = isinstance(on_empty, str) and isinstance(on_error, str)
    fails = on_empty == "ERROR"
    if kind == VARCHAR and plain:
        return Expr(_call(_text_value(lookup, fails), arguments, VARCHAR, analysis), VARCHAR)
    call = _call(_typed_value(lookup, fails, kind.base), arguments, array(VARCHAR), analysis)
    empty = _default(on_empty, "ON EMPTY", kind, scope, analysis)
    error = _default(on_error, "ON ERROR", kind, scope, analysis)

    def choose(name: str) -> str:
        refused = raise_sql("JSON_VALUE_RESULT_ERROR", _no_cast(name, kind), duckdb_type(kind))
        failed = refused if lookup.raises else error
        arms = [f"WHEN 'empty' THEN {empty}", f"WHEN 'error' THEN {error}"]
        arms += [
            f"WHEN {quote(k.base)} THEN {_cast(name, k, kind, failed, analysis)}" for k in _FOUND
        ]
        return f"CASE {name}[1] {' '.join(arms)} END"

    return Expr(f"({let([call], choose)})", kind)


def _default(option: Any, clause: str, kind: Type, scope: Any, analysis: Any) -> str:
    if isinstance(option, str):
        return f"CAST(NULL AS {duckdb_type(kind)})"
    expr: Expr = analysis.expression(option[1], scope)
    if not can_coerce(expr.type, kind):
        message = (
            f"Function JSON_VALUE default {clause} result must evaluate to a {kind} "
            f"(actual: {expr.type})"
        )
        raise TrinoError("TYPE_MISMATCH", message, option[1].at)
    return str(analysis.coerce(expr, kind).sql)


def _no_cast(name: str, kind: Type) -> str:
    """Return SQL for the message that a value cannot be cast."""
    head = "cannot extract SQL scalar from JSON: Cannot cast value of type "
    tail = f" to declared return type of function JSON_VALUE: {kind}"
    return f"{quote(head)} || {name}[3] || {quote(tail)}"


def _cast(name: str, found: Type, kind: Type, failed: str, analysis: Any) -> str:
    value = Expr(f"CAST({name}[2] AS {duckdb_type(found)})", found)
    if found == kind:
        return value.sql
    try:
        result: str = casts.cast(value, kind, analysis, safe=True).sql
    except TrinoError:
        return failed
    return f"coalesce({result}, {failed})"


def _single(lookup: _Lookup, found: list[Item] | None, fails: bool) -> tuple[str, Typed | None]:
    """Return the scalar found, or None and why there is none: null, empty or error."""
    problem = None
    if found is None:
        return "error", None
    if not found:
        if fails:
            raise udf_error("JSON_VALUE_RESULT_ERROR", _no_value(_NONE_FOUND))
        return "empty", None
    if len(found) > 1:
        problem = _MANY_FOUND
    elif found[0] is None:
        return "null", None
    else:
        try:
            value = found[0] if isinstance(found[0], Typed) else jsonpath.typed(found[0])
        except PathError:
            value = None
        if value is not None:
            return "", value
        problem = _NO_SCALAR
    lookup.fail("JSON_VALUE_RESULT_ERROR", _no_value(problem))
    return "error", None


def _no_value(reason: str) -> str:
    return f"cannot extract SQL scalar from JSON: {reason}"


@functools.lru_cache(256)
def _text_value(lookup: _Lookup, fails: bool) -> Callable[..., Any]:
    def text_value(text: str, values: tuple[Any, ...]) -> str | None:
        _, value = _single(lookup, lookup.find(text, values), fails)
        return None if value is None else _text(value)

    return _strict(text_value, lookup, fails)


def _text(value: Typed) -> str:
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value.value, float):
        return text_casts.scientific(repr(float(value.value)))
    return f"{value.value:f}" if isinstance(value.value, Decimal) else str(value.value)


@functools.lru_cache(256)
def _typed_value(lookup: _Lookup, fails: bool, wanted: str) -> Callable[..., Any]:
    def typed_value(text: str, values: tuple[Any, ...]) -> list[str]:
        state, value = _single(lookup, lookup.find(text, values), fails)
        if value is None:
            return [state]
        kind, found = _as_found(value, wanted)
        return [kind, found, value.type.text]

    return _strict(typed_value, lookup, fails, wanted)


def _as_found(value: Typed, wanted: str) -> tuple[str, str]:
    """Return the type, of `_FOUND`, and the text in which a scalar leaves Python."""
    item = value.value
    if isinstance(item, bool):
        return "boolean", _text(value)
    if isinstance(item, float):
        return "double", repr(item)
    if isinstance(item, Decimal):
        if wanted in INTEGERS:
            return "bigint", str(item.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if wanted == "boolean":
            return "boolean", "true" if item else "false"
        return "double" if wanted in ("real", "double") else "varchar", f"{item:f}"
    return "bigint" if isinstance(item, int) else "varchar", str(item)


# ---- constructors


def json_constructor(node: tree.JsonConstructor, scope: Any, analysis: Any) -> Expr:
    """Compile JSON_OBJECT or JSON_ARRAY. Raises TrinoError."""
    function = node.function.upper()
    kind = _returned({"returning": node.returning}, analysis, node.at)
    formats, exprs = [], []
    for key, value, format_json in node.entries:
        as_json = format_json or _is_json(value)
        read_value = _input if as_json else functools.partial(_value, function=function)
        if key is not None:
            exprs.append(_key(key, scope, analysis))
        exprs.append(read_value(value, scope, analysis))
        formats.append(as_json)
    build = _object_of if function == "JSON_OBJECT" else _array_of
    python = build(tuple(formats), node.absent_on_null, node.unique_keys)
    if not exprs:
        text = "{}" if function == "JSON_OBJECT" else "[]"
        return _as_output(quote(text), kind, node, analysis)
    return _as_output(_call(python, exprs, VARCHAR, analysis), kind, node, analysis)


def _key(node: tree.Expression, scope: Any, analysis: Any) -> Expr:
    expr: Expr = analysis.expression(node, scope)
    if expr.type.base not in (*_TEXTS, "unknown"):
        message = f"Invalid type of JSON_OBJECT key: {expr.type}"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message, node.at)
    return expr


def _member(value: Any, as_json: bool) -> Json:
    if value is None or not as_json:
        return value
    try:
        return read(value)
    except ValueError:
        raise udf_error("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ") from None


@functools.lru_cache(256)
def _array_of(formats: tuple[bool, ...], absent: bool, unique: bool) -> Callable[..., str]:
    @null_safe
    def json_array(*values: Any) -> str:
        pairs = zip(values, formats, strict=True)
        return write([_member(*pair) for pair in pairs if pair[0] is not None or not absent])

    return of_arity(named(json_array, "json_array", formats, absent), len(formats))


@functools.lru_cache(256)
def _object_of(formats: tuple[bool, ...], absent: bool, unique: bool) -> Callable[..., str]:
    @null_safe
    def json_object(*values: Any) -> str:
        members: dict[str, Json] = {}
        for key, value, as_json in zip(values[::2], values[1::2], formats, strict=True):
            if key is None:
                message = "null value passed for JSON object key to JSON_OBJECT function"
                raise udf_error("INVALID_FUNCTION_ARGUMENT", message)
            if value is None and absent:
                continue
            if key in members:
                raise _duplicate(unique)
            members[key] = _member(value, as_json)
        return write(dict(hash_order(members)))

    return of_arity(named(json_object, "json_object", formats, absent, unique), 2 * len(formats))


def _duplicate(unique: bool) -> ValueError:
    if unique:
        message = "duplicate key passed to JSON_OBJECT function"
        return udf_error("INVALID_FUNCTION_ARGUMENT", message)
    message = "cannot construct a JSON object with duplicate key"
    return udf_error("NOT_SUPPORTED", message)


def hash_order(members: dict[str, Json]) -> list[tuple[str, Json]]:
    """Return members in the order of a Java HashMap, which is that of Trino's JSON_OBJECT."""
    size = 16
    while len(members) > size * 3 // 4:
        size *= 2

    def bucket(pair: tuple[str, Json]) -> int:
        code = 0
        units = pair[0].encode("utf-16-be", "surrogatepass")
        for at in range(0, len(units), 2):
            code = (31 * code + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
        return (code ^ code >> 16) & (size - 1)

    return sorted(members.items(), key=bucket)
