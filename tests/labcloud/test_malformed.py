"""A hundred malformed requests: each gets an AWS-shaped error, and nothing changes on disk."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cbor2
import pytest

REST = ", SignedHeaders=host, Signature=0"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request" + REST
JSON_KIND = "application/x-amz-json-1.1"
CBOR_KIND = "application/x-amz-cbor-1.1"
FORM_KIND = "application/x-www-form-urlencoded"

Malformed = tuple[str, str, dict[str, str], bytes]


def json_call(service: str, target: str, body: bytes, kind: str = JSON_KIND) -> Malformed:
    headers = {"Content-Type": kind, "X-Amz-Target": target}
    return "POST", "/", {"Authorization": SIGNED.format(service), **headers}, body


def signed(
    method: str, path: str, body: bytes = b"", service: str = "s3", **headers: str
) -> Malformed:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return method, path, {"Authorization": SIGNED.format(service), **fields}, body


BAD_JSON = [b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"Name": }', b"{'a': 1}", b"[" * 5000]
BAD_CBOR = [
    b"\xff",
    b"\xbf",
    b"\x1c",
    b"\x82\x01",
    b"\xa1\x01",
    b"\xc1",
    b"\xfb\x00",
    b"\x81" * 500,
]
BAD_XML = [b"<", b"<a>", b"</a>", b"not xml", b"<a></b>", b"\xff<a/>", b"<?xml?>", b"<a>&x;</a>"]
BAD_AUTHORIZATION = [
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=",
    "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/glue/aws4_request",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/glue/aws5_request" + REST,
    "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=host, Signature=0",
    "Bearer token",
    "Basic dGVzdDp0ZXN0",
    "Negotiate",
    SIGNED.format("no-such-service"),
    SIGNED.format("../../etc"),
    SIGNED.format("glue").replace("us-east-1", "mars-north-1"),
]
BILLION = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Tagging><TagSet>&c;</TagSet></Tagging>'
)

CASES: dict[str, list[Malformed]] = {
    "json": [json_call("glue", "AWSGlue.CreateDatabase", body) for body in BAD_JSON]
    + [json_call("sqs", "AmazonSQS.CreateQueue", body) for body in BAD_JSON[:4]]
    + [json_call("glue", "AWSGlue.CreateDatabase", b'{"DatabaseInput": "text"}')],
    "unknown targets": [
        json_call("glue", target, b"{}")
        for target in (
            "AWSGlue.Nothing",
            "Nothing",
            "",
            ".",
            "AWSGlue.",
            "a.b.c",
            "é.x",
            "x" * 4000,
        )
    ],
    "cbor": [json_call("kinesis", "Kinesis_20131202.PutRecord", b, CBOR_KIND) for b in BAD_CBOR]
    + [
        json_call("kinesis", "Kinesis_20131202.CreateStream", cbor2.dumps(value), CBOR_KIND)
        for value in ([], "x", {"StreamName": 7}, {"StreamName": "a", "ShardCount": "many"})
    ]
    + [
        signed(
            "POST",
            f"/service/GraniteServiceVersion20100801/operation/{name}",
            body,
            "monitoring",
            Content_Type="application/cbor",
            smithy_protocol="rpc-v2-cbor",
        )
        for name, body in (
            ("ListMetrics", b"\xff"),
            ("Nothing", b"\xa0"),
            ("PutMetricData", b"\x01"),
        )
    ],
    "query": [
        signed("POST", "/", body, "sns", Content_Type=FORM_KIND)
        for body in (
            b"",
            b"Action=",
            b"Action=Nothing&Version=2010-03-31",
            b"Version=2010-03-31",
            b"Action=Publish%00&Version=2010-03-31",
            b"\xff\xfe",
            b"Action=CreateTopic&Attributes.entry.x.key=1&Version=2010-03-31",
        )
    ],
    "ec2": [
        signed("POST", "/", body, "ec2", Content_Type=FORM_KIND)
        for body in (b"Action=Nothing", b"", b"Action=RunInstances&MaxCount=many", b"\xff")
    ],
    "rest-json": [
        signed("POST", "/2015-03-31/functions", body, "lambda", Content_Type="application/json")
        for body in (b"{", b"[]", b"\xff", b'{"FunctionName": 1')
    ]
    + [
        signed(method, path, b"", "lambda")
        for method, path in (("GET", "/nothing"), ("PATCH", "/2015-03-31/functions"), ("GET", "//"))
    ],
    "rest-xml": [signed("PUT", "/malformed-lake?tagging", body) for body in BAD_XML]
    + [signed("PUT", "/malformed-lake?versioning", body) for body in BAD_XML[:4]]
    + [signed("POST", "/malformed-lake?delete", body) for body in BAD_XML[:4]]
    + [signed("PUT", "/malformed-lake?tagging", BILLION)],
    "authorization": [
        (
            "POST",
            "/",
            {
                "Authorization": value,
                "X-Amz-Target": "AWSGlue.CreateDatabase",
                "Content-Type": JSON_KIND,
            },
            b'{"DatabaseInput": {"Name": "stolen"}}',
        )
        for value in BAD_AUTHORIZATION
    ],
    "presigned": [
        ("PUT", f"/malformed-lake/key?{query}", {}, b"data")
        for query in (
            "X-Amz-Credential=x",
            "X-Amz-Credential=t/20260101/us-east-1/s3/aws4_request",
            "X-Amz-Credential=t/20260101/us-east-1/s3/aws4_request&X-Amz-Date=x&X-Amz-Expires=60",
            "X-Amz-Credential=t/20260101/us-east-1/s3/aws4_request"
            "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=-1",
            "X-Amz-Credential=t/20260101/us-east-1/s3/aws4_request"
            "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60",
            "AWSAccessKeyId=t&Signature=x&Expires=1",
            "AWSAccessKeyId=t&Signature=x&Expires=soon",
        )
    ],
    "chunked": [
        signed(
            "PUT",
            "/malformed-lake/chunked",
            body,
            X_Amz_Content_Sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            X_Amz_Decoded_Content_Length=length,
            X_Amz_Trailer="x-amz-checksum-crc32",
        )
        for body, length in (
            (b"zz\r\nabc\r\n0\r\n\r\n", "3"),
            (b"5\r\nabc", "5"),
            (b"", "5"),
            (b"-1\r\n\r\n", "0"),
            (b"3\r\nabc\r\n0\r\n\r\n", "many"),
            (b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n", "3"),
        )
    ]
    + [
        signed(
            "PUT", "/malformed-lake/k", b"x", X_Amz_Content_Sha256=hashlib.sha256(b"y").hexdigest()
        )
    ],
    "huge headers": [
        signed("PUT", "/malformed-lake/huge", b"x", X_Amz_Meta_Big="m" * size)
        for size in (3000, 20_000, 300_000, 2_000_000)
    ],
    "path tricks": [
        signed("PUT", path, b"x")
        for path in (
            "/../../etc/passwd",
            "/malformed_LAKE!/key",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/no-such-lake/..%2f..%2f..%2fetc/passwd",
            "/_labcloud",
            "/moto-api/reset",
        )
    ]
    + [signed("POST", path) for path in ("/moto-api/reset", "/moto-api/seed?a=1", "/_labcloud/x")],
}


def send(port: int, case: Malformed) -> tuple[int, dict[str, str], bytes]:
    method, path, headers, body = case
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value.encode("utf-8"))
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, data


def error_code(headers: dict[str, str], body: bytes) -> str:
    """Return the code of an AWS-shaped error; fails where the body has another shape."""
    kind = headers.get("content-type", "")
    if "json" in kind:
        answer = json.loads(body)
        return str(answer.get("__type") or answer.get("code") or answer["message"])
    if "cbor" in kind:
        return str(cbor2.loads(body)["__type"])
    assert "xml" in kind, (headers, body[:200])
    code = ElementTree.fromstring(body).find(".//{*}Code")
    assert code is not None and code.text, body[:300]
    return code.text


def on_disk(directory: Path) -> dict[str, str]:
    """Everything that is kept, but for logs and the bill."""
    kept: dict[str, str] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not re.search(r"\.log$|bill|-wal$|-shm$", path.name):
            name = str(path.relative_to(directory))
            kept[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return kept


@pytest.fixture(scope="module")
def lake(cloud: Any, aws: Any) -> Any:
    aws.client("s3").create_bucket(Bucket="malformed-lake")
    aws.client("s3").put_object(Bucket="malformed-lake", Key="kept", Body=b"as it was")
    return cloud


@pytest.mark.parametrize("family", CASES)
def test_an_aws_shaped_error_each(lake: Any, family: str) -> None:
    before = on_disk(lake.directory)
    for case in CASES[family]:
        status, headers, body = send(lake.running.port, case)
        shown = (case[0], case[1], case[2], case[3][:80], status, body[:300])
        assert 400 <= status < 500 or status == 501, shown
        assert error_code(headers, body), shown
    assert on_disk(lake.directory) == before


def test_there_are_a_hundred(lake: Any) -> None:
    assert sum(len(cases) for cases in CASES.values()) >= 100


def test_afterwards_the_server_lives_and_has_all_it_had(lake: Any, aws: Any) -> None:
    s3 = aws.client("s3")
    assert s3.get_object(Bucket="malformed-lake", Key="kept")["Body"].read() == b"as it was"
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="malformed-lake")["Contents"]]
    assert keys == ["kept"]
    assert aws.client("glue").get_databases()["DatabaseList"] == []


def test_keys_that_look_like_paths_are_only_keys(lake: Any, aws: Any) -> None:
    s3 = aws.client("s3")
    for key in (
        "../../outside",
        "/absolute",
        "a//b",
        ".",
        "..",
        "a/./b",
        "%2e%2e/x",
        "\x01",
        "é/ü",
    ):
        s3.put_object(Bucket="malformed-lake", Key=key, Body=key.encode())
        assert s3.get_object(Bucket="malformed-lake", Key=key)["Body"].read() == key.encode()
    assert not (lake.directory.parent / "outside").exists()
