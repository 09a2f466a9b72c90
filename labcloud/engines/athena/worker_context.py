"""What a statement works with inside a worker process: AWS, DuckDB, the catalog, and its measures.

Modules that run statements (labcloud.engines.athena.tables) get one `Work` a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from labcloud.engines.athena.job import Job, Statistics
from labcloud.trino import casts, tree
from labcloud.trino import session as sessions
from labcloud.trino.analyzer import Analysis, Column, Compiled, compile_query
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.functions.registry import Udfs
from labcloud.trino.session import Session
from labcloud.trino.types import Type, duckdb_type

if TYPE_CHECKING:
    import duckdb

    from labcloud.engines.athena.tables.catalog import GlueCatalog
    from labcloud.engines.athena.tables.files import DataFile


class Link(Protocol):
    """The worker's way to AWS operations; they run in the server, in process."""

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return an operation's output. Raises AWSError.

        A `Body` that is a file comes back as `FileBody` (path, start, length), others as bytes.
        """

    def bodies(self, bucket: str, keys: list[str]) -> list[str]:
        """Return the paths of objects' bodies on disk, in the order of the keys. Raises AWSError.

        Each body is a whole file. It stays for a minute after the object was deleted.
        """

    def put_file(self, bucket: str, key: str, path: str) -> dict[str, Any]:
        """Put a file that the worker wrote (under `Work.spill`) as an object, by PutObject."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query as SQL that DuckDB can run at once; its columns are c0, c1, … in SQL."""

    sql: str
    columns: list[Column]


@dataclass
class Work:
    """One statement being run.

    `spill` is a directory that the worker may write and DuckDB may read and write. `lines` is the
    text that a utility statement or DDL answers with, one entry a line, and `columns` are the
    ColumnInfo entries of what a line holds (`statements.text_columns`). Add to
    `statistics.data_scanned` what Athena would read, then `check_cutoff` (`prepare` does it after
    each table). `exact` is set when a statement runs for the second time because a decimal did not
    fit into 18 digits.
    """

    job: Job
    link: Link
    connection: duckdb.DuckDBPyConnection
    session: Session
    catalog: GlueCatalog
    spill: Path
    statistics: Statistics = field(default_factory=Statistics)
    parameters: Sequence[tree.Expression] = ()
    exact: bool = False
    lines: list[str] = field(default_factory=list)
    listed: dict[str, list[DataFile]] = field(default_factory=dict)
    """Files under the locations that the statement has read: each is listed once."""
    columns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def output_folder(self) -> str:
        """Where the query's results go, s3://bucket/prefix/; empty where Athena manages them."""
        return self.job.output_folder

    @property
    def file_prefix(self) -> str:
        """How the names of written files begin: Trino's id of the query."""
        return self.session.query_id

    def compile(self, query: tree.Query) -> Compiled:
        """Return a query compiled, its tables still placeholders. Raises TrinoError."""
        return compile_query(query, self.catalog, self.session, self.parameters, self.exact)

    def describe(self, query: tree.Query) -> list[Column]:
        """Return the columns that a query yields, without reading a table. Raises TrinoError."""
        return self.compile(query).columns

    def prepare(self, query: tree.Query) -> Prepared:
        """Return a query as SQL to run: tables in place, functions known. Raises TrinoError."""
        compiled = self.compile(query)
        self.register(compiled.udfs)
        if not compiled.scans:
            return Prepared(compiled.filled([]), compiled.columns)
        from labcloud.engines.athena.tables.scan import scan_sql

        tables = []
        for scan in compiled.scans:
            tables.append(scan_sql(scan, self))
            self.check_cutoff()
        return Prepared(compiled.filled(tables), compiled.columns)

    def cast(self, sql: str, given: Type, wanted: Type) -> str:
        """Return SQL of a value of one type cast to another as Trino's CAST does."""
        analysis = Analysis(self.catalog, self.session)
        found = casts.cast(Expr(sql, given), wanted, analysis)
        self.register(analysis.udfs)
        return found.sql

    def null(self, kind: Type) -> str:
        """Return SQL of a NULL of a type."""
        return f"CAST(NULL AS {duckdb_type(kind)})"

    def udf(self, function: Callable[..., Any], args: list[Type], result: Type) -> str:
        """Make a Python function known to DuckDB; return its name in SQL."""
        udfs = Udfs()
        name = udfs.name(function, args, result)
        self.register(udfs)
        return name

    def register(self, udfs: Udfs) -> None:
        """Make a statement's Python functions known to DuckDB."""
        sessions.register(self.connection, udfs)

    def check_cutoff(self) -> None:
        """Raise CutoffExceeded where more was read than the workgroup allows a query."""
        cutoff = self.job.cutoff
        if cutoff is not None and self.statistics.data_scanned > cutoff:
            raise CutoffExceeded()


class CutoffExceeded(TrinoError):
    """The workgroup's BytesScannedCutoffPerQuery was passed."""

    def __init__(self) -> None:
        super().__init__("EXCEEDED_SCAN_LIMIT", "Bytes scanned limit was exceeded")
