"""CREATE TABLE AS, INSERT INTO and UNLOAD: what they write where, and what they refuse."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow.orc as po
import pyarrow.parquet as pq
import pytest

COMMAS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
EVERYTHING = (
    "SELECT 1 AS a, 'x,y' AS b, DATE '2024-01-01' AS d, DECIMAL '1.50' AS e, ARRAY[1, NULL] AS f, "
    "MAP(ARRAY['k'], ARRAY[1]) AS g, CAST(ROW(1, 'a') AS ROW(x int, y varchar)) AS h, "
    "TIMESTAMP '2024-01-01 00:00:00.123' AS i, true AS j, 1.5e0 AS l, BIGINT '7' AS m"
)
ROW = (
    *("1", "x,y", "2024-01-01", "1.50", "[1, null]", "{k=1}", "{x=1, y=a}"),
    *("2024-01-01 00:00:00.123", "true", "1.5", "7"),
)
NULLS = (None,) * len(ROW)


def location(lake: Any, table: str) -> str:
    """Return the prefix of the bucket under which a table has its files."""
    return str(lake.table(table)["StorageDescriptor"]["Location"])[10:] + "/"


@pytest.mark.parametrize(
    ("kind", "compression"),
    [
        ("PARQUET", "GZIP"),
        ("PARQUET", "SNAPPY"),
        ("PARQUET", "ZSTD"),
        ("PARQUET", "LZ4"),
        ("PARQUET", "NONE"),
        ("ORC", "ZLIB"),
        ("ORC", "SNAPPY"),
        ("AVRO", "DEFLATE"),
        ("AVRO", "SNAPPY"),
        ("AVRO", "ZSTD"),
        ("JSON", "GZIP"),
        ("JSON", "BZIP2"),
        ("TEXTFILE", "ZSTD"),
        ("TEXTFILE", "NONE"),
    ],
)
def test_ctas_of_every_format(lake: Any, kind: str, compression: str) -> None:
    """What was written is read back, also rows of NULLs, in each format and compression."""
    name = lake.name()
    made = lake.run(
        f"CREATE TABLE {name} WITH (format = '{kind}', write_compression = '{compression}') AS "
        f"{EVERYTHING} UNION ALL SELECT {', '.join(['NULL'] * len(ROW))}"
    )
    assert (made.rows, made.updated) == ([], 2)
    assert sorted(lake.rows(f"SELECT * FROM {name}"), key=str) == sorted([ROW, NULLS], key=str)


def test_ctas_defaults(lake: Any) -> None:
    """Parquet, compressed with gzip, under the results' location; columns in Hive's types."""
    lake.run(f"CREATE TABLE first AS {EVERYTHING}")
    [key] = lake.keys(location(lake, "first"))
    assert location(lake, "first").startswith("results/tables/")
    metadata = pq.read_metadata(io.BytesIO(lake.get(key)))
    assert metadata.row_group(0).column(0).compression == "GZIP"
    columns = {c["Name"]: c["Type"] for c in lake.table("first")["StorageDescriptor"]["Columns"]}
    assert columns["b"] == "varchar(3)" and columns["h"] == "struct<x:int,y:string>"
    lake.run("CREATE TABLE IF NOT EXISTS first AS SELECT 2 AS z")
    assert lake.run("SELECT a FROM first").only == "1"


def test_ctas_where_and_without_data(lake: Any) -> None:
    lake.run(
        "CREATE TABLE placed WITH (format = 'ORC', external_location = 's3://lake/placed/') AS "
        "SELECT 1 AS a"
    )
    [key] = lake.keys("placed/")
    assert po.ORCFile(io.BytesIO(lake.get(key))).read().to_pydict() == {"a": [1]}
    assert lake.error(
        "CREATE TABLE again WITH (external_location = 's3://lake/placed/') AS SELECT 1 AS a"
    ) == (
        "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'awsdatacatalog.db.again' already "
        "exists: s3://lake/placed/. You may need to manually clean the data at this location "
        "before retrying the query."
    )
    lake.run("CREATE TABLE empty AS SELECT 1 AS a, 'x' AS b WITH NO DATA")
    assert lake.rows("SELECT * FROM empty") == []
    lake.run("CREATE TABLE void AS SELECT 1 AS a WHERE false")
    assert lake.rows("SELECT * FROM void") == []


def test_ctas_partitioned(lake: Any) -> None:
    lake.run(
        "CREATE TABLE parted WITH (partitioned_by = ARRAY['b', 'c']) AS SELECT * FROM (VALUES "
        "(1, 'x', 1), (2, 'a/b', 2), (3, NULL, 3)) AS t (a, b, c)"
    )
    assert lake.run("SHOW PARTITIONS parted").lines == [
        "b=__HIVE_DEFAULT_PARTITION__/c=3",
        "b=a%2Fb/c=2",
        "b=x/c=1",
    ]
    assert lake.rows("SELECT * FROM parted ORDER BY a") == [
        ("1", "x", "1"),
        ("2", "a/b", "2"),
        ("3", None, "3"),
    ]
    assert lake.rows("SELECT a FROM parted WHERE b = 'a/b' AND c = 2") == [("2",)]


def test_ctas_bucketed(lake: Any) -> None:
    """Rows of one value lie in one file, by Hive's hash."""
    lake.run(
        "CREATE TABLE buckets WITH (bucketed_by = ARRAY['a'], bucket_count = 3) AS "
        "SELECT CAST(n AS integer) AS a FROM UNNEST(sequence(1, 10)) AS u (n)"
    )
    assert len(lake.keys(location(lake, "buckets"))) == 3
    assert (
        lake.rows('SELECT min(a % 3) = max(a % 3) FROM buckets GROUP BY "$path"') == [("true",)] * 3
    )
    assert "bucketed tables" in lake.error("INSERT INTO buckets VALUES 1")


