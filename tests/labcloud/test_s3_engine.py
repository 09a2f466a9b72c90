"""What other engines have of S3 in process: files to read, calls without HTTP, sizes to bill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labcloud.cloud import Cloud
from labcloud.errors import AWSError
from labcloud.http import FileBody


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path)
    cloud.call("s3", "CreateBucket", {"Bucket": "lake"})
    yield cloud
    engine = cloud.engine("s3")
    assert engine is not None
    engine.stop()
    cloud.clock.close()
    if "lake" in buckets():
        del buckets()["lake"]


def buckets() -> dict[str, Any]:
    from moto.s3.models import s3_backends

    s3_backends.bucket_accounts.pop("lake", None)
    found: dict[str, Any] = s3_backends["123456789012"]["aws"].buckets
    return found


def put(cloud: Cloud, key: str, body: bytes, **more: Any) -> dict[str, Any]:
    request = {"Bucket": "lake", "Key": key, "Body": body, **more}
    return cloud.call("s3", "PutObject", request)


def test_an_engine_gets_a_file_not_a_copy(here: Cloud) -> None:
    put(here, "a.csv", b"a,b\n1,2\n")
    body = here.call("s3", "GetObject", {"Bucket": "lake", "Key": "a.csv"})["Body"]
    assert isinstance(body, FileBody)
    assert Path(body.path).read_bytes() == b"a,b\n1,2\n"
    part = here.call("s3", "GetObject", {"Bucket": "lake", "Key": "a.csv", "Range": "bytes=4-6"})
    assert part["Body"].read() == b"1,2"


def test_a_file_given_out_outlives_the_object_for_a_while(here: Cloud) -> None:
    put(here, "k", b"old")
    body = here.call("s3", "GetObject", {"Bucket": "lake", "Key": "k"})["Body"]
    put(here, "k", b"new")
    here.call("s3", "DeleteObject", {"Bucket": "lake", "Key": "k"})
    assert body.read() == b"old"


def test_a_copy_shares_its_bytes_on_disk(here: Cloud) -> None:
    put(here, "k", b"x" * 4096)
    source = {"Bucket": "lake", "Key": "k"}
    here.call("s3", "CopyObject", {"Bucket": "lake", "Key": "copy", "CopySource": source})
    paths = [
        here.call("s3", "GetObject", {"Bucket": "lake", "Key": key})["Body"].path
        for key in ("k", "copy")
    ]
    assert Path(paths[0]).samefile(paths[1])
    assert paths[0] != paths[1]


def test_usage_is_by_bucket_and_storage_class(here: Cloud) -> None:
    put(here, "a", b"x" * 10)
    put(here, "b", b"x" * 20)
    put(here, "c", b"x" * 30, StorageClass="GLACIER")
    engine: Any = here.engine("s3")
    assert engine.usage()["lake"] == {
        "STANDARD": {"bytes": 30, "objects": 2},
        "GLACIER": {"bytes": 30, "objects": 1},
    }


def test_one_of_many_writers_makes_the_object(here: Cloud) -> None:
    start = threading.Barrier(8)

    def write(number: int) -> str:
        start.wait()
        try:
            put(here, "leader", b"%d" % number, IfNoneMatch="*")
        except AWSError as error:
            return error.code
        return "written"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(write, range(8)))
    assert outcomes == ["PreconditionFailed"] * 7 + ["written"]


def test_a_bucket_deleted_under_a_write_takes_nothing(here: Cloud) -> None:
    class Slow:
        """A payload during which the bucket goes."""

        length = 1
        left = b"x"

        def read(self, n: int = -1, /) -> bytes:
            if self.left:
                here.call("s3", "DeleteBucket", {"Bucket": "lake"})
            data, self.left = self.left, b""
            return data

    with pytest.raises(AWSError) as caught:
        here.call("s3", "PutObject", {"Bucket": "lake", "Key": "k", "Body": Slow()})
    assert caught.value.code == "NoSuchBucket"
    here.call("s3", "CreateBucket", {"Bucket": "lake"})
    assert "Contents" not in here.call("s3", "ListObjectsV2", {"Bucket": "lake"})


def test_hundreds_of_threads_put_and_get(here: Cloud) -> None:
    def both(number: int) -> bool:
        put(here, f"k{number}", b"%d" % number)
        got = here.call("s3", "GetObject", {"Bucket": "lake", "Key": f"k{number}"})
        return bool(got["Body"].read() == b"%d" % number)

    with ThreadPoolExecutor(64) as threads:
        assert all(threads.map(both, range(300)))
