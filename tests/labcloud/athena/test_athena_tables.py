"""Tables over files: every SerDe, partitions, projection, hidden columns, information_schema."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import json
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq
import pytest

COMMAS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
OPENX = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"
HIVE_JSON = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"
REGEX = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'"
MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC).replace(tzinfo=None)


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def orc(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    po.write_table(table, sink, compression="snappy")
    return sink.getvalue()


# ---- delimited text


def test_text_that_is_no_value_is_null(lake: Any) -> None:
    """As LazySimpleSerDe reads: bad values and missing fields NULL, surplus ones left out."""
    body = (
        "1,x,1.5,true,2024-02-03,2024-02-03 04:05:06.789,12.345\n"
        "x,\\N,,TRUE,2024-13-01,soon,abc\n"
        "3\n"
        "4,a,1,false,2024-01-01,2024-01-01 00:00:00,1,extra,more\n"
        "99999999999,q,NaN,yes,2024-02-03,2024-02-03T04:05:06,1e2\n"
    )
    columns = "a int, b string, c double, d boolean, e date, f timestamp, g decimal(6,2)"
    table = lake.over(columns, COMMAS, ("a.csv", body))
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", "x", "1.5", "true", "2024-02-03", "2024-02-03 04:05:06.789", "12.35"),
        (None, None, None, "true", None, None, None),
        ("3", None, None, None, None, None, None),
        ("4", "a", "1.0", "false", "2024-01-01", "2024-01-01 00:00:00.000", "1.00"),
        (None, "q", "NaN", None, "2024-02-03", "2024-02-03 04:05:06.000", "100.00"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_blank_line_is_a_row(lake: Any, ending: str) -> None:
    """Hive makes a row of each line: an empty text, and NULL where there is no field."""
    body = ending.join(["", "1,x", "", "", "2,y", "", ""])
    table = lake.over("a string, b string", COMMAS, ("a.csv", body), ("b.gz", gzip.compress(b"\n")))
    assert sorted(lake.rows(f"SELECT a, b FROM {table}"), key=str) == [
        *[("", None)] * 5,
        ("1", "x"),
        ("2", "y"),
    ]
    assert lake.run(f"SELECT count(*) FROM {table}").only == "7"


def test_collections_in_text(lake: Any) -> None:
    clauses = f"{COMMAS} COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':'"
    table = lake.over(
        "a array<int>, m map<string,int>, s struct<x:int,y:array<string>>",
        clauses,
        ("a.csv", "1|2|x,k:1|l:2,5|p:q\n,,\n\\N,\\N,\\N\n1\n"),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("[1, 2, null]", "{k=1, l=2}", "{x=5, y=[p, q]}"),
        ("[]", "{}", "{x=null, y=null}"),
        (None, None, None),
        ("[1]", None, None),
    ]
    assert lake.rows(f"SELECT m['l'], s.y[2] FROM {table} WHERE cardinality(a) = 3") == [("2", "q")]


def test_escapes_in_text(lake: Any) -> None:
    """An escaped delimiter is no delimiter; \\N is NULL all the same."""
    body = "x\\,y,z\\\\w\n\\N,a\\\nline\\nbreak,q\n"
    table = lake.over("a string, b string", f"{COMMAS} ESCAPED BY '\\\\'", ("a.csv", body))
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("x,y", "z\\w"),
        (None, "a\\"),
        ("line\nbreak", "q"),
    ]


def hadoop_snappy(text: bytes) -> bytes:
    """Return what Hadoop's SnappyCodec writes: blocks with their lengths."""
    packed = pa.compress(text, codec="snappy", asbytes=True)
    return len(text).to_bytes(4, "big") + len(packed).to_bytes(4, "big") + packed


def test_compressions_and_headers_in_one_table(lake: Any) -> None:
    """Each file is read by its ending; each loses its own header."""
    head = b"h\tj\n"
    table = lake.over(
        "a string, b string",
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' NULL DEFINED AS 'null';; "
        "TBLPROPERTIES ('skip.header.line.count'='1')",
        ("a.tsv.gz", gzip.compress(head + b"a\tnull\n")),
        ("b.tsv.bz2", bz2.compress(head + b"b\t2\n")),
        ("c.tsv", b"h\tj\r\nc\t3\r\n"),
        ("d.tsv.zst", pa.compress(head + b"d\t4", codec="zstd", asbytes=True)),
        ("e.tsv.snappy", hadoop_snappy(head + b"e\t5\n")),
        ("f.tsv", head),
        ("_hidden", b"no\trow\n"),
        (".hidden", b"no\trow\n"),
        ("deeper/g.tsv", head + b"g\t7\n"),
    )
    assert lake.rows(f"SELECT * FROM {table} ORDER BY a") == [
        ("a", None),
        ("b", "2"),
        ("c", "3"),
        ("d", "4"),
        ("e", "5"),
        ("g", "7"),
    ]


