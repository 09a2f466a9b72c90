"""S3 multipart uploads: parts in any order become one object, or are gone."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

MIB = 1024 * 1024
PART = 5 * MIB


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="multipart")
    return "multipart"


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def begin(s3: Any, bucket: str, key: str, **settings: Any) -> dict[str, Any]:
    made = s3.create_multipart_upload(Bucket=bucket, Key=key, **settings)
    return {"Bucket": bucket, "Key": key, "UploadId": made["UploadId"]}


def put(s3: Any, upload: dict[str, Any], number: int, data: bytes) -> dict[str, Any]:
    etag = s3.upload_part(**upload, PartNumber=number, Body=data)["ETag"]
    return {"PartNumber": number, "ETag": etag}


def complete(s3: Any, upload: dict[str, Any], parts: list[dict[str, Any]], **more: Any) -> Any:
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **more)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_parts_come_in_any_order(s3: Any, bucket: str, order: tuple[int, ...]) -> None:
    data = {1: os.urandom(PART), 2: os.urandom(PART), 3: os.urandom(1000)}
    upload = begin(s3, bucket, "any-order", Metadata={"a": "b"}, ContentType="x/y")
    parts = sorted(
        (put(s3, upload, number, data[number]) for number in order),
        key=lambda part: part["PartNumber"],
    )
    digests = b"".join(hashlib.md5(data[number]).digest() for number in (1, 2, 3))
    assert complete(s3, upload, parts)["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    got = s3.get_object(Bucket=bucket, Key="any-order")
    assert got["Body"].read() == data[1] + data[2] + data[3]
    assert (got["Metadata"], got["ContentType"]) == ({"a": "b"}, "x/y")
    second = s3.get_object(Bucket=bucket, Key="any-order", PartNumber=2)
    assert second["Body"].read() == data[2]
    assert second["PartsCount"] == 3


def test_parts_of_different_sizes_and_parts_sent_again(s3: Any, bucket: str) -> None:
    first, second, third = (os.urandom(PART + extra) for extra in (0, 123, 7))
    upload = begin(s3, bucket, "uneven")
    put(s3, upload, 1, os.urandom(PART))
    parts = [put(s3, upload, 2, second), put(s3, upload, 4, third), put(s3, upload, 1, first)]
    complete(s3, upload, [parts[2], parts[0], parts[1]])
    assert s3.get_object(Bucket=bucket, Key="uneven")["Body"].read() == first + second + third


def test_parts_left_out_are_not_in_the_object(s3: Any, bucket: str) -> None:
    data = [os.urandom(PART) for _ in range(3)]
    upload = begin(s3, bucket, "left-out")
    parts = [put(s3, upload, number, data[number - 1]) for number in (1, 2, 3)]
    complete(s3, upload, parts[:2])
    assert s3.get_object(Bucket=bucket, Key="left-out")["Body"].read() == data[0] + data[1]


def test_boto3s_parallel_transfer(s3: Any, bucket: str) -> None:
    data = os.urandom(30 * MIB + 11)
    s3.upload_fileobj(io.BytesIO(data), bucket, "transfer")
    back = io.BytesIO()
    s3.download_fileobj(bucket, "transfer", back)
    assert back.getvalue() == data


def test_what_is_refused(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, "refused")
    small = put(s3, upload, 1, b"small")
    last = put(s3, upload, 2, b"last")
    with pytest.raises(ClientError) as caught:
        complete(s3, upload, [small, last])
    assert code_of(caught) == ("EntityTooSmall", 400)
    with pytest.raises(ClientError) as caught:
        complete(s3, upload, [last, small])
    assert code_of(caught) == ("InvalidPartOrder", 400)
    with pytest.raises(ClientError) as caught:
        complete(s3, upload, [{"PartNumber": 1, "ETag": '"0123"'}])
    assert code_of(caught) == ("InvalidPart", 400)
    with pytest.raises(ClientError) as caught:
        s3.upload_part(**upload, PartNumber=10_001, Body=b"")
    assert code_of(caught) == ("InvalidArgument", 400)
    with pytest.raises(ClientError) as caught:
        complete(s3, upload, [small], IfMatch='"never"')
    assert code_of(caught) == ("NoSuchKey", 404)
    complete(s3, upload, [small])
    assert s3.get_object(Bucket=bucket, Key="refused")["Body"].read() == b"small"


def test_completing_twice_is_the_same_and_then_the_upload_is_gone(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, "twice")
    part = put(s3, upload, 1, b"x")
    assert complete(s3, upload, [part])["ETag"] == complete(s3, upload, [part])["ETag"]
    with pytest.raises(ClientError) as caught:
        s3.upload_part(**upload, PartNumber=2, Body=b"")
    assert code_of(caught) == ("NoSuchUpload", 404)


def test_an_aborted_upload_leaves_nothing(s3: Any, bucket: str, cloud: Any) -> None:
    upload = begin(s3, bucket, "aborted")
    put(s3, upload, 1, b"x")
    s3.abort_multipart_upload(**upload)
    with pytest.raises(ClientError) as caught:
        s3.list_parts(**upload)
    assert code_of(caught) == ("NoSuchUpload", 404)
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="aborted")


def test_uploads_and_parts_are_listed_in_pages(s3: Any) -> None:
    s3.create_bucket(Bucket="multipart-listed")
    uploads = [begin(s3, "multipart-listed", f"k{n % 3}/x") for n in range(7)]
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket="multipart-listed", PaginationConfig={"PageSize": 2}
    )
    seen = [one["UploadId"] for page in pages for one in page["Uploads"]]
    assert sorted(seen) == sorted(one["UploadId"] for one in uploads)
    rolled = s3.list_multipart_uploads(Bucket="multipart-listed", Delimiter="/")
    assert [one["Prefix"] for one in rolled["CommonPrefixes"]] == ["k0/", "k1/", "k2/"]
    for number in (5, 1, 3):
        put(s3, uploads[0], number, b"%d" % number)
    pages = s3.get_paginator("list_parts").paginate(**uploads[0], PaginationConfig={"PageSize": 2})
    assert [one["PartNumber"] for page in pages for one in page["Parts"]] == [1, 3, 5]
    for upload in uploads:
        s3.abort_multipart_upload(**upload)
    s3.delete_bucket(Bucket="multipart-listed")


def test_parts_may_be_copied_from_objects(s3: Any, bucket: str) -> None:
    data = os.urandom(2 * PART)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    source = {"Bucket": bucket, "Key": "source"}
    upload = begin(s3, bucket, "of-copies")
    parts = []
    for number, span in ((1, f"bytes=0-{PART - 1}"), (2, f"bytes={PART}-{PART + 99}")):
        copied = s3.upload_part_copy(
            **upload, PartNumber=number, CopySource=source, CopySourceRange=span
        )
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    complete(s3, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="of-copies")["Body"].read() == data[: PART + 100]
    with pytest.raises(ClientError) as caught:
        s3.upload_part_copy(
            **begin(s3, bucket, "beyond"), PartNumber=1, CopySource=source,
            CopySourceRange=f"bytes=0-{2 * PART}",
        )  # fmt: skip
    assert code_of(caught) == ("InvalidArgument", 400)


def test_checksums_of_the_whole_and_of_the_parts(s3: Any, bucket: str) -> None:
    data = [os.urandom(PART), b"tail"]
    whole = base64.b64encode(zlib.crc32(b"".join(data)).to_bytes(4, "big")).decode()
    upload = begin(s3, bucket, "full", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = [put(s3, upload, number, part) for number, part in enumerate(data, 1)]
    with pytest.raises(ClientError) as caught:
        complete(s3, upload, parts, ChecksumCRC32="AAAAAA==", ChecksumType="FULL_OBJECT")
    assert code_of(caught) == ("BadDigest", 400)
    done = complete(s3, upload, parts, ChecksumCRC32=whole, ChecksumType="FULL_OBJECT")
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (whole, "FULL_OBJECT")
    upload = begin(s3, bucket, "composite", ChecksumAlgorithm="SHA256")
    parts = []
    for number, part in enumerate(data, 1):
        sent = s3.upload_part(**upload, PartNumber=number, Body=part, ChecksumAlgorithm="SHA256")
        parts.append(
            {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]}
        )
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in data)).digest()
    done = complete(s3, upload, parts)
    assert done["ChecksumSHA256"] == base64.b64encode(digest).decode() + "-2"
    found = s3.get_object_attributes(
        Bucket=bucket, Key="composite", ObjectAttributes=["ObjectParts", "Checksum", "ObjectSize"]
    )
    assert found["ObjectParts"]["TotalPartsCount"] == 2
    assert [part["Size"] for part in found["ObjectParts"]["Parts"]] == [PART, 4]


def test_a_copy_of_a_multipart_object_has_a_plain_etag(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, "parts")
    complete(s3, upload, [put(s3, upload, 1, b"content")])
    copied = s3.copy_object(
        Bucket=bucket, Key="plain", CopySource={"Bucket": bucket, "Key": "parts"}
    )
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"content").hexdigest()}"'


def test_a_number_sent_by_several_threads_at_once_is_one_of_them(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, "race")
    candidates = [bytes([n]) * PART for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda data: put(s3, upload, 1, data), candidates))
    kept = s3.list_parts(**upload)["Parts"][0]
    complete(s3, upload, [{"PartNumber": 1, "ETag": kept["ETag"]}])
    body = s3.get_object(Bucket=bucket, Key="race")["Body"].read()
    assert body in candidates
    assert hashlib.md5(body).hexdigest() == kept["ETag"].strip('"')
