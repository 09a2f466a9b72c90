"""PyAthena's documented cursors and its SQLAlchemy dialect, against labcloud's Athena."""

from __future__ import annotations

import asyncio
import datetime
import functools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import pandas as pd
import pyathena
import pytest
import sqlalchemy as sa
from pyarrow import fs
from pyathena.arrow.async_cursor import AsyncArrowCursor
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor, AsyncDictCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.async_cursor import AsyncPandasCursor
from pyathena.pandas.cursor import PandasCursor
from pyathena.pandas.util import as_pandas, to_sql
from pyathena.s3fs.cursor import S3FSCursor
from sqlalchemy.ext.asyncio import create_async_engine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        # PyAthena 4.2 still passes an argument that pandas 3.1 is about to drop.
        "ignore::pandas.errors.Pandas4Warning",
    ),
]

Connect = Callable[..., Any]
ROWS = [(1, "ann", 1.5), (2, "bob", None), (3, None, 3.5)]


@pytest.fixture(scope="module", autouse=True)
def arrows_endpoint(environment: dict[str, str]) -> Iterator[None]:
    """Hand pyarrow's S3 the endpoint: it takes none from the environment, PyAthena gives none."""
    with pytest.MonkeyPatch.context() as patch:
        endpoint = functools.partial(
            fs.S3FileSystem, endpoint_override=environment["AWS_ENDPOINT_URL"]
        )
        patch.setattr(fs, "S3FileSystem", endpoint)
        yield


@pytest.fixture(scope="module")
def connect(lake: str) -> Iterator[Connect]:
    made: list[Any] = []

    def open_(**options: Any) -> Any:
        options.setdefault("schema_name", "lake")
        options.setdefault("s3_staging_dir", f"{lake}/staging/")
        made.append(pyathena.connect(region_name="us-east-1", poll_interval=0.02, **options))
        return made[-1]

    yield open_
    for connection in made:
        connection.close()


@pytest.fixture(scope="module")
def people(connect: Connect, lake: str) -> str:
    cursor = connect().cursor()
    cursor.execute(
        "CREATE EXTERNAL TABLE people (id int COMMENT 'the key', name string, score double) "
        f"PARTITIONED BY (city string) STORED AS PARQUET LOCATION '{lake}/people/'"
    )
    cursor.execute(
        "INSERT INTO people VALUES (1, 'ann', 1.5, 'x'), (2, 'bob', NULL, 'x'), (3, NULL, 3.5, 'y')"
    )
    return "people"


SELECT = "SELECT id, name, score FROM people ORDER BY id"


def test_a_cursor(connect: Connect, people: str) -> None:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(SELECT)
        assert [d[:2] for d in cursor.description] == [
            ("id", "integer"),
            ("name", "varchar"),
            ("score", "double"),
        ]
        assert cursor.fetchone() == ROWS[0]
        assert cursor.fetchmany(1) == ROWS[1:2]
        assert cursor.fetchall() == ROWS[2:]
        assert list(cursor.execute(SELECT)) == ROWS
        assert cursor.state == "SUCCEEDED"
        assert cursor.data_scanned_in_bytes > 0
        assert cursor.statement_type == "DML"
        assert cursor.output_location.endswith(f"{cursor.query_id}.csv")
        assert cursor.engine_execution_time_in_millis >= 0
        assert cursor.effective_engine_version == "Athena engine version 3"
        assert cursor.query == SELECT


