"""A statement, parsed, → its outcome, inside a worker.

Queries are compiled to DuckDB's SQL and written as Athena's CSV; what makes, fills and describes
tables is in `tables`.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import duckdb

from labcloud.engines.athena import csv_file, explain, prepared
from labcloud.engines.athena.failures import EXHAUSTED
from labcloud.engines.athena.job import Outcome
from labcloud.engines.athena.worker_context import Work
from labcloud.trino import faults, tree
from labcloud.trino.analyzer import Column
from labcloud.trino.errors import TrinoError
from labcloud.trino.render import column_info
from labcloud.trino.types import BIGINT, VARCHAR

if TYPE_CHECKING:
    from labcloud.engines.athena.tables.writing import Written


_TABLES = "labcloud.engines.athena.tables"


def execute(node: tree.Node, work: Work) -> Outcome:
    """Run a statement. Raises TrinoError.

    A decimal that does not fit into 18 digits makes it run once more with all decimals wide.
    """
    for work.exact in (False, True):
        try:
            return _execute(node, work)
        except duckdb.OutOfMemoryException:
            raise exhausted() from None
        except duckdb.Error as error:
            if work.exact or not faults.wants_exact(error):
                raise faults.translate(error) from None
            _start_again(work)
    raise AssertionError("unreachable")


def exhausted() -> TrinoError:
    """Return the error of a query that needs more memory than it may have."""
    return TrinoError(EXHAUSTED.name, EXHAUSTED.message)


def _start_again(work: Work) -> None:
    work.statistics = type(work.statistics)()
    work.lines, work.columns = [], []


def _execute(node: tree.Node, work: Work) -> Outcome:
    node = prepared.resolve(node, work)
    if isinstance(node, tree.Query):
        return _query(node, work)
    if isinstance(node, tree.Prepare | tree.Deallocate):
        prepared.change(node, work)
        return text(work)
    if isinstance(node, tree.CreateTableAsSelect):
        return _written(import_module(f"{_TABLES}.creating").create_table_as(node, work), work)
    if isinstance(node, tree.Insert):
        return _written(import_module(f"{_TABLES}.creating").insert(node, work), work)
    if isinstance(node, tree.Unload):
        return _written(import_module(f"{_TABLES}.creating").unload(node, work), work)
    if isinstance(node, tree.Delete | tree.Update | tree.Merge | tree.Optimize | tree.Vacuum):
        done = import_module(f"{_TABLES}.iceberg_write").run(node, work)
        return _written(done, work) if done is not None else text(work)
    if isinstance(node, tree.Explain):
        return explain.run(node, work)
    if isinstance(node, tree.Show | tree.Describe):
        return _shown(node, work)
    definitions = import_module(f"{_TABLES}.definitions")
    if isinstance(node, definitions.DEFINITIONS):
        definitions.run(node, work)
        return text(work)
    raise TrinoError("NOT_SUPPORTED", f"Unsupported statement type: {type(node).__name__}")


def _query(node: tree.Query, work: Work) -> Outcome:
    started = time.perf_counter()
    query = work.prepare(node)
    work.statistics.planning = _since(started)
    started = time.perf_counter()
    written = csv_file.write(query.sql, query.columns, work)
    work.statistics.execution = _since(started)
    work.statistics.rows_returned, work.statistics.bytes_returned = written.rows, written.size
    return Outcome(infos(query.columns), written.data, written.path, 0, statistics=work.statistics)


def infos(columns: list[Column]) -> list[dict[str, Any]]:
    """Return ColumnInfo entries of columns."""
    return [column_info(column.name, column.type) for column in columns]


def text(work: Work) -> Outcome:
    """Return the outcome of a statement that answers with lines of text, or with nothing."""
    data = "\n".join(work.lines).encode()
    work.statistics.rows_returned, work.statistics.bytes_returned = len(work.lines), len(data)
    return Outcome(work.columns, data, statistics=work.statistics)


def text_columns(*names: str, kind: str = "string") -> list[dict[str, Any]]:
    """Return ColumnInfo entries of what SHOW and DESCRIBE answer with."""
    told = {"Type": kind, "Precision": 0, "CaseSensitive": False}
    return [{**column_info(name, VARCHAR), **told} for name in names]


_VARCHARS = (("views",), ("create view",), ("column", "type"))
"""Columns of SHOW and DESCRIBE that are varchar; all others are string."""


def _shown(node: tree.Show | tree.Describe, work: Work) -> Outcome:
    found = import_module(f"{_TABLES}.showing").run(node, work)
    work.lines = found.lines
    kind = "varchar" if found.columns in _VARCHARS else "string"
    work.columns = text_columns(*found.columns, kind=kind)
    if isinstance(node, tree.Show) and node.what == "FUNCTIONS":
        work.columns = text_columns(*found.columns, kind="varchar")
        rows = [line.split("\t") for line in found.lines]
        data = b"".join(map(csv_file.line, [list(found.columns), *rows]))
        return Outcome(work.columns, data, update_count=0, statistics=work.statistics)
    return text(work)


def _written(done: Written, work: Work) -> Outcome:
    """Return the outcome of a statement that wrote rows into the files of a table or location."""
    work.statistics.rows_returned = done.rows
    return Outcome(
        [column_info("rows", BIGINT)],
        update_count=done.rows,
        manifest=done.uris,
        statistics=work.statistics,
    )


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
