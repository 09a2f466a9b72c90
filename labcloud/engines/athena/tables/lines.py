"""Text files as lines, whatever compresses them.

Hadoop tells the compression by the name's ending. DuckDB reads gzip and Zstandard by itself;
others are unpacked into the worker's own folder first. So are files with blank lines, which are
rows for Hive and nothing for DuckDB: each then holds `BLANK`.
Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from labcloud.engines.athena.tables.files import DataFile
from labcloud.trino.errors import TrinoError, quote

NEVER = "\x02\x03\x04\x05"
"""A delimiter that no line holds: DuckDB's CSV reader then gives whole lines."""

BLANK = "\x01\x02"
"""What stands for a blank line where DuckDB would overlook it; it is read as NULL."""

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
            f"columns={{'line': 'VARCHAR'}}, delim='{NEVER}', nullstr='{BLANK}', "
            f"compression='{native}', max_line_size={LONGEST}, skip={skip}"
        )
        listed = ", ".join(quote(path) for path in paths)
        yield (
            f"(SELECT COALESCE(line, '') AS line, file_index FROM read_csv([{listed}], {options}))",
            some,
        )


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
    """Return paths that DuckDB reads, and the compression that it must be told.

    All are unpacked where one must be: it is a whole list that is compressed, or not.
    """
    native = compression in ("none", "gzip", "zstd")
    if native and not any(_has_blanks(file.path, compression) for file in files):
        return [file.path for file in files], compression
    return [str(_unpacked(file, compression, spill)) for file in files], "none"


@lru_cache(maxsize=65536)
def _has_blanks(path: str, compression: str) -> bool:
    """Return whether a body, which never changes, has a blank line."""
    before = b"\n"
    try:
        with open(path, "rb") as packed:
            for block in _UNPACK[compression](packed):
                seen = before + block
                if b"\n\n" in seen or b"\n\r" in seen or b"\r\r" in seen:
                    return True
                before = block[-1:] or before
    except _BROKEN:
        return False  # DuckDB says so, too, and where
    return False


_BROKEN = (OSError, EOFError, ValueError, zlib.error, pa.ArrowInvalid)


def _unpacked(file: DataFile, compression: str, spill: Path) -> Path:
    target = spill / hashlib.sha256(file.path.encode()).hexdigest()[:32]
    if target.exists():
        return target
    try:
        with open(file.path, "rb") as packed, open(f"{target}.part", "wb") as plain:
            for block in _with_blanks(_UNPACK[compression](packed)):
                plain.write(block)
    except _BROKEN as error:
        raise TrinoError("HIVE_CURSOR_ERROR", f"Failed to read file: {file.uri}: {error}") from None
    shutil.move(f"{target}.part", target)
    return target


def _with_blanks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield text with `BLANK` in its blank lines; a line ends with \\n, \\r\\n or \\r."""
    mark = BLANK.encode()
    fresh, held = True, b""
    for block in blocks:
        block = held + block
        held = b"\r" if block.endswith(b"\r") else b""  # half of \r\n, perhaps
        text = block[: len(block) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not text:
            continue
        if fresh and text.startswith(b"\n"):
            text = mark + text
        for _ in range(2):  # the second time for those that the first one stepped over
            text = text.replace(b"\n\n", b"\n" + mark + b"\n")
        fresh = text.endswith(b"\n")
        yield text
    if held:
        yield (mark if fresh else b"") + b"\n"


def _plain(packed: object) -> Iterator[bytes]:
    while block := packed.read(BLOCK):  # type: ignore[attr-defined]
        yield block


def _gzip(packed: object) -> Iterator[bytes]:
    with gzip.open(packed) as plain:  # type: ignore[call-overload]
        while block := plain.read(BLOCK):
            yield block


def _zstd(packed: object) -> Iterator[bytes]:
    with pa.CompressedInputStream(packed, "zstd") as plain:
        while block := plain.read(BLOCK):
            yield block


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
            plain_size = snappy_length(chunk)
            yield codec.decompress(chunk, plain_size, asbytes=True)
            left -= plain_size


def snappy_length(chunk: bytes) -> int:
    """Return the plain length that a raw snappy chunk begins with (a varint)."""
    length = shift = 0
    for byte in chunk[:5]:
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return length
        shift += 7
    raise ValueError("not a snappy chunk")


_UNPACK: dict[str, Callable[[object], Iterator[bytes]]] = {
    "none": _plain,
    "gzip": _gzip,
    "zstd": _zstd,
    "bzip2": _bzip2,
    "deflate": _deflate,
    "lz4": _lz4,
    "snappy": _hadoop_snappy,
}
