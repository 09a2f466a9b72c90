"""awswrangler writes the dataset; versions are brought back by a copy; one rule for each aim."""

from typing import Any

import awswrangler as wr
import pandas as pd
from solution_steps import (
    break_reference,
    carrier,
    close_bucket,
    column_bytes,
    keep_versions,
    make_bucket,
    months,
    set_lifecycle,
    sizes,
)


def answer(lab: Any) -> None:
    """Do the whole lab."""
    make_bucket(lab)
    keep_versions(lab)
    close_bucket(lab)
    s3 = lab.aws.client("s3")
    frames = []
    for month in months(lab):
        path = lab.data / "flights" / "csv" / f"2013-{month:02}.csv"
        s3.upload_file(str(path), lab.bucket, f"landing/flights/{path.name}")
        url = f"s3://{lab.bucket}/landing/flights/{path.name}"
        frames.append(wr.s3.read_csv(url, boto3_session=lab.aws, parse_dates=["time_hour"]))
    frame = pd.concat(frames)
    wr.s3.to_parquet(
        frame,
        f"s3://{lab.bucket}/curated/flights/",
        dataset=True,
        partition_cols=["year", "month"],
        mode="overwrite",
        boto3_session=lab.aws,
    )
    _bring_back(lab)
    _sort(lab)
    _rules(lab)
    landed, kept = sizes(lab, "landing/flights/"), sizes(lab, "curated/flights/")
    lab.answer("csv_bytes", sum(landed.values()))
    lab.answer("parquet_bytes", sum(kept.values()))
    lab.answer("delay_bytes", column_bytes(lab, "arr_delay"))
    mine = frame[frame.carrier == carrier(lab)].dropna(subset=["arr_delay"])
    means = mine.groupby("dest").arr_delay.agg(["mean", "size"]).query("size >= 50")["mean"]
    lab.answer("late_destination", means.idxmax())
    lab.answer("late_minutes", float(means.max()))


def _bring_back(lab: Any) -> None:
    """Copy the last version that is not empty over the empty one."""
    s3, key = lab.aws.client("s3"), "reference/airlines.csv"
    break_reference(lab)
    versions = s3.list_object_versions(Bucket=lab.bucket, Prefix=key)["Versions"]
    good = next(v for v in versions if v["Size"])
    source = {"Bucket": lab.bucket, "Key": key, "VersionId": good["VersionId"]}
    s3.copy_object(Bucket=lab.bucket, Key=key, CopySource=source)


def _sort(lab: Any) -> None:
    """Land all partner files first, then copy and delete as a look inside says."""
    s3 = lab.aws.client("s3")
    folder = "landing/partner"
    for path in sorted((lab.data / "landing" / "partner").iterdir()):
        s3.upload_file(str(path), lab.bucket, f"{folder}/{path.name}")
    moves = {
        f"{folder}/2013-03.csv.gz": "quarantine/partner/2013-03.csv.gz",
        f"{folder}/2013-04.parquet": "quarantine/partner/2013-04.parquet",
        f"{folder}/2013-05.csv": "quarantine/partner/2013-05.csv",
        f"{folder}/2013-06.csv": f"{folder}/2013-06.parquet",
        f"{folder}/2013-07.parquet": f"{folder}/2013-07.csv",
    }
    for old, new in moves.items():
        source = {"Bucket": lab.bucket, "Key": old}
        s3.copy_object(Bucket=lab.bucket, Key=new, CopySource=source)
        s3.delete_object(Bucket=lab.bucket, Key=old)


def _rules(lab: Any) -> None:
    """Three rules, the first with a filter of two conditions."""
    ids = iter(("landing", "versions", "uploads"))
    both = {"And": {"Prefix": "landing/", "ObjectSizeGreaterThan": 1024}}
    parts: list[dict[str, Any]] = [
        {"Filter": both, "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
        {"Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 90}},
        {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    ]
    set_lifecycle(lab, *({"ID": next(ids), "Status": "Enabled", **part} for part in parts))
