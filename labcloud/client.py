"""What a notebook needs: a session that reaches the lab's target, and the bill.

The target is `LAB_TARGET`: `local` (this computer's labcloud, the default), `aws` or
`aws:PROFILE` (a real account), or the URL of any endpoint that speaks AWS.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import BotoCoreError, ClientError

from labcloud.engine import REGION
from labcloud.process import LabcloudError, Running, default_directory, find, up


class ConnectError(Exception):
    """The target cannot be reached; the message is one sentence that says what to do."""


def connect(target: str | None = None, *, quiet: bool = False) -> boto3.Session:
    """Return a boto3 Session on the target, and point all of AWS's tools there.

    `target` defaults to `LAB_TARGET`, else "local", which starts labcloud if it is not up. Sets
    AWS's own environment variables, so that awswrangler, PyAthena, sagemaker and the `aws`
    command in the same notebook reach the same place. Prints one line, unless `quiet`: target,
    account, Region. Raises ConnectError.
    """
    target = target or os.environ.get("LAB_TARGET") or "local"
    if target == "local":
        _point_at(_local().url)
    elif target == "aws" or target.startswith("aws:"):
        _use_profile(target.partition(":")[2])
    elif target.startswith(("http://", "https://")):
        _point_at(target.rstrip("/"))
    else:
        raise ConnectError(
            f"LAB_TARGET is '{target}'; it can be 'local', 'aws', 'aws:PROFILE' or a URL."
        )
    session = boto3.Session()
    if url := os.environ.get("AWS_ENDPOINT_URL"):
        for one in (session, boto3.DEFAULT_SESSION):
            _keep_at(one, url)
    account = _account(session, target)
    if not quiet:
        print(f"target {_described(target)}, account {account}, Region {session.region_name}")
    return session


def _local() -> Running:
    try:
        return up(default_directory())
    except LabcloudError as error:
        raise ConnectError(str(error)) from error


def _point_at(url: str) -> None:
    region = os.environ.get("AWS_DEFAULT_REGION") or REGION
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION=region,
        AWS_REGION=region,
        AWS_EC2_METADATA_DISABLED="true",
    )
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    boto3.setup_default_session()


def _keep_at(session: boto3.Session, url: str) -> None:
    """Send requests that name an AWS host themselves to the target, too.

    Some tools build `https://sts.us-east-1.amazonaws.com` by hand and so pass by the variable. In
    a lab nothing reaches AWS by accident.
    """
    target = urlsplit(url)

    def redirect(request: AWSPreparedRequest, **_: Any) -> None:
        asked = urlsplit(request.url)
        if (asked.hostname or "").endswith((".amazonaws.com", ".api.aws")):
            request.headers["Host"] = asked.netloc
            request.url = urlunsplit(asked._replace(scheme=target.scheme, netloc=target.netloc))

    session.events.register("before-send", redirect)


def _use_profile(profile: str) -> None:
    if os.environ.get("AWS_ACCESS_KEY_ID") == "test":
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            os.environ.pop(name, None)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    if profile:
        os.environ["AWS_PROFILE"] = profile
    try:
        session = boto3.Session()
    except BotoCoreError as error:
        raise ConnectError(f"{error}; `aws configure --profile {profile}` makes it.") from error
    region = session.region_name or REGION
    os.environ.update(AWS_DEFAULT_REGION=region, AWS_REGION=region)
    boto3.setup_default_session()


def _account(session: boto3.Session, target: str) -> str:
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("ExpiredToken", "ExpiredTokenException", "RequestExpired"):
            message = "Your AWS credentials have expired; sign in again (`aws sso login`)."
        elif code in (
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ):
            message = "AWS does not know these credentials; check them with `aws configure list`."
        else:
            message = f"The target refused: {error.response['Error']['Message']}"
        raise ConnectError(message) from None
    except BotoCoreError as error:
        if target.startswith("aws"):
            message = f"No usable AWS credentials ({error}); make some with `aws configure`."
        else:
            message = f"Nothing answers at {target} ({error})."
        raise ConnectError(message) from None


def _described(target: str) -> str:
    return {"local": "local (labcloud)", "aws": "AWS, a real account"}.get(target, target)


def _running() -> Running | None:
    """The local labcloud that this process is connected to, if it is one."""
    running = find(default_directory())
    if running is None or os.environ.get("AWS_ENDPOINT_URL") != running.url:
        return None
    return running


def bill(lab: str | None = None) -> dict[str, Any] | None:
    """Return what the actions so far would have cost on AWS, of one lab or of all.

    None where the target is not labcloud.
    """
    running = _running()
    if running is None:
        return None
    return running.control("bill", **({"lab": lab} if lab else {}))


def advance_clock(by: str) -> datetime | None:
    """Put the cloud's clock forward, "2h" or "30d", and return its time.

    None where the target is not labcloud: on a real account one waits.
    """
    running = _running()
    if running is None:
        return None
    return datetime.fromisoformat(running.control("clock", advance=by)["now"])
