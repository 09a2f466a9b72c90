"""Apache Iceberg by pyiceberg, with S3 and Glue reached through the worker's link.

Its files are read where their bodies are and written by PutObject; its commits are Glue's
UpdateTable, so that what another client committed meanwhile is seen.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pyiceberg.catalog.glue import GlueCatalog as IcebergGlue
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.io import FileIO, InputFile, OutputFile
from pyiceberg.table import Table

from labcloud.engines.athena.tables.files import split_uri
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.errors import AWSError
from labcloud.trino.errors import TrinoError

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Link, Work


class _Input(InputFile):
    def __init__(self, location: str, link: Link) -> None:
        super().__init__(location)
        self._link = link

    def _head(self) -> dict[str, Any]:
        bucket, key = split_uri(self.location)
        return self._link.call("s3", "HeadObject", {"Bucket": bucket, "Key": key})

    def __len__(self) -> int:
        return int(self._head()["ContentLength"])

    def exists(self) -> bool:
        """Return whether the object is there."""
        try:
            self._head()
        except AWSError:
            return False
        return True

    def open(self, seekable: bool = True) -> Any:
        """Return the object's bytes as a file. Raises FileNotFoundError."""
        bucket, key = split_uri(self.location)
        try:
            return open(self._link.bodies(bucket, [key])[0], "rb")
        except AWSError as error:
            raise FileNotFoundError(f"{self.location}: {error.message}") from None


class _Upload:
    """A file that becomes an object when it is closed."""

    def __init__(self, path: Path, done: Callable[[], None]) -> None:
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115
        self._done = done

    def write(self, data: bytes) -> int:
        """Write bytes."""
        return self._file.write(data)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def flush(self) -> None:
        """Do nothing before the end."""

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._file.closed

    def close(self) -> None:
        """Put the object."""
        if not self._file.closed:
            self._file.close()
            self._done()

    def __enter__(self) -> _Upload:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()


class _Output(OutputFile):
    def __init__(self, location: str, link: Link, spill: Path) -> None:
        super().__init__(location)
        self._link = link
        self._spill = spill

    def __len__(self) -> int:
        return len(self.to_input_file())

    def exists(self) -> bool:
        """Return whether the object is there."""
        return self.to_input_file().exists()

    def to_input_file(self) -> InputFile:
        """Return the object for reading."""
        return _Input(self.location, self._link)

    def create(self, overwrite: bool = False) -> Any:
        """Return a file to write the object into. Raises FileExistsError."""
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        path = self._spill / uuid.uuid4().hex
        bucket, key = split_uri(self.location)

        def done() -> None:
            self._link.put_file(bucket, key, str(path))
            path.unlink(missing_ok=True)

        return _Upload(path, done)


class LinkFileIO(FileIO):
    """Iceberg's files, as objects of S3 behind the worker's link."""

    def __init__(self, link: Link, spill: Path) -> None:
        super().__init__({})
        self._link = link
        self._spill = spill

    def new_input(self, location: str) -> InputFile:
        """Return a file to read."""
        return _Input(location, self._link)

    def new_output(self, location: str) -> OutputFile:
        """Return a file to write."""
        return _Output(location, self._link, self._spill)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete a file; one that is gone already is no error."""
        place = location if isinstance(location, str) else location.location
        bucket, key = split_uri(place)
        self._link.call("s3", "DeleteObject", {"Bucket": bucket, "Key": key})


class _Exceptions:
    """boto3's exceptions of a client, by name."""

    def __init__(self) -> None:
        self._made: dict[str, type[Exception]] = {}

    def __getattr__(self, name: str) -> type[Exception]:
        return self._made.setdefault(name, type(name, (Exception,), {}))


class _GlueClient:
    """What pyiceberg asks of boto3's Glue client."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.exceptions = _Exceptions()

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.capitalize() for part in name.split("_"))

        def call(**request: Any) -> dict[str, Any]:
            try:
                return self._link.call("glue", operation, request)
            except AWSError as error:
                raise getattr(self.exceptions, error.code)(error.message) from None

        return call


class Catalog(IcebergGlue):
    """pyiceberg's own Glue catalog, over the worker's link."""

    def __init__(self, link: Link, spill: Path) -> None:
        super().__init__("awsdatacatalog", client=_GlueClient(link))
        self._file_io = LinkFileIO(link, spill)

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        return self._file_io


def catalog_of(work: Work) -> Catalog:
    """Return the Iceberg catalog of a statement."""
    return Catalog(work.link, work.spill)


def load(handle: GlueTable, work: Work) -> Table:
    """Return an Iceberg table as it is now. Raises TrinoError where it cannot be read."""
    try:
        return catalog_of(work).load_table((handle.database, handle.name))
    except NoSuchTableError:
        raise TrinoError(
            "TABLE_NOT_FOUND", f"Table '{handle.database}.{handle.name}' does not exist"
        ) from None
    except (FileNotFoundError, ValueError) as error:
        raise TrinoError("ICEBERG_INVALID_METADATA", str(error)) from None


def committed(change: Callable[[], Any]) -> Any:
    """Run what commits. Raises TrinoError ICEBERG_COMMIT_ERROR where another was faster."""
    try:
        return change()
    except CommitFailedException as error:
        text = re.sub(r"\s+", " ", str(error))
        raise TrinoError(
            "ICEBERG_COMMIT_ERROR", f"Failed to commit Iceberg update to table: {text}"
        ) from None
