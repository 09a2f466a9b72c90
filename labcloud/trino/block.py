"""A query's body as DuckDB's SQL while it is being put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from labcloud.trino.analyzer import refs
from labcloud.trino.expr import Expr
from labcloud.trino.scope import Field
from labcloud.trino.types import Type

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis
    from labcloud.trino.ordering import Key


@dataclass(slots=True)
class Block:
    """SELECT items tail ORDER BY keys limit, in pieces so that items can still be cast.

    `plain` is the SQL of a body that is no SELECT (a set operation), as long as its columns stay
    as they are; it then stands in `tail` as a relation as well. `origins` are the SELECT lists to
    which a condition on the result may be pushed down, one a branch of a UNION; None for a column
    of which it may not.
    """

    items: list[Expr]
    names: list[str | None]
    tail: str = ""
    distinct: bool = False
    plain: str = ""
    keys: tuple[Key, ...] = ()
    limit: str = ""
    with_: str = ""
    origins: list[list[str | None]] = field(default_factory=list)

    def sql(self) -> str:
        """Return the whole as SQL whose columns are c0, c1, …."""
        from labcloud.trino.ordering import clause

        order = clause(self.keys, self.items)
        if self.plain and not order:
            text = self.plain
        else:
            distinct = "DISTINCT " if self.distinct else ""
            listed = ", ".join(f"{item.sql} AS c{i}" for i, item in enumerate(self.items))
            text = f"SELECT {distinct}{listed}{self.tail}"
        return f"{self.with_}{text}{order}{self.limit}"

    @property
    def types(self) -> list[Type]:
        """Types of the columns."""
        return [item.type for item in self.items]

    @property
    def ended(self) -> bool:
        """Whether something follows the body that another body must not touch."""
        return bool(self.keys or self.limit or self.with_)


def wrap(block: Block, analysis: Analysis) -> Block:
    """Return the block as a relation of its own, from which a new SELECT reads all columns."""
    alias = analysis.alias()
    items = [Expr(column(alias, i), item.type) for i, item in enumerate(block.items)]
    derive(block, alias, analysis)
    origins: list[list[str | None]] = [[item.sql for item in items]]
    return Block(items, list(block.names), f" FROM ({block.sql()}) AS {alias}", origins=origins)


def derive(block: Block, alias: str, analysis: Analysis) -> None:
    """Note what the columns of a block's relation are made of."""
    if block.distinct:
        analysis.reads(*(item.sql for item in block.items))
    for i, item in enumerate(block.items):
        analysis.needs.setdefault((alias, i), set()).update(refs(item.sql))
        found = [branch[i] for branch in block.origins]
        if found and all(sql is not None for sql in found) and not block.limit:
            analysis.inner[(alias, i)] = [sql for sql in found if sql is not None]


def coerced(block: Block, kinds: Sequence[Type], analysis: Analysis) -> Block:
    """Return the block with its columns coerced to other types."""
    if block.types == list(kinds):
        return block
    if block.plain or block.distinct or block.ended:
        block = wrap(block, analysis)
    items = [analysis.coerce(item, kind) for item, kind in zip(block.items, kinds, strict=True)]
    return replace(block, items=items)


def column(alias: str, number: int) -> str:
    """Return the SQL of a relation's column."""
    return f'"{alias}"."c{number}"'


def fields_of(
    block: Block, alias: str, qualifier: tuple[str, ...] | None, names: Sequence[str | None]
) -> list[Field]:
    """Return the columns of a block's relation."""
    return [
        Field(name, qualifier, kind, column(alias, i))
        for i, (name, kind) in enumerate(zip(names, block.types, strict=True))
    ]
