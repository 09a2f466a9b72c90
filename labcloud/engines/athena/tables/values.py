"""Single values of DuckDB's answers."""

from __future__ import annotations

from typing import Any

import duckdb


def only_value(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """Return the value of a query of one row and one column."""
    [(value,)] = connection.execute(sql).fetchall()  # to the end: a result left open blocks others
    return value
