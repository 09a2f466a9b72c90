"""Rows of a query → files in S3, as CREATE TABLE AS, INSERT INTO and UNLOAD write them.

Source: https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.tables.encode import encode_file
from labcloud.engines.athena.tables.files import split_uri
from labcloud.engines.athena.tables.partitions import DEFAULT_PARTITION
from labcloud.engines.athena.tables.values import only_value
from labcloud.trino.errors import TrinoError
from labcloud.trino.types import Type, duckdb_type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

OPEN_WRITERS = 100
"""Partitions that one statement writes at most.

Source: https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html
"""

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Layout:
    """How to write: format (PARQUET, ORC, AVRO, JSON, TEXTFILE), compression, where, split by what.

    `columns` are all columns of the rows, c0, c1, …; the last `keys` of them are partition keys.
    `buckets` is (numbers of the columns to hash, how many buckets) or None.
    """

    format: str
    compression: str
    location: str
    columns: list[tuple[str, Type]]
    keys: int = 0
    buckets: tuple[list[int], int] | None = None
    serde: dict[str, str] = field(default_factory=dict)
    level: int | None = None

    @property
    def data(self) -> list[tuple[str, Type]]:
        """The columns that go into the files."""
        return self.columns[: len(self.columns) - self.keys]


@dataclass(slots=True)
class Written:
    """What was written: rows, the objects' addresses, and the partitions (values, location)."""

    rows: int = 0
    uris: list[str] = field(default_factory=list)
    partitions: dict[tuple[str, ...], str] = field(default_factory=dict)


def write(sql: str, layout: Layout, work: Work) -> Written:
    """Run `sql` (DuckDB's, columns c0, c1, …) and write its rows. Raises TrinoError.

    Nothing is put into S3 before the query has succeeded.
    """
    connection = work.connection
    rows = f"rows_{next(_names)}"
    order = [f"c{n}" for n in range(len(layout.data), len(layout.columns))]
    sorted_sql = f"SELECT * FROM ({sql}) ORDER BY {', '.join(order)}" if order else sql
    connection.execute(f"CREATE TEMP TABLE {rows} AS {sorted_sql}")
    try:
        written = Written(only_value(connection, f"SELECT count(*) FROM {rows}"))
        for condition, values in _groups(rows, layout, work):
            _write_group(rows, condition, values, layout, work, written)
        return written
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {rows}")


def _groups(rows: str, layout: Layout, work: Work) -> list[tuple[str, tuple[str, ...]]]:
    """Return (condition, partition values as text) for each partition among the rows."""
    if not layout.keys:
        return [("true", ())]
    first = len(layout.data)
    keys = [f"c{n}" for n in range(first, len(layout.columns))]
    found = work.connection.execute(
        f"SELECT {', '.join(keys)}, {', '.join(f'CAST({k} AS VARCHAR)' for k in keys)} "
        f"FROM {rows} GROUP BY ALL ORDER BY ALL LIMIT {OPEN_WRITERS + 1}"
    ).fetchall()
    if len(found) > OPEN_WRITERS:
        raise TrinoError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {OPEN_WRITERS} open writers for partitions/buckets",
        )
    groups = []
    for row in found:
        texts = row[len(keys) :]
        tests = [
            f"{key} IS NULL"
            if text is None
            else f"{key} = CAST({_quoted(text)} AS {duckdb_type(layout.columns[first + i][1])})"
            for i, (key, text) in enumerate(zip(keys, texts, strict=True))
        ]
        values = tuple(DEFAULT_PARTITION if text is None else str(text) for text in texts)
        groups.append((" AND ".join(tests), values))
    return groups


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _write_group(
    rows: str,
    condition: str,
    values: tuple[str, ...],
    layout: Layout,
    work: Work,
    written: Written,
) -> None:
    folder = layout.location.rstrip("/") + "/"
    if values:
        names = [name for name, _ in layout.columns[len(layout.data) :]]
        pairs = zip(names, values, strict=True)
        folder += "/".join(f"{name}={escape_value(value)}" for name, value in pairs) + "/"
        written.partitions[values] = folder
    for number, bucket in _buckets(layout, work):
        ending = "" if number is None else f"_bucket-{number:05d}"
        path = work.spill / uuid.uuid4().hex
        count = encode_file(rows, f"{condition} AND {bucket}", layout, path, work)
        if count or (number is None and not values):
            name = f"{work.file_prefix}_{uuid.uuid4()}{ending}{file_ending(layout)}"
            if count:
                _put(path, f"{folder}{name}", work)
                written.uris.append(f"{folder}{name}")
        Path(path).unlink(missing_ok=True)


def _buckets(layout: Layout, work: Work) -> list[tuple[int | None, str]]:
    """Return (bucket, condition) for each bucket; one without a number where there are none."""
    if layout.buckets is None:
        return [(None, "true")]
    numbers, count = layout.buckets
    hashed = "0"
    for n in numbers:
        hashed = f"(31 * {hashed} + {_hive_hash(n, layout.columns[n][1], work)})"
    bucket = f"(({hashed} & 2147483647) % {count})"
    return [(n, f"{bucket} = {n}") for n in range(count)]


def _hive_hash(number: int, kind: Type, work: Work) -> str:
    """Return SQL of Hive's hash of a column, as BIGINT: bucketing version 1."""
    from labcloud.trino.types import BIGINT, VARCHAR

    column = f"c{number}"
    if kind.base in ("tinyint", "smallint", "integer", "boolean"):
        return f"COALESCE(CAST({column} AS BIGINT), 0)"
    if kind.base == "bigint":
        return f"COALESCE(xor({column} >> 32, {column}) & 4294967295, 0)"
    if kind.base == "date":
        return f"COALESCE(CAST({column} - DATE '1970-01-01' AS BIGINT), 0)"
    name = work.udf(java_hash, [VARCHAR], BIGINT)
    return f"COALESCE({name}(CAST({column} AS VARCHAR)), 0)"


def java_hash(text: str) -> int:
    """Return Java's String.hashCode over UTF-8 bytes, as Hive's buckets use it."""
    value = 0
    for byte in text.encode():
        value = (31 * value + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return value


def escape_value(value: str) -> str:
    """Return a partition's value as it stands in a folder's name (Hive's escaping)."""
    special = set("\"#%'*/:=?\\{[]^\x7f") | {chr(n) for n in range(0x20)}
    return "".join(f"%{ord(c):02X}" if c in special else c for c in value)


def file_ending(layout: Layout) -> str:
    """Return how the names of files end: text is compressed whole, others inside."""
    if layout.format not in ("TEXTFILE", "JSON"):
        return ""
    return {"GZIP": ".gz", "ZSTD": ".zst", "BZIP2": ".bz2", "NONE": ""}.get(layout.compression, "")


def _put(path: Any, uri: str, work: Work) -> None:
    bucket, key = split_uri(uri)
    work.link.put_file(bucket, key, str(path))
