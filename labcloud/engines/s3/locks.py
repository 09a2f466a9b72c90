"""Object Lock: what keeps a version from being deleted, and for how long.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labcloud.engines.s3 import errors, times
from labcloud.engines.s3.store import Version

MODES = ("GOVERNANCE", "COMPLIANCE")


def requested(request: Mapping[str, Any], bucket: Any, now: int) -> dict[str, Any]:
    """Return the lock of a new object: asked for, else the bucket's default retention.

    Raises `InvalidRequest` where the bucket has no Object Lock, `InvalidArgument` for half a
    retention or one in the past.
    """
    mode, until = request.get("ObjectLockMode"), request.get("ObjectLockRetainUntilDate")
    hold = request.get("ObjectLockLegalHoldStatus")
    if mode is None and until is None and hold is None:
        return default(bucket, now)
    require(bucket)
    lock: dict[str, Any] = default(bucket, now) if mode is None and until is None else {}
    if mode is not None or until is not None:
        if mode is None or until is None:
            raise errors.invalid_argument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be "
                "supplied",
                "x-amz-object-lock-mode",
                mode,
            )
        lock |= retention(mode, until, now)
    if hold is not None:
        lock["hold"] = legal_hold(hold)
    return lock


def require(bucket: Any) -> None:
    """Raise `InvalidRequest` where a bucket has no Object Lock."""
    if not bucket.object_lock_enabled:
        raise errors.invalid_request("Bucket is missing Object Lock Configuration")


def default(bucket: Any, now: int) -> dict[str, Any]:
    """Return the retention that the bucket gives to what is written now."""
    if not bucket.has_default_lock:
        return {}
    days = int(bucket.default_lock_days or 0) + 365 * int(bucket.default_lock_years or 0)
    return {"mode": bucket.default_lock_mode, "until": now + days * times.DAY}


def retention(mode: str, until: datetime | str, now: int) -> dict[str, Any]:
    """Return a retention, checked."""
    if mode not in MODES:
        raise errors.malformed_xml()
    moment = until if isinstance(until, datetime) else datetime.fromisoformat(until)
    if (milliseconds := times.from_datetime(moment)) <= now:
        raise errors.invalid_argument(
            "The retain until date must be in the future!",
            "x-amz-object-lock-retain-until-date",
            moment.isoformat(),
        )
    return {"mode": mode, "until": milliseconds}


def legal_hold(status: str) -> bool:
    """Return whether a legal hold is on."""
    if status not in ("ON", "OFF"):
        raise errors.malformed_xml()
    return status == "ON"


def check_delete(version: Version, now: int, bypass: bool) -> None:
    """Raise `AccessDenied` where a version must stay; `bypass` lifts governance mode only."""
    lock = version.meta.get("lock")
    if not lock:
        return
    if lock.get("hold"):
        raise errors.protected()
    if lock.get("until", 0) > now and not (lock["mode"] == "GOVERNANCE" and bypass):
        raise errors.protected()


def check_change(lock: Mapping[str, Any], new: Mapping[str, Any], now: int, bypass: bool) -> None:
    """Raise `AccessDenied` where a retention would be weakened that must not be."""
    if lock.get("until", 0) <= now:
        return
    stronger = new.get("until", 0) >= lock["until"] and (
        new.get("mode") == lock["mode"] or new.get("mode") == "COMPLIANCE"
    )
    if not stronger and not (lock["mode"] == "GOVERNANCE" and bypass):
        raise errors.protected()


def shown(lock: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that responses show of a lock."""
    found: dict[str, Any] = {}
    if "mode" in lock:
        found["ObjectLockMode"] = lock["mode"]
        found["ObjectLockRetainUntilDate"] = times.to_datetime(lock["until"])
    if "hold" in lock:
        found["ObjectLockLegalHoldStatus"] = "ON" if lock["hold"] else "OFF"
    return found
