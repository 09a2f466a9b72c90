"""One statement being compiled to DuckDB's SQL, and what comes of it.

Every relation gets an alias of its own (r1, r2, …) and its columns are c0, c1, …, so a column reads
`"r1"."c0"` wherever it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labcloud.trino import tree
from labcloud.trino.catalog import Catalog, Table
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.functions.registry import Udfs
from labcloud.trino.scope import Scope
from labcloud.trino.types import Type, duckdb_type

if TYPE_CHECKING:
    from labcloud.trino.session import Session
    from labcloud.trino.withs import Named

Ref = tuple[str, int]
"""A relation's alias and the number of one of its columns."""

MAX_NAMES = 20_000
"""Views that use views many times grow without bound; Trino bounds a query's stages."""

_REF = re.compile(r"""'(?:[^']|'')*'|"(r\d+)"\."c(\d+)"|"[^"]*\"""")
_SCAN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|\{scan:(\d+)\}""")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition that rows of a scan must meet: SQL over c0, c1, …; the columns it reads.

    Evaluating it alone may raise, where the query would not; then it says nothing.
    """

    sql: str
    columns: frozenset[int]


@dataclass(slots=True)
class Scan:
    """One reading of a table. `used` are the columns that the statement needs.

    `comparisons` are the simple ones among the predicates: (column, operator, value), where the
    operator is one of = <> < <= > >= and in (then the value is a list). `times` is how often Trino
    would read the table, which writes out a query of WITH wherever its name stands.
    """

    index: int
    table: Table
    version: tuple[str, tree.Expression] | None = None
    used: set[int] = field(default_factory=set)
    predicates: list[Predicate] = field(default_factory=list)
    comparisons: list[tuple[int, str, Any]] = field(default_factory=list)
    alias: str = ""
    times: int = 1

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns in the order of c0, c1, …."""
        return [column.name for column in self.table.columns]


@dataclass(slots=True)
class Compiled:
    """A query as DuckDB's SQL. Each table reads `{scan:N}` there; `filled` puts them in."""

    sql: str
    columns: list[Column]
    udfs: Udfs
    scans: list[Scan]

    def filled(self, tables: Sequence[str]) -> str:
        """Return the SQL with the tables' own SQL (in brackets) in their places.

        A column that a subquery names and nobody reads is not in `used`; it is NULL.
        """
        named = refs(self.sql)
        texts = [
            _with_unread(text, scan, {n for alias, n in named if alias == scan.alias})
            for text, scan in zip(tables, self.scans, strict=True)
        ]
        return _SCAN.sub(
            lambda match: texts[int(match[1])] if match[1] is not None else match[0], self.sql
        )


