"""Takes a payload in: to a file in blocks of 1 MiB, hashed on the way, checked at the end.

Large payloads are hashed on a second thread while the next block comes in; hashlib and awscrt
leave Python's lock while they work.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from labcloud.engines.s3 import checksums
from labcloud.errors import AWSError
from labcloud.http import BLOCK, Body, BytesBody

LARGEST = 5 * 1024**3
"""One PutObject or UploadPart takes at most 5 GiB."""

READ = 4 * BLOCK
"""Asked for at once; the server gives about 1 MiB, and need not cut what it has."""

IN_FLIGHT = 2
"""Blocks that wait to be hashed."""

_THREADED = 8 * BLOCK
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(slots=True)
class Received:
    """What came in: its size, its MD5 in hex, and its checksum by name.

    `kept` is the checksum of the algorithm that the object keeps, the same but for some parts.
    """

    size: int
    etag: str
    algorithm: str
    checksum: str
    kept: str


class Target(Protocol):
    """Where the bytes go: an open file, made when the first byte comes, and the place in it."""

    def open(self) -> int:
        """Return the file descriptor to write to."""

    offset: int


@dataclass(slots=True)
class Expected:
    """What the client says of the bytes it sends."""

    algorithm: str
    checksum: str | None
    md5: bytes | None
    sha256: str | None
    trailing: bool = False


def payload(request: Mapping[str, Any]) -> Body:
    """Return the request's body as a stream, whatever the caller gave."""
    body = request.get("Body")
    if body is None:
        return BytesBody()
    if isinstance(body, (bytes, bytearray)):
        return BytesBody(bytes(body))
    if isinstance(body, str):
        return BytesBody(body.encode())
    return body  # type: ignore[no-any-return]


def expected(request: Mapping[str, Any], headers: Mapping[str, str]) -> Expected:
    """Read from a request what its payload must amount to."""
    algorithm, checksum = checksums.announced(request, headers)
    sha256 = headers.get("x-amz-content-sha256")
    if isinstance(request.get("Body"), BytesBody) or not _SHA256.fullmatch(sha256 or ""):
        sha256 = None  # the gateway checks what is in memory
    trailing = headers.get("x-amz-trailer", "").lower().startswith("x-amz-checksum-")
    return Expected(algorithm, checksum, checksums.content_md5(request), sha256, trailing)


def receive(
    body: Body,
    target: Target,
    expect: Expected,
    trailers: Callable[[], dict[str, str]],
    keep: str | None = None,
) -> Received:
    """Write a payload to its target and check it; `keep` names the algorithm of `Received.kept`.

    Raises `IncompleteBody`, `EntityTooLarge`, `BadDigest` or `XAmzContentSHA256Mismatch`.
    """
    length = getattr(body, "length", None)
    if length is not None and length > LARGEST:
        raise too_large(length)
    md5 = hashlib.md5(usedforsecurity=False)
    checksum = checksums.ALGORITHMS[expect.algorithm]()
    sha256 = hashlib.sha256() if expect.sha256 else None
    kept = checksum
    if keep is not None and keep != expect.algorithm:
        kept = checksums.ALGORITHMS[keep]()
    hashes = [hash_ for hash_ in (md5, checksum, sha256) if hash_ is not None]
    hashes += [kept] if kept is not checksum else []
    if length is None or length > _THREADED:
        size = _pump_threaded(body, target, hashes)
    else:
        size = _pump(body, target, hashes)
    if length is not None and size < length:
        raise AWSError("IncompleteBody", "The request body terminated unexpectedly", 400)
    _check(expect, md5.digest(), checksum.digest(), sha256, trailers)
    return Received(
        size,
        md5.hexdigest(),
        expect.algorithm,
        checksums.encode(checksum.digest()),
        checksums.encode(kept.digest()),
    )


def too_large(size: int) -> AWSError:
    """The error for an upload that is above what one request may bring."""
    return AWSError(
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size",
        400,
        ProposedSize=size,
        MaxSizeAllowed=LARGEST,
    )


def _pump(body: Body, target: Target, hashes: list[Any]) -> int:
    size = 0
    while block := body.read(READ):
        for hash_ in hashes:
            hash_.update(block)
        size = _write(target, block, size)
    return size


def _pump_threaded(body: Body, target: Target, hashes: list[Any]) -> int:
    blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    room = threading.Semaphore(IN_FLIGHT)

    def work() -> None:
        while block := blocks.get():
            for hash_ in hashes:
                hash_.update(block)
            room.release()

    worker = threading.Thread(target=work, name="s3-hash")
    worker.start()
    size = 0
    try:
        while block := body.read(READ):
            room.acquire()
            blocks.put(block)
            size = _write(target, block, size)
    finally:
        blocks.put(b"")
        worker.join()
    return size


def _write(target: Target, block: bytes, size: int) -> int:
    file = target.open()
    view = memoryview(block)
    while view:
        done = os.pwrite(file, view, target.offset + size)
        view = view[done:]
        size += done
    if size > LARGEST:
        raise too_large(size)
    return size


def _check(
    expect: Expected,
    md5: bytes,
    checksum: bytes,
    sha256: Any,
    trailers: Callable[[], dict[str, str]],
) -> None:
    if expect.md5 is not None and expect.md5 != md5:
        raise AWSError(
            "BadDigest", "The Content-MD5 you specified did not match what we received.", 400
        )
    if sha256 is not None and sha256.hexdigest() != expect.sha256:
        raise AWSError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            400,
            ClientComputedContentSHA256=expect.sha256,
            S3ComputedContentSHA256=sha256.hexdigest(),
        )
    given = expect.checksum or _trailer(expect.algorithm, trailers())
    if given is not None and checksums.decode(given, len(checksum)) != checksum:
        if checksums.decode(given, len(checksum)) is None:
            raise checksums.invalid_value(expect.algorithm)
        raise checksums.bad_digest(expect.algorithm)


def _trailer(algorithm: str, trailers: Mapping[str, str]) -> str | None:
    name = f"x-amz-checksum-{algorithm.lower()}"
    for field, value in trailers.items():
        if field.lower() == name:
            return value.strip()
    return None
