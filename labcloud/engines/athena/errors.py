"""Athena's errors, in the shape and words of the service.

The words were measured on the real service by others, e.g.
https://github.com/aoyagikouhei/athena-local/tree/main/docs/dev/measurements
"""

from __future__ import annotations

import uuid

from labcloud.errors import AWSError


def invalid(message: str, code: str = "INVALID_INPUT") -> AWSError:
    """Return an InvalidRequestException; `code` is its AthenaErrorCode."""
    return AWSError("InvalidRequestException", message, AthenaErrorCode=code, ErrorCode=code)


def not_found(message: str, resource: str) -> AWSError:
    """Return a ResourceNotFoundException."""
    return AWSError("ResourceNotFoundException", message, ResourceName=resource)


def too_many(message: str) -> AWSError:
    """Return a TooManyRequestsException for queries that are active at once."""
    return AWSError("TooManyRequestsException", message, Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED")


def metadata(code: str, message: str) -> AWSError:
    """Return a MetadataException, which hands an error of AWS Glue on in its envelope."""
    return AWSError(
        "MetadataException",
        f"{message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: {code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)",
    )
