"""Trino's errors: a name, a message, and where in the statement."""

from __future__ import annotations

MARK = "\x01"
"""Encloses the name of an error that generated SQL raises; see `raise_sql`."""

Position = tuple[int, int]
"""Line and column of a token, both from 1."""


class TrinoError(Exception):
    """An error as Trino reports it, such as `TYPE_MISMATCH: line 1:8: Cannot cast …`.

    `name` is Trino's StandardErrorCode, `message` its text without the position.
    """

    def __init__(self, name: str, message: str, at: Position | None = None) -> None:
        self.name = name
        self.at = at
        where = f"line {at[0]}:{at[1]}: " if at else ""
        self.message = f"{where}{message}"
        super().__init__(f"{name}: {self.message}")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.name, self.message)


def _rebuild(name: str, message: str) -> TrinoError:
    return TrinoError(name, message)


def udf_error(name: str, message: str) -> ValueError:
    """Return what a Python function that DuckDB calls raises, so that Trino's error is seen."""
    return ValueError(f"{MARK}{name}{MARK}{message}{MARK}")


def quote(text: str) -> str:
    """Return a DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def raise_sql(name: str, message_sql: str, type_sql: str) -> str:
    """Return DuckDB SQL of type `type_sql` that raises Trino's error when it is evaluated.

    `message_sql` is DuckDB SQL for the message, such as `quote("Division by zero")`. A failing
    cast does it: DuckDB's own `error` is volatile, which TRY refuses.
    """
    head, tail = quote(f"{MARK}{name}{MARK}"), quote(MARK)
    return f"CAST(CAST(({head} || ({message_sql}) || {tail}) AS BIGINT) AS {type_sql})"
