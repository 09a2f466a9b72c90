"""What engines with AWS Lake Formation ask for: metadata, and what of it they may read.

No permissions of Lake Formation are judged here, so every column is authorized.
"""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue.base import Answer, Request, next_page
from labcloud.engines.glue.partitions import PartitionOperations
from labcloud.engines.glue.tables import TableOperations


class UnfilteredOperations(TableOperations, PartitionOperations):
    """GetUnfilteredTableMetadata, GetUnfilteredPartition(s)Metadata."""

    def get_unfiltered_table_metadata(self, request: Request, context: Context) -> Answer:
        """Return a table and the columns that the caller may read: all."""
        table = self.get_table(request, context)["Table"]
        name = f"table/{table['DatabaseName']}/{table['Name']}"
        return {
            "Table": table,
            "AuthorizedColumns": columns_of(table),
            "IsRegisteredWithLakeFormation": False,
            "CellFilters": [],
            "IsMultiDialectView": bool(table.get("IsMultiDialectView")),
            "ResourceArn": self.arn(context, name),
        }

    def get_unfiltered_partition_metadata(self, request: Request, context: Context) -> Answer:
        """Return a partition and the columns that the caller may read: all."""
        table = self.get_table({**request, "Name": request["TableName"]}, context)["Table"]
        partition = self.get_partition(request, context)["Partition"]
        return {"Partition": partition, **_allowed(table)}

    def get_unfiltered_partitions_metadata(self, request: Request, context: Context) -> Answer:
        """Return a page of partitions and the columns that the caller may read: all."""
        table = self.get_table({**request, "Name": request["TableName"]}, context)["Table"]
        inside = Context(context.service, context.operation, context.account, context.region)
        answer = self.get_partitions(request, inside)
        found = [{"Partition": one, **_allowed(table)} for one in answer["Partitions"]]
        return {"UnfilteredPartitions": found, **next_page(answer.get("NextToken"))}


def columns_of(table: dict[str, Any]) -> list[str]:
    """Return the names of a table's columns and partition keys."""
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    return [column["Name"] for column in [*columns, *(table.get("PartitionKeys") or [])]]


def _allowed(table: dict[str, Any]) -> dict[str, Any]:
    return {"AuthorizedColumns": columns_of(table), "IsRegisteredWithLakeFormation": False}
