"""Addresses in Amazon S3 where results go."""

from __future__ import annotations

import re

from labcloud.engines.athena.errors import invalid

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")


def check_location(location: str) -> None:
    """Raise where an output location is no S3 path."""
    folder_of(location)


def folder_of(location: str) -> str:
    """Return an output location as s3://bucket/prefix/, with one slash at its end."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not _BUCKET.fullmatch(bucket):
        raise invalid("outputLocation is not a valid S3 path.")
    prefix = prefix.rstrip("/")
    return f"s3://{bucket}/{prefix}{'/' if prefix else ''}"


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
