"""The parser: what Trino and Athena read, and what they say of the rest.

The errors were compared with those of Trino 476's own parser (Maven's io.trino:trino-parser).
"""

import dataclasses
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcloud.trino import lexer, tree
from labcloud.trino.errors import TrinoError
from labcloud.trino.formatter import format_expression
from labcloud.trino.parser import parse, parse_expression, parse_type
from tests.labcloud.trino.statements import OTHERS, QUERIES


def error_of(sql: str) -> str:
    """Return the error of a statement, without what was expected: `1:8 'FROM'`."""
    with pytest.raises(TrinoError) as caught:
        parse(sql)
    text = caught.value.message.split(". Expecting: ")[0]
    return text.removeprefix("line ").replace(": mismatched input ", " ")


def select_item(sql: str) -> Any:
    """Return the first expression that a query selects."""
    node = parse(sql)
    assert isinstance(node, tree.Query)
    assert isinstance(node.body, tree.QuerySpecification)
    item = node.body.select[0]
    return item.expression if isinstance(item, tree.SingleColumn) else item


# ---- errors

DIGITS = "identifiers must not start with a digit; surround the identifier with double quotes"
BACKQUOTED = "backquoted identifiers are not supported; use double quotes to quote identifiers"


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("", "1:1 '<EOF>'"),
        ("SELEKT 1", "1:1 'SELEKT'"),
        ("@select", "1:1 '@'"),
        ("SELECT", "1:7 '<EOF>'"),
        ("SELECT a, FROM t", "1:11 'FROM'"),
        ("SELECT a b c FROM t", "1:12 'c'"),
        ("SELECT a AS FROM t", "1:13 'FROM'"),
        ("SELECT from", "1:8 'from'"),
        ("SELECT * EXCEPT (a) FROM t", "1:18 'a'"),
        ("SELECT a FROM WHERE b", "1:15 'WHERE'"),
        ("SELECT a FROM t u v", "1:19 'v'"),
        ("SELECT a FROM order", "1:15 'order'"),
        ("SELECT *\nFROM x\nWHERE from", "3:7 'from'"),
        ("SELECT * FROM 'oops", "1:15 '''"),
        ('SELECT "a', "1:8 '\"'"),
        ("SELECT a FROM t ORDER a", "1:23 'a'"),
        ("SELECT a FROM t GROUP BY", "1:25 '<EOF>'"),
        ("SELECT a FROM t ORDER BY a,", "1:28 '<EOF>'"),
        ("SELECT a FROM t LIMIT 1 OFFSET 2", "1:25 'OFFSET'"),
        ("SELECT a FROM t LIMIT x", "1:23 'x'"),
        ("SELECT a FROM t LIMIT 5, 10", "1:24 ','"),
        ("SELECT a FROM t FETCH FIRST 5", "1:30 '<EOF>'"),
        ("SELECT a FROM t WINDOW w", "1:25 '<EOF>'"),
        ("SELECT a FROM t JOIN u WHERE x", "1:24 'WHERE'"),
        ("SELECT a FROM t CROSS JOIN u ON a = b", "1:30 'ON'"),
        ("SELECT a FROM a AS x TABLESAMPLE x", "1:34 'x'"),
        ("SELECT a FROM t WHERE a == 1", "1:26 '='"),
        ("SELECT 1 = 1 = true", "1:14 '='"),
        ("SELECT a FROM t WHERE a NOT 5", "1:29 '5'"),
        ("SELECT a FROM t WHERE a IS 5", "1:28 '5'"),
        ("SELECT a FROM t WHERE a BETWEEN 1", "1:34 '<EOF>'"),
        ("SELECT a::int", "1:9 ':'"),
        ("SELECT 'a' 'b'", "1:12 ''b''"),
        ("SELECT (1", "1:10 '<EOF>'"),
        ("SELECT 1)", "1:9 ')'"),
        ("SELECT f(a b)", "1:12 'b'"),
        ("SELECT f(a, )", "1:13 ')'"),
        ("SELECT foo(,1)", "1:12 ','"),
        ("SELECT foo(DISTINCT)", "1:20 ')'"),
        ("SELECT ARRAY[1 2]", "1:16 '2'"),
        ("SELECT CAST(1 AS)", "1:17 ')'"),
        ("SELECT CAST(a AS decimal()", "1:26 ')'"),
        ("SELECT CASE 1 THEN 2 END", "1:15 'THEN'"),
        ("SELECT EXTRACT(YEAR, d)", "1:20 ','"),
        ("SELECT INTERVAL 1 DAY", "1:17 '1'"),
        ("SELECT sum(a) OVER (PARTITION a) FROM t", "1:31 'a'"),
        ("SELECT x() OVER (ROWS select) FROM t", "1:23 'select'"),
        ("SELECT /* x", "1:8 '/'"),
        ("WITH a (SELECT 1) SELECT 1", "1:9 'SELECT'"),
        ("WITH a AS (SELECT 1), SELECT 1", "1:23 'SELECT'"),
        ("SELECT 1 UNION ALL ALL SELECT 1", "1:20 'ALL'"),
        ("SELECT 1; SELECT 2", "1:9 ';'"),
        ("INSERT t VALUES 1", "1:8 't'"),
        ("UPDATE t a = 1", "1:10 'a'"),
        ("CREATE )", "1:8 ')'"),
        ("CREATE TABLE foo () AS (VALUES 1)", "1:19 ')'"),
    ],
)
def test_the_token_that_does_not_fit(sql: str, error: str) -> None:
    assert error_of(sql) == error


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        # The dot, unless an earlier decision waits for what comes.
        ("SELECT a FROM t WHERE a. = 1", "1:24 '.'"),
        ("SELECT a FROM t WHERE f(1 + a.)", "1:30 '.'"),
        ("SELECT a FROM t WHERE (a.)", "1:26 ')'"),
        ("SELECT a. FROM t", "1:11 'FROM'"),
        ("SELECT a + b. FROM t", "1:13 '.'"),
        # IN, and what is in its bracket.
        ("SELECT a FROM t WHERE a IN ()", "1:25 'IN'"),
        ("SELECT a FROM t WHERE a IN (1, 2", "1:25 'IN'"),
        ("SELECT a FROM t WHERE a IN (SELECT b FROM)", "1:25 'IN'"),
        ("SELECT a FROM t WHERE a NOT IN ()", "1:33 ')'"),
        ("SELECT a FROM t WHERE (a IN ())", "1:30 ')'"),
        # A call's bracket could begin a query.
        ("SELECT a FROM t WHERE f(,1)", "1:24 '('"),
        ("SELECT a FROM t WHERE f(1,)", "1:27 ')'"),
        ("SELECT 1 + f(SELECT 1)", "1:13 '('"),
        ("SELECT a FROM t WHERE a = ANY (SELECT)", "1:31 '('"),
        # OVER, FILTER and AT could be aliases.
        ("SELECT a FROM t WHERE f(a) OVER (x y)", "1:28 'OVER'"),
        ("SELECT 1 + f(a) OVER (x y)", "1:22 '('"),
        ("SELECT a FROM t WHERE f(a) FILTER (x)", "1:28 'FILTER'"),
        ("SELECT a FROM t WHERE a AT x", "1:25 'AT'"),
    ],
)
def test_where_trino_looks_far_ahead(sql: str, error: str) -> None:
    assert error_of(sql) == error


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT 5x", f"1:8: {DIGITS}"),
        ("SELECT 1e5x", f"1:8: {DIGITS}"),
        ("SELECT * FROM t `u`", f"1:17: {BACKQUOTED}"),
        ('SELECT ""', "1:8: Zero-length delimited identifier not allowed"),
        ("SELECT X'A'", "1:8: Binary literal must contain an even number of digits"),
        ("SELECT X'ZZ'", "1:8: Binary literal can only contain hexadecimal digits"),
        ("SELECT U&'\\00zz'", "1:8: Incomplete escape sequence: 00"),
        ("SELECT U&'\\+110000'", "1:8: Invalid escaped character: 110000"),
        ("SELECT U&'a' UESCAPE '+'", "1:8: Invalid Unicode escape character: +"),
        ("SELECT 9223372036854775808", "1:8: Invalid numeric literal: 9223372036854775808"),
        ("SELECT " + "9" * 5000, "1:8: Invalid numeric literal: " + "9" * 5000),
        ("SELECT if(1)", "1:8: Invalid number of arguments for 'if' function"),
        ("SELECT nullif(1, 2) OVER ()", "1:8: OVER clause not valid for 'nullif' function"),
        ("SELECT coalesce(1)", "1:8: The 'coalesce' function must have at least two arguments"),
        ("SELECT try()", "1:8: The 'try' function must have exactly one argument"),
        ("SELECT format('a')", "1:8: The 'format' function must have at least two arguments"),
    ],
)
def test_what_is_refused_in_other_words(sql: str, error: str) -> None:
    assert error_of(sql) == error


