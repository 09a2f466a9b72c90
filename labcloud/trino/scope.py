"""Names: which column an identifier means, as Trino's Scope and RelationType resolve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from labcloud.trino import tree, walk
from labcloud.trino.errors import Position, TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.types import Type

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a relation: its name and its relation's name as written, its type and SQL.

    `hidden` columns ("$path") have a name but are not part of `*`.
    """

    name: str | None
    qualifier: Parts | None
    type: Type
    sql: str
    hidden: bool = False

    def matches(self, parts: Parts) -> bool:
        """Return whether a lower-case dotted name means this column."""
        if self.name is None or self.name.lower() != parts[-1]:
            return False
        prefix = parts[:-1]
        if not prefix:
            return True
        qualifier = self.qualifier
        if qualifier is None or len(qualifier) < len(prefix):
            return False
        return tuple(part.lower() for part in qualifier[-len(prefix) :]) == prefix

    @property
    def expr(self) -> Expr:
        """The column as an expression."""
        return Expr(self.sql, self.type)


class Replaced:
    """Expressions of one scope that are known already, such as the keys of GROUP BY.

    Two expressions are the same when they are written alike and their names mean the same columns.
    """

    def __init__(self, scope: Scope, known: dict[Any, Expr] | None = None) -> None:
        self._scope = scope
        self._known = {} if known is None else known

    def seen_from(self, scope: Scope) -> Replaced:
        """Return the same expressions, for a scope with more names."""
        return Replaced(scope, self._known)

    def __setitem__(self, node: tree.Expression, value: Expr) -> None:
        self._known[canonical(node, self._scope)] = value

    def get(self, node: tree.Expression) -> Expr | None:
        """Return what replaces an expression, or None."""
        if not self._known:
            return None
        return self._known.get(canonical(node, self._scope))

    def __contains__(self, node: tree.Expression) -> bool:
        return self.get(node) is not None

    def __getitem__(self, node: tree.Expression) -> Expr:
        found = self.get(node)
        if found is None:
            raise KeyError(node)
        return found


