"""What kind of statement a query is, and what its result file is called.

Source: StatementType and SubstatementType as measured on the service by others, see errors.py.
"""

from __future__ import annotations

from labcloud.engines.athena.job import Kind
from labcloud.trino import tree


def _ddl(subtype: str | None) -> Kind:
    return Kind("DDL", subtype)


def _utility(subtype: str | None, counts: bool = True) -> Kind:
    return Kind("UTILITY", subtype, counts=counts)


def _dml(subtype: str, ending: str) -> Kind:
    return Kind("DML", subtype, ending, counts=True)


SELECT = Kind("DML", "SELECT", ".csv", header=True, counts=True)
CTAS = Kind("DDL", "CREATE_TABLE_AS_SELECT", "", "tables/", counts=True)
SHOW_FUNCTIONS = Kind("UTILITY", "SHOW_FUNCTIONS", ".csv", header=True, counts=True)

_KINDS: dict[type[tree.Node], Kind] = {
    tree.Query: SELECT,
    tree.Insert: _dml("INSERT", ""),
    tree.Unload: _dml("UNLOAD", ""),
    tree.Update: _dml("UPDATE", ".csv"),
    tree.Delete: _dml("DELETE", ".csv"),
    tree.Merge: _dml("MERGE", ".csv"),
    tree.Vacuum: Kind("DML", "VACUUM_TABLE", ".csv"),
    tree.Explain: Kind("DML", "EXPLAIN", header=True),
    tree.CreateTableAsSelect: CTAS,
    tree.Optimize: CTAS,
    tree.CreateTable: _ddl("CREATE_TABLE"),
    tree.CreateView: _ddl("CREATE_VIEW"),
    tree.CreateDatabase: _ddl("CREATE_DATABASE"),
    tree.DropTable: _ddl("DROP_TABLE"),
    tree.DropView: _ddl("DROP_VIEW"),
    tree.DropDatabase: _ddl("DROP_DATABASE"),
    tree.AlterDatabase: _ddl("ALTER_DATABASE"),
    tree.RepairTable: _ddl("MSCK_REPAIR"),
    tree.Describe: _utility("DESCRIBE_TABLE", counts=False),
    tree.DescribeInput: _utility("DESCRIBE_INPUT"),
    tree.Prepare: _utility("PREPARE", counts=False),
    tree.Deallocate: _utility("DEALLOCATE", counts=False),
}

_ALTER = {
    "ADD COLUMNS": "ALTER_TABLE_ADD_COLUMN",
    "REPLACE COLUMNS": "ALTER_TABLE_REPLACE_COLUMN",
    "CHANGE COLUMN": "ALTER_TABLE_CHANGE_COLUMN",
    "DROP COLUMN": "ALTER_TABLE_DROP_COLUMN",
    "RENAME COLUMN": "ALTER_TABLE_RENAME_COLUMN",
    "ADD PARTITION": "ALTER_TABLE_ADD_PARTITION",
    "DROP PARTITION": "ALTER_TABLE_DROP_PARTITION",
    "RENAME PARTITION": "ALTER_TABLE_RENAME_PARTITION",
    "SET LOCATION": "ALTER_TABLE_SET_LOCATION",
    "SET TBLPROPERTIES": "ALTER_TABLE_SET_PROPERTIES",
    "UNSET TBLPROPERTIES": "ALTER_TABLE_UNSET_PROPERTIES",
    "RENAME TO": "ALTER_TABLE_RENAME",
}

_SHOW = {
    "DATABASES": "SHOW_DATABASES",
    "TABLES": "SHOW_TABLES",
    "VIEWS": "SHOW_VIEWS",
    "COLUMNS": "SHOW_COLUMNS",
    "PARTITIONS": "SHOW_PARTITIONS",
    "TBLPROPERTIES": "SHOW_TABLE_PROPERTIES",
    "CREATE TABLE": "SHOW_CREATE_TABLE",
    "CREATE VIEW": "SHOW_CREATE_VIEW",
}


def kind_of(node: tree.Node) -> Kind:
    """Return the kind of a statement; EXECUTE is the kind of what it executes (see `resolved`)."""
    if isinstance(node, tree.AlterTable):
        return _ddl(_ALTER.get(node.action))
    if isinstance(node, tree.Show):
        if node.what == "FUNCTIONS":
            return SHOW_FUNCTIONS
        return _utility(_SHOW.get(node.what), counts=node.what != "CREATE TABLE")
    if isinstance(node, tree.Describe) and node.view:
        return _utility("DESC_VIEW")
    return _KINDS.get(type(node), _utility(None))