REFUSED = [
    ("SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
    ("SELECT 1 AS a, 2 AS a",
     "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once"),
    ("SELECT NULL AS a", "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a"),
    ("SELECT INTERVAL '1' DAY AS a",
     "NOT_SUPPORTED: Unsupported Hive type: interval day to second"),
    ("SELECT 1 / 0 AS a", "DIVISION_BY_ZERO: Division by zero"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "reason"), REFUSED)
def test_queries_that_make_no_table(lake: Any, query: str, reason: str) -> None:
    assert lake.error(f"CREATE TABLE none AS {query}") == reason
    assert "does not exist" in lake.error("SELECT * FROM none")


PROPERTIES = [
    ("partitioned_by = ARRAY['a']",
     "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the "
     "same order as the table properties: [a]"),
    ("partitioned_by = ARRAY['z']",
     "INVALID_TABLE_PROPERTY: Partition columns [z] not present in schema"),
    ("partitioned_by = ARRAY['a', 'b']",
     "INVALID_TABLE_PROPERTY: Table contains only partition columns"),
    ("nope = 'x'",
     "INVALID_TABLE_PROPERTY: Catalog 'awsdatacatalog' table property 'nope' does not exist"),
    ("write_compression = 'BZIP2'",
     "INVALID_TABLE_PROPERTY: Compression codec BZIP2 not supported for PARQUET"),
    ("bucketed_by = ARRAY['a']",
     "INVALID_TABLE_PROPERTY: bucketed_by and bucket_count must be specified together"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "reason"), PROPERTIES)
def test_properties_that_are_wrong(lake: Any, given: str, reason: str) -> None:
    assert lake.error(f"CREATE TABLE none WITH ({given}) AS SELECT 1 AS a, 2 AS b") == reason


def test_a_hundred_partitions_at_most(lake: Any) -> None:
    """100 partitions are written, 101 are too many, and then nothing is left behind."""
    made = (
        "WITH (partitioned_by = ARRAY['p']) AS SELECT 1 AS a, n AS p FROM UNNEST(sequence(1, %d))"
    )
    lake.run(f"CREATE TABLE hundred {made % 100} AS u (n)")
    assert lake.run("SELECT count(*) FROM hundred").only == "100"
    before = lake.keys("results/tables/")
    reason = (
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    )
    assert lake.error(f"CREATE TABLE more {made % 101} AS u (n)") == reason
    assert (
        lake.error("INSERT INTO hundred SELECT 1, n FROM UNNEST(sequence(201, 301)) AS u (n)")
        == reason
    )
    assert lake.keys("results/tables/") == before
    lake.run("INSERT INTO hundred SELECT 1, n FROM UNNEST(sequence(101, 200)) AS u (n)")
    assert lake.run("SELECT count(DISTINCT p) FROM hundred").only == "200"


# ---- INSERT


def test_insert(lake: Any) -> None:
    """Files come beside files, partitions come into the catalog."""
    lake.run(
        "CREATE EXTERNAL TABLE target (a int, b string) PARTITIONED BY (p string) "
        "STORED AS PARQUET LOCATION 's3://lake/target/'"
    )
    assert lake.run("INSERT INTO target VALUES (1, 'x', 'p1'), (2, 'y', 'p2')").updated == 2
    lake.run("INSERT INTO target (p, a) VALUES ('p1', 3)")
    lake.run("INSERT INTO target SELECT a + 10, b, p FROM target WHERE a = 1")
    lake.run("INSERT INTO target (b, p) SELECT 'q', 'a/b c%'")
    assert lake.rows("SELECT * FROM target ORDER BY a") == [
        ("1", "x", "p1"),
        ("2", "y", "p2"),
        ("3", None, "p1"),
        ("11", "x", "p1"),
        (None, "q", "a/b c%"),
    ]
    assert lake.run("SHOW PARTITIONS target").lines == ["p=a%2Fb c%25", "p=p1", "p=p2"]


@pytest.mark.parametrize(
    "clauses",
    [
        "STORED AS ORC",
        "STORED AS AVRO",
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'",
        f"{COMMAS} ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '|' "
        "MAP KEYS TERMINATED BY ':' NULL DEFINED AS 'nil'",
    ],
)
def test_insert_writes_what_the_table_reads(lake: Any, clauses: str) -> None:
    columns = (
        "a int, b string, d date, e decimal(5,2), f array<int>, g map<string,int>, "
        "h struct<x:int,y:string>, i timestamp, j boolean, l double, m bigint"
    )
    table = lake.over(columns, clauses)
    lake.run(f"INSERT INTO {table} {EVERYTHING}")
    lake.run(f"INSERT INTO {table} (a) SELECT NULL")
    assert sorted(lake.rows(f"SELECT * FROM {table}"), key=str) == sorted([ROW, NULLS], key=str)


def test_inserts_that_do_not_fit(lake: Any) -> None:
    table = lake.over("a int, b string", "PARTITIONED BY (p string) STORED AS PARQUET")
    for given, kinds in (
        ("VALUES ('x', 'y', 'z')", "varchar(1), varchar(1), varchar(1)"),
        ("VALUES (1, 'y')", "integer, varchar(1)"),
        ("VALUES (BIGINT '1', 'y', 'z')", "bigint, varchar(1), varchar(1)"),
    ):
        assert lake.error(f"INSERT INTO {table} {given}") == (
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            f"Table: [integer, varchar, varchar], Query: [{kinds}]"
        )
    assert "Insert column name does not exist in target table: zz" in lake.error(
        f"INSERT INTO {table} (zz) VALUES (1)"
    )
    assert "Insert column name is specified more than once: a" in lake.error(
        f"INSERT INTO {table} (a, a) VALUES (1, 2)"
    )
    assert lake.error("INSERT INTO nope VALUES (1)") == (
        "TABLE_NOT_FOUND: line 1:13: Table 'awsdatacatalog.db.nope' does not exist"
    )
    csv = lake.over("a int", "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'")
    assert "NOT_SUPPORTED" in lake.error(f"INSERT INTO {csv} VALUES (1)")


# ---- UNLOAD


def test_unload(lake: Any) -> None:
    """Files without a table; the manifest names them."""
    done = lake.run("UNLOAD (SELECT 1 AS a, 'x' AS b) TO 's3://lake/u1/' WITH (format = 'PARQUET')")
    [key] = lake.keys("u1/")
    assert done.updated == 1
    assert pq.read_table(io.BytesIO(lake.get(key))).to_pylist() == [{"a": 1, "b": "x"}]
    manifests = [k for k in lake.keys("results/") if k.endswith(f"{done.id}-manifest.csv")]
    assert [lake.get(k).decode().strip() for k in manifests] == [f"s3://lake/{key}"]
    assert lake.error(
        "UNLOAD (SELECT 1 AS a) TO 's3://lake/u1/' WITH (format = 'PARQUET')"
    ).startswith("HIVE_PATH_ALREADY_EXISTS: ")


def test_unload_of_text_and_partitions(lake: Any) -> None:
    lake.run(
        "UNLOAD (SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y') TO 's3://lake/u2/' "
        "WITH (format = 'JSON', compression = 'none', partitioned_by = ARRAY['b'])"
    )
    assert {k.split("/")[1]: lake.get(k) for k in lake.keys("u2/")} == {
        "b=x": b'{"a":1}\n',
        "b=y": b'{"a":2}\n',
    }
    lake.run(
        "UNLOAD (SELECT 1, 'x' AS b) TO 's3://lake/u3/' "
        "WITH (format = 'TEXTFILE', field_delimiter = '|')"
    )
    [key] = lake.keys("u3/")
    assert gzip.decompress(lake.get(key)) == b"1|x\n"


def test_unloads_that_are_wrong(lake: Any) -> None:
    assert "format" in lake.error(
        "UNLOAD (SELECT 1 AS a) TO 's3://lake/u4/' WITH (compression = 'gzip')"
    )
    assert "'format'" in lake.error(
        "UNLOAD (SELECT 1 AS a) TO 's3://lake/u4/' WITH (format = 'CSV')"
    )
    assert "NoSuchBucket" in lake.error(
        "UNLOAD (SELECT 1 AS a) TO 's3://nobucket/u/' WITH (format = 'ORC')"
    )
    assert lake.keys("u4/") == []
