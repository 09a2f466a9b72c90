"""Object tags: at most ten pairs, from a header or a document.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from labcloud.errors import AWSError

MAX_TAGS = 10
_ALLOWED = re.compile(r"[\w\s+\-=.:/@]*", re.UNICODE)


def from_header(text: str) -> list[tuple[str, str]]:
    """Return the tags of an `x-amz-tagging` header. Raises `InvalidArgument` or `InvalidTag`."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise AWSError(
            "InvalidArgument",
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates.",
            400,
            ArgumentName="x-amz-tagging",
            ArgumentValue=text,
        ) from error
    return checked(pairs)


def from_document(tagging: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the tags of a Tagging document. Raises `BadRequest` or `InvalidTag`."""
    return checked((tag["Key"], tag.get("Value", "")) for tag in tagging.get("TagSet") or [])


def checked(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the tags as a list if S3 takes them."""
    tags = list(pairs)
    if len(tags) > MAX_TAGS:
        raise AWSError("BadRequest", "Object tags cannot be greater than 10", 400)
    if len({key for key, _ in tags}) < len(tags):
        raise AWSError("InvalidTag", "Cannot provide multiple Tags with the same key", 400)
    for key, value in tags:
        _check(key, value)
    return tags


def _check(key: str, value: str) -> None:
    if not 1 <= len(key) <= 128 or not _ALLOWED.fullmatch(key):
        raise AWSError("InvalidTag", "The TagKey you have provided is invalid", 400, TagKey=key)
    if key.lower().startswith("aws:"):
        raise AWSError(
            "InvalidTag", "System tags cannot be added/updated by requester", 400, TagKey=key
        )
    if len(value) > 256 or not _ALLOWED.fullmatch(value):
        raise AWSError(
            "InvalidTag", "The TagValue you have provided is invalid", 400, TagValue=value
        )


def to_document(tags: Iterable[Iterable[str]]) -> list[dict[str, str]]:
    """Return tags as a TagSet."""
    return [{"Key": key, "Value": value} for key, value in tags]