def test_hives_own_delimiter(lake: Any) -> None:
    table = lake.over("a string, b string", "", ("a", "x\x01y"))
    assert lake.rows(f"SELECT * FROM {table}") == [("x", "y")]


# ---- CSV


def test_csv_quotes_and_escapes(lake: Any) -> None:
    """As OpenCSV's parser: doubled quotes, escapes, and lines that never span."""
    body = (
        '"1","he said ""hi""","a,b"\n'
        '"2","x\\"y","b\\\\s"\n'
        '"3","",""\n'
        "4,plain\n"
        '"5"," padded ",x\n'
        '"6","open\n'
        'ended","z"\n'
    )
    table = lake.over("a string, b string, c string", CSV, ("a.csv", body))
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", 'he said "hi"', "a,b"),
        ("2", 'x"y', "b\\s"),
        ("3", "", ""),
        ("4", "plain", None),
        ("5", " padded ", "x"),
        ("6", None, None),
        (None, None, None),
    ]


def test_csv_with_other_signs(lake: Any) -> None:
    table = lake.over(
        "a int, b string",
        f"{CSV} WITH SERDEPROPERTIES ('separatorChar'='\\;','quoteChar'='\\'',"
        "'escapeChar'='\\\\');; TBLPROPERTIES ('skip.header.line.count'='1')",
        ("a.csv", "h;j\n'1';'a;b'\n'2';'it\\'s'\n"),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [("1", "a;b"), ("2", "it's")]


def test_csv_types(lake: Any) -> None:
    """Moments are milliseconds, dates are days; what is no number is an error, once it is read."""
    table = lake.over(
        "a int, b timestamp, c date, d double, e boolean",
        CSV,
        ("a.csv", '"1","1700000000000","19000","1.5","TRUE"\n'),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", "2023-11-14 22:13:20.000", "2022-01-08", "1.5", "true")
    ]
    wrong = lake.over("a int, b string", CSV, ("a.csv", '"1","x"\nabc,"y"\n'))
    assert lake.error(f"SELECT * FROM {wrong}") == (
        "HIVE_BAD_DATA: Error parsing field value 'abc' for field 0: For input string: \"abc\""
    )
    assert lake.rows(f"SELECT b FROM {wrong}") == [("x",), ("y",)]
    empty = lake.over("a int, b string", CSV, ("a.csv", '"1","x"\n"","y"\n'))
    assert "HIVE_BAD_DATA: Error parsing field value '' for field 0" in lake.error(
        f"SELECT a FROM {empty}"
    )


# ---- JSON


def test_openx_json(lake: Any) -> None:
    """Keys in any case, nested values, a document for a string, milliseconds for a moment."""
    body = (
        '{"A":1,"Name":"n","s":{"X":1,"YY":["p",null]},"M":{"k/1":5},"ts":"2024-01-02 03:04:05",'
        '"b":true}\n'
        "\n"
        '{"a":"7","name":{"z":1},"s":null,"m":{},"ts":1700000000000}\n'
    )
    columns = (
        "a int, name string, s struct<x:int,yy:array<string>>, m map<string,bigint>, "
        "ts timestamp, b boolean"
    )
    table = lake.over(columns, OPENX, ("a.json", body))
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", "n", "{x=1, yy=[p, null]}", "{k/1=5}", "2024-01-02 03:04:05.000", "true"),
        (None, None, None, None, None, None),
        ("7", '{"z":1}', None, "{}", "2023-11-14 22:13:20.000", None),
    ]
    assert lake.rows(f"SELECT s.yy[1], m['k/1'] FROM {table} WHERE a = 1") == [("p", "5")]


def test_json_that_is_malformed(lake: Any) -> None:
    body = '{"a":1,"b":"x"}\nnot json\n{"a":2}\n'
    for serde in (OPENX, HIVE_JSON):
        table = lake.over("a int, b string", serde, ("a.json", body))
        assert lake.error(f"SELECT * FROM {table}").startswith(
            "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: "
        )
    lenient = f"{OPENX} WITH SERDEPROPERTIES ('ignore.malformed.json'='true')"
    table = lake.over("a int, b string", lenient, ("a.json", body))
    assert lake.rows(f"SELECT * FROM {table}") == [("1", "x"), (None, None), ("2", None)]


def test_json_keys_that_are_mapped(lake: Any) -> None:
    serde = (
        f"{OPENX} WITH SERDEPROPERTIES ('mapping.ts'='timestamp','dots.in.keys'='true',"
        "'mapping.other'='Other-Key')"
    )
    body = '{"a.b":1,"timestamp":"x","Other-Key":3}\n'
    table = lake.over("a_b int, ts string, other int", serde, ("a.json", body))
    assert lake.rows(f"SELECT * FROM {table}") == [("1", "x", "3")]


