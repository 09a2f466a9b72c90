"""A table in a query → a DuckDB table expression, and the bytes that Athena would read for it.

The expression yields one column c0, c1, … for each column of the table that the query uses, in the
form of `duckdb_type`. Bytes: text is read whole, compressed as it lies in S3; columnar formats by
the column chunks of the row groups that the query's conditions do not exclude.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from labcloud.engines.athena.tables.files import DataFile, data_files
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.partitions import Partition, partitions_of, value_sql
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.types import Type, duckdb_type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work
    from labcloud.trino.analyzer import Scan


@dataclass(frozen=True, slots=True)
class Source:
    """What a format's reader gets: files of one format, and which of their columns are wanted.

    `columns` are the table's data columns in order; `used` numbers those that the query reads.
    `comparisons` are (column number, operator, value), for row groups. `serde` has the SerDe's
    properties and `parameters` the table's, both with names as they were written.
    """

    table: GlueTable
    files: list[DataFile]
    columns: list[tuple[str, Type]]
    used: list[int]
    comparisons: list[tuple[int, str, Any]]
    serde: dict[str, str]
    parameters: dict[str, str]
    work: Work


@dataclass(frozen=True, slots=True)
class Reading:
    """How DuckDB reads a `Source`: parts of equal layout, and the bytes Athena would read.

    Each part is the SQL of a relation, SQL for each used column, the files it reads, and SQL for a
    row's file as a number into them, from 0.
    """

    parts: list[Part]
    scanned: int


@dataclass(frozen=True, slots=True)
class Part:
    """One relation of a reading."""

    relation: str
    columns: dict[int, str]
    files: list[DataFile]
    file_index: str = "file_index"


class Reader(Protocol):
    """A format's `read`."""

    def __call__(self, source: Source) -> Reading:
        """Return how DuckDB reads the files. Raises TrinoError for files that do not fit."""


_READERS = {
    "parquet": "parquet",
    "lazysimple": "text",
    "opencsv": "opencsv",
    "json": "json_lines",
    "orc": "orc",
    "avro": "avro",
    "regex": "regex",
    "grok": "grok",
    "cloudtrail": "cloudtrail",
}

_SERDES = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "parquet",
    "parquet.hive.serde.ParquetHiveSerDe": "parquet",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "lazysimple",
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": "opencsv",
    "org.openx.data.jsonserde.JsonSerDe": "json",
    "org.apache.hive.hcatalog.data.JsonSerDe": "json",
    "org.apache.hadoop.hive.serde2.JsonSerDe": "json",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "orc",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe": "avro",
    "org.apache.hadoop.hive.serde2.RegexSerDe": "regex",
    "com.amazonaws.glue.serde.GrokSerDe": "grok",
    "com.amazon.emr.hive.serde.CloudTrailSerde": "cloudtrail",
    "org.apache.hive.hcatalog.data.CloudTrailSerDe": "cloudtrail",
}
"""Source: https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html"""


def format_of(storage: dict[str, Any], table: GlueTable) -> str:
    """Return the name of a storage descriptor's format. Raises TrinoError for an unknown one."""
    serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    if not serde:
        for word in ("parquet", "orc", "avro"):
            if word in (storage.get("InputFormat") or "").lower():
                return word
        raise TrinoError(
            "HIVE_INVALID_METADATA",
            f"Table descriptor is missing SerDe info: table {table.database}.{table.name}",
        )
    if serde not in _SERDES:
        raise TrinoError(
            "HIVE_UNSUPPORTED_FORMAT",
            f"Output format {storage.get('OutputFormat')} with SerDe {serde} is not supported.",
        )
    return _SERDES[serde]


def reader_of(name: str) -> Reader:
    """Return the function that reads a format."""
    module = import_module(f"labcloud.engines.athena.tables.{_READERS[name]}")
    return module.read  # type: ignore[no-any-return]


def scan_sql(scan: Scan, work: Work) -> str:
    """Return a DuckDB table expression, in brackets, that yields what a query reads of a table.

    Adds to `work.statistics` the bytes that Athena would read. Raises TrinoError, such as
    HIVE_BAD_DATA, where files and table do not fit.
    """
    table = scan.table.handle
    if (other := _other_reader(table)) is not None:
        return str(import_module(f"labcloud.engines.athena.tables.{other}").scan_sql(scan, work))
    assert isinstance(table, GlueTable)
    if not table.location and not table.partition_keys:
        raise TrinoError("HIVE_INVALID_METADATA", "Table location is not set")
    selects = []
    for name, files, partitions in _by_format(table, scan, work):
        selects += _selects(table, scan, work, name, files, partitions)
    return f"({' UNION ALL '.join(selects) or nothing(scan)})"


