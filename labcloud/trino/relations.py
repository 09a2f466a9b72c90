"""FROM: tables, subqueries, joins, VALUES, UNNEST, as Trino's StatementAnalyzer sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from labcloud.trino import catalog, pruning, queries, tree, types, views
from labcloud.trino.analyzer import Scan, refs
from labcloud.trino.block import Block, column, derive, fields_of
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import BIGINT, DOUBLE, Type, can_coerce, common_super_type

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


@dataclass(slots=True)
class Relation:
    """A relation as it stands in FROM, its columns, and the aliases that it has in the SQL."""

    sql: str
    fields: list[Field]
    aliases: set[str] = field(default_factory=set)


def from_clause(node: tree.Node | None, outer: Scope, analysis: Analysis) -> Relation:
    """Compile FROM; without one there is a single row of no columns."""
    return Relation("", []) if node is None else relation(node, outer, analysis)


def relation(node: tree.Node, outer: Scope, analysis: Analysis) -> Relation:
    """Compile a relation. `outer` are the names it may use (LATERAL sees what is left of it)."""
    if isinstance(node, tree.PatternRecognition):
        return _pattern(node, outer, analysis)
    compile_ = _COMPILERS.get(type(node))
    if compile_ is None:
        raise TrinoError("NOT_SUPPORTED", f"Unsupported relation: {type(node).__name__}", node.at)
    return compile_(node, outer, analysis)


def from_block(
    block: Block,
    analysis: Analysis,
    names: list[str | None] | None = None,
    qualifier: tuple[str, ...] | None = None,
    lateral: bool = False,
) -> Relation:
    """Return a query as a relation."""
    alias = analysis.alias()
    derive(block, alias, analysis)
    fields = fields_of(block, alias, qualifier, block.names if names is None else names)
    word = "LATERAL " if lateral else ""
    return Relation(f"{word}({block.sql()}) AS {alias}", fields, {alias})


# ---- tables


def _table(node: tree.Table, outer: Scope, analysis: Analysis) -> Relation:
    name = tuple(part.value.lower() for part in node.name)
    if len(name) == 1 and (named := outer.query_named(name[0])) is not None:
        if node.version is not None:
            message = "Query period is not supported for query-defined tables"
            raise TrinoError("NOT_SUPPORTED", message, node.at)
        made: Relation = named.relation(analysis)
        return made
    name = analysis.full_name(name)
    try:
        found = analysis.catalog.resolve(name)
    except TrinoError as error:
        if error.at is None:
            raise TrinoError(error.name, error.message, node.at) from None
        raise
    if found is None:
        message = f"Table '{analysis.catalog.default_name(name)}' does not exist"
        raise TrinoError("TABLE_NOT_FOUND", message, node.at)
    if isinstance(found, catalog.View):
        return views.expand(found, node, analysis)
    return scan(found, node.version, analysis)


def scan(
    table: catalog.Table, version: tuple[str, tree.Expression] | None, analysis: Analysis
) -> Relation:
    """Return a reading of a table."""
    alias = analysis.alias()
    made = Scan(len(analysis.scans), table, version, alias=alias)
    analysis.scans.append(made)
    fields = [
        Field(one.name, table.name, one.type, column(alias, i), one.hidden)
        for i, one in enumerate(table.columns)
    ]
    return Relation(f"{{scan:{made.index}}} AS {alias}", fields, {alias})


def _subquery(node: tree.TableSubquery, outer: Scope, analysis: Analysis) -> Relation:
    query = node.query
    bare = query.with_ is None and not query.order_by and query.limit is None
    if bare and query.offset is None and isinstance(query.body, tree.Values | tree.Table):
        inner = relation(query.body, outer, analysis)
        return replace(inner, fields=[one for one in inner.fields if not one.hidden])
    return from_block(queries.query(query, outer, analysis), analysis)


def _lateral(node: tree.Lateral, outer: Scope, analysis: Analysis) -> Relation:
    return from_block(queries.query(node.query, outer, analysis), analysis, lateral=True)


def _aliased(node: tree.AliasedRelation, outer: Scope, analysis: Analysis) -> Relation:
    inner = relation(node.relation, outer, analysis)
    shown = [one for one in inner.fields if not one.hidden]
    name = node.alias.value
    if node.columns is not None:
        if len(node.columns) != len(shown):
            message = (
                f"Column alias list has {len(node.columns)} entries but '{name.lower()}' has "
                f"{len(shown)} columns available"
            )
            raise TrinoError("MISMATCHED_COLUMN_ALIASES", message, node.at)
        fields = [
            replace(one, name=given.value, qualifier=(name,))
            for one, given in zip(shown, node.columns, strict=True)
        ]
    else:
        fields = [replace(one, qualifier=(name,)) for one in inner.fields]
    return replace(inner, fields=fields)


def _sampled(node: tree.SampledRelation, outer: Scope, analysis: Analysis) -> Relation:
    inner = relation(node.relation, outer, analysis)
    percentage = _percentage(node, analysis)
    alias = analysis.alias()
    listed = ", ".join(f"{one.sql} AS c{i}" for i, one in enumerate(inner.fields))
    chance = f"random() < {percentage / 100!r}"
    text = f"(SELECT {listed} FROM {inner.sql} WHERE {chance}) AS {alias}"
    fields = []
    for i, one in enumerate(inner.fields):
        fields.append(replace(one, sql=column(alias, i)))
        analysis.needs[(alias, i)] = refs(one.sql)
        analysis.inner[(alias, i)] = [one.sql]
    return Relation(text, fields, {alias})


def _percentage(node: tree.SampledRelation, analysis: Analysis) -> float:
    at = node.percentage.at
    expr = analysis.expression(node.percentage, Scope([]))
    if not can_coerce(expr.type, DOUBLE):
        message = "Sample percentage should be a numeric expression"
        raise TrinoError("TYPE_MISMATCH", message, at)
    if expr.constant and expr.value is None:
        raise TrinoError("INVALID_ARGUMENTS", "Sample percentage cannot be NULL", at)
    if not expr.constant:
        message = "Constant expression cannot contain column references"
        raise TrinoError("EXPRESSION_NOT_CONSTANT", message, at)
    value = float(expr.value)
    if value < 0:
        message = "Sample percentage must be greater than or equal to 0"
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message, at)
    if value > 100:
        message = "Sample percentage must be less than or equal to 100"
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", message, at)
    return value


# ---- VALUES


def _values(node: tree.Values, outer: Scope, analysis: Analysis) -> Relation:
    rows = [_row(one, outer, analysis) for one in node.rows]
    kinds = _row_types(node, [[item.type for item in row] for row in rows])
    alias = analysis.alias()
    texts = []
    for row in rows:
        cells = [analysis.coerce(item, kind).sql for item, kind in zip(row, kinds, strict=True)]
        analysis.reads(*cells)
        texts.append(f"({', '.join(cells)})")
    listed = ", ".join(f"c{i}" for i in range(len(kinds)))
    fields = [Field(None, None, kind, column(alias, i)) for i, kind in enumerate(kinds)]
    word = "LATERAL " if refs(" ".join(texts)) else ""
    return Relation(f"{word}(VALUES {', '.join(texts)}) AS {alias}({listed})", fields, {alias})


def _row(node: tree.Expression, outer: Scope, analysis: Analysis) -> list[Expr]:
    pruning.scalar_only(node, "VALUES clause", node)
    if isinstance(node, tree.Row):
        return [analysis.expression(item, outer) for item in node.items]
    expr = analysis.expression(node, outer)
    if expr.type.base == "row":
        return row_fields(expr)
    return [expr]


def row_fields(expr: Expr) -> list[Expr]:
    """Return the fields of a row as expressions."""
    return [
        Expr(f"struct_extract({expr.sql}, 'f{i}')", one.type)
        for i, one in enumerate(expr.type.fields)
    ]


def _row_types(node: tree.Values, rows: list[list[Type]]) -> list[Type]:
    kinds = rows[0]
    for row in rows[1:]:
        if len(row) != len(kinds):
            message = f"Values rows have mismatched sizes: {len(rows[0])} vs {len(row)}"
            raise TrinoError("TYPE_MISMATCH", message, node.at)
        common = [common_super_type(a, b) for a, b in zip(kinds, row, strict=True)]
        if None in common:
            message = (
                f"Values rows have mismatched types: {types.row(*rows[0])} vs {types.row(*row)}"
            )
            raise TrinoError("TYPE_MISMATCH", message, node.at)
        kinds = [kind for kind in common if kind is not None]
    return kinds


# ---- UNNEST


def _unnest(node: tree.Unnest, outer: Scope, analysis: Analysis) -> Relation:
    """Compile UNNEST: the shorter ones of several arrays are filled up with NULLs."""
    lists: list[str] = []
    names: list[str | None] = []
    alias = analysis.alias()
    found: list[Expr] = []
    for expression in node.expressions:
        pruning.scalar_only(expression, "UNNEST", expression)
        expr = analysis.expression(expression, outer)
        analysis.reads(expr.sql)
        for sql, kind in _unnested(expr):
            source = Expr(column(alias, len(lists)), kind)
            lists.append(sql)
            if expr.type.base == "array" and kind.base == "row":
                found += row_fields(source)
                names += [one.name for one in kind.fields]
            else:
                found.append(source)
                names.append(None)
    if node.ordinality:
        longest = (
            f"greatest({', '.join(f'len({sql})' for sql in lists)})"
            if len(lists) > 1
            else (f"len({lists[0]})")
        )
        found.append(Expr(column(alias, len(lists)), BIGINT))
        names.append(None)
        lists.append(f"range(1, 1 + {longest})")
    inner = ", ".join(f"unnest({sql}) AS c{i}" for i, sql in enumerate(lists))
    if all(expr.sql == column(alias, i) for i, expr in enumerate(found)):
        text = f"LATERAL (SELECT {inner}) AS {alias}"
        fields = [Field(n, None, e.type, e.sql) for n, e in zip(names, found, strict=True)]
        return Relation(text, fields, {alias})
    block = Block(found, names, f" FROM (SELECT {inner}) AS {alias}")
    return from_block(block, analysis, lateral=True)


def _unnested(expr: Expr) -> list[tuple[str, Type]]:
    kind = expr.type
    if kind.base == "array":
        return [(expr.sql, kind.element)]
    if kind.base == "map":
        return [(f"map_keys({expr.sql})", kind.key), (f"map_values({expr.sql})", kind.value)]
    raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {kind}")


# ---- joins


def _join(node: tree.Join, outer: Scope, analysis: Analysis) -> Relation:
    if node.natural:
        raise TrinoError("NOT_SUPPORTED", "Natural join not supported", node.at)
    left = relation(node.left, outer, analysis)
    lateral = _lateral_kind(node.right)
    if lateral is None:
        right = relation(node.right, outer, analysis)
    else:
        refused = node.kind if node.kind in ("RIGHT", "FULL") else None
        seen = Scope(left.fields, outer, refused=refused)
        right = relation(node.right, seen, analysis)
        _check_lateral_condition(node, lateral)
    fields, condition = _condition(node, left, right, outer, analysis)
    if node.kind in ("LEFT", "FULL"):
        analysis.optional |= right.aliases
    if node.kind in ("RIGHT", "FULL"):
        analysis.optional |= left.aliases
    right_sql = f"({right.sql})" if _joined(node.right) else right.sql
    aliases = left.aliases | right.aliases
    if node.kind in ("CROSS", "IMPLICIT"):
        return Relation(f"{left.sql} CROSS JOIN {right_sql}", fields, aliases)
    word = {"INNER": "JOIN"}.get(node.kind, f"{node.kind} JOIN")
    return Relation(f"{left.sql} {word} {right_sql} ON {condition}", fields, aliases)


def _joined(node: tree.Node) -> bool:
    return isinstance(node, tree.Join) or (
        isinstance(node, tree.AliasedRelation) and _joined(node.relation)
    )


def _lateral_kind(node: tree.Node) -> str | None:
    if isinstance(node, tree.AliasedRelation):
        return _lateral_kind(node.relation)
    return {tree.Unnest: "UNNEST", tree.Lateral: "LATERAL"}.get(type(node))


def _check_lateral_condition(node: tree.Join, lateral: str) -> None:
    """UNNEST joins only ON TRUE, as does FULL JOIN with LATERAL."""
    if lateral != "UNNEST" and node.kind != "FULL":
        return
    condition = node.on
    if node.using is not None or (condition is not None and condition != tree.BooleanLiteral(True)):
        what = "UNNEST" if lateral == "UNNEST" else "LATERAL relation"
        message = f"{node.kind} JOIN involving {what} is only supported with condition ON TRUE"
        raise TrinoError("NOT_SUPPORTED", message, (condition or node).at)


def _condition(
    node: tree.Join, left: Relation, right: Relation, outer: Scope, analysis: Analysis
) -> tuple[list[Field], str]:
    fields = [*left.fields, *right.fields]
    if node.using is not None:
        return _using(node, left, right, analysis)
    if node.on is None:
        return fields, ""
    scope = Scope(fields, outer)
    terms = pruning.conjuncts(node.on, "JOIN clause", scope, analysis, "JOIN ON clause")
    analysis.reads(*(term.sql for term in terms))
    only = {"INNER": None, "LEFT": right.aliases, "RIGHT": left.aliases}.get(node.kind, set())
    pruning.push(terms, scope, analysis, only)
    return fields, pruning.condition(terms)


def _using(
    node: tree.Join, left: Relation, right: Relation, analysis: Analysis
) -> tuple[list[Field], str]:
    """Compile USING: each column stands once, in front, without its relation's name."""
    assert node.using is not None
    joined: list[Field] = []
    taken: set[str] = set()
    conditions = []
    for name in node.using:
        if any(name.value.lower() == (one.name or "").lower() for one in joined):
            message = f"Column '{name.value}' appears multiple times in USING clause"
            raise TrinoError("DUPLICATE_COLUMN_NAME", message, name.at)
        a = _side_column(name, left, "left", name.at)
        b = _side_column(name, right, "right", name.at)
        kind = common_super_type(a.type, b.type)
        if kind is None:
            message = f"Cannot apply operator: {a.type} = {b.type}"
            raise TrinoError("TYPE_MISMATCH", message, name.at)
        x, y = analysis.coerce(a.expr, kind).sql, analysis.coerce(b.expr, kind).sql
        analysis.reads(x, y)
        conditions.append(f"{x} = {y}")
        value = {"RIGHT": y, "FULL": f"coalesce({x}, {y})"}.get(node.kind, x)
        joined.append(Field(name.value, None, kind, value))
        taken |= {a.sql, b.sql}
    rest = [one for one in (*left.fields, *right.fields) if one.sql not in taken]
    return [*joined, *rest], " AND ".join(conditions)


