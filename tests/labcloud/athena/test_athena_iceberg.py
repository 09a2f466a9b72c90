"""Iceberg tables: rows changed, schemas evolved, snapshots read again, files looked after."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest


@pytest.fixture
def orders(lake: Any) -> str:
    """A partitioned table with three rows, in three files."""
    name = str(lake.name())
    lake.run(
        f"CREATE TABLE {name} (id bigint, region string, ts timestamp, price decimal(9,2)) "
        f"PARTITIONED BY (region, day(ts), bucket(4, id)) LOCATION 's3://lake/{name}/' "
        "TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='zstd')"
    )
    lake.run(
        f"INSERT INTO {name} VALUES (1, 'eu', TIMESTAMP '2024-01-01 10:00:00', 1.5), "
        "(2, 'us', TIMESTAMP '2024-01-02 10:00:00', 2.5), "
        "(3, 'eu', TIMESTAMP '2024-02-01 10:00:00.123456', 3.5)"
    )
    return name


def plain(lake: Any, columns: str, values: str = "") -> str:
    """Make an Iceberg table without partitions; return its name."""
    name = str(lake.name())
    lake.run(
        f"CREATE TABLE {name} ({columns}) LOCATION 's3://lake/{name}/' "
        "TBLPROPERTIES ('table_type'='iceberg')"
    )
    if values:
        lake.run(f"INSERT INTO {name} VALUES {values}")
    return name


def test_rows_are_inserted_and_pruned(lake: Any, orders: str) -> None:
    """Microseconds are kept; files whose partitions do not fit are not read."""
    assert lake.rows(f"SELECT * FROM {orders} ORDER BY id") == [
        ("1", "eu", "2024-01-01 10:00:00.000000", "1.50"),
        ("2", "us", "2024-01-02 10:00:00.000000", "2.50"),
        ("3", "eu", "2024-02-01 10:00:00.123456", "3.50"),
    ]
    whole = lake.run(f"SELECT id FROM {orders}").scanned
    one = lake.run(f"SELECT id FROM {orders} WHERE region = 'us'")
    assert one.rows == [("2",)] and 0 < one.scanned < whole + 100
    assert lake.run(f"SELECT id FROM {orders} WHERE region = 'zz'").scanned == 0
    assert (
        lake.run(f"SELECT id FROM {orders} WHERE ts < TIMESTAMP '2020-01-01 00:00:00'").scanned == 0
    )
    assert lake.run(f"SELECT count(*) FROM {orders}").scanned == 0
    data = [key for key in lake.keys(f"{orders}/data/") if "region=" in key]
    assert len(data) == 3


def test_update_and_delete(lake: Any, orders: str) -> None:
    assert (
        lake.run(f"UPDATE {orders} SET price = price + 1, region = 'de' WHERE id = 1").updated == 1
    )
    assert lake.run(f"DELETE FROM {orders} WHERE id = 2").updated == 1
    assert lake.run(f"DELETE FROM {orders} WHERE region = 'zz'").updated == 0
    assert (
        lake.run(
            f"UPDATE {orders} SET region = NULL WHERE price > (SELECT avg(price) FROM {orders})"
        ).updated
        == 1
    )
    assert lake.rows(f"SELECT id, region, price FROM {orders} ORDER BY id") == [
        ("1", "de", "2.50"),
        ("3", None, "3.50"),
    ]
    assert lake.run(f"DELETE FROM {orders}").updated == 2
    assert lake.rows(f"SELECT * FROM {orders}") == []


def test_a_condition_that_is_null_deletes_nothing(lake: Any) -> None:
    table = plain(lake, "a int, b string", "(1, 'x'), (NULL, 'y'), (3, NULL)")
    lake.run(f"DELETE FROM {table} WHERE a > 2")
    lake.run(f"UPDATE {table} SET b = 'z' WHERE a < 5")
    assert lake.rows(f"SELECT * FROM {table} ORDER BY a") == [("1", "z"), (None, "y")]


def test_merge(lake: Any, orders: str) -> None:
    """The first case that fits a row is taken; rows without a match are inserted."""
    merge = (
        f"MERGE INTO {orders} t USING (VALUES (1, DECIMAL '9.99'), (2, DECIMAL '500.00'), "
        "(4, DECIMAL '4.00'), (5, DECIMAL '-1.00')) s (id, p) ON t.id = s.id "
        "WHEN MATCHED AND s.p > 100 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET price = s.p, region = upper(t.region) "
        "WHEN NOT MATCHED AND s.p > 0 THEN INSERT (id, price) VALUES (s.id, s.p)"
    )
    assert lake.run(merge).updated == 3
    assert lake.rows(f"SELECT id, region, price FROM {orders} ORDER BY id") == [
        ("1", "EU", "9.99"),
        ("3", "eu", "3.50"),
        ("4", None, "4.00"),
    ]
    twice = (
        f"MERGE INTO {orders} t USING (VALUES (1, 1), (1, 2)) s (id, p) ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET price = s.p"
    )
    assert lake.error(twice) == (
        "MERGE_TARGET_ROW_MULTIPLE_MATCHES: One MERGE target table row matched more than one "
        "source row"
    )


def test_schema_evolution(lake: Any) -> None:
    """Columns are known by number: a name that comes back has no old values."""
    table = plain(
        lake, "id int, note string, price decimal(9,2), f float", "(1, 'old', 1.5, REAL '2.5')"
    )
    for action in (
        "ADD COLUMNS (qty int COMMENT 'n')",
        "CHANGE COLUMN id id bigint",
        "CHANGE COLUMN note memo string",
        "CHANGE COLUMN price price decimal(12,2)",
        "CHANGE COLUMN f f double",
        "ADD COLUMNS (note string)",
    ):
        lake.run(f"ALTER TABLE {table} {action}")
    lake.run(f"INSERT INTO {table} (id, qty, note) VALUES (9999999999, 7, 'new')")
    assert lake.rows(f"SELECT id, memo, price, f, qty, note FROM {table} ORDER BY id") == [
        ("1", "old", "1.50", "2.5", None, None),
        ("9999999999", None, None, None, "7", "new"),
    ]
    lake.run(f"ALTER TABLE {table} DROP COLUMN memo")
    lake.run(f"ALTER TABLE {table} ADD COLUMNS (memo string)")
    assert lake.rows(f"SELECT memo FROM {table} WHERE id = 1") == [(None,)]
    names = [line.split()[0] for line in lake.run(f"DESCRIBE {table}").lines]
    assert names == ["id", "price", "f", "qty", "note", "memo"]
    assert lake.error(f"ALTER TABLE {table} CHANGE COLUMN price price int").startswith("FAILED: ")
    assert lake.error(f"ALTER TABLE {table} DROP COLUMN nope").startswith("FAILED: ")


def test_time_travel(lake: Any) -> None:
    table = plain(lake, "a int", "(1)")
    lake.run(f"INSERT INTO {table} VALUES (2)")
    lake.run(f"DELETE FROM {table} WHERE a = 1")
    snapshots = lake.rows(
        f'SELECT snapshot_id, to_iso8601(committed_at), operation FROM "{table}$snapshots" '
        "ORDER BY committed_at"
    )
    assert [operation for *_, operation in snapshots][:2] == ["append", "append"]
    first, second = snapshots[0], snapshots[1]
    count = f"SELECT array_sort(array_agg(a)) FROM {table}"
    assert lake.run(f"{count} FOR VERSION AS OF {first[0]}").only == "[1]"
    assert lake.run(f"{count} FOR VERSION AS OF {second[0]}").only == "[1, 2]"
    moment = f"from_iso8601_timestamp('{second[1]}')"
    assert lake.run(f"{count} FOR TIMESTAMP AS OF {moment}").only == "[1, 2]"
    assert lake.run(f"{count} FOR TIMESTAMP AS OF current_timestamp").only == "[2]"
    assert lake.run(count).only == "[2]"
    early = "TIMESTAMP '2020-01-01 00:00:00 UTC'"
    assert lake.error(f"{count} FOR TIMESTAMP AS OF {early}").startswith(
        "INVALID_ARGUMENTS: No version history table "
    )
    assert lake.error(f"{count} FOR VERSION AS OF 1") == (
        "INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: 1"
    )


def test_metadata_tables(lake: Any, orders: str) -> None:
    lake.run(f"DELETE FROM {orders} WHERE id = 2")
    assert lake.rows(
        f'SELECT parent_id IS NULL, is_current_ancestor FROM "{orders}$history" '
        "ORDER BY made_current_at"
    ) == [("true", "true"), ("false", "true")]
    assert lake.rows(
        f"SELECT content, file_path LIKE 's3://lake/{orders}/%', file_format, sum(record_count) "
        f'FROM "{orders}$files" GROUP BY 1, 2, 3'
    ) == [("0", "true", "PARQUET", "2")]
    assert int(lake.run(f'SELECT count(*) FROM "{orders}$manifests"').only) >= 1
    assert (
        len(lake.rows(f'SELECT partition FROM "{orders}$partitions" WHERE record_count = 1')) == 2
    )
    assert lake.rows(f'SELECT name, type FROM "{orders}$refs"') == [("main", "BRANCH")]
    assert lake.rows(f'SELECT "$path" LIKE \'s3://%\', "$file_size" > 0 FROM {orders} LIMIT 1') == [
        ("true", "true")
    ]


def test_show_create_table(lake: Any, orders: str) -> None:
    """What it prints makes an equal table."""
    lines = lake.run(f"SHOW CREATE TABLE {orders}").lines
    assert lines == [
        f"CREATE TABLE db.{orders} (",
        "  id bigint,",
        "  region string,",
        "  ts timestamp,",
        "  price decimal(9,2))",
        "PARTITIONED BY (`region`, day(`ts`), bucket(4, `id`))",
        f"LOCATION 's3://lake/{orders}'",
        "TBLPROPERTIES (",
        "  'table_type'='iceberg',",
        "  'format'='parquet',",
        "  'write_compression'='zstd'",
        ");",
    ]
    lake.run(f"DROP TABLE {orders}")
    lake.run("\n".join(lines))
    assert lake.run(f"SHOW CREATE TABLE {orders}").lines == lines


def test_optimize_and_vacuum(lake: Any) -> None:
    """Small files become one; VACUUM then removes what only old snapshots need."""
    table = plain(lake, "a int, b string")
    for n in range(6):
        lake.run(f"INSERT INTO {table} VALUES ({n}, 'x')")
    files = f'SELECT count(*) FROM "{table}$files"'
    assert lake.run(files).only == "6"
    lake.run(f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK WHERE a < 100")
    assert lake.run(files).only == "1"
    assert lake.run(f"SELECT array_join(array_agg(a ORDER BY a), '') FROM {table}").only == "012345"
    lake.run(f"VACUUM {table}")
    assert len(lake.keys(f"{table}/data/")) == 7, "snapshots of five days are kept"
    lake.run(
        f"ALTER TABLE {table} SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='0', "
        "'vacuum_min_snapshots_to_keep'='1')"
    )
    lake.run(f"VACUUM {table}")
    assert len(lake.keys(f"{table}/data/")) == 1
    assert lake.run(f'SELECT count(*) FROM "{table}$snapshots"').only == "1"
    assert lake.run(f"SELECT count(*) FROM {table}").only == "6"


def test_drop_removes_the_data(lake: Any, orders: str) -> None:
    assert lake.keys(f"{orders}/data/") and lake.keys(f"{orders}/metadata/")
    lake.run(f"DROP TABLE {orders}")
    assert lake.keys(f"{orders}/") == []


def test_ctas(lake: Any) -> None:
    lake.run(
        "CREATE TABLE made WITH (table_type = 'ICEBERG', location = 's3://lake/made/', "
        "is_external = false, partitioning = ARRAY['bucket(id, 2)', 'month(day)']) AS "
        "SELECT * FROM (VALUES (1, DATE '2024-01-01'), (2, DATE '2024-02-01')) AS t (id, day)"
    )
    assert lake.rows("SELECT * FROM made ORDER BY id") == [("1", "2024-01-01"), ("2", "2024-02-01")]
    assert (
        "PARTITIONED BY (bucket(2, `id`), month(`day`))" in lake.run("SHOW CREATE TABLE made").lines
    )
    base = "CREATE TABLE none WITH (table_type = 'ICEBERG', location = 's3://lake/none/'"
    assert "'is_external' must be false" in lake.error(f"{base}) AS SELECT 1 AS a")
    made = f"{base}, is_external = false) AS SELECT"
    assert lake.error(f"{made} TIMESTAMP '2024-01-01 00:00:00.000' AS a") == (
        "NOT_SUPPORTED: Timestamp precision (3) not supported for Iceberg. "
        'Use "timestamp(6)" instead.'
    )
    assert lake.error(f"{made} TINYINT '1' AS a") == (
        "NOT_SUPPORTED: Type not supported for Iceberg: tinyint"
    )


def test_every_type(lake: Any) -> None:
    columns = (
        "a int, s struct<x:int,y:array<string>>, m map<string,double>, t timestamp, d date, "
        "bi binary, f float, b boolean, r array<struct<x:int>>, q map<string,struct<x:int>>"
    )
    table = plain(
        lake,
        columns,
        "(1, CAST(ROW(1, ARRAY['p', NULL]) AS ROW(x int, y array(varchar))), "
        "MAP(ARRAY['k'], ARRAY[1.5e0]), TIMESTAMP '2024-01-01 00:00:00.123456', "
        "DATE '2024-01-01', X'6162', REAL '1.5', true, ARRAY[CAST(ROW(1) AS ROW(x int))], "
        "MAP(ARRAY['k'], ARRAY[CAST(ROW(1) AS ROW(x int))]))",
    )
    lake.run(f"INSERT INTO {table} (a) VALUES (2)")
    assert lake.rows(f"SELECT * FROM {table} ORDER BY a") == [
        (
            *("1", "{x=1, y=[p, null]}", "{k=1.5}", "2024-01-01 00:00:00.123456", "2024-01-01"),
            *("61 62", "1.5", "true", "[{x=1}]", "{k={x=1}}"),
        ),
        ("2", *[None] * 9),
    ]


def test_what_is_refused(lake: Any, orders: str) -> None:
    files = lake.over("a int", "STORED AS PARQUET")
    reason = "Modifying Hive table rows is only supported for transactional tables"
    assert lake.error(f"UPDATE {files} SET a = 1") == f"NOT_SUPPORTED: line 1:8: {reason}"
    assert lake.error(f"DELETE FROM {files}") == f"NOT_SUPPORTED: line 1:13: {reason}"
    assert "Column 'nope' cannot be resolved" in lake.error(f"DELETE FROM {orders} WHERE nope = 1")
    assert lake.error(f"UPDATE {orders} SET id = 'x'") == (
        "TYPE_MISMATCH: line 1:1: UPDATE table column types don't match SET expressions: "
        "Table: [bigint], Expressions: [varchar(1)]"
    )
    assert "The UPDATE SET target column zz doesn't exist" in lake.error(
        f"UPDATE {orders} SET zz = 1"
    )
    assert lake.error(f"INSERT INTO {orders} VALUES ('a', 'b')").startswith("TYPE_MISMATCH: ")
    assert "Unsupported table property key: foo" in lake.error(
        "CREATE TABLE nothing (a int) LOCATION 's3://lake/nothing/' "
        "TBLPROPERTIES ('table_type'='ICEBERG', 'foo'='bar')"
    )


def test_writers_at_the_same_time(lake: Any) -> None:
    """Each of several inserts is there at the end, or was refused in so many words."""
    table = plain(lake, "a int")
    told: list[str] = []

    def write(n: int) -> None:
        try:
            lake.run(f"INSERT INTO {table} VALUES ({n})")
            told.append("written")
        except Exception as error:
            told.append(str(error))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = told.count("written")
    assert written >= 1
    assert all("ICEBERG_COMMIT_ERROR" in text for text in told if text != "written")
    assert lake.run(f"SELECT count(*) FROM {table}").only == str(written)


def test_it_is_read_by_others(lake: Any, cloud: Any) -> None:
    """The catalog's entry is what other Iceberg clients look for."""
    table = plain(lake, "a int", "(1)")
    found = lake.table(table)
    assert found["Parameters"]["table_type"].upper() == "ICEBERG"
    key = found["Parameters"]["metadata_location"].removeprefix("s3://lake/")
    assert lake.get(key).startswith(b"{")
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert dt.datetime.now(dt.UTC) > found["CreateTime"]
