"""Byte ranges: which slice of an object a request asks for.

https://www.rfc-editor.org/rfc/rfc9110#name-range
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labcloud.engines.s3 import errors
from labcloud.engines.s3.store import Version
from labcloud.errors import AWSError

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


def invalid(text: str, size: int) -> AWSError:
    """The error for a range that has no byte of the object."""
    return AWSError(
        "InvalidRange",
        "The requested range is not satisfiable",
        416,
        headers={"Content-Range": f"bytes */{size}"},
        RangeRequested=text,
        ActualObjectSize=size,
    )


def of_header(text: str, size: int) -> tuple[int, int] | None:
    """Return (start, length) of a Range header; None for one that HTTP says to ignore."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise invalid(text, size)
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    if start >= size:
        raise invalid(text, size)
    return start, end - start + 1


def of_copy(text: str, size: int) -> tuple[int, int]:
    """Return (start, length) of an `x-amz-copy-source-range`, which must lie in the source."""
    match = _COPY_RANGE.fullmatch(text.strip())
    if match is None or int(match[2]) < int(match[1]):
        raise errors.invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            text,
        )
    first, last = int(match[1]), int(match[2])
    if last >= size:
        raise errors.invalid_argument(
            f"Range specified is not valid for source object of size: {size}",
            "x-amz-copy-source-range",
            text,
        )
    return first, last - first + 1


def asked(request: Mapping[str, Any], version: Version) -> tuple[int, int] | None:
    """Return (start, length) of the part or range that a request asks for, or None for all.

    Raises `InvalidRange` (416) or `InvalidPartNumber`, `InvalidRequest` for both at once.
    """
    number, header = request.get("PartNumber"), request.get("Range")
    if number is None:
        return None if header is None else of_header(header, version.size)
    if header is not None:
        raise errors.invalid_request(
            "Cannot specify both Range header and partNumber query parameter"
        )
    parts = version.meta.get("parts") or [[version.size]]
    if not 1 <= int(number) <= len(parts):
        raise AWSError(
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            416,
            PartNumberRequested=number,
            ActualPartCount=len(parts),
        )
    start = sum(part[0] for part in parts[: int(number) - 1])
    return start, parts[int(number) - 1][0]
