"""AWS Glue Data Quality: rules over a table, their results, recommendations; table optimizers."""

from __future__ import annotations

import time
from typing import Any

import pytest

ORDERS = (
    "1,1,eu,10.0,2026-01-01,a@x.org\n"
    "2,1,eu,20.0,2026-01-02,b@x.org\n"
    "3,2,us,30.0,2026-01-03,\\N\n"
    "4,2,us,40.0,2026-01-04,no\n"
)


@pytest.fixture(scope="module")
def orders(lake: Any) -> dict[str, str]:
    """A table of four orders, and one of their customers; what names the first."""
    comma = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
    for name, columns, body in (
        (
            "orders",
            "id int, customer int, region string, price double, day date, mail string",
            ORDERS,
        ),
        ("customers", "id int, name string", "1,Ann\n2,Bob\n3,Cy\n"),
    ):
        lake.put(f"{name}/f.csv", body)
        lake.run(f"CREATE EXTERNAL TABLE {name} ({columns}) {comma} LOCATION 's3://lake/{name}/'")
    return {"DatabaseName": "db", "TableName": "orders"}


def finished(get: Any, run: str) -> dict[str, Any]:
    """Return a run once it has ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = dict(get(RunId=run))
        if found["Status"] in ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"):
            return found
        time.sleep(0.02)
    raise AssertionError("the run did not end")


PASS = """
RowCount = 4
RowCount between 3 and 5
ColumnCount = 6
ColumnExists "REGION"
ColumnDataType "id" = "Integer"
ColumnDataType "mail" = "String"
IsComplete "id"
Completeness "mail" >= 0.75
IsUnique "id"
Uniqueness "region" = 0.0
IsPrimaryKey "id"
IsPrimaryKey "customer" "id"
DistinctValuesCount "region" = 2
UniqueValueRatio "id" = 1.0
Entropy "region" between 0.6 and 0.7
ColumnValues "region" in ["eu", "us"]
ColumnValues "price" between 9 and 41
ColumnValues "price" > 9.5
ColumnValues "region" matches "[a-z]{2}"
ColumnValues "mail" matches ".*@.*" with threshold > 0.4
ColumnLength "region" = 2
Mean "price" = 25.0
Sum "price" = 100.0
StandardDeviation "price" between 12 and 13
ColumnCorrelation "id" "price" > 0.99
CustomSql "select count(*) from primary where price > 15" = 3
ReferentialIntegrity "customer" "customers.id" = 1.0
RowCountMatch "customers" between 1.3 and 1.4
IsComplete "mail" where "region = 'eu'"
(RowCount = 4) and (IsComplete "id")
(RowCount = 9) or (IsComplete "id")
""".strip().splitlines()

FAIL = """
RowCount > 4
ColumnCount = 5
ColumnExists "nope"
ColumnDataType "mail" = "Integer"
IsComplete "mail"
Completeness "mail" > 0.8
IsUnique "region"
IsPrimaryKey "region"
DistinctValuesCount "region" > 2
ColumnValues "region" in ["eu"]
ColumnValues "price" < 40
ColumnLength "mail" > 3
Mean "price" > 25
ReferentialIntegrity "id" "customers.id" = 1.0
DataFreshness "day" < 1 hours
(RowCount = 4) and (IsComplete "mail")
""".strip().splitlines()

ERROR = """
IsComplete "nope"
Mean "region" > 1
CustomSql "select nonsense from primary" = 1
ReferentialIntegrity "id" "missing.id" = 1.0
NoSuchRule "id" > 1
""".strip().splitlines()


def evaluated(lake: Any, orders: dict[str, str], rules: list[str], name: str) -> dict[str, Any]:
    """Evaluate rules over the orders; return the result."""
    listed = ",\n".join(rules)
    lake.glue.create_data_quality_ruleset(Name=name, Ruleset=f"Rules = [\n{listed}\n]")
    customers = {"GlueTable": {"DatabaseName": "db", "TableName": "customers"}}
    run = lake.glue.start_data_quality_ruleset_evaluation_run(
        DataSource={"GlueTable": orders},
        Role="arn:aws:iam::000000000000:role/glue",
        RulesetNames=[name],
        AdditionalDataSources={"customers": customers},
    )["RunId"]
    found = finished(lake.glue.get_data_quality_ruleset_evaluation_run, run)
    assert found["Status"] == "SUCCEEDED", found.get("ErrorString")
    [result] = found["ResultIds"]
    return dict(lake.glue.get_data_quality_result(ResultId=result))


@pytest.mark.parametrize(("outcome", "rules"), [("PASS", PASS), ("FAIL", FAIL), ("ERROR", ERROR)])
def test_rules(lake: Any, orders: dict[str, str], outcome: str, rules: list[str]) -> None:
    """Every type of rule, as it passes, fails and cannot be evaluated."""
    result = evaluated(lake, orders, rules, f"all {outcome}")
    assert [
        (rule["Description"], rule["Result"], rule.get("EvaluationMessage"))
        for rule in result["RuleResults"]
        if rule["Result"] != outcome
    ] == []
    assert len(result["RuleResults"]) == len(rules)
    assert result["Score"] == (1.0 if outcome == "PASS" else 0.0)
    assert result["DataSource"] == {"GlueTable": orders}
    if outcome != "PASS":
        assert all(rule["EvaluationMessage"] for rule in result["RuleResults"])


def test_metrics_and_score(lake: Any, orders: dict[str, str]) -> None:
    rules = ["RowCount = 4", 'Completeness "mail" > 0.9', 'Mean "price" > 1', 'IsComplete "zz"']
    result = evaluated(lake, orders, rules, "metrics")
    first, second, third, fourth = result["RuleResults"]
    assert first["EvaluatedMetrics"] == {"Dataset.*.RowCount": 4.0}
    assert second["EvaluatedMetrics"] == {"Column.mail.Completeness": 0.75}
    assert second["EvaluationMessage"] == (
        "Value: 0.75 does not meet the constraint requirement: > 0.9"
    )
    assert third["EvaluatedMetrics"] == {"Column.price.Mean": 25.0}
    assert fourth["Result"] == "ERROR"
    assert result["Score"] == 0.5
    listed = lake.glue.list_data_quality_results(Filter={"DataSource": {"GlueTable": orders}})[
        "Results"
    ]
    assert result["ResultId"] in [one["ResultId"] for one in listed]
    batch = lake.glue.batch_get_data_quality_result(ResultIds=[result["ResultId"], "nope"])
    assert batch["ResultsNotFound"] == ["nope"]


def test_a_recommendation(lake: Any, orders: dict[str, str]) -> None:
    """What is recommended holds today."""
    run = lake.glue.start_data_quality_rule_recommendation_run(
        DataSource={"GlueTable": orders},
        Role="arn:aws:iam::000000000000:role/glue",
        CreatedRulesetName="recommended",
    )["RunId"]
    found = finished(lake.glue.get_data_quality_rule_recommendation_run, run)
    assert found["Status"] == "SUCCEEDED", found.get("ErrorString")
    text = found["RecommendedRuleset"]
    assert 'IsComplete "id"' in text and 'ColumnValues "region" in ["eu", "us"]' in text
    assert lake.glue.get_data_quality_ruleset(Name="recommended")["Ruleset"] == text
    run = lake.glue.start_data_quality_ruleset_evaluation_run(
        DataSource={"GlueTable": orders},
        Role="arn:aws:iam::000000000000:role/glue",
        RulesetNames=["recommended"],
    )["RunId"]
    ended = finished(lake.glue.get_data_quality_ruleset_evaluation_run, run)
    result = lake.glue.get_data_quality_result(ResultId=ended["ResultIds"][0])
    assert [rule for rule in result["RuleResults"] if rule["Result"] != "PASS"] == []
    runs = lake.glue.list_data_quality_rule_recommendation_runs()["Runs"]
    assert [one["Status"] for one in runs] == ["SUCCEEDED"]


def test_what_is_not_there(lake: Any, orders: dict[str, str]) -> None:
    missing = lake.glue.exceptions.EntityNotFoundException
    for call, request in (
        (lake.glue.get_data_quality_ruleset_evaluation_run, {"RunId": "nope"}),
        (lake.glue.get_data_quality_result, {"ResultId": "nope"}),
        (lake.glue.cancel_data_quality_rule_recommendation_run, {"RunId": "nope"}),
        (
            lake.glue.start_data_quality_ruleset_evaluation_run,
            {"DataSource": {"GlueTable": orders}, "Role": "r", "RulesetNames": ["nope"]},
        ),
    ):
        with pytest.raises(missing):
            call(**request)


# ---- table optimizers


def runs_of(lake: Any, kind: str) -> list[dict[str, Any]]:
    """Return an optimizer's runs, as soon as there are some."""
    asked = {"CatalogId": "123456789012", "DatabaseName": "db", "TableName": "ice", "Type": kind}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := lake.glue.list_table_optimizer_runs(**asked)["TableOptimizerRuns"]:
            return list(found)
        time.sleep(0.05)
    raise AssertionError(f"no run of {kind}")