def test_what_does_not_fit_comes_before_what_is_refused() -> None:
    assert error_of("SELECT X'A' FROM") == "1:17 '<EOF>'"


def test_expected_tokens_are_named() -> None:
    with pytest.raises(TrinoError, match=r"Expecting: 'DISTINCT', 'NULL'$"):
        parse("SELECT x IS NOT TRUE")
    with pytest.raises(TrinoError, match=r"Expecting: .*'AND'.*'WHEN'.*<predicate>"):
        parse("SELECT CASE 1 THEN 2 END")


@pytest.mark.parametrize("sql", ["USE db", "SET SESSION a = 1", "CALL f()", "DROP ROLE x"])
def test_statements_that_athena_does_not_run(sql: str) -> None:
    with pytest.raises(TrinoError, match=r"^NOT_SUPPORTED: Queries of this type"):
        parse(sql)


# ---- positions


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("SELECT  'x' + 1", (1, 13)),
        ("SELECT 1 = true", (1, 10)),
        ("SELECT a || b", (1, 10)),
        ("SELECT a AT TIME ZONE 'x'", (1, 10)),
        ("SELECT a NOT IN (1)", (1, 10)),
        ("SELECT a BETWEEN 1 AND 2", (1, 10)),
        ("SELECT a IS NULL", (1, 10)),
        ("SELECT (a) AND b", (1, 8)),
        ("SELECT a.b.c", (1, 8)),
        ("SELECT\n a[1]", (2, 2)),
        ("SELECT CAST(a AS int)", (1, 8)),
        ("SELECT /* … */ f(x)", (1, 16)),
        ("SELECT -- x\r\n  (1, 2)", (2, 3)),
        ("SELECT (SELECT 1)", (1, 8)),
    ],
)
def test_place_of_an_expression(sql: str, at: tuple[int, int]) -> None:
    assert select_item(sql).at == at


