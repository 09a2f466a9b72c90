"""Writing Iceberg tables: create, insert, update, delete, merge, evolve, optimize, vacuum.

Rows are changed by copy on write: the files that hold them are written anew, in one commit.
Source: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.exceptions import NoSuchNamespaceError, TableAlreadyExistsError, ValidationError
from pyiceberg.io.pyarrow import (
    ArrowProjectionVisitor,
    _dataframe_to_data_files,
    schema_to_pyarrow,
)
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask, Table

from labcloud.engines.athena.tables import properties as props
from labcloud.engines.athena.tables.creating import assignable, insert_sql, named_columns
from labcloud.engines.athena.tables.definitions import failed, texts
from labcloud.engines.athena.tables.encode import to_file
from labcloud.engines.athena.tables.files import objects_under, split_uri
from labcloud.engines.athena.tables.glue_types import from_hive
from labcloud.engines.athena.tables.handle import GlueTable
from labcloud.engines.athena.tables.hive_text import type_text
from labcloud.engines.athena.tables.iceberg_io import catalog_of, committed, load
from labcloud.engines.athena.tables.iceberg_scan import plan, tasks_sql
from labcloud.engines.athena.tables.iceberg_types import schema_of, spec_of, transform_of
from labcloud.engines.athena.tables.values import only_value
from labcloud.engines.athena.tables.writing import Written
from labcloud.trino import tree
from labcloud.trino.analyzer import Compiled
from labcloud.trino.catalog import Table as SqlTable
from labcloud.trino.errors import TrinoError
from labcloud.trino.types import Type

if TYPE_CHECKING:
    from labcloud.engines.athena.worker_context import Work

Columns = list[tuple[str, Type]]


def _keep_nulls(name: str) -> None:
    """Mend a method of pyiceberg 0.12, which writes a NULL list or map of structs as an empty one.

    It makes such an array anew, of its offsets alone.
    """
    plain = getattr(ArrowProjectionVisitor, name)

    def mended(self: Any, kind: Any, array: Any, *items: Any) -> Any:
        found = plain(self, kind, array, *items)
        if found is None or not array.null_count or found.null_count == array.null_count:
            return found
        return pc.if_else(array.is_valid(), found, pa.scalar(None, found.type))

    setattr(ArrowProjectionVisitor, name, mended)


for _method in ("list", "map"):
    _keep_nulls(_method)


def run(node: tree.Node, work: Work) -> Written | None:
    """Run DELETE, UPDATE, MERGE, OPTIMIZE or VACUUM. Raises TrinoError."""
    return _RUN[type(node)](node, work)


# ---- create


def create_table(
    node: tree.CreateTable, properties: dict[str, str], name: tuple[str, str], work: Work
) -> None:
    """Run Athena's CREATE TABLE … TBLPROPERTIES ('table_type'='ICEBERG')."""
    if node.external:
        raise failed("Iceberg tables are not external: use CREATE TABLE")
    if not node.location:
        raise failed("LOCATION is required for an Iceberg table")
    columns = [(c.name.value.lower(), from_hive(type_text(c.type), True)) for c in node.columns]
    comments = {c.name.value.lower(): c.comment for c in node.columns if c.comment}
    partitioning = [_transform_text(item) for item in node.partitioned_by]
    kept = _properties(properties)
    schema = schema_of(columns, comments)
    _create(name, schema, partitioning, node.location, kept, work)


_KNOWN = frozenset(
    (
        "format",
        "write_compression",
        "write_target_data_file_size_bytes",
        "compression_level",
        "write_data_location",
        "write_object_storage_enabled",
        "write_data_path_enabled",
    )
)
"""Source: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html"""

CODEC = "write.parquet.compression-codec"


def _properties(given: dict[str, str]) -> dict[str, str]:
    """Return what Athena keeps of TBLPROPERTIES. Raises TrinoError for a key that it has not."""
    kept = {k.lower(): v for k, v in given.items() if k.lower() != "table_type"}
    for key in kept:
        if key not in _KNOWN and not key.startswith(("optimize_", "vacuum_")):
            raise TrinoError("FAILED", f"SemanticException Unsupported table property key: {key}")
    if kept.get("format", "parquet").lower() != "parquet":
        raise TrinoError("NOT_SUPPORTED", f"Iceberg format {kept['format']} is not written here")
    codec = kept.get("write_compression", "zstd").lower()
    if codec not in ("none", "uncompressed", "zstd", "gzip", "snappy", "lz4"):
        raise failed(f"Unsupported write_compression: {codec}")
    return {**kept, CODEC: "uncompressed" if codec == "none" else codec}


