"""What the analyzer asks of a catalog, and a catalog in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from labcloud.trino.errors import TrinoError
from labcloud.trino.types import Type

Name = tuple[str, str, str]
"""Catalog, schema and table."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table. `hidden` ones ("$path") are read by name only."""

    name: str
    type: Type
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `handle` belongs to the catalog (for `session.run`: DuckDB's SQL of the table)."""

    name: Name
    columns: list[TableColumn]
    handle: Any = None


@dataclass(frozen=True, slots=True)
class View:
    """A view: its query's SQL, the columns it had when it was made, and where it was made."""

    name: Name
    sql: str
    columns: list[TableColumn]
    catalog: str = "awsdatacatalog"
    schema: str = "default"


class Catalog(Protocol):
    """Where tables come from. Names are lower case, of one to three parts, as written."""

    def resolve(self, name: tuple[str, ...]) -> Table | View | None:
        """Return the table or view, or None.

        May raise TrinoError without position (SCHEMA_NOT_FOUND, CATALOG_NOT_FOUND).
        """

    def default_name(self, name: tuple[str, ...]) -> str:
        """Return the name in full for messages: 'awsdatacatalog.db.table'."""


class MemoryCatalog:
    """A catalog in a dict, for tests and statements without tables."""

    def __init__(self, catalog: str = "awsdatacatalog", schema: str = "default") -> None:
        self.catalog, self.schema = catalog, schema
        self.tables: dict[Name, Table | View] = {}

    def full(self, name: tuple[str, ...]) -> Name:
        """Return catalog, schema and table of a name."""
        catalog, schema, table = (self.catalog, self.schema)[: 3 - len(name)] + name
        return catalog, schema, table

    def add(self, table: Table | View) -> None:
        """Keep a table or view."""
        self.tables[table.name] = table

    def resolve(self, name: tuple[str, ...]) -> Table | View | None:
        """Return the table or view. Raises SCHEMA_NOT_FOUND where another schema is named."""
        full = self.full(name)
        if full not in self.tables and len(name) > 1:
            schemas = {known[:2] for known in self.tables} | {(self.catalog, self.schema)}
            if full[:2] not in schemas:
                raise TrinoError("SCHEMA_NOT_FOUND", f"Schema '{full[1]}' does not exist")
        return self.tables.get(full)

    def default_name(self, name: tuple[str, ...]) -> str:
        """Return the name in full."""
        return ".".join(self.full(name))
