"""ALTER TABLE and MSCK REPAIR TABLE.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from labcloud.engines.athena.tables.definitions import column_input, failed, table_of
from labcloud.engines.athena.tables.files import is_hidden, objects_under, split_uri
from labcloud.engines.athena.tables.glue_pages import partition_entries
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.errors import AWSError
from labcloud.trino import tree
from labcloud.trino.errors import TrinoError

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

Details = dict[str, Any]
Spec = tuple[tuple[str, str], ...]

_INPUT = (
    "Name",
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
)


def run(node: tree.AlterTable, work: Work) -> None:
    """Run an ALTER TABLE. Raises TrinoError."""
    table = table_of(node.name, work)
    details = dict(node.details)
    if table.is_iceberg:
        from labcloud.engines.athena.tables import iceberg_write

        iceberg_write.alter(table, node.action, details, work)
        return
    if node.action not in _ACTIONS:
        raise failed(f"ALTER TABLE {node.action} is not supported for this table")
    _ACTIONS[node.action](table, details, work)


def _update(table: GlueTable, changes: Details, work: Work) -> None:
    given = {k: table.glue[k] for k in _INPUT if table.glue.get(k) is not None} | changes
    work.link.call("glue", "UpdateTable", {"DatabaseName": table.database, "TableInput": given})


def _columns(table: GlueTable) -> list[dict[str, Any]]:
    return list(table.storage.get("Columns") or ())


def _set_columns(table: GlueTable, columns: list[dict[str, Any]], work: Work) -> None:
    names = [c["Name"] for c in columns] + [name for name, _ in table.partition_keys]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise failed(f"Duplicate column name: {twice}")
    _update(table, {"StorageDescriptor": {**table.storage, "Columns": columns}}, work)


def _add_columns(table: GlueTable, details: Details, work: Work) -> None:
    _set_columns(table, _columns(table) + [column_input(c) for c in details["columns"]], work)


def _replace_columns(table: GlueTable, details: Details, work: Work) -> None:
    _set_columns(table, [column_input(c) for c in details["columns"]], work)


def _change_column(table: GlueTable, details: Details, work: Work) -> None:
    old = details["old"].value.lower()
    columns = _columns(table)
    number = next((n for n, c in enumerate(columns) if c["Name"].lower() == old), None)
    if number is None:
        raise failed(f"Invalid column reference {old}")
    columns[number] = column_input(details["column"])
    _set_columns(table, columns, work)


def _set_properties(table: GlueTable, details: Details, work: Work) -> None:
    _update(table, {"Parameters": table.parameters | dict(details["properties"])}, work)


def _unset_properties(table: GlueTable, details: Details, work: Work) -> None:
    kept = {k: v for k, v in table.parameters.items() if k not in details["keys"]}
    _update(table, {"Parameters": kept}, work)


def _set_location(table: GlueTable, details: Details, work: Work) -> None:
    location = details["location"]
    split_uri(location)
    if spec := details.get("partition"):
        values = spec_values(table, spec)
        found = _partition(table, values, work)
        found["StorageDescriptor"] = {**found["StorageDescriptor"], "Location": location}
        _update_partition(table, values, found, work)
        return
    _update(table, {"StorageDescriptor": {**table.storage, "Location": location}}, work)


# ---- partitions


def spec_values(table: GlueTable, spec: Spec) -> list[str]:
    """Return a partition's values in the order of the keys. Raises TrinoError for a wrong spec."""
    given = {_text(name).lower(): _text(value) for name, value in spec}
    names = [name for name, _ in table.partition_keys]
    if not names:
        raise failed(f"table is not partitioned but partition spec exists: {given}")
    for name in given:
        if name not in names:
            raise failed(f"Partition column {name} not found in table {table.name}")
    if missing := [name for name in names if name not in given]:
        raise failed(f"partition spec is invalid; field {missing[0]} does not exist or is empty")
    return [given[name] for name in names]


def _text(value: Any) -> str:
    return value.value if isinstance(value, (tree.Identifier, tree.StringLiteral)) else str(value)


def partition_folder(table: GlueTable, values: list[str]) -> str:
    """Return where Hive puts a partition that names no location."""
    names = [name for name, _ in table.partition_keys]
    folders = "/".join(f"{n}={v}" for n, v in zip(names, values, strict=True))
    return f"{table.location.rstrip('/')}/{folders}"


def _partition(table: GlueTable, values: list[str], work: Work) -> Details:
    try:
        found = work.link.call(
            "glue",
            "GetPartition",
            {
                "DatabaseName": table.database,
                "TableName": table.name,
                "PartitionValues": values,
            },
        )["Partition"]
    except AWSError:
        names = [name for name, _ in table.partition_keys]
        text = ", ".join(f"{n}={v}" for n, v in zip(names, values, strict=True))
        raise failed(f"Partition not found: {{{text}}}") from None
    known = ("Values", "StorageDescriptor", "Parameters", "LastAccessTime", "LastAnalyzedTime")
    return {k: found[k] for k in known if k in found}