def _transform_text(item: Any) -> str:
    if isinstance(item, tree.Identifier):
        return item.value
    if isinstance(item, tree.ColumnDefinition):
        return item.name.value
    if isinstance(item, tree.FunctionCall):
        words = [
            str(a.value)
            for a in item.arguments
            if isinstance(a, (tree.LongLiteral, tree.Identifier))
        ]
        return f"{item.name}({', '.join(words)})"
    return str(item)


def _create(
    name: tuple[str, str],
    schema: Schema,
    partitioning: list[str],
    location: str,
    properties: dict[str, str],
    work: Work,
) -> Table:
    split_uri(location)
    names = [field.name for field in schema.fields]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise failed(f"Duplicate column name: {twice}")
    try:
        return catalog_of(work).create_table(
            name,
            schema=schema,
            location=location.rstrip("/"),
            partition_spec=spec_of(partitioning, schema),
            properties=properties,
        )
    except TableAlreadyExistsError:
        raise failed(f"AlreadyExistsException(message:Table {name[1]} already exists.)") from None
    except NoSuchNamespaceError:
        raise TrinoError("SCHEMA_NOT_FOUND", f"Schema {name[0]} does not exist") from None


def create_table_as(
    node: tree.CreateTableAsSelect, values: dict[str, Any], name: tuple[str, str], work: Work
) -> Written:
    """Run CREATE TABLE … WITH (table_type = 'ICEBERG') AS."""
    location = props.text(values, "location")
    if location is None:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", "Iceberg table requires the table property 'location'"
        )
    if values.get("is_external") is not False:
        raise TrinoError(
            "INVALID_TABLE_PROPERTY", "Iceberg table property 'is_external' must be false"
        )
    prepared = work.prepare(node.query)
    columns = named_columns(prepared.columns)
    schema = schema_of(columns)
    rows = arrow_rows(prepared.sql, columns, schema, work) if node.with_data else None
    own = ("vacuum_", "optimize_", "write_", "format")
    kept = _properties({k: str(v) for k, v in values.items() if k.startswith(own)})
    partitioning = props.names(values, "partitioning")
    table = _create(name, schema, partitioning, location, kept, work)
    work.catalog.forget()
    if rows is None or not rows.num_rows:
        return Written()
    committed(lambda: table.append(rows))
    return Written(rows.num_rows, [])


def arrow_rows(sql: str, columns: Columns, schema: Schema, work: Work) -> pa.Table:
    """Return the rows of DuckDB's SQL (c0, c1, …) as an Arrow table in an Iceberg schema."""
    items = ", ".join(
        f'{to_file(f"c{n}", kind)} AS "{name.replace(chr(34), chr(34) * 2)}"'
        for n, (name, kind) in enumerate(columns)
    )
    found = work.connection.sql(f"SELECT {items} FROM ({sql})").to_arrow_table()
    return _cast(found, schema)


