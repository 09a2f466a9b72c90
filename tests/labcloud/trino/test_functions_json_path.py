"""JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY and the path language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[[str], list[list[str | None]]]
TypesOf = Callable[[str], list[str]]
ErrorOf = Callable[[str], str]

DOCUMENT = '{"k": "v", "n": [5, 6.5, {"a": null}], "o": {"p": [1, 2]}, "s": "12"}'

PATHS = {
    "lax $.k": '["v"]',
    "lax $.n[0, 1]": "[5,6.5]",
    "lax $.n[last]": '[{"a":null}]',
    "lax $.n[1 to last]": '[6.5,{"a":null}]',
    "lax $.o.*": "[[1,2]]",
    "lax $..p": "[[1,2]]",
    "lax $.n.a": "[null]",
    "lax $.n[*] ? (@ > 5)": "[6.5]",
    "lax $ ? (@.n[*] > 5)": "[]",
    "lax $.n[0, 1] ? (@ > 5)": "[6.5]",
    'lax $ ? (@.k == "v" && !(@.s == "x")).s': '["12"]',
    "lax $ ? ((@.k > 1) is unknown).k": '["v"]',
    'lax $ ? (@.k starts with "v" || exists(@.zzz)).k': '["v"]',
    "lax $.n.size()": "[3]",
    "lax $.n[*].type()": '["number","number","object"]',
    "lax $.s.double()": "[12.0]",
    "lax $.n[1].ceiling() + $.n[1].floor()": "[13.0]",
    "lax -$.n[0] * 2": "[-10]",
    "lax $.n[0] / 2": "[2]",
    "lax 7 % 4 + 1.5": "[4.5]",
    "lax $.o.keyvalue()": '[{"name":"p","value":[1,2],"id":0}]',
    "strict $.n[0]": "[5]",
}


@pytest.mark.parametrize(("path", "found"), PATHS.items())
def test_paths(ask: Ask, path: str, found: str) -> None:
    empty = "EMPTY ARRAY ON EMPTY"
    sql = f"SELECT json_query('{DOCUMENT}', '{path}' WITH ARRAY WRAPPER {empty} ERROR ON ERROR)"
    assert ask(sql) == [[found]]


PATH_ERRORS = {
    "strict $.z": "structural error: missing member 'z' in JSON object",
    "strict $.n[7]": "structural error: invalid array subscript: [7, 7] for array of size 3",
    "strict $.k[0]": "invalid item type. Expected: ARRAY, actual: STRING",
    "strict $.k.x": "invalid item type. Expected: OBJECT, actual: STRING",
    "lax $.k.abs()": "invalid item type. Expected: NUMBER, actual: STRING",
    "lax $.n + 1": "arithmetic binary expression requires singleton operands",
    'lax "a" + 1': "invalid operand types to ADD operator (varchar(1), integer)",
    "lax 1 / 0": "",
}


@pytest.mark.parametrize(("path", "message"), PATH_ERRORS.items())
def test_errors_of_paths(error_of: ErrorOf, path: str, message: str) -> None:
    error = error_of(f"SELECT json_value('{DOCUMENT}', '{path}' ERROR ON ERROR)")
    assert error == f"PATH_EVALUATION_ERROR: path evaluation failed: {message}"


PRIMARY = (
    "{'+', '(', '$', '@', 'false', 'last', '-', 'null', 'true', DECIMAL_VALUE, DOUBLE_VALUE, "
    "INTEGER_VALUE, STRING, NAMED_VARIABLE}"
)
SYNTAX = {
    "": (27, "mismatched input '<EOF>' expecting {'lax', 'strict'}"),
    "$.a": (27, "mismatched input '$' expecting {'lax', 'strict'}"),
    "lax .a": (31, f"mismatched input '.' expecting {PRIMARY}"),
    "lax $.": (33, "no viable alternative at input '.<EOF>'"),
    "lax $[": (33, "no viable alternative at input '[<EOF>'"),
    "lax $[0": (34, "mismatched input '<EOF>' expecting {',', ']'}"),
    "lax $ ? @": (35, "mismatched input '@' expecting '('"),
    "lax $ ? (@)": (37, "no viable alternative at input '@)'"),
    "lax $.a b": (
        35,
        "mismatched input 'b' expecting {<EOF>, '+', '*', '/', '%', '.', '..', '[', '?', '-'}",
    ),
}


@pytest.mark.parametrize(("path", "expected"), SYNTAX.items())
def test_syntax_of_paths(error_of: ErrorOf, path: str, expected: tuple[int, str]) -> None:
    column, message = expected
    error = error_of(f"SELECT json_exists('{{}}', '{path}')")
    assert error == f"SYNTAX_ERROR: line 1:{column}: {message}"


VALUES: dict[str, str | None] = {
    "json_value('{\"a\": 1.5}', 'lax $.a')": "1.5E0",
    "json_value('{\"a\": true}', 'lax $.a')": "true",
    "json_value('{\"a\": null}', 'lax $.a' ERROR ON ERROR)": None,
    "json_value('{\"a\": [1]}', 'lax $.a')": None,
    "json_value('{\"a\": \"7\"}', 'lax $.a' RETURNING integer)": "7",
    "json_value('{\"a\": \"x\"}', 'lax $.a' RETURNING integer)": None,
    "json_value('{\"a\": \"x\"}', 'lax $.a' RETURNING integer DEFAULT -1 ON ERROR)": "-1",
    "json_value('{}', 'lax $.a' RETURNING double DEFAULT 2.5e0 ON EMPTY)": "2.5",
    "json_value('{\"a\": \"2020-01-02\"}', 'lax $.a' RETURNING date)": "2020-01-02",
    "json_value('{\"a\": 2.5}', 'lax $.a' RETURNING decimal(3, 1))": "2.5",
    "json_value('[1, 2]', 'lax $[$i]' PASSING 1 AS \"i\")": "2",
    "json_value('[1, 2]', 'lax $[$I]' PASSING 1 AS i)": "2",
    "json_value('{\"a\": 5}', 'lax $.a ? (@ > $x)' PASSING 4.5 AS \"x\")": "5",
    "json_value('oops', 'lax $')": None,
    "json_value(NULL, 'lax $')": None,
    "json_query('{\"a\": \"x\"}', 'lax $.a')": '"x"',
    "json_query('{\"a\": \"x\"}', 'lax $.a' OMIT QUOTES)": "x",
    "json_query('[1, 2]', 'lax $[*]')": None,
    "json_query('[1, 2]', 'lax $[*]' WITH WRAPPER)": "[1,2]",
    "json_query('[[1]]', 'lax $[0]' WITH CONDITIONAL WRAPPER)": "[1]",
    "json_query('[1]', 'lax $[0]' WITH CONDITIONAL WRAPPER)": "[1]",
    "json_query('oops', 'lax $' EMPTY OBJECT ON ERROR)": "{}",
    "json_exists('[1]', 'strict $[5]')": "false",
    "json_exists('[1]', 'strict $[5]' TRUE ON ERROR)": "true",
    "json_exists('[1]', 'strict $[5]' UNKNOWN ON ERROR)": None,
    "json_exists(NULL, 'lax $')": None,
    "json_object('a': 1, 'b': NULL)": '{"a":1,"b":null}',
    "json_object('a': NULL ABSENT ON NULL)": "{}",
    "json_object(KEY 'k' VALUE 1.50)": '{"k":1.50}',
    "json_object()": "{}",
    "json_object('o': json_array(1, 2e0, DATE '2020-01-02'))": '{"o":[1,2.0,"2020-01-02"]}',
    "json_array(NULL, true NULL ON NULL)": "[null,true]",
    "json_array()": "[]",
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_values(ask: Ask, expression: str, value: str | None) -> None:
    assert ask(f"SELECT {expression}") == [[value]]


ERRORS = {
    "json_value('{}', 'lax $.a' ERROR ON EMPTY)": (
        "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: JSON path found no items"
    ),
    "json_value('[1, 2]', 'lax $[*]' ERROR ON ERROR)": (
        "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: JSON path found multiple"
        " items"
    ),
    "json_value('[[]]', 'lax $[0]' ERROR ON ERROR)": (
        "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: JSON path found an item"
        " that cannot be converted to an SQL value"
    ),
    "json_value('[\"x\"]', 'lax $[0]' RETURNING integer ERROR ON ERROR)": (
        "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: Cannot cast value of"
        " type varchar to declared return type of function JSON_VALUE: integer"
    ),
    "json_value('oops', 'lax $' ERROR ON ERROR)": (
        "JSON_INPUT_CONVERSION_ERROR: conversion to JSON failed: "
    ),
    "json_query('{}', 'lax $.a' ERROR ON EMPTY)": (
        "JSON_OUTPUT_CONVERSION_ERROR: conversion from JSON failed: JSON path found no items"
    ),
    "json_value('{}', 'lax $x')": "INVALID_PATH: line 1:25: no value passed for parameter x",
    "json_value('{}', 'lax $x' PASSING 1 AS x)": (
        'INVALID_PATH: line 1:25: no value passed for parameter x. Try quoting "x" in the'
        " PASSING clause to match case"
    ),
    "json_value(1, 'lax $')": (
        "TYPE_MISMATCH: line 1:19: Cannot read input of type integer as JSON using formatting JSON"
    ),
    "json_object('a': 1, 'a': 2)": (
        "NOT_SUPPORTED: cannot construct a JSON object with duplicate key"
    ),
    "json_object('a': 1, 'a': 2 WITH UNIQUE KEYS)": (
        "INVALID_FUNCTION_ARGUMENT: duplicate key passed to JSON_OBJECT function"
    ),
    "json_object(CAST(NULL AS varchar): 1)": (
        "INVALID_FUNCTION_ARGUMENT: null value passed for JSON object key to JSON_OBJECT function"
    ),
}


@pytest.mark.parametrize(("expression", "error"), ERRORS.items())
def test_errors(error_of: ErrorOf, expression: str, error: str) -> None:
    assert error_of(f"SELECT {expression}") == error
