"""The server: granian's RSGI in front of the gateway, in one process, on loopback only.

Small bodies are read whole; larger ones stream into the thread that answers. What takes less time
than the way to a thread and back, one small object of Amazon S3, is answered on the spot. A large
`FileBody` is sent by granian itself, without a copy through Python. https://github.com/emmett-framework/granian
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Protocol

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server as Granian

from labcloud.cloud import Cloud
from labcloud.control import Control
from labcloud.errors import AWSError
from labcloud.files import write_whole
from labcloud.gateway import Gateway, is_quick
from labcloud.http import BytesBody, FileBody, Headers, Request, Response
from labcloud.ports import claim, hold
from labcloud.protocol import render_error
from labcloud.token import PREFIX

HOST = "127.0.0.1"
THREADS = 64
SMALL = 1024 * 1024
SMALL_FILE = 128 * 1024
MAX_HEADER_BUFFER = 8 * 1024 * 1024


class DirectoryTaken(Exception):
    """Another server keeps its state in the directory."""


class _Scope(Protocol):
    proto: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


class _StreamBody:
    """A large payload, pulled from the network one block ahead of the thread that reads it."""

    def __init__(
        self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, length: int | None
    ) -> None:
        self._chunks = chunks
        self._loop = loop
        self._buffer = b""
        self._ended = False
        self._ahead: Future[tuple[bytes, bool]] | None = None
        self.length = length

    def read(self, n: int = -1, /) -> bytes:
        """Return up to `n` bytes; b"" at the end."""
        if n < 0:
            return b"".join(iter(lambda: self.read(SMALL), b""))
        if not self._buffer and not self._ended:
            self._pull()
        part, self._buffer = self._buffer[:n], self._buffer[n:]
        return part

    def _pull(self) -> None:
        self._buffer, self._ended = (self._ahead or self._ask()).result()
        self._ahead = None if self._ended else self._ask()

    def _ask(self) -> Future[tuple[bytes, bool]]:
        return asyncio.run_coroutine_threadsafe(self._gather(), self._loop)

    async def _gather(self) -> tuple[bytes, bool]:
        """Take network chunks until they make a block; tell whether they have ended."""
        parts: list[bytes] = []
        size = 0
        while size < SMALL:
            try:
                part = await anext(self._chunks)
            except StopAsyncIteration:
                return b"".join(parts), True
            parts.append(part)
            size += len(part)
        return b"".join(parts), False


class App:
    """The RSGI application: checks the Host, hands requests to threads, sends responses."""

    def __init__(self, gateway: Gateway, control: Control) -> None:
        self._gateway = gateway
        self._control = control
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.active = 0

    async def __rsgi__(self, scope: _Scope, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(404)
            return
        self.active += 1
        try:
            await self._answer(scope, protocol)
        finally:
            self.active -= 1

    async def _answer(self, scope: _Scope, protocol: Any) -> None:
        loop = asyncio.get_running_loop()
        request = await self._request(scope, protocol, loop)
        if is_quick(request):
            response = self._handle(request)
        else:
            response = await loop.run_in_executor(self._threads, self._handle, request)
        await _send(protocol, response, scope.method, loop, self._threads)

    async def _request(
        self, scope: _Scope, protocol: Any, loop: asyncio.AbstractEventLoop
    ) -> Request:
        fields = list(scope.headers.items())
        headers = Headers(fields)
        if "host" not in headers and scope.authority:
            headers = Headers([*fields, ("host", scope.authority)])
        length = headers.get("content-length")
        size = int(length) if length and length.isdigit() else None
        request = Request(scope.method, scope.path, scope.query_string, headers)
        if size == 0 or (size is None and "transfer-encoding" not in headers):
            request.body = BytesBody(await protocol() if size is None else b"")
        elif size is not None and size <= SMALL:
            request.body = BytesBody(await protocol())
        else:
            request.body = _StreamBody(aiter(protocol), loop, size)
        return request

    def _handle(self, request: Request) -> Response:
        if not _is_ours(request.headers.get("host", "")):
            error = AWSError(
                "AccessDenied", "labcloud answers on 127.0.0.1 and localhost only.", 403
            )
            return render_error(None, error, "-")
        if request.path.startswith(PREFIX):
            return self._control.handle(request)
        return self._gateway.handle(request)


def _is_ours(host: str) -> bool:
    """Tell whether a Host header names this computer; another name is DNS rebinding."""
    name = host.lower().rpartition(":")[0] or host.lower()
    if name.startswith("["):
        name = host.lower().partition("]")[0] + "]"
    return name in (HOST, "localhost", "[::1]") or name.endswith((".localhost", ".amazonaws.com"))


async def _send(
    protocol: Any,
    response: Response,
    method: str,
    loop: asyncio.AbstractEventLoop,
    threads: ThreadPoolExecutor,
) -> None:
    headers = [(name.lower(), _header(value)) for name, value in response.headers]
    body = response.body
    if method == "HEAD" or response.status in (204, 304):
        protocol.response_empty(response.status, headers)
    elif isinstance(body, FileBody) and body.length > SMALL_FILE:
        if not any(name == "content-length" for name, _ in headers):
            headers.append(("content-length", str(body.length)))
        protocol.response_file_range(
            response.status, headers, body.path, body.start, body.start + body.length
        )
    elif isinstance(body, (bytes, FileBody)):
        headers = [field for field in headers if field[0] != "content-length"]
        data = body if isinstance(body, bytes) else body.read()
        protocol.response_bytes(response.status, headers, data)
    else:
        await _send_stream(protocol, response.status, headers, body, loop, threads)


async def _send_stream(
    protocol: Any,
    status: int,
    headers: list[tuple[str, str]],
    body: Iterable[bytes],
    loop: asyncio.AbstractEventLoop,
    threads: ThreadPoolExecutor,
) -> None:
    transport = protocol.response_stream(status, headers)
    blocks = iter(body)
    while (block := await loop.run_in_executor(threads, next, blocks, None)) is not None:
        await transport.send_bytes(block)


def _header(value: str) -> str:
    """A header's value on one line, in Latin-1, whatever was stored."""
    line = value.replace("\r", " ").replace("\n", " ")
    return line.encode("latin-1", "replace").decode("latin-1")


