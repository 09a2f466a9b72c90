"""Glue crawlers: objects of all formats become tables; policies, schedules, history, metrics."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import json
import random
import time
from collections.abc import Callable
from typing import Any

import boto3
import fastavro
import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from labcloud.engines.glue.crawler.s3_target import glob_pattern, harvest

CSV = "carrier,flight,delay\nUA,1545,11\nAA,1141,2.5\n"
FLIGHTS = [("carrier", "string"), ("flight", "bigint"), ("delay", "double")]
TABLE = pa.table({"carrier": ["UA", "AA"], "flight": [1545, 1141], "delay": [11.0, 2.5]})
BIG = pa.table({"n": list(range(600_000))})
NUMBERS = itertools.count()


def parquet(table: pa.Table = TABLE, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def orc(table: pa.Table = TABLE) -> bytes:
    sink = io.BytesIO()
    po.write_table(table, sink)
    return sink.getvalue()


def avro() -> bytes:
    fields = [
        {"name": "Carrier", "type": "string"},
        {"name": "flight", "type": ["null", "long"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9,
                                   "scale": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
    ]  # fmt: skip
    schema = fastavro.parse_schema({"type": "record", "name": "flight", "fields": fields})
    sink = io.BytesIO()
    fastavro.writer(sink, schema, [], codec="deflate")
    return sink.getvalue()


class Lake:
    """A bucket and a database of one test's own, and a crawler over them."""

    def __init__(self, session: boto3.Session) -> None:
        self.name = f"lake{next(NUMBERS)}"
        self.s3, self.glue = session.client("s3"), session.client("glue")
        self.session = session
        self.s3.create_bucket(Bucket=self.name)

    def put(self, **objects: bytes | str) -> None:
        for key, body in objects.items():
            self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def define(self, path: str = "", **options: Any) -> None:
        target = {"Path": f"s3://{self.name}/{path}", **options.pop("target", {})}
        self.glue.create_crawler(
            **{
                "Name": self.name,
                "Role": "crawls",
                "DatabaseName": self.name,
                "Targets": {"S3Targets": [target]},
                **options,
            }
        )

    def run(self) -> dict[str, Any]:
        """Run the crawler to its end and return it."""
        self.glue.start_crawler(Name=self.name)
        return self.ended()

    def ended(self) -> dict[str, Any]:
        for _ in range(600):
            crawler: dict[str, Any] = self.glue.get_crawler(Name=self.name)["Crawler"]
            if crawler["State"] == "READY":
                return crawler
            time.sleep(0.02)
        raise AssertionError("the crawl does not end")

    def crawl(self, path: str = "", **options: Any) -> dict[str, Any]:
        """Define the crawler, run it, return the tables by name."""
        self.define(path, **options)
        assert self.run()["LastCrawl"]["Status"] == "SUCCEEDED"
        return self.tables()

    def tables(self) -> dict[str, Any]:
        found = self.glue.get_tables(DatabaseName=self.name)["TableList"]
        return {table["Name"]: table for table in found}

    def partitions(self, table: str) -> dict[tuple[str, ...], Any]:
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.name, TableName=table
        )
        return {tuple(p["Values"]): p for page in pages for p in page["Partitions"]}


@pytest.fixture
def lake(aws: boto3.Session) -> Lake:
    return Lake(aws)


def columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]]


def keys(table: dict[str, Any]) -> list[str]:
    return [key["Name"] for key in table["PartitionKeys"]]


# --- formats ------------------------------------------------------------------------------------


