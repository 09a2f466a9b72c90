"""Archived objects: in the Glacier classes an object is read only after it was restored.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from __future__ import annotations

from typing import Any

from labcloud.engines.s3 import errors, times
from labcloud.engines.s3.store import Version
from labcloud.errors import AWSError

HOUR = 3_600_000
MINUTE = 60_000
ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")

TAKES: dict[tuple[str, str], int] = {
    ("GLACIER", "Expedited"): 5 * MINUTE,
    ("GLACIER", "Standard"): 5 * HOUR,
    ("GLACIER", "Bulk"): 12 * HOUR,
    ("DEEP_ARCHIVE", "Standard"): 12 * HOUR,
    ("DEEP_ARCHIVE", "Bulk"): 48 * HOUR,
}
"""(class, tier) → how long a restore takes: the upper ends that AWS names."""


def restore_of(version: Version, now: int) -> dict[str, int] | None:
    """Return a version's restore that is under way or whose copy is still there."""
    restore: dict[str, int] | None = version.meta.get("restore")
    return restore if restore and restore["expires"] > now else None


def check_readable(version: Version, now: int) -> None:
    """Raise `InvalidObjectState` where an object is archived and not restored."""
    if version.storage_class not in ARCHIVED:
        return
    restore = restore_of(version, now)
    if restore is None or restore["ready"] > now:
        raise errors.invalid_object_state(version.storage_class)


def shown(version: Version, now: int) -> dict[str, Any]:
    """Return the `Restore` header of an archived object."""
    if version.storage_class not in ARCHIVED or (restore := restore_of(version, now)) is None:
        return {}
    if restore["ready"] > now:
        return {"Restore": 'ongoing-request="true"'}
    expires = times.http_date(restore["expires"])
    return {"Restore": f'ongoing-request="false", expiry-date="{expires}"'}


def status(version: Version, now: int) -> dict[str, Any]:
    """Return the `RestoreStatus` of a listing."""
    restore = restore_of(version, now)
    if restore is None:
        return {}
    if restore["ready"] > now:
        return {"RestoreStatus": {"IsRestoreInProgress": True}}
    expires = times.to_datetime(restore["expires"])
    return {"RestoreStatus": {"IsRestoreInProgress": False, "RestoreExpiryDate": expires}}


def restore(version: Version, request: dict[str, Any], now: int) -> bool:
    """Begin a restore, or prolong one that is there; tell whether it was there.

    Raises `InvalidObjectState` or `RestoreAlreadyInProgress`.
    """
    if version.storage_class not in ARCHIVED:
        raise AWSError(
            "InvalidObjectState",
            "Restore is not allowed for the object's current storage class",
            403,
            StorageClass=version.storage_class,
        )
    tier = (request.get("GlacierJobParameters") or {}).get("Tier") or request.get("Tier")
    tier = tier or "Standard"
    days = int(request.get("Days") or 0)
    if days < 1 or (version.storage_class, tier) not in TAKES:
        raise errors.malformed_xml()
    old = restore_of(version, now)
    if old and old["ready"] > now:
        raise AWSError("RestoreAlreadyInProgress", "Object restore is already in progress", 409)
    ready = old["ready"] if old else now + TAKES[version.storage_class, tier]
    expires = times.midnight_after(now if old else ready, days)
    version.meta["restore"] = {"ready": ready, "expires": expires}
    return old is not None
