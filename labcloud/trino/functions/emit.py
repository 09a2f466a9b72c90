"""What the modules that declare functions share: Python functions as SQL, lengths, errors."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable
from typing import Any

from labcloud.trino.errors import quote, raise_sql, udf_error
from labcloud.trino.functions.registry import Call, null_safe
from labcloud.trino.types import VARCHAR, Type, duckdb_type, varchar

UNBOUNDED = 2_147_483_647
"""The length that Trino's type calculation gives an unbounded varchar."""


def python(function: Callable[..., Any]) -> Callable[[Call], str]:
    """Return an `emit` that calls a Python function with the arguments as they were bound.

    A number comes back as text, for DuckDB takes a Python NaN for NULL.
    """
    as_text = _as_text(function)

    def emit(call: Call) -> str:
        kinds = [argument.type for argument in call.args]
        arguments = ", ".join(argument.sql for argument in call.args)
        if call.result.base in ("double", "real"):
            text = f"{call.udf(as_text, kinds, VARCHAR)}({arguments})"
            return f"CAST({text} AS {duckdb_type(call.result)})"
        return f"{call.udf(function, kinds, call.result)}({arguments})"

    return emit


def _as_text(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def as_text(*args: Any) -> str | None:
        number = function(*args)
        return None if number is None else repr(number)

    return as_text


def named(function: Callable[..., Any], name: str, *facts: object) -> Callable[..., Any]:
    """Name a function that knows facts of its own, so that DuckDB tells it from its siblings.

    DuckDB's names do not tell capital letters from small ones.
    """
    digest = hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()
    function.__qualname__ = f"{name}_{digest}"
    return function


def of_arity(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Tell DuckDB how many arguments a function takes that takes any number."""
    kind = inspect.Parameter.POSITIONAL_ONLY
    names = [inspect.Parameter(f"a{index}", kind) for index in range(count)]
    function.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return function


def nullable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a Python function return None; its arguments are still never None."""

    @functools.wraps(function)
    def strict(*args: Any) -> Any:
        return None if None in args else function(*args)

    return null_safe(strict)


def bounded(length: int) -> Type:
    """Return varchar(length); from `UNBOUNDED` up, the unbounded varchar."""
    return varchar(length if length < UNBOUNDED else None)


def length_of(kind: Type) -> int:
    """Return the length of a varchar as Trino's type calculation sees it."""
    return UNBOUNDED if kind.length is None else kind.length


def invalid(message: str) -> ValueError:
    """Return what a Python function raises for INVALID_FUNCTION_ARGUMENT."""
    return udf_error("INVALID_FUNCTION_ARGUMENT", message)


def guarded(condition: str, message: str, value: str, kind: Type) -> str:
    """Return SQL that is `value` where `condition` holds, else INVALID_FUNCTION_ARGUMENT."""
    error = raise_sql("INVALID_FUNCTION_ARGUMENT", quote(message), duckdb_type(kind))
    return f"CASE WHEN NOT ({condition}) THEN {error} ELSE {value} END"