def test_a_csv_file_with_a_header(lake: Lake) -> None:
    lake.put(**{"flights/a.csv": CSV})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == FLIGHTS
    assert table["TableType"] == "EXTERNAL_TABLE" and table["Owner"] == "owner"
    described = table["Parameters"]
    assert {k: described[k] for k in described if not k.startswith("Crawler")} == {
        "UPDATED_BY_CRAWLER": lake.name,
        "areColumnsQuoted": "false",
        "averageRecordSize": "15",
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": str(len(CSV)),
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }
    storage = table["StorageDescriptor"]
    assert storage["Location"] == f"s3://{lake.name}/flights/"
    assert storage["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    assert storage["Parameters"] == described and storage["Compressed"] is False


def test_text_only_has_no_header_by_the_built_in_rule(lake: Lake) -> None:
    lake.put(**{"airlines/a.csv": "carrier,name\nUA,United\nAA,American\n"})
    table = lake.crawl("airlines")["airlines"]
    assert columns(table) == [("col0", "string"), ("col1", "string")]
    assert "skip.header.line.count" not in table["Parameters"]


def test_numbers_only_have_no_header(lake: Lake) -> None:
    lake.put(**{"n/a.csv": "1,2.5\n3,4\n"})
    assert columns(lake.crawl("n/")["n"]) == [("col0", "bigint"), ("col1", "double")]


@pytest.mark.parametrize("delimiter", ["|", "\t", ";", "\x01"])
def test_other_delimiters(lake: Lake, delimiter: str) -> None:
    lake.put(**{"flights/a.txt": CSV.replace(",", delimiter)})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == FLIGHTS
    assert table["Parameters"]["delimiter"] == delimiter
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": delimiter}


def test_a_missing_value_as_text_makes_a_column_text(lake: Lake) -> None:
    lake.put(**{"flights/a.csv": CSV + "B6,725,NA\n", "flights/b.csv": CSV})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == [*FLIGHTS[:2], ("delay", "string")]
    assert table["Parameters"]["objectCount"] == "2"
    assert table["Parameters"]["recordCount"] == "5"


def test_quoted_csv_of_latin_1_with_a_byte_order_mark(lake: Lake) -> None:
    lake.put(**{"q/a.csv": '"name","n"\n"Z\xfcrich, Kloten",1\n"b",2\n'.encode("latin-1")})
    table = lake.crawl("q/")["q"]
    assert columns(table) == [("name", "string"), ("n", "bigint")]
    assert table["Parameters"]["areColumnsQuoted"] == "true"


def test_json_lines_with_nested_values(lake: Lake) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "tailNum": "N1", "delay": None, "route": {"from": "JFK", "miles": 2.5}},
        {"id": 2**40, "tags": ["a"], "legs": [{"n": 1}], "ok": True, "route": {"to": "IAH"}},
    ]
    lake.put(**{"events/a.json": "\n".join(map(json.dumps, rows))})
    table = lake.crawl("events/")["events"]
    assert columns(table) == [
        ("id", "bigint"),
        ("tailnum", "string"),
        ("delay", "string"),
        ("route", "struct<from:string,miles:double,to:string>"),
        ("tags", "array<string>"),
        ("legs", "array<struct<n:int>>"),
        ("ok", "boolean"),
    ]
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "delay,id,legs,ok,route,tags,tailNum"},
    }
    assert table["Parameters"]["recordCount"] == "2"


def test_one_json_document_over_lines_and_one_array(lake: Lake) -> None:
    lake.put(
        **{"doc/a.json": json.dumps({"a": 1, "b": {"c": "x"}}, indent=2)},
        **{"list/a.json": json.dumps([{"a": 1}, {"a": 2}])},
    )
    tables = lake.crawl()
    assert columns(tables["doc"]) == [("a", "int"), ("b", "struct<c:string>")]
    assert columns(tables["list"]) == [("array", "array<struct<a:int>>")]


def test_a_json_classifier_picks_a_path(lake: Lake) -> None:
    lake.put(**{"doc/a.json": json.dumps({"rows": [{"a": 1}, {"a": 2, "b": "x"}]})})
    name = f"{lake.name}-json"
    lake.glue.create_classifier(JsonClassifier={"Name": name, "JsonPath": "$.rows[*]"})
    table = lake.crawl("doc/", Classifiers=[name])["doc"]
    assert columns(table) == [("a", "int"), ("b", "string")]


