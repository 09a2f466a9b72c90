"""The objects under a table's location, and where their bytes are on this computer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlparse

from labcloud.trino.errors import TrinoError


class Caller(Protocol):
    """What calls AWS operations: the cloud, or a worker's link to it."""

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return an operation's output. Raises AWSError."""


class Bodies(Caller, Protocol):
    """A caller that also tells where objects' bytes are."""

    def bodies(self, bucket: str, keys: list[str]) -> list[str]:
        """Return the paths of objects' bodies on disk, in the order of the keys."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One object of a table: its address, its bytes on disk, its size in bytes."""

    uri: str
    path: str
    size: int
    modified: datetime


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of s3://bucket/key. Raises TrinoError for any other address."""
    parsed = urlparse(uri, allow_fragments=False)
    if parsed.scheme not in ("s3", "s3a", "s3n") or not parsed.netloc:
        raise TrinoError("HIVE_FILESYSTEM_ERROR", f"Not a valid Amazon S3 location: {uri}")
    return parsed.netloc, parsed.path.lstrip("/") + (f"?{parsed.query}" if parsed.query else "")


def objects_under(caller: Caller, location: str) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield (bucket, entry of ListObjectsV2) for all objects under a location, in key order."""
    bucket, prefix = split_uri(location)
    if prefix and not prefix.endswith("/"):
        prefix += "/"
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = caller.call("s3", "ListObjectsV2", request)
        for entry in page.get("Contents", ()):
            yield bucket, entry
        if not page.get("IsTruncated"):
            return
        request["ContinuationToken"] = page["NextContinuationToken"]


def is_hidden(key: str, prefix: str) -> bool:
    """Return whether Hive overlooks an object: a part of its name below begins with _ or a dot.

    Source: https://docs.aws.amazon.com/athena/latest/ug/creating-tables.html
    """
    return any(part.startswith(("_", ".")) for part in key[len(prefix) :].split("/"))


def data_files(caller: Bodies, location: str) -> list[DataFile]:
    """Return the files that a table or partition at `location` has, also in folders below."""
    bucket, prefix = split_uri(location)
    wanted = [
        entry
        for _, entry in objects_under(caller, location)
        if entry["Size"] and not is_hidden(entry["Key"], prefix) and entry["Key"][-1] != "/"
    ]
    paths = caller.bodies(bucket, [entry["Key"] for entry in wanted])
    return [
        DataFile(f"s3://{bucket}/{entry['Key']}", path, entry["Size"], entry["LastModified"])
        for entry, path in zip(wanted, paths, strict=True)
    ]
