"""JSON functions and casts to and from JSON."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

VALUES: dict[str, str | None] = {
    'json_parse(\'{"b": 1, "a": [1.50, 1e3], "b": 2}\')': '{"a":[1.5,1000.0],"b":2}',
    "json_parse('\"\\u00e9\\u0001\\/\"')": '"é\\u0001/"',
    "json_format(JSON '[1, 2]')": "[1,2]",
    'json_extract(\'{"z": {"b": 1, "a": 2}}\', \'$.z\')': '{"b":1,"a":2}',
    "json_extract('{\"a\": null}', '$.a')": "null",
    "json_extract('[[1, 2], 3]', '$[0][1]')": "2",
    'json_extract_scalar(\'{"a.b": {"c d": "x"}}\', \'$["a.b"]["c d"]\')': "x",
    "json_extract_scalar('{\"a\": 1.10}', '$.a')": "1.10",
    "json_extract_scalar('{\"a\": 1, broken', '$.a')": "1",
    "json_extract_scalar('{broken', '$.a')": None,
    "json_extract_scalar('[1]', '$.a')": None,
    "json_size('{\"a\": [1, 2]}', '$.a')": "2",
    "json_size('{\"a\": 1}', '$.a')": "0",
    "json_size('{}', '$.a')": None,
    "json_array_length('{}')": None,
    "json_array_get('[1, [2]]', -1)": "[2]",
    "json_array_get('[null]', 0)": None,
    "json_array_get('[1]', 5)": None,
    "json_array_contains('[1, 2.5, \"a\", true]', 2.5e0)": "true",
    "json_array_contains('[1]', 1.0e0)": "false",
    "json_array_contains('{}', 1)": None,
    "is_json_scalar('[]')": "false",
    "JSON '{\"a\": 1}' = JSON '{ \"a\":1 }'": "true",
    "CAST('a\"b' AS json)": '"a\\"b"',
    "CAST(nan() AS json)": '"NaN"',
    "CAST(1e20 AS json)": "1.0E20",
    "CAST(REAL '1.1' AS json)": "1.1",
    "CAST(TIMESTAMP '2020-01-02 03:04:05.678' AS json)": '"2020-01-02 03:04:05.678"',
    "CAST(NULL AS json)": None,
    "CAST(MAP(ARRAY[10, 9], ARRAY[true, NULL]) AS json)": '{"10":true,"9":null}',
    "CAST(CAST(ROW(1, ARRAY['x']) AS ROW(a bigint, b array(varchar))) AS json)": (
        '{"a":1,"b":["x"]}'
    ),
    "CAST(ARRAY[JSON '{\"a\":1}', NULL] AS json)": '[{"a":1},null]',
    "CAST(JSON '\"x\"' AS varchar)": "x",
    "CAST(JSON '1.5' AS varchar)": "1.5E0",
    "CAST(JSON 'true' AS varchar)": "true",
    "CAST(JSON 'null' AS varchar)": None,
    "CAST(JSON '2.5' AS integer)": "3",
    "CAST(JSON 'true' AS bigint)": "1",
    "CAST(JSON '\"1e3\"' AS double)": "1000.0",
    "CAST(JSON '\"NaN\"' AS double)": "NaN",
    "CAST(JSON '\"T\"' AS boolean)": "true",
    "CAST(JSON '0' AS boolean)": "false",
    "CAST(JSON '1.005' AS decimal(4, 2))": "1.01",
    "CAST(JSON '[1, null]' AS array(varchar))": "[1, null]",
    "CAST(JSON '{\"2\": [1]}' AS map(bigint, array(double)))": "{2=[1.0]}",
    "CAST(JSON '{\"B\": 1}' AS row(a varchar, b integer))": "{a=null, b=1}",
    "CAST(JSON '[1, \"x\"]' AS row(a integer, b varchar))": "{a=1, b=x}",
    'CAST(JSON \'[{"b": 1, "a": 2}]\' AS array(json))': '[{"a":2,"b":1}]',
    "TRY(CAST(JSON '\"x\"' AS bigint))": None,
    "TRY_CAST(JSON '[]' AS bigint)": None,
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "json_parse('{')": "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{'",
    "json_parse('1 2')": "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '1 2'",
    "is_json_scalar('x')": "INVALID_FUNCTION_ARGUMENT: Invalid JSON value: x",
    "json_extract('{}', 'a')": "INVALID_FUNCTION_ARGUMENT: Invalid JSON path: 'a'",
    "json_extract('{}', '$[')": "INVALID_FUNCTION_ARGUMENT: Invalid JSON path: '$['",
    "CAST(JSON '\"x\"' AS integer)": "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT",
    "CAST(JSON '[]' AS integer)": "INVALID_CAST_ARGUMENT: Cannot cast '[]' to integer",
    "CAST(JSON '3000000000' AS integer)": (
        "INVALID_CAST_ARGUMENT: Cannot cast '3000000000' to integer"
    ),
    "CAST(JSON '{}' AS double)": "INVALID_CAST_ARGUMENT: Cannot cast '{}' to double",
    "CAST(JSON '\"x\"' AS double)": "INVALID_CAST_ARGUMENT: Cannot cast 'x' to DOUBLE",
    "CAST(JSON '\"x\"' AS boolean)": "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BOOLEAN",
    "CAST(JSON '1000' AS decimal(4, 2))": (
        "INVALID_CAST_ARGUMENT: Cannot cast input json to DECIMAL(4,2)"
    ),
    "CAST(JSON '\"x\"' AS decimal(4, 2))": (
        "INVALID_CAST_ARGUMENT: Cannot cast '\"x\"' to DECIMAL(4,2)"
    ),
    "CAST(JSON '1' AS array(integer))": (
        "INVALID_CAST_ARGUMENT: Cannot cast to array(integer). Expected a json array, but got 1\n1"
    ),
    "CAST(JSON '[\"x\"]' AS array(bigint))": (
        "INVALID_CAST_ARGUMENT: Cannot cast to array(bigint). Cannot cast 'x' to BIGINT\n[\"x\"]"
    ),
    "CAST(JSON '[3000000000]' AS array(integer))": (
        "INVALID_CAST_ARGUMENT: Cannot cast to array(integer).\n[3000000000]"
    ),
    'CAST(JSON \'{"1": 1, "01": 2}\' AS map(bigint, bigint))': (
        "INVALID_CAST_ARGUMENT: Cannot cast to map(bigint, bigint). Duplicate keys are not"
        ' allowed\n{"01":2,"1":1}'
    ),
    "CAST(JSON '{\"a\": 1}' AS row(integer))": (
        "INVALID_CAST_ARGUMENT: Cannot cast to row(integer). Cannot cast a JSON object to"
        ' anonymous row type. Input must be a JSON array.\n{"a":1}'
    ),
    "CAST(X'00' AS json)": "TYPE_MISMATCH: line 1:8: Cannot cast varbinary to json",
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error