@pytest.mark.parametrize(
    ("body", "kind", "serde"),
    [
        (parquet(), "parquet", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
        (orc(), "orc", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
    ],
)
def test_parquet_and_orc(lake: Lake, body: bytes, kind: str, serde: str) -> None:
    lake.put(**{"flights/part-0": body})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == FLIGHTS
    assert table["Parameters"]["classification"] == kind
    assert table["Parameters"]["recordCount"] == "2"
    assert table["Parameters"]["compressionType"] == "none"
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": serde,
        "Parameters": {"serialization.format": "1"},
    }


def test_types_of_parquet(lake: Lake) -> None:
    kinds = {
        "A_Small": pa.int8(),
        "short": pa.int16(),
        "i": pa.int32(),
        "u": pa.uint32(),
        "f": pa.float32(),
        "price": pa.decimal128(9, 2),
        "day": pa.date32(),
        "at": pa.timestamp("us", "UTC"),
        "raw": pa.binary(),
        "m": pa.map_(pa.string(), pa.int32()),
        "l": pa.list_(pa.struct([("X", pa.bool_())])),
    }
    lake.put(**{"t/a.parquet": parquet(pa.table({k: pa.array([], v) for k, v in kinds.items()}))})
    assert columns(lake.crawl("t/")["t"]) == [
        ("a_small", "tinyint"),
        ("short", "smallint"),
        ("i", "int"),
        ("u", "bigint"),
        ("f", "float"),
        ("price", "decimal(9,2)"),
        ("day", "date"),
        ("at", "timestamp"),
        ("raw", "binary"),
        ("m", "map<string,int>"),
        ("l", "array<struct<x:boolean>>"),
    ]


class Reads:
    """An S3 of one object that counts how often it is read."""

    def __init__(self, body: bytes) -> None:
        self.body, self.reads = body, 0

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "ListObjectsV2":
            return {"Contents": [{"Key": "in/a", "Size": len(self.body)}]}
        self.reads += 1
        first, last = request["Range"].removeprefix("bytes=").split("-")
        return {"Body": self.body[int(first) : int(last) + 1]}


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (CSV.encode() * 100_000, 1),
        (gzip.compress(random.Random(1).randbytes(3_000_000)), 1),
        (parquet(), 1),
        (parquet(BIG, compression="none", use_dictionary=False), 2),
        (orc(BIG), 2),
        (b"no format at all" * 300_000, 1),
    ],
)
def test_an_object_is_read_twice_at_most(body: bytes, most: int) -> None:
    source = Reads(body)
    found = harvest(source, {"Path": "s3://b/in/"}, [], lambda: False)  # type: ignore[arg-type]
    assert found.reads == source.reads <= most


def test_the_rows_of_a_large_parquet_file(lake: Lake) -> None:
    body = parquet(BIG, compression="none", use_dictionary=False)
    assert len(body) > 3_000_000
    lake.put(**{"t/a.parquet": body})
    found = lake.crawl("t/")["t"]
    assert found["Parameters"]["recordCount"] == "600000"


def test_avro(lake: Lake) -> None:
    lake.put(**{"flights/a.avro": avro()})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == [
        ("carrier", "string"),
        ("flight", "bigint"),
        ("price", "decimal(9,2)"),
        ("at", "timestamp"),
        ("tags", "array<string>"),
    ]
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert json.loads(serde["Parameters"]["avro.schema.literal"])["name"] == "flight"
    assert table["Parameters"]["avro.schema.literal"].startswith('{"type":"record"')


def test_xml_by_a_row_tag(lake: Lake) -> None:
    lake.put(**{"x/a.xml": "<all><flight id='1'><from>JFK</from></flight><flight id='2'/></all>"})
    name = f"{lake.name}-xml"
    lake.glue.create_classifier(
        XMLClassifier={"Name": name, "Classification": "flights", "RowTag": "flight"}
    )
    table = lake.crawl("x/", Classifiers=[name])["x"]
    assert columns(table) == [("_id", "int"), ("from", "string")]
    assert table["Parameters"]["rowTag"] == "flight"


