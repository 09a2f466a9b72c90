"""DuckDB's errors in Trino's words."""

from __future__ import annotations

import duckdb
import pytest

from labcloud.trino import faults
from labcloud.trino.errors import quote, raise_sql, udf_error


def fault(sql: str) -> str:
    """Return Trino's error for what DuckDB says of a statement."""
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(sql).fetchall()
    return str(faults.translate(caught.value))


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT 1 // x FROM (VALUES (0)) t(x)", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT 1 % x FROM (VALUES (0)) t(x)", "DIVISION_BY_ZERO: Division by zero"),
        (
            "SELECT x * 2 FROM (VALUES (2147483647)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: integer multiplication overflow: 2147483647 * 2",
        ),
        (
            "SELECT x + 1::BIGINT FROM (VALUES (9223372036854775807)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1",
        ),
        (
            "SELECT x - 2::TINYINT FROM (VALUES (-127::TINYINT)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: tinyint subtraction overflow: -127 - 2",
        ),
        (
            "SELECT x * x FROM (VALUES (32767::SMALLINT)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: smallint multiplication overflow: 32767 * 32767",
        ),
        (
            f"SELECT x + x FROM (VALUES ({'9' * 38}::DECIMAL(38,0))) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow",
        ),
        (
            "SELECT (SELECT x FROM (VALUES (1), (2)) t(x))",
            "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
        ),
        (
            "SELECT abs(x) FROM (VALUES (CAST(-32768 AS SMALLINT))) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: Value -32768 is out of range for abs(smallint)",
        ),
        ("SELECT CAST('x' AS INT)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"),
        ("SELECT CAST('it''s' AS DOUBLE)", "INVALID_CAST_ARGUMENT: Cannot cast 'it's' to DOUBLE"),
        (
            "SELECT CAST('x' AS DECIMAL(3,1))",
            "INVALID_CAST_ARGUMENT: Cannot cast VARCHAR 'x' to DECIMAL(3, 1). "
            "Value is not a number.",
        ),
        (
            "SELECT CAST(x AS INT) FROM (VALUES (9223372036854775807)) t(x)",
            "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 9223372036854775807",
        ),
        (
            "SELECT " + raise_sql("INVALID_FUNCTION_ARGUMENT", quote("a\nb 'c'"), "INTEGER"),
            "INVALID_FUNCTION_ARGUMENT: a\nb 'c'",
        ),
    ],
)
def test_texts(sql: str, error: str) -> None:
    assert fault(sql) == error


def test_a_python_function_raises_trinos_error() -> None:
    def refuse(value: int) -> int:
        raise udf_error("INVALID_FUNCTION_ARGUMENT", f"not {value}")

    with duckdb.connect() as connection:
        connection.create_function("refuse", refuse, ["INTEGER"], "INTEGER")
        with pytest.raises(duckdb.Error) as caught:
            connection.execute("SELECT refuse(7)").fetchall()
    assert str(faults.translate(caught.value)) == "INVALID_FUNCTION_ARGUMENT: not 7"


def test_too_little_memory_is_athenas_text() -> None:
    small = {"memory_limit": "10MB", "temp_directory": ""}
    with duckdb.connect(config=small) as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute("SELECT list(range::VARCHAR) FROM range(3000000)").fetchall()
    told = faults.translate(caught.value)
    assert told.message == "Query exhausted resources at this scale factor"


@pytest.mark.parametrize(
    ("sql", "exact"),
    [
        ("SELECT x * x FROM (VALUES (999999999.99::DECIMAL(18,2))) t(x)", True),
        (f"SELECT x + x FROM (VALUES ({'9' * 38}::DECIMAL(38,0))) t(x)", False),
        ("SELECT x // 0 FROM (VALUES (1)) t(x)", False),
    ],
)
def test_narrow_decimals_want_another_run(sql: str, exact: bool) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(sql).fetchall()
    assert faults.wants_exact(caught.value) is exact


def test_an_unknown_error_is_one_line() -> None:
    told = fault("SELECT nowhere")
    assert told.startswith("GENERIC_INTERNAL_ERROR: ")
    assert "\n" not in told
