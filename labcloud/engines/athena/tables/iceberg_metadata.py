"""Iceberg's metadata tables: "table$history", "$snapshots", "$files", "$manifests", "$partitions",
"$refs". Source: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from labcloud.engines.athena.tables.convert import convert
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.iceberg_io import load
from labcloud.trino import types as t
from labcloud.trino.catalog import TableColumn

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work
    from labcloud.trino.analyzer import Scan

_TEXTS = t.map_of(t.VARCHAR, t.VARCHAR)
_MOMENT = t.timestamp_tz(3)
_LONGS = t.map_of(t.INTEGER, t.BIGINT)

COLUMNS: dict[str, list[tuple[str, t.Type]]] = {
    "history": [
        ("made_current_at", _MOMENT),
        ("snapshot_id", t.BIGINT),
        ("parent_id", t.BIGINT),
        ("is_current_ancestor", t.BOOLEAN),
    ],
    "snapshots": [
        ("committed_at", _MOMENT),
        ("snapshot_id", t.BIGINT),
        ("parent_id", t.BIGINT),
        ("operation", t.VARCHAR),
        ("manifest_list", t.VARCHAR),
        ("summary", _TEXTS),
    ],
    "files": [
        ("content", t.INTEGER),
        ("file_path", t.VARCHAR),
        ("file_format", t.VARCHAR),
        ("record_count", t.BIGINT),
        ("file_size_in_bytes", t.BIGINT),
        ("column_sizes", _LONGS),
        ("value_counts", _LONGS),
        ("null_value_counts", _LONGS),
        ("nan_value_counts", _LONGS),
        ("split_offsets", t.array(t.BIGINT)),
    ],
    "manifests": [
        ("path", t.VARCHAR),
        ("length", t.BIGINT),
        ("partition_spec_id", t.INTEGER),
        ("added_snapshot_id", t.BIGINT),
        ("added_data_files_count", t.INTEGER),
        ("existing_data_files_count", t.INTEGER),
        ("deleted_data_files_count", t.INTEGER),
    ],
    "partitions": [
        ("partition", t.VARCHAR),
        ("record_count", t.BIGINT),
        ("file_count", t.BIGINT),
        ("total_size", t.BIGINT),
    ],
    "refs": [
        ("name", t.VARCHAR),
        ("type", t.VARCHAR),
        ("snapshot_id", t.BIGINT),
        ("max_reference_age_in_ms", t.BIGINT),
        ("min_snapshots_to_keep", t.INTEGER),
        ("max_snapshot_age_in_ms", t.BIGINT),
    ],
}


@dataclass(frozen=True)
class IcebergMetadata:
    """A metadata table of an Iceberg table."""

    table: GlueTable
    kind: str
    reader: ClassVar[str] = "iceberg_metadata"

    @property
    def columns(self) -> list[TableColumn]:
        """Its columns."""
        return [TableColumn(name, kind) for name, kind in COLUMNS[self.kind]]


def scan_sql(scan: Scan, work: Work) -> str:
    """Return a DuckDB table expression, in brackets, for a metadata table in a query."""
    handle = scan.table.handle
    assert isinstance(handle, IcebergMetadata)
    rows = _ROWS[handle.kind](load(handle.table, work))
    name = f"metadata_{scan.index}"
    work.connection.register(name, rows)
    described = work.connection.execute(f"SELECT * FROM {name} LIMIT 0").description
    kinds = {column: kind for column, kind, *_ in described}
    items = []
    for number in sorted(scan.used):
        column, wanted = COLUMNS[handle.kind][number]
        sql = convert(f'"{column}"', kinds[column], wanted) if column in kinds else None
        items.append(f"{sql or work.null(wanted)} AS c{number}")
    return f"(SELECT {', '.join(items) or '1 AS nothing'} FROM {name})"


def _history(table: Any) -> pa.Table:
    found = table.inspect.history()
    return _zoned(found, "made_current_at")


def _snapshots(table: Any) -> pa.Table:
    return _zoned(table.inspect.snapshots(), "committed_at")


def _zoned(found: pa.Table, name: str) -> pa.Table:
    number = found.column_names.index(name)
    moments = found.column(name).cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC"))
    return found.set_column(number, name, moments)


def _files(table: Any) -> pa.Table:
    wanted = [name for name, _ in COLUMNS["files"]]
    found = table.inspect.files()
    return found.select([name for name in wanted if name in found.column_names])


def _manifests(table: Any) -> pa.Table:
    wanted = [name for name, _ in COLUMNS["manifests"]]
    found = table.inspect.manifests()
    return found.select([name for name in wanted if name in found.column_names])


def _partitions(table: Any) -> pa.Table:
    rows = [
        {
            "partition": _partition_text(row.get("partition")),
            "record_count": row["record_count"],
            "file_count": row["file_count"],
            "total_size": row["total_data_file_size_in_bytes"],
        }
        for row in table.inspect.partitions().to_pylist()
    ]
    names = [
        (name, pa.string() if kind == t.VARCHAR else pa.int64())
        for name, kind in COLUMNS["partitions"]
    ]
    return pa.Table.from_pylist(rows, pa.schema(names))


def _partition_text(values: dict[str, Any] | None) -> str:
    return (
        "{"
        + ", ".join(f"{k}={'null' if v is None else v}" for k, v in (values or {}).items())
        + "}"
    )


def _refs(table: Any) -> pa.Table:
    found = table.inspect.refs()
    return found.cast(
        pa.schema(
            [
                (f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
                for f in found.schema
            ]
        )
    )


_ROWS = {
    "history": _history,
    "snapshots": _snapshots,
    "files": _files,
    "manifests": _manifests,
    "partitions": _partitions,
    "refs": _refs,
}
