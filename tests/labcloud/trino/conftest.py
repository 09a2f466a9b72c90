"""Running Trino's SQL without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from labcloud.trino import session
from labcloud.trino.catalog import MemoryCatalog
from labcloud.trino.errors import TrinoError
from labcloud.trino.render import athena_text
from labcloud.trino.session import Result, Session

STARTED = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
"""When every statement of the tests begins."""


@pytest.fixture(scope="session")
def result_of() -> Iterator[Callable[[str], Result]]:
    """Run a statement; gives columns and DuckDB's values."""
    with duckdb.connect() as connection:
        yield lambda sql: session.run(connection, sql, MemoryCatalog(), Session(started=STARTED))


@pytest.fixture(scope="session")
def ask(result_of: Callable[[str], Result]) -> Callable[[str], list[list[str | None]]]:
    """Run a statement; gives rows of Athena's texts."""

    def run(sql: str) -> list[list[str | None]]:
        result = result_of(sql)
        kinds = [column.type for column in result.columns]
        return [list(map(athena_text, values, kinds)) for values in result.rows]

    return run


@pytest.fixture(scope="session")
def types_of(result_of: Callable[[str], Result]) -> Callable[[str], list[str]]:
    """Run a statement; gives its columns' types."""
    return lambda sql: [column.type.text for column in result_of(sql).columns]


@pytest.fixture(scope="session")
def error_of(result_of: Callable[[str], Result]) -> Callable[[str], str]:
    """Run a statement that must fail; gives `NAME: message`."""

    def run(sql: str) -> str:
        with pytest.raises(TrinoError) as caught:
            result_of(sql)
        return str(caught.value)

    return run
