"""What Glue lists page by page, as one sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labcloud.engines.athena.tables.files import Caller
from labcloud.engines.athena.tables.handle import GlueTable


def glue_pages(
    link: Caller, operation: str, member: str, request: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the entries under `member` of all pages of a Glue operation. Raises AWSError."""
    request = dict(request)
    while True:
        page = link.call("glue", operation, request)
        yield from page.get(member, ())
        if not (token := page.get("NextToken")):
            return
        request["NextToken"] = token


def partition_entries(link: Caller, table: GlueTable) -> Iterator[dict[str, Any]]:
    """Yield all partitions of a table as GetPartitions has them, without their columns."""
    asked = {"DatabaseName": table.database, "TableName": table.name, "ExcludeColumnSchema": True}
    return glue_pages(link, "GetPartitions", "Partitions", asked)
