"""Text files as lines, whatever compresses them.

Hadoop tells the compression by the name's ending. DuckDB reads gzip and Zstandard by itself;
others are unpacked into the worker's own folder first.
Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

from __future__ import annotations

import bz2
import hashlib
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from labcloud.engines.athena.tables.files import DataFile
from labcloud.trino.errors import TrinoError, quote

NEVER = "\x02\x03\x04\x05"
"""A delimiter that no line holds: DuckDB's CSV reader then gives whole lines."""

LONGEST = 16 * 1024 * 1024
"""Bytes of the longest line: more is refused (Athena's own limit on a line is 100 MB)."""

BLOCK = 1024 * 1024


def lines(files: list[DataFile], skip: int, spill: Path) -> Iterator[tuple[str, list[DataFile]]]:
    """Yield (relation, its files); a relation has the columns line and file_index.

    `skip` lines at the head of each file are left out.
    """
    for compression, some in by_compression(files).items():
        paths, native = plain_paths(some, compression, spill)
        options = (
            "header=false, auto_detect=false, quote='', escape='', strict_mode=false, "
            f"columns={{'line': 'VARCHAR'}}, delim='{NEVER}', nullstr='\x01\x02', "
            f"compression='{native}', max_line_size={LONGEST}, skip={skip}"
        )
        listed = ", ".join(quote(path) for path in paths)
        yield f"(SELECT line, file_index FROM read_csv([{listed}], {options}))", some


def by_compression(files: list[DataFile]) -> dict[str, list[DataFile]]:
    """Return the files by what compresses them: none, gzip, zstd, bzip2, snappy, lz4, deflate."""
    groups: dict[str, list[DataFile]] = {}
    for file in files:
        ending = file.uri.rsplit(".", 1)[-1].lower() if "." in file.uri else ""
        groups.setdefault(_ENDINGS.get(ending, "none"), []).append(file)
    return groups


_ENDINGS = {
    "gz": "gzip",
    "gzip": "gzip",
    "zst": "zstd",
    "bz2": "bzip2",
    "snappy": "snappy",
    "lz4": "lz4",
    "deflate": "deflate",
}


def plain_paths(files: list[DataFile], compression: str, spill: Path) -> tuple[list[str], str]:
    """Return paths that DuckDB reads, and the compression that it must be told."""
    if compression in ("none", "gzip", "zstd"):
        return [file.path for file in files], compression
    return [str(_unpacked(file, compression, spill)) for file in files], "none"


def _unpacked(file: DataFile, compression: str, spill: Path) -> Path:
    target = spill / hashlib.sha256(file.path.encode()).hexdigest()[:32]
    if target.exists():
        return target
    try:
        with open(file.path, "rb") as packed, open(f"{target}.part", "wb") as plain:
            for block in _UNPACK[compression](packed):
                plain.write(block)
    except (OSError, EOFError, ValueError, zlib.error, pa.ArrowInvalid) as error:
        raise TrinoError("HIVE_CURSOR_ERROR", f"Failed to read file: {file.uri}: {error}") from None
    shutil.move(f"{target}.part", target)
    return target


def _bzip2(packed: object) -> Iterator[bytes]:
    with bz2.open(packed) as plain:  # type: ignore[call-overload]
        while block := plain.read(BLOCK):
            yield block


def _deflate(packed: object) -> Iterator[bytes]:
    unpack = zlib.decompressobj()
    while block := packed.read(BLOCK):  # type: ignore[attr-defined]
        yield unpack.decompress(block)
    yield unpack.flush()


def _lz4(packed: object) -> Iterator[bytes]:
    with pa.CompressedInputStream(packed, "lz4") as plain:
        while block := plain.read(BLOCK):
            yield block


def _hadoop_snappy(packed: object) -> Iterator[bytes]:
    """Hadoop's framing: blocks of (plain length, then chunks of (packed length, bytes))."""
    codec = pa.Codec("snappy")
    read = packed.read  # type: ignore[attr-defined]
    while head := read(4):
        left = int.from_bytes(head, "big")
        while left > 0:
            size = int.from_bytes(read(4), "big")
            chunk = read(size)
            plain_size = _snappy_length(chunk)
            yield codec.decompress(chunk, plain_size, asbytes=True)
            left -= plain_size


def _snappy_length(chunk: bytes) -> int:
    """Return the plain length that a raw snappy chunk begins with (a varint)."""
    length = shift = 0
    for byte in chunk[:5]:
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return length
        shift += 7
    raise ValueError("not a snappy chunk")


_UNPACK: dict[str, Callable[[object], Iterator[bytes]]] = {
    "bzip2": _bzip2,
    "deflate": _deflate,
    "lz4": _lz4,
    "snappy": _hadoop_snappy,
}
