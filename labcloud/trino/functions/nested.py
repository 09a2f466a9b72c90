"""What the functions over arrays and maps share: SQL that names its parts, lambdas, equality."""

from __future__ import annotations

import re
from collections.abc import Callable

from labcloud.trino.errors import quote, raise_sql
from labcloud.trino.expr import Expr, LambdaBody
from labcloud.trino.functions.registry import Call
from labcloud.trino.types import Type, duckdb_type

ARGUMENT = "INVALID_FUNCTION_ARGUMENT"
_SHORT = re.compile(r'"?\w+"?(\."?\w+"?)*|\'[^\']{0,40}\'')


def let(sqls: list[str], build: Callable[..., str]) -> str:
    """Return what `build` makes of names for expressions, each of which is evaluated once.

    Nested calls so grow by addition, not multiplication.
    """
    if all(_SHORT.fullmatch(sql) for sql in sqls):
        return f"({build(*sqls)})"
    fields = ", ".join(f"'a{index}': {sql}" for index, sql in enumerate(sqls))
    names = [f"b_.a{index}" for index in range(len(sqls))]
    return f"list_transform([{{{fields}}}], lambda b_: {build(*names)})[1]"


def bind(call: Call, build: Callable[..., str]) -> str:
    """Return a CASE over the arms that `build` makes of names for the call's arguments.

    The result is NULL when an argument is, as for most of Trino's functions.
    """

    def body(*names: str) -> str:
        guard = " OR ".join(f"{name} IS NULL" for name in names)
        return f"CASE WHEN {guard} THEN NULL {build(*names)} END"

    return let([argument.sql for argument in call.args], body)


def lambda_of(call: Call, index: int) -> LambdaBody:
    """Return the compiled lambda that stands as an argument."""
    body = call.args[index].lambda_
    assert body is not None
    return body


def apply(body: LambdaBody, *arguments: str) -> str:
    """Return a lambda's value for given arguments."""
    text = body.body
    for name, argument in zip(reversed(body.parameters), reversed(arguments), strict=True):
        text = f"list_transform([{argument}], lambda {name}: {text})[1]"
    return text


def fail(message: str, kind: Type) -> str:
    """Return SQL that raises INVALID_FUNCTION_ARGUMENT with a fixed text."""
    return fail_with(quote(message), kind)


def fail_with(message_sql: str, kind: Type) -> str:
    """Return SQL that raises INVALID_FUNCTION_ARGUMENT with a text that SQL makes."""
    return raise_sql(ARGUMENT, message_sql, duckdb_type(kind))


def distinct(items: str) -> str:
    """Return a list's distinct elements in the order in which they first occur, NULL among them."""
    return f"list_filter({items}, lambda x_, i_: list_position({items}, x_) = i_)"


def has_null(items: str) -> str:
    """Return whether a list holds NULL."""
    return f"list_count({items}) < len({items})"


def is_plain(kind: Type) -> bool:
    """Return whether DuckDB's `=` is Trino's for the type."""
    return kind.base not in ("array", "map", "row", "real", "double") and "zone" not in kind.base


def equal(call: Call, left: str, right: str, kind: Type) -> str:
    """Return SQL of Trino's `left = right`, which is NULL where that is undecided."""
    if is_plain(kind):
        return f"({left} = {right})"
    from labcloud.trino import operators

    return operators.compare("=", Expr(left, kind), Expr(right, kind), call).sql