def test_an_entity_bomb_in_xml_is_left_out(lake: Lake) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a><b>&y;</b></a>'
    lake.put(**{"x/a.xml": bomb})
    assert lake.crawl("x/") == {}


ACCESS = (
    '192.0.2.1 - - [01/Jan/2013:00:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0 (x)"\n'
)


def test_logs_by_built_in_patterns(lake: Lake) -> None:
    lake.put(**{"web/a.log": ACCESS.encode() * 3})
    lake.put(**{"web/b.log.gz": gzip.compress(ACCESS.encode() * 3)})
    table = lake.crawl("web/")["web"]
    assert table["Parameters"]["classification"] == "combinedapache"
    assert columns(table)[0][0] == "clientip"
    assert "agent" in dict(columns(table))
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "com.amazonaws.glue.serde.GrokSerDe"
    assert serde["Parameters"]["input.format"] == "%{COMBINEDAPACHELOG}"


def test_a_grok_classifier_beats_built_in_ones(lake: Lake) -> None:
    lake.put(**{"gate/a.csv": "A1,open,10\nB2,shut,20\n"})
    name = f"{lake.name}-grok"
    lake.glue.create_classifier(
        GrokClassifier={
            "Name": name,
            "Classification": "gates",
            "GrokPattern": "%{GATE:gate},%{WORD:state},%{NUMBER:seconds:int}",
            "CustomPatterns": "GATE [A-Z][0-9]",
        }
    )
    table = lake.crawl("gate/", Classifiers=[name])["gate"]
    assert table["Parameters"]["classification"] == "gates"
    assert columns(table) == [("gate", "string"), ("state", "string"), ("seconds", "int")]


def test_a_csv_classifier_gives_header_types_and_serde(lake: Lake) -> None:
    lake.put(**{"airlines/a.csv": "carrier,name\nUA,'United, Inc.'\n"})
    name = f"{lake.name}-csv"
    lake.glue.create_classifier(
        CsvClassifier={
            "Name": name,
            "Delimiter": ",",
            "QuoteSymbol": "'",
            "ContainsHeader": "PRESENT",
            "Serde": "OpenCSVSerDe",
        }
    )
    table = lake.crawl("airlines/", Classifiers=[name])["airlines"]
    assert columns(table) == [("carrier", "string"), ("name", "string")]
    assert table["Parameters"]["skip.header.line.count"] == "1"
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert serde["Parameters"]["quoteChar"] == "'"


def test_a_csv_classifier_with_own_names_and_datatypes(lake: Lake) -> None:
    lake.put(**{"a/a.csv": "UA,1\nAA,2\n"})
    name = f"{lake.name}-csv"
    lake.glue.create_classifier(
        CsvClassifier={
            "Name": name,
            "Delimiter": ",",
            "ContainsHeader": "ABSENT",
            "Header": ["code", "n"],
            "CustomDatatypeConfigured": True,
            "CustomDatatypes": ["string", "int"],
        }
    )
    assert columns(lake.crawl("a/", Classifiers=[name])["a"]) == [("code", "string"), ("n", "int")]


def _zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return bytes(sink.getvalue())


def _snappy(data: bytes) -> bytes:
    packed: bytes = pa.Codec("snappy").compress(data, asbytes=True)
    return len(data).to_bytes(4, "big") + len(packed).to_bytes(4, "big") + packed


@pytest.mark.parametrize(
    ("name", "pack", "suffix"),
    [
        ("gzip", gzip.compress, "gz"),
        ("bzip2", bz2.compress, "bz2"),
        ("zstd", _zstd, "zst"),
        ("snappy", _snappy, "snappy"),
    ],
)
def test_compressed_text(
    lake: Lake, name: str, pack: Callable[[bytes], bytes], suffix: str
) -> None:
    lake.put(**{f"flights/a.csv.{suffix}": pack(CSV.encode())})
    table = lake.crawl("flights/")["flights"]
    assert columns(table) == FLIGHTS
    assert table["Parameters"]["compressionType"] == name
    assert table["Parameters"]["recordCount"] == "2"
    assert table["StorageDescriptor"]["Compressed"] is True


