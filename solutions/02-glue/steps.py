"""The steps of lab 02, each done right once, for the answers in right/ and wrong/ to build on."""

from __future__ import annotations

import time
from typing import Any

COMMENT = "minutes; negative is early"
PATTERN = (
    "%{TIMESTAMP_ISO8601:closed} %{WORD:flight} %{WORD:origin}>%{WORD:dest}"
    " delay=%{NUMBER:delay:int}, %{GREEDYDATA:note}"
)
POLICY = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}


def database(lab: Any) -> str:
    """The name of the lab's database."""
    return str(lab.bucket).replace("-", "_")


def role(lab: Any) -> str:
    """The role of the crawlers."""
    return f"arn:aws:iam::{lab.account}:role/lab-02-glue-{lab.seed}"


def glue(lab: Any) -> Any:
    """The Glue client."""
    return lab.aws.client("glue")


def make_database(lab: Any) -> None:
    """The database, nothing else."""
    glue(lab).create_database(DatabaseInput={"Name": database(lab)})


def define(
    lab: Any,
    name: str = "flights",
    path: str = "",
    exclusions: tuple[str, ...] = ("archive/**",),
    **options: Any,
) -> None:
    """A crawler; the one over the flights as the task asks, unless said otherwise."""
    target = {
        "Path": f"s3://{lab.bucket}/{path or f'landing/{name}/'}",
        "Exclusions": list(exclusions),
    }
    wanted = {
        "Name": f"{lab.bucket}-{name}",
        "Role": role(lab),
        "DatabaseName": database(lab),
        "TablePrefix": "lake_",
        "Targets": {"S3Targets": [target]},
        "SchemaChangePolicy": POLICY,
    }
    glue(lab).create_crawler(**{**wanted, **options})


def run(lab: Any, name: str = "flights") -> None:
    """Run a crawler to its end."""
    client, full = glue(lab), f"{lab.bucket}-{name}"
    client.start_crawler(Name=full)
    while client.get_crawler(Name=full)["Crawler"]["State"] != "READY":
        time.sleep(0.02)


def crawl_flights(lab: Any, **options: Any) -> None:
    """Database, crawler, crawl."""
    make_database(lab)
    define(lab, **options)
    run(lab)


def airlines(lab: Any, **changes: Any) -> None:
    """The airlines with their header."""
    wanted = {
        "Name": f"{lab.bucket}-header",
        "Delimiter": ",",
        "QuoteSymbol": '"',
        "ContainsHeader": "PRESENT",
    }
    glue(lab).create_classifier(CsvClassifier={**wanted, **changes})
    define(lab, "airlines", exclusions=(), Classifiers=[f"{lab.bucket}-header"])
    run(lab, "airlines")


def gates(lab: Any, pattern: str = PATTERN) -> None:
    """The gate log by grok."""
    glue(lab).create_classifier(
        GrokClassifier={
            "Name": f"{lab.bucket}-gates",
            "Classification": "gates",
            "GrokPattern": pattern,
        }
    )
    define(lab, "gates", exclusions=(), Classifiers=[f"{lab.bucket}-gates"])
    run(lab, "gates")


def table_input(lab: Any) -> dict[str, Any]:
    """lake_flights as UpdateTable takes it."""
    table = glue(lab).get_table(DatabaseName=database(lab), Name="lake_flights")["Table"]
    kept = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor", "Description")
    return {name: table[name] for name in kept if name in table}


def describe(lab: Any, comment: str = COMMENT, description: str = "Flights of 2013") -> None:
    """Description and comment."""
    wanted = table_input(lab)
    if description:
        wanted["Description"] = description
    for column in wanted["StorageDescriptor"]["Columns"]:
        if column["Name"] == "arr_delay" and comment:
            column["Comment"] = comment
    glue(lab).update_table(DatabaseName=database(lab), TableInput=wanted)


def arrive(lab: Any) -> None:
    """The late month lands; nothing is crawled."""
    s3 = lab.aws.client("s3")
    for item in s3.list_objects_v2(Bucket=lab.bucket, Prefix="incoming/")["Contents"]:
        key = item["Key"].replace("incoming/", "landing/flights/")
        s3.copy_object(Bucket=lab.bucket, Key=key, CopySource=f"{lab.bucket}/{item['Key']}")


def index(lab: Any, *keys: str) -> None:
    """A partition index, and the wait for it."""
    table = {"DatabaseName": database(lab), "TableName": "lake_flights"}
    wanted = {"IndexName": "by-month", "Keys": list(keys) or ["year", "month"]}
    client = glue(lab)
    client.create_partition_index(**table, PartitionIndex=wanted)
    while (
        client.get_partition_indexes(**table)["PartitionIndexDescriptorList"][0]["IndexStatus"]
        == "CREATING"
    ):
        time.sleep(0.02)


def counts(lab: Any) -> dict[int, int]:
    """Records by month, from the catalog."""
    found = glue(lab).get_partitions(DatabaseName=database(lab), TableName="lake_flights")
    return {
        int(one["Values"][1]): int(one["StorageDescriptor"]["Parameters"]["recordCount"])
        for one in found["Partitions"]
    }


def declare(lab: Any, month: Any = None, records: Any = None) -> None:
    """Both answers, the right ones unless said otherwise."""
    have = counts(lab)
    best = max(have, key=lambda number: have[number])
    lab.answer("busiest_month", best if month is None else month)
    lab.answer("busiest_records", have[best] if records is None else records)


RULES = (
    'IsComplete "carrier"',
    'ColumnValues "origin" in ["EWR", "JFK", "LGA"]',
    'ColumnValues "distance" > 0',
    'Completeness "arr_delay" > 0.8',
)


def rule(lab: Any, *rules: str) -> None:
    """The ruleset, not evaluated; the right rules unless said otherwise."""
    wanted = rules or (f"RowCount = {sum(counts(lab).values())}", *RULES)
    glue(lab).create_data_quality_ruleset(
        Name=f"{lab.bucket}-flights", Ruleset="Rules = [" + ", ".join(wanted) + "]"
    )


def evaluate(lab: Any) -> None:
    """One run of the ruleset."""
    client = glue(lab)
    table = {"DatabaseName": database(lab), "TableName": "lake_flights"}
    started = client.start_data_quality_ruleset_evaluation_run(
        DataSource={"GlueTable": table}, Role=role(lab), RulesetNames=[f"{lab.bucket}-flights"]
    )["RunId"]
    while client.get_data_quality_ruleset_evaluation_run(RunId=started)["Status"] in (
        "STARTING",
        "RUNNING",
    ):
        time.sleep(0.02)
