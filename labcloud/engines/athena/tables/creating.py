"""CREATE TABLE AS, INSERT INTO and UNLOAD over tables of files.

Source: https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html,
https://docs.aws.amazon.com/athena/latest/ug/insert-into.html and …/unload.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.tables import properties as props
from labcloud.engines.athena.tables.encode import compression_of
from labcloud.engines.athena.tables.files import objects_under, split_uri
from labcloud.engines.athena.tables.glue_types import to_hive
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.scan import format_of
from labcloud.engines.athena.tables.writing import Layout, Written, write
from labcloud.errors import AWSError
from labcloud.trino import tree
from labcloud.trino.catalog import Table, View
from labcloud.trino.errors import TrinoError
from labcloud.trino.types import Type, can_coerce

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

Columns = list[tuple[str, Type]]

_CTAS = frozenset(
    (
        "format",
        "external_location",
        "partitioned_by",
        "bucketed_by",
        "bucket_count",
        "write_compression",
        "parquet_compression",
        "orc_compression",
        "field_delimiter",
        "compression_level",
        "is_external",
        "table_type",
        "location",
        "partitioning",
        "vacuum_max_snapshot_age_seconds",
        "vacuum_min_snapshots_to_keep",
        "optimize_rewrite_min_data_file_size_bytes",
        "optimize_rewrite_max_data_file_size_bytes",
        "optimize_rewrite_data_file_threshold",
        "optimize_rewrite_delete_file_threshold",
        "vacuum_max_metadata_files_to_keep",
    )
)
_UNLOAD = frozenset(
    ("format", "compression", "compression_level", "field_delimiter", "partitioned_by", "temporary")
)

_SERDES: dict[str, tuple[str, str, str]] = {
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
    "JSON": (
        "org.apache.hive.hcatalog.data.JsonSerDe",
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    ),
    "TEXTFILE": (
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    ),
}


# ---- CREATE TABLE AS


def create_table_as(node: tree.CreateTableAsSelect, work: Work) -> Written:
    """Run a CREATE TABLE AS. Raises TrinoError; a failed one leaves no table and no file."""
    values = props.property_values(node.properties)
    props.refuse_unknown(values, _CTAS, "table")
    _, database, name = work.catalog.full_name(_texts(node.name))
    if work.catalog.resolve((database, name)) is not None:
        if node.if_not_exists:
            return Written()
        raise TrinoError(
            "TABLE_ALREADY_EXISTS",
            f"Destination table '{work.catalog.default_name((database, name))}' already exists",
            (1, 1),
        )
    if not work.catalog.has_schema((database, name)):
        raise TrinoError("SCHEMA_NOT_FOUND", f"Schema {database} does not exist")
    if (props.text(values, "table_type") or "HIVE").upper() == "ICEBERG":
        from labcloud.engines.athena.tables import iceberg_write

        return iceberg_write.create_table_as(node, values, (database, name), work)
    return _create_hive(node, values, database, name, work)


def _create_hive(
    node: tree.CreateTableAsSelect, values: dict[str, Any], database: str, name: str, work: Work
) -> Written:
    prepared = work.prepare(node.query)
    columns = named_columns(prepared.columns)
    keys = props.names(values, "partitioned_by")
    _check_keys(columns, keys)
    layout = _layout(values, columns, len(keys), _target(values, work))
    _refuse_occupied(layout.location, f"awsdatacatalog.{database}.{name}", work)
    for column, kind in columns:
        _storable(column, kind)
    sql = prepared.sql if node.with_data else f"SELECT * FROM ({prepared.sql}) WHERE false"
    written = write(sql, layout, work)
    table = _glue_table(name, layout, columns, keys)
    work.link.call("glue", "CreateTable", {"DatabaseName": database, "TableInput": table})
    register_partitions(database, name, table["StorageDescriptor"], written, work)
    work.catalog.forget()
    return written


def named_columns(columns: list[Any]) -> Columns:
    """Return the columns of a query that makes a table; each needs a name of its own."""
    found: Columns = []
    for position, column in enumerate(columns, 1):
        name = column.name
        if name is None or (name.startswith("_col") and name[4:].isdigit()):
            raise TrinoError(
                "MISSING_COLUMN_NAME", f"Column name not specified at position {position}", (1, 1)
            )
        if any(name.lower() == known for known, _ in found):
            raise TrinoError(
                "DUPLICATE_COLUMN_NAME", f"Column name '{name}' specified more than once", (1, 1)
            )
        found.append((name.lower(), column.type))
    return found


def _storable(name: str, kind: Type) -> None:
    if kind.base == "unknown":
        raise TrinoError("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {name}", (1, 1))
    to_hive(kind)


def _check_keys(columns: Columns, keys: list[str]) -> None:
    if not keys:
        return
    names = [name for name, _ in columns]
    missing = [key for key in keys if key not in names]
    if missing:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            f"Partition columns [{', '.join(missing)}] not present in schema",
        )
    if names[-len(keys) :] != keys:
        raise TrinoError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the "
            f"table properties: [{', '.join(keys)}]",
        )
    if len(keys) == len(names):
        raise TrinoError("INVALID_TABLE_PROPERTY", "Table contains only partition columns")


def _target(values: dict[str, Any], work: Work) -> str:
    location = props.text(values, "external_location")
    if location is None:
        return f"{work.output_folder}tables/{work.job.query_id}/"
    split_uri(location)
    return location.rstrip("/") + "/"


def _layout(values: dict[str, Any], columns: Columns, keys: int, location: str) -> Layout:
    format_name = (props.text(values, "format") or "PARQUET").upper()
    if format_name not in _SERDES:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            f"Invalid value for catalog 'awsdatacatalog' table property 'format': {format_name}",
        )
    asked = props.text(values, "write_compression")
    for name in ("parquet_compression", "orc_compression", "compression"):
        asked = asked or props.text(values, name)
    serde = {}
    if delimiter := props.text(values, "field_delimiter"):
        serde = {"field.delim": delimiter, "serialization.format": delimiter}
    return Layout(
        format_name,
        compression_of(format_name, asked),
        location,
        columns,
        keys,
        _bucketing(values, columns[: len(columns) - keys]),
        serde,
        props.number(values, "compression_level"),
    )


def _bucketing(values: dict[str, Any], columns: Columns) -> tuple[list[int], int] | None:
    by, count = props.names(values, "bucketed_by"), props.number(values, "bucket_count")
    if not by and count is None:
        return None
    if not by or count is None:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", "bucketed_by and bucket_count must be specified together"
        )
    known = [name for name, _ in columns]
    if missing := [name for name in by if name not in known]:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY",
            f"Bucketing columns [{', '.join(missing)}] not present in schema",
        )
    if not 1 <= count <= 1_000_000:
        raise TrinoError("INVALID_TABLE_PROPERTY", "bucket_count must be greater than zero")
    return [known.index(name) for name in by], count


def _refuse_occupied(location: str, table: str, work: Work) -> None:
    try:
        occupied = next(iter(objects_under(work.link, location)), None)
    except AWSError as error:
        raise TrinoError("HIVE_METASTORE_ERROR", f"{error.code}: {error.message}") from None
    if occupied is not None:
        raise TrinoError(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{table}' already exists: {location}. You may need to "
            "manually clean the data at this location before retrying the query.",
        )


def _glue_table(name: str, layout: Layout, columns: Columns, keys: list[str]) -> dict[str, Any]:
    def described(some: Columns) -> list[dict[str, str]]:
        return [{"Name": n, "Type": to_hive(kind)} for n, kind in some]

    parameters = {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "auto.purge": "false"}
    if layout.format in ("PARQUET", "ORC", "AVRO"):
        parameters[f"{layout.format.lower()}.compression"] = layout.compression
    else:
        parameters["write.compression"] = layout.compression
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": described(columns[len(columns) - len(keys) :]) if keys else [],
        "StorageDescriptor": storage(layout, described(layout.data)),
    }


def storage(layout: Layout, columns: list[dict[str, str]]) -> dict[str, Any]:
    """Return the StorageDescriptor of a table that is written with a layout."""
    serde, reads, writes = _SERDES[layout.format]
    described: dict[str, Any] = {
        "Columns": columns,
        "Location": layout.location.rstrip("/"),
        "InputFormat": reads,
        "OutputFormat": writes,
        "Compressed": False,
        "NumberOfBuckets": layout.buckets[1] if layout.buckets else -1,
        "SerdeInfo": {
            "SerializationLibrary": serde,
            "Parameters": layout.serde or {"serialization.format": "1"},
        },
        "BucketColumns": [columns[n]["Name"] for n in layout.buckets[0]] if layout.buckets else [],
        "SortColumns": [],
        "StoredAsSubDirectories": False,
    }
    return described


def register_partitions(
    database: str, name: str, described: dict[str, Any], written: Written, work: Work
) -> None:
    """Put the partitions that were written into the catalog; known ones stay as they are."""
    entries = [
        {
            "Values": list(values),
            "StorageDescriptor": {**described, "Location": location.rstrip("/")},
        }
        for values, location in written.partitions.items()
    ]
    for start in range(0, len(entries), 100):
        work.link.call(
            "glue",
            "BatchCreatePartition",
            {
                "DatabaseName": database,
                "TableName": name,
                "PartitionInputList": entries[start : start + 100],
            },
        )


# ---- INSERT INTO


def insert(node: tree.Insert, work: Work) -> Written:
    """Run an INSERT INTO: new files beside the old ones. Raises TrinoError."""
    name = _texts(node.name)
    table = work.catalog.resolve(name)
    at = node.name[0].at
    if table is None:
        raise TrinoError(
            "TABLE_NOT_FOUND", f"Table '{work.catalog.default_name(name)}' does not exist", at
        )
    if isinstance(table, View):
        raise TrinoError("NOT_SUPPORTED", "Inserting into views is not supported", at)
    assert isinstance(table, Table)
    handle = table.handle
    assert isinstance(handle, GlueTable)
    if handle.is_iceberg:
        from labcloud.engines.athena.tables import iceberg_write

        return iceberg_write.insert(node, handle, work)
    all_columns = handle.columns + handle.partition_keys
    sql = insert_sql(node, all_columns, work)
    layout = _layout_of(handle)
    written = write(sql, layout, work)
    described = {**handle.storage}
    register_partitions(handle.database, handle.name, described, written, work)
    return written


def insert_sql(node: tree.Insert, columns: Columns, work: Work) -> str:
    """Return DuckDB SQL that yields a table's columns, c0, c1, …, from an INSERT's query."""
    prepared = work.prepare(node.query)
    names = [name for name, _ in columns]
    targets = [c.value.lower() for c in node.columns] if node.columns is not None else names
    for target in targets:
        if target not in names:
            raise TrinoError(
                "COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {target}"
            )
    if len(set(targets)) != len(targets):
        twice = next(name for name in targets if targets.count(name) > 1)
        raise TrinoError(
            "DUPLICATE_COLUMN_NAME", f"Insert column name is specified more than once: {twice}"
        )
    wanted = [columns[names.index(target)][1] for target in targets]
    given = [column.type for column in prepared.columns]
    if len(wanted) != len(given) or not all(map(assignable, given, wanted)):
        raise TrinoError(
            "TYPE_MISMATCH",
            "Insert query has mismatched column types: "
            f"Table: [{', '.join(map(str, wanted))}], Query: [{', '.join(map(str, given))}]",
            (1, 1),
        )
    items = []
    for number, (name, kind) in enumerate(columns):
        if name in targets:
            source = targets.index(name)
            items.append(f"{work.cast(f'c{source}', given[source], kind)} AS c{number}")
        else:
            items.append(f"{work.null(kind)} AS c{number}")
    return f"SELECT {', '.join(items)} FROM ({prepared.sql})"


def assignable(given: Type, wanted: Type) -> bool:
    """Return whether a value of one type may be put into a column of another without a cast."""
    if can_coerce(given, wanted):
        return True
    return {given.base, wanted.base} <= {"varchar", "char"} or (
        given.base == wanted.base and given.base in ("decimal", "timestamp")
    )


def _layout_of(handle: GlueTable) -> Layout:
    """Return how a table's files are written. Raises TrinoError where Athena does not write."""
    kind = format_of(handle.storage, handle)
    known = {
        "parquet": "PARQUET",
        "orc": "ORC",
        "avro": "AVRO",
        "json": "JSON",
        "lazysimple": "TEXTFILE",
    }
    if kind not in known:
        serde = (handle.storage.get("SerdeInfo") or {}).get("SerializationLibrary")
        raise TrinoError(
            "NOT_SUPPORTED", f"Unsupported: INSERT INTO is not supported for SerDe {serde}"
        )
    if handle.storage.get("BucketColumns"):
        raise TrinoError("NOT_SUPPORTED", "INSERT INTO is not supported on bucketed tables.")
    if not handle.location:
        raise TrinoError("HIVE_INVALID_METADATA", "Table location is not set")
    parameters = handle.parameters
    name = known[kind]
    asked = next(
        (
            parameters[key]
            for key in (
                f"{kind}.compression",
                f"{kind}.compress",
                "write.compression",
                "compression",
            )
            if parameters.get(key)
        ),
        None,
    )
    serde = (handle.storage.get("SerdeInfo") or {}).get("Parameters") or {}
    return Layout(
        name,
        compression_of(name, asked),
        handle.location.rstrip("/") + "/",
        handle.columns + handle.partition_keys,
        len(handle.partition_keys),
        None,
        dict(serde),
    )


# ---- UNLOAD


def unload(node: tree.Unload, work: Work) -> Written:
    """Run an UNLOAD: a query's rows as files, without a table. Raises TrinoError."""
    values = props.property_values(node.properties)
    props.refuse_unknown(values, _UNLOAD, "table")
    if "format" not in values:
        raise TrinoError("INVALID_TABLE_PROPERTY", "UNLOAD requires the property format")
    prepared = work.prepare(node.query)
    columns = [
        (c.name.lower() if c.name else f"_col{n}", c.type) for n, c in enumerate(prepared.columns)
    ]
    keys = props.names(values, "partitioned_by")
    _check_keys(columns, keys)
    split_uri(node.location)
    layout = _layout(values, columns, len(keys), node.location.rstrip("/") + "/")
    if layout.format == "TEXTFILE" and not layout.serde:
        layout.serde["field.delim"] = "\x01"
    _refuse_occupied(layout.location, "", work)
    return write(prepared.sql, layout, work)


def _texts(name: tuple[tree.Identifier, ...]) -> tuple[str, ...]:
    return tuple(part.value.lower() for part in name)
