"""Results as objects in Amazon S3, or in Athena's own storage: written once, read page by page.

A page's token is a place in the file, so a result of any size is read from where the last page
ended. Source: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena import metadata
from labcloud.engines.athena.errors import invalid
from labcloud.engines.athena.executions import Execution
from labcloud.engines.athena.job import Outcome
from labcloud.engines.athena.locations import split
from labcloud.engines.athena.paging import token_of, untoken
from labcloud.errors import AWSError
from labcloud.http import BLOCK, FileBody

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

BINARY, APPLICATION = "binary/octet-stream", "application/octet-stream"

_UPDATES = {
    "INSERT": "INSERT",
    "UPDATE": "UPDATE",
    "DELETE": "DELETE",
    "MERGE": "MERGE",
    "UNLOAD": "UNLOAD",
    "CREATE_TABLE_AS_SELECT": "CREATE TABLE",
}
"""What Trino calls the statements that write, in the `.metadata` file."""


class FileUpload:
    """A file on disk as a payload that an operation reads in blocks."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 (closed by close)
        self.length: int | None = os.fstat(self._file.fileno()).st_size

    def read(self, n: int = -1, /) -> bytes:
        """Return up to `n` bytes."""
        return self._file.read(n) or b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def put_file(cloud: Cloud, request: dict[str, Any], path: str, place: dict[str, str]) -> Any:
    """Put a file as an object, by PutObject."""
    upload = FileUpload(path)
    try:
        return cloud.call("s3", "PutObject", {**request, "Body": upload}, **place)
    finally:
        upload.close()


class Results:
    """Writes and reads the results of executions."""

    def __init__(self, cloud: Cloud, directory: Path) -> None:
        self._cloud = cloud
        self._managed = directory

    # ---- writing

    def write(self, execution: Execution, outcome: Outcome) -> None:
        """Put a result where it belongs. Raises AWSError where S3 does not take it."""
        if execution.managed is not None:
            self._write_managed(execution, outcome)
            return
        if _has_text(execution):
            self._put(execution, "", outcome.data if outcome.path is None else outcome.path)
        if outcome.columns:
            self._put(execution, ".metadata", self._metadata(execution, outcome))
        if outcome.manifest is not None:
            self._put(execution, "-manifest.csv", _lines(outcome.manifest))
            execution.manifest = f"{execution.output}-manifest.csv"

    def write_failure(self, execution: Execution) -> None:
        """Put the reason of a failed DDL or utility statement where its result would be."""
        kind = execution.kind
        if kind.ending != ".txt" or kind.type == "DML" or execution.managed is not None:
            return
        reason = execution.reason or ""
        text = reason if reason.startswith("FAILED: ") else f"FAILED: {reason}"
        self._put(execution, "", text.encode(), APPLICATION)

    def _metadata(self, execution: Execution, outcome: Outcome) -> bytes:
        update = _UPDATES.get(execution.kind.subtype or "")
        described = execution.kind.subtype in ("DESCRIBE_TABLE", "SHOW_CREATE_TABLE")
        return metadata.encode(
            execution.id if described else execution.engine_id,
            outcome.columns,
            update,
            outcome.update_count if update else None,
        )

    def _put(
        self, execution: Execution, ending: str, data: bytes | str, kind: str | None = None
    ) -> None:
        bucket, key = split(execution.output)
        if kind is None:
            kind = APPLICATION if execution.kind.type == "DML" else BINARY
        request = {"Bucket": bucket, "Key": f"{key}{ending}", "ContentType": kind}
        request |= put_options(execution.results)
        place = {"account": execution.account, "region": execution.region}
        if isinstance(data, str):
            put_file(self._cloud, request, data, place)
            Path(data).unlink(missing_ok=True)
        else:
            self._cloud.call("s3", "PutObject", {**request, "Body": data}, **place)

    def _write_managed(self, execution: Execution, outcome: Outcome) -> None:
        self._managed.mkdir(parents=True, exist_ok=True)
        target = self._managed / execution.id
        if outcome.manifest is not None:
            (self._managed / f"{execution.id}-manifest").write_bytes(_lines(outcome.manifest))
        if outcome.path is not None:
            os.replace(outcome.path, target)
        elif _has_text(execution):
            target.write_bytes(outcome.data)

    def share(self, earlier: Execution, execution: Execution) -> None:
        """Give an execution the managed result of an earlier one."""
        if earlier.managed is not None:
            os.link(self._managed / earlier.id, self._managed / execution.id)

    def forget(self, ids: list[str]) -> None:
        """Remove managed results."""
        for id_ in ids:
            for file in (self._managed / id_, self._managed / f"{id_}-manifest"):
                file.unlink(missing_ok=True)

    def forget_older(self, before: float) -> None:
        """Remove the managed results that were written before a time."""
        if not self._managed.is_dir():
            return
        for file in self._managed.iterdir():
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)

    # ---- reading

    def exists(self, execution: Execution) -> bool:
        """Return whether a result can still be read."""
        try:
            self._body(execution)
        except AWSError:
            return False
        return True

    def page(
        self, execution: Execution, token: str | None, limit: int
    ) -> tuple[list[list[str | None]], str | None]:
        """Return up to `limit` rows of a result, from the token on, and the next token.

        A page that is full has a token, also where nothing follows, as on the service.
        """
        if not _has_text(execution):
            return [], None
        body = self._body(execution)
        start = 0
        if token is not None:
            place = untoken(token) or ""
            if not place.isdigit() or int(place) > body.length + 1:
                raise invalid(f"Malformed nextPageToken {token}")
            start = int(place)
        read = _csv_rows if execution.kind.ending == ".csv" else _text_rows
        rows: list[list[str | None]] = []
        with open(body.path, "rb", buffering=0) as file:
            for row, following in read(file, start):
                rows.append(row)
                if len(rows) == limit:
                    return rows, token_of(str(following))
        return rows, None

    def manifest(self, execution: Execution) -> list[list[str | None]]:
        """Return the addresses of the files that a statement wrote, one a row."""
        if execution.managed is not None:
            file = self._managed / f"{execution.id}-manifest"
            data = file.read_bytes() if file.exists() else b""
        elif execution.manifest is not None:
            data = self._object(execution, execution.manifest).read()
        else:
            data = b""
        return [[line] for line in data.decode().splitlines()]

    def _body(self, execution: Execution) -> FileBody:
        if execution.managed is not None:
            file = self._managed / execution.id
            if not file.exists():
                raise _gone()
            return FileBody(str(file), 0, file.stat().st_size)
        return self._object(execution, execution.output)

    def _object(self, execution: Execution, uri: str) -> FileBody:
        bucket, key = split(uri)
        try:
            found = self._cloud.call(
                "s3",
                "GetObject",
                {"Bucket": bucket, "Key": key},
                account=execution.account,
                region=execution.region,
            )
        except AWSError:
            raise _gone() from None
        body = found["Body"]
        return body if isinstance(body, FileBody) else FileBody(os.devnull, 0, 0)


