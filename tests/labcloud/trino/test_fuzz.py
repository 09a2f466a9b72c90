"""Broken and odd SQL: an error in Trino's words or a result, never anything else."""

from __future__ import annotations

import random
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.trino.catalog import MemoryCatalog
from labcloud.trino.errors import TrinoError
from labcloud.trino.session import run

STATEMENTS = [
    "SELECT a, count(*) AS n FROM (VALUES (1, 'x'), (2, 'y')) t(a, b) WHERE a > 0 GROUP BY a "
    "HAVING count(*) > 0 ORDER BY 2 DESC LIMIT 5",
    "WITH q AS (SELECT x, x * 2.5 AS y FROM UNNEST(sequence(1, 5)) t(x)) "
    "SELECT sum(y) OVER (PARTITION BY x % 2 ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) "
    "FROM q JOIN (VALUES 1, 2) v(z) ON q.x = v.z",
    "SELECT CASE WHEN b LIKE 'a%' THEN CAST(b AS integer) ELSE coalesce(a, 1) END FROM "
    "(VALUES (1, 'ab'), (NULL, '7')) t(a, b) UNION ALL SELECT 3",
    "SELECT transform(ARRAY[1, 2], x -> x + 1), MAP(ARRAY['k'], ARRAY[1])['k'], ROW(1, 'a')[2]",
    "SELECT date_format(DATE '2020-01-01' + INTERVAL '3' DAY, '%Y'), "
    "json_extract_scalar('{}', '$.a')",
]
WORDS = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "ORDER",
    "(",
    ")",
    ",",
    ".",
    "*",
    "+",
    "-",
    "/",
    "%",
    "=",
    "<>",
    "'a'",
    "1",
    "2.5",
    "NULL",
    "AND",
    "OR",
    "NOT",
    "IN",
    "CASE",
    "WHEN",
    "END",
    "CAST",
    "AS",
    "integer",
    "a",
    "b",
    "t",
    "UNNEST",
    "ARRAY[",
    "]",
    "->",
    "OVER",
    "LIMIT",
    ";",
    '"',
    "'",
    "[",
    "?",
    "::",
    "||",
    "@",
    "#",
    "`",
    "INTERVAL",
    "DATE",
    "JOIN",
    "ON",
    "USING",
    "WITH",
    "RECURSIVE",
    "count(*)",
    "sum(",
    "DISTINCT",
    "EXISTS",
]
NOT_OURS = re.compile(
    r"Traceback|duckdb|Binder Error|Parser Error|Catalog Error|Internal Error|Python|0x[0-9a-f]{6}",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect(config={"enable_external_access": "false"})
    opened.execute("SET TimeZone = 'UTC'")
    return opened


def broken(seed: int) -> str:
    """A statement with words taken out, put in, doubled or exchanged."""
    chance = random.Random(seed)
    words = chance.choice(STATEMENTS).split(" ")
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(words))
        what = chance.randrange(5)
        if what == 0:
            del words[at]
        elif what == 1:
            words.insert(at, chance.choice(WORDS))
        elif what == 2:
            words[at] = chance.choice(WORDS)
        elif what == 3:
            words.insert(at, words[at])
        else:
            words = words[: max(1, at)]
        if not words:
            words = ["SELECT"]
    return " ".join(words)


def error_of(connection: duckdb.DuckDBPyConnection, sql: str) -> TrinoError | None:
    try:
        run(connection, sql, MemoryCatalog())
    except TrinoError as error:
        return error
    return None


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_broken_statements(connection: duckdb.DuckDBPyConnection, part: int) -> None:
    """Each ends as a result or as an error that Trino could have written."""
    failed = 0
    for seed in range(part * 100, part * 100 + 100):
        sql = broken(seed)
        if (error := error_of(connection, sql)) is not None:
            failed += 1
            assert re.fullmatch(r"[A-Z_0-9]+", error.name), sql
            assert not NOT_OURS.search(str(error)), f"{sql}\n{error}"
            assert error.name != "GENERIC_INTERNAL_ERROR", f"{sql}\n{error}"
    assert failed > 50
    assert run(connection, "SELECT 1", MemoryCatalog()).rows == [(1,)]


# ---- expressions against Python's own arithmetic

whole = st.integers(-1000, 1000)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_integer_arithmetic_is_java_s(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    """Trees of + - * / % over integers: division cuts towards zero, the remainder has its sign."""

    def tree(depth: int) -> tuple[str, int | None]:
        if depth == 0 or data.draw(st.booleans()):
            value = data.draw(whole)
            return f"({value})", value
        a_sql, a = tree(depth - 1)
        b_sql, b = tree(depth - 1)
        operator = data.draw(st.sampled_from("+-*/%"))
        sql = f"({a_sql} {operator} {b_sql})"
        if a is None or b is None or (operator in "/%" and b == 0):
            return sql, None
        cut = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if operator in "/%" else 0
        value = {"+": a + b, "-": a - b, "*": a * b, "/": cut, "%": a - b * cut}[operator]
        return sql, value if abs(value) < 2**31 else None

    sql, value = tree(3)
    if value is None:
        return
    assert run(connection, f"SELECT {sql} AS v", MemoryCatalog()).rows == [(value,)]


decimals = st.decimals(-999, 999, places=2, allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(decimals, decimals)
def test_decimal_division_rounds_half_up(
    connection: duckdb.DuckDBPyConnection, a: Decimal, b: Decimal
) -> None:
    """The quotient of decimal(5,2) by decimal(5,2) has 2 places, rounded half away from zero."""
    if b == 0:
        return
    sql = f"SELECT CAST('{a}' AS decimal(5,2)) / CAST('{b}' AS decimal(5,2))"
    exact = Fraction(a) / Fraction(b)
    wanted = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )
    assert run(connection, sql, MemoryCatalog()).rows == [(wanted,)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=6), st.integers(-5, 5))
def test_in_lists_have_three_values(
    connection: duckdb.DuckDBPyConnection, items: list[int | None], value: int
) -> None:
    """x IN (…) is true where it is found, unknown where a NULL might be it, else false."""
    if not items:
        return
    shown = ", ".join("NULL" if item is None else str(item) for item in items)
    wanted = True if value in items else None if None in items else False
    sql = f"SELECT CAST({value} AS integer) IN ({shown})"
    assert run(connection, sql, MemoryCatalog()).rows == [(wanted,)]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.integers(-25, 25), st.integers(-3, 25))
def test_substr_counts_code_points(
    connection: duckdb.DuckDBPyConnection, text: str, start: int, length: int
) -> None:
    """substr(text, start, length): from 1, from the end where negative, "" beyond."""
    text = text.replace("\x00", "")
    quoted = text.replace("'", "''")
    begin = start - 1 if start > 0 else len(text) + start
    outside = start == 0 or length <= 0 or begin < 0 or begin >= len(text)
    wanted = "" if outside else text[begin : begin + length]
    sql = f"SELECT substr('{quoted}', {start}, {length})"
    assert run(connection, sql, MemoryCatalog()).rows == [(wanted,)]
