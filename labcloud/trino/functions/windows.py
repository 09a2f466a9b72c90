"""Window functions: https://trino.io/docs/current/functions/window.html."""

from __future__ import annotations

from collections.abc import Callable

from labcloud.trino.functions.nested import fail
from labcloud.trino.functions.registry import Call, window
from labcloud.trino.types import BIGINT


def _plain(call: Call) -> str:
    return call.over(call.name, *(argument.sql for argument in call.args))


def _at_least(index: int, least: int, message: str) -> Callable[[Call], str]:
    """A window function whose number `index` must not be below `least`."""

    def emit(call: Call) -> str:
        sqls = [argument.sql for argument in call.args]
        if index < len(sqls):
            value = call.args[index].value
            if not (isinstance(value, int) and value >= least):
                number = sqls[index]
                error = fail(message, BIGINT)
                sqls[index] = f"(CASE WHEN {number} < {least} THEN {error} ELSE {number} END)"
        return call.over(call.name, *sqls)

    return emit


def _declare() -> None:
    for name in ("row_number", "rank", "dense_rank"):
        window(name, "", "bigint", _plain)
    for name in ("percent_rank", "cume_dist"):
        window(name, "", "double", _plain)
    buckets = _at_least(0, 1, "Buckets must be greater than 0")
    window("ntile", "bigint", "bigint", buckets)
    for name in ("first_value", "last_value"):
        window(name, "T", "T", _plain)
    window("nth_value", "T, bigint", "T", _at_least(1, 1, "Offset must be at least 1"))
    offset = _at_least(1, 0, "Offset must be at least 0")
    for name in ("lead", "lag"):
        for arguments in ("T", "T, bigint", "T, bigint, T"):
            window(name, arguments, "T", offset)


_declare()
