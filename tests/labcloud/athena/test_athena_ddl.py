"""What defines tables, views and databases, and the text in which Athena shows them."""

from __future__ import annotations

from typing import Any

import pytest

COMMAS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."

NO_DATABASE = "FAILED: SemanticException [Error 10072]: Database does not exist:"


def padded(*cells: str) -> str:
    return "\t".join(cell.ljust(20) for cell in cells)


@pytest.fixture(scope="module")
def trips(lake: Any) -> str:
    """A table with a bit of everything."""
    lake.run(
        "CREATE EXTERNAL TABLE trips (a int COMMENT 'it\\'s a', b array<struct<k:string,v:int>>) "
        "COMMENT 'the table' PARTITIONED BY (d date COMMENT 'pk') "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' "
        "COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':' "
        "LINES TERMINATED BY '\\n' NULL DEFINED AS '' STORED AS TEXTFILE "
        "LOCATION 's3://lake/trips' TBLPROPERTIES ('k'='v', 'skip.header.line.count'='1')"
    )
    return "trips"


def test_show_create_table(lake: Any, trips: str) -> None:
    assert lake.run(f"SHOW CREATE TABLE {trips}").lines == [
        "CREATE EXTERNAL TABLE `trips`(",
        "  `a` int COMMENT 'it\\'s a', ",
        "  `b` array<struct<k:string,v:int>>)",
        "COMMENT 'the table'",
        "PARTITIONED BY ( ",
        "  `d` date COMMENT 'pk')",
        "ROW FORMAT DELIMITED ",
        "  FIELDS TERMINATED BY '\\t' ",
        "  ESCAPED BY '\\\\' ",
        "  COLLECTION ITEMS TERMINATED BY '|' ",
        "  MAP KEYS TERMINATED BY ':' ",
        "  LINES TERMINATED BY '\\n' ",
        "  NULL DEFINED AS '' ",
        "STORED AS INPUTFORMAT ",
        "  'org.apache.hadoop.mapred.TextInputFormat' ",
        "OUTPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        "LOCATION",
        "  's3://lake/trips'",
        "TBLPROPERTIES (",
        "  'k'='v', ",
        "  'skip.header.line.count'='1')",
    ]


DEFINITIONS = [
    f"(a int, `group` string) {COMMAS}",
    "(a int) PARTITIONED BY (p string, q int) STORED AS PARQUET",
    "(a map<string,array<int>>) CLUSTERED BY (a) INTO 4 BUCKETS STORED AS ORC",
    "(a string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES "
    "('ignore.malformed.json'='true', 'mapping.a'='A-B')",
    "(a string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH "
    "SERDEPROPERTIES ('escapeChar'='\\\\', 'quoteChar'='\\'', 'separatorChar'='\\;')",
    "(a string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH "
    "SERDEPROPERTIES ('input.regex'='^(\\\\S+) \"x\"$')",
    "(a varchar(10), b char(3), c decimal(10,2), d tinyint) STORED AS AVRO",
    "(a string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' LINES TERMINATED BY '\\n'",
]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_what_show_create_prints_makes_an_equal_table(lake: Any, definition: str) -> None:
    name = lake.name()
    lake.run(f"CREATE EXTERNAL TABLE {name} {definition} LOCATION 's3://lake/{name}/'")
    before = lake.table(name)
    printed = "\n".join(lake.run(f"SHOW CREATE TABLE {name}").lines)
    lake.run(f"DROP TABLE {name}")
    lake.run(printed)
    after = lake.table(name)
    for part in ("StorageDescriptor", "PartitionKeys", "Parameters", "TableType"):
        assert before[part] == after[part]


def test_describe(lake: Any, trips: str) -> None:
    """Columns are padded to 20; a partitioned table has a second list."""
    columns = [
        padded("a", "int", "it's a"),
        padded("b", "array<struct<k:string,v:int>>", ""),
        padded("d", "date", "pk"),
    ]
    blank = padded("", "", "")
    partitions = [
        blank,
        padded("# Partition Information", "", ""),
        padded("# col_name", "data_type", "comment"),
        blank,
        padded("d", "date", "pk"),
    ]
    found = lake.run(f"DESCRIBE {trips}")
    assert (found.names, found.lines) == (
        ["col_name", "data_type", "comment"],
        columns + partitions,
    )
    assert lake.run(f"DESC db.{trips} a").lines == columns[:1]
    extended = lake.run(f"DESCRIBE EXTENDED {trips}").lines
    assert extended[: len(columns + partitions)] == columns + partitions
    assert extended[-1].startswith("Detailed Table Information\tTable(tableName:trips, dbName:db,")
    formatted = lake.run(f"DESCRIBE FORMATTED {trips}").lines
    assert padded("Location:", "s3://lake/trips", "") in formatted
    assert padded("", "k", "v") in formatted
    assert any(" UTC 20" in line for line in formatted if line.startswith("CreateTime:"))