def _through_ipc(found: pa.Table) -> pa.Table:
    """Return a table's copy without the null bits of arrays that have no NULL.

    DuckDB's bits for the keys of maps are not set, at which a cast of Arrow 25 aborts the process.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, found.schema) as stream:
        stream.write_table(found)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


def _cast(found: pa.Table, schema: Schema) -> pa.Table:
    wanted = schema_to_pyarrow(schema, include_field_ids=False)
    ordered = found.rename_columns([field.name for field in wanted])
    if "map<" in str(found.schema):
        ordered = _through_ipc(ordered)
    return ordered.cast(wanted)


# ---- insert


def insert(node: tree.Insert, handle: GlueTable, work: Work) -> Written:
    """Run INSERT INTO an Iceberg table."""
    sql = insert_sql(node, handle.columns, work)
    table = load(handle, work)
    rows = arrow_rows(sql, handle.columns, table.schema(), work)
    if rows.num_rows:
        committed(lambda: table.append(rows))
    return Written(rows.num_rows)


# ---- delete, update, merge


def _target(table: tree.Table, work: Work) -> tuple[SqlTable, GlueTable]:
    name = texts(table.name)
    found = work.catalog.resolve(name)
    at = table.name[0].at
    if found is None:
        raise TrinoError(
            "TABLE_NOT_FOUND", f"Table '{work.catalog.default_name(name)}' does not exist", at
        )
    if not isinstance(found, SqlTable) or not getattr(found.handle, "is_iceberg", False):
        raise TrinoError(
            "NOT_SUPPORTED",
            "Modifying Hive table rows is only supported for transactional tables",
            at,
        )
    return found, found.handle


def _delete(node: tree.Delete, work: Work) -> Written:
    _, handle = _target(node.table, work)
    return _rewrite(node.table, handle, node.where, {}, work, drop=True)


def _update(node: tree.Update, work: Work) -> Written:
    _, handle = _target(node.table, work)
    names = [name for name, _ in handle.columns]
    changes: dict[str, tree.Expression] = {}
    for column, value in node.assignments:
        name = column.value.lower()
        if name not in names:
            raise TrinoError(
                "COLUMN_NOT_FOUND", f"The UPDATE SET target column {name} doesn't exist", column.at
            )
        changes[name] = value
    return _rewrite(node.table, handle, node.where, changes, work, drop=False)


def _rewrite(
    target: tree.Table,
    handle: GlueTable,
    where: tree.Expression | None,
    changes: dict[str, tree.Expression],
    work: Work,
    *,
    drop: bool,
) -> Written:
    """Write anew each file that has matching rows: without them, or with other values in them."""
    names = [name for name, _ in handle.columns]
    condition = where or tree.BooleanLiteral(True)
    items = [tree.SingleColumn(tree.Identifier(name, True)) for name in names]
    items += [tree.SingleColumn(changes[name]) for name in names if name in changes]
    items.append(tree.SingleColumn(condition))
    query = tree.Query(tree.QuerySpecification(tuple(items), from_=target))
    compiled = work.compile(query)
    _boolean(compiled, where)
    _refuse_types(handle, changes, compiled)
    work.register(compiled.udfs)
    table = load(handle, work)
    pruning = _own_comparisons(compiled, where, target, work)
    flag = f"c{len(items) - 1}"
    replaced: list[tuple[FileScanTask, pa.Table]] = []
    changed = 0
    for task in plan(table, None, handle, pruning):
        sql = _over(compiled, table, handle, [task], work)
        rows = f"rewrite_{uuid.uuid4().hex[:8]}"
        work.connection.execute(f"CREATE TEMP TABLE {rows} AS {sql}")
        try:
            count = only_value(work.connection, f"SELECT count(*) FROM {rows} WHERE {flag}")
            if count:
                changed += count
                kept = _changed_sql(rows, flag, handle, changes, compiled, work, drop)
                fresh = arrow_rows(kept, handle.columns, table.schema(), work)
                replaced.append((task, fresh))
        finally:
            work.connection.execute(f"DROP TABLE {rows}")
    if replaced:
        _commit(table, replaced)
    return Written(changed)


def _boolean(compiled: Compiled, where: tree.Expression | None) -> None:
    kind = compiled.columns[-1].type
    if where is not None and kind.base not in ("boolean", "unknown"):
        raise TrinoError(
            "TYPE_MISMATCH",
            f"WHERE clause must evaluate to a boolean: actual type {kind}",
            where.at,
        )


def _refuse_types(
    handle: GlueTable, changes: dict[str, tree.Expression], compiled: Compiled
) -> None:
    """Raise TrinoError where UPDATE sets a column to a value of a type that it cannot take."""
    wanted = [kind for name, kind in handle.columns if name in changes]
    given = [column.type for column in compiled.columns[len(handle.columns) : -1]]
    if not all(map(assignable, given, wanted)):
        raise TrinoError(
            "TYPE_MISMATCH",
            "UPDATE table column types don't match SET expressions: "
            f"Table: [{', '.join(map(str, wanted))}], "
            f"Expressions: [{', '.join(map(str, given))}]",
            (1, 1),
        )


def _own_comparisons(
    compiled: Compiled, where: tree.Expression | None, target: tree.Table, work: Work
) -> list[tuple[int, str, Any]]:
    """Return the simple conditions of the WHERE clause on the target's own columns."""
    if where is None:
        return []
    query = tree.Query(tree.QuerySpecification((tree.AllColumns(),), from_=target, where=where))
    first = work.compile(query).scans[0]
    return [c for c in first.comparisons if c[0] < len(compiled.scans[0].table.columns)]