def test_json_of_the_wrong_type(lake: Any) -> None:
    table = lake.over("a int, b string", OPENX, ("a.json", '{"a":"abc","b":"x"}\n'))
    assert lake.error(f"SELECT * FROM {table}") == (
        "HIVE_BAD_DATA: Error parsing field value 'abc' for field 0: For input string: \"abc\""
    )
    assert lake.rows(f"SELECT b FROM {table}") == [("x",)]


def test_hive_json(lake: Any) -> None:
    columns = "a int, b string, d date, x decimal(5,2)"
    body = '{"A":1,"b":"x","d":"2024-01-01","x":1.25}\n'
    table = lake.over(columns, HIVE_JSON, ("a.json", body))
    assert lake.rows(f"SELECT * FROM {table}") == [("1", "x", "2024-01-01", "1.25")]


# ---- logs


def test_regex(lake: Any) -> None:
    """A line's groups are its columns; another line is a row of NULLs."""
    pattern = "^(\\\\S+) (\\\\d+)( .*)?$"
    table = lake.over(
        "ip string, n int, p string",
        f"{REGEX} WITH SERDEPROPERTIES ('input.regex'='{pattern}')",
        ("a", "1.2.3.4 55 x y\nnope\n1.1.1.1 6\n"),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1.2.3.4", "55", " x y"),
        (None, None, None),
        ("1.1.1.1", "6", None),
    ]


def test_regex_with_too_few_groups(lake: Any) -> None:
    table = lake.over(
        "a string, b string", f"{REGEX} WITH SERDEPROPERTIES ('input.regex'='(.*)')", ("a", "x\n")
    )
    assert "Number of matching groups doesn't match the number of columns" in lake.error(
        f"SELECT * FROM {table}"
    )


def test_grok(lake: Any) -> None:
    """The example of Athena's documentation."""
    table = lake.over(
        "syslogbase string, queue_id string",
        "ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' WITH SERDEPROPERTIES ("
        "'input.grokCustomPatterns'='POSTFIX_QUEUEID [0-9A-F]{7,12}', "
        "'input.format'='%{SYSLOGBASE:syslogbase} %{POSTFIX_QUEUEID:queue_id}:') "
        "STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        ("a", "Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]: B88C4120838: connect\nother\n"),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]:", "B88C4120838"),
        (None, None),
    ]


def test_cloudtrail(lake: Any) -> None:
    """A file is one document; its records are rows, nested objects text or structs."""
    first = {
        "eventVersion": "1.05",
        "userIdentity": {"type": "Root", "accountId": "1"},
        "requestParameters": {"a": [1]},
        "responseElements": None,
        "resources": [{"ARN": "arn:x", "accountId": "1"}],
    }
    body = json.dumps({"Records": [first, {"eventVersion": "1.06"}]}).encode()
    table = lake.over(
        "eventversion string, useridentity struct<type:string,accountid:string>, "
        "requestparameters string, responseelements string, "
        "resources array<struct<arn:string,accountid:string>>",
        "ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde' "
        "STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        ("a.json.gz", gzip.compress(body)),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        (
            "1.05",
            "{type=Root, accountid=1}",
            '{"a":[1]}',
            None,
            "[{arn=arn:x, accountid=1}]",
        ),
        ("1.06", None, None, None, None),
    ]


# ---- Parquet, ORC, Avro

NESTED = pa.table(
    {
        "id": pa.array([1, 2], pa.int32()),
        "B": ["x", None],
        "ts": pa.array([MOMENT] * 2, pa.timestamp("us")),
        "s": [{"X": 1, "y": ["a"]}, None],
        "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        "d": pa.array([Decimal("1.50")] * 2, pa.decimal128(9, 2)),
    }
)
NESTED_COLUMNS = (
    "id bigint, b string, ts timestamp, s struct<x:int,y:array<string>,z:double>, "
    "m map<string,bigint>, d decimal(12,3), later string"
)
NESTED_ROWS = [
    ("1", "x", "2024-01-02 03:04:05.678", "{x=1, y=[a], z=null}", "{k=1}", "1.500", None),
    ("2", None, "2024-01-02 03:04:05.678", None, None, "1.500", None),
]


def test_parquet_columns_are_found_by_name(lake: Any) -> None:
    """Other case, other order, wider types, columns that come and go, one file after another."""
    other = pa.table({"b": ["z"], "extra": [1], "id": pa.array([3], pa.int64())})
    files = ("a.parquet", parquet(NESTED)), ("b.parquet", parquet(other))
    table = lake.over(NESTED_COLUMNS, "STORED AS PARQUET", *files)
    third = ("3", "z", None, None, None, None, None)
    assert lake.rows(f"SELECT * FROM {table} ORDER BY id") == [*NESTED_ROWS, third]
    assert lake.rows(f"SELECT s.y[1], m['k'] FROM {table} WHERE id = 1") == [("a", "1")]