def test_show_columns_and_properties(lake: Any, trips: str) -> None:
    for sql in (f"IN {trips}", f"FROM db.{trips}", f"FROM {trips} FROM db", f"IN {trips} IN db"):
        found = lake.run(f"SHOW COLUMNS {sql}")
        assert (found.names, found.lines) == (["field"], [c.ljust(20) for c in "abd"])
    assert lake.run(f"SHOW TBLPROPERTIES {trips}").lines == [
        "EXTERNAL\tTRUE",
        "comment\tthe table",
        "k\tv",
        "skip.header.line.count\t1",
    ]
    assert lake.run(f"SHOW TBLPROPERTIES {trips}('k')").lines == ["v"]
    assert lake.run(f"SHOW TBLPROPERTIES {trips}('z')").lines == [
        "Table trips does not have property: z"
    ]


def test_show_tables_and_views(lake: Any, trips: str) -> None:
    lake.run("CREATE VIEW trips_seen AS SELECT a FROM trips")
    assert lake.run("SHOW TABLES 'trip*'").lines == ["trips", "trips_seen"]
    assert lake.run("SHOW TABLES IN db 'trips|nothing'").lines == ["trips"]
    assert lake.run("SHOW VIEWS").lines == ["trips_seen"]
    assert lake.run("SHOW VIEWS IN db LIKE 'trips*'").lines == ["trips_seen"]
    assert "db" in lake.run("SHOW DATABASES").lines
    assert lake.run("SHOW SCHEMAS LIKE 'd*'").lines == ["db"]
    lake.run("DROP VIEW trips_seen")