def test_a_cursor_pages_through_many_rows(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("SELECT x FROM UNNEST(sequence(1, 2500)) t(x)")
    assert [row[0] for row in cursor] == list(range(1, 2501))
    cursor.arraysize = 100
    cursor.execute("SELECT x FROM UNNEST(sequence(1, 250)) t(x)")
    assert len(cursor.fetchall()) == 250


def test_values_of_every_type(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute(
        "SELECT true, TINYINT '1', SMALLINT '2', 3, BIGINT '4', REAL '0.5', 0.25E0, 'v', "
        "CAST('c' AS char(3)), TIMESTAMP '2024-01-02 03:04:05.678', DATE '2024-01-02', "
        "TIME '03:04:05.678', X'00ff', ARRAY[1, 2], MAP(ARRAY['k'], ARRAY[1]), "
        "CAST(ROW(1, 'x') AS ROW(a integer, b varchar)), DECIMAL '1.50', NULL, "
        "JSON '{\"a\": [1]}', UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'"
    )
    (row,) = cursor.fetchall()
    assert row == (
        True,
        1,
        2,
        3,
        4,
        0.5,
        0.25,
        "v",
        "c  ",
        datetime.datetime.fromisoformat("2024-01-02 03:04:05.678000"),
        datetime.date(2024, 1, 2),
        datetime.time(3, 4, 5, 678000),
        b"\x00\xff",
        [1, 2],
        {"k": "1"},
        {"a": "1", "b": "x"},
        Decimal("1.50"),
        None,
        {"a": [1]},
        row[-1],
    )


def test_parameters(connect: Connect, people: str) -> None:
    cursor = connect().cursor()
    cursor.execute(
        "SELECT name FROM people WHERE id = %(id)d AND name = %(n)s", {"id": 1, "n": "ann"}
    )
    assert cursor.fetchall() == [("ann",)]
    cursor.execute(
        "SELECT %(d)s, %(t)s, %(m)s, %(q)s",
        {
            "d": datetime.date(2024, 1, 1),
            "t": datetime.datetime.fromisoformat("2024-01-01 02:00:00"),
            "m": Decimal("1.5"),
            "q": "it's",
        },
    )
    assert cursor.fetchone() == (
        datetime.date(2024, 1, 1),
        datetime.datetime.fromisoformat("2024-01-01 02:00:00"),
        Decimal("1.5"),
        "it's",
    )
    cursor.execute("SELECT id FROM people WHERE id IN %(ids)s ORDER BY id", {"ids": [1, 3]})
    assert cursor.fetchall() == [(1,), (3,)]
    cursor.execute(
        "SELECT id FROM people WHERE id = ? AND name = ?", ["2", "'bob'"], paramstyle="qmark"
    )
    assert cursor.fetchall() == [(2,)]
    cursor.executemany(
        "INSERT INTO people (id, name, score, city) VALUES (%(id)d, 'm', NULL, 'many')",
        [{"id": 101}, {"id": 102}],
    )
    cursor.execute("SELECT count(*) FROM people WHERE city = 'many'")
    assert cursor.fetchone() == (2,)
    cursor.execute("ALTER TABLE people DROP PARTITION (city = 'many')")


def test_result_reuse(connect: Connect, people: str) -> None:
    sql = "SELECT count(*), 'reuse' FROM people"
    cursor = connect().cursor()
    cursor.execute(sql)
    assert cursor.reused_previous_result is False
    cursor.execute(sql, result_reuse_enable=True, result_reuse_minutes=60)
    assert cursor.reused_previous_result is True
    again = connect(result_reuse_enable=True, result_reuse_minutes=60).cursor()
    again.execute(sql)
    assert again.reused_previous_result is True
    first = again.query_id
    cached = connect().cursor()
    cached.execute(sql, cache_size=10, cache_expiration_time=3600)
    assert cached.query_id == first


def test_a_failed_and_a_cancelled_query(connect: Connect) -> None:
    cursor = connect().cursor()
    with pytest.raises(pyathena.error.OperationalError, match=r"TABLE_NOT_FOUND.*lake\.gone"):
        cursor.execute("SELECT * FROM gone")
    with pytest.raises(pyathena.error.DatabaseError, match="mismatched input"):
        cursor.execute("SELEC 1")
    waiting = connect(cursor_class=AsyncCursor).cursor()
    id_, future = waiting.execute(
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), "
        "UNNEST(sequence(1, 10000)) c(z) WHERE (x * y + z) % 7 = 3"
    )
    waiting.cancel(id_).result()
    assert future.result().state == "CANCELLED"
    waiting.close()


def test_statements(connect: Connect, people: str) -> None:
    cursor = connect().cursor()
    assert ("people",) in cursor.execute("SHOW TABLES").fetchall()
    assert ("lake",) in cursor.execute("SHOW DATABASES").fetchall()
    shown = "\n".join(row[0] for row in cursor.execute("SHOW CREATE TABLE people"))
    assert shown.startswith("CREATE EXTERNAL TABLE `people`(")
    described = cursor.execute("DESCRIBE people").fetchall()
    assert described[0][0].split()[:2] == ["id", "int"]
    assert cursor.execute("EXPLAIN SELECT 1").fetchall()
    assert cursor.execute("SHOW PARTITIONS people").fetchall() == [("city=x",), ("city=y",)]


def test_a_dict_cursor(connect: Connect, people: str) -> None:
    cursor = connect(cursor_class=DictCursor).cursor()
    assert cursor.execute(SELECT).fetchone() == {"id": 1, "name": "ann", "score": 1.5}


def test_an_async_cursor(connect: Connect, people: str) -> None:
    with connect(cursor_class=AsyncCursor).cursor() as cursor:
        id_, future = cursor.execute(SELECT)
        result = future.result()
        assert result.query_id == id_
        assert result.fetchall() == ROWS
        assert [d[0] for d in cursor.description(id_).result()] == ["id", "name", "score"]
        assert cursor.query_execution(id_).result().state == "SUCCEEDED"
        assert cursor.poll(id_).result().state == "SUCCEEDED"
    with connect(cursor_class=AsyncDictCursor).cursor() as cursor:
        _, future = cursor.execute(SELECT)
        assert future.result().fetchone()["name"] == "ann"


@pytest.mark.parametrize("unload", [False, True])
def test_a_pandas_cursor(connect: Connect, people: str, lake: str, unload: bool) -> None:
    cursor = connect(
        cursor_class=PandasCursor,
        cursor_kwargs={"unload": unload},
        s3_staging_dir=f"{lake}/staging/pandas/",
    ).cursor()
    df = cursor.execute(SELECT).as_pandas()
    assert df["id"].tolist() == [1, 2, 3]
    assert df["name"].isna().tolist() == [False, False, True]
    assert df["score"].tolist()[0] == 1.5
    assert cursor.execute(SELECT).fetchone()[0] == 1
    assert len(cursor.execute(SELECT).fetchall()) == 3
    assert cursor.execute("SELECT id FROM people WHERE id > 99").as_pandas().empty
    if not unload:
        chunks = list(cursor.execute(SELECT, chunksize=2).as_pandas())
        assert [len(chunk) for chunk in chunks] == [2, 1]
        assert not cursor.execute("SHOW TABLES").as_pandas().empty


def test_an_async_pandas_cursor(connect: Connect, people: str) -> None:
    with connect(cursor_class=AsyncPandasCursor).cursor() as cursor:
        _, future = cursor.execute(SELECT)
        assert future.result().as_pandas()["id"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("unload", [False, True])
def test_an_arrow_cursor(connect: Connect, people: str, lake: str, unload: bool) -> None:
    cursor = connect(
        cursor_class=ArrowCursor,
        cursor_kwargs={"unload": unload},
        s3_staging_dir=f"{lake}/staging/arrow/",
    ).cursor()
    table = cursor.execute(SELECT).as_arrow()
    assert table["id"].to_pylist() == [1, 2, 3]
    assert table["score"].to_pylist() == [1.5, None, 3.5]
    assert cursor.execute(SELECT).fetchone()[0] == 1
    if unload:
        nested = cursor.execute("SELECT ARRAY[1, 2] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m")
        assert nested.as_arrow().to_pylist() == [{"a": [1, 2], "m": [("k", 1)]}]


def test_an_async_arrow_cursor(connect: Connect, people: str) -> None:
    with connect(cursor_class=AsyncArrowCursor).cursor() as cursor:
        _, future = cursor.execute(SELECT)
        assert future.result().as_arrow()["id"].to_pylist() == [1, 2, 3]


def test_an_s3fs_cursor(connect: Connect, people: str) -> None:
    cursor = connect(cursor_class=S3FSCursor).cursor()
    assert cursor.execute(SELECT).fetchall() == ROWS
    assert cursor.execute("SHOW PARTITIONS people").fetchall() == [("city=x",), ("city=y",)]


def test_pandas_helpers(connect: Connect, people: str, lake: str) -> None:
    connection = connect()
    cursor = connection.cursor()
    assert as_pandas(cursor.execute(SELECT))["id"].tolist() == [1, 2, 3]
    df = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "p": ["k", "k", "l"]})
    for partitions in ([], ["p"]):
        name = f"helped_{len(partitions)}"
        to_sql(
            df,
            name,
            connection,
            f"{lake}/{name}/",
            schema="lake",
            index=False,
            if_exists="replace",
            partitions=partitions,
        )
        cursor.execute(f"SELECT a, b, p FROM {name} ORDER BY a")
        assert cursor.fetchall() == [(1, "x", "k"), (2, "y", "k"), (3, "z", "l")]


