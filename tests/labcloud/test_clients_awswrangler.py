"""awswrangler's documented calls on S3, Glue and Athena, as a notebook makes them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pandas as pd
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        # awswrangler 3.17 still passes arguments that pandas 3.1 is about to drop.
        "ignore::pandas.errors.Pandas4Warning",
    ),
]


@pytest.fixture(scope="module")
def wr(aws: boto3.Session, lake: str) -> Iterator[Any]:
    """awswrangler, reached through AWS's own variables; `lake` is the bucket and the database."""
    aws.client("athena").update_work_group(
        WorkGroup="primary",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {"OutputLocation": f"{lake}/athena-results/"}
        },
    )
    import awswrangler

    awswrangler.config.athena_query_wait_polling_delay = 0.02
    yield awswrangler
    awswrangler.config.reset()


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


def query(wr: Any, sql: str, **options: Any) -> pd.DataFrame:
    options.setdefault("ctas_approach", False)
    return wr.athena.read_sql_query(sql, database="lake", **options)


def rows(found: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in found.itertuples(index=False))


PEOPLE = {"id": [1, 2, 3], "name": ["ann", "bob", "cy"], "city": ["a", "a", "b"]}


@pytest.fixture(scope="module")
def people(wr: Any, lake: str) -> str:
    wr.s3.to_parquet(
        frame(**PEOPLE),
        path=f"{lake}/people/",
        dataset=True,
        database="lake",
        table="people",
        partition_cols=["city"],
        glue_table_settings={
            "description": "Who is there",
            "parameters": {"source": "test"},
            "columns_comments": {"id": "the key", "name": "first name", "city": "where"},
        },
    )
    return "people"


# Data sets with a table


def test_a_parquet_data_set_is_appended_to_overwritten_and_overwritten_by_partition(
    wr: Any, lake: str
) -> None:
    def write(df: pd.DataFrame, mode: str) -> dict[str, Any]:
        return wr.s3.to_parquet(
            df,
            path=f"{lake}/modes/",
            dataset=True,
            database="lake",
            table="modes",
            mode=mode,
            partition_cols=["p"],
        )

    first = write(frame(a=[1, 2], p=["x", "y"]), "overwrite")
    assert first["partitions_values"] == {
        f"{lake}/modes/p=x/": ["x"],
        f"{lake}/modes/p=y/": ["y"],
    }
    write(frame(a=[3], p=["z"]), "append")
    assert rows(query(wr, "SELECT a, p FROM modes")) == [(1, "x"), (2, "y"), (3, "z")]
    write(frame(a=[10], p=["x"]), "overwrite_partitions")
    assert rows(query(wr, "SELECT a, p FROM modes")) == [(2, "y"), (3, "z"), (10, "x")]
    write(frame(a=[7], p=["w"]), "overwrite")
    assert rows(query(wr, "SELECT a, p FROM modes")) == [(7, "w")]
    assert wr.catalog.get_parquet_partitions("lake", "modes") == {f"{lake}/modes/p=w/": ["w"]}


def test_a_parquet_schema_evolves(wr: Any, lake: str) -> None:
    options = {
        "path": f"{lake}/evolving/",
        "dataset": True,
        "database": "lake",
        "table": "evolving",
    }
    wr.s3.to_parquet(frame(id=[1, 2], value=["foo", "boo"]), mode="overwrite", **options)
    wr.s3.to_parquet(
        frame(id=[3], value=["bar"], date=[datetime.date(2020, 1, 3)], flag=[True]),
        mode="append",
        catalog_versioning=True,
        **options,
    )
    found = query(wr, "SELECT * FROM evolving ORDER BY id")
    assert list(found.columns) == ["id", "value", "date", "flag"]
    assert found["date"].tolist()[2] == datetime.date(2020, 1, 3)
    assert found["flag"].isna().tolist() == [True, True, False]
    assert wr.catalog.get_table_number_of_versions("lake", "evolving") == 2
    with pytest.raises(wr.exceptions.InvalidArgumentValue):
        wr.s3.to_parquet(frame(id=[4], more=[1]), mode="append", schema_evolution=False, **options)