def test_place_of_clauses() -> None:
    query: Any = parse("WITH a AS (SELECT 1) SELECT 1 UNION SELECT 2 LIMIT 3")
    assert (query.at, query.body.at, query.limit_at) == ((1, 1), (1, 31), (1, 46))
    assert query.with_.queries[0].at == (1, 6)
    window = select_item("SELECT f() OVER (ORDER BY a)").window
    assert window.at == (1, 18)


# ---- expressions


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("a || b + c", "concat(a, (b + c))"),
        ("-a * b", "(-(a) * b)"),
        ("- 5", "-5"),
        ("a - -1", "(a - -1)"),
        ("a OR b AND NOT c = d", "(a OR (b AND (NOT (c = d))))"),
        ("a AND (b AND c)", "(a AND (b AND c))"),
        ("NOT NOT a IS NULL", "(NOT (NOT (a IS NULL)))"),
        ("a BETWEEN 1 AND 2 AND b", "((a BETWEEN 1 AND 2) AND b)"),
        ("a + 1 IN (2) = b", None),
        ("a = b OR c", "((a = b) OR c)"),
        ("x -> x + 1", "(x) -> (x + 1)"),
        ("a.b[c + 1].d", "a.b[(c + 1)].d"),
        ("f(a)(b)", None),
        ("a != b", "(a <> b)"),
        ("a IN ((SELECT 1))", "(a IN ((SELECT 1\n)))"),
        ("((SELECT 1) + 1)", "((SELECT 1\n) + 1)"),
        ("date '2020-01-01'", "DATE '2020-01-01'"),
        ("interval '1' day", "INTERVAL '1' DAY"),
        ("interval - '1' + x", "((interval - '1') + x)"),
        ("substring(NOT a)", "substring((NOT a))"),
        ("position(a IN b)", "strpos(b, a)"),
    ],
)
def test_precedence(sql: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(TrinoError):
            parse_expression(sql)
    else:
        assert format_expression(parse_expression(sql)) == text


@pytest.mark.parametrize(
    ("sql", "node"),
    [
        ("0xFF", tree.LongLiteral(255)),
        ("1_000", tree.LongLiteral(1000)),
        ("-9223372036854775808", tree.LongLiteral(-(2**63))),
        ("1.50", tree.DecimalLiteral("1.50")),
        (".5e-1", tree.DoubleLiteral(0.05)),
        ("U&'\\2603\\\\\\+01F600'", tree.StringLiteral("☃\\😀")),
        ("U&'!2603' UESCAPE '!'", tree.StringLiteral("☃")),
        ("X'ca FE'", tree.BinaryLiteral(b"\xca\xfe")),
        ("'it''s'", tree.StringLiteral("it's")),
        ("[1]", tree.Array((tree.LongLiteral(1),))),
        ("try(1)", tree.Try(tree.LongLiteral(1))),
        ("row()", tree.FunctionCall("row", ())),
        ("all(1)", tree.FunctionCall("all", (tree.LongLiteral(1),))),
        ("INTERVAL -'1' DAY TO SECOND", tree.IntervalLiteral("1", True, "day", "second")),
        ("COUNT(*)", tree.FunctionCall("count", (), star=True)),
        ("trim(x)", tree.Trim("BOTH", tree.Identifier("x"))),
    ],
)
def test_nodes(sql: str, node: tree.Expression) -> None:
    assert parse_expression(sql) == node


def test_names_keep_their_capitals() -> None:
    assert select_item("SELECT MixedCase").value == "MixedCase"
    quoted = select_item('SELECT "a""B"')
    assert (quoted.value, quoted.delimited) == ('a"B', True)


def test_words_that_are_not_reserved_are_names() -> None:
    query: Any = parse("SELECT a limit FROM t offset LIMIT 5")
    assert query.limit == 5
    assert query.body.select[0].alias.value == "limit"
    assert query.body.from_.alias.value == "offset"
    query = parse("SELECT ALL a, all FROM t WINDOW LIMIT 1")
    assert [item.expression.value for item in query.body.select] == ["a", "all"]
    assert query.body.from_.alias.value == "WINDOW"


def test_parameters_are_numbered() -> None:
    query: Any = parse("SELECT ? FROM t WHERE a = ? LIMIT ?")
    assert query.body.select[0].expression.index == 0
    assert query.body.where.right.index == 1
    assert query.limit.index == 2


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("INT", tree.TypeNode("int")),
        ("decimal(10,2)", tree.TypeNode("decimal", (10, 2))),
        ("timestamp(3) with time zone", tree.TypeNode("timestamp with time zone", (3,))),
        ("double precision", tree.TypeNode("double")),
        ("array<int>", tree.TypeNode("array", (tree.TypeNode("int"),))),
        ("int array", tree.TypeNode("array", (tree.TypeNode("int"),))),
        ("row(a int, bigint)", tree.TypeNode(
            "row", (("a", tree.TypeNode("int")), (None, tree.TypeNode("bigint")))
        )),
        ("struct<a:int,`B c`:map<int,date>>", tree.TypeNode("row", (
            ("a", tree.TypeNode("int")),
            ("b c", tree.TypeNode("map", (tree.TypeNode("int"), tree.TypeNode("date")))),
        ))),
    ],
)  # fmt: skip
def test_types(text: str, node: tree.TypeNode) -> None:
    assert parse_type(text) == node


