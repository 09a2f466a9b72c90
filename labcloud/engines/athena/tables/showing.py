"""SHOW and DESCRIBE, in Athena's own text.

A result is lines; where it has several columns, Hive pads each to 20 characters and puts a tab
between them. Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labcloud.engines.athena.tables.altering import all_values, spec_values
from labcloud.engines.athena.tables.definitions import texts
from labcloud.engines.athena.tables.glue_pages import glue_pages
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.writing import escape_value
from labcloud.errors import AWSError
from labcloud.trino import tree
from labcloud.trino.catalog import View
from labcloud.trino.errors import TrinoError

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

WIDTH = 20


@dataclass(frozen=True, slots=True)
class Text:
    """A result of lines: the names of its columns (all are strings), and the lines."""

    columns: tuple[str, ...]
    lines: list[str]


def run(node: tree.Show | tree.Describe, work: Work) -> Text:
    """Run a SHOW or DESCRIBE. Raises TrinoError."""
    if isinstance(node, tree.Describe):
        return _describe(node, work)
    return _SHOW[node.what](dict(node.details), work)


def _padded(*cells: str) -> str:
    return "\t".join(cell.ljust(WIDTH) for cell in cells)


# ---- lists


def _databases(details: dict[str, Any], work: Work) -> Text:
    found = [d["Name"] for d in glue_pages(work.link, "GetDatabases", "DatabaseList", {})]
    return Text(("database_name",), sorted(_like(found, details.get("like"))))


def _tables(details: dict[str, Any], work: Work) -> Text:
    names = [t["Name"] for t in _glue_tables(details, work)]
    return Text(("tab_name",), sorted(_like(names, details.get("like"))))


def _views(details: dict[str, Any], work: Work) -> Text:
    found = _glue_tables(details, work)
    names = [t["Name"] for t in found if t.get("TableType") == "VIRTUAL_VIEW"]
    return Text(("views",), sorted(_like(names, details.get("like"))))


def _glue_tables(details: dict[str, Any], work: Work) -> list[dict[str, Any]]:
    database = details.get("database")
    name = _word(database) if database is not None else work.session.schema
    try:
        return list(glue_pages(work.link, "GetTables", "TableList", {"DatabaseName": name}))
    except AWSError:
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10072]: Database does not exist: {name}"
        ) from None


def _word(name: Any) -> str:
    if isinstance(name, tuple):
        name = name[-1]
    return (name.value if isinstance(name, tree.Identifier) else str(name)).lower()


def _like(names: list[str], pattern: str | None) -> list[str]:
    """Keep the names that match Hive's pattern: `*` is any text, `|` is or; also plain regex."""
    if pattern is None:
        return names
    parts = [part.replace(".*", "*").replace("*", ".*") for part in pattern.split("|")]
    try:
        found = re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)
    except re.error:
        return [name for name in names if name == pattern]
    return [name for name in names if found.fullmatch(name)]


def _functions(details: dict[str, Any], work: Work) -> Text:
    from labcloud.trino.functions import FUNCTIONS

    return Text(("Function",), sorted(_like(list(FUNCTIONS), details.get("like"))))


# ---- one table


def _handle(name: Any, work: Work) -> GlueTable | View:
    parts = texts(name)
    found = work.catalog.resolve(parts)
    if found is None:
        raise TrinoError(
            "FAILED", f"SemanticException [Error 10001]: Table not found {'.'.join(parts)}"
        )
    if isinstance(found, View):
        return found
    handle = found.handle
    assert isinstance(handle, GlueTable)
    return handle


def _plain(name: Any, work: Work) -> GlueTable:
    found = _handle(name, work)
    if isinstance(found, View):
        raise TrinoError("FAILED", f"{'.'.join(texts(name))} is a view")
    return found


def _full(details: dict[str, Any]) -> Any:
    """Return the table's name, with the database of SHOW … FROM table IN database."""
    name = details["name"]
    database = details.get("database")
    if database is None:
        return name
    return ((database[-1] if isinstance(database, tuple) else database), *name[-1:])


def _show_columns(details: dict[str, Any], work: Work) -> Text:
    found = _handle(_full(details), work)
    if isinstance(found, View):
        names = [c.name for c in found.columns]
    else:
        names = [name for name, _ in found.columns + found.partition_keys]
    return Text(("field",), [name.ljust(WIDTH) for name in names])


def _partitions(details: dict[str, Any], work: Work) -> Text:
    table = _plain(_full(details), work)
    names = [name for name, _ in table.partition_keys]
    if not names:
        raise TrinoError(
            "FAILED",
            "SemanticException [Error 10241]: "
            f"Table {table.database}.{table.name} is not a partitioned table",
        )
    lines = [
        "/".join(f"{n}={escape_value(v)}" for n, v in zip(names, values, strict=True))
        for values in all_values(table, work)
    ]
    return Text(("partition",), sorted(lines))


