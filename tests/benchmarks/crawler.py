"""A crawler over many objects: objects a second, and reads an object.

    python tests/benchmarks/crawler.py [--objects 10000] [--partitions 500]

The objects are CSV, JSON lines and Parquet in turn, a third of the partitions each, in three
folders of Hive-style partitions. Then the same crawler once more: nothing is new.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.config import Config

from labcloud.process import down, up

BUCKET = "crawl"


def body(kind: str, number: int) -> bytes:
    """A small object of one format."""
    rows = [{"id": number * 10 + n, "name": f"n{n}", "price": n * 1.5} for n in range(10)]
    if kind == "csv":
        lines = ["id,name,price", *(f"{r['id']},{r['name']},{r['price']}" for r in rows)]
        return "\n".join(lines).encode() + b"\n"
    if kind == "json":
        return "\n".join(json.dumps(row) for row in rows).encode() + b"\n"
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        running = up(Path(directory), port=random.randrange(20_000, 32_000))
        try:
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            more = {"endpoint_url": running.url, "region_name": "us-east-1", **keys}
            config = Config(max_pool_connections=16)
            s3 = boto3.client("s3", config=config, **more)
            glue = boto3.client("glue", **more)
            s3.create_bucket(Bucket=BUCKET)
            kinds = ("csv", "json", "parquet")

            def put(number: int) -> None:
                part = number % asked.partitions
                kind = kinds[part % len(kinds)]
                key = f"{kind}/day={part:03d}/{number}.{kind}"
                s3.put_object(Bucket=BUCKET, Key=key, Body=body(kind, number))

            with ThreadPoolExecutor(8) as pool:
                list(pool.map(put, range(asked.objects)))
            glue.create_database(DatabaseInput={"Name": "crawled"})
            glue.create_crawler(
                Name="bench",
                Role="arn:aws:iam::123456789012:role/crawler",
                DatabaseName="crawled",
                Targets={"S3Targets": [{"Path": f"s3://{BUCKET}/{kind}/"} for kind in kinds]},
            )
            print(f"{'crawl':>6}  {'objects':>8}  {'seconds':>8}  {'objects/s':>9}  partitions")
            for name in ("first", "second"):
                began = time.perf_counter()
                glue.start_crawler(Name="bench")
                while glue.get_crawler(Name="bench")["Crawler"]["State"] != "READY":
                    time.sleep(0.02)
                took = time.perf_counter() - began
                found = sum(
                    len(page["Partitions"])
                    for kind in kinds
                    for page in glue.get_paginator("get_partitions").paginate(
                        DatabaseName="crawled", TableName=kind
                    )
                )
                rate = asked.objects / took
                print(f"{name:>6}  {asked.objects:>8}  {took:>8.2f}  {rate:>9.0f}  {found}")
            reads = glue.get_crawler(Name="bench")["Crawler"]["LastCrawl"]
            assert reads["Status"] == "SUCCEEDED", reads
            print(_reads(s3, boto3.client("logs", **more)))
        finally:
            down(Path(directory))


def _reads(s3: object, logs: object) -> str:
    """Return the crawl's own line about its reads, from CloudWatch Logs."""
    events = logs.get_log_events(  # type: ignore[attr-defined]
        logGroupName="/aws-glue/crawlers", logStreamName="bench"
    )["events"]
    return next((e["message"] for e in reversed(events) if "reads" in e["message"]), "no line")


if __name__ == "__main__":
    main()
