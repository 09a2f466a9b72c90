"""The Glue Data Catalog: databases, tables, their versions, search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def glue(aws: boto3.Session) -> Any:
    return aws.client("glue")


@pytest.fixture
def db(glue: Any) -> Iterator[str]:
    glue.create_database(DatabaseInput={"Name": "flights"})
    yield "flights"
    glue.delete_database(Name="flights")


def refused(call: Any, **request: Any) -> tuple[str, str]:
    """Return code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def storage(*columns: str, **more: Any) -> dict[str, Any]:
    return {
        "Columns": [{"Name": name, "Type": "string"} for name in columns],
        "Location": "s3://lake/flights/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "x", "Parameters": {"field.delim": ","}},
        **more,
    }


def test_a_database_is_made_read_changed_and_removed(glue: Any) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    glue.create_database(
        DatabaseInput={"Name": "MyDB", "Description": "d", "LocationUri": "s3://lake/mydb/"}
    )
    found = glue.get_database(Name="MYDB")["Database"]
    assert found["Name"] == "mydb"
    assert found["CatalogId"] == "123456789012"
    assert found["LocationUri"] == "s3://lake/mydb/"
    assert before < found["CreateTime"] < datetime.now(UTC) + timedelta(seconds=2)
    assert found["CreateTableDefaultPermissions"][0]["Permissions"] == ["ALL"]
    glue.update_database(Name="mydb", DatabaseInput={"Name": "mydb", "Parameters": {"a": "b"}})
    changed = glue.get_database(Name="mydb")["Database"]
    assert changed["Parameters"] == {"a": "b"}
    assert "Description" not in changed
    assert changed["CreateTime"] == found["CreateTime"]
    glue.delete_database(Name="mydb")
    assert refused(glue.get_database, Name="mydb") == (
        "EntityNotFoundException",
        "Database mydb not found.",
    )


def test_a_database_that_is_there_or_not(glue: Any, db: str) -> None:
    assert refused(glue.create_database, DatabaseInput={"Name": "Flights"}) == (
        "AlreadyExistsException",
        "Database already exists.",
    )
    missing = ("EntityNotFoundException", "Database nope not found.")
    assert refused(glue.delete_database, Name="nope") == missing
    assert refused(glue.get_tables, DatabaseName="nope") == missing
    assert refused(glue.get_table, DatabaseName="nope", Name="t") == missing
    assert refused(glue.create_table, DatabaseName="nope", TableInput={"Name": "t"}) == missing


def test_databases_come_in_pages(glue: Any) -> None:
    names = [f"page{n:02}" for n in range(7)]
    for name in names:
        glue.create_database(DatabaseInput={"Name": name})
    pages = list(glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["DatabaseList"]) for page in pages] == [3, 3, 1]
    assert [one["Name"] for page in pages for one in page["DatabaseList"]] == names
    only = glue.get_databases(AttributesToGet=["NAME"])["DatabaseList"][0]
    assert set(only) == {"Name", "CatalogId"}
    assert refused(glue.get_databases, NextToken="%%%")[0] == "InvalidInputException"
    for name in names:
        glue.delete_database(Name=name)


def test_a_renamed_database_keeps_its_tables(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t"})
    glue.update_database(Name=db, DatabaseInput={"Name": "Renamed"})
    assert glue.get_table(DatabaseName="renamed", Name="t")["Table"]["DatabaseName"] == "renamed"
    glue.update_database(Name="renamed", DatabaseInput={"Name": db})


def test_a_table_keeps_every_member_of_its_input(glue: Any, db: str) -> None:
    wanted = {
        "Name": "Everything",
        "Description": "d",
        "Owner": "me",
        "LastAccessTime": datetime(2013, 1, 1, tzinfo=UTC),
        "Retention": 7,
        "StorageDescriptor": storage(
            "a",
            Parameters={"sizeKey": "1"},
            BucketColumns=["a"],
            NumberOfBuckets=4,
            SortColumns=[{"Column": "a", "SortOrder": 1}],
            SkewedInfo={"SkewedColumnNames": ["a"]},
            StoredAsSubDirectories=True,
            AdditionalLocations=["s3://lake/more/"],
        ),
        "PartitionKeys": [
            {"Name": "year", "Type": "int", "Comment": "c", "Parameters": {"p": "q"}}
        ],
        "ViewOriginalText": "SELECT 1",
        "ViewExpandedText": "SELECT 1",
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"classification": "csv"},
    }
    glue.create_table(DatabaseName=db, TableInput=wanted)
    table = glue.get_table(DatabaseName="FLIGHTS", Name="EVERYTHING")["Table"]
    for member in wanted:
        if member not in ("Name", "StorageDescriptor"):
            assert table[member] == wanted[member], member
    assert table["StorageDescriptor"] == {"Compressed": False, **wanted["StorageDescriptor"]}
    assert table["Name"] == "everything"
    assert table["DatabaseName"] == db
    assert table["VersionId"] == "0"
    assert table["IsRegisteredWithLakeFormation"] is False
    assert table["CreatedBy"].startswith("arn:aws:iam::123456789012:")
    assert table["CreateTime"] == table["UpdateTime"]


