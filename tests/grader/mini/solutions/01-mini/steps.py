"""The steps of the lab in miniature."""

from __future__ import annotations

from typing import Any


def put(lab: Any, key: str = "hello.txt", body: bytes = b"hello, world") -> None:
    """Make the bucket and put one object."""
    s3 = lab.aws.client("s3")
    s3.create_bucket(Bucket=lab.bucket)
    s3.put_object(Bucket=lab.bucket, Key=key, Body=body)
