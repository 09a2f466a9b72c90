"""What is kept with an object beside its bytes, and how responses show it.

`Version.meta` is a small dict with these keys, each left out where it is empty: `system` (headers
S3 gives back), `user` (x-amz-meta-), `sse`, `checksum`, `parts`, `tags`, `acl`, `lock`,
`redirect`, `restore`, `upload`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labcloud.engines.s3 import acl, errors, locks, tagging, times
from labcloud.engines.s3.store import Version
from labcloud.errors import AWSError

MAX_USER_METADATA = 2048
STORAGE_CLASSES = frozenset(
    {
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
        "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
    }
)  # fmt: skip
"""What a general purpose bucket takes (botocore's StorageClass also names other products')."""

SYSTEM = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)


def storage_class(request: Mapping[str, Any]) -> str:
    """Return the storage class asked for. Raises `InvalidStorageClass`."""
    found = request.get("StorageClass") or "STANDARD"
    if found not in STORAGE_CLASSES:
        raise AWSError(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
            400,
            StorageClassRequested=found,
        )
    return str(found)


def system_of(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that S3 keeps with an object."""
    found = {name: _text(request[name]) for name in SYSTEM if request.get(name) is not None}
    if "ContentEncoding" in found:
        codings = [coding.strip() for coding in found["ContentEncoding"].split(",")]
        kept = ",".join(coding for coding in codings if coding and coding != "aws-chunked")
        found["ContentEncoding"] = kept
        if not kept:
            del found["ContentEncoding"]
    return found


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return times.http_date(times.from_datetime(value))
    return str(value)


def user_of(request: Mapping[str, Any]) -> dict[str, str]:
    """Return user-defined metadata. Raises `MetadataTooLarge` above 2 KB."""
    found = {name.lower(): str(value) for name, value in (request.get("Metadata") or {}).items()}
    size = sum(len(name) + len(value.encode("utf-8", "replace")) for name, value in found.items())
    if size > MAX_USER_METADATA:
        raise AWSError(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            400,
            Size=size,
            MaxSizeAllowed=MAX_USER_METADATA,
        )
    return found


def new(request: Mapping[str, Any], bucket: Any, now: int) -> dict[str, Any]:
    """Return the metadata of an object that a request writes to a bucket; encryption is apart."""
    meta: dict[str, Any] = {}
    if system := system_of(request):
        meta["system"] = system
    if request.get("Metadata") and (user := user_of(request)):
        meta["user"] = user
    if redirect := request.get("WebsiteRedirectLocation"):
        meta["redirect"] = _redirect(redirect)
    if request.get("Tagging"):
        meta["tags"] = tagging.from_header(request["Tagging"])
    if grants := acl.requested(request, bucket):
        meta["acl"] = grants
    if lock := locks.requested(request, bucket, now):
        meta["lock"] = lock
    return meta


def _redirect(location: str) -> str:
    if not location.startswith(("/", "http://", "https://")):
        raise AWSError(
            "InvalidRedirectLocation",
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
            400,
        )
    return location


def checksum_of(version: Version) -> dict[str, str]:
    """Return the checksum members that a response shows."""
    checksum = version.meta.get("checksum")
    if not checksum:
        return {}
    algorithm, value, kind = checksum
    return {f"Checksum{algorithm}": value, "ChecksumType": kind}


def shown(version: Version) -> dict[str, Any]:
    """Return the members that GetObject and HeadObject have in common."""
    meta = version.meta
    found: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": times.to_second(version.modified),
        "ETag": f'"{version.etag}"',
        "ContentLength": version.size,
        "ContentType": "binary/octet-stream",
        "Metadata": meta.get("user", {}),
    }
    found |= meta.get("system", {})
    found |= meta.get("sse", {})
    if version.storage_class != "STANDARD":
        found["StorageClass"] = version.storage_class
    if redirect := meta.get("redirect"):
        found["WebsiteRedirectLocation"] = redirect
    if tags := meta.get("tags"):
        found["TagCount"] = len(tags)
    if lock := meta.get("lock"):
        found |= locks.shown(lock)
    return found


_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}


def override(request: Mapping[str, Any], found: dict[str, Any], anonymous: bool) -> None:
    """Let `response-*` parameters take the place of headers; an anonymous request has none."""
    for parameter, name in _OVERRIDES.items():
        if (value := request.get(parameter)) is not None:
            if anonymous:
                raise errors.invalid_request(
                    "Request specific response headers cannot be used for anonymous GET requests."
                )
            found[name] = _text(value)
