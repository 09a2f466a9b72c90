"""Server-side encryption: which kind an object has, and whose key.

Bodies stay readable files on this computer. What S3 promises about them is kept and enforced as
far as a caller can see: the algorithm and key are reported, an unknown KMS key is refused, and an
object under a customer's key (SSE-C) is given only to who brings that key.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labcloud.engines.s3.errors import access_denied, invalid_argument, invalid_request
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KMS = ("aws:kms", "aws:kms:dsse")


def requested(cloud: Cloud, request: Mapping[str, Any], bucket: Any, region: str) -> dict[str, Any]:
    """Return the encryption of a new object: what is asked for, else the bucket's default.

    Raises `InvalidArgument` or `InvalidRequest` for a combination S3 does not take, and
    `KMS.NotFoundException` for a key that does not exist.
    """
    if customer := customer_key(request):
        if request.get("ServerSideEncryption"):
            raise invalid_argument(
                "Server Side Encryption with Customer provided key is incompatible with the "
                "encryption method specified",
                "x-amz-server-side-encryption",
                request["ServerSideEncryption"],
            )
        return customer
    algorithm = request.get("ServerSideEncryption")
    key, bucket_key = request.get("SSEKMSKeyId"), request.get("BucketKeyEnabled")
    if algorithm is None:
        if key:
            raise invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                "x-amz-server-side-encryption : aws:kms",
                "x-amz-server-side-encryption",
                None,
            )
        algorithm, key, default_bucket_key = default_of(bucket)
        bucket_key = default_bucket_key if bucket_key is None else bucket_key
    if algorithm not in ("AES256", *KMS):
        raise invalid_argument(
            "The encryption method specified is not supported",
            "x-amz-server-side-encryption",
            algorithm,
        )
    if algorithm == "AES256":
        return {"ServerSideEncryption": algorithm}
    found = {
        "ServerSideEncryption": algorithm,
        "SSEKMSKeyId": _kms_key(cloud, key, bucket.account_id, region),
    }
    if bucket_key:
        found["BucketKeyEnabled"] = True
    return found


def default_of(bucket: Any) -> tuple[str, str | None, bool]:
    """Return a bucket's default algorithm, KMS key and whether it has a bucket key."""
    rule = (bucket.encryption or {}).get("Rule") or {}
    if isinstance(rule, list):
        rule = rule[0]
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    bucket_key = str(rule.get("BucketKeyEnabled", "")).lower() == "true"
    return default.get("SSEAlgorithm", "AES256"), default.get("KMSMasterKeyID"), bucket_key


def _kms_key(cloud: Cloud, key: str | None, account: str, region: str) -> str:
    """Return a key's ARN; without one, that of the account's `aws/s3`."""
    wanted = key or "alias/aws/s3"
    try:
        found = cloud.call("kms", "DescribeKey", {"KeyId": wanted}, account=account, region=region)
    except AWSError as error:
        if key is None:
            return f"arn:aws:kms:{region}:{account}:alias/aws/s3"
        raise AWSError("KMS.NotFoundException", error.message, 400) from error
    state = found["KeyMetadata"].get("KeyState", "Enabled")
    if state != "Enabled":
        arn = found["KeyMetadata"]["Arn"]
        code = "KMS.DisabledException" if state == "Disabled" else "KMS.KMSInvalidStateException"
        raise AWSError(code, f"{arn} is {state.lower()}.", 400)
    return str(found["KeyMetadata"]["Arn"])


def customer_key(request: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return what an SSE-C request says of its key, checked; {} for a request without one."""
    algorithm = request.get(f"{prefix}SSECustomerAlgorithm")
    key = request.get(f"{prefix}SSECustomerKey")
    md5 = request.get(f"{prefix}SSECustomerKeyMD5")
    if algorithm is None and key is None and md5 is None:
        return {}
    if algorithm != "AES256":
        raise invalid_argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "a valid encryption algorithm.",
            "x-amz-server-side-encryption-customer-algorithm",
            algorithm,
        )
    if key is None:
        raise invalid_argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "an appropriate secret key.",
            "x-amz-server-side-encryption-customer-key",
            None,
        )
    secret = _secret(key)
    if len(secret) != 32:
        raise invalid_argument(
            "The secret key was invalid for the specified algorithm.",
            "x-amz-server-side-encryption-customer-key",
            "",
        )
    found = base64.b64encode(hashlib.md5(secret, usedforsecurity=False).digest()).decode()
    if md5 is not None and md5 != found:
        raise invalid_argument(
            "The calculated MD5 hash of the key did not match the hash that was provided.",
            "x-amz-server-side-encryption-customer-key-MD5",
            md5,
        )
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": found}


def _secret(key: str | bytes) -> bytes:
    """Return the key's bytes; botocore sends base64, an in-process caller may give them bare."""
    raw = key if isinstance(key, bytes) else key.encode("latin-1", "replace")
    if len(raw) == 32:
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        return b""


def check_customer_key(
    request: Mapping[str, Any], kept: Mapping[str, Any], prefix: str = ""
) -> None:
    """Refuse an object under a customer's key to who does not bring it.

    Raises `InvalidRequest` without a key (or with one for an object that has none), `AccessDenied`
    for another key.
    """
    given = customer_key(request, prefix)
    wanted = kept.get("SSECustomerKeyMD5")
    if wanted is None:
        if given:
            raise invalid_request("The encryption parameters are not applicable to this object.")
        return
    if not given:
        raise invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters "
            "must be provided to retrieve the object."
        )
    if given["SSECustomerKeyMD5"] != wanted:
        raise access_denied()
