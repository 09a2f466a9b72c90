"""CAST and TRY_CAST: Trino's matrix of types, its rounding, its texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("'+7' AS integer", "7"),
        ("' 2 ' AS double", "2.0"),
        ("'1d' AS double", "1.0"),
        ("'0x1p3' AS double", "8.0"),
        ("'NaN' AS double", "NaN"),
        ("'1E2' AS decimal(5,2)", "100.00"),
        ("-2147483648.4e0 AS integer", "-2147483648"),
        ("0.49999999999999994e0 AS integer", "0"),
        ("2.675e0 AS decimal(6,2)", "2.68"),
        ("REAL '2.5' AS decimal(3,0)", "3"),
        ("1e300 AS real", "Infinity"),
        ("0e0 AS varchar", "0E0"),
        ("-0e0 AS varchar", "-0E0"),
        ("REAL '0.1' AS varchar", "1.0E-1"),
        ("nan() AS boolean", "true"),
        ("'abc' AS char(2)", "ab"),
        ("ARRAY['1', NULL] AS array(bigint)", "[1, null]"),
        ("MAP(ARRAY['1'], ARRAY[2]) AS map(integer, varchar)", "{1=2}"),
        ("ROW(1, 'a') AS row(x double, y varchar)", "{x=1.0, y=a}"),
        ("X'00112233445566778899aabbccddeeff' AS uuid", "00112233-4455-6677-8899-aabbccddeeff"),
        ("'::ffff:1.2.3.4' AS ipaddress", "1.2.3.4"),
        ("NULL AS array(integer)", None),
    ],
)
def test_values(cast: str, value: str | None, ask: Ask) -> None:
    assert ask(f"SELECT CAST({cast})") == [[value]]


@pytest.mark.parametrize(
    ("cast", "error"),
    [
        ("' 5' AS integer", "INVALID_CAST_ARGUMENT: Cannot cast ' 5' to INT"),
        ("'1_000' AS bigint", "INVALID_CAST_ARGUMENT: Cannot cast '1_000' to BIGINT"),
        ("'inf' AS double", "INVALID_CAST_ARGUMENT: Cannot cast 'inf' to DOUBLE"),
        ("2147483647.5e0 AS integer", "Out of range for integer: 2.1474836475E9"),
        ("nan() AS integer", "INVALID_CAST_ARGUMENT: Cannot cast double NaN to integer"),
        ("9.3e18 AS bigint", "INVALID_CAST_ARGUMENT: Unable to cast 9.3E18 to bigint"),
        ("1e5 AS smallint", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for smallint: 100000.0"),
        ("BIGINT '300' AS tinyint", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 300"),
        ("DECIMAL '123.45' AS decimal(3,1)", "Cannot cast DECIMAL(5, 2) '123.45' to DECIMAL(3, 1)"),
        ("nan() AS decimal(5,2)", "Cannot cast DOUBLE 'NaN' to DECIMAL(5, 2)"),
        ("'99999' AS decimal(5,2)", "VARCHAR '99999' to DECIMAL(5, 2). Value too large."),
        ("2.5e0 AS varchar(2)", "Value 2.5 (2.5E0) cannot be represented as varchar(2)"),
        ("ARRAY['x'] AS array(integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"),
        (
            "ARRAY[1] AS map(integer, integer)",
            "Cannot cast array(integer) to map(integer, integer)",
        ),
        ("12.5 AS char(6)", "TYPE_MISMATCH: line 1:8: Cannot cast decimal(3,1) to char(6)"),
        ("1 AS string", "TYPE_MISMATCH: line 1:8: Unknown type: string"),
        ("1 AS decimal(40,2)", "DECIMAL precision must be in range [1, 38]: 40"),
        ("1 AS decimal(2,5)", "DECIMAL scale must be in range [0, precision (2)]: 5"),
        ("'zzz' AS uuid", "Cannot cast value to UUID: zzz"),
    ],
)
def test_errors(cast: str, error: str, error_of: Callable[[str], str]) -> None:
    assert error in error_of(f"SELECT CAST({cast})")


def test_try_cast_goes_row_by_row(ask: Ask) -> None:
    rows = ask(
        "SELECT try_cast(x AS integer) "
        "FROM (VALUES (1, 'a'), (2, '5'), (3, '5.0'), (4, '')) v(n, x) ORDER BY n"
    )
    assert rows == [[None], ["5"], [None], [None]]


def test_try_cast_forgives_only_the_cast(ask: Ask, error_of: Callable[[str], str]) -> None:
    assert "Division by zero" in error_of("SELECT try_cast(1 / 0 AS varchar)")
    assert "Cannot cast boolean to date" in error_of("SELECT try_cast(true AS date)")
