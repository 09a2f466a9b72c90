"""Errors inside a check as sentences: AWS's answers first, then everything else."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

MESSAGES = {
    "NoSuchBucket": "The bucket does not exist.\nFound no {BucketName}; the lab's is {bucket}.",
    "NoSuchKey": "There is no object {Key}.\nExpected it in the bucket {bucket}.",
    "NoSuchVersion": "There is no such version of {Key}.",
    "NoSuchUpload": "There is no such multipart upload.",
    "NoSuchBucketPolicy": "The bucket has no bucket policy.\nFound none on {bucket}.",
    "NoSuchTagSet": "There are no tags.\nExpected tags on the bucket or object.",
    "NoSuchLifecycleConfiguration": "The bucket has no lifecycle rules.\nFound none on {bucket}.",
    "NoSuchCORSConfiguration": "The bucket has no CORS rules.\nFound none on {bucket}.",
    "NoSuchPublicAccessBlockConfiguration": (
        "The bucket has no public access block.\nFound none on {bucket}."
    ),
    "ServerSideEncryptionConfigurationNotFoundError": (
        "The bucket has no default encryption.\nFound none on {bucket}."
    ),
    "ObjectLockConfigurationNotFoundError": (
        "The bucket has no object lock.\nFound none on {bucket}."
    ),
    "OwnershipControlsNotFoundError": (
        "The bucket has no ownership controls.\nFound none on {bucket}."
    ),
    "ReplicationConfigurationNotFoundError": (
        "The bucket has no replication rules.\nFound none on {bucket}."
    ),
}
"""First line and detail per AWS error code; the fields are the error's own members."""

MISSING = {"404", "NotFound"}
DENIED = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


class MissingAnswer(KeyError):
    """A check asked for an answer that was not given."""


def sentence_of(error: Exception, bucket: str) -> str:
    """Return the sentence for an error that ended a check.

    `bucket` is the lab's bucket, which most labs expect.
    """
    if isinstance(error, ClientError):
        return _of_aws(error, bucket)
    if isinstance(error, MissingAnswer):
        name = error.args[0]
        return (
            f"There is no answer '{name}' yet.\n"
            f'Expected a cell that calls lab.answer("{name}", …).'
        )
    if isinstance(error, EndpointConnectionError):
        return f"The cloud does not answer.\n{error} Run the notebook's first cell again."
    if isinstance(error, BotoCoreError):
        return f"The check could not ask AWS.\n{error}"
    return f"The check could not read what is there.\n{type(error).__name__}: {error}"


def _of_aws(error: ClientError, bucket: str) -> str:
    told: dict[str, Any] = dict(error.response.get("Error", {}))
    code, operation = str(told.get("Code", "")), error.operation_name
    if code in MESSAGES:
        return MESSAGES[code].format_map(_Members(told, bucket=bucket))
    if code in MISSING:
        what = "bucket" if operation == "HeadBucket" else "object"
        return f"There is no such {what}.\n{operation} answered {code}; the bucket is {bucket}."
    message = str(told.get("Message", ""))
    if code in DENIED:
        return f"AWS denied {operation}.\n{code}: {message}"
    if code.endswith(("NotFound", "NotFoundException", "NotFoundFault")):
        return f"{operation} did not find it.\n{message or code}"
    return f"AWS answered {operation} with {code}.\n{message}"


class _Members(dict[str, Any]):
    """The members of an error; one that AWS left out reads as a word."""

    def __missing__(self, name: str) -> str:
        return "bucket of that name" if name == "BucketName" else "of that name"
