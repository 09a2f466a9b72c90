"""Hive DDL: databases, tables, views and partitions of the Glue Data Catalog.

Errors have the words that Athena passes on from Hive.
Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.tables.catalog import encode_view
from labcloud.engines.athena.tables.creating import named_columns
from labcloud.engines.athena.tables.files import split_uri
from labcloud.engines.athena.tables.glue_types import from_hive, to_hive
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.hive_text import type_text
from labcloud.errors import AWSError
from labcloud.trino import tree
from labcloud.trino.catalog import Table, View
from labcloud.trino.errors import TrinoError

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work


def failed(message: str, code: int = 1) -> TrinoError:
    """Return an error of Hive's DDL, as Athena words it."""
    return TrinoError("FAILED", f"Execution Error, return code {code} from {_TASK}. {message}")


_TASK = "org.apache.hadoop.hive.ql.exec.DDLTask"


def run(node: tree.Node, work: Work) -> None:
    """Run a statement that defines something. Raises TrinoError."""
    _RUN[type(node)](node, work)
    work.catalog.forget()


# ---- databases


def _create_database(node: tree.CreateDatabase, work: Work) -> None:
    given: dict[str, Any] = {"Name": node.name.value.lower(), "Description": node.comment}
    given |= {"LocationUri": node.location, "Parameters": dict(node.properties) or None}
    try:
        work.link.call(
            "glue", "CreateDatabase", {"DatabaseInput": {k: v for k, v in given.items() if v}}
        )
    except AWSError as error:
        if error.code != "AlreadyExistsException":
            raise failed(f"{error.code}: {error.message}") from None
        if not node.if_not_exists:
            raise failed(f"Database {node.name.value.lower()} already exists") from None


def _drop_database(node: tree.DropDatabase, work: Work) -> None:
    name = node.name.value.lower()
    try:
        tables = work.link.call("glue", "GetTables", {"DatabaseName": name, "MaxResults": 1})
    except AWSError as error:
        if error.code != "EntityNotFoundException":
            raise failed(f"{error.code}: {error.message}") from None
        if node.if_exists:
            return
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10072]: Database does not exist: {name}"
        ) from None
    if tables["TableList"] and not node.cascade:
        raise failed(
            f"InvalidOperationException(message:Database {name} is not empty. One or more tables "
            "exist.)"
        )
    work.link.call("glue", "DeleteDatabase", {"Name": name})


def _alter_database(node: tree.AlterDatabase, work: Work) -> None:
    name = node.name.value.lower()
    try:
        found = work.link.call("glue", "GetDatabase", {"Name": name})["Database"]
    except AWSError:
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10072]: Database does not exist: {name}"
        ) from None
    given = {k: found[k] for k in ("Name", "Description", "LocationUri") if found.get(k)}
    given["Parameters"] = (found.get("Parameters") or {}) | dict(node.properties)
    work.link.call("glue", "UpdateDatabase", {"Name": name, "DatabaseInput": given})


# ---- tables


def _create_table(node: tree.CreateTable, work: Work) -> None:
    _, database, name = work.catalog.full_name(texts(node.name))
    if work.catalog.resolve((database, name)) is not None:
        if node.if_not_exists:
            return
        raise failed(f"AlreadyExistsException(message:Table {name} already exists.)")
    properties = dict(node.properties)
    if {k.lower(): v for k, v in properties.items()}.get("table_type", "").upper() == "ICEBERG":
        from labcloud.engines.athena.tables import iceberg_write

        iceberg_write.create_table(node, properties, (database, name), work)
        return
    if not node.external:
        raise TrinoError(
            "FAILED",
            "Only external tables are supported: CREATE EXTERNAL TABLE, or "
            "TBLPROPERTIES ('table_type'='ICEBERG')",
        )
    if not node.location:
        raise failed("MetaException(message:Table location is required)")
    split_uri(node.location)
    if not node.location.endswith("/") and "." in node.location.rsplit("/", 1)[-1]:
        _refuse_file(node.location, work)
    table = _table_input(node, name, properties)
    try:
        work.link.call("glue", "CreateTable", {"DatabaseName": database, "TableInput": table})
    except AWSError as error:
        if error.code == "EntityNotFoundException":
            raise TrinoError(
                "FAILED", f"SemanticException [Error 10072]: Database does not exist: {database}"
            ) from None
        raise failed(f"{error.code}: {error.message}") from None


def _refuse_file(location: str, work: Work) -> None:
    bucket, key = split_uri(location)
    try:
        work.link.call("s3", "HeadObject", {"Bucket": bucket, "Key": key})
    except AWSError:
        return
    raise failed(f"MetaException(message:{location} is not a directory or unable to create one)")


def _table_input(node: tree.CreateTable, name: str, properties: dict[str, str]) -> dict[str, Any]:
    serde, reads, writes, parameters = _storage_classes(node)
    seen = [c.name.value.lower() for c in (*node.columns, *node.partitioned_by)]
    if twice := next((one for one in seen if seen.count(one) > 1), None):
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10036]: Duplicate column name: {twice}"
        )
    described: dict[str, Any] = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **properties},
        "PartitionKeys": [column_input(c) for c in node.partitioned_by],
        "StorageDescriptor": {
            "Columns": [column_input(c) for c in node.columns],
            "Location": node.location,
            "InputFormat": reads,
            "OutputFormat": writes,
            "Compressed": False,
            "NumberOfBuckets": node.clustered_by[1] if node.clustered_by else -1,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
            "BucketColumns": [c.value.lower() for c in node.clustered_by[0]]
            if node.clustered_by
            else [],
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
    }
    if node.comment:
        described["Parameters"]["comment"] = node.comment
    return described


