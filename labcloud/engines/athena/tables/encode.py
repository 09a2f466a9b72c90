"""Rows in DuckDB → one file: Parquet, ORC, Avro, JSON lines or delimited text."""

from __future__ import annotations

import bz2
import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.tables import avro_codecs
from labcloud.engines.athena.tables.text import Rules, delimiters_of
from labcloud.engines.athena.tables.values import only_value
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.types import VARCHAR, Type

if TYPE_CHECKING:
    from labcloud.engines.athena.tables.writing import Layout
    from labcloud.engines.athena.worker_context import Work

COMPRESSIONS = {
    "PARQUET": ("GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE", "UNCOMPRESSED"),
    "ORC": ("ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"),
    "AVRO": ("DEFLATE", "SNAPPY", "ZSTD", "BZIP2", "NONE"),
    "JSON": ("GZIP", "ZSTD", "BZIP2", "NONE"),
    "TEXTFILE": ("GZIP", "ZSTD", "BZIP2", "NONE"),
}
"""What each format may be compressed with; the first (GZIP or its like) is the default.

Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

_names = itertools.count(1)


def compression_of(format_name: str, asked: str | None) -> str:
    """Return the compression to write with. Raises TrinoError where a format has it not."""
    known = COMPRESSIONS[format_name]
    if asked is None:
        return known[0]
    wanted = asked.upper()
    if format_name == "ORC" and wanted == "GZIP":
        wanted = "ZLIB"
    if format_name == "AVRO" and wanted in ("GZIP", "ZLIB"):
        wanted = "DEFLATE"
    if wanted not in known:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", f"Compression codec {asked} not supported for {format_name}"
        )
    return wanted


def encode_file(rows: str, condition: str, layout: Layout, path: Path, work: Work) -> int:
    """Write the rows that satisfy a condition to a file; return how many there were."""
    items = ", ".join(
        f'{to_file(f"c{n}", kind)} AS "{name.replace(chr(34), chr(34) * 2)}"'
        for n, (name, kind) in enumerate(layout.data)
    )
    sql = f"SELECT {items} FROM {rows} WHERE {condition}"
    count = int(only_value(work.connection, f"SELECT count(*) FROM {rows} WHERE {condition}"))
    if count:
        _WRITERS[layout.format](sql, layout, path, work)
    return count


def to_file(sql: str, kind: Type) -> str:
    """Return SQL of a value as files hold it: structs with their fields' names.

    Raises TrinoError for a type that Hive's tables have not.
    """
    base = kind.base
    if base == "array":
        name = f"w{next(_names)}"
        inner = to_file(name, kind.element)
        return sql if inner == name else f"list_transform({sql}, lambda {name}: {inner})"
    if base == "map":
        key, value = f"w{next(_names)}", f"w{next(_names)}"
        keys, values = to_file(key, kind.key), to_file(value, kind.value)
        if (keys, values) == (key, value):
            return sql
        return (
            f"CASE WHEN {sql} IS NOT NULL THEN map("
            f"list_transform(map_keys({sql}), lambda {key}: {keys}), "
            f"list_transform(map_values({sql}), lambda {value}: {values})) END"
        )
    if base == "row":
        fields = ", ".join(
            f"'{(f.name or f'field{i}').replace(chr(39), chr(39) * 2)}': "
            + to_file(f"struct_extract({sql}, 'f{i}')", f.type)
            for i, f in enumerate(kind.fields)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN {{{fields}}} END"
    if base == "timestamp with time zone":
        return f"timezone('UTC', struct_extract({sql}, 'i'))"
    return sql


def _parquet(sql: str, layout: Layout, path: Path, work: Work) -> None:
    codec = {"NONE": "uncompressed", "LZ4": "lz4_raw"}.get(
        layout.compression, layout.compression.lower()
    )
    level = f", COMPRESSION_LEVEL {layout.level}" if layout.level and codec == "zstd" else ""
    work.connection.execute(
        f"COPY ({sql}) TO {quote(str(path))} (FORMAT parquet, COMPRESSION {codec}{level})"
    )


def _orc(sql: str, layout: Layout, path: Path, work: Work) -> None:
    import pyarrow as pa
    from pyarrow import orc

    reader = work.connection.sql(sql).to_arrow_reader(100_000)
    codec = "uncompressed" if layout.compression == "NONE" else layout.compression.lower()
    with orc.ORCWriter(str(path), compression=codec) as writer:
        for batch in reader:
            writer.write(pa.Table.from_batches([batch]))


def _avro(sql: str, layout: Layout, path: Path, work: Work) -> None:
    import fastavro

    avro_codecs.register()
    cursor = work.connection.execute(sql)
    schema = {
        "type": "record",
        "name": "row",
        "fields": [
            {"name": name, "type": ["null", avro_type(kind, name)], "default": None}
            for name, kind in layout.data
        ],
    }
    codec = {"NONE": "null", "ZSTD": "zstandard", "BZIP2": "bzip2"}.get(
        layout.compression, layout.compression.lower()
    )
    names = [name for name, _ in layout.data]
    with open(path, "wb") as out:
        fastavro.writer(out, schema, _records(cursor, names), codec=codec)


def _records(cursor: Any, names: list[str]) -> Any:
    while batch := cursor.fetchmany(10_000):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def avro_type(kind: Type, name: str) -> Any:
    """Return Avro's type for a Trino type; `name` makes the names of records inside."""
    plain = {
        "boolean": "boolean",
        "tinyint": "int",
        "smallint": "int",
        "integer": "int",
        "bigint": "long",
        "real": "float",
        "double": "double",
        "varchar": "string",
        "char": "string",
        "varbinary": "bytes",
        "date": {"type": "int", "logicalType": "date"},
        "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
    }
    if kind.base in plain:
        return plain[kind.base]
    if kind.base == "decimal":
        digits = {"precision": kind.precision, "scale": kind.scale}
        return {"type": "bytes", "logicalType": "decimal", **digits}
    if kind.base == "array":
        return {"type": "array", "items": ["null", avro_type(kind.element, f"{name}_item")]}
    if kind.base == "map":
        return {"type": "map", "values": ["null", avro_type(kind.value, f"{name}_value")]}
    if kind.base == "row":
        fields = [
            {
                "name": f.name or f"field{i}",
                "type": ["null", avro_type(f.type, f"{name}_{f.name or i}")],
                "default": None,
            }
            for i, f in enumerate(kind.fields)
        ]
        return {"type": "record", "name": name, "fields": fields}
    raise TrinoError("NOT_SUPPORTED", f"Unsupported type for Avro: {kind}")


