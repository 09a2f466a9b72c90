"""Avro files, by fastavro: each becomes a Parquet file in the worker's folder, once.

Source: https://docs.aws.amazon.com/athena/latest/ug/avro-serde.html
"""

from __future__ import annotations

from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

from labcloud.engines.athena.tables import avro_codecs
from labcloud.engines.athena.tables.files import DataFile
from labcloud.engines.athena.tables.repacked import read_repacked
from labcloud.engines.athena.tables.scan import Reading, Source
from labcloud.trino.errors import TrinoError

_BATCH = 50_000

avro_codecs.register()


def read(source: Source) -> Reading:
    """Return how DuckDB reads Avro files; all of a file counts as read: Avro stores rows."""
    reading = read_repacked(source, _repack)
    return Reading(reading.parts, sum(file.size for file in source.files))


def _repack(file: DataFile, target: str) -> None:
    try:
        with open(file.path, "rb") as packed:
            records = fastavro.reader(packed)
            schema = _struct(records.writer_schema)
            with pq.ParquetWriter(target, schema) as writer:
                batch: list[dict[str, Any]] = []
                for record in records:
                    batch.append(record)  # type: ignore[arg-type]
                    if len(batch) == _BATCH:
                        writer.write_table(pa.Table.from_pylist(batch, schema))
                        batch = []
                writer.write_table(pa.Table.from_pylist(batch, schema))
    except (ValueError, EOFError, fastavro.schema.SchemaParseException) as error:
        raise TrinoError("HIVE_BAD_DATA", f"Not an Avro data file: {file.uri}: {error}") from None


def _struct(schema: Any) -> pa.Schema:
    return pa.schema([(field["name"], arrow_type(field["type"])) for field in schema["fields"]])


_PLAIN = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
    "fixed": pa.binary(),
}
_LOGICAL = {
    "date": pa.date32(),
    "timestamp-millis": pa.timestamp("ms"),
    "timestamp-micros": pa.timestamp("us"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "uuid": pa.string(),
}


def arrow_type(schema: Any) -> pa.DataType:
    """Return Arrow's type for an Avro schema; a union with null is its other type."""
    if isinstance(schema, list):
        others = [one for one in schema if one != "null"]
        if len(others) > 1:
            raise TrinoError("NOT_SUPPORTED", f"Avro union of several types: {others}")
        return arrow_type(others[0]) if others else pa.null()
    if isinstance(schema, str):
        return _PLAIN.get(schema, pa.string())
    if (logical := schema.get("logicalType")) == "decimal":
        return pa.decimal128(schema["precision"], schema.get("scale", 0))
    if logical in _LOGICAL:
        kind = _LOGICAL[logical]
        # fastavro reads moments with a zone; Arrow wants one, too.
        if pa.types.is_timestamp(kind) and not logical.startswith("local"):
            return pa.timestamp(kind.unit, "UTC")
        return kind
    kind = schema["type"]
    if kind == "array":
        return pa.list_(arrow_type(schema["items"]))
    if kind == "map":
        return pa.map_(pa.string(), arrow_type(schema["values"]))
    if kind in ("record", "error"):
        return pa.struct([(f["name"], arrow_type(f["type"])) for f in schema["fields"]])
    return arrow_type(kind)
