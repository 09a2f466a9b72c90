"""pyiceberg's GlueCatalog and Athena's SQL on the same Iceberg tables, each seeing the other."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.expressions import EqualTo
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import DoubleType, LongType, StringType

pytestmark = pytest.mark.slow

Rows = list[list[str | None]]


@pytest.fixture(scope="module")
def iceberg(lake: str, environment: dict[str, str]) -> Catalog:
    return load_catalog(
        "glue",
        type="glue",
        warehouse=f"{lake}/warehouse",
        **{"s3.endpoint": environment["AWS_ENDPOINT_URL"]},
    )


@pytest.fixture(scope="module")
def sql(aws: boto3.Session, lake: str) -> Callable[[str], Rows]:
    athena = aws.client("athena")

    def run(statement: str) -> Rows:
        id_ = athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext={"Database": "lake"},
            ResultConfiguration={"OutputLocation": f"{lake}/results/"},
        )["QueryExecutionId"]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            status = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.01)
        assert status["State"] == "SUCCEEDED", status["StateChangeReason"]
        found = athena.get_query_results(QueryExecutionId=id_)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found]

    return run


def rows(iceberg: Catalog, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = iceberg.load_table(f"lake.{name}").scan().to_arrow().to_pylist()
    return sorted(found, key=str)


def test_pyiceberg_reads_what_athena_writes(
    iceberg: Catalog, sql: Callable[[str], Rows], lake: str
) -> None:
    sql(
        "CREATE TABLE events (id bigint, name string, day date, at timestamp, price decimal(10,2), "
        "tags array<string>, deep struct<a:int,b:string>, m map<string,int>) "
        f"PARTITIONED BY (day, bucket(4, id)) LOCATION '{lake}/events/' "
        "TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet')"
    )
    sql(
        "INSERT INTO events VALUES (1, 'a', DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', "
        "1.50, ARRAY['x'], CAST(ROW(1, 'b') AS ROW(a integer, b varchar)), MAP(ARRAY['k'], "
        "ARRAY[7])), (2, NULL, DATE '2024-01-02', NULL, NULL, NULL, NULL, NULL)"
    )
    table = iceberg.load_table("lake.events")
    assert [str(f.transform) for f in table.spec().fields] == ["identity", "bucket[4]"]
    assert rows(iceberg, "events") == [
        {
            "id": 1,
            "name": "a",
            "day": datetime.date(2024, 1, 1),
            "at": datetime.datetime.fromisoformat("2024-01-01 10:00:00"),
            "price": Decimal("1.50"),
            "tags": ["x"],
            "deep": {"a": 1, "b": "b"},
            "m": [("k", 7)],
        },
        {
            "id": 2,
            "name": None,
            "day": datetime.date(2024, 1, 2),
            "at": None,
            "price": None,
            "tags": None,
            "deep": None,
            "m": None,
        },
    ]
    found = table.scan(row_filter="day >= '2024-01-02'", selected_fields=("id",)).to_arrow()
    assert found["id"].to_pylist() == [2]
    assert len(list(table.scan(row_filter="day >= '2024-01-02'").plan_files())) == 1


def test_athena_reads_what_pyiceberg_writes(iceberg: Catalog, sql: Callable[[str], Rows]) -> None:
    data = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "name": ["a", "b", None],
            "at": pa.array(
                [datetime.datetime.fromisoformat(f"2024-01-0{d} 05:00:00") for d in (1, 2, 3)],
                pa.timestamp("us"),
            ),
            "day": pa.array([datetime.date(2024, 1, d) for d in (1, 2, 3)]),
            "zoned": pa.array(
                [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)] * 3,
                pa.timestamp("us", "UTC"),
            ),
            "tags": [["x"], [], None],
            "deep": [{"a": 1}, {"a": 2}, None],
        }
    )
    table = iceberg.create_table("lake.written", schema=data.schema)
    with table.update_spec() as update:
        update.add_field("at", DayTransform(), "at_day")
        update.add_field("id", BucketTransform(2), "id_bucket")
    table.append(data)
    found = sql("SELECT id, name, at, day, zoned, tags, deep.a FROM written ORDER BY id")
    assert found[1:] == [
        [
            "1",
            "a",
            "2024-01-01 05:00:00.000000",
            "2024-01-01",
            "2024-01-01 00:00:00.000000 UTC",
            "[x]",
            "1",
        ],
        [
            "2",
            "b",
            "2024-01-02 05:00:00.000000",
            "2024-01-02",
            "2024-01-01 00:00:00.000000 UTC",
            "[]",
            "2",
        ],
        [
            "3",
            None,
            "2024-01-03 05:00:00.000000",
            "2024-01-03",
            "2024-01-01 00:00:00.000000 UTC",
            None,
            None,
        ],
    ]
    assert sql("SELECT id FROM written WHERE at > TIMESTAMP '2024-01-02 06:00:00'")[1:] == [["3"]]
    table.overwrite(data.slice(0, 1), overwrite_filter=EqualTo("id", 2))
    assert sql("SELECT id FROM written ORDER BY id")[1:] == [["1"], ["1"], ["3"]]
    table.delete(delete_filter="id = 1")
    assert sql("SELECT id FROM written")[1:] == [["3"]]
    table.upsert(data.set_column(1, "name", pa.array(["A", "B", "C"])), join_cols=["id"])
    assert sql("SELECT name FROM written ORDER BY id")[1:] == [["A"], ["B"], ["C"]]


def test_rows_deleted_updated_and_merged_by_athena_are_gone_on_both_sides(
    iceberg: Catalog, sql: Callable[[str], Rows], lake: str
) -> None:
    sql(
        f"CREATE TABLE changed (id int, name string) LOCATION '{lake}/changed/' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    sql("INSERT INTO changed VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
    sql("DELETE FROM changed WHERE id = 2")
    sql("UPDATE changed SET name = 'C' WHERE id = 3")
    assert rows(iceberg, "changed") == [
        {"id": 1, "name": "a"},
        {"id": 3, "name": "C"},
        {"id": 4, "name": "d"},
    ]
    iceberg.load_table("lake.changed").delete("id = 4")
    assert sql("SELECT id FROM changed ORDER BY id")[1:] == [["1"], ["3"]]
    sql(
        "MERGE INTO changed t USING (VALUES (1, 'x'), (9, 'new')) s(id, name) ON t.id = s.id "
        "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)"
    )
    assert rows(iceberg, "changed") == [{"id": 3, "name": "C"}, {"id": 9, "name": "new"}]
    sql("OPTIMIZE changed REWRITE DATA USING BIN_PACK")
    table = iceberg.load_table("lake.changed")
    assert [task.delete_files for task in table.scan().plan_files()] == [set()]
    sql("VACUUM changed")
    assert rows(iceberg, "changed") == [{"id": 3, "name": "C"}, {"id": 9, "name": "new"}]


def test_a_schema_evolves_on_both_sides(
    iceberg: Catalog, sql: Callable[[str], Rows], lake: str
) -> None:
    sql(
        f"CREATE TABLE evolved (id int, old string, f float) LOCATION '{lake}/evolved/' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    sql("INSERT INTO evolved VALUES (1, 'one', 0.5)")
    table = iceberg.load_table("lake.evolved")
    with table.update_schema() as update:
        update.rename_column("old", "renamed")
        update.add_column("extra", StringType(), doc="by pyiceberg")
        update.update_column("id", LongType())
        update.update_column("f", DoubleType())
        update.move_first("extra")
    assert sql("SELECT * FROM evolved") == [
        ["extra", "id", "renamed", "f"],
        [None, "1", "one", "0.5"],
    ]
    sql("ALTER TABLE evolved ADD COLUMNS (`more` bigint)")
    sql("INSERT INTO evolved VALUES ('e', 3000000000, 'two', 1.5, 7)")
    sql("ALTER TABLE evolved CHANGE COLUMN renamed again string")
    sql("ALTER TABLE evolved DROP COLUMN f")
    table = iceberg.load_table("lake.evolved")
    assert [field.name for field in table.schema().fields] == ["extra", "id", "again", "more"]
    assert rows(iceberg, "evolved") == [
        {"extra": "e", "id": 3000000000, "again": "two", "more": 7},
        {"extra": None, "id": 1, "again": "one", "more": None},
    ]
    table.append(table.scan(row_filter="id = 1").to_arrow())
    assert sql("SELECT count(*) FROM evolved WHERE again = 'one'")[1:] == [["2"]]
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column("more")
        update.add_column("more", StringType())
    assert sql("SELECT more FROM evolved WHERE extra = 'e'")[1:] == [[None]]


def test_partitions_evolve(iceberg: Catalog, sql: Callable[[str], Rows], lake: str) -> None:
    sql(
        "CREATE TABLE parted (id int, at timestamp, kind string) PARTITIONED BY (kind) "
        f"LOCATION '{lake}/parted/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    insert = "INSERT INTO parted VALUES ({}, TIMESTAMP '2024-0{}-01 00:00:00', '{}')"
    sql(insert.format(1, 1, "a"))
    table = iceberg.load_table("lake.parted")
    with table.update_spec() as update:
        update.remove_field("kind")
        update.add_field("at", "month", "at_month")
    sql(insert.format(2, 2, "a"))
    sql(insert.format(3, 3, "b"))
    assert sql("SELECT id FROM parted WHERE kind = 'a' ORDER BY id")[1:] == [["1"], ["2"]]
    assert sql("SELECT id FROM parted WHERE at >= TIMESTAMP '2024-02-15 00:00:00'")[1:] == [["3"]]
    table = iceberg.load_table("lake.parted")
    assert len(list(table.scan(row_filter="at >= '2024-02-15T00:00:00'").plan_files())) == 1
    with table.update_spec() as update:
        update.add_field("kind", IdentityTransform(), "kind_again")
    sql("DELETE FROM parted WHERE kind = 'a'")
    assert [row["id"] for row in rows(iceberg, "parted")] == [3]


def test_snapshots_tags_and_time_travel(
    iceberg: Catalog, sql: Callable[[str], Rows], lake: str
) -> None:
    sql(
        f"CREATE TABLE travel (id int) LOCATION '{lake}/travel/' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    sql("INSERT INTO travel VALUES 1")
    sql("INSERT INTO travel VALUES 2")
    table = iceberg.load_table("lake.travel")
    first, second = (snapshot.snapshot_id for snapshot in table.snapshots()[-2:])
    assert sql(f"SELECT id FROM travel FOR VERSION AS OF {first}")[1:] == [["1"]]
    assert table.scan(snapshot_id=first).to_arrow()["id"].to_pylist() == [1]
    table.manage_snapshots().create_tag(first, "start").commit()
    assert sql("SELECT id FROM travel FOR VERSION AS OF 'start'")[1:] == [["1"]]
    history = sql('SELECT snapshot_id FROM "travel$history"')[1:]
    assert [str(first)] in history and [str(second)] in history
    assert sql('SELECT count(*) FROM "travel$files"')[1:] == [["2"]]
    assert [str(first), "TAG"] in sql('SELECT snapshot_id, type FROM "travel$refs"')
    assert table.inspect.snapshots().num_rows == len(table.snapshots())
    assert table.inspect.files().num_rows == 2


def test_athenas_ctas_and_drop(iceberg: Catalog, sql: Callable[[str], Rows], lake: str) -> None:
    sql(
        "CREATE TABLE made WITH (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', "
        f"location = '{lake}/made/', partitioning = ARRAY['truncate(name, 1)']) AS "
        "SELECT 1 AS id, 'abc' AS name"
    )
    assert ("lake", "made") in iceberg.list_tables("lake")
    assert rows(iceberg, "made") == [{"id": 1, "name": "abc"}]
    sql("DROP TABLE made")
    assert not iceberg.table_exists("lake.made")
    iceberg.create_table("lake.dropped", schema=pa.schema([("id", pa.int64())]))
    assert sql("SELECT count(*) FROM dropped")[1:] == [["0"]]
    assert ["dropped"] in sql("SHOW TABLES")
    iceberg.rename_table("lake.dropped", "lake.moved")
    assert sql("SELECT count(*) FROM moved")[1:] == [["0"]]
    sql("DROP TABLE moved")
    assert not iceberg.table_exists("lake.moved")


def test_properties_are_one(iceberg: Catalog, sql: Callable[[str], Rows], lake: str) -> None:
    sql(
        f"CREATE TABLE props (id int) LOCATION '{lake}/props/' "
        "TBLPROPERTIES ('table_type'='ICEBERG', 'vacuum_max_snapshot_age_seconds'='60')"
    )
    sql("ALTER TABLE props SET TBLPROPERTIES ('write_target_data_file_size_bytes'='536870912')")
    properties = iceberg.load_table("lake.props").properties
    assert properties["write_target_data_file_size_bytes"] == "536870912"
    with iceberg.load_table("lake.props").transaction() as change:
        change.set_properties(owner="me")
    assert any("owner" in (row[0] or "") for row in sql("SHOW TBLPROPERTIES props"))
