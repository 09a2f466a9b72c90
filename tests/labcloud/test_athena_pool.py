"""The processes that run queries: what they may reach, and what happens when they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
from botocore.exceptions import ClientError

from labcloud.engines.athena.sandbox import Settings, connect

OUTPUT = {"OutputLocation": "s3://results/"}
LONG = (
    "SELECT count(*) FROM UNNEST(sequence(1, 9000)) a (x), UNNEST(sequence(1, 9000)) b (y), "
    "UNNEST(sequence(1, 9000)) c (z) WHERE x * y + z = 7"
)


def finish(athena: Any, id_: str) -> dict[str, Any]:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return found
        time.sleep(0.005)
    raise AssertionError(f"query {id_} did not end")


def start(athena: Any, sql: str) -> str:
    answer = athena.start_query_execution(QueryString=sql, ResultConfiguration=OUTPUT)
    return str(answer["QueryExecutionId"])


def running(athena: Any, sql: str) -> str:
    """Start a query and wait until it runs."""
    id_ = start(athena, sql)
    while (
        athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"]
        == "QUEUED"
    ):
        time.sleep(0.005)
    return id_


@pytest.fixture(scope="module")
def athena(aws: Any) -> Any:
    aws.client("s3").create_bucket(Bucket="results")
    return aws.client("athena")


def workers(server: Any) -> list[psutil.Process]:
    """The worker processes of a server: its zygote's children."""
    children = psutil.Process(server.running.pid).children(recursive=True)
    return [one for one in children if one.parent() and one.ppid() != server.running.pid]


# ---- what a worker's DuckDB may reach


@pytest.fixture
def sandbox(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    for name in ("bodies", "spill"):
        (tmp_path / name).mkdir()
    (tmp_path / "bodies" / "inside").write_text("a\n1\n")
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "bodies" / "link").symlink_to(tmp_path / "secret")
    return connect(Settings(str(tmp_path / "bodies"), str(tmp_path / "spill")))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('{root}/secret')",
        "SELECT * FROM read_text('{root}/bodies/../secret')",
        "SELECT * FROM read_text('{root}/bodies/link')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '{root}/out.csv'",
        "EXPORT DATABASE '{root}/out'",
        "ATTACH '{root}/x.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
        "SELECT * FROM read_parquet('s3://bucket/x')",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "RESET allowed_directories",
        "SELECT * FROM os",
    ],
)
def test_a_worker_reaches_only_its_directories(
    sandbox: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str
) -> None:
    with pytest.raises(duckdb.Error):
        sandbox.execute(sql.format(root=tmp_path)).fetchall()


def test_a_worker_reads_bodies_and_spills(
    sandbox: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read = sandbox.execute(f"SELECT * FROM read_csv('{tmp_path}/bodies/inside')").fetchall()
    assert read == [(1,)]
    sandbox.execute(f"COPY (SELECT 1) TO '{tmp_path}/spill/x.parquet'")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
        'SELECT * FROM "/etc/passwd"',
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SELECT * FROM duckdb_settings()",
        "SET memory_limit = '1GB'",
        "SELECT 1; SELECT 2",
    ],
)
def test_only_trinos_sql_is_taken(athena: Any, sql: str) -> None:
    try:
        id_ = start(athena, sql)
    except ClientError as error:
        refusal = error.response.get("AthenaErrorCode")
    else:
        refusal = finish(athena, id_)["Status"].get("AthenaError", {}).get("ErrorCategory")
    assert refusal in ("MALFORMED_QUERY", 2)


# ---- start, crash, end


def test_the_engine_costs_nothing_before_the_first_query() -> None:
    code = (
        "import sys, labcloud.engines.athena.service; "
        "heavy = {'duckdb', 'pyarrow', 'pandas', 'numpy', 'labcloud.trino'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_clients_at_once_get_their_own_results(aws: Any, athena: Any) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        mine = aws.client("athena")
        for turn in range(4):
            done = finish(mine, start(mine, f"SELECT {number} * 100 + {turn} AS n"))
            rows = mine.get_query_results(QueryExecutionId=done["QueryExecutionId"])
            value = rows["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"]
            if value != str(number * 100 + turn):
                wrong.append((number, turn, value))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_worker_that_dies_fails_its_query_alone(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    ids = [running(athena, LONG) for _ in range(2)]
    workers(labcloud_server)[0].kill()
    states = []
    until = time.monotonic() + 30
    while "FAILED" not in states and time.monotonic() < until:
        states = [
            athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"]
            for id_ in ids
        ]
        time.sleep(0.01)
    assert sorted(states) == ["FAILED", "RUNNING"]
    assert finish(athena, start(athena, "SELECT 1"))["Status"]["State"] == "SUCCEEDED"
    for id_ in ids:
        athena.stop_query_execution(QueryExecutionId=id_)


def test_a_stopped_query_leaves_its_worker_dead(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    id_ = running(athena, LONG)
    time.sleep(0.2)
    before = {one.pid for one in workers(labcloud_server)}
    athena.stop_query_execution(QueryExecutionId=id_)
    until = time.monotonic() + 10
    while {one.pid for one in workers(labcloud_server)} & before and time.monotonic() < until:
        time.sleep(0.01)
    assert not {one.pid for one in workers(labcloud_server)} & before


def test_no_worker_outlives_a_killed_server(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    running(athena, LONG)
    processes = psutil.Process(labcloud_server.running.pid).children(recursive=True)
    assert processes
    os.kill(labcloud_server.running.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


@pytest.mark.slow
def test_a_query_that_wants_all_memory_fails_alone(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    hungry = (
        "SELECT cardinality(array_agg(x * 10000 + y)) AS n FROM UNNEST(sequence(1, 9000)) a (x), "
        "UNNEST(sequence(1, 9000)) b (y), UNNEST(sequence(1, 900)) c (z)"
    )
    status = finish(athena, start(athena, hungry))["Status"]
    assert status["State"] == "FAILED"
    assert finish(athena, start(athena, "SELECT 1"))["Status"]["State"] == "SUCCEEDED"


def test_active_queries_are_limited(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    ids = [start(athena, LONG) for _ in range(200)]
    with pytest.raises(ClientError) as caught:
        start(athena, LONG)
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["Reason"] == "CONCURRENT_QUERY_LIMIT_EXCEEDED"
    for id_ in reversed(ids):
        athena.stop_query_execution(QueryExecutionId=id_)
    assert finish(athena, start(athena, "SELECT 1"))["Status"]["State"] == "SUCCEEDED"
