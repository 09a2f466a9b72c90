"""TABLE(sequence(…)) and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcloud.trino import tree
from labcloud.trino.block import column
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import BIGINT, can_coerce

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.relations import Relation

_PARAMETERS = ("start", "stop", "step")


def compile_function(node: tree.TableFunction, outer: Scope, analysis: Analysis) -> Relation:
    """Compile a table function. Raises FUNCTION_NOT_FOUND and errors of its arguments."""
    from labcloud.trino.relations import Relation

    if node.name.lower().split(".")[-1] != "sequence":
        message = f"Table function '{node.name}' not registered"
        raise TrinoError("FUNCTION_NOT_FOUND", message, node.at)
    given = _arguments(node, outer, analysis)
    start = given.get("start", 0)
    stop = given.get("stop")
    step = given.get("step", 1)
    if stop is None:
        raise TrinoError("MISSING_ARGUMENT", "Missing argument: STOP", node.at)
    if step == 0:
        step = -1 if start < stop else 1
    if (start < stop and step < 0) or (start > stop and step > 0):
        way = "positive" if start < stop else "negative"
        message = f"Step must be {way} for sequence [{start}, {stop}]"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    alias = analysis.alias()
    end = stop + (1 if step > 0 else -1)
    sql = f"(SELECT range AS c0 FROM range({start}, {end}, {step})) AS {alias}"
    field = Field("sequential_number", None, BIGINT, column(alias, 0))
    return Relation(sql, [field], {alias})


def _arguments(node: tree.TableFunction, outer: Scope, analysis: Analysis) -> dict[str, int]:
    if len(node.arguments) > len(_PARAMETERS):
        message = (
            f"Too many arguments. Expected at most {len(_PARAMETERS)} arguments, "
            f"got {len(node.arguments)} arguments"
        )
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message, node.at)
    named = [name is not None for name, _ in node.arguments]
    if any(named) and not all(named):
        message = "All arguments must be passed by name or all must be passed positionally"
        raise TrinoError("INVALID_ARGUMENTS", message, node.at)
    given: dict[str, int] = {}
    for position, (name, value) in enumerate(node.arguments):
        key = _PARAMETERS[position] if name is None else name.value.lower()
        if key not in _PARAMETERS:
            message = f"Unexpected argument name: {key.upper()}"
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", message, node.at)
        if key in given:
            message = f"Duplicate argument name: {key.upper()}"
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", message, node.at)
        given[key] = _whole(key, analysis.expression(value, outer), value)
    return given


def _whole(key: str, value: Expr, at: tree.Node) -> int:
    if not can_coerce(value.type, BIGINT):
        message = f"Invalid type of argument {key.upper()}. Expected bigint, got {value.type}"
        raise TrinoError("TYPE_MISMATCH", message, at.at)
    if not value.constant:
        message = f"Invalid argument {key.upper()}. Expected a constant"
        raise TrinoError("INVALID_ARGUMENTS", message, at.at)
    if value.value is None:
        message = "Start is null" if key == "start" else f"{key.capitalize()} is null"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    return int(value.value)