# --- folders ------------------------------------------------------------------------------------


def test_named_partitions(lake: Lake) -> None:
    lake.put(
        **{
            "flights/year=2013/month=1/a.parquet": parquet(),
            "flights/year=2013/month=2/a.parquet": parquet(),
            "flights/year=2014/month=1/a.parquet": parquet(),
        }
    )
    table = lake.crawl("flights/")["flights"]
    assert keys(table) == ["year", "month"] and columns(table) == FLIGHTS
    assert table["PartitionKeys"][0]["Type"] == "string"
    assert table["Parameters"]["partition_filtering.enabled"] == "true"
    found = lake.partitions("flights")
    assert list(found) == [("2013", "1"), ("2013", "2"), ("2014", "1")]
    one = found["2013", "2"]["StorageDescriptor"]
    assert one["Location"] == f"s3://{lake.name}/flights/year=2013/month=2/"
    assert one["Parameters"]["recordCount"] == "2" and one["Columns"]


def test_unnamed_partitions(lake: Lake) -> None:
    lake.put(**{f"logs/2013/0{n}/a.csv": CSV for n in (1, 2)})
    table = lake.crawl("logs/")["logs"]
    assert keys(table) == ["partition_0", "partition_1"]
    assert list(lake.partitions("logs")) == [("2013", "01"), ("2013", "02")]


def test_folders_that_differ_are_tables(lake: Lake) -> None:
    lake.put(
        **{"in/flights/a.csv": CSV, "in/planes/a.csv": "tail,seats\nN1,100\n"},
        **{"in/Odd Name+1/a.json": '{"a": 1}'},
    )
    assert list(lake.crawl("in/", TablePrefix="raw_")) == [
        "raw_flights",
        "raw_odd_name_1",
        "raw_planes",
    ]


def test_alike_folders_are_partitions_of_one_table(lake: Lake) -> None:
    lake.put(**{"in/flights/a.csv": CSV, "in/older/a.csv": CSV})
    tables = lake.crawl("in/")
    assert keys(tables["in"]) == ["partition_0"] and len(tables) == 1


def test_the_table_level_separates_alike_folders(lake: Lake) -> None:
    lake.put(**{"in/flights/y=1/a.csv": CSV, "in/older/y=2/a.csv": CSV})
    level = {"Version": 1.0, "Grouping": {"TableLevelConfiguration": 3}}
    tables = lake.crawl("in/", Configuration=json.dumps(level))
    assert {name: keys(table) for name, table in tables.items()} == {
        "flights": ["y"],
        "older": ["y"],
    }


def test_compatible_schemas_are_combined_when_asked(lake: Lake) -> None:
    lake.put(**{"in/a.csv": CSV, "in/b.csv": "x,y\n1,2\n3,4\n".replace("x,y", "x1,y1")})
    combine = {
        "Version": 1.0,
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    }
    assert list(lake.crawl("in/", Configuration=json.dumps(combine))) == ["in"]


def test_files_that_differ_in_one_folder_are_tables_of_their_own(lake: Lake) -> None:
    lake.put(**{"in/a.csv": CSV, "in/b.csv": "tail,seats\nN1,100\nN2,50\n"})
    tables = lake.crawl("in/")
    assert list(tables) == ["a_csv", "b_csv"]
    assert tables["a_csv"]["StorageDescriptor"]["Location"] == f"s3://{lake.name}/in/a.csv"


def test_two_folders_of_one_name_get_two_tables(lake: Lake) -> None:
    lake.put(
        **{"one/data/a.csv": CSV, "one/more/a.json": '{"y": 1}'},
        **{"two/data/a.json": '{"x": 1}', "two/more/a.csv": "a,b\nx,1\ny,2\n"},
    )
    names = list(lake.crawl())
    assert len(names) == 4 and names[0] == "data" and names[2] == "more"
    assert names[1].startswith("data_") and len(names[1]) == len("data_") + 32


