"""A statement's text → its tree, as Trino's grammar (SqlBase.g4) and Athena's Hive DDL have it.

The parser goes down the grammar's rules one token ahead; an error names the token that fits none,
as Trino's does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labcloud.trino import tree
from labcloud.trino.errors import TrinoError
from labcloud.trino.parser_queries import AFTER_ITEM
from labcloud.trino.parser_statements import Statements

Found = TypeVar("Found", bound=tree.Node)


def parse(sql: str) -> tree.Node:
    """Return one statement. Raises TrinoError SYNTAX_ERROR with Trino's text and position."""
    return _read(sql, lambda parser: parser.statement())


def parse_expression(sql: str) -> tree.Expression:
    """Return one expression. Raises TrinoError."""
    return _read(sql, lambda parser: parser.expression())


def parse_type(text: str) -> tree.TypeNode:
    """Return a type in Trino's or Hive's notation. Raises TrinoError."""

    def read(parser: Statements) -> tree.TypeNode:
        parser.hive = True
        return parser.type()

    return _read(text, read)


def _read(sql: str, read: Callable[[Statements], Found]) -> Found:
    parser = Statements(sql)
    try:
        found = read(parser)
        while parser.accept(";"):
            pass
        if parser.token.kind != "end":
            parser.wrong("<EOF>", *(AFTER_ITEM if isinstance(found, tree.Query) else ()))
    except RecursionError:
        raise TrinoError(
            "STACK_OVERFLOW", "statement is too large (stack overflow while parsing)"
        ) from None
    return found
