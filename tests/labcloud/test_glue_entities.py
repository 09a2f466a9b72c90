"""What the catalog keeps beside tables: functions, connections, classifiers, crawlers, rulesets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labcloud.engines.glue.cron import Cron, next_after


@pytest.fixture(scope="module")
def glue(aws: boto3.Session) -> Any:
    return aws.client("glue")


@pytest.fixture
def db(glue: Any) -> Iterator[str]:
    glue.create_database(DatabaseInput={"Name": "things"})
    yield "things"
    glue.delete_database(Name="things")


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


# ---- functions


def test_functions_are_kept_and_found_by_pattern(glue: Any, db: str) -> None:
    for name in ("To_Upper", "to_lower", "count_all"):
        kind = "AGGREGATE_FUNCTION" if name == "count_all" else "REGULAR_FUNCTION"
        glue.create_user_defined_function(
            DatabaseName=db,
            FunctionInput={"FunctionName": name, "ClassName": "x.Y", "FunctionType": kind},
        )
    one = {"DatabaseName": db, "FunctionName": "TO_UPPER"}
    found = glue.get_user_defined_function(**one)["UserDefinedFunction"]
    assert (found["FunctionName"], found["DatabaseName"]) == ("to_upper", db)
    assert found["CreateTime"]
    assert refused(
        glue.create_user_defined_function,
        DatabaseName=db,
        FunctionInput={"FunctionName": "to_upper"},
    ) == ("AlreadyExistsException", "Function already exists.")

    def names(**request: Any) -> list[str]:
        answer = glue.get_user_defined_functions(**request)
        return [one["FunctionName"] for one in answer["UserDefinedFunctions"]]

    assert names(DatabaseName=db, Pattern="*") == ["count_all", "to_lower", "to_upper"]
    assert names(Pattern="to_.*") == ["to_lower", "to_upper"]
    assert names(Pattern="*", FunctionType="AGGREGATE_FUNCTION") == ["count_all"]
    assert names(DatabaseName=db, Pattern="*", MaxResults=2) == ["count_all", "to_lower"]
    glue.update_user_defined_function(
        **one, FunctionInput={"FunctionName": "to_upper", "ClassName": "z"}
    )
    assert glue.get_user_defined_function(**one)["UserDefinedFunction"]["ClassName"] == "z"
    glue.delete_user_defined_function(**one)
    assert refused(glue.get_user_defined_function, **one)[0] == "EntityNotFoundException"
    assert refused(glue.get_user_defined_functions, DatabaseName="nope", Pattern="*")[1] == (
        "Database nope not found."
    )


# ---- connections


def connection(name: str, **more: Any) -> dict[str, Any]:
    properties = {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://localhost:5432/x",
        "USERNAME": "u",
        "PASSWORD": "secret",
    }
    return {
        "Name": name,
        "ConnectionType": "JDBC",
        "ConnectionProperties": properties,
        **more,
    }


def test_a_connection_hides_its_password_when_asked(glue: Any) -> None:
    answer = glue.create_connection(ConnectionInput=connection("c1", MatchCriteria=["a", "b"]))
    assert answer["CreateConnectionStatus"] == "READY"
    found = glue.get_connection(Name="c1")["Connection"]
    assert found["ConnectionProperties"]["PASSWORD"] == "secret"
    hidden = glue.get_connection(Name="c1", HidePassword=True)["Connection"]
    assert set(hidden["ConnectionProperties"]) == {"JDBC_CONNECTION_URL", "USERNAME"}
    assert refused(glue.create_connection, ConnectionInput=connection("c1")) == (
        "AlreadyExistsException",
        "Connection already exists.",
    )
    network = {"Name": "c2", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=network)

    def names(**wanted: Any) -> list[str]:
        return [one["Name"] for one in glue.get_connections(Filter=wanted)["ConnectionList"]]

    assert names() == ["c1", "c2"]
    assert names(ConnectionType="NETWORK") == ["c2"]
    assert names(MatchCriteria=["a"]) == ["c1"]
    assert names(MatchCriteria=["a", "z"]) == []
    glue.update_connection(Name="c1", ConnectionInput=connection("c1", Description="new"))
    assert glue.get_connection(Name="c1")["Connection"]["Description"] == "new"
    done = glue.batch_delete_connection(ConnectionNameList=["c1", "c2", "c3"])
    assert done["Succeeded"] == ["c1", "c2"]
    assert done["Errors"]["c3"]["ErrorCode"] == "EntityNotFoundException"
    assert refused(glue.get_connection, Name="c1") == (
        "EntityNotFoundException",
        "Connection c1 not found.",
    )


def test_a_connection_lacks_nothing_it_needs(glue: Any) -> None:
    bare = {"Name": "c", "ConnectionType": "JDBC", "ConnectionProperties": {"USERNAME": "u"}}
    assert refused(glue.create_connection, ConnectionInput=bare)[0] == "InvalidInputException"
    odd = connection("c", ConnectionProperties={"key": "value"})
    code, message = refused(glue.create_connection, ConnectionInput=odd)
    assert code == "ValidationException"
    assert "Map keys must satisfy constraint: [Member must satisfy enum value set: [" in message


def test_a_connection_is_tested_by_connecting(glue: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = f"jdbc:postgresql://127.0.0.1:{port}/db"
        asked = {"ConnectionType": "JDBC", "ConnectionProperties": {"JDBC_CONNECTION_URL": url}}
        glue.test_connection(TestConnectionInput=asked)
    code, message = refused(glue.test_connection, TestConnectionInput=asked)
    assert code == "InvalidInputException"
    assert "Connection refused" in message
    other = {"ConnectionType": "SALESFORCE", "ConnectionProperties": {}}
    assert refused(glue.test_connection, TestConnectionInput=other)[0] == (
        "NotImplementedByLabcloud"
    )


# ---- classifiers


def test_classifiers_of_each_kind(glue: Any) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "GrokClassifier": {
            "Name": "g",
            "Classification": "log",
            "GrokPattern": "%{TIMESTAMP_ISO8601:at} %{MINE:what}",
            "CustomPatterns": "MINE [a-z]+",
        },
        "XMLClassifier": {"Name": "x", "Classification": "xml", "RowTag": "row"},
        "JsonClassifier": {"Name": "j", "JsonPath": "$.rows[*]"},
        "CsvClassifier": {
            "Name": "c",
            "Delimiter": ";",
            "QuoteSymbol": "'",
            "ContainsHeader": "PRESENT",
            "Header": ["a", "b"],
        },
    }
    for form, members in wanted.items():
        glue.create_classifier(**{form: members})
        found = glue.get_classifier(Name=members["Name"])["Classifier"][form]
        assert members.items() <= found.items()
        assert found["Version"] == 1
        assert isinstance(found["CreationTime"], datetime)
    every = glue.get_classifiers()["Classifiers"]
    assert [next(iter(one)) for one in every] == [
        "CsvClassifier",
        "GrokClassifier",
        "JsonClassifier",
        "XMLClassifier",
    ]
    glue.update_classifier(CsvClassifier={"Name": "c", "Delimiter": "|"})
    changed = glue.get_classifier(Name="c")["Classifier"]["CsvClassifier"]
    assert (changed["Delimiter"], changed["QuoteSymbol"], changed["Version"]) == ("|", "'", 2)
    for name in "gxjc":
        glue.delete_classifier(Name=name)
    assert refused(glue.get_classifier, Name="g")[0] == "EntityNotFoundException"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"JsonClassifier": {"Name": "n", "JsonPath": "rows"}},
        {
            "GrokClassifier": {
                "Name": "n",
                "Classification": "x",
                "GrokPattern": "%{NO_SUCH_PATTERN:a}",
            }
        },
        {"CsvClassifier": {"Name": "n", "Delimiter": "'", "QuoteSymbol": "'"}},
        {"CsvClassifier": {"Name": "n", "Header": ["a", "A"]}},
        {"CsvClassifier": {"Name": "n", "CustomDatatypes": ["nope"]}},
        {
            "CsvClassifier": {"Name": "n"},
            "JsonClassifier": {"Name": "n", "JsonPath": "$"},
        },
    ],
)
def test_a_classifier_that_cannot_work_is_refused(glue: Any, request_: dict[str, Any]) -> None:
    assert refused(glue.create_classifier, **request_)[0] == "InvalidInputException"


# ---- crawlers


def crawler(name: str, **more: Any) -> dict[str, Any]:
    targets = {"S3Targets": [{"Path": "s3://lake/raw/"}]}
    return {"Name": name, "Role": "crawl", "DatabaseName": "things", "Targets": targets, **more}


def test_a_crawler_is_defined_changed_and_removed(glue: Any) -> None:
    glue.create_crawler(**crawler("one", Schedule="cron(0 8 * * ? *)"), Tags={"a": "b"})
    found = glue.get_crawler(Name="one")["Crawler"]
    assert found["State"] == "READY"
    assert found["Version"] == 1
    assert found["Schedule"] == {"ScheduleExpression": "cron(0 8 * * ? *)", "State": "SCHEDULED"}
    assert found["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert found["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert found["Targets"]["S3Targets"] == [{"Path": "s3://lake/raw/", "Exclusions": []}]
    assert found["Targets"]["JdbcTargets"] == []
    assert refused(glue.create_crawler, **crawler("one"))[0] == "AlreadyExistsException"
    glue.update_crawler(Name="one", TablePrefix="raw_", Classifiers=[])
    changed = glue.get_crawler(Name="one")["Crawler"]
    assert (changed["TablePrefix"], changed["Version"], changed["Role"]) == ("raw_", 2, "crawl")
    glue.create_crawler(**crawler("two"))
    assert "Schedule" not in glue.get_crawler(Name="two")["Crawler"]
    assert glue.list_crawlers()["CrawlerNames"] == ["one", "two"]
    assert glue.list_crawlers(Tags={"a": "b"})["CrawlerNames"] == ["one"]
    assert [one["Name"] for one in glue.get_crawlers(MaxResults=1)["Crawlers"]] == ["one"]
    batch = glue.batch_get_crawlers(CrawlerNames=["two", "three"])
    assert [one["Name"] for one in batch["Crawlers"]] == ["two"]
    assert batch["CrawlersNotFound"] == ["three"]
    for name in ("one", "two"):
        glue.delete_crawler(Name=name)
    missing = ("EntityNotFoundException", "Crawler entry with name one does not exist")
    assert refused(glue.get_crawler, Name="one") == missing
    assert refused(glue.delete_crawler, Name="one") == missing
    assert refused(glue.update_crawler, Name="one", Role="r") == missing


def test_a_crawlers_schedule_starts_and_stops(glue: Any) -> None:
    glue.create_crawler(**crawler("timed"))
    start, stop = glue.start_crawler_schedule, glue.stop_crawler_schedule
    assert refused(start, CrawlerName="timed")[0] == "NoScheduleException"
    assert refused(stop, CrawlerName="timed")[0] == "SchedulerNotRunningException"
    glue.update_crawler_schedule(CrawlerName="timed", Schedule="cron(15 12 ? * MON-FRI *)")
    assert refused(start, CrawlerName="timed")[0] == "SchedulerRunningException"
    stop(CrawlerName="timed")
    assert glue.get_crawler(Name="timed")["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    start(CrawlerName="timed")
    wrong = {"CrawlerName": "timed", "Schedule": "cron(0 0 * * * *)"}
    assert refused(glue.update_crawler_schedule, **wrong)[0] == "InvalidInputException"
    glue.delete_crawler(Name="timed")


@pytest.mark.parametrize(
    "more",
    [
        {"Targets": {}},
        {"Targets": {"S3Targets": [{}]}},
        {"Schedule": "rate(5 minutes)"},
        {"Classifiers": ["nope"]},
        {"Configuration": "{"},
        {"Configuration": json.dumps({"Version": 2.0})},
        {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
    ],
)
def test_a_crawler_that_could_never_run_is_refused(glue: Any, more: dict[str, Any]) -> None:
    assert refused(glue.create_crawler, **crawler("bad", **more))[0] == "InvalidInputException"


NOW = datetime(2026, 11, 24, 15, 45, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(15 12 * * ? *)", "2026-11-25T12:15"),
        ("cron(45 15 * * ? *)", "2026-11-25T15:45"),
        ("cron(0/10 8-17 ? * MON-FRI *)", "2026-11-24T15:50"),
        ("cron(0 8 1 * ? *)", "2026-12-01T08:00"),
        ("cron(0 18 ? * 7,1 *)", "2026-11-28T18:00"),
        ("cron(0 0 L * ? *)", "2026-11-30T00:00"),
        ("cron(0 0 LW FEB ? 2027)", "2027-02-26T00:00"),
        ("cron(0 0 15W 8 ? 2027)", "2027-08-16T00:00"),
        ("cron(0 0 ? * 6#3 *)", "2026-12-18T00:00"),
        ("cron(0 0 ? * FRIL *)", "2026-11-27T00:00"),
        ("cron(0 0 ? * L *)", "2026-11-28T00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00"),
        ("cron(0 22-1 * * ? *)", "2026-11-24T22:00"),
    ],
)
def test_a_cron_expression_names_the_next_time(expression: str, expected: str) -> None:
    assert next_after(expression, NOW) == datetime.fromisoformat(f"{expected}+00:00")


def test_a_cron_expression_may_be_over() -> None:
    assert next_after("cron(0 0 1 1 ? 2020)", NOW) is None


@pytest.mark.parametrize(
    "expression",
    ["", "rate(1 day)", "cron(0 0 * * *)", "cron(0 0 * * * *)", "cron(0 0 ? * ? *)",
     "cron(60 0 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 1 FOO ? *)",
     "cron(0 0 ? * 8 *)", "cron(0 0 1 1 ? 1969)", "cron(*/0 0 1 1 ? *)"],
)  # fmt: skip
def test_what_is_no_cron_expression(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Cron(expression)


# ---- security


def test_security_configurations(glue: Any) -> None:
    wanted = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
    made = glue.create_security_configuration(Name="sec", EncryptionConfiguration=wanted)
    assert isinstance(made["CreatedTimestamp"], datetime)
    found = glue.get_security_configuration(Name="sec")["SecurityConfiguration"]
    assert found["EncryptionConfiguration"] == wanted
    assert len(glue.get_security_configurations()["SecurityConfigurations"]) == 1
    again = {"Name": "sec", "EncryptionConfiguration": wanted}
    assert refused(glue.create_security_configuration, **again)[0] == "AlreadyExistsException"
    glue.delete_security_configuration(Name="sec")
    assert refused(glue.get_security_configuration, Name="sec")[0] == "EntityNotFoundException"


def test_the_catalogs_policy_has_conditions(glue: Any) -> None:
    missing = ("EntityNotFoundException", "Policy not found")
    assert refused(glue.get_resource_policy) == missing
    text = json.dumps({"Version": "2012-10-17", "Statement": []})
    must = {"PolicyInJson": text, "PolicyExistsCondition": "MUST_EXIST"}
    assert refused(glue.put_resource_policy, **must)[0] == "ConditionCheckFailureException"
    digest = glue.put_resource_policy(PolicyInJson=text)["PolicyHash"]
    found = glue.get_resource_policy()
    assert (found["PolicyInJson"], found["PolicyHash"]) == (text, digest)
    assert len(glue.get_resource_policies()["GetResourcePoliciesResponseList"]) == 1
    late = {"PolicyInJson": text, "PolicyHashCondition": "other"}
    assert refused(glue.put_resource_policy, **late)[0] == "ConditionCheckFailureException"
    assert refused(glue.put_resource_policy, PolicyInJson="{}")[0] == "InvalidInputException"
    glue.delete_resource_policy(PolicyHashCondition=digest)
    assert refused(glue.delete_resource_policy) == missing


def test_encryption_settings_of_the_catalog(glue: Any) -> None:
    before = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert before["EncryptionAtRest"] == {"CatalogEncryptionMode": "DISABLED"}
    wanted = {"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "k"}}
    glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=wanted)
    after = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert after["EncryptionAtRest"] == wanted["EncryptionAtRest"]
    assert glue.get_catalog_import_status()["ImportStatus"]["ImportCompleted"] is True


# ---- optimizers and rulesets


def test_optimizers_of_an_iceberg_table(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "plain"})
    glue.create_table(
        DatabaseName=db, TableInput={"Name": "ice", "Parameters": {"table_type": "ICEBERG"}}
    )
    asked = {"CatalogId": "123456789012", "DatabaseName": db, "Type": "compaction"}
    role = "arn:aws:iam::123456789012:role/optimize"
    wanted = {"roleArn": role, "enabled": True}
    create = {**asked, "TableOptimizerConfiguration": wanted}
    assert refused(glue.create_table_optimizer, TableName="plain", **create)[0] == (
        "InvalidInputException"
    )
    glue.create_table_optimizer(TableName="ice", **create)
    assert refused(glue.create_table_optimizer, TableName="ice", **create)[0] == (
        "AlreadyExistsException"
    )
    found = glue.get_table_optimizer(TableName="ice", **asked)["TableOptimizer"]
    assert found["type"] == "compaction"
    assert found["configuration"]["compactionConfiguration"] == {
        "icebergConfiguration": {
            "strategy": "binpack",
            "minInputFiles": 100,
            "deleteFileThreshold": 1,
        }
    }
    glue.update_table_optimizer(
        TableName="ice", **asked, TableOptimizerConfiguration={"roleArn": role, "enabled": False}
    )
    changed = glue.get_table_optimizer(TableName="ice", **asked)["TableOptimizer"]
    assert changed["configuration"]["enabled"] is False
    entries = [
        {
            "catalogId": "123456789012",
            "databaseName": db,
            "tableName": "ice",
            "type": kind,
        }
        for kind in ("compaction", "retention")
    ]
    batch = glue.batch_get_table_optimizer(Entries=entries)
    assert batch["TableOptimizers"][0]["tableName"] == "ice"
    assert batch["Failures"][0]["error"]["ErrorCode"] == "EntityNotFoundException"
    assert glue.list_table_optimizer_runs(TableName="ice", **asked)["TableOptimizerRuns"] == []
    glue.delete_table_optimizer(TableName="ice", **asked)
    assert refused(glue.get_table_optimizer, TableName="ice", **asked)[0] == (
        "EntityNotFoundException"
    )


def test_rulesets_are_read_before_they_are_kept(glue: Any, db: str) -> None:
    glue.create_table(DatabaseName=db, TableInput={"Name": "t"})
    rules = 'Rules = [ RowCount > 0, IsComplete "id" ]'
    target = {"DatabaseName": db, "TableName": "t"}
    made = glue.create_data_quality_ruleset(Name="r", Ruleset=rules, TargetTable=target)
    assert made["Name"] == "r"
    found = glue.get_data_quality_ruleset(Name="r")
    assert (found["Ruleset"], found["TargetTable"]) == (rules, target)
    assert refused(glue.create_data_quality_ruleset, Name="r", Ruleset=rules)[0] == (
        "AlreadyExistsException"
    )
    assert refused(glue.create_data_quality_ruleset, Name="x", Ruleset="Rules = [")[0] == (
        "InvalidInputException"
    )
    listed = glue.list_data_quality_rulesets(Filter={"TargetTable": target})["Rulesets"]
    assert [(one["Name"], one["RuleCount"]) for one in listed] == [("r", 2)]
    early = {"CreatedBefore": datetime(2013, 1, 1, tzinfo=UTC)}
    assert glue.list_data_quality_rulesets(Filter=early)["Rulesets"] == []
    glue.update_data_quality_ruleset(Name="r", Ruleset="Rules = [ RowCount > 1 ]")
    assert glue.get_data_quality_ruleset(Name="r")["Ruleset"] == "Rules = [ RowCount > 1 ]"
    glue.delete_data_quality_ruleset(Name="r")
    assert refused(glue.get_data_quality_ruleset, Name="r")[0] == "EntityNotFoundException"
