"""SQL that needs an expression several times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labcloud.trino.functions.nested import let

SHORT = 200
"""Up to this length an expression may be repeated: DuckDB evaluates equal ones once."""
VOLATILE = re.compile(r"\b(?:random|uuid|nextval|shuffle)\(")


def without_texts(sql: str) -> str:
    """Return SQL without what its string literals hold."""
    return re.sub(r"'(?:[^']|'')*'", "''", sql)


def repeat(sqls: Sequence[str], build: Callable[..., str]) -> str:
    """Return what `build` makes of expressions that it repeats.

    Long ones are bound to names, so that nested calls grow by addition; and so are those that
    change from call to call.
    """
    if all(len(sql) <= SHORT and not VOLATILE.search(without_texts(sql)) for sql in sqls):
        return f"({build(*sqls)})"
    return let(list(sqls), build)
