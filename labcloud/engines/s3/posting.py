"""PostObject: an upload from a browser's form, as far as its signed policy lets it.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from botocore.utils import parse_timestamp
from werkzeug.formparser import parse_form_data

from labcloud.clock import Clock
from labcloud.engine import Context
from labcloud.engines.s3.objects import ObjectOperations
from labcloud.errors import AWSError
from labcloud.http import BytesBody

MEMBERS = {
    "acl": "ACL",
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-type": "ContentType",
    "x-amz-storage-class": "StorageClass",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
"""Form fields → members of PutObject's request."""

NOT_IN_POLICY = ("awsaccesskeyid", "signature", "x-amz-signature", "policy", "file", "x-ignore-")
"""Fields that the policy need not name."""


class PostOperations(ObjectOperations):
    """PostObject."""

    def post_object(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Keep the file of a form under the form's key. Forms up to 64 MiB are taken."""
        fields, file_name, data = _form(context)
        bucket = context.path.strip("/")
        if "key" not in fields:
            raise _invalid("Bucket POST must contain a field named 'key'.")
        key = fields["key"].replace("${filename}", file_name)
        signature = fields.get("signature") or fields.get("x-amz-signature")
        if signature is not None:
            given = {**fields, "key": key, "bucket": bucket}
            Policy(fields.get("policy", "")).check(given, len(data), signature, self.cloud.clock)
        asked = {"Bucket": bucket, "Key": key, "Body": BytesBody(data), **_members(fields)}
        caller = replace(context, anonymous=signature is None)
        done = self.write_object(asked, caller, "ObjectCreated:Post")
        return _answer(fields, bucket, key, done, context)


def _form(context: Context) -> tuple[dict[str, str], str, bytes]:
    """Return a form's fields by lower-case name, and its file's name and content."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": context.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(context.payload)),
        "wsgi.input": io.BytesIO(context.payload),
    }
    _, form, files = parse_form_data(environ)
    fields = {name.lower(): value for name, value in form.items()}
    uploads = files.getlist("file")
    if len(uploads) != 1 and "file" not in fields:
        raise _invalid("POST requires exactly one file upload per request.")
    if not uploads:
        return fields, "", fields.pop("file").encode()
    return fields, uploads[0].filename or "", uploads[0].read()


def _members(fields: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        member: fields[name] for name, member in MEMBERS.items() if name in fields
    }
    prefix = "x-amz-meta-"
    metadata = {
        name.removeprefix(prefix): value
        for name, value in fields.items()
        if name.startswith(prefix)
    }
    return {**found, "Metadata": metadata} if metadata else found


def _answer(
    fields: dict[str, str], bucket: str, key: str, done: dict[str, Any], context: Context
) -> dict[str, Any]:
    location = f"http://{context.headers.get('host', '')}/{bucket}/{quote(key)}"
    headers = {"ETag": done["ETag"], "Location": location}
    if redirect := fields.get("success_action_redirect") or fields.get("redirect"):
        more = urlencode({"bucket": bucket, "key": key, "etag": done["ETag"]})
        headers["Location"] = f"{redirect}{'&' if '?' in redirect else '?'}{more}"
        return {"ResponseMetadata": {"HTTPStatusCode": 303, "HTTPHeaders": headers}}
    status = {"200": 200, "201": 201}.get(fields.get("success_action_status", ""), 204)
    metadata: dict[str, Any] = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    if status == 201:
        told = {"Location": location, "Bucket": bucket, "Key": key, "ETag": done["ETag"]}
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{inner}</PostResponse>'
        metadata["HTTPBody"] = document.encode()
        headers["Content-Type"] = "application/xml"
    return {"ResponseMetadata": metadata}


class Policy:
    """A form's policy: until when, and what its fields may say."""

    def __init__(self, encoded: str) -> None:
        """Read a policy. Raises `InvalidPolicyDocument`."""
        try:
            policy = json.loads(base64.b64decode(encoded, validate=True))
            self.expiration: datetime = parse_timestamp(policy["expiration"]).astimezone(UTC)
            self.conditions = list(_conditions(policy["conditions"]))
        except (binascii.Error, KeyError, TypeError, ValueError, AttributeError) as error:
            raise AWSError(
                "InvalidPolicyDocument", f"Invalid Policy: it cannot be read ({error})."
            ) from error

    def check(self, fields: dict[str, str], size: int, signature: str, clock: Clock) -> None:
        """Let the form pass, or raise `AccessDenied`, `EntityTooSmall` or `EntityTooLarge`."""
        if clock.now() > clock.end_of(signature, self.expiration):
            raise _denied("Policy expired.")
        for kind, name, wanted in self.conditions:
            if kind == "content-length-range":
                _check_size(size, int(name), int(wanted))
                continue
            value = fields.get(name, "")
            holds = value.startswith(wanted) if kind == "starts-with" else value == wanted
            if not holds:
                raise _denied(f'Policy Condition failed: ["{kind}", "${name}", "{wanted}"]')
        named = {name for _, name, _ in self.conditions} | {"bucket"}
        extra = [
            name for name in fields if name not in named and not name.startswith(NOT_IN_POLICY)
        ]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)}")


def _conditions(conditions: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each condition as (kind, field, value), for a size as (kind, least, most)."""
    for condition in conditions:
        if isinstance(condition, dict):
            for name, value in condition.items():
                yield "eq", name.lower(), str(value)
            continue
        kind, name, value = condition
        if kind not in ("eq", "starts-with", "content-length-range"):
            raise ValueError(f"there is no condition '{kind}'")
        yield kind, str(name).lower().lstrip("$"), str(value)


def _check_size(size: int, least: int, most: int) -> None:
    if size > most:
        raise AWSError(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize=size,
            MaxSizeAllowed=most,
        )
    if size < least:
        raise AWSError(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            ProposedSize=size,
            MinSizeAllowed=least,
        )


def _invalid(message: str) -> AWSError:
    return AWSError("InvalidArgument", message)


def _denied(why: str) -> AWSError:
    return AWSError("AccessDenied", f"Invalid according to Policy: {why}", 403)
