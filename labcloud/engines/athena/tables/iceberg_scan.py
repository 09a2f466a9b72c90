"""Reading Iceberg tables: snapshots, pruning by Iceberg's own statistics, delete files."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyiceberg.expressions import (
    AlwaysFalse,
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    Or,
)
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import FileScanTask, Table

from labcloud.engines.athena.tables.files import DataFile, split_uri
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.iceberg_io import load
from labcloud.engines.athena.tables.parquet import bytes_read, footer, layout_of, part
from labcloud.engines.athena.tables.scan import Part, Source, nothing, select_of
from labcloud.engines.athena.tables.values import only_value
from labcloud.trino import tree
from labcloud.trino.errors import TrinoError, quote

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work
    from labcloud.trino.analyzer import Scan


def scan_sql(scan: Scan, work: Work) -> str:
    """Return a DuckDB table expression, in brackets, for an Iceberg table in a query."""
    handle = scan.table.handle
    assert isinstance(handle, GlueTable)
    table = load(handle, work)
    snapshot = snapshot_of(table, scan.version, work)
    comparisons = [c for c in scan.comparisons if c[0] < len(handle.columns)]
    tasks = plan(table, snapshot, handle, comparisons)
    return tasks_sql(scan, table, handle, tasks, comparisons, work)


def plan(
    table: Table, snapshot: int | None, handle: GlueTable, comparisons: list[tuple[int, str, Any]]
) -> list[FileScanTask]:
    """Return the files that may hold rows which satisfy the comparisons."""
    names = [(handle.columns[c[0]][0], *c[1:]) for c in comparisons]
    try:
        return list(
            table.scan(_filter(names), snapshot_id=snapshot, case_sensitive=False).plan_files()
        )
    except (ValueError, TypeError):  # a value that Iceberg does not compare with the column
        return list(table.scan(snapshot_id=snapshot).plan_files())


def tasks_sql(
    scan: Scan,
    table: Table,
    handle: GlueTable,
    tasks: list[FileScanTask],
    comparisons: list[tuple[int, str, Any]],
    work: Work,
) -> str:
    """Return a DuckDB table expression over some files of an Iceberg table."""
    files = data_files([task.file.file_path for task in tasks], work)
    deletes = {
        file.uri: list(task.delete_files)
        for file, task in zip(files, tasks, strict=True)
        if task.delete_files
    }
    used = sorted(n for n in scan.used if n < len(handle.columns))
    source = Source(handle, files, handle.columns, used, comparisons, {}, {}, work)
    groups: dict[str, list[DataFile]] = {}
    for file in files:
        metadata = footer(file)
        groups.setdefault(layout_of(metadata), []).append(file)
        work.statistics.data_scanned += bytes_read(metadata, source, True) * scan.times
    selects = []
    for some in groups.values():
        found = part(source, some, _finder(table, handle, some[0]))
        found = _without_deleted(found, deletes, work)
        selects.append(select_of(handle, scan, found, {}))
    return f"({' UNION ALL '.join(selects) or nothing(scan)})"


def data_files(uris: list[str], work: Work) -> list[DataFile]:
    """Return files of a table by their addresses, in the same order."""
    by_bucket: dict[str, list[str]] = {}
    for uri in uris:
        bucket, key = split_uri(uri)
        by_bucket.setdefault(bucket, []).append(key)
    paths = {
        f"s3://{bucket}/{key}": path
        for bucket, keys in by_bucket.items()
        for key, path in zip(keys, work.link.bodies(bucket, keys), strict=True)
    }
    found = []
    for uri in uris:
        bucket, key = split_uri(uri)
        path = paths[f"s3://{bucket}/{key}"]
        body = os.stat(path)
        modified = datetime.fromtimestamp(body.st_mtime, UTC)
        found.append(DataFile(uri, path, body.st_size, modified))
    return found


def _finder(table: Table, handle: GlueTable, file: DataFile) -> Any:
    """Return what finds a table's column in a file: by Iceberg's field id, else by name."""
    schema = footer(file).schema.to_arrow_schema()
    by_id = {
        int((field.metadata or {}).get(b"PARQUET:field_id", -1)): field.name for field in schema
    }
    by_id.pop(-1, None)

    def find(number: int, found: list[tuple[str, Any]]) -> tuple[str, Any] | None:
        name = handle.columns[number][0]
        if by_id:
            field = table.schema().find_field(name, case_sensitive=False)
            name = by_id.get(field.field_id, "")
        return next((one for one in found if one[0].lower() == name.lower()), None)

    return find


def _without_deleted(found: Part, deletes: dict[str, list[Any]], work: Work) -> Part:
    """Leave out the rows that positional delete files name."""
    named = [delete for file in found.files for delete in deletes.get(file.uri, ())]
    if not named:
        return found
    if any(delete.content != DataFileContent.POSITION_DELETES for delete in named):
        raise TrinoError("NOT_SUPPORTED", "Iceberg equality delete files are not read here")
    paths = data_files(sorted({delete.file_path for delete in named}), work)
    listed = ", ".join(quote(file.path) for file in paths)
    uris = ", ".join(quote(file.uri) for file in found.files)
    relation = (
        f"(SELECT *, file_index FROM {found.relation} AS data WHERE NOT EXISTS ("
        f"SELECT 1 FROM read_parquet([{listed}]) AS gone WHERE gone.pos = data.file_row_number "
        f"AND gone.file_path = list_extract([{uris}], CAST(data.file_index AS BIGINT) + 1)))"
    )
    return Part(relation, found.columns, found.files)


# ---- which snapshot


def snapshot_of(
    table: Table, version: tuple[str, tree.Expression] | None, work: Work
) -> int | None:
    """Return the snapshot that FOR TIMESTAMP | VERSION AS OF names; None for the current one."""
    if version is None:
        return None
    kind, expression = version
    value = constant(expression, work)
    if kind == "VERSION":
        if isinstance(value, str):
            named = table.snapshot_by_name(value)
            found = named.snapshot_id if named else None
        else:
            known = table.snapshot_by_id(int(value))
            found = known.snapshot_id if known else None
        if found is None:
            raise TrinoError("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {value}")
        return found
    moment = value["i"] if isinstance(value, dict) else value
    if not isinstance(moment, datetime):
        raise TrinoError(
            "INVALID_ARGUMENTS", "Unsupported type for temporal table version", expression.at
        )
    millis = int(moment.replace(tzinfo=UTC).timestamp() * 1000)
    at = table.snapshot_as_of_timestamp(millis)
    if at is None:
        raise TrinoError(
            "INVALID_ARGUMENTS",
            f"No version history table {table.name()[-1]} at or before {moment:%Y-%m-%dT%H:%M:%S}Z",
        )
    return at.snapshot_id


def constant(expression: tree.Expression, work: Work) -> Any:
    """Return the value of an expression without columns. Raises TrinoError."""
    query = tree.Query(tree.QuerySpecification((tree.SingleColumn(expression),)))
    return only_value(work.connection, work.prepare(query).sql)


_OPERATORS: dict[str, Any] = {
    "=": EqualTo,
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
}


def _filter(comparisons: list[tuple[str, str, Any]]) -> BooleanExpression:
    found: BooleanExpression = AlwaysTrue()
    for name, operator, value in comparisons:
        if operator == "in":
            found = And(found, _any_of(name, value))
        elif operator in _OPERATORS:
            found = And(found, _OPERATORS[operator](name, _literal(value)))
    return found


def _any_of(name: str, values: list[Any]) -> BooleanExpression:
    found: BooleanExpression = AlwaysFalse()
    for value in values:
        found = Or(found, _OPERATORS["="](name, _literal(value)))
    return found


def _literal(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
