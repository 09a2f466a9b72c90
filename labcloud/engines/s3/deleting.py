"""DeleteObject and DeleteObjects: away for good, or behind a delete marker.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
"""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.s3 import access, conditions, errors, locks, times
from labcloud.engines.s3.base import Request, S3Base, key_of
from labcloud.engines.s3.store import Change, Version
from labcloud.errors import AWSError

MAX_KEYS = 1000


class DeleteOperations(S3Base):
    """Deleting objects and versions."""

    def delete_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Delete an object, or one version of it."""
        bucket = self.bucket(request["Bucket"], request)
        with self.store.change() as change:
            return self._delete(change, bucket, request, context)

    def delete_objects(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Delete up to a thousand objects in one transaction; say of each how it went."""
        bucket = self.bucket(request["Bucket"], request)
        wanted = request["Delete"].get("Objects") or []
        if not 1 <= len(wanted) <= MAX_KEYS:
            raise errors.malformed_xml()
        deleted: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        with self.store.change() as change:
            for one in wanted:
                self._delete_one(change, bucket, one, request, context, deleted, failed)
        found: dict[str, Any] = {}
        if deleted and not request["Delete"].get("Quiet"):
            found["Deleted"] = deleted
        if failed:
            found["Errors"] = failed
        return found

    def _delete_one(
        self,
        change: Change,
        bucket: Any,
        one: dict[str, Any],
        request: Request,
        context: Context,
        deleted: list[dict[str, Any]],
        failed: list[dict[str, Any]],
    ) -> None:
        named = {name: one[name] for name in ("Key", "VersionId") if one.get(name) is not None}
        bypass = request.get("BypassGovernanceRetention")
        try:
            result = self._delete(
                change,
                bucket,
                {"Bucket": bucket.name, "BypassGovernanceRetention": bypass, **one},
                context,
            )
        except AWSError as error:
            failed.append({**named, "Code": error.code, "Message": error.message})
            return
        if result.get("DeleteMarker"):
            named["DeleteMarker"] = True
            named["DeleteMarkerVersionId"] = result["VersionId"]
        deleted.append(named)

    def _delete(
        self, change: Change, bucket: Any, request: Request, context: Context
    ) -> dict[str, Any]:
        version_id = request.get("VersionId")
        action = "s3:DeleteObject" if version_id is None else "s3:DeleteObjectVersion"
        access.authorize(bucket, action, request["Key"], request, context)
        if version_id is None:
            return self._delete_latest(change, bucket, request, context)
        version = self.lookup(change, bucket, request)
        if version is None:
            return {"VersionId": version_id}
        conditions.check_delete(request, version)
        bypass = bool(request.get("BypassGovernanceRetention"))
        locks.check_delete(version, times.now(), bypass)
        change.remove(version)
        self.notifier.post(change, bucket, "ObjectRemoved:Delete", version, context)
        found: dict[str, Any] = {"VersionId": version_id}
        if version.marker:
            found["DeleteMarker"] = True
        return found

    def _delete_latest(
        self, change: Change, bucket: Any, request: Request, context: Context
    ) -> dict[str, Any]:
        key = key_of(request)
        current = change.latest(bucket.name, key)
        conditions.check_delete(request, current)
        if bucket.versioning_status:
            marker = self.mark_deleted(change, bucket, key)
            event = "ObjectRemoved:DeleteMarkerCreated"
            self.notifier.post(change, bucket, event, marker, context)
            return {"DeleteMarker": True, "VersionId": marker.version}
        if current is not None:
            change.remove(current)
            self.notifier.post(change, bucket, "ObjectRemoved:Delete", current, context)
        return {}

    def mark_deleted(self, change: Change, bucket: Any, key: bytes) -> Version:
        """Put a delete marker on top of a key's versions."""
        now = times.now()
        marker = Version(bucket.name, key, self.new_version_id(bucket), marker=True, modified=now)
        change.put(marker, bucket.versioning_status, now)
        return marker
