"""WITH and WITH RECURSIVE.

A recursion is written out to its greatest depth, as Trino plans it: `base, step(base),
step(step(base)), …`; rows of one step more are an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labcloud.trino import queries, relations, tree, walk
from labcloud.trino.block import Block, coerced, column, derive
from labcloud.trino.errors import MARK, Position, TrinoError, quote
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import Type, can_coerce, is_comparable

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis


@dataclass(slots=True)
class Named:
    """A query of WITH that is compiled once and read by its name.

    `scans` are the numbers of the scans in it, `used` how often it is read.
    """

    sql_name: str
    title: str
    names: list[str | None]
    types: list[Type]
    scans: range = range(0)
    used: int = 0

    def relation(self, analysis: Analysis) -> relations.Relation:
        """Return a reading of the query."""
        self.used += 1
        alias = analysis.alias()
        analysis.named[alias] = self
        for i in range(len(self.types)):
            analysis.needs[(alias, i)] = {(self.sql_name, i)}
        fields = [
            Field(name, (self.title,), kind, column(alias, i))
            for i, (name, kind) in enumerate(zip(self.names, self.types, strict=True))
        ]
        return relations.Relation(f"{self.sql_name} AS {alias}", fields, {alias})


def analyze(node: tree.With, scope: Scope, analysis: Analysis) -> list[str]:
    """Compile the queries of WITH into `scope`; return what DuckDB's WITH must hold.

    Raises DUPLICATE_NAMED_QUERY, MISMATCHED_COLUMN_ALIASES and the errors of recursion.
    """
    scope.named = {}
    written: list[str] = []
    for one in node.queries:
        name = one.name.value.lower()
        if name in scope.named:
            message = f"WITH query name '{name}' specified more than once"
            raise TrinoError("DUPLICATE_NAMED_QUERY", message, one.at)
        if node.recursive and _is_recursive(one):
            named = _Recursion(one, scope, analysis).compile(written)
        else:
            named = _plain(one, scope, analysis, written)
        scope.named[name] = named
    return written


def _plain(node: tree.WithQuery, scope: Scope, analysis: Analysis, written: list[str]) -> Named:
    before = len(analysis.scans)
    block = queries.query(node.query, scope, analysis)
    names = _names(node, block)
    name = analysis.alias("w")
    written.append(f"{name} AS ({block.sql()})")
    derive(block, name, analysis)
    read = range(before, len(analysis.scans))
    return Named(name, node.name.value, names, block.types, read)


def _names(node: tree.WithQuery, block: Block) -> list[str | None]:
    if node.columns is None:
        return block.names
    if len(node.columns) != len(block.items):
        message = (
            f"Column alias list has {len(node.columns)} entries but relation has "
            f"{len(block.items)} columns"
        )
        raise TrinoError("MISMATCHED_COLUMN_ALIASES", message, node.columns[0].at)
    return [one.value for one in node.columns]


# ---- recursion


def references(node: Any, name: str) -> list[tree.Table]:
    """Return the places that read the named query.

    A query whose own WITH has the name hides it as a whole, as in Trino.
    """
    if isinstance(node, tree.Table):
        mine = len(node.name) == 1 and node.name[0].value.lower() == name
        return [node] if mine else []
    inner = node.with_.queries if isinstance(node, tree.Query) and node.with_ is not None else ()
    if any(one.name.value.lower() == name for one in inner):
        return []
    return [ref for child in walk.children(node) for ref in references(child, name)]


def _is_recursive(node: tree.WithQuery) -> bool:
    """Return whether the query has the form of a recursion; any other must not read itself.

    Raises INVALID_RECURSIVE_REFERENCE, MISSING_COLUMN_ALIASES, NESTED_RECURSIVE.
    """
    if node.columns is None:
        message = "missing column aliases in recursive WITH query"
        raise TrinoError("MISSING_COLUMN_ALIASES", message, node.at)
    for inner in walk.walk(node.query):
        if isinstance(inner, tree.PatternRecognition):
            message = "nested row pattern recognition in recursive query"
            raise TrinoError("NESTED_ROW_PATTERN_RECOGNITION", message, inner.at)
        if isinstance(inner, tree.With) and inner.recursive:
            raise TrinoError("NESTED_RECURSIVE", "nested recursive WITH query", inner.at)
    name = node.name.value.lower()
    body = node.query.body
    if isinstance(body, tree.SetOperation) and body.operator == "UNION":
        if references(body.left, name):
            message = "WITH table name is referenced in the base relation of recursion"
            raise _reference(message, references(body.left, name)[0])
        found = references(body.right, name)
        if len(found) > 1:
            message = "multiple recursive references in the step relation of recursion"
            raise _reference(message, found[1])
        if found:
            return True
    if found := references(node.query, name):
        raise _reference("recursive reference not allowed in this context", found[0])
    return False


def _reference(message: str, at: tree.Node) -> TrinoError:
    return TrinoError("INVALID_RECURSIVE_REFERENCE", message, at.at)


class _Recursion:
    def __init__(self, node: tree.WithQuery, scope: Scope, analysis: Analysis) -> None:
        assert isinstance(node.query.body, tree.SetOperation)
        self.node, self.scope, self.analysis = node, scope, analysis
        self.body = node.query.body
        self.name = node.name.value.lower()

    def compile(self, written: list[str]) -> Named:
        """Compile the recursion; its steps are added to what WITH holds."""
        self._check_shape()
        analysis = self.analysis
        base = queries.body(self.body.left, self.scope, analysis)
        names = _names(self.node, base)
        kinds = base.types
        name = analysis.alias("w")
        me = Named(f"{name}_step", self.node.name.value, names, kinds)
        inside = Scope([], self.scope, named={self.name: me})
        step = queries.body(self.body.right, inside, analysis)
        self._check_step(base, step)
        analysis.reads(*(item.sql for item in (*base.items, *step.items)))
        step = coerced(step, kinds, analysis)
        depth = analysis.session.max_recursion
        written.append(f"{name}_0 AS MATERIALIZED ({base.sql()})")
        for level in range(1, depth + 2):
            text = _renamed(step.sql(), me.sql_name, f"{name}_{level - 1}")
            written.append(f"{name}_{level} AS MATERIALIZED ({text})")
        union = " UNION ALL ".join(f"SELECT * FROM {name}_{level}" for level in range(depth + 1))
        union += f" UNION ALL {_exceeded(f'{name}_{depth + 1}', depth)}"
        if self.body.distinct:
            union = f"SELECT DISTINCT * FROM ({union})"
        written.append(f"{name} AS ({union})")
        return Named(name, self.node.name.value, names, kinds)

    def _check_shape(self) -> None:
        """The step reads the recursion in its FROM; the query has no further clauses."""
        query = self.node.query
        from_ = _step_from(self.body.right, self.name)
        if query.with_ is not None:
            raise _clause("WITH clause", query.with_.at)
        if query.order_by:
            raise _clause("ORDER BY clause", query.order_by[0].at)
        if query.offset is not None:
            raise _clause("OFFSET clause", query.offset_at)
        if query.limit is not None:
            message = "immediate FETCH FIRST / LIMIT clause in recursive query"
            raise TrinoError("INVALID_LIMIT_CLAUSE", message, query.limit_at)
        for node in walk.walk(from_):
            if isinstance(node, tree.Join):
                _check_join(node, self.name)
            elif isinstance(node, tree.SetOperation):
                _check_set(node, self.name)

    def _check_step(self, base: Block, step: Block) -> None:
        at = self.body.right.at
        if len(base.items) != len(step.items):
            message = (
                "base and step relations of recursion have different number of fields: "
                f"{len(base.items)}, {len(step.items)}"
            )
            raise TrinoError("TYPE_MISMATCH", message, at)
        for number, (a, b) in enumerate(zip(base.types, step.types, strict=True), 1):
            if not can_coerce(b, a):
                message = (
                    f"recursion step relation output type ({b}) is not coercible to recursion "
                    f"base relation output type ({a}) at column {number}"
                )
                raise TrinoError("TYPE_MISMATCH", message, at)
            if self.body.distinct and not is_comparable(a):
                message = f"Type {a} is not comparable and therefore cannot be used in UNION"
                raise TrinoError("TYPE_MISMATCH", message, at)


def _clause(clause: str, at: Position) -> TrinoError:
    return TrinoError("NOT_SUPPORTED", f"immediate {clause} in recursive query", at)


def _step_from(step: tree.Node, name: str) -> tree.Node:
    """Return the FROM of the step. Raises where the recursion is not read there."""
    found = references(step, name)[0]
    while isinstance(step, tree.TableSubquery | tree.Query):
        query = step.query if isinstance(step, tree.TableSubquery) else step
        if query.limit is not None:
            message = "FETCH FIRST / LIMIT clause in the step relation of recursion"
            raise TrinoError("INVALID_LIMIT_CLAUSE", message, query.limit_at)
        step = query.body
    from_ = step.from_ if isinstance(step, tree.QuerySpecification) else None
    if from_ is None or not references(from_, name):
        message = "recursive reference outside of FROM clause of the step relation of recursion"
        raise _reference(message, found)
    return from_


def _check_set(node: tree.SetOperation, name: str) -> None:
    left, right = references(node.left, name), references(node.right, name)
    kind = "DISTINCT" if node.distinct else "ALL"
    if node.operator == "INTERSECT" and not node.distinct and (left or right):
        raise _reference("recursive reference in INTERSECT ALL", (left or right)[0])
    if node.operator == "EXCEPT" and right:
        message = f"recursive reference in right relation of EXCEPT {kind}"
        raise _reference(message, right[0])
    if node.operator == "EXCEPT" and not node.distinct and left:
        raise _reference("recursive reference in left relation of EXCEPT ALL", left[0])


def _check_join(node: tree.Join, name: str) -> None:
    left, right = references(node.left, name), references(node.right, name)
    if node.kind in ("LEFT", "FULL") and right:
        raise _reference(f"recursive reference in right source of {node.kind} join", right[0])
    if node.kind in ("RIGHT", "FULL") and left:
        raise _reference(f"recursive reference in left source of {node.kind} join", left[0])


def _renamed(sql: str, old: str, new: str) -> str:
    """Return SQL that reads `new` where it read `old`; string literals stay."""
    pattern = re.compile(rf"'(?:[^']|'')*'|\b{old}\b")
    return pattern.sub(lambda match: new if match[0] == old else match[0], sql)


def _exceeded(source: str, depth: int) -> str:
    """Return a SELECT that fails where `source` has a row."""
    message = (
        f"Recursion depth limit exceeded ({depth}). "
        "Use 'max_recursion_depth' session property to modify the limit."
    )
    text = quote(f"{MARK}NOT_SUPPORTED{MARK}{message}{MARK}")
    return f"SELECT * FROM {source} WHERE CAST({text} || hash(c0) AS BIGINT) = 0"