def _over(
    compiled: Compiled, table: Table, handle: GlueTable, tasks: list[FileScanTask], work: Work
) -> str:
    """Return a compiled query's SQL in which the target is read from some of its files only."""
    from labcloud.engines.athena.tables.scan import scan_sql

    tables = []
    for number, scan in enumerate(compiled.scans):
        if number == 0:
            tables.append(tasks_sql(scan, table, handle, tasks, [], work))
        else:
            tables.append(scan_sql(scan, work))
    return compiled.filled(tables)


def _changed_sql(
    rows: str,
    flag: str,
    handle: GlueTable,
    changes: dict[str, tree.Expression],
    compiled: Compiled,
    work: Work,
    drop: bool,
) -> str:
    if drop:
        return f"SELECT * EXCLUDE ({flag}) FROM {rows} WHERE {flag} IS NOT TRUE"
    width = len(handle.columns)
    changed = [name for name, _ in handle.columns if name in changes]
    items = []
    for number, (name, kind) in enumerate(handle.columns):
        if name not in changes:
            items.append(f"c{number}")
            continue
        source = width + changed.index(name)
        value = work.cast(f"c{source}", compiled.columns[source].type, kind)
        items.append(f"CASE WHEN {flag} THEN {value} ELSE c{number} END AS c{number}")
    return f"SELECT {', '.join(items)} FROM {rows}"


def _commit(table: Table, replaced: list[tuple[FileScanTask, pa.Table]]) -> None:
    """Replace files by the rows that take their places, in one snapshot."""

    def change() -> None:
        with table.transaction() as transaction:
            metadata = transaction.table_metadata
            with transaction.update_snapshot().overwrite() as overwrite:
                for task, rows in replaced:
                    overwrite.delete_data_file(task.file)
                    if rows.num_rows:
                        for file in _dataframe_to_data_files(
                            metadata, rows, table.io, uuid.uuid4()
                        ):
                            overwrite.append_data_file(file)

    committed(change)


def _merge(node: tree.Merge, work: Work) -> Written:
    """Run MERGE INTO: join target and source, apply the first case that fits each row."""
    _, handle = _target(node.target, work)
    alias = node.alias or tree.Identifier(node.target.name[-1].value, True)
    target = tree.AliasedRelation(node.target, alias)
    kept, changed = _merge_matched(node, target, alias, handle, work)
    added = _merge_added(node, target, handle, work)
    table = load(handle, work)
    tasks = plan(table, None, handle, [])
    count = changed + (added.num_rows if added is not None else 0)
    if not count:
        return Written()
    pieces = [kept] if added is None else [kept, added]
    rows = pa.concat_tables(pieces)
    if not tasks:
        committed(lambda: table.append(rows))
    else:
        empty = rows.slice(0, 0)
        replaced = [(task, rows if n == 0 else empty) for n, task in enumerate(tasks)]
        _commit(table, replaced)
    return Written(count)


def _column(alias: tree.Identifier, name: str) -> tree.Expression:
    return tree.DereferenceExpression(alias, tree.Identifier(name, True))


def _case(whens: list[tuple[tree.Expression, tree.Expression]], other: tree.Expression) -> Any:
    if not whens:
        return other
    return tree.SearchedCase(tuple(tree.WhenClause(c, r) for c, r in whens), other)


