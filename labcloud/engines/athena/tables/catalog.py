"""Names in SQL → tables and views of the Glue Data Catalog."""

from __future__ import annotations

import base64
import json
from typing import Any

from labcloud.engines.athena.tables import information
from labcloud.engines.athena.tables.files import Caller, split_uri
from labcloud.engines.athena.tables.glue_types import from_hive
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.errors import AWSError
from labcloud.trino.catalog import Table, TableColumn, View
from labcloud.trino.errors import TrinoError
from labcloud.trino.types import BIGINT, VARCHAR, Type, timestamp_tz

CATALOG = "awsdatacatalog"

HIDDEN: list[tuple[str, Type]] = [
    ("$path", VARCHAR),
    ("$file_size", BIGINT),
    ("$file_modified_time", timestamp_tz(3)),
    ("$partition", VARCHAR),
]
"""Columns that every table of files has and `*` leaves out."""

METADATA_TABLES = ("history", "snapshots", "files", "manifests", "partitions", "refs")
"""Metadata tables of an Iceberg table, read as "table$history"."""

VIEW_HEAD, VIEW_TAIL = "/* Presto View: ", " */"


class GlueCatalog:
    """The catalog that a query sees; it asks Glue once for each name."""

    def __init__(self, link: Caller, database: str, catalog: str = CATALOG) -> None:
        self._link = link
        self._database = database
        self._catalog = catalog
        self._known: dict[tuple[str, str], Table | View | None] = {}

    def full_name(self, name: tuple[str, ...]) -> tuple[str, str, str]:
        """Return catalog, database and table of a name that may leave out the first ones."""
        parts = [part.lower() for part in name]
        if len(parts) > 3:
            raise TrinoError("SYNTAX_ERROR", f"Too many dots in table name: {'.'.join(parts)}")
        whole = [self._catalog, self._database, ""][: 3 - len(parts)] + parts
        return whole[0], whole[1], whole[2]

    def default_name(self, name: tuple[str, ...]) -> str:
        """Return the whole name, as messages print it."""
        return ".".join(self.full_name(name))

    def has_schema(self, name: tuple[str, ...]) -> bool:
        """Return whether the database of a table's name exists."""
        _, database, _ = self.full_name(name)
        if database == "information_schema":
            return True
        try:
            self._link.call("glue", "GetDatabase", {"Name": database})
        except AWSError:
            return False
        return True

    def resolve(self, name: tuple[str, ...]) -> Table | View | None:
        """Return the table or view of that name, or None where there is none."""
        _, database, table = self.full_name(name)
        key = (database, table)
        if key not in self._known:
            self._known[key] = self._load(database, table)
        return self._known[key]

    def forget(self) -> None:
        """Ask Glue again from now on; after a statement that changes tables."""
        self._known.clear()

    def _load(self, database: str, table: str) -> Table | View | None:
        if database == "information_schema":
            return information.table(self._catalog, table)
        name, dollar, kind = table.partition("$")
        if dollar:
            return self._metadata(database, name, kind)
        try:
            answer = self._link.call("glue", "GetTable", {"DatabaseName": database, "Name": table})
        except AWSError as error:
            if error.code == "EntityNotFoundException":
                return None
            raise
        handle = GlueTable(answer["Table"])
        if handle.is_iceberg:
            handle = with_zones(handle, self._link)
        if handle.is_view:
            return _view(handle)
        return as_table(handle)

    def _metadata(self, database: str, name: str, kind: str) -> Table | None:
        found = self.resolve((database, name))
        if not isinstance(found, Table) or not isinstance(found.handle, GlueTable):
            return None
        if kind == "partitions" and not found.handle.is_iceberg:
            handle = information.HivePartitions(found.handle)
            return Table((CATALOG, database, f"{name}${kind}"), handle.columns, handle)
        if found.handle.is_iceberg and kind in METADATA_TABLES:
            from labcloud.engines.athena.tables.iceberg_metadata import IcebergMetadata

            metadata = IcebergMetadata(found.handle, kind)
            return Table((CATALOG, database, f"{name}${kind}"), metadata.columns, metadata)
        return None


def with_zones(handle: GlueTable, link: Caller) -> GlueTable:
    """Return an Iceberg table with timestamps that have a zone where its own schema says so.

    Glue's columns do not tell: pyiceberg and Spark write `timestamp` for both.
    """
    columns = handle.storage.get("Columns") or ()
    location = handle.parameters.get("metadata_location")
    if location is None or not any(c.get("Type") == "timestamp" for c in columns):
        return handle
    bucket, key = split_uri(location)
    try:
        body = link.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    except AWSError:
        return handle  # the reader says what is wrong with it
    metadata = json.loads(body if isinstance(body, bytes) else body.read())
    current = metadata.get("current-schema-id")
    known = [s for s in metadata.get("schemas", ()) if s["schema-id"] == current]
    schema: dict[str, Any] = known[0] if known else {}
    zoned = {f["name"].lower() for f in schema.get("fields", ()) if f["type"] == "timestamptz"}
    changed = [{**c, "Type": "timestamptz"} if c["Name"].lower() in zoned else c for c in columns]
    return GlueTable({**handle.glue, "StorageDescriptor": {**handle.storage, "Columns": changed}})


def as_table(handle: GlueTable) -> Table:
    """Return what the analyzer needs to know of a table."""
    names = [name for name, _ in (*handle.columns, *handle.partition_keys)]
    if len(set(names)) < len(names):
        # What a crawler makes of files with a column named as a folder's key.
        raise TrinoError(
            "HIVE_INVALID_METADATA",
            f"Hive metadata for table {handle.name} is invalid: Table descriptor contains "
            "duplicate columns",
        )
    columns = [TableColumn(name, kind) for name, kind in handle.columns]
    columns += [TableColumn(name, kind) for name, kind in handle.partition_keys]
    columns += [TableColumn(name, kind, hidden=True) for name, kind in HIDDEN]
    return Table((CATALOG, handle.database, handle.name), columns, handle)


def encode_view(sql: str, columns: list[tuple[str, Type]], database: str) -> str:
    """Return ViewOriginalText as Athena writes it: a comment with JSON in Base64."""
    definition = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": database,
        "columns": [{"name": name, "type": str(kind)} for name, kind in columns],
    }
    packed = base64.b64encode(json.dumps(definition).encode()).decode()
    return f"{VIEW_HEAD}{packed}{VIEW_TAIL}"


def decode_view(text: str) -> dict[str, Any]:
    """Return the definition in a ViewOriginalText; plain SQL is a definition with only that."""
    text = text.strip()
    if not text.startswith(VIEW_HEAD):
        return {"originalSql": text}
    packed = text.removeprefix(VIEW_HEAD).removesuffix(VIEW_TAIL.strip()).strip()
    try:
        found = json.loads(base64.b64decode(packed))
    except ValueError as error:
        raise TrinoError("INVALID_VIEW", f"The view's definition cannot be read: {error}") from None
    return dict(found)


def _view(handle: GlueTable) -> View:
    definition = decode_view(handle.glue.get("ViewOriginalText") or "")
    columns = [
        TableColumn(name.lower(), from_hive(kind))
        for name, kind in (
            (c["Name"], c.get("Type") or "string") for c in handle.storage.get("Columns") or ()
        )
    ]
    return View(
        (CATALOG, handle.database, handle.name),
        definition["originalSql"],
        columns,
        definition.get("catalog") or CATALOG,
        definition.get("schema") or handle.database,
    )
