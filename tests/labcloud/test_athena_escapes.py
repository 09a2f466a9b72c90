"""SQL reads and writes what labcloud's S3 holds, and nothing else, whatever it spells."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Run = Callable[[str], tuple[str, str]]


@pytest.fixture(scope="module")
def lake(cloud: Any) -> boto3.Session:
    session = cloud.session()
    session.client("s3").create_bucket(Bucket="lake")
    session.client("s3").put_object(Bucket="lake", Key="t/a.csv", Body=b"1,a\n2,b\n")
    session.client("glue").create_database(DatabaseInput={"Name": "db"})
    return session


@pytest.fixture(scope="module")
def run(lake: boto3.Session) -> Run:
    """Run a statement; return its state and why it ended so."""
    athena = lake.client("athena")

    def ask(sql: str) -> tuple[str, str]:
        try:
            started = athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": "db"},
                ResultConfiguration={"OutputLocation": "s3://lake/results/"},
            )["QueryExecutionId"]
        except ClientError as error:
            return "REFUSED", error.response["Error"]["Message"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"][
                "Status"
            ]
            if status["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return status["State"], status.get("StateChangeReason", "")
            time.sleep(0.01)

    return ask


STATEMENTS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM glob('/*')",
    "SELECT getenv('HOME')",
    "SELECT current_setting('allowed_directories')",
    "SELECT query('SELECT 1')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM information_schema.duckdb_settings",
    "SELECT * FROM pragma_database_list",
    "COPY (SELECT 1) TO '/tmp/escaped.csv'",
    "COPY t FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/escaped'",
    "IMPORT DATABASE '/tmp/escaped'",
    "ATTACH '/tmp/escaped.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CREATE SECRET (TYPE s3)",
    "CREATE MACRO f(x) AS x",
    "SELECT 1; DROP TABLE db.t",
    "SELECT 'a' || chr(39) || '); ATTACH ''x'' --' FROM read_blob('/etc/passwd')",
    "CREATE TABLE x WITH (external_location = '/tmp/escaped/') AS SELECT 1 AS a",
    "CREATE TABLE x WITH (external_location = 'file:///tmp/escaped/') AS SELECT 1 AS a",
    "UNLOAD (SELECT 1 AS a) TO '/tmp/escaped/' WITH (format = 'PARQUET')",
    "UNLOAD (SELECT 1 AS a) TO 'http://127.0.0.1/' WITH (format = 'PARQUET')",
    "CREATE EXTERNAL TABLE l (a string) LOCATION '/etc/'",
    "CREATE EXTERNAL TABLE l (a string) LOCATION 'file:///etc/'",
    "CREATE EXTERNAL TABLE l (a string) LOCATION '../../etc/'",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_no_way_out(run: Run, sql: str) -> None:
    """Each is refused, in Athena's words, and leaves nothing on the computer."""
    state, reason = run(sql)
    assert state in ("REFUSED", "FAILED"), sql
    assert reason and "Traceback" not in reason and "root:" not in reason
    assert not list(Path("/tmp").glob("escaped*"))


def test_a_location_with_dots_is_a_key_like_any_other(run: Run) -> None:
    """`..` in an S3 key means nothing: the objects under that very prefix are read."""
    assert run("CREATE EXTERNAL TABLE dots (a string) LOCATION 's3://lake/../../etc/'")[0] == (
        "SUCCEEDED"
    )
    assert run("SELECT * FROM dots") == ("SUCCEEDED", "")


def test_globs_in_a_location_are_not_expanded(run: Run) -> None:
    assert run("CREATE EXTERNAL TABLE stars (a string) LOCATION 's3://lake/*/'")[0] == "SUCCEEDED"
    state, reason = run("SELECT count(*) / (count(*) - 0) FROM stars")
    assert state == "FAILED" and "DIVISION_BY_ZERO" in reason  # no object was found


def test_a_link_in_the_data_folder_is_not_followed(
    run: Run, lake: boto3.Session, cloud: Any, tmp_path: Path
) -> None:
    """A body that was replaced by a link to another file is not read by SQL."""
    secret = tmp_path / "secret.txt"
    secret.write_text("very,secret\n")
    lake.client("s3").put_object(Bucket="lake", Key="links/a.csv", Body=b"plain,text\n")
    bodies = [
        path
        for path in (cloud.directory / "s3").rglob("*")
        if path.is_file() and path.stat().st_size == len(b"plain,text\n")
    ]
    assert len(bodies) == 1
    bodies[0].unlink()
    os.symlink(secret, bodies[0])
    run("CREATE EXTERNAL TABLE links (a string) LOCATION 's3://lake/links/'")
    state, reason = run("SELECT CASE WHEN a LIKE 'very%' THEN 1 / 0 ELSE 0 END FROM links")
    assert "DIVISION_BY_ZERO" not in reason, "the linked file was read"
    assert state == "FAILED"
