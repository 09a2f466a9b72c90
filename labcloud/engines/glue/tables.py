"""Tables of the Data Catalog: made, read, changed, removed."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import avro_schemas, codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, Row, creator, given
from labcloud.engines.glue.indexes import checked_index, keep_index
from labcloud.engines.glue.paging import key_of, token_of
from labcloud.errors import AWSError
from labcloud.inprocess import moto_call

PAGE = 100

_STORAGE = {
    "Compressed": False,
    "NumberOfBuckets": 0,
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}
"""What a storage descriptor has where the request leaves it out."""


def with_storage(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return a table's or partition's input with the whole storage descriptor Glue shows."""
    if wanted.get("StorageDescriptor") is None:
        return dict(wanted)
    return {**wanted, "StorageDescriptor": {**_STORAGE, **wanted["StorageDescriptor"]}}


class TableOperations(GlueBase):
    """CreateTable, GetTable(s), UpdateTable, DeleteTable, BatchDeleteTable."""

    def create_table(self, request: Request, context: Context) -> Answer:
        """Add a table; its name is folded to lower case.

        `OpenTableFormatInput` makes an Iceberg table with its metadata in Amazon S3. Raises
        `AlreadyExistsException`, `EntityNotFoundException` for the database.
        """
        scope = self.scope(request, context)
        wanted = self._wanted(request, scope, context)
        name = wanted["Name"].lower()
        with self.store.change() as db:
            where, home = self.home(db, scope, request["DatabaseName"])
            body = {
                "PartitionKeys": [],
                "Retention": 0,
                **with_storage(wanted),
                "Name": name,
                "DatabaseName": home,
                "CreateTime": codec.now(),
                "UpdateTime": codec.now(),
                "CreatedBy": creator(context),
                "IsRegisteredWithLakeFormation": False,
                "IsMultiDialectView": _multi_dialect(wanted),
                "CatalogId": request.get("CatalogId") or context.account,
                "VersionId": "0",
            }
            cursor = db.execute(
                "INSERT OR IGNORE INTO tables (scope, db, name, version, body) "
                "VALUES (?, ?, ?, 0, ?)",
                (where, home, name, codec.encode(body)),
            )
            if not cursor.rowcount:
                raise errors.exists("Table")
            assert cursor.lastrowid is not None
            for index in request.get("PartitionIndexes") or ():
                keep_index(db, cursor.lastrowid, checked_index(db, cursor.lastrowid, body, index))
        return {}

    def _wanted(self, request: Request, scope: str, context: Context) -> dict[str, Any]:
        """Return the table's input, from the open table format's where that is given."""
        wanted = request.get("TableInput")
        iceberg = (request.get("OpenTableFormatInput") or {}).get("IcebergInput")
        if iceberg is None:
            if wanted is None:
                raise errors.invalid("TableInput cannot be null.")
            return self._referring(dict(wanted), context)
        from labcloud.engines.glue import open_tables

        name = wanted["Name"] if wanted else request.get("Name")
        if not name:
            raise errors.invalid("Table name cannot be null.")
        with self.store.read() as db:
            if self.find_row(db, scope, request["DatabaseName"], name) is not None:
                raise errors.exists("Table")
            self.database(db, scope, request["DatabaseName"])
        return open_tables.create(
            self.cloud, context, iceberg, {**(wanted or {}), "Name": name.lower()}
        )

    def _shown(self, table: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a table with its columns; without them where its schema is gone."""
        try:
            return self.resolved(table, context)
        except (AWSError, ValueError):
            return table

    def _listed(self, text: str, context: Context) -> str:
        if '"SchemaReference"' not in text:
            return text
        return codec.encode(self._shown(codec.plain(text), context))

    def _referring(self, wanted: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a table's input whose schema reference, if it has one, leads to a schema."""
        try:
            self.resolved(wanted, context)
        except ValueError as error:
            raise errors.invalid(f"The schema has no columns: {error}") from error
        return wanted

    def get_table(self, request: Request, context: Context) -> Answer:
        """Return a table. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["Name"])
        return {"Table": self._shown(codec.decode(row.text, "Table"), context)}

    def resolved(self, table: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a table with the columns of the schema that it refers to, if it does.

        Source: https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaReference.html
        """
        storage = table.get("StorageDescriptor") or {}
        reference = storage.get("SchemaReference")
        if not reference or storage.get("Columns"):
            return table
        asked: dict[str, Any] = given(reference, "SchemaId", "SchemaVersionId")
        if number := reference.get("SchemaVersionNumber"):
            asked["SchemaVersionNumber"] = {"VersionNumber": number}
        elif "SchemaVersionId" not in asked:
            asked["SchemaVersionNumber"] = {"LatestVersion": True}
        inside = Context("glue", "GetSchemaVersion", context.account, context.region)
        version = moto_call(self.cloud, inside, asked)
        columns = avro_schemas.columns(version["DataFormat"], version["SchemaDefinition"])
        return {**table, "StorageDescriptor": {**storage, "Columns": columns}}

    def get_tables(self, request: Request, context: Context) -> Answer:
        """Return a page of a database's tables by name, those that `Expression` matches."""
        scope = self.scope(request, context)
        fits = name_pattern(request.get("Expression"))
        size = request.get("MaxResults") or PAGE
        after = str(key_of(request.get("NextToken"), str) or "")
        found: list[str] = []
        last = ""
        token = None
        with self.store.read() as db:
            where, home = self.home(db, scope, request["DatabaseName"])
            for name, text in db.execute(
                "SELECT name, body FROM tables WHERE scope = ? AND db = ? AND name > ? "
                "ORDER BY name",
                (where, home, after),
            ):
                if fits is not None and not fits.fullmatch(name):
                    continue
                if len(found) == size:
                    token = token_of(last)
                    break
                found.append(text)
                last = name
        found = [self._listed(text, context) for text in found]
        if wanted := request.get("AttributesToGet"):
            found = [_only(text, wanted) for text in found]
        return codec.listing(context, "TableList", "Table", found, NextToken=token)

    def update_table(self, request: Request, context: Context) -> Answer:
        """Replace what is known of a table; its old state becomes a version.

        Raises `ConcurrentModificationException` where `VersionId` is not the present version
        (its words: https://github.com/apache/iceberg/issues/8636).
        """
        scope = self.scope(request, context)
        wanted = request.get("TableInput")
        name = request.get("Name") or (wanted or {}).get("Name")
        if not name:
            raise errors.invalid("TableInput cannot be null.")
        if (given_update := request.get("UpdateOpenTableFormatInput")) is not None:
            wanted = self._iceberg_update(request, scope, name, given_update, context)
        assert wanted is not None
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], name)
            _check_version(row, request.get("VersionId"))
            if not request.get("SkipArchive"):
                db.execute(
                    "INSERT INTO versions (owner, version, body) VALUES (?, ?, ?)",
                    (row.id, row.version, row.text),
                )
            self._replace(db, row, wanted)
        return {}

    @staticmethod
    def _replace(db: sqlite3.Connection, row: Row, wanted: dict[str, Any]) -> None:
        old = row.table()
        new = wanted.get("Name", old["Name"]).lower()
        body = {
            "PartitionKeys": [],
            "Retention": 0,
            **with_storage(wanted),
            **given(
                old, "DatabaseName", "CreateTime", "CreatedBy", "IsRegisteredWithLakeFormation",
                "CatalogId",
            ),
            "Name": new,
            "UpdateTime": codec.now(),
            "IsMultiDialectView": _multi_dialect(wanted),
            "VersionId": str(row.version + 1),
        }  # fmt: skip
        try:
            db.execute(
                "UPDATE tables SET name = ?, version = ?, body = ? WHERE id = ?",
                (new, row.version + 1, codec.encode(body), row.id),
            )
        except sqlite3.IntegrityError:
            raise errors.exists("Table") from None
        if new != old["Name"]:
            db.execute(
                "UPDATE partitions SET body = json_set(body, '$.TableName', ?) WHERE owner = ?",
                (new, row.id),
            )

    def _iceberg_update(
        self, request: Request, scope: str, name: str, wanted: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        from labcloud.engines.glue import open_tables

        with self.store.read() as db:
            table = self.row(db, scope, request["DatabaseName"], name).table()
        return open_tables.update(
            self.cloud, context, table, wanted.get("UpdateIcebergInput") or {}
        )

    def delete_table(self, request: Request, context: Context) -> Answer:
        """Remove a table with its versions, partitions, indexes and statistics."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], request["Name"])
            db.execute("DELETE FROM tables WHERE id = ?", (row.id,))
        return {}

    def batch_delete_table(self, request: Request, context: Context) -> Answer:
        """Remove tables; those that are not there are reported one by one.

        Source of the entry's words: https://github.com/floci-io/floci/issues/1203 (AWS's answer).
        """
        scope = self.scope(request, context)
        failed = []
        with self.store.change() as db:
            self.database(db, scope, request["DatabaseName"])
            for name in request["TablesToDelete"]:
                row = self.find_row(db, scope, request["DatabaseName"], name)
                if row is None:
                    error = errors.not_found(f"Table {name} not found")
                    failed.append({"TableName": name, "ErrorDetail": errors.detail(error)})
                else:
                    db.execute("DELETE FROM tables WHERE id = ?", (row.id,))
        return {"Errors": failed}


def _check_version(row: Row, expected: str | None) -> None:
    if expected is not None and expected != str(row.version):
        raise errors.concurrent("Update table failed due to concurrent modifications.")


def _multi_dialect(wanted: dict[str, Any]) -> bool:
    return bool((wanted.get("ViewDefinition") or {}).get("Representations"))


def name_pattern(expression: str | None) -> re.Pattern[str] | None:
    """Return what matches the names that `Expression` means, None for all of them.

    It is a regular expression of the whole name; a `*` with nothing before it to repeat, or after
    a letter, stands for any text, as Hive's clients and awswrangler (`prefix*`, `*part*`) use it.
    """
    if not expression:
        return None
    pattern = re.sub(r"(?<![.\])}\\])\*", ".*", expression)
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise errors.invalid(f"Invalid regular expression: {expression}") from error


def _only(text: str, wanted: list[str]) -> str:
    kept = ["Name", "DatabaseName", "CatalogId"]
    if "NAME" not in wanted:
        raise errors.invalid("AttributesToGet must include NAME.")
    if "TABLE_TYPE" in wanted:
        kept.append("TableType")
    return codec.encode(given(codec.plain(text), *kept))
