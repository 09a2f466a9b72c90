"""information_schema: databases, tables, views and columns of the Glue Data Catalog, as tables.

Source: https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from labcloud.engines.athena.tables.glue_pages import glue_pages, partition_entries
from labcloud.engines.athena.tables.glue_types import from_hive
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.trino.catalog import Table, TableColumn
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.types import BIGINT, VARCHAR, duckdb_type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work
    from labcloud.trino.analyzer import Scan

Row = tuple[Any, ...]

_COLUMNS: dict[str, list[str]] = {
    "schemata": ["catalog_name", "schema_name"],
    "tables": ["table_catalog", "table_schema", "table_name", "table_type"],
    "views": ["table_catalog", "table_schema", "table_name", "view_definition"],
    "columns": [
        "table_catalog",
        "table_schema",
        "table_name",
        "column_name",
        "ordinal_position",
        "column_default",
        "is_nullable",
        "data_type",
        "comment",
        "extra_info",
    ],
}


@dataclass(frozen=True)
class Information:
    """A table of information_schema."""

    catalog: str
    name: str
    reader: ClassVar[str] = "information"


@dataclass(frozen=True)
class HivePartitions:
    """ "table$partitions" of a table of files: its partition keys, one row a partition."""

    table: GlueTable
    reader: ClassVar[str] = "information"

    @property
    def columns(self) -> list[TableColumn]:
        """Its columns: the partition keys."""
        return [TableColumn(name, kind) for name, kind in self.table.partition_keys]


def table(catalog: str, name: str) -> Table | None:
    """Return a table of information_schema, or None where it has none of that name."""
    if name not in _COLUMNS:
        return None
    columns = [
        TableColumn(column, BIGINT if column == "ordinal_position" else VARCHAR)
        for column in _COLUMNS[name]
    ]
    return Table((catalog, "information_schema", name), columns, Information(catalog, name))


def scan_sql(scan: Scan, work: Work) -> str:
    """Return a DuckDB table expression, in brackets, for such a table in a query."""
    handle = scan.table.handle
    if isinstance(handle, HivePartitions):
        rows = list(_partitions(handle.table, work))
    else:
        rows = list(_ROWS[handle.name](handle.catalog, _databases(scan, work), work))
    kinds = [duckdb_type(column.type) for column in scan.table.columns]
    if not rows:
        items = ", ".join(f"CAST(NULL AS {kind}) AS c{n}" for n, kind in enumerate(kinds))
        return f"(SELECT {items} WHERE false)"
    names = ", ".join(f"c{n}" for n in range(len(kinds)))
    values = ", ".join(
        "(" + ", ".join(_literal(v, k) for v, k in zip(row, kinds, strict=True)) + ")"
        for row in rows
    )
    return f"(SELECT * FROM (VALUES {values}) AS information({names}))"


def _literal(value: Any, kind: str) -> str:
    if value is None:
        return f"CAST(NULL AS {kind})"
    return f"CAST({quote(str(value))} AS {kind})"


def _databases(scan: Scan, work: Work) -> list[str]:
    """Return the databases that the query's conditions leave: it may name one."""
    wanted: list[str] | None = None
    names = scan.columns
    for number, operator, value in scan.comparisons:
        if names[number] in ("table_schema", "schema_name") and operator in ("=", "in"):
            wanted = [str(v).strip() for v in (value if operator == "in" else [value])]
    found = [d["Name"] for d in glue_pages(work.link, "GetDatabases", "DatabaseList", {})]
    return [name for name in found if wanted is None or name in wanted]


def _tables_of(database: str, work: Work) -> Iterator[GlueTable]:
    for found in glue_pages(work.link, "GetTables", "TableList", {"DatabaseName": database}):
        yield GlueTable(found)


def _schemata(catalog: str, databases: list[str], work: Work) -> Iterator[Row]:
    for database in [*databases, "information_schema"]:
        yield catalog, database


def _tables(catalog: str, databases: list[str], work: Work) -> Iterator[Row]:
    for database in databases:
        for one in _tables_of(database, work):
            yield catalog, database, one.name, "VIEW" if one.is_view else "BASE TABLE"


def _views(catalog: str, databases: list[str], work: Work) -> Iterator[Row]:
    from labcloud.engines.athena.tables.catalog import decode_view

    for database in databases:
        for one in _tables_of(database, work):
            if one.is_view:
                text = decode_view(one.glue.get("ViewOriginalText") or "")["originalSql"]
                yield catalog, database, one.name, text


def _columns(catalog: str, databases: list[str], work: Work) -> Iterator[Row]:
    for database in databases:
        for one in _tables_of(database, work):
            keys = one.glue.get("PartitionKeys") or []
            plain = one.storage.get("Columns") or []
            for position, column in enumerate([*plain, *keys], 1):
                extra = "partition key" if position > len(plain) else None
                kind = _type_text(column.get("Type") or "string", one.is_iceberg)
                place = (catalog, database, one.name, column["Name"].lower(), position)
                yield (*place, None, "YES", kind, column.get("Comment"), extra)


def _type_text(text: str, iceberg: bool) -> str:
    try:
        return str(from_hive(text, iceberg))
    except TrinoError:
        return text


def _partitions(table: GlueTable, work: Work) -> Iterator[Row]:
    for found in partition_entries(work.link, table):
        yield tuple(
            None if value == "__HIVE_DEFAULT_PARTITION__" else value for value in found["Values"]
        )


_ROWS = {"schemata": _schemata, "tables": _tables, "views": _views, "columns": _columns}
