"""The Glue Data Catalog: partitions, expressions over them, indexes, column statistics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labcloud.engines.glue.partitions_expression import NULL, compile_filter
from labcloud.errors import AWSError

KEYS = [("year", "int"), ("name", "string"), ("day", "date"), ("price", "decimal(10,2)"),
        ("at", "timestamp"), ("f", "float")]  # fmt: skip
ROWS = [
    ("2012", "one", "2012-12-31", "1.20", "2012-12-31 23:59:59", "1"),
    ("2013", "two", "2013-01-01", "2.60", "2013-01-01 00:00:00.5", "2"),
    ("2014", "it's", "2014-07-04", "300", "2014-07-04 12:00:00", "3"),
    (NULL, "three", "2015-01-01", "4", "2015-01-01 00:00:00", "4"),
]


def chosen(expression: str) -> list[str]:
    """Return the names of the rows that satisfy an expression."""
    test = compile_filter(expression, KEYS)
    return [row[1] for row in ROWS if test(row)]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("year = 2013", ["two"]),
        ("year = '2013'", ["two"]),
        ("YEAR = 2013", ["two"]),
        ("2013 = year", ["two"]),
        ("2012 < year", ["two", "it's"]),
        ("year <> 2013", ["one", "it's"]),
        ("year != 2013", ["one", "it's"]),
        ("year > 2012 and year <= 2013", ["two"]),
        ("year = 2012 or year = 2014", ["one", "it's"]),
        ("year = 2012 or year = 2013 and name = 'x'", ["one"]),
        ("(year = 2012 or year = 2013) and name <> 'x'", ["one", "two"]),
        ("year in (2012, '2014', 7)", ["one", "it's"]),
        ("year not in (2012, 2014)", ["two"]),
        ("year between 2013 and 2014", ["two", "it's"]),
        ("year not between 2013 and 2014", ["one"]),
        ("not year = 2013", ["one", "it's"]),
        ("not (year = 2013 or year = 2014)", ["one"]),
        ("year is null", ["three"]),
        ("year is not null", ["one", "two", "it's"]),
        ("((year)) = ((2013))", ["two"]),
        ("(year) = ((2012)) (OR) (((year))) = (2013)", ["one", "two"]),
        ("name = 'it''s'", ["it's"]),
        ("name like 't%'", ["two", "three"]),
        ("name like 't_o'", ["two"]),
        ("name not like '%o%'", ["it's", "three"]),
        ("name like '.*'", []),
        ("name between 'tw' and 'two'", ["two"]),
        ("day >= '2013-01-01' and day < '2014-01-01'", ["two"]),
        ("price = 2.6", ["two"]),
        ("price > 10", ["it's"]),
        ("price in (1.2, 4)", ["one", "three"]),
        ("at > '2013-01-01 00:00:00'", ["two", "it's", "three"]),
        ("at = '2013-01-01 00:00:00.500'", ["two"]),
        ("`year` = 2013 and \"name\" = 'two'", ["two"]),
        ("year = -1", []),
    ],
)
def test_an_expression_chooses_by_the_keys_types(expression: str, names: list[str]) -> None:
    assert chosen(expression) == names


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nope = 1", "Invalid partition expression!"),
        ("year = 2018 - 01", "Unsupported expression '2018 - 01'"),
        ("length(name) > 1", "Unsupported expression 'length(name)'"),
        ("year = year", "Unsupported expression 'year'"),
        ("year =", "Unsupported expression 'year ='"),
        ("year = 1 2", "Unsupported expression 'year = 1 2'"),
        ("name IS test' AND not parsable", "Unsupported expression"),
        ("year = 'x'", "is not an integer"),
        ("year in (2.5)", '"2.5" is not an integer'),
        ("price = 'x'", "x is not a decimal."),
        ("day = '2013'", "2013 is not a date."),
        ("at = '2013-01-01'", "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]"),
        ("f = 1", "Unknown type : 'float'"),
        ("year like '2%'", "Integral data type doesn't support operation 'LIKE'"),
        ("day like '2%'", "Date data type doesn't support operation 'LIKE'"),
        ("price like '2%'", "Decimal data type doesn't support operation 'LIKE'"),
        ("(" * 5000 + "year = 1", "Unsupported expression"),
    ],
)
def test_an_expression_that_cannot_be_is_refused(expression: str, message: str) -> None:
    with pytest.raises(AWSError) as caught:
        chosen(expression)
    assert caught.value.code == "InvalidInputException"
    assert message in caught.value.message


def test_a_value_of_another_type_is_an_invalid_state() -> None:
    test = compile_filter("year = 1", [("year", "int")])
    with pytest.raises(AWSError) as caught:
        test(("null",))
    assert caught.value.code == "InvalidStateException"
    assert caught.value.message == 'For input string: "null" is not an integer.'


@pytest.fixture(scope="module")
def glue(aws: boto3.Session) -> Any:
    return aws.client("glue")


@pytest.fixture
def table(glue: Any) -> Iterator[dict[str, str]]:
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(
        DatabaseName="db",
        TableInput={
            "Name": "t",
            "StorageDescriptor": {"Columns": [{"Name": "delay", "Type": "bigint"}]},
            "PartitionKeys": [
                {"Name": "year", "Type": "int"},
                {"Name": "month", "Type": "string"},
                {"Name": "ratio", "Type": "double"},
            ],
        },
    )
    yield {"DatabaseName": "db", "TableName": "t"}
    glue.delete_database(Name="db")


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def partition(*values: str, **more: Any) -> dict[str, Any]:
    columns = [{"Name": "delay", "Type": "bigint"}]
    storage = {"Columns": columns, "Location": f"s3://lake/{'/'.join(values)}/"}
    return {"Values": list(values), "StorageDescriptor": storage, **more}


def test_a_partition_is_made_read_changed_and_removed(glue: Any, table: dict[str, str]) -> None:
    wanted = partition("2013", "jan", "1", Parameters={"a": "b"})
    wanted["LastAccessTime"] = datetime(2013, 1, 1, tzinfo=UTC)
    glue.create_partition(PartitionInput=wanted, **table)
    values = ["2013", "jan", "1"]
    found = glue.get_partition(PartitionValues=values, **table)["Partition"]
    assert found["Values"] == values
    assert found["Parameters"] == {"a": "b"}
    assert found["LastAccessTime"] == wanted["LastAccessTime"]
    assert found["StorageDescriptor"]["Location"] == "s3://lake/2013/jan/1/"
    assert (found["DatabaseName"], found["TableName"]) == ("db", "t")
    exists = ("AlreadyExistsException", "Partition already exists.")
    assert refused(glue.create_partition, PartitionInput=wanted, **table) == exists
    moved = partition("2014", "jan", "1")
    glue.update_partition(PartitionValueList=values, PartitionInput=moved, **table)
    missing = ("EntityNotFoundException", "Cannot find partition.")
    assert refused(glue.get_partition, PartitionValues=values, **table) == missing
    after = glue.get_partition(PartitionValues=["2014", "jan", "1"], **table)["Partition"]
    assert after["CreationTime"] == found["CreationTime"]
    assert "Parameters" not in after
    glue.create_partition(PartitionInput=wanted, **table)
    clash = {"PartitionValueList": values, "PartitionInput": moved}
    assert refused(glue.update_partition, **clash, **table) == exists
    glue.delete_partition(PartitionValues=values, **table)
    assert refused(glue.delete_partition, PartitionValues=values, **table) == missing


def test_a_partition_needs_a_value_for_each_key(glue: Any, table: dict[str, str]) -> None:
    wrong = (
        "InvalidInputException",
        "The number of partition keys do not match the number of partition values",
    )
    few = partition("2013")
    assert refused(glue.create_partition, PartitionInput=few, **table) == wrong
    assert refused(glue.batch_create_partition, PartitionInputList=[few], **table) == wrong
    nowhere = {"DatabaseName": "db", "TableName": "nope"}
    assert refused(glue.create_partition, PartitionInput=few, **nowhere) == (
        "EntityNotFoundException",
        "Table nope not found.",
    )


def test_batches_report_entry_by_entry(glue: Any, table: dict[str, str]) -> None:
    some = [partition("2013", month, "1") for month in ("jan", "feb")]
    assert glue.batch_create_partition(PartitionInputList=some, **table)["Errors"] == []
    again = glue.batch_create_partition(
        PartitionInputList=[*some, partition("2013", "mar", "1")], **table
    )
    assert [one["PartitionValues"][1] for one in again["Errors"]] == ["jan", "feb"]
    assert again["Errors"][0]["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"
    got = glue.batch_get_partition(
        PartitionsToGet=[{"Values": ["2013", m, "1"]} for m in ("mar", "nope", "jan")], **table
    )
    assert [one["Values"][1] for one in got["Partitions"]] == ["mar", "jan"]
    assert got["UnprocessedKeys"] == []
    changed = glue.batch_update_partition(
        Entries=[
            {
                "PartitionValueList": ["2013", month, "1"],
                "PartitionInput": partition("2013", month, "1", Parameters={"n": month}),
            }
            for month in ("jan", "nope")
        ],
        **table,
    )
    assert changed["Errors"][0]["PartitionValueList"] == ["2013", "nope", "1"]
    assert changed["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    january = glue.get_partition(PartitionValues=["2013", "jan", "1"], **table)["Partition"]
    assert january["Parameters"] == {"n": "jan"}
    gone = glue.batch_delete_partition(
        PartitionsToDelete=[{"Values": ["2013", m, "1"]} for m in ("jan", "nope")], **table
    )
    assert [one["PartitionValues"][1] for one in gone["Errors"]] == ["nope"]
    left = glue.get_partitions(**table)["Partitions"]
    assert [one["Values"][1] for one in left] == ["feb", "mar"]


def test_partitions_by_expression_page_and_segment(glue: Any, table: dict[str, str]) -> None:
    every = [(str(year), f"m{m}", "0.5") for year in range(2010, 2015) for m in range(6)]
    glue.batch_create_partition(PartitionInputList=[partition(*v) for v in every], **table)

    def values(**request: Any) -> list[tuple[str, ...]]:
        pages = glue.get_paginator("get_partitions").paginate(**request, **table)
        return [tuple(one["Values"]) for page in pages for one in page["Partitions"]]

    assert sorted(values()) == every
    assert sorted(values(PaginationConfig={"PageSize": 7})) == every
    asked = {"Expression": "year = 2013 and month in ('m1', 'm2')"}
    assert values(**asked) == [("2013", "m1", "0.5"), ("2013", "m2", "0.5")]
    assert len(values(PaginationConfig={"PageSize": 1}, **asked)) == 2
    assert values(Expression="  ") == sorted(every)
    segments = [values(Segment={"SegmentNumber": n, "TotalSegments": 3}) for n in range(3)]
    assert sorted(one for segment in segments for one in segment) == every
    assert all(segments)
    bare = glue.get_partitions(ExcludeColumnSchema=True, MaxResults=1, **table)["Partitions"][0]
    assert "Columns" not in bare["StorageDescriptor"]
    assert bare["StorageDescriptor"]["Location"]
    wrong = {"Segment": {"SegmentNumber": 3, "TotalSegments": 3}}
    assert refused(glue.get_partitions, **wrong, **table)[0] == "InvalidInputException"
    assert refused(glue.get_partitions, Expression="nope = 1", **table) == (
        "InvalidInputException",
        "Invalid partition expression!",
    )
    assert refused(glue.get_partitions, MaxResults=1001, **table)[0] == "ValidationException"


def test_a_quote_in_a_value_is_only_a_value(glue: Any, table: dict[str, str]) -> None:
    odd = ["2013", 'o\'ne\\ "x" é 😀', "1"]
    glue.create_partition(PartitionInput={"Values": odd}, **table)
    assert glue.get_partition(PartitionValues=odd, **table)["Partition"]["Values"] == odd
    assert glue.get_partitions(**table)["Partitions"][0]["Values"] == odd


@pytest.mark.slow
def test_many_partitions_are_quick(glue: Any, table: dict[str, str]) -> None:
    began = time.monotonic()
    for year in range(100):
        some = [partition(str(year), f"m{n}", "1") for n in range(100)]
        glue.batch_create_partition(PartitionInputList=some, **table)
    created = time.monotonic() - began
    began = time.monotonic()
    pages = glue.get_paginator("get_partitions").paginate(**table)
    assert sum(len(page["Partitions"]) for page in pages) == 10_000
    read = time.monotonic() - began
    assert created < 30
    assert read < 10


def test_indexes_of_a_table(glue: Any, table: dict[str, str]) -> None:
    def index(name: str, *keys: str) -> dict[str, Any]:
        return {"PartitionIndex": {"IndexName": name, "Keys": list(keys)}, **table}

    glue.create_partition_index(**index("by_year", "year"))
    found = glue.get_partition_indexes(**table)["PartitionIndexDescriptorList"]
    assert found == [
        {
            "IndexName": "by_year",
            "Keys": [{"Name": "year", "Type": "int"}],
            "IndexStatus": "ACTIVE",
        }
    ]
    assert refused(glue.create_partition_index, **index("by_year", "month")) == (
        "AlreadyExistsException",
        "Partition Index by_year already exists with the same name.",
    )
    assert refused(glue.create_partition_index, **index("other", "year")) == (
        "AlreadyExistsException",
        "Partition Index other already exists with the same keys.",
    )
    assert refused(glue.create_partition_index, **index("bad", "nope")) == (
        "InvalidInputException",
        "IndexKeys not a part of PartitionColumns. Verify the indexKeys : [nope]",
    )
    assert refused(glue.create_partition_index, **index("bad", "ratio"))[0] == (
        "InvalidInputException"
    )
    glue.create_partition_index(**index("by_month", "month"))
    glue.create_partition_index(**index("by_both", "year", "month"))
    assert refused(glue.create_partition_index, **index("fourth", "month", "year")) == (
        "ResourceNumberLimitExceededException",
        "Partition index limit exceeded. Maximum: 3",
    )
    glue.delete_partition_index(IndexName="by_month", **table)
    assert refused(glue.delete_partition_index, IndexName="by_month", **table)[0] == (
        "EntityNotFoundException"
    )


def test_a_table_may_be_made_with_indexes(glue: Any, table: dict[str, str]) -> None:
    keys = [{"Name": "a", "Type": "string"}]
    glue.create_table(
        DatabaseName="db",
        TableInput={"Name": "indexed", "PartitionKeys": keys},
        PartitionIndexes=[{"IndexName": "i", "Keys": ["a"]}],
    )
    found = glue.get_partition_indexes(DatabaseName="db", TableName="indexed")
    assert found["PartitionIndexDescriptorList"][0]["IndexName"] == "i"


def statistics(column: str, least: int) -> dict[str, Any]:
    data = {
        "MinimumValue": least,
        "MaximumValue": 10,
        "NumberOfNulls": 0,
        "NumberOfDistinctValues": 5,
    }
    return {
        "ColumnName": column,
        "ColumnType": "bigint",
        "AnalyzedTime": datetime(2013, 1, 1, tzinfo=UTC),
        "StatisticsData": {"Type": "LONG", "LongColumnStatisticsData": data},
    }


def test_column_statistics_of_tables_and_partitions(glue: Any, table: dict[str, str]) -> None:
    glue.create_partition(PartitionInput=partition("2013", "jan", "1"), **table)
    values = {"PartitionValues": ["2013", "jan", "1"]}
    wrong = {**statistics("delay", 1), "StatisticsData": {"Type": "DOUBLE"}}
    answer = glue.update_column_statistics_for_table(
        ColumnStatisticsList=[statistics("delay", 1), statistics("nope", 1), wrong], **table
    )
    assert [one["Error"]["ErrorCode"] for one in answer["Errors"]] == [
        "EntityNotFoundException",
        "InvalidInputException",
    ]
    glue.update_column_statistics_for_table(ColumnStatisticsList=[statistics("delay", 2)], **table)
    glue.update_column_statistics_for_partition(
        ColumnStatisticsList=[statistics("delay", 3)], **values, **table
    )
    asked = {"ColumnNames": ["delay", "year"], **table}
    found = glue.get_column_statistics_for_table(**asked)
    assert found["ColumnStatisticsList"] == [statistics("delay", 2)]
    assert found["Errors"] == [
        {
            "ColumnName": "year",
            "Error": {
                "ErrorCode": "EntityNotFoundException",
                "ErrorMessage": "Statistics do not exist for this column",
            },
        }
    ]
    of_part = glue.get_column_statistics_for_partition(**values, **asked)
    assert of_part["ColumnStatisticsList"] == [statistics("delay", 3)]
    glue.delete_column_statistics_for_table(ColumnName="delay", **table)
    glue.delete_column_statistics_for_table(ColumnName="delay", **table)
    assert glue.get_column_statistics_for_table(**asked)["ColumnStatisticsList"] == []
    assert glue.get_column_statistics_for_partition(**values, **asked)["ColumnStatisticsList"]
    glue.delete_partition(**values, **table)
    assert refused(glue.get_column_statistics_for_partition, **values, **asked) == (
        "EntityNotFoundException",
        "Cannot find partition.",
    )
