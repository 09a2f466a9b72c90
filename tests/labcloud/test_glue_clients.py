"""Clients of the Glue Data Catalog over HTTP, as from a notebook: awswrangler, pyiceberg.

Their own documented calls; the tables lie in labcloud's S3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pandas as pd
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import (
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.types import LongType


@pytest.fixture(scope="module")
def lake(aws: boto3.Session) -> str:
    aws.client("s3").create_bucket(Bucket="lake")
    return "s3://lake"


@pytest.fixture(scope="module")
def glue(aws: boto3.Session) -> Any:
    return aws.client("glue")


@pytest.fixture
def wr(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """awswrangler as students have it: reached through AWS's own variables."""
    for name, value in {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    import awswrangler

    return awswrangler


@pytest.fixture(scope="module")
def iceberg(cloud: Any, lake: str) -> Catalog:
    keys = {"access-key-id": "test", "secret-access-key": "test", "region": "us-east-1"}
    properties = {
        f"{kind}.{name}": value for kind in ("s3", "glue") for name, value in keys.items()
    }
    return load_catalog(
        "glue",
        type="glue",
        warehouse=f"{lake}/warehouse",
        **{"s3.endpoint": cloud.url, "glue.endpoint": cloud.url},
        **properties,
    )


ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", "c"]})


def test_pyiceberg_makes_fills_changes_and_drops_a_table(iceberg: Catalog, glue: Any) -> None:
    iceberg.create_namespace("ice", {"comment": "cold", "owner": "me"})
    assert ("ice",) in iceberg.list_namespaces()
    assert iceberg.load_namespace_properties("ice")["comment"] == "cold"
    with pytest.raises(NamespaceAlreadyExistsError):
        iceberg.create_namespace("ice")
    iceberg.update_namespace_properties("ice", removals={"owner"}, updates={"team": "data"})
    assert iceberg.load_namespace_properties("ice")["team"] == "data"

    table = iceberg.create_table("ice.rows", schema=ROWS.schema)
    with pytest.raises(TableAlreadyExistsError):
        iceberg.create_table("ice.rows", schema=ROWS.schema)
    table.append(ROWS)
    table.append(ROWS)
    assert iceberg.load_table("ice.rows").scan(row_filter="id > 1").to_arrow().num_rows == 4
    with table.update_schema() as update:
        update.add_column("extra", LongType())
    table.append(ROWS.append_column("extra", pa.array([7, 8, 9], pa.int64())))
    assert iceberg.load_table("ice.rows").scan().to_pandas()["extra"].sum() == 24
    kept = glue.get_table(DatabaseName="ice", Name="rows")["Table"]
    assert kept["Parameters"]["table_type"] == "ICEBERG"
    assert [c["Name"] for c in kept["StorageDescriptor"]["Columns"]] == ["id", "name", "extra"]

    with pytest.raises(NamespaceNotEmptyError):
        iceberg.drop_namespace("ice")
    iceberg.rename_table("ice.rows", "ice.renamed")
    assert iceberg.list_tables("ice") == [("ice", "renamed")]
    iceberg.purge_table("ice.renamed")
    with pytest.raises(NoSuchTableError):
        iceberg.load_table("ice.renamed")
    iceberg.drop_namespace("ice")


def test_two_writers_of_an_iceberg_table_both_get_through(iceberg: Catalog) -> None:
    iceberg.create_namespace("race")
    iceberg.create_table("race.t", schema=ROWS.schema)
    first, second = iceberg.load_table("race.t"), iceberg.load_table("race.t")
    first.append(ROWS)
    second.append(ROWS)
    assert iceberg.load_table("race.t").scan().to_arrow().num_rows == 6
    iceberg.drop_table("race.t")
    iceberg.drop_namespace("race")


def test_create_table_makes_an_iceberg_table_of_columns(
    iceberg: Catalog, glue: Any, lake: str
) -> None:
    glue.create_database(DatabaseInput={"Name": "open"})
    columns = [
        {"Name": "id", "Type": "bigint", "Comment": "the id"},
        {"Name": "deep", "Type": "map<string,array<struct<x:int,y:decimal(10,2)>>>"},
    ]
    glue.create_table(
        DatabaseName="open",
        TableInput={
            "Name": "Made",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {"Location": f"{lake}/open/made/", "Columns": columns},
        },
        OpenTableFormatInput={"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}},
    )
    table = iceberg.load_table("open.made")
    assert str(table.schema().find_type("deep")) == (
        "map<string, list<struct<6: x: optional int, 7: y: optional decimal(10, 2)>>>"
    )
    table.append(pa.table({"id": pa.array([1], pa.int64())}))
    assert table.scan().to_arrow().num_rows == 1
    with pytest.raises(glue.exceptions.InvalidInputException, match="Unsupported column type"):
        glue.create_table(
            DatabaseName="open",
            TableInput={
                "Name": "bad",
                "StorageDescriptor": {
                    "Location": f"{lake}/open/bad/",
                    "Columns": [{"Name": "a", "Type": "nonsense"}],
                },
            },
            OpenTableFormatInput={"IcebergInput": {"MetadataOperation": "CREATE"}},
        )
    glue.delete_database(Name="open")


def test_an_iceberg_table_of_a_schema_is_made_and_changed(
    iceberg: Catalog, glue: Any, lake: str
) -> None:
    glue.create_database(DatabaseInput={"Name": "open"})
    fields: list[dict[str, Any]] = [
        {"Id": 1, "Name": "id", "Type": "long", "Required": True},
        {"Id": 2, "Name": "at", "Type": "timestamp", "Required": False},
    ]
    location = f"{lake}/open/spec"
    glue.create_table(
        DatabaseName="open",
        Name="spec",
        OpenTableFormatInput={
            "IcebergInput": {
                "MetadataOperation": "CREATE",
                "CreateIcebergTableInput": {
                    "Location": location,
                    "Schema": {"Type": "struct", "Fields": fields},
                    "PartitionSpec": {
                        "Fields": [{"SourceId": 2, "Transform": "day", "Name": "day"}]
                    },
                    "Properties": {"write.format.default": "parquet"},
                },
            }
        },
    )
    table = iceberg.load_table("open.spec")
    assert [field.name for field in table.spec().fields] == ["day"]
    listed = {"type": "list", "element-id": 4, "element": "string", "element-required": False}
    fields.append({"Id": 3, "Name": "tags", "Type": listed, "Required": False})
    change = {
        "Location": location,
        "Schema": {"Type": "struct", "Fields": fields},
        "Properties": {"team": "data"},
    }
    glue.update_table(
        DatabaseName="open",
        Name="spec",
        UpdateOpenTableFormatInput={
            "UpdateIcebergInput": {"UpdateIcebergTableInput": {"Updates": [change]}}
        },
    )
    changed = iceberg.load_table("open.spec")
    assert str(changed.schema().find_type("tags")) == "list<string>"
    assert changed.properties["team"] == "data"
    kept = glue.get_table(DatabaseName="open", Name="spec")["Table"]
    assert kept["StorageDescriptor"]["Columns"][2]["Type"] == "array<string>"
    assert kept["Parameters"]["previous_metadata_location"] == table.metadata_location
    glue.delete_database(Name="open")


@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")
def test_awswranglers_catalog_calls(wr: Any, lake: str) -> None:
    catalog = wr.catalog
    catalog.create_database("wr", description="d")
    catalog.create_database("wr", exist_ok=True)
    assert "wr" in list(catalog.databases()["Database"])
    frame = pd.DataFrame({"id": [1, 2], "v": ["a", "b"], "year": [2012, 2013]})
    where = {"database": "wr", "table": "t"}
    wr.s3.to_parquet(
        frame,
        f"{lake}/wr/t/",
        dataset=True,
        partition_cols=["year"],
        glue_table_settings={
            "description": "rows",
            "parameters": {"k": "v"},
            "columns_comments": {"id": "the id"},
        },
        **where,
    )
    assert list(catalog.table(**where)["Column Name"]) == ["id", "v", "year"]
    assert list(catalog.tables(database="wr", name_prefix="t")["Table"]) == ["t"]
    assert list(catalog.tables(database="wr", name_contains="x")["Table"]) == []
    assert [one["Name"] for one in catalog.get_tables(database="wr")] == ["t"]
    assert [one["Name"] for one in catalog.search_tables(text="the id")] == ["t"]
    assert catalog.get_table_types(**where) == {"id": "bigint", "v": "string", "year": "bigint"}
    assert catalog.get_table_location(**where) == f"{lake}/wr/t/"
    assert catalog.get_table_description(**where) == "rows"
    assert catalog.get_columns_comments(**where)["id"] == "the id"
    assert catalog.get_table_parameters(**where)["k"] == "v"
    assert catalog.get_parquet_partitions(expression="year=2013", **where) == {
        f"{lake}/wr/t/year=2013/": ["2013"]
    }
    more = {f"{lake}/wr/t/year=2014/": ["2014"]}
    catalog.add_parquet_partitions(partitions_values=more, **where)
    catalog.add_parquet_partitions(partitions_values=more, **where)
    assert len(catalog.get_partitions(**where)) == 3
    catalog.delete_partitions(partitions_values=[["2014"]], **where)
    catalog.add_column(column_name="n", column_type="double", column_comment="c", **where)
    assert catalog.get_table_types(**where)["n"] == "double"
    catalog.delete_column(column_name="n", **where)
    assert catalog.upsert_table_parameters(parameters={"z": "1"}, **where)["k"] == "v"
    assert catalog.overwrite_table_parameters(parameters={"y": "1"}, **where) == {"y": "1"}
    assert catalog.get_table_number_of_versions(**where) >= 1
    catalog.create_json_table(
        database="wr", table="j", path=f"{lake}/wr/j/", columns_types={"a": "int"}
    )
    assert catalog.does_table_exist(database="wr", table="j")
    assert not catalog.does_table_exist(database="wr", table="nope")
    catalog.delete_all_partitions(**where)
    assert catalog.get_partitions(**where) == {}
    assert catalog.delete_table_if_exists(**where)
    assert not catalog.delete_table_if_exists(**where)
    catalog.delete_database("wr")
    assert "wr" not in list(catalog.databases()["Database"])


def test_a_table_takes_its_columns_from_the_schema_registry(glue: Any) -> None:
    definition = (
        '{"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, '
        '{"name": "tags", "type": ["null", {"type": "array", "items": "string"}]}]}'
    )
    assert glue.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition=definition)[
        "Valid"
    ]
    wrong = glue.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition='{"type": "x"}')
    assert not wrong["Valid"]
    assert wrong["Error"]
    glue.create_registry(RegistryName="reg")
    schema = {"RegistryName": "reg", "SchemaName": "rows"}
    glue.create_schema(
        RegistryId={"RegistryName": "reg"},
        SchemaName="rows",
        DataFormat="AVRO",
        Compatibility="BACKWARD",
        SchemaDefinition=definition,
    )
    glue.create_database(DatabaseInput={"Name": "referring"})
    storage = {"SchemaReference": {"SchemaId": schema, "SchemaVersionNumber": 1}}
    glue.create_table(
        DatabaseName="referring", TableInput={"Name": "t", "StorageDescriptor": storage}
    )
    table = glue.get_table(DatabaseName="referring", Name="t")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint"},
        {"Name": "tags", "Type": "array<string>"},
    ]
    nowhere = {"SchemaReference": {"SchemaId": {**schema, "SchemaName": "nope"}}}
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.create_table(
            DatabaseName="referring", TableInput={"Name": "u", "StorageDescriptor": nowhere}
        )
    second = definition.replace('"tags"', '"labels"')
    glue.register_schema_version(SchemaId=schema, SchemaDefinition=second)
    listed = glue.list_schema_versions(SchemaId=schema)["Schemas"]
    assert [one["VersionNumber"] for one in listed] == [1, 2]
    assert [one["SchemaName"] for one in glue.list_schemas()["Schemas"]] == ["rows"]
    diff = glue.get_schema_versions_diff(
        SchemaId=schema,
        FirstSchemaVersionNumber={"VersionNumber": 1},
        SecondSchemaVersionNumber={"VersionNumber": 2},
        SchemaDiffType="SYNTAX_DIFF",
    )["Diff"]
    assert '"labels"' in diff
    number = {"SchemaId": schema, "SchemaVersionNumber": {"VersionNumber": 2}}
    pair = {"MetadataKey": "k", "MetadataValue": "v"}
    glue.put_schema_version_metadata(MetadataKeyValue=pair, **number)
    found = glue.query_schema_version_metadata(**number)["MetadataInfoMap"]
    assert found["k"]["MetadataValue"] == "v"
    glue.remove_schema_version_metadata(MetadataKeyValue=pair, **number)
    assert glue.query_schema_version_metadata(**number)["MetadataInfoMap"] == {}
    gone = glue.delete_schema_versions(SchemaId=schema, Versions="1-3")["SchemaVersionErrors"]
    assert [one["VersionNumber"] for one in gone] == [1, 3]
    glue.update_registry(RegistryId={"RegistryName": "reg"}, Description="new")
    assert glue.get_registry(RegistryId={"RegistryName": "reg"})["Description"] == "new"
    glue.delete_database(Name="referring")
