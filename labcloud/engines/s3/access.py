"""Who may do what to a bucket and its objects.

Judged, in this order: the bucket's explicit Deny statements (for every caller), its owner's
account (which may do the rest: labcloud has no IAM policies), an Allow statement of its policy,
a public-read ACL; Block Public Access takes the last two away from the public. A request on
loopback counts as `aws:SecureTransport`: there is no network to be listened to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from labcloud.engine import Context
from labcloud.engines.s3 import policy, times
from labcloud.engines.s3.errors import access_denied

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

_MEMBERS = {
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
    "s3:prefix": "Prefix",
    "s3:delimiter": "Delimiter",
    "s3:max-keys": "MaxKeys",
    "s3:versionid": "VersionId",
    "s3:object-lock-mode": "ObjectLockMode",
    "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus",
    "s3:if-none-match": "IfNoneMatch",
    "s3:if-match": "IfMatch",
}
"""Condition key → the request's member that holds its value."""


def circumstances(request: Mapping[str, Any], context: Context) -> dict[str, str | list[str]]:
    """Return the condition keys that a request has, in lower case."""
    found: dict[str, str | list[str]] = {
        "aws:securetransport": "true",
        "s3:tlsversion": "1.3",
        "aws:sourceip": "127.0.0.1",
        "aws:currenttime": times.iso(times.now()),
        "aws:epochtime": str(times.now() // 1000),
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:authtype": "REST-QUERY-STRING" if context.presigned else "REST-HEADER",
    }
    if not context.anonymous:
        found["aws:principalaccount"] = context.account
        found["aws:principalarn"] = f"arn:aws:iam::{context.account}:root"
        found["aws:principaltype"] = "Account"
    for header in ("user-agent", "referer"):
        if header in context.headers:
            found[f"aws:{header.replace('-', '')}"] = context.headers[header]
    for key, member in _MEMBERS.items():
        if (value := request.get(member)) is not None:
            found[key] = str(value)
    _add_tags(found, "s3:requestobjecttag", _tags_of(request))
    return found


def _tags_of(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    tagging = request.get("Tagging")
    if isinstance(tagging, str):
        return parse_qsl(tagging, keep_blank_values=True)
    if isinstance(tagging, dict):
        return [(tag["Key"], tag["Value"]) for tag in tagging.get("TagSet", [])]
    return []


def _add_tags(found: dict[str, str | list[str]], name: str, tags: list[tuple[str, str]]) -> None:
    for key, value in tags:
        found[f"{name}/{key.lower()}"] = value
    if tags:
        found[f"{name}keys"] = [key for key, _ in tags]


def blocks(bucket: Any) -> tuple[bool, bool, bool, bool]:
    """Return a bucket's Block Public Access: (block ACLs, ignore ACLs, block policy, restrict)."""
    block = bucket.public_access_block
    if block is None:
        return False, False, False, False
    return (
        bool(block.block_public_acls),
        bool(block.ignore_public_acls),
        bool(block.block_public_policy),
        bool(block.restrict_public_buckets),
    )


def acls_disabled(bucket: Any) -> bool:
    """Tell whether Object Ownership is 'bucket owner enforced': ACLs no longer count."""
    return bool(bucket.ownership_rule == "BucketOwnerEnforced")


def is_simple(bucket: Any, context: Context) -> bool:
    """Tell whether the bucket's owner calls, and no policy has a say."""
    return bucket.policy is None and not context.anonymous and context.account == bucket.account_id


def authorize(
    bucket: Any,
    action: str,
    key: str | None,
    request: Mapping[str, Any],
    context: Context,
    grants: list[dict[str, Any]] | None = None,
    tags: list[tuple[str, str]] | None = None,
) -> None:
    """Let the request pass, or raise `AccessDenied`.

    `grants` is the object's own ACL (an object's key is given) and `tags` are its tags.
    """
    if not is_simple(bucket, context) and not is_allowed(
        bucket, action, key, request, context, grants, tags
    ):
        raise access_denied()


def is_allowed(
    bucket: Any,
    action: str,
    key: str | None,
    request: Mapping[str, Any],
    context: Context,
    grants: list[dict[str, Any]] | None = None,
    tags: list[tuple[str, str]] | None = None,
) -> bool:
    """Tell whether the request may pass."""
    decision = None
    if bucket.policy is not None:
        found = circumstances(request, context)
        _add_tags(found, "s3:existingobjecttag", tags or [])
        resource = f"arn:aws:s3:::{bucket.name}" + (f"/{key}" if key is not None else "")
        principal = "" if context.anonymous else context.account
        decision = policy.decide(bucket.policy, policy.Asked(principal, action, resource, found))
    if decision == "Deny":
        return False
    if not context.anonymous and context.account == bucket.account_id:
        return True
    _, ignore_acls, _, restrict = blocks(bucket)
    if decision == "Allow" and not (restrict and policy.is_public(bucket.policy)):
        return True
    if acls_disabled(bucket) or ignore_acls:
        return False
    return _acl_allows(bucket, action, grants, context.anonymous)


_ACL_OF_ACTION = {
    "s3:GetObject": "READ",
    "s3:GetObjectVersion": "READ",
    "s3:GetObjectAttributes": "READ",
    "s3:GetObjectAcl": "READ_ACP",
    "s3:PutObjectAcl": "WRITE_ACP",
    "s3:ListBucket": "READ",
    "s3:ListBucketVersions": "READ",
    "s3:ListBucketMultipartUploads": "READ",
    "s3:PutObject": "WRITE",
    "s3:DeleteObject": "WRITE",
}


def _acl_allows(
    bucket: Any, action: str, grants: list[dict[str, Any]] | None, anonymous: bool
) -> bool:
    permission = _ACL_OF_ACTION.get(action)
    groups = {ALL_USERS} if anonymous else {ALL_USERS, AUTHENTICATED_USERS}
    if permission is None:
        return False
    if permission == "WRITE" or action.startswith("s3:ListBucket"):
        return any(
            grantee.uri in groups and permission in grant.permissions
            for grant in (bucket.acl.grants if bucket.acl else [])
            for grantee in grant.grantees
        )
    return any(
        grant["Grantee"].get("URI") in groups
        and grant["Permission"] in (permission, "FULL_CONTROL")
        for grant in grants or []
    )
