"""Buckets: made as S3 makes them today, kept by moto, and what of their configuration acts here.

A new bucket has all of Block Public Access on, ACLs disabled and SSE-S3 as its default.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from moto.s3.models import FakeAcl, FakeGrant, FakeGrantee, PublicAccessBlock, s3_backends

from labcloud.engine import Context
from labcloud.engines.s3 import access, acl, errors, inventory, lifecycle, notifications, policy
from labcloud.engines.s3.base import S3Base
from labcloud.engines.s3.identifiers import new_id
from labcloud.engines.s3.owners import canonical_id
from labcloud.errors import AWSError, NotImplementedByLabcloud

MAX_BUCKETS = 10_000
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.))+[a-z0-9]")
_RESERVED_STARTS = ("xn--", "sthree-")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_REGION = re.compile(r"(EU|[a-z]{2}(-[a-z]+)+-\d)")
_SSE_S3 = {
    "Rule": {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": "false",
    }
}


def check_name(name: str) -> None:
    """Raise `InvalidBucketName` for a name that no bucket can have.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    good = (
        3 <= len(name) <= 63
        and _NAME.fullmatch(name) is not None
        and not name.startswith(_RESERVED_STARTS)
        and not name.endswith(_RESERVED_ENDS)
    )
    if good:
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            return
    raise AWSError("InvalidBucketName", "The specified bucket is not valid.", 400, BucketName=name)


