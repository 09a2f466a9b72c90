"""S3 tells queues and topics what happens to objects, in the form that AWS documents."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    return aws.client("s3")


@pytest.fixture(scope="module")
def sqs(aws: boto3.Session) -> Any:
    return aws.client("sqs")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"events-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


def make_queue(sqs: Any, service: str = "s3.amazonaws.com") -> tuple[str, str]:
    """Return the URL and ARN of a queue that lets a service send to it."""
    name = uuid.uuid4().hex
    arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    return url, arn


def receive(sqs: Any, url: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
    """Return `count` messages as soon as they are there."""
    found: list[dict[str, Any]] = []
    end = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < end:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(0.02)
    return found


def listen(s3: Any, bucket: str, arn: str, events: list[str], **rules: str) -> None:
    one: dict[str, Any] = {"QueueArn": arn, "Events": events, "Id": "mine"}
    if rules:
        filters = [{"Name": name, "Value": value} for name, value in rules.items()]
        one["Filter"] = {"Key": {"FilterRules": filters}}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [one]}
    )


def test_a_queue_hears_of_what_it_asked_for(s3: Any, sqs: Any, bucket: str) -> None:
    url, arn = make_queue(sqs)
    listen(s3, bucket, arn, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], prefix="in/", suffix="x")
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert kept["QueueConfigurations"][0]["QueueArn"] == arn
    test = receive(sqs, url, 1)[0]
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", bucket)
    s3.put_object(Bucket=bucket, Key="in/a b.x", Body=b"hello")
    s3.put_object(Bucket=bucket, Key="out/a.x", Body=b"hello")
    s3.put_object(Bucket=bucket, Key="in/a.y", Body=b"hello")
    s3.copy_object(Bucket=bucket, Key="in/copy.x", CopySource=f"{bucket}/in/a.y")
    s3.delete_object(Bucket=bucket, Key="in/copy.x")
    records = [one["Records"][0] for one in receive(sqs, url, 3)]
    assert [(one["eventName"], one["s3"]["object"]["key"]) for one in records] == [
        ("ObjectCreated:Put", "in/a+b.x"),
        ("ObjectCreated:Copy", "in/copy.x"),
        ("ObjectRemoved:Delete", "in/copy.x"),
    ]
    first = records[0]
    assert first["eventVersion"] == "2.1"
    assert first["eventSource"] == "aws:s3"
    assert first["awsRegion"] == "us-east-1"
    assert first["s3"]["configurationId"] == "mine"
    assert first["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    assert first["s3"]["object"]["size"] == 5
    assert first["s3"]["object"]["eTag"] == "5d41402abc4b2a76b9719d911017c592"
    assert receive(sqs, url, 1, seconds=0.2) == []


def test_a_topic_passes_events_on(aws: boto3.Session, s3: Any, sqs: Any, bucket: str) -> None:
    sns: Any = aws.client("sns")
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    policy = json.dumps({"Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    url, arn = make_queue(sqs, "sns.amazonaws.com")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    one = {"TopicArn": topic, "Events": ["s3:ObjectTagging:*", "s3:ObjectCreated:Put"]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [one]}
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    told = [json.loads(one["Message"]) for one in receive(sqs, url, 3)]
    assert told[0]["Event"] == "s3:TestEvent"
    names = [one["Records"][0]["eventName"] for one in told[1:]]
    assert names == ["ObjectCreated:Put", "ObjectTagging:Put"]


@pytest.mark.parametrize("kind", ["absent", "closed"])
def test_a_destination_must_be_there_and_open(s3: Any, sqs: Any, bucket: str, kind: str) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:nobody"
    if kind == "closed":
        _, arn = make_queue(sqs, "events.amazonaws.com")
    with pytest.raises(ClientError, match="Unable to validate") as caught:
        listen(s3, bucket, arn, ["s3:ObjectCreated:*"])
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_the_clocks_own_deeds_are_told_too(s3: Any, sqs: Any, bucket: str, cloud: Any) -> None:
    url, arn = make_queue(sqs)
    listen(s3, bucket, arn, ["s3:LifecycleExpiration:*"])
    rule = {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    cloud.running.control("clock", advance="2d")
    told = receive(sqs, url, 2)
    assert [one["Records"][0]["eventName"] for one in told if "Records" in one] == [
        "LifecycleExpiration:Delete"
    ]


def test_a_queue_that_is_gone_fails_no_request(s3: Any, sqs: Any, bucket: str) -> None:
    url, arn = make_queue(sqs)
    listen(s3, bucket, arn, ["s3:ObjectCreated:*"])
    sqs.delete_queue(QueueUrl=url)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
