"""Partition indexes of tables: at most three, made one after another.

Sources: https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html; the errors' words as
AWS gave them: https://github.com/floci-io/floci/pull/3551, https://github.com/aws/aws-cdk/issues/24813
"""

from __future__ import annotations

import sqlite3
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request
from labcloud.errors import AWSError

LIMIT = 3
KINDS = ("bigint", "date", "decimal", "int", "integer", "long", "smallint", "string",
         "timestamp", "tinyint", "char", "varchar")  # fmt: skip
"""Types that an index's keys may have."""


class IndexOperations(GlueBase):
    """CreatePartitionIndex, GetPartitionIndexes, DeletePartitionIndex."""

    def create_partition_index(self, request: Request, context: Context) -> Answer:
        """Add an index over some of the partition keys; partitions are looked up by it at once."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            index = checked_index(db, row.id, row.table(), request["PartitionIndex"])
            keep_index(db, row.id, index)
        return {}

    def get_partition_indexes(self, request: Request, context: Context) -> Answer:
        """Return a table's partition indexes."""
        scope = self.scope(request, context)
        with self.store.read() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            return {"PartitionIndexDescriptorList": indexes_of(db, row.id)}

    def delete_partition_index(self, request: Request, context: Context) -> Answer:
        """Remove an index."""
        scope = self.scope(request, context)
        with self.store.change() as db:
            row = self.row(db, scope, request["DatabaseName"], request["TableName"])
            cursor = db.execute(
                "DELETE FROM indexes WHERE owner = ? AND name = ?", (row.id, request["IndexName"])
            )
            if not cursor.rowcount:
                raise errors.not_found(
                    f"Index with the given indexName : {request['IndexName']} does not exist"
                )
        return {}


def indexes_of(db: sqlite3.Connection, owner: int) -> list[dict[str, Any]]:
    """Return a table's indexes as GetPartitionIndexes describes them."""
    rows = db.execute("SELECT body FROM indexes WHERE owner = ? ORDER BY name", (owner,))
    return [codec.plain(text) for (text,) in rows.fetchall()]


def checked_index(
    db: sqlite3.Connection, owner: int, table: dict[str, Any], wanted: dict[str, Any]
) -> dict[str, Any]:
    """Return a new index's description if the table may have it."""
    name, keys = wanted["IndexName"], wanted["Keys"]
    kinds = {key["Name"].lower(): key.get("Type", "") for key in table.get("PartitionKeys") or ()}
    unknown = [key for key in keys if key.lower() not in kinds]
    if unknown:
        raise errors.invalid(
            "IndexKeys not a part of PartitionColumns. Verify the indexKeys : "
            f"[{', '.join(unknown)}]"
        )
    for key in keys:
        kind = kinds[key.lower()]
        if kind.partition("(")[0].lower() not in KINDS:
            raise errors.invalid(f"Index key {key} has a type that is not supported: {kind}")
    _check_among(indexes_of(db, owner), name, keys)
    described = [{"Name": key, "Type": kinds[key.lower()]} for key in keys]
    return {"IndexName": name, "Keys": described, "IndexStatus": "ACTIVE"}


def _check_among(present: list[dict[str, Any]], name: str, keys: list[str]) -> None:
    for index in present:
        if index["IndexName"] == name:
            raise _taken(name, "name")
    for index in present:
        if [key["Name"] for key in index["Keys"]] == keys:
            raise _taken(name, "keys")
    if len(present) >= LIMIT:
        raise errors.limit(f"Partition index limit exceeded. Maximum: {LIMIT}")


def _taken(name: str, what: str) -> AWSError:
    return AWSError(errors.EXISTS, f"Partition Index {name} already exists with the same {what}.")


def keep_index(db: sqlite3.Connection, owner: int, index: dict[str, Any]) -> None:
    """Keep a table's new index."""
    db.execute(
        "INSERT INTO indexes (owner, name, body) VALUES (?, ?, ?)",
        (owner, index["IndexName"], codec.encode(index)),
    )
