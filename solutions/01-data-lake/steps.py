"""The steps of lab 01, each done right once, for the answers in right/ and wrong/ to build on."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CARRIERS = ("UA", "B6", "US", "DL", "AA", "MQ")
LAYOUT = "curated/flights/year=2013/month={month}/flights.parquet"


def months(lab: Any) -> list[int]:
    """The three months of this student's quarter."""
    first = lab.seed % 4 * 3 + 1
    return [first, first + 1, first + 2]


def carrier(lab: Any) -> str:
    """This student's airline."""
    return CARRIERS[lab.seed // 4 % len(CARRIERS)]


def put(lab: Any, key: str, body: bytes) -> None:
    """Write one object."""
    lab.aws.client("s3").put_object(Bucket=lab.bucket, Key=key, Body=body)


def make_bucket(lab: Any) -> None:
    """The bucket, nothing else."""
    place = {"LocationConstraint": lab.aws.region_name}
    options = {} if lab.aws.region_name == "us-east-1" else {"CreateBucketConfiguration": place}
    lab.aws.client("s3").create_bucket(Bucket=lab.bucket, **options)


def close_bucket(lab: Any, **settings: bool) -> None:
    """All four public access settings on, unless said otherwise."""
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    block = {name: settings.get(name, True) for name in names}
    s3 = lab.aws.client("s3")
    s3.put_public_access_block(Bucket=lab.bucket, PublicAccessBlockConfiguration=block)


def keep_versions(lab: Any, status: str = "Enabled") -> None:
    """Versioning."""
    s3 = lab.aws.client("s3")
    s3.put_bucket_versioning(Bucket=lab.bucket, VersioningConfiguration={"Status": status})


def land(
    lab: Any,
    key: str = "landing/flights/{name}",
    body: Callable[[bytes], bytes] = bytes,
    which: Iterable[int] | None = None,
) -> None:
    """The quarter's CSV files."""
    for month in which or months(lab):
        path = lab.data / "flights" / "csv" / f"2013-{month:02}.csv"
        put(lab, key.format(name=path.name), body(path.read_bytes()))


def airlines(lab: Any) -> bytes:
    """The good content of reference/airlines.csv."""
    body: bytes = (lab.data / "airlines" / "airlines.csv").read_bytes()
    return body


def break_reference(lab: Any) -> None:
    """The good airlines, then the accident."""
    put(lab, "reference/airlines.csv", airlines(lab))
    put(lab, "reference/airlines.csv", b"")


def flights(lab: Any, month: int) -> pa.Table:
    """The flights of one month, without the columns that the path carries."""
    table = pq.read_table(lab.data / "flights" / "parquet" / f"2013-{month:02}.parquet")
    return table.drop_columns(["year", "month"])


def parquet(table: pa.Table, **options: Any) -> bytes:
    """A table as the bytes of a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def convert(
    lab: Any,
    layout: str = LAYOUT,
    change: Callable[[pa.Table], pa.Table] = lambda table: table,
    body: Callable[[pa.Table], bytes] = parquet,
) -> None:
    """The quarter as one Parquet file a month."""
    for month in months(lab):
        put(lab, layout.format(month=month), body(change(flights(lab, month))))


def sort_partner(lab: Any, places: dict[str, str] | None = None) -> None:
    """The partner's files, each in its place; `places` overrides keys, "" leaves out."""
    keys = {
        "2013-03.csv.gz": "quarantine/2013-03.csv.gz",
        "2013-04.parquet": "quarantine/2013-04.parquet",
        "2013-05.csv": "quarantine/2013-05.csv",
        "2013-06.csv": "landing/partner/2013-06.parquet",
        "2013-07.parquet": "landing/partner/2013-07.csv",
        "2013-08.csv.gz": "landing/partner/2013-08.csv.gz",
        "september report+final.csv": "landing/partner/september report+final.csv",
    }
    for name, key in {**keys, **(places or {})}.items():
        if key:
            put(lab, key, (lab.data / "landing" / "partner" / name).read_bytes())


MOVE = {
    "ID": "landing-gets-cheap",
    "Status": "Enabled",
    "Filter": {"Prefix": "landing/"},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
}
TIDY = {
    "ID": "tidy",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


def set_lifecycle(lab: Any, *rules: dict[str, Any]) -> None:
    """The lifecycle rules, the right ones unless said otherwise."""
    lab.aws.client("s3").put_bucket_lifecycle_configuration(
        Bucket=lab.bucket, LifecycleConfiguration={"Rules": list(rules) or [MOVE, TIDY]}
    )


def sizes(lab: Any, prefix: str) -> dict[str, int]:
    """Key and size of the objects under a prefix."""
    pages = lab.aws.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=lab.bucket, Prefix=prefix)
    return {item["Key"]: item["Size"] for page in found for item in page.get("Contents", [])}


def column_bytes(lab: Any, name: str, size: str = "total_compressed_size") -> int:
    """Bytes of one column in all curated files."""
    total = 0
    for key in sizes(lab, "curated/flights/"):
        body = lab.aws.client("s3").get_object(Bucket=lab.bucket, Key=key)["Body"].read()
        footer = pq.read_metadata(pa.BufferReader(body))
        for group in range(footer.num_row_groups):
            chunks = footer.row_group(group).to_dict()["columns"]
            total += sum(c[size] for c in chunks if c["path_in_schema"] == name)
    return total


def measure(lab: Any, **other: Any) -> None:
    """The three sizes, unless said otherwise."""
    right = {
        "csv_bytes": sum(sizes(lab, "landing/flights/").values()),
        "parquet_bytes": sum(sizes(lab, "curated/flights/").values()),
        "delay_bytes": column_bytes(lab, "arr_delay"),
    }
    for name, value in {**right, **other}.items():
        lab.answer(name, value)


def latest(table: pa.Table, delay: str = "arr_delay", least: int = 50) -> tuple[str, float]:
    """The destination with the highest mean delay, and that mean."""
    means = table.group_by("dest").aggregate([(delay, "mean"), (delay, "count")])
    means = means.filter(pc.greater_equal(means[f"{delay}_count"], least))
    best = means.sort_by([(f"{delay}_mean", "descending")]).slice(0, 1).to_pylist()[0]
    return best["dest"], best[f"{delay}_mean"]


def quarter(lab: Any) -> pa.Table:
    """All flights of the quarter."""
    return pa.concat_tables([flights(lab, month) for month in months(lab)])


def mine(lab: Any) -> pa.Table:
    """The airline's flights of the quarter."""
    table = quarter(lab)
    return table.filter(pc.equal(table["carrier"], carrier(lab)))


def declare(lab: Any, dest: str, minutes: float) -> None:
    """The answer to the lab's question."""
    lab.answer("late_destination", dest)
    lab.answer("late_minutes", round(minutes, 2))


def gzipped(body: bytes) -> bytes:
    """The bytes as gzip."""
    return gzip.compress(body)