def _side_column(name: tree.Identifier, side: Relation, word: str, at: Position) -> Field:
    found = Scope(side.fields).find((name.value.lower(),), at)
    if found is None:
        message = f"Column '{name.value}' is missing from {word} side of join"
        raise TrinoError("COLUMN_NOT_FOUND", message, at)
    return found


# ---- others


def _pattern(node: tree.PatternRecognition, outer: Scope, analysis: Analysis) -> Relation:
    from labcloud.trino.match_recognize import compile_pattern

    sql, fields = compile_pattern(node, analysis, outer)
    aliases = {alias for one in fields for alias, _ in refs(one.sql)}
    return Relation(sql, fields, aliases)


def _table_function(node: tree.TableFunction, outer: Scope, analysis: Analysis) -> Relation:
    from labcloud.trino import table_functions

    return table_functions.compile_function(node, outer, analysis)


_COMPILERS: dict[type, Callable[[Any, Scope, Analysis], Relation]] = {
    tree.Table: _table,
    tree.TableSubquery: _subquery,
    tree.Lateral: _lateral,
    tree.AliasedRelation: _aliased,
    tree.SampledRelation: _sampled,
    tree.Values: _values,
    tree.Unnest: _unnest,
    tree.Join: _join,
    tree.TableFunction: _table_function,
    tree.Query: lambda node, outer, analysis: from_block(
        queries.query(node, outer, analysis), analysis
    ),
}