def _json(sql: str, layout: Layout, path: Path, work: Work) -> None:
    native = {"GZIP": "gzip", "ZSTD": "zstd"}.get(layout.compression, "uncompressed")
    items = ", ".join(_json_item(name, kind) for name, kind in layout.data)
    work.connection.execute(
        f"COPY (SELECT {items} FROM ({sql})) TO {quote(str(path))} "
        f"(FORMAT json, ARRAY false, COMPRESSION {native})"
    )
    _finish(path, layout)


def _json_item(name: str, kind: Type) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.base == "timestamp":
        return f"strftime({column}, '%Y-%m-%d %H:%M:%S.%g') AS {column}"
    if kind.base == "varbinary":
        return f"to_base64({column}) AS {column}"
    return column


def _textfile(sql: str, layout: Layout, path: Path, work: Work) -> None:
    rules = written_rules(layout.serde, work)
    items = ", ".join(_text_item(name, kind, rules) for name, kind in layout.data)
    native = {"GZIP": "gzip", "ZSTD": "zstd"}.get(layout.compression, "none")
    work.connection.execute(
        f"COPY (SELECT concat_ws({quote(rules.delimiters[0])}, {items}) AS line FROM ({sql})) "
        f"TO {quote(str(path))} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', "
        f"DELIMITER '\x02\x03\x04\x05', COMPRESSION {native})"
    )
    _finish(path, layout)


def written_rules(serde: dict[str, str], work: Work) -> Rules:
    """Return the delimiters of a table of text; `plain` puts escapes in where it has them."""
    rules = delimiters_of(serde)
    if not rules.escape:
        return rules
    special = rules.escape + "".join(rules.delimiters[:3]) + "\n\r"

    def escaped(text: str, escape: str) -> str:
        return "".join(
            escape + {"\n": "n", "\r": "r"}.get(c, c) if c in special else c for c in text
        )

    return replace(rules, plain=work.udf(escaped, [VARCHAR, VARCHAR], VARCHAR))


def _text_item(name: str, kind: Type, rules: Rules) -> str:
    column = '"' + name.replace('"', '""') + '"'
    return f"COALESCE({text_of(column, kind, rules, 1)}, {quote(rules.null)})"


def text_of(sql: str, kind: Type, rules: Rules, level: int) -> str:
    """Return SQL of a value as LazySimpleSerDe writes it; `level` tells the next delimiter."""
    base = kind.base
    delimiter, null = quote(rules.delimiters[level]), quote(rules.null)
    if base in ("varchar", "char"):
        return rules.text(sql)
    if base == "timestamp":
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    if base == "varbinary":
        return f"to_base64({sql})"
    if base == "array":
        name = f"w{next(_names)}"
        inner = f"COALESCE({text_of(name, kind.element, rules, level + 1)}, {null})"
        return f"array_to_string(list_transform({sql}, lambda {name}: {inner}), {delimiter})"
    if base == "map":
        name = f"w{next(_names)}"
        between = quote(rules.delimiters[level + 1])
        key = text_of(f"struct_extract({name}, 'key')", kind.key, rules, level + 2)
        value = text_of(f"struct_extract({name}, 'value')", kind.value, rules, level + 2)
        pair = f"{key} || {between} || COALESCE({value}, {null})"
        return (
            f"array_to_string(list_transform(map_entries({sql}), lambda {name}: {pair}), "
            f"{delimiter})"
        )
    if base == "row":
        parts = ", ".join(
            f"COALESCE({text_of(_field(sql, f.name, i), f.type, rules, level + 1)}, {null})"
            for i, f in enumerate(kind.fields)
        )
        return f"CASE WHEN {sql} IS NOT NULL THEN concat_ws({delimiter}, {parts}) END"
    return f"CAST({sql} AS VARCHAR)"


def _field(sql: str, name: str | None, number: int) -> str:
    return f"struct_extract({sql}, {quote(name or f'field{number}')})"


def _finish(path: Path, layout: Layout) -> None:
    """Compress what DuckDB cannot."""
    if layout.compression == "BZIP2":
        plain = path.read_bytes()
        path.write_bytes(bz2.compress(plain))


_WRITERS = {
    "PARQUET": _parquet,
    "ORC": _orc,
    "AVRO": _avro,
    "JSON": _json,
    "TEXTFILE": _textfile,
}
