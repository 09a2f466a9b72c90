"""PutObject, GetObject, HeadObject, GetObjectAttributes, SelectObjectContent."""

from __future__ import annotations

import os
from typing import Any

from labcloud.engine import Context
from labcloud.engines.s3 import (
    archive,
    conditions,
    details,
    encryption,
    errors,
    lifecycle,
    ranges,
    times,
    upload,
)
from labcloud.engines.s3.base import Request, S3Base, key_of
from labcloud.engines.s3.bodies import Bodies
from labcloud.engines.s3.store import Version
from labcloud.errors import AWSError
from labcloud.http import FileBody


class NewBody:
    """A body of its own for what comes in; an empty payload makes no file."""

    offset = 0

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._file: int | None = None
        self.name = ""

    def open(self) -> int:
        """Return the file to write to, made at the first call."""
        if self._file is None:
            self.name = self._bodies.new()
            self._file = self._bodies.create(self.name)
        return self._file

    def __enter__(self) -> NewBody:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)
            if kind is not None:
                self._bodies.remove(self.name)


class ObjectOperations(S3Base):
    """Reading and writing whole objects."""

    def put_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Keep a payload as an object's newest version."""
        return self.write_object(request, context, "ObjectCreated:Put")

    def write_object(self, request: Request, context: Context, event: str) -> dict[str, Any]:
        """Do the work of PutObject; `event` tells what has created the object."""
        if request.get("WriteOffsetBytes") is not None:
            raise errors.not_implemented("x-amz-write-offset-bytes")
        key = key_of(request)
        bucket = self.allowed(request, context, "s3:PutObject", request["Key"])
        now = times.now()
        version = Version(
            bucket.name, key, self.new_version_id(bucket), modified=now,
            storage_class=details.storage_class(request), meta=details.new(request, bucket, now),
        )  # fmt: skip
        version.meta["sse"] = encryption.requested(self.cloud, request, bucket, context.region)
        if "IfMatch" in request or "IfNoneMatch" in request:
            with self.store.read() as reader:
                conditions.check_write(request, reader.latest(bucket.name, key))
        body = upload.payload(request)
        expect = upload.expected(request, context.headers)
        with NewBody(self.bodies) as target:
            got = upload.receive(body, target, expect, context.trailers)
            version.size, version.etag, version.body = got.size, got.etag, target.name
            version.meta["checksum"] = (got.algorithm, got.checksum, "FULL_OBJECT")
            self.commit(bucket, version, request, context, event)
        return self.written(bucket, version)

    def commit(
        self, bucket: Any, version: Version, request: Request, context: Context, event: str
    ) -> None:
        """Make a version the newest of its key, if the request's conditions hold at that moment."""
        with self.store.change() as change:
            self.still(bucket)
            if "IfMatch" in request or "IfNoneMatch" in request:
                conditions.check_write(request, change.latest(bucket.name, version.key))
            change.put(version, bucket.versioning_status, version.modified)
            self.notifier.post(change, bucket, event, version, context)

    def written(self, bucket: Any, version: Version) -> dict[str, Any]:
        """Return the members that responses to writes have in common."""
        found: dict[str, Any] = {"ETag": f'"{version.etag}"'}
        found |= details.checksum_of(version)
        found |= version.meta.get("sse", {})
        found |= self.shown_version(bucket, version)
        found |= lifecycle.expiration_header(bucket, version)
        return found

    def get_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return an object, or a slice of it, as a slice of its file."""
        bucket, version = self.find(request, context, "s3:GetObject")
        found, slice_ = self._read(bucket, version, request, context)
        archive.check_readable(version, times.now())
        start, length = slice_ or (0, version.size)
        if length:
            found["Body"] = FileBody(self.bodies.path(version.body), start, length)
        else:
            found["Body"] = b""
        return found

    def head_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return what is known of an object without its bytes."""
        bucket, version = self.find(request, context, "s3:GetObject", method="HEAD")
        return self._read(bucket, version, request, context)[0]

    def _read(
        self, bucket: Any, version: Version, request: Request, context: Context
    ) -> tuple[dict[str, Any], tuple[int, int] | None]:
        meta = version.meta
        sse = meta.get("sse", {})
        if "SSECustomerKeyMD5" in sse or request.get("SSECustomerAlgorithm"):
            encryption.check_customer_key(request, sse)
        conditions.check_read(request, version)
        found = details.shown(version)
        found |= self.shown_version(bucket, version)
        found |= lifecycle.expiration_header(bucket, version)
        found |= archive.shown(version, times.now())
        details.override(request, found, context.anonymous)
        if request.get("ChecksumMode") == "ENABLED" and request.get("Range") is None:
            found |= self._checksum(version, request)
        slice_ = ranges.asked(request, version)
        if request.get("PartNumber") is not None and "parts" in meta:
            found["PartsCount"] = len(meta["parts"])
        if slice_ is not None:
            start, length = slice_
            found["ContentLength"] = length
            found["ContentRange"] = f"bytes {start}-{start + length - 1}/{version.size}"
            found["ResponseMetadata"] = {"HTTPStatusCode": 206}
        return found, slice_

    @staticmethod
    def _checksum(version: Version, request: Request) -> dict[str, str]:
        number = request.get("PartNumber")
        parts = version.meta.get("parts")
        if number is None or not parts:
            return details.checksum_of(version)
        if not 1 <= int(number) <= len(parts) or len(parts[int(number) - 1]) < 2:
            return {}
        algorithm, _, kind = version.meta["checksum"]
        return {f"Checksum{algorithm}": parts[int(number) - 1][1], "ChecksumType": kind}

    def get_object_attributes(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return the attributes of an object that the request names."""
        bucket, version = self.find(request, context, "s3:GetObjectAttributes")
        sse = version.meta.get("sse", {})
        encryption.check_customer_key(request, sse)
        wanted = {
            name.strip()
            for text in request.get("ObjectAttributes") or []
            for name in text.split(",")
        }
        if not wanted <= _ATTRIBUTES:
            raise errors.invalid_argument(
                "Invalid attribute name specified.", "x-amz-object-attributes", wanted - _ATTRIBUTES
            )
        found: dict[str, Any] = {"LastModified": times.to_second(version.modified)}
        found |= self.shown_version(bucket, version)
        if "ETag" in wanted:
            found["ETag"] = version.etag
        if "Checksum" in wanted and (checksum := details.checksum_of(version)):
            found["Checksum"] = checksum
        if "StorageClass" in wanted:
            found["StorageClass"] = version.storage_class
        if "ObjectSize" in wanted:
            found["ObjectSize"] = version.size
        if "ObjectParts" in wanted and "parts" in version.meta:
            found["ObjectParts"] = _object_parts(version, request)
        return found

    def select_object_content(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Refuse, as S3 refuses accounts that did not use S3 Select before July 2024."""
        self.allowed(request, context, "s3:GetObject", request["Key"])
        raise AWSError(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource. Amazon S3 Select is no "
            "longer available to new customers; query objects with Amazon Athena.",
            405,
            Method="POST",
            ResourceType="SELECT",
        )


_ATTRIBUTES = {"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}


def _object_parts(version: Version, request: Request) -> dict[str, Any]:
    parts = version.meta["parts"]
    found: dict[str, Any] = {"TotalPartsCount": len(parts)}
    algorithm, _, kind = version.meta["checksum"]
    if kind != "COMPOSITE":
        return found
    after = int(request.get("PartNumberMarker") or 0)
    most = int(request.get("MaxParts") or 1000)
    page = list(enumerate(parts, 1))[after : after + most]
    last = page[-1][0] if page else after
    found |= {
        "PartNumberMarker": after,
        "NextPartNumberMarker": last,
        "MaxParts": most,
        "IsTruncated": last < len(parts),
        "Parts": [
            {"PartNumber": number, "Size": part[0], f"Checksum{algorithm}": part[1]}
            for number, part in page
        ],
    }
    return found
