"""A table of the Glue Data Catalog, with the names that readers and writers need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labcloud.engines.athena.tables.glue_types import from_hive
from labcloud.trino.types import Type


@dataclass(frozen=True)
class GlueTable:
    """One table as Glue's GetTable returns it."""

    glue: dict[str, Any]

    @property
    def database(self) -> str:
        """The database's name."""
        return str(self.glue["DatabaseName"])

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.glue["Name"])

    @property
    def storage(self) -> dict[str, Any]:
        """Its StorageDescriptor."""
        return self.glue.get("StorageDescriptor") or {}

    @property
    def location(self) -> str:
        """Where its data is, s3://…; empty where none is known."""
        return str(self.storage.get("Location") or "")

    @property
    def parameters(self) -> dict[str, str]:
        """TBLPROPERTIES."""
        return self.glue.get("Parameters") or {}

    @property
    def is_iceberg(self) -> bool:
        """Whether the table is an Apache Iceberg table."""
        return self.parameters.get("table_type", "").upper() == "ICEBERG"

    @property
    def is_view(self) -> bool:
        """Whether it is a view: its text is SQL, it has no data."""
        return self.glue.get("TableType") == "VIRTUAL_VIEW"

    @cached_property
    def columns(self) -> list[tuple[str, Type]]:
        """The columns that are in the files."""
        return [
            (c["Name"].lower(), from_hive(c.get("Type") or "string", self.is_iceberg))
            for c in self.storage.get("Columns") or ()
            if (c.get("Parameters") or {}).get("iceberg.field.current") != "false"
        ]

    @cached_property
    def partition_keys(self) -> list[tuple[str, Type]]:
        """The columns that are in the folders' names."""
        return [
            (c["Name"].lower(), from_hive(c.get("Type") or "string"))
            for c in self.glue.get("PartitionKeys") or ()
        ]