def _merge_matched(
    node: tree.Merge,
    target: tree.AliasedRelation,
    alias: tree.Identifier,
    handle: GlueTable,
    work: Work,
) -> tuple[pa.Table, int]:
    """Return the target's rows as they are after the WHEN MATCHED cases, and how many changed."""
    source = node.source
    items: list[tree.Node] = []
    cases = [case for case in node.cases if case.matched]
    conditions = [case.condition or tree.BooleanLiteral(True) for case in cases]
    for name, _ in handle.columns:
        whens: list[tuple[tree.Expression, tree.Expression]] = []
        for case, condition in zip(cases, conditions, strict=True):
            value = _column(alias, name)
            columns = [c.value.lower() for c in case.columns]
            if case.action == "UPDATE" and name in columns:
                value = case.values[columns.index(name)]
            whens.append((condition, value))
        items.append(tree.SingleColumn(_case(whens, _column(alias, name))))
    actions = [tree.StringLiteral(case.action) for case in cases]
    action = _case(list(zip(conditions, actions, strict=True)), tree.StringLiteral("NONE"))
    items.append(tree.SingleColumn(action))
    joined = tree.Join("INNER", target, source, on=node.on)
    hit = tree.Query(tree.QuerySpecification(tuple(items), from_=joined))
    exists = tree.Exists(
        tree.Query(
            tree.QuerySpecification(
                (tree.SingleColumn(tree.LongLiteral(1)),), from_=source, where=node.on
            )
        )
    )
    rest = [tree.SingleColumn(_column(alias, name)) for name, _ in handle.columns]
    missed = tree.Query(tree.QuerySpecification(tuple(rest), from_=target, where=tree.Not(exists)))
    hits, misses = work.prepare(hit), work.prepare(missed)
    width = len(handle.columns)
    name = f"merge_{uuid.uuid4().hex[:8]}"
    work.connection.execute(f"CREATE TEMP TABLE {name} AS {hits.sql}")
    try:
        _refuse_twice(name, misses.sql, f"c{width}", target, work)
        casts = ", ".join(
            f"{work.cast(f'c{n}', hits.columns[n].type, kind)} AS c{n}"
            for n, (_, kind) in enumerate(handle.columns)
        )
        sql = f"SELECT {casts} FROM {name} WHERE c{width} <> 'DELETE' UNION ALL {misses.sql}"
        schema = load(handle, work).schema()
        kept = arrow_rows(sql, handle.columns, schema, work)
        changed = only_value(
            work.connection, f"SELECT count(*) FROM {name} WHERE c{width} <> 'NONE'"
        )
    finally:
        work.connection.execute(f"DROP TABLE {name}")
    return kept, int(changed)


def _refuse_twice(
    hits: str, misses: str, action: str, target: tree.AliasedRelation, work: Work
) -> None:
    """Raise TrinoError where a row of the target fits several rows of the source."""
    count = work.prepare(
        tree.Query(
            tree.QuerySpecification(
                (tree.SingleColumn(tree.FunctionCall("count", (), star=True)),), from_=target
            )
        )
    )
    total = only_value(work.connection, count.sql)
    seen = only_value(
        work.connection, f"SELECT (SELECT count(*) FROM {hits}) + (SELECT count(*) FROM ({misses}))"
    )
    acted = only_value(work.connection, f"SELECT count(*) FROM {hits} WHERE {action} <> 'NONE'")
    if seen > total and acted:
        raise TrinoError(
            "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
            "One MERGE target table row matched more than one source row",
        )


def _merge_added(
    node: tree.Merge, target: tree.AliasedRelation, handle: GlueTable, work: Work
) -> pa.Table | None:
    """Return the rows that the WHEN NOT MATCHED cases insert, or None where there is no such."""
    cases = [case for case in node.cases if not case.matched]
    if not cases:
        return None
    fits = tree.Exists(
        tree.Query(
            tree.QuerySpecification(
                (tree.SingleColumn(tree.LongLiteral(1)),), from_=target, where=node.on
            )
        )
    )
    conditions = [case.condition or tree.BooleanLiteral(True) for case in cases]
    items: list[tree.Node] = []
    for number, (name, _) in enumerate(handle.columns):
        whens: list[tuple[tree.Expression, tree.Expression]] = []
        for case, condition in zip(cases, conditions, strict=True):
            columns = [c.value.lower() for c in case.columns] or [n for n, _ in handle.columns]
            if name in columns:
                whens.append((condition, case.values[columns.index(name)]))
        items.append(
            tree.SingleColumn(_case(whens, tree.NullLiteral()), tree.Identifier(f"_{number}", True))
        )
    some = conditions[0] if len(conditions) == 1 else tree.Logical("OR", tuple(conditions))
    query = tree.Query(
        tree.QuerySpecification(
            tuple(items),
            from_=node.source,
            where=tree.Logical("AND", (tree.Not(fits), some)),
        )
    )
    prepared = work.prepare(query)
    casts = ", ".join(
        f"{work.cast(f'c{n}', prepared.columns[n].type, kind)} AS c{n}"
        for n, (_, kind) in enumerate(handle.columns)
    )
    sql = f"SELECT {casts} FROM ({prepared.sql})"
    return arrow_rows(sql, handle.columns, load(handle, work).schema(), work)


