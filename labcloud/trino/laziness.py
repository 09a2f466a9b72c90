"""AND and OR from left to right: what follows is not evaluated where the outcome is known.

DuckDB evaluates all terms, in an order of its own. That only matters for terms that may fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from labcloud.trino.analyzer import without_text

_CALM = re.compile(r'\((?:[^()"]|"[^r][^"]*")*\)')
"""Brackets without a column: constants."""

_RISKY = re.compile(
    r"""//|\ %\ |\ /\ |\ [*+-]\     # arithmetic
    |\bCAST\(.*\ AS\ (TINYINT|SMALLINT|INTEGER|BIGINT|DECIMAL|FLOAT)
    |"[a-z_]+\.[^"]*"\(              # a Python function
    |\bdecode\(|\bchr\(""",
    re.VERBOSE,
)


def may_fail(sql: str) -> bool:
    """Return whether evaluating the SQL may raise for some row."""
    if "\x01" in sql:
        return True
    text = without_text(sql)
    if "SELECT " in text:
        return False  # Trino evaluates subqueries apart
    while (shorter := _CALM.sub("0", text)) != text:
        text = shorter
    return '"' in text and _RISKY.search(text) is not None


def chain(operator: str, terms: Sequence[str]) -> str:
    """Return terms under AND or OR; one that may fail only where those before leave it open."""
    first = next((i for i, term in enumerate(terms) if i and may_fail(term)), None)
    if first is None:
        return f"({f' {operator} '.join(terms)})" if len(terms) > 1 else terms[0]
    before = chain(operator, terms[:first])
    rest = chain(operator, terms[first:])
    if operator == "AND":
        return f"(CASE WHEN NOT {before} THEN false ELSE {before} AND {rest} END)"
    return f"(CASE WHEN {before} THEN true ELSE {before} OR {rest} END)"
