"""The `aws` command on Athena and Glue, as AWS's tutorials use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def cli(environment: dict[str, str]) -> Cli:
    """Run the command; its output as JSON gives, or as text where it is not JSON."""

    def run(*arguments: str, fails: bool = False) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "awscli", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=60,
        )
        if fails:
            assert done.returncode != 0
            return done.stderr
        assert done.returncode == 0, done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout.strip()

    return run


@pytest.fixture(scope="module")
def query(cli: Cli, lake: str) -> Callable[[str], str]:
    def run(sql: str) -> str:
        id_ = cli(
            "athena",
            "start-query-execution",
            "--query-string",
            sql,
            "--query-execution-context",
            "Database=lake",
            "--result-configuration",
            f"OutputLocation={lake}/results/",
            "--query",
            "QueryExecutionId",
            "--output",
            "text",
        )
        state = "QUEUED"
        until = time.monotonic() + 30
        while state in ("QUEUED", "RUNNING") and time.monotonic() < until:
            state = cli(
                *("athena", "get-query-execution", "--query-execution-id", id_),
                *("--query", "QueryExecution.Status.State", "--output", "text"),
            )
        assert state == "SUCCEEDED"
        return str(id_)

    return run


@pytest.mark.slow
def test_the_tutorial_of_athena(
    cli: Cli, query: Callable[[str], str], lake: str, tmp_path: Path
) -> None:
    data = tmp_path / "people.csv"
    data.write_text("1,ann\n2,bob\n3,cy\n")
    cli("s3", "cp", str(data), f"{lake}/people/people.csv")
    query(
        "CREATE EXTERNAL TABLE people (id int, name string) ROW FORMAT DELIMITED FIELDS "
        f"TERMINATED BY ',' LOCATION '{lake}/people/'"
    )
    id_ = query("SELECT id, name FROM people ORDER BY id")
    found = cli(
        *("athena", "get-query-results", "--query-execution-id", id_),
        *("--query", "ResultSet.Rows[*].Data[*].VarCharValue"),
    )
    assert found == [["id", "name"], ["1", "ann"], ["2", "bob"], ["3", "cy"]]
    paged = cli(
        *("athena", "get-query-results", "--query-execution-id", id_, "--max-items", "2"),
        *("--page-size", "1"),
    )
    assert len(paged["ResultSet"]["Rows"]) == 2
    rest = cli(
        *("athena", "get-query-results", "--query-execution-id", id_),
        *("--starting-token", paged["NextToken"], "--query", "length(ResultSet.Rows)"),
    )
    assert rest == 2
    result = tmp_path / "result.csv"
    cli("s3", "cp", f"{lake}/results/{id_}.csv", str(result))
    assert result.read_text() == '"id","name"\n"1","ann"\n"2","bob"\n"3","cy"\n'
    assert id_ in cli("athena", "list-query-executions", "--query", "QueryExecutionIds")
    listed = cli("athena", "batch-get-query-execution", "--query-execution-ids", id_)
    assert listed["QueryExecutions"][0]["Query"].startswith("SELECT id")
    statistics = cli("athena", "get-query-runtime-statistics", "--query-execution-id", id_)
    assert statistics["QueryRuntimeStatistics"]["Rows"]["OutputRows"] == 3
    metadata = cli(
        *("athena", "get-table-metadata", "--catalog-name", "AwsDataCatalog"),
        *("--database-name", "lake", "--table-name", "people"),
        *("--query", "TableMetadata.Columns[].Name", "--output", "text"),
    )
    assert metadata.split() == ["id", "name"]
    databases = cli(
        *("athena", "list-databases", "--catalog-name", "AwsDataCatalog"),
        *("--query", "DatabaseList[].Name"),
    )
    assert "lake" in databases
    assert "(InvalidRequestException)" in cli(
        "athena", "get-query-execution", "--query-execution-id", "nothing", fails=True
    )


@pytest.mark.slow
def test_saved_queries_and_work_groups(cli: Cli, lake: str) -> None:
    cli(
        *("athena", "create-work-group", "--name", "team", "--description", "A team"),
        "--configuration",
        f"ResultConfiguration={{OutputLocation={lake}/team/}},EnforceWorkGroupConfiguration=true",
        *("--tags", "Key=cost,Value=low"),
    )
    names = cli("athena", "list-work-groups", "--query", "WorkGroups[].Name")
    assert sorted(names) == ["primary", "team"]
    id_ = cli(
        *("athena", "create-named-query", "--name", "one", "--database", "lake"),
        *("--query-string", "SELECT 1", "--work-group", "team", "--query", "NamedQueryId"),
    )
    got = cli("athena", "get-named-query", "--named-query-id", id_)
    assert got["NamedQuery"]["QueryString"] == "SELECT 1"
    cli(
        *("athena", "create-prepared-statement", "--statement-name", "ask", "--work-group", "team"),
        *("--query-statement", "SELECT ?"),
    )
    listed = cli("athena", "list-prepared-statements", "--work-group", "team")
    assert [s["StatementName"] for s in listed["PreparedStatements"]] == ["ask"]
    assert "is not empty" in cli("athena", "delete-work-group", "--work-group", "team", fails=True)
    cli("athena", "delete-work-group", "--work-group", "team", "--recursive-delete-option")
    assert cli("athena", "list-work-groups", "--query", "WorkGroups[].Name") == ["primary"]


@pytest.mark.slow
def test_the_tutorial_of_glue(cli: Cli, lake: str) -> None:
    cli("glue", "create-database", "--database-input", '{"Name": "sales"}')
    columns = [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}]
    for name in ("a", "b", "c"):
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "year", "Type": "int"}],
            "StorageDescriptor": {"Columns": columns, "Location": f"{lake}/sales/{name}/"},
        }
        cli(
            "glue",
            "create-table",
            *("--database-name", "sales", "--table-input", json.dumps(table)),
        )
    paged = cli("glue", "get-tables", "--database-name", "sales", "--max-items", "2")
    assert [t["Name"] for t in paged["TableList"]] == ["a", "b"]
    more = cli(
        *("glue", "get-tables", "--database-name", "sales"),
        *("--starting-token", paged["NextToken"], "--query", "TableList[].Name"),
    )
    assert more == ["c"]
    location = ("--query", "Table.StorageDescriptor.Location", "--output", "text")
    where = ("--database-name", "sales", "--name", "a")
    assert cli("glue", "get-table", *where, *location) == f"{lake}/sales/a/"
    partitions = [{"Values": [str(year)], "StorageDescriptor": {}} for year in (2023, 2024, 2025)]
    cli(
        *("glue", "batch-create-partition", "--database-name", "sales", "--table-name", "a"),
        *("--partition-input-list", json.dumps(partitions)),
    )
    found = cli(
        *("glue", "get-partitions", "--database-name", "sales", "--table-name", "a"),
        *("--expression", "year >= 2024", "--query", "Partitions[].Values[]"),
    )
    assert sorted(found) == ["2024", "2025"]
    assert "(AlreadyExistsException)" in cli(
        "glue", "create-database", "--database-input", "Name=sales", fails=True
    )
    assert "(EntityNotFoundException)" in cli(
        "glue", "get-table", "--database-name", "sales", "--name", "no", fails=True
    )
    cli("glue", "delete-database", "--name", "sales")
    assert "sales" not in cli("glue", "get-databases", "--query", "DatabaseList[].Name")
