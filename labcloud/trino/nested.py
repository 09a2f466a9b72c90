"""Rows, arrays and maps in expressions: constructors, subscripts, fields, `||`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcloud.trino import casts, tree
from labcloud.trino.coercion import to_single_type
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql
from labcloud.trino.expr import Expr
from labcloud.trino.functions import resolve
from labcloud.trino.functions.nested import let
from labcloud.trino.literals import null
from labcloud.trino.scope import Scope
from labcloud.trino.types import (
    BIGINT,
    UNKNOWN,
    VARCHAR,
    Field,
    Type,
    array,
    char,
    common_super_type,
    duckdb_type,
    row,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

ARGUMENT = "INVALID_FUNCTION_ARGUMENT"


def row_constructor(node: tree.Row, scope: Scope, analysis: Analysis) -> Expr:
    """ROW(a, b)."""
    items = [analysis.expression(item, scope) for item in node.items]
    inside = ", ".join(f"'f{i}': {item.sql}" for i, item in enumerate(items))
    return Expr(f"{{{inside}}}", row(*(Field(None, item.type) for item in items)))


def array_constructor(node: tree.Array, scope: Scope, analysis: Analysis) -> Expr:
    """ARRAY[a, b]."""
    if not node.items:
        return Expr(f"CAST([] AS {duckdb_type(array(UNKNOWN))})", array(UNKNOWN))
    exprs = [analysis.expression(item, scope) for item in node.items]
    items, kind = to_single_type(exprs, [item.at for item in node.items], "ARRAY elements")
    return Expr(f"[{', '.join(item.sql for item in items)}]", array(kind))


# ---- fields and subscripts


def field(node: tree.DereferenceExpression, base: Expr) -> Expr:
    """Return a field of a row. Raises TYPE_MISMATCH, COLUMN_NOT_FOUND, AMBIGUOUS_NAME."""
    from labcloud.trino.formatter import format_expression

    if base.type.base != "row":
        raise TrinoError(
            "TYPE_MISMATCH",
            f"Expression {format_expression(node.base)} is not of type ROW",
            node.base.at,
        )
    wanted = node.field.value.lower()
    found = [i for i, f in enumerate(base.type.fields) if (f.name or "").lower() == wanted]
    if not found:
        raise TrinoError(
            "COLUMN_NOT_FOUND", f"Column '{format_expression(node)}' cannot be resolved", node.at
        )
    if len(found) > 1:
        raise TrinoError(
            "AMBIGUOUS_NAME", f"Ambiguous row field reference: {node.field.value}", node.field.at
        )
    kind = base.type.fields[found[0]].type
    return Expr(f"struct_extract({base.sql}, 'f{found[0]}')", kind)


def subscript(node: tree.Subscript, scope: Scope, analysis: Analysis) -> Expr:
    """base[index] of an array, a map or a row."""
    base, index = analysis.expression(node.base, scope), analysis.expression(node.index, scope)
    kind = base.type
    if kind.base == "row":
        return _row_subscript(base, index, node.index)
    if kind.base == "array" and common_super_type(index.type, BIGINT) == BIGINT:
        return _array_subscript(base, casts.coerce(index, BIGINT))
    if kind.base == "map" and (common := common_super_type(kind.key, index.type)) is not None:
        if common == kind.key:
            return _map_subscript(base, casts.coerce(index, kind.key), analysis)
    raise TrinoError("TYPE_MISMATCH", f"Cannot apply operator: {kind}[{index.type}]", node.at)


def _row_subscript(base: Expr, index: Expr, node: tree.Expression) -> Expr:
    if not isinstance(node, tree.LongLiteral):
        raise TrinoError(
            "EXPRESSION_NOT_CONSTANT",
            "Subscript expression on ROW requires a constant index",
            node.at,
        )
    number, most = node.value, len(base.type.fields)
    if number <= 0:
        raise TrinoError(
            ARGUMENT, f"Invalid subscript index: {number}. ROW indices start at 1", node.at
        )
    if number > most:
        raise TrinoError(
            ARGUMENT, f"Subscript index out of bounds: {number}, max value is {most}", node.at
        )
    kind = base.type.fields[number - 1].type
    return Expr(f"struct_extract({base.sql}, 'f{number - 1}')", kind)


def _array_subscript(base: Expr, index: Expr) -> Expr:
    kind = base.type.element
    target = duckdb_type(kind)

    def checked(a: str, i: str) -> str:
        zero = raise_sql(ARGUMENT, quote("SQL array indices start at 1"), target)
        negative = raise_sql(ARGUMENT, f"'Array subscript is negative: ' || {i}", target)
        beyond = raise_sql(
            ARGUMENT,
            "'Array subscript must be less than or equal to array length: ' "
            f"|| {i} || ' > ' || len({a})",
            target,
        )
        return (
            f"CASE WHEN {i} = 0 THEN {zero} WHEN {i} < 0 THEN {negative} "
            f"WHEN {i} > len({a}) THEN {beyond} ELSE list_extract({a}, {i}) END"
        )

    return Expr(let([base.sql, index.sql], checked), kind)


def _map_subscript(base: Expr, index: Expr, analysis: Analysis) -> Expr:
    kind = base.type
    try:
        shown = casts.cast(Expr("{0}", kind.key), VARCHAR, analysis).sql
        message = "'Key not present in map: ' || " + (
            f"({shown})" if kind.key.base != "varchar" else shown
        )
    except TrinoError:
        message = quote("Key not present in map")

    def checked(m: str, k: str) -> str:
        missing = raise_sql(ARGUMENT, message.replace("{0}", k), duckdb_type(kind.value))
        return (
            f"CASE WHEN {m} IS NULL OR {k} IS NULL THEN NULL "
            f"WHEN NOT map_contains({m}, {k}) THEN {missing} ELSE {m}[{k}] END"
        )

    return Expr(let([base.sql, index.sql], checked), kind.value)


# ---- concatenation


def concat(left: Expr, right: Expr, node: tree.Concat, analysis: Analysis) -> Expr:
    """left || right, of text, binaries, arrays (and an array's elements)."""
    kinds = (left.type.base, right.type.base)
    if "array" not in kinds and set(kinds) <= {"varchar", "char", "unknown"}:
        return _concat_text(left, right)
    if set(kinds) <= {"varchar", "char", "unknown", "varbinary", "array"} or "array" in kinds:
        try:
            return resolve.invoke("concat", [left, right], node, analysis)
        except TrinoError as error:
            if error.name != "FUNCTION_NOT_FOUND":
                raise
    raise resolve_error(left.type, right.type, node.at)


def resolve_error(left: Type, right: Type, at: Position) -> TrinoError:
    """Return the error for operands that `||` does not take."""
    from labcloud.trino.functions.registry import FUNCTIONS
    from labcloud.trino.functions.signatures import shown

    expected = ", ".join(sorted(shown(s) for s in FUNCTIONS["concat"]))
    return TrinoError(
        "FUNCTION_NOT_FOUND",
        f"Unexpected parameters ({left}, {right}) for function concat. Expected: {expected}",
        at,
    )


def _concat_text(left: Expr, right: Expr) -> Expr:
    if left.type.base == right.type.base == "char":
        kind = char((left.type.length or 0) + (right.type.length or 0))
    elif {left.type.base, right.type.base} == {"unknown", "varchar"}:
        # Trino takes NULL for an array here: of its signatures that of an element fits best.
        known = left if left.type.base == "varchar" else right
        return null(array(known.type))
    elif "unknown" in (left.type.base, right.type.base):
        kind = VARCHAR
    elif "char" in (left.type.base, right.type.base):
        both = [(e.type.length if e.type.length is not None else 0) for e in (left, right)]
        kind = char(sum(both)) if all(e.type.length is not None for e in (left, right)) else VARCHAR
    else:
        kind = VARCHAR
    return Expr(f"({left.sql} || {right.sql})", kind)
