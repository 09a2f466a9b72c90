"""Inventory: a list of a bucket's objects, written daily or weekly into another bucket.

Laid out as S3 lays it out: data files, a manifest with its checksum, and a `hive` folder whose
symlink file lets Athena partition by `dt`.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote_plus

from labcloud.engines.s3 import errors, lifecycle, times
from labcloud.engines.s3.owners import canonical_id
from labcloud.engines.s3.store import COLUMNS, Version, version_of
from labcloud.errors import AWSError

if TYPE_CHECKING:
    from labcloud.engines.s3.base import S3Base

FORMATS = {"CSV": "csv.gz", "Parquet": "parquet", "ORC": "orc"}
DAYS = {"Daily": 1, "Weekly": 7}
ROWS = 100_000
"""Rows to a data file."""


def of(bucket: Any) -> dict[str, dict[str, Any]]:
    """Return a bucket's inventory configurations by id."""
    found: dict[str, dict[str, Any]] = getattr(bucket, "labcloud_inventories", {})
    return found


def check(wanted: dict[str, Any], id_: str) -> None:
    """Raise `MalformedXML` or `InvalidArgument` for what is no inventory configuration."""
    try:
        destination = wanted["Destination"]["S3BucketDestination"]
        good = (
            wanted["Id"] == id_
            and wanted["IncludedObjectVersions"] in ("All", "Current")
            and wanted["Schedule"]["Frequency"] in DAYS
            and destination["Format"] in FORMATS
            and isinstance(wanted["IsEnabled"], bool)
        )
    except (KeyError, TypeError) as error:
        raise errors.malformed_xml() from error
    if not good:
        raise errors.malformed_xml()
    if not destination["Bucket"].startswith("arn:aws:s3:::"):
        raise errors.invalid_argument("Invalid bucket ARN", "Bucket", destination["Bucket"])


Column = Callable[[Any, Version], Any]

_FIRST: dict[str, Column] = {
    "Bucket": lambda bucket, version: bucket.name,
    "Key": lambda bucket, version: quote_plus(version.name, safe="/"),
}

_VERSIONS: dict[str, Column] = {
    "VersionId": lambda bucket, version: version.version if bucket.versioning_status else "",
    "IsLatest": lambda bucket, version: version.latest,
    "IsDeleteMarker": lambda bucket, version: version.marker,
}


def _lock(version: Version, name: str) -> Any:
    return version.meta.get("lock", {}).get(name)


def _encryption(version: Version) -> str:
    sse = version.meta.get("sse", {})
    if "SSECustomerAlgorithm" in sse:
        return "SSE-C"
    names = {"aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}
    return names.get(sse.get("ServerSideEncryption", ""), "SSE-S3")


def _retained(version: Version) -> str:
    until = _lock(version, "until")
    return times.iso(until) if until else ""


def _expires(bucket: Any, version: Version) -> str:
    found = lifecycle.expiry(bucket, version)
    return times.iso(found[0]) if found else ""


_OPTIONAL: dict[str, Column] = {
    "Size": lambda bucket, version: None if version.marker else version.size,
    "LastModifiedDate": lambda bucket, version: times.iso(version.modified),
    "StorageClass": lambda bucket, version: "" if version.marker else version.storage_class,
    "ETag": lambda bucket, version: version.etag,
    "IsMultipartUploaded": lambda bucket, version: "parts" in version.meta,
    "ReplicationStatus": lambda bucket, version: "",
    "EncryptionStatus": lambda bucket, version: _encryption(version),
    "ObjectLockRetainUntilDate": lambda bucket, version: _retained(version),
    "ObjectLockMode": lambda bucket, version: _lock(version, "mode") or "",
    "ObjectLockLegalHoldStatus": lambda bucket, version: "On" if _lock(version, "hold") else "Off",
    "IntelligentTieringAccessTier": lambda bucket, version: (
        "FREQUENT" if version.storage_class == "INTELLIGENT_TIERING" else ""
    ),
    "BucketKeyStatus": lambda bucket, version: (
        "ENABLED" if version.meta.get("sse", {}).get("BucketKeyEnabled") else "DISABLED"
    ),
    "ChecksumAlgorithm": lambda bucket, version: (version.meta.get("checksum") or [""])[0],
    "ObjectAccessControlList": lambda bucket, version: "",
    "ObjectOwner": lambda bucket, version: canonical_id(bucket.account_id),
    "LifecycleExpirationDate": _expires,
}
"""AWS's optional field → what it holds. Fields that labcloud knows nothing of are empty."""


def columns_of(configuration: dict[str, Any]) -> dict[str, Column]:
    """Return an inventory's columns in AWS's order."""
    found = dict(_FIRST)
    if configuration["IncludedObjectVersions"] == "All":
        found |= _VERSIONS
    wanted = configuration.get("OptionalFields") or []
    for name in wanted:
        found[name] = _OPTIONAL.get(name, lambda bucket, version: "")
    return found


def parquet_name(column: str) -> str:
    """Return a column's name in a Parquet or ORC inventory: `LastModifiedDate` → its snake case."""
    special = {"ETag": "e_tag", "LastModifiedDate": "last_modified_date"}
    if column in special:
        return special[column]
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in column).lstrip("_")