class BucketOperations(S3Base):
    """Creating and deleting buckets, and their configuration that the engine acts on."""

    def save(self, account: str) -> None:
        """Make durable what was changed of an account's buckets."""
        self.cloud.save("s3", account)

    def create_bucket(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Make a bucket."""
        name = request["Bucket"]
        check_name(name)
        region = _region_of(request, context.region)
        if (owner := s3_backends.bucket_accounts.get(name)) is not None:
            return self._again(name, owner[1], context, region)
        backend = self.backend(context.account)
        if len(backend.buckets) >= MAX_BUCKETS:
            raise AWSError(
                "TooManyBuckets", "You have attempted to create more buckets than allowed", 400
            )
        bucket = backend.create_bucket(name, region)
        try:
            self._set_up(bucket, request)
        except AWSError:
            backend.delete_bucket(name)
            raise
        self.save(context.account)
        return {"Location": f"/{name}"}

    def _again(self, name: str, owner: str, context: Context, region: str) -> dict[str, Any]:
        if owner != context.account:
            raise AWSError(
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all "
                "users of the system. Please select a different name and try again.",
                409,
                BucketName=name,
            )
        if region == self.bucket(name).region_name == "us-east-1":
            return {"Location": f"/{name}"}
        raise AWSError(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            409,
            BucketName=name,
        )

    def _set_up(self, bucket: Any, request: dict[str, Any]) -> None:
        bucket.ownership_rule = request.get("ObjectOwnership") or "BucketOwnerEnforced"
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        bucket.encryption = json.loads(json.dumps(_SSE_S3))
        _set_acl(bucket, acl.requested(request, bucket))
        if request.get("ObjectLockEnabledForBucket"):
            bucket.object_lock_enabled = True
            bucket.versioning_status = "Enabled"
        tags = (request.get("CreateBucketConfiguration") or {}).get("Tags") or []
        if tags:
            pairs = {tag["Key"]: tag["Value"] for tag in tags}
            self.backend(bucket.account_id).put_bucket_tagging(bucket.name, pairs)

    def delete_bucket(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Delete a bucket that holds no object, version or delete marker; uploads go with it."""
        bucket = self.allowed(request, context, "s3:DeleteBucket")
        with self.store.change() as change:
            if change.holds_objects(bucket.name):
                raise errors.bucket_not_empty(bucket.name)
            uploads = change.connection.execute(
                "SELECT id FROM uploads WHERE bucket = ?", (bucket.name,)
            ).fetchall()
            for (upload_id,) in uploads:
                change.remove_upload(upload_id)
            self.backend(bucket.account_id).delete_bucket(bucket.name)
        self.save(bucket.account_id)
        return {}

    def put_bucket_versioning(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Turn versioning on, or suspend it; Object Lock keeps it on."""
        bucket = self.allowed(request, context, "s3:PutBucketVersioning")
        wanted = request.get("VersioningConfiguration") or {}
        if wanted.get("MFADelete") == "Enabled":
            raise NotImplementedByLabcloud("s3", "PutBucketVersioning with MfaDelete")
        status = wanted.get("Status")
        if status not in ("Enabled", "Suspended"):
            raise AWSError(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
                400,
            )
        if status == "Suspended" and bucket.object_lock_enabled:
            raise AWSError(
                "InvalidBucketState",
                "An Object Lock configuration is present on this bucket, so the versioning state "
                "cannot be changed.",
                409,
            )
        bucket.versioning_status = status
        self.save(bucket.account_id)
        return {}

    def put_object_lock_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Enable Object Lock on a versioned bucket, with a default retention or without."""
        bucket = self.allowed(request, context, "s3:PutBucketObjectLockConfiguration")
        wanted = request.get("ObjectLockConfiguration") or {}
        if wanted.get("ObjectLockEnabled") != "Enabled":
            raise errors.malformed_xml()
        if bucket.versioning_status != "Enabled":
            raise AWSError(
                "InvalidBucketState",
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
                409,
            )
        mode, days, years = _default_retention(wanted.get("Rule"))
        bucket.object_lock_enabled = True
        bucket.default_lock_mode = mode
        bucket.default_lock_days, bucket.default_lock_years = days, years
        self.save(bucket.account_id)
        return {}

    def put_bucket_policy(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Keep a bucket policy; Block Public Access refuses a public one."""
        bucket = self.allowed(request, context, "s3:PutBucketPolicy")
        text = request.get("Policy") or ""
        _check_policy(text, bucket.name)
        if access.blocks(bucket)[2] and policy.is_public(text):
            raise errors.access_denied(
                f"User: arn:aws:iam::{context.account}:root is not authorized to perform: "
                f's3:PutBucketPolicy on resource: "arn:aws:s3:::{bucket.name}" because public '
                "policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
            )
        bucket.policy = text.encode() if isinstance(text, str) else bytes(text)
        self.save(bucket.account_id)
        return {}

    def put_bucket_acl(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Replace a bucket's ACL, where its ownership setting leaves ACLs on."""
        bucket = self.allowed(request, context, "s3:PutBucketAcl")
        _set_acl(bucket, acl.requested(request, bucket))
        self.save(bucket.account_id)
        return {}

    def delete_bucket_encryption(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Go back to SSE-S3: S3 keeps no object without encryption."""
        bucket = self.allowed(request, context, "s3:PutEncryptionConfiguration")
        bucket.encryption = json.loads(json.dumps(_SSE_S3))
        self.save(bucket.account_id)
        return {}

    def put_bucket_lifecycle_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Replace a bucket's lifecycle rules."""
        bucket = self.allowed(request, context, "s3:PutLifecycleConfiguration")
        wanted = request.get("LifecycleConfiguration") or {}
        rules = lifecycle.checked(wanted.get("Rules") or [])
        bucket.labcloud_lifecycle = rules
        self.save(bucket.account_id)
        return {"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}

    def get_bucket_lifecycle_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Return a bucket's lifecycle rules."""
        bucket = self.allowed(request, context, "s3:GetLifecycleConfiguration")
        rules = lifecycle.rules_of(bucket)
        if not rules:
            raise errors.lacks_configuration(
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
                bucket.name,
            )
        return {
            "Rules": rules,
            "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
        }

    def delete_bucket_lifecycle(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Remove a bucket's lifecycle rules."""
        bucket = self.allowed(request, context, "s3:PutLifecycleConfiguration")
        bucket.labcloud_lifecycle = []
        self.save(bucket.account_id)
        return {}

    def put_bucket_notification_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Replace a bucket's notifications; each destination is tried with a test event."""
        bucket = self.allowed(request, context, "s3:PutBucketNotification")
        wanted = _with_ids(request.get("NotificationConfiguration") or {})
        if not request.get("SkipDestinationValidation"):
            self.notifier.validate(bucket, wanted)
        bucket.labcloud_notifications = wanted
        self.save(bucket.account_id)
        if not request.get("SkipDestinationValidation"):
            self.notifier.test(bucket, wanted)
        return {}

    def get_bucket_notification_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Return a bucket's notifications."""
        bucket = self.allowed(request, context, "s3:GetBucketNotification")
        return dict(notifications.configuration_of(bucket))

    def put_bucket_inventory_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Keep an inventory configuration."""
        bucket = self.allowed(request, context, "s3:PutInventoryConfiguration")
        wanted = request["InventoryConfiguration"]
        inventory.check(wanted, request["Id"])
        bucket.labcloud_inventories = {**inventory.of(bucket), request["Id"]: wanted}
        self.save(bucket.account_id)
        return {}

    def get_bucket_inventory_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Return an inventory configuration."""
        bucket = self.allowed(request, context, "s3:GetInventoryConfiguration")
        if (found := inventory.of(bucket).get(request["Id"])) is None:
            raise _no_inventory(bucket.name)
        return {"InventoryConfiguration": found}

    def list_bucket_inventory_configurations(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Return all inventory configurations of a bucket."""
        bucket = self.allowed(request, context, "s3:GetInventoryConfiguration")
        found = [inventory.of(bucket)[name] for name in sorted(inventory.of(bucket))]
        listed = {"InventoryConfigurationList": found} if found else {}
        return {"IsTruncated": False, **listed}

    def delete_bucket_inventory_configuration(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Remove an inventory configuration."""
        bucket = self.allowed(request, context, "s3:PutInventoryConfiguration")
        kept = dict(inventory.of(bucket))
        if kept.pop(request["Id"], None) is None:
            raise _no_inventory(bucket.name)
        bucket.labcloud_inventories = kept
        self.save(bucket.account_id)
        return {}

    def all_buckets(self) -> list[Any]:
        """Return the buckets of all accounts."""
        return [
            bucket
            for account in list(s3_backends)
            for bucket in list(self.backend(account).buckets.values())
        ]


def _region_of(request: dict[str, Any], endpoint: str) -> str:
    """Return the region of a new bucket; us-east-1's endpoint makes them anywhere."""
    wanted = (request.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if wanted is None:
        if endpoint not in ("us-east-1", "aws-global"):
            raise AWSError(
                "IllegalLocationConstraintException",
                "The unspecified location constraint is incompatible for the region specific "
                "endpoint this request was sent to.",
                400,
            )
        return "us-east-1"
    if wanted == "us-east-1" or not _REGION.fullmatch(wanted):
        raise AWSError(
            "InvalidLocationConstraint", "The specified location-constraint is not valid", 400,
            LocationConstraint=wanted,
        )  # fmt: skip
    region = "eu-west-1" if wanted == "EU" else str(wanted)
    if endpoint not in ("us-east-1", "aws-global", region):
        raise AWSError(
            "IllegalLocationConstraintException",
            f"The {wanted} location constraint is incompatible for the region specific endpoint "
            "this request was sent to.",
            400,
        )
    return region


def _set_acl(bucket: Any, grants: acl.Grants) -> None:
    found = [FakeGrant([FakeGrantee(canonical_id(bucket.account_id))], ["FULL_CONTROL"])]
    for grant in grants:
        one = grant["Grantee"]
        grantee = FakeGrantee(one.get("ID", ""), one.get("URI", ""), one.get("DisplayName", ""))
        found.append(FakeGrant([grantee], [grant["Permission"]]))
    bucket.acl = FakeAcl(found)


def _default_retention(rule: Any) -> tuple[str, int | None, int | None]:
    if not rule:
        return "", None, None
    default = rule.get("DefaultRetention") or {}
    mode, days, years = default.get("Mode"), default.get("Days"), default.get("Years")
    if mode not in ("GOVERNANCE", "COMPLIANCE") or (days is None) == (years is None):
        raise errors.malformed_xml()
    if int(days or years or 0) < 1:
        raise errors.invalid_argument(
            "Default retention period must be a positive integer value.", "Days", days or years
        )
    return mode, days, years


def _check_policy(text: str, bucket: str) -> None:
    """Raise `MalformedPolicy` for what is not a policy of this bucket."""
    try:
        found = policy.statements(text)
    except (ValueError, AttributeError, TypeError) as error:
        raise _malformed("Policies must be valid JSON and the first byte must be '{'") from error
    if not found:
        raise _malformed("Missing required field Statement")
    arn = f"arn:aws:s3:::{bucket}"
    for statement in found:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("Invalid effect")
        if not {"Principal", "NotPrincipal"} & set(statement):
            raise _malformed("Missing required field Principal")
        if not {"Action", "NotAction"} & set(statement):
            raise _malformed("Missing required field Action")
        resources = statement.get("Resource", statement.get("NotResource"))
        if resources is None:
            raise _malformed("Missing required field Resource")
        for one in resources if isinstance(resources, list) else [resources]:
            if one != "*" and not policy.like(arn, one.partition("/")[0]):
                raise _malformed("Policy has invalid resource")


def _malformed(message: str) -> AWSError:
    return AWSError("MalformedPolicy", message, 400)


def _with_ids(configuration: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in notifications.KINDS:
        if ones := configuration.get(kind):
            found[kind] = [{**one, "Id": one.get("Id") or new_id()} for one in ones]
    if configuration.get("EventBridgeConfiguration") is not None:
        found["EventBridgeConfiguration"] = {}
    return found


def _no_inventory(bucket: str) -> AWSError:
    return errors.lacks_configuration(
        "NoSuchConfiguration", "The specified configuration does not exist.", bucket
    )
