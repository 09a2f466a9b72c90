"""The errors that leave labcloud: one tree, each naming the AWS code that it becomes."""

from __future__ import annotations

from typing import Any


class AWSError(Exception):
    """An error as AWS words it; the gateway renders it for the request's protocol.

    `code` and `message` are AWS's own, `status` is the HTTP status. `members` are further fields
    of the error's shape; `headers` are sent beside it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        self.members = members


class NotImplementedByLabcloud(AWSError):
    """labcloud has no engine for this operation and does not pretend (HTTP 501)."""

    def __init__(self, service: str, operation: str, instead: str = "") -> None:
        message = (
            f"labcloud does not run {service}:{operation}. "
            f"{instead or 'Run it on a real account (LAB_TARGET=aws).'} "
            "`labcloud coverage` lists what it does run."
        )
        super().__init__("NotImplementedByLabcloud", message, 501)


class InternalFailure(AWSError):
    """labcloud itself failed; its log holds the traceback under the request's id."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            "InternalFailure",
            f"labcloud failed while it answered; its log tells why under request {request_id}.",
            500,
        )