def test_every_type_of_a_frame_comes_back_from_parquet(wr: Any, lake: str) -> None:
    df = frame(
        iint8=[1, None, 2],
        iint16=[1, None, 2],
        iint64=[1, None, 2],
        float=[0.0, 1.1, None],
        double=[0.0, None, 1.5],
        decimal=[Decimal("1.00"), None, Decimal("-1.10")],
        string=["foo", None, "boo"],
        date=[datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)],
        timestamp=pd.to_datetime(["2020-01-01 12:34:56.789", None, "2020-01-02 00:00:00.000"]),
        bool=[True, None, False],
        binary=[b"\x00\x01", None, b"\xff"],
        array=[[1, 2], None, []],
        struct=[{"a": 1, "b": "x"}, None, {"a": 2, "b": "y"}],
        map=[[("k", 1)], None, [("l", 2), ("m", 3)]],
    )
    wr.s3.to_parquet(
        df,
        path=f"{lake}/types/",
        dataset=True,
        database="lake",
        table="types",
        mode="overwrite",
        dtype={
            "iint8": "tinyint",
            "iint16": "smallint",
            "iint64": "bigint",
            "float": "float",
            "double": "double",
            "decimal": "decimal(5,2)",
            "map": "map<string,int>",
        },
    )
    assert wr.catalog.get_table_types("lake", "types") == {
        "iint8": "tinyint",
        "iint16": "smallint",
        "iint64": "bigint",
        "float": "float",
        "double": "double",
        "decimal": "decimal(5,2)",
        "string": "string",
        "date": "date",
        "timestamp": "timestamp",
        "bool": "boolean",
        "binary": "binary",
        "array": "array<bigint>",
        "struct": "struct<a:bigint,b:string>",
        "map": "map<string,int>",
    }
    sql = "SELECT * FROM types"
    for options in (
        {"ctas_approach": True},
        {"ctas_approach": False, "unload_approach": True},
    ):
        found = query(wr, sql, s3_output=f"{lake}/approach/", **options)
        found = found.sort_values("iint64").reset_index(drop=True)
        assert str(found["iint8"].dtype) == "Int8", options
        assert found["decimal"].tolist()[:2] == [Decimal("1.00"), Decimal("-1.10")]
        assert found["binary"].tolist()[:2] == [b"\x00\x01", b"\xff"]
        assert list(found["array"][0]) == [1, 2]
        assert found["struct"][1] == {"a": 2, "b": "y"}
        assert dict(found["map"][1]) == {"l": 2, "m": 3}
        assert found["timestamp"][0] == pd.Timestamp("2020-01-01 12:34:56.789")
        wr.s3.delete_objects(f"{lake}/approach/")
    simple = query(wr, "SELECT iint8, decimal, string, date, timestamp, bool FROM types ORDER BY 1")
    assert str(simple["iint8"].dtype) == "Int8"
    assert simple["decimal"].tolist()[:2] == [Decimal("1.00"), Decimal("-1.10")]
    assert simple["date"][0] == datetime.date(2020, 1, 1)
    assert simple["timestamp"][0] == pd.Timestamp("2020-01-01 12:34:56.789")
    assert simple["bool"].tolist()[:2] == [True, False]


def test_a_csv_data_set(wr: Any, lake: str) -> None:
    for mode, value in (("overwrite", "one"), ("append", "two")):
        wr.s3.to_csv(
            frame(
                id=[1, 2], word=[value, None], day=[datetime.date(2024, 1, 2)] * 2, part=["a", "b"]
            ),
            path=f"{lake}/csv/",
            index=False,
            dataset=True,
            database="lake",
            table="csv",
            mode=mode,
            partition_cols=["part"],
            glue_table_settings={"columns_comments": {"word": "a word"}},
            dtype={"id": "int"},
        )
    found = query(wr, "SELECT id, word, day, part FROM csv WHERE part = 'a' ORDER BY word")
    assert found["word"].tolist() == ["one", "two"]
    assert found["id"].tolist() == [1, 1]
    assert found["day"].tolist() == [datetime.date(2024, 1, 2)] * 2
    assert wr.catalog.get_csv_partitions("lake", "csv") == {
        f"{lake}/csv/part=a/": ["a"],
        f"{lake}/csv/part=b/": ["b"],
    }
    assert wr.s3.read_csv(f"{lake}/csv/part=a/", header=None).shape == (2, 3)


def test_a_csv_data_set_by_opencsv(wr: Any, lake: str) -> None:
    wr.catalog.create_csv_table(
        database="lake",
        table="opencsv",
        path=f"{lake}/opencsv/",
        columns_types={"a": "string", "b": "string"},
        sep=",",
        skip_header_line_count=1,
        serde_library="org.apache.hadoop.hive.serde2.OpenCSVSerde",
        serde_parameters={"separatorChar": ",", "quoteChar": '"', "escapeChar": "\\"},
    )
    wr.s3.to_csv(frame(a=["x,y", "z"], b=["1", "2"]), f"{lake}/opencsv/f.csv", index=False)
    assert rows(query(wr, "SELECT * FROM opencsv")) == [("x,y", "1"), ("z", "2")]


def test_a_json_data_set(wr: Any, lake: str) -> None:
    for mode in ("overwrite", "append"):
        wr.s3.to_json(
            frame(id=[1, 2], tags=[["a"], ["b", "c"]], deep=[{"x": 1}, {"x": 2}]),
            path=f"{lake}/json/",
            orient="records",
            lines=True,
            index=False,
            dataset=True,
            database="lake",
            table="json",
            mode=mode,
        )
    found = query(wr, "SELECT id, cardinality(tags) AS n, deep.x AS x FROM json")
    assert rows(found) == [(1, 1, 1), (1, 1, 1), (2, 2, 2), (2, 2, 2)]


def test_an_orc_data_set(wr: Any, lake: str) -> None:
    wr.s3.to_orc(
        frame(id=[1, 2], word=["a", None]),
        path=f"{lake}/orc/",
        dataset=True,
        database="lake",
        table="orc",
        mode="overwrite",
    )
    assert query(wr, "SELECT id, word FROM orc ORDER BY id")["id"].tolist() == [1, 2]
    assert len(wr.s3.read_orc_table(table="orc", database="lake")) == 2