def test_native_asyncio(people: str, lake: str) -> None:
    from pyathena import aio_connect
    from pyathena.aio.arrow.cursor import AioArrowCursor
    from pyathena.aio.cursor import AioDictCursor
    from pyathena.aio.pandas.cursor import AioPandasCursor
    from pyathena.aio.s3fs.cursor import AioS3FSCursor

    async def main() -> None:
        async with await aio_connect(
            s3_staging_dir=f"{lake}/staging/",
            region_name="us-east-1",
            schema_name="lake",
            poll_interval=0.02,
        ) as connection:
            async with connection.cursor() as cursor:
                await cursor.execute(SELECT)
                assert await cursor.fetchone() == ROWS[0]
                assert await cursor.fetchall() == ROWS[1:]
            both = await asyncio.gather(
                *(connection.cursor().execute(f"SELECT {n}") for n in range(3))
            )
            assert [await cursor.fetchone() for cursor in both] == [(0,), (1,), (2,)]
            async with connection.cursor(AioDictCursor) as cursor:
                await cursor.execute(SELECT)
                assert (await cursor.fetchone())["name"] == "ann"
            async with connection.cursor(AioPandasCursor) as cursor:
                await cursor.execute(SELECT)
                assert (await cursor.as_pandas())["id"].tolist() == [1, 2, 3]
            async with connection.cursor(AioArrowCursor) as cursor:
                await cursor.execute(SELECT)
                assert (await cursor.as_arrow())["id"].to_pylist() == [1, 2, 3]
            async with connection.cursor(AioS3FSCursor) as cursor:
                await cursor.execute(SELECT)
                assert await cursor.fetchall() == ROWS

    asyncio.run(main())


