"""Conditional requests: what must hold of an object before it is read, written or deleted.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from labcloud.engines.s3 import errors
from labcloud.engines.s3.store import Version
from labcloud.engines.s3.times import http_date, to_datetime
from labcloud.errors import AWSError


def matches(condition: str, etag: str) -> bool:
    """Tell whether an entity-tag condition (a list, or `*`) names this ETag."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in condition.split(",")]
    return "*" in tags or etag in tags


def _moment(value: Any) -> datetime | None:
    """Return a condition's date; one that is none is not looked at, as HTTP has it."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _changed_since(version: Version, value: Any) -> bool | None:
    moment = _moment(value)
    if moment is None:
        return None
    return to_datetime(version.modified).replace(microsecond=0) > moment


def check_read(request: Mapping[str, Any], version: Version, prefix: str = "") -> None:
    """Check a read's conditions, or with the prefix `CopySource` those of a copy's source.

    Raises `PreconditionFailed` (412) or `NotModified` (304; 412 for a copy).
    """
    if_match = request.get(f"{prefix}IfMatch")
    if if_match is not None:
        if not matches(if_match, version.etag):
            raise errors.precondition_failed(_header(prefix, "If-Match"))
    elif _changed_since(version, request.get(f"{prefix}IfUnmodifiedSince")) is True:
        raise errors.precondition_failed(_header(prefix, "If-Unmodified-Since"))
    if_none_match = request.get(f"{prefix}IfNoneMatch")
    if if_none_match is not None:
        if matches(if_none_match, version.etag):
            raise _not_modified(prefix, "If-None-Match", version)
    elif _changed_since(version, request.get(f"{prefix}IfModifiedSince")) is False:
        raise _not_modified(prefix, "If-Modified-Since", version)


def _header(prefix: str, name: str) -> str:
    return f"x-amz-copy-source-{name.lower()}" if prefix else name


def _not_modified(prefix: str, name: str, version: Version) -> AWSError:
    if prefix:
        return errors.precondition_failed(_header(prefix, name))
    headers = {"ETag": f'"{version.etag}"', "Last-Modified": http_date(version.modified)}
    return AWSError("NotModified", "Not Modified", 304, headers=headers)


def check_write(request: Mapping[str, Any], current: Version | None) -> None:
    """Check a write's conditions against the object that it would replace.

    Raises `PreconditionFailed`, `NoSuchKey` for If-Match without an object, and `NotImplemented`
    for the forms that S3 does not take.
    """
    if current is not None and current.marker:
        current = None
    if_none_match, if_match = request.get("IfNoneMatch"), request.get("IfMatch")
    if if_none_match is not None:
        if if_none_match.strip() != "*" or if_match is not None:
            raise errors.not_implemented("If-None-Match")
        if current is not None:
            raise errors.precondition_failed("If-None-Match")
    if if_match is not None:
        if current is None:
            raise errors.no_such_key(request["Key"])
        if not matches(if_match, current.etag):
            raise errors.precondition_failed("If-Match")


def check_delete(request: Mapping[str, Any], current: Version | None) -> None:
    """Check a delete's conditions: ETag, time and size must be those of the object.

    Raises `PreconditionFailed` or, without an object, `NoSuchKey`.
    """
    etag = request.get("IfMatch", request.get("ETag"))
    moment = request.get("IfMatchLastModifiedTime", request.get("LastModifiedTime"))
    size = request.get("IfMatchSize", request.get("Size"))
    if etag is None and moment is None and size is None:
        return
    if current is None or current.marker:
        raise errors.no_such_key(request["Key"])
    if etag is not None and not matches(etag, current.etag):
        raise errors.precondition_failed("If-Match")
    if size is not None and int(size) != current.size:
        raise errors.precondition_failed("x-amz-if-match-size")
    if moment is not None:
        wanted = _moment(moment)
        if wanted is None or wanted != to_datetime(current.modified).replace(microsecond=0):
            raise errors.precondition_failed("x-amz-if-match-last-modified-time")
