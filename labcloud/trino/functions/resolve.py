"""Which signature a call means, and its DuckDB SQL.

First the signatures that fit as they are, then those with variables, then those that need
coercion; among these the most specific. Source: Trino's FunctionResolver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labcloud.trino import casts, tree
from labcloud.trino.coercion import to_boolean
from labcloud.trino.errors import TrinoError
from labcloud.trino.expr import Expr, LambdaBody
from labcloud.trino.functions.registry import FUNCTIONS, Call, Signature
from labcloud.trino.functions.signatures import (
    Binding,
    Pattern,
    bind,
    bound,
    constrained,
    pattern,
    shown,
)
from labcloud.trino.scope import Field, Scope
from labcloud.trino.types import FUNCTION, Type, can_coerce

if TYPE_CHECKING:
    from labcloud.trino.analyzer import Analysis

_PREFIXES = ("system.builtin.", "builtin.")
_SUMS = ("sum", "avg")


@dataclass(slots=True)
class _Match:
    """A signature that fits, what its variables are, and the arguments as it takes them."""

    signature: Signature
    binding: Binding
    args: list[Expr]
    kinds: list[Type]


def call(node: tree.FunctionCall, scope: Scope, analysis: Analysis) -> Expr:
    """Compile a call. Raises FUNCTION_NOT_FOUND and the errors of its clauses."""
    name = node.name
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    if name == "format":
        from labcloud.trino.functions.format import format_call

        return format_call(node, scope, analysis)
    known = FUNCTIONS.get(name)
    if not known:
        raise TrinoError("FUNCTION_NOT_FOUND", f"Function '{node.name}' not registered", node.at)
    args = [
        Expr("", FUNCTION) if isinstance(a, tree.Lambda) else analysis.expression(a, scope)
        for a in node.arguments
    ]
    match = _chosen(known, args, node, scope, analysis)
    _check_clauses(match.signature, node)
    return _compiled(match, node, scope, analysis)


def invoke(name: str, args: Sequence[Expr], node: tree.Node, analysis: Analysis) -> Expr:
    """Compile a call of a function with arguments that are compiled already."""
    wanted = tree.FunctionCall(name, (), at=node.at)
    match = _chosen(FUNCTIONS[name], list(args), wanted, None, analysis)
    return _compiled(match, wanted, None, analysis)


# ---- choosing


def _chosen(
    known: list[Signature],
    args: list[Expr],
    node: tree.FunctionCall,
    scope: Scope | None,
    analysis: Analysis,
) -> _Match:
    generic = [s for s in known if any(_has_variables(pattern(a)) for a in s.args)]
    exact = [s for s in known if s not in generic]
    for some in (exact, generic):
        for signature in some:
            found = _match(signature, args, node, scope, analysis, coerce=False)
            if found is not None:
                return found
    fitting = [
        found
        for signature in known
        if (found := _match(signature, args, node, scope, analysis, coerce=True)) is not None
    ]
    if not fitting:
        kinds = ", ".join("<function>" if a.type == FUNCTION else str(a.type) for a in args)
        expected = ", ".join(sorted(shown(s) for s in known))
        raise TrinoError(
            "FUNCTION_NOT_FOUND",
            f"Unexpected parameters ({kinds}) for function {node.name}. Expected: {expected}",
            node.at,
        )
    best = _most_specific(fitting)
    if len(best) > 1 and (kept := [m for m in best if _keeps_bases(m, args)]):
        best = kept
    if len(best) > 1 and not _alike(best, args):
        listed = "".join(
            f"\t * ({','.join(map(str, m.kinds))}):{_result(m)}\n"
            for m in sorted(best, key=lambda m: ','.join(map(str, m.kinds)))
        )
        raise TrinoError(
            "AMBIGUOUS_FUNCTION_CALL",
            "Could not choose a best candidate operator. Explicit type casts must be added.\n"
            f"Candidates are:\n{listed}",
            node.at,
        )
    return best[0]


def _has_variables(wanted: Pattern) -> bool:
    return wanted.variable or any(
        _has_variables(a) if isinstance(a, Pattern) else isinstance(a, str) for a in wanted.args
    )


def _most_specific(matches: list[_Match]) -> list[_Match]:
    """Keep those whose arguments coerce to the arguments of all others."""
    if len(matches) == 1:
        return matches
    best = [
        one
        for one in matches
        if all(_specific(one, other) for other in matches if other is not one)
    ]
    if best:
        return best[:1] if len(best) == 1 else best
    return [
        one
        for one in matches
        if not any(
            _specific(other, one) and not _specific(one, other)
            for other in matches
            if other is not one
        )
    ]


def _specific(one: _Match, other: _Match) -> bool:
    """Return whether what one signature takes, the other as it is declared would take, too."""
    wanted = _patterns(other.signature, len(one.kinds))
    if wanted is None:
        return False
    binding = Binding()
    return all(
        kind == FUNCTION or bind(part, kind, binding, True)
        for part, kind in zip(wanted, one.kinds, strict=True)
    )


def _patterns(signature: Signature, count: int) -> list[Pattern] | None:
    """Return a signature's patterns for so many arguments, or None where it takes others."""
    wanted = [pattern(text) for text in signature.args]
    if signature.variadic and wanted:
        least = len(wanted) - 1
        if count < least:
            return None
        return wanted[:least] + [wanted[-1]] * (count - least)
    return wanted if len(wanted) == count else None