def test_parquet_of_another_type(lake: Any) -> None:
    table = lake.over("b int, id int", "STORED AS PARQUET", ("a.parquet", parquet(NESTED)))
    assert lake.error(f"SELECT * FROM {table}") == (
        f"HIVE_BAD_DATA: Malformed Parquet file. Field B's type BYTE_ARRAY in parquet file "
        f"s3://lake/{table}/a.parquet is incompatible with type integer defined in table schema"
    )
    assert lake.rows(f"SELECT id FROM {table}") == [("1",), ("2",)]


@pytest.mark.parametrize("kind", ["PARQUET", "ORC", "AVRO"])
def test_a_file_of_another_format(lake: Any, kind: str) -> None:
    table = lake.over("a int", f"STORED AS {kind}", ("a", "a,b,c\n1,2,3\n4,5,6\n"))
    assert lake.error(f"SELECT a FROM {table}").startswith("HIVE_BAD_DATA: ")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (pa.timestamp("ns"), {"version": "2.6"}),
        (pa.timestamp("us"), {}),
        (pa.timestamp("ms"), {}),
        (pa.timestamp("ns"), {"use_deprecated_int96_timestamps": True}),
        (pa.timestamp("ms", "UTC"), {}),
    ],
)
def test_parquet_timestamps(lake: Any, kind: pa.DataType, options: dict[str, Any]) -> None:
    moments = pa.array([1704164645678], pa.timestamp("ms")).cast(kind)
    table = lake.over(
        "ts timestamp", "STORED AS PARQUET", ("a", parquet(pa.table({"ts": moments}), **options))
    )
    assert lake.rows(f"SELECT * FROM {table}") == [("2024-01-02 03:04:05.678",)]


def test_parquet_scalars(lake: Any) -> None:
    body = parquet(
        pa.table(
            {
                "a": pa.array([1], pa.int8()),
                "b": pa.array([2], pa.int16()),
                "c": pa.array([1.5], pa.float32()),
                "d": [2.5],
                "e": [dt.date(2024, 1, 1)],
                "f": [b"ab"],
                "g": ["abcdef"],
                "h": ["a"],
                "i": [True],
                "j": pa.array([7], pa.uint32()),
            }
        )
    )
    columns = (
        "a tinyint, b smallint, c float, d double, e date, f binary, g varchar(3), h char(3), "
        "i boolean, j bigint"
    )
    table = lake.over(columns, "STORED AS PARQUET", ("a", body))
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", "2", "1.5", "2.5", "2024-01-01", "61 62", "abc", "a  ", "true", "7")
    ]


def test_orc(lake: Any) -> None:
    table = lake.over(NESTED_COLUMNS, "STORED AS ORC", ("a.orc", orc(NESTED)))
    assert lake.rows(f"SELECT * FROM {table} ORDER BY id") == NESTED_ROWS


def test_avro(lake: Any) -> None:
    schema = fastavro.parse_schema(
        {
            "type": "record",
            "name": "r",
            "fields": [
                {"name": "Id", "type": "long"},
                {"name": "b", "type": ["null", "string"]},
                {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
                {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                {
                    "name": "d",
                    "type": {
                        "type": "bytes",
                        "logicalType": "decimal",
                        "precision": 9,
                        "scale": 2,
                    },
                },
                {"name": "arr", "type": {"type": "array", "items": "int"}},
                {"name": "m", "type": {"type": "map", "values": "string"}},
            ],
        }
    )
    record = {
        "Id": 1,
        "b": None,
        "e": "A",
        "ts": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        "d": Decimal("1.25"),
        "arr": [1, 2],
        "m": {"k": "v"},
    }
    sink = io.BytesIO()
    fastavro.writer(sink, schema, [record], codec="deflate")
    table = lake.over(
        "id bigint, b string, e string, ts timestamp, d decimal(9,2), arr array<int>, "
        "m map<string,string>",
        "STORED AS AVRO",
        ("a.avro", sink.getvalue()),
    )
    assert lake.rows(f"SELECT * FROM {table}") == [
        ("1", None, "A", "2024-01-01 00:00:00.000", "1.25", "[1, 2]", "{k=v}")
    ]


def test_a_subquery_s_column_that_nobody_reads_is_not_scanned(lake: Any) -> None:
    """Only what the outer query asks of a subquery is read of the table."""
    table = lake.over("day int, origin string", COMMAS, ("a.csv", "1,JFK\n2,EWR\n"))
    sql = f"SELECT n.day FROM (SELECT day, origin FROM {table}) n ORDER BY 1"
    assert lake.rows(sql) == [("1",), ("2",)]
