"""S3 objects: what is put is what is got, and what S3 refuses is refused in its words."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import zlib
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="objects")
    return "objects"


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_comes_back_with_all_that_was_said_of_it(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="report.csv",
        Body=b"a,b\n1,2\n",
        ContentType="text/csv",
        CacheControl="max-age=60",
        ContentDisposition="attachment",
        ContentEncoding="identity",
        ContentLanguage="en",
        Metadata={"Colour": "blue", "under_score": "kept"},
        Tagging="team=data&stage=raw",
        StorageClass="STANDARD_IA",
        WebsiteRedirectLocation="/elsewhere",
    )
    got = s3.get_object(Bucket=bucket, Key="report.csv")
    assert got["Body"].read() == b"a,b\n1,2\n"
    assert got["ContentType"] == "text/csv"
    assert got["CacheControl"] == "max-age=60"
    assert got["ContentDisposition"] == "attachment"
    assert got["ContentEncoding"] == "identity"
    assert got["ContentLanguage"] == "en"
    assert got["Metadata"] == {"colour": "blue", "under_score": "kept"}
    assert got["TagCount"] == 2
    assert got["StorageClass"] == "STANDARD_IA"
    assert got["WebsiteRedirectLocation"] == "/elsewhere"
    assert got["ServerSideEncryption"] == "AES256"
    digest = hashlib.md5(b"a,b\n1,2\n").hexdigest()
    assert got["ETag"] == f'"{digest}"'


def test_defaults_are_those_of_s3(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    got = s3.head_object(Bucket=bucket, Key="plain")
    assert got["ContentType"] == "binary/octet-stream"
    assert got["AcceptRanges"] == "bytes"
    assert "StorageClass" not in got
    assert "VersionId" not in got
    assert got["LastModified"].microsecond == 0


def test_an_empty_object_is_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="folder/")
    got = s3.get_object(Bucket=bucket, Key="folder/")
    assert got["Body"].read() == b""
    assert got["ContentLength"] == 0
    assert got["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "a//b",
        "/lead",
        "trail/",
        "ü/日本 +%25&=?#.txt",
        ".",
        "..",
        "a\x01b",
        "~*'",
    ],
)
def test_a_key_is_only_data(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert key in [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    s3.delete_object(Bucket=bucket, Key=key)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key=key)


def test_a_key_has_at_most_1024_bytes(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="é" * 512, Body=b"")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="é" * 513, Body=b"")
    assert code_of(caught) == ("KeyTooLongError", 400)


def test_user_metadata_has_at_most_2_kb(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 2048})
    assert code_of(caught) == ("MetadataTooLarge", 400)


def test_what_is_not_there_is_404(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="nothing")
    assert code_of(caught) == ("NoSuchKey", 404)
    assert caught.value.response["Error"]["Key"] == "nothing"
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="no-such-bucket-here", Key="k", Body=b"")
    assert code_of(caught) == ("NoSuchBucket", 404)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=2-5", 2, 6),
        ("bytes=7-", 7, 10),
        ("bytes=-3", 7, 10),
        ("bytes=5-99", 5, 10),
        ("bytes=-99", 0, 10),
    ],
)
def test_a_range_is_206(s3: Any, bucket: str, asked: str, start: int, end: int) -> None:
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="digits", Range=asked)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {start}-{end - 1}/10"
    assert got["Body"].read() == b"0123456789"[start:end]


def test_a_range_behind_the_end_is_416(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="digits", Range="bytes=10-")
    assert code_of(caught) == ("InvalidRange", 416)
    assert caught.value.response["Error"]["ActualObjectSize"] == "10"


def test_conditional_reads(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="cond", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="cond")["LastModified"]
    s3.get_object(Bucket=bucket, Key="cond", IfMatch=etag)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="cond", IfMatch='"other"')
    assert code_of(caught) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="cond", IfNoneMatch=etag)
    assert code_of(caught) == ("304", 304)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="cond", IfModifiedSince=modified)
    assert code_of(caught) == ("304", 304)
    s3.get_object(Bucket=bucket, Key="cond", IfUnmodifiedSince=modified)


def test_the_first_writer_wins_with_if_none_match(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="lock", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="lock", Body=b"2", IfNoneMatch="*")
    assert code_of(caught) == ("PreconditionFailed", 412)
    s3.put_object(Bucket=bucket, Key="lock", Body=b"3", IfMatch=etag)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="lock", Body=b"4", IfMatch=etag)
    assert code_of(caught) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as caught:
        s3.delete_object(Bucket=bucket, Key="lock", IfMatch=etag)
    assert code_of(caught) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="absent", Body=b"", IfMatch=etag)
    assert code_of(caught) == ("NoSuchKey", 404)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("CRC32", lambda data: zlib.crc32(data).to_bytes(4, "big")),
        ("SHA1", lambda data: hashlib.sha1(data).digest()),
        ("SHA256", lambda data: hashlib.sha256(data).digest()),
    ],
)
def test_a_checksum_is_checked_kept_and_given_back(
    s3: Any, bucket: str, algorithm: str, digest: Any
) -> None:
    data = os.urandom(1000)
    right = base64.b64encode(digest(data)).decode()
    put = s3.put_object(Bucket=bucket, Key="sum", Body=data, **{f"Checksum{algorithm}": right})
    assert put[f"Checksum{algorithm}"] == right
    got = s3.head_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == right
    assert got["ChecksumType"] == "FULL_OBJECT"
    wrong = base64.b64encode(digest(b"other")).decode()
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="sum", Body=data, **{f"Checksum{algorithm}": wrong})
    assert code_of(caught) == ("BadDigest", 400)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="sum", Body=data, **{f"Checksum{algorithm}": "c2hvcnQ="})
    assert code_of(caught) == ("InvalidRequest", 400)


def test_without_a_checksum_s3_computes_crc64nvme(s3: Any, bucket: str, cloud: Any) -> None:
    server = urlsplit(cloud.url)
    connection = http.client.HTTPConnection(server.hostname or "", server.port)
    scope = "test/20260101/us-east-1/s3/aws4_request"
    headers = {
        "Authorization": (f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }
    connection.request("PUT", f"/{bucket}/nine", b"123456789", headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200
    assert response.headers["x-amz-checksum-crc64nvme"] == "rosUhgp5mIg="
    got = s3.head_object(Bucket=bucket, Key="nine", ChecksumMode="ENABLED")
    assert got["ChecksumCRC64NVME"] == "rosUhgp5mIg="


def test_content_md5_is_checked(s3: Any, bucket: str) -> None:
    right = base64.b64encode(hashlib.md5(b"data").digest()).decode()
    s3.put_object(Bucket=bucket, Key="md5", Body=b"data", ContentMD5=right)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="md5", Body=b"date", ContentMD5=right)
    assert code_of(caught) == ("BadDigest", 400)
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="md5", Body=b"data", ContentMD5="bm90IGFuIG1kNQ==")
    assert code_of(caught) == ("InvalidDigest", 400)
    assert s3.get_object(Bucket=bucket, Key="md5")["Body"].read() == b"data"


def test_a_presigned_url_may_rename_the_download(s3: Any, bucket: str) -> None:
    import urllib.request

    s3.put_object(Bucket=bucket, Key="for you", Body=b"hello")
    url = s3.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": bucket,
            "Key": "for you",
            "ResponseContentDisposition": 'attachment; filename="x.txt"',
            "ResponseContentType": "text/plain",
        },
    )
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"hello"
        assert response.headers["Content-Type"] == "text/plain"
        assert response.headers["Content-Disposition"] == 'attachment; filename="x.txt"'


def test_a_copy_takes_metadata_and_tags_or_new_ones(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "from ü"}
    s3.put_object(
        Bucket=bucket, Key="from ü", Body=b"bytes", Metadata={"a": "1"}, Tagging="t=1",
        ContentType="text/plain", StorageClass="STANDARD_IA",
    )  # fmt: skip
    s3.create_bucket(Bucket="objects-elsewhere")
    s3.copy_object(Bucket="objects-elsewhere", Key="same", CopySource=source)
    same = s3.get_object(Bucket="objects-elsewhere", Key="same")
    assert same["Body"].read() == b"bytes"
    assert (same["Metadata"], same["TagCount"]) == ({"a": "1"}, 1)
    assert same["ContentType"] == "text/plain"
    assert "StorageClass" not in same
    s3.copy_object(
        Bucket=bucket, Key="new", CopySource=source, MetadataDirective="REPLACE",
        TaggingDirective="REPLACE", Metadata={"b": "2"},
    )  # fmt: skip
    new = s3.head_object(Bucket=bucket, Key="new")
    assert new["Metadata"] == {"b": "2"}
    assert "TagCount" not in new
    s3.delete_object(Bucket=bucket, Key="from ü")
    assert s3.get_object(Bucket=bucket, Key="new")["Body"].read() == b"bytes"


def test_a_copy_onto_itself_must_change_something(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "self"}
    s3.put_object(Bucket=bucket, Key="self", Body=b"x")
    with pytest.raises(ClientError, match="without changing") as caught:
        s3.copy_object(Bucket=bucket, Key="self", CopySource=source)
    assert code_of(caught) == ("InvalidRequest", 400)
    s3.copy_object(Bucket=bucket, Key="self", CopySource=source, StorageClass="STANDARD_IA")
    assert s3.head_object(Bucket=bucket, Key="self")["StorageClass"] == "STANDARD_IA"


def test_conditional_copies(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="src", Body=b"x")["ETag"]
    source = {"Bucket": bucket, "Key": "src"}
    s3.copy_object(Bucket=bucket, Key="dst", CopySource=source, CopySourceIfMatch=etag)
    with pytest.raises(ClientError) as caught:
        s3.copy_object(Bucket=bucket, Key="dst", CopySource=source, CopySourceIfNoneMatch=etag)
    assert code_of(caught) == ("PreconditionFailed", 412)


def test_deletes_answer_for_each_key(s3: Any, bucket: str) -> None:
    for key in ("one", "two"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    wanted = {"Objects": [{"Key": "one"}, {"Key": "two"}, {"Key": "never"}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=wanted)
    assert [one["Key"] for one in answer["Deleted"]] == ["one", "two", "never"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={**wanted, "Quiet": True})
    assert "Deleted" not in quiet


def test_tags_are_at_most_ten_and_without_doubles(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="tags", Body=b"")
    tags = [{"Key": f"k{n}", "Value": "ü v"} for n in range(10)]
    s3.put_object_tagging(Bucket=bucket, Key="tags", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="tags")["TagSet"] == tags
    too_many = {"TagSet": [*tags, {"Key": "k10", "Value": ""}]}
    with pytest.raises(ClientError) as caught:
        s3.put_object_tagging(Bucket=bucket, Key="tags", Tagging=too_many)
    assert code_of(caught) == ("BadRequest", 400)
    double = {"TagSet": [tags[0], tags[0]]}
    with pytest.raises(ClientError) as caught:
        s3.put_object_tagging(Bucket=bucket, Key="tags", Tagging=double)
    assert code_of(caught) == ("InvalidTag", 400)
    s3.delete_object_tagging(Bucket=bucket, Key="tags")
    assert s3.get_object_tagging(Bucket=bucket, Key="tags")["TagSet"] == []


def test_s3_select_is_closed_to_new_customers(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="data.csv", Body=b"a\n1\n")
    with pytest.raises(ClientError, match="Athena") as caught:
        s3.select_object_content(
            Bucket=bucket, Key="data.csv", Expression="SELECT * FROM s3object",
            ExpressionType="SQL", InputSerialization={"CSV": {}}, OutputSerialization={"CSV": {}},
        )  # fmt: skip
    assert code_of(caught) == ("MethodNotAllowed", 405)


def test_a_large_object_streams_in_and_out(s3: Any, bucket: str, cloud: Any) -> None:
    data = os.urandom(24 * 1024 * 1024 + 7)
    server = urlsplit(cloud.url)
    connection = http.client.HTTPConnection(server.hostname or "", server.port)
    scope = "test/20260101/us-east-1/s3/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "x-amz-content-sha256": hashlib.sha256(data).hexdigest(),
    }
    connection.request("PUT", f"/{bucket}/{quote('big one')}", data, headers)
    response = connection.getresponse()
    response.read()
    assert response.headers["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    headers["x-amz-content-sha256"] = hashlib.sha256(b"other").hexdigest()
    connection.request("PUT", f"/{bucket}/{quote('big one')}", data, headers)
    response = connection.getresponse()
    assert response.status == 400
    assert b"XAmzContentSHA256Mismatch" in response.read()
    connection.close()
    assert s3.get_object(Bucket=bucket, Key="big one")["Body"].read() == data