# ---- Hive's statements


def test_external_table() -> None:
    node: Any = parse(
        r"""CREATE EXTERNAL TABLE IF NOT EXISTS `db`.logs (`date` date COMMENT 'it\'s', b int)
        COMMENT "all" PARTITIONED BY (year int) CLUSTERED BY (b) INTO 8 BUCKETS
        ROW FORMAT SERDE 'a.b.RegexSerDe' WITH SERDEPROPERTIES ("input.regex" = "^(\\d+)\"$")
        STORED AS INPUTFORMAT 'in' OUTPUTFORMAT 'out' LOCATION 's3://b/'
        TBLPROPERTIES ('a'='b', 'c'='d');"""
    )
    assert [part.value for part in node.name] == ["db", "logs"]
    assert (node.external, node.if_not_exists, node.comment) == (True, True, "all")
    assert [(c.name.value, c.type.base, c.comment) for c in node.columns] == [
        ("date", "date", "it's"),
        ("b", "int", None),
    ]
    assert node.partitioned_by[0].name.value == "year"
    assert node.clustered_by == ((tree.Identifier("b"),), 8)
    assert node.row_format == ("SERDE", "a.b.RegexSerDe", (("input.regex", '^(\\d+)"$'),))
    assert node.stored_as == ("in", "out")
    assert node.properties == (("a", "b"), ("c", "d"))