class Inventories:
    """Writes the inventories that are due."""

    def __init__(self, engine: S3Base, buckets: Callable[[], list[Any]]) -> None:
        self._engine = engine
        self._buckets = buckets

    def run(self) -> None:
        """Write each inventory whose day has come."""
        for bucket in self._buckets():
            for configuration in of(bucket).values():
                if configuration["IsEnabled"] and self._is_due(bucket, configuration):
                    self._try(bucket, configuration)

    def _note(self, bucket: Any, configuration: dict[str, Any]) -> str:
        return f"inventory:{bucket.name}:{configuration['Id']}"

    def _is_due(self, bucket: Any, configuration: dict[str, Any]) -> bool:
        with self._engine.store.read() as reader:
            last = reader.note(self._note(bucket, configuration))
        today = times.now() // times.DAY
        return last is None or today - last >= DAYS[configuration["Schedule"]["Frequency"]]

    def _try(self, bucket: Any, configuration: dict[str, Any]) -> None:
        try:
            self.write(bucket, configuration)
        except AWSError as error:
            self._engine.cloud.log.warning("inventory of %s: %s", bucket.name, error)
            return
        with self._engine.store.change() as change:
            today = times.now() // times.DAY
            change.keep_note(self._note(bucket, configuration), today)

    def write(self, bucket: Any, configuration: dict[str, Any]) -> None:
        """Write one inventory of what is in a bucket now."""
        now = times.now()
        destination = configuration["Destination"]["S3BucketDestination"]
        prefix = destination.get("Prefix") or ""
        base = f"{prefix.rstrip('/')}/" if prefix else ""
        base += f"{bucket.name}/{configuration['Id']}"
        target = destination["Bucket"].removeprefix("arn:aws:s3:::")
        columns = columns_of(configuration)
        files = []
        for rows in self._pages(bucket, configuration, columns):
            key = f"{base}/data/{uuid.uuid4()}.{FORMATS[destination['Format']]}"
            with tempfile.TemporaryFile() as file:
                _WRITERS[destination["Format"]](file, list(columns), rows)
                files.append(self._put(target, key, file))
        self._manifest(bucket, destination, base, target, list(columns), files, now)

    def _pages(
        self, bucket: Any, configuration: dict[str, Any], columns: dict[str, Column]
    ) -> Iterator[list[list[Any]]]:
        rows: list[list[Any]] = []
        for version in self._versions(bucket, configuration):
            rows.append([column(bucket, version) for column in columns.values()])
            if len(rows) == ROWS:
                yield rows
                rows = []
        if rows:
            yield rows

    def _versions(self, bucket: Any, configuration: dict[str, Any]) -> Iterator[Version]:
        prefix = (configuration.get("Filter") or {}).get("Prefix") or ""
        every = configuration["IncludedObjectVersions"] == "All"
        only = "" if every else "AND latest = 1 AND marker = 0"
        with self._engine.store.read() as reader:
            cursor = reader.connection.execute(
                f"SELECT {COLUMNS} FROM versions WHERE bucket = ? AND key >= ? {only} "
                "ORDER BY key, id DESC",
                (bucket.name, prefix.encode()),
            )
            for row in cursor:
                if not row[2].startswith(prefix.encode()):
                    return
                yield version_of(row)

    def _put(self, bucket: str, key: str, file: Any) -> dict[str, Any]:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        file.seek(0)
        self._engine.cloud.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": file})
        return {"key": key, "size": size, "MD5checksum": digest}

    def _manifest(
        self, bucket: Any, destination: dict[str, Any], base: str, target: str,
        columns: list[str], files: list[dict[str, Any]], now: int,
    ) -> None:  # fmt: skip
        moment = times.to_datetime(now)
        manifest = {
            "sourceBucket": bucket.name,
            "destinationBucket": destination["Bucket"],
            "version": "2016-11-30",
            "creationTimestamp": str(now),
            "fileFormat": destination["Format"],
            "fileSchema": _schema(destination["Format"], columns),
            "files": files,
        }
        text = json.dumps(manifest, indent=2)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        links = "\n".join(f"s3://{target}/{file['key']}" for file in files)
        folder = f"{base}/{moment:%Y-%m-%dT%H-%MZ}"
        self._put_text(target, f"{folder}/manifest.json", text)
        self._put_text(target, f"{folder}/manifest.checksum", digest)
        self._put_text(target, f"{base}/hive/dt={_partition(moment)}/symlink.txt", links)

    def _put_text(self, bucket: str, key: str, text: str) -> None:
        request = {"Bucket": bucket, "Key": key, "Body": text.encode()}
        self._engine.cloud.call("s3", "PutObject", request)


def _partition(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d-%H-%M}"


def _schema(format_: str, columns: list[str]) -> str:
    if format_ == "CSV":
        return ", ".join(columns)
    kinds = {"Size": "int64", "IsLatest": "boolean", "IsDeleteMarker": "boolean",
             "IsMultipartUploaded": "boolean"}  # fmt: skip
    fields = "; ".join(
        f"optional {kinds.get(name, 'binary')} {parquet_name(name)}"
        + ("" if name in kinds else " (UTF8)")
        for name in columns
    )
    return f"message s3.inventory {{ {fields}; }}"


def _write_csv(file: IO[bytes], columns: list[str], rows: list[list[Any]]) -> None:
    with gzip.open(file, "wt", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            writer.writerow([_csv_text(value) for value in row])


def _csv_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _table(columns: list[str], rows: list[list[Any]]) -> Any:
    import pyarrow

    by_column = zip(*rows, strict=True)
    arrays = {
        parquet_name(name): list(values) for name, values in zip(columns, by_column, strict=True)
    }
    return pyarrow.table(arrays)


def _write_parquet(file: IO[bytes], columns: list[str], rows: list[list[Any]]) -> None:
    import pyarrow.parquet

    pyarrow.parquet.write_table(_table(columns, rows), file)


def _write_orc(file: IO[bytes], columns: list[str], rows: list[list[Any]]) -> None:
    import pyarrow.orc

    pyarrow.orc.write_table(_table(columns, rows), file)


_WRITERS: dict[str, Callable[[IO[bytes], list[str], list[list[Any]]], None]] = {
    "CSV": _write_csv,
    "Parquet": _write_parquet,
    "ORC": _write_orc,
}
