"""Parquet, ORC and Avro: the schema stands in the file's footer or header.

What packs them inside is no `compressionType` of a table: crawlers write "none" for all three.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq

from labcloud.engines.glue.crawler.sample import HEAD, Sample, Unreadable
from labcloud.engines.glue.crawler.schema import Kind, Schema


class Ends(io.RawIOBase):
    """An object of which only the head and the tail were read."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self._size = sample.size
        self._head = sample.data
        self._from = max(0, sample.size - HEAD)
        self._tail = (
            sample.data if sample.whole else sample.read(self._from, sample.size - self._from)
        )
        if sample.whole:
            self._from = 0
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def size(self) -> int:
        """Return the object's length in bytes."""
        return self._size

    def read(self, size: int = -1, /) -> bytes:
        """Return bytes of the head or the tail. Raises OSError between them."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        if self._at >= self._from:
            found = self._tail[self._at - self._from : end - self._from]
        elif end <= len(self._head):
            found = self._head[self._at : end]
        else:
            raise OSError("the file's metadata is larger than a crawler reads")
        self._at += len(found)
        return found


def parquet(sample: Sample) -> Schema | None:
    """Return the schema of a Parquet file, or None. Raises Unreadable where it is damaged."""
    if sample.data[:4] != b"PAR1":
        return None
    try:
        metadata = pq.read_metadata(Ends(sample))
        columns = arrow_columns(metadata.schema.to_arrow_schema())
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(f"not a valid Parquet file: {error}") from None
    rows = metadata.num_rows
    return Schema("parquet", columns, {}, rows, sample.size / max(1, rows), True)


def orc(sample: Sample) -> Schema | None:
    """Return the schema of an ORC file, or None. Raises Unreadable where it is damaged."""
    if sample.data[:3] != b"ORC":
        return None
    try:
        found = po.ORCFile(pa.PythonFile(Ends(sample), mode="r"))
        columns = arrow_columns(found.schema)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(f"not a valid ORC file: {error}") from None
    rows = found.nrows
    return Schema("orc", columns, {}, rows, sample.size / max(1, rows), True)


def avro(sample: Sample) -> Schema | None:
    """Return the schema of an Avro file, or None. Raises Unreadable where it is damaged."""
    import fastavro

    if sample.data[:4] != b"Obj\x01":
        return None
    try:
        reader = fastavro.reader(io.BytesIO(sample.data))
        schema = reader.writer_schema
        rows = sum(1 for _ in reader) if sample.whole else 0
    except (ValueError, EOFError, KeyError) as error:
        raise Unreadable(f"not a valid Avro file: {error}") from None
    assert isinstance(schema, dict)
    columns = {f["name"].lower(): _avro_kind(f["type"]) for f in schema["fields"]}
    literal = {k: v for k, v in schema.items() if not k.startswith("__")}
    details = {"avro.schema.literal": json.dumps(literal, separators=(",", ":"))}
    average = sample.size / rows if rows else 100.0
    return Schema("avro", columns, details, rows or sample.size / average, average, bool(rows))


# ---- types


def arrow_columns(schema: pa.Schema) -> dict[str, Kind]:
    """Return Glue's types for an Arrow schema."""
    return {field.name.lower(): arrow_kind(field.type) for field in schema}


def arrow_kind(kind: pa.DataType) -> Kind:
    """Return Glue's type for one of Arrow's."""
    types = pa.types
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind):
        return "bigint" if kind.bit_width == 64 or kind in (pa.uint32(),) else _int(kind)
    if types.is_float32(kind) or types.is_float16(kind):
        return "float"
    if types.is_float64(kind):
        return "double"
    if types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if types.is_date(kind):
        return "date"
    if types.is_timestamp(kind):
        return "timestamp"
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "binary"
    if types.is_map(kind):
        return ["map", arrow_kind(kind.key_type), arrow_kind(kind.item_type)]
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return ["array", arrow_kind(kind.value_type)]
    if types.is_struct(kind):
        return ["struct", {f.name.lower(): arrow_kind(f.type) for f in kind}]
    if types.is_dictionary(kind):
        return arrow_kind(kind.value_type)
    return "string"


def _int(kind: pa.DataType) -> Kind:
    return {8: "tinyint", 16: "smallint"}.get(kind.bit_width, "int")


_AVRO = {
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "fixed": "binary",
    "null": "null",
}


def _avro_kind(schema: Any) -> Kind:
    if isinstance(schema, list):
        others = [one for one in schema if one != "null"]
        return _avro_kind(others[0]) if len(others) == 1 else "string"
    if isinstance(schema, str):
        return _AVRO.get(schema, "string")
    logical = schema.get("logicalType", "")
    if logical == "decimal":
        return f"decimal({schema['precision']},{schema.get('scale', 0)})"
    if logical == "date":
        return "date"
    if logical.endswith(("timestamp-millis", "timestamp-micros")):
        return "timestamp"
    kind = schema["type"]
    if kind == "array":
        return ["array", _avro_kind(schema["items"])]
    if kind == "map":
        return ["map", "string", _avro_kind(schema["values"])]
    if kind == "record":
        return ["struct", {f["name"].lower(): _avro_kind(f["type"]) for f in schema["fields"]}]
    return _AVRO.get(kind, "string") if isinstance(kind, str) else _avro_kind(kind)
