"""HTTP as the gateway sees it: requests whose body streams, responses that may be files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

BLOCK = 1024 * 1024


class Body(Protocol):
    """A request's payload: read it once, from the front, in blocks."""

    length: int | None

    def read(self, n: int = -1, /) -> bytes:
        """Return up to `n` bytes (all that is left for -1); b"" at the end."""


class BytesBody(io.BytesIO):
    """A payload that is already in memory."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.length: int | None = len(data)


class Headers(Mapping[str, str]):
    """Header fields, found in any case, listed as they were sent.

    Underscores stay apart from dashes: `x-amz-meta-my_key` and `x-amz-meta-my-key` are two
    metadata keys in Amazon S3.
    """

    __slots__ = ("_by_name", "fields")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields = list(fields)
        self._by_name = {name.lower(): value for name, value in self.fields}

    def __getitem__(self, name: str) -> str:
        return self._by_name[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.fields)

    def __len__(self) -> int:
        return len(self.fields)


@dataclass(slots=True)
class Request:
    """One HTTP request.

    `path` is percent-decoded and starts with a slash; `query` is the raw query string.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: Body = field(default_factory=BytesBody)


@dataclass(slots=True)
class FileBody:
    """A slice of a file as a payload: the server sends it without a copy through Python."""

    path: str
    start: int
    length: int

    def read(self) -> bytes:
        """Return the slice's bytes; for in-process callers that want them in memory."""
        with open(self.path, "rb") as file:
            file.seek(self.start)
            return file.read(self.length)

    def __iter__(self) -> Iterator[bytes]:
        left = self.length
        with open(self.path, "rb") as file:
            file.seek(self.start)
            while left > 0 and (block := file.read(min(BLOCK, left))):
                left -= len(block)
                yield block


Payload = bytes | FileBody | Iterable[bytes]


@dataclass(slots=True)
class Response:
    """One HTTP response."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Payload = b""
