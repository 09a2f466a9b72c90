"""S3 keeps what it acknowledged through kill -9, and leaves no files that nobody owns."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


def bodies(directory: Path) -> list[Path]:
    return [path for path in (directory / "s3" / "bodies").rglob("*") if path.is_file()]


def test_objects_versions_and_uploads_survive_a_kill(labcloud_server: Any) -> None:
    s3 = labcloud_server.session().client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="kept", Key="k", Body=b"1", Metadata={"a": "b"})["VersionId"]
    s3.put_object(Bucket="kept", Key="k", Body=b"2")
    upload = s3.create_multipart_upload(Bucket="kept", Key="big")["UploadId"]
    where = {"Bucket": "kept", "Key": "big", "UploadId": upload}
    part = os.urandom(5 * 1024 * 1024)
    one = s3.upload_part(**where, PartNumber=1, Body=part)["ETag"]
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}}
    s3.put_bucket_lifecycle_configuration(Bucket="kept", LifecycleConfiguration={"Rules": [rule]})
    labcloud_server.kill()
    labcloud_server.restart()
    s3 = labcloud_server.session().client("s3")
    old = s3.get_object(Bucket="kept", Key="k", VersionId=first)
    assert (old["Body"].read(), old["Metadata"]) == (b"1", {"a": "b"})
    assert s3.get_object(Bucket="kept", Key="k")["Body"].read() == b"2"
    assert s3.get_bucket_lifecycle_configuration(Bucket="kept")["Rules"] == [rule]
    two = s3.upload_part(**where, PartNumber=2, Body=b"tail")["ETag"]
    parts = [{"PartNumber": 1, "ETag": one}, {"PartNumber": 2, "ETag": two}]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket="kept", Key="big")["Body"].read() == part + b"tail"


def test_what_a_kill_interrupts_is_whole_or_absent(labcloud_server: Any) -> None:
    s3 = labcloud_server.session().client("s3")
    s3.create_bucket(Bucket="busy")
    acknowledged: dict[str, bytes] = {}
    started = threading.Event()

    def write(worker: int) -> None:
        client = labcloud_server.session().client("s3")
        for number in range(1000):
            key, data = f"{worker}/{number}", os.urandom(20_000)
            try:
                client.put_object(Bucket="busy", Key=key, Body=data)
            except (BotoCoreError, ClientError):
                return
            acknowledged[key] = data
            if number == 10:
                started.set()

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for writer in writers:
        writer.start()
    assert started.wait(30)
    labcloud_server.kill()
    for writer in writers:
        writer.join()
    orphan = labcloud_server.directory / "s3" / "bodies" / "00" / "1-fffffff"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"written, never committed")
    labcloud_server.restart()
    s3 = labcloud_server.session().client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="busy")
    listed = {one["Key"]: one for page in pages for one in page["Contents"]}
    assert set(acknowledged) <= set(listed)
    for key, data in acknowledged.items():
        assert s3.get_object(Bucket="busy", Key=key)["Body"].read() == data
    for key in set(listed) - set(acknowledged):
        assert len(s3.get_object(Bucket="busy", Key=key)["Body"].read()) == 20_000
    end = time.monotonic() + 10
    while len(bodies(labcloud_server.directory)) > len(listed) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(bodies(labcloud_server.directory)) == len(listed)


def test_deleted_bytes_leave_the_disk(labcloud_server: Any) -> None:
    s3 = labcloud_server.session().client("s3")
    s3.create_bucket(Bucket="short")
    s3.put_object(Bucket="short", Key="k", Body=b"x" * 10_000)
    s3.put_object(Bucket="short", Key="k", Body=b"y" * 10_000)
    s3.delete_object(Bucket="short", Key="k")
    s3.delete_bucket(Bucket="short")
    labcloud_server.down()
    assert bodies(labcloud_server.directory) == []