@dataclass(slots=True)
class Analysis:
    """The statement that is being compiled; see the module's docstring.

    `exact` compiles decimal arithmetic so that it cannot overflow at 18 digits.
    """

    catalog: Catalog
    session: Session
    udfs: Udfs = field(default_factory=Udfs)
    parameters: list[tree.Expression] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    exact: bool = False
    inner: dict[Ref, list[str]] = field(default_factory=dict)
    """For pushing predicates down: a derived column → the SQL it stands for, one a branch."""
    pushed: list[tuple[str, list[tuple[str, str, Any]]]] = field(default_factory=list)
    """Conditions on one relation, and the simple comparisons that they are."""
    named: dict[str, Named] = field(default_factory=dict)
    """Aliases that read a query of WITH."""
    optional: set[str] = field(default_factory=set)
    """Aliases on the side of an outer join that may have no row."""
    needs: dict[Ref, set[Ref]] = field(default_factory=dict)
    """A derived column → the columns it is made of."""
    roots: set[Ref] = field(default_factory=set)
    """Columns that are read whatever the query selects."""
    views: list[str] = field(default_factory=list)
    """Names of the views being expanded, outermost first."""
    home: tuple[str, str] | None = None
    """Catalog and schema of the view being expanded."""
    _numbers: dict[str, int] = field(default_factory=dict)

    def alias(self, prefix: str = "r") -> str:
        """Return a name that the statement has not yet used."""
        number = self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        if number > MAX_NAMES:
            raise TrinoError("QUERY_HAS_TOO_MANY_STAGES", f"Query has more than {MAX_NAMES} parts")
        return f"{prefix}{number}"

    def expression(self, node: tree.Expression, scope: Scope) -> Expr:
        """Compile an expression."""
        from labcloud.trino import expressions

        return expressions.compile(node, scope, self)

    def coerce(self, expr: Expr, kind: Type) -> Expr:
        """Make an expression one of another type that it coerces to."""
        from labcloud.trino import casts

        return casts.coerce(expr, kind, self)

    @contextmanager
    def within(self, catalog: str, schema: str) -> Iterator[None]:
        """Resolve short names of tables there, as in a view's query."""
        before, self.home = self.home, (catalog, schema)
        try:
            yield
        finally:
            self.home = before

    def full_name(self, name: tuple[str, ...]) -> tuple[str, ...]:
        """Return a table's name with what the place of a view adds to it."""
        if self.home is None or len(name) == 3:
            return name
        return (*self.home[: 3 - len(name)], *name)

    def query(self, node: tree.Query, outer: Scope | None = None) -> Compiled:
        """Compile a query inside the statement."""
        from labcloud.trino import queries

        block = queries.query(node, outer, self)
        names = [name or f"_col{i}" for i, name in enumerate(block.names)]
        columns = [Column(n, e.type) for n, e in zip(names, block.items, strict=True)]
        return Compiled(block.sql(), columns, self.udfs, self.scans)

    def reads(self, *sqls: str) -> None:
        """Note that the columns in these pieces of SQL are read whatever is selected."""
        for sql in sqls:
            self.roots |= refs(sql)

    def inside(self, ref: Ref) -> list[str] | None:
        """Return the SQL that a derived column stands for, one a branch; None where unknown.

        A query of WITH that is read several times has conditions of its own at each.
        """
        if (named := self.named.get(ref[0])) is not None:
            return self.inner.get((named.sql_name, ref[1])) if named.used == 1 else None
        return self.inner.get(ref)

    def finish(self) -> None:
        """Find what scans must read: columns, and which rows."""
        from labcloud.trino import pruning

        pruning.settle(self)
        for named in {id(one): one for one in self.named.values()}.values():
            for number in named.scans:
                self.scans[number].times *= named.used
        by_alias = {scan.alias: scan for scan in self.scans}
        todo, seen = list(self.roots), set(self.roots)
        while todo:
            ref = todo.pop()
            if ref[0] in by_alias:
                by_alias[ref[0]].used.add(ref[1])
            new = self.needs.get(ref, set()) - seen
            seen |= new
            todo += new


def _with_unread(text: str, scan: Scan, named: set[int]) -> str:
    """Return a table's SQL with the columns that are named though nobody reads them."""
    unread = ", ".join(
        f"CAST(NULL AS {duckdb_type(scan.table.columns[n].type)}) AS c{n}"
        for n in sorted(named - scan.used)
    )
    return f"(SELECT *, {unread} FROM {text})" if unread else text


def refs(sql: str) -> set[Ref]:
    """Return the columns that a piece of generated SQL reads."""
    return {(m[1], int(m[2])) for m in _REF.finditer(sql) if m[1] is not None}


def rewrite(sql: str, replace: dict[Ref, str]) -> str:
    """Return generated SQL with other SQL in the place of some columns."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return replace.get((match[1], int(match[2])), match[0])

    return _REF.sub(one, sql)


def without_text(sql: str) -> str:
    """Return generated SQL without what its string literals hold."""
    return re.sub(r"'(?:[^']|'')*'", "''", sql)


def compile_query(
    node: tree.Query,
    catalog: Catalog,
    session: Session,
    parameters: Iterable[tree.Expression] = (),
    exact: bool = False,
) -> Compiled:
    """Compile a query to DuckDB's SQL. Raises TrinoError, with Trino's texts and positions."""
    from labcloud.trino import queries

    analysis = Analysis(catalog, session, parameters=list(parameters), exact=exact)
    try:
        block = queries.query(node, None, analysis, top=True)
    except RecursionError:
        raise TrinoError(
            "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"
        ) from None
    names = [name if name is not None else f"_col{i}" for i, name in enumerate(block.names)]
    analysis.reads(*(item.sql for item in block.items))
    analysis.finish()
    columns = [Column(n, e.type) for n, e in zip(names, block.items, strict=True)]
    return Compiled(block.sql(), columns, analysis.udfs, analysis.scans)
