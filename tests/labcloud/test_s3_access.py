"""Who may read and write a bucket: policies, ACLs, Block Public Access, encryption keys."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture(scope="module")
def anyone(aws: boto3.Session) -> Any:
    """A client without credentials."""
    return aws.client("s3", config=Config(signature_version=UNSIGNED))


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"access-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="page.html", Body=b"<p>")
    return name


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def allow(bucket: str, action: str, resource: str = "/*", **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}{resource}",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_new_bucket_is_private_and_says_so(s3: Any, anyone: Any, bucket: str) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())
    assert len(block) == 4
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    with pytest.raises(ClientError) as caught:
        anyone.get_object(Bucket=bucket, Key="page.html")
    assert code_of(caught) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as caught:
        anyone.get_object(Bucket=bucket, Key="not-there")
    assert code_of(caught) == ("AccessDenied", 403)


def test_a_public_policy_waits_for_block_public_access(s3: Any, anyone: Any, bucket: str) -> None:
    policy = allow(bucket, "s3:GetObject")
    with pytest.raises(ClientError, match="BlockPublicPolicy") as caught:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert code_of(caught) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert anyone.get_object(Bucket=bucket, Key="page.html")["Body"].read() == b"<p>"
    with pytest.raises(ClientError):
        anyone.put_object(Bucket=bucket, Key="page.html", Body=b"defaced")
    with pytest.raises(ClientError):
        anyone.list_objects_v2(Bucket=bucket)
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    with pytest.raises(ClientError):
        anyone.get_object(Bucket=bucket, Key="page.html")


def test_acls_are_off_until_ownership_allows_them(s3: Any, anyone: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    assert code_of(caught) == ("AccessControlListNotSupported", 400)
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    assert code_of(caught) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    assert anyone.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    grants = s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL", "READ"]
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    with pytest.raises(ClientError):
        anyone.get_object(Bucket=bucket, Key="k")


def test_a_deny_binds_the_owner_too(s3: Any, bucket: str) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [statement]}))
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert code_of(caught) == ("AccessDenied", 403)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    assert put["ServerSideEncryption"] == "aws:kms"
    assert put["SSEKMSKeyId"].startswith("arn:aws:kms:us-east-1:")


def test_only_what_demands_tls_is_denied_over_plain_connections_elsewhere(
    s3: Any, bucket: str
) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [statement]}))
    assert s3.get_object(Bucket=bucket, Key="page.html")["Body"].read() == b"<p>"


@pytest.mark.parametrize(
    "policy",
    [
        "not json",
        '{"Statement": []}',
        '{"Statement": [{"Effect": "Maybe", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", '
        '"Resource": "arn:aws:s3:::another/*"}]}',
    ],
)
def test_what_is_no_policy_is_refused(s3: Any, bucket: str, policy: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert code_of(caught) == ("MalformedPolicy", 400)


def test_an_expected_owner_is_checked(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="page.html", ExpectedBucketOwner="999999999999")
    assert code_of(caught) == ("AccessDenied", 403)


def test_the_buckets_default_key_encrypts(aws: boto3.Session, s3: Any, bucket: str) -> None:
    kms: Any = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    got = s3.head_object(Bucket=bucket, Key="k")
    assert got["ServerSideEncryption"] == "aws:kms"
    assert got["SSEKMSKeyId"] == key
    assert got["BucketKeyEnabled"] is True
    with pytest.raises(ClientError) as caught:
        s3.put_object(
            Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms",
            SSEKMSKeyId=str(uuid.uuid4()),
        )  # fmt: skip
    assert code_of(caught) == ("KMS.NotFoundException", 400)
    s3.delete_bucket_encryption(Bucket=bucket)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert found["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_a_customers_key_opens_and_another_does_not(s3: Any, bucket: str) -> None:
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    s3.put_object(Bucket=bucket, Key="mine", Body=b"x", **key)
    assert s3.get_object(Bucket=bucket, Key="mine", **key)["Body"].read() == b"x"
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="mine")
    assert code_of(caught) == ("InvalidRequest", 400)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="mine", **{**key, "SSECustomerKey": os.urandom(32)})
    assert code_of(caught) == ("AccessDenied", 403)


@pytest.mark.parametrize("name", ["UPPER", "ab", "a..b", "192.168.0.1", "xn--x", "x-s3alias"])
def test_bucket_names_follow_the_rules(aws: boto3.Session, name: str) -> None:
    s3: Any = aws.client("s3")
    with pytest.raises(ClientError) as caught:
        s3.create_bucket(Bucket=name)
    assert code_of(caught) == ("InvalidBucketName", 400)


def test_making_a_bucket_again(aws: boto3.Session, s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    far: Any = aws.client("s3", region_name="eu-west-1")
    where = {"LocationConstraint": "eu-west-1"}
    far.create_bucket(Bucket=f"{bucket[:50]}-eu", CreateBucketConfiguration=where)
    with pytest.raises(ClientError) as caught:
        far.create_bucket(Bucket=f"{bucket[:50]}-eu", CreateBucketConfiguration=where)
    assert code_of(caught) == ("BucketAlreadyOwnedByYou", 409)
    with pytest.raises(ClientError) as caught:
        far.create_bucket(Bucket=f"{bucket[:50]}-no")
    assert code_of(caught) == ("IllegalLocationConstraintException", 400)
