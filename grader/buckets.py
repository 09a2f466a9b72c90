"""Removing a bucket with everything in it: versions, delete markers, unfinished uploads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class Removed:
    """What went with a bucket, and what did not."""

    objects: int = 0
    kept: int = 0
    why: str = ""


def remove_bucket(aws: Any, bucket: str) -> Removed | None:
    """Empty a bucket and delete it; return what went, or None where there is no such bucket.

    Objects under governance lock go too; what a compliance lock or legal hold keeps is counted
    as kept, and the bucket stays.
    """
    s3 = aws.client("s3")
    removed = Removed()
    try:
        s3.delete_bucket_policy(Bucket=bucket)
        _abort_uploads(s3, bucket)
        _delete_versions(s3, bucket, removed)
        if not removed.kept:
            s3.delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return None
        raise
    return removed


def _abort_uploads(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _delete_versions(s3: Any, bucket: str, removed: Removed) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = page.get("Versions", []) + page.get("DeleteMarkers", [])
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if objects:
            _delete(s3, bucket, objects, removed)


def _delete(s3: Any, bucket: str, objects: list[dict[str, str]], removed: Removed) -> None:
    asked = {"Objects": objects, "Quiet": True}
    errors = s3.delete_objects(Bucket=bucket, Delete=asked).get("Errors", [])
    if errors:
        locked = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in errors]
        asked = {"Objects": locked, "Quiet": True}
        answer = s3.delete_objects(Bucket=bucket, Delete=asked, BypassGovernanceRetention=True)
        errors = answer.get("Errors", [])
    removed.objects += len(objects) - len(errors)
    removed.kept += len(errors)
    if errors:
        removed.why = errors[0].get("Message", errors[0].get("Code", ""))