def _log_to(directory: Path) -> None:
    handler = RotatingFileHandler(directory / "labcloud.log", maxBytes=10_000_000, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("botocore").setLevel(logging.WARNING)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _announce(directory: Path, port: int) -> None:
    told = json.dumps({"port": port, "pid": os.getpid()})
    write_whole(directory / "server.json", told.encode())


async def _serve(cloud: Cloud, port: int) -> None:
    """Serve until told to stop, then let the requests under way finish."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_soon() -> None:
        loop.call_soon_threadsafe(stopping.set)

    control = Control(cloud, stop_soon)
    app = App(Gateway(cloud), control)
    server = Granian(
        app,
        address=HOST,
        port=port,
        interface=Interfaces.RSGI,
        backlog=1024,
        log_enabled=False,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEADER_BUFFER),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    serving = asyncio.ensure_future(server.serve())
    cloud.start()
    _announce(cloud.directory, port)
    waiting = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    server.stop()  # type: ignore[no-untyped-call]
    for _ in range(500):
        if not app.active:
            break
        await asyncio.sleep(0.01)


def serve(directory: Path, port: int) -> None:
    """Serve a cloud until it is told to stop (SIGTERM, SIGINT, or `labcloud down`).

    Ends the process: everything is on disk then, and granian takes seconds to wind down.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not hold(directory / "lock"):
        raise DirectoryTaken(f"another labcloud serves {directory}")
    claim(port)
    _log_to(directory)
    _raise_file_limit()
    cloud = Cloud(directory)
    cloud.port = port
    loop = asyncio.new_event_loop()
    loop.run_until_complete(_serve(cloud, port))
    (directory / "server.json").unlink(missing_ok=True)
    cloud.stop()
    logging.shutdown()
    os._exit(0)