def test_a_bare_table_has_the_defaults_that_glue_shows(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "bare", "StorageDescriptor": {}})
    table = glue.get_table(DatabaseName=db, Name="bare")["Table"]
    assert table["PartitionKeys"] == []
    assert table["Retention"] == 0
    assert table["StorageDescriptor"] == {
        "Compressed": False,
        "NumberOfBuckets": 0,
        "SortColumns": [],
        "StoredAsSubDirectories": False,
    }


def test_a_table_that_is_there_or_not(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t"})
    assert refused(glue.create_table, DatabaseName=db, TableInput={"Name": "T"}) == (
        "AlreadyExistsException",
        "Table already exists.",
    )
    missing = ("EntityNotFoundException", "Table nope not found.")
    assert refused(glue.get_table, DatabaseName=db, Name="nope") == missing
    assert refused(glue.delete_table, DatabaseName=db, Name="nope") == missing
    assert refused(glue.update_table, DatabaseName=db, TableInput={"Name": "nope"}) == missing
    glue.delete_table(DatabaseName=db, Name="t")
    assert refused(glue.get_table, DatabaseName=db, Name="t")[1] == "Table t not found."


def test_tables_by_expression_and_in_pages(glue: Any, db: str) -> None:
    for name in ("air_lines", "air_ports", "planes", "weather"):
        glue.create_table(DatabaseName=db, TableInput={"Name": name, "TableType": "X"})

    def names(expression: str) -> list[str]:
        found = glue.get_tables(DatabaseName=db, Expression=expression)["TableList"]
        return [table["Name"] for table in found]

    assert names("air*") == ["air_lines", "air_ports"]
    assert names("air.*") == ["air_lines", "air_ports"]
    assert names("*port*") == ["air_ports"]
    assert names("*er") == ["weather"]
    assert names("planes|weather") == ["planes", "weather"]
    assert names("plane") == []
    pages = glue.get_paginator("get_tables").paginate(
        DatabaseName=db, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["TableList"]) for page in pages] == [3, 1]
    short = glue.get_tables(DatabaseName=db, AttributesToGet=["NAME", "TABLE_TYPE"])["TableList"]
    assert short[0] == {
        "Name": "air_lines",
        "DatabaseName": db,
        "CatalogId": "123456789012",
        "TableType": "X",
    }
    assert refused(glue.get_tables, DatabaseName=db, Expression="(")[0] == "InvalidInputException"


def test_updates_leave_versions(glue: Any, db: str) -> None:
    for description in ("first", "second", "third"):
        call = glue.create_table if description == "first" else glue.update_table
        call(DatabaseName=db, TableInput={"Name": "t", "Description": description})
    assert glue.get_table(DatabaseName=db, Name="t")["Table"]["VersionId"] == "2"
    glue.update_table(DatabaseName=db, TableInput={"Name": "t"}, SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=db, TableName="t")["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["3", "1", "0"]
    assert versions[1]["Table"]["Description"] == "second"
    assert isinstance(versions[1]["Table"]["CreateTime"], datetime)
    pages = glue.get_paginator("get_table_versions").paginate(
        DatabaseName=db, TableName="t", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["TableVersions"]) for page in pages] == [2, 1]
    one = glue.get_table_version(DatabaseName=db, TableName="t", VersionId="1")["TableVersion"]
    assert one["Table"]["VersionId"] == one["VersionId"] == "1"
    newest = glue.get_table_version(DatabaseName=db, TableName="t")["TableVersion"]
    assert newest["VersionId"] == "3"
    glue.delete_table_version(DatabaseName=db, TableName="t", VersionId="0")
    answer = glue.batch_delete_table_version(DatabaseName=db, TableName="t", VersionIds=["0", "1"])
    assert [(one["VersionId"], one["ErrorDetail"]["ErrorCode"]) for one in answer["Errors"]] == [
        ("0", "EntityNotFoundException")
    ]
    missing = refused(glue.get_table_version, DatabaseName=db, TableName="t", VersionId="1")
    assert missing == ("EntityNotFoundException", "Version not found.")


