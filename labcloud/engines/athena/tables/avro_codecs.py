"""Avro's block codecs that fastavro leaves to packages of their own: here by Arrow.

A block is its length, a number of variable length, and the bytes; snappy's end with a checksum.
Source: https://avro.apache.org/docs/1.12.0/specification/#required-codecs
"""

from __future__ import annotations

import io
import zlib
from typing import Any, BinaryIO

import fastavro._read as reading
import fastavro._write as writing
import pyarrow as pa

from labcloud.engines.athena.tables.lines import snappy_length


def _read_long(file: BinaryIO) -> int:
    number = shift = 0
    while True:
        byte = file.read(1)
        if not byte:
            raise EOFError("a block ends early")
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return (number >> 1) ^ -(number & 1)
        shift += 7


def _long(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _read_snappy(file: BinaryIO) -> io.BytesIO:
    packed = file.read(_read_long(file))[:-4]
    plain = pa.Codec("snappy").decompress(packed, snappy_length(packed), asbytes=True)
    return io.BytesIO(plain)


def _write_snappy(file: BinaryIO, block: bytes, level: Any) -> None:
    packed = pa.Codec("snappy").compress(block, asbytes=True)
    file.write(_long(len(packed) + 4) + packed + zlib.crc32(block).to_bytes(4, "big"))


def _read_zstd(file: BinaryIO) -> io.BytesIO:
    packed = io.BytesIO(file.read(_read_long(file)))
    with pa.CompressedInputStream(packed, "zstd") as plain:
        return io.BytesIO(plain.read())


def _write_zstd(file: BinaryIO, block: bytes, level: Any) -> None:
    packed = pa.Codec("zstd", level).compress(block, asbytes=True)
    file.write(_long(len(packed)) + packed)


def register() -> None:
    """Make fastavro read and write snappy and Zstandard."""
    reading.BLOCK_READERS.update(snappy=_read_snappy, zstandard=_read_zstd)
    writing.BLOCK_WRITERS.update(  # type: ignore[attr-defined]
        snappy=_write_snappy, zstandard=_write_zstd
    )
