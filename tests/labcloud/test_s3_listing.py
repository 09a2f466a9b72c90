"""S3 listings agree, page by page, with a model in plain Python."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcloud.cloud import Cloud

KEYS = st.lists(
    st.text(alphabet="ab/é\U0001f600\x01", min_size=1, max_size=6), max_size=25, unique=True
)
PREFIXES = st.text(alphabet="ab/é", max_size=3)
DELIMITERS = st.sampled_from(["", "/", "a", "b/"])


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud in this process: thousands of calls without HTTP."""
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    yield cloud
    for service in ("s3",):
        engine = cloud.engine(service)
        assert engine is not None
        engine.stop()
    cloud.clock.close()


def fill(cloud: Cloud, keys: list[str]) -> str:
    bucket = f"listing-{uuid.uuid4().hex}"
    cloud.call("s3", "CreateBucket", {"Bucket": bucket})
    for key in keys:
        cloud.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": b""})
    return bucket


def model(keys: list[str], prefix: str, delimiter: str) -> list[tuple[str, str]]:
    """What a listing holds, in order: ("key", …) and ("prefix", …)."""
    found: list[tuple[str, str]] = []
    for key in sorted(keys, key=str.encode):
        if not key.startswith(prefix):
            continue
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        one = ("key", key) if at < 0 else ("prefix", key[: at + len(delimiter)])
        if one not in found:
            found.append(one)
    return found


def entries(page: dict[str, Any]) -> list[tuple[str, str]]:
    both = [("key", one["Key"]) for one in page.get("Contents", [])]
    both += [("prefix", one["Prefix"]) for one in page.get("CommonPrefixes", [])]
    return sorted(both, key=lambda one: one[1].encode())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS, prefix=PREFIXES, delimiter=DELIMITERS, size=st.integers(1, 5))
def test_pages_together_are_the_whole(
    here: Cloud, keys: list[str], prefix: str, delimiter: str, size: int
) -> None:
    bucket = fill(here, keys)
    wanted = model(keys, prefix, delimiter)
    asked = {"Bucket": bucket, "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": size}
    seen: list[tuple[str, str]] = []
    more: dict[str, Any] = {}
    while True:
        page = here.call("s3", "ListObjectsV2", {**asked, **more})
        assert page["KeyCount"] == len(entries(page)) <= size
        seen += entries(page)
        if not page["IsTruncated"]:
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    assert seen == wanted
    seen, more = [], {}
    while True:
        page = here.call("s3", "ListObjects", {**asked, **more})
        seen += entries(page)
        if not page["IsTruncated"]:
            break
        more = {"Marker": page.get("NextMarker") or page["Contents"][-1]["Key"]}
    assert seen == wanted


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS, after=st.text(alphabet="ab/é", min_size=1, max_size=4))
def test_start_after_skips_what_sorts_before(here: Cloud, keys: list[str], after: str) -> None:
    bucket = fill(here, keys)
    page = here.call("s3", "ListObjectsV2", {"Bucket": bucket, "StartAfter": after})
    wanted = [key for key in sorted(keys, key=str.encode) if key.encode() > after.encode()]
    assert [one["Key"] for one in page.get("Contents", [])] == wanted


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "delete", "undo"]), st.sampled_from(["a", "a/b", "b"])),
        max_size=20,
    ),
    size=st.integers(1, 4),
)
def test_versions_agree_with_a_list_of_what_was_done(
    here: Cloud, steps: list[tuple[str, str]], size: int
) -> None:
    bucket = fill(here, [])
    here.call(
        "s3",
        "PutBucketVersioning",
        {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}},
    )
    done: dict[str, list[tuple[str, bool]]] = {}
    for step, key in steps:
        stack = done.setdefault(key, [])
        one = {"Bucket": bucket, "Key": key}
        if step == "put":
            answer = here.call("s3", "PutObject", {**one, "Body": b"x"})
            stack.append((answer["VersionId"], False))
        elif step == "delete":
            stack.append((here.call("s3", "DeleteObject", one)["VersionId"], True))
        elif stack:
            here.call("s3", "DeleteObject", {**one, "VersionId": stack.pop()[0]})
    wanted = [
        (key, version, marker, number == 0)
        for key in sorted(done)
        for number, (version, marker) in enumerate(reversed(done[key]))
    ]
    assert versions(here, bucket, size) == sorted(wanted)
    live = [key for key in sorted(done) if done[key] and not done[key][-1][1]]
    page = here.call("s3", "ListObjectsV2", {"Bucket": bucket})
    assert [one["Key"] for one in page.get("Contents", [])] == live


def versions(cloud: Cloud, bucket: str, size: int) -> list[tuple[str, str, bool, bool]]:
    seen: list[tuple[str, str, bool, bool]] = []
    more: dict[str, Any] = {}
    while True:
        asked = {"Bucket": bucket, "MaxKeys": size, **more}
        page = cloud.call("s3", "ListObjectVersions", asked)
        for member, marker in (("Versions", False), ("DeleteMarkers", True)):
            seen += [
                (one["Key"], one["VersionId"], marker, one["IsLatest"])
                for one in page.get(member, [])
            ]
        if not page["IsTruncated"]:
            return sorted(seen)
        more = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page["NextVersionIdMarker"],
        }


def test_a_page_costs_what_it_shows_not_what_it_rolls_up(here: Cloud) -> None:
    """Steps of SQLite's machine are counted, not seconds."""
    bucket = fill(here, [f"{folder}/{n:03d}" for folder in "abcd" for n in range(500)])
    engine: Any = here.engine("s3")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with engine.store.read() as reader:
        reader.connection.set_progress_handler(count, 10)
    page = here.call("s3", "ListObjectsV2", {"Bucket": bucket, "Delimiter": "/"})
    with engine.store.read() as reader:
        reader.connection.set_progress_handler(None, 0)
    assert [one["Prefix"] for one in page["CommonPrefixes"]] == ["a/", "b/", "c/", "d/"]
    assert steps < 50


def test_over_http_keys_of_all_kinds_list_and_page(aws: boto3.Session) -> None:
    s3: Any = aws.client("s3")
    s3.create_bucket(Bucket="over-http")
    keys = ["a b", "a+b", "ü/1", "ü/2", "x\x01y", "z&<>'\"", "%41"]
    for key in keys:
        s3.put_object(Bucket="over-http", Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="over-http", PaginationConfig={"PageSize": 2}
    )
    seen = [one["Key"] for page in pages for one in page["Contents"]]
    assert seen == sorted(keys, key=str.encode)
    rolled = s3.list_objects_v2(Bucket="over-http", Delimiter="/")
    assert rolled["CommonPrefixes"] == [{"Prefix": "ü/"}]


@pytest.mark.parametrize(
    "asked", [{"ContinuationToken": "not-one"}, {"MaxKeys": -1}, {"EncodingType": "gzip"}]
)
def test_what_is_no_listing_is_refused(here: Cloud, asked: dict[str, Any]) -> None:
    from labcloud.errors import AWSError

    bucket = fill(here, ["a"])
    with pytest.raises(AWSError) as caught:
        here.call("s3", "ListObjectsV2", {"Bucket": bucket, **asked})
    assert caught.value.code == "InvalidArgument"


def test_a_page_of_none_is_complete(here: Cloud, tmp_path: Path) -> None:
    page = here.call("s3", "ListObjectsV2", {"Bucket": fill(here, ["a"]), "MaxKeys": 0})
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)