def test_an_update_of_another_version_is_refused(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t"})
    glue.update_table(DatabaseName=db, TableInput={"Name": "t"}, VersionId="0")
    late = {"DatabaseName": db, "TableInput": {"Name": "t"}, "VersionId": "0"}
    assert refused(glue.update_table, **late) == (
        "ConcurrentModificationException",
        "Update table failed due to concurrent modifications.",
    )
    assert glue.get_table(DatabaseName=db, Name="t")["Table"]["VersionId"] == "1"


def test_tables_are_removed_in_a_batch(glue: Any, db: str) -> None:
    for name in ("a", "b"):
        glue.create_table(DatabaseName=db, TableInput={"Name": name})
    answer = glue.batch_delete_table(DatabaseName=db, TablesToDelete=["a", "missing", "b"])
    assert answer["Errors"] == [
        {
            "TableName": "missing",
            "ErrorDetail": {
                "ErrorCode": "EntityNotFoundException",
                "ErrorMessage": "Table missing not found",
            },
        }
    ]
    assert glue.get_tables(DatabaseName=db)["TableList"] == []


def test_a_database_takes_its_tables_with_it(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "gone"})
    keys = [{"Name": "p", "Type": "string"}]
    table = {"Name": "t", "PartitionKeys": keys, "StorageDescriptor": storage("a")}
    glue.create_table(DatabaseName="gone", TableInput=table)
    glue.create_partition(DatabaseName="gone", TableName="t", PartitionInput={"Values": ["1"]})
    glue.delete_database(Name="gone")
    glue.create_database(DatabaseInput={"Name": "gone"})
    glue.create_table(DatabaseName="gone", TableInput=table)
    assert glue.get_partitions(DatabaseName="gone", TableName="t")["Partitions"] == []
    glue.delete_database(Name="gone")


def test_requests_beyond_the_models_limits_are_refused_in_awss_words(glue: Any, db: str) -> None:
    assert refused(glue.get_tables, DatabaseName=db, MaxResults=101) == (
        "ValidationException",
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
    )
    code, message = refused(
        glue.create_table,
        DatabaseName=db,
        TableInput={"Name": "n" * 256, "StorageDescriptor": {"Columns": [{"Name": "a\n"}]}},
    )
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: Value 'nnn")
    assert "at 'tableInput.name' failed to satisfy constraint: Member must have length less" in (
        message
    )
    assert "at 'tableInput.storageDescriptor.columns.1.member.name' failed" in message


def test_catalogs_of_other_accounts_are_not_ours(glue: Any, db: str) -> None:
    assert glue.get_database(Name=db, CatalogId="123456789012")["Database"]["Name"] == db
    assert refused(glue.get_database, Name=db, CatalogId="999999999999")[0] == (
        "AccessDeniedException"
    )
    assert refused(glue.get_database, Name=db, CatalogId="nope")[0] == "EntityNotFoundException"


def test_regions_are_apart(aws: boto3.Session, db: str) -> None:
    elsewhere = aws.client("glue", region_name="eu-west-1")
    assert elsewhere.get_databases()["DatabaseList"] == []


def test_a_catalog_of_its_own_holds_databases(glue: Any) -> None:
    glue.create_catalog(Name="second", CatalogInput={"Description": "d"})
    own = "123456789012:second"
    assert glue.get_catalog(CatalogId=own)["Catalog"]["Description"] == "d"
    glue.create_database(CatalogId=own, DatabaseInput={"Name": "inner"})
    names = [one["Name"] for one in glue.get_databases(CatalogId=own)["DatabaseList"]]
    assert names == ["inner"]
    assert refused(glue.get_database, Name="inner")[0] == "EntityNotFoundException"
    assert [one["Name"] for one in glue.get_catalogs()["CatalogList"]] == ["second"]
    glue.delete_catalog(CatalogId=own)
    assert refused(glue.get_catalog, CatalogId=own)[0] == "EntityNotFoundException"


