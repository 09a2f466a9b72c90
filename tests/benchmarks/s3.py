"""S3's throughput: labcloud beside plain moto server, in the same run.

    python tests/benchmarks/s3.py [--objects 1000] [--size 10240] [--large 1024] [--clients 1 16]

Small objects (1,000 of 10 KB) and large ones (1 GiB in all: one object with one client, sixteen
objects of 64 MiB with sixteen) are put and got by processes that hold one keep-alive connection
each and send unsigned payloads, so that the client is not what is measured; then once more with
boto3, as notebooks do. Both servers are warm. Their peak memory is printed. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import http.client
import io
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
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


def work(load: Load, verb: str, ready: Barrier, ended: SimpleQueue[float]) -> None:
    """Be one client: connect, wait for the others, put or get, say when it was done."""
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
    ended.put(time.monotonic())


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
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(len(loads) + 1)
    ended: SimpleQueue[float] = context.SimpleQueue()
    clients = [context.Process(target=work, args=(load, verb, ready, ended)) for load in loads]
    for client in clients:
        client.start()
    try:
        ready.wait(120)
        begin = time.monotonic()
        for client in clients:
            client.join()
        if any(client.exitcode for client in clients):
            raise RuntimeError("a client failed; its traceback is above")
        return max(ended.get() for _ in clients) - begin
    finally:
        for client in clients:
            client.kill()
            client.join()


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


@dataclass
class Case:
    """One line of the table: so many clients, each with so many objects of a size."""

    name: str
    clients: int
    count: int
    size: int
    with_boto3: bool

    def loads(self, port: int) -> list[Load]:
        """Return what each client does."""
        stem = self.name.replace(" ", "").replace(",", "")
        return [
            Load(port, f"{stem}-{number}", self.count, self.size, self.with_boto3)
            for number in range(self.clients)
        ]


def cases(asked: argparse.Namespace) -> Iterator[Case]:
    """Yield the lines that are asked for."""
    for with_boto3 in (False, True):
        how = "boto3" if with_boto3 else "raw"
        for clients in asked.clients:
            name = f"{asked.objects:,} x {asked.size / 1024:.0f} KB, {clients} {how}"
            each = max(asked.objects // clients, 1)
            yield Case(name, clients, each, asked.size, with_boto3)
        for clients in asked.clients if asked.large else ():
            size = asked.large * MIB // clients
            yield Case(f"{clients} x {size // MIB:,} MiB, {clients} {how}", clients, 1, size,
                       with_boto3)  # fmt: skip


@dataclass
class Server:
    """A server under test."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of processor time it has used."""
        used = psutil.Process(self.pid).cpu_times()
        return float(used.user + used.system)

    def measure(self, case: Case, verb: str) -> tuple[float, float]:
        """Return MB/s, and the server's processor milliseconds for each MB."""
        loads = case.loads(self.port)
        size = sum(load.count * load.size for load in loads) / 1e6
        before = self.cpu()
        seconds = timed(loads, verb)
        return size / seconds, (self.cpu() - before) / size * 1000

    def forget(self, case: Case) -> None:
        """Delete a case's large objects."""
        client = client_of(self.port)
        for load in case.loads(self.port):
            for number in range(load.count if load.size > MIB else 0):
                client.delete_object(Bucket=BUCKET, Key=f"{load.name}/{number}")


def main() -> None:
    """Measure case by case, both servers one after the other, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=1000, help="how many small objects")
    parser.add_argument("--size", type=int, default=10 * 1024, help="bytes of a small object")
    parser.add_argument("--large", type=int, default=1024, help="MiB of large objects in all")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the servers too
    print(f"{'MB/s (ms of server CPU a MB)':34}{'':5}{'labcloud':>18}{'moto':>18}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        directory = Path(folder)
        ours = Server(*stack.enter_context(labcloud(directory / "cloud")))
        theirs = Server(*stack.enter_context(moto_server(directory)))
        for server in (ours, theirs):
            client_of(server.port).create_bucket(Bucket=BUCKET)
            for verb in ("put", "get"):
                server.measure(Case("warm-up", 1, 200, asked.size, with_boto3=False), verb)
        for case in cases(asked):
            for verb in ("put", "get"):
                row(case.name, verb, ours.measure(case, verb), theirs.measure(case, verb))
            ours.forget(case)
            theirs.forget(case)
        peaks = peak_mib(ours.pid), peak_mib(theirs.pid)
        print(f"{'peak memory, MiB':39}{peaks[0]:18.0f}{peaks[1]:18.0f}{peaks[0] / peaks[1]:8.1f}")


def row(name: str, verb: str, ours: tuple[float, float], theirs: tuple[float, float]) -> None:
    """Print one line of the table."""
    cells = "".join(f"{speed:10.1f} ({cpu:5.1f})" for speed, cpu in (ours, theirs))
    print(f"{name:34}{verb:5}{cells}{ours[0] / theirs[0]:8.1f}", flush=True)


if __name__ == "__main__":
    main()
