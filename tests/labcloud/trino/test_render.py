"""How values become Athena's text, in Python and inside DuckDB."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.trino import render
from labcloud.trino.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    INTEGER,
    JSON,
    REAL,
    VARBINARY,
    VARCHAR,
    YEAR_TO_MONTH,
    Field,
    Type,
    array,
    char,
    decimal,
    duckdb_type,
    map_of,
    row,
    timestamp,
    timestamp_tz,
    varchar,
)

NOON = datetime.datetime(2020, 7, 1, 12, 0, 0, 123456)  # noqa: DTZ001 - as DuckDB returns it


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def in_duckdb(connection: duckdb.DuckDBPyConnection, value: Any, kind: Type) -> tuple[Any, Any]:
    """The value as DuckDB returns it, and its text as DuckDB makes it."""
    sql = (
        f"SELECT v, {render.render_sql('v', kind)} FROM (SELECT CAST($1 AS {duckdb_type(kind)}) v)"
    )
    return connection.execute(sql, [value]).fetchall()[0]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, INTEGER, None),
        (True, BOOLEAN, "true"),
        (1e7, DOUBLE, "1.0E7"),
        (0.001, DOUBLE, "0.001"),
        (1e-4, DOUBLE, "1.0E-4"),
        (5e-324, DOUBLE, "4.9E-324"),
        (-0.0, DOUBLE, "-0.0"),
        (float("nan"), DOUBLE, "NaN"),
        (float("-inf"), DOUBLE, "-Infinity"),
        (0.10000000149011612, REAL, "0.1"),
        (Decimal("1.50"), decimal(12, 2), "1.50"),
        (Decimal("0.500"), decimal(3, 3), "0.500"),
        (datetime.date(2020, 1, 2), DATE, "2020-01-02"),
        (NOON, timestamp(0), "2020-07-01 12:00:00.123"),
        (NOON, timestamp(6), "2020-07-01 12:00:00.123456"),
        ({"i": NOON, "z": "Europe/Rome"}, timestamp_tz(3), "2020-07-01 14:00:00.123 Europe/Rome"),
        ({"i": NOON, "z": "-08:00"}, timestamp_tz(3), "2020-07-01 04:00:00.123 -08:00"),
        (datetime.time(5, 6, 7, 120000), Type("time", (2,)), "05:06:07.120"),
        (129_600_000, DAY_TO_SECOND, "1 12:00:00.000"),
        (-1, DAY_TO_SECOND, "-0 00:00:00.001"),
        (18, YEAR_TO_MONTH, "1-6"),
        (b"\xca\xfe", VARBINARY, "ca fe"),
        (b"", VARBINARY, ""),
        ('{"a":1}', JSON, '{"a":1}'),
        ("a ", char(2), "a "),
        ([1, None, 2], array(INTEGER), "[1, null, 2]"),
        ([], array(INTEGER), "[]"),
        ([[1.0], None], array(array(DOUBLE)), "[[1.0], null]"),
        ([b"ab"], array(VARBINARY), "[YWI=]"),
        (
            {"f0": "Bob", "f1": 38},
            row(Field("name", VARCHAR), Field("age", INTEGER)),
            "{name=Bob, age=38}",
        ),
        ({"f0": "Bob", "f1": None}, row(VARCHAR, INTEGER), "{field0=Bob, field1=null}"),
    ],
)
def test_values(
    connection: duckdb.DuckDBPyConnection, value: Any, kind: Type, text: str | None
) -> None:
    assert render.athena_text(value, kind) == text
    assert in_duckdb(connection, value, kind)[1] == text


def test_maps(connection: duckdb.DuckDBPyConnection) -> None:
    plain, nested = map_of(VARCHAR, INTEGER), map_of(array(INTEGER), VARCHAR)
    for kind, sql, text in (
        (plain, "map(['a', 'b'], [1, NULL])", "{a=1, b=null}"),
        (nested, "map([[1, 2]], ['x'])", "{[1, 2]=x}"),
        (
            map_of(VARCHAR, array(INTEGER)),
            "map(['key', 'value'], [[1], [2]])",
            "{key=[1], value=[2]}",
        ),
    ):
        found = connection.execute(
            f"SELECT v, {render.render_sql('v', kind)} FROM (SELECT {sql} v)"
        ).fetchall()[0]
        assert found[1] == text
        assert render.athena_text(found[0], kind) == text


def test_years_beyond_four_digits_print_as_java_does(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for value, text in (("10000-01-02", "+10000-01-02"), ("-0001-01-02", "-0001-01-02")):
        held, made = in_duckdb(connection, value, DATE)
        assert made == text
        assert render.athena_text(held, DATE) == text
        held, made = in_duckdb(connection, f"{value} 10:20:30.5", timestamp(3))
        assert made == f"{text} 10:20:30.500"
        assert render.athena_text(held, timestamp(3)) == made


def test_nanoseconds_are_seen_inside_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    text = "2020-01-01 00:00:00.123456789"
    assert in_duckdb(connection, text, timestamp(9))[1] == text
    assert in_duckdb(connection, [text], array(timestamp(9)))[1] == f"[{text}]"
    assert in_duckdb(connection, "01:02:03.123456789", Type("time", (9,)))[1].endswith("123456789")


SCALARS = st.one_of(
    st.tuples(st.just(DOUBLE), st.floats()),
    st.tuples(st.just(BIGINT), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(decimal(38, 10)), st.decimals(-(10**20), 10**20, places=10)),
    st.tuples(st.just(DATE), st.dates()),
    st.tuples(st.sampled_from([timestamp(p) for p in (0, 1, 3, 5, 6)]), st.datetimes()),
    st.tuples(st.sampled_from([Type("time", (p,)) for p in (0, 3, 6)]), st.times()),
    st.tuples(st.just(DAY_TO_SECOND), st.integers(-(10**15), 10**15)),
    st.tuples(st.just(YEAR_TO_MONTH), st.integers(-(10**6), 10**6)),
    st.tuples(st.just(VARBINARY), st.binary(max_size=20)),
    st.tuples(st.just(array(DOUBLE)), st.lists(st.floats() | st.none(), max_size=4)),
)


@settings(max_examples=300, deadline=None)
@given(SCALARS)
def test_duckdb_makes_the_same_text(case: tuple[Type, Any]) -> None:
    kind, value = case
    with duckdb.connect() as connection:
        held, text = in_duckdb(connection, value, kind)
    assert render.athena_text(held, kind) == text


@pytest.mark.parametrize(
    ("kind", "name", "precision", "scale", "case"),
    [
        (INTEGER, "integer", 10, 0, False),
        (BIGINT, "bigint", 19, 0, False),
        (REAL, "float", 17, 0, False),
        (DOUBLE, "double", 17, 0, False),
        (VARCHAR, "varchar", 2147483647, 0, True),
        (varchar(3), "varchar", 3, 0, True),
        (char(3), "char", 3, 0, True),
        (decimal(12, 2), "decimal", 12, 2, False),
        (DATE, "date", 0, 0, False),
        (timestamp(6), "timestamp", 3, 0, False),
        (timestamp_tz(3), "timestamp with time zone", 3, 0, False),
        (array(VARCHAR), "array", 0, 0, False),
        (row(VARCHAR), "row", 0, 0, False),
        (DAY_TO_SECOND, "interval day to second", 0, 0, False),
    ],
)
def test_column_info(kind: Type, name: str, precision: int, scale: int, case: bool) -> None:
    assert render.column_info("c", kind) == {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": "c",
        "Label": "c",
        "Type": name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": case,
    }
