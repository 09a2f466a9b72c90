"""The formatter: expressions and queries as Trino prints them."""

from typing import Any

import pytest

from labcloud.trino.formatter import format_expression, format_type
from labcloud.trino.parser import parse, parse_expression, parse_type
from labcloud.trino.query_formatter import format_query
from tests.labcloud.trino.statements import QUERIES


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("avg(s)-s", "(avg(s) - s)"),
        ("Max ( A )", "Max(A)"),
        ('"a b"', '"a b"'),
        ("t.X", "t.X"),
        ("null", "null"),
        ("TRUE", "true"),
        ("1.50", "DECIMAL '1.50'"),
        ("100e0", "1E2"),
        ("1.5e-7", "1.5E-7"),
        ("0e0", "0E0"),
        ("'it''s'", "'it''s'"),
        ("x'cafe'", "X'CAFE'"),
        ("-x", "-(x)"),
        ("+x", "+x"),
        ("a is not distinct from b", "(NOT (a IS DISTINCT FROM b))"),
        ("a not like 'b' escape 'c'", "(NOT (a LIKE 'b' ESCAPE 'c'))"),
        ("a in (1, 2)", "(a IN (1, 2))"),
        ("cast(a as BIGINT)", "CAST(a AS BIGINT)"),
        ("try_cast(a as decimal(10,2))", "TRY_CAST(a AS decimal(10, 2))"),
        ("cast(a as timestamp(3) with time zone)", "CAST(a AS timestamp(3) with time zone)"),
        ("case a when 1 then 2 else 3 end", "(CASE a WHEN 1 THEN 2 ELSE 3 END)"),
        ("if(a, b)", "IF(a, b)"),
        ("coalesce(a, b)", "COALESCE(a, b)"),
        ("row(a, b)", "ROW (a, b)"),
        ("array[a, row(b)]", "ARRAY[a,ROW(b)]"),
        ("extract(year from a)", "EXTRACT(YEAR FROM a)"),
        ("interval -'1' day to second", "INTERVAL -'1' DAY TO SECOND"),
        ("current_timestamp(3)", "current_timestamp(3)"),
        ("current_user", "CURRENT_USER"),
        ("trim(leading 'x' from y)", "trim(LEADING 'x' FROM y)"),
        ("count(*)", "count(*)"),
        ("count(distinct a) filter (where b)", "count(DISTINCT a) FILTER (WHERE b)"),
        (
            "sum(a) over (partition by b order by c desc rows 1 preceding)",
            "sum(a) OVER (PARTITION BY b ORDER BY c DESC ROWS 1 PRECEDING)",
        ),
        ("a = any (select 1)", "(a = ANY (SELECT 1\n))"),
        ("json_exists(a, 'b')", "JSON_EXISTS(a FORMAT JSON, 'b' FALSE ON ERROR)"),
    ],
)
def test_expressions(sql: str, text: str) -> None:
    assert format_expression(parse_expression(sql)) == text


def test_types() -> None:
    text = "row(a bigint, array(varchar))"
    assert format_type(parse_type(text)) == "ROW(a bigint, array(varchar))"
    assert format_type(parse_type('row("B" int)')) == 'ROW("B" int)'


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_is_the_same_when_it_is_read_again(sql: str) -> None:
    first: Any = parse(sql)
    text = format_query(first)
    again: Any = parse(text.replace("\"normalize\"(a, 'NFC')", "normalize(a)"))
    assert format_query(again) == text


def test_layout() -> None:
    query: Any = parse("SELECT a, b FROM t, u WHERE a = (SELECT 1) ORDER BY b LIMIT 5")
    assert format_query(query) == (
        "SELECT\n  a\n, b\nFROM\n  t\n  , u\nWHERE (a = (SELECT 1\n))\nORDER BY b ASC\nLIMIT 5\n"
    )
