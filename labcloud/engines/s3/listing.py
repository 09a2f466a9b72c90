"""ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads: pages in key order.

A page is a walk along an index. Where a common prefix is met, the walk goes on behind it with a
seek, so a page costs as much as it shows, however many keys are rolled up.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from labcloud.engine import Context
from labcloud.engines.s3 import archive, errors, times
from labcloud.engines.s3.base import Request, S3Base
from labcloud.engines.s3.owners import owner_of
from labcloud.engines.s3.store import COLUMNS, Reader, Version, version_of

PAGE = 1000
_PLAIN = re.compile(rb"[A-Za-z0-9/_.~*-]*")


def successor(prefix: bytes) -> bytes | None:
    """Return the least key above all that begin with a prefix; None where there is none."""
    while prefix and prefix[-1] == 0xFF:
        prefix = prefix[:-1]
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else None


@dataclass(slots=True)
class Place:
    """A place in key order: behind `key`, or for a listing of several rows a key, behind `row`."""

    key: bytes
    row: tuple[Any, ...] | None = None


Rows = Callable[[bytes, bool, "tuple[Any, ...] | None"], Iterator[tuple[Any, ...]]]
"""(from key, that key too, behind this row of it) → rows in order; a row's key is its [2]."""


def walk(rows: Rows, prefix: bytes, delimiter: bytes, after: Place | None) -> Iterator[Any]:
    """Yield rows, and common prefixes as bytes, in order."""
    end = successor(prefix)
    start, inclusive, row_mark = prefix, True, None
    if after is not None and after.key >= prefix:
        start, inclusive, row_mark = after.key, False, after.row
        rolled = _common(after.key, prefix, delimiter)
        if rolled == after.key:
            behind = successor(rolled)
            if behind is None:
                return
            start, inclusive, row_mark = behind, True, None
    while True:
        for row in rows(start, inclusive, row_mark):
            key = row[2]
            if end is not None and key >= end:
                return
            common = _common(key, prefix, delimiter)
            if common is None:
                yield row
                continue
            yield common
            behind = successor(common)
            if behind is None:
                return
            start, inclusive, row_mark = behind, True, None
            break
        else:
            return


def _common(key: bytes, prefix: bytes, delimiter: bytes) -> bytes | None:
    if not delimiter or not key.startswith(prefix):
        return None
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]


@dataclass(slots=True)
class Page:
    """What a listing asks for, in bytes, and how its answer spells keys."""

    prefix: bytes
    delimiter: bytes
    size: int
    url: bool

    def spell(self, key: bytes) -> str:
        """Return a key as the response shows it."""
        if not self.url or _PLAIN.fullmatch(key):
            return key.decode()
        return quote(key, safe="/-_.~*")


def page_of(request: Request, member: str = "MaxKeys") -> Page:
    """Read what listings have in common. Raises `InvalidArgument`."""
    size = request.get(member)
    size = PAGE if size is None else int(size)
    if not 0 <= size <= 2**31 - 1:
        raise errors.invalid_argument(
            "Argument maxKeys must be an integer between 0 and 2147483647", "max-keys", size
        )
    encoding = request.get("EncodingType")
    if encoding not in (None, "url"):
        raise errors.invalid_argument(
            "Invalid Encoding Method specified in Request", "encoding-type", encoding
        )
    return Page(
        (request.get("Prefix") or "").encode("utf-8", "surrogateescape"),
        (request.get("Delimiter") or "").encode("utf-8", "surrogateescape"),
        min(size, PAGE),
        encoding == "url",
    )


def take(items: Iterator[Any], size: int) -> tuple[list[Any], bool]:
    """Return up to `size` items and whether there are more; a page of none has no more."""
    found: list[Any] = []
    if size == 0:
        return found, False
    for item in items:
        if len(found) == size:
            return found, True
        found.append(item)
    return found, False


def token_of(key: bytes) -> str:
    """Return the continuation token behind a key."""
    return base64.urlsafe_b64encode(b"1" + key).decode()


def key_of_token(token: str) -> bytes:
    """Return the key that a continuation token stands behind. Raises `InvalidArgument`."""
    try:
        text = base64.b64decode(token, b"-_", validate=True)
    except (binascii.Error, ValueError):
        text = b""
    if not text.startswith(b"1"):
        raise errors.invalid_argument(
            "The continuation token provided is incorrect", "continuation-token", token
        )
    return text[1:]


