"""Access control lists: canned, by header, or as a document; kept as AWS's list of grants.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcloud.engines.s3.access import ALL_USERS, AUTHENTICATED_USERS, acls_disabled, blocks
from labcloud.engines.s3.errors import access_denied, invalid_argument, invalid_request
from labcloud.engines.s3.owners import owner_of
from labcloud.errors import AWSError

Grants = list[dict[str, Any]]

_CANNED: dict[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "aws-exec-read": (),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
    "log-delivery-write": (
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE"),
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", "READ_ACP"),
    ),
}
"""A canned ACL → what it grants to groups, beside the owner's full control."""

_HEADERS = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantReadACP": "READ_ACP",
    "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}


def requested(request: Mapping[str, Any], bucket: Any) -> Grants:
    """Return the grants beyond the owner's that a request asks for.

    Raises `AccessControlListNotSupported` where the bucket has ACLs disabled (as new buckets have),
    `AccessDenied` where Block Public Access forbids public ones.
    """
    canned = request.get("ACL")
    by_header = [name for name in _HEADERS if request.get(name)]
    document = request.get("AccessControlPolicy")
    if canned is None and not by_header and document is None:
        return []
    if canned is not None and by_header:
        raise invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")
    grants = _grants(canned, {name: request[name] for name in by_header}, document, bucket)
    if acls_disabled(bucket):
        if canned == "bucket-owner-full-control" or (canned is None and not grants):
            return []
        raise AWSError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
    if blocks(bucket)[0] and is_public(grants):
        raise access_denied()
    return grants


def _grants(canned: str | None, headers: Mapping[str, str], document: Any, bucket: Any) -> Grants:
    if canned is not None:
        if canned not in _CANNED:
            raise invalid_argument("", "x-amz-acl", canned)
        return [_to_group(uri, permission) for uri, permission in _CANNED[canned]]
    if document is not None:
        owner = owner_grant(bucket.account_id)
        grants = document.get("Grants") or []
        return [grant for grant in grants if grant != owner]
    return [
        {"Grantee": _grantee(text), "Permission": _HEADERS[name]}
        for name, line in headers.items()
        for text in line.split(",")
    ]


def _to_group(uri: str, permission: str) -> dict[str, Any]:
    return {"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission}


def _grantee(text: str) -> dict[str, str]:
    kind, _, value = text.strip().partition("=")
    value = value.strip('"')
    if kind == "uri":
        return {"Type": "Group", "URI": value}
    if kind == "id":
        return {"Type": "CanonicalUser", "ID": value}
    raise invalid_argument("Argument format not recognized", "x-amz-grant", text)


def owner_grant(account: str) -> dict[str, Any]:
    """Return the grant that every ACL begins with."""
    return {
        "Grantee": {"Type": "CanonicalUser", **owner_of(account)},
        "Permission": "FULL_CONTROL",
    }


def is_public(grants: Grants) -> bool:
    """Tell whether an ACL grants anything to everybody, or to everybody with an account."""
    return any(
        grant.get("Grantee", {}).get("URI") in (ALL_USERS, AUTHENTICATED_USERS) for grant in grants
    )
