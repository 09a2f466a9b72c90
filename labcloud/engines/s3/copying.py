"""CopyObject and RenameObject: a second object on the same bytes, without reading them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import unquote

from labcloud.engine import Context
from labcloud.engines.s3 import (
    archive,
    checksums,
    conditions,
    details,
    encryption,
    errors,
    times,
)
from labcloud.engines.s3.base import Request, key_of
from labcloud.engines.s3.objects import ObjectOperations
from labcloud.engines.s3.store import Version
from labcloud.errors import AWSError

LARGEST = 5 * 1024**3
"""One CopyObject copies at most 5 GiB; more takes UploadPartCopy."""

_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without "
    "changing the object's metadata, storage class, website redirect location or encryption "
    "attributes."
)


def source_of(text: Any) -> dict[str, str]:
    """Return bucket, key and version of a copy's source: a header, or boto3's dict.

    Raises `InvalidArgument` where it names none.
    """
    if isinstance(text, dict):
        return {name: value for name, value in text.items() if value is not None}
    path, _, version = str(text).partition("?versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not slash or not key:
        raise errors.invalid_argument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            "x-amz-copy-source",
            text,
        )
    return {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}


class CopyOperations(ObjectOperations):
    """Copying and renaming objects."""

    def copy_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Make an object from another one."""
        now = times.now()
        key = key_of(request)
        bucket = self.allowed(request, context, "s3:PutObject", request["Key"])
        source_bucket, source, named = self.source(request, context)
        if source.size > LARGEST:
            raise errors.invalid_request(
                "The specified copy source is larger than the maximum allowable size for a copy "
                f"source: {LARGEST}"
            )
        if "VersionId" not in named and (source.bucket, source.key) == (bucket.name, key):
            _check_itself(request, source)
        version = Version(
            bucket.name, key, self.new_version_id(bucket), modified=now, size=source.size,
            storage_class=details.storage_class(request),
        )  # fmt: skip
        version.meta = _meta(request, bucket, source, now)
        version.meta["sse"] = encryption.requested(self.cloud, request, bucket, context.region)
        self._sum(version, source, request.get("ChecksumAlgorithm"))
        version.body = self.bodies.link(source.body) if source.body else ""
        try:
            self.commit(bucket, version, request, context, "ObjectCreated:Copy")
        except BaseException:
            self.bodies.remove(version.body)
            raise
        return self._copied(bucket, version, source_bucket, source)

    def source(self, request: Request, context: Context) -> tuple[Any, Version, dict[str, str]]:
        """Return a copy's source, if it may be read, is not archived, and meets the conditions."""
        named = source_of(request["CopySource"])
        if expected := request.get("ExpectedSourceBucketOwner"):
            named["ExpectedBucketOwner"] = expected
        bucket, version = self._source_version(named, context)
        try:
            archive.check_readable(version, times.now())
        except AWSError as error:
            raise AWSError(
                "ObjectNotInActiveTierError",
                "The source object of the COPY operation is not in the active tier and is only "
                "stored in Amazon Glacier.",
                403,
            ) from error
        encryption.check_customer_key(request, version.meta.get("sse", {}), "CopySource")
        conditions.check_read(request, version, "CopySource")
        return bucket, version, named

    def _source_version(self, named: dict[str, str], context: Context) -> tuple[Any, Version]:
        try:
            return self.find(named, context, "s3:GetObject")
        except AWSError as error:
            if error.code == "MethodNotAllowed":
                raise errors.invalid_request(
                    "The source of a copy request may not specifically refer to a delete marker by "
                    "version id."
                ) from error
            raise

    def _sum(self, version: Version, source: Version, algorithm: str | None) -> None:
        """Give the copy its ETag and checksum; they are the source's, if those are of the whole."""
        kept = source.meta.get("checksum")
        wanted = algorithm or (kept[0] if kept else checksums.DEFAULT)
        checksums.is_known(wanted)
        if "parts" not in source.meta and kept and kept[0] == wanted:
            version.etag, version.meta["checksum"] = source.etag, kept
            return
        md5 = hashlib.md5(usedforsecurity=False)
        checksum = checksums.ALGORITHMS[wanted]()
        for block in self.bodies.read(source.body, 0, source.size) if source.body else ():
            md5.update(block)
            checksum.update(block)
        version.etag = md5.hexdigest()
        version.meta["checksum"] = (wanted, checksums.encode(checksum.digest()), "FULL_OBJECT")

    def _copied(
        self, bucket: Any, version: Version, source_bucket: Any, source: Version
    ) -> dict[str, Any]:
        found = self.written(bucket, version)
        del found["ETag"]
        checksum = details.checksum_of(version)
        for name in checksum:
            found.pop(name, None)
        found["CopyObjectResult"] = {
            "ETag": f'"{version.etag}"',
            "LastModified": times.to_second(version.modified),
            **checksum,
        }
        if source_bucket.versioning_status:
            found["CopySourceVersionId"] = source.version
        return found

    def rename_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Refuse: S3 renames objects in directory buckets only."""
        self.allowed(request, context, "s3:PutObject", request["Key"])
        raise AWSError(
            "NotImplemented", "RenameObject works on directory buckets (S3 Express One Zone).", 501
        )


def _check_itself(request: Request, source: Version) -> None:
    changes = (
        request.get("MetadataDirective") == "REPLACE"
        or request.get("TaggingDirective") == "REPLACE"
        or details.storage_class(request) != source.storage_class
        or request.get("WebsiteRedirectLocation") is not None
        or request.get("ServerSideEncryption") is not None
        or request.get("SSECustomerAlgorithm") is not None
    )
    if not changes:
        raise errors.invalid_request(_ITSELF)


def _meta(request: Request, bucket: Any, source: Version, now: int) -> dict[str, Any]:
    """Return the copy's metadata: the source's, or where a directive says REPLACE the request's."""
    meta = details.new(request, bucket, now)
    for directive in ("MetadataDirective", "TaggingDirective"):
        if request.get(directive) not in (None, "COPY", "REPLACE"):
            raise errors.invalid_argument(
                f"Unknown {'metadata' if directive.startswith('M') else 'tagging'} directive.",
                f"x-amz-{directive.removesuffix('Directive').lower()}-directive",
                request[directive],
            )
    if request.get("MetadataDirective") != "REPLACE":
        for name in ("system", "user"):
            meta.pop(name, None)
            if name in source.meta:
                meta[name] = source.meta[name]
    if request.get("TaggingDirective") != "REPLACE":
        meta.pop("tags", None)
        if "tags" in source.meta:
            meta["tags"] = source.meta["tags"]
    return meta
