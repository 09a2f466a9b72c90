"""What S3 does by the clock: lifecycle rules, restores, inventories. Each test puts it forward."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import uuid
from typing import Any

import boto3
import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError

LARGE = b"x" * (128 * 1024)


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"clock-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


def advance(cloud: Any, by: str) -> None:
    cloud.running.control("clock", advance=by)


def rules(s3: Any, bucket: str, *wanted: dict[str, Any]) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [{"Status": "Enabled", **one} for one in wanted]},
    )


def keys(s3: Any, bucket: str) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_objects_expire_at_midnight_by_filter(s3: Any, cloud: Any, bucket: str) -> None:
    rules(
        s3,
        bucket,
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}},
        {
            "ID": "old drafts",
            "Filter": {
                "And": {
                    "Prefix": "draft/",
                    "Tags": [{"Key": "keep", "Value": "no"}],
                    "ObjectSizeLessThan": 100,
                }
            },
            "Expiration": {"Days": 1},
        },
    )
    put = s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
    assert 'rule-id="logs"' in put["Expiration"]
    assert "00:00:00 GMT" in s3.head_object(Bucket=bucket, Key="logs/a")["Expiration"]
    s3.put_object(Bucket=bucket, Key="data/a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="draft/gone", Body=b"x", Tagging="keep=no")
    s3.put_object(Bucket=bucket, Key="draft/large", Body=b"x" * 200, Tagging="keep=no")
    s3.put_object(Bucket=bucket, Key="draft/kept", Body=b"x", Tagging="keep=yes")
    advance(cloud, "2h")
    assert "logs/a" in keys(s3, bucket)
    advance(cloud, "2d")
    assert keys(s3, bucket) == ["data/a", "draft/kept", "draft/large"]


def test_versions_expire_behind_markers(s3: Any, cloud: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rules(
        s3,
        bucket,
        {
            "Filter": {},
            "Expiration": {"Days": 5},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1},
        },
        {"Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    for text in (b"1", b"2", b"3"):
        s3.put_object(Bucket=bucket, Key="k", Body=text)
    advance(cloud, "3d")
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 2
    advance(cloud, "3d")
    listed = s3.list_object_versions(Bucket=bucket)
    assert [one["IsLatest"] for one in listed["DeleteMarkers"]] == [True]
    assert keys(s3, bucket) == []
    s3.delete_objects(
        Bucket=bucket,
        Delete={
            "Objects": [{"Key": "k", "VersionId": one["VersionId"]} for one in listed["Versions"]]
        },
    )
    advance(cloud, "1d")
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=bucket)


def test_a_lock_outlasts_a_rule(s3: Any, cloud: Any) -> None:
    bucket = f"clock-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    rules(s3, bucket, {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ObjectLockLegalHoldStatus="ON")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    advance(cloud, "3d")
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 2


def test_large_objects_go_cold_and_come_back(s3: Any, cloud: Any, bucket: str) -> None:
    rules(
        s3,
        bucket,
        {
            "Filter": {"Prefix": "archive/"},
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 90, "StorageClass": "GLACIER"},
            ],
        },
    )
    s3.put_object(Bucket=bucket, Key="archive/large", Body=LARGE)
    s3.put_object(Bucket=bucket, Key="archive/small", Body=b"x")
    advance(cloud, "31d")
    assert s3.head_object(Bucket=bucket, Key="archive/large")["StorageClass"] == "STANDARD_IA"
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="archive/small")
    advance(cloud, "61d")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="archive/large")
    assert caught.value.response["Error"]["Code"] == "InvalidObjectState"
    asked = {"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}}
    began = s3.restore_object(Bucket=bucket, Key="archive/large", RestoreRequest=asked)
    assert began["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert s3.head_object(Bucket=bucket, Key="archive/large")["Restore"] == 'ongoing-request="true"'
    with pytest.raises(ClientError) as caught:
        s3.restore_object(Bucket=bucket, Key="archive/large", RestoreRequest=asked)
    assert caught.value.response["Error"]["Code"] == "RestoreAlreadyInProgress"
    advance(cloud, "6h")
    assert s3.get_object(Bucket=bucket, Key="archive/large")["Body"].read() == LARGE
    assert "expiry-date" in s3.head_object(Bucket=bucket, Key="archive/large")["Restore"]
    advance(cloud, "4d")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="archive/large")


def test_uploads_that_nobody_completes_are_aborted(s3: Any, cloud: Any, bucket: str) -> None:
    rules(
        s3,
        bucket,
        {"Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    )
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")
    assert "AbortDate" in upload
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"], PartNumber=1, Body=b"x")
    advance(cloud, "8d")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {}, "Expiration": {"Days": 0}},
        {"Filter": {}},
        {"Filter": {}, "Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]},
        {"Filter": {"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 1}},
        {
            "Filter": {},
            "Expiration": {"Days": 30},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        },
    ],
)
def test_what_is_no_rule_is_refused(s3: Any, bucket: str, rule: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        rules(s3, bucket, rule)
    with pytest.raises(ClientError) as caught:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert caught.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"


def want_inventory(s3: Any, bucket: str, target: str, format_: str, **more: Any) -> None:
    destination = {"Bucket": f"arn:aws:s3:::{target}", "Format": format_, "Prefix": "inv"}
    s3.put_bucket_inventory_configuration(
        Bucket=bucket,
        Id="daily",
        InventoryConfiguration={
            "Id": "daily",
            "IsEnabled": True,
            "IncludedObjectVersions": "Current",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {"S3BucketDestination": destination},
            "OptionalFields": ["Size", "ETag", "StorageClass"],
            **more,
        },
    )


def manifest(s3: Any, bucket: str, target: str) -> dict[str, Any]:
    names = keys(s3, target)
    name = next(name for name in names if name.endswith("manifest.json"))
    assert name.startswith(f"inv/{bucket}/daily/")
    text = s3.get_object(Bucket=target, Key=name)["Body"].read()
    digest = name.replace("manifest.json", "manifest.checksum")
    found = s3.get_object(Bucket=target, Key=digest)["Body"].read().decode()
    assert found == hashlib.md5(text).hexdigest()
    assert any("/hive/dt=" in name and name.endswith("symlink.txt") for name in names)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_a_daily_inventory_lists_the_bucket(s3: Any, cloud: Any, bucket: str) -> None:
    target = f"{bucket[:50]}-target"
    s3.create_bucket(Bucket=target)
    for key in ("a b.txt", "data/1", "data/2"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    want_inventory(s3, bucket, target, "CSV", Filter={"Prefix": "data/"})
    advance(cloud, "1d")
    found = manifest(s3, bucket, target)
    assert found["fileSchema"] == "Bucket, Key, Size, ETag, StorageClass"
    body = s3.get_object(Bucket=target, Key=found["files"][0]["key"])["Body"].read()
    assert hashlib.md5(body).hexdigest() == found["files"][0]["MD5checksum"]
    table = list(csv.reader(io.StringIO(gzip.decompress(body).decode())))
    assert [(row[0], row[1], row[2]) for row in table] == [
        (bucket, "data/1", "6"),
        (bucket, "data/2", "6"),
    ]
    count = len(keys(s3, target))
    advance(cloud, "1d")
    assert len(keys(s3, target)) > count
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="daily")
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(
        Bucket=bucket
    )


def test_an_inventory_of_all_versions_in_parquet(s3: Any, cloud: Any, bucket: str) -> None:
    target = f"{bucket[:50]}-target"
    s3.create_bucket(Bucket=target)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="k")
    want_inventory(s3, bucket, target, "Parquet", IncludedObjectVersions="All")
    advance(cloud, "1d")
    found = manifest(s3, bucket, target)
    body = s3.get_object(Bucket=target, Key=found["files"][0]["key"])["Body"].read()
    table = pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()
    assert [(row["key"], row["is_delete_marker"], row["size"]) for row in table] == [
        ("k", True, None),
        ("k", False, 1),
    ]
