"""Windows of queries: OVER, the WINDOW clause, frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labcloud.trino import ordering, tree, walk
from labcloud.trino.errors import Position, TrinoError, quote, raise_sql
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.scope import Scope
from labcloud.trino.types import (
    INTEGERS,
    Type,
    common_super_type,
    duckdb_type,
    is_comparable,
    is_numeric,
    is_orderable,
)

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


def over(node: tree.FunctionCall, scope: Scope, analysis: Analysis) -> str:
    """Return what stands in OVER's brackets. Raises Trino's errors of window specifications."""
    assert node.window is not None
    if isinstance(node.window, tree.Identifier):
        spec = _named(node.window, scope)
        return specification(spec, scope, analysis, spec.at)
    return specification(resolved(node.window, scope), scope, analysis, node.window.at)


def _named(name: tree.Identifier, scope: Scope) -> tree.WindowSpecification:
    found = scope.window_named(name.value.lower())
    if found is None:
        message = f"Cannot resolve WINDOW name {name.value}"
        raise TrinoError("INVALID_WINDOW_REFERENCE", message, name.at)
    return resolved(found, scope)


def resolved(spec: tree.WindowSpecification, scope: Scope) -> tree.WindowSpecification:
    """Return a specification with what it takes over from a named window."""
    if spec.existing is None:
        return spec
    base = _named(spec.existing, scope)
    if spec.partition_by:
        message = "WINDOW specification with named WINDOW reference cannot specify PARTITION BY"
        raise TrinoError("INVALID_PARTITION_BY", message, spec.partition_by[0].at)
    if spec.order_by and base.order_by:
        message = "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY"
        raise TrinoError("INVALID_ORDER_BY", message, spec.order_by[0].at)
    if base.frame is not None:
        message = "Cannot reference named WINDOW containing frame specification"
        raise TrinoError("INVALID_WINDOW_REFERENCE", message, spec.existing.at)
    return tree.WindowSpecification(
        None, base.partition_by, spec.order_by or base.order_by, spec.frame, at=spec.at
    )


def check_definitions(
    windows: Sequence[tuple[tree.Identifier, tree.WindowSpecification]],
    scope: Scope,
    analysis: Analysis,
) -> None:
    """Check the WINDOW clause, used or not: names once, each only of those before it."""
    seen: dict[str, tree.WindowSpecification] = {}
    for name, spec in windows:
        key = name.value.lower()
        if key in seen:
            message = f"WINDOW name '{name.value}' specified more than once"
            raise TrinoError("DUPLICATE_WINDOW_NAME", message, name.at)
        if spec.existing is not None and spec.existing.value.lower() not in seen:
            message = f"Cannot resolve WINDOW name {spec.existing.value}"
            raise TrinoError("INVALID_WINDOW_REFERENCE", message, spec.existing.at)
        seen[key] = spec
        specification(resolved(spec, scope), scope, analysis, spec.at)


def specification(
    spec: tree.WindowSpecification, scope: Scope, analysis: Analysis, at: Position
) -> str:
    """Return a resolved specification as DuckDB writes it."""
    parts = []
    if spec.partition_by:
        keys = []
        for node in spec.partition_by:
            expr = analysis.expression(node, scope)
            if not is_comparable(expr.type):
                message = (
                    f"{expr.type} is not comparable, and therefore cannot be used in window "
                    "function PARTITION BY"
                )
                raise TrinoError("TYPE_MISMATCH", message, node.at)
            keys.append(ordering.comparable(expr))
        parts.append(f"PARTITION BY {', '.join(keys)}")
    order = []
    for item in spec.order_by:
        expr = analysis.expression(item.key, scope)
        if not is_orderable(expr.type):
            message = (
                f"{expr.type} is not orderable, and therefore cannot be used in window function "
                "ORDER BY"
            )
            raise TrinoError("TYPE_MISMATCH", message, item.at)
        order.append(ordering.Key(expr, item.ascending, item.nulls_first))
    if order:
        parts.append(f"ORDER BY {', '.join(key.order() for key in order)}")
    if spec.frame is not None:
        parts.append(_frame(spec, spec.frame, order, scope, analysis, at))
    return " ".join(parts)


# ---- frames


def _frame(
    spec: tree.WindowSpecification,
    frame: tree.WindowFrame,
    order: list[ordering.Key],
    scope: Scope,
    analysis: Analysis,
    at: Position,
) -> str:
    if frame.pattern:
        message = "Pattern recognition in a window's frame is not yet supported"
        raise TrinoError("NOT_SUPPORTED", message, frame.at)
    end = frame.end or tree.FrameBound("CURRENT ROW")
    _check_bounds(frame, end)
    bounds = []
    for bound, word in ((frame.start, "start"), (end, "end")):
        if bound.value is None:
            bounds.append(bound.kind)
            continue
        value = _offset(bound.value, word, spec, frame, order, scope, analysis, at)
        bounds.append(f"{value} {bound.kind}")
    return f"{frame.unit} BETWEEN {bounds[0]} AND {bounds[1]}"


def _check_bounds(frame: tree.WindowFrame, end: tree.FrameBound) -> None:
    start = frame.start.kind
    if start == "UNBOUNDED FOLLOWING":
        message = "Window frame start cannot be UNBOUNDED FOLLOWING"
    elif end.kind == "UNBOUNDED PRECEDING":
        message = "Window frame end cannot be UNBOUNDED PRECEDING"
    elif (start, end.kind) in (
        ("CURRENT ROW", "PRECEDING"),
        ("FOLLOWING", "PRECEDING"),
        ("FOLLOWING", "CURRENT ROW"),
    ):
        message = f"Window frame starting from {start} cannot end with {end.kind}"
    else:
        return
    raise TrinoError("INVALID_WINDOW_FRAME", message, frame.at)


def _offset(
    node: tree.Expression,
    word: str,
    spec: tree.WindowSpecification,
    frame: tree.WindowFrame,
    order: list[ordering.Key],
    scope: Scope,
    analysis: Analysis,
    at: Position,
) -> str:
    if frame.unit == "RANGE":
        return _range_offset(node, spec, order, scope, analysis, at)
    if frame.unit == "GROUPS" and not order:
        message = "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY"
        raise TrinoError("MISSING_ORDER_BY", message, at)
    expr = analysis.expression(node, scope)
    if not (expr.type.base in INTEGERS or (expr.type.base == "decimal" and expr.type.scale == 0)):
        unit = "ROWS" if frame.unit == "ROWS" else "of type GROUPS"
        message = (
            f"Window frame {unit} {word} value type must be exact numeric type with scale 0 "
            f"(actual {expr.type})"
        )
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    return _not_negative(expr, f"CAST({expr.sql} AS BIGINT)")


def _not_negative(expr: Expr, sql: str, kind: str = "BIGINT") -> str:
    """Return an offset that fails where it is negative or null."""
    message = "Window frame offset value must not be negative or null"
    if expr.constant:
        if expr.value is None or expr.value < 0:
            raise TrinoError("INVALID_WINDOW_FRAME", message)
        return sql
    failure = raise_sql("INVALID_WINDOW_FRAME", quote(message), kind)
    return f"CASE WHEN {expr.sql} >= 0 THEN {sql} ELSE {failure} END"


def _range_offset(
    node: tree.Expression,
    spec: tree.WindowSpecification,
    order: list[ordering.Key],
    scope: Scope,
    analysis: Analysis,
    at: Position,
) -> str:
    if not order:
        message = "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY"
        raise TrinoError("MISSING_ORDER_BY", message, at)
    if len(order) != 1:
        message = (
            "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in "
            f"ORDER BY (actual: {len(order)})"
        )
        raise TrinoError("INVALID_ORDER_BY", message, spec.order_by[0].at)
    key = order[0].expr
    if not (is_numeric(key.type) or _is_datetime(key.type)):
        message = (
            "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be "
            f"numeric, datetime or interval (actual: {key.type})"
        )
        raise TrinoError("TYPE_MISMATCH", message, spec.order_by[0].key.at)
    expr = analysis.expression(node, scope)
    fits = _interval(expr.type) if not is_numeric(key.type) else is_numeric(expr.type)
    if _interval(key.type):
        fits = expr.type == key.type
    if fits and is_numeric(key.type):
        fits = common_super_type(key.type, expr.type) is not None
    if not fits:
        message = (
            f"Window frame RANGE value type ({expr.type}) not compatible with sort item type "
            f"({key.type})"
        )
        raise TrinoError("TYPE_MISMATCH", message, node.at)
    if _interval(key.type):
        return _not_negative(expr, expr.sql, duckdb_type(expr.type))
    if not is_numeric(key.type):
        step = (
            f"to_milliseconds({expr.sql})"
            if expr.type.base == "interval day to second"
            else f"to_months({expr.sql})"
        )
        return _not_negative(expr, step, "INTERVAL")
    kind = key.type if key.type.base in ("real", "double") else expr.type
    if key.type.base in INTEGERS and kind.base in INTEGERS:
        kind = key.type
    return _not_negative(expr, f"CAST({expr.sql} AS {duckdb_type(kind)})", duckdb_type(kind))


def _is_datetime(kind: Type) -> bool:
    return kind.base == "date" or kind.base.startswith("time") or _interval(kind)


def _interval(kind: Type) -> bool:
    return kind.base.startswith("interval")


# ---- checks after types are known


_VALUE_FUNCTIONS = ("first_value", "last_value", "nth_value", "lead", "lag")


def check_calls(
    node: tree.QuerySpecification, nodes: tuple[tree.Expression, ...], scope: Scope
) -> None:
    """Check the window functions of a query.

    Raises NESTED_WINDOW, NOT_SUPPORTED, MISSING_ORDER_BY, INVALID_WINDOW_FRAME and
    NULL_TREATMENT_NOT_ALLOWED.
    """
    for call in walk.windows(nodes):
        assert isinstance(call, tree.FunctionCall)
        if call.filter is not None:
            message = "FILTER is not yet supported for window functions"
            raise TrinoError("NOT_SUPPORTED", message, node.at)
        if found := walk.windows((call.arguments, call.order_by)):
            message = (
                "Cannot nest window functions or row pattern measures inside window function "
                "arguments"
            )
            raise TrinoError("NESTED_WINDOW", message, found[0].at)
        if call.distinct:
            shown = format_expression(call)
            message = f"DISTINCT in window function parameters not yet supported: {shown}"
            raise TrinoError("NOT_SUPPORTED", message, node.at)
        if call.order_by:
            message = "Window function with ORDER BY is not supported"
            raise TrinoError("NOT_SUPPORTED", message, call.at)
        _check_clauses(call, scope)


def _check_clauses(call: tree.FunctionCall, scope: Scope) -> None:
    window = call.window
    assert window is not None
    spec = _named(window, scope) if isinstance(window, tree.Identifier) else resolved(window, scope)
    if found := walk.windows(spec):
        message = "Cannot nest window functions or row pattern measures inside window specification"
        raise TrinoError("NESTED_WINDOW", message, found[0].at)
    if call.name in ("lag", "lead"):
        if not spec.order_by:
            message = f"{call.name} function requires an ORDER BY window clause"
            raise TrinoError("MISSING_ORDER_BY", message, window.at)
        if spec.frame is not None:
            message = f"Cannot specify window frame for {call.name} function"
            raise TrinoError("INVALID_WINDOW_FRAME", message, spec.frame.at)
    if call.nulls is not None and call.name not in _VALUE_FUNCTIONS:
        message = f"Cannot specify null treatment clause for {call.name} function"
        raise TrinoError("NULL_TREATMENT_NOT_ALLOWED", message, call.at)