ERRORS = [
    ("CREATE EXTERNAL TABLE trips (a int) LOCATION 's3://lake/x/'",
     f"{TASK} AlreadyExistsException(message:Table trips already exists.)"),
    ("CREATE EXTERNAL TABLE x (a int, A string) LOCATION 's3://lake/x/'",
     "FAILED: SemanticException [Error 10036]: Duplicate column name: a"),
    ("CREATE EXTERNAL TABLE nope.x (a int) LOCATION 's3://lake/x/'",
     f"{NO_DATABASE} nope"),
    ("CREATE EXTERNAL TABLE x (a int) STORED AS foo LOCATION 's3://lake/x/'",
     "FAILED: SemanticException Unrecognized file format in STORED AS clause: 'FOO'"),
    ("ALTER TABLE nope ADD COLUMNS (a int)",
     "FAILED: SemanticException [Error 10001]: Table not found nope"),
    ("ALTER TABLE trips ADD COLUMNS (A int)", f"{TASK} Duplicate column name: a"),
    ("ALTER TABLE trips CHANGE COLUMN nope f string", f"{TASK} Invalid column reference nope"),
    ("ALTER TABLE trips DROP PARTITION (d='1999-01-01')",
     "FAILED: SemanticException [Error 10006]: Partition not found (d=1999-01-01)"),
    ("DROP TABLE nope", "FAILED: SemanticException [Error 10001]: Table not found nope"),
    ("DROP DATABASE nope", f"{NO_DATABASE} nope"),
    ("DROP VIEW nope", "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.db.nope' does not exist"),
    ("DROP VIEW trips", "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.db.trips' does not exist"),
    ("SHOW TABLES IN nope", f"{NO_DATABASE} nope"),
    ("CREATE VIEW trips AS SELECT 1 AS a",
     "TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.db.trips'"),
    ("CREATE VIEW bad AS SELECT 1",
     "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
    ("CREATE VIEW bad AS SELECT 1 AS a, 2 AS a",
     "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once"),
    ("CREATE VIEW bad AS SELECT * FROM nope",
     "TABLE_NOT_FOUND: line 1:34: Table 'awsdatacatalog.db.nope' does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "reason"), ERRORS)
def test_what_is_refused(lake: Any, trips: str, sql: str, reason: str) -> None:
    assert lake.error(sql) == reason


def test_what_if_exists_forgives(lake: Any, trips: str) -> None:
    for sql in (
        "CREATE EXTERNAL TABLE IF NOT EXISTS trips (z int) LOCATION 's3://lake/z/'",
        "CREATE DATABASE IF NOT EXISTS db",
        "DROP TABLE IF EXISTS nope",
        "DROP VIEW IF EXISTS nope",
        "DROP DATABASE IF EXISTS nope",
        "ALTER TABLE trips DROP IF EXISTS PARTITION (d='1999-01-01')",
    ):
        lake.run(sql)
    assert lake.table("trips")["StorageDescriptor"]["Location"] == "s3://lake/trips"


def test_alter_table(lake: Any) -> None:
    """Each form changes what it says, and the next query sees it."""
    name = lake.over("a int, b string", COMMAS, ("f", "1,x,2024-01-01\n"))
    lake.run(f"ALTER TABLE {name} ADD COLUMNS (c date COMMENT 'new')")
    assert lake.rows(f"SELECT * FROM {name}") == [("1", "x", "2024-01-01")]
    lake.run(f"ALTER TABLE {name} CHANGE COLUMN c day string COMMENT 'old'")
    assert lake.rows(f"SELECT day FROM {name}") == [("2024-01-01",)]
    lake.run(f"ALTER TABLE {name} REPLACE COLUMNS (a bigint, z string)")
    assert lake.run(f"DESCRIBE {name}").lines == [
        padded("a", "bigint", ""),
        padded("z", "string", ""),
    ]
    lake.run(f"ALTER TABLE {name} SET TBLPROPERTIES ('n'='1', 'm'='2')")
    lake.run(f"ALTER TABLE {name} UNSET TBLPROPERTIES ('m')")
    assert lake.run(f"SHOW TBLPROPERTIES {name}").lines == ["EXTERNAL\tTRUE", "n\t1"]
    lake.put("elsewhere/f", "9,q\n")
    lake.run(f"ALTER TABLE {name} SET LOCATION 's3://lake/elsewhere/'")
    assert lake.rows(f"SELECT * FROM {name}") == [("9", "q")]


def test_partitions(lake: Any) -> None:
    """MSCK finds Hive's folders, ALTER adds, moves, renames and drops; queries prune."""
    table = lake.over(
        "a int",
        f"PARTITIONED BY (y int, d date, n string) {COMMAS}",
        ("y=2023/d=2023-01-01/n=x/f", "1\n2\n"),
        ("y=2024/d=2024-01-01/n=a%20b/f", "3\n"),
        ("y=2024/d=2024-02-01/n=__HIVE_DEFAULT_PARTITION__/f", "44\n"),
        ("elsewhere/f", "7\n"),
    )
    assert lake.rows(f"SELECT * FROM {table}") == []
    names = [
        "y=2023/d=2023-01-01/n=x",
        "y=2024/d=2024-01-01/n=a b",
        "y=2024/d=2024-02-01/n=__HIVE_DEFAULT_PARTITION__",
    ]
    told = lake.run(f"MSCK REPAIR TABLE {table}").lines
    assert told[0] == "Partitions not in metastore:\t" + "\t".join(f"{table}:{n}" for n in names)
    assert told[1:] == [f"Repair: Added partition to metastore {table}:{n}" for n in names]
    assert lake.run(f"MSCK REPAIR TABLE {table}").lines in ([], [""])
    assert lake.run(f"SHOW PARTITIONS {table}").lines == names
    assert lake.rows(f"SELECT * FROM {table} ORDER BY a") == [
        ("1", "2023", "2023-01-01", "x"),
        ("2", "2023", "2023-01-01", "x"),
        ("3", "2024", "2024-01-01", "a b"),
        ("44", "2024", "2024-02-01", None),
    ]
    pruned = lake.run(f"SELECT a FROM {table} WHERE y = 2024 AND d > DATE '2024-01-15'")
    assert (pruned.rows, pruned.scanned) == ([("44",)], 3)
    assert lake.rows(f"SELECT a FROM {table} WHERE n IS NULL") == [("44",)]
    assert lake.rows(f'SELECT y, n FROM "{table}$partitions" ORDER BY 1, 2') == [
        ("2023", "x"),
        ("2024", "a b"),
        ("2024", None),
    ]
    lake.run(f"ALTER TABLE {table} DROP PARTITION (y=2023), PARTITION (n='a b')")
    assert lake.run(f"SELECT sum(a) FROM {table}").only == "44"
    assert lake.keys(f"{table}/y=2023"), "dropping a partition leaves its files"
    spec = "y=2020, d='2020-01-01', n='q'"
    lake.run(
        f"ALTER TABLE {table} ADD PARTITION ({spec}) LOCATION 's3://lake/{table}/elsewhere/' "
        f"PARTITION (y=2023, d='2023-01-01', n='x')"
    )
    assert lake.rows(f"SELECT a, y FROM {table} WHERE y < 2024 ORDER BY 1") == [
        ("1", "2023"),
        ("2", "2023"),
        ("7", "2020"),
    ]
    again = f"ALTER TABLE {table} ADD %s PARTITION ({spec})"
    assert "AlreadyExistsException" in lake.error(again % "")
    lake.run(again % "IF NOT EXISTS")
    lake.run(
        f"ALTER TABLE {table} PARTITION ({spec}) RENAME TO PARTITION ({spec.replace('q', 'r')})"
    )
    moved = spec.replace("q", "r")
    lake.run(f"ALTER TABLE {table} PARTITION ({moved}) SET LOCATION 's3://lake/nothing/'")
    assert lake.rows(f"SELECT a FROM {table} WHERE y = 2020") == []


def test_partition_specs_that_are_wrong(lake: Any) -> None:
    table = lake.over("a int", f"PARTITIONED BY (y int, d date) {COMMAS}")
    assert lake.error(f"ALTER TABLE {table} ADD PARTITION (zz=1)") == (
        f"{TASK} Partition column zz not found in table {table}"
    )
    assert "partition spec is invalid" in lake.error(f"ALTER TABLE {table} ADD PARTITION (y=1)")
    plain = lake.over("a int", COMMAS)
    assert "SemanticException [Error 10241]" in lake.error(f"SHOW PARTITIONS {plain}")
    assert "table is not partitioned" in lake.error(f"ALTER TABLE {plain} ADD PARTITION (y=1)")


def test_databases(lake: Any) -> None:
    """A database has a place and properties, and goes with its tables only by CASCADE."""
    lake.run("CREATE DATABASE d2 COMMENT 'c' LOCATION 's3://lake/d2/' WITH DBPROPERTIES ('a'='1')")
    assert lake.error("CREATE DATABASE d2") == f"{TASK} Database d2 already exists"
    lake.run("ALTER DATABASE d2 SET DBPROPERTIES ('b'='2')")
    found = lake.glue.get_database(Name="d2")["Database"]
    assert (found["Description"], found["LocationUri"]) == ("c", "s3://lake/d2/")
    assert found["Parameters"] == {"a": "1", "b": "2"}
    lake.run("CREATE EXTERNAL TABLE d2.t (a int) LOCATION 's3://lake/d2t/'")
    assert lake.error("DROP DATABASE d2") == (
        f"{TASK} InvalidOperationException(message:Database d2 is not empty. "
        "One or more tables exist.)"
    )
    lake.run("DROP DATABASE d2 CASCADE")
    assert "d2" not in lake.run("SHOW DATABASES").lines


def test_views(lake: Any) -> None:
    """A view is its text: it follows what it reads, until that no longer fits it."""
    lake.run("CREATE VIEW v1 AS SELECT 1 AS a, 'x' AS b")
    assert "View already exists: 'awsdatacatalog.db.v1'" in lake.error(
        "CREATE VIEW v1 AS SELECT 2 AS a"
    )
    lake.run("CREATE OR REPLACE VIEW v1 AS SELECT 2 AS a, row(1, 'z') AS r")
    lake.run("CREATE VIEW v2 AS SELECT a + 1 AS b FROM v1")
    lake.run("CREATE DATABASE other")
    assert lake.rows("SELECT * FROM db.v2", database="other") == [("3",)]
    found = lake.run("SHOW CREATE VIEW v2")
    assert "\n".join(found.lines).endswith("SELECT a + 1 AS b FROM v1")
    assert lake.rows("SELECT table_name FROM information_schema.views WHERE table_schema = 'db'")
    lake.run("CREATE OR REPLACE VIEW v1 AS SELECT 'x' AS zz")
    assert lake.error("SELECT * FROM v2") == (
        "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.db.v2': "
        "line 1:8: Column 'a' cannot be resolved"
    )
    assert "Cannot drop a view with DROP TABLE" in lake.error("DROP TABLE v2")
    table = lake.over("a int, b string", COMMAS, ("f", "1,x\n"))
    lake.run(f"CREATE VIEW v3 AS SELECT * FROM {table}")
    lake.run(f"ALTER TABLE {table} REPLACE COLUMNS (a int, k int)")
    assert lake.error("SELECT * FROM v3").startswith(
        "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.db.v3' is stale or in invalid state: "
    )
    lake.run("DROP VIEW v3")
