"""Checksums: what S3 computes over an object, checks against the client's, and gives back.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html

CRCs come from awscrt (AWS's own C library: CRC64NVME and CRC32C at 27 GB/s, CRC32 from zlib at
4 GB/s), digests from hashlib, both without holding Python's lock.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from awscrt import checksums as crt  # type: ignore[import-untyped]

from labcloud.engines.s3.errors import invalid_request
from labcloud.errors import AWSError

DEFAULT = "CRC64NVME"
"""What S3 computes for an upload that names no algorithm, since December 2024."""


class Hash(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None:
        """Take the next block."""

    def digest(self) -> bytes:
        """Return the checksum of all blocks so far."""


class _Crc:
    def __init__(self, function: Callable[[bytes, int], int], width: int) -> None:
        self._function = function
        self._width = width
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _sha(name: str) -> Callable[[], Any]:
    return lambda: hashlib.new(name, usedforsecurity=False)


ALGORITHMS: dict[str, Callable[[], Hash]] = {
    "CRC32": lambda: _Crc(zlib.crc32, 4),
    "CRC32C": lambda: _Crc(crt.crc32c, 4),
    "CRC64NVME": lambda: _Crc(crt.crc64nvme, 8),
    "SHA1": _sha("sha1"),
    "SHA256": _sha("sha256"),
    "SHA512": _sha("sha512"),
    "MD5": _sha("md5"),
}
"""AWS's algorithm name → a new running checksum."""

SIZES = {name: len(make().digest()) for name, make in ALGORITHMS.items()}

_COMBINE: dict[str, Callable[[int, int, int], int]] = {
    "CRC32": crt.combine_crc32,
    "CRC32C": crt.combine_crc32c,
    "CRC64NVME": crt.combine_crc64nvme,
}


def encode(digest: bytes) -> str:
    """Return a digest as S3 writes it."""
    return base64.b64encode(digest).decode()


def decode(text: str, size: int) -> bytes | None:
    """Return the digest that a header holds, or None where it is not one of this size."""
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == size else None


def member(algorithm: str) -> str:
    """Return the name of AWS's member for an algorithm: `ChecksumCRC32`."""
    return f"Checksum{algorithm}"


def is_known(algorithm: str) -> None:
    """Raise `InvalidRequest` where an algorithm is not one that labcloud computes."""
    if algorithm not in ALGORITHMS:
        raise invalid_request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid "
            f"types: [{', '.join(sorted(ALGORITHMS))}]"
        )


def announced(request: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the algorithm an upload is to be checked with, and the checksum if it came in front.

    It is a header's, the one a trailer will bring, or the one the request names; else the default.
    Raises `InvalidRequest` for more than one, or one that cannot be a checksum.
    """
    given = [name for name in ALGORITHMS if request.get(member(name)) is not None]
    if len(given) > 1:
        raise invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        )
    if given:
        value = request[member(given[0])]
        if decode(value, SIZES[given[0]]) is None:
            raise invalid_value(given[0])
        return given[0], value
    trailer = headers.get("x-amz-trailer", "").strip().lower()
    if trailer.startswith("x-amz-checksum-"):
        algorithm = trailer.removeprefix("x-amz-checksum-").upper()
        is_known(algorithm)
        return algorithm, None
    algorithm = request.get("ChecksumAlgorithm") or DEFAULT
    is_known(algorithm)
    return algorithm, None


def invalid_value(algorithm: str) -> AWSError:
    """The error for a header that cannot hold such a checksum."""
    return invalid_request(f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")


def bad_digest(algorithm: str) -> AWSError:
    """The error for bytes that are not those the client summed."""
    return AWSError(
        "BadDigest", f"The {algorithm} you specified did not match the calculated checksum.", 400
    )


def content_md5(request: Mapping[str, Any]) -> bytes | None:
    """Return the digest of a Content-MD5 header.

    Raises `InvalidDigest` where it is none.
    """
    if (text := request.get("ContentMD5")) is None:
        return None
    if (digest := decode(text, 16)) is None:
        raise AWSError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400)
    return digest


def composite(algorithm: str, digests: list[bytes]) -> str:
    """Return the checksum of the parts' checksums, with their number."""
    hash_ = ALGORITHMS[algorithm]()
    hash_.update(b"".join(digests))
    return f"{encode(hash_.digest())}-{len(digests)}"


def full_object(algorithm: str, parts: list[tuple[bytes, int]]) -> str:
    """Return the CRC of a whole object from its parts' CRCs and sizes, without reading it."""
    combine = _COMBINE[algorithm]
    value = 0
    for digest, size in parts:
        value = combine(value, int.from_bytes(digest, "big"), size)
    return encode(value.to_bytes(SIZES[algorithm], "big"))


def type_of_upload(algorithm: str, asked: str | None) -> str:
    """Return the checksum type of a multipart upload.

    Raises `InvalidRequest` for a type that the algorithm does not have: CRC64NVME is only whole,
    the SHAs are only composite.
    """
    allowed = {"CRC64NVME": ("FULL_OBJECT",)}.get(
        algorithm,
        ("COMPOSITE", "FULL_OBJECT") if algorithm in _COMBINE else ("COMPOSITE",),
    )
    if asked is None:
        return allowed[0]
    if asked not in allowed:
        raise invalid_request(
            f"The {asked} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm."
        )
    return asked
