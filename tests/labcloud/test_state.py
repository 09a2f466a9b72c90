"""What was acknowledged is there: after `down`, after kill -9, in the midst of writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

KILLS = 100


class Writer:
    """Writes to one service until the server dies, and remembers what was acknowledged."""

    def __init__(self, write: Callable[[int], None], read: Callable[[], set[int]]) -> None:
        self.write = write
        self.read = read
        self.acknowledged: set[int] = set()
        self.asked = 0

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.asked += 1
            number = self.asked
            try:
                self.write(number)
            except (BotoCoreError, ClientError):
                return
            self.acknowledged.add(number)

    def check(self) -> None:
        found = self.read()
        assert self.acknowledged <= found, sorted(self.acknowledged - found)[:5]
        assert found <= set(range(1, self.asked + 1))


def s3_writer(aws: Any) -> Writer:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="kept")

    def write(number: int) -> None:
        s3.put_object(Bucket="kept", Key=f"{number:06}", Body=b"%d" % number * 100)

    def read() -> set[int]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="kept")
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        for key in keys[-3:]:
            body = s3.get_object(Bucket="kept", Key=key)["Body"].read()
            assert body == b"%d" % int(key) * 100
        return {int(key) for key in keys}

    return Writer(write, read)


def glue_writer(aws: Any) -> Writer:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "kept"})

    def write(number: int) -> None:
        glue.create_table(DatabaseName="kept", TableInput={"Name": f"t{number}"})

    def read() -> set[int]:
        pages = glue.get_paginator("get_tables").paginate(DatabaseName="kept")
        return {int(table["Name"][1:]) for page in pages for table in page["TableList"]}

    return Writer(write, read)


def sqs_writer(aws: Any) -> Writer:
    """Each message is read once at the end of a round, so that rounds stay short."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="kept", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    seen: set[int] = set()

    def write(number: int) -> None:
        sqs.send_message(QueueUrl=url, MessageBody=str(number))

    def read() -> set[int]:
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            seen.update(int(message["Body"]) for message in messages)
            entries = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                for place, message in enumerate(messages)
            ]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        return seen

    return Writer(write, read)


@pytest.mark.slow
def test_kill_9_amid_writes_a_hundred_times(labcloud_server: Any) -> None:
    aws = labcloud_server.session()
    writers = [make(aws) for make in (s3_writer, glue_writer, sqs_writer)]
    for round_number in range(KILLS):
        stop = threading.Event()
        with ThreadPoolExecutor(len(writers)) as pool:
            for writer in writers:
                pool.submit(writer.run, stop)
            threading.Event().wait(0.05 + (round_number % 10) * 0.01)
            labcloud_server.kill()
            stop.set()
        labcloud_server.restart()
        for writer in writers:
            writer.check()
    assert all(len(writer.acknowledged) > KILLS for writer in writers)


def test_down_and_up_again_keeps_all(labcloud_server: Any) -> None:
    aws = labcloud_server.session()
    s3, iam, ssm = aws.client("s3"), aws.client("iam"), aws.client("ssm")
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="lake", Key="k", Body=b"one")["VersionId"]
    s3.put_object(Bucket="lake", Key="k", Body=b"two")
    iam.create_user(UserName="student")
    ssm.put_parameter(Name="/labs/01/answers/x", Value="7", Type="String")
    labcloud_server.down()
    labcloud_server.restart()
    assert s3.get_bucket_versioning(Bucket="lake")["Status"] == "Enabled"
    assert s3.get_object(Bucket="lake", Key="k", VersionId=first)["Body"].read() == b"one"
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"two"
    assert iam.get_user(UserName="student")["User"]["UserName"] == "student"
    assert ssm.get_parameter(Name="/labs/01/answers/x")["Parameter"]["Value"] == "7"


def test_every_service_that_moto_keeps_can_be_saved_and_loaded() -> None:
    """A backend that cannot be written would lose a student's work; so none may be."""
    from labcloud.kept import package_of
    from labcloud.services import SERVICES
    from labcloud.state import backend_at, dump, load

    for service in SERVICES:
        if (package := package_of(service)) is not None:
            backend = backend_at(package.name, "123456789012", "us-east-1")
            data = dump(backend)
            load(backend, data)
            assert len(dump(backend)) > 0, service
