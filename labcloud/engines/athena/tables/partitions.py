"""Which partitions a query reads: those whose values satisfy its predicates."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from labcloud.engines.athena.tables import projection
from labcloud.engines.athena.tables.glue_pages import partition_entries
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.trino.errors import quote
from labcloud.trino.types import Type, duckdb_type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work
    from labcloud.trino.analyzer import Scan

DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its values as text, where its data is, how it is stored."""

    values: tuple[str, ...]
    location: str
    storage: dict[str, Any] = field(default_factory=dict)


def value_sql(text: str, kind: Type) -> str:
    """Return DuckDB SQL for a partition's value, which the catalog holds as text."""
    if text == DEFAULT_PARTITION:
        return f"CAST(NULL AS {duckdb_type(kind)})"
    if kind.base == "varchar":
        return quote(text)
    return f"TRY_CAST({quote(text)} AS {duckdb_type(kind)})"


def partitions_of(table: GlueTable, scan: Scan, work: Work) -> list[Partition]:
    """Return the partitions that a scan must read; one without values for a plain table."""
    if not table.partition_keys:
        return [Partition((), table.location, table.storage)]
    first = len(table.columns)
    if projection.enabled(table):
        comparisons = [
            (table.partition_keys[c[0] - first][0], *c[1:])
            for c in scan.comparisons
            if first <= c[0] < first + len(table.partition_keys)
        ]
        found = [
            Partition(values, location, table.storage)
            for values, location in projection.partitions(table, comparisons, work.session.started)
        ]
    else:
        found = list(_in_catalog(table, work))
    return _pruned(found, table, scan, work)


def _in_catalog(table: GlueTable, work: Work) -> list[Partition]:
    found = []
    for entry in partition_entries(work.link, table):
        storage = entry.get("StorageDescriptor") or {}
        found.append(Partition(tuple(entry["Values"]), storage.get("Location", ""), storage))
    return found


def _pruned(found: list[Partition], table: GlueTable, scan: Scan, work: Work) -> list[Partition]:
    """Keep the partitions that satisfy the predicates on partition keys alone.

    DuckDB evaluates the query's own conditions over the partitions' values, so that pruning and
    filtering cannot disagree.
    """
    first = len(table.columns)
    keys = range(first, first + len(table.partition_keys))
    conditions = [p.sql for p in scan.predicates if p.columns and p.columns <= set(keys)]
    if not conditions or not found:
        return found
    columns = [
        f"unnest([{', '.join(value_sql(p.values[i], kind) for p in found)}]) AS c{first + i}"
        for i, (_, kind) in enumerate(table.partition_keys)
    ]
    source = f"(SELECT unnest(range({len(found)})) AS n, {', '.join(columns)})"
    return [found[n] for n in _satisfying(source, conditions, work)]


def _satisfying(source: str, conditions: list[str], work: Work) -> list[int]:
    """Return the numbers of the rows that meet all conditions.

    One that fails when it is evaluated alone excludes nothing: another may guard it.
    """

    def ask(some: list[str]) -> list[int]:
        sql = f"SELECT n FROM {source} WHERE {' AND '.join(some) or 'true'} ORDER BY n"
        return [n for (n,) in work.connection.execute(sql).fetchall()]

    try:
        return ask(conditions)
    except duckdb.Error:
        sound = []
        for condition in conditions:
            with contextlib.suppress(duckdb.Error):
                ask([condition])
                sound.append(condition)
        return ask(sound)
