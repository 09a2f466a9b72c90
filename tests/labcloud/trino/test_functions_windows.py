"""Window functions: https://trino.io/docs/current/functions/window.html."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]

ROWS = "(VALUES (1, 10), (2, 10), (3, 30), (4, NULL)) t(i, x)"


@pytest.mark.parametrize(
    ("function", "column"),
    [
        ("row_number() OVER (ORDER BY i DESC)", ["4", "3", "2", "1"]),
        ("rank() OVER (ORDER BY x)", ["1", "1", "3", "4"]),
        ("dense_rank() OVER (ORDER BY x)", ["1", "1", "2", "3"]),
        (
            "percent_rank() OVER (ORDER BY i)",
            ["0.0", "0.3333333333333333", "0.6666666666666666", "1.0"],
        ),
        ("cume_dist() OVER (ORDER BY x)", ["0.5", "0.5", "0.75", "1.0"]),
        ("ntile(3) OVER (ORDER BY i)", ["1", "1", "2", "3"]),
        ("first_value(x) OVER (ORDER BY i)", ["10", "10", "10", "10"]),
        ("last_value(x) OVER (ORDER BY i)", ["10", "10", "30", None]),
        ("last_value(x) IGNORE NULLS OVER (ORDER BY i)", ["10", "10", "30", "30"]),
        ("nth_value(i, 2) OVER (ORDER BY i)", [None, "2", "2", "2"]),
        ("lead(x) OVER (ORDER BY i)", ["10", "30", None, None]),
        ("lead(x, 2, 99) OVER (ORDER BY i)", ["30", None, "99", "99"]),
        ("lag(i, 0) OVER (ORDER BY i)", ["1", "2", "3", "4"]),
        ("lag(x) IGNORE NULLS OVER (ORDER BY i DESC)", ["10", "30", None, None]),
        ("lag(i, i - 1) OVER (ORDER BY i)", ["1", "1", "1", "1"]),
        ("sum(x) OVER (ORDER BY i ROWS 1 PRECEDING)", ["10", "20", "40", "30"]),
        ("array_agg(i) OVER (ORDER BY x GROUPS CURRENT ROW)", ["[1, 2]", "[1, 2]", "[3]", "[4]"]),
        ("max_by(i, x) OVER (ORDER BY i)", ["1", "1", "3", "3"]),
        ("approx_percentile(i, 0.5) OVER (ORDER BY i)", ["1", "2", "2", "3"]),
        ("count(*) OVER (PARTITION BY x)", ["2", "2", "1", "1"]),
        ("avg(CAST(i AS decimal(5,2))) OVER ()", ["2.50"] * 4),
    ],
)
def test_values(ask: Ask, function: str, column: list[str | None]) -> None:
    found = ask(f"SELECT {function} FROM {ROWS} ORDER BY i")
    assert [row[0] for row in found] == column


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("ntile(0)", "Buckets must be greater than 0"),
        ("nth_value(x, 0)", "Offset must be at least 1"),
        ("lead(x, -1)", "Offset must be at least 0"),
        ("lag(x, -1)", "Offset must be at least 0"),
    ],
)
def test_run_time_errors(error_of: Callable[[str], str], function: str, message: str) -> None:
    error = error_of(f"SELECT {function} OVER (ORDER BY i) FROM {ROWS}")
    assert error == f"INVALID_FUNCTION_ARGUMENT: {message}"
