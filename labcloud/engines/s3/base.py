"""What the families of S3's operations share: the bucket, the key, the version that is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends

from labcloud.engine import Context, Engine
from labcloud.engines.s3 import access, errors, times
from labcloud.engines.s3.identifiers import new_id
from labcloud.engines.s3.notifications import Notifier
from labcloud.engines.s3.store import NULL, Reader, Store, Version
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

Request = Mapping[str, Any]

_VERSION_ID = re.compile(r"[A-Za-z0-9._-]{32}|null")
MAX_KEY = 1024


def key_of(request: Request) -> bytes:
    """Return the request's key as bytes.

    Raises `KeyTooLongError` above 1,024 bytes, `InvalidURI` for what is not UTF-8.
    """
    try:
        key = str(request["Key"]).encode()
    except UnicodeEncodeError as error:
        raise AWSError("InvalidURI", "Couldn't parse the specified URI.", 400) from error
    if len(key) > MAX_KEY:
        raise errors.key_too_long(key)
    return key


def tags_of(version: Version | None) -> list[tuple[str, str]]:
    """Return a version's tags as pairs."""
    return [(key, value) for key, value in version.meta.get("tags", ())] if version else []


class S3Base(Engine):
    """The store, and how operations find what they are about."""

    service = "s3"

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.store = Store(cloud.directory / "s3")
        self.bodies = self.store.bodies
        self.notifier = Notifier(cloud, self.store)

    def bucket(self, name: str, request: Request | None = None) -> Any:
        """Return moto's bucket of that name.

        Raises `NoSuchBucket`, or `AccessDenied` where the request expects another owner.
        """
        owner = s3_backends.bucket_accounts.get(name)
        try:
            found = s3_backends[owner[1]][owner[0]].buckets[name] if owner else None
        except KeyError:
            found = None
        if found is None:
            raise AWSError(
                "NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name
            )
        expected = request.get("ExpectedBucketOwner") if request else None
        if expected and expected != found.account_id:
            raise errors.access_denied()
        return found

    def still(self, bucket: Any) -> None:
        """Raise `NoSuchBucket` where a bucket was deleted since the request came."""
        if self.bucket(bucket.name) is not bucket:
            raise AWSError(
                "NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket.name
            )

    def backend(self, account: str) -> Any:
        """Return moto's S3 backend of an account."""
        return s3_backends[account]["aws"]

    def allowed(
        self, request: Request, context: Context, action: str, key: str | None = None
    ) -> Any:
        """Return the request's bucket, if the caller may do this to it (or to a key in it)."""
        bucket = self.bucket(request["Bucket"], request)
        access.authorize(bucket, action, key, request, context)
        return bucket

    def find(
        self, request: Request, context: Context, action: str, *, method: str = "GET"
    ) -> tuple[Any, Version]:
        """Return the bucket and the version that a request is about, if the caller may have it.

        Raises `NoSuchKey`, `NoSuchVersion`, or for a delete marker `NoSuchKey` with its headers
        (405 `MethodNotAllowed` where the marker itself is asked for).
        """
        bucket = self.bucket(request["Bucket"], request)
        with self.store.read() as reader:
            version = self.lookup(reader, bucket, request)
        self.check(bucket, version, request, context, action)
        return bucket, self.present(bucket, version, request, method)

    def lookup(self, reader: Reader, bucket: Any, request: Request) -> Version | None:
        """Return the version a request names, its delete marker, or None."""
        key = key_of(request)
        version_id = request.get("VersionId")
        if version_id is None:
            return reader.latest(bucket.name, key)
        if not _VERSION_ID.fullmatch(version_id):
            raise errors.invalid_argument("Invalid version id specified", "versionId", version_id)
        return reader.version(bucket.name, key, version_id)

    def check(
        self,
        bucket: Any,
        version: Version | None,
        request: Request,
        context: Context,
        action: str,
    ) -> None:
        """Check the caller's access to a version; who may not list does not learn it is absent."""
        if access.is_simple(bucket, context):
            return
        key = request["Key"]
        if request.get("VersionId") is not None:
            action = _VERSIONED.get(action, action)
        grants = version.meta.get("acl") if version else None
        access.authorize(bucket, action, key, request, context, grants, tags_of(version))
        if version is None or version.marker:
            access.authorize(bucket, "s3:ListBucket", None, {}, context)

    def present(
        self, bucket: Any, version: Version | None, request: Request, method: str = "GET"
    ) -> Version:
        """Return the version, if there is one to read."""
        asked = request.get("VersionId")
        if version is None:
            if asked is not None and asked != NULL:
                raise errors.no_such_version(request["Key"], asked)
            raise errors.no_such_key(request["Key"])
        if version.marker:
            headers = {"x-amz-delete-marker": "true", "x-amz-version-id": version.version}
            if asked is not None:
                headers |= {"Last-Modified": times.http_date(version.modified), "Allow": "DELETE"}
                raise errors.method_not_allowed(method, headers)
            raise errors.no_such_key(request["Key"], headers)
        return version

    @staticmethod
    def shown_version(bucket: Any, version: Version) -> dict[str, Any]:
        """Return the `VersionId` of a response; buckets that never had versions show none."""
        return {"VersionId": version.version} if bucket.versioning_status else {}

    @staticmethod
    def new_version_id(bucket: Any) -> str:
        """Return the version id of what is written to a bucket now."""
        return new_id() if bucket.versioning_status == "Enabled" else NULL


_VERSIONED = {
    "s3:GetObject": "s3:GetObjectVersion",
    "s3:GetObjectAcl": "s3:GetObjectVersionAcl",
    "s3:PutObjectAcl": "s3:PutObjectVersionAcl",
    "s3:GetObjectTagging": "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging": "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
    "s3:GetObjectAttributes": "s3:GetObjectVersionAttributes",
}
"""The action that a request for one version needs."""