def _has_text(execution: Execution) -> bool:
    """Return whether a statement's result is text; statements that write rows have none."""
    return execution.kind.header or execution.kind.ending == ".txt"


def _gone() -> AWSError:
    return invalid("Could not find results", "RESULT_NOT_FOUND")


def _lines(uris: list[str]) -> bytes:
    return "".join(f"{uri}\n" for uri in uris).encode()


def put_options(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the members of PutObject that a ResultConfiguration asks for."""
    options: dict[str, Any] = {}
    encryption = configuration.get("EncryptionConfiguration") or {}
    if encryption.get("EncryptionOption") == "SSE_S3":
        options["ServerSideEncryption"] = "AES256"
    elif encryption.get("EncryptionOption") == "SSE_KMS":
        options["ServerSideEncryption"] = "aws:kms"
        options["SSEKMSKeyId"] = encryption.get("KmsKey")
    if configuration.get("ExpectedBucketOwner"):
        options["ExpectedBucketOwner"] = configuration["ExpectedBucketOwner"]
    if (configuration.get("AclConfiguration") or {}).get("S3AclOption"):
        options["ACL"] = "bucket-owner-full-control"
    return options


_VALUE = re.compile(rb'(?:"([^"]*(?:""[^"]*)*)")?([,\n])')


def _csv_rows(file: Any, start: int) -> Iterator[tuple[list[str | None], int]]:
    """Yield each row from `start` on with the place where the next one begins."""
    file.seek(start)
    data, position, row_start = b"", 0, 0
    row: list[str | None] = []
    while True:
        found = _VALUE.match(data, position)
        if found is None:
            more = file.read(BLOCK)
            if not more:
                return
            data, start = data[row_start:] + more, start + row_start
            position, row_start, row = 0, 0, []
            continue
        value = found[1]
        row.append(None if value is None else value.replace(b'""', b'"').decode())
        position = found.end()
        if found[2] == b"\n":
            row_start = position
            yield row, start + position
            row = []


def _text_rows(file: Any, start: int) -> Iterator[tuple[list[str | None], int]]:
    """Yield the lines of a text; the last one needs no end, an empty text has none."""
    file.seek(0, os.SEEK_END)
    size = file.tell()
    if start > size or size == 0:
        return
    file.seek(start)
    data = file.read(size - start)
    for line in data.split(b"\n"):
        start += len(line) + 1
        yield [line.decode("utf-8", "replace")], start