def _update_partition(table: GlueTable, values: list[str], given: Details, work: Work) -> None:
    work.link.call(
        "glue",
        "UpdatePartition",
        {
            "DatabaseName": table.database,
            "TableName": table.name,
            "PartitionValueList": values,
            "PartitionInput": given,
        },
    )


def add_partitions(
    table: GlueTable, entries: list[tuple[list[str], str]], work: Work, if_not_exists: bool
) -> None:
    """Put partitions (values, location) into the catalog. Raises TrinoError for a known one."""
    for start in range(0, len(entries), 100):
        answer = work.link.call(
            "glue",
            "BatchCreatePartition",
            {
                "DatabaseName": table.database,
                "TableName": table.name,
                "PartitionInputList": [
                    {
                        "Values": values,
                        "StorageDescriptor": {**table.storage, "Location": location},
                    }
                    for values, location in entries[start : start + 100]
                ],
            },
        )
        for error in answer.get("Errors") or ():
            code = error["ErrorDetail"]["ErrorCode"]
            if code == "AlreadyExistsException" and if_not_exists:
                continue
            raise failed(f"{code}: {error['ErrorDetail']['ErrorMessage']}")


def _add_partition(table: GlueTable, details: Details, work: Work) -> None:
    entries = []
    for spec, location in details["partitions"]:
        values = spec_values(table, spec)
        entries.append((values, location or partition_folder(table, values)))
    add_partitions(table, entries, work, bool(details.get("if_not_exists")))


def _drop_partition(table: GlueTable, details: Details, work: Work) -> None:
    for spec in details["specs"]:
        given = {_text(name).lower(): _text(value) for name, value in spec}
        names = [name for name, _ in table.partition_keys]
        matching = [
            values
            for values in all_values(table, work)
            if all(values[names.index(n)] == v for n, v in given.items() if n in names)
            and all(n in names for n in given)
        ]
        if not matching and not details.get("if_exists"):
            text = ", ".join(f"{n}={v}" for n, v in given.items())
            raise TrinoError(
                "FAILED", f"SemanticException [Error 10006]: Partition not found ({text})"
            )
        for values in matching:
            work.link.call(
                "glue",
                "DeletePartition",
                {
                    "DatabaseName": table.database,
                    "TableName": table.name,
                    "PartitionValues": values,
                },
            )


def _rename_partition(table: GlueTable, details: Details, work: Work) -> None:
    old, new = spec_values(table, details["old"]), spec_values(table, details["new"])
    _update_partition(table, old, _partition(table, old, work) | {"Values": new}, work)


def all_values(table: GlueTable, work: Work) -> list[list[str]]:
    """Return the values of all partitions that the catalog has."""
    return [entry["Values"] for entry in partition_entries(work.link, table)]


def repair(table: GlueTable, work: Work) -> list[str]:
    """Register the partitions that S3 has in Hive's folders; return what MSCK reports."""
    if not table.partition_keys:
        return [f"Table {table.name} is not a partitioned table"]
    known = {tuple(values) for values in all_values(table, work)}
    found: dict[tuple[str, ...], str] = {}
    _, prefix = split_uri(table.location.rstrip("/") + "/")
    names = [name for name, _ in table.partition_keys]
    for bucket, entry in objects_under(work.link, table.location):
        folders = entry["Key"][len(prefix) :].split("/")[:-1]
        values = _values_of(folders, names)
        if values is None or values in known or values in found:
            continue
        if not is_hidden(entry["Key"], prefix):
            head = "/".join(folders[: len(names)])
            found[values] = f"s3://{bucket}/{prefix}{head}"
    add_partitions(table, [(list(v), uri) for v, uri in found.items()], work, True)
    if not found:
        return []
    texts = ["/".join(f"{n}={v}" for n, v in zip(names, values, strict=True)) for values in found]
    missing = "\t".join(f"{table.name}:{text}" for text in texts)
    added = [f"Repair: Added partition to metastore {table.name}:{text}" for text in texts]
    return [f"Partitions not in metastore:\t{missing}", *added]


def _values_of(folders: list[str], names: list[str]) -> tuple[str, ...] | None:
    """Return the values in folders `name=value`, or None where they are not the keys' own."""
    if len(folders) < len(names):
        return None
    values = []
    for folder, name in zip(folders, names, strict=False):
        key, equals, value = folder.partition("=")
        if not equals or key.lower() != name:
            return None
        values.append(unquote(value))
    return tuple(values)


_ACTIONS: dict[str, Callable[[GlueTable, Details, Any], None]] = {
    "ADD COLUMNS": _add_columns,
    "REPLACE COLUMNS": _replace_columns,
    "CHANGE COLUMN": _change_column,
    "SET TBLPROPERTIES": _set_properties,
    "UNSET TBLPROPERTIES": _unset_properties,
    "SET LOCATION": _set_location,
    "ADD PARTITION": _add_partition,
    "DROP PARTITION": _drop_partition,
    "RENAME PARTITION": _rename_partition,
}
