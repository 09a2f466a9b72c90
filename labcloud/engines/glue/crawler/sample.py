"""An object's first bytes, unpacked. A crawl reads an object at most twice: its head, its tail."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

HEAD = 1024 * 1024
"""Bytes of an object that are looked at (unpacked), as Glue's classifiers do."""

Read = Callable[[int, int], bytes]
"""Read (start, length) bytes of an object."""


@dataclass(slots=True)
class Sample:
    """The head of one object: its key, its size, what packs it, its first bytes unpacked.

    `whole` tells whether these are all. `read` reads further bytes, once; `ratio` is how many
    unpacked bytes one packed byte gives.
    """

    key: str
    size: int
    compression: str
    data: bytes
    whole: bool
    read: Read
    ratio: float = 1.0

    @property
    def unpacked_size(self) -> float:
        """About how many bytes the object has when it is unpacked."""
        return len(self.data) if self.whole else self.size * self.ratio


class Unreadable(Exception):
    """An object that cannot be unpacked or read; the message says why."""


def take(key: str, size: int, read: Read) -> Sample:
    """Read an object's head. Raises Unreadable."""
    packed = read(0, min(size, HEAD))
    compression = _compression(key, packed)
    if compression == "none":
        return Sample(key, size, "none", packed, size <= HEAD, read)
    try:
        data, whole = _UNPACK[compression](packed, size <= HEAD)
    except (OSError, EOFError, ValueError, zlib.error, pa.ArrowInvalid) as error:
        raise Unreadable(f"{compression}: {error}") from None
    used = max(1, len(packed))
    return Sample(key, size, compression, data, whole, read, max(1.0, len(data) / used))


def _compression(key: str, packed: bytes) -> str:
    if packed[:2] == b"\x1f\x8b":
        return "gzip"
    if packed[:3] == b"BZh":
        return "bzip2"
    if packed[:4] == b"\x28\xb5\x2f\xfd":
        return "zstd"
    if packed[:10] == b"\xff\x06\x00\x00sNaPpY" or key.lower().endswith(".snappy"):
        return "snappy"
    return "none"


def _gzip(packed: bytes, complete: bool) -> tuple[bytes, bool]:
    unpack = zlib.decompressobj(wbits=31)
    data = unpack.decompress(packed, HEAD)
    if not data and complete and not unpack.eof:
        raise EOFError("the file ends early")
    return data, unpack.eof and not unpack.unused_data


def _bzip2(packed: bytes, complete: bool) -> tuple[bytes, bool]:
    unpack = bz2.BZ2Decompressor()
    data = unpack.decompress(packed, HEAD)
    if not data and complete and not unpack.eof:
        raise EOFError("the file ends early")
    return data, unpack.eof


def _zstd(packed: bytes, complete: bool) -> tuple[bytes, bool]:
    stream: Any = pa.CompressedInputStream(pa.BufferReader(packed), "zstd")
    blocks, total = [], 0
    try:
        while total < HEAD and (block := stream.read(65536)):
            blocks.append(block)
            total += len(block)
    except OSError:  # the head of a longer object ends within a block
        if complete and not blocks:
            raise
        return b"".join(blocks), False
    return b"".join(blocks), complete and total < HEAD


def _snappy(packed: bytes, complete: bool) -> tuple[bytes, bool]:
    """Read Hadoop's framing of snappy, or the framing format that begins with sNaPpY."""
    codec, blocks, at, total = pa.Codec("snappy"), [], 0, 0
    framed = packed[:10] == b"\xff\x06\x00\x00sNaPpY"
    at = 10 if framed else 0
    while at + 8 <= len(packed) and total < HEAD:
        if framed:
            kind, size = packed[at], int.from_bytes(packed[at + 1 : at + 4], "little")
            chunk = packed[at + 8 : at + 4 + size]
            at += 4 + size
            if kind == 1:
                blocks.append(chunk)
                continue
        else:
            size = int.from_bytes(packed[at + 4 : at + 8], "big")
            chunk = packed[at + 8 : at + 8 + size]
            at += 8 + size
        if at > len(packed):
            break
        blocks.append(codec.decompress(chunk, _length(chunk), asbytes=True))
        total += len(blocks[-1])
    if not blocks:
        raise ValueError("no block can be read")
    return b"".join(blocks), complete and at >= len(packed)


def _length(chunk: bytes) -> int:
    length = shift = 0
    for byte in chunk[:5]:
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return length
        shift += 7
    raise ValueError("not a snappy block")


_UNPACK = {"gzip": _gzip, "bzip2": _bzip2, "zstd": _zstd, "snappy": _snappy}