# SQLAlchemy


def url(lake: str, driver: str = "rest", **options: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return (
        f"awsathena+{driver}://test:test@athena.us-east-1.amazonaws.com:443/lake"
        f"?s3_staging_dir={lake}/staging/&poll_interval=0.02{more}"
    )


@pytest.fixture(scope="module")
def engine(lake: str, people: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(url(lake))
    yield made
    made.dispose()


@pytest.mark.parametrize("fallback", ["false", "true"])
def test_sqlalchemy_reflects(lake: str, people: str, fallback: str) -> None:
    engine = sa.create_engine(url(lake, glue_metadata_fallback=fallback))
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE OR REPLACE VIEW seen AS SELECT id FROM people"))
        inspector = sa.inspect(connection)
        assert "lake" in inspector.get_schema_names()
        assert "people" in inspector.get_table_names()
        assert "seen" in inspector.get_view_names()
        assert "SELECT" in inspector.get_view_definition("seen")
        assert inspector.has_table("people")
        assert not inspector.has_table("nothing")
        columns = {column["name"]: column for column in inspector.get_columns("people")}
        assert list(columns) == ["id", "name", "score", "city"]
        assert columns["id"]["comment"] == "the key"
        table = sa.Table("people", sa.MetaData(), autoload_with=connection)
        assert isinstance(table.c.id.type, sa.Integer)
        assert isinstance(table.c.name.type, sa.String)
        assert isinstance(table.c.score.type, sa.Float | sa.Double)
        found = connection.execute(
            sa.select(table.c.name, sa.func.length(table.c.name)).where(table.c.id == 1)
        )
        assert found.fetchall() == [("ann", 3)]
        with pytest.raises(sa.exc.NoSuchTableError):
            sa.Table("nothing", sa.MetaData(), autoload_with=connection)
    engine.dispose()


def test_sqlalchemy_makes_tables_with_options(engine: sa.Engine, lake: str) -> None:
    metadata = sa.MetaData(schema="lake")
    hive = sa.Table(
        "made",
        metadata,
        sa.Column("id", sa.Integer, comment="the key"),
        sa.Column("name", sa.String(20)),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("day", sa.Date, awsathena_partition=True),
        comment="A table",
        awsathena_location=f"{lake}/made/",
        awsathena_file_format="PARQUET",
        awsathena_compression="SNAPPY",
        awsathena_tblproperties={"classification": "parquet"},
    )
    iceberg = sa.Table(
        "made_ice",
        metadata,
        sa.Column("id", sa.Integer),
        sa.Column(
            "at", sa.TIMESTAMP, awsathena_partition=True, awsathena_partition_transform="day"
        ),
        sa.Column(
            "name",
            sa.String,
            awsathena_partition=True,
            awsathena_partition_transform="bucket",
            awsathena_partition_transform_bucket_count=4,
        ),
        awsathena_location=f"{lake}/made_ice/",
        awsathena_tblproperties={"table_type": "ICEBERG", "format": "parquet"},
    )
    text = sa.Table(
        "made_text",
        metadata,
        sa.Column("a", sa.String),
        sa.Column("b", sa.Integer),
        awsathena_location=f"{lake}/made_text/",
        awsathena_row_format="DELIMITED FIELDS TERMINATED BY '|'",
        awsathena_file_format="TEXTFILE",
    )
    with engine.connect() as connection:
        metadata.create_all(connection)
        connection.execute(
            sa.insert(hive).values(
                id=1, name="x", price=Decimal("1.50"), day=datetime.date(2024, 1, 1)
            )
        )
        at = datetime.datetime.fromisoformat("2024-01-01 12:00:00")
        connection.execute(sa.insert(iceberg).values(id=1, at=at, name="a"))
        connection.execute(sa.insert(text).values(a="t", b=3))
        assert connection.execute(sa.select(hive)).fetchall() == [
            (1, "x", Decimal("1.50"), datetime.date(2024, 1, 1))
        ]
        # PyAthena 4.2 cannot compile sa.update: SQLAlchemy 2.1 has no Update._ordered_values.
        connection.execute(sa.text("UPDATE lake.made_ice SET name = 'b' WHERE id = 1"))
        assert connection.execute(sa.select(iceberg)).fetchall() == [(1, at, "b")]
        connection.execute(sa.delete(iceberg).where(iceberg.c.id == 1))
        assert connection.execute(sa.select(iceberg)).fetchall() == []
        assert connection.execute(sa.select(text)).fetchall() == [("t", 3)]
        options = sa.inspect(connection).get_table_options("made", schema="lake")
        assert options["awsathena_location"].rstrip("/") == f"{lake}/made"
        assert options["awsathena_compression"] == "SNAPPY"
        assert sa.inspect(connection).get_table_comment("made", schema="lake")["text"] == "A table"
        metadata.drop_all(connection)
        assert not sa.inspect(connection).has_table("made", schema="lake")


@pytest.mark.parametrize("driver", ["rest", "pandas", "arrow", "s3fs"])
def test_every_driver_of_sqlalchemy(lake: str, people: str, driver: str) -> None:
    engine = sa.create_engine(url(lake, driver))
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT id FROM people WHERE name = :name"), {"name": "bob"}
        )
        assert [row[0] for row in found.fetchall()] == [2]
    engine.dispose()


def test_sqlalchemy_with_asyncio(lake: str, people: str) -> None:
    async def main() -> list[Any]:
        engine = create_async_engine(url(lake, "aiorest"))
        async with engine.connect() as connection:
            found = (await connection.execute(sa.text("SELECT id FROM people"))).fetchall()
        await engine.dispose()
        return sorted(found)

    assert asyncio.run(main()) == [(1,), (2,), (3,)]


def test_pandas_reads_and_writes_through_sqlalchemy(engine: sa.Engine, lake: str) -> None:
    df = pd.read_sql_query("SELECT id, name FROM people ORDER BY id", engine)
    assert df["id"].tolist() == [1, 2, 3]
    with engine.connect() as connection:
        assert len(pd.read_sql_table("people", connection, schema="lake")) == 3
    writing = sa.create_engine(url(lake, location=f"{lake}/to_sql/"))
    frame = pd.DataFrame({"a": [1, 5], "b": ["x", "it's"]})
    with writing.connect() as connection:
        for _ in range(2):
            frame.to_sql(
                "copied",
                connection,
                schema="lake",
                index=False,
                if_exists="append",
                method="multi",
            )
        found = pd.read_sql_query("SELECT a, b FROM copied ORDER BY a", connection)
    assert found["b"].tolist() == ["x", "x", "it's", "it's"]
    writing.dispose()


def test_a_work_group_and_a_catalog(connect: Connect, aws: boto3.Session, lake: str) -> None:
    aws.client("athena").create_work_group(
        Name="team",
        Configuration={"ResultConfiguration": {"OutputLocation": f"{lake}/team/"}},
    )
    cursor = connect(work_group="team", s3_staging_dir=None).cursor()
    cursor.execute("SELECT 1")
    assert cursor.output_location.startswith(f"{lake}/team/")
    assert cursor.work_group == "team"
    assert {d.name for d in cursor.list_databases("AwsDataCatalog")} >= {"lake"}
    names = {t.name for t in cursor.list_table_metadata("AwsDataCatalog", "lake")}
    assert "people" in names
    one = cursor.get_table_metadata("people", "AwsDataCatalog", "lake")
    assert [c.name for c in one.partition_keys] == ["city"]