def test_a_whole_bucket_of_files(lake: Lake) -> None:
    lake.put(**{"a.csv": CSV})
    assert list(lake.crawl()) == [lake.name]


def test_exclusions_hidden_files_and_empty_ones(lake: Lake) -> None:
    lake.put(
        **{"in/a.csv": CSV, "in/old/b.json": "{}", "in/note.tmp": "a|b\n1|2\n"},
        **{"in/_SUCCESS": "x", "in/.hidden/a.json": "{}", "in/": "", "in/empty.csv": ""},
    )
    table = lake.crawl("in/", target={"Exclusions": ["old/**", "*.tmp"]})
    assert list(table) == ["in"] and table["in"]["Parameters"]["objectCount"] == "1"


@pytest.mark.parametrize(
    ("glob", "fits", "fails"),
    [
        ("*.csv", ["a.csv"], ["x/a.csv", "a.csvx"]),
        ("**.csv", ["a.csv", "x/y/a.csv"], ["a.json"]),
        ("logs/**", ["logs/a", "logs/x/y"], ["log/a"]),
        ("a?.{csv,json}", ["ab.csv", "ac.json"], ["a.csv", "ab.txt"]),
        ("[a-c]*", ["b1"], ["d1", "b/1"]),
        ("[!a]*", ["b"], ["a"]),
        (r"\*", ["*"], ["x"]),
        ("a(1)+.csv", ["a(1)+.csv"], ["a11.csv"]),
    ],
)
def test_exclude_patterns(glob: str, fits: list[str], fails: list[str]) -> None:
    pattern = glob_pattern(glob)
    assert [text for text in fits + fails if pattern.fullmatch(text)] == fits


def test_bad_objects_are_reported_and_not_fatal(lake: Lake) -> None:
    lake.put(
        **{"in/a.parquet": parquet(), "in/cut.parquet": parquet()[:-20]},
        **{"in/image.bin": b"\x89PNG\x00\x01\x02" * 50, "in/bad.gz": b"\x1f\x8b\x08"},
    )
    assert lake.crawl("in/")["in"]["Parameters"]["objectCount"] == "1"
    events = lake.session.client("logs").get_log_events(
        logGroupName="/aws-glue/crawlers", logStreamName=lake.name
    )["events"]
    text = "\n".join(event["message"] for event in events)
    assert "cut.parquet is left out: not a valid Parquet file" in text
    assert "image.bin is left out: no classifier recognizes it" in text
    assert "bad.gz is left out" in text


def test_a_sample_size_limits_the_files_of_a_folder(lake: Lake) -> None:
    lake.put(**{f"in/p={p}/{n}.csv": CSV for p in (1, 2) for n in range(5)})
    table = lake.crawl("in/", target={"SampleSize": 2})["in"]
    assert table["Parameters"]["objectCount"] == "4"


# --- again --------------------------------------------------------------------------------------


def versions(lake: Lake, table: str) -> int:
    found = lake.glue.get_table_versions(DatabaseName=lake.name, TableName=table)
    return len(found["TableVersions"])


def test_a_second_crawl_that_finds_nothing_new_changes_nothing(lake: Lake) -> None:
    lake.put(**{"in/p=1/a.csv": CSV})
    lake.crawl("in/")
    lake.run()
    assert versions(lake, "in") == 1
    summary = lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"][0].get("Summary")
    assert summary is None


