"""Which function a call means, and Trino's words where it means none."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("concat('a', 'b')", "varchar"),
        ("CAST('at' AS char(4)) || '.'", "char(5)"),
        ("'a' || NULL", "array(varchar(1))"),
        ("greatest('a', NULL)", "varchar(1)"),
        ("greatest(1, 2.5)", "decimal(11,1)"),
        ("transform(ARRAY[1], x -> x > 0)", "array(boolean)"),
        ("reduce(ARRAY['a'], '', (s, x) -> s || x, s -> s)", "varchar"),
        ("array_sort(ARRAY[3, 1], (a, b) -> IF(a < b, 1, 0))", "array(integer)"),
        ("date_diff('day', TIMESTAMP '2020-01-01 00:00:00', DATE '2020-01-03')", "bigint"),
        ("length(NULL)", "bigint"),
        ("system.builtin.abs(-1)", "integer"),
    ],
)
def test_results(call: str, kind: str, types_of: Callable[[str], list[str]]) -> None:
    assert types_of(f"SELECT {call}") == [kind]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("imaginary(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'imaginary' not registered"),
        (
            "length(1, 2)",
            "Unexpected parameters (integer, integer) for function length. Expected: "
            "length(char(x)), length(varbinary), length(varchar(x))",
        ),
        (
            "max(MAP(ARRAY[1], ARRAY[2]))",
            "Unexpected parameters (map(integer,integer)) for function max. Expected: "
            "max(e) E:orderable, max(e, bigint) E:orderable",
        ),
        (
            "filter(ARRAY[1], x -> 'yes')",
            "Unexpected parameters (array(integer), <function>) for function filter. Expected: "
            "filter(array(t), function(t,boolean)) T",
        ),
        (
            "filter(ARRAY[1], (x, y) -> true)",
            "Expected a lambda that takes 1 argument(s) but got 2",
        ),
        ("transform(ARRAY[1], x -> z)", "COLUMN_NOT_FOUND: line 1:33: Column 'z'"),
        ("concat(ARRAY[1], ARRAY[NULL])", "AMBIGUOUS_FUNCTION_CALL: line 1:8: Could not choose"),
        ("row_number()", "Window function system.builtin.row_number requires an OVER clause"),
        ("abs(1) OVER ()", "FUNCTION_NOT_WINDOW: line 1:8: Not a window function: abs"),
        ("abs(DISTINCT 1)", "line 1:8: DISTINCT is not supported for non-aggregation functions"),
    ],
)
def test_errors(call: str, error: str, error_of: Callable[[str], str]) -> None:
    assert error in error_of(f"SELECT {call}")