def test_a_resource_link_leads_to_its_target(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t"})
    target = {"CatalogId": "123456789012", "DatabaseName": db}
    glue.create_database(DatabaseInput={"Name": "link", "TargetDatabase": target})
    assert glue.get_database(Name="link")["Database"]["TargetDatabase"] == target
    assert glue.get_table(DatabaseName="link", Name="t")["Table"]["DatabaseName"] == db
    assert [t["Name"] for t in glue.get_tables(DatabaseName="link")["TableList"]] == ["t"]
    glue.delete_database(Name="link")
    assert glue.get_table(DatabaseName=db, Name="t")


def test_search_finds_tables_by_fields_words_and_times(glue: Any, db: str) -> None:
    early = datetime.now(UTC) - timedelta(minutes=1)
    glue.create_table(
        DatabaseName=db,
        TableInput={
            "Name": "customer-orders",
            "Description": "Orders of all customers",
            "Parameters": {"classification": "parquet"},
            "StorageDescriptor": storage("order_id"),
        },
    )
    glue.create_table(DatabaseName=db, TableInput={"Name": "planes", "Owner": "ops"})

    def names(**request: Any) -> list[str]:
        return [table["Name"] for table in glue.search_tables(**request)["TableList"]]

    assert names() == ["customer-orders", "planes"]
    assert names(Filters=[{"Key": "Name", "Value": "customer"}]) == ["customer-orders"]
    assert names(Filters=[{"Key": "Name", "Value": "cust"}]) == []
    assert names(Filters=[{"Key": "classification", "Value": "parquet"}]) == ["customer-orders"]
    by_database = {"Key": "DatabaseName", "Value": db}
    assert names(Filters=[by_database, {"Key": "Owner", "Value": "ops"}]) == ["planes"]
    newer = {"Key": "CreateTime", "Value": early.isoformat(), "Comparator": "GREATER_THAN"}
    assert names(Filters=[newer]) == ["customer-orders", "planes"]
    assert names(SearchText="order_id") == ["customer-orders"]
    assert names(SearchText='"planes"') == ["planes"]
    assert names(SearchText='"plane"') == []
    downwards = [{"FieldName": "Name", "Sort": "DESC"}]
    assert names(SortCriteria=downwards) == ["planes", "customer-orders"]
    first = glue.search_tables(MaxResults=1)
    second = glue.search_tables(MaxResults=1, NextToken=first["NextToken"])
    assert [t["Name"] for t in second["TableList"]] == ["planes"]
    assert "NextToken" not in second
    wrong = [{"FieldName": "Nope", "Sort": "ASC"}]
    assert refused(glue.search_tables, SortCriteria=wrong)[0] == "InvalidInputException"


def test_unfiltered_metadata_allows_every_column(glue: Any, db: str) -> None:
    keys = [{"Name": "p", "Type": "string"}]
    glue.create_table(
        DatabaseName=db,
        TableInput={"Name": "t", "PartitionKeys": keys, "StorageDescriptor": storage("a", "b")},
    )
    glue.create_partition(DatabaseName=db, TableName="t", PartitionInput={"Values": ["1"]})
    asked = {
        "CatalogId": "123456789012",
        "DatabaseName": db,
        "SupportedPermissionTypes": ["COLUMN_PERMISSION"],
    }
    answer = glue.get_unfiltered_table_metadata(Name="t", **asked)
    assert answer["AuthorizedColumns"] == ["a", "b", "p"]
    assert answer["Table"]["Name"] == "t"
    found = glue.get_unfiltered_partitions_metadata(TableName="t", **asked)
    assert found["UnfilteredPartitions"][0]["Partition"]["Values"] == ["1"]


def test_tags_of_a_database_are_seen_by_the_tagging_api(aws: boto3.Session, glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "tagged"}, Tags={"team": "data"})
    arn = "arn:aws:glue:us-east-1:123456789012:database/tagged"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data"}
    found = aws.client("resourcegroupstaggingapi").get_resources(ResourceARNList=[arn])
    assert found["ResourceTagMappingList"][0]["Tags"] == [{"Key": "team", "Value": "data"}]
    glue.delete_database(Name="tagged")
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}


def test_the_catalog_survives_a_kill(labcloud_server: Any) -> None:
    glue = labcloud_server.session().client("glue")
    glue.create_database(DatabaseInput={"Name": "kept"})
    glue.create_table(DatabaseName="kept", TableInput={"Name": "t"})
    glue.update_table(DatabaseName="kept", TableInput={"Name": "t", "Description": "new"})
    labcloud_server.kill()
    labcloud_server.restart()
    table = glue.get_table(DatabaseName="kept", Name="t")["Table"]
    assert table["Description"] == "new"
    assert table["VersionId"] == "1"


def test_odd_characters_and_tokens_are_no_failures_of_ours(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t", "Parameters": {"é": "😀\ud800"}})
    assert glue.get_table(DatabaseName=db, Name="t")["Table"]["Parameters"] == {"é": "😀\ud800"}
    asked = {"DatabaseName": db, "TableName": "t"}
    assert refused(glue.get_table_version, VersionId="9" * 30, **asked)[0] == (
        "InvalidInputException"
    )
    glue.create_table(DatabaseName=db, TableInput={"Name": "u"})
    token = glue.get_tables(DatabaseName=db, MaxResults=1)["NextToken"]
    assert refused(glue.get_table_versions, NextToken=token, **asked)[0] == "InvalidInputException"


def test_a_new_table_has_no_optimizer_of_an_old_one(glue: Any, db: str) -> None:
    asked = {
        "CatalogId": "123456789012",
        "DatabaseName": db,
        "TableName": "t",
        "Type": "retention",
    }
    for _ in range(2):
        glue.create_table(
            DatabaseName=db, TableInput={"Name": "t", "Parameters": {"table_type": "ICEBERG"}}
        )
        glue.create_table_optimizer(TableOptimizerConfiguration={"enabled": True}, **asked)
        glue.delete_table(DatabaseName=db, Name="t")