def test_a_new_column_updates_the_table_and_keeps_comments(lake: Lake) -> None:
    lake.put(**{"in/a.parquet": parquet()})
    table = lake.crawl("in/")["in"]
    storage = table["StorageDescriptor"]
    storage["Columns"][0]["Comment"] = "two letters"
    kept = {k: table[k] for k in ("Name", "Parameters", "TableType", "PartitionKeys")}
    lake.glue.update_table(
        DatabaseName=lake.name,
        TableInput={**kept, "StorageDescriptor": storage, "Description": "all flights"},
    )
    lake.put(**{"in/b.parquet": parquet(TABLE.append_column("gate", pa.array(["A1", None])))})
    lake.run()
    again = lake.tables()["in"]
    assert columns(again) == [*FLIGHTS, ("gate", "string")]
    assert again["StorageDescriptor"]["Columns"][0]["Comment"] == "two letters"
    assert again["Description"] == "all flights"
    assert versions(lake, "in") == 3


def test_the_update_behaviour_log_changes_no_table_but_adds_partitions(lake: Lake) -> None:
    lake.put(**{"in/p=1/a.parquet": parquet()})
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lake.crawl("in/", SchemaChangePolicy=policy)
    lake.put(**{"in/p=2/b.parquet": parquet(TABLE.append_column("gate", pa.array(["A1", None])))})
    lake.run()
    assert columns(lake.tables()["in"]) == FLIGHTS
    assert len(lake.partitions("in")) == 2


def test_merge_new_columns_leaves_the_old_ones(lake: Lake) -> None:
    lake.put(**{"in/a.parquet": parquet()})
    merge = {
        "Version": 1.0,
        "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}},
    }
    lake.crawl("in/", Configuration=json.dumps(merge))
    other = pa.table({"carrier": ["UA"], "flight": ["1545X"], "delay": [1.0], "gate": ["A1"]})
    lake.put(**{"in/a.parquet": parquet(other)})
    lake.run()
    assert columns(lake.tables()["in"]) == [*FLIGHTS, ("gate", "string")]


def test_inherited_partitions_have_the_tables_columns(lake: Lake) -> None:
    wide = TABLE.append_column("gate", pa.array(["A1", None]))
    lake.put(**{"in/p=1/a.parquet": parquet(), "in/p=2/a.parquet": parquet(wide)})
    lake.define(
        "in/",
        Configuration=json.dumps(
            {
                "Version": 1.0,
                "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
            }
        ),
    )
    lake.run()
    for partition in lake.partitions("in").values():
        assert len(partition["StorageDescriptor"]["Columns"]) == 4


@pytest.mark.parametrize("behaviour", ["LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE"])
def test_the_delete_behaviour(lake: Lake, behaviour: str) -> None:
    lake.put(**{"in/a/a.csv": CSV, "in/b/b.json": '{"x": 1}'})
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour}
    lake.crawl("in/", SchemaChangePolicy=policy)
    lake.s3.delete_object(Bucket=lake.name, Key="in/b/b.json")
    lake.run()
    lake.run()
    tables = lake.tables()
    gone = next((t for name, t in tables.items() if name == "b"), None)
    assert (gone is None) == (behaviour == "DELETE_FROM_DATABASE")
    if gone is not None:
        deprecated = "DEPRECATED_BY_CRAWLER" in gone["Parameters"]
        assert deprecated == (behaviour == "DEPRECATE_IN_DATABASE")