def test_delimited_rows() -> None:
    node: Any = parse(
        r"CREATE EXTERNAL TABLE t (a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' "
        r"ESCAPED BY '\\' COLLECTION ITEMS TERMINATED BY '\002' MAP KEYS TERMINATED BY '\u0003' "
        r"LINES TERMINATED BY '\n' NULL DEFINED AS '' STORED AS TEXTFILE LOCATION 's3://b/'"
    )
    assert dict(node.row_format[1]) == {
        "field.delim": "\t",
        "escape.delim": "\\",
        "collection.delim": "\x02",
        "mapkey.delim": "\x03",
        "line.delim": "\n",
        "serialization.null.format": "",
    }
    assert node.stored_as == "TEXTFILE"


def test_iceberg_table() -> None:
    node: Any = parse(
        "CREATE TABLE t (id bigint, ts timestamp) PARTITIONED BY (id, bucket(16, id), day(ts)) "
        "LOCATION 's3://b/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    assert [format_expression(one) for one in node.partitioned_by] == [
        "id",
        "bucket(16, id)",
        "day(ts)",
    ]


@pytest.mark.parametrize(
    ("sql", "action", "details"),
    [
        ("ADD IF NOT EXISTS PARTITION (d='1', n=-2) LOCATION 's3://b/' PARTITION (d=date '2')",
         "ADD PARTITION", {"if_not_exists": True, "partitions": (
             ((("d", "1"), ("n", "-2")), "s3://b/"), ((("d", "2"),), None))}),
        ("DROP IF EXISTS PARTITION (d='1'), PARTITION (d='2')", "DROP PARTITION",
         {"if_exists": True, "specs": ((("d", "1"),), (("d", "2"),))}),
        ("PARTITION (d='1') RENAME TO PARTITION (d='2')", "RENAME PARTITION",
         {"old": (("d", "1"),), "new": (("d", "2"),)}),
        ("PARTITION (d='1') SET LOCATION 's3://b/'", "SET LOCATION",
         {"location": "s3://b/", "partition": (("d", "1"),)}),
        ("SET LOCATION 's3://b/'", "SET LOCATION", {"location": "s3://b/", "partition": None}),
        ("SET TBLPROPERTIES ('a'='b')", "SET TBLPROPERTIES", {"properties": (("a", "b"),)}),
        ("UNSET TBLPROPERTIES ('a')", "UNSET TBLPROPERTIES", {"keys": ("a",)}),
        ("DROP COLUMN a", "DROP COLUMN", {"name": tree.Identifier("a")}),
        ("RENAME COLUMN a TO b", "RENAME COLUMN",
         {"old": tree.Identifier("a"), "new": tree.Identifier("b")}),
        ("RENAME TO u", "RENAME TO", {"name": (tree.Identifier("u"),)}),
        ("REPLACE COLUMNS (a int)", "REPLACE COLUMNS",
         {"columns": (tree.ColumnDefinition(tree.Identifier("a"), tree.TypeNode("int")),)}),
        ("CHANGE COLUMN a b int COMMENT 'c' AFTER d", "CHANGE COLUMN", {
            "old": tree.Identifier("a"),
            "column": tree.ColumnDefinition(tree.Identifier("b"), tree.TypeNode("int"), "c"),
            "position": ("AFTER", tree.Identifier("d"))}),
    ],
)  # fmt: skip
def test_alter_table(sql: str, action: str, details: dict[str, Any]) -> None:
    node: Any = parse(f"ALTER TABLE `db`.`t` {sql}")
    assert (node.action, dict(node.details)) == (action, details)


