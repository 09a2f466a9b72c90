"""A statement's text → its tree, as Trino's grammar (SqlBase.g4) and Athena's Hive DDL have it.

The parser goes down the grammar's rules by hand. Its parts, each on the one before: parser_base
(tokens, errors), _literals, _types, _expressions, _calls, _json, _patterns, _queries, _hive,
_statements.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from labcloud.trino import tree
from labcloud.trino.parser_base import too_large
from labcloud.trino.parser_queries import AFTER_ITEMS, AFTER_QUERY
from labcloud.trino.parser_statements import Statements

Found = TypeVar("Found", bound=tree.Node)

# A level of nesting takes some ten calls here and a few more where a tree is compiled; Python's
# own limit of 1,000 would end statements that Trino reads with ease.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))


def parse(sql: str) -> tree.Node:
    """Return one statement. Raises TrinoError SYNTAX_ERROR with Trino's text and position."""
    return _read(sql, Statements.statement)


def parse_expression(sql: str) -> tree.Expression:
    """Return one expression. Raises TrinoError."""
    return _read(sql, Statements.expression)


def parse_type(text: str) -> tree.TypeNode:
    """Return a type in Trino's or Hive's notation. Raises TrinoError."""

    def read(parser: Statements) -> tree.TypeNode:
        parser.hive_types = True
        return parser.type()

    return _read(text, read)


def _read(sql: str, read: Callable[[Statements], Found]) -> Found:
    parser = Statements(sql)
    try:
        found = read(parser)
    except RecursionError:
        raise too_large() from None
    end = parser.at
    while parser.accept(";"):
        pass
    if parser.token.kind != "end":
        parser.at = end
        after = (*AFTER_ITEMS, *AFTER_QUERY) if isinstance(found, tree.Query) else ()
        raise parser.wrong("<EOF>", *after)
    if parser.later is not None:
        raise parser.later
    return found