def test_new_folders_only(lake: Lake) -> None:
    lake.put(**{"in/flights/p=1/a.csv": CSV, "in/planes/a.csv": "tail,seats\nN1,100\n"})
    lake.crawl(
        "in/",
        RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    lake.put(**{"in/flights/p=1/late.csv": CSV, "in/flights/p=2/a.csv": CSV})
    lake.put(**{"in/airports/a.json": '{"faa": "JFK"}'})
    lake.run()
    tables = lake.tables()
    assert set(tables) == {"flights", "planes", "airports"}
    found = lake.partitions("flights")
    assert list(found) == [("1",), ("2",)]
    assert found["1",]["StorageDescriptor"]["Parameters"]["objectCount"] == "1"


# --- runs ---------------------------------------------------------------------------------------


def test_history_metrics_and_states(lake: Lake) -> None:
    lake.put(**{"in/p=1/a.csv": CSV})
    lake.crawl("in/")
    lake.run()
    crawls = lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"]
    assert [crawl["State"] for crawl in crawls] == ["COMPLETED", "COMPLETED"]
    assert crawls[0]["DPUHour"] == pytest.approx(2 * 600 / 3600, abs=1e-3)
    assert json.loads(json.loads(crawls[1]["Summary"])["TABLE"]) == {"ADD": {"count": 1}}
    assert json.loads(json.loads(crawls[1]["Summary"])["PARTITION"]) == {"ADD": {"count": 1}}
    wanted = [{"FieldName": "CRAWL_ID", "FilterOperator": "EQ",
               "FieldValue": crawls[1]["CrawlId"]}]  # fmt: skip
    chosen = lake.glue.list_crawls(CrawlerName=lake.name, Filters=wanted)["Crawls"]
    assert chosen == [crawls[1]]
    page = lake.glue.list_crawls(CrawlerName=lake.name, MaxResults=1)
    assert page["Crawls"] == [crawls[0]] and page["NextToken"]
    metrics = lake.glue.get_crawler_metrics(CrawlerNameList=[lake.name])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"]) == (1, 0)
    assert metrics["LastRuntimeSeconds"] > 0 and metrics["StillEstimating"] is False


def test_a_bucket_that_is_not_there_fails_the_crawl(lake: Lake) -> None:
    lake.define("in/", Targets={"S3Targets": [{"Path": "s3://no-such-bucket-at-all/"}]})
    last = lake.run()["LastCrawl"]
    assert last["Status"] == "FAILED" and "NoSuchBucket" in last["ErrorMessage"]


def test_errors_of_starting_and_stopping(lake: Lake) -> None:
    lake.define("in/")
    with pytest.raises(ClientError, match="CrawlerNotRunningException"):
        lake.glue.stop_crawler(Name=lake.name)
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        lake.glue.start_crawler(Name="nobody")
    lake.put(**{f"in/{n}.csv": CSV for n in range(800)})
    lake.glue.start_crawler(Name=lake.name)
    with pytest.raises(ClientError, match="CrawlerRunningException"):
        lake.glue.start_crawler(Name=lake.name)
    lake.glue.stop_crawler(Name=lake.name)
    assert lake.ended()["LastCrawl"]["Status"] == "CANCELLED"
    assert lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"][0]["State"] == "STOPPED"


def test_a_schedule_runs_by_the_clock(labcloud_server: Any) -> None:
    from labcloud.process import find

    lake = Lake(labcloud_server.session())
    lake.put(**{"in/a.csv": CSV})
    lake.define("in/", Schedule="cron(0 3 * * ? *)")
    server = find(labcloud_server.directory)
    assert server is not None
    server.control("clock", advance="25h")
    assert list(lake.tables()) == ["in"]
    lake.glue.stop_crawler_schedule(CrawlerName=lake.name)
    server.control("clock", advance="25h")
    assert len(lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"]) == 1


def test_a_dynamodb_table(lake: Lake) -> None:
    dynamodb = lake.session.client("dynamodb")
    dynamodb.create_table(
        TableName="Planes",
        KeySchema=[{"AttributeName": "tail", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "tail", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"tail": {"S": "N1"}, "Seats": {"N": "100"}, "parts": {"L": [{"M": {"a": {"N": "1"}}}]}}
    dynamodb.put_item(TableName="Planes", Item=item)
    table = lake.crawl(Targets={"DynamoDBTargets": [{"Path": "Planes"}]})["planes"]
    assert sorted(columns(table)) == [
        ("parts", "array<struct<a:bigint>>"),
        ("seats", "bigint"),
        ("tail", "string"),
    ]
    assert table["Parameters"]["classification"] == "dynamodb"


def test_another_region(labcloud_server: Any) -> None:
    lake = Lake(labcloud_server.session())
    lake.put(**{"in/a.csv": CSV})
    lake.glue = lake.session.client("glue", region_name="eu-west-1")
    assert list(lake.crawl("in/")) == ["in"]
