"""Presigned URLs end when the cloud's clock says so.

A URL is signed by a client, whose clock is the computer's; what it says is put on the cloud's clock
before the two are compared.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from labcloud.clock import Clock
from labcloud.errors import AWSError
from labcloud.http import Request

_MAX_SECONDS = 7 * 24 * 3600


class Presigned:
    """Checks the expiry of presigned URLs of Signature Version 4 and, as boto3 makes them, 2."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def check(self, request: Request) -> None:
        """Raise AccessDenied, as Amazon S3 words it, for a URL that has expired."""
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        expires = self._version_4(query) if "X-Amz-Date" in query else self._version_2(query)
        now = self._clock.now()
        if now > expires:
            raise AWSError(
                "AccessDenied",
                "Request has expired",
                403,
                Expires=f"{expires:%Y-%m-%dT%H:%M:%SZ}",
                ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            )

    def _version_4(self, query: dict[str, str]) -> datetime:
        try:
            signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            seconds = int(query["X-Amz-Expires"])
        except (KeyError, ValueError) as error:
            raise _bad_query("X-Amz-Date and X-Amz-Expires must be a date and seconds") from error
        if not 0 <= seconds <= _MAX_SECONDS:
            raise _bad_query("X-Amz-Expires must be between 0 and 604800 seconds")
        return self._clock.of_client(signed) + timedelta(seconds=seconds)

    def _version_2(self, query: dict[str, str]) -> datetime:
        if not query.get("Expires", "").isdecimal() or len(query["Expires"]) > 11:
            raise _bad_query("the URL has no expiry")
        expires = datetime.fromtimestamp(int(query["Expires"]), UTC)
        return self._clock.end_of(query.get("Signature", ""), expires)


def _bad_query(why: str) -> AWSError:
    return AWSError("AuthorizationQueryParametersError", why)