def test_optimizers_look_after_a_table(lake: Any, cloud: Any) -> None:
    """By the advanced clock: files are compacted, old snapshots go, and so do orphans."""
    lake.run(
        "CREATE TABLE ice (a int) LOCATION 's3://lake/ice/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    for n in range(6):
        lake.run(f"INSERT INTO ice VALUES ({n})")
    lake.put("ice/data/orphan.parquet", "left by a writer that failed")
    cloud.running.control("clock", advance="6d")
    for kind in ("compaction", "retention", "orphan_file_deletion"):
        lake.glue.create_table_optimizer(
            CatalogId="123456789012",
            DatabaseName="db",
            TableName="ice",
            Type=kind,
            TableOptimizerConfiguration={
                "roleArn": "arn:aws:iam::000000000000:role/glue",
                "enabled": True,
            },
        )
    cloud.running.control("clock", advance="1h")
    for kind in ("compaction", "retention", "orphan_file_deletion"):
        newest = runs_of(lake, kind)[0]
        assert newest["eventType"] == "completed", newest.get("error")
    assert lake.run('SELECT count(*) FROM "ice$files"').only == "1"
    assert lake.run("SELECT count(*) FROM ice").only == "6"
    assert int(lake.run('SELECT count(*) FROM "ice$snapshots"').only) <= 2
    assert "ice/data/orphan.parquet" not in lake.keys("ice/")
    compacted = runs_of(lake, "compaction")[-1]["compactionMetrics"]["IcebergMetrics"]
    assert compacted["NumberOfFilesCompacted"] == 6
    orphans = runs_of(lake, "orphan_file_deletion")[-1]["orphanFileDeletionMetrics"]
    assert orphans["IcebergMetrics"]["NumberOfOrphanFilesDeleted"] == 1
