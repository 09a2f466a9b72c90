"""Aggregates: https://trino.io/docs/current/functions/aggregate.html."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]

NUMBERS = "(VALUES 3, 9, NULL, 6) v(q)"
CITIES = "(VALUES ('rome', 3), ('oslo', 4), ('rome', 5), (NULL, 9), ('bern', NULL)) v(c, q)"
NOTHING = "(SELECT 1 AS q, 'a' AS c WHERE false) v"


@pytest.mark.parametrize(
    ("expression", "source", "value"),
    [
        ("count(*)", NUMBERS, "4"),
        ("count(q)", NUMBERS, "3"),
        ("count(DISTINCT c)", CITIES, "3"),
        ("count_if(q > 3)", NUMBERS, "2"),
        ("sum(q)", NUMBERS, "18"),
        ("sum(q)", NOTHING, None),
        ("sum(DISTINCT q)", "(VALUES 1, 1, 2) v(q)", "3"),
        ("sum(q)", "(VALUES 1.10, 2.25) v(q)", "3.35"),
        ("sum(q)", "(VALUES REAL '1.5', REAL '2') v(q)", "3.5"),
        ("sum(q)", "(VALUES INTERVAL '1' DAY, INTERVAL '2' HOUR) v(q)", "1 02:00:00.000"),
        ("sum(q)", "(VALUES INTERVAL '1' YEAR, INTERVAL '2' MONTH) v(q)", "1-2"),
        ("avg(q)", NUMBERS, "6.0"),
        ("avg(q)", "(VALUES DECIMAL '1.005', DECIMAL '2.010') v(q)", "1.508"),
        ("avg(q)", "(VALUES DECIMAL '-1.005', DECIMAL '-2.010') v(q)", "-1.508"),
        ("avg(q)", "(VALUES 1, 2, 2) v(q)", "1.6666666666666667"),
        ("avg(CAST(q AS decimal(38,2)))", "(VALUES 1, 2, 2) v(q)", "1.67"),
        ("avg(q)", "(VALUES INTERVAL '1' DAY, INTERVAL '2' DAY) v(q)", "1 12:00:00.000"),
        ("avg(q)", NOTHING, None),
        ("min(c)", CITIES, "bern"),
        ("max(q)", "(VALUES nan(), 1e0) v(q)", "1.0"),
        ("max(q)", "(VALUES ARRAY[1, 2], ARRAY[2]) v(q)", "[2]"),
        ("max(q, 2)", NUMBERS, "[9, 6]"),
        ("min(q, 5)", NUMBERS, "[3, 6, 9]"),
        ("max_by(c, q)", CITIES, None),
        ("max_by(c, q) FILTER (WHERE c IS NOT NULL)", CITIES, "rome"),
        ("min_by(c, q)", CITIES, "rome"),
        ("max_by(c, q, 2)", CITIES, "[null, rome]"),
        ("min_by(c, q, 2)", CITIES, "[rome, oslo]"),
        ("arbitrary(q)", "(VALUES NULL, 8, 8) v(q)", "8"),
        ("any_value(q)", NOTHING, None),
        ("bool_and(q > 3)", NUMBERS, "false"),
        ("bool_or(q > 3)", NUMBERS, "true"),
        ("every(q > 2)", NUMBERS, "true"),
        ("bitwise_and_agg(q)", NUMBERS, "0"),
        ("bitwise_or_agg(q)", NUMBERS, "15"),
        ("bitwise_xor_agg(q)", NUMBERS, "12"),
        ("array_agg(q)", NUMBERS, "[3, 9, null, 6]"),
        ("array_agg(q)", NOTHING, None),
        ("array_agg(q ORDER BY q DESC NULLS FIRST)", NUMBERS, "[null, 9, 6, 3]"),
        ("array_agg(DISTINCT c ORDER BY c)", CITIES, "[bern, oslo, rome, null]"),
        ("array_agg(q) FILTER (WHERE q > 5)", NUMBERS, "[9, 6]"),
        ("map_agg(c, q)", CITIES, "{rome=3, oslo=4, bern=null}"),
        ("map_agg(c, q)", NOTHING, None),
        ("multimap_agg(c, q)", CITIES, "{rome=[3, 5], oslo=[4], bern=[null]}"),
        ("map_union(MAP(ARRAY[q % 2], ARRAY[q]))", "(VALUES 3, 9, 6) v(q)", "{1=3, 0=6}"),
        ("histogram(q % 2)", "(VALUES 1, 1, 3) v(q)", "{1=3}"),
        ("histogram(q)", NOTHING, None),
        ("listagg(c, '/') WITHIN GROUP (ORDER BY c DESC)", CITIES, "rome/rome/oslo/bern"),
        ("listagg(c) WITHIN GROUP (ORDER BY q)", CITIES, "romeosloromebern"),
        ("listagg(DISTINCT c, ',') WITHIN GROUP (ORDER BY c)", CITIES, "bern,oslo,rome"),
        ("listagg(c, ',') WITHIN GROUP (ORDER BY c) FILTER (WHERE q > 3)", CITIES, "oslo,rome"),
        ("listagg(c, ',') WITHIN GROUP (ORDER BY c)", NOTHING, None),
        ("reduce_agg(q, 1, (s, x) -> s * x, (s, x) -> s * x)", NUMBERS, "162"),
        ("reduce_agg(q, 1, (s, x) -> s * x, (s, x) -> s * x)", NOTHING, None),
        ("geometric_mean(q)", "(VALUES 2, 8) v(q)", "4.0"),
        ("stddev_pop(q)", "(VALUES 2, 4, 4, 4, 5, 5, 7, 9) v(q)", "2.0"),
        ("var_samp(q)", "(VALUES 1, 2, 3) v(q)", "1.0"),
        ("variance(q)", "(VALUES 1) v(q)", None),
        ("skewness(q)", "(VALUES 1, 2) v(q)", None),
        ("kurtosis(q)", "(VALUES 1, 2, 3) v(q)", None),
        ("skewness(q)", "(VALUES 1, 1, 1) v(q)", "NaN"),
        ("corr(x, y)", "(VALUES (1e0, 2e0), (2e0, 4e0)) v(x, y)", "1.0"),
        ("corr(x, y)", "(VALUES (1e0, 2e0)) v(x, y)", None),
        ("covar_pop(x, y)", "(VALUES (1e0, 2e0), (3e0, 4e0)) v(x, y)", "1.0"),
        ("regr_slope(y, x)", "(VALUES (1e0, 3e0), (2e0, 5e0)) v(x, y)", "2.0"),
        ("regr_intercept(y, x)", "(VALUES (1e0, 3e0), (2e0, 5e0)) v(x, y)", "1.0"),
        ("entropy(q)", "(VALUES 1, 1, 2) v(q)", "1.5"),
        ("entropy(q)", NOTHING, "0.0"),
        ("numeric_histogram(2, q)", "(VALUES 1e0, 2e0, 9e0) v(q)", "{1.5=2.0, 9.0=1.0}"),
        ("approx_most_frequent(2, q, 9)", "(VALUES 4, 4, 7, 8, 7) v(q)", "{4=2, 7=2}"),
    ],
)
def test_values(ask: Ask, expression: str, source: str, value: str | None) -> None:
    assert ask(f"SELECT {expression} FROM {source}") == [[value]]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("sum(TINYINT '1')", "bigint"),
        ("sum(DECIMAL '1.25')", "decimal(38,2)"),
        ("sum(REAL '1')", "real"),
        ("avg(1)", "double"),
        ("avg(DECIMAL '1.25')", "decimal(3,2)"),
        ("avg(REAL '1')", "real"),
        ("max(SMALLINT '1')", "smallint"),
        ("max(1, 2)", "array(integer)"),
        ("corr(1, 2)", "real"),
        ("stddev(1)", "double"),
        ("histogram('ab')", "map(varchar(2), bigint)"),
        ("multimap_agg(1, 'a')", "map(integer, array(varchar(1)))"),
        ("count_if(true)", "bigint"),
        ("geometric_mean(REAL '1')", "real"),
    ],
)
def test_types(types_of: Callable[[str], list[str]], expression: str, kind: str) -> None:
    assert types_of(f"SELECT {expression}") == [kind]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        (
            "SELECT sum(q) FROM (VALUES 9223372036854775807, 1) v(q)",
            "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1",
        ),
        (
            "SELECT max(q, 0) FROM (VALUES 1) v(q)",
            "INVALID_FUNCTION_ARGUMENT: second argument of max_n must be positive",
        ),
        (
            "SELECT min(q, 10001) FROM (VALUES 1) v(q)",
            "INVALID_FUNCTION_ARGUMENT: second argument of min_n must be less than or equal to "
            "10000; found 10001",
        ),
        (
            "SELECT max_by(q, q, -1) FROM (VALUES 1) v(q)",
            "INVALID_FUNCTION_ARGUMENT: third argument of max_by must be a positive integer",
        ),
        (
            "SELECT entropy(q) FROM (VALUES -1) v(q)",
            "INVALID_FUNCTION_ARGUMENT: Entropy count argument must be non-negative",
        ),
        (
            "SELECT numeric_histogram(1, q) FROM (VALUES 1e0) v(q)",
            "INVALID_FUNCTION_ARGUMENT: numeric_histogram bucket count must be greater than one",
        ),
        (
            "SELECT max(q) FROM (VALUES MAP()) v(q)",
            "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (map(unknown,unknown)) for "
            "function max. Expected: max(e) E:orderable, max(e, bigint) E:orderable",
        ),
        (
            "SELECT count_if(1)",
            "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function count_if. "
            "Expected: count_if(boolean)",
        ),
        (
            "SELECT listagg(q, ',') WITHIN GROUP (ORDER BY q) FROM (SELECT rpad('x', 600000, 'x') "
            "AS q FROM (VALUES 1, 2) v(i)) t",
            "EXCEEDED_FUNCTION_MEMORY_LIMIT: Concatenated string has the length in bytes larger "
            "than the maximum output length 1048576",
        ),
    ],
)
def test_errors(error_of: Callable[[str], str], sql: str, error: str) -> None:
    assert error_of(sql) == error


def test_groups(ask: Ask) -> None:
    sql = (
        "SELECT c, count(*), sum(q), avg(q), max_by(q, q), array_agg(q ORDER BY q), "
        f"approx_distinct(q) FROM {CITIES} GROUP BY c ORDER BY c"
    )
    assert ask(sql) == [
        ["bern", "1", None, None, None, "[null]", "0"],
        ["oslo", "1", "4", "4.0", "4", "[4]", "1"],
        ["rome", "2", "8", "4.0", "5", "[3, 5]", "2"],
        [None, "1", "9", "9.0", "9", "[9]", "1"],
    ]
