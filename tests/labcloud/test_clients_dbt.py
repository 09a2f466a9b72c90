"""dbt-athena's documented models, built on labcloud by a dbt in an environment of its own.

dbt-athena 1.11 wants PyAthena 3, the course has 4: so the test makes it a place beside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.slow

PROJECT = """
name: shop
version: "1.0"
profile: shop
models:
  shop:
    +materialized: table
snapshots:
  shop:
    +table_type: iceberg
"""

PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: athena
      s3_staging_dir: s3://lake/dbt/staging/
      s3_data_dir: s3://lake/dbt/data/
      region_name: us-east-1
      database: awsdatacatalog
      schema: shop
      poll_interval: 0.05
      threads: 2
"""

FILES = {
    "dbt_project.yml": PROJECT,
    "profiles.yml": PROFILE,
    "seeds/orders.csv": (
        "id,day,amount,word\n1,2024-01-01,1.5,a\n2,2024-01-02,2.5,b\n3,2024-01-02,3,c\n"
    ),
    "models/names.sql": (
        "{{ config(materialized='view') }} select id, upper(word) as name from {{ ref('orders') }}"
    ),
    "models/parts.sql": (
        "{{ config(partitioned_by=['day'], format='parquet', write_compression='snappy') }} "
        "select id, amount, cast(day as date) as day from {{ ref('orders') }}"
    ),
    "models/buckets.sql": (
        "{{ config(bucketed_by=['id'], bucket_count=2, format='orc') }} "
        "select id, word from {{ ref('orders') }}"
    ),
    "models/overwritten.sql": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', "
        "partitioned_by=['day']) }} select id, amount, cast(day as date) as day "
        "from {{ ref('orders') }} "
        "{% if is_incremental() %} where day >= date '2024-01-02'{% endif %}"
    ),
    "models/appended.sql": (
        "{{ config(materialized='incremental', incremental_strategy='append', "
        "table_type='iceberg') }} select id, word from {{ ref('orders') }}"
    ),
    "models/merged.sql": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', "
        "table_type='iceberg', partitioned_by=['bucket(id, 2)'], "
        "on_schema_change='append_new_columns') }} select id, word, amount"
        "{% if is_incremental() %}, 'more' as extra{% endif %} "
        "from {{ ref('orders') }}"
    ),
    "models/ice.sql": (
        "{{ config(table_type='iceberg', format='parquet', table_properties="
        "{'optimize_rewrite_delete_file_threshold': '2'}) }} select * from {{ ref('orders') }}"
    ),
    "snapshots/kept.sql": (
        "{% snapshot kept %}{{ config(target_schema='shop', unique_key='id', strategy='check', "
        "check_cols=['word']) }} select id, word from {{ ref('orders') }}{% endsnapshot %}"
    ),
    "models/schema.yml": """
models:
  - name: names
    columns:
      - name: id
        data_tests: [unique, not_null]
""",
}


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory, lake: str, environment: dict[str, str]) -> Any:
    place = tmp_path_factory.mktemp("dbt")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, "own"], cwd=place, check=True)
    # dbt-core 1.12 needs a compiler for its parser.
    wanted = ["dbt-athena==1.11.*", "dbt-core<1.12"]
    python = place / "own" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "-q", "-p", str(python), *wanted], check=True)
    for name, text in FILES.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)

    def run(*arguments: str) -> dict[str, str]:
        done = subprocess.run(
            [str(place / "own" / "bin" / "dbt"), *arguments, "--profiles-dir", "."],
            cwd=place,
            env={**os.environ, **environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        results = json.loads((place / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[2]: result["status"] for result in results}

    run.place = place  # type: ignore[attr-defined]
    return run


def rows(aws: boto3.Session, sql: str) -> list[list[str | None]]:
    athena = aws.client("athena")
    id_ = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "shop"},
        ResultConfiguration={"OutputLocation": "s3://lake/results/"},
    )["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"])[
        "State"
    ] in ("QUEUED", "RUNNING"):
        pass
    assert status["State"] == "SUCCEEDED", status["StateChangeReason"]
    found = athena.get_query_results(QueryExecutionId=id_)["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found]


def test_dbt_builds_a_project_and_builds_it_again(dbt: Any, aws: boto3.Session) -> None:
    first = dbt("build")
    assert set(first.values()) <= {"success", "pass"}, first
    assert rows(aws, "SELECT name FROM names ORDER BY id") == [["A"], ["B"], ["C"]]
    assert rows(aws, "SELECT count(*) FROM parts WHERE day = DATE '2024-01-02'") == [["2"]]
    orders: Path = dbt.place / "seeds" / "orders.csv"
    orders.write_text(orders.read_text().replace("3,c", "3,changed") + "4,2024-01-03,4,d\n")
    again = dbt("build")
    assert set(again.values()) <= {"success", "pass"}, again
    assert rows(aws, "SELECT count(*), count(DISTINCT day) FROM overwritten") == [["4", "3"]]
    assert rows(aws, "SELECT count(*) FROM appended") == [["7"]]
    assert rows(aws, "SELECT id, word, extra FROM merged ORDER BY id") == [
        ["1", "a", "more"],
        ["2", "b", "more"],
        ["3", "changed", "more"],
        ["4", "d", "more"],
    ]
    kept = "SELECT id, word FROM kept WHERE dbt_valid_to IS NULL ORDER BY id"
    assert rows(aws, kept)[2:] == [["3", "changed"], ["4", "d"]]
    assert rows(aws, "SELECT count(*) FROM kept") == [["5"]]
    dbt("docs", "generate")
    catalog = json.loads((dbt.place / "target" / "catalog.json").read_text())["nodes"]
    assert list(catalog["model.shop.parts"]["columns"]) == ["id", "amount", "day"]
