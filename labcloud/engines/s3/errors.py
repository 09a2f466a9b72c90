"""S3's errors, worded as S3 words them.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from typing import Any

from labcloud.errors import AWSError


def access_denied(message: str = "Access Denied") -> AWSError:
    """The caller may not do this."""
    return AWSError("AccessDenied", message, 403)


def bucket_not_empty(bucket: str) -> AWSError:
    """A bucket with objects, versions or delete markers stays."""
    return AWSError(
        "BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=bucket
    )


def invalid_argument(message: str, name: str, value: object) -> AWSError:
    """A parameter has a value that S3 does not take."""
    return AWSError("InvalidArgument", message, 400, ArgumentName=name, ArgumentValue=str(value))


def invalid_request(message: str) -> AWSError:
    """The request contradicts itself or the object's state."""
    return AWSError("InvalidRequest", message, 400)


def key_too_long(key: bytes) -> AWSError:
    """Keys have at most 1,024 bytes of UTF-8."""
    return AWSError(
        "KeyTooLongError", "Your key is too long", 400, Size=len(key), MaxSizeAllowed=1024
    )


def malformed_xml() -> AWSError:
    """The request's document is not of the published schema."""
    return AWSError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
        400,
    )


def method_not_allowed(method: str, headers: dict[str, str] | None = None) -> AWSError:
    """A delete marker has nothing to read."""
    return AWSError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
        headers=headers,
        Method=method,
        ResourceType="DeleteMarker",
    )


def no_such_key(key: str, headers: dict[str, str] | None = None) -> AWSError:
    """There is no object of that key."""
    return AWSError("NoSuchKey", "The specified key does not exist.", 404, headers=headers, Key=key)


def no_such_upload(upload_id: str) -> AWSError:
    """The multipart upload was completed, aborted, or never was."""
    return AWSError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may "
        "have been aborted or completed.",
        404,
        UploadId=upload_id,
    )


def no_such_version(key: str, version_id: str) -> AWSError:
    """The key has no such version."""
    return AWSError(
        "NoSuchVersion",
        "The specified version does not exist.",
        404,
        Key=key,
        VersionId=version_id,
    )


def not_implemented(header: str) -> AWSError:
    """S3 itself does not implement this use of a header."""
    return AWSError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        501,
        Header=header,
    )


def precondition_failed(condition: str) -> AWSError:
    """A conditional request's condition does not hold."""
    return AWSError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        Condition=condition,
    )


def protected() -> AWSError:
    """Object Lock keeps this version."""
    return access_denied("Access Denied because object protected by object lock.")


def invalid_object_state(storage_class: str) -> AWSError:
    """An archived object is read only after it was restored."""
    return AWSError(
        "InvalidObjectState",
        "The operation is not valid for the object's storage class",
        403,
        StorageClass=storage_class,
    )


def lacks_configuration(code: str, message: str, bucket: str, **members: Any) -> AWSError:
    """The bucket has no configuration of this kind."""
    return AWSError(code, message, 404, BucketName=bucket, **members)
