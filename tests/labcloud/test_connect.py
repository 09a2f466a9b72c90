"""`connect()`: one call, and every AWS tool in the notebook reaches the same place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcloud.process import down

Notebook = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def notebook(tmp_path: Path) -> Any:
    """Run code as a notebook's kernel would, with a clean AWS environment."""

    def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        own = {"LABCLOUD_DIR": str(tmp_path / "cloud"), "HOME": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**clean, **own, **environment},
            timeout=120,
        )

    yield run
    down(tmp_path / "cloud")


CONNECT = "from labcloud import connect, ConnectError; aws = connect(); "


def test_local_starts_labcloud_and_says_where_one_is(notebook: Notebook) -> None:
    shown = notebook(CONNECT + "print(aws.client('s3').list_buckets()['Buckets'])")
    assert shown.stdout == (
        "target local (labcloud), account 123456789012, Region us-east-1\n[]\n"
    ), shown.stderr


def test_every_tool_in_the_notebook_reaches_the_same_place(notebook: Notebook) -> None:
    shown = notebook(
        CONNECT
        + """
import warnings; warnings.simplefilter("ignore")
aws.client("s3").create_bucket(Bucket="same-place")
import boto3, subprocess, awswrangler as wr, pandas as pd
print([b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]])
wr.s3.to_parquet(pd.DataFrame({"a": [1, 2]}), "s3://same-place/t/one.parquet")
print(wr.s3.read_parquet("s3://same-place/t/")["a"].sum())
listed = ["aws", "s3", "ls", "s3://same-place/t/"]
print(subprocess.run(listed, capture_output=True, text=True).stdout)
""",
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    )
    assert "['same-place']\n3\n" in shown.stdout, shown.stderr
    assert "one.parquet" in shown.stdout, shown.stdout


def test_a_tool_that_names_an_aws_host_itself_stays_in_the_lab(notebook: Notebook) -> None:
    """The SageMaker SDK asks STS at https://sts.us-east-1.amazonaws.com for its bucket's name."""
    shown = notebook(
        CONNECT
        + """
import warnings; warnings.simplefilter("ignore")
from sagemaker.core.helper.session_helper import Session
for session in (Session(boto_session=aws), Session()):
    print(session.default_bucket())
print([b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]])
"""
    )
    name = "sagemaker-us-east-1-123456789012"
    assert shown.stdout.splitlines()[1:] == [name, name, f"['{name}']"], shown.stderr


def test_an_endpoint_url_as_the_target(notebook: Notebook, cloud: Any) -> None:
    shown = notebook(
        CONNECT + "import os; print(os.environ['AWS_ENDPOINT_URL'])", LAB_TARGET=cloud.url
    )
    assert shown.stdout.splitlines() == [
        f"target {cloud.url}, account 123456789012, Region us-east-1",
        cloud.url,
    ]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://127.0.0.1:9", "Nothing answers at http://127.0.0.1:9"),
        ("azure", "LAB_TARGET is 'azure'; it can be 'local', 'aws', 'aws:PROFILE' or a URL."),
        ("aws:nobody", "`aws configure --profile nobody` makes it"),
        ("aws", "No usable AWS credentials"),
    ],
)
def test_what_cannot_be_reached_is_one_sentence(
    notebook: Notebook, target: str, words: str
) -> None:
    code = (
        "from labcloud import connect, ConnectError\n"
        "try: connect()\n"
        "except ConnectError as e: print(e)"
    )
    shown = notebook(
        code, LAB_TARGET=target, AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1"
    )
    assert words in shown.stdout, shown.stderr
    assert len(shown.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "expired; sign in again"),
        ("InvalidClientTokenId", "does not know these credentials"),
    ],
)
def test_wrong_or_expired_credentials_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    from botocore.stub import Stubber

    from labcloud import ConnectError, client

    class Session:
        region_name = "us-east-1"

        def client(self, _: str) -> Any:
            import boto3

            sts = boto3.client("sts", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            stubber = Stubber(sts)
            stubber.add_client_error("get_caller_identity", code, "The security token is bad")
            stubber.activate()
            return sts

    with pytest.raises(ConnectError, match=words):
        client._account(Session(), "aws")  # type: ignore[arg-type]
