"""Parquet files, by DuckDB; the bytes of the column chunks that are read, from the footers.

Source of the rules: https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html
(columns are found by name) and the errors that Athena's Parquet reader gives.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pyarrow.parquet as pq

from labcloud.engines.athena.tables.convert import convert
from labcloud.engines.athena.tables.files import DataFile
from labcloud.engines.athena.tables.scan import Part, Reading, Source
from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.types import Type, duckdb_type

_FOOTERS: OrderedDict[str, Any] = OrderedDict()
_LAYOUTS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_KEPT = 4096


def footer(file: DataFile) -> Any:
    """Return a file's metadata (pyarrow's FileMetaData); bodies never change, so it is kept."""
    if (known := _FOOTERS.get(file.path)) is not None:
        return known
    try:
        found = pq.read_metadata(file.path)
    except Exception as error:
        if "magic bytes" in str(error) or "too small" in str(error) or "Parquet" in str(error):
            raise TrinoError(
                "HIVE_BAD_DATA", f"Not valid Parquet file: {file.uri} expected magic number: PAR1"
            ) from None
        raise TrinoError("HIVE_CANNOT_OPEN_SPLIT", f"{file.uri}: {error}") from None
    _FOOTERS[file.path] = found
    if len(_FOOTERS) > _KEPT:
        _FOOTERS.popitem(last=False)
    return found


def read(source: Source) -> Reading:
    """Return how DuckDB reads Parquet files: one part for each layout of columns among them."""
    by_name = source.serde.get("parquet.column.index.access", "").lower() != "true"
    groups: dict[str, list[DataFile]] = {}
    scanned = 0
    for file in source.files:
        metadata = footer(file)
        groups.setdefault(layout_of(metadata), []).append(file)
        scanned += bytes_read(metadata, source, by_name)
    return Reading([_part(source, files, by_name) for files in groups.values()], scanned)


def layout_of(metadata: Any) -> str:
    """Return a text that is the same for files with the same columns and types."""
    if (known := _LAYOUTS.get(metadata)) is not None:
        return known
    schema = metadata.schema
    found = _LAYOUTS[metadata] = "|".join(
        f"{c.path}:{c.physical_type}:{c.logical_type}:{c.max_definition_level}"
        for c in (schema.column(i) for i in range(len(schema)))
    )
    return found


def _part(source: Source, files: list[DataFile], by_name: bool) -> Part:
    def find(number: int, found: list[tuple[str, Any]]) -> tuple[str, Any] | None:
        if not by_name:
            return found[number] if number < len(found) else None
        name = source.columns[number][0]
        return next((one for one in found if one[0].lower() == name), None)

    return part(source, files, find)


def part(
    source: Source,
    files: list[DataFile],
    find: Callable[[int, list[tuple[str, Any]]], tuple[str, Any] | None],
) -> Part:
    """Return how DuckDB reads files of one layout.

    `find` gives the file's column (name, DuckDB's type) for the number of a table's column.
    """
    relation = f"read_parquet([{', '.join(quote(f.path) for f in files)}])"
    found = _described(files[0], source)
    columns = {}
    for number in source.used:
        wanted = source.columns[number][1]
        have = find(number, found)
        if have is None:
            columns[number] = f"CAST(NULL AS {duckdb_type(wanted)})"
            continue
        quoted = '"' + have[0].replace('"', '""') + '"'
        sql = convert(quoted, have[1], wanted)
        if sql is None:
            raise _mismatch(files[0], have[0], wanted)
        columns[number] = sql
    return Part(relation, columns, files)


_DESCRIBED: OrderedDict[str, list[tuple[str, Any]]] = OrderedDict()


def _described(file: DataFile, source: Source) -> list[tuple[str, Any]]:
    """Return a file's columns (name, DuckDB's type); known for each layout after the first."""
    layout = layout_of(footer(file))
    if (known := _DESCRIBED.get(layout)) is not None:
        return known
    sql = f"SELECT * FROM read_parquet([{quote(file.path)}]) LIMIT 0"
    described = source.work.connection.execute(sql).description
    found = _DESCRIBED[layout] = [(name, kind) for name, kind, *_ in described or ()]
    if len(_DESCRIBED) > _KEPT:
        _DESCRIBED.popitem(last=False)
    return found


def _mismatch(file: DataFile, name: str, wanted: Type) -> TrinoError:
    schema = footer(file).schema
    physical = next(
        (
            schema.column(i).physical_type
            for i in range(len(schema))
            if schema.column(i).path.split(".")[0] == name
        ),
        "GROUP",
    )
    return TrinoError(
        "HIVE_BAD_DATA",
        f"Malformed Parquet file. Field {name}'s type {physical} in parquet file {file.uri} is "
        f"incompatible with type {wanted} defined in table schema",
    )


# ---- bytes


def bytes_read(metadata: Any, source: Source, by_name: bool) -> int:
    """Return the compressed bytes of the used columns in the row groups that are read."""
    names = {source.columns[n][0]: n for n in source.used}
    order: dict[str, int] = {}
    wanted, leaf_of = [], {}
    schema = metadata.schema
    for i in range(len(schema)):
        path = schema.column(i).path
        top = path.split(".")[0]
        number = order.setdefault(top, len(order))
        used = names.get(top.lower()) if by_name else number if number in source.used else None
        if used is not None:
            wanted.append(i)
            if path == top:
                leaf_of[used] = i
    return sum(
        sum(group.column(i).total_compressed_size for i in wanted)
        for group in (metadata.row_group(g) for g in range(metadata.num_row_groups))
        if not _excluded(group, source, leaf_of)
    )


def _excluded(group: Any, source: Source, leaf_of: dict[int, int]) -> bool:
    """Return whether a row group's minimum and maximum say that no row satisfies the conditions."""
    for number, operator, value in source.comparisons:
        if number not in leaf_of:
            continue
        statistics = group.column(leaf_of[number]).statistics
        if statistics is None or not statistics.has_min_max:
            continue
        values = value if operator == "in" else [value]
        if not any(_possible(statistics.min, statistics.max, operator, one) for one in values):
            return True
    return False


def _possible(low: Any, high: Any, operator: str, value: Any) -> bool:
    try:
        if operator in ("=", "in"):
            return bool(low <= value <= high)
        if operator == "<":
            return bool(low < value)
        if operator == "<=":
            return bool(low <= value)
        if operator == ">":
            return bool(high > value)
        if operator == ">=":
            return bool(high >= value)
    except TypeError:  # the file's type is not the query's
        return True
    return True
