"""The server: many clients, large bodies, old and new HTTP, and nobody from elsewhere."""

from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

JSON = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSGlue.GetDatabases",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/glue/aws4_request, "
    "SignedHeaders=host, Signature=0",
}
S3 = {"Authorization": JSON["Authorization"].replace("/glue/", "/s3/")}


@pytest.fixture(scope="module")
def lake(cloud: Any, aws: Any) -> str:
    aws.client("s3").create_bucket(Bucket="server-lake")
    return f"{cloud.url}/server-lake"


def ask(port: int, host: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/", b"{}", {**JSON, "Host": host})
    status = connection.getresponse().status
    connection.close()
    return status


def test_it_listens_on_loopback_only(cloud: Any) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for address in addresses - {"127.0.0.1", "::1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((address, cloud.running.port), timeout=2).close()


def test_another_host_name_is_dns_rebinding_and_refused(cloud: Any) -> None:
    port = cloud.running.port
    for host in (f"127.0.0.1:{port}", "localhost", f"[::1]:{port}", "s3.us-east-1.amazonaws.com"):
        assert ask(port, host) in (200, 403 if "s3" in host else 200), host
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1.evil.example",
        "",
        "localhost.",
    ):
        assert ask(port, host) == 403, host


def test_sixty_four_clients_at_once(cloud: Any) -> None:
    def one(_: int) -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", cloud.running.port, timeout=60)
        statuses = []
        for _ in range(10):
            connection.request("POST", "/", b"{}", JSON)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
        return statuses

    with ThreadPoolExecutor(64) as pool:
        assert {status for statuses in pool.map(one, range(64)) for status in statuses} == {200}


def test_expect_100_continue(cloud: Any, lake: str) -> None:
    """The server asks for the body only when it wants it, as botocore's clients rely on."""
    with socket.create_connection(("127.0.0.1", cloud.running.port), timeout=30) as connection:
        head = (
            f"PUT /server-lake/expected HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: {S3['Authorization']}\r\n"
            "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 100")
        connection.sendall(b"data")
        assert b"HTTP/1.1 200" in connection.recv(4096)


def test_http_2_without_tls(lake: str) -> None:
    with httpx.Client(http1=False, http2=True) as client:
        put = client.put(f"{lake}/h2", content=b"over HTTP/2", headers=S3)
        got = client.get(f"{lake}/h2", headers=S3)
    assert (put.status_code, put.http_version) == (200, "HTTP/2")
    assert got.content == b"over HTTP/2"


def test_chunked_transfer_without_a_length(lake: str) -> None:
    """A body whose length nobody knows is taken where its decoded length is told."""
    headers = {
        **S3,
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "11",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    parts = [b"6\r\nhello \r\n", b"5\r\nworld\r\n", b"0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"]
    with httpx.Client() as client:
        put = client.put(f"{lake}/trailing", content=iter(parts), headers=headers)
        assert put.status_code == 200, put.text
        assert client.get(f"{lake}/trailing", headers=S3).content == b"hello world"


def test_motos_admin_pages_are_closed(cloud: Any, aws: Any) -> None:
    aws.client("sqs").create_queue(QueueName="still-there")
    with httpx.Client(base_url=cloud.url) as client:
        for path in ("/moto-api/reset", "/moto-api/reset-auth", "/moto-api/seed?a=42"):
            assert client.post(path).status_code in (403, 404, 405), path
        assert client.get("/moto-api/data.json").status_code in (403, 404)
    assert aws.client("sqs").get_queue_url(QueueName="still-there")


def test_control_needs_the_token_of_the_directory(cloud: Any) -> None:
    with httpx.Client(base_url=cloud.url) as client:
        assert client.get("/_labcloud/health").json()["status"] == "up"
        for name in ("clock?advance=1h", "bill", "down", "nothing"):
            assert client.post(f"/_labcloud/{name}").status_code == 403, name
            wrong = client.post(f"/_labcloud/{name}", headers={"x-labcloud-token": "guess"})
            assert wrong.status_code == 403, name
    assert (cloud.directory / "token").stat().st_mode & 0o077 == 0
