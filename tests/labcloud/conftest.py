"""What the tests of real clients share: the environment that a notebook has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest


@pytest.fixture(scope="module")
def environment(cloud: Any) -> Iterator[dict[str, str]]:
    """AWS's own variables, set as a notebook's are, for the libraries that take no endpoint."""
    variables = {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        yield variables


@pytest.fixture(scope="module")
def lake(aws: boto3.Session, environment: dict[str, str]) -> str:
    """A bucket for tables and results, and a database of Glue's over it, both named `lake`."""
    aws.client("s3").create_bucket(Bucket="lake")
    aws.client("glue").create_database(DatabaseInput={"Name": "lake"})
    return "s3://lake"