def _properties(details: dict[str, Any], work: Work) -> Text:
    table = _plain(_full(details), work)
    wanted = details.get("property")
    if wanted is not None:
        value = table.parameters.get(wanted)
        text = (
            value if value is not None else f"Table {table.name} does not have property: {wanted}"
        )
        return Text(("prpt_name", "prpt_value"), [text])
    lines = [f"{key}\t{value}" for key, value in sorted(table.parameters.items())]
    return Text(("prpt_name", "prpt_value"), lines)


def _create_view(details: dict[str, Any], work: Work) -> Text:
    found = _handle(details["name"], work)
    if not isinstance(found, View):
        raise TrinoError(
            "NOT_SUPPORTED", f"Relation '{'.'.join(texts(details['name']))}' is a table, not a view"
        )
    name = ".".join(f'"{part}"' for part in texts(details["name"]))
    return Text(("Create View",), [f"CREATE VIEW {name} AS ", *found.sql.splitlines()])


def _create_table(details: dict[str, Any], work: Work) -> Text:
    found = _handle(details["name"], work)
    if isinstance(found, View):
        return _create_view(details, work)
    lines = _iceberg_lines(found, work) if found.is_iceberg else _external_lines(found)
    return Text(("createtab_stmt",), lines)


def _column_lines(columns: list[dict[str, Any]], ending: str) -> list[str]:
    lines = []
    for number, column in enumerate(columns):
        comment = f" COMMENT '{_escaped(column['Comment'])}'" if column.get("Comment") else ""
        end = ending if number == len(columns) - 1 else ", "
        lines.append(f"  `{column['Name']}` {column.get('Type') or 'string'}{comment}{end}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _external_lines(table: GlueTable) -> list[str]:
    storage = table.storage
    lines = [f"CREATE EXTERNAL TABLE `{table.name}`("]
    lines += _column_lines(list(storage.get("Columns") or ()), ")")
    if comment := table.parameters.get("comment"):
        lines.append(f"COMMENT '{_escaped(comment)}'")
    if keys := table.glue.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_column_lines(keys, ")")]
    if storage.get("BucketColumns"):
        *first, last = storage["BucketColumns"]
        lines += ["CLUSTERED BY ( ", *(f"  {c}, " for c in first), f"  {last}) "]
        lines += [f"INTO {storage.get('NumberOfBuckets', 0)} BUCKETS"]
    lines += _serde_lines(storage.get("SerdeInfo") or {})
    lines += ["STORED AS INPUTFORMAT ", f"  '{storage.get('InputFormat')}' ", "OUTPUTFORMAT "]
    lines += [f"  '{storage.get('OutputFormat')}'", "LOCATION", f"  '{table.location}'"]
    shown = {k: v for k, v in table.parameters.items() if k not in ("EXTERNAL", "comment")}
    return lines + _property_lines("TBLPROPERTIES (", shown)


def _serde_lines(serde: dict[str, Any]) -> list[str]:
    name = serde.get("SerializationLibrary") or ""
    properties = dict(serde.get("Parameters") or {})
    plain = properties == {"serialization.format": "1"} or not properties
    if name.endswith("LazySimpleSerDe") and not plain:
        lines = ["ROW FORMAT DELIMITED "]
        words = (
            ("field.delim", "FIELDS TERMINATED BY"),
            ("escape.delim", "ESCAPED BY"),
            ("collection.delim", "COLLECTION ITEMS TERMINATED BY"),
            ("mapkey.delim", "MAP KEYS TERMINATED BY"),
            ("line.delim", "LINES TERMINATED BY"),
            ("serialization.null.format", "NULL DEFINED AS"),
        )
        for key, clause in words:
            if key in properties:
                lines.append(f"  {clause} '{_visible(properties[key])}' ")
        return lines
    lines = ["ROW FORMAT SERDE ", f"  '{name}' "]
    if plain:
        return lines
    shown = {k: v for k, v in properties.items() if (k, v) != ("serialization.format", "1")}
    *first, last = _property_lines("WITH SERDEPROPERTIES ( ", shown)
    return [*lines, *first, f"{last} "]


def _visible(text: str) -> str:
    named = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return "".join(
        named.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in _escaped(text)
    )


def _property_lines(head: str, properties: dict[str, str]) -> list[str]:
    if not properties:
        return []
    items = sorted(properties.items())
    lines = [f"  '{k}'='{_escaped(str(v))}', " for k, v in items]
    lines[-1] = lines[-1].removesuffix(", ") + ")"
    return [head, *lines]


_ICEBERG = ("format", "write_compression")
"""Properties of an Iceberg table that are shown, beside those of OPTIMIZE and VACUUM."""