def _keeps_bases(match: _Match, args: list[Expr]) -> bool:
    """Return whether no argument becomes another kind of value: only lengths change, or NULLs."""
    return all(
        given.type.base in (kind.base, "unknown")
        for given, kind in zip(args, match.kinds, strict=True)
    )


def _alike(matches: list[_Match], args: list[Expr]) -> bool:
    """Return whether it makes no difference which signature is taken: NULL arguments decide."""
    return any(a.type.base == "unknown" for a in args) and (
        len({str(_result(m)) for m in matches}) == 1 or all(a.type.base == "unknown" for a in args)
    )


def _match(
    signature: Signature,
    args: list[Expr],
    node: tree.FunctionCall,
    scope: Scope | None,
    analysis: Analysis,
    *,
    coerce: bool,
) -> _Match | None:
    wanted = _patterns(signature, len(args))
    if wanted is None:
        return None
    binding = Binding()
    for one, argument in zip(wanted, args, strict=True):
        if (one.base == "function") != (argument.type == FUNCTION):
            return None
        if argument.type != FUNCTION and not bind(one, argument.type, binding, coerce):
            return None
    compiled = list(args)
    for number, one in enumerate(wanted):
        if one.base == "function":
            found = _lambda(one, node.arguments[number], binding, scope, analysis, coerce)
            if found is None:
                return None
            compiled[number] = found
    if not constrained(signature, binding):
        return None
    kinds = []
    for one, argument in zip(wanted, compiled, strict=True):
        if argument.type == FUNCTION:
            kinds.append(FUNCTION)
            continue
        kind = bound(one, binding)
        if kind is None or not _takes(argument.type, kind, coerce):
            return None
        kinds.append(kind)
    return _Match(signature, binding, compiled, kinds)


def _takes(given: Type, kind: Type, coerce: bool) -> bool:
    return given == kind or (coerce and can_coerce(given, kind)) or given.base == kind.base


def _lambda(
    wanted: Pattern,
    node: tree.Expression,
    binding: Binding,
    scope: Scope | None,
    analysis: Analysis,
    coerce: bool,
) -> Expr | None:
    """Compile a lambda for the types that are bound; bind the type of its result."""
    assert isinstance(node, tree.Lambda) and scope is not None
    *parameters, result = (p for p in wanted.args if isinstance(p, Pattern))
    if len(parameters) != len(node.arguments):
        raise TrinoError(
            "INVALID_PARAMETER_USAGE",
            f"Expected a lambda that takes {len(parameters)} argument(s) but got "
            f"{len(node.arguments)}",
            node.at,
        )
    for _ in range(3):  # a result that is wider than its variable widens it: once more
        kinds = [bound(p, binding) for p in parameters]
        if any(kind is None for kind in kinds):
            return None
        before = dict(binding.types)
        body = _body(node, [k for k in kinds if k is not None], scope, analysis)
        if not bind(result, body.type, binding, coerce):
            return None
        if all(binding.types.get(k) == v for k, v in before.items()):
            break
    kind = bound(result, binding)
    assert kind is not None
    fitted = casts.coerce(body, kind) if body.type != kind else body
    names = tuple(f"{name}" for name in body.value)
    return Expr("", FUNCTION, lambda_=LambdaBody(names, fitted.sql, kind))


