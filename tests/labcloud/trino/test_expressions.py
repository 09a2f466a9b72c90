"""Operators, comparisons, conditions, subscripts and lambdas of Trino's SQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("5", "integer"),
        ("2147483648", "bigint"),
        ("-2147483648", "integer"),
        ("0.05", "decimal(2,2)"),
        ("00.10", "decimal(2,2)"),
        ("CHAR 'ab'", "char(2)"),
        ("SMALLINT '1' + 1", "integer"),
        ("1 - 0.5", "decimal(12,1)"),
        ("DECIMAL '10.5' * DECIMAL '2.25'", "decimal(6,3)"),
        ("DECIMAL '10.5' / DECIMAL '2.25'", "decimal(6,2)"),
        ("DECIMAL '7.25' % 2", "decimal(3,2)"),
        ("REAL '1' * 2e0", "double"),
        ("ARRAY[1, 2.5]", "array(decimal(11,1))"),
        ("if(true, 1, BIGINT '2')", "bigint"),
        ("DATE '2020-01-01' + NULL", "date"),
    ],
)
def test_types(expression: str, kind: str, types_of: Callable[[str], list[str]]) -> None:
    assert types_of(f"SELECT {expression}") == [kind]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-7 / 2", "-3"),
        ("-7 % 2", "-1"),
        ("DECIMAL '1' / DECIMAL '3.0000000000'", "0.3333333333"),
        ("DECIMAL '12345678901234567890.12' / DECIMAL '0.003'", "4115226300411522630040.000"),
        ("DECIMAL '-2.00' / DECIMAL '3.0'", "-0.67"),
        ("DECIMAL '0.5' / DECIMAL '1'", "0.5"),
        ("DECIMAL '99999999999999999.9' * DECIMAL '9.9'", "989999999999999999.01"),
        ("1e0 / 0", "Infinity"),
        ("nan() = nan()", "false"),
        ("nan() > 1e0", "false"),
        ("nan() <> nan()", "true"),
        ("nan() IN (1e0, nan())", "false"),
        ("NULL + INTERVAL '1' DAY IS NULL", "true"),
        ("CAST('a' AS char(3)) = 'a'", "true"),
        ("ROW(1, NULL) = ROW(2, 1)", "false"),
        ("MAP(ARRAY[1], ARRAY[NULL]) = MAP(ARRAY[1], ARRAY[2])", None),
        ("ARRAY[ARRAY[1, NULL]] = ARRAY[ARRAY[1, 2]]", None),
        ("ARRAY[1] IS DISTINCT FROM ARRAY[NULL]", "true"),
        ("IPADDRESS '10.0.0.1' < IPADDRESS '9.0.0.1'", "false"),
        ("2 NOT IN (1, NULL)", None),
        ("'a_b' LIKE 'a#_b' ESCAPE '#'", "true"),
        ("try((SELECT 1))", "1"),
        ("coalesce(1, 1 / 0)", "1"),
        ("transform(ARRAY[ARRAY[1, 2]], x -> transform(x, y -> y + cardinality(x)))", "[[3, 4]]"),
        ("reduce(ARRAY[1, 2], CAST(0 AS bigint), (s, x) -> s + x, s -> s)", "3"),
        ("1 || ARRAY[2]", "[1, 2]"),
    ],
)
def test_values(expression: str, value: str | None, ask: Ask) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT 1 > 'a'", "line 1:10: Cannot apply operator: integer < varchar(1)"),
        ("SELECT 1 <> true", "line 1:10: Cannot apply operator: integer = boolean"),
        ("SELECT -'a'", "line 1:8: Cannot negate varchar(1)"),
        (
            "SELECT 1 IS DISTINCT FROM true",
            "line 1:10: Cannot check if integer is distinct from boolean",
        ),
        (
            "SELECT ARRAY[1]['a']",
            "line 1:8: Cannot use varchar(1) for subscript of array(integer)",
        ),
        (
            "SELECT 1 BETWEEN 'a' AND 3",
            "line 1:10: Cannot check if integer is BETWEEN varchar(1) and integer",
        ),
        ("SELECT 1 AND true", "Logical expression term must evaluate to a boolean"),
        ("SELECT CASE WHEN 1 THEN 2 END", "CASE WHEN clause must evaluate to a boolean"),
        ("SELECT if(1, 2)", "IF condition must evaluate to a boolean (actual: integer)"),
        ("SELECT if(true, 1, 'a')", "Result types for IF must be the same: integer vs varchar(1)"),
        (
            "SELECT CASE 1 WHEN 'a' THEN 2 END",
            "CASE operand type does not match WHEN clause operand type: integer vs varchar(1)",
        ),
        ("SELECT 1 IN (1, 'a')", "line 1:17: IN value and list items must be the same type"),
        ("SELECT ROW(1, 2)[0]", "line 1:18: Invalid subscript index: 0. ROW indices start at 1"),
        ("SELECT FOO 'x'", "TYPE_NOT_FOUND: line 1:8: Unknown resolvedType: foo"),
        ("SELECT INTEGER 'x'", "INVALID_LITERAL: line 1:8: 'x' is not a valid INTEGER literal"),
        (
            "SELECT CAST(ROW(1, 2) AS row(a integer, A integer)).a",
            "Ambiguous row field reference: a",
        ),
        ("SELECT ARRAY[1, NULL] < ARRAY[1, 2]", "ARRAY comparison not supported for arrays"),
        ("SELECT ARRAY[1][-1]", "Array subscript is negative: -1"),
        ("SELECT MAP(ARRAY[1e0], ARRAY[2])[3e0]", "Key not present in map: 3.0E0"),
        ("SELECT x -> 1", "Lambda expression should always be used inside a function"),
        (
            "SELECT s LIKE p ESCAPE '#' FROM (VALUES ('a', 'a#b')) v(s, p)",
            "Escape character must be followed by '%', '_' or the escape character itself",
        ),
        ("SELECT 'a' LIKE 'a' ESCAPE 'ab'", "Escape string must be a single character"),
    ],
)
def test_errors(query: str, error: str, error_of: Callable[[str], str]) -> None:
    assert error in error_of(query)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("x + 1 FROM (VALUES 2147483647) v(x)", "integer addition overflow: 2147483647 + 1"),
        ("1 + x FROM (VALUES 2147483647) v(x)", "integer addition overflow: 2147483647 + 1"),
        ("-x FROM (VALUES TINYINT '-128') v(x)", "tinyint negation overflow: -128"),
        ("DECIMAL '5' % DECIMAL '0'", "Division by zero"),
        ("x / 0 FROM (VALUES 12.50) v(x)", "Division by zero"),
    ],
)
def test_overflow(query: str, error: str, error_of: Callable[[str], str]) -> None:
    assert error_of(f"SELECT {query}").endswith(error)


def test_decimals_beyond_18_digits_are_exact(ask: Ask) -> None:
    query = (
        "SELECT a * b, sum(a * b) OVER () "
        "FROM (VALUES (DECIMAL '9999999999999.99', DECIMAL '99999999.99')) v(a, b)"
    )
    assert ask(query) == [["999999999899999000000.0001"] * 2]


def test_nested_expressions_do_not_grow_beyond_measure(ask: Ask) -> None:
    expression = "x"
    for _ in range(12):
        expression = f"CAST(CAST(nullif({expression}, 3) AS varchar) AS integer)"
    assert ask(f"SELECT {expression} FROM (VALUES 7) v(x)") == [["7"]]


def test_what_changes_is_evaluated_once(ask: Ask) -> None:
    inner = "SELECT nullif(random() < 0.5, true) AS b FROM unnest(sequence(1, 500)) t(n)"
    query = f"SELECT count(*) FROM ({inner}) WHERE b"
    assert ask(query) == [["0"]]
