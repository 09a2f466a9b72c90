"""Long lists are rendered as moto's serializer would, only faster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from moto.core.serialize import S3Serializer

from labcloud.services import operation_model
from labcloud.xml_lists import put_lists, take_lists

NOW = datetime(2026, 11, 24, 12, 30, 1, 250_000, UTC)
WHOLE = NOW.replace(microsecond=0)

ANSWERS: dict[str, dict[str, Any]] = {
    "ListObjectsV2": {
        "Name": "lake",
        "IsTruncated": False,
        "Contents": [
            {
                "Key": "a & <b>.csv",
                "LastModified": WHOLE,
                "Size": 7,
                "ETag": '"e"',
                "StorageClass": "STANDARD",
                "ChecksumAlgorithm": ["CRC64NVME"],
                "Owner": {"ID": "1", "DisplayName": "me"},
            },
            {"Key": "é/ü", "LastModified": WHOLE, "Size": 0},
        ],
        "CommonPrefixes": [{"Prefix": "landing/"}],
    },
    "ListObjectVersions": {
        "Name": "lake",
        "Versions": [{"Key": "k", "VersionId": "null", "IsLatest": True, "Size": 3}],
        "DeleteMarkers": [{"Key": "k", "VersionId": "v", "IsLatest": False}],
    },
    "ListParts": {"Bucket": "lake", "Parts": [{"PartNumber": 1, "Size": 5, "ETag": '"p"'}]},
    "ListBucketInventoryConfigurations": {
        "IsTruncated": False,
        "InventoryConfigurationList": [
            {
                "Id": "daily",
                "IsEnabled": True,
                "IncludedObjectVersions": "All",
                "OptionalFields": ["Size", "ETag"],
                "Schedule": {"Frequency": "Daily"},
                "Destination": {"S3BucketDestination": {"Bucket": "arn", "Format": "CSV"}},
            }
        ],
    },
}


def as_sets(text: str) -> Any:
    """An XML document without the order of different elements, which means nothing to clients."""

    def of(element: ElementTree.Element) -> Any:
        tag = element.tag.rpartition("}")[2]
        return tag, (element.text or "").strip(), sorted(map(of, element), key=repr)

    return of(ElementTree.fromstring(text))


@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_document_as_motos(name: str) -> None:
    operation = operation_model("s3", name)
    whole = S3Serializer(operation).serialize(ANSWERS[name])["body"]
    rest = dict(ANSWERS[name])
    lists = take_lists(operation, rest)
    made = put_lists(S3Serializer(operation).serialize(rest)["body"], lists)
    assert as_sets(made) == as_sets(whole)


def test_a_root_that_is_empty_but_for_its_lists() -> None:
    assert put_lists('<?xml version="1.0"?>\n<R xmlns="u"/>', "<a/>").endswith(
        '<R xmlns="u"><a/></R>'
    )
    assert put_lists("<R></R>", "") == "<R></R>"