# ---- evolution


def alter(handle: GlueTable, action: str, details: dict[str, Any], work: Work) -> None:
    """Run ALTER TABLE on an Iceberg table. Raises TrinoError."""
    if action == "RENAME TO":
        _rename(handle, texts(details["name"]), work)
        return
    if action not in _ALTER:
        raise failed(f"ALTER TABLE {action} is not supported for Iceberg tables")
    table = load(handle, work)
    try:
        committed(lambda: _ALTER[action](table, details))
    except (ValueError, ValidationError) as error:
        raise failed(str(error)) from None


def _rename(handle: GlueTable, name: tuple[str, ...], work: Work) -> None:
    """Give the catalog's entry another name, also in another database; files stay.

    Source: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-alter-table-rename.html
    """
    wanted = (handle.database, *name)[-2:]
    try:
        catalog_of(work).rename_table((handle.database, handle.name), wanted)
    except TableAlreadyExistsError:
        raise failed(f"AlreadyExistsException(message:Table {wanted[1]} already exists.)") from None
    except NoSuchNamespaceError:
        raise TrinoError("SCHEMA_NOT_FOUND", f"Schema {wanted[0]} does not exist") from None


def _iceberg_type(node: tree.TypeNode) -> Any:
    name = "x"
    return schema_of([(name, from_hive(type_text(node), True))]).find_field(name).field_type


def _add_columns(table: Table, details: dict[str, Any]) -> None:
    with table.update_schema() as update:
        for column in details["columns"]:
            kind = _iceberg_type(column.type)
            update.add_column(column.name.value.lower(), kind, doc=column.comment)


def _change_column(table: Table, details: dict[str, Any]) -> None:
    old, column = details["old"].value.lower(), details["column"]
    new = column.name.value.lower()
    kind = _iceberg_type(column.type)
    with table.update_schema() as update:
        if table.schema().find_field(old).field_type != kind:
            update.update_column(old, field_type=kind)
        if column.comment:
            update.update_column(old, doc=column.comment)
        if new != old:
            update.rename_column(old, new)
        position = details.get("position")
        if position == "FIRST":
            update.move_first(old)
        elif isinstance(position, tuple):
            after = position[1]
            update.move_after(old, after.value.lower() if hasattr(after, "value") else str(after))


def _drop_column(table: Table, details: dict[str, Any]) -> None:
    with table.update_schema() as update:
        update.delete_column(details["name"].value.lower())


def _rename_column(table: Table, details: dict[str, Any]) -> None:
    with table.update_schema() as update:
        update.rename_column(details["old"].value.lower(), details["new"].value.lower())


def _set_properties(table: Table, details: dict[str, Any]) -> None:
    given = dict(details["properties"])
    kept = _properties(given)
    if "write_compression" not in given:
        kept.pop(CODEC)
    with table.transaction() as transaction:
        transaction.set_properties(kept)


def _unset_properties(table: Table, details: dict[str, Any]) -> None:
    with table.transaction() as transaction:
        transaction.remove_properties(*details["keys"])


def _add_partition_field(table: Table, details: dict[str, Any]) -> None:
    name, transform = transform_of(_transform_text(details["transform"]))
    with table.update_spec() as update:
        update.add_field(name, transform)


def _drop_partition_field(table: Table, details: dict[str, Any]) -> None:
    text = _transform_text(details["transform"])
    wanted = spec_of([text], table.schema()).fields[0]
    found = next(
        (
            f.name
            for f in table.spec().fields
            if f.source_id == wanted.source_id and str(f.transform) == str(wanted.transform)
        ),
        text,
    )
    with table.update_spec() as update:
        update.remove_field(found)