def test_bucketed_data_sets(wr: Any, lake: str) -> None:
    wr.s3.to_parquet(
        frame(c0=[0, 1, 2, 3], c1=["a", "b", "c", "d"]),
        path=f"{lake}/bucketed/",
        dataset=True,
        database="lake",
        table="bucketed",
        bucketing_info=(["c0"], 2),
        mode="overwrite",
    )
    assert len(wr.s3.list_objects(f"{lake}/bucketed/")) == 2
    assert query(wr, "SELECT c1 FROM bucketed WHERE c0 = 3")["c1"].tolist() == ["d"]


@pytest.mark.parametrize(
    ("settings", "column", "kind"),
    [
        (
            {
                "projection_types": {"y": "integer"},
                "projection_ranges": {"y": "2018,2020"},
            },
            [2018, 2019, 2020],
            "int",
        ),
        (
            {
                "projection_types": {"y": "date"},
                "projection_ranges": {"y": "2020-01-01,2020-01-03"},
                "projection_formats": {"y": "yyyy-MM-dd"},
                "projection_intervals": {"y": "1"},
            },
            ["2020-01-01", "2020-01-02", "2020-01-03"],
            "string",
        ),
        (
            {"projection_types": {"y": "enum"}, "projection_values": {"y": "a,b,c"}},
            ["a", "b", "c"],
            "string",
        ),
        (
            {
                "projection_types": {"y": "integer"},
                "projection_ranges": {"y": "1,9"},
                "projection_digits": {"y": "3"},
                "projection_storage_location_template": "s3://lake/projected/y=${y}/",
            },
            ["001", "002", "003"],
            "string",
        ),
    ],
)
def test_partition_projection(
    wr: Any, lake: str, settings: dict[str, Any], column: list[Any], kind: str
) -> None:
    wr.s3.delete_objects(f"{lake}/projected/")
    wr.s3.to_parquet(
        frame(v=[1, 2, 3], y=column),
        path=f"{lake}/projected/",
        dataset=True,
        database="lake",
        table="projected",
        partition_cols=["y"],
        mode="overwrite",
        dtype={"y": kind},
        glue_table_settings={"regular_partitions": False},
        athena_partition_projection_settings=settings,
    )
    assert wr.catalog.get_partitions("lake", "projected") == {}
    assert rows(query(wr, "SELECT v, y FROM projected")) == list(
        zip([1, 2, 3], column, strict=True)
    )
    literal = repr(column[1])
    assert query(wr, f"SELECT v FROM projected WHERE y = {literal}")["v"].tolist() == [2]


def test_injected_projection(wr: Any, lake: str) -> None:
    wr.s3.to_parquet(
        frame(v=[1, 2], device=["d-1", "d-2"]),
        path=f"{lake}/injected/",
        dataset=True,
        database="lake",
        table="injected",
        partition_cols=["device"],
        mode="overwrite",
        athena_partition_projection_settings={"projection_types": {"device": "injected"}},
    )
    assert rows(query(wr, "SELECT v, device FROM injected WHERE device = 'd-2'")) == [(2, "d-2")]
    with pytest.raises(wr.exceptions.QueryFailed, match="CONSTRAINT_VIOLATION"):
        query(wr, "SELECT v FROM injected")


def test_metadata_of_parquet_files_becomes_a_table(wr: Any, lake: str) -> None:
    wr.s3.to_parquet(frame(**PEOPLE), path=f"{lake}/stored/", dataset=True, partition_cols=["city"])
    types, partitions, values = wr.s3.store_parquet_metadata(
        path=f"{lake}/stored/",
        database="lake",
        table="stored",
        dataset=True,
        mode="overwrite",
    )
    assert types == {"id": "bigint", "name": "string"}
    assert partitions == {"city": "string"}
    assert values == {f"{lake}/stored/city=a/": ["a"], f"{lake}/stored/city=b/": ["b"]}
    assert len(query(wr, "SELECT * FROM stored WHERE city = 'a'")) == 2
    assert wr.s3.read_parquet_metadata(f"{lake}/stored/", dataset=True) == (types, partitions)


def test_a_table_is_read_from_s3(wr: Any, people: str) -> None:
    assert len(wr.s3.read_parquet_table(table=people, database="lake")) == 3
    some = wr.s3.read_parquet_table(
        table=people, database="lake", partition_filter=lambda p: p["city"] == "a"
    )
    assert some["name"].tolist() == ["ann", "bob"]


# Queries


@pytest.mark.parametrize(
    "options",
    [
        {"ctas_approach": True},
        {"ctas_approach": False},
        {"ctas_approach": False, "unload_approach": True},
        {"ctas_approach": True, "dtype_backend": "pyarrow"},
        {"ctas_approach": False, "dtype_backend": "pyarrow"},
        {"ctas_approach": True, "categories": ["name"]},
        {"ctas_approach": True, "keep_files": False},
        {
            "ctas_approach": True,
            "ctas_parameters": {"compression": "gzip", "temp_table_name": "tmp1"},
        },
        {
            "ctas_approach": True,
            "ctas_parameters": {"database": "lake", "bucketing_info": (["id"], 2)},
        },
        {
            "ctas_approach": False,
            "unload_approach": True,
            "unload_parameters": {"file_format": "PARQUET", "compression": "gzip"},
        },
    ],
    ids=str,
)
def test_each_approach_reads_the_same_rows(
    wr: Any, lake: str, people: str, options: dict[str, Any]
) -> None:
    output = f"{lake}/approaches/{abs(hash(str(options)))}/"
    sql = f"SELECT id, name, city FROM {people}"
    found = wr.athena.read_sql_query(sql, database="lake", s3_output=output, **options)
    assert rows(found.astype(object)) == [(1, "ann", "a"), (2, "bob", "a"), (3, "cy", "b")]
    assert found.query_metadata["Status"]["State"] == "SUCCEEDED"
    assert found.query_metadata["Statistics"]["DataScannedInBytes"] > 0
    if options.get("keep_files") is False:
        assert wr.s3.list_objects(output) == []
    assert not [t for t in wr.catalog.get_tables(database="lake") if t["Name"].startswith("temp")]