def _latest_rows(reader: Reader, bucket: str) -> Rows:
    def rows(start: bytes, inclusive: bool, _: tuple[Any, ...] | None) -> Iterator[Any]:
        return reader.connection.execute(
            f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND latest = 1 "
            f"AND key {'>=' if inclusive else '>'} ? AND marker = 0 ORDER BY key",
            (bucket, start),
        )

    return rows


def _version_rows(reader: Reader, bucket: str) -> Rows:
    def rows(start: bytes, inclusive: bool, mark: tuple[Any, ...] | None) -> Iterator[Any]:
        execute = reader.connection.execute
        if mark is not None:
            yield from execute(
                f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND id < ? "
                "ORDER BY id DESC",
                (bucket, start, mark[0]),
            )
        yield from execute(
            f"SELECT {COLUMNS} FROM versions WHERE bucket = ? "
            f"AND key {'>=' if inclusive else '>'} ? ORDER BY key, id DESC",
            (bucket, start),
        )

    return rows


def _upload_rows(reader: Reader, bucket: str) -> Rows:
    columns = "id, bucket, key, initiated, meta"

    def rows(start: bytes, inclusive: bool, mark: tuple[Any, ...] | None) -> Iterator[Any]:
        execute = reader.connection.execute
        if mark is not None:
            yield from execute(
                f"SELECT {columns} FROM uploads WHERE bucket = ? AND key = ? "
                "AND (initiated, id) > (?, ?) ORDER BY initiated, id",
                (bucket, start, *mark),
            )
        yield from execute(
            f"SELECT {columns} FROM uploads WHERE bucket = ? "
            f"AND key {'>=' if inclusive else '>'} ? ORDER BY key, initiated, id",
            (bucket, start),
        )

    return rows


