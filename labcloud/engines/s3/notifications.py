"""Event notifications: what happens to objects is told to queues, topics, functions and buses.

An event is committed with the change that it tells of, and delivered by a thread of its own, at
least once, also when the server was killed in between.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from labcloud.engine import Context
from labcloud.engines.s3 import policy, times
from labcloud.engines.s3.errors import invalid_argument
from labcloud.engines.s3.owners import canonical_id
from labcloud.engines.s3.store import Change, Store, Version
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KINDS = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
"""The kinds of destination → the member with its ARN."""

_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "LifecycleExpiration": "Object Deleted",
    "ObjectRestore:Post": "Object Restore Initiated",
    "ObjectRestore:Completed": "Object Restore Completed",
    "ObjectRestore:Delete": "Object Restore Expired",
    "LifecycleTransition": "Object Storage Class Changed",
    "ObjectAcl": "Object ACL Updated",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html"""


def configuration_of(bucket: Any) -> dict[str, Any]:
    """Return a bucket's notification configuration as AWS's document."""
    found: dict[str, Any] = getattr(bucket, "labcloud_notifications", {})
    return found


def _destinations(bucket: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, member in KINDS.items():
        for one in configuration_of(bucket).get(kind) or []:
            yield one[member], one


def _wants(one: dict[str, Any], event: str, key: str) -> bool:
    """Tell whether a configuration names the event (`ObjectCreated:Put`) and the key."""
    family = event.partition(":")[0]
    if not {f"s3:{event}", f"s3:{family}:*"} & set(one["Events"]):
        return False
    for rule in (one.get("Filter") or {}).get("Key", {}).get("FilterRules") or []:
        value = rule.get("Value") or ""
        if rule["Name"].lower() == "prefix" and not key.startswith(value):
            return False
        if rule["Name"].lower() == "suffix" and not key.endswith(value):
            return False
    return True


def _record(
    bucket: Any, event: str, version: Version, one: dict[str, Any], context: Context | None
) -> dict[str, Any]:
    entity: dict[str, Any] = {"key": quote_plus(version.name, safe="/")}
    if not version.marker:
        entity |= {"size": version.size, "eTag": version.etag}
    else:
        entity["eTag"] = version.etag or "d41d8cd98f00b204e9800998ecf8427e"
    if bucket.versioning_status:
        entity["versionId"] = version.version
    entity["sequencer"] = f"{times.now():016X}{version.id:04X}"
    request_id = context.request_id if context else "lifecycle"
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": times.iso(times.now()),
        "eventName": event,
        "userIdentity": {"principalId": _principal(context)},
        "requestParameters": {"sourceIPAddress": "127.0.0.1" if context else "s3.amazonaws.com"},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": "labcloud"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": one.get("Id", ""),
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": canonical_id(bucket.account_id)[:14].upper()},
                "arn": f"arn:aws:s3:::{bucket.name}",
            },
            "object": entity,
        },
    }


def _principal(context: Context | None) -> str:
    if context is None:
        return "s3.amazonaws.com"
    return "Anonymous" if context.anonymous else f"AWS:{context.account}"


def _bus_entry(
    bucket: Any, event: str, version: Version, context: Context | None
) -> dict[str, Any]:
    family, _, reason = event.partition(":")
    entity: dict[str, Any] = {
        "key": version.name,
        "size": version.size,
        "etag": version.etag,
        "sequencer": f"{times.now():016X}",
    }
    if bucket.versioning_status:
        entity["version-id"] = version.version
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": entity,
        "request-id": context.request_id if context else "lifecycle",
        "requester": context.account if context else "s3.amazonaws.com",
        "source-ip-address": "127.0.0.1",
        "reason": _REASONS.get(event, reason),
    }
    if family == "ObjectRemoved":
        permanent = reason == "Delete"
        detail["deletion-type"] = "Permanently Deleted" if permanent else "Delete Marker Created"
        detail["reason"] = "DeleteObject"
    return {
        "Source": "aws.s3",
        "DetailType": _DETAIL_TYPES.get(event) or _DETAIL_TYPES.get(family, family),
        "Resources": [f"arn:aws:s3:::{bucket.name}"],
        "Detail": json.dumps(detail),
    }


_REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}


