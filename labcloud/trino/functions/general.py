"""Functions for values of any type: greatest, least, typeof.

Source: https://trino.io/docs/current/functions/comparison.html
"""

from __future__ import annotations

from collections.abc import Callable

from labcloud.trino.errors import quote
from labcloud.trino.functions.registry import Call, scalar


def _extreme(name: str) -> Callable[[Call], str]:
    """NULL where an argument is; DuckDB's own leaves NULLs out."""

    def emit(call: Call) -> str:
        nulls = " OR ".join(
            f"{a.sql} IS NULL" for a in call.args if a.value is None or not a.constant
        )
        value = f"{name}({', '.join(a.sql for a in call.args)})"
        return f"(CASE WHEN {nulls} THEN NULL ELSE {value} END)" if nulls else value

    return emit


def _typeof(call: Call) -> str:
    return quote(str(call.type(0)))


scalar("greatest", "E", "E", _extreme("greatest"), variadic=True, where="E:orderable")
scalar("least", "E", "E", _extreme("least"), variadic=True, where="E:orderable")
scalar("typeof", "T", "varchar", _typeof)
