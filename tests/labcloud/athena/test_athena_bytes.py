"""DataScannedInBytes: what a query pays for, and partition projection, which decides it."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COMMAS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"


def test_text_is_read_whole_as_it_lies_in_s3(lake: Any) -> None:
    """Compressed bytes count, whichever columns are asked for; LIMIT saves nothing here."""
    packed = gzip.compress(b"1,x\n2,y\n" * 1000)
    table = lake.over("a int, b string", COMMAS, ("f.gz", packed), ("g", "3,z\n"))
    for sql in ("SELECT count(*)", "SELECT a", "SELECT a, b"):
        assert lake.run(f"{sql} FROM {table}").scanned == len(packed) + 4
    assert lake.run(f"SELECT 1 FROM {table} t JOIN {table} u ON t.a = u.a AND t.a = 3").scanned == (
        2 * (len(packed) + 4)
    )
    assert lake.run("SELECT 1").scanned == 0


@pytest.fixture(scope="module")
def numbers() -> bytes:
    """Parquet of three row groups: 0…999, 1000…1999, 2000…2999."""
    table = pa.table(
        {
            "id": pa.array(range(3000), pa.int32()),
            "day": [dt.date(2024, 1, 1 + n // 1000) for n in range(3000)],
            "text": [f"text {n}" for n in range(3000)],
            "pair": [{"x": n, "y": str(n)} for n in range(3000)],
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=1000, compression="zstd")
    return sink.getvalue()


def chunk(body: bytes, *columns: str, groups: tuple[int, ...] = (0, 1, 2)) -> int:
    """Return the compressed bytes of columns in some row groups."""
    metadata = pq.read_metadata(io.BytesIO(body))
    return sum(
        int(metadata.row_group(g).column(i).total_compressed_size)
        for g in groups
        for i in range(metadata.num_columns)
        if metadata.row_group(g).column(i).path_in_schema.split(".")[0] in columns
    )


def test_parquet_is_read_by_column_chunk(lake: Any, numbers: bytes) -> None:
    """Only the columns that are used, in the row groups that may have such rows."""
    columns = "id int, day date, text string, pair struct<x:int,y:string>"
    table = lake.over(columns, "STORED AS PARQUET", ("a.parquet", numbers))

    def scanned(sql: str) -> int:
        return int(lake.run(f"SELECT {sql}").scanned)

    assert scanned(f"count(*) FROM {table}") == 0
    assert scanned(f"sum(id) FROM {table}") == chunk(numbers, "id")
    assert scanned(f"text FROM {table}") == chunk(numbers, "text")
    assert scanned(f"* FROM {table}") == chunk(numbers, "id", "day", "text", "pair")
    assert scanned(f"max(text) FROM {table} WHERE id >= 2000") == chunk(
        numbers, "id", "text", groups=(2,)
    )
    assert scanned(f"max(text) FROM {table} WHERE id BETWEEN 500 AND 1500") == chunk(
        numbers, "id", "text", groups=(0, 1)
    )
    assert scanned(f"text FROM {table} WHERE id IN (5, 2500)") == chunk(
        numbers, "id", "text", groups=(0, 2)
    )
    assert scanned(f"id FROM {table} WHERE day = DATE '2024-01-02'") == chunk(
        numbers, "id", "day", groups=(1,)
    )
    assert scanned(f"id FROM {table} WHERE id > 5000") == 0
    assert scanned(f"id FROM {table} WHERE id % 2 = 0") == chunk(numbers, "id")


def test_hidden_columns_cost_nothing(lake: Any, numbers: bytes) -> None:
    table = lake.over("id int", "STORED AS PARQUET", ("a.parquet", numbers))
    found = lake.run(
        f'SELECT DISTINCT "$path", "$file_size", "$file_modified_time" > TIMESTAMP '
        f"'2020-01-01 00:00:00 UTC' FROM {table}"
    )
    assert found.rows == [(f"s3://lake/{table}/a.parquet", str(len(numbers)), "true")]
    assert found.scanned == 0
    assert "$path" not in lake.run(f"SELECT * FROM {table} LIMIT 1").names


def test_a_query_may_be_cut_off(lake: Any) -> None:
    """The workgroup's limit ends a query that would read more."""
    table = lake.over("a string", COMMAS, ("f", "x" * 11_000_000))
    lake.athena.create_work_group(
        Name="small", Configuration={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    assert lake.error(f"SELECT count(*) FROM {table}", WorkGroup="small") == (
        "Bytes scanned limit was exceeded"
    )


# ---- partition projection


def projected(lake: Any, keys: str, properties: dict[str, str], *files: tuple[str, str]) -> str:
    """Make a table whose partitions are projected; return its name."""
    listed = ", ".join(f"'{key}'='{value}'" for key, value in properties.items())
    clauses = (
        f"PARTITIONED BY ({keys}) {COMMAS};; TBLPROPERTIES ('projection.enabled'='true', {listed})"
    )
    return str(lake.over("a int", clauses, *files))


def test_enums_and_integers(lake: Any) -> None:
    """Folders off the grid are not read, those on it are, with their leading zeros."""
    table = projected(
        lake,
        "k string, n string",
        {
            "projection.k.type": "enum",
            "projection.k.values": "a,b",
            "projection.n.type": "integer",
            "projection.n.range": "0,20",
            "projection.n.digits": "2",
            "projection.n.interval": "5",
        },
        ("k=a/n=05/f", "1\n"),
        ("k=b/n=10/f", "22\n"),
        ("k=c/n=10/f", "3\n"),
        ("k=a/n=06/f", "4\n"),
    )
    assert lake.rows(f"SELECT * FROM {table} ORDER BY a") == [("1", "a", "05"), ("22", "b", "10")]
    assert lake.run(f"SELECT a FROM {table} WHERE k IN ('b', 'c')").scanned == 3
    assert lake.rows(f"SELECT a FROM {table} WHERE n = '05'") == [("1",)]


def test_dates_with_a_template(lake: Any) -> None:
    table = projected(
        lake,
        "d string",
        {
            "projection.d.type": "date",
            "projection.d.format": "yyyy/MM/dd",
            "projection.d.range": "2026/01/01,NOW",
            "storage.location.template": "s3://lake/by-day/${d}/in/",
        },
    )
    lake.put("by-day/2026/01/05/in/f", "5\n")
    lake.put("by-day/2025/12/05/in/f", "4\n")
    everything = f"SELECT * FROM {table}"
    for where in ("", " WHERE d >= '2026/01/02' AND d < '2026/02/01'", " WHERE d LIKE '2026/01%'"):
        assert lake.rows(everything + where) == [("5", "2026/01/05")]
    assert lake.rows(f"{everything} WHERE d = '2025/12/05'") == []


def test_relative_dates_and_hours(lake: Any) -> None:
    today = dt.datetime.now(dt.UTC).date()
    table = projected(
        lake,
        "d date",
        {
            "projection.d.type": "date",
            "projection.d.format": "yyyy-MM-dd",
            "projection.d.range": "NOW-3DAYS,NOW",
        },
        (f"d={today - dt.timedelta(days=1)}/f", "1\n"),
        (f"d={today - dt.timedelta(days=9)}/f", "9\n"),
    )
    assert lake.rows(f"SELECT a FROM {table}") == [("1",)]
    assert lake.rows(f"SELECT a FROM {table} WHERE d > current_date") == []
    hours = projected(
        lake,
        "h string",
        {
            "projection.h.type": "date",
            "projection.h.format": "yyyy-MM-dd-HH",
            "projection.h.range": "2024-01-01-00,2024-01-02-00",
            "projection.h.interval": "6",
            "projection.h.interval.unit": "HOURS",
        },
        ("h=2024-01-01-06/f", "6\n"),
        ("h=2024-01-01-07/f", "7\n"),
    )
    assert lake.rows(f"SELECT a FROM {hours}") == [("6",)]


def test_injected(lake: Any) -> None:
    """The query must say which; then any value there is."""
    table = projected(lake, "u string", {"projection.u.type": "injected"}, ("u=abc/f", "6\n"))
    assert lake.rows(f"SELECT a FROM {table} WHERE u = 'abc'") == [("6",)]
    assert lake.rows(f"SELECT a FROM {table} WHERE u IN ('abc', 'd')") == [("6",)]
    for where in ("", " WHERE u > 'a'"):
        assert lake.error(f"SELECT a FROM {table}{where}") == (
            "CONSTRAINT_VIOLATION: For the injected projected partition column u, the WHERE clause "
            "must contain only static equality conditions, and at least one such condition must "
            "be present."
        )


def test_projection_that_is_wrong(lake: Any) -> None:
    table = projected(lake, "n int", {"projection.n.type": "nope"})
    assert lake.error(f"SELECT * FROM {table}").startswith("HIVE_INVALID_METADATA: ")
    wide = {"projection.n.type": "integer", "projection.n.range": "1,1000000000"}
    table = projected(lake, "n int", wide, ("n=7/f", "6\n"))
    assert lake.rows(f"SELECT a FROM {table} WHERE n = 7") == [("6",)]
    assert "too many values" in lake.error(f"SELECT a FROM {table}")


# ---- information_schema


def test_information_schema(lake: Any) -> None:
    lake.glue.create_database(DatabaseInput={"Name": "told"})
    lake.run(
        "CREATE EXTERNAL TABLE told.one (a int COMMENT 'c', b array<string>) "
        "PARTITIONED BY (p string) LOCATION 's3://lake/one/'"
    )
    lake.run("CREATE VIEW told.seen AS SELECT a FROM told.one")
    assert lake.rows(
        "SELECT table_name, table_type FROM information_schema.tables "
        "WHERE table_schema = 'told' ORDER BY 1"
    ) == [("one", "BASE TABLE"), ("seen", "VIEW")]
    assert lake.rows(
        "SELECT column_name, ordinal_position, data_type, is_nullable, comment, extra_info "
        "FROM information_schema.columns WHERE table_schema = 'told' AND table_name = 'one'"
    ) == [
        ("a", "1", "integer", "YES", "c", None),
        ("b", "2", "array(varchar)", "YES", None, None),
        ("p", "3", "varchar", "YES", None, "partition key"),
    ]
    assert lake.rows(
        "SELECT table_name, view_definition FROM information_schema.views "
        "WHERE table_schema = 'told'"
    ) == [("seen", "SELECT a FROM told.one")]
    schemas = lake.rows("SELECT schema_name FROM information_schema.schemata")
    assert ("told",) in schemas and ("information_schema",) in schemas