class Notifier:
    """Takes events with the changes that they tell of, and delivers them."""

    def __init__(self, cloud: Cloud, store: Store) -> None:
        self._cloud = cloud
        self._store = store
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="s3-events", daemon=True)

    def start(self) -> None:
        """Deliver what was left, and then what comes."""
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering; what is left comes at the next start."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def wake(self) -> None:
        """Say that a change with events is committed."""
        self._wake.set()

    def post(
        self,
        change: Change,
        bucket: Any,
        event: str,
        version: Version,
        context: Context | None,
    ) -> None:
        """Put an event beside a change, once for each destination that wants it."""
        if not configuration_of(bucket):
            return
        base = {"account": bucket.account_id, "region": bucket.region_name}
        for arn, one in _destinations(bucket):
            if _wants(one, event, version.name):
                body = {"Records": [_record(bucket, event, version, one, context)]}
                change.post({**base, "arn": arn, "body": body})
        if "EventBridgeConfiguration" in configuration_of(bucket):
            change.post({**base, "bus": _bus_entry(bucket, event, version, context)})
        if change.outbox:
            self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._stopped and self._deliver_some():
                    continue
            except Exception:
                self._cloud.log.exception("S3 events could not be delivered")

    def _deliver_some(self) -> bool:
        with self._store.change() as change:
            rows = change.connection.execute(
                "SELECT id, event FROM outbox ORDER BY id LIMIT 100"
            ).fetchall()
        for _, text in rows:
            self._deliver(json.loads(text))
        if rows:
            with self._store.change() as change:
                change.connection.execute("DELETE FROM outbox WHERE id <= ?", (rows[-1][0],))
        return bool(rows)

    def _deliver(self, event: dict[str, Any]) -> None:
        try:
            if "bus" in event:
                where = {"account": event["account"], "region": event["region"]}
                self._cloud.call("events", "PutEvents", {"Entries": [event["bus"]]}, **where)
            else:
                self.send(event["arn"], event["account"], json.dumps(event["body"]))
        except AWSError as error:
            self._cloud.log.warning("S3 event to %s: %s", event.get("arn", "EventBridge"), error)
        except Exception:
            self._cloud.log.exception("S3 event to %s", event.get("arn", "EventBridge"))

    def send(self, arn: str, account: str, text: str) -> None:
        """Deliver a text to a queue, topic or function."""
        _, _, service, region, owner, *name = arn.split(":")
        call = self._cloud.call
        if service == "sqs":
            queue = {"QueueName": name[-1], "QueueOwnerAWSAccountId": owner}
            url = call("sqs", "GetQueueUrl", queue, account=owner, region=region)["QueueUrl"]
            message = {"QueueUrl": url, "MessageBody": text}
            call("sqs", "SendMessage", message, account=owner, region=region)
        elif service == "sns":
            message = {
                "TopicArn": arn,
                "Message": text,
                "Subject": "Amazon S3 Notification",
            }
            call("sns", "Publish", message, account=owner, region=region)
        else:
            invoke = {"FunctionName": arn, "InvocationType": "Event", "Payload": text.encode()}
            call("lambda", "Invoke", invoke, account=owner, region=region)

    def validate(self, bucket: Any, configuration: dict[str, Any]) -> None:
        """Check a configuration and that each destination exists and lets S3 write to it.

        Raises `InvalidArgument` as S3 words it.
        """
        failed = [
            one[member]
            for kind, member in KINDS.items()
            for one in configuration.get(kind) or []
            if not self._accepts(one[member], bucket)
        ]
        if failed:
            raise invalid_argument(
                "Unable to validate the following destination configurations",
                ", ".join(failed),
                "Not authorized to invoke or the destination does not exist",
            )

    def _accepts(self, arn: str, bucket: Any) -> bool:
        parts = arn.split(":")
        if len(parts) < 6 or parts[2] not in ("sqs", "sns", "lambda"):
            raise invalid_argument("The ARN is not well formed", arn, arn)
        if parts[3] != bucket.region_name:
            raise invalid_argument(
                "The notification destination service region is not valid for the bucket location "
                "constraint",
                arn,
                arn,
            )
        try:
            return self._lets_s3_in(arn, bucket)
        except AWSError:
            return False

    def _lets_s3_in(self, arn: str, bucket: Any) -> bool:
        _, _, service, region, owner, *name = arn.split(":")
        where = {"account": owner, "region": region}
        call = self._cloud.call
        if service == "sqs":
            queue = {"QueueName": name[-1], "QueueOwnerAWSAccountId": owner}
            url = call("sqs", "GetQueueUrl", queue, **where)["QueueUrl"]
            asked = {"QueueUrl": url, "AttributeNames": ["Policy"]}
            found = call("sqs", "GetQueueAttributes", asked, **where).get("Attributes", {})
            return _policy_allows(found.get("Policy"), "sqs:SendMessage", arn, bucket)
        if service == "sns":
            found = call("sns", "GetTopicAttributes", {"TopicArn": arn}, **where)["Attributes"]
            return _policy_allows(found.get("Policy"), "sns:Publish", arn, bucket)
        text = call("lambda", "GetPolicy", {"FunctionName": arn}, **where).get("Policy")
        return _policy_allows(text, "lambda:InvokeFunction", arn, bucket)

    def test(self, bucket: Any, configuration: dict[str, Any]) -> None:
        """Send S3's test event to the queues and topics of a configuration."""
        text = json.dumps(
            {
                "Service": "Amazon S3",
                "Event": "s3:TestEvent",
                "Time": times.iso(times.now()),
                "Bucket": bucket.name,
                "RequestId": "labcloud",
                "HostId": "labcloud",
            }
        )
        for kind in ("QueueConfigurations", "TopicConfigurations"):
            for one in configuration.get(kind) or []:
                self.send(one[KINDS[kind]], bucket.account_id, text)


def _policy_allows(text: str | None, action: str, arn: str, bucket: Any) -> bool:
    if not text:
        return False
    context: dict[str, str | list[str]] = {
        "aws:sourcearn": f"arn:aws:s3:::{bucket.name}",
        "aws:sourceaccount": bucket.account_id,
    }
    asked = policy.Asked("s3.amazonaws.com", action, arn, context)
    return policy.decide(text, asked) == "Allow"
