"""Lifecycle rules: what happens to objects when the cloud's clock says so.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from labcloud.engines.s3 import errors, locks, times
from labcloud.engines.s3.identifiers import new_id
from labcloud.engines.s3.store import COLUMNS, Change, Version, version_of
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.engines.s3.deleting import DeleteOperations

Rule = dict[str, Any]
MAX_RULES = 1000
SMALL = 128 * 1024
"""Objects below 128 KB are not moved to another class, unless a rule's filter names a size."""

_ORDER = (
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA",
    "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
)  # fmt: skip
"""Transitions go down this list, never up."""

_MIN_DAYS = {"STANDARD_IA": 30, "ONEZONE_IA": 30}


def rules_of(bucket: Any) -> list[Rule]:
    """Return a bucket's lifecycle rules as AWS's documents."""
    found: list[Rule] = getattr(bucket, "labcloud_lifecycle", [])
    return found


def enabled(bucket: Any) -> Iterator[Rule]:
    """Yield the rules that are on."""
    return (rule for rule in rules_of(bucket) if rule["Status"] == "Enabled")


def moment_of(value: Any) -> int:
    """Return a rule's date in milliseconds."""
    if isinstance(value, datetime):
        return times.from_datetime(value)
    if isinstance(value, date):
        return times.from_datetime(datetime(value.year, value.month, value.day, tzinfo=UTC))
    return times.from_datetime(datetime.fromisoformat(str(value)))


@dataclass(slots=True)
class Filter:
    """Which objects a rule speaks of."""

    prefix: str
    tags: list[tuple[str, str]]
    above: int | None
    below: int | None

    def matches(self, version: Version) -> bool:
        """Tell whether a version is meant."""
        if not version.name.startswith(self.prefix):
            return False
        if self.above is not None and version.size <= self.above:
            return False
        if self.below is not None and version.size >= self.below:
            return False
        if self.tags:
            has = {(key, value) for key, value in version.meta.get("tags", ())}
            return set(self.tags) <= has
        return True


def filter_of(rule: Rule) -> Filter:
    """Return a rule's filter; an old rule has only a prefix."""
    given = rule.get("Filter") or {}
    inner = given.get("And") or given
    tags = list(inner.get("Tags") or [])
    if tag := inner.get("Tag"):
        tags.append(tag)
    return Filter(
        inner.get("Prefix") or rule.get("Prefix") or "",
        [(tag["Key"], tag["Value"]) for tag in tags],
        inner.get("ObjectSizeGreaterThan"),
        inner.get("ObjectSizeLessThan"),
    )


def expiry(bucket: Any, version: Version) -> tuple[int, str] | None:
    """Return when a current version expires, and by which rule; None where it does not."""
    soonest: tuple[int, str] | None = None
    for rule in enabled(bucket):
        expiration = rule.get("Expiration") or {}
        if "Days" in expiration:
            due = times.midnight_after(version.modified, int(expiration["Days"]))
        elif "Date" in expiration:
            due = moment_of(expiration["Date"])
        else:
            continue
        if filter_of(rule).matches(version) and (soonest is None or due < soonest[0]):
            soonest = due, rule["ID"]
    return soonest


def expiration_header(bucket: Any, version: Version) -> dict[str, str]:
    """Return the `x-amz-expiration` of a response."""
    if not rules_of(bucket) or not version.latest:
        return {}
    found = expiry(bucket, version)
    if found is None:
        return {}
    due, rule = found
    return {"Expiration": f'expiry-date="{times.http_date(due)}", rule-id="{quote(rule, safe="")}"'}


