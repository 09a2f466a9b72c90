"""Column statistics of tables and partitions.

The words for a missing column are AWS's, https://github.com/floci-io/floci/issues/1312.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, Row
from labcloud.engines.glue.partitions import key
from labcloud.errors import AWSError

_DATA = {
    "BOOLEAN": "BooleanColumnStatisticsData",
    "DATE": "DateColumnStatisticsData",
    "DECIMAL": "DecimalColumnStatisticsData",
    "DOUBLE": "DoubleColumnStatisticsData",
    "LONG": "LongColumnStatisticsData",
    "STRING": "StringColumnStatisticsData",
    "BINARY": "BinaryColumnStatisticsData",
}


class StatisticsOperations(GlueBase):
    """Update, Get and DeleteColumnStatisticsForTable, and …ForPartition."""

    def update_column_statistics_for_table(self, request: Request, context: Context) -> Answer:
        """Keep statistics of a table's columns; what does not fit is reported one by one."""
        return self._update(request, context)

    def update_column_statistics_for_partition(self, request: Request, context: Context) -> Answer:
        """Keep statistics of a partition's columns; what does not fit is reported one by one."""
        return self._update(request, context)

    def get_column_statistics_for_table(self, request: Request, context: Context) -> Answer:
        """Return statistics of a table's columns; columns without are reported one by one."""
        return self._get(request, context)

    def get_column_statistics_for_partition(self, request: Request, context: Context) -> Answer:
        """Return statistics of a partition's columns; columns without are reported one by one."""
        return self._get(request, context)

    def delete_column_statistics_for_table(self, request: Request, context: Context) -> Answer:
        """Remove statistics of a table's column, if there are any."""
        return self._delete(request, context)

    def delete_column_statistics_for_partition(self, request: Request, context: Context) -> Answer:
        """Remove statistics of a partition's column, if there are any."""
        return self._delete(request, context)

    def _columns_owner(
        self, db: sqlite3.Connection, scope: str, request: Request
    ) -> tuple[Row, int | None, dict[str, Any]]:
        """Return the table's row, the partition's id, and what has the columns."""
        row = self.row(db, scope, request["DatabaseName"], request["TableName"])
        if "PartitionValues" not in request:
            return row, None, row.table()
        found = db.execute(
            "SELECT id, body FROM partitions WHERE owner = ? AND vals = ?",
            (row.id, key(request["PartitionValues"])),
        ).fetchone()
        if found is None:
            raise errors.no_partition()
        partition = codec.plain(found[1])
        columns = (partition.get("StorageDescriptor") or {}).get("Columns")
        return row, found[0], partition if columns else row.table()

    def _update(self, request: Request, context: Context) -> Answer:
        scope = self.scope(request, context)
        failed = []
        with self.store.change() as db:
            row, part, holder = self._columns_owner(db, scope, request)
            columns = {
                column["Name"].lower()
                for column in (holder.get("StorageDescriptor") or {}).get("Columns") or ()
            } | {column["Name"].lower() for column in holder.get("PartitionKeys") or ()}
            for one in request["ColumnStatisticsList"]:
                error = _refused(one, columns)
                if error is not None:
                    failed.append({"ColumnStatistics": one, "Error": errors.detail(error)})
                    continue
                db.execute(
                    "INSERT OR REPLACE INTO statistics (owner, part, name, body) "
                    "VALUES (?, ?, ?, ?)",
                    (row.id, part, one["ColumnName"].lower(), codec.encode(one)),
                )
        return {"Errors": failed}

    def _get(self, request: Request, context: Context) -> Answer:
        scope = self.scope(request, context)
        with self.store.read() as db:
            row, part, _ = self._columns_owner(db, scope, request)
            kept = dict(
                db.execute(
                    "SELECT name, body FROM statistics WHERE owner = ? AND part IS ?",
                    (row.id, part),
                ).fetchall()
            )
        found, failed = [], []
        for name in request["ColumnNames"]:
            text = kept.get(name.lower())
            if text is None:
                error = errors.not_found("Statistics do not exist for this column")
                failed.append({"ColumnName": name, "Error": errors.detail(error)})
            else:
                found.append(codec.decode(text, "ColumnStatistics"))
        return {"ColumnStatisticsList": found, "Errors": failed}

    def _delete(self, request: Request, context: Context) -> Answer:
        scope = self.scope(request, context)
        with self.store.change() as db:
            row, part, _ = self._columns_owner(db, scope, request)
            db.execute(
                "DELETE FROM statistics WHERE owner = ? AND part IS ? AND name = ?",
                (row.id, part, request["ColumnName"].lower()),
            )
        return {}


def _refused(one: dict[str, Any], columns: set[str]) -> AWSError | None:
    if one["ColumnName"].lower() not in columns:
        return errors.not_found(f"Column {one['ColumnName']} not found.")
    data = one["StatisticsData"]
    if _DATA[data["Type"]] not in data:
        return errors.invalid(f"{_DATA[data['Type']]} is required for type {data['Type']}.")
    return None
