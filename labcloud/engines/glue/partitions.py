"""Partitions of tables: one by one, in batches, and filtered by an expression.

A page of GetPartitions reads the index of values from where the last page ended, so a table may
have a hundred thousand partitions.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, Row
from labcloud.engines.glue.paging import key_of, token_of
from labcloud.engines.glue.partitions_expression import compile_filter
from labcloud.engines.glue.tables import with_storage
from labcloud.errors import AWSError

PAGE = 1000
_MANY = 500
"""Rows asked for in one statement."""


def key(values: Sequence[str]) -> str:
    """Return a partition's values as the database has them."""
    return codec.encode(list(values))


class PartitionOperations(GlueBase):
    """Create, Get, Update and DeletePartition, and their batches."""

    def create_partition(self, request: Request, context: Context) -> Answer:
        """Add a partition. Raises `AlreadyExistsException`, `EntityNotFoundException`."""
        with self._owner(request, context) as (db, row, table):
            _check_values(table, request["PartitionInput"])
            if not _add(db, row, [_body(table, request["PartitionInput"])]):
                raise errors.exists("Partition")
        return {}

    def batch_create_partition(self, request: Request, context: Context) -> Answer:
        """Add partitions; those that are there already are reported one by one."""
        failed = []
        with self._owner(request, context) as (db, row, table):
            for wanted in request["PartitionInputList"]:
                _check_values(table, wanted)
            for wanted in request["PartitionInputList"]:
                if not _add(db, row, [_body(table, wanted)]):
                    failed.append(_failure(wanted.get("Values") or [], errors.exists("Partition")))
        return {"Errors": failed}

    def get_partition(self, request: Request, context: Context) -> Answer:
        """Return a partition by its values. Raises `EntityNotFoundException`."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            found = db.execute(
                "SELECT body FROM partitions WHERE owner = ? AND vals = ?",
                (row.id, key(request["PartitionValues"])),
            ).fetchone()
        if found is None:
            raise errors.no_partition()
        return {"Partition": codec.decode(found[0], "Partition")}

    def batch_get_partition(self, request: Request, context: Context) -> Answer:
        """Return the partitions with these values; those that are not there are left out."""
        scope = self.scope(request, context)
        wanted = [key(one["Values"]) for one in request["PartitionsToGet"]]
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            found = dict(_select(db, "vals, body", "owner = ? AND vals", wanted, [row.id]))
        texts = [found[one] for one in dict.fromkeys(wanted) if one in found]
        return codec.listing(context, "Partitions", "Partition", texts, UnprocessedKeys=[])

    def get_partitions(self, request: Request, context: Context) -> Answer:
        """Return a page of a table's partitions by their values, those that are asked for."""
        texts, token = self.partition_page(request, context)
        if request.get("ExcludeColumnSchema"):
            texts = [_without_columns(text) for text in texts]
        return codec.listing(context, "Partitions", "Partition", texts, NextToken=token)

    def partition_page(self, request: Request, context: Context) -> tuple[list[str], str | None]:
        """Return the stored texts of a page of partitions, and the next page's token."""
        scope = self.scope(request, context)
        size = request.get("MaxResults") or PAGE
        after = str(key_of(request.get("NextToken"), str) or "")
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            ids: list[int] = []
            last = ""
            for number, values in _chosen(db, row, request, after):
                if len(ids) == size:
                    return _bodies(db, ids), token_of(last)
                ids.append(number)
                last = values
            return _bodies(db, ids), None

    def update_partition(self, request: Request, context: Context) -> Answer:
        """Replace a partition, also its values. Raises `EntityNotFoundException`."""
        with self._owner(request, context) as (db, row, table):
            _update(db, row, table, request["PartitionValueList"], request["PartitionInput"])
        return {}

    def batch_update_partition(self, request: Request, context: Context) -> Answer:
        """Replace partitions; what cannot be is reported one by one."""
        failed = []
        with self._owner(request, context) as (db, row, table):
            for entry in request["Entries"]:
                values = entry["PartitionValueList"]
                try:
                    _update(db, row, table, values, entry["PartitionInput"])
                except AWSError as error:
                    detail = errors.detail(error)
                    failed.append({"PartitionValueList": values, "ErrorDetail": detail})
        return {"Errors": failed}

    def delete_partition(self, request: Request, context: Context) -> Answer:
        """Remove a partition. Raises `EntityNotFoundException`."""
        with self._owner(request, context) as (db, row, _):
            if not _remove(db, row, request["PartitionValues"]):
                raise errors.no_partition()
        return {}

    def batch_delete_partition(self, request: Request, context: Context) -> Answer:
        """Remove partitions; those that are not there are reported one by one."""
        failed = []
        with self._owner(request, context) as (db, row, _):
            for entry in request["PartitionsToDelete"]:
                if not _remove(db, row, entry["Values"]):
                    failed.append(_failure(entry["Values"], errors.no_partition()))
        return {"Errors": failed}

    def _owner(self, request: Request, context: Context) -> _Change:
        return _Change(self, request, self.scope(request, context))