def _body(node: tree.Lambda, kinds: list[Type], scope: Scope, analysis: Analysis) -> Expr:
    names = [analysis.alias("x") + "_" for _ in node.arguments]
    fields = [
        Field(argument.value, None, kind, name)
        for argument, kind, name in zip(node.arguments, kinds, names, strict=True)
    ]
    body = analysis.expression(node.body, scope.child(fields))
    return replace(body, value=tuple(names))


# ---- compiling


def _result(match: _Match) -> Type:
    wanted = match.signature.result
    if callable(wanted):
        return wanted(match.kinds)
    kind = bound(pattern(wanted), match.binding)
    assert kind is not None, match.signature
    return kind


def _check_clauses(signature: Signature, node: tree.FunctionCall) -> None:
    name = node.name
    if signature.kind == "window" and node.window is None:
        raise TrinoError(
            "MISSING_OVER",
            f"Window function system.builtin.{name} requires an OVER clause",
            node.at,
        )
    if signature.kind != "scalar":
        return
    for clause, given in (
        ("DISTINCT", node.distinct),
        ("ORDER BY", bool(node.order_by)),
        ("FILTER", node.filter is not None),
    ):
        if given:
            raise TrinoError(
                "FUNCTION_NOT_AGGREGATE",
                f"{clause} is only valid for aggregation functions"
                if clause != "FILTER"
                else "Filter is only valid for aggregation functions",
                node.at,
            )
    if node.window is not None:
        raise TrinoError(
            "FUNCTION_NOT_WINDOW",
            f"Not a window function: {name}",
            node.at,
        )


def _compiled(
    match: _Match, node: tree.FunctionCall, scope: Scope | None, analysis: Analysis
) -> Expr:
    signature = match.signature
    args = []
    for argument, kind in zip(match.args, match.kinds, strict=True):
        if kind == FUNCTION:
            assert argument.lambda_ is not None
            args.append(replace(argument, sql=argument.lambda_.sql))
        else:
            args.append(_argument(argument, kind, signature, analysis))
    result = _result(match)
    made = Call(signature.name, args, result, node.at, analysis.udfs, analysis.session)
    if scope is not None and signature.kind != "scalar":
        _clauses(made, node, scope, analysis)
    emit = signature.emit
    if callable(emit):
        sql = emit(made)
    else:
        sql = emit.format(*(a.sql for a in args))
    return Expr(sql if _stands_alone(sql) else f"({sql})", result)


def _argument(argument: Expr, kind: Type, signature: Signature, analysis: Analysis) -> Expr:
    fitted = argument if argument.type == kind else analysis.coerce(argument, kind)
    if signature.name in _SUMS and kind.base == "decimal" and fitted.raw is not None:
        # Sums are wide enough for any digits: the narrow form adds up faster.
        return Expr(fitted.raw, kind)
    return fitted


def _stands_alone(sql: str) -> bool:
    return sql.endswith(")") or sql.replace("_", "").isalnum()


def _clauses(made: Call, node: tree.FunctionCall, scope: Scope, analysis: Analysis) -> None:
    from labcloud.trino import ordering, windowing

    made.distinct = node.distinct
    if node.order_by:
        made.order_by = ordering.sort_keys(node.order_by, scope, analysis)
    if node.filter is not None:
        condition = analysis.expression(node.filter, scope)
        made.filter = to_boolean(condition, node.filter.at, "Filter expression").sql
    if node.window is not None:
        made.window = windowing.over(node, scope, analysis)
    made.nulls = node.nulls or ""