def test_an_answer_without_rows(wr: Any, lake: str, people: str) -> None:
    """UNLOAD writes an empty manifest then, for which awswrangler has an exception of its own."""
    sql = f"SELECT id, name FROM {people} WHERE id > 99"
    for ctas in (True, False):
        found = query(wr, sql, s3_output=f"{lake}/empty/{ctas}/", ctas_approach=ctas)
        assert found.empty
    with pytest.raises(wr.exceptions.EmptyDataFrame):
        query(wr, sql, s3_output=f"{lake}/unloaded/", ctas_approach=False, unload_approach=True)


@pytest.mark.parametrize("ctas", [True, False])
@pytest.mark.parametrize("size", [2, True])
def test_chunks(wr: Any, people: str, ctas: bool, size: int) -> None:
    chunks = list(query(wr, f"SELECT id FROM {people}", chunksize=size, ctas_approach=ctas))
    assert sorted(pd.concat(chunks)["id"]) == [1, 2, 3]
    if size == 2 and size is not True:
        assert max(map(len, chunks)) <= 2


@pytest.mark.parametrize("ctas", [True, False])
def test_named_parameters_are_formatted_by_the_client(wr: Any, people: str, ctas: bool) -> None:
    found = query(
        wr,
        f"SELECT name FROM {people} WHERE name = :name AND id >= :id AND city <> :none",
        params={"name": "ann", "id": 1, "none": "it's"},
        paramstyle="named",
        ctas_approach=ctas,
    )
    assert found["name"].tolist() == ["ann"]


def test_named_parameters_of_every_type(wr: Any) -> None:
    found = query(
        wr,
        "SELECT :s AS s, :i AS i, :f AS f, :b AS b, :d AS d, :t AS t, :m AS m, :l AS l, "
        "CAST(:n AS int) AS n",
        params={
            "s": "O'Hara",
            "i": 5,
            "f": 1.5,
            "b": True,
            "d": datetime.date(2024, 2, 29),
            "t": datetime.datetime.fromisoformat("2024-02-29 12:30:01.005000"),
            "m": Decimal("1.25"),
            "l": [1, 2],
            "n": None,
        },
    )
    row = found.iloc[0]
    assert (row["s"], row["i"], row["f"], row["b"]) == ("O'Hara", 5, 1.5, True)
    assert row["d"] == datetime.date(2024, 2, 29)
    assert row["t"] == pd.Timestamp("2024-02-29 12:30:01.005")
    assert row["m"] == Decimal("1.25")


def test_positional_parameters_are_athenas(wr: Any, people: str) -> None:
    found = query(
        wr,
        f"SELECT name FROM {people} WHERE name = ? AND id = ?",
        params=["bob", "2"],
        paramstyle="qmark",
    )
    assert found["name"].tolist() == ["bob"]
    execution = wr.athena.get_query_execution(found.query_metadata["QueryExecutionId"])
    assert execution["ExecutionParameters"] == ["bob", "2"] or execution["ExecutionParameters"] == [
        "'bob'",
        "2",
    ]


@pytest.mark.parametrize("ctas", [True, False])
def test_awswranglers_own_cache(wr: Any, people: str, ctas: bool) -> None:
    sql = f"SELECT id, name, {int(ctas)} AS c FROM {people}"
    settings = {"max_cache_seconds": 900}
    first = query(wr, sql, ctas_approach=ctas)
    again = query(wr, sql, ctas_approach=ctas, athena_cache_settings=settings)
    assert rows(first) == rows(again)
    assert first.query_metadata["QueryExecutionId"] == again.query_metadata["QueryExecutionId"]


def test_athenas_result_reuse(wr: Any, people: str) -> None:
    sql = f"SELECT count(*) AS n, 'reused' AS w FROM {people}"
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}
    query(wr, sql)
    found = query(wr, sql, result_reuse_configuration=reuse)
    assert found["n"].tolist() == [3]
    statistics = found.query_metadata["Statistics"]
    assert statistics["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert statistics["DataScannedInBytes"] == 0


def test_a_query_is_started_waited_for_listed_and_read(wr: Any, people: str) -> None:
    id_ = wr.athena.start_query_execution(f"SELECT id FROM {people}", database="lake")
    assert wr.athena.wait_query(id_)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_columns_types(id_) == {"id": "bigint"}
    assert sorted(wr.athena.get_query_results(id_)["id"]) == [1, 2, 3]
    assert id_ in wr.athena.list_query_executions(workgroup="primary")
    listed, missing = wr.athena.get_query_executions(
        [id_, "11111111-2222-3333-4444-555555555555"], return_unprocessed=True
    )
    assert listed["QueryExecutionId"].tolist() == [id_]
    assert len(missing) == 1
    done = wr.athena.start_query_execution("SELECT 1", database="lake", wait=True)
    assert done["Status"]["State"] == "SUCCEEDED"


def test_a_query_is_stopped(wr: Any) -> None:
    id_ = wr.athena.start_query_execution(
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), "
        "UNNEST(sequence(1, 10000)) c(z) WHERE (x * y + z) % 7 = 3",
        database="lake",
    )
    wr.athena.stop_query_execution(id_)
    with pytest.raises(wr.exceptions.QueryCancelled):
        wr.athena.wait_query(id_)