def _iceberg_lines(table: GlueTable, work: Work) -> list[str]:
    from labcloud.engines.athena.tables.iceberg_io import load
    from labcloud.engines.athena.tables.iceberg_types import spec_texts

    lines = [f"CREATE TABLE {table.database}.{table.name} ("]
    shown = [c for c in table.storage.get("Columns") or () if not _is_dropped(c)]
    for number, column in enumerate(shown):
        end = ")" if number == len(shown) - 1 else ","
        lines.append(f"  {column['Name']} {column.get('Type')}{end}")
    if spec := spec_texts(load(table, work)):
        lines.append(f"PARTITIONED BY ({', '.join(spec)})")
    lines.append(f"LOCATION '{table.location}'")
    kept = sorted(
        (k, v)
        for k, v in table.parameters.items()
        if k in _ICEBERG or k.startswith(("optimize_", "vacuum_"))
    )
    shown = [("table_type", "iceberg"), *kept]
    items = [f"  '{k}'='{_escaped(v)}'," for k, v in shown]
    return [*lines, "TBLPROPERTIES (", *items[:-1], items[-1].removesuffix(","), ");"]


def _is_dropped(column: dict[str, Any]) -> bool:
    return (column.get("Parameters") or {}).get("iceberg.field.current") == "false"


# ---- DESCRIBE


def _describe(node: tree.Describe, work: Work) -> Text:
    if node.view:
        view = _handle(node.name, work)
        if not isinstance(view, View):
            raise TrinoError("FAILED", f"{'.'.join(texts(node.name))} is not a view")
        lines = [f"{c.name}\t{c.type}\t\t" for c in view.columns]
        return Text(("Column", "Type", "Extra", "Comment"), lines)
    names = ("col_name", "data_type", "comment")
    found = _handle(node.name, work)
    if isinstance(found, View):
        return Text(names, [_padded(c.name, str(c.type), "") for c in found.columns])
    if node.column is not None:
        return Text(names, _one_column(found, node.column.value.lower()))
    if node.partition:
        spec_values(found, node.partition)
    lines = [_column_line(c) for c in found.storage.get("Columns") or () if not _is_dropped(c)]
    keys = found.glue.get("PartitionKeys") or ()
    lines += [_column_line(c) for c in keys]
    if keys:
        title = _padded("# Partition Information", "", "")
        head = _padded("# col_name", "data_type", "comment")
        lines += [_padded("", "", ""), title, head, _padded("", "", "")]
        lines += [_column_line(c) for c in keys]
    if node.mode is not None:
        lines += _extended(found, node.mode.upper())
    return Text(names, lines)


def _column_line(column: dict[str, Any]) -> str:
    return _padded(column["Name"], column.get("Type") or "string", column.get("Comment") or "")


def _one_column(table: GlueTable, name: str) -> list[str]:
    every = [*(table.storage.get("Columns") or ()), *(table.glue.get("PartitionKeys") or ())]
    found = next((c for c in every if c["Name"].lower() == name), None)
    if found is None:
        raise TrinoError(
            "FAILED",
            f"SemanticException cannot find field {name} from {[c['Name'] for c in every]}",
        )
    return [_column_line(found)]


def _moment(at: Any) -> str:
    """Return a moment as Java's Date prints it."""
    return f"{at:%a %b %d %H:%M:%S UTC %Y}" if isinstance(at, datetime) else ""


def _extended(table: GlueTable, mode: str) -> list[str]:
    storage = table.storage
    if mode == "EXTENDED":
        blank = _padded("", "", "")
        parameters = ", ".join(f"{k}={v}" for k, v in sorted(table.parameters.items()))
        detail = (
            f"Table(tableName:{table.name}, dbName:{table.database}, "
            f"owner:{table.glue.get('Owner') or 'hadoop'}, location:{table.location}, "
            f"inputFormat:{storage.get('InputFormat')}, "
            f"outputFormat:{storage.get('OutputFormat')}, "
            f"parameters:{{{parameters}}}, tableType:{table.glue.get('TableType')})"
        )
        return [blank, f"Detailed Table Information\t{detail}\t"]
    pairs = [
        ("Database:", table.database),
        ("Owner:", table.glue.get("Owner") or "hadoop"),
        ("CreateTime:", _moment(table.glue.get("CreateTime"))),
        ("Location:", table.location),
        ("Table Type:", table.glue.get("TableType") or ""),
    ]
    lines = [_padded("", "", ""), _padded("# Detailed Table Information", "", "")]
    lines += [_padded(key, value, "") for key, value in pairs]
    lines.append(_padded("Table Parameters:", "", ""))
    lines += [_padded("", k, v) for k, v in sorted(table.parameters.items())]
    lines += [_padded("", "", ""), _padded("# Storage Information", "", "")]
    serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    lines += [
        _padded("SerDe Library:", serde, ""),
        _padded("InputFormat:", storage.get("InputFormat") or "", ""),
        _padded("OutputFormat:", storage.get("OutputFormat") or "", ""),
    ]
    return lines


_SHOW: dict[str, Callable[[dict[str, Any], Any], Text]] = {
    "DATABASES": _databases,
    "TABLES": _tables,
    "VIEWS": _views,
    "COLUMNS": _show_columns,
    "PARTITIONS": _partitions,
    "TBLPROPERTIES": _properties,
    "CREATE TABLE": _create_table,
    "CREATE VIEW": _create_view,
    "FUNCTIONS": _functions,
}