@pytest.mark.parametrize(
    ("sql", "what", "details"),
    [
        ("SHOW DATABASES LIKE 'a'", "DATABASES", {"like": "a"}),
        ("SHOW SCHEMAS", "DATABASES", {"like": None}),
        ("SHOW TABLES IN db '*x*'", "TABLES",
         {"database": (tree.Identifier("db"),), "like": "*x*"}),
        ("SHOW VIEWS", "VIEWS", {"database": None, "like": None}),
        ("SHOW COLUMNS FROM t IN db", "COLUMNS",
         {"name": (tree.Identifier("t"),), "database": tree.Identifier("db")}),
        ("SHOW PARTITIONS `t`", "PARTITIONS", {"name": (tree.Identifier("t"),)}),
        ("SHOW TBLPROPERTIES t('a')", "TBLPROPERTIES",
         {"name": (tree.Identifier("t"),), "property": "a"}),
        ('SHOW CREATE VIEW "v"', "CREATE VIEW", {"name": (tree.Identifier("v"),)}),
    ],
)  # fmt: skip
def test_show(sql: str, what: str, details: dict[str, Any]) -> None:
    node: Any = parse(sql)
    assert (node.what, dict(node.details)) == (what, details)


def test_other_statements_on_tables() -> None:
    assert parse("DROP TABLE IF EXISTS `db.t`") == tree.DropTable(
        (tree.Identifier("db"), tree.Identifier("t")), True
    )
    assert parse('DROP VIEW "a-b"."c"') == tree.DropView(
        (tree.Identifier("a-b"), tree.Identifier("c"))
    )
    assert parse("DROP DATABASE x CASCADE") == tree.DropDatabase(tree.Identifier("x"), cascade=True)
    created: Any = parse("CREATE DATABASE x COMMENT 'c' LOCATION 'l' WITH DBPROPERTIES ('a'='b')")
    assert (created.comment, created.location, created.properties) == ("c", "l", (("a", "b"),))
    described: Any = parse("DESCRIBE FORMATTED t PARTITION (d = '1') a")
    assert (described.mode, described.partition) == ("FORMATTED", (("d", "1"),))
    assert described.column == tree.Identifier("a")
    assert parse("DESCRIBE INPUT p") == tree.DescribeInput(tree.Identifier("p"))
    assert parse("DESC input") == tree.Describe((tree.Identifier("input"),))


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        # Where Hive's grammar fails, it is Trino's error that is seen.
        ("CREATE EXTERNAL TABLE t (a int,) LOCATION 's3://b/'", "1:8 'EXTERNAL'"),
        ("CREATE EXTERNAL TABLE t (date date) LOCATION 's3://b/'", "1:8 'EXTERNAL'"),
        ("CREATE EXTERNAL TABLE t (_a int) LOCATION 's3://b/'", "1:8 'EXTERNAL'"),
        ("CREATE TABLE foo", "1:17 '<EOF>'"),
        ("CREATE DATABASE", "1:8 'DATABASE'"),
        ("ALTER TABLE t ADD PARTITON (d=1)", "1:19 'PARTITON'"),
        ("MSCK REPAIR t", "1:1 'MSCK'"),
        ("SHOW PARTITIONS", "1:6 'PARTITIONS'"),
        ("DROP TABL t", "1:6 'TABL'"),
        ("CREATE TABLE `x` AS SELECT 1", f"1:14: {BACKQUOTED}"),
        # Hive's own words, with its columns from 0.
        ("CREATE DATABASE a-b", "FAILED: ParseException line 1:17 missing EOF at '-' near 'a'"),
        ("DROP TABLE test-1", "FAILED: ParseException line 1:15 missing EOF at '-' near 'test'"),
    ],
)
def test_errors_of_hive_statements(sql: str, error: str) -> None:
    assert error_of(sql) == error


# ---- other statements


def test_statements_keep_the_text_of_what_they_hold() -> None:
    view: Any = parse("CREATE VIEW v AS  SELECT 1 -- one\n;")
    assert view.text == "SELECT 1"
    prepared: Any = parse("PREPARE p FROM SELECT ?  ;")
    assert prepared.text == "SELECT ?"
    explained: Any = parse("EXPLAIN ANALYZE (FORMAT JSON) SELECT 1")
    assert (explained.text, explained.analyze, explained.format) == ("SELECT 1", True, "JSON")


