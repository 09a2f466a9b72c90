"""One clock for the whole cloud: put it forward, and timestamps and expiries follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from labcloud.clock import parse_duration
from labcloud.process import LabcloudError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1d12h", 129600), ("1.5h", 5400), ("1w", 604800)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "h", "2 hours", "-2h", "2h!"])
def test_what_is_not_a_duration_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="90s, 15m, 2h"):
        parse_duration(text)


def about(moment: datetime, expected: datetime) -> bool:
    return abs((moment - expected).total_seconds()) < 60


def test_timestamps_follow_and_survive_a_restart(labcloud_server: Any) -> None:
    server = labcloud_server
    glue = server.session().client("glue")
    server.running.control("clock", advance="30d")
    ahead = datetime.now(UTC) + timedelta(days=30)
    glue.create_database(DatabaseInput={"Name": "later"})
    created = glue.get_database(Name="later")["Database"]["CreateTime"]
    assert about(created, ahead)
    server.kill()
    server.restart()
    assert about(datetime.fromisoformat(server.running.control("clock")["now"]), ahead)
    server.running.control("clock", advance="12h")
    now = datetime.fromisoformat(server.running.control("clock")["now"])
    assert about(now, ahead + timedelta(hours=12))


def test_visibility_timeouts_follow(labcloud_server: Any) -> None:
    sqs = labcloud_server.session().client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="flight")
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    labcloud_server.running.control("clock", advance="2h")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "flight"


def test_a_presigned_url_expires_by_the_clouds_clock(labcloud_server: Any) -> None:
    s3 = labcloud_server.session().client("s3")
    s3.create_bucket(Bucket="shared")
    s3.put_object(Bucket="shared", Key="report", Body=b"numbers")

    def sign(seconds: int) -> str:
        asked = {"Bucket": "shared", "Key": "report"}
        return str(s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    first = sign(3600)
    assert httpx.get(first).content == b"numbers"
    labcloud_server.running.control("clock", advance="2h")
    late = httpx.get(first)
    assert late.status_code == 403
    assert "Request has expired" in late.text
    assert httpx.get(sign(3500)).content == b"numbers"


def test_the_clock_does_not_run_backwards(cloud: Any) -> None:
    with pytest.raises(LabcloudError, match="not a duration"):
        cloud.running.control("clock", advance="-1h")