def abort_of(bucket: Any, key: str, initiated: int) -> tuple[int, str] | None:
    """Return when an upload that began then is aborted, and by which rule."""
    soonest: tuple[int, str] | None = None
    for rule in enabled(bucket):
        days = (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation")
        if days is None or not key.startswith(filter_of(rule).prefix):
            continue
        due = times.midnight_after(initiated, int(days))
        if soonest is None or due < soonest[0]:
            soonest = due, rule["ID"]
    return soonest


def checked(rules: list[Rule]) -> list[Rule]:
    """Return rules as S3 keeps them, each with an ID.

    Raises `MalformedXML`, `InvalidArgument` or `InvalidRequest`.
    """
    if not 1 <= len(rules) <= MAX_RULES:
        raise errors.malformed_xml()
    found = [{**rule, "ID": rule.get("ID") or new_id()} for rule in rules]
    if len({rule["ID"] for rule in found}) < len(found):
        raise errors.invalid_argument(
            "Rule ID must be unique. Found same ID for more than one rule", "ID", ""
        )
    for rule in found:
        _check(rule)
    return found


def _check(rule: Rule) -> None:
    if len(rule["ID"]) > 255:
        raise errors.invalid_argument("ID length should not exceed allowed limit of 255", "ID", "")
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise errors.malformed_xml()
    if ("Filter" in rule) == ("Prefix" in rule):
        raise errors.malformed_xml()
    if "Filter" in rule and len([v for v in (rule["Filter"] or {}).values() if v is not None]) > 1:
        raise errors.malformed_xml()
    actions = [
        rule.get(name)
        for name in (
            "Expiration", "Transitions", "NoncurrentVersionExpiration",
            "NoncurrentVersionTransitions", "AbortIncompleteMultipartUpload",
        )
    ]  # fmt: skip
    if not any(actions):
        raise errors.invalid_request("At least one action needs to be specified in a rule.")
    _check_expiration(rule)
    _check_transitions(rule)
    if rule.get("AbortIncompleteMultipartUpload") and filter_of(rule).tags:
        raise errors.invalid_request(
            "AbortIncompleteMultipartUpload cannot be specified with Tags."
        )


def _check_expiration(rule: Rule) -> None:
    expiration = rule.get("Expiration") or {}
    if len(expiration) > 1:
        raise errors.malformed_xml()
    if "Days" in expiration and int(expiration["Days"]) < 1:
        raise errors.invalid_argument(
            "'Days' for Expiration action must be a positive integer", "Days", expiration["Days"]
        )
    if "Date" in expiration and moment_of(expiration["Date"]) % times.DAY:
        raise errors.invalid_argument("'Date' must be at midnight GMT", "Date", "")
    if expiration.get("ExpiredObjectDeleteMarker") and filter_of(rule).tags:
        raise errors.invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.")
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    if "NoncurrentDays" in noncurrent and int(noncurrent["NoncurrentDays"]) < 1:
        raise errors.invalid_argument(
            "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
            "NoncurrentDays",
            noncurrent["NoncurrentDays"],
        )


def _check_transitions(rule: Rule) -> None:
    for transition in rule.get("Transitions") or []:
        target = transition.get("StorageClass")
        if target not in _ORDER[2:] or ("Days" in transition) == ("Date" in transition):
            raise errors.malformed_xml()
        least = _MIN_DAYS.get(target, 0)
        if "Days" in transition and int(transition["Days"]) < least:
            raise errors.invalid_argument(
                f"'Days' in Transition action must be greater than or equal to {least} for "
                f"storageClass '{target}'",
                "Days",
                transition["Days"],
            )
        expires = (rule.get("Expiration") or {}).get("Days")
        if (
            expires is not None
            and "Days" in transition
            and (int(expires) <= int(transition["Days"]))
        ):
            raise errors.invalid_argument(
                "'Days' in the Expiration action for filter must be greater than 'Days' in the "
                "Transition action",
                "Days",
                expires,
            )


class Lifecycle:
    """Carries the rules out; one transaction for each batch of versions."""

    BATCH = 500

    def __init__(self, engine: DeleteOperations, buckets: Callable[[], list[Any]]) -> None:
        self._engine = engine
        self._buckets = buckets

    def run(self) -> None:
        """Do for every bucket what has fallen due."""
        for bucket in self._buckets():
            rules = list(enabled(bucket))
            if rules:
                self._versions(bucket, rules)
                self._uploads(bucket)

    def _versions(self, bucket: Any, rules: list[Rule]) -> None:
        after = b""
        while True:
            with self._engine.store.change() as change:
                keys = [
                    row[0]
                    for row in change.connection.execute(
                        "SELECT key FROM versions WHERE bucket = ? AND key > ? AND latest = 1 "
                        "ORDER BY key LIMIT ?",
                        (bucket.name, after, self.BATCH),
                    )
                ]
                for key in keys:
                    self._key(change, bucket, key, rules)
            if len(keys) < self.BATCH:
                return
            after = keys[-1]

    def _key(self, change: Change, bucket: Any, key: bytes, rules: list[Rule]) -> None:
        rows = change.connection.execute(
            f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND key = ? ORDER BY id DESC",
            (bucket.name, key),
        ).fetchall()
        versions = [version_of(row) for row in rows]
        now = times.now()
        kept = [
            version
            for newer, version in enumerate(versions[1:])
            if not self._expire_old(change, bucket, version, newer, rules, now)
        ]
        self._latest(change, bucket, versions[0], bool(kept), rules, now)
        for newer, version in enumerate(kept):
            self._move(change, bucket, version, _old_transitions(rules, version, newer), now)

    def _expire_old(
        self, change: Change, bucket: Any, version: Version, newer: int, rules: list[Rule], now: int
    ) -> bool:
        """Delete a noncurrent version whose time has come; `newer` noncurrent ones are newer."""
        for rule in rules:
            action = rule.get("NoncurrentVersionExpiration") or {}
            days = action.get("NoncurrentDays")
            if days is None or newer < int(action.get("NewerNoncurrentVersions") or 0):
                continue
            due = times.midnight_after(version.since, int(days))
            if due > now or not filter_of(rule).matches(version):
                continue
            if not _is_free(version, now):
                return False
            change.remove(version)
            event = "LifecycleExpiration:Delete"
            self._engine.notifier.post(change, bucket, event, version, None)
            return True
        return False

    def _latest(
        self, change: Change, bucket: Any, version: Version, has_old: bool, rules: list[Rule],
        now: int,
    ) -> None:  # fmt: skip
        if version.marker:
            if not has_old and _marker_expires(version, rules, now):
                change.remove(version)
                event = "LifecycleExpiration:Delete"
                self._engine.notifier.post(change, bucket, event, version, None)
            return
        due = expiry(bucket, version)
        if due is None or due[0] > now:
            self._move(change, bucket, version, _transitions(rules, version), now)
        elif bucket.versioning_status:
            marker = self._engine.mark_deleted(change, bucket, version.key)
            event = "LifecycleExpiration:DeleteMarkerCreated"
            self._engine.notifier.post(change, bucket, event, marker, None)
        elif _is_free(version, now):
            change.remove(version)
            event = "LifecycleExpiration:Delete"
            self._engine.notifier.post(change, bucket, event, version, None)

    def _move(
        self, change: Change, bucket: Any, version: Version, moves: Iterator[tuple[int, str]],
        now: int,
    ) -> None:  # fmt: skip
        due = [target for when, target in moves if when <= now]
        target = max(due, key=_ORDER.index, default=None)
        if target is None or _ORDER.index(target) <= _ORDER.index(version.storage_class):
            return
        version.storage_class = target
        version.meta.pop("restore", None)
        change.update(version)
        self._engine.notifier.post(change, bucket, "LifecycleTransition", version, None)

    def _uploads(self, bucket: Any) -> None:
        now = times.now()
        with self._engine.store.change() as change:
            rows = change.connection.execute(
                "SELECT id, key, initiated FROM uploads WHERE bucket = ?", (bucket.name,)
            ).fetchall()
            for upload_id, key, initiated in rows:
                due = abort_of(bucket, key.decode(), initiated)
                if due is not None and due[0] <= now:
                    change.remove_upload(upload_id)


def _is_free(version: Version, now: int) -> bool:
    try:
        locks.check_delete(version, now, bypass=False)
    except AWSError:
        return False
    return True


def _marker_expires(marker: Version, rules: list[Rule], now: int) -> bool:
    """Tell whether a delete marker with nothing behind it goes."""
    for rule in rules:
        expiration = rule.get("Expiration") or {}
        if not filter_of(rule).matches(marker):
            continue
        if expiration.get("ExpiredObjectDeleteMarker"):
            return True
        days = expiration.get("Days")
        if days is not None and times.midnight_after(marker.modified, int(days)) <= now:
            return True
    return False


def _may_move(rule: Rule, version: Version) -> bool:
    matching = filter_of(rule)
    sized = matching.above is not None or matching.below is not None
    return matching.matches(version) and not version.marker and (sized or version.size >= SMALL)


def _transitions(rules: list[Rule], version: Version) -> Iterator[tuple[int, str]]:
    for rule in rules:
        for transition in rule.get("Transitions") or []:
            if not _may_move(rule, version):
                continue
            if "Date" in transition:
                yield moment_of(transition["Date"]), transition["StorageClass"]
            else:
                due = times.midnight_after(version.modified, int(transition["Days"]))
                yield due, transition["StorageClass"]


def _old_transitions(rules: list[Rule], version: Version, newer: int) -> Iterator[tuple[int, str]]:
    for rule in rules:
        for transition in rule.get("NoncurrentVersionTransitions") or []:
            if newer < int(transition.get("NewerNoncurrentVersions") or 0):
                continue
            if _may_move(rule, version):
                due = times.midnight_after(version.since, int(transition["NoncurrentDays"]))
                yield due, transition["StorageClass"]
