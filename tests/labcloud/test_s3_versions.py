"""S3 versioning, Object Lock and archived classes: what is kept, and what cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture
def make(s3: Any, request: pytest.FixtureRequest) -> Callable[..., str]:
    def made(**settings: Any) -> str:
        name = request.node.name.replace("_", "-").lower()[-60:].strip("-")
        s3.create_bucket(Bucket=name, **settings)
        return name

    return made


@pytest.fixture
def versioned(s3: Any, make: Callable[..., str]) -> str:
    bucket = make()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_every_version_stays_readable(s3: Any, versioned: str) -> None:
    ids = [
        s3.put_object(Bucket=versioned, Key="k", Body=text.encode())["VersionId"]
        for text in ("one", "two", "three")
    ]
    assert len(set(ids)) == 3
    for version, text in zip(ids, (b"one", b"two", b"three"), strict=True):
        got = s3.get_object(Bucket=versioned, Key="k", VersionId=version)
        assert got["Body"].read() == text
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == ids[-1]


def test_a_delete_marker_hides_and_its_removal_brings_back(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")
    assert marker["DeleteMarker"] is True
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=versioned, Key="k")
    assert code_of(caught) == ("NoSuchKey", 404)
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    assert headers["x-amz-version-id"] == marker["VersionId"]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    assert code_of(caught) == ("MethodNotAllowed", 405)
    listed = s3.list_object_versions(Bucket=versioned)
    assert [one["IsLatest"] for one in listed["DeleteMarkers"]] == [True]
    assert [one["IsLatest"] for one in listed["Versions"]] == [False]
    gone = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    assert gone["DeleteMarker"] is True
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == first


def test_the_newest_remaining_version_becomes_the_latest(s3: Any, versioned: str) -> None:
    old = s3.put_object(Bucket=versioned, Key="k", Body=b"old")["VersionId"]
    new = s3.put_object(Bucket=versioned, Key="k", Body=b"new")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=new)
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"old"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=old)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=versioned, Key="k")
    assert "x-amz-delete-marker" not in caught.value.response["ResponseMetadata"]["HTTPHeaders"]


def test_suspended_versioning_writes_the_null_version(s3: Any, make: Callable[..., str]) -> None:
    bucket = make()
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"before"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for text in (b"first", b"second"):
        assert s3.put_object(Bucket=bucket, Key="k", Body=text)["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [one["VersionId"] for one in listed] == ["null", kept]
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert (marker["DeleteMarker"], marker["VersionId"]) == (True, "null")
    listed = s3.list_object_versions(Bucket=bucket)
    assert [one["VersionId"] for one in listed["Versions"]] == [kept]


def test_unknown_and_malformed_versions(s3: Any, versioned: str) -> None:
    s3.put_object(Bucket=versioned, Key="k", Body=b"x")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=versioned, Key="k", VersionId="A" * 32)
    assert code_of(caught) == ("NoSuchVersion", 404)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=versioned, Key="k", VersionId="../x")
    assert code_of(caught) == ("InvalidArgument", 400)


def test_a_bucket_with_only_delete_markers_is_not_empty(s3: Any, versioned: str) -> None:
    s3.delete_object(Bucket=versioned, Key="never-was")
    with pytest.raises(ClientError) as caught:
        s3.delete_bucket(Bucket=versioned)
    assert code_of(caught) == ("BucketNotEmpty", 409)


def test_versions_page_with_both_markers(s3: Any, versioned: str) -> None:
    for key in ("a", "b"):
        for number in range(5):
            s3.put_object(Bucket=versioned, Key=key, Body=b"%d" % number)
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, PaginationConfig={"PageSize": 3}
    )
    seen = [(one["Key"], one["VersionId"]) for page in pages for one in page["Versions"]]
    whole = s3.list_object_versions(Bucket=versioned)["Versions"]
    assert seen == [(one["Key"], one["VersionId"]) for one in whole]
    assert len(set(seen)) == 10


def test_compliance_keeps_a_version_from_everyone(s3: Any, make: Callable[..., str]) -> None:
    bucket = make(ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC) + timedelta(days=10)
    version = s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )["VersionId"]  # fmt: skip
    with pytest.raises(ClientError, match="object lock") as caught:
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    assert code_of(caught) == ("AccessDenied", 403)
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": until - timedelta(days=1)}
    with pytest.raises(ClientError) as caught:
        s3.put_object_retention(
            Bucket=bucket, Key="k", Retention=sooner, BypassGovernanceRetention=True
        )
    assert code_of(caught) == ("AccessDenied", 403)
    later = {"Mode": "COMPLIANCE", "RetainUntilDate": until + timedelta(days=1)}
    s3.put_object_retention(Bucket=bucket, Key="k", Retention=later)
    assert s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"] is True


def test_governance_yields_to_the_bypass(s3: Any, make: Callable[..., str]) -> None:
    bucket = make(ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    found = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert found["Rule"] == rule
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    assert s3.head_object(Bucket=bucket, Key="k")["ObjectLockMode"] == "GOVERNANCE"
    with pytest.raises(ClientError):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_a_legal_hold_has_no_end_and_no_bypass(s3: Any, make: Callable[..., str]) -> None:
    bucket = make(ObjectLockEnabledForBucket=True)
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(Bucket=bucket, Key="k")["LegalHold"] == {"Status": "ON"}
    one = {"Objects": [{"Key": "k", "VersionId": version}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=one, BypassGovernanceRetention=True)
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    s3.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)


def test_object_lock_needs_and_keeps_versioning(s3: Any, make: Callable[..., str]) -> None:
    bucket = make()
    lock = {"ObjectLockEnabled": "Enabled"}
    with pytest.raises(ClientError) as caught:
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    assert code_of(caught) == ("InvalidBucketState", 409)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", ObjectLockLegalHoldStatus="ON")
    assert code_of(caught) == ("InvalidRequest", 400)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert code_of(caught) == ("InvalidBucketState", 409)
