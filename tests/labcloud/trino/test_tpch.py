"""TPC-H's queries: they compile, run, and let DuckDB read no more than they need."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from labcloud.trino import parser, session
from labcloud.trino.analyzer import compile_query
from labcloud.trino.catalog import MemoryCatalog, Table, TableColumn
from labcloud.trino.session import Session
from labcloud.trino.types import BIGINT, DATE, INTEGER, VARCHAR, decimal, duckdb_type

QUERIES: dict[int, str] = runpy.run_path(
    str(Path(__file__).parents[2] / "benchmarks" / "tpch_queries.py")
)["QUERIES"]

KINDS = {"k": BIGINT, "i": INTEGER, "m": decimal(15, 2), "d": DATE, "s": VARCHAR}
TABLES = {
    "region": "r_regionkey:i r_name:s r_comment:s",
    "nation": "n_nationkey:i n_name:s n_regionkey:i n_comment:s",
    "supplier": "s_suppkey:k s_name:s s_address:s s_nationkey:i s_phone:s s_acctbal:m s_comment:s",
    "customer": "c_custkey:k c_name:s c_address:s c_nationkey:i c_phone:s c_acctbal:m "
    "c_mktsegment:s c_comment:s",
    "part": "p_partkey:k p_name:s p_mfgr:s p_brand:s p_type:s p_size:i p_container:s "
    "p_retailprice:m p_comment:s",
    "partsupp": "ps_partkey:k ps_suppkey:k ps_availqty:i ps_supplycost:m ps_comment:s",
    "orders": "o_orderkey:k o_custkey:k o_orderstatus:s o_totalprice:m o_orderdate:d "
    "o_orderpriority:s o_clerk:s o_shippriority:i o_comment:s",
    "lineitem": "l_orderkey:k l_partkey:k l_suppkey:k l_linenumber:i l_quantity:m "
    "l_extendedprice:m l_discount:m l_tax:m l_returnflag:s l_linestatus:s l_shipdate:d "
    "l_commitdate:d l_receiptdate:d l_shipinstruct:s l_shipmode:s l_comment:s",
}


@pytest.fixture(scope="module")
def tables() -> Iterator[tuple[duckdb.DuckDBPyConnection, MemoryCatalog]]:
    """Make TPC-H's tables, without rows."""
    catalog = MemoryCatalog()
    with duckdb.connect() as connection:
        for name, text in TABLES.items():
            columns = [TableColumn(c[:-2], KINDS[c[-1]]) for c in text.split()]
            held = ", ".join(f"c{i} {duckdb_type(c.type)}" for i, c in enumerate(columns))
            connection.execute(f"CREATE TABLE {name} ({held})")
            catalog.add(Table(("awsdatacatalog", "default", name), columns, name))
        yield connection, catalog


@pytest.mark.parametrize("number", QUERIES)
def test_queries_run(tables: tuple[duckdb.DuckDBPyConnection, MemoryCatalog], number: int) -> None:
    connection, catalog = tables
    result = session.run(connection, QUERIES[number], catalog)
    assert all(value is None for row in result.rows for value in row)


def test_only_what_is_needed_is_read(
    tables: tuple[duckdb.DuckDBPyConnection, MemoryCatalog],
) -> None:
    node: Any = parser.parse(QUERIES[6])
    (scan,) = compile_query(node, tables[1], Session()).scans
    assert {scan.columns[number] for number in scan.used} == {
        "l_extendedprice",
        "l_discount",
        "l_shipdate",
        "l_quantity",
    }
    assert len(scan.predicates) == 4


def test_conditions_become_filters_of_the_scan() -> None:
    catalog = MemoryCatalog()
    columns = [TableColumn("price", KINDS["m"]), TableColumn("day", DATE)]
    catalog.add(Table(("awsdatacatalog", "default", "sale"), columns, "sale"))
    sql = """
        SELECT n FROM (SELECT price * 2 AS n, day, price FROM sale) AS s
        WHERE day >= DATE '1994-01-01' AND price < 24"""
    node: Any = parser.parse(sql)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE sale (c0 DECIMAL(15,2), c1 DATE)")
        connection.execute("INSERT INTO sale VALUES (1, '1993-01-01'), (2, '1995-01-01')")
        made = compile_query(node, catalog, Session()).filled(["sale"])
        rows = connection.execute(f"EXPLAIN {made}").fetchall()
    plan = rows[0][1]
    assert "Filters: " in plan
    assert "Filter " not in plan.replace("Filters", "")
