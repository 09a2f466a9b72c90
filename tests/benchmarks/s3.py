"""S3's throughput: labcloud beside plain moto server, in the same run.

    python tests/benchmarks/s3.py [--objects 1000] [--size 10240] [--large 1024] [--clients 1 16]

Small objects (1,000 of 10 KB) and large ones (1 GiB in all: one object with one client, sixteen
objects of 64 MiB with sixteen) are put and got by processes that hold one keep-alive connection
each and send unsigned payloads, so that the client is not what is measured; then once more with
boto3, as notebooks do. Both servers' peak memory is printed. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import http.client
import io
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config

from labcloud.process import down, up

MIB = 1024 * 1024
BUCKET = "bench"
SCOPE = "test/20260101/us-east-1/s3/aws4_request"
HEADERS = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
}


@dataclass
class Load:
    """What one client process does: `count` objects of `size` bytes."""

    port: int
    name: str
    count: int
    size: int
    with_boto3: bool = False


def raw_put(connection: http.client.HTTPConnection, key: str, size: int, block: bytes) -> None:
    connection.putrequest("PUT", f"/{BUCKET}/{key}")
    for name, value in {**HEADERS, "Content-Length": str(size)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for start in range(0, size, len(block)):
        connection.send(block[: size - start])
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"PUT {key}: {response.status} {body[:200]!r}")


def raw_get(connection: http.client.HTTPConnection, key: str, size: int, room: bytearray) -> None:
    connection.request("GET", f"/{BUCKET}/{key}", headers=HEADERS)
    response = connection.getresponse()
    got = 0
    while n := response.readinto(room):
        got += n
    if response.status != 200 or got != size:
        raise RuntimeError(f"GET {key}: {response.status}, {got} bytes")


def client_of(port: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}),
    )


def work(load: Load, verb: str, ready: Barrier) -> None:
    """Be one client: connect, wait for the others, put or get."""
    block = os.urandom(min(load.size, MIB))
    if load.with_boto3:
        client, data = client_of(load.port), os.urandom(load.size)
        client.list_buckets()
        do = _boto3_put(client, data) if verb == "put" else _boto3_get(client, load.size)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", load.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        room = bytearray(MIB)
        if verb == "put":
            do = lambda key: raw_put(connection, key, load.size, block)  # noqa: E731
        else:
            do = lambda key: raw_get(connection, key, load.size, room)  # noqa: E731
    ready.wait()
    for number in range(load.count):
        do(f"{load.name}/{number}")
    ready.wait()


def _boto3_put(client: Any, data: bytes) -> Callable[[str], None]:
    if len(data) > 8 * MIB:
        return lambda key: client.upload_fileobj(io.BytesIO(data), BUCKET, key)
    return lambda key: client.put_object(Bucket=BUCKET, Key=key, Body=data)


def _boto3_get(client: Any, size: int) -> Callable[[str], None]:
    if size > 8 * MIB:
        return lambda key: client.download_file(BUCKET, key, os.devnull)
    return lambda key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def timed(loads: list[Load], verb: str) -> float:
    """Return the seconds from when all clients are connected until all are done."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(len(loads) + 1)
    processes = [context.Process(target=work, args=(load, verb, ready)) for load in loads]
    for process in processes:
        process.start()
    try:
        ready.wait(300)
        begin = time.perf_counter()
        ready.wait(1800)
        return time.perf_counter() - begin
    finally:
        ready.abort() if any(process.exitcode for process in processes) else None
        for process in processes:
            process.join()


def peak_mib(pid: int) -> float:
    """Return the most memory that a process ever had, in MiB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def labcloud(directory: Path) -> Iterator[tuple[int, int]]:
    """Run labcloud and yield its port and process."""
    running = up(directory, port=0)
    try:
        yield running.port, running.pid
    finally:
        down(directory)


@contextmanager
def moto_server(directory: Path) -> Iterator[tuple[int, int]]:
    """Run plain moto server and yield its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1"]
    with (directory / "moto.log").open("wb") as log:
        process = subprocess.Popen([*command, "-p", str(port)], stdout=log, stderr=log)
    try:
        while not _listens(port):
            time.sleep(0.05)
        yield port, process.pid
    finally:
        psutil.Process(process.pid).kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cases(asked: argparse.Namespace, port: int) -> Iterator[tuple[str, list[Load]]]:
    """Yield each row's name and its clients' loads."""
    for with_boto3 in (False, True):
        how = "boto3" if with_boto3 else "raw"
        for clients in asked.clients:
            each = max(asked.objects // clients, 1)
            loads = [
                Load(port, f"small-{how}-{clients}-{n}", each, asked.size, with_boto3)
                for n in range(clients)
            ]
            yield f"{asked.objects:,} x {asked.size / 1024:.0f} KB, {clients:2} {how}", loads
        for clients in asked.clients if asked.large else ():
            size = asked.large * MIB // clients
            loads = [
                Load(port, f"large-{how}-{clients}-{n}", 1, size, with_boto3)
                for n in range(clients)
            ]
            yield f"{clients:2} x {size // MIB:,} MiB, {clients:2} {how}", loads


def measure(asked: argparse.Namespace, port: int, pid: int) -> dict[tuple[str, str], float]:
    """Return (row, verb) → MB/s (decimal) for one server, and its peak memory."""
    client_of(port).create_bucket(Bucket=BUCKET)
    found: dict[tuple[str, str], float] = {}
    for name, loads in cases(asked, port):
        size = sum(load.count * load.size for load in loads)
        for verb in ("put", "get"):
            found[name, verb] = size / timed(loads, verb) / 1e6
        for load in loads:
            for number in range(load.count if load.size > MIB else 0):
                client_of(port).delete_object(Bucket=BUCKET, Key=f"{load.name}/{number}")
    found["peak memory, MiB", ""] = peak_mib(pid)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=1000, help="how many small objects")
    parser.add_argument("--size", type=int, default=10 * 1024, help="bytes of a small object")
    parser.add_argument("--large", type=int, default=1024, help="MiB of large objects in all")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--without-moto", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with labcloud(Path(folder) / "cloud") as (port, pid):
            ours = measure(asked, port, pid)
        theirs: dict[tuple[str, str], float] = {}
        if not asked.without_moto:
            with moto_server(Path(folder)) as (port, pid):
                theirs = measure(asked, port, pid)
    print(f"{'':34}{'':5}{'labcloud':>12}{'moto':>12}{'ratio':>8}   (MB/s)")
    for (name, verb), value in ours.items():
        other = theirs.get((name, verb))
        beside = f"{other:12.1f}{value / other:8.1f}" if other else ""
        print(f"{name:34}{verb:5}{value:12.1f}{beside}")


if __name__ == "__main__":
    main()
