"""Who calls which service: read from a request's signature, target, form or host name.

labcloud knows no secret keys, so it reads signatures and does not verify them; only their form is
checked.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from labcloud.engine import REGION
from labcloud.errors import AWSError
from labcloud.http import Request
from labcloud.services import BY_SIGNING_NAME, service_of_target, service_of_version

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
_LAB = re.compile(r"(?:^|\s)app/([A-Za-z0-9!$%&'*+.^_`|~-]{1,50})")
_BUCKET_HOST = re.compile(
    r"^(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\."
    r"(?:s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com|localhost)$"
)


@dataclass(slots=True)
class Caller:
    """A request's signature as read: who, where, for which services it may be."""

    candidates: tuple[str, ...]
    access_key: str = ""
    region: str = REGION
    anonymous: bool = False
    presigned: bool = False


def lab_of(user_agent: str) -> str:
    """Return the lab a client works for: its `AWS_SDK_UA_APP_ID`, or "" where it has none."""
    match = _LAB.search(user_agent)
    return match[1] if match else ""


def bucket_of_host(host: str) -> str | None:
    """Return the bucket of a virtual-hosted-style host name (`lake.localhost`), or None."""
    match = _BUCKET_HOST.match(host.lower().partition(":")[0])
    if match is None or match["bucket"].endswith((".s3", ".s3-control")):
        return None
    return match["bucket"]


def identify(request: Request, body_form: str = "") -> Caller:
    """Return who calls.

    `body_form` is the body of an unsigned form post, where the action names the service. Raises
    AWSError where a signature has another shape than Signature Version 4 (or, for presigned URLs
    of Amazon S3, Version 2), or signs for a service that labcloud does not have.
    """
    authorization = request.headers.get("authorization", "")
    if authorization.startswith("AWS4-"):
        return _signed(authorization)
    if authorization.startswith("AWS "):
        return Caller(("s3",), access_key=authorization[4:].partition(":")[0])
    if authorization:
        raise AWSError(
            "IncompleteSignature",
            "The Authorization header is not in AWS's format: "
            "'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…'.",
        )
    query = parse_qs(request.query, keep_blank_values=True)
    if credential := query.get("X-Amz-Credential"):
        caller = _of_scope(credential[0])
        caller.presigned = True
        return caller
    if key := query.get("AWSAccessKeyId"):
        return Caller(("s3",), access_key=key[0], presigned=True)
    return _unsigned(request, query, body_form)


def _signed(authorization: str) -> Caller:
    match = _CREDENTIAL.search(authorization)
    parts = ("Credential=", "SignedHeaders=", "Signature=")
    if match is None or not all(part in authorization for part in parts):
        missing = ", ".join(f"'{part[:-1]}'" for part in parts if part not in authorization)
        raise AWSError(
            "IncompleteSignature", f"Authorization header requires {missing or 'a Credential'}."
        )
    return _of_scope(match[1])


def _of_scope(scope: str) -> Caller:
    parts = scope.rsplit("/", 4)
    if len(parts) != 5 or not all(parts) or parts[4] != "aws4_request":
        raise AWSError(
            "IncompleteSignature",
            "The credential's scope is not 'key/date/region/service/aws4_request'.",
        )
    access_key, _, region, name, _ = parts
    return Caller(_candidates(name), access_key=access_key, region=region)


def _candidates(signing_name: str) -> tuple[str, ...]:
    found = BY_SIGNING_NAME.get(signing_name.lower())
    if found is None:
        raise AWSError(
            "NotImplementedByLabcloud",
            f"labcloud has no service '{signing_name[:64]}'; see `labcloud coverage`.",
            501,
        )
    return found


def _unsigned(request: Request, query: dict[str, list[str]], body_form: str) -> Caller:
    if target := request.headers.get("x-amz-target"):
        service = service_of_target(target.rpartition(".")[0])
        if service is None:
            raise AWSError("UnknownOperationException", f"There is no operation '{target[:128]}'.")
        return Caller((service,), anonymous=True)
    form = {**query, **parse_qs(body_form, keep_blank_values=True)}
    if "Action" in form and "Version" in form:
        service = service_of_version(form["Version"][0], form["Action"][0])
        if service is None:
            raise AWSError("InvalidAction", f"There is no action '{form['Action'][0][:128]}'.")
        return Caller((service,), anonymous=True)
    return Caller(("s3",), anonymous=True)