_ALTER: dict[str, Callable[[Table, dict[str, Any]], None]] = {
    "ADD COLUMNS": _add_columns,
    "CHANGE COLUMN": _change_column,
    "DROP COLUMN": _drop_column,
    "RENAME COLUMN": _rename_column,
    "SET TBLPROPERTIES": _set_properties,
    "UNSET TBLPROPERTIES": _unset_properties,
    "ADD PARTITION FIELD": _add_partition_field,
    "DROP PARTITION FIELD": _drop_partition_field,
}


# ---- upkeep


def _optimize(node: tree.Optimize, work: Work) -> None:
    """Write small files together, and rows anew that have delete files."""
    target = tree.Table(node.name)
    _, handle = _target(target, work)
    table = load(handle, work)
    query = tree.Query(
        tree.QuerySpecification((tree.AllColumns(),), from_=target, where=node.where)
    )
    compiled = work.compile(query)
    work.register(compiled.udfs)
    comparisons = list(compiled.scans[0].comparisons) if compiled.scans else []
    limit = int(table.properties.get("optimize_rewrite_min_data_file_size_bytes", 384 * 2**20))
    least = int(table.properties.get("optimize_rewrite_data_file_threshold", 5))
    groups: dict[str, list[FileScanTask]] = {}
    for task in plan(table, None, handle, comparisons):
        if task.file.file_size_in_bytes < limit or task.delete_files:
            groups.setdefault(str(task.file.partition), []).append(task)
    whole = work.compile(tree.Query(tree.QuerySpecification((tree.AllColumns(),), from_=target)))
    replaced: list[tuple[FileScanTask, pa.Table]] = []
    for tasks in groups.values():
        if len(tasks) < least and not any(task.delete_files for task in tasks):
            continue
        sql = _over(whole, table, handle, tasks, work)
        rows = arrow_rows(sql, handle.columns, table.schema(), work)
        empty = rows.slice(0, 0)
        replaced += [(task, rows if n == 0 else empty) for n, task in enumerate(tasks)]
    if replaced:
        _commit(table, replaced)


def _vacuum(node: tree.Vacuum, work: Work) -> None:
    """Expire old snapshots and delete the files that nothing refers to any more."""
    _, handle = _target(tree.Table(node.name), work)
    table = load(handle, work)
    before = _referenced(table)
    age = int(table.properties.get("vacuum_max_snapshot_age_seconds", 432_000))
    keep = int(table.properties.get("vacuum_min_snapshots_to_keep", 1))
    deadline = work.session.started - timedelta(seconds=age)
    snapshots = sorted(table.metadata.snapshots, key=lambda s: s.timestamp_ms, reverse=True)
    protected = {ref.snapshot_id for ref in table.metadata.refs.values()}
    old = [
        snapshot.snapshot_id
        for snapshot in snapshots[keep:]
        if snapshot.timestamp_ms < deadline.timestamp() * 1000
        and snapshot.snapshot_id not in protected
    ]
    if not old:
        return
    committed(lambda: table.maintenance.expire_snapshots().by_ids(old).commit())
    after = _referenced(load(handle, work))
    for uri in sorted(before - after):
        table.io.delete(uri)


def _referenced(table: Table) -> set[str]:
    """Return the addresses of all files that a table's snapshots refer to."""
    found: set[str] = set()
    for snapshot in table.metadata.snapshots:
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            found.add(manifest.manifest_path)
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            found |= {entry.data_file.file_path for entry in entries}
    return found


def purge(handle: GlueTable, work: Work) -> None:
    """Delete all objects of an Iceberg table, as DROP TABLE does."""
    if not handle.location:
        return
    for bucket, entry in list(objects_under(work.link, handle.location)):
        work.link.call("s3", "DeleteObject", {"Bucket": bucket, "Key": entry["Key"]})


_RUN: dict[type[tree.Node], Callable[[Any, Any], Written | None]] = {
    tree.Delete: _delete,
    tree.Update: _update,
    tree.Merge: _merge,
    tree.Optimize: _optimize,
    tree.Vacuum: _vacuum,
}

CHANGES = tuple(_RUN)
"""The statements that `run` runs."""
