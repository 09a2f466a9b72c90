"""What can be changed of an object that is there: tags, ACL, retention, legal hold, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labcloud.engine import Context
from labcloud.engines.s3 import acl, archive, errors, locks, tagging, times
from labcloud.engines.s3.base import Request, S3Base
from labcloud.engines.s3.owners import owner_of
from labcloud.engines.s3.store import Change, Version
from labcloud.errors import AWSError


class SettingsOperations(S3Base):
    """Reading and changing what belongs to one version of an object."""

    @contextmanager
    def _changing(
        self, request: Request, context: Context, action: str
    ) -> Iterator[tuple[Any, Version, Change]]:
        """Find a version inside a change, and keep what the block does to it."""
        bucket = self.bucket(request["Bucket"], request)
        with self.store.change() as change:
            found = self.lookup(change, bucket, request)
            self.check(bucket, found, request, context, action)
            version = self.present(bucket, found, request, context.method)
            yield bucket, version, change
            change.update(version)

    def get_object_tagging(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return an object's tags."""
        bucket, version = self.find(request, context, "s3:GetObjectTagging")
        tags = tagging.to_document(version.meta.get("tags", ()))
        return {"TagSet": tags, **self.shown_version(bucket, version)}

    def put_object_tagging(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Replace an object's tags."""
        tags = tagging.from_document(request["Tagging"])
        with self._changing(request, context, "s3:PutObjectTagging") as (bucket, version, change):
            version.meta["tags"] = tags
            self.notifier.post(change, bucket, "ObjectTagging:Put", version, context)
        return self.shown_version(bucket, version)

    def delete_object_tagging(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Remove an object's tags."""
        action = "s3:DeleteObjectTagging"
        with self._changing(request, context, action) as (bucket, version, change):
            version.meta.pop("tags", None)
            self.notifier.post(change, bucket, "ObjectTagging:Delete", version, context)
        return self.shown_version(bucket, version)

    def get_object_acl(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return an object's grants, the owner's first."""
        bucket, version = self.find(request, context, "s3:GetObjectAcl")
        owner = acl.owner_grant(bucket.account_id)
        grants = [owner, *version.meta.get("acl", ())]
        return {"Owner": owner_of(bucket.account_id), "Grants": grants}

    def put_object_acl(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Replace an object's grants."""
        grants = acl.requested(request, self.bucket(request["Bucket"], request))
        with self._changing(request, context, "s3:PutObjectAcl") as (bucket, version, change):
            version.meta["acl"] = grants
            self.notifier.post(change, bucket, "ObjectAcl:Put", version, context)
        return {}

    def get_object_retention(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return an object's retention."""
        bucket, version = self.find(request, context, "s3:GetObjectRetention")
        locks.require(bucket)
        lock = version.meta.get("lock", {})
        if "mode" not in lock:
            raise _no_lock()
        until = times.to_datetime(lock["until"])
        return {"Retention": {"Mode": lock["mode"], "RetainUntilDate": until}}

    def put_object_retention(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Set or prolong a retention; weaken it only in governance mode with the bypass."""
        wanted = request.get("Retention") or {}
        now = times.now()
        bypass = bool(request.get("BypassGovernanceRetention"))
        with self._changing(request, context, "s3:PutObjectRetention") as (bucket, version, _):
            locks.require(bucket)
            mode, until = wanted.get("Mode"), wanted.get("RetainUntilDate")
            if (mode is None) != (until is None):
                raise errors.malformed_xml()
            new = locks.retention(mode, until, now) if mode and until else {}
            lock = version.meta.get("lock", {})
            locks.check_change(lock, new, now, bypass)
            hold = {"hold": lock["hold"]} if "hold" in lock else {}
            version.meta["lock"] = {**new, **hold}
        return {}

    def get_object_legal_hold(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return whether an object is under legal hold."""
        bucket, version = self.find(request, context, "s3:GetObjectLegalHold")
        locks.require(bucket)
        lock = version.meta.get("lock", {})
        if "hold" not in lock:
            raise _no_lock()
        return {"LegalHold": {"Status": "ON" if lock["hold"] else "OFF"}}

    def put_object_legal_hold(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Put an object under legal hold, or release it."""
        hold = locks.legal_hold((request.get("LegalHold") or {}).get("Status", ""))
        with self._changing(request, context, "s3:PutObjectLegalHold") as (bucket, version, _):
            locks.require(bucket)
            version.meta["lock"] = {**version.meta.get("lock", {}), "hold": hold}
        return {}

    def restore_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Begin to restore an archived object: 202, or 200 where its copy is there already."""
        wanted = request.get("RestoreRequest") or {}
        now = times.now()
        with self._changing(request, context, "s3:RestoreObject") as (bucket, version, change):
            prolonged = archive.restore(version, wanted, now)
            if not prolonged:
                self.notifier.post(change, bucket, "ObjectRestore:Post", version, context)
                change.keep_note(f"restore:{version.id}", version.meta["restore"]["ready"])
        return {"ResponseMetadata": {"HTTPStatusCode": 200 if prolonged else 202}}

    def finish_restores(self) -> None:
        """Tell of the restores that are complete by now."""
        now = times.now()
        with self.store.change() as change:
            notes = change.connection.execute(
                "SELECT name, value FROM notes WHERE name LIKE 'restore:%'"
            ).fetchall()
            for name, ready in notes:
                if int(ready) > now:
                    continue
                change.connection.execute("DELETE FROM notes WHERE name = ?", (name,))
                version = change.by_id(int(name.partition(":")[2]))
                if version is None:
                    continue
                try:
                    bucket = self.bucket(version.bucket)
                except AWSError:
                    continue
                self.notifier.post(change, bucket, "ObjectRestore:Completed", version, None)


def _no_lock() -> AWSError:
    return AWSError(
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
        404,
    )
