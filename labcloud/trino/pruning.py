"""WHERE and ON: conjuncts, their order of evaluation, and what they say of a table's rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labcloud.trino import tree, walk
from labcloud.trino.analyzer import Predicate, refs, rewrite, without_text
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr
from labcloud.trino.formatter import format_expression
from labcloud.trino.laziness import may_fail
from labcloud.trino.scope import Scope
from labcloud.trino.types import BOOLEAN, Type, is_numeric

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COLUMN = re.compile(r'"(r\d+)"\."c(\d+)"')


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One term of a chain of ANDs."""

    node: tree.Expression
    expr: Expr

    @property
    def sql(self) -> str:
        return self.expr.sql


def conjuncts(
    node: tree.Expression,
    clause: str,
    scope: Scope,
    analysis: Analysis,
    typed: str | None = None,
) -> list[Conjunct]:
    """Compile a condition term by term; `typed` is the clause's name where it is no boolean.

    Raises EXPRESSION_NOT_SCALAR where it aggregates, TYPE_MISMATCH where it is no boolean.
    """
    scalar_only(node, clause, node)
    terms = list(_terms(node))
    found = []
    for term in terms:
        expr = analysis.expression(term, scope)
        if expr.type != BOOLEAN:
            if expr.type.base != "unknown":
                raise _not_boolean(term, typed or clause, expr, single=len(terms) == 1)
            expr = analysis.coerce(expr, BOOLEAN)
        found.append(Conjunct(term, expr))
    return found


def _not_boolean(term: tree.Expression, clause: str, expr: Expr, *, single: bool) -> TrinoError:
    if single:
        message = f"{clause} must evaluate to a boolean: actual type {expr.type}"
    else:
        message = f"Logical expression term must evaluate to a boolean (actual: {expr.type})"
    return TrinoError("TYPE_MISMATCH", message, term.at)


def scalar_only(node: Any, clause: str, at: tree.Node) -> None:
    """Raise EXPRESSION_NOT_SCALAR where aggregates, windows or GROUPING() are not allowed."""
    found = [*walk.aggregates(node), *walk.windows(node), *walk.groupings(node)]
    if found:
        shown = ", ".join(format_expression(one) for one in found)
        message = (
            f"{clause} cannot contain aggregations, window functions or grouping operations: "
            f"[{shown}]"
        )
        raise TrinoError("EXPRESSION_NOT_SCALAR", message, at.at)


def _terms(node: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(node, tree.Logical) and node.operator == "AND":
        for term in node.terms:
            yield from _terms(term)
    else:
        yield node


# ---- order of evaluation


def condition(terms: list[Conjunct]) -> str:
    """Return the conjuncts as SQL.

    DuckDB reorders the terms of AND as it likes. A term on one relation that may fail is evaluated
    only for rows for which the terms before it on that relation hold. Terms that join relations
    stay as they are, to be joined by: conditions on one relation are met before.
    """
    parts: list[str] = []
    for number, term in enumerate(terms):
        sql = term.sql
        mine = {alias for alias, _ in refs(sql)}
        if number and len(mine) == 1 and may_fail(sql):
            guards = [
                other.sql
                for other in terms[:number]
                if {alias for alias, _ in refs(other.sql)} <= mine
                and not isinstance(other.node, tree.BooleanLiteral)
            ]
            if guards:
                sql = f"CASE WHEN {' AND '.join(guards)} THEN {sql} ELSE false END"
        parts.append(sql)
    return " AND ".join(parts)


# ---- what scans learn


def push(
    terms: Iterable[Conjunct], scope: Scope, analysis: Analysis, only: set[str] | None
) -> None:
    """Tell scans which conditions their rows must meet.

    `only` names the aliases whose rows may be left out; None is all.
    """
    for term in terms:
        text = without_text(term.sql)
        if "SELECT " in text or " OVER (" in text:
            continue
        simple = list(_comparisons(term.node, scope, analysis)) if '"r' in text else []
        aliases = {alias for alias, _ in refs(term.sql)}
        if len(aliases) != 1 or (only is not None and not aliases <= only):
            continue
        if not simple and aliases & analysis.optional:
            continue
        analysis.pushed.append((term.sql, simple))


def settle(analysis: Analysis) -> None:
    """Bring the conditions down to the scans, now that the whole statement is known."""
    for sql, simple in analysis.pushed:
        _push_predicate(sql, bool(simple), analysis, top=True)
        for column, operator, value in simple:
            _push_comparison(column, operator, value, analysis)


def _push_predicate(sql: str, simple: bool, analysis: Analysis, top: bool = False) -> None:
    found = refs(sql)
    aliases = {alias for alias, _ in found}
    if len(aliases) != 1 or (not simple and not top and aliases & analysis.optional):
        return
    (alias,) = aliases
    for scan in analysis.scans:
        if scan.alias == alias:
            numbers = {ref: f"c{ref[1]}" for ref in found}
            scan.predicates.append(
                Predicate(rewrite(sql, numbers), frozenset(number for _, number in found))
            )
            return
    branches = [analysis.inside(ref) for ref in found]
    lengths = {len(branch) for branch in branches if branch is not None}
    if None in branches or len(lengths) != 1:
        return
    for number in range(lengths.pop()):
        replace = {
            ref: branch[number] for ref, branch in zip(found, branches, strict=True) if branch
        }
        _push_predicate(rewrite(sql, replace), simple, analysis)


def _push_comparison(column: str, operator: str, value: Any, analysis: Analysis) -> None:
    match = _COLUMN.fullmatch(column)
    if match is None:
        return
    ref = (match[1], int(match[2]))
    for scan in analysis.scans:
        if scan.alias == ref[0]:
            scan.comparisons.append((ref[1], operator, value))
            return
    for inner in analysis.inside(ref) or ():
        _push_comparison(inner, operator, value, analysis)


def _comparisons(
    node: tree.Expression, scope: Scope, analysis: Analysis
) -> Iterator[tuple[str, str, Any]]:
    """Yield (column's SQL, operator, value) for a comparison of a column with constants."""
    if isinstance(node, tree.Comparison) and node.operator != "IS DISTINCT FROM":
        left, right = _side(node.left, scope, analysis), _side(node.right, scope, analysis)
        if left is None or right is None:
            return
        if _fits(left, right):
            yield left.sql, node.operator, right.value
        elif _fits(right, left):
            yield right.sql, _SWAPPED.get(node.operator, node.operator), left.value
    elif isinstance(node, tree.Between):
        value = _side(node.value, scope, analysis)
        low, high = _side(node.low, scope, analysis), _side(node.high, scope, analysis)
        if value and low and high and _fits(value, low) and _fits(value, high):
            yield value.sql, ">=", low.value
            yield value.sql, "<=", high.value
    elif isinstance(node, tree.InList):
        value = _side(node.value, scope, analysis)
        items = [_side(item, scope, analysis) for item in node.items]
        if value and all(item is not None and _fits(value, item) for item in items):
            yield value.sql, "in", [item.value for item in items if item is not None]


def _side(node: tree.Expression, scope: Scope, analysis: Analysis) -> Expr | None:
    if walk.find(node, lambda one: isinstance(one, tree.Query | tree.FunctionCall)):
        return None
    return analysis.expression(node, scope)


def _fits(column: Expr, value: Expr) -> bool:
    if not _COLUMN.fullmatch(column.sql) or not value.constant or value.value is None:
        return False
    return _same_kind(column.type, value.type)


def _same_kind(a: Type, b: Type) -> bool:
    return a.base == b.base or (is_numeric(a) and is_numeric(b))