class ListOperations(S3Base):
    """Listing what is in a bucket."""

    def list_objects_v2(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a page of objects behind a continuation token or a key."""
        bucket = self.allowed(request, context, "s3:ListBucket")
        page = page_of(request)
        token, start_after = request.get("ContinuationToken"), request.get("StartAfter")
        after: Place | None = None
        if token is not None:
            after = Place(key_of_token(token))
        elif start_after:
            after = Place(start_after.encode())
        owner = owner_of(bucket.account_id) if request.get("FetchOwner") else None
        found, items, more = self._objects(bucket, request, page, after, owner)
        found["KeyCount"] = len(items)
        if token is not None:
            found["ContinuationToken"] = token
        if start_after:
            found["StartAfter"] = page.spell(start_after.encode())
        if more:
            found["NextContinuationToken"] = token_of(_key(items[-1]))
        return found

    def list_objects(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a page of objects behind a marker."""
        bucket = self.allowed(request, context, "s3:ListBucket")
        page = page_of(request)
        marker = (request.get("Marker") or "").encode()
        after = Place(marker) if marker else None
        owner = owner_of(bucket.account_id)
        found, items, more = self._objects(bucket, request, page, after, owner)
        found["Marker"] = page.spell(marker)
        if more and page.delimiter:
            found["NextMarker"] = page.spell(_key(items[-1]))
        return found

    def _objects(
        self,
        bucket: Any,
        request: Request,
        page: Page,
        after: Place | None,
        owner: dict[str, str] | None,
    ) -> tuple[dict[str, Any], list[Any], bool]:
        now = times.now()
        restores = "RestoreStatus" in (request.get("OptionalObjectAttributes") or [])
        with self.store.read() as reader:
            rows = _latest_rows(reader, bucket.name)
            items, more = take(walk(rows, page.prefix, page.delimiter, after), page.size)
        found = _shell(bucket, request, page, items, more)
        contents = []
        for item in items:
            if not isinstance(item, bytes):
                version = version_of(item)
                entry = _entry(version, page, owner)
                if restores:
                    entry |= archive.status(version, now)
                contents.append(entry)
        if contents:
            found["Contents"] = contents
        return found, items, more

    def list_object_versions(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a page of all versions and delete markers, the newest of each key first."""
        bucket = self.allowed(request, context, "s3:ListBucketVersions")
        page = page_of(request)
        key_marker = (request.get("KeyMarker") or "").encode()
        version_marker = request.get("VersionIdMarker")
        with self.store.read() as reader:
            after = _after_version(reader, bucket.name, key_marker, version_marker)
            rows = _version_rows(reader, bucket.name)
            items, more = take(walk(rows, page.prefix, page.delimiter, after), page.size)
        found = _shell(bucket, request, page, items, more)
        found |= {"KeyMarker": page.spell(key_marker), "VersionIdMarker": version_marker or ""}
        _split_versions(found, items, page, owner_of(bucket.account_id))
        if more:
            found["NextKeyMarker"] = page.spell(_key(items[-1]))
            if not isinstance(items[-1], bytes):
                found["NextVersionIdMarker"] = items[-1][3]
        return found

    def list_multipart_uploads(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a page of the multipart uploads under way."""
        bucket = self.allowed(request, context, "s3:ListBucketMultipartUploads")
        page = page_of(request, "MaxUploads")
        key_marker = (request.get("KeyMarker") or "").encode()
        id_marker = request.get("UploadIdMarker") if key_marker else None
        owner = owner_of(bucket.account_id)
        with self.store.read() as reader:
            after = Place(key_marker) if key_marker else None
            if after and id_marker and (upload := reader.upload(id_marker)):
                after.row = (upload.initiated, upload.id)
            rows = _upload_rows(reader, bucket.name)
            items, more = take(walk(rows, page.prefix, page.delimiter, after), page.size)
        found = _shell(bucket, request, page, items, more)
        del found["Name"], found["MaxKeys"]
        found |= {
            "Bucket": bucket.name,
            "KeyMarker": page.spell(key_marker),
            "UploadIdMarker": id_marker or "",
            "MaxUploads": page.size,
        }
        uploads = [_upload_entry(row, page, owner) for row in items if not isinstance(row, bytes)]
        if uploads:
            found["Uploads"] = uploads
        if more:
            found["NextKeyMarker"] = page.spell(_key(items[-1]))
            if not isinstance(items[-1], bytes):
                found["NextUploadIdMarker"] = items[-1][0]
        return found


def _key(item: Any) -> bytes:
    return item if isinstance(item, bytes) else item[2]


def _after_version(reader: Reader, bucket: str, key: bytes, version: str | None) -> Place | None:
    if not key:
        if version:
            raise errors.invalid_argument(
                "A version-id marker cannot be specified without a key marker.",
                "version-id-marker",
                version,
            )
        return None
    if not version:
        return Place(key)
    found = reader.version(bucket, key, version)
    return Place(key, (found.id,) if found else None)


def _shell(
    bucket: Any, request: Request, page: Page, items: list[Any], more: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Name": bucket.name,
        "Prefix": page.spell(page.prefix),
        "MaxKeys": page.size,
        "IsTruncated": more,
    }
    if page.delimiter:
        found["Delimiter"] = page.spell(page.delimiter)
    if page.url:
        found["EncodingType"] = "url"
    prefixes = [{"Prefix": page.spell(item)} for item in items if isinstance(item, bytes)]
    if prefixes:
        found["CommonPrefixes"] = prefixes
    return found


def _entry(version: Version, page: Page, owner: dict[str, str] | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Key": page.spell(version.key),
        "LastModified": times.to_second(version.modified),
        "ETag": f'"{version.etag}"',
        "Size": version.size,
        "StorageClass": version.storage_class,
    }
    if checksum := version.meta.get("checksum"):
        entry["ChecksumAlgorithm"] = [checksum[0]]
        entry["ChecksumType"] = checksum[2]
    if owner is not None:
        entry["Owner"] = owner
    return entry


def _split_versions(
    found: dict[str, Any], items: list[Any], page: Page, owner: dict[str, str]
) -> None:
    versions, markers = [], []
    for item in items:
        if isinstance(item, bytes):
            continue
        version = version_of(item)
        identity = {"VersionId": version.version, "IsLatest": version.latest}
        if version.marker:
            markers.append(
                {
                    "Key": page.spell(version.key),
                    "LastModified": times.to_second(version.modified),
                    "Owner": owner,
                    **identity,
                }
            )
        else:
            versions.append(_entry(version, page, owner) | identity)
    if versions:
        found["Versions"] = versions
    if markers:
        found["DeleteMarkers"] = markers


def _upload_entry(row: tuple[Any, ...], page: Page, owner: dict[str, str]) -> dict[str, Any]:
    id_, _, key, initiated, text = row
    meta = json.loads(text)
    return {
        "UploadId": id_,
        "Key": page.spell(key),
        "Initiated": times.to_second(initiated),
        "StorageClass": meta["class"],
        "Owner": owner,
        "Initiator": owner,
        "ChecksumAlgorithm": meta["algorithm"],
        "ChecksumType": meta["type"],
    }