def column_input(column: tree.ColumnDefinition) -> dict[str, str]:
    """Return Glue's Column for a column's definition. Raises TrinoError for a type that is none."""
    kind = type_text(column.type)
    from_hive(kind)
    found = {"Name": column.name.value.lower(), "Type": kind}
    return found | ({"Comment": column.comment} if column.comment else {})


_TEXT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_STORED: dict[str, tuple[str, str, str]] = {
    "TEXTFILE": (_LAZY, _TEXT, _TEXT_OUT),
    "SEQUENCEFILE": (
        _LAZY,
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
    ),
    "RCFILE": (
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
        "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
        "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
    ),
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    ),
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    ),
    "AVRO": (
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    ),
    "ION": (
        "com.amazon.ionhiveserde.IonHiveSerDe",
        "com.amazon.ionhiveserde.formats.IonInputFormat",
        "com.amazon.ionhiveserde.formats.IonOutputFormat",
    ),
}


def _storage_classes(node: tree.CreateTable) -> tuple[str, str, str, dict[str, str]]:
    """Return SerDe, input format, output format and the SerDe's properties."""
    stored = node.stored_as or "TEXTFILE"
    if isinstance(stored, str):
        if stored.upper() not in _STORED:
            raise TrinoError(
                "FAILED",
                f"SemanticException Unrecognized file format in STORED AS clause: '{stored}'",
            )
        serde, reads, writes = _STORED[stored.upper()]
    else:
        serde, (reads, writes) = _LAZY, stored
    if node.row_format is None:
        return serde, reads, writes, {"serialization.format": "1"}
    if node.row_format[0] == "SERDE":
        _, serde, properties = node.row_format
        return serde, reads, writes, {"serialization.format": "1", **dict(properties or ())}
    options = dict(node.row_format[1])
    if "field.delim" in options:
        options.setdefault("serialization.format", options["field.delim"])
    return serde, reads, writes, options


def _drop_table(node: tree.DropTable, work: Work) -> None:
    _, database, name = work.catalog.full_name(texts(node.name))
    found = work.catalog.resolve((database, name))
    if found is None:
        if node.if_exists:
            return
        raise TrinoError("FAILED", f"SemanticException [Error 10001]: Table not found {name}")
    if isinstance(found, View):
        raise failed("Cannot drop a view with DROP TABLE")
    if found.handle.is_iceberg:
        from labcloud.engines.athena.tables import iceberg_write

        iceberg_write.purge(found.handle, work)
    work.link.call("glue", "DeleteTable", {"DatabaseName": database, "Name": name})


# ---- views


def _create_view(node: tree.CreateView, work: Work) -> None:
    _, database, name = work.catalog.full_name(texts(node.name))
    found = work.catalog.resolve((database, name))
    if isinstance(found, Table):
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"Table already exists: '{work.catalog.default_name((database, name))}'",
            (1, 1),
        )
    if found is not None and not node.replace:
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"View already exists: '{work.catalog.default_name((database, name))}'",
            (1, 1),
        )
    columns = named_columns(work.describe(node.query))
    table = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": node.comment or "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": n, "Type": _view_type(kind)} for n, kind in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": encode_view(node.text, columns, work.session.schema),
        "ViewExpandedText": "/* Presto View */",
    }
    operation = "UpdateTable" if found is not None else "CreateTable"
    try:
        work.link.call("glue", operation, {"DatabaseName": database, "TableInput": table})
    except AWSError as error:
        if error.code == "EntityNotFoundException":
            raise TrinoError("SCHEMA_NOT_FOUND", f"Schema {database} does not exist") from None
        raise


def _view_type(kind: Any) -> str:
    try:
        return to_hive(kind)
    except TrinoError:
        return "string"  # what Hive has no word for; the view's own text knows better


def _drop_view(node: tree.DropView, work: Work) -> None:
    _, database, name = work.catalog.full_name(texts(node.name))
    found = work.catalog.resolve((database, name))
    if found is None and node.if_exists:
        return
    if not isinstance(found, View):
        raise TrinoError(
            "TABLE_NOT_FOUND",
            f"View '{work.catalog.default_name((database, name))}' does not exist",
            (1, 1),
        )
    work.link.call("glue", "DeleteTable", {"DatabaseName": database, "Name": name})


def texts(name: tuple[tree.Identifier, ...]) -> tuple[str, ...]:
    """Return a name's parts in lower case, as the Glue Data Catalog keeps them."""
    return tuple(part.value.lower() for part in name)


def table_of(name: tuple[tree.Identifier, ...], work: Work) -> GlueTable:
    """Return the table of a name. Raises TrinoError where there is none."""
    found = work.catalog.resolve(texts(name))
    if found is None:
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10001]: Table not found {'.'.join(texts(name))}"
        )
    if isinstance(found, View):
        raise failed("Cannot alter a view with ALTER TABLE")
    handle = found.handle
    assert isinstance(handle, GlueTable)
    return handle


def _alter_table(node: tree.AlterTable, work: Work) -> None:
    from labcloud.engines.athena.tables import altering

    altering.run(node, work)


def _repair(node: tree.RepairTable, work: Work) -> None:
    """Register the Hive-style partitions that S3 has and the catalog has not."""
    from labcloud.engines.athena.tables import altering

    work.lines = altering.repair(table_of(node.name, work), work)


_RUN: dict[type[tree.Node], Callable[[Any, Any], None]] = {
    tree.CreateDatabase: _create_database,
    tree.DropDatabase: _drop_database,
    tree.AlterDatabase: _alter_database,
    tree.CreateTable: _create_table,
    tree.DropTable: _drop_table,
    tree.CreateView: _create_view,
    tree.DropView: _drop_view,
    tree.AlterTable: _alter_table,
    tree.RepairTable: _repair,
}

DEFINITIONS = tuple(_RUN)
"""The statements that `run` runs."""
