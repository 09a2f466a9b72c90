"""`aws-chunked`: how AWS's clients send a body whose checksum follows it in a trailer.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

from __future__ import annotations

import hashlib

from labcloud.errors import AWSError
from labcloud.http import BLOCK, Body, Request

_MAX_LINE = 16 * 1024


class AwsChunked:
    """Reads the payload out of an aws-chunked body; `trailers` is filled at its end."""

    def __init__(self, body: Body, length: int | None) -> None:
        self._body = body
        self._buffer = b""
        self._left = 0
        self._ended = False
        self.length = length
        self.trailers: dict[str, str] = {}

    def read(self, n: int = -1, /) -> bytes:
        """Return up to `n` bytes of the payload; b"" at its end."""
        parts: list[bytes] = []
        wanted = n if n >= 0 else None
        while not self._ended and wanted != 0:
            if self._left == 0 and not self._next_chunk():
                break
            part = self._take(self._left if wanted is None else min(self._left, wanted))
            parts.append(part)
            self._left -= len(part)
            wanted = None if wanted is None else wanted - len(part)
            if self._left == 0:
                self._line()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _next_chunk(self) -> bool:
        line = self._line()
        try:
            self._left = int(line.partition(b";")[0], 16)
        except ValueError as error:
            raise _incomplete() from error
        if self._left < 0:
            raise _incomplete()
        if self._left == 0:
            self._ended = True
            self._read_trailers()
        return not self._ended

    def _read_trailers(self) -> None:
        while line := self._line(at_end=True):
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()

    def _take(self, n: int) -> bytes:
        if not self._buffer:
            self._buffer = self._body.read(BLOCK)
            if not self._buffer:
                raise _incomplete()
        part, self._buffer = self._buffer[:n], self._buffer[n:]
        return part

    def _line(self, *, at_end: bool = False) -> bytes:
        while b"\r\n" not in self._buffer:
            more = self._body.read(BLOCK)
            if not more:
                if at_end:
                    line, self._buffer = self._buffer, b""
                    return line
                raise _incomplete()
            self._buffer += more
            if b"\r\n" not in self._buffer and len(self._buffer) > _MAX_LINE:
                raise _incomplete()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line


def _incomplete() -> AWSError:
    return AWSError(
        "IncompleteBody",
        "The request body terminated unexpectedly: it is not a well-formed aws-chunked body.",
    )


def unwrap(request: Request) -> AwsChunked | None:
    """Replace an aws-chunked body by its payload; return the decoder, or None where it is plain."""
    signed = request.headers.get("x-amz-content-sha256", "")
    if not signed.startswith("STREAMING-") and "aws-chunked" not in request.headers.get(
        "content-encoding", ""
    ):
        return None
    try:
        length = int(request.headers.get("x-amz-decoded-content-length", ""))
    except ValueError as error:
        raise AWSError(
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
            411,
        ) from error
    decoder = AwsChunked(request.body, length)
    request.body = decoder
    return decoder


def check_sha256(request: Request, body: bytes) -> None:
    """Compare a body in memory with the hash its signature covers.

    Raises XAmzContentSHA256Mismatch as Amazon S3 words it.
    """
    stated = request.headers.get("x-amz-content-sha256", "")
    if len(stated) != 64:
        return
    found = hashlib.sha256(body).hexdigest()
    if found != stated.lower():
        raise AWSError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ClientComputedContentSHA256=stated,
            S3ComputedContentSHA256=found,
        )