def test_a_failed_query_says_athenas_reason(wr: Any) -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match=r"TABLE_NOT_FOUND.*lake\.missing"):
        query(wr, "SELECT * FROM missing")
    with pytest.raises(wr.exceptions.QueryFailed, match="COLUMN_NOT_FOUND"):
        query(wr, "SELECT nothing", ctas_approach=True)


def test_an_ignored_column_name_fails_as_documented(wr: Any) -> None:
    with pytest.raises(wr.exceptions.InvalidArgumentValue):
        query(wr, "SELECT 1, 2", ctas_approach=True)


def test_a_table_is_made_by_create_table_as(wr: Any, lake: str, people: str) -> None:
    made = wr.athena.create_ctas_table(
        f"SELECT id, name, city FROM {people}",
        database="lake",
        ctas_table="ctas_orc",
        storage_format="orc",
        write_compression="snappy",
        partitioning_info=["city"],
        s3_output=f"{lake}/ctas/",
        wait=True,
    )
    assert made["ctas_table"] == "ctas_orc"
    assert made["ctas_query_metadata"].raw_payload["Status"]["State"] == "SUCCEEDED"
    assert len(query(wr, "SELECT * FROM ctas_orc WHERE city = 'a'")) == 2
    assert wr.catalog.get_table_types("lake", "ctas_orc") == {
        "id": "bigint",
        "name": "string",
        "city": "string",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"storage_format": "parquet", "write_compression": "zstd"},
        {"storage_format": "textfile", "write_compression": "gzip", "field_delimiter": "|"},
        {"storage_format": "json"},
        {"storage_format": "avro"},
        {"storage_format": "parquet", "bucketing_info": (["id"], 3)},
    ],
    ids=str,
)
def test_ctas_in_every_format(wr: Any, people: str, options: dict[str, Any]) -> None:
    made = wr.athena.create_ctas_table(
        f"SELECT id, name FROM {people}", database="lake", wait=True, **options
    )
    table = made["ctas_table"]
    assert rows(query(wr, f"SELECT * FROM {table}")) == [(1, "ann"), (2, "bob"), (3, "cy")]
    wr.catalog.delete_table_if_exists("lake", table)


def test_ctas_of_the_schema_only(wr: Any, people: str) -> None:
    wr.athena.create_ctas_table(
        f"SELECT * FROM {people} WHERE id = :id",
        params={"id": 1},
        database="lake",
        ctas_table="schema_only",
        schema_only=True,
        wait=True,
    )
    assert query(wr, "SELECT * FROM schema_only").empty


