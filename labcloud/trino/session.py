"""Running a query: parse, compile, run in DuckDB, say errors in Trino's words."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
from duckdb.func import DEFAULT, SPECIAL

from labcloud.trino import faults, parser, tree
from labcloud.trino.analyzer import Column, Compiled, compile_query
from labcloud.trino.catalog import Catalog
from labcloud.trino.errors import TrinoError
from labcloud.trino.functions.registry import Udfs
from labcloud.trino.types import duckdb_type


@dataclass(slots=True)
class Session:
    """What a statement knows of its surroundings."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    zone: str = "UTC"
    user: str = "labcloud"
    query_id: str = "20000101_000000_00000_labcl"
    catalog: str = "awsdatacatalog"
    schema: str = "default"
    max_recursion: int = 10


@dataclass(frozen=True, slots=True)
class Result:
    """A query's columns and rows, with values as DuckDB's Python client gives them."""

    columns: list[Column]
    rows: list[tuple[Any, ...]]


_registered: weakref.WeakKeyDictionary[Any, dict[str, Callable[..., Any]]] = (
    weakref.WeakKeyDictionary()
)


def register(connection: duckdb.DuckDBPyConnection, udfs: Udfs) -> None:
    """Make the Python functions of a statement known to a connection; known ones stay."""
    known = _registered.setdefault(connection, {})
    for quoted, (function, args, result) in udfs.wanted.items():
        name = quoted.strip('"')
        if known.get(name) is function:
            continue
        if name in known:
            connection.remove_function(name)
        connection.create_function(
            name,
            _fixed(function, len(args)),
            [duckdb.sqltype(duckdb_type(kind)) for kind in args],
            duckdb.sqltype(duckdb_type(result)),
            null_handling=SPECIAL if getattr(function, "null_safe", False) else DEFAULT,
            side_effects=getattr(function, "volatile", False),
        )
        known[name] = function


def _fixed(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Return a function that DuckDB sees to take so many arguments, also one that takes *args."""
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        return function

    @functools.wraps(function)
    def fixed(*args: Any) -> Any:
        return function(*args)

    fixed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(f"a{n}", inspect.Parameter.POSITIONAL_ONLY) for n in range(count)]
    )
    return fixed


def execute(
    connection: duckdb.DuckDBPyConnection, compiled: Compiled, tables: Sequence[str]
) -> duckdb.DuckDBPyConnection:
    """Start a compiled query. Raises duckdb.Error."""
    register(connection, compiled.udfs)
    return connection.execute(compiled.filled(tables))


def run(
    connection: duckdb.DuckDBPyConnection,
    statement: str | tree.Query,
    catalog: Catalog,
    session: Session | None = None,
    parameters: Sequence[tree.Expression] = (),
) -> Result:
    """Run a query whose tables' handles are DuckDB's SQL. Raises TrinoError."""
    session = session or Session()
    node = parser.parse(statement) if isinstance(statement, str) else statement
    if not isinstance(node, tree.Query):
        raise TrinoError("NOT_SUPPORTED", "Only queries can be run here")
    for exact in (False, True):
        compiled = compile_query(node, catalog, session, parameters, exact)
        try:
            started = execute(connection, compiled, [s.table.handle for s in compiled.scans])
            return Result(compiled.columns, started.fetchall())
        except duckdb.Error as error:
            if not exact and faults.wants_exact(error):
                continue
            raise faults.translate(error) from None
    raise AssertionError("unreachable")
