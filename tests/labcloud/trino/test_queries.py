"""Queries: names, joins, grouping, ordering, subqueries, WITH, views, and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from labcloud.trino import parser, session, types
from labcloud.trino.analyzer import Compiled, compile_query
from labcloud.trino.catalog import MemoryCatalog, Table, TableColumn, View
from labcloud.trino.errors import TrinoError
from labcloud.trino.session import Result, Session
from labcloud.trino.types import BIGINT, INTEGER, VARCHAR

HOME = ("awsdatacatalog", "default")


def catalog() -> MemoryCatalog:
    """Return a catalog of a few tables and views."""
    made = MemoryCatalog()
    numbers = types.array(INTEGER)
    made.add(
        Table(
            (*HOME, "city"),
            [
                TableColumn("id", INTEGER),
                TableColumn("name", VARCHAR),
                TableColumn("marks", numbers),
                TableColumn("$path", VARCHAR, hidden=True),
            ],
            "(SELECT * FROM (VALUES (1, 'Oslo', [4, 5], 's3://a'), (2, 'Rome', [], 's3://a'), "
            "(3, 'Oslo', NULL, 's3://b')) AS t(c0, c1, c2, c3))",
        )
    )
    made.add(
        Table(
            (*HOME, "visit"),
            [TableColumn("city", INTEGER), TableColumn("cost", BIGINT)],
            "(SELECT * FROM (VALUES (1, 10::BIGINT), (1, 11), (3, 30), (9, NULL)) AS t(c0, c1))",
        )
    )
    columns = [TableColumn("id", INTEGER), TableColumn("name", VARCHAR)]
    made.add(View((*HOME, "late"), "SELECT id, name FROM city WHERE id > 1", columns))
    made.add(View((*HOME, "stale"), "SELECT id FROM city", columns))
    made.add(View((*HOME, "loop"), "SELECT id, name FROM loop", columns))
    made.add(View((*HOME, "broken"), "SELECT id, colour FROM city", columns))
    made.add(View((*HOME, "garbled"), "SELECT FROM", columns))
    return made


Run = Callable[[str], Result]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        yield lambda sql: session.run(connection, sql, catalog())


def compiled(sql: str) -> Compiled:
    """Compile a statement over the catalog."""
    node: Any = parser.parse(sql)
    return compile_query(node, catalog(), Session())


def names(result: Result) -> list[str]:
    return [column.name for column in result.columns]


# ---- names


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT 1, 2 AS Total, 'x'", ["_col0", "Total", "_col2"]),
        ("SELECT ID, c.name, c.id + 1 FROM city c", ["ID", "name", "_col2"]),
        ("SELECT * FROM city", ["id", "name", "marks"]),
        ('SELECT "$path" FROM city', ["$path"]),
        ("SELECT v.*, c.id FROM city c, visit v", ["city", "cost", "id"]),
        ("SELECT * FROM city JOIN visit ON id = city", ["id", "name", "marks", "city", "cost"]),
        ("VALUES (1, 2)", ["_col0", "_col1"]),
        ("TABLE visit", ["city", "cost"]),
        ("SELECT id AS a FROM city UNION SELECT city AS b FROM visit", ["a"]),
        ("SELECT * FROM (SELECT 1, 2) AS t(x, Y)", ["x", "Y"]),
    ],
)
def test_names_of_columns(run: Run, sql: str, wanted: list[str]) -> None:
    assert names(run(sql)) == wanted


def test_names_are_found_in_any_case_and_with_their_schema(run: Run) -> None:
    sql = 'SELECT CITY.Id, awsdatacatalog.default.city."ID", default.city.id FROM City WHERE iD = 2'
    assert run(sql).rows == [(2, 2, 2)]


# ---- results


ANSWERS: list[tuple[str, list[tuple[Any, ...]]]] = [
    # joins
    (
        "SELECT id, cost FROM city LEFT JOIN visit ON id = city ORDER BY 1, 2",
        [(1, 10), (1, 11), (2, None), (3, 30)],
    ),
    (
        "SELECT id, city FROM city RIGHT JOIN visit ON id = city AND cost > 10 ORDER BY 1, 2",
        [(1, 1), (3, 3), (None, 1), (None, 9)],
    ),
    (
        "SELECT k, a, b FROM (VALUES (1, 'l')) x(k, a) FULL JOIN (VALUES (2, 'r')) y(k, b) "
        "USING (k) ORDER BY k",
        [(1, "l", None), (2, None, "r")],
    ),
    (
        "SELECT count(*) FROM city a JOIN (city b JOIN visit v ON b.id = v.city) ON a.id = b.id",
        [(3,)],
    ),
    ("SELECT count(*) FROM city, visit", [(12,)]),
    (
        "SELECT id, m FROM city CROSS JOIN LATERAL (SELECT max(cost) AS m FROM visit "
        "WHERE city = id) ORDER BY id",
        [(1, 11), (2, None), (3, 30)],
    ),
    # UNNEST
    ("SELECT id, m FROM city, UNNEST(marks) AS t(m) ORDER BY m", [(1, 4), (1, 5)]),
    (
        "SELECT id, m FROM city LEFT JOIN UNNEST(marks) AS t(m) ON TRUE ORDER BY id, m",
        [(1, 4), (1, 5), (2, None), (3, None)],
    ),
    (
        "SELECT * FROM UNNEST(ARRAY[1, 2, 3], ARRAY['a']) WITH ORDINALITY AS t(n, s, o) ORDER BY o",
        [(1, "a", 1), (2, None, 2), (3, None, 3)],
    ),
    ("SELECT * FROM UNNEST(MAP(ARRAY['k'], ARRAY[7])) AS t(k, v)", [("k", 7)]),
    (
        "SELECT a, b, n FROM UNNEST(ARRAY[ROW(1, 'x'), ROW(2, 'y')], ARRAY[9]) AS t(a, b, n) "
        "ORDER BY a",
        [(1, "x", 9), (2, "y", None)],
    ),
    ("SELECT count(*) FROM UNNEST(CAST(NULL AS array(integer))) AS t(x)", [(0,)]),
    # set operations
    ("SELECT 1 UNION ALL SELECT 1 UNION SELECT 1", [(1,)]),
    ("SELECT 1 UNION SELECT 1 UNION ALL SELECT 1", [(1,), (1,)]),
    ("SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 2)", [(1,)]),
    ("SELECT NULL INTERSECT SELECT NULL", [(None,)]),
    ("(SELECT id FROM city ORDER BY id DESC LIMIT 1) UNION ALL SELECT 0 ORDER BY 1", [(0,), (3,)]),
    # grouping
    (
        "SELECT name, sum(id) FROM city GROUP BY name HAVING count(*) > 1",
        [("Oslo", 4)],
    ),
    ("SELECT count(*) FROM city WHERE id > 5", [(0,)]),
    ("SELECT count(*) FROM city WHERE id > 5 GROUP BY name", []),
    ("SELECT 1 FROM city HAVING true", [(1,)]),
    ("SELECT 5 AS five, count(*) FROM city GROUP BY 1", [(5, 3)]),
    (
        "SELECT name, count(*) AS n FROM city GROUP BY ROLLUP (name) ORDER BY n, name",
        [("Rome", 1), ("Oslo", 2), (None, 3)],
    ),
    (
        "SELECT name, id, grouping(name, id) AS g FROM city WHERE id < 3 "
        "GROUP BY GROUPING SETS ((name), (id), ()) ORDER BY g, 1, 2",
        [("Oslo", None, 1), ("Rome", None, 1), (None, 1, 2), (None, 2, 2), (None, None, 3)],
    ),
    ("SELECT count(*) FROM city GROUP BY CUBE (name, id), id", [(1,)] * 12),
    ("SELECT sum(id) FROM city GROUP BY DISTINCT ROLLUP (), ROLLUP ()", [(6,)]),
    (
        "SELECT upper(name) || '!', max(id) FROM city GROUP BY upper(NAME) ORDER BY 2",
        [("ROME!", 2), ("OSLO!", 3)],
    ),
    (
        "SELECT id, (SELECT sum(cost) FROM visit WHERE city = id) FROM city GROUP BY id ORDER BY 1",
        [(1, 21), (2, None), (3, 30)],
    ),
    # ordering
    ("SELECT cost FROM visit ORDER BY cost DESC", [(30,), (11,), (10,), (None,)]),
    ("SELECT cost FROM visit ORDER BY 1 NULLS FIRST LIMIT 2", [(None,), (10,)]),
    ("SELECT id AS x FROM city ORDER BY -x OFFSET 1 LIMIT 1", [(2,)]),
    ("SELECT name FROM city ORDER BY id DESC LIMIT 1", [("Oslo",)]),
    ("SELECT -id AS id FROM city ORDER BY id LIMIT 1", [(-3,)]),
    ("SELECT name FROM city ORDER BY name FETCH FIRST ROW WITH TIES", [("Oslo",), ("Oslo",)]),
    (
        "SELECT id FROM city ORDER BY name OFFSET 1 FETCH NEXT 2 ROWS WITH TIES",
        [(3,), (2,)],
    ),
    ("SELECT DISTINCT name FROM city ORDER BY name FETCH FIRST 1 ROW WITH TIES", [("Oslo",)]),
    ("SELECT name FROM city GROUP BY name ORDER BY count(*) DESC", [("Oslo",), ("Rome",)]),
    # subqueries
    ("SELECT id FROM city WHERE id IN (SELECT city FROM visit) ORDER BY 1", [(1,), (3,)]),
    ("SELECT id FROM city WHERE id NOT IN (VALUES 1, NULL)", []),
    ("SELECT id FROM city WHERE NOT EXISTS (SELECT * FROM visit WHERE city = id)", [(2,)]),
    ("SELECT 3 > ALL (VALUES 1, 2), 3 < ANY (VALUES 1, NULL), 1 = ALL (SELECT 2 WHERE false)",
     [(True, None, True)]),
    ("SELECT (1, 'a') IN (VALUES (1, 'b'), (NULL, 'a')), (2, 'a') IN (VALUES (1, NULL))",
     [(None, False)]),
    ("SELECT (SELECT cost FROM visit WHERE cost > 99)", [(None,)]),
    # windows
    (
        "SELECT id, sum(id) OVER w, count(*) OVER (w ROWS 1 PRECEDING) FROM city "
        "WINDOW w AS (PARTITION BY name ORDER BY id) ORDER BY id",
        [(1, 1, 1), (2, 2, 1), (3, 4, 2)],
    ),
    (
        "SELECT name, rank() OVER (ORDER BY count(*) DESC) AS r FROM city GROUP BY name ORDER BY r",
        [("Oslo", 1), ("Rome", 2)],
    ),
    # WITH
    ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x FROM a, b",
     [(1, 2)]),
    ("WITH city AS (SELECT 7 AS id) SELECT id FROM city", [(7,)]),
    ("WITH c AS (SELECT id FROM city) SELECT count(*) FROM c x, c y WHERE x.id = y.id", [(3,)]),
    (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 11) "
        "SELECT count(*), max(n) FROM r",
        [(11, 11)],
    ),
    # views, sampling, table functions
    ("SELECT name FROM late WHERE id = 3", [("Oslo",)]),
    ("SELECT count(*) FROM city TABLESAMPLE BERNOULLI (100)", [(3,)]),
    ("SELECT count(*) FROM city TABLESAMPLE SYSTEM (0)", [(0,)]),
    ("SELECT * FROM TABLE(sequence(start => 10, stop => 1, step => -4))", [(10,), (6,), (2,)]),
    # order of evaluation
    ("SELECT x FROM (VALUES 0, 2) t(x) WHERE x <> 0 AND 10 / x > 1", [(2,)]),
    ("SELECT x FROM (VALUES 'a', '5') t(x) WHERE x <> 'a' AND CAST(x AS integer) > 1", [("5",)]),
    ("SELECT coalesce(1, 1 / 0), IF(true, 1, 1 / 0), CASE WHEN false THEN 1 / 0 ELSE 2 END",
     [(1, 1, 2)]),
    ("SELECT x <> 0 AND 10 / x > 1, x = 0 OR 10 / x > 1 FROM (VALUES 0, 2) t(x) ORDER BY x",
     [(False, True), (True, True)]),
    ("SELECT NULL AND x > 1, NULL OR 1 / x = 1 FROM (VALUES 1) t(x)", [(False, True)]),
    # timestamps of one instant are one value
    ("SELECT count(*) FROM (SELECT DISTINCT t FROM (VALUES TIMESTAMP '2020-01-01 00:00:00 UTC', "
     "TIMESTAMP '2020-01-01 01:00:00 +01:00') x(t))", [(1,)]),
    ("SELECT count(*) FROM (VALUES TIMESTAMP '2020-01-01 00:00:00 UTC', "
     "TIMESTAMP '2020-01-01 01:00:00 +01:00') x(t) GROUP BY t", [(2,)]),
    ("SELECT TIMESTAMP '2020-01-01 00:00:00 UTC' IN "
     "(SELECT TIMESTAMP '2020-01-01 01:00:00 +01:00')", [(True,)]),
    # frames
    ("SELECT sum(n) OVER (ORDER BY d RANGE INTERVAL '1' MONTH PRECEDING) FROM (VALUES "
     "(1, DATE '2020-01-31'), (2, DATE '2020-02-29'), (4, DATE '2020-04-01')) t(n, d) ORDER BY d",
     [(1,), (3,), (4,)]),
    ("SELECT sum(n) OVER (ORDER BY d RANGE 1.5 PRECEDING) FROM (VALUES (1, 1.0), (2, 2.5), "
     "(4, 4.25)) t(n, d) ORDER BY d", [(1,), (3,), (4,)]),
    ("SELECT sum(n) OVER (ORDER BY n GROUPS 1 PRECEDING) FROM (VALUES 1, 1, 2) t(n) ORDER BY n",
     [(2,), (2,), (4,)]),
    # row.*
    ("SELECT t.r.* FROM (SELECT CAST(ROW(1, 'a') AS row(n integer, s varchar)) AS r) t",
     [(1, "a")]),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "rows"), ANSWERS)
def test_answers(run: Run, sql: str, rows: list[tuple[Any, ...]]) -> None:
    assert run(sql).rows == rows


# ---- errors


ERRORS = [
    ("SELECT colour FROM city", "COLUMN_NOT_FOUND: line 1:8: Column 'colour' cannot be resolved"),
    ("SELECT c.id FROM city d", "COLUMN_NOT_FOUND: line 1:8: Column 'c.id' cannot be resolved"),
    ("SELECT id FROM city a, city b", "AMBIGUOUS_NAME: line 1:8: Column 'id' is ambiguous"),
    ("SELECT * FROM nowhere",
     "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nowhere' does not exist"),
    ("SELECT * FROM x.nowhere", "SCHEMA_NOT_FOUND: line 1:15: Schema 'x' does not exist"),
    ("SELECT *", "COLUMN_NOT_FOUND: line 1:8: SELECT * not allowed in queries without FROM clause"),
    ("SELECT v.* FROM city c", "TABLE_NOT_FOUND: line 1:8: Unable to resolve reference v"),
    ("SELECT 1 FROM city WHERE id",
     "TYPE_MISMATCH: line 1:26: WHERE clause must evaluate to a boolean: actual type integer"),
    ("SELECT 1 FROM city WHERE count(*) > 1",
     "EXPRESSION_NOT_SCALAR: line 1:35: WHERE clause cannot contain aggregations, window functions "
     "or grouping operations: [count(*)]"),
    ("SELECT 1 FROM city JOIN visit ON id + 1",
     "TYPE_MISMATCH: line 1:37: JOIN ON clause must evaluate to a boolean: actual type integer"),
    ("SELECT 1 FROM city JOIN visit USING (id)",
     "COLUMN_NOT_FOUND: line 1:38: Column 'id' is missing from right side of join"),
    ("SELECT 1 FROM city a JOIN city b USING (id, id)",
     "DUPLICATE_COLUMN_NAME: line 1:45: Column 'id' appears multiple times in USING clause"),
    ("SELECT 1 FROM city NATURAL JOIN visit",
     "NOT_SUPPORTED: line 1:15: Natural join not supported"),
    ("SELECT 1 FROM city LEFT JOIN UNNEST(marks) t(m) ON m = 1",
     "NOT_SUPPORTED: line 1:54: LEFT JOIN involving UNNEST is only supported with condition "
     "ON TRUE"),
    ("SELECT 1 FROM city RIGHT JOIN UNNEST(marks) t(m) ON TRUE",
     "INVALID_COLUMN_REFERENCE: line 1:38: LATERAL reference not allowed in RIGHT JOIN"),
    ("SELECT 1 FROM UNNEST(5)", "INVALID_FUNCTION_ARGUMENT: Cannot unnest type: integer"),
    ("SELECT * FROM (VALUES 1, 2) t(a, b)",
     "MISMATCHED_COLUMN_ALIASES: line 1:15: Column alias list has 2 entries but 't' has 1 "
     "columns available"),
    ("VALUES (1, 2), (3)",
     "TYPE_MISMATCH: line 1:1: Values rows have mismatched sizes: 2 vs 1"),
    ("SELECT 1, 2 UNION SELECT 1",
     "TYPE_MISMATCH: line 1:13: UNION query has different number of fields: 2, 1"),
    ("SELECT 1 INTERSECT SELECT 'a'",
     "TYPE_MISMATCH: line 1:10: column 1 in INTERSECT query has incompatible types: "
     "integer, varchar(1)"),
    ("SELECT id FROM city GROUP BY name",
     "EXPRESSION_NOT_AGGREGATE: line 1:8: 'id' must be an aggregate expression or appear in "
     "GROUP BY clause"),
    ("SELECT * FROM city GROUP BY id",
     "EXPRESSION_NOT_AGGREGATE: Column 'awsdatacatalog.default.city.name' not in GROUP BY clause"),
    ("SELECT name, (SELECT max(cost) FROM visit WHERE city = id) FROM city GROUP BY name",
     "EXPRESSION_NOT_AGGREGATE: line 1:56: Subquery uses 'id' which must appear in GROUP BY "
     "clause"),
    ("SELECT rank() OVER (ORDER BY id) FROM city GROUP BY name",
     "EXPRESSION_NOT_AGGREGATE: line 1:30: ORDER BY expression 'id' must be an aggregate "
     "expression or appear in GROUP BY clause"),
    ("SELECT id FROM city GROUP BY 2",
     "INVALID_COLUMN_REFERENCE: line 1:30: GROUP BY position 2 is not in select list"),
    ("SELECT id FROM city GROUP BY CUBE (id + 1)",
     "INVALID_COLUMN_REFERENCE: line 1:39: GROUP BY expression must be a column reference: "
     "(id + 1)"),
    ("SELECT grouping(id) FROM city",
     "MISSING_GROUP_BY: line 1:1: A GROUPING() operation can only be used with a corresponding "
     "GROUPING SET/CUBE/ROLLUP/GROUP BY clause"),
    ("SELECT sum(max(id)) FROM city",
     "NESTED_AGGREGATION: line 1:8: Cannot nest aggregations inside aggregation 'sum': [max(id)]"),
    ("SELECT sum(id) AS id FROM city ORDER BY sum(id)",
     "COLUMN_NOT_FOUND: line 1:45: Invalid reference to output projection attribute from "
     "ORDER BY aggregation"),
    ("SELECT sum(id) FROM city HAVING sum(id)",
     "TYPE_MISMATCH: line 1:33: HAVING clause must evaluate to a boolean: actual type bigint"),
    ("SELECT 1 FROM city HAVING rank() OVER () = 1",
     "NESTED_WINDOW: line 1:27: HAVING clause cannot contain window functions or row pattern "
     "measures"),
    ("SELECT id FROM city ORDER BY 2",
     "INVALID_COLUMN_REFERENCE: line 1:30: ORDER BY position 2 is not in select list"),
    ("SELECT id, name AS id FROM city ORDER BY id",
     "AMBIGUOUS_NAME: line 1:42: Column 'id' is ambiguous"),
    ("SELECT DISTINCT name FROM city ORDER BY id",
     "EXPRESSION_NOT_IN_DISTINCT: line 1:1: For SELECT DISTINCT, ORDER BY expressions must appear "
     "in select list"),
    ("SELECT MAP(ARRAY[1], ARRAY[2]) AS m ORDER BY m",
     "TYPE_MISMATCH: line 1:1: Type map(integer, integer) is not orderable, and therefore cannot "
     "be used in ORDER BY: m"),
    ("SELECT id FROM city FETCH FIRST ROW WITH TIES",
     "MISSING_ORDER_BY: line 1:21: FETCH FIRST WITH TIES clause requires ORDER BY"),
    ("SELECT (VALUES 1, 2)",
     "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows"),
    ("SELECT 1 IN (SELECT 'a')",
     "TYPE_MISMATCH: line 1:10: Value expression and result of subquery must be of the same type: "
     "row(integer) vs row(varchar(1))"),
    ("SELECT lag(id) OVER () FROM city",
     "MISSING_ORDER_BY: line 1:22: lag function requires an ORDER BY window clause"),
    ("SELECT rank() OVER w FROM city",
     "INVALID_WINDOW_REFERENCE: line 1:20: Cannot resolve WINDOW name w"),
    ("SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM city",
     "INVALID_WINDOW_FRAME: line 1:34: Window frame starting from CURRENT ROW cannot end with "
     "PRECEDING"),
    ("SELECT sum(id) OVER (ORDER BY id ROWS 1.5 PRECEDING) FROM city",
     "TYPE_MISMATCH: line 1:39: Window frame ROWS start value type must be exact numeric type with "
     "scale 0 (actual decimal(2,1))"),
    ("SELECT sum(id) OVER (RANGE 1 PRECEDING) FROM city",
     "MISSING_ORDER_BY: line 1:22: Window frame of type RANGE PRECEDING or FOLLOWING requires "
     "ORDER BY"),
    ("WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1",
     "DUPLICATE_NAMED_QUERY: line 1:23: WITH query name 'a' specified more than once"),
    ("WITH a(x, y) AS (SELECT 1) SELECT 1",
     "MISMATCHED_COLUMN_ALIASES: line 1:8: Column alias list has 2 entries but relation has "
     "1 columns"),
    ("WITH RECURSIVE r AS (SELECT 1 AS n) SELECT n FROM r",
     "MISSING_COLUMN_ALIASES: line 1:16: missing column aliases in recursive WITH query"),
    ("WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r WHERE n < 12) SELECT n FROM r",
     "NOT_SUPPORTED: Recursion depth limit exceeded (10). Use 'max_recursion_depth' session "
     "property to modify the limit."),
    ("WITH RECURSIVE r(n) AS (SELECT n FROM r UNION ALL SELECT 1) SELECT n FROM r",
     "INVALID_RECURSIVE_REFERENCE: line 1:39: WITH table name is referenced in the base relation "
     "of recursion"),
    ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT a.n FROM r a, r b) SELECT n FROM r",
     "INVALID_RECURSIVE_REFERENCE: line 1:65: multiple recursive references in the step relation "
     "of recursion"),
    ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 'a' FROM r) SELECT n FROM r",
     "TYPE_MISMATCH: line 1:44: recursion step relation output type (varchar(1)) is not coercible "
     "to recursion base relation output type (integer) at column 1"),
    ("SELECT * FROM stale",
     "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.default.stale' is stale or in invalid state: "
     "stored view column count (2) does not match column count derived from the view query "
     "analysis (1)"),
    ("SELECT * FROM loop",
     "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.default.loop': "
     "line 1:22: View is recursive"),
    ("SELECT * FROM broken",
     "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.default.broken': "
     "line 1:12: Column 'colour' cannot be resolved"),
    ("SELECT 1 FROM city TABLESAMPLE BERNOULLI (101)",
     "NUMERIC_VALUE_OUT_OF_RANGE: line 1:43: Sample percentage must be less than or equal to 100"),
    ("SELECT * FROM (SELECT id FROM city ORDER BY colour)",
     "COLUMN_NOT_FOUND: line 1:45: Column 'colour' cannot be resolved"),
    ("SELECT 1 / x FROM (VALUES 0) t(x)", "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT transform(marks, x -> max(x)) FROM city",
     "EXPRESSION_NOT_SCALAR: line 1:30: Lambda expression cannot contain aggregations, window "
     "functions or grouping operations: [max(x)]"),
    ("SELECT count(DISTINCT name ORDER BY id) FROM city",
     "EXPRESSION_NOT_IN_DISTINCT: line 1:37: For aggregate function with DISTINCT, ORDER BY "
     "expressions must appear in arguments"),
    ("SELECT 1 FROM city GROUP BY CUBE (id, id, id, id, id, id, id, id, id, id, id, id)",
     "TOO_MANY_GROUPING_SETS: line 1:29: GROUP BY has 4096 grouping sets but can contain at most "
     "2048"),
    ("SELECT sum(id) OVER (ORDER BY id ROWS id - 2 PRECEDING) FROM city",
     "INVALID_WINDOW_FRAME: Window frame offset value must not be negative or null"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "error"), ERRORS)
def test_errors(run: Run, sql: str, error: str) -> None:
    with pytest.raises(TrinoError) as caught:
        run(sql)
    assert str(caught.value) == error


# ---- parameters


def test_parameters_are_values_and_row_counts() -> None:
    parameters = [parser.parse_expression(text) for text in ("2", "1")]
    with duckdb.connect() as connection:
        sql = "SELECT id FROM city WHERE id >= ? ORDER BY id LIMIT ?"
        result = session.run(connection, sql, catalog(), parameters=parameters)
    assert result.rows == [(2,)]


# ---- what scans must read


@pytest.mark.parametrize(
    ("sql", "used"),
    [
        ("SELECT count(*) FROM city", [set()]),
        ("SELECT id FROM city WHERE name = 'x'", [{0, 1}]),
        ("SELECT id FROM (SELECT * FROM city)", [{0}]),
        ("SELECT 1 FROM city WHERE EXISTS (SELECT * FROM visit WHERE city = id)", [{0}, {0}]),
        ("WITH c AS (SELECT * FROM city) SELECT c.id FROM c, c d WHERE d.name = 'x'", [{0, 1}]),
        ("SELECT count(*) FROM (SELECT DISTINCT id, name FROM city)", [{0, 1}]),
        ("SELECT a FROM (SELECT id a, name b FROM city UNION ALL SELECT city, 'x' FROM visit)",
         [{0}, {0}]),
        ("SELECT id FROM city ORDER BY name", [{0, 1}]),
        ('SELECT "$path" FROM city', [{3}]),
    ],
)  # fmt: skip
def test_columns_that_are_read(sql: str, used: list[set[int]]) -> None:
    assert [scan.used for scan in compiled(sql).scans] == used


@pytest.mark.parametrize(
    ("sql", "comparisons"),
    [
        ("SELECT * FROM city WHERE id = 1 AND name > 'a'", [(0, "=", 1), (1, ">", "a")]),
        ("SELECT * FROM city WHERE 1 < id", [(0, ">", 1)]),
        ("SELECT * FROM city WHERE id BETWEEN 1 AND 2", [(0, ">=", 1), (0, "<=", 2)]),
        ("SELECT * FROM city WHERE id IN (1, 2)", [(0, "in", [1, 2])]),
        ("SELECT * FROM late WHERE id = 2", [(0, ">", 1), (0, "=", 2)]),
        ("SELECT * FROM (SELECT name, count(*) FROM city GROUP BY name) WHERE name = 'x'",
         [(1, "=", "x")]),
        ("SELECT * FROM (SELECT id, sum(id) AS s FROM city GROUP BY id) WHERE s = 1", []),
        ("SELECT * FROM (SELECT id, rank() OVER (ORDER BY id) FROM city) WHERE id = 1", []),
        ("SELECT * FROM (SELECT id FROM city LIMIT 1) WHERE id = 1", []),
        ("WITH c AS (SELECT id FROM city) SELECT * FROM c WHERE id = 1", [(0, "=", 1)]),
        ("WITH c AS (SELECT id FROM city) SELECT * FROM c, c d WHERE c.id = 1", []),
        ("SELECT * FROM (VALUES 1) t(x) JOIN city ON x = id AND id = 1", [(0, "=", 1)]),
        ("SELECT * FROM (VALUES 1) t(x) LEFT JOIN city ON x = id AND id = 1", [(0, "=", 1)]),
        ("SELECT * FROM city LEFT JOIN (VALUES 1) t(x) ON x = id AND id = 1", []),
        ("SELECT * FROM (VALUES 1) t(x) LEFT JOIN city ON x = id WHERE id = 1", [(0, "=", 1)]),
    ],
)  # fmt: skip
def test_comparisons_reach_the_scan(sql: str, comparisons: list[Any]) -> None:
    (scan,) = compiled(sql).scans
    assert scan.comparisons == comparisons


def test_predicates_reach_the_scan() -> None:
    (scan,) = compiled("SELECT * FROM late WHERE length(name) > 3 OR id = 9").scans
    assert [predicate.columns for predicate in scan.predicates] == [{0}, {0, 1}]
    with duckdb.connect() as connection:
        conditions = " AND ".join(predicate.sql for predicate in scan.predicates)
        sql = f"SELECT c0 FROM {scan.table.handle} WHERE {conditions}"
        assert connection.execute(sql).fetchall() == [(2,), (3,)]


def test_a_condition_on_the_empty_side_of_an_outer_join_stays_above_it() -> None:
    sql = "SELECT * FROM (VALUES 1) t(x) LEFT JOIN city ON x = id WHERE name IS NULL"
    (scan,) = compiled(sql).scans
    assert scan.predicates == []


def test_a_placeholder_in_a_string_stays() -> None:
    made = compiled("SELECT '{scan:0}', id FROM city")
    with duckdb.connect() as connection:
        sql = made.filled([scan.table.handle for scan in made.scans])
        assert connection.execute(sql).fetchall()[0][0] == "{scan:0}"


def test_names_never_reach_duckdb(run: Run) -> None:
    sql = 'SELECT "a""b;" FROM (SELECT 1 AS "a""b;") AS "x"" y"'
    assert run(sql).rows == [(1,)]
    assert "b;" not in compiled(sql).sql