@pytest.mark.parametrize("format_", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_unload(wr: Any, lake: str, people: str, format_: str) -> None:
    path = f"{lake}/unloaded/{format_}/"
    done = wr.athena.unload(
        sql=f"SELECT id, name FROM {people} WHERE name = :name",
        params={"name": "ann"},
        path=path,
        database="lake",
        file_format=format_,
        **({"field_delimiter": "|"} if format_ == "TEXTFILE" else {}),
    )
    assert done.raw_payload["Status"]["State"] == "SUCCEEDED"
    assert done.manifest_location.endswith("-manifest.csv")
    files = wr.s3.read_csv(done.manifest_location, header=None)[0].tolist()
    assert len(files) == 1
    if format_ == "PARQUET":
        assert wr.s3.read_parquet(files)["id"].tolist() == [1]
    if format_ == "ORC":
        assert wr.s3.read_orc(files)["id"].tolist() == [1]


def test_unload_by_partition(wr: Any, lake: str, people: str) -> None:
    path = f"{lake}/unloaded/parts/"
    done = wr.athena.unload(
        sql=f"SELECT id, name, city FROM {people}",
        path=path,
        database="lake",
        partitioned_by=["city"],
    )
    files = wr.s3.read_csv(done.manifest_location, header=None)[0].tolist()
    assert sorted({file.split("/")[-2] for file in files}) == ["city=a", "city=b"]
    assert sorted(wr.s3.read_parquet(files)["id"]) == [1, 2, 3]


def test_repair_finds_partitions(wr: Any, lake: str) -> None:
    wr.s3.to_parquet(
        frame(v=[1, 2], p=[10, 20]), path=f"{lake}/repaired/", dataset=True, partition_cols=["p"]
    )
    wr.catalog.create_parquet_table(
        database="lake",
        table="repaired",
        path=f"{lake}/repaired/",
        columns_types={"v": "bigint"},
        partitions_types={"p": "int"},
    )
    assert query(wr, "SELECT * FROM repaired").empty
    assert wr.athena.repair_table(table="repaired", database="lake") == "SUCCEEDED"
    assert rows(query(wr, "SELECT v, p FROM repaired")) == [(1, 10), (2, 20)]
    found = wr.catalog.get_partitions("lake", "repaired", expression="p > 10")
    assert found == {f"{lake}/repaired/p=20": ["20"]}


def test_a_table_is_described_and_shown(wr: Any, lake: str, people: str) -> None:
    described = wr.athena.describe_table(table=people, database="lake")
    assert described.iloc[:, 0].tolist() == ["id", "name", "city"]
    assert list(described.columns) == ["Column Name", "Type", "Partition", "Comment"]
    assert described["Partition"].tolist() == [False, False, True]
    assert described["Comment"].tolist() == ["the key", "first name", "where"]
    shown = wr.athena.show_create_table(table=people, database="lake")
    assert shown.startswith("CREATE EXTERNAL TABLE `people`")
    assert f"{lake}/people" in shown
    generated = wr.athena.generate_create_query(table=people, database="lake")
    wr.catalog.delete_table_if_exists("lake", "generated")
    statement = generated.replace("`people`", "`generated`").replace("people`(", "generated`(")
    assert "PARTITIONED BY" in statement
    wr.athena.start_query_execution(statement, database="lake", wait=True)
    wr.athena.repair_table("generated", "lake")
    assert len(query(wr, "SELECT * FROM generated")) == 3


def test_a_view_is_generated_again(wr: Any, people: str) -> None:
    sql = f"CREATE OR REPLACE VIEW names AS SELECT upper(name) AS name FROM {people}"
    wr.athena.start_query_execution(sql, database="lake", wait=True)
    assert sorted(query(wr, "SELECT * FROM names")["name"]) == ["ANN", "BOB", "CY"]
    generated = wr.athena.generate_create_query(table="names", database="lake")
    assert "CREATE OR REPLACE VIEW" in generated
    wr.athena.start_query_execution(generated, database="lake", wait=True)
    assert len(wr.athena.read_sql_table("names", database="lake", ctas_approach=False)) == 3


@pytest.mark.parametrize("ctas", [True, False])
def test_a_whole_table_is_read(wr: Any, people: str, ctas: bool) -> None:
    found = wr.athena.read_sql_table(people, database="lake", ctas_approach=ctas)
    assert sorted(found["name"]) == ["ann", "bob", "cy"]


def test_prepared_statements(wr: Any, people: str) -> None:
    sql = f"SELECT name FROM {people} WHERE id = ?"
    wr.athena.create_prepared_statement(sql=sql, statement_name="by_id", workgroup="primary")
    wr.athena.create_prepared_statement(sql=sql, statement_name="by_id", workgroup="primary")
    with pytest.raises(wr.exceptions.AlreadyExists):
        wr.athena.create_prepared_statement(
            sql=sql, statement_name="by_id", workgroup="primary", mode="error"
        )
    listed = wr.athena.list_prepared_statements(workgroup="primary")
    assert [s["StatementName"] for s in listed] == ["by_id"]
    assert query(wr, "EXECUTE by_id USING 2")["name"].tolist() == ["bob"]
    found = query(wr, "EXECUTE by_id", params=["3"], paramstyle="qmark")
    assert found["name"].tolist() == ["cy"]
    wr.athena.delete_prepared_statement(statement_name="by_id", workgroup="primary")
    assert wr.athena.list_prepared_statements(workgroup="primary") == []


def test_named_queries_and_work_groups(wr: Any, aws: boto3.Session, lake: str) -> None:
    athena = aws.client("athena")
    id_ = athena.create_named_query(
        Name="all", Database="lake", QueryString="SELECT * FROM people"
    )["NamedQueryId"]
    assert wr.athena.get_named_query_statement(id_) == "SELECT * FROM people"
    athena.create_work_group(
        Name="own",
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"{lake}/own/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    assert wr.athena.get_work_group("own")["WorkGroup"]["State"] == "ENABLED"
    found = query(wr, "SELECT 1 AS one", workgroup="own")
    location = found.query_metadata["ResultConfiguration"]["OutputLocation"]
    assert location.startswith(f"{lake}/own/")


def test_the_bucket_for_results_is_made(wr: Any) -> None:
    bucket = wr.athena.create_athena_bucket()
    assert bucket.startswith("s3://aws-athena-query-results-")
    assert wr.athena.create_athena_bucket() == bucket
    assert query(wr, "SELECT 1 AS one", s3_output=bucket)["one"].tolist() == [1]


# Iceberg


def test_a_frame_becomes_an_iceberg_table(wr: Any, lake: str) -> None:
    options = {
        "database": "lake",
        "table": "ice",
        "temp_path": f"{lake}/tmp/ice/",
        "keep_files": False,
    }
    wr.athena.to_iceberg(
        frame(id=[1, 2, 3], word=["a", "b", "c"]),
        table_location=f"{lake}/ice/",
        partition_cols=["bucket(4, id)"],
        additional_table_properties={"write_compression": "zstd"},
        **options,
    )
    wr.athena.to_iceberg(frame(id=[4], word=["d"]), **options)
    assert rows(query(wr, "SELECT * FROM ice")) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    wr.athena.to_iceberg(
        frame(id=[4, 5], word=["D", "e"]), merge_cols=["id"], merge_condition="update", **options
    )
    wr.athena.to_iceberg(
        frame(id=[1, 6], word=["ignored", "f"]),
        merge_cols=["id"],
        merge_condition="ignore",
        **options,
    )
    assert rows(query(wr, "SELECT * FROM ice WHERE id >= 4 OR id = 1")) == [
        (1, "a"),
        (4, "D"),
        (5, "e"),
        (6, "f"),
    ]
    wr.athena.delete_from_iceberg_table(
        frame(id=[1, 6]),
        database="lake",
        table="ice",
        merge_cols=["id"],
        temp_path=f"{lake}/tmp/gone/",
        keep_files=False,
    )
    assert sorted(query(wr, "SELECT id FROM ice")["id"]) == [2, 3, 4, 5]
    wr.athena.to_iceberg(frame(id=[7], word=["g"], more=[1.5]), schema_evolution=True, **options)
    found = query(wr, "SELECT id, more FROM ice WHERE more IS NOT NULL")
    assert rows(found) == [(7, 1.5)]
    wr.athena.to_iceberg(frame(id=[9], word=["z"], more=[0.5]), mode="overwrite", **options)
    assert rows(query(wr, "SELECT * FROM ice")) == [(9, "z", 0.5)]
    assert wr.s3.list_objects(f"{lake}/tmp/") == []
    assert wr.catalog.get_table_types("lake", "ice", filter_iceberg_current=True) == {
        "id": "bigint",
        "word": "string",
        "more": "double",
    }


def test_iceberg_partitions_are_overwritten(wr: Any, lake: str) -> None:
    options = {
        "database": "lake",
        "table": "ice_parts",
        "table_location": f"{lake}/ice_parts/",
        "temp_path": f"{lake}/tmp/ice_parts/",
        "partition_cols": ["day"],
        "keep_files": False,
    }
    wr.athena.to_iceberg(frame(v=[1, 2, 3], day=["mo", "mo", "tu"]), **options)
    wr.athena.to_iceberg(frame(v=[9], day=["mo"]), mode="overwrite_partitions", **options)
    assert rows(query(wr, "SELECT v, day FROM ice_parts")) == [(3, "tu"), (9, "mo")]


def test_merging_with_nulls(wr: Any, lake: str) -> None:
    options = {
        "database": "lake",
        "table": "ice_nulls",
        "table_location": f"{lake}/ice_nulls/",
        "temp_path": f"{lake}/tmp/ice_nulls/",
        "keep_files": False,
    }
    wr.athena.to_iceberg(frame(k=["a", None], v=[1, 2]), **options)
    wr.athena.to_iceberg(
        frame(k=["a", None, "b"], v=[10, 20, 30]),
        merge_cols=["k"],
        merge_match_nulls=True,
        **options,
    )
    assert sorted(query(wr, "SELECT v FROM ice_nulls")["v"]) == [10, 20, 30]


# The catalog


def test_databases(wr: Any) -> None:
    wr.catalog.create_database("extra", description="more", exist_ok=True)
    wr.catalog.create_database("extra", description="more still", exist_ok=True)
    with pytest.raises(wr.exceptions.AlreadyExists):
        wr.catalog.create_database("extra")
    names = [d["Name"] for d in wr.catalog.get_databases()]
    assert {"lake", "extra"} <= set(names)
    listed = wr.catalog.databases()
    assert listed.set_index("Database").loc["extra", "Description"] == "more still"
    wr.catalog.delete_database("extra")
    assert "extra" not in [d["Name"] for d in wr.catalog.get_databases()]


def test_a_table_in_the_catalog(wr: Any, lake: str, people: str) -> None:
    assert wr.catalog.does_table_exist("lake", people)
    assert not wr.catalog.does_table_exist("lake", "none")
    assert wr.catalog.get_table_types("lake", people) == {
        "id": "bigint",
        "name": "string",
        "city": "string",
    }
    assert wr.catalog.get_table_location("lake", people) == f"{lake}/people/"
    assert wr.catalog.get_table_description("lake", people) == "Who is there"
    assert wr.catalog.get_columns_comments("lake", people) == {
        "id": "the key",
        "name": "first name",
        "city": "where",
    }
    assert set(wr.catalog.get_columns_parameters("lake", people)) == {"id", "name", "city"}
    parameters = wr.catalog.get_table_parameters("lake", people)
    assert parameters["source"] == "test"
    assert parameters["classification"] == "parquet"
    wr.catalog.upsert_table_parameters({"more": "yes"}, "lake", people)
    assert wr.catalog.get_table_parameters("lake", people) == {**parameters, "more": "yes"}
    wr.catalog.overwrite_table_parameters(parameters, "lake", people)
    assert wr.catalog.get_table_parameters("lake", people) == parameters
    described = wr.catalog.table("lake", people)
    assert described["Column Name"].tolist() == ["id", "name", "city"]
    assert described["Partition"].tolist() == [False, False, True]


def test_tables_are_found(wr: Any, people: str) -> None:
    assert people in wr.catalog.tables(database="lake")["Table"].tolist()
    for options in (
        {"name_contains": "eopl"},
        {"name_prefix": "peop"},
        {"name_suffix": "ople"},
    ):
        found = [t["Name"] for t in wr.catalog.get_tables(database="lake", **options)]
        assert found == [people], options
    assert people in [t["Name"] for t in wr.catalog.search_tables(text="people")]
    assert people in wr.catalog.tables(search_text="people")["Table"].tolist()


def test_columns_partitions_and_versions(wr: Any, lake: str) -> None:
    wr.s3.to_csv(
        frame(a=[1], p=["x"]),
        path=f"{lake}/columns/",
        index=False,
        dataset=True,
        database="lake",
        table="columns",
        partition_cols=["p"],
    )
    wr.catalog.add_column("lake", "columns", "b", "int", "later")
    assert wr.catalog.get_table_types("lake", "columns") == {
        "a": "bigint",
        "b": "int",
        "p": "string",
    }
    wr.catalog.add_csv_partitions(
        database="lake", table="columns", partitions_values={f"{lake}/columns/p=y/": ["y"]}
    )
    wr.s3.to_csv(frame(a=[2], b=[5]), f"{lake}/columns/p=y/f.csv", index=False, header=False)
    assert query(wr, "SELECT a, b FROM columns WHERE p = 'y'").values.tolist() == [[2, 5]]
    wr.catalog.delete_column("lake", "columns", "b")
    assert "b" not in wr.catalog.get_table_types("lake", "columns")
    assert wr.catalog.get_table_number_of_versions("lake", "columns") >= 1
    assert len(wr.catalog.get_table_versions("lake", "columns")) >= 1
    wr.catalog.delete_partitions("columns", "lake", [["y"]])
    assert list(wr.catalog.get_partitions("lake", "columns").values()) == [["x"]]
    assert wr.catalog.delete_all_partitions("columns", "lake") == [["x"]]
    assert wr.catalog.get_partitions("lake", "columns") == {}


@pytest.mark.parametrize("kind", ["parquet", "csv", "json", "orc"])
def test_tables_and_partitions_are_made_in_the_catalog(wr: Any, lake: str, kind: str) -> None:
    create = getattr(wr.catalog, f"create_{kind}_table")
    add = getattr(wr.catalog, f"add_{kind}_partitions")
    path = f"{lake}/made/{kind}/"
    create(
        database="lake",
        table=f"made_{kind}",
        path=path,
        columns_types={"col0": "int", "col1": "double"},
        partitions_types={"col2": "date"},
        description="Foo table",
        parameters={"source": "postgresql"},
        columns_comments={"col0": "Column 0.", "col1": "Column 1."},
    )
    add(
        database="lake",
        table=f"made_{kind}",
        partitions_values={f"{path}col2=2020-10-01/": ["2020-10-01"]},
    )
    assert query(wr, f"SELECT * FROM made_{kind}").empty
    query(wr, f"INSERT INTO made_{kind} SELECT 1, 2.5E0, DATE '2020-10-02'")
    assert rows(query(wr, f"SELECT * FROM made_{kind}")) == [(1, 2.5, datetime.date(2020, 10, 2))]
    assert len(wr.catalog.get_partitions("lake", f"made_{kind}")) == 2
    assert wr.catalog.delete_table_if_exists(database="lake", table=f"made_{kind}")
    assert not wr.catalog.delete_table_if_exists(database="lake", table=f"made_{kind}")


def test_a_connection(wr: Any, aws: boto3.Session) -> None:
    aws.client("glue").create_connection(
        ConnectionInput={
            "Name": "pg",
            "ConnectionType": "JDBC",
            "ConnectionProperties": {
                "JDBC_CONNECTION_URL": "jdbc:postgresql://localhost:5432/test",
                "USERNAME": "u",
                "PASSWORD": "p",
            },
        }
    )
    found = wr.catalog.get_connection(name="pg")
    assert found["ConnectionProperties"]["USERNAME"] == "u"


def test_merge_data_sets(wr: Any, lake: str) -> None:
    options = {"path": f"{lake}/merge/target/", "dataset": True, "partition_cols": ["p"]}
    wr.s3.to_parquet(frame(v=[1, 2], p=["a", "b"]), mode="overwrite", **options)
    wr.s3.to_parquet(
        frame(v=[9], p=["b"]),
        path=f"{lake}/merge/source/",
        dataset=True,
        partition_cols=["p"],
    )
    wr.s3.merge_datasets(
        source_path=f"{lake}/merge/source/",
        target_path=f"{lake}/merge/target/",
        mode="overwrite_partitions",
    )
    found = wr.s3.read_parquet(f"{lake}/merge/target/", dataset=True)
    assert sorted(found["v"]) == [1, 9]


def test_s3s_own_calls(wr: Any, lake: str) -> None:
    path = f"{lake}/plain/f.parquet"
    wr.s3.to_parquet(frame(a=[1]), path)
    assert wr.s3.does_object_exist(path)
    assert wr.s3.size_objects([path])[path] > 0
    assert wr.s3.describe_objects([path])[path]["ContentLength"] > 0
    assert wr.s3.list_directories(f"{lake}/plain") == [f"{lake}/plain/"]
    assert "lake" in wr.s3.list_buckets()
    assert wr.s3.get_bucket_region("lake") == "us-east-1"
    wr.s3.wait_objects_exist([path])
    assert wr.s3.copy_objects(
        [path], source_path=f"{lake}/plain/", target_path=f"{lake}/copied/"
    ) == [f"{lake}/copied/f.parquet"]
    wr.s3.delete_objects(f"{lake}/plain/")
    wr.s3.wait_objects_not_exist([path])
