"""Which files the metadata of an Iceberg table refers to. Source: https://iceberg.apache.org/spec/"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


def referenced(cloud: Cloud, metadata_location: str) -> set[str]:
    """Return the addresses of all that a table's newest metadata refers to, itself included."""
    import fastavro  # heavy; only tables with an optimizer need it

    metadata = json.loads(_read(cloud, metadata_location))
    found = {metadata_location}
    found |= {entry["metadata-file"] for entry in metadata.get("metadata-log", ())}
    manifests: set[str] = set()
    for snapshot in metadata.get("snapshots", ()):
        found.add(snapshot["manifest-list"])
        for entry in fastavro.reader(io.BytesIO(_read(cloud, snapshot["manifest-list"]))):
            manifests.add(entry["manifest_path"])  # type: ignore[index, call-overload]
    for manifest in manifests:
        for entry in fastavro.reader(io.BytesIO(_read(cloud, manifest))):
            found.add(entry["data_file"]["file_path"])  # type: ignore[index, call-overload]
    return found | manifests


def _read(cloud: Cloud, uri: str) -> bytes:
    bucket, _, key = uri.split("://", 1)[1].partition("/")
    body = cloud.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    return bytes(body) if isinstance(body, bytes) else bytes(body.read())