class _Change:
    """A change of one table's partitions."""

    def __init__(self, engine: GlueBase, request: Request, scope: str) -> None:
        self._engine = engine
        self._request = request
        self._scope = scope
        self._change = engine.store.change()

    def __enter__(self) -> tuple[sqlite3.Connection, Row, dict[str, Any]]:
        db = self._change.__enter__()
        try:
            asked = self._request
            row = self._engine.row(db, self._scope, asked["DatabaseName"], asked["TableName"])
        except BaseException as error:
            self._change.__exit__(type(error), error, error.__traceback__)
            raise
        return db, row, row.table()

    def __exit__(self, *error: Any) -> None:
        self._change.__exit__(*error)


def _check_values(table: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise where a partition has more or fewer values than the table has keys.

    A table that names no keys takes any. Source of the words:
    https://github.com/apache/hudi/issues/6281
    """
    keys = table.get("PartitionKeys")
    if keys and len(wanted.get("Values") or ()) != len(keys):
        raise errors.invalid(
            "The number of partition keys do not match the number of partition values"
        )


def _body(table: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {
        **with_storage(wanted),
        "DatabaseName": table["DatabaseName"],
        "TableName": table["Name"],
        "CreationTime": codec.now(),
        "CatalogId": table["CatalogId"],
    }


def _add(db: sqlite3.Connection, row: Row, bodies: list[dict[str, Any]]) -> bool:
    cursor = db.executemany(
        "INSERT OR IGNORE INTO partitions (owner, vals, body) VALUES (?, ?, ?)",
        ((row.id, key(body.get("Values") or ()), codec.encode(body)) for body in bodies),
    )
    return cursor.rowcount == len(bodies)


def _update(
    db: sqlite3.Connection,
    row: Row,
    table: dict[str, Any],
    values: list[str],
    wanted: dict[str, Any],
) -> None:
    found = db.execute(
        "SELECT id, body FROM partitions WHERE owner = ? AND vals = ?", (row.id, key(values))
    ).fetchone()
    if found is None:
        raise errors.not_found(f"Partition [{', '.join(values)}] not found")
    number, text = found
    wanted = {**wanted, "Values": wanted.get("Values") or values}
    _check_values(table, wanted)
    body = {**_body(table, wanted), "CreationTime": codec.plain(text)["CreationTime"]}
    try:
        db.execute(
            "UPDATE partitions SET vals = ?, body = ? WHERE id = ?",
            (key(body.get("Values") or ()), codec.encode(body), number),
        )
    except sqlite3.IntegrityError:
        raise errors.exists("Partition") from None


def _remove(db: sqlite3.Connection, row: Row, values: list[str]) -> bool:
    cursor = db.execute(
        "DELETE FROM partitions WHERE owner = ? AND vals = ?", (row.id, key(values))
    )
    return cursor.rowcount > 0


def _failure(values: list[str], error: AWSError) -> dict[str, Any]:
    return {"PartitionValues": values, "ErrorDetail": errors.detail(error)}


def _chosen(
    db: sqlite3.Connection, row: Row, request: Request, after: str
) -> Iterator[tuple[int, str]]:
    """Yield (id, values as text) of the partitions after `after` that a request asks for."""
    expression = (request.get("Expression") or "").strip()
    test = None
    if expression:
        keys = [(k["Name"], k.get("Type", "string")) for k in row.table()["PartitionKeys"]]
        test = compile_filter(expression, keys)
    segment = request.get("Segment")
    if segment and segment["SegmentNumber"] >= segment["TotalSegments"]:
        raise errors.invalid("Segment number must be less than the total number of segments.")
    for number, values in db.execute(
        "SELECT id, vals FROM partitions WHERE owner = ? AND vals > ? ORDER BY vals",
        (row.id, after),
    ):
        if segment and (
            zlib.crc32(values.encode()) % segment["TotalSegments"] != segment["SegmentNumber"]
        ):
            continue
        if test is None or test(json.loads(values)):
            yield number, values


def _bodies(db: sqlite3.Connection, ids: list[int]) -> list[str]:
    found = dict(_select(db, "id, body", "id", ids, []))
    return [found[number] for number in ids]


def _select(
    db: sqlite3.Connection, columns: str, where: str, wanted: Sequence[Any], first: list[Any]
) -> Iterator[tuple[Any, Any]]:
    """Yield the rows whose last column of `where` is among `wanted`."""
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        marks = ",".join("?" * len(some))
        yield from db.execute(
            f"SELECT {columns} FROM partitions WHERE {where} IN ({marks})", [*first, *some]
        )


def _without_columns(text: str) -> str:
    body = codec.plain(text)
    if "StorageDescriptor" in body:
        body["StorageDescriptor"].pop("Columns", None)
    return codec.encode(body)
