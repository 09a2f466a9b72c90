"""Athena here beside DuckDB on the same files, in one run.

    python tests/benchmarks/athena.py [--scale 1] [--runs 3] [--tiny 1000] [--clients 16]

1. TPC-H's 22 queries over Parquet in labcloud's S3, through start, poll and results, against
   DuckDB by itself on the same files: seconds, the ratio, and whether the results are equal.
2. Tiny queries one after another: milliseconds beyond DuckDB's own time.
3. The same from several clients at once.

Data: `tpchgen-cli` from PyPI. Both use all cores; the first run of each query is not counted.
"""

from __future__ import annotations

import argparse
import csv
import decimal
import io
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pyarrow.parquet as pq
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tpch_queries import QUERIES, TABLES

from labcloud.process import down, up

POLL, MOST = 0.004, 0.016
"""Seconds between polls: a client that asks without end takes a processor from the query."""
_KINDS = {"int32": "int", "int64": "bigint", "date32[day]": "date", "double": "double"}


def generate(scale: float, directory: Path) -> None:
    command = Path(sys.executable).parent / "tpchgen-cli"
    subprocess.run(
        [str(command), "parquet", "-s", str(scale), f"--output-dir={directory}"],
        check=True,
        capture_output=True,
    )


class Athena:
    """Queries through the API, as a client runs them."""

    def __init__(self, url: str) -> None:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        more = {"endpoint_url": url, "region_name": "us-east-1", **keys}
        config = Config(max_pool_connections=32, retries={"max_attempts": 0})
        self.athena = boto3.client("athena", config=config, **more)
        self.s3 = boto3.client("s3", config=config, **more)
        self.glue = boto3.client("glue", config=config, **more)
        self.s3.create_bucket(Bucket="tpch")
        self.glue.create_database(DatabaseInput={"Name": "tpch"})

    def table(self, name: str, file: Path) -> None:
        self.s3.upload_file(str(file), "tpch", f"{name}/{name}.parquet")
        columns = [
            {"Name": field.name, "Type": _KINDS.get(str(field.type)) or _hive(str(field.type))}
            for field in pq.read_schema(file)
        ]
        serde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
        self.glue.create_table(
            DatabaseName="tpch",
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {
                    "Columns": columns,
                    "Location": f"s3://tpch/{name}/",
                    "SerdeInfo": {"SerializationLibrary": serde},
                },
            },
        )

    def run(self, sql: str) -> list[list[str | None]]:
        started = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": "tpch"},
            ResultConfiguration={"OutputLocation": "s3://tpch/results/"},
        )["QueryExecutionId"]
        pause = POLL
        while True:
            found = self.athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            state = found["Status"]["State"]
            if state == "SUCCEEDED":
                break
            if state in ("FAILED", "CANCELLED"):
                raise RuntimeError(found["Status"].get("StateChangeReason"))
            time.sleep(pause)
            pause = min(MOST, pause * 1.4)
        return self._file(found["ResultConfiguration"]["OutputLocation"])

    def _file(self, uri: str) -> list[list[str | None]]:
        """Return a result from its file in S3, as awswrangler and PyAthena's pandas cursor do."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        text = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        rows = [list(row) for row in csv.reader(io.StringIO(text))]
        return [[value or None for value in row] for row in rows[1:]]


def _hive(kind: str) -> str:
    return kind.replace("decimal128", "decimal").replace(" ", "") if "decimal" in kind else "string"


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the median seconds of some runs after a first one, and the last answer."""
    answer = work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), answer


def equal(ours: list[list[str | None]], theirs: list[tuple[Any, ...]]) -> bool:
    """Return whether results agree: numbers to 1e-9 or half a unit of the last digit shown."""
    if len(ours) != len(theirs):
        return False
    return all(
        _same(a, b) for row, other in zip(ours, theirs, strict=True)
        for a, b in zip(row, other, strict=True)
    )  # fmt: skip


def _same(text: str | None, value: Any) -> bool:
    if text is None or value is None:
        return text is None and value is None
    if isinstance(value, (int, float, decimal.Decimal)):
        digits = len(text.partition(".")[2])
        near = math.isclose(float(text), float(value), rel_tol=1e-9)
        return near or abs(float(text) - float(value)) <= 0.5 * 10**-digits + 1e-12
    return text.rstrip() == str(value).rstrip()


def tpch(athena: Athena, plain: duckdb.DuckDBPyConnection, runs: int) -> None:
    print(f"{'query':>5}  {'DuckDB s':>9}  {'here s':>9}  {'ratio':>6}  equal")
    ratios = []
    for number, sql in QUERIES.items():
        theirs, rows = timed(lambda sql=sql: plain.execute(sql).fetchall(), runs)
        ours, answer = timed(lambda sql=sql: athena.run(sql), runs)
        ratios.append(ours / theirs)
        same = "yes" if equal(answer, rows) else "NO"
        print(f"{number:>5}  {theirs:>9.3f}  {ours:>9.3f}  {ours / theirs:>6.2f}  {same}")
    mean = math.exp(statistics.mean(map(math.log, ratios)))
    print(f"geometric mean of the ratios {mean:.2f}, greatest {max(ratios):.2f}")


def tiny(athena: Athena, plain: duckdb.DuckDBPyConnection, count: int, clients: int) -> None:
    numbers = [random.randrange(10**6) for _ in range(count)]

    def ask(number: int) -> None:
        assert athena.run(f"SELECT {number} + 1 AS n") == [[str(number + 1)]]

    ask(1)
    began = time.perf_counter()
    for number in numbers:
        plain.execute(f"SELECT {number} + 1 AS n").fetchall()
    own = (time.perf_counter() - began) / count
    began = time.perf_counter()
    for number in numbers:
        ask(number)
    here = (time.perf_counter() - began) / count
    print(
        f"{count} tiny queries: {here * 1000:.1f} ms each, DuckDB {own * 1000:.2f} ms, "
        f"beyond it {(here - own) * 1000:.1f} ms"
    )
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, numbers))
    took = time.perf_counter() - began
    print(f"{clients} clients at once: {count / took:.0f} queries a second, none failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tiny", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "data"
        generate(asked.scale, data)
        running = up(Path(directory) / "cloud", port=random.randrange(20_000, 32_000))
        try:
            athena, plain = Athena(running.url), duckdb.connect()
            for name in TABLES:
                file = data / f"{name}.parquet"
                athena.table(name, file)
                plain.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{file}')")
            tpch(athena, plain, asked.runs)
            tiny(athena, plain, asked.tiny, asked.clients)
        finally:
            down(Path(directory) / "cloud")


if __name__ == "__main__":
    main()