@dataclass(slots=True)
class Scope:
    """What names mean at one place: columns, then those of the query around it.

    `named` are the queries of WITH, `windows` those of the WINDOW clause. `boundary` marks where a
    query begins: what is found beyond it is a correlation. In a grouped query `keys` are the SQL
    of the columns that are group keys; a subquery outside aggregates must use no others: `misused`
    notes where one did. `refused` is the kind of join whose LATERAL side must not use columns.
    """

    fields: list[Field]
    parent: Scope | None = None
    boundary: bool = False
    named: dict[str, Any] | None = None
    windows: dict[str, tree.WindowSpecification] | None = None
    keys: frozenset[str] | None = None
    refused: str | None = None
    misused: dict[Position | None, TrinoError] = field(default_factory=dict)
    replaced: Replaced = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.replaced is None:
            self.replaced = Replaced(self)

    def child(self, fields: Iterable[Field]) -> Scope:
        """Return a scope inside this one, such as a lambda's body: same query, more names."""
        inner = Scope(list(fields), self)
        inner.replaced = self.replaced.seen_from(inner)
        return inner

    def resolve(self, node: tree.Identifier | tree.DereferenceExpression) -> Expr | None:
        """Return the column that a name means.

        None for a dotted name that begins with a column: then it is a field of a row.
        Raises COLUMN_NOT_FOUND, AMBIGUOUS_NAME.
        """
        parts = walk.names(node)
        if parts is None:
            return None
        if (found := self.find(parts, node.at)) is not None:
            return found.expr
        if isinstance(node, tree.Identifier) or not self._is_column(parts):
            raise missing(parts, node.at)
        return None

    def find(self, parts: Parts, at: Position | None = None) -> Field | None:
        """Return the column of a lower-case dotted name, or None. Raises AMBIGUOUS_NAME."""
        crossed = False
        for scope in self._outward():
            matches = [field for field in scope.fields if field.matches(parts)]
            if len(matches) > 1:
                raise TrinoError("AMBIGUOUS_NAME", f"Column '{'.'.join(parts)}' is ambiguous", at)
            if matches:
                scope._check(matches[0], parts, crossed, at)
                return matches[0]
            if _is_column(parts, scope.fields):
                return None
            crossed = crossed or scope.boundary
        return None

    def _check(self, field: Field, parts: Parts, crossed: bool, at: Position | None) -> None:
        if self.refused is not None:
            message = f"LATERAL reference not allowed in {self.refused} JOIN"
            raise TrinoError("INVALID_COLUMN_REFERENCE", message, at)
        if crossed and self.keys is not None and field.sql not in self.keys:
            name = ".".join(parts)
            message = f"Subquery uses '{name}' which must appear in GROUP BY clause"
            self.misused[at] = TrinoError("EXPRESSION_NOT_AGGREGATE", message, at)

    def query_named(self, name: str) -> Any:
        """Return the query that WITH gave this lower-case name, or None."""
        for scope in self._outward():
            if scope.named is not None and name in scope.named:
                return scope.named[name]
        return None

    def window_named(self, name: str) -> tree.WindowSpecification | None:
        """Return the window that this query's WINDOW clause gave a lower-case name, or None."""
        for scope in self._outward():
            if scope.windows is not None and name in scope.windows:
                return scope.windows[name]
            if scope.boundary:
                return None
        return None

    def starred(self, parts: Parts, at: Position | None) -> list[Field] | None:
        """Return the columns of the relation that `parts.*` names; none where it names a row.

        None where it names neither. Raises AMBIGUOUS_NAME.
        """
        columns: list[Field] = []
        is_row = False
        for scope in self._outward():
            if not columns and len(parts) <= 3:
                columns = [field for field in scope.fields if _is_of(field, parts)]
            is_row = is_row or (
                len(parts) > 1
                and any(
                    field.type.base == "row" and field.matches(parts[:2]) for field in scope.fields
                )
            )
            if not scope.boundary:
                continue
            if columns and is_row:
                message = f"Reference '{'.'.join(parts)}' is ambiguous"
                raise TrinoError("AMBIGUOUS_NAME", message, at)
            if columns or is_row:
                return columns
        return columns or ([] if is_row else None)

    def _is_column(self, parts: Parts) -> bool:
        return any(_is_column(parts, scope.fields) for scope in self._outward())

    def _outward(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


def _is_of(field: Field, relation: Parts) -> bool:
    """Return whether `*` of the relation holds the column."""
    qualifier = field.qualifier
    if field.hidden or qualifier is None or len(qualifier) < len(relation):
        return False
    return tuple(part.lower() for part in qualifier[-len(relation) :]) == relation


def _is_column(parts: Parts, fields: list[Field]) -> bool:
    """Return whether the name or a beginning of it means a column."""
    return any(
        field.matches(parts[:length]) for length in range(len(parts), 0, -1) for field in fields
    )


def missing(parts: Parts, at: Position | None) -> TrinoError:
    """Return the error of a name that means nothing."""
    name = ".".join(parts)
    return TrinoError("COLUMN_NOT_FOUND", f"Column '{name}' cannot be resolved", at)


def canonical(value: Any, scope: Scope) -> Any:
    """Return a key that is equal for expressions that Trino takes for the same."""
    if isinstance(value, tuple):
        return tuple(canonical(part, scope) for part in value)
    if not isinstance(value, tree.Node):
        return (type(value), value)
    if isinstance(value, tree.Query):
        return value
    if (names := walk.names(value)) is not None:
        try:
            field = scope.find(names)
        except TrinoError:
            field = None
        if field is not None:
            return field.sql
        if isinstance(value, tree.Identifier):
            return names
    return (type(value).__name__, *(canonical(part, scope) for part in walk.parts(value)))