def test_table_from_a_query() -> None:
    node: Any = parse("CREATE TABLE IF NOT EXISTS a.b WITH (format = 'ORC') AS (SELECT 1)")
    assert node.if_not_exists and node.with_data
    assert node.properties == (("format", tree.StringLiteral("ORC")),)
    assert not parse("CREATE TABLE a AS SELECT 1 WITH NO DATA").with_data  # type: ignore[attr-defined]


# ---- large and broken ones

DEEP = (
    "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "SELECT " + "f(" * 10_000,
    "SELECT " + "NOT " * 10_000 + "a",
    "SELECT " + "- " * 10_000 + "a",
    "SELECT " + "CASE WHEN " * 10_000,
    "SELECT * FROM " + "(SELECT * FROM " * 10_000,
    "SELECT " + "1 + " * 10_000 + "1",
    "SELECT a" + ".b" * 10_000,
    "SELECT CAST(a AS " + "array(" * 10_000,
    "EXPLAIN " * 10_000 + "SELECT 1",
    "CREATE EXTERNAL TABLE t (a " + "struct<a:" * 10_000,
)


@pytest.mark.parametrize("sql", DEEP, ids=lambda sql: sql[:20])
def test_nesting_ends_in_an_error(sql: str) -> None:
    assert error_of(sql) == "1:1: statement is too large (stack overflow while parsing)"


def test_long_statements_are_read() -> None:
    numbers = ", ".join(str(100_000 + i) for i in range(20_000))
    query: Any = parse(f"SELECT * FROM t WHERE a IN ({numbers})")
    assert len(query.body.where.items) == 20_000
    query = parse("SELECT * FROM t WHERE " + " AND ".join(f"c{i} = {i}" for i in range(5000)))
    assert len(query.body.where.terms) == 5000
    assert parse("SELECT " + "(" * 300 + "1" + ")" * 300)
    assert parse("SELECT " + " || ".join(["'x'"] * 2000))
    assert error_of("SELECT " + "/* " * 50_000) == "1:8 '/'"


@pytest.mark.parametrize("sql", [*QUERIES, *OTHERS])
def test_statements_are_read_with_comments_and_a_semicolon(sql: str) -> None:
    plain = parse(sql)
    spaced = parse("-- one\n" + re.sub(r" (?=FROM|WHERE|AS )", " /* ; ' */\n\t", sql) + " ;")
    if not any(field.name == "text" for field in dataclasses.fields(plain)):
        assert plain == spaced


WORDS = [
    *sorted(lexer.RESERVED),
    *"a b ALL ANY LIMIT FETCH ROWS OVER FILTER WINDOW RANGE KEY VALUE AT TIME INTERVAL DAY".split(),  # noqa: SIM905
    *"POSITION IF TRY ARRAY MAP SHOW EXTERNAL PARTITIONED LOCATION COLUMNS EXPLAIN".split(),  # noqa: SIM905
    *"( ( ) ) , . * + - / = <> || -> => [ ] ? ; : { } ^ $ {- -} @ ' \"".split(),  # noqa: SIM905
    *("1", "2.5", "1e3", "'s'", "U&'\\x'", "X'a'", '"q"', "`b`", "5x", "é", "\0"),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(("SELECT ", "", "SELECT a FROM t WHERE ", "CREATE EXTERNAL TABLE t (")),
    st.lists(st.sampled_from(WORDS), max_size=12),
)
def test_any_words_are_read_or_refused(start: str, words: list[str]) -> None:
    read_or_refuse(start + " ".join(words))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refuse(text)
    read_or_refuse(f"SELECT {text}")


def test_a_thousand_broken_statements() -> None:
    chance = random.Random(4)
    for _ in range(1000):
        words = [token.text for token in lexer.tokens(chance.choice(QUERIES + OTHERS))[:-1]]
        place = chance.randrange(len(words))
        if chance.random() < 0.5:
            words[place] = chance.choice(WORDS)
        else:
            del words[place : place + chance.randrange(1, 4)]
        read_or_refuse(" ".join(words))


def read_or_refuse(sql: str) -> None:
    """Parse a statement; an error is Trino's or Athena's, with a place that it has."""
    refused = None
    try:
        parse(sql)
    except TrinoError as error:
        refused = error
    if refused is None:
        return
    assert refused.name in ("SYNTAX_ERROR", "NOT_SUPPORTED")
    if refused.at is not None:
        line, column = refused.at
        lines = sql.split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
