"""Comparisons: `=`, `<`, IS DISTINCT FROM, BETWEEN, IN and LIKE, with NULL and NaN as in Trino."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from labcloud.trino import casts, text_casts
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql
from labcloud.trino.expr import Expr
from labcloud.trino.functions.nested import let
from labcloud.trino.repeating import repeat
from labcloud.trino.types import (
    BOOLEAN,
    INTEGERS,
    VARBINARY,
    Type,
    common_super_type,
    is_comparable,
    is_orderable,
)

NULL_SAFE = "IS DISTINCT FROM"
_SHOWN = {"<>": "=", ">": "<", ">=": "<="}
_FLIPPED = {">": "<", ">=": "<="}
_NESTED = ("array", "map", "row")


def compare(
    operator: str, left: Expr, right: Expr, analysis: Any = None, at: Position | None = None
) -> Expr:
    """Return `left operator right` after coercion to the common type. Raises TYPE_MISMATCH."""
    common = common_super_type(left.type, right.type)
    ordered = operator[0] in "<>" and operator != "<>"
    if common is None or not (is_orderable(common) if ordered else is_comparable(common)):
        shown = _SHOWN.get(operator, operator)
        message = f"Cannot apply operator: {left.type} {shown} {right.type}"
        if operator == NULL_SAFE:
            message = f"Cannot check if {left.type} is distinct from {right.type}"
        raise TrinoError("TYPE_MISMATCH", message, at)
    a, b = casts.coerce(left, common, analysis), casts.coerce(right, common, analysis)
    return Expr(_compared(operator, a, b, common, analysis), BOOLEAN)


def _compared(operator: str, a: Expr, b: Expr, kind: Type, analysis: Any) -> str:
    """Return the comparison of two expressions of one type."""
    if not _special(kind):
        return f"({a.sql} {operator} {b.sql})"
    if kind.base in ("real", "double"):
        return repeat(
            [a.sql, b.sql], lambda x, y: _floats(operator, replace(a, sql=x), replace(b, sql=y))
        )
    if kind.base in _NESTED:
        return _nested(operator, a, b, kind, analysis)
    left, right = (_key(x, kind, analysis) for x in (a, b))
    return f"({left} {operator} {right})"


def _special(kind: Type) -> bool:
    return kind.base in (*_NESTED, "real", "double", "ipaddress") or "zone" in kind.base


def _key(expr: Expr, kind: Type, analysis: Any) -> str:
    """Return what a value compares by."""
    if kind.base == "ipaddress":
        if analysis is None:
            return expr.sql
        name = analysis.udfs.name(text_casts.ipaddress_bytes, [kind], VARBINARY)
        return f"{name}({expr.sql})"
    from labcloud.trino import temporal

    return temporal.compare_key(expr)


# ---- NaN: equal to nothing, before and after nothing; DuckDB has it after all numbers


def _floats(operator: str, a: Expr, b: Expr) -> str:
    plain = f"({a.sql} {operator} {b.sql})"
    if operator == NULL_SAFE:
        return plain
    if operator in ("=", "<>"):
        if _is_number(a) or _is_number(b):
            return plain
        if operator == "<>":
            return f"({plain} OR (isnan({a.sql}) AND isnan({b.sql})))"
        return f"({plain} AND NOT (isnan({a.sql}) AND isnan({b.sql})))"
    lower, upper = (b, a) if operator in _FLIPPED else (a, b)
    if _is_number(upper):
        return plain
    if _is_number(lower):
        return f"({plain} AND NOT isnan({upper.sql}))"
    return f"({plain} AND NOT (isnan({upper.sql}) AND {lower.sql} IS NOT NULL))"


def _is_number(expr: Expr) -> bool:
    """Return whether the value is known, and a number."""
    if not expr.constant or expr.value is None:
        return False
    return not math.isnan(expr.value)


# ---- arrays, maps, rows


def _nested(operator: str, a: Expr, b: Expr, kind: Type, analysis: Any) -> str:
    if operator == NULL_SAFE:
        return f"({a.sql} IS DISTINCT FROM {b.sql})"
    if operator == "<>":
        return f"(NOT {_nested('=', a, b, kind, analysis)})"
    if operator in _FLIPPED:
        return _nested(_FLIPPED[operator], b, a, kind, analysis)
    build = {"array": _arrays, "map": _maps, "row": _rows}[kind.base]
    return let([a.sql, b.sql], lambda x, y: build(operator, x, y, kind, analysis))


def _arrays(operator: str, a: str, b: str, kind: Type, analysis: Any) -> str:
    element = kind.element
    if operator != "=":
        checks = [f"list_count({x}) < len({x})" for x in (a, b)]
        return _in_order(operator, a, b, checks, "ARRAY comparison not supported for arrays")
    name = f"i{len(a)}_"
    one, two = Expr(f"{a}[{name}]", element), Expr(f"{b}[{name}]", element)
    equal = _compared("=", one, two, element, analysis)
    verdicts = f"list_transform(range(1, len({a}) + 1), lambda {name}: {equal})"
    return (
        f"CASE WHEN len({a}) <> len({b}) THEN false "
        f"WHEN {a} IS NULL OR {b} IS NULL THEN NULL ELSE {_all(verdicts)} END"
    )


def _all(verdicts: str) -> str:
    """Return the conjunction of a list of booleans, of which some may be unknown."""

    def build(items: str) -> str:
        return (
            f"CASE WHEN list_contains({items}, false) THEN false "
            f"WHEN list_count({items}) < len({items}) THEN NULL ELSE true END"
        )

    return let([verdicts], build)


def _maps(operator: str, a: str, b: str, kind: Type, analysis: Any) -> str:
    value = kind.value
    name = f"k{len(a)}_"
    pair = [Expr(f"map_extract_value({x}, {name})", value) for x in (a, b)]
    equal = f"map_contains({b}, {name}) AND {_compared('=', pair[0], pair[1], value, analysis)}"
    verdicts = f"list_transform(map_keys({a}), lambda {name}: {equal})"
    return (
        f"CASE WHEN cardinality({a}) <> cardinality({b}) THEN false "
        f"WHEN {a} IS NULL OR {b} IS NULL THEN NULL ELSE {_all(verdicts)} END"
    )


def _rows(operator: str, a: str, b: str, kind: Type, analysis: Any) -> str:
    names = [f"f{i}" for i in range(len(kind.fields))]
    pairs = [
        [Expr(f"struct_extract({x}, '{name}')", field.type) for x in (a, b)]
        for name, field in zip(names, kind.fields, strict=True)
    ]
    if operator != "=":
        checks = [f"{x.sql} IS NULL" for pair in pairs for x in pair]
        return _in_order(operator, a, b, checks, "ROW comparison not supported for fields")
    equal = [
        _compared("=", pair[0], pair[1], field.type, analysis)
        for pair, field in zip(pairs, kind.fields, strict=True)
    ]
    return f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL ELSE {' AND '.join(equal)} END"


def _in_order(operator: str, a: str, b: str, checks: list[str], refusal: str) -> str:
    failed = raise_sql("NOT_SUPPORTED", quote(f"{refusal} with null elements"), "BOOLEAN")
    return (
        f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL "
        f"WHEN {' OR '.join(checks)} THEN {failed} ELSE {a} {operator} {b} END"
    )


# ---- BETWEEN and IN


def between(value: Expr, low: Expr, high: Expr, analysis: Any, at: Position | None) -> Expr:
    """Return `value BETWEEN low AND high`. Raises TYPE_MISMATCH."""
    common: Type | None = value.type
    for bound in (low, high):
        common = common_super_type(common, bound.type) if common else None
    if common is None or not is_orderable(common):
        message = f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}"
        raise TrinoError("TYPE_MISMATCH", message, at)
    a, b, c = (casts.coerce(x, common, analysis) for x in (value, low, high))
    if not _special(common) or (common.base in ("real", "double") and _is_number(c)):
        return Expr(f"({a.sql} BETWEEN {b.sql} AND {c.sql})", BOOLEAN)
    above = _compared(">=", a, b, common, analysis)
    below = _compared("<=", a, c, common, analysis)
    return Expr(f"({above} AND {below})", BOOLEAN)


def in_list(value: Expr, items: Sequence[Expr], kind: Type, analysis: Any) -> Expr:
    """Return `value IN (items)`, all of which coerce to `kind`."""
    left = casts.coerce(value, kind, analysis)
    if _special(kind) and not (kind.base in ("real", "double") and all(map(_is_number, items))):
        coerced = [casts.coerce(item, kind, analysis) for item in items]

        def build(x: str) -> str:
            mine = Expr(x, kind)
            return " OR ".join(_compared("=", mine, item, kind, analysis) for item in coerced)

        return Expr(let([left.sql], build), BOOLEAN)
    inside = ", ".join(_item(item, kind, analysis) for item in items)
    return Expr(f"({left.sql} IN ({inside}))", BOOLEAN)


def _item(item: Expr, kind: Type, analysis: Any) -> str:
    if kind.base in INTEGERS and isinstance(item.value, int) and -(2**31) <= item.value < 2**31:
        return str(item.value)
    return casts.coerce(item, kind, analysis).sql


# ---- LIKE

_BAD_ESCAPE = "Escape character must be followed by '%', '_' or the escape character itself"
_LONG_ESCAPE = "Escape string must be a single character"


def like(value: Expr, pattern: Expr, escape: Expr | None) -> Expr:
    """Return `value LIKE pattern ESCAPE escape`; all are texts."""
    if escape is None or (escape.constant and escape.value is None):
        if escape is not None:
            return Expr("CAST(NULL AS BOOLEAN)", BOOLEAN)
        return Expr(f"({value.sql} LIKE {pattern.sql})", BOOLEAN)
    if escape.constant and isinstance(escape.value, str):
        return _escaped(value, pattern, escape.value)
    return Expr(let([value.sql, pattern.sql, escape.sql], _checked), BOOLEAN)


def _escaped(value: Expr, pattern: Expr, escape: str) -> Expr:
    if len(escape) != 1:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", _LONG_ESCAPE)
    sql = f"{value.sql} LIKE {pattern.sql} ESCAPE {quote(escape)}"
    rule = _well_escaped(re.escape(escape))
    if isinstance(pattern.value, str):
        if not re.fullmatch(rule, pattern.value, re.DOTALL):
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", _BAD_ESCAPE)
        return Expr(f"({sql})", BOOLEAN)
    failed = raise_sql("INVALID_FUNCTION_ARGUMENT", quote(_BAD_ESCAPE), "BOOLEAN")
    fits = f"regexp_full_match({pattern.sql}, {quote(rule)}, 's')"
    return Expr(f"(CASE WHEN NOT {fits} THEN {failed} ELSE {sql} END)", BOOLEAN)


def _well_escaped(escape: str) -> str:
    return f"(?:[^{escape}]|{escape}[%_{escape}])*"


def _checked(value: str, pattern: str, escape: str) -> str:
    quoted = f"regexp_escape({escape})"
    rule = f"'(?:[^' || {quoted} || ']|' || {quoted} || '[%_' || {quoted} || '])*'"
    bad, long = (
        raise_sql("INVALID_FUNCTION_ARGUMENT", quote(text), "BOOLEAN")
        for text in (_BAD_ESCAPE, _LONG_ESCAPE)
    )
    return (
        f"CASE WHEN length({escape}) <> 1 THEN {long} "
        f"WHEN NOT regexp_full_match({pattern}, {rule}, 's') THEN {bad} "
        f"ELSE {value} LIKE {pattern} ESCAPE {escape} END"
    )
