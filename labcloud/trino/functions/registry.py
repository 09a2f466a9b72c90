"""How Trino's functions are declared: one line a signature, in Trino's own notation.

    scalar("upper", "varchar(x)", "varchar(x)", "upper({0})")
    scalar("element_at", "array(E), bigint", "E", _element_at)
    scalar("concat", "varchar", "varchar", _concat, variadic=True)
    scalar("transform", "array(T), function(T,U)", "array(U)", "list_transform({0}, {1})")
    aggregate("sum", "integer", "bigint", lambda call: call.over("sum", call.sql(0)))

Type variables are single capital letters; lengths and digits of types are single small letters
(varchar(x), decimal(p,s), timestamp(p)). "function(T,U)" takes T and returns U. `where` is what
the variables must be, as Trino prints it: "T:comparable", "K, V:orderable".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labcloud.trino.errors import Position
from labcloud.trino.expr import Expr
from labcloud.trino.types import Type

ResultOf = str | Callable[[list[Type]], Type]
"""A type in Trino's notation, or a function from the arguments' types (as bound) to it."""


@dataclass(slots=True)
class Call:
    """One call being compiled, given to a signature's `emit`; arguments are coerced already."""

    name: str
    args: list[Expr]
    result: Type
    at: Position
    udfs: Udfs
    session: Any = None
    """The statement's session: `started` (datetime, UTC), `zone` (name), `user`, `query_id`."""
    distinct: bool = False
    order_by: str = ""
    filter: str = ""
    window: str | None = None
    nulls: str = ""
    exact: bool = False
    """For aggregates and window functions: SQL of ORDER BY's keys, of FILTER's condition, of what
    stands in OVER's brackets (None without OVER), and "IGNORE" or "RESPECT". `exact`: the statement
    overflowed and is compiled again (Analysis.exact)."""

    def sql(self, index: int) -> str:
        """Return an argument's SQL."""
        return self.args[index].sql

    def type(self, index: int) -> Type:
        """Return an argument's type, as bound."""
        return self.args[index].type

    def udf(self, function: Callable[..., Any], args: list[Type], result: Type) -> str:
        """Return the SQL name of a Python function, which is registered before the query runs.

        It is called row by row with Python values (row → dict of f0…, decimal → Decimal, map →
        dict, varbinary → bytes). It sees None only where it is declared with `null_safe`.
        It raises `udf_error`.
        """
        return self.udfs.name(function, args, result)

    def over(self, function: str, *args: str) -> str:
        """Return an aggregate or window function with this call's clauses (DISTINCT … OVER)."""
        inside = ", ".join(args)
        if self.distinct:
            inside = f"DISTINCT {inside}"
        if self.order_by:
            inside += f" ORDER BY {self.order_by}"
        if self.nulls:
            inside += f" {self.nulls} NULLS"
        text = f"{function}({inside})"
        if self.filter:
            text += f" FILTER (WHERE {self.filter})"
        if self.window is not None:
            text += f" OVER ({self.window})"
        return text


def null_safe(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a Python function that wants to see NULL arguments as None."""
    function.null_safe = True  # type: ignore[attr-defined]
    return function


def volatile(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a Python function whose result changes from call to call."""
    function.volatile = True  # type: ignore[attr-defined]
    return function


@dataclass(slots=True)
class Udfs:
    """The Python functions that one statement needs in DuckDB."""

    wanted: dict[str, tuple[Callable[..., Any], list[Type], Type]] = field(default_factory=dict)

    def name(self, function: Callable[..., Any], args: list[Type], result: Type) -> str:
        """Return a name that is the same for the same function and types.

        Closures of one name that are made for several calls get a number each.
        """
        from labcloud.trino.types import duckdb_type

        kinds = "|".join([*(duckdb_type(kind) for kind in args), duckdb_type(result)])
        plain = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__qualname__}({kinds})"
        base = plain.replace('"', "'")
        name, number = f'"{base}"', 1
        while name in self.wanted and self.wanted[name][0] is not function:
            number += 1
            name = f'"{base}#{number}"'
        self.wanted[name] = (function, args, result)
        return name


Emit = str | Callable[[Call], str]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a function, as declared."""

    name: str
    args: tuple[str, ...]
    result: ResultOf
    emit: Emit
    kind: str = "scalar"
    variadic: bool = False
    shown: str | None = None
    """How Trino prints it in "Expected: …", where that differs from `args`."""
    where: str = ""
    """The type variables with what is asked of them, as in "Expected: f(t) T:orderable"."""


FUNCTIONS: dict[str, list[Signature]] = {}
"""Name → its signatures, in the order in which they were declared."""


def _declare(
    kind: str,
    name: str,
    args: str,
    result: ResultOf,
    emit: Emit,
    variadic: bool,
    shown: str | None,
    where: str,
) -> None:
    signature = Signature(name, tuple(split(args)), result, emit, kind, variadic, shown, where)
    FUNCTIONS.setdefault(name, []).append(signature)


def scalar(
    name: str,
    args: str,
    result: ResultOf,
    emit: Emit,
    *,
    variadic: bool = False,
    shown: str | None = None,
    where: str = "",
) -> None:
    """Declare a scalar function. `emit` is a template over {0}, {1}, … or makes the SQL.

    `variadic` repeats the last argument any number of times, also none.
    """
    _declare("scalar", name, args, result, emit, variadic, shown, where)


def aggregate(
    name: str,
    args: str,
    result: ResultOf,
    emit: Emit,
    *,
    variadic: bool = False,
    shown: str | None = None,
    where: str = "",
) -> None:
    """Declare an aggregate; `emit` builds on `call.over`, so that it serves in windows, too."""
    _declare("aggregate", name, args, result, emit, variadic, shown, where)


def window(
    name: str,
    args: str,
    result: ResultOf,
    emit: Emit,
    *,
    variadic: bool = False,
    shown: str | None = None,
    where: str = "",
) -> None:
    """Declare a window function; `emit` builds on `call.over`."""
    _declare("window", name, args, result, emit, variadic, shown, where)


def split(text: str) -> list[str]:
    """Split at the commas outside brackets."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    if last := text[start:].strip():
        parts.append(last)
    return parts
