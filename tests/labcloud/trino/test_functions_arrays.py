"""Array functions, with the values of https://trino.io/docs/current/functions/array.html."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("element_at(ARRAY[1, 2, 3], -1)", "3"),
        ("element_at(ARRAY[1, 2, 3], 4)", None),
        ("cardinality(ARRAY[1, NULL])", "2"),
        ("cardinality(ARRAY[])", "0"),
        ("contains(ARRAY['a', NULL], 'a')", "true"),
        ("contains(ARRAY['a', NULL], 'b')", None),
        ("contains(ARRAY[1, 2], 3)", "false"),
        ("contains(ARRAY[1, 2], NULL)", None),
        ("contains(ARRAY[nan()], nan())", "false"),
        ("contains(ARRAY[ROW(1, 2), ROW(3, NULL)], ROW(3, 4))", None),
        ("contains(ARRAY[ARRAY[1, 2]], ARRAY[1, 2])", "true"),
        ("array_position(ARRAY[7, 8, 7], 7)", "1"),
        ("array_position(ARRAY[7, NULL], 9)", "0"),
        ("array_position(ARRAY[ROW(1), ROW(2)], ROW(2))", "2"),
        ("array_remove(ARRAY[1, 2, NULL, 1], 1)", "[2, null]"),
        ("array_max(ARRAY[3, 9, 4])", "9"),
        ("array_max(ARRAY[3, NULL])", None),
        ("array_max(ARRAY[nan(), 1e0])", "1.0"),
        ("array_min(ARRAY['b', 'a'])", "a"),
        ("array_min(CAST(ARRAY[] AS array(integer)))", None),
        ("array_distinct(ARRAY['b', 'a', 'b', NULL, NULL])", "[b, a, null]"),
        ("array_intersect(ARRAY[1, 2, 2, NULL], ARRAY[NULL, 2])", "[2, null]"),
        ("array_union(ARRAY[1, 1, NULL], ARRAY[4, NULL])", "[1, null, 4]"),
        ("array_except(ARRAY[1, 2, 1, NULL], ARRAY[2])", "[1, null]"),
        ("arrays_overlap(ARRAY[1, 2], ARRAY[3, 2])", "true"),
        ("arrays_overlap(ARRAY[1, NULL], ARRAY[3])", None),
        ("arrays_overlap(ARRAY[1], ARRAY[3])", "false"),
        ("contains_sequence(ARRAY[1, 2, 3], ARRAY[2, 3])", "true"),
        ("contains_sequence(ARRAY[1, 2, 3], ARRAY[3, 2])", "false"),
        ("contains_sequence(ARRAY[1], ARRAY[])", "true"),
        ("ARRAY[1] || ARRAY[2] || 3", "[1, 2, 3]"),
        ("0 || ARRAY[1]", "[0, 1]"),
        ("concat(ARRAY[1], ARRAY[2], ARRAY[3])", "[1, 2, 3]"),
        ("slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"),
        ("slice(ARRAY[1, 2, 3, 4], -3, 2)", "[2, 3]"),
        ("slice(ARRAY[1, 2], 5, 1)", "[]"),
        ("slice(ARRAY[1, 2], -5, 3)", "[]"),
        ("trim_array(ARRAY[1, 2, 3], 1)", "[1, 2]"),
        ("reverse(ARRAY[1, NULL, 3])", "[3, null, 1]"),
        ("cardinality(shuffle(ARRAY[1, 2, 3]))", "3"),
        ("flatten(ARRAY[ARRAY[1], NULL, ARRAY[2, NULL]])", "[1, 2, null]"),
        ("repeat('x', 3)", "[x, x, x]"),
        ("repeat(NULL, 2)", "[null, null]"),
        ("repeat(1, 0)", "[]"),
        ("ngrams(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [b, c]]"),
        ("ngrams(ARRAY['a', 'b'], 5)", "[[a, b]]"),
        ("combinations(ARRAY[1, 2, 3, 4], 2)", "[[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]]"),
        ("combinations(ARRAY['a'], 0)", "[[]]"),
        ("combinations(ARRAY['a'], 2)", "[]"),
        ("array_join(ARRAY[1, NULL, 3], '-')", "1-3"),
        ("array_join(ARRAY[1, NULL, 3], '-', '?')", "1-?-3"),
        ("array_join(ARRAY[DATE '2020-01-02', NULL], ',', 'none')", "2020-01-02,none"),
        ("array_join(ARRAY[1e0, 2.5e0], ' ')", "1.0E0 2.5E0"),
        ("array_join(ARRAY[true], '')", "true"),
        ("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]"),
        (
            "array_sort(ARRAY[3, 2, 5, 1], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))",
            "[5, 3, 2, 1]",
        ),
        ("zip(ARRAY[1, 2], ARRAY['a'])", "[{field0=1, field1=a}, {field0=2, field1=null}]"),
        ("zip_with(ARRAY[1, 2], ARRAY[3], (x, y) -> coalesce(x, 0) + coalesce(y, 0))", "[4, 2]"),
        ("zip_with(ARRAY['a'], ARRAY['b'], (x, y) -> x || y)", "[ab]"),
        ("transform(ARRAY[1, 2], x -> x * 2)", "[2, 4]"),
        ("transform(ARRAY[ARRAY[1, 2]], x -> transform(x, y -> y + cardinality(x)))", "[[3, 4]]"),
        ("filter(ARRAY[5, NULL, 7], x -> x > 5)", "[7]"),
        ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s)", "75"),
        ("reduce(CAST(ARRAY[] AS array(integer)), 3, (s, x) -> s + x, s -> s * 2)", "6"),
        ("reduce(CAST(NULL AS array(integer)), 3, (s, x) -> s, s -> s)", None),
        (
            "reduce(ARRAY[1, 2], CAST(ROW(0.0, 0) AS ROW(s double, n integer)), "
            "(a, x) -> CAST(ROW(x + a.s, a.n + 1) AS ROW(s double, n integer)), "
            "a -> a.s / a.n)",
            "1.5",
        ),
        ("any_match(ARRAY[1, NULL], x -> x > 3)", None),
        ("any_match(ARRAY[4, NULL], x -> x > 3)", "true"),
        ("all_match(ARRAY[4, NULL], x -> x > 3)", None),
        ("all_match(ARRAY[], x -> true)", "true"),
        ("none_match(ARRAY[1], x -> x > 3)", "true"),
        ("sequence(1, 7, 3)", "[1, 4, 7]"),
        ("sequence(3, 1)", "[3, 2, 1]"),
        ("sequence(DATE '2020-02-28', DATE '2020-03-01')", "[2020-02-28, 2020-02-29, 2020-03-01]"),
        (
            "sequence(DATE '2020-01-31', DATE '2020-04-01', INTERVAL '1' MONTH)",
            "[2020-01-31, 2020-02-29, 2020-03-31]",
        ),
        (
            "sequence(DATE '2020-01-05', DATE '2020-01-01', INTERVAL '-2' DAY)",
            "[2020-01-05, 2020-01-03, 2020-01-01]",
        ),
        (
            "sequence(TIMESTAMP '2020-01-01 00:00:00', TIMESTAMP '2020-01-01 12:00:00', "
            "INTERVAL '6' HOUR)",
            "[2020-01-01 00:00:00.000, 2020-01-01 06:00:00.000, 2020-01-01 12:00:00.000]",
        ),
    ],
)
def test_values(
    ask: Callable[[str], list[list[str | None]]], expression: str, value: str | None
) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("cardinality(ARRAY[1])", "bigint"),
        ("repeat(DECIMAL '1.5', 2)", "array(decimal(2,1))"),
        ("sequence(1, 2)", "array(bigint)"),
        ("zip(ARRAY[1], ARRAY['a'])", "array(row(integer, varchar(1)))"),
        ("ngrams(ARRAY['ab'], 1)", "array(array(varchar(2)))"),
        ("array_union(ARRAY[1], ARRAY[BIGINT '2'])", "array(bigint)"),
        ("transform(ARRAY[1], x -> x || 'a')", None),
        ("sequence(DATE '2020-01-01', DATE '2020-01-02')", "array(date)"),
        (
            "sequence(TIMESTAMP '2020-01-01 00:00', TIMESTAMP '2020-01-01 01:00', "
            "INTERVAL '1' HOUR)",
            "array(timestamp(0))",
        ),
    ],
)
def test_types(
    types_of: Callable[[str], list[str]],
    error_of: Callable[[str], str],
    expression: str,
    kind: str | None,
) -> None:
    if kind is None:
        assert error_of(f"SELECT {expression}").startswith("FUNCTION_NOT_FOUND")
    else:
        assert types_of(f"SELECT {expression}") == [kind]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("element_at(ARRAY[1], 0)", "SQL array indices start at 1"),
        ("slice(ARRAY[1], 0, 1)", "SQL array indices start at 1"),
        ("slice(ARRAY[1], 1, -1)", "length must be greater than or equal to 0"),
        ("trim_array(ARRAY[1], -1)", "size must not be negative: -1"),
        ("trim_array(ARRAY[1], 2)", "size must not exceed array cardinality 1: 2"),
        ("ngrams(ARRAY[1], 0)", "N must be positive"),
        ("combinations(ARRAY[1], -1)", "combination size must not be negative: -1"),
        ("combinations(ARRAY[1], 6)", "combination size must not exceed 5: 6"),
        ("combinations(sequence(1, 100), 5)", "combinations exceed max size"),
        (
            "repeat(1, 10001)",
            "count argument of repeat function must be less than or equal to 10000",
        ),
        (
            "repeat(1, -1)",
            "count argument of repeat function must be greater than or equal to 0",
        ),
        ("sequence(1, 5, 0)", "step must not be zero"),
        ("sequence(1, 10001)", "result of sequence function must not have more than 10000 entries"),
        (
            "sequence(5, 1, 1)",
            "sequence stop value should be greater than or equal to start value if step is "
            "greater than zero otherwise stop should be less than or equal to start",
        ),
        (
            "sequence(DATE '2020-01-01', DATE '2020-01-02', INTERVAL '1' HOUR)",
            "sequence step must be a day interval if start and end values are dates",
        ),
        (
            "array_sort(ARRAY[1, 2], (x, y) -> 5)",
            "Lambda comparator must return either -1, 0, or 1",
        ),
    ],
)
def test_run_time_errors(error_of: Callable[[str], str], expression: str, message: str) -> None:
    assert error_of(f"SELECT {expression}") == f"INVALID_FUNCTION_ARGUMENT: {message}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            "array_max(5)",
            "(integer) for function array_max. Expected: array_max(array(t)) T:orderable",
        ),
        (
            "contains(1, 2)",
            "(integer, integer) for function contains. Expected: contains(array(t), t) "
            "T:comparable, contains(varchar, ipaddress)",
        ),
        (
            "flatten(ARRAY[1])",
            "(array(integer)) for function flatten. Expected: flatten(array(array(e))) E",
        ),
        ("repeat(1)", "(integer) for function repeat. Expected: repeat(t, integer) T"),
        (
            "array_sort(ARRAY[MAP(ARRAY[1], ARRAY[1])])",
            "(array(map(integer,integer))) for function array_sort. Expected: "
            "array_sort(array(e)) E:orderable, array_sort(array(t), function(t,t,bigint)) T",
        ),
    ],
)
def test_unexpected_parameters(error_of: Callable[[str], str], call: str, expected: str) -> None:
    assert error_of(f"SELECT {call}") == (
        f"FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters {expected}"
    )


def test_rows_of_a_table_and_captured_columns(
    ask: Callable[[str], list[list[str | None]]],
) -> None:
    sql = (
        "SELECT n, filter(xs, x -> x > n), reduce(xs, n, (s, x) -> s + x, s -> s * n) "
        "FROM (VALUES (1, ARRAY[1, 2]), (2, ARRAY[]), (3, NULL)) t(n, xs) ORDER BY n"
    )
    assert ask(sql) == [["1", "[2]", "4"], ["2", "[]", "4"], ["3", None, None]]