def _other_reader(table: Any) -> str | None:
    """Return the module that scans what is no table of plain files."""
    if isinstance(table, GlueTable):
        return "iceberg_scan" if table.is_iceberg else None
    return str(table.reader)


_Layout = tuple[str, tuple[tuple[str, str], ...]]
"""A format's name and its SerDe's properties."""


def _by_format(
    table: GlueTable, scan: Scan, work: Work
) -> list[tuple[_Layout, list[DataFile], dict[str, Partition]]]:
    """Return the files to read, together where format and SerDe's properties are the same."""
    groups: dict[_Layout, tuple[list[DataFile], dict[str, Partition]]] = {}
    for partition in partitions_of(table, scan, work):
        storage = partition.storage or table.storage
        if "SerdeInfo" not in storage:
            storage = table.storage
        serde = (storage.get("SerdeInfo") or {}).get("Parameters") or {}
        layout = (format_of(storage, table), tuple(sorted(serde.items())))
        files, partition_of = groups.setdefault(layout, ([], {}))
        for file in _files_of(partition.location or table.location, work):
            files.append(file)
            partition_of[file.uri] = partition
    return [(layout, *group) for layout, group in groups.items() if group[0]]


def _files_of(location: str, work: Work) -> list[DataFile]:
    if location not in work.listed:
        work.listed[location] = data_files(work.link, location)
    return work.listed[location]


def _selects(
    table: GlueTable,
    scan: Scan,
    work: Work,
    layout: _Layout,
    files: list[DataFile],
    partition_of: dict[str, Partition],
) -> list[str]:
    name, serde = layout
    data = len(table.columns)
    source = Source(
        table,
        files,
        table.columns,
        sorted(n for n in scan.used if n < data),
        [c for c in scan.comparisons if c[0] < data],
        dict(serde),
        table.parameters,
        work,
    )
    reading = reader_of(name)(source)
    work.statistics.data_scanned += reading.scanned * scan.times
    return [select_of(table, scan, part, partition_of) for part in reading.parts]


def select_of(table: GlueTable, scan: Scan, part: Part, partition_of: dict[str, Partition]) -> str:
    """Return SQL of one part of a table: c0, c1, … of what the query uses."""
    columns = dict(part.columns)
    data = len(table.columns)
    for number in scan.used:
        if number >= data:
            columns[number] = _of_file(table, number - data, part, partition_of)
    items = ", ".join(f"{columns[n]} AS c{n}" for n in sorted(columns)) or "1 AS nothing"
    return f"SELECT {items} FROM {part.relation}"


def _of_file(table: GlueTable, number: int, part: Part, partition_of: dict[str, Partition]) -> str:
    """Return SQL of a column whose value is the same for a whole file: a partition key, $path."""
    keys = table.partition_keys
    files = part.files
    if number < len(keys):
        kind = keys[number][1]
        values = [value_sql(partition_of[f.uri].values[number], kind) for f in files]
        return _by_index(values, duckdb_type(kind), part.file_index)
    hidden = number - len(keys)
    if hidden == 0:
        return _by_index([quote(f.uri) for f in files], "VARCHAR", part.file_index)
    if hidden == 1:
        return _by_index([str(f.size) for f in files], "BIGINT", part.file_index)
    if hidden == 2:
        kind_sql = 'STRUCT("i" TIMESTAMP, "z" VARCHAR)'
        values = [
            f"{{'i': TIMESTAMP {quote(f'{f.modified:%Y-%m-%d %H:%M:%S}')}, 'z': 'UTC'}}"
            for f in files
        ]
        return _by_index(values, kind_sql, part.file_index)
    names = [name for name, _ in keys]
    texts = [
        "/".join(f"{n}={v}" for n, v in zip(names, partition_of[f.uri].values, strict=True))
        for f in files
    ]
    return _by_index([quote(text) for text in texts], "VARCHAR", part.file_index)


def _by_index(values: list[str], kind: str, index: str) -> str:
    if len(set(values)) == 1:
        return f"CAST({values[0]} AS {kind})"
    return f"list_extract(CAST([{', '.join(values)}] AS {kind}[]), CAST({index} AS BIGINT) + 1)"


def nothing(scan: Scan) -> str:
    """Return a SELECT without rows, for a table without files."""
    items = ", ".join(
        f"CAST(NULL AS {duckdb_type(scan.table.columns[n].type)}) AS c{n}"
        for n in sorted(scan.used)
    )
    return f"SELECT {items or '1 AS nothing'} WHERE false"
